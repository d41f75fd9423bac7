"""What an officer types for the log: one line, or a short text, without invisible characters."""

from __future__ import annotations

import unicodedata

from spmc_tools.errors import CaseError, quote

__all__ = ["typed_line"]

_JOINERS = "\u200c\u200d"


def typed_line(value: str | None, what: str, limit: int = 2000) -> str:
    """Return a text that was typed, without blanks around it.

    Parameters
    ----------
    value : str or None
        As typed.
    what : str
        What it is, for the sentence of the error: "The reason".
    limit : int
        Most characters.

    Raises
    ------
    CaseError
        Where it is empty, too long, or holds a line break or an invisible character.
    """
    text = (value or "").strip()
    if not text:
        raise CaseError(f"{what} is empty; say it in a few words.", key="setting_empty", field=what)
    if len(text) > limit:
        raise CaseError(
            f"{what} has {len(text):,} characters; at most {limit:,} are kept.",
            key="setting_long", field=what, most=limit,
        )  # fmt: skip
    bad = next((c for c in text if unicodedata.category(c)[0] == "C" and c not in _JOINERS), None)
    if bad is not None:
        sign = f"U+{ord(bad):04X}"
        raise CaseError(
            f"{what} holds the invisible character {sign} in {quote(text, 40)}; take it out.",
            key="setting_invisible", field=what, sign=sign,
        )  # fmt: skip
    return text
