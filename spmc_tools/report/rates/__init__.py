"""What reviews said of groups over all cases of a machine: a centre's own error rate, in numbers alone."""
