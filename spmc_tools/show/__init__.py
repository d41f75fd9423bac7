"""Pictures, tables and controls: the only part of the package that draws."""
