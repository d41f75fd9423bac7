"""Where pages stand, and what campaigns reach."""
