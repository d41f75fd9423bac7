"""Acts that reach beyond the one case: all cases of this machine, its schedule, what is outside of it."""
