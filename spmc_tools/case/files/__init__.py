"""Files of a case: durable writes, hashes, the clock, locks, and text that officers type."""
