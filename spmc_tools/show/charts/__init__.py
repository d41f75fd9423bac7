"""Charts as SVG, drawn from values."""
