"""Which claim of the register a post carries, denies or asks about, whatever its language and script."""
