"""Chance for many accounts that post one thing at once: bursts, marks and signatures of events."""
