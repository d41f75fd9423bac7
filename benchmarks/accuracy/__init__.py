"""Simulated weeks with known truth, the package and its peers on them, and the tables of ``docs/measured/accuracy.md``.

Run ``python -m benchmarks.accuracy --help`` from the root of the project.
"""
