"""Why a row was refused, as a kind with its values, so that a page says it in its own language.

An importer writes the reason as one English sentence, and the case keeps that sentence. The catalogue of English words
holds the same sentence under ``refusal.<kind>`` with names in braces for what changes: a stored reason is compared with
these, the one with the most letters of its own first. A reason that fits none has no kind, and stays in English.
"""

from __future__ import annotations

import re
import string
from functools import lru_cache
from typing import Any

from spmc_tools.text.personal import MASK

__all__ = ["masked", "told", "unquoted"]

_PREFIX, _OF_A_WHY = "refusal.", "why."
_QUOTED = frozenset({"value", "form"})
"""Names that stand for what :func:`spmc_tools.errors.quote` made."""

_ANY_QUOTED = re.compile(r'".*"', re.DOTALL)
"""From the first quotation mark to the last: a quoted cell may hold quotation marks of its own."""


def masked(reason: str) -> str:
    """Return a reason without what stood in the row, such that its kind can still be told."""
    found = told(reason)
    return _ANY_QUOTED.sub(f'"{MASK}"', reason) if found is None else _sentence(unquoted(found))


def unquoted(value: Any, key: str = "") -> Any:
    """Return what :func:`told` gave, or a reason without a kind, without what stood in the row: it can be anybody's."""
    if isinstance(value, dict):
        return {name: value[name] if name == "kind" else unquoted(value[name], name) for name in value}
    if not isinstance(value, str) or key == "form":
        return value
    return MASK if key == "zone" else _ANY_QUOTED.sub(f'"{MASK}"', value)


def _sentence(found: dict[str, Any]) -> str:
    """Return the English sentence of a kind with its values."""
    from spmc_tools.report.words.wording import catalogue

    values = {name: _sentence(value) if isinstance(value, dict) else value for name, value in found["values"].items()}
    return str(catalogue("en")[_PREFIX + found["kind"]].string).format(**values)


def told(reason: str) -> dict[str, Any] | None:
    """Return the kind of a reason and its values, as ``{"kind": ..., "values": {...}}``; None where none fits.

    A value called ``why`` is a reason itself where one fits, else the words as they stand.
    """
    return _told(reason, inner=False)


def _told(reason: str, *, inner: bool) -> dict[str, Any] | None:
    for kind, pattern in _patterns():
        found = None if kind.startswith(_OF_A_WHY) and not inner else pattern.fullmatch(reason)
        if found is not None:
            values: dict[str, Any] = found.groupdict()
            if "why" in values:
                values["why"] = _told(values["why"], inner=True) or values["why"]
            return {"kind": kind, "values": values}
    return None


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Return every kind with the pattern of its English sentence, the one with the most letters of its own first."""
    from spmc_tools.report.words.wording import catalogue

    made = []
    for message in catalogue("en"):
        if isinstance(message.id, str) and message.id.startswith(_PREFIX):
            parts = list(string.Formatter().parse(str(message.string)))
            pattern = "".join(re.escape(plain) + _group(name) for plain, name, _, _ in parts)
            letters = sum(len(plain) for plain, *_ in parts)
            made.append((letters, message.id.removeprefix(_PREFIX), re.compile(pattern, re.DOTALL)))
    return [(kind, pattern) for _, kind, pattern in sorted(made, key=lambda entry: (-entry[0], entry[1]))]


def _group(name: str | None) -> str:
    if name is None:
        return ""
    return f'(?P<{name}>".*?")' if name in _QUOTED else f"(?P<{name}>.+?)"
