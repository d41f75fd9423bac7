"""Whole cases: an investigation stage by stage, and reports of many accounts from the command to the open page."""
