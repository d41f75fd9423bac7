"""Running a notebook on a case, and what is kept of the run."""
