"""Chance for groups in which no single pair stands out."""
