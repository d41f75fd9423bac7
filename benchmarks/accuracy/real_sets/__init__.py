"""Real tables with known labels, and real crowds in which nobody may be named: ours beside simple rankings."""
