"""Desks: the daily work of the centre, each one a notebook; its calendar."""
