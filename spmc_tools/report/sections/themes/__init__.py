"""What the posts of a report are about, and how much of it is from the groups."""
