"""Personal data in a text: numbers and addresses by which a citizen could be reached are masked.

Digits of every script count, with up to three marks, blanks or invisible characters between two of them; so do an
Indian mobile number in pieces with up to three words between them, and addresses written out (``asha at post dot in``).
A date that stands alone is left.

Known errors: names and places of people written as words are **not** recognised, nor are numbers in words, letters for
digits, numbers of fewer than eight digits, and what stands in a picture, so a masked text is not anonymous; a price or
booth number of eight digits is masked as if it were a telephone number. A form that leaves the office shows the words
that several people wrote (:func:`shared_words`), or no text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MASK", "Personal", "masked", "personal", "shared_words"]

MASK = "▮▮▮"

_DIGIT = r"[\d⁰¹²³⁴-⁹₀-₉⓪①-⑨]"
_BETWEEN = r"[^\w\n⁰¹²³⁴-⁹₀-₉⓪①-⑨]{0,3}"
_PART = r"[^\s@＠<>\"'(){}\[\],;।]{1,120}"
_LABEL = r"[^\s.@<>\"'(){}\[\],;।]{1,63}"
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])([-/.])(?:0?[1-9]|1[0-2])\2(?:19|20)\d\d)(?:[T ]{1,2}\d{1,2}:\d\d(?::\d\d)?)?(?!\d)"
)
_PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("address", r"https?://\S+|\bwww\.\S+|(?<![\w@.-])(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}/\S*"),
        (
            "address",
            r"(?<![\w@./-])(?:[\w-]{1,63}\.){1,8}(?:com|org|net|in|info|news|tv|me|co|live|online|app|gov|example)(?!\w)",
        ),
        ("mail", rf"{_PART}@{_PART}"),  # mail addresses and payment addresses (name@bank)
        ("mail", rf"{_PART}\s{{1,3}}@\s{{1,3}}{_LABEL}(?:\s?\.\s?{_LABEL})+"),
        (
            "mail",
            rf"{_PART}\s?(?:[\[({{]\s?(?:at|एट)\s?[\])}}]|\s(?:at|एट)\s)\s?{_LABEL}"
            rf"(?:\s?(?:[\[({{]\s?(?:dot|डॉट)\s?[\])}}]|\s(?:dot|डॉट)\s)\s?{_LABEL})+",
        ),
        ("handle", rf"[@＠]{_PART}"),
        ("number", r"\b[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]{3}\b|\b[A-Z]{5}[0-9]{4}[A-Z]\b"),  # GSTIN, PAN
        ("number", r"\b[A-Z]{2}[ -]?[0-9]{1,2}[ -]?[A-Z]{1,3}[ -]?[0-9]{4}\b"),  # plates
        ("number", r"\b[A-Z]{3}[0-9]{7}\b|\b[A-Z][0-9]{7}\b|\b[A-Z]{4}0[A-Z0-9]{6}\b"),  # voter card, passport, IFSC
        ("number", rf"\+?(?:{_DIGIT}{_BETWEEN}){{7,}}{_DIGIT}"),  # telephone, Aadhaar, card and account numbers
    )
)
_DIGITS = re.compile(r"\d+")
_MOBILE = re.compile(r"(?:91|0)?[6-9]\d{9}")
PIECES, WORDS_BETWEEN = 4, 3
"""A mobile number is put together from so many pieces at most, with so many words between two of them."""


class Personal(NamedTuple):
    """Where something personal stands in a text (end exclusive), and its kind: address, mail, handle or number."""

    start: int
    end: int
    kind: str


def personal(text: str) -> list[Personal]:
    """Return what is personal in a text, by place and without overlap; what lies over each other is one."""
    dateless = _DATE.sub(lambda date: "\n" * len(date[0]), text)  # nothing is put together across it
    found = [
        Personal(*match.span(), kind)
        for kind, pattern in _PATTERNS
        for match in pattern.finditer(dateless if kind == "number" else text)
    ]
    whole: list[Personal] = []
    for span in sorted([*found, *_in_pieces(dateless)]):
        if whole and span.start < whole[-1].end:
            last = whole[-1]
            whole[-1] = last._replace(end=max(last.end, span.end))
        else:
            whole.append(span)
    return whole


def _in_pieces(text: str) -> list[Personal]:
    """Return Indian mobile numbers that are written in pieces with words between them."""
    pieces = list(_DIGITS.finditer(text))
    found = []
    for place, first in enumerate(pieces):
        said, last = first[0], first
        for piece in pieces[place + 1 : place + PIECES]:
            between = text[last.end() : piece.start()]
            if "\n" in between or len(between.split()) > WORDS_BETWEEN:
                break
            said, last = said + piece[0], piece
            if _MOBILE.fullmatch("".join(str(int(digit)) for digit in said)):
                found.append(Personal(first.start(), last.end(), "number"))
    return found


def masked(text: str) -> str:
    """Return a text in which mail and payment addresses, handles, links, plates and long numbers are masked.

    Notes
    -----
    Names written as words stay. Numbers of fewer than eight digits stay.
    """
    out, place = [], 0
    for span in personal(text):
        out += [text[place : span.start], MASK]
        place = span.end
    return "".join([*out, text[place:]])


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
