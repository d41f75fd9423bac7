"""From records to findings: who acted together more than chance expects, and on what that rests."""
