"""Runs over tables that are drawn: whatever they hold, they are looked at or refused in a sentence."""
