"""Custody through kills: attachments, backups, disposals and the log, stopped at moments drawn by lot."""
