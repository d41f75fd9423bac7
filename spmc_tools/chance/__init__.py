"""What chance expects, and how surprising what was seen is. Numbers only; no finding is made here."""
