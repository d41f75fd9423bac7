"""The version of the package; it is written into logs, manifests and reports."""

__all__ = ["__version__"]

__version__ = "0.1.0"
