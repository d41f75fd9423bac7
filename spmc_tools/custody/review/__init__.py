"""Review of a report by a second officer, notices, and verification."""
