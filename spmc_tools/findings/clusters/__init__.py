"""Clusters over all traces, their evidence, and ordinary patterns that they may follow."""
