"""The line-up: a group's posts among those of two matched groups of ordinary accounts, before the finding opens."""
