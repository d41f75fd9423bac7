"""Which column could be what, told by its values: for headers that no list of names knows.

Only a proposal: it is shown, and never used before somebody confirmed it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spmc_tools.importers.mapping.table_kind import can_be_account, is_enumeration, is_numbering, is_time_like

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["by_content"]

_ADDRESS = re.compile(r"https?://\S+")
_ID = re.compile(r"[A-Za-z0-9_:./@-]{1,120}")
_MOSTLY = 0.9
_LEAST_ROWS = 2


def by_content(cells: Mapping[str, Sequence[str]], taken: Sequence[str] = ()) -> dict[str, str]:
    """Return the header that could be each of time, address, text, id and account, as far as its values show it.

    Parameters
    ----------
    cells : dict
        Some values per header, as text; empty ones left out or in.
    taken : sequence of str
        Headers that are given away already.

    Notes
    -----
    A column of whole numbers of ten digits can be a time or an id; one of many short words can be names or things.
    """
    filled = {name: [c.strip() for c in values if c.strip()] for name, values in cells.items() if name not in taken}
    filled = {name: values for name, values in filled.items() if len(values) >= _LEAST_ROWS}
    found: dict[str, str] = {}

    def give(field: str, names: list[str]) -> None:
        if names:
            found[field] = names[0]
            filled.pop(names[0])

    give("created_at", [n for n, v in filled.items() if sum(map(is_time_like, v)) >= _MOSTLY * len(v)])
    give("url", [n for n, v in filled.items() if _share(_ADDRESS, v) >= _MOSTLY])
    worded = {n: sum(map(len, v)) / len(v) for n, v in filled.items() if sum(" " in c for c in v) * 2 > len(v)}
    give("text", sorted(worded, key=lambda n: -worded[n])[:1])
    give(
        "record_id",
        [n for n, v in filled.items() if len(set(v)) == len(v) and _share(_ID, v) >= _MOSTLY and not is_numbering(v)],
    )
    short = [
        n
        for n, v in filled.items()
        if max(map(len, v)) <= 60 and not _all_numbers_small(v) and can_be_account(v) and not is_enumeration(v)
    ]
    give("account_id", sorted(short, key=lambda n: -len(set(filled[n])))[:1])
    return found


def _share(shape: re.Pattern[str], values: Sequence[str]) -> float:
    return sum(shape.fullmatch(value) is not None for value in values) / len(values)


def _all_numbers_small(values: Sequence[str]) -> bool:
    """Whether all are counts rather than ids."""
    return all(value.replace(",", "").isdigit() and len(value) < 6 for value in values)
