"""Imports: rows and posts per second, beside DuckDB's reader and twitwi."""
