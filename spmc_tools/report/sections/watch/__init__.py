"""Sections of the watch, of an account, and of what closes a report."""
