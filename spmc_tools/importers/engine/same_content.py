"""Posts that came before under another id: the same account, the same second, the same text.

Ids change on the way: a spreadsheet destroys them, two programs write them differently. Two different ids of one form,
as two numbers of X, are two posts: the platform itself says so. Within one file only rows without an id of their own
are asked. A post without a text is never the same as another by this, nor is one that stands in another group, thread
or refers to another post: a text that one account puts into five groups in one second is five posts.

An account whose id was destroyed (``handle-…``) is compared as each account that has this user name; of one that is not
known (``unknown-…``) second and text decide, where the text is long. A row without an id of its own (``row-…``) whose
clock lost its seconds is compared by what is left of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from spmc_tools.case.store.case_tables import first_rows
from spmc_tools.case.store.derived_accounts import handle_account, is_derived

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pyarrow as pa

    from spmc_tools.case.store.case import Case
    from spmc_tools.case.store.tables_in_use import TablesInUse
    from spmc_tools.importers.engine.received_rows import Seen

__all__ = ["PostsOfCase", "SameContent"]

_MADE_ID = re.compile(r"^row-[0-9a-f]{8}-[0-9]+$")
_NUMBER = re.compile(r"(?<![A-Za-z0-9])[0-9]+(?![A-Za-z0-9])")
_WORD = re.compile(r"[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*")
_COLUMNS = (
    "record_id", "platform", "account_id", "created_at", "time_precision_s", "text", "surface_id", "conversation_id",
    "ref_record_id",
)  # fmt: skip
_US = 1_000_000
_LONG_TEXT = 20
"""Letters from which a text and a second tell a post whose account is not known."""


class _Index:
    """Posts of a case by one sort of key: sorted hashes, and which post each is of."""

    def __init__(self, hashes: np.ndarray[Any, Any], ids: pa.Array) -> None:
        import numpy as np

        self.hashes = hashes
        self._order = np.argsort(hashes, kind="stable")
        self._sorted = hashes[self._order]
        self._ids = ids

    def first(self, hashes: Sequence[int]) -> dict[int, str]:
        """Return the id of the first post for the places of those hashes that are known."""
        import numpy as np

        if not len(self._sorted) or not hashes:
            return {}
        wanted = np.array(hashes, dtype=np.int64)
        at = np.minimum(np.searchsorted(self._sorted, wanted), len(self._sorted) - 1)
        hits = np.flatnonzero(self._sorted[at] == wanted)
        return {int(hit): str(self._ids[int(self._order[at[hit]])].as_py()) for hit in hits}

    def and_later(self, later: _Index) -> _Index:
        """Return the index of these posts and of later ones."""
        import numpy as np
        import pyarrow as pa

        return _Index(np.concatenate([self.hashes, later.hashes]), pa.concat_arrays([self._ids, later._ids]))


class PostsOfCase:
    """The posts of a case for all files of one call: of what came in between only the new ones are read.

    Parameters
    ----------
    case : Case
        Read when :meth:`update` is called first.

    Attributes
    ----------
    made_steps : set of int
        How many seconds the clocks tell of posts whose id was made here, where it is more than one.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self._read: TablesInUse | None = None
        self._parts: list[pa.Table] = []
        self._indices: dict[tuple[str, int], tuple[int, list[_Index]]] = {}
        self.made_steps: set[int] = set()

    def update(self) -> None:
        """Take in what the case holds by now."""
        import pyarrow.compute as pc

        tables = self._case.tables_in_use()
        if tables is self._read:
            return
        part = None if self._read is None else tables.records_after(self._read, _COLUMNS)
        if part is None:
            part = tables.table("records", list(_COLUMNS))
            self._parts, self._indices, self.made_steps = [], {}, set()
        self._read = tables
        self._parts.append(part)
        steps = pc.unique(part["time_precision_s"].filter(_made_here(part))).to_pylist()
        self.made_steps |= {int(step) for step in steps if step is not None and step > 1}

    def first(self, sort: str, step: int, hashes: Sequence[int]) -> dict[int, str]:
        """Return the id of the first post for the places of those hashes that are known by this sort of key."""
        done, indices = self._indices.get((sort, step), (0, []))
        for part in self._parts[done:]:
            indices.append(_made_index(part, sort, step))
            while len(indices) > 1 and len(indices[-2].hashes) <= len(indices[-1].hashes):
                indices[-2:] = [indices[-2].and_later(indices[-1])]
        self._indices[sort, step] = len(self._parts), indices
        found: dict[int, str] = {}
        for index in reversed(indices):
            found |= index.first(hashes)
        return dict(sorted(found.items()))

    def first_rows(self, keys: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str | None]]:
        """Return account and text, as received first, of those posts of these platforms and ids that the case holds."""
        if self._read is None:  # no post of the call was new so far: the tables are not held for these alone
            return first_rows(self._case.files_of(("records", "observations")), keys)
        import pyarrow as pa
        import pyarrow.compute as pc

        self.update()
        ids = pa.array(sorted({record_id for _, record_id in keys}), pa.string())
        found: dict[tuple[str, str], tuple[str, str | None]] = {}
        for part in self._parts:
            there = part.select(["platform", "record_id", "account_id", "text"])
            there = there.filter(pc.is_in(there["record_id"], value_set=ids))
            for platform, record_id, account, text in zip(*(c.to_pylist() for c in there.columns), strict=True):
                if (platform, record_id) in keys:
                    found.setdefault((platform, record_id), (account, text))
        return found


class SameContent:
    """Knows the posts of a case and of one file by what they say.

    Parameters
    ----------
    case : Case
        Where the posts are.
    posts : PostsOfCase
        Read when the first record is asked for.
    """

    def __init__(self, case: Case, posts: PostsOfCase) -> None:
        self._case = case
        self._posts = posts
        self._seen: dict[int, str] = {}
        self._by_handle: dict[str, set[str]] | None = None
        self._handles: dict[str, str] = {}
        self._known = bool(case.known_ids())
        self._derives: bool | None = None

    def named(self, accounts: pa.Table | None) -> None:
        """Remember the user names of accounts, where the case holds posts under user names."""
        if accounts is None or not self._known:
            return
        if self._derives is None:
            self._derives = any("derived_accounts" in batch.details for batch in self._case.batches())
        if self._derives:
            pairs = zip(accounts["account_id"].to_pylist(), accounts["handle"].to_pylist(), strict=True)
            self._handles |= {account: handle_account(handle) for account, handle in pairs if handle}

    def first_ids(self, records: Sequence[Seen]) -> dict[int, str]:
        """Return the id under which a post came before, by the place of the record; the others are remembered."""
        found: dict[int, str] = self._of_case(records) if self._known and records else {}
        seen = self._seen
        for i, record in enumerate(records):
            if not record.record_id.startswith("row-") or i in found:  # two ids of one export are two posts
                continue
            if record.text is None or not _is_made(record.record_id) or record.account_id.startswith("unknown-"):
                continue
            if (record.time_precision_s or 1) > 1:  # a person can write one text twice in a minute
                continue
            key = hash((*record[1:4], record.text, record.surface_id, record.conversation_id, record.ref_record_id))
            first = seen.setdefault(key, record.record_id)
            if first is not record.record_id:
                found[i] = first
        return found

    def _of_case(self, records: Sequence[Seen]) -> dict[int, str]:
        asked: dict[tuple[str, int], list[tuple[int, int]]] = {}

        def ask(sort: str, step: int, place: int, *key: object) -> None:
            asked.setdefault((sort, step), []).append((place, hash(key)))

        self._posts.update()
        for i, record in enumerate(records):
            text = record.text
            if text is None:
                continue
            made = _is_made(record.record_id)
            step = int(record.time_precision_s or 1) or 1
            if step > 1 and not made:
                continue
            context = (record.surface_id, record.conversation_id, record.ref_record_id)
            bare = made or context == (None, None, None)
            at = record.created_at // (step * _US)
            for account in self._names(record.account_id):
                if account.startswith("unknown-") and is_derived(account):
                    if len(text) >= _LONG_TEXT:
                        ask("any", step, i, record.platform, at, text)
                elif bare:
                    ask("bare", step, i, record.platform, account, at, text)
                else:
                    ask("whole", step, i, record.platform, account, at, text, *context)
                for coarse in self._posts.made_steps - {step}:
                    ask("made", coarse, i, record.platform, account, record.created_at // (coarse * _US), text)
        found: dict[int, str] = {}
        for (sort, step), keys in asked.items():
            for place, first in self._posts.first(sort, step, [key for _, key in keys]).items():
                row = keys[place][0]
                if _form(records[row].record_id) != _form(first) or _is_made(first):
                    found.setdefault(row, first)
        return found

    def _names(self, account_id: str) -> tuple[str, ...]:
        """Return an account and what else the case may know it as."""
        if is_derived(account_id):
            if self._by_handle is None:
                self._by_handle = {}
                for account, handle in self._described():
                    self._by_handle.setdefault(handle_account(handle), set()).add(account)
            return (account_id, *sorted(self._by_handle.get(account_id, ())))
        other = self._handles.get(account_id)
        return (account_id,) if other is None else (account_id, other)

    def _described(self) -> list[tuple[str, str]]:
        table = self._case.table("accounts", ["account_id", "handle"])
        pairs = zip(table["account_id"].to_pylist(), table["handle"].to_pylist(), strict=True)
        return [(account, handle) for account, handle in pairs if handle]


def _made_here(table: pa.Table) -> pa.ChunkedArray:
    import pyarrow.compute as pc

    return pc.match_substring_regex(table["record_id"], _MADE_ID.pattern)


def _made_index(table: pa.Table, sort: str, step: int) -> _Index:
    import numpy as np
    import pyarrow.compute as pc

    table = table.filter(pc.is_valid(table["text"]))
    if sort == "made":
        table = table.filter(_made_here(table))
    columns = {name: table[name].to_pylist() for name in ("platform", "account_id", "text")}
    seconds = (table["created_at"].cast("int64").to_numpy() // (step * _US)).tolist()
    rows = zip(columns["platform"], columns["account_id"], seconds, columns["text"], strict=True)
    if sort == "any":
        hashes = [hash((platform, at, text)) for platform, _, at, text in rows]
    elif sort == "whole":
        context = zip(*(table[name].to_pylist() for name in _COLUMNS[6:]), strict=True)
        hashes = [hash((*row, *more)) for row, more in zip(rows, context, strict=True)]
    else:
        hashes = [hash(row) for row in rows]
    return _Index(np.array(hashes, dtype=np.int64), table["record_id"].combine_chunks())


def _is_made(record_id: str) -> bool:
    return record_id.startswith("row-") and _MADE_ID.fullmatch(record_id) is not None


def _form(record_id: str) -> str:
    """Return what ids of one sort have in common: which signs stand between numbers and words."""
    return _WORD.sub("a", _NUMBER.sub("0", record_id))
