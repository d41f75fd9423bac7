"""Imports that leave out what nobody here uses and what costs a second at each start."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["absent"]


@contextmanager
def absent(name: str) -> Iterator[None]:
    """Import as if an optional module were not installed; where it is loaded already, nothing changes.

    Parameters
    ----------
    name : str
        Of a module whose absence the imported library foresees.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # the documented way to make an import fail
    try:
        yield
    finally:
        del sys.modules[name]
