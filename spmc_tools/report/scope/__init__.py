"""What a report looks at, and what was received."""
