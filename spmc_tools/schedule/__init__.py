"""Reports by timer: what is due, when, and who is notified."""
