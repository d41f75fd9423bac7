"""Backup, restore and disposal of whole cases."""
