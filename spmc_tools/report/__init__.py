"""Reports: a run of a notebook, and the page it becomes."""
