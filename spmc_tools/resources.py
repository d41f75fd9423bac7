"""Where the files lie that come with the package: notebooks, templates, sample data, calendars.

In a checkout they lie at the top level; a built wheel carries them in ``spmc_tools/_resources``.
"""

from __future__ import annotations

from pathlib import Path

from spmc_tools.errors import SpmcError

__all__ = ["resource"]

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """Return the path of a file or folder that comes with the package, as ``resource("templates", "hi.po")``.

    Raises
    ------
    SpmcError
        Where the installation is incomplete.
    """
    for root in (_PACKAGE / "_resources", _PACKAGE.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise SpmcError(f"This installation lacks {'/'.join(parts)}; install the package again.")
