"""Checks that a reader can recompute; no tier depends on them."""
