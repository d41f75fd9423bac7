"""Collection of public posts, off by default: under a case's legal basis, bounded, paced, every request logged."""
