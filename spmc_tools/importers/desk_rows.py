"""Which rows of the desks' tables a file adds to a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.importers.formats.desk.desk_sheets import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spmc_tools.case.store.case import Case
    from spmc_tools.importers.engine.received_rows import ReceivedChunk, Seen

__all__ = ["DeskRows", "changed", "n_rows"]


def changed(record: Seen) -> bool:
    """Whether a record tells that its post was edited or deleted."""
    return record.edited_at is not None or record.deleted_seen_at is not None


def n_rows(tables: Iterable[list[dict[str, Any]]]) -> int:
    """Return of how many rows of the file these rows come: one row of a file may hold several figures."""
    return len({row["source_row"] for rows in tables for row in rows})


class DeskRows:
    """Knows which rows of the desks' tables a case holds, table by table as they come."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._known: dict[str, set[tuple[Any, ...]]] = {}
        self.known_records: list[Seen] = []
        """Of the last chunk, the records of messages that add no row."""

    def fresh(self, chunk: ReceivedChunk) -> dict[str, list[dict[str, Any]]]:
        """Return the rows that are new; counts the others, and takes their records out of the chunk."""
        found: dict[str, list[dict[str, Any]]] = {}
        self.known_records = []
        for name, rows in chunk.desk.items():
            known = self._of(name)
            found[name] = []
            for row in rows:
                key = tuple(row.get(column) for column in KEYS[name])
                if key not in known:
                    known.update({key, _bare(name, key)})
                    found[name].append(row)
            if chunk.records:
                kept = {row["source_row"] for row in found[name]}
                self.known_records = [record for record in chunk.records if record.source_row not in kept]
                chunk.records = [record for record in chunk.records if record.source_row in kept]
        chunk.duplicates += n_rows(chunk.desk.values()) - n_rows(found.values())
        return found

    def _of(self, name: str) -> set[tuple[Any, ...]]:
        if name not in self._known:
            table = self._case.table(name, list(KEYS[name]))
            columns = [
                table[column].cast("int64")
                if str(table.schema.field(column).type).startswith("timestamp")
                else table[column]
                for column in KEYS[name]
            ]
            keys = set(zip(*(column.to_pylist() for column in columns), strict=True))
            self._known[name] = keys | {_bare(name, key) for key in keys}
        return self._known[name]


def _bare(name: str, key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the key under which a message without a resolution says nothing new; of other tables the key."""
    return (*key[:-1], None) if name == "messages" else key
