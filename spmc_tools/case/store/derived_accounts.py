"""Accounts whose id a spreadsheet destroyed: which id stands in for it, and who of them is not compared with others.

``829123456789012345`` comes out of a spreadsheet as ``8.29E+17``: whose post it was cannot be told from that any more.
The post is kept for readers, under an id that says so:

* ``handle-<user name>`` where the row gives the user name: equal names on one platform are one account;
* ``unknown-<hash of the file>`` where it gives none. This is no account but a mark: all such rows of a file share it,
  so that nothing which counts accounts counts more than one. An id out of the damaged value would look like a person
  and merge several; one for each row would look like a crowd.

Not compared with other accounts (no trace, no count of findings) is who is ``unknown-…``, and who is ``handle-…`` while
the case knows that user name under an exact id, too: one person would act together with himself.

Known false positives: a person who changed the user name between two damaged files counts as two; where another file
gives exact ids without user names, the same person stands in the case twice and is compared. Ask for the file again.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    import pyarrow as pa

    from spmc_tools.case.store.batches import Batch

    Sound = Callable[[Mapping[str, Any]], Path]

__all__ = ["DERIVED", "NotCompared", "handle_account", "is_derived", "not_compared", "unknown_account"]

DERIVED = "derived_accounts"
"""Key of an import's facts that says how many of its rows have such an account: ``{"handle": n, "unknown": n}``."""

_POSTS = ("records", "observations")
_HANDLE = "handle-"
_UNKNOWN = "unknown-"
_IS_DERIVED = re.compile(r"handle-.+|unknown-[0-9a-f]{8}", re.DOTALL)


def handle_account(handle: str) -> str:
    """Return the account that stands for a user name; @, capitals, blanks and invisible letters make no other one."""
    return f"{_HANDLE}{_plain(handle)}"


def unknown_account(sha256: str) -> str:
    """Return the mark of posts of a file whose account is not known."""
    return f"{_UNKNOWN}{sha256[:8]}"


def is_derived(account_id: str) -> bool:
    """Whether an id has the form of a derived one; an export can hold such a text as its own id, too."""
    return _IS_DERIVED.fullmatch(account_id) is not None


def _plain(handle: str) -> str:
    if handle.isascii():
        return handle.strip().lstrip("@").strip().casefold()
    seen = "".join(letter for letter in handle if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFC", seen.strip().lstrip("@").strip().casefold())


@dataclass(frozen=True, slots=True)
class NotCompared:
    """The derived accounts of a case that are not compared.

    Attributes
    ----------
    unknown : frozenset of str
        Marks of posts whose account is not known.
    twice : frozenset of (str, str)
        Platform and account of those whose user name the case knows under another id.
    """

    unknown: frozenset[str] = frozenset()
    twice: frozenset[tuple[str, str]] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.unknown or self.twice)

    def compared(self, table: pa.Table) -> pa.ChunkedArray:
        """Return for each row with ``platform`` and ``account_id`` whether its account is none of them."""
        import pyarrow as pa
        import pyarrow.compute as pc

        unknown = pc.is_in(table["account_id"], value_set=pa.array(sorted(self.unknown), pa.string()))
        names = pc.binary_join_element_wise(table["platform"], table["account_id"], "\n")
        twice = pc.is_in(
            names, value_set=pa.array(sorted("\n".join(account_key) for account_key in self.twice), pa.string())
        )
        return pc.invert(pc.or_(unknown, twice))


def not_compared(batches: Sequence[Batch], sound: Sound) -> NotCompared:
    """Return who is not compared, given the imports in use.

    Parameters
    ----------
    batches : sequence of Batch
        The imports in use.
    sound : callable
        Description of a table file -> its path, after comparing its hash.

    Notes
    -----
    Reads nothing where no import says that it derived an account.
    """
    derived_batches = [batch for batch in batches if isinstance(batch.details.get(DERIVED), dict)]
    if not derived_batches:
        return NotCompared()
    unknown = frozenset(
        unknown_account(batch.source_sha256) for batch in derived_batches if batch.details[DERIVED].get("unknown")
    )
    columns = ("platform", "account_id")
    by_handle = {
        (platform, account)
        for platform, account in _distinct(derived_batches, _POSTS, columns, sound)
        if account.startswith(_HANDLE)
    }
    if not by_handle:
        return NotCompared(unknown)
    known = {(platform, _plain(account)) for platform, account in _distinct(batches, _POSTS, columns, sound)}
    described = _distinct(batches, ("accounts",), ("platform", "handle", "account_id"), sound)
    known |= {(p, _plain(handle)) for p, handle, account in described if handle and (p, account) not in by_handle}
    return NotCompared(unknown, frozenset((p, a) for p, a in by_handle if (p, a.removeprefix(_HANDLE)) in known))


def _distinct(
    batches: Sequence[Batch], names: Sequence[str], columns: Sequence[str], sound: Sound
) -> set[tuple[Any, ...]]:
    """Return the different rows that these columns have in these tables."""
    from spmc_tools.case.store.case_tables import read_table

    found: set[tuple[Any, ...]] = set()
    for batch in batches:
        for name in names:
            if name in batch.tables:
                rows = read_table(name, columns, [batch], sound, overlapping=False)
                groups = rows.group_by(list(columns)).aggregate([])
                found.update(zip(*(groups[column].to_pylist() for column in columns), strict=True))
    return found
