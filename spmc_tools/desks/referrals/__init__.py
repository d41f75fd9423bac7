"""Accounts referred for lawful action: the register, and the provisions it may name."""
