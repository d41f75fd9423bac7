"""The declaration of an importer, and the loop that runs it."""
