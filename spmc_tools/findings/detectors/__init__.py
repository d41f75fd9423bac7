"""Detectors of accounts and tags: they rank or give context, and name nobody."""
