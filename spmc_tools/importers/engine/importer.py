"""What an importer is: a frozen declaration that one engine, :mod:`~spmc_tools.importers.import_files`, carries out.

To add an importer, write one module with an :class:`Importer`, made by
:func:`~spmc_tools.importers.mapping.known_tables.known_importer` for tables and by
:func:`~spmc_tools.importers.engine.json_rows.json_importer` for nested JSON, and name it in
:mod:`~spmc_tools.importers.importer_catalogue`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from spmc_tools.importers.fields.rows import Account, GroupEvent, Record, Refusal
    from spmc_tools.importers.files.read import Source

__all__ = [
    "Chunk",
    "Family",
    "Field",
    "Importer",
    "LeftOut",
    "Options",
    "Plan",
    "Sample",
    "fields_of",
    "no_column",
    "not_read",
    "place_of_author",
]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the format and the column of ``records`` or ``accounts`` it fills."""

    source: str
    target: str
    remark: str = ""


def fields_of(**sources: str | tuple[str, str]) -> tuple[Field, ...]:
    """Return the fields of a format by the column that each one fills, in order.

    A source may have a remark behind it. ``created_at`` fills the precision of the time too, and ``collected_at``,
    where there are ``accounts``, the moment at which these were observed.
    """
    targets = {
        "created_at": "created_at, time_precision_s",
        "collected_at": "collected_at; accounts.observed_at" if "accounts" in sources else "collected_at",
    }
    return tuple(
        Field(source[0], targets.get(name, name), source[1])
        for name, source in ((name, (said, "") if isinstance(said, str) else said) for name, said in sources.items())
    )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One field of the format that no table holds, and why; the received file still has it."""

    source: str
    reason: str


def no_column(source: str) -> LeftOut:
    """Return fields of a format that no table has a column for."""
    return LeftOut(source, "no column for them")


def not_read(source: str) -> LeftOut:
    """Return fields of a format that no detector reads."""
    return LeftOut(source, "no detector reads them")


def place_of_author(source: str) -> LeftOut:
    """Return fields of a format that say where an author is or lives, which no table holds."""
    return LeftOut(source, "place of the author; no table holds it")


@dataclass(frozen=True, slots=True)
class Family:
    """What the formats of one program or platform share: the clock of their times, and where they are described.

    Attributes
    ----------
    zone, precision : str
        Of the times, in words.
    documentation : str
        Where the format is described.
    licence : str
        Of the format's documentation, as far as it names one.
    names_from : str
        Where the names of the fields were read, where no real file is to be had.
    """

    zone: str
    precision: str
    documentation: str
    licence: str = "names none"
    names_from: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a file, read once for recognition.

    ``rows`` are JSON objects or nothing (tables and chats); ``fields`` are the names seen: top-level
    keys or column headers, in order of appearance.
    """

    form: str
    fields: tuple[str, ...]
    rows: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """What was said on the command line: a mapping file, a zone, an order of dates, whether a guess may be used.

    ``saved`` is the folder of mappings that were kept for tables with the same columns.
    """

    mapping: Path | None = None
    tz: str | None = None
    date_order: str | None = None
    accept_guess: bool = False
    saved: Path | None = None

    def given(self) -> tuple[str, ...]:
        """Return the options that were said, as they are typed."""
        said = {
            "--map": self.mapping is not None,
            "--tz": self.tz is not None,
            "--date-order": self.date_order is not None,
            "--accept-guess": self.accept_guess,
        }
        return tuple(name for name, is_set in said.items() if is_set)


@dataclass(slots=True)
class Chunk:
    """A piece of a file; its rows are counted before the case is asked.

    ``read`` = records + kept account rows + events of groups + duplicates + refused.
    ``accounts`` may hold more than ``kept_accounts``: an account that stands beside a post is no row of its own.
    ``desk`` holds rows of tables of the desks by table, with ``source_row``; where it does, each row of the file is one
    or several of them, and ``records`` are the same rows seen as records.
    """

    read: int = 0
    records: list[Record] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    desk: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    events: list[GroupEvent] = field(default_factory=list)
    kept_accounts: int = 0
    duplicates: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """How one file will be read: the chunks in order, the remarks for the person, facts for the custody log.

    ``notes`` and ``facts`` may still grow while ``chunks`` runs; read them afterwards.
    """

    chunks: Callable[[], Iterator[Chunk]]
    notes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Importer:
    """The declaration of one family of formats.

    Attributes
    ----------
    name : str
        What ``--format`` takes.
    title : str
        The format as people call it.
    forms : tuple of str
        Containers it reads: keys of :data:`~spmc_tools.importers.files.read.FORMS`.
    recognised_by : str
        The fields it needs, in words.
    recognises : callable
        Sample -> bool; looks at field names and types only.
    plan : callable
        (Source, Sample, Options) -> Plan; refuses an unusable file before anything is written.
    family : Family
        What it shares with other formats of the same program.
    fields, left_out : tuple
        What is mapped and what is not, with the reason.
    options : tuple of str
        Options of the command line that it heeds; others are said to be not needed.
    sample_rows : int
        Rows of real files that the tests read; 0 where no sample is to be had.
    """

    name: str
    title: str
    forms: tuple[str, ...]
    recognised_by: str
    recognises: Callable[[Sample], bool]
    plan: Callable[[Source, Sample, Options], Plan]
    family: Family
    fields: tuple[Field, ...]
    left_out: tuple[LeftOut, ...]
    options: tuple[str, ...] = ()
    sample_rows: int = 0
