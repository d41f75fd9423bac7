"""Tables of unknown form: a mapping proposed, checked and applied."""
