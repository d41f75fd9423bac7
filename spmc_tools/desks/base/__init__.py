"""What several desks use: calendar, places, rates, copies of a text, entries by hand."""
