"""Bring received files into a case: read, count, refuse, keep, all or nothing per file.

For every file rows read = kept + duplicates + refused, and the case is not touched before every file of a call was
opened and recognised. A file that turns out broken further in (a gzip stream cut short, a time no rule covers) leaves
the case as it was before that file; files before it in the same call stay imported, and the error says which.
"""

from __future__ import annotations

import gc
import re
from collections import Counter
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from spmc_tools.case.acts.provenance import obtained_facts
from spmc_tools.case.log.outside_log import note_refused
from spmc_tools.case.store.retention import require_not_expired
from spmc_tools.errors import (
    CaseError,
    FormatError,
    InputError,
    IntegrityError,
    MappingError,
    ParameterError,
    SpmcError,
    quote,
)
from spmc_tools.importers.engine.deduplicate import Repeated
from spmc_tools.importers.engine.group_tally import GroupTally
from spmc_tools.importers.engine.importer import Options
from spmc_tools.importers.engine.media_files import MediaFiles, Tally
from spmc_tools.importers.engine.repost_key import DERIVED_REPOSTS, repost_keys, told_of
from spmc_tools.importers.fields.rows import (
    accounts_table,
    desk_table,
    group_events_table,
    records_table,
    refused_table,
)
from spmc_tools.importers.fields.times import DATE_ORDERS, zone_of
from spmc_tools.importers.files.read import Source
from spmc_tools.importers.files.unpack import CutShortError
from spmc_tools.importers.formats.desk.desk_sheets import KEYS
from spmc_tools.importers.importer_catalogue import choose, importer, sample_of
from spmc_tools.importers.mapping.mapped_table import MAPPED_TABLE
from spmc_tools.importers.mapping.propose import SAVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import pyarrow as pa

    from spmc_tools.case.store.case import Case
    from spmc_tools.importers.engine.importer import Chunk, Importer, Plan
    from spmc_tools.importers.fields.rows import Record

__all__ = ["FileResult", "first_records", "import_files"]

_INDIA = ZoneInfo("Asia/Kolkata")
_OPEN_AT_ONCE = 64
"""Files of one call that stay open from their recognition to their turn: a system lets a process open about 1,000."""

_REASONS_COUNTED = 1000
_REASONS_TOLD = 3
_MANY_REFUSED = 0.1
_QUOTED = re.compile('".*"')


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file: read = kept + duplicates + refused.

    ``kept`` counts records, events of groups, and account rows of files that list accounts; ``accounts`` all account
    rows written, also those that stood beside posts. ``group_events`` counts events by kind, ``growth`` how many
    came and went in each month. ``note`` is one line for the person, or "". ``other_account`` and ``other_text``
    count duplicates that name another account, hold another text, than the post that was received first.
    """

    name: str
    sha256: str
    format: str
    read: int
    kept: int
    duplicates: int
    refused: int
    accounts: int
    note: str
    other_account: int = 0
    other_text: int = 0
    group_events: dict[str, int] = field(default_factory=dict)
    growth: tuple[tuple[str, int, int], ...] = ()

    def differences(self) -> list[str]:
        """Say how many duplicates differ from the post that was received first; empty where none does."""
        said = (
            (self.other_account, "names another account", "name another account"),
            (self.other_text, "holds another text", "hold another text"),
        )
        return [
            f"{n:,} {'duplicate' if n == 1 else 'duplicates'} {singular if n == 1 else more} than the post that was "
            "received first"
            for n, singular, more in said
            if n
        ]


class _Writer(Protocol):
    """Where the rows of a file go."""

    def write(self, **tables: pa.Table) -> None:
        """Take in a piece of each table."""


class _Nowhere:
    """Takes rows and keeps none: for a dry run."""

    def write(self, **tables: pa.Table) -> None:
        """Take in a piece of each table and forget it."""


@dataclass(slots=True)
class _Counts:
    read: int = 0
    records: int = 0
    kept_accounts: int = 0
    duplicates: int = 0
    refused: int = 0
    accounts: int = 0
    outside: int = 0
    other_account: int = 0
    other_text: int = 0
    group_events: dict[str, int] = field(default_factory=dict)
    growth: tuple[tuple[str, int, int], ...] = ()
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add_reasons(self, reasons: Iterable[str]) -> None:
        """Count reasons that differ in more than what they quote; beyond a thousand only those already known."""
        for reason in reasons:
            shape = _QUOTED.sub('"…"', reason)
            if shape in self.reasons or len(self.reasons) < _REASONS_COUNTED:
                self.reasons[shape] += 1
                self.examples.setdefault(shape, reason)

    def told(self) -> list[str]:
        """Return the most frequent reasons with their counts, each with the first that was found."""
        found = [
            f"{count:,} × {self.examples[shape][:200]}" for shape, count in self.reasons.most_common(_REASONS_TOLD)
        ]
        others = self.refused - sum(count for _, count in self.reasons.most_common(_REASONS_TOLD))
        return [*found, *([f"{others:,} × other reasons"] if others else [])]

    def remarks(self, mapped: bool) -> list[str]:
        """Say why rows were refused; and of a mapped table with many of them, that it is imported once."""
        if not self.refused:
            return []
        said = [f"refused: {', '.join(self.told())}"]
        if mapped and self.refused > _MANY_REFUSED * self.read:
            said.append(
                f"{self.refused / self.read:.0%} of its rows are refused, and a file is imported once: a mapping that "
                "is mended later cannot bring them in; --dry-run shows the outcome first"
            )
        return said

    @property
    def kept(self) -> int:
        return self.records + self.kept_accounts

    def require_sum(self, name: str) -> None:
        if self.read != self.kept + self.duplicates + self.refused:
            raise IntegrityError(
                f"{name}: {self.read:,} rows read, but {self.kept:,} kept + {self.duplicates:,} duplicates + "
                f"{self.refused:,} refused; nothing of it was imported."
            )


@dataclass(slots=True)
class _Opened:
    """A file that was recognised, with the way it will be read, and the media that were handed over with it."""

    source: Source
    importer: Importer
    plan: Plan
    media: MediaFiles | None = None


def import_files(  # noqa: PLR0913
    case: Case,
    paths: Sequence[Path | str],
    *,
    format: str | None = None,
    mapping: Path | str | None = None,
    tz: str | None = None,
    date_order: str | None = None,
    accept_guess: bool = False,
    dry_run: bool = False,
    obtained: str | None = None,
    received_from: str | None = None,
    media: Path | str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[FileResult]:
    """Return what became of each file, in order.

    Parameters
    ----------
    case : Case
        Where the rows go; one that has expired takes none, nor looks at any.
    paths : sequence of path
        Files as they were received.
    format : str, optional
        Name of an importer; None: the one that fits.
    mapping : path, optional
        A mapping file for tables (docs/reference/formats.md).
    tz : str, optional
        Zone of times that name none, as ``Asia/Kolkata``.
    date_order : {"dmy", "mdy", "ymd"}, optional
        Of dates that can be read in more than one way.
    accept_guess : bool
        Whether a proposed mapping may be used.
    dry_run : bool
        Read and count, change nothing.
    obtained : str, optional
        How the files were obtained, one of :data:`~spmc_tools.case.acts.provenance.OBTAINED`; logged.
    received_from : str, optional
        Who they came from; logged.
    media : path, optional
        The folder of pictures and films that was handed over with the files: records get their hashes
        (:mod:`~spmc_tools.importers.engine.media_files`).
    progress : callable, optional
        Called with a line for the person, bytes done and bytes in all.

    Raises
    ------
    CaseError
        Where the case expired.
    FormatError, MappingError, ParameterError
        Where a file, the mapping or an option cannot be used; nothing was changed, or the message names the files
        that were imported before.

    Notes
    -----
    A row is a duplicate where its platform and record id stand in the case or earlier in the file, or where a post of
    the same account, second and text does. A file that is in
    the case already adds nothing: all its rows count as duplicates, and the ledger notes the attempt. A duplicate out
    of another file is kept as an observation: its figures may be newer (:mod:`spmc_tools.case.store.case_tables`). A
    file that is refused stands in the log beside the cases, with its hash and the reason, unless it is a dry run.
    """
    how = obtained_facts(obtained, received_from)
    if format is not None:
        importer(format)
    if tz is not None:
        zone_of(tz)
    if date_order is not None and date_order not in DATE_ORDERS:
        raise ParameterError(f"There is no date order {quote(date_order)}; type dmy, mdy or ymd.")
    chosen = Path(mapping) if mapping is not None else None
    options = Options(chosen, tz, date_order, accept_guess, case.path.parent / SAVED)
    handed_over = MediaFiles(Path(media)) if media is not None else None
    results: list[FileResult] = []
    with ExitStack() as stack:
        opened = []
        for path in map(Path, paths):
            with _attempt(case, path, None, dry_run):
                require_not_expired(case.settings, case.id)
                opened.append(_open(path, format, options, stack))
                if len(opened) > _OPEN_AT_ONCE:
                    opened[-1].source.rest()
                opened[-1].plan.facts.update(how)
                opened[-1].media = handed_over
        earlier: dict[str, FileResult] = {}
        for opened_file in opened:
            try:
                with _attempt(case, opened_file.source.path, opened_file.source.sha256, dry_run):
                    result = _one_file(case, opened_file, earlier, dry_run, progress)
            except InputError as error:
                done = ", ".join(quote(r.name) for r in results if r.kept)
                if not done or dry_run:
                    raise
                raise type(error)(f"{error} (Imported before it in this call: {done}.)") from error
            opened_file.source.rest()
            results.append(result)
            earlier.setdefault(result.sha256, result)
    return results


def first_records(path: Path, options: Options, n: int = 5) -> tuple[Importer, list[Record]]:
    """Return the importer that fits a file, and the first posts as they would be kept; nothing is changed.

    Raises
    ------
    InputError
        As :func:`import_files`.
    """
    with ExitStack() as stack:
        opened = _open(Path(path), None, options, stack)
        found: list[Record] = []
        chunks = opened.plan.chunks()
        for chunk in chunks:
            found += chunk.records[: n - len(found)]
            if len(found) >= n:
                break
        del chunks
        return opened.importer, found


@contextmanager
def _attempt(case: Case, path: Path, sha256: str | None, dry_run: bool) -> Iterator[None]:
    """Log outside of the case that a file was refused; the error goes on, and says so where that failed."""
    try:
        yield
    except SpmcError as error:
        problem = "" if dry_run else note_refused(case.path, case.officer, path, sha256, error)
        if problem:
            raise type(error)(f"{error}{problem}") from error
        raise


def _open(path: Path, name: str | None, options: Options, stack: ExitStack) -> _Opened:
    """Open and recognise one file; the case is not asked yet."""
    try:
        source = stack.enter_context(Source(path))
        sample = sample_of(source, options)
        chosen = choose(source, sample, options, name)
        plan = chosen.plan(source, sample, options)
        if unused := [option for option in options.given() if option not in chosen.options]:
            plan.notes.append(f"not needed for this format: {', '.join(unused)}")
        if "--accept-guess" in chosen.options and options.accept_guess and options.mapping is not None:
            plan.notes.append("not needed beside --map: --accept-guess")
        return _Opened(source, chosen, plan)
    except CutShortError as error:
        raise FormatError(f"{error}, no row of it can be read; ask for the file again.") from error


def _one_file(
    case: Case,
    opened: _Opened,
    earlier: dict[str, FileResult],
    dry_run: bool,
    progress: Callable[[str, int, int], None] | None,
) -> FileResult:
    source = opened.source
    if (known := _known_already(case, opened, dry_run)) is not None:
        return known
    if source.sha256 in earlier:
        return _repeated(
            opened, earlier[source.sha256].read, "the same file stands earlier in this call; it adds nothing"
        )
    counts = _Counts()
    try:
        with _writer(case, source, dry_run) as writer:
            with _collector_at_rest():
                _pour(case, opened, writer, counts, progress)
            source.require_unchanged()
            counts.require_sum(source.name)
            if counts.read == 0:
                raise FormatError(f"{source.name} holds no rows.")
            if opened.importer.name == MAPPED_TABLE.name and counts.refused == counts.read:
                raise MappingError(
                    f"{source.name}: the mapping fits none of its {counts.read:,} rows ({', '.join(counts.told())}); "
                    "nothing was imported; mend the mapping and import again."
                )
            if not dry_run:
                _commit(writer, opened, counts)
    except CaseError:
        if (known := _known_already(case, opened, dry_run)) is not None:  # another process imported it meanwhile
            return known
        raise
    except CutShortError as error:
        raise FormatError(
            f"{error} after {source.rows_seen:,} readable rows; nothing of it was imported; ask for the file again."
        ) from error
    except OSError as error:
        raise FormatError(f"{source.name} could not be imported: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{source.name} changed while it was read; nothing of it was imported.") from error
    note = "; ".join(
        [*opened.plan.notes, *_outside(case, counts), *counts.remarks(opened.importer.name == MAPPED_TABLE.name)]
    )
    return FileResult(
        source.path.name, source.sha256, opened.importer.name, counts.read, counts.kept, counts.duplicates,
        counts.refused, counts.accounts, note, counts.other_account, counts.other_text, counts.group_events,
        counts.growth,
    )  # fmt: skip


def _known_already(case: Case, opened: _Opened, dry_run: bool) -> FileResult | None:
    """Return the result for a file that the case holds, after logging that it came again; None where it is new."""
    source = opened.source
    known = case.has_source(source.sha256)
    if known is None:
        return None
    if not dry_run:
        case.log("import_repeated", {"name": source.path.name, "sha256": source.sha256, "batch": known.batch_id})
    return _repeated(opened, known.read, f"already in this case as batch {known.batch_id}; nothing was added")


def _repeated(opened: _Opened, read: int, note: str) -> FileResult:
    return FileResult(opened.source.path.name, opened.source.sha256, opened.importer.name, read, 0, read, 0, 0, note)


def _writer(case: Case, source: Source, dry_run: bool) -> AbstractContextManager[Any]:
    if dry_run:
        return nullcontext(_Nowhere())
    return case.new_batch(source.path, source.sha256)


def _commit(writer: Any, opened: _Opened, counts: _Counts) -> None:
    """Make the file part of the case."""
    details = {"notes": list(opened.plan.notes), **opened.plan.facts}
    if counts.group_events:
        details["group_events"] = counts.group_events
    if counts.duplicates:
        details["duplicates_differ"] = {"account": counts.other_account, "text": counts.other_text}
    writer.commit(
        format=opened.importer.name,
        read=counts.read,
        duplicates=counts.duplicates,
        details=details,
        kept_accounts=counts.kept_accounts,
    )


def _pour(
    case: Case,
    opened: _Opened,
    writer: _Writer,
    counts: _Counts,
    progress: Callable[[str, int, int], None] | None,
) -> None:
    """Write every chunk of a file, without the rows that are known."""
    repeated = Repeated(case)
    sha256 = opened.source.sha256
    first, end = _period_us(case)
    desk = _DeskRows(case)
    tally, group, derived = Tally(), GroupTally(case), 0
    for chunk in opened.plan.chunks():
        if opened.media is not None:
            chunk.records = opened.media.filled(chunk.records, tally)
        derived += repost_keys(chunk.records)
        rows = desk.fresh(chunk)
        repeated.hear(chunk.accounts)
        fresh, again = repeated.fresh(chunk.records, compared=not chunk.desk)
        observed = again
        if chunk.desk:  # a message whose record is known still tells what the desk knows: its row counts, not it
            observed, again = [record for record in (*again, *desk.known_records) if _changed(record)], []
            chunk.kept_accounts += _n_rows(rows.values()) - len(fresh)
        events = group.fresh(chunk)
        counts.read += chunk.read
        counts.records += len(fresh)
        counts.outside += sum(not first <= record.created_at < end for record in fresh)
        counts.duplicates += chunk.duplicates + len(again)
        counts.kept_accounts += chunk.kept_accounts
        counts.refused += len(chunk.refused)
        counts.add_reasons(refusal.reason for refusal in chunk.refused)
        counts.accounts += len(chunk.accounts)
        tables = {}
        if fresh:
            tables["records"] = records_table(fresh, sha256)
        if observed:
            tables["observations"] = records_table(observed, sha256)
        if chunk.accounts:
            tables["accounts"] = accounts_table(chunk.accounts, sha256)
        if events:
            tables["group_events"] = group_events_table(events, sha256)
        if chunk.refused:
            tables["refused"] = refused_table(chunk.refused, sha256)
        tables |= {name: desk_table(name, found, sha256) for name, found in rows.items() if found}
        if tables:
            writer.write(**tables)
        if progress is not None:
            progress(
                f"reading {opened.source.name}", min(opened.source.position, opened.source.size), opened.source.size
            )
    repeated.settle()
    opened.plan.notes.extend([*told_of(derived), *repeated.remarks(), *group.remarks()])
    if derived:
        opened.plan.facts[DERIVED_REPOSTS] = derived
    counts.group_events, counts.growth = dict(group.counts), group.growth()
    counts.other_account, counts.other_text = repeated.other_account, repeated.other_text
    if opened.media is not None:
        opened.plan.facts["media"] = tally.facts()
        opened.plan.notes.extend([tally.remark()] if tally.counts else [])


def _changed(record: Record) -> bool:
    """Whether a record tells that its post was edited or deleted."""
    return record.edited_at is not None or record.deleted_seen_at is not None


def _n_rows(tables: Iterable[list[dict[str, Any]]]) -> int:
    """Return of how many rows of the file these rows come: one row of a file may hold several figures."""
    return len({row["source_row"] for rows in tables for row in rows})


class _DeskRows:
    """Knows which rows of the desks' tables a case holds, table by table as they come."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._known: dict[str, set[tuple[Any, ...]]] = {}
        self.known_records: list[Record] = []
        """Of the last chunk, the records of messages that add no row."""

    def fresh(self, chunk: Chunk) -> dict[str, list[dict[str, Any]]]:
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
        chunk.duplicates += _n_rows(chunk.desk.values()) - _n_rows(found.values())
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


def _period_us(case: Case) -> tuple[int, int]:
    """Return the first microsecond of the case's period and the first after it; its days are India's."""
    days = (case.settings.date_from, case.settings.date_to + timedelta(days=1))
    first, end = (int(datetime.combine(day, time(), tzinfo=_INDIA).timestamp()) * 1_000_000 for day in days)
    return first, end


def _outside(case: Case, counts: _Counts) -> list[str]:
    """Say how many posts lie outside the case's period; most of them: a zone or an order of dates may be wrong."""
    if not counts.outside:
        return []
    period = f"{case.settings.date_from} to {case.settings.date_to}"
    said = f"{counts.outside:,} of {counts.records:,} posts lie outside the period of the case ({period})"
    if 2 * counts.outside > counts.records:
        said += "; where that is not expected, look at --date-order and --tz with --dry-run: a file is imported once"
    return [said]


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Let Python's cycle collector rest: rows hold no cycles, and it would look at millions of them again and again."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
