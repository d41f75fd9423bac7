"""What seals a run: its manifest, keys of officers, time stamps, citations."""
