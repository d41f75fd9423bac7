"""The one loop over JSON: every line or element is offered to a format's function, which gives what it holds.

A format is a function ``rows(value, number)`` from one JSON object to the things in it:

- a :class:`~spmc_tools.importers.fields.rows.Record`: a row that is kept;
- an :class:`~spmc_tools.importers.fields.rows.Account`: a row that lists an account; unchanged again it is a
duplicate;
- :class:`Beside` around an account: it stood beside a post and is no row of its own;
- a ``str``: the reason why the object is refused; a :class:`~spmc_tools.importers.fields.rows.Refusal`: the same for
a part;
- :class:`Empty`: there was no row, and what there was instead is counted in a remark.

A function that gives nothing has its object refused, so that no row is lost.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Chunk, Importer, Plan
from spmc_tools.importers.fields.rows import RAW_LIMIT, Account, Record, Refusal
from spmc_tools.importers.fields.values import Json, as_json, json_rows
from spmc_tools.importers.files.read import JSON_FORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from spmc_tools.importers.engine.importer import Family, Field, LeftOut, Options, Sample
    from spmc_tools.importers.files.read import Source

__all__ = [
    "CHUNK_BYTES",
    "CHUNK_ROWS",
    "Beside",
    "Empty",
    "Item",
    "Rows",
    "json_importer",
    "json_plan",
    "no_post",
    "refusal",
    "stateless",
]

CHUNK_ROWS = 50_000
"""Rows that are held in memory at once."""

CHUNK_BYTES = 64 * 1024 * 1024
"""Bytes of the file whose rows are held in memory at once, and one line or element more."""


class Beside(NamedTuple):
    """An account that stood beside a post."""

    account: Account


class Empty(str):
    """What stood where rows could have been; counted in the line under the file, as "3 pages without results"."""

    __slots__ = ()


Item: TypeAlias = Record | Account | Refusal | Beside | str
"""What a format's function gives."""

Rows: TypeAlias = "Callable[[Json, int], Iterable[Item]]"
"""A format's function."""


def no_post(found: Json) -> str:
    """Return the reason for an object that is nothing the format knows."""
    return f"no post: it has the fields {quote(', '.join(map(str, found)), 120)}"


def refusal(number: int, reason: str, part: object) -> Refusal:
    """Return a part of an object as a refused row."""
    return Refusal(number, reason, as_json(part)[: 4 * RAW_LIMIT].decode("utf-8", "ignore"))


class _Reader:
    """Collects what a file holds into chunks."""

    def __init__(self, rows: Rows, *, keeps_raw: bool) -> None:
        self.chunk = Chunk()
        self.empty: Counter[str] = Counter()
        self._rows = rows
        self._keeps_raw = keeps_raw
        self._looks: set[int] = set()

    def value(self, number: int, line: bytes, whole: bool) -> None:
        """Take in one line or element."""
        found = json_rows(line, whole)
        if isinstance(found, str):
            self._refuse(number, found, line)
            return
        for row in found:
            before = self.chunk.read
            empty = self.empty.total()
            for item in self._rows(row, number):
                self._take(item, number, line)
            if self.chunk.read == before and self.empty.total() == empty:
                self._refuse(number, no_post(row), line)

    def _take(self, item: Item, number: int, line: bytes) -> None:
        if isinstance(item, Record):
            self.chunk.read += 1
            self.chunk.records.append(item)
        elif isinstance(item, Beside):
            if self._new(item.account):
                self.chunk.accounts.append(item.account)
        elif isinstance(item, Empty):
            self.empty[str(item)] += 1
        elif isinstance(item, str):
            self._refuse(number, item, line)
        elif isinstance(item, Refusal):
            self.chunk.read += 1
            self.chunk.refused.append(item)
        elif self._new(item):
            self.chunk.read += 1
            self.chunk.accounts.append(item)
            self.chunk.kept_accounts += 1
        else:
            self.chunk.read += 1
            self.chunk.duplicates += 1

    def _refuse(self, number: int, reason: str, line: bytes) -> None:
        self.chunk.read += 1
        raw = line[: 4 * RAW_LIMIT].decode("utf-8", "replace") if self._keeps_raw else None
        self.chunk.refused.append(Refusal(number, reason, raw))

    def _new(self, account: Account) -> bool:
        look = hash(account.look)
        if look in self._looks:
            return False
        self._looks.add(look)
        return True


def json_plan(
    make: Callable[[Source, Sample, Options], Rows], *, keeps_raw: bool = True
) -> Callable[[Source, Sample, Options], Plan]:
    """Return the ``plan`` of an importer of JSON.

    Parameters
    ----------
    make : callable
        Called once per file, with what is known of it; returns its ``rows(value, number)``. It refuses a file by
        raising, before anything is written; remarks for the person are an attribute ``notes`` of the function that it
        returns. :func:`stateless` wraps a function that needs no more than the values.
    keeps_raw : bool
        Whether refused objects stand in ``refused.raw``; not where a format holds secrets of who collected it.
    """

    def plan(source: Source, sample: Sample, options: Options) -> Plan:
        rows = make(source, sample, options)
        notes: list[str] = list(getattr(rows, "notes", ()))
        facts: dict[str, Any] = {}

        def chunks() -> Iterator[Chunk]:
            reader = _Reader(rows, keeps_raw=keeps_raw)
            size = 0
            for number, line, whole in source.values():
                reader.value(number, line, whole)
                size += len(line)
                if reader.chunk.read >= CHUNK_ROWS or size >= CHUNK_BYTES:
                    yield reader.chunk
                    reader.chunk, size = Chunk(), 0
            yield reader.chunk
            for what, count in reader.empty.items():
                facts[what.replace(" ", "_")] = count
                notes.append(f"{count:,} {what}")

        return Plan(chunks, notes, facts)

    return plan


def stateless(rows: Rows) -> Callable[[Source, Sample, Options], Rows]:
    """Return a maker for :func:`json_plan` that hands out one function for every file."""
    return lambda source, sample, options: rows


def json_importer(  # noqa: PLR0913
    make: Callable[[Source, Sample, Options], Rows],
    family: Family,
    *,
    name: str,
    title: str,
    tells: Callable[[Json], object],
    recognised_by: str,
    fields: tuple[Field, ...],
    left_out: tuple[LeftOut, ...],
    options: tuple[str, ...] = (),
    sample_rows: int = 0,
    keeps_raw: bool = True,
) -> Importer:
    """Return the importer of a format of nested JSON.

    Parameters
    ----------
    make, keeps_raw
        As for :func:`json_plan`.
    family : Family
        What it shares with other formats of the same program.
    tells : callable
        JSON object -> what is true where that object is of this format; a file is, where one of its first objects is.
    name, title, recognised_by, fields, left_out, options, sample_rows
        As :class:`~spmc_tools.importers.engine.importer.Importer`.
    """
    return Importer(
        name=name,
        title=title,
        forms=JSON_FORMS,
        recognised_by=recognised_by,
        recognises=lambda sample: any(map(tells, sample.rows)),
        plan=json_plan(make, keeps_raw=keeps_raw),
        family=family,
        fields=fields,
        left_out=left_out,
        options=options,
        sample_rows=sample_rows,
    )
