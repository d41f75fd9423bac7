"""Groups within sessions, over all traces and by time alone."""
