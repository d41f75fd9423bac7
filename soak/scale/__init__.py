"""Ten million actions and more: the engines, and the assessment of a million accounts."""
