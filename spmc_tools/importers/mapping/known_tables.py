"""Tables whose columns are known: a mapping written once, here in the package instead of by the officer.

A :class:`Known` says which columns tell the format, which column is what, and which cells are made out of others; the
same engine as for ``--map`` reads it. Columns that a file lacks (older versions, cuts) are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from spmc_tools.case.store.derived_accounts import DERIVED
from spmc_tools.errors import FormatError, quote
from spmc_tools.importers.engine.importer import Chunk, Importer, Plan, fields_of
from spmc_tools.importers.fields.rows import Account, Refusal
from spmc_tools.importers.fields.times import read_time
from spmc_tools.importers.files.cells import (
    cell_count,
    cell_flag,
    cell_id,
    cell_text,
    is_destroyed,
    is_rounded,
    not_utf8,
    why_no_id,
)
from spmc_tools.importers.files.read import JSON_FORMS
from spmc_tools.importers.files.table_files import TABLE_FORMS, Piece, Table, open_table
from spmc_tools.importers.mapping.mapped_table import id_surveys, time_rules
from spmc_tools.importers.mapping.mapping import KindRule, Mapping, require_once
from spmc_tools.importers.mapping.table_rows import TableReader, raw_row, stand_in
from spmc_tools.schema import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from spmc_tools.importers.engine.importer import Family, Field, LeftOut, Options, Sample
    from spmc_tools.importers.fields.times import TimeRule
    from spmc_tools.importers.files.read import Source

__all__ = ["BY_KIND", "Known", "Made", "columns", "known_importer"]

BY_KIND = tuple(KindRule(kind, "(kind)", (kind,)) for kind in KINDS)
"""Rules for a mapping whose kind is a :class:`Made` column called ``(kind)``."""

_NO_ACCOUNT = "the row names no account"
_METRICS = ("likes", "reposts", "replies", "views")
_COUNTS = ("followers", "following", "posts")


@dataclass(frozen=True, slots=True)
class Made:
    """A column made out of others, cell by cell; ``name`` stands in brackets, so that no file's own column is it.

    ``make`` gets the cells of ``sources`` as the file has them (of a column it lacks, None) and returns a cell.
    """

    name: str
    sources: tuple[str, ...]
    make: Callable[..., Any]


def columns(**named: str | tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return fields and headers as a mapping holds them: one header, or several (the first that is filled counts)."""
    return {name: (headers,) if isinstance(headers, str) else headers for name, headers in named.items()}


@dataclass(frozen=True, slots=True)
class Known:
    """How a known table is told and read.

    Attributes
    ----------
    needs : tuple of tuple of str
        Sets of headers; a file with all of one set is of this format.
    mapping : Mapping
        Which header is what. Without ``created_at`` the table lists accounts: ``[columns] account_id`` and
        ``[accounts]`` are read, and ``collected_at`` as the moment of observation.
    made : tuple of Made
        Columns made out of others.
    lacks : tuple of str
        Headers that a file of this format does not have: they tell it from a similar one.
    inside : str
        Of JSON: the field that holds the columns, as ``_source``.
    """

    needs: tuple[tuple[str, ...], ...]
    mapping: Mapping
    made: tuple[Made, ...] = ()
    lacks: tuple[str, ...] = ()
    inside: str = ""

    def recognises(self, sample: Sample) -> bool:
        """Whether the fields of a sample are of this format; looks at names only."""
        seen = set(sample.fields)
        if self.inside:
            first = next(iter(sample.rows), {}).get(self.inside)
            seen = set(first) if isinstance(first, dict) else set()
        return any(seen.issuperset(headers) for headers in self.needs) and not seen & set(self.lacks)

    def plan(self, source: Source, sample: Sample, options: Options) -> Plan:
        """Plan a file: what it lacks is passed over, what it leaves open (a zone, an order of dates) is refused."""
        del sample
        table, mapping = self._fitting(source)
        if "account_id" not in mapping.columns and "account_id" not in mapping.constants:
            raise FormatError(f"{source.name} has no column that names an account, as this format does.")
        lists_accounts = "created_at" not in self.mapping.columns
        if not lists_accounts and "created_at" not in mapping.columns:
            raise FormatError(f"{source.name} has no column for the time of a post, as this format does.")
        rules = time_rules(source, table, mapping, options, ids := id_surveys(mapping))
        notes = list(table.notes)
        facts: dict[str, Any] = {"tz": options.tz} if options.tz else {}

        def chunks() -> Iterator[Chunk]:
            make = _AccountReader if lists_accounts else TableReader
            reader = make(source, table, mapping, rules, [name for name, id_survey in ids.items() if id_survey.rounded])
            for piece in table.pieces():
                yield reader.chunk(piece)
            notes.extend(remark for remark in [*table.notes, *reader.remarks()] if remark not in notes)
            facts.update(reader.facts())

        return Plan(chunks, notes, facts)

    def _fitting(self, source: Source) -> tuple[Table, Mapping]:
        """Return the table with its made columns, and the mapping cut to the columns that are there."""
        wanted = list(
            dict.fromkeys(
                [*self.mapping.headers(), *(name for made_column in self.made for name in made_column.sources)]
            )
        )
        wanted = [name for name in wanted if not name.startswith("(")]
        before = f"{self.inside}." if self.inside else ""
        fields = [before + name for name in wanted] if source.form in JSON_FORMS else ()
        opened = open_table(source, fields=fields)
        require_once(opened.header, [before + name for name in wanted], source.name)
        table: Table = _WithMade(opened, before, self.made, self.mapping.columns.get("record_id", ()))
        return table, _cut(self.mapping, table.header, source.name)


def _cut(mapping: Mapping, header: Sequence[str], where: str) -> Mapping:
    """Return a mapping without the headers that a file lacks."""
    here = set(header)

    def there(named: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        kept = {name: tuple(h for h in headers if h in here) for name, headers in named.items()}
        return {name: headers for name, headers in kept.items() if headers}

    found = there(mapping.columns)
    accounts = there(mapping.accounts)
    times = {
        name: spec
        for name, spec in mapping.times.items()
        if name in found or (name == "account_created_at" and "created_at" in accounts)
    }
    kinds = tuple(rule for rule in mapping.kinds if rule.column in here)
    cut = replace(mapping, columns=found, accounts=accounts, times=times, kinds=kinds)
    cut.require_header(header, where)
    return cut


class _WithMade:
    """A table with the columns that are made; headers come without what stands before them inside JSON.

    A made id of posts is none where a spreadsheet destroyed a part of it: posts of several accounts would have it.
    """

    def __init__(self, table: Table, before: str, made: Sequence[Made], ids: Sequence[str]) -> None:
        self._table, self._ids = table, frozenset(ids)
        plain = tuple(name.removeprefix(before) for name in table.header)
        self._position = {name: i for i, name in reversed(list(enumerate(plain)))}
        self._made = [
            made_column for made_column in made if any(name in self._position for name in made_column.sources)
        ]
        self.header = (*plain, *(made_column.name for made_column in self._made))
        self.notes = table.notes

    def pieces(self, columns: Sequence[int] | None = None) -> Iterator[Piece]:
        """Give the rows in order; see :class:`~spmc_tools.importers.files.table_files.Table`."""
        wide = len(self.header) - len(self._made)
        wanted = range(len(self.header)) if columns is None else columns
        needed = {i for i in wanted if i < wide}
        makers = [(i, self._made[i - wide]) for i in wanted if i >= wide]
        for _, maker in makers:
            needed.update(self._position[name] for name in maker.sources if name in self._position)
        for piece in self._table.pieces(sorted(needed)):
            for i, maker in makers:
                cells = [self._cells(piece, name) for name in maker.sources]
                rows = zip(*cells, strict=True)
                if maker.name in self._ids:
                    piece.columns[i] = [None if any(map(is_destroyed, row)) else maker.make(*row) for row in rows]
                else:
                    piece.columns[i] = [maker.make(*row) for row in rows]
            if makers:
                piece.all_text = False
            yield piece

    def _cells(self, piece: Piece, name: str) -> Sequence[Any]:
        if name not in self._position:
            return [None] * len(piece.numbers)
        cells = piece.columns[self._position[name]]
        return cells if len(cells) == len(piece.numbers) else [None] * len(piece.numbers)


class _AccountReader:
    """Turns pieces of a table that lists accounts into chunks."""

    def __init__(
        self, source: Source, table: Table, mapping: Mapping, rules: dict[str, TimeRule], rounded: Iterable[str]
    ) -> None:
        del source
        self._rounded = "account_id" in rounded
        self._mapping, self._rules = mapping, rules
        self._position = {name: i for i, name in enumerate(table.header)}
        self._looks: set[int] = set()
        self._stand_ins = 0

    def remarks(self) -> list[str]:
        """Say how many accounts are kept under their user name, since their id was destroyed."""
        if not self._stand_ins:
            return []
        return [
            f"{self._stand_ins:,} account ids lost their last digits in a spreadsheet and are no ids: these accounts "
            "stand under the user name beside it (handle-<user name>)"
        ]

    def facts(self) -> dict[str, Any]:
        """Return what the custody log holds of the rows: how many have an account that stands in for a lost one."""
        return {DERIVED: {"handle": self._stand_ins, "unknown": 0}} if self._stand_ins else {}

    def chunk(self, piece: Piece) -> Chunk:
        """Return a piece as a chunk of account rows."""
        chunk = Chunk(read=piece.read, refused=list(piece.refused))
        for i, number in enumerate(piece.numbers):
            account = self._account(piece, i, number)
            if isinstance(account, str):
                chunk.refused.append(Refusal(number, account, raw_row(piece, i)))
            elif (look := hash(account.look)) in self._looks:
                chunk.duplicates += 1
            else:
                self._looks.add(look)
                chunk.accounts.append(account)
                chunk.kept_accounts += 1
        return chunk

    def _account(self, piece: Piece, i: int, number: int) -> Account | str:
        def cell(headers: Sequence[str]) -> Any:
            cells = (piece.columns[self._position[h]][i] for h in headers)
            return next((c for c in cells if c not in (None, "", *self._mapping.missing)), None)

        named = cell(self._mapping.columns["account_id"])
        account_id = cell_id(named)
        if self._rounded and is_rounded(named):
            return f"the account id {quote(named)} is {why_no_id(str(named))}"
        if account_id is None:
            account_id = self._stood_in(named, cell(self._mapping.accounts.get("handle", ())))
        if account_id is None:
            return f"the account id {quote(named)} is {why_no_id(named)}" if named is not None else _NO_ACCOUNT
        known: dict[str, Any] = {}
        for name, headers in self._mapping.accounts.items():
            value = cell(headers)
            if name in _COUNTS:
                known[name] = None if value is None else cell_count(value)
            elif name == "verified":
                known[name] = None if value is None else cell_flag(value)
            elif name == "created_at":
                known[name] = self._time("account_created_at", value)
            else:
                known[name] = cell_text(value)
        if "collected_at" in self._mapping.columns:
            known["observed_at"] = self._time("collected_at", cell(self._mapping.columns["collected_at"]))
        platform = self._mapping.constants.get("platform") or str(cell(self._mapping.columns["platform"]))
        if not_utf8([[account_id], *([value] for value in known.values())]):
            return "the row holds bytes that are not UTF-8"
        return Account(account_id, platform, number, **known)

    def _stood_in(self, named: Any, handle: Any) -> str | None:
        """Return the account of a row whose id a spreadsheet destroyed, by its user name; None where it has none."""
        if not is_destroyed(named):
            return None
        found = stand_in(handle, "")
        self._stand_ins += bool(found)
        return found or None

    def _time(self, name: str, value: Any) -> int | None:
        found = read_time(value, self._rules[name]) if value is not None else ""
        return None if isinstance(found, str) else found[0]


def known_importer(  # noqa: PLR0913
    known: Known,
    family: Family,
    *,
    name: str,
    title: str,
    left_out: tuple[LeftOut, ...],
    forms: tuple[str, ...] = TABLE_FORMS,
    options: tuple[str, ...] = (),
    sample_rows: int = 0,
    remarks: dict[str, str] | None = None,
) -> Importer:
    """Return the importer of a known table; what it maps is told by its mapping.

    Parameters
    ----------
    known : Known
        How it is told and read.
    family : Family
        What it shares with other formats of the same program.
    name, title, left_out, forms, options, sample_rows
        As :class:`~spmc_tools.importers.engine.importer.Importer`.
    remarks : dict of str, optional
        By field of a record: what the docs remark on it.
    """
    needs = "; or ".join(", ".join(headers) for headers in known.needs)
    return Importer(
        name=name,
        title=title,
        forms=forms,
        recognised_by=f"the columns or fields {needs}" + (f" inside {known.inside}" if known.inside else ""),
        recognises=known.recognises,
        plan=known.plan,
        family=family,
        fields=_fields(known, remarks or {}),
        left_out=left_out,
        options=options,
        sample_rows=sample_rows,
    )


def _fields(known: Known, remarks: dict[str, str]) -> tuple[Field, ...]:
    """Return the columns as the docs list them; a made column by the columns it is made of."""
    made = {made_column.name: f"out of {', '.join(made_column.sources)}" for made_column in known.made}

    def shown(headers: Sequence[str]) -> str:
        return ", else ".join(made.get(header, header) for header in headers)

    mapping = known.mapping
    sources = {name: shown(headers) for name, headers in mapping.columns.items() if name not in _METRICS}
    said = {name: remarks.get(name, "") for name in sources}
    if metrics := [name for name in _METRICS if name in mapping.columns]:
        sources["metrics"] = "; ".join(shown(mapping.columns[name]) for name in metrics)
        said["metrics"] = remarks.get("metrics", ", ".join(metrics))
    if mapping.kinds:
        sources["kind"] = "; ".join(dict.fromkeys(made.get(rule.column, rule.column) for rule in mapping.kinds))
        said["kind"] = remarks.get("kind", f"else {mapping.kind}")
    if mapping.accounts:
        sources["accounts"] = "; ".join(shown(headers) for headers in mapping.accounts.values())
        said["accounts"] = ", ".join(mapping.accounts)
    return fields_of(**{name: (source, said[name]) for name, source in sources.items()})
