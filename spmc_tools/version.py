"""The version of the package; it is written into logs, manifests and reports."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

__all__ = ["__version__", "about", "sources"]

__version__ = "0.1.0"


def sources() -> str:
    """Return the SHA-256 of the package's modules, in hex: what runs here, whatever its version is called."""
    package = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(package).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def about() -> dict[str, str]:
    """Return ``version``, ``sources``, ``python``, ``system`` and ``machine`` of what runs here."""
    return {
        "version": __version__,
        "sources": sources(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
    }
