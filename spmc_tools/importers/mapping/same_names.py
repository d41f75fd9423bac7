"""Columns of one name in a table: a mapping calls them ``date (1)``, ``date (2)``, from left to right.

Which of them is meant, no program can know; so none is proposed by its name, and the message says which they are. The
received file stays as it is: nobody has to rename a column in it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from spmc_tools.errors import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["numbered", "said_of_same_names", "same_names"]

_SHOWN = 5


def same_names(header: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return the places, from 1, of the columns of each name that stands more than once; empty names are none."""
    places = defaultdict[str, list[int]](list)
    for place, name in enumerate(header, start=1):
        places[name].append(place)
    return {name: tuple(found) for name, found in places.items() if name and len(found) > 1}


def numbered(header: Sequence[str]) -> tuple[str, ...]:
    """Return a header in which no two columns that have a name have the same one; the others keep theirs."""
    names = list(header)
    taken = set(names)
    for name, places in same_names(header).items():
        number = 0
        for place in places:
            number += 1
            while f"{name} ({number})" in taken:
                number += 1
            names[place - 1] = f"{name} ({number})"
            taken.add(names[place - 1])
    return tuple(names)


def said_of_same_names(header: Sequence[str]) -> str:
    """Return one sentence on the columns of one name, what a mapping calls them and what to type; "" for none.

    Parameters
    ----------
    header : sequence of str
        As the file has it.
    """
    twice = same_names(header)
    if not twice:
        return ""
    unique = numbered(header)
    parts = []
    for name, places in list(twice.items())[:_SHOWN]:
        where, called = _listed([str(p) for p in places]), _listed([quote(unique[p - 1]) for p in places])
        parts.append(f"{quote(name, 40)} (columns {where}), in a mapping {called}")
    more = f", and {len(twice) - _SHOWN} names more" if len(twice) > _SHOWN else ""
    example = quote(unique[next(iter(twice.values()))[0] - 1])
    return (
        f"several columns have one name, and none of them is proposed by its name: {'; '.join(parts)}{more}; "
        f"write the one that is meant, as in created_at = {example}"
    )


def _listed(texts: Sequence[str]) -> str:
    return f"{', '.join(texts[:-1])} and {texts[-1]}"
