"""Values of sections as typed, frozen objects: each field says what it is, and so how it is redacted."""
