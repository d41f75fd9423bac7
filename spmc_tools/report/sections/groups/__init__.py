"""Sections about groups of accounts."""
