"""Match keys, tags and addresses of post text in Hindi, Urdu, Latin and code-mixed writing."""
