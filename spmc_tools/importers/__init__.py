"""Importers: from a received file to records, accounts and refused rows, with nothing dropped uncounted."""
