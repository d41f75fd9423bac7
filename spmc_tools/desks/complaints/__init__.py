"""Complaints of citizens and their answers."""
