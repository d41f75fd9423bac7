"""Pages without code for an officer: forms from a file to a report, served on this machine alone."""
