"""Pages of the lab: the start, the intake form, live desks."""
