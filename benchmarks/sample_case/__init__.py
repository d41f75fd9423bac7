"""What writes ``data/sample``: two simulated weeks, the sheets of the desks, the pictures of a rumour."""
