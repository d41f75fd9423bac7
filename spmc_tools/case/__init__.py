"""A case: its folder and tables, its custody log, and what officers do to it."""
