"""From records to findings: which accounts acted together, how surprising that is, and on what it rests."""
