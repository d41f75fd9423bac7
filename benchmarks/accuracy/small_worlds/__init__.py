"""Opponents and ordinary structures through ``spmc.investigate``: what was named, shown and ranked, and two tables."""
