"""Claims, the posts that carry them, and the official version."""
