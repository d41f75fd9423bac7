"""Events and bursts over the objects of a trace."""
