"""What an officer enters by hand: rows of a register, kept, hashed and logged as an import is."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.case.store.batches import Batch
    from spmc_tools.case.store.case import Case

__all__ = ["enter", "enter_messages", "latest", "moment_of"]


def enter(case: Case, table: str, rows: Sequence[Mapping[str, Any]]) -> Batch:
    """Keep rows of a desk's table as one batch: they are its received file, as JSON, named by the custody log.

    Raises
    ------
    TableError
        Where a row does not fit the table; nothing is kept.
    """
    return _kept(case, table, {table: rows}, {"table": table, "rows": _plain(rows)})


def enter_messages(case: Case, messages: Sequence[Mapping[str, Any]], records: Sequence[Mapping[str, Any]]) -> Batch:
    """Keep messages of complaints with the records that hold their texts and times, as :func:`enter` keeps rows.

    Parameters
    ----------
    messages : sequence of mapping
        Rows of ``messages``.
    records : sequence of mapping
        Those of them that the case does not hold yet, by platform and record id.

    Raises
    ------
    TableError
        Where a row does not fit its table; nothing is kept.
    """
    told = {"table": "messages", "rows": _plain(messages), "records": _plain(records)}
    return _kept(case, "messages", {"messages": messages, "records": records}, told)


def _plain(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {key: value.isoformat() if isinstance(value, datetime) else value for key, value in row.items()} for row in rows
    ]


def _kept(case: Case, name: str, tables: Mapping[str, Sequence[Mapping[str, Any]]], told: Mapping[str, Any]) -> Batch:
    from spmc_tools.case.files.scratch import scratch_in
    from spmc_tools.case.log.ledger import canonical_json
    from spmc_tools.schema import DESK_TABLES, RECORDS

    content = canonical_json({**told, "entered": secrets.token_hex(8)}).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    schemas = {**DESK_TABLES, "records": RECORDS}
    full = {
        table: schemas[table].from_rows(
            [{**row, "source_sha256": sha256, "source_row": number} for number, row in enumerate(rows, start=1)]
        )
        for table, rows in tables.items()
        if rows
    }
    with scratch_in(case.path) as folder:
        path = folder / f"entered-{name}.json"
        path.write_bytes(content)
        with case.new_batch(path, sha256) as batch:
            batch.write(**full)
            read, records = len(tables[name]), len(tables.get("records", ()))
            return batch.commit(format="entered", read=read, duplicates=0, kept_accounts=read - records)


def moment_of(value: str | datetime | None, name: str) -> datetime:
    """Return a moment in UTC; None: now.

    Raises
    ------
    ParameterError
        Where it cannot be read or names no zone.
    """
    if value is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ParameterError(f"{name} is {quote(value)}, wanted a moment with its zone, as 2025-11-09T18:00+05:30.")
    return found.astimezone(UTC)


def latest(rows: list[dict[str, Any]], key: str, at: str) -> dict[str, dict[str, Any]]:
    """Return the latest row of each key; of two at one moment the one that was kept later."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        before = found.get(row[key])
        if before is None or row[at] >= before[at]:
            found[row[key]] = row
    return dict(sorted(found.items()))
