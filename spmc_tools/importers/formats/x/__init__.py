"""X (Twitter): its APIs, its archive, and tables and lines of tools that read it."""
