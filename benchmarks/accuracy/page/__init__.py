"""The measured parts of ``docs/measured/accuracy.md``: its tables, pictures and targets."""
