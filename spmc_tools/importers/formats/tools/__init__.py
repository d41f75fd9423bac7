"""Tools that collect from several platforms: 4CAT, Zeeschuimer."""
