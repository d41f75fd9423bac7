"""Search: what is typed, read as a query; words of the posts by their sound; where they stand in a text."""
