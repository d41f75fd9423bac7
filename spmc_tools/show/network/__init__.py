"""The network view, and where its dots lie."""
