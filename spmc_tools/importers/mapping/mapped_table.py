"""Any table (CSV, XLSX, ODS, Parquet, SQLite, JSON) with a mapping that says which column is what.

Without a mapping file one is proposed by the names of the columns, shown in full, and used only where that was
confirmed. Columns of times are read to their end before the first row is kept: day and month, unit and clock step are
decided by the whole column.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import MappingError, SpmcError, quote
from spmc_tools.importers.engine.importer import Chunk, Family, Field, Importer, LeftOut, Plan
from spmc_tools.importers.fields.times import Survey, TimeRule, zone_of
from spmc_tools.importers.files.cells import LongIds, filled, joined
from spmc_tools.importers.files.read import FORMS, JSON_FORMS
from spmc_tools.importers.files.table_files import TABLE_FORMS, open_table
from spmc_tools.importers.mapping.guess import has_essentials
from spmc_tools.importers.mapping.mapping import TIME_FIELDS, Mapping, TimeSpec, load_mapping, to_toml
from spmc_tools.importers.mapping.propose import propose
from spmc_tools.importers.mapping.same_names import numbered
from spmc_tools.importers.mapping.table_rows import ID_FIELDS, TableReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.importer import Options, Sample
    from spmc_tools.importers.fields.rows import Record
    from spmc_tools.importers.files.read import Source
    from spmc_tools.importers.files.table_files import Table

__all__ = ["MAPPED_TABLE", "NO_POSTS", "id_surveys", "time_rules"]

_ROWS_OF_IDS = 100_000
"""Rows that tell whether a spreadsheet rounded the ids of a column."""


def _recognises(sample: Sample) -> bool:
    return has_essentials(tuple(dict.fromkeys(sample.fields)))  # a name that stands twice is asked for, not unknown


def _plan(source: Source, sample: Sample, options: Options) -> Plan:
    """Settle mapping and times; refuses whatever would have to be assumed."""
    del sample
    mapping, note = _mapping(source, options)
    table, rules, ids = _read_with(source, mapping, options)
    notes = [*table.notes, *([note] if note else [])]
    facts: dict[str, Any] = {"mapping": to_toml(mapping), "guessed": options.mapping is None}
    if options.tz:
        facts["tz"] = options.tz

    def chunks() -> Iterator[Chunk]:
        reader = TableReader(
            source, table, mapping, rules, (name for name, id_survey in ids.items() if id_survey.rounded)
        )
        for piece in table.pieces():
            yield reader.chunk(piece)
        notes.extend(remark for remark in [*table.notes, *reader.remarks()] if remark not in notes)
        facts.update(reader.facts())

    return Plan(chunks, notes, facts)


def _require_table_keys(source: Source, mapping: Mapping) -> None:
    """Raise a MappingError where ``[table]`` says something that this kind of file does not have."""
    kind = {"xlsx": "a workbook", "ods": "a workbook"}.get(source.form, FORMS[source.form])
    if mapping.sheet is not None and source.form not in {"xlsx", "ods", "sqlite"}:
        raise MappingError(f"{source.name} is {kind} and has no sheets; take [table] sheet out of the mapping.")
    if mapping.delimiter is not None and source.form != "text_table":
        raise MappingError(f"{source.name} is {kind} and has no delimiter; take [table] delimiter out of the mapping.")


def _mapping(source: Source, options: Options) -> tuple[Mapping, str]:
    """Return the mapping of the file that was named, or the guess that was confirmed, with a remark."""
    if options.mapping is not None:
        return load_mapping(options.mapping), ""
    proposal = propose(source, options.saved)
    found = proposal.mapping
    twice = f" In {source.name} {proposal.same_names}." if proposal.same_names else ""
    seen = ", ".join(quote(h, 40) for h in proposal.header[:40])
    if proposal.saved is None and proposal.kind in NO_POSTS:
        raise MappingError(
            f"{source.name} {NO_POSTS[proposal.kind]}; columns seen: {seen}. Where its rows are posts all the same, "
            f"write which column is what: --map mapping.toml (docs/reference/formats.md, Mapping file).{twice}"
        )
    if not {"account_id", "created_at"} <= found.columns.keys():
        raise MappingError(
            f"{source.name}: no column names an account and a time; columns seen: {seen}; "
            f"write which column is what: --map mapping.toml (docs/reference/formats.md, Mapping file).{twice}"
        )
    if not {"record_id", "text", "ref_record_id", "urls"} & found.columns.keys():
        raise MappingError(
            f"{source.name} names accounts, but no column looks like a post's id, text or address; "
            f"columns seen: {seen}; if its rows are posts, write which column is what: --map mapping.toml.{twice}"
        )
    if proposal.saved is not None:
        raise MappingError(
            f"{source.name} is a table for whose columns a mapping was saved:\n\n{to_toml(found)}\n"
            f"{_shown(source, found, options)}Check it; then pass --map {proposal.saved}{twice and '.' + twice}"
        )
    unused = ", ".join(quote(name, 40) for name in proposal.unused[:40])
    if proposal.by_content or proposal.doubts or not options.accept_guess:
        how = f" ({', '.join(proposal.by_content)} by its values alone)" if proposal.by_content else ""
        open_ = bool(proposal.by_content or proposal.doubts)
        said = f"Not certain by names and values: {', '.join(proposal.doubts)}. " if proposal.doubts else ""
        raise MappingError(
            f"{source.name} is a table whose columns must be named first. This mapping is proposed{how}:\n\n"
            f"{to_toml(found)}\n{_shown(source, found, options)}"
            f"{f'Columns that it leaves out: {unused}. ' if unused else ''}{said}"
            f"Check it; then save it as mapping.toml and pass --map mapping.toml"
            f"{'.' if open_ else ', or pass --accept-guess.'}{twice}"
        )
    left_out = f"columns that it leaves out: {unused}" if unused else ""
    return found, "; ".join(
        [f"guessed mapping used: {_one_line(found)}", *filter(None, [left_out, proposal.same_names])]
    )


NO_POSTS = {
    "profiles": "lists accounts, one a row, and no posts",
    "edges": "lists links between two accounts each, and no posts",
    "figures": "lists figures by day, and no posts: statistics of a page come in by their own formats (page_analytics)",
    "desk": "looks like a sheet of a desk (complaints, referrals, claims), and no posts: a mapping with desk = "
    '"messages" or another table brings it in',
}
"""What is said of tables whose rows are no posts, by kind."""

_SHOWN = 10


def _shown(source: Source, mapping: Mapping, options: Options) -> str:
    """Return the first rows as this mapping would keep them, or why they cannot be shown yet."""
    try:
        table, rules, ids = _read_with(source, mapping, options)
        piece = next(iter(table.pieces()), None)
        if piece is None:
            return ""
        rounded = (name for name, id_survey in ids.items() if id_survey.rounded)
        chunk = TableReader(source, table, mapping, rules, rounded).chunk(piece)
    except SpmcError as error:
        return f"Its rows cannot be shown yet: {error} "
    lines = ["The first rows, as they would be kept (row: id | account | time | kind | refers to | text):"]
    kept = {record.source_row: record for record in chunk.records}
    refused = {row.source_row: row.reason for row in chunk.refused}
    rows = sorted({*kept, *refused})[:_SHOWN]
    lines += [f"  {row}: {_line(kept[row]) if row in kept else f'refused: {refused[row]}'}" for row in rows]
    return "\n".join([*lines, "", ""])


def _line(record: Record) -> str:
    at = datetime.fromtimestamp(record.created_at / 1_000_000, UTC)
    refers = record.ref_record_id or record.ref_account_id or "–"
    return " | ".join(
        [
            quote(record.record_id, 40)[1:-1], quote(record.account_id, 40)[1:-1], f"{at:%Y-%m-%d %H:%M:%S} UTC",
            record.kind, quote(refers, 40)[1:-1], quote(record.text or "–", 60)[1:-1],
        ]
    )  # fmt: skip


def _read_with(
    source: Source, mapping: Mapping, options: Options
) -> tuple[Table, dict[str, TimeRule], dict[str, LongIds]]:
    """Return the table of a file and the rules of its times and ids, as a mapping says them."""
    _require_table_keys(source, mapping)
    fields = mapping.headers() if source.form in JSON_FORMS else ()
    table = open_table(source, sheet=mapping.sheet, delimiter=mapping.delimiter, fields=fields)
    table.header = numbered(table.header)
    mapping.require_header(table.header, source.name)
    ids = id_surveys(mapping)
    return table, time_rules(source, table, mapping, options, ids), ids


def _one_line(mapping: Mapping) -> str:
    parts = [f"{name} = {' / '.join(quote(h, 40) for h in headers)}" for name, headers in mapping.columns.items()]
    return ", ".join([*parts, f"platform = {mapping.constants.get('platform', '')}"])


def id_surveys(mapping: Mapping) -> dict[str, LongIds]:
    """Return a survey for each column of ids; :func:`time_rules` fills them on its way."""
    return {name: LongIds() for name in ID_FIELDS if name in mapping.columns}


def time_rules(
    source: Source, table: Table, mapping: Mapping, options: Options, ids: dict[str, LongIds] | None = None
) -> dict[str, TimeRule]:
    """Return the rule of every time column, from the mapping, the options and the whole column."""
    position = {name: i for i, name in enumerate(table.header)}
    columns = {name: mapping.columns[name] for name in TIME_FIELDS if name in mapping.columns}
    if "created_at" in mapping.accounts:
        columns["account_created_at"] = mapping.accounts["created_at"]
    specs = {name: mapping.times.get(name, TimeSpec()) for name in columns}
    surveys = {name: Survey(headers[0]) for name, headers in columns.items() if specs[name].format is None}
    ids = ids or {}
    if surveys or ids:
        headers = {**{name: columns[name] for name in surveys}, **{name: mapping.columns[name] for name in ids}}
        wanted = sorted({position[h] for names in headers.values() for h in names})
        rows = 0
        for piece in table.pieces(wanted):
            open_ids = {
                name: id_survey for name, id_survey in ids.items() if not id_survey.exact and rows < _ROWS_OF_IDS
            }
            if not surveys and not open_ids:
                break
            for name, survey in (surveys | open_ids).items():
                read = joined if name in specs and specs[name].joined else filled
                survey.add(read(piece, [position[h] for h in headers[name]], mapping.missing))
            rows += len(piece.numbers)
    rules = {}
    for name, spec in specs.items():
        named = spec.tz or options.tz
        zone = zone_of(named) if named else None
        if name in surveys:
            if (remark := surveys[name].remark()) and remark not in table.notes:
                table.notes.append(remark)
            order = spec.order or options.date_order
            rule = surveys[name].decide(zone, order=order, unit=spec.unit, where=f"{source.name}, ")
        else:
            rule = TimeRule(zone=zone, format=spec.format)
        if spec.precision_s is not None:
            rule = replace(rule, step_s=max(spec.precision_s, rule.step_s or 0))
        rules[name] = rule
    return rules


MAPPED_TABLE = Importer(
    name="mapped_table", title="any CSV, XLSX, ODS, Parquet, SQLite or JSON table, with a mapping of its columns",
    forms=TABLE_FORMS,
    recognised_by="column names for an account and a time, where no other format fits; with --map any table",
    recognises=_recognises, plan=_plan, options=("--map", "--tz", "--date-order", "--accept-guess"),
    family=Family(
        zone="as the times say; else named with --tz or in the mapping, never assumed",
        precision="what the whole column shows: 0.001, 1, 60 or 86,400 s",
        documentation="docs/reference/formats.md, “Mapping file”", licence="this project's own",
    ),
    fields=(
        Field("[columns]", "records", "one header, or several: the first that is filled"),
        Field("[accounts]", "accounts; accounts.observed_at", "one row per look; observed_at: collected_at"),
        Field("[constants]", "platform, surface_id, account_id, lang, client", "for every row"),
        Field("kind or [kind]", "kind", "a constant, or rules over columns"),
        Field("[times]", "created_at, time_precision_s, …", "tz, format, unit, order, precision_s"),
        Field("[lists]", "urls, hashtags, mentions, media", "separator; else lists as text, blanks or |"),
    ),
    left_out=(LeftOut("columns that the mapping does not name", "nobody said what they are"),),
)  # fmt: skip
