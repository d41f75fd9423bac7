"""Mutation testing: small faults are put into the package one at a time, and the tests have to find each.

By hand, with ``make mutate``: it takes hours. ``docs/measured/mutation.md`` says how to read what it writes.
"""
