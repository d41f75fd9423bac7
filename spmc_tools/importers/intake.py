"""Bring received files into a case: read, count, refuse, keep, all or nothing per file.

For every file rows read = kept + duplicates + refused, and the case is not touched before every file of a call was
opened and recognised. A file that turns out broken further in (a gzip stream cut short, a time no rule covers) leaves
the case as it was before that file; files before it in the same call stay imported, and the error says which.
"""

from __future__ import annotations

import gc
from collections import Counter
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from spmc_tools.errors import CaseError, FormatError, InputError, IntegrityError, MappingError, ParameterError, quote
from spmc_tools.importers.build import accounts_table, records_table, refused_table
from spmc_tools.importers.catalogue import choose, importer, sample_of
from spmc_tools.importers.declare import Options
from spmc_tools.importers.mapped import MAPPED_TABLE
from spmc_tools.importers.read import CutShortError, Source
from spmc_tools.importers.times import DATE_ORDERS, zone_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import pyarrow as pa

    from spmc_tools.case.store import Case
    from spmc_tools.importers.build import Record
    from spmc_tools.importers.declare import Chunk, Importer, Plan

__all__ = ["FileResult", "import_files"]

_REASONS_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file: read = kept + duplicates + refused.

    ``kept`` counts records, and account rows of files that list accounts; ``accounts`` all account rows written,
    also those that stood beside posts. ``note`` is one line for the person, or "".
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
    reasons: Counter[str] = field(default_factory=Counter)

    def add_reasons(self, reasons: Iterable[str]) -> None:
        """Count reasons; beyond a thousand different ones only those already known."""
        for reason in reasons:
            if reason in self.reasons or len(self.reasons) < _REASONS_COUNTED:
                self.reasons[reason] += 1

    def remarks(self) -> list[str]:
        """Say why rows were refused: the most frequent reason and its count."""
        if not self.reasons:
            return []
        [(reason, count)] = self.reasons.most_common(1)
        often = f"{count:,} of {self.refused:,} refused rows" if count < self.refused else f"{count:,} refused"
        return [f"{often}: {reason[:200]}"]

    @property
    def kept(self) -> int:
        return self.records + self.kept_accounts

    def require_sum(self, name: str) -> None:
        if self.read != self.kept + self.duplicates + self.refused:
            raise IntegrityError(
                f"{name}: {self.read:,} rows read, but {self.kept:,} kept + {self.duplicates:,} duplicates + "
                f"{self.refused:,} refused; nothing of it was imported."
            )


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file that was recognised, with the way it will be read."""

    source: Source
    importer: Importer
    plan: Plan


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
    progress: Callable[[str, int, int], None] | None = None,
) -> list[FileResult]:
    """Return what became of each file, in order.

    Parameters
    ----------
    case : Case
        Where the rows go.
    paths : sequence of path
        Files as they were received.
    format : str, optional
        Name of an importer; None: the one that fits.
    mapping : path, optional
        A mapping file for tables (docs/formats.md).
    tz : str, optional
        Zone of times that name none, as ``Asia/Kolkata``.
    date_order : {"dmy", "mdy", "ymd"}, optional
        Of dates that can be read in more than one way.
    accept_guess : bool
        Whether a proposed mapping may be used.
    dry_run : bool
        Read and count, change nothing.
    progress : callable, optional
        Called with a line for the person, bytes done and bytes in all.

    Raises
    ------
    FormatError, MappingError, ParameterError
        Where a file, the mapping or an option cannot be used; nothing was changed, or the message names the files
        that were imported before.

    Notes
    -----
    A row is a duplicate where its platform and record id stand in the case or earlier in the file. A file that is in
    the case already adds nothing: all its rows count as duplicates, and the ledger notes the attempt.
    """
    if format is not None:
        importer(format)
    if tz is not None:
        zone_of(tz)
    if date_order is not None and date_order not in DATE_ORDERS:
        raise ParameterError(f"There is no date order {quote(date_order)}; type dmy, mdy or ymd.")
    options = Options(Path(mapping) if mapping is not None else None, tz, date_order, accept_guess)
    results: list[FileResult] = []
    with ExitStack() as stack:
        opened = [_open(Path(path), format, options, stack) for path in paths]
        earlier: dict[str, FileResult] = {}
        for one in opened:
            try:
                result = _one_file(case, one, earlier, dry_run, progress)
            except InputError as error:
                done = ", ".join(quote(r.name) for r in results if r.kept)
                if not done or dry_run:
                    raise
                raise type(error)(f"{error} (Imported before it in this call: {done}.)") from error
            results.append(result)
            earlier.setdefault(result.sha256, result)
    return results


def _open(path: Path, name: str | None, options: Options, stack: ExitStack) -> _Opened:
    """Open and recognise one file; the case is not asked yet."""
    try:
        source = stack.enter_context(Source(path))
        sample = sample_of(source, options)
        chosen = choose(source, sample, options, name)
        return _Opened(source, chosen, chosen.plan(source, sample, options))
    except CutShortError as error:
        raise FormatError(f"{error}, no row of it can be read; ask for the file again.") from error


def _one_file(
    case: Case,
    one: _Opened,
    earlier: dict[str, FileResult],
    dry_run: bool,
    progress: Callable[[str, int, int], None] | None,
) -> FileResult:
    source = one.source
    if (known := _known_already(case, one, dry_run)) is not None:
        return known
    if source.sha256 in earlier:
        return _repeated(one, earlier[source.sha256].read, "the same file stands earlier in this call; it adds nothing")
    counts = _Counts()
    try:
        with _writer(case, source, dry_run) as writer:
            with _collector_at_rest():
                _pour(case, one, writer, counts, progress)
            source.require_unchanged()
            counts.require_sum(source.name)
            if counts.read == 0:
                raise FormatError(f"{source.name} holds no rows.")
            if one.importer.name == MAPPED_TABLE.name and counts.refused == counts.read:
                why, count = counts.reasons.most_common(1)[0]
                raise MappingError(
                    f"{source.name}: the mapping fits none of its {counts.read:,} rows ({count:,} times: {why}); "
                    "nothing was imported; mend the mapping and import again."
                )
            if not dry_run:
                _commit(writer, one, counts)
    except CaseError:
        if (known := _known_already(case, one, dry_run)) is not None:  # another process imported it meanwhile
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
    note = "; ".join([*one.plan.notes, *counts.remarks()])
    return FileResult(
        source.path.name, source.sha256, one.importer.name, counts.read, counts.kept, counts.duplicates,
        counts.refused, counts.accounts, note,
    )  # fmt: skip


def _known_already(case: Case, one: _Opened, dry_run: bool) -> FileResult | None:
    """Return the result for a file that the case holds, after logging that it came again; None where it is new."""
    source = one.source
    known = case.has_source(source.sha256)
    if known is None:
        return None
    if not dry_run:
        case.log("import_repeated", {"name": source.path.name, "sha256": source.sha256, "batch": known.batch_id})
    return _repeated(one, known.read, f"already in this case as batch {known.batch_id}; nothing was added")


def _repeated(one: _Opened, read: int, note: str) -> FileResult:
    return FileResult(one.source.path.name, one.source.sha256, one.importer.name, read, 0, read, 0, 0, note)


def _writer(case: Case, source: Source, dry_run: bool) -> AbstractContextManager[Any]:
    if dry_run:
        return nullcontext(_Nowhere())
    return case.new_batch(source.path, source.sha256)


def _commit(writer: Any, one: _Opened, counts: _Counts) -> None:
    """Make the file part of the case."""
    details = {"notes": list(one.plan.notes), **one.plan.facts}
    writer.commit(
        format=one.importer.name,
        read=counts.read,
        duplicates=counts.duplicates,
        details=details,
        kept_accounts=counts.kept_accounts,
    )


def _pour(
    case: Case,
    one: _Opened,
    writer: _Writer,
    counts: _Counts,
    progress: Callable[[str, int, int], None] | None,
) -> None:
    """Write every chunk of a file, without the rows that are known."""
    known = case.known_ids()
    sha256 = one.source.sha256
    seen: set[tuple[str, str]] = set()
    for chunk in one.plan.chunks():
        fresh = _fresh(chunk, known, seen)
        repeated = len(chunk.records) - len(fresh)
        counts.read += chunk.read
        counts.records += len(fresh)
        counts.duplicates += chunk.duplicates + repeated
        counts.kept_accounts += chunk.kept_accounts
        counts.refused += len(chunk.refused)
        counts.add_reasons(refusal.reason for refusal in chunk.refused)
        counts.accounts += len(chunk.accounts)
        tables = {}
        if fresh:
            tables["records"] = records_table(fresh, sha256)
        if chunk.accounts:
            tables["accounts"] = accounts_table(chunk.accounts, sha256)
        if chunk.refused:
            tables["refused"] = refused_table(chunk.refused, sha256)
        if tables:
            writer.write(**tables)
        if progress is not None:
            progress(f"reading {one.source.name}", min(one.source.position, one.source.size), one.source.size)


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


def _fresh(chunk: Chunk, known: set[tuple[str, str]], seen: set[tuple[str, str]]) -> list[Record]:
    """Return the records whose platform and id are new, and remember them."""
    fresh = []
    for record in chunk.records:
        key = (record.platform, record.record_id)
        if key not in known and key not in seen:
            seen.add(key)
            fresh.append(record)
    return fresh
