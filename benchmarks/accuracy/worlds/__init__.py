"""What a simulated week is made of, the weeks that are measured, and the simulator that draws one from a seed."""
