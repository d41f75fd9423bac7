"""The evidence pack: one file that another machine can check."""
