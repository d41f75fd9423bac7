"""The explorer: timeline, network, groups and posts that filter together, and marks."""
