"""Edges of co-action and copies of texts: time, memory and bytes moved, beside what other libraries take."""
