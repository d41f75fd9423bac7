"""Sections of the desks."""
