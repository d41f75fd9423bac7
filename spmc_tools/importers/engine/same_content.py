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

from spmc_tools.case.store.derived_accounts import handle_account, is_derived

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pyarrow as pa

    from spmc_tools.case.store.case import Case
    from spmc_tools.importers.engine.received_rows import Seen

__all__ = ["SameContent"]

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
    """The posts of a case by one sort of key: sorted hashes, and which post each is of."""

    def __init__(self, hashes: np.ndarray[Any, Any], ids: pa.Array) -> None:
        import numpy as np

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


class SameContent:
    """Knows the posts of a case and of one file by what they say.

    Parameters
    ----------
    case : Case
        Read when the first record is asked for.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self._seen: dict[int, str] = {}
        self._table: pa.Table | None = None
        self._indices: dict[tuple[str, int], _Index] = {}
        self._made_steps: set[int] = set()
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

        self._posts()
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
                for coarse in self._made_steps - {step}:
                    ask("made", coarse, i, record.platform, account, record.created_at // (coarse * _US), text)
        found: dict[int, str] = {}
        for (sort, step), keys in asked.items():
            for place, first in self._index(sort, step).first([key for _, key in keys]).items():
                row = keys[place][0]
                if _form(records[row].record_id) != _form(first) or _is_made(first):
                    found.setdefault(row, first)
        return found

    def _posts(self) -> pa.Table:
        if self._table is not None:
            return self._table
        import pyarrow.compute as pc

        self._table = table = self._case.table("records", list(_COLUMNS))
        made = pc.match_substring_regex(table["record_id"], _MADE_ID.pattern)
        steps = pc.unique(table["time_precision_s"].filter(made)).to_pylist()
        self._made_steps = {int(step) for step in steps if step is not None and step > 1}
        return table

    def _index(self, sort: str, step: int) -> _Index:
        if (sort, step) not in self._indices:
            self._indices[sort, step] = self._made_index(sort, step)
        return self._indices[sort, step]

    def _made_index(self, sort: str, step: int) -> _Index:
        import numpy as np
        import pyarrow.compute as pc

        table = self._posts().filter(pc.is_valid(self._posts()["text"]))
        if sort == "made":
            table = table.filter(pc.match_substring_regex(table["record_id"], _MADE_ID.pattern))
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


def _is_made(record_id: str) -> bool:
    return record_id.startswith("row-") and _MADE_ID.fullmatch(record_id) is not None


def _form(record_id: str) -> str:
    """Return what ids of one sort have in common: which signs stand between numbers and words."""
    return _WORD.sub("a", _NUMBER.sub("0", record_id))
