"""The measured parts of ``docs/accuracy.md``: its tables, pictures and targets."""
