"""The form key: a text without what stands in its slots, where it is a form with a list.

"Part 3 of 40: Gaya, Ara, Buxar. Five years without a road" and "Part 17 of 40: Siwan, Chhapra, Bettiah. Five years …"
are one form. A list is a run of short items between commas, semicolons, bars, bullets or line breaks: four or more
items of one or two words, or three where the text also counts its parts ("3/40", "3 of 40", "40 में से 3"); a run of
as many tags is one too. The list becomes one mark, and so does the number of the part; the number of all parts stays.

Known errors: a text that is nothing but short clauses between commas is taken for a list; two texts that say the same
before and after different lists are one form, whatever the lists say.
"""

from __future__ import annotations

from typing import NamedTuple

import regex

from spmc_tools.text.match_key import match_key

__all__ = ["Form", "form_of", "read_form", "written_form"]

LIST, PART = " zlistz ", " zpartz "
"""Marks in a form key: words that nobody writes, of letters that the match key leaves alone."""

_APART = r"[ \t]*(?:[,،;؛|•·▪●✓]|\n[ \t]*[-*•·▪●✓]?)[ \t]*"
_WORD = r"(?![#@/]|z(?:part|list)z|\p{N}+(?!\p{L}))[^\s,،;؛|•·▪●✓.:।!?…()\"]+"
_ITEM = rf"{_WORD}(?:[ \t]+{_WORD})?"
_LISTS = regex.compile(rf"{_ITEM}(?:{_APART}{_ITEM}){{2,}}")
_SEPARATOR = regex.compile(_APART)
_APART_ONLY = regex.compile(r"[,،;؛|•·▪●✓\n]")
_TAGS = regex.compile(r"#[\p{L}\p{M}\p{N}_]+(?:\s*#[\p{L}\p{M}\p{N}_]+){2,}")
_NUMBER = r"(?<![\p{N}/])(\p{N}{1,3})", r"(\p{N}{1,3})(?![\p{N}/])"
_PART_FIRST = regex.compile(rf"{_NUMBER[0]}(\s*(?:/|out of|of)\s*){_NUMBER[1]}", regex.IGNORECASE)
_PART_LAST = regex.compile(rf"{_NUMBER[0]}(\s*(?:में से|میں سے)\s*){_NUMBER[1]}")
_MOST_CHARS = 2_000
_FEWEST, _FEWEST_COUNTED = 4, 3


class Form(NamedTuple):
    """``key``: the match key of the text with marks in place of lists and part; ``counted``: it counts its parts.

    ``size``: characters of the key without its marks.
    """

    key: str
    counted: bool
    size: int


def form_of(text: str | None) -> Form | None:
    """Return the form of a text; None where it has no list.

    Parameters
    ----------
    text : str or None
        The text as received. Texts of more than 2,000 characters have no form.
    """
    if not text or len(text) > _MOST_CHARS:
        return None
    n_tags, n_apart = text.count("#"), len(_APART_ONLY.findall(text))
    if n_tags < _FEWEST_COUNTED and n_apart < _FEWEST_COUNTED - 1:
        return None
    marked, counts = _PART_FIRST.subn(rf"{PART}\2\3", text, count=1)
    if not counts:
        marked, counts = _PART_LAST.subn(rf"\1\2{PART}", text, count=1)
    least = _FEWEST_COUNTED if counts else _FEWEST
    lists = 0

    def mark(found: regex.Match[str]) -> str:
        nonlocal lists
        listed: str = found.group()
        if max(len(_SEPARATOR.split(listed)), listed.count("#")) < least:
            return listed
        lists += 1
        return LIST

    if n_tags >= least:
        marked = _TAGS.sub(mark, marked)
    if n_apart >= least - 1:
        marked = _LISTS.sub(mark, marked)
    if not lists:
        return None
    key = match_key(marked)
    return Form(key, bool(counts), len(key.replace(LIST.strip(), "").replace(PART.strip(), "")))


def written_form(text: str) -> str | None:
    """Return the form of a text as one line, as :func:`read_form` reads it; None where it has none."""
    form = form_of(text)
    return None if form is None else f"{int(form.counted)} {form.size} {form.key}"


def read_form(line: str) -> Form:
    """Return the form that :func:`written_form` wrote."""
    counted, size, key = line.split(" ", 2)
    return Form(key, counted == "1", int(size))
