"""A case on disk: received files, tables and the custody log."""
