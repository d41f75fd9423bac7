"""Personal data in a text: numbers and addresses by which a citizen could be reached are masked.

Known errors: names and places of people written as words are **not** recognised, so a masked text is not anonymous; a
price or booth number of ten digits is masked as if it were a telephone number. A form that leaves the office shows the
words that several people wrote (:func:`shared_words`), or no text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MASK", "masked", "shared_words"]

MASK = "▮▮▮"

_DIGIT = r"[0-9०-९٠-٩۰-۹]"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*",  # mail addresses and payment addresses (name@bank)
        r"(?<!\w)@\w[\w.]*",  # handles
        r"https?://\S+|\bwww\.\S+",
        r"\b[A-Z]{5}[0-9]{4}[A-Z]\b",  # PAN
        r"\b[A-Z]{2}[ -]?[0-9]{1,2}[ -]?[A-Z]{1,3}[ -]?[0-9]{4}\b",  # plates
        r"\b[A-Z]{3}[0-9]{7}\b",  # voter cards
        rf"\+?(?:{_DIGIT}[ \-.()]{{0,2}}){{7,18}}{_DIGIT}",  # telephone, Aadhaar, card and account numbers
    )
)


def masked(text: str) -> str:
    """Return a text in which mail and payment addresses, handles, links, plates and long numbers are masked.

    Notes
    -----
    Names written as words stay. Numbers of fewer than eight digits stay.
    """
    for pattern in _PATTERNS:
        text = pattern.sub(MASK, text)
    return text


def shared_words(texts: Sequence[str]) -> str:
    """Return the first text, masked, with only those words that stand in every one of the texts; others are "…".

    What one citizen alone wrote, such as a name, is not in it. With fewer than two texts it is "".
    """
    if len(texts) < 2:
        return ""
    first, *others = [masked(text).split() for text in texts]
    common = set(first).intersection(*map(set, others))
    kept: list[str] = []
    for word in first:
        if word in common:
            kept.append(word)
        elif not kept or kept[-1] != "…":
            kept.append("…")
    return " ".join(kept) if any(word != "…" for word in kept) else ""
