"""The declaration of a section: the one place that says what it needs, what makes its values, and their class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Declaration"]


@dataclass(frozen=True, slots=True)
class Declaration:
    """One kind of section: its name (and that of its template), what it needs, what makes its values, their class.

    ``needs`` are keyword arguments of :func:`section`; where one is None the section says that it was not computed.
    """

    name: str
    needs: tuple[str, ...]
    values: Callable[..., Any]
    shape: type[Any]
