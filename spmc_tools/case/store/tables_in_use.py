"""The tables of the imports that are in use at one moment: records, posts without the inbox, accounts, desks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from spmc_tools.case.log.ledger import canonical_json
from spmc_tools.case.store.batches import STORED
from spmc_tools.case.store.case_tables import read_rows, read_table, records_of
from spmc_tools.case.store.derived_accounts import NotCompared, not_compared
from spmc_tools.case.store.inbox_records import KEY, read_apart
from spmc_tools.errors import TableError, quote
from spmc_tools.schema import RECORDS, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from spmc_tools.case.store.batches import Batch
    from spmc_tools.case.store.sound_files import SoundFiles

__all__ = ["KnownIds", "TablesInUse", "as_frame"]

_WHOSE = ("platform", "account_id")
_WITH_IDS = {"records", "observations"}
_FEW_ROWS = 1000


@dataclass(frozen=True)
class TablesInUse:
    """Tables of a case out of some of its imports; every file is compared with the custody log before it is read.

    Attributes
    ----------
    batches : tuple of Batch
        The imports in use, in their order.
    overlapping : bool
        Whether two imports can hold one post as a record, as after an import was set aside and taken back.
    files : SoundFiles
        Where the files of the case are found.

    Raises
    ------
    TableError
        By each method: where the table or a column is unknown.
    IntegrityError
        By each method: where a table, or the received file that its rows are from, differs from what the custody log
        says.
    """

    batches: tuple[Batch, ...]
    overlapping: bool
    files: SoundFiles

    @cached_property
    def not_compared(self) -> NotCompared:
        """The accounts that stand for ids which a spreadsheet destroyed, and that are compared with nobody."""
        return not_compared(self.batches, self.files.path)

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a table in the order of import; of ``accounts`` without those that the case has under an exact id."""
        if name not in STORED:
            raise TableError(f"Unknown table {quote(name)}; a case holds {', '.join(STORED)}.")
        self._require_received({name, "observations"} if name == "records" else {name})
        if name == "accounts" and (apart := self.not_compared).twice:
            wanted = list(TABLES[name].names if columns is None else columns)
            table = self._read(name, list(dict.fromkeys([*wanted, *_WHOSE])))
            return table.filter(apart.compared(table)).select(wanted)
        return self._read(name, columns)

    def records_at(self, rows: Sequence[int], columns: Sequence[str]) -> pa.Table:
        """Return the records at these places of :meth:`table`, from 0, in this order."""
        import pyarrow as pa

        if not self.overlapping and len(rows) <= _FEW_ROWS:
            self._require_received({"records", "observations"})
            few = read_rows(columns, self.batches, self.files.path, rows)
            if few is not None:
                return few
        return self.table("records", columns).take(pa.array(rows, pa.int64()))

    def records_after(self, earlier: TablesInUse, columns: Sequence[str]) -> pa.Table | None:
        """Return the records that imports after those of ``earlier`` brought; None where an import was set aside.

        A post that came first in that one stands in the case as a later import observed it.
        """
        if self.overlapping:
            return None
        since = self.batches[len(earlier.batches) :]
        for batch in since:
            self.files.require_received(batch)
        return records_of(columns, since, self.files.path)

    def posts(self, columns: Sequence[str] | None = None, *, compared_only: bool = True) -> pa.Table:
        """Return the records that are no messages of complaints; ``compared_only``: only those that are compared."""
        apart = self.not_compared if compared_only else NotCompared()
        if not apart:
            return self._apart(columns, of_inbox=False)
        wanted = list(RECORDS.names if columns is None else columns)
        table = self._apart(list(dict.fromkeys([*wanted, *_WHOSE])), of_inbox=False)
        return table.filter(apart.compared(table)).select(wanted)

    def inbox(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the records that are messages of complaints and their answers, in the order of import."""
        return self._apart(columns, of_inbox=True)

    def files_of(self, names: Sequence[str]) -> Iterator[Path]:
        """Give the files of these tables, import by import."""
        for batch in self.batches:
            for name in names:
                if name in batch.tables:
                    yield self.files.path(batch.tables[name])

    def ids_of(self, batch: Batch) -> Iterator[tuple[str, str]]:
        """Give the (platform, record_id) of every record and observation of an import."""
        for name in _WITH_IDS & batch.tables.keys():
            ids = read_table(name, KEY, [batch], self.files.path, overlapping=False)
            yield from zip(*(ids[column].to_pylist() for column in KEY), strict=True)

    def inputs_hash(self) -> str:
        """Return a hash over the imports: the same files in the same order, the same hash; attachments are left out."""
        inputs = [
            {"source": batch.source_sha256, "tables": {name: of["sha256"] for name, of in batch.tables.items()}}
            for batch in self.batches
            if batch.tables.keys() != {"attachments"}
        ]
        return hashlib.sha256(canonical_json(inputs).encode()).hexdigest()

    def require_unchanged(self) -> None:
        """Raise an IntegrityError where a received file or a table differs; attachments decide nothing."""
        for batch in self.batches:
            if batch.tables.keys() != {"attachments"}:
                self.files.require_received(batch)
                for table in batch.tables.values():
                    self.files.path(table)

    def _read(self, name: str, columns: Sequence[str] | None) -> pa.Table:
        return read_table(name, columns, self.batches, self.files.path, overlapping=self.overlapping)

    def _apart(self, columns: Sequence[str] | None, *, of_inbox: bool) -> pa.Table:
        self._require_received({"records", "observations"})
        if not of_inbox and not any("messages" in batch.tables for batch in self.batches):
            return self.table("records", columns)
        return read_apart(columns, self.batches, self.files.path, overlapping=self.overlapping, of_inbox=of_inbox)

    def _require_received(self, names: set[str]) -> None:
        for batch in self.batches:
            if batch.tables.keys() & names:
                self.files.require_received(batch)


class KnownIds:
    """The ids of all records in use; an import that was looked at is not read again."""

    def __init__(self) -> None:
        self._looked_at: set[str] = set()
        self._ids: set[tuple[str, str]] = set()

    def of(self, tables: TablesInUse) -> set[tuple[str, str]]:
        """Return the (platform, record_id) of every record of these imports; the set is not to be changed."""
        if not self._looked_at <= {batch.batch_id for batch in tables.batches}:  # an import was set aside
            self._looked_at, self._ids = set(), set()
        for batch in tables.batches:
            if batch.batch_id not in self._looked_at:
                self._ids.update(tables.ids_of(batch))
                self._looked_at.add(batch.batch_id)
        return self._ids


def as_frame(table: pa.Table) -> pd.DataFrame:
    """Return records as pandas: whole numbers stay whole, missing is NA or NaT."""
    import pandas as pd
    import pyarrow as pa

    whole = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=whole.get, split_blocks=True)
    if "source_row" in frame:
        frame["source_row"] = frame["source_row"].astype("int64")
    return frame
