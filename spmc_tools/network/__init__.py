"""Networks of linked accounts: communities and cores."""
