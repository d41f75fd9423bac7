"""What a table of a case is: a name, what one row is, and its columns in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

__all__ = ["FILE", "SCHEMA_VERSION", "STRINGS", "UTC", "Column", "Table"]

SCHEMA_VERSION = 1
"""Version of the tables below; written into every Parquet file and every ``case.toml``."""

UTC = pa.timestamp("us", tz="UTC")
"""Times are UTC with microseconds; how exact they really are stands in ``time_precision_s``."""

STRINGS = pa.list_(pa.string())
"""A list of texts."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: ``required`` columns are never null."""

    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""
    required: bool = False


FILE = (
    Column("source_sha256", pa.string(), "SHA-256 of the received file", "hex", required=True),
    Column("source_row", pa.int64(), "row of that file, from 1", required=True),
)
"""The last columns of what was received: where it stood."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a case: its name, what one row is, and its columns in order."""

    name: str
    row: str
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, with ``schema_version`` and the table's name in its metadata."""
        return pa.schema(
            [pa.field(c.name, c.type, nullable=not c.required) for c in self.columns],
            metadata={"spmc_table": self.name, "schema_version": str(SCHEMA_VERSION)},
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(c.name for c in self.columns)

    def from_rows(self, rows: list[dict[str, Any]]) -> pa.Table:
        """Return an Arrow table of this schema from dictionaries; a missing key is null."""
        return pa.Table.from_pylist(rows, schema=self.schema)
