"""Sheets of the desks: an inbox with its answers, the register of rumours, referrals, followers of pages, campaigns.

A sheet whose headers are the column names of one table of :data:`~spmc_tools.schema.DESK_TABLES` is recognised by
them. Any other sheet needs a mapping file whose first key is ``desk``::

    desk = "messages"

    [columns]
    thread_id = "Complaint No"
    record_id = ["Message No", "Serial"]
    created_at = "Received On"

    [constants]
    platform = "whatsapp"

    [times]
    created_at = {tz = "Asia/Kolkata", order = "dmy"}

    [values.direction]
    "Citizen" = "in"
    "Cell" = "out"

A row of ``messages`` makes a record of kind ``message`` too, with its text and time; where the case holds that record
already (comments that came with another file), the row adds what the desk knows about it. A later sheet with the same
messages tells what became of them: a resolution is a row of its own, an edit or deletion is an observation of it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spmc_tools.case.files.small_toml import read_toml
from spmc_tools.case.store.derived_accounts import DERIVED, unknown_account
from spmc_tools.errors import MappingError, quote
from spmc_tools.importers.engine.importer import Chunk, Family, Field, Importer, LeftOut, Plan
from spmc_tools.importers.fields.amounts import amount, step_of
from spmc_tools.importers.fields.rows import Record, Refusal
from spmc_tools.importers.fields.times import A_FORMAT, DATE_ORDERS, Survey, TimeRule, read_time, tells_the_day, zone_of
from spmc_tools.importers.files.cells import (
    cell_count,
    cell_flag,
    cell_id,
    cell_text,
    filled,
    is_destroyed,
    items_reader,
    not_utf8,
    remembering,
)
from spmc_tools.importers.files.read import JSON_FORMS
from spmc_tools.importers.files.table_files import TABLE_FORMS, open_table
from spmc_tools.importers.mapping.mapping import TimeSpec
from spmc_tools.importers.mapping.table_rows import raw_row
from spmc_tools.schema import DESK_TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from spmc_tools.importers.engine.importer import Options, Sample
    from spmc_tools.importers.files.pieces import Piece, Table
    from spmc_tools.importers.files.read import Source

__all__ = ["ALLOWED", "DESK_SHEET", "KEYS", "names_a_desk"]

KEYS: dict[str, tuple[str, ...]] = {
    "messages": ("platform", "record_id", "resolved_at"),
    "post_metrics": ("platform", "record_id", "metric", "observed_at", "value"),
    "page_metrics": ("platform", "page", "metric", "day", "days", "value"),
    "page_snapshots": ("platform", "page", "observed_at", "source", "followers"),
    "campaigns": ("campaign_id", "platform", "record_id"),
    "claims": ("claim_id", "entered_at"),
    "referrals": ("referral_id", "state", "state_at"),
    "attachments": ("attachment_sha256", "platform", "record_id"),
}
"""What tells two rows of a table apart; a second row with the same is a duplicate, one with another figure is not.

A message that comes again without a resolution says nothing new, whatever was said before.
"""

ALLOWED: dict[tuple[str, str], tuple[str, ...]] = {
    ("messages", "direction"): ("in", "out"),
    ("claims", "status"): ("open", "checking", "refuted", "confirmed", "not_checkable", "withdrawn"),
    ("referrals", "state"): ("flagged", "verified", "sent", "answered", "removed", "fir", "cleared"),
}
"""Columns that hold one of a few words, small letters; another word refuses its row."""

RECORD_COLUMNS = ("account_id", "created_at", "text", "edited_at", "deleted_seen_at", "url")
"""Columns of a sheet of messages that fill the record; account_id and created_at must be there."""

_TIMES = ("created_at", "edited_at", "deleted_seen_at")
_IDS = ("record_id", "account_id", "thread_id", "referral_id", "claim_id", "campaign_id", "attachment_sha256")
_KEYS_OF_A_MAPPING = ("desk", "columns", "constants", "times", "values", "missing", "sheet")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Which table a sheet fills, and how; ``columns`` are headers by column of the table."""

    table: str
    columns: dict[str, tuple[str, ...]]
    constants: dict[str, str] = field(default_factory=dict)
    times: dict[str, TimeSpec] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    sheet: str | None = None


def _types(table: str) -> dict[str, pa.DataType]:
    """Return what a sheet can fill of a table, with its types; a time of a record is a time."""
    column_types = {c.name: c.type for c in DESK_TABLES[table].columns if c.name not in {"source_sha256", "source_row"}}
    extra = {name: pa.timestamp("us", "UTC") if name in _TIMES else pa.string() for name in RECORD_COLUMNS}
    return column_types | extra if table == "messages" else column_types


def _needs(table: str) -> tuple[str, ...]:
    """Return the columns without which no row of a table can be kept."""
    required = tuple(
        c.name for c in DESK_TABLES[table].columns if c.required and c.name not in {"source_sha256", "source_row"}
    )
    return (*required, "account_id", "created_at") if table == "messages" else required


def _tables_of(fields: Sequence[str]) -> list[str]:
    """Return the tables that a sheet can fill: of several that one which has every column that any of them has."""
    fits = [name for name in DESK_TABLES if set(fields) >= set(_needs(name))]
    known = set(fields) & {column for name in fits for column in _types(name)}
    return [name for name in fits if known <= _types(name).keys()] or fits


def _recognises(sample: Sample) -> bool:
    return len(_tables_of(sample.fields)) == 1


def names_a_desk(path: Path) -> bool:
    """Whether a mapping file is one for a table of a desk; False where it cannot be read, which others will say."""
    try:
        return "desk" in read_toml(path)
    except (OSError, ValueError):
        return False


def _load(path: Path) -> _Sheet:
    where = f"The mapping {quote(path.name)}"
    try:
        written = read_toml(path)
    except (OSError, ValueError) as error:
        raise MappingError(f"{where} is no valid TOML: {quote(error, 120)}.") from error
    for key in written:
        if key not in _KEYS_OF_A_MAPPING:
            raise MappingError(f"{where}: {quote(key)} is not known; known: {', '.join(_KEYS_OF_A_MAPPING)}.")
    table = written["desk"]
    if table not in DESK_TABLES:
        raise MappingError(f"{where}: desk is {quote(table)}, wanted one of {', '.join(DESK_TABLES)}.")
    types = _types(table)
    parts = {name: written.get(name, {}) for name in ("columns", "constants", "times", "values")}
    for name, part in parts.items():
        if not isinstance(part, dict):
            raise MappingError(f"{where}: {name} is no table; write [{name}].")
        for key in part:
            if key not in types:
                raise MappingError(f"{where}: [{name}] {quote(key)} is not known; known: {', '.join(types)}.")
    columns = {key: _texts(value, f"{where}: [columns] {key}") for key, value in parts["columns"].items()}
    constants = {key: _texts(value, f"{where}: [constants] {key}")[0] for key, value in parts["constants"].items()}
    times = {key: _time(value, f"{where}: [times] {key}") for key, value in parts["times"].items()}
    words = {key: _words(value, f"{where}: [values.{key}]") for key, value in parts["values"].items()}
    for key in _needs(table):
        if key not in columns and key not in constants:
            raise MappingError(f"{where} names no column for {key}, without which no row of {table} can be kept.")
    return _Sheet(
        table, columns, constants, times, words,
        _texts(written["missing"], f"{where}: missing") if "missing" in written else (),
        _texts(written["sheet"], f"{where}: sheet")[0] if "sheet" in written else None,
    )  # fmt: skip


def _texts(value: object, where: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(text, str) and text for text in values):
        raise MappingError(f"{where} is {quote(value)}, wanted a text in quotes.")
    return tuple(str(text) for text in values)


def _words(value: object, where: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(word, str) for word in value.values()):
        raise MappingError(f'{where} is {quote(value)}, wanted lines such as "Citizen" = "in".')
    return {str(key): str(word) for key, word in value.items()}


def _time(value: object, where: str) -> TimeSpec:
    if not isinstance(value, dict) or set(value) - {"tz", "format", "order"}:
        raise MappingError(f'{where} is {quote(value)}, wanted {{tz = "Asia/Kolkata"}}, perhaps with format or order.')
    texts = {key: _texts(text, f"{where}: {key}")[0] for key, text in value.items()}
    if texts.get("order", "dmy") not in DATE_ORDERS:
        raise MappingError(f"{where}: order is {quote(texts['order'])}, wanted dmy, mdy or ymd.")
    if "tz" in texts:
        zone_of(texts["tz"])
    if "format" in texts and not tells_the_day(texts["format"]):
        raise MappingError(f"{where}: format is {quote(texts['format'])}, wanted {A_FORMAT}.")
    return TimeSpec(texts.get("tz"), texts.get("format"), order=texts.get("order"))


def _plan(source: Source, sample: Sample, options: Options) -> Plan:
    """Settle which table is filled, by which columns, and how times are read; refuses what would have to be assumed."""
    if options.mapping is not None and names_a_desk(options.mapping):
        sheet = _load(options.mapping)
        fields = [h for headers in sheet.columns.values() for h in headers] if source.form in JSON_FORMS else []
        table = open_table(source, sheet=sheet.sheet, fields=fields)
    else:
        del sample
        table = open_table(source)
        fits = _tables_of(table.header)
        if len(fits) != 1:
            raise MappingError(
                f"{source.name} has not the columns of one table of the desks; write a mapping with desk = "
                f'"messages" or another of {", ".join(DESK_TABLES)} (docs/reference/formats.md), and pass --map.'
            )
        sheet = _Sheet(fits[0], {column: (column,) for column in _types(fits[0]) if column in table.header})
    for name in dict.fromkeys(h for headers in sheet.columns.values() for h in headers):
        if list(table.header).count(name) != 1:
            found = "no column" if name not in table.header else "several columns called"
            raise MappingError(f"{source.name} has {found} {quote(name)}, which the mapping names.")
    rules = _time_rules(source, table, sheet, options)
    notes = [*table.notes]

    def chunks() -> Iterator[Chunk]:
        reader = _DeskReader(table, sheet, rules, unknown_account(source.sha256))
        for piece in table.pieces():
            yield reader.chunk(piece)
        notes.extend(remark for remark in [*table.notes, *reader.remarks()] if remark not in notes)
        facts.update({DERIVED: {"handle": 0, "unknown": reader.unknown}} if reader.unknown else {})

    facts: dict[str, Any] = {"desk": sheet.table, **({"tz": options.tz} if options.tz else {})}
    return Plan(chunks, notes, facts)


def _time_rules(source: Source, table: Table, sheet: _Sheet, options: Options) -> dict[str, TimeRule]:
    """Return the rule of each column of times, decided by the whole column."""
    position = {name: i for i, name in enumerate(table.header)}
    types = _types(sheet.table)
    columns = {name: headers for name, headers in sheet.columns.items() if pa.types.is_timestamp(types[name])}
    specs = {name: sheet.times.get(name, TimeSpec()) for name in columns}
    surveys = {name: Survey(headers[0]) for name, headers in columns.items() if specs[name].format is None}
    wanted = sorted({position[h] for name in surveys for h in columns[name]})
    for piece in table.pieces(wanted) if surveys else ():
        for name, survey in surveys.items():
            survey.add(filled(piece, [position[h] for h in columns[name]], sheet.missing))
    rules = {}
    for name, spec in specs.items():
        named = spec.tz or options.tz
        zone = zone_of(named) if named else None
        if name not in surveys:
            rules[name] = TimeRule(zone=zone, format=spec.format)
        else:
            rules[name] = surveys[name].decide(
                zone, order=spec.order or options.date_order, unit=None, where=f"{source.name}, "
            )
    return rules


class _DeskReader:
    """Turns pieces of one sheet into chunks; counts values that were left empty."""

    def __init__(self, table: Table, sheet: _Sheet, rules: dict[str, TimeRule], stand_in: str) -> None:
        self._stand_in, self.unknown = stand_in, 0
        self._sheet, self._types = sheet, _types(sheet.table)
        self._position = {name: i for i, name in enumerate(table.header)}
        self._needs = _needs(sheet.table)
        self._read = {name: self._reader(name, rules) for name in sheet.columns}
        self._lost: Counter[str] = Counter()

    def remarks(self) -> list[str]:
        """Say how many values could not be read and were left empty, and how many messages name nobody known."""
        said = [f"{n:,} values of {name} cannot be read and are left empty" for name, n in self._lost.items()]
        if self.unknown:
            said.append(
                f"{self.unknown:,} account ids lost their last digits in a spreadsheet and are no ids; their messages "
                f"are kept as of {self._stand_in}, which counts as one account"
            )
        return said

    def _reader(self, name: str, rules: dict[str, TimeRule]) -> Callable[[Any], Any]:
        kind = self._types[name]
        if pa.types.is_timestamp(kind):
            return remembering(lambda cell: _moment(cell, rules[name]))
        if pa.types.is_boolean(kind):
            return cell_flag
        if pa.types.is_integer(kind):
            return _count if self._sheet.table in {"page_snapshots", "page_metrics"} else cell_count
        if pa.types.is_floating(kind):
            return amount
        if pa.types.is_list(kind):
            return items_reader("urls", None)
        return cell_id if name in _IDS else cell_text

    def chunk(self, piece: Piece) -> Chunk:
        """Return a piece as rows of the table, and as records where it holds messages."""
        count = len(piece.numbers)
        bad: dict[int, str] = {}
        columns: dict[str, list[Any]] = {name: [value] * count for name, value in self._sheet.constants.items()}
        for name in self._sheet.columns:
            columns[name] = self._column(piece, name)
        if self._sheet.table == "page_snapshots" and "followers" in self._sheet.columns:
            columns["rounding"] = self._roundings(piece, columns.get("rounding", [None] * count))
        for name in self._needs:
            for i, value in enumerate(columns[name]):
                if value is None:
                    bad.setdefault(i, f"the row has no {name} that can be read")
        for (table, name), words in ALLOWED.items():
            if table == self._sheet.table:
                for i, value in enumerate(columns[name]):
                    if value not in words:
                        bad.setdefault(i, f"{name} is {quote(value)}, wanted one of {', '.join(words)}")
        for i in not_utf8(columns.values()):
            bad[i] = "the row holds bytes that are not UTF-8"
        good = [i for i in range(count) if i not in bad]
        if self._sheet.table == "messages":
            self.unknown += sum(columns["account_id"][i] == self._stand_in for i in good)
        chunk = Chunk(read=piece.read, refused=[*piece.refused, *self._refusals(piece, bad)])
        if self._sheet.table == "messages":
            chunk.records = [_record(columns, i, piece.numbers[i]) for i in good]
        desk_columns = [name for name in columns if name in DESK_TABLES[self._sheet.table].names]
        rows = [{"source_row": piece.numbers[i], **{name: columns[name][i] for name in desk_columns}} for i in good]
        chunk.desk = {self._sheet.table: rows}
        return chunk

    def _roundings(self, piece: Piece, said: list[int | None]) -> list[int | None]:
        """Return the step of each count: as the sheet says, else as the count is written (1000 for 6.65 lakh)."""
        cells = filled(piece, [self._position[h] for h in self._sheet.columns["followers"]], self._sheet.missing)
        return [step_of(cell) if step is None else step for cell, step in zip(cells, said, strict=True)]

    def _column(self, piece: Piece, name: str) -> list[Any]:
        cells = filled(piece, [self._position[h] for h in self._sheet.columns[name]], self._sheet.missing)
        words, read = self._sheet.values.get(name, {}), self._read[name]
        said = [words.get(str(cell).strip(), cell) if words and cell is not None else cell for cell in cells]
        found = [None if cell is None else read(cell) for cell in said]
        if name == "account_id" and self._sheet.table == "messages":
            found = [self._stand_in if is_destroyed(cell) else value for cell, value in zip(said, found, strict=True)]
        if name not in self._needs:
            lost = sum(value is None and cell is not None for cell, value in zip(said, found, strict=True))
            if lost:
                self._lost[name] += lost
        return found

    @staticmethod
    def _refusals(piece: Piece, bad: dict[int, str]) -> list[Refusal]:
        return [Refusal(piece.numbers[i], bad[i], raw_row(piece, i)) for i in sorted(bad)]


def _moment(cell: Any, rule: TimeRule) -> int | None:
    found = read_time(cell, rule)
    return found[0] if isinstance(found, tuple) else None


def _count(cell: Any) -> int | None:
    """Return a cell as a whole number from 0; 6.65 lakh is one."""
    value = amount(cell)
    return int(value) if value is not None and value >= 0 and value == int(value) else None


def _record(columns: dict[str, list[Any]], i: int, number: int) -> Record:
    """Return the record of a message."""
    said = {name: columns[name][i] for name in ("text", "edited_at", "deleted_seen_at", "url") if name in columns}
    return Record(
        record_id=columns["record_id"][i],
        platform=columns["platform"][i],
        account_id=columns["account_id"][i],
        created_at=columns["created_at"][i],
        kind="message",
        source_row=number,
        lang=columns["language"][i] if "language" in columns else None,
        conversation_id=columns["thread_id"][i],
        **said,
    )


DESK_SHEET = Importer(
    name="desk_sheet",
    title="sheets of the desks: messages and answers, claims, referrals, attachments, pages, campaigns",
    forms=TABLE_FORMS,
    recognised_by="all columns that are never null of one table of the desks; with --map a mapping that names a desk",
    recognises=_recognises, plan=_plan, options=("--map", "--tz", "--date-order"),
    family=Family(
        zone="as the times say; else named with --tz or in the mapping, never assumed", precision="as the times say",
        documentation="docs/reference/formats.md, “Sheets of the desks”", licence="this project's own",
    ),
    fields=(
        *(Field(", ".join(_types(name)), name, DESK_TABLES[name].row) for name in DESK_TABLES if name != "messages"),
        Field(", ".join(_types("messages")), "messages", DESK_TABLES["messages"].row),
        Field(
            ", ".join(RECORD_COLUMNS), "records",
            "lang: language; conversation_id: thread_id; the record of a message",
        ),
    ),
    left_out=(
        LeftOut("columns that no table of the desks has, or the mapping does not name", "nobody said what they are"),
    ),
)  # fmt: skip
