"""Chance for single accounts: minutes they keep, and what they choose."""
