"""The table of ``docs/performance.md``, row by row, by one command; what is measured lies in a folder for each part.

Run ``make bench`` or ``python -m benchmarks.speed --help`` from the root of the project.
"""
