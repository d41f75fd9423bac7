"""Bundles: everything that an office PC without a network needs, in one archive, and what installs it there."""
