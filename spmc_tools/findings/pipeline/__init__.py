"""The pipeline from records to findings, its cache and its memory budget."""
