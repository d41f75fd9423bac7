"""Chance within a session: what one evening shows that occasions hours apart cannot."""
