"""Sheets of the centre's own desks: inboxes, claims, referrals, page statistics."""
