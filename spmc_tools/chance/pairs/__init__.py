"""Chance for two accounts: occasions, strata, null models, false partners."""
