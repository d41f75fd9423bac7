"""From values to pages: sections, templates, rendering, indexes."""
