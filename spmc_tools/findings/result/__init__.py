"""The result that callers get: tables, exports, comparison with other runs."""
