"""Reports: a run of a notebook, the page it becomes, and the pack that proves what it rests on."""
