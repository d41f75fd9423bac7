"""Panels of the explorer: each draws the state and sends a change of it back."""
