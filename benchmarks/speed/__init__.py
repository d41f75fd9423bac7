"""The table of ``docs/measured/performance.md``, row by row, by one command; a folder for each part.

Run ``make bench`` or ``python -m benchmarks.speed --help`` from the root of the project.
"""
