"""Small widgets that several pages use: periods, posts, tables, sentences."""
