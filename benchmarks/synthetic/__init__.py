"""Synthetic data of any size with known truth, for every measurement: reposts of a day, texts with copies."""
