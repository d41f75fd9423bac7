"""What is done in the cage: a received file is recognised and read, and its rows are given as tables.

Each function is a generator of frames, called by its name through :mod:`spmc_tools.cage.cage`. It asks no case.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools.cage.answer_frames import Frame
from spmc_tools.errors import FormatError, SpmcError
from spmc_tools.importers.engine.importer import Options
from spmc_tools.importers.engine.media_files import MediaFiles, Tally
from spmc_tools.importers.engine.received_rows import tables_of
from spmc_tools.importers.engine.repost_key import repost_keys
from spmc_tools.importers.files.read import JSON_FORMS, Source
from spmc_tools.importers.files.table_files import open_table
from spmc_tools.importers.files.unpack import CutShortError
from spmc_tools.importers.importer_catalogue import choose, sample_of
from spmc_tools.importers.mapping.mapped_table import MAPPED_TABLE
from spmc_tools.importers.mapping.propose import propose
from spmc_tools.importers.mapping.same_names import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.importer import Importer, Plan
    from spmc_tools.importers.fields.rows import Record

__all__ = ["NEEDS", "first_records", "first_rows", "options_of", "propose_mapping", "read_received", "said_of"]


NEEDS = ("pandas",)
"""What Arrow loads with its first array; the warden loads it once."""


def said_of(options: Options) -> dict[str, Any]:
    """Return options as JSON holds them; :func:`options_of` reads them."""
    return {
        "mapping": None if options.mapping is None else str(options.mapping),
        "tz": options.tz,
        "date_order": options.date_order,
        "accept_guess": options.accept_guess,
        "saved": None if options.saved is None else str(options.saved),
    }


def options_of(said: dict[str, Any]) -> Options:
    """Return options out of their JSON."""
    paths = {name: None if said[name] is None else Path(said[name]) for name in ("mapping", "saved")}
    return Options(**(said | paths))


def read_received(
    path: str, sha256: str, format: str | None, options: dict[str, Any], media: str | None
) -> Iterator[Frame]:
    """Give the importer of a file and its remarks; then its chunks; then what is known at its end.

    Raises
    ------
    FormatError, MappingError
        Where it cannot be read.
    """
    given = options_of(options)
    with Source(Path(path), sha256) as source, _collector_at_rest():
        chosen, plan = _recognised(source, given, format)
        yield Frame({"opened": {"importer": chosen.name, "notes": plan.notes, "facts": plan.facts}})
        try:
            yield from _chunks(source, plan, None if media is None else MediaFiles(Path(media)))
        except CutShortError as error:
            raise FormatError(
                f"{error} after {source.rows_seen:,} readable rows; nothing of it was imported; ask for the file again."
            ) from error
        except OSError as error:
            raise FormatError(f"{source.name} could not be imported: {error.strerror or error}.") from error
        except UnicodeDecodeError as error:
            raise FormatError(f"{source.name} changed while it was read; nothing of it was imported.") from error


def first_records(path: str, options: dict[str, Any], n: int) -> Iterator[Frame]:
    """Give the importer that fits a file, and its first posts as they would be kept."""
    with Source(Path(path)) as source:
        chosen, plan = _recognised(source, options_of(options), None)
        found: list[Record] = []
        for chunk in plan.chunks():
            found += chunk.records[: n - len(found)]
            if len(found) >= n:
                break
        yield Frame({"importer": chosen.name, "records": found})


def first_rows(path: str, n: int) -> Iterator[Frame]:
    """Give the column names (or keys) of a file and its first rows."""
    with Source(Path(path)) as source:
        if source.form.startswith("chat_"):
            with source.text() as stream:
                found = [[line.strip()] for line, _ in zip(stream, range(n), strict=False)]
            yield Frame({"columns": ["line"], "rows": found})
            return
        if source.form in JSON_FORMS:
            sample = sample_of(source, Options())
            rows = [[row.get(key) for key in sample.fields] for row in sample.rows[:n]]
            yield Frame({"columns": list(sample.fields), "rows": rows})
            return
        table = open_table(source)
        piece = next(iter(table.pieces()), None)
        columns = [] if piece is None else [list(piece.columns[i][:n]) for i in sorted(piece.columns)]
        kept = (str, int, float, bool, type(None))  # JSON knows no dates
        cells = [[c if isinstance(c, kept) else str(c) for c in row] for row in zip(*columns, strict=False)]
        yield Frame({"columns": list(numbered(table.header)), "rows": cells})


def propose_mapping(path: str, options: dict[str, Any]) -> Iterator[Frame]:
    """Give the mapping that is proposed for a table; None for a file that an importer knows by itself."""
    given = options_of(options)
    with Source(Path(path)) as source:
        sample = sample_of(source, given)
        try:
            known = choose(source, sample, given, None) is not MAPPED_TABLE
        except SpmcError:
            if source.form not in MAPPED_TABLE.forms:
                raise
            known = False
        found = None if known else asdict(propose(source, given.saved))
        if found is not None:
            found["saved"] = None if found["saved"] is None else str(found["saved"])
        yield Frame({"proposal": found})


def _recognised(source: Source, options: Options, name: str | None) -> tuple[Importer, Plan]:
    try:
        sample = sample_of(source, options)
        chosen = choose(source, sample, options, name)
        plan = chosen.plan(source, sample, options)
    except CutShortError as error:
        raise FormatError(f"{error}, no row of it can be read; ask for the file again.") from error
    if unused := [option for option in options.given() if option not in chosen.options]:
        plan.notes.append(f"not needed for this format: {', '.join(unused)}")
    if "--accept-guess" in chosen.options and options.accept_guess and options.mapping is not None:
        plan.notes.append("not needed beside --map: --accept-guess")
    return chosen, plan


def _chunks(source: Source, plan: Plan, media: MediaFiles | None) -> Iterator[Frame]:
    tally, derived = Tally(), 0
    for chunk in plan.chunks():
        if media is not None:
            chunk.records = media.filled(chunk.records, tally)
        derived += repost_keys(chunk.records)
        counts = {"read": chunk.read, "kept_accounts": chunk.kept_accounts, "duplicates": chunk.duplicates}
        yield Frame({"chunk": counts, "position": min(source.position, source.size)}, tables_of(chunk))
    found = {"facts": tally.facts(), "remark": tally.remark()} if media is not None else None
    yield Frame({"end": {"notes": plan.notes, "facts": plan.facts, "derived": derived, "media": found}})


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
