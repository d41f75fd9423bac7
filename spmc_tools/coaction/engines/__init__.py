"""Engines that find every coaction of an action table: in memory, DuckDB, Spark."""
