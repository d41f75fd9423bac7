"""The formats that are read, one module for each family."""
