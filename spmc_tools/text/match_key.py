"""The match key: one form for every way of writing the same post. It is compared, never shown.

Two texts have one key where they differ only in what copying, keyboards and platforms change:

* invisible characters (joiners, bidi marks, variation selectors, soft hyphens), HTML entities, full-width and
  presentation forms, upper and lower case;
* addresses, mentions, a leading ``RT @name:``, emoji and other pictures;
* a word or address that the platform cut off with "…" at the end;
* Devanagari: nukta, chandrabindu, and a nasal with virama before a stop consonant (क–म), which is written with
  anusvara as well (सम्बन्ध, संबंध); before other consonants (न्याय) the nasal stays;
* Urdu: ك/ک, ي/ى/ی, ه/ہ, vowel signs (harakat), tatweel;
* digits of any script; punctuation, danda included, and white space, which become one space;
* a character repeated more than twice (digits are left alone: 1000 is not 10000).

Currency signs stay. Tags stay as words (``#Vote_Bihar`` is "vote bihar") or go, as the caller says.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING

import regex

from spmc_tools.text.tags import INVISIBLE, TAG

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["URL", "match_key", "match_keys"]

URL = regex.compile(
    r"https?://t\.co/[a-z0-9]*"
    r"|https?://[^\s<>\"…।॥۔،]*"
    r"|(?<![\p{L}\p{N}@.])www\.[^\s<>\"…।॥۔،]+"
    r"|(?<![\p{L}\p{N}@.])(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}/[^\s<>\"…।॥۔،]*",
    regex.IGNORECASE,
)
"""Addresses in running text; a danda, an Urdu stop or "…" ends one."""

_ENTITY = regex.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#0?39|#x27);", regex.IGNORECASE)
_PICTURE = regex.compile(r"[0-9#*]\u20e3|[\p{Extended_Pictographic}\p{So}\p{Sk}\p{Me}]")
_REPOST = regex.compile(r"^(?:\s*RT\s*@[A-Za-z0-9_]+\s*:?)+", regex.IGNORECASE)
_MENTION = regex.compile(r"(?<![\p{L}\p{N}_])@[A-Za-z0-9_]+(?:@[A-Za-z0-9.-]+)?")
_CUT_OFF = regex.compile(r"[^\s…]+…[\s…]*$")
_NASAL = regex.compile(r"[ङञणनम]\u094d(?=[क-म])")
_NOT_A_WORD = regex.compile(r"[^\p{L}\p{M}\p{N}\p{Sc}]+")
_RUN = regex.compile(r"([^\p{N}])\1{2,}")
_THRICE = re.compile(r"(.)\1\1", re.DOTALL)  # whatever _RUN finds, ten times as fast


@functools.cache
def _folds() -> dict[int, str | None]:
    """Return the map of single characters, over decomposed and case-folded text."""
    folds: dict[int, str | None] = {
        point: str(unicodedata.decimal(chr(point)))
        for point in range(128, 0x20000)  # no digit of any script lies beyond
        if chr(point).isdecimal()
    }
    folds.update({0x093C: None, 0x0901: "\u0902"})
    folds.update({ord("ك"): "ک", ord("ي"): "ی", ord("ى"): "ی", ord("ه"): "ہ", ord("ە"): "ہ", 0x0640: None})
    for point in (
        *range(0x0610, 0x061B),
        *range(0x064B, 0x0653),
        0x0656,
        0x0657,
        0x0658,
        0x0670,
        *range(0x06D6, 0x06EE),
    ):
        if unicodedata.category(chr(point)) == "Mn":
            folds[point] = None
    return folds


def match_key(text: str | None, keep_tags: bool = True) -> str:
    """Return the form of a text that is the same for every way of writing it; ``""`` where nothing is left.

    Parameters
    ----------
    text : str or None
        The text as received; None gives ``""``.
    keep_tags : bool
        True: hashtags stay as words. False: they go.

    Returns
    -------
    str
        Words with one space between them, in composed form (NFC). ``match_key(match_key(x)) == match_key(x)``.

    Notes
    -----
    Two texts that say different things have one key where only an address, a mention, a picture or punctuation
    tells them apart ("yes?" and "yes!"). Numbers are kept.

    References
    ----------
    Unicode Standard Annex 15 (normalization forms); Unicode chapter 12.1 (Devanagari, nasals and anusvara).
    """
    if not text:
        return ""
    text = INVISIBLE.sub("", text)
    if "&" in text:
        text = _ENTITY.sub(" ", text)
    if "/" in text or "www." in text.lower():  # every address has one of them
        text = URL.sub(" ", text)
    text = _PICTURE.sub(" ", text)
    if "@" in text:
        text = _MENTION.sub(" ", _REPOST.sub(" ", text))
    if "…" in text:
        text = _CUT_OFF.sub(" ", text)
    if not keep_tags:
        text = TAG.sub(" ", text)
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    if not text.isascii():
        text = _NASAL.sub("\u0902", text.translate(_folds()))
    text = _NOT_A_WORD.sub(" ", text).strip()
    if _THRICE.search(text):
        text = _RUN.sub(r"\1\1", text)
    return unicodedata.normalize("NFC", text)


def match_keys(texts: Iterable[str | None], keep_tags: bool = True) -> list[str]:
    """Return the match key of each text in order; equal texts are worked out once."""
    known: dict[str | None, str] = {}
    keys: list[str] = []
    for text in texts:
        key = known.get(text)
        if key is None:
            key = known[text] = match_key(text, keep_tags)
        keys.append(key)
    return keys
