"""Bases of values whose redaction needs more than the classes of their fields, in its two usual forms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Self

from spmc_tools.report.values.listed import Listed

__all__ = ["ReadByText", "Withholding"]


class Withholding:
    """Values of which the redacted edition holds some fields empty: ``withheld`` names them; its text says why."""

    __slots__ = ()
    withheld: ClassVar[tuple[str, ...]]

    def for_redaction(self) -> Self:
        """Return the values without the fields that are withheld."""
        values: Any = self
        left: Self = replace(values, **{name: _emptied(getattr(self, name)) for name in self.withheld})
        return left


def _emptied(held: Any) -> Any:
    """Return what stands in place of a field that is withheld; of a list that was cut its length stays."""
    if isinstance(held, Listed):
        return replace(held, rows=())
    return () if isinstance(held, tuple) else None


class ReadByText:
    """Values that a reader tells apart by the words in ``text``: the redacted edition needs them, masked."""

    __slots__ = ()
    text: str | None

    def needed_texts(self) -> tuple[str, ...]:
        """Return the text, where there is one."""
        return (self.text,) if self.text else ()
