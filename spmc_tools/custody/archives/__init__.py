"""Archives that may come from anybody: read in pieces, and in one way only."""
