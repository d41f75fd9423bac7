"""Traces: declarations of a kind of acting together, and the action tables that they give."""
