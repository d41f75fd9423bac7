"""Detectors of accounts and of tags: they rank or give context beside the traces, and never name."""
