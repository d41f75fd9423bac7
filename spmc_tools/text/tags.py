"""Hashtags of a text, in any script.

The word class of Python's own patterns ends a Devanagari tag at its first vowel sign: letters, marks and digits
together do not.
"""

from __future__ import annotations

import unicodedata

import regex

__all__ = ["INVISIBLE", "TAG", "tag_key", "tags"]

INVISIBLE = regex.compile(r"[\p{Cf}\p{Default_Ignorable_Code_Point}]+")
"""Characters without a picture: joiners, bidi marks, variation selectors, byte-order marks."""

TAG = regex.compile(r"(?<![\p{L}\p{M}\p{N}_&/])[#＃]([\p{M}\p{N}_\u200c\u200d]*\p{L}[\p{L}\p{M}\p{N}_\u200c\u200d]*)")
"""A hashtag: at least one letter, then letters, marks, digits, underscores and joiners; not glued to a word."""

_ADDRESS = regex.compile(r"https?://\S*", regex.IGNORECASE)
_CUT = regex.compile(r"[#＃][^\s#＃…]*…")


def tags(text: str | None) -> list[str]:
    """Return the hashtags of a text in order, as written, without ``#`` and with repeats.

    Parameters
    ----------
    text : str or None
        The text as received; None has no tags.

    Notes
    -----
    Fragments of addresses and tags cut off by "…" do not count; neither does ``#1``, which no platform links.
    """
    if not text or not ("#" in text or "＃" in text):
        return []
    found: list[str] = TAG.findall(_CUT.sub(" ", _ADDRESS.sub(" ", text)))
    return found


def tag_key(tag: str) -> str:
    """Return the form in which two tags are compared: NFC, case-folded, without ``#`` and invisible characters."""
    bare = INVISIBLE.sub("", tag).strip().lstrip("#＃")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", bare).casefold())
