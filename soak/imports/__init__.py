"""Imports of large loads, through faults, and killed at moments drawn by lot."""
