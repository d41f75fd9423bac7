"""Bring received files into a case: read, count, refuse, keep, all or nothing per file.

For every file rows read = kept + duplicates + refused, and the case is not touched before every file of a call was
opened and recognised. A file that turns out broken further in (a gzip stream cut short, a time no rule covers) leaves
the case as it was before that file; files before it in the same call stay imported, and the error says which.

A file is recognised and read in the cage (:mod:`spmc_tools.importers.read_received`); what comes out of it is told from
what the case has, and kept, here.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, nullcontext
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from spmc_tools.cage.cage import caged
from spmc_tools.case.acts.provenance import obtained_facts
from spmc_tools.case.log.outside_log import note_refused
from spmc_tools.case.store.retention import require_not_expired
from spmc_tools.errors import CaseError, FormatError, InputError, MappingError, ParameterError, SpmcError, quote
from spmc_tools.importers.desk_rows import DeskRows, changed, n_rows
from spmc_tools.importers.engine.deduplicate import Repeated
from spmc_tools.importers.engine.group_tally import GroupTally
from spmc_tools.importers.engine.import_counts import Counts, FileResult
from spmc_tools.importers.engine.importer import Options
from spmc_tools.importers.engine.media_files import seconds_for
from spmc_tools.importers.engine.received_rows import ReceivedChunk, chosen, received_chunk, renamed
from spmc_tools.importers.engine.repost_key import DERIVED_REPOSTS, told_of
from spmc_tools.importers.engine.same_content import PostsOfCase
from spmc_tools.importers.fields.rows import desk_table, group_events_table
from spmc_tools.importers.fields.times import DATE_ORDERS, zone_of
from spmc_tools.importers.files.received_file import ReceivedFile
from spmc_tools.importers.importer_catalogue import importer
from spmc_tools.importers.mapping.mapped_table import MAPPED_TABLE
from spmc_tools.importers.mapping.propose import SAVED
from spmc_tools.importers.read_received import said_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import pyarrow as pa

    from spmc_tools.cage.answer_frames import Frame
    from spmc_tools.cage.cage import Limits
    from spmc_tools.case.store.case import Case
    from spmc_tools.importers.engine.importer import Importer
    from spmc_tools.importers.engine.received_rows import Seen
    from spmc_tools.importers.fields.rows import GroupEvent

__all__ = ["FileResult", "import_files"]

_INDIA = ZoneInfo("Asia/Kolkata")
_READ = "spmc_tools.importers.read_received"
_OPEN_AT_ONCE = 1
"""Files of one call whose reader waits from their recognition to their turn; that of the others begins anew."""


class _Writer(Protocol):
    """Where the rows of a file go."""

    def write(self, **tables: pa.Table) -> None:
        """Take in a piece of each table."""


class _Nowhere:
    """Takes rows and keeps none: for a dry run."""

    def write(self, **tables: pa.Table) -> None:
        """Take in a piece of each table and forget it."""


class _Opened:
    """A file that was recognised in the cage, and its reader there.

    Attributes
    ----------
    source : ReceivedFile
        The file.
    importer : Importer
        What reads it.
    notes, facts
        Remarks for the person, facts for the custody log.
    """

    def __init__(self, source: ReceivedFile, arguments: dict[str, Any], limits: Limits) -> None:
        self.source = source
        self._arguments, self._limits = arguments | {"path": str(source.path), "sha256": source.sha256}, limits
        self._frames: Iterator[Frame] | None = None
        told = self._begin()
        self.importer: Importer = importer(told["importer"])
        self.notes: list[str] = list(told["notes"])
        self.facts: dict[str, Any] = dict(told["facts"])
        self.end: dict[str, Any] = {}

    def _begin(self) -> dict[str, Any]:
        self._frames = caged(f"{_READ}:read_received", self._arguments, self._limits, self.source.name)
        with self._as_refusal():
            return dict(next(self._frames).head["opened"])

    def rest(self) -> None:
        """End the reader; it begins anew with :meth:`chunks`."""
        if self._frames is not None:
            self._frames.close()  # type: ignore[attr-defined]
        self._frames = None
        self.source.rest()

    def chunks(self) -> Iterator[tuple[ReceivedChunk, int]]:
        """Give each piece of the file, and how many of its bytes were read; then ``end`` holds what is known there."""
        if self._frames is None:
            self._begin()
        frames = self._frames
        while not self.end:
            with self._as_refusal():
                frame = next(frames)  # type: ignore[arg-type]
                self.end = frame.head.get("end", {})
                chunk = None if self.end else received_chunk(frame.head["chunk"], frame.tables, self.source.sha256)
            if chunk is not None:
                yield chunk, int(frame.head["position"])

    @contextmanager
    def _as_refusal(self) -> Iterator[None]:
        """Whatever comes out of the cage in another form than agreed is a refusal of the file."""
        try:
            yield
        except (ArithmeticError, AttributeError, LookupError, StopIteration, TypeError, ValueError) as error:
            raise FormatError(
                f"{self.source.name} made the program that reads it break off; nothing of it was imported."
            ) from error


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
    arguments = {"format": format, "options": said_of(options), "media": None if media is None else str(media)}
    media_s = 0.0 if media is None else seconds_for(Path(media))
    results: list[FileResult] = []
    with ExitStack() as stack:
        opened: list[_Opened] = []
        for path in map(Path, paths):
            with _attempt(case, path, None, dry_run):
                require_not_expired(case.settings, case.id)
                source = stack.enter_context(ReceivedFile(path))
                opened.append(_Opened(source, arguments, case.settings.limits_of(source.size, media_s)))
                stack.callback(opened[-1].rest)
                if len(opened) > _OPEN_AT_ONCE:
                    opened[-1].rest()
                opened[-1].facts.update(how)
        earlier: dict[str, FileResult] = {}
        posts = PostsOfCase(case)
        for opened_file in opened:
            try:
                with _attempt(case, opened_file.source.path, opened_file.source.sha256, dry_run):
                    result = _one_file(case, opened_file, earlier, posts, dry_run=dry_run, progress=progress)
            except InputError as error:
                done = ", ".join(quote(r.name) for r in results if r.kept)
                if not done or dry_run:
                    raise
                raise type(error)(f"{error} (Imported before it in this call: {done}.)") from error
            opened_file.rest()
            results.append(result)
            earlier.setdefault(result.sha256, result)
    return results


@contextmanager
def _attempt(case: Case, path: Path, sha256: str | None, dry_run: bool) -> Iterator[None]:
    """Log outside of the case that a file was refused; the error goes on, and says so where that failed."""
    try:
        yield
    except SpmcError as error:
        what = "preview" if dry_run else "import"
        problem = note_refused(case.path, case.officer, path, sha256, error, what)
        if problem:
            raise type(error)(f"{error}{problem}") from error
        raise


def _one_file(  # noqa: PLR0913
    case: Case,
    opened: _Opened,
    earlier: dict[str, FileResult],
    posts: PostsOfCase,
    *,
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
    counts = Counts()
    try:
        with _writer(case, source, dry_run) as writer:
            _pour(case, opened, posts, writer, counts=counts, progress=progress)
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
    except OSError as error:
        raise FormatError(f"{source.name} could not be imported: {error.strerror or error}.") from error
    note = "; ".join(
        [*opened.notes, *_outside(case, counts), *counts.remarks(opened.importer.name == MAPPED_TABLE.name)]
    )
    return FileResult(
        name=source.path.name, sha256=source.sha256, format=opened.importer.name, read=counts.read, kept=counts.kept,
        duplicates=counts.duplicates, refused=counts.refused, accounts=counts.accounts, note=note,
        other_account=counts.other_account, other_text=counts.other_text, group_events=counts.group_events,
        growth=counts.growth,
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
    return FileResult(
        name=opened.source.path.name, sha256=opened.source.sha256, format=opened.importer.name, read=read, kept=0,
        duplicates=read, refused=0, accounts=0, note=note,
    )  # fmt: skip


def _writer(case: Case, source: ReceivedFile, dry_run: bool) -> AbstractContextManager[Any]:
    if dry_run:
        return nullcontext(_Nowhere())
    return case.new_batch(source.path, source.sha256)


def _commit(writer: Any, opened: _Opened, counts: Counts) -> None:
    """Make the file part of the case."""
    details = {"notes": list(opened.notes), **opened.facts}
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


def _pour(  # noqa: PLR0913
    case: Case,
    opened: _Opened,
    posts: PostsOfCase,
    writer: _Writer,
    *,
    counts: Counts,
    progress: Callable[[str, int, int], None] | None,
) -> None:
    """Write every chunk of a file, without the rows that are known."""
    repeated = Repeated(case, posts)
    sha256 = opened.source.sha256
    first, end = _period_us(case)
    desk, group = DeskRows(case), GroupTally(case)
    for chunk, position in opened.chunks():
        rows = desk.fresh(chunk)
        repeated.hear(chunk.accounts)
        fresh, again = repeated.fresh(chunk.records, compared=not chunk.desk)
        observed = again
        if chunk.desk:  # a message whose record is known still tells what the desk knows: its row counts, not it
            observed, again = [record for record in (*again, *desk.known_records) if changed(record)], []
            chunk.kept_accounts += n_rows(rows.values()) - len(fresh)
        events = group.fresh(chunk)
        counts.read += chunk.read
        counts.records += len(fresh)
        counts.outside += sum(not first <= record.created_at < end for record in fresh)
        counts.duplicates += chunk.duplicates + len(again)
        counts.kept_accounts += chunk.kept_accounts
        if chunk.refused is not None:
            counts.refused += chunk.refused.num_rows
            counts.add_reasons(chunk.refused["reason"].to_pylist())
        counts.accounts += 0 if chunk.accounts is None else chunk.accounts.num_rows
        writer.write(**_tables(chunk, fresh, observed), **_more(rows, events, sha256))
        if progress is not None:
            progress(f"reading {opened.source.name}", position, opened.source.size)
    repeated.settle()
    derived = int(opened.end["derived"])
    opened.facts |= opened.end["facts"]
    opened.notes[:] = [*opened.end["notes"], *told_of(derived), *repeated.remarks(), *group.remarks()]
    if derived:
        opened.facts[DERIVED_REPOSTS] = derived
    counts.group_events, counts.growth = dict(group.counts), group.growth()
    counts.other_account, counts.other_text = repeated.other_account, repeated.other_text
    if (media := opened.end["media"]) is not None:
        opened.facts["media"] = media["facts"]
        opened.notes.extend([media["remark"]] if media["remark"] else [])


def _tables(chunk: ReceivedChunk, fresh: Sequence[Seen], observed: Sequence[Seen]) -> dict[str, pa.Table]:
    """Return what is kept of the tables that came out of the cage."""
    found = {"accounts": chunk.accounts, "refused": chunk.refused}
    if chunk.table is not None:
        found |= {"records": chosen(chunk.table, fresh) if fresh else None}
        found |= {"observations": renamed(chunk.table, observed) if observed else None}
    return {name: table for name, table in found.items() if table is not None}


def _more(rows: dict[str, list[dict[str, Any]]], events: list[GroupEvent], sha256: str) -> dict[str, pa.Table]:
    """Return the new rows of the desks' tables, and the new events of groups."""
    made = {name: desk_table(name, found, sha256) for name, found in rows.items() if found}
    return made | ({"group_events": group_events_table(events, sha256)} if events else {})


def _period_us(case: Case) -> tuple[int, int]:
    """Return the first microsecond of the case's period and the first after it; its days are India's."""
    days = (case.settings.date_from, case.settings.date_to + timedelta(days=1))
    first, end = (int(datetime.combine(day, time(), tzinfo=_INDIA).timestamp()) * 1_000_000 for day in days)
    return first, end


def _outside(case: Case, counts: Counts) -> list[str]:
    """Say how many posts lie outside the case's period; most of them: a zone or an order of dates may be wrong."""
    if not counts.outside:
        return []
    period = f"{case.settings.date_from} to {case.settings.date_to}"
    said = f"{counts.outside:,} of {counts.records:,} posts lie outside the period of the case ({period})"
    if 2 * counts.outside > counts.records:
        said += "; where that is not expected, look at --date-order and --tz with --dry-run: a file is imported once"
    return [said]
