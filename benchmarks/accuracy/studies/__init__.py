"""Questions that one program each answers, on worlds of its own: who is named or listed, which claims are matched."""
