"""Distributions, intervals and false-discovery rates that the other rooms use."""
