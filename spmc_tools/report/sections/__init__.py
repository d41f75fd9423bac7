"""Values of the sections of a report: numbers, rows, text from the data; no words."""
