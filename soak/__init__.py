"""Long loads and fault runs, which ``make soak`` runs one after the other; each is a module to run by ``python -m``."""
