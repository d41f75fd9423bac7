"""The schedule through a day with its own clock, with jobs that fail in every way."""
