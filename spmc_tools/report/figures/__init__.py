"""Pictures and frames of a page."""
