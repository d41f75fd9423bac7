"""Words, numbers and dates in the languages of a page; parameters and notebooks as files."""
