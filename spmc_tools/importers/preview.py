"""What is shown of a received file before it is imported; it is read in the cage, and no case is asked or changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools.cage.cage import answer_of, limits_for
from spmc_tools.case.log.outside_log import refusals_noted
from spmc_tools.case.store.case_folder import cases_dir
from spmc_tools.importers.fields.rows import Record
from spmc_tools.importers.files.received_file import ReceivedFile
from spmc_tools.importers.importer_catalogue import importer
from spmc_tools.importers.mapping.mapping import KindRule, Mapping, TimeSpec
from spmc_tools.importers.mapping.propose import Proposal
from spmc_tools.importers.read_received import said_of

if TYPE_CHECKING:
    from spmc_tools.importers.engine.importer import Importer, Options

__all__ = ["first_records", "first_rows", "proposed_mapping"]

_READ = "spmc_tools.importers.read_received"


def _answer(work: str, path: Path, **arguments: Any) -> dict[str, Any]:
    # whether it can be read at all, its hash not asked
    with refusals_noted(cases_dir(), path, "preview"), ReceivedFile(path, sha256="-") as file:
        return answer_of(f"{_READ}:{work}", {"path": str(path), **arguments}, limits_for(file.size), file.name)


def first_records(path: Path, options: Options, n: int = 5) -> tuple[Importer, list[Record]]:
    """Return the importer that fits a file, and the first posts as they would be kept.

    Raises
    ------
    InputError
        As :func:`~spmc_tools.importers.import_files.import_files`.
    """
    found = _answer("first_records", Path(path), options=said_of(options), n=n)
    return importer(found["importer"]), [Record(*fields) for fields in found["records"]]


def first_rows(path: Path, n: int = 5) -> tuple[list[str], list[list[object]]]:
    """Return the column names (or keys) and the first rows of a received file.

    Raises
    ------
    InputError
        Where the file cannot be read.
    """
    found = _answer("first_rows", Path(path), n=n)
    return list(found["columns"]), [list(row) for row in found["rows"]]


def proposed_mapping(path: Path, options: Options) -> Proposal | None:
    """Return the mapping that is proposed for a table; None for a file that an importer knows by itself.

    Raises
    ------
    InputError
        Where the file cannot be read.
    """
    told = _answer("propose_mapping", Path(path), options=said_of(options))["proposal"]
    if told is None:
        return None
    lists = {name: tuple(told[name]) for name in ("header", "by_content", "renamed", "doubts", "unused")}
    saved = None if told["saved"] is None else Path(told["saved"])
    return Proposal(**(told | lists | {"mapping": _mapping(told["mapping"]), "saved": saved}))


def _mapping(told: dict[str, Any]) -> Mapping:
    headers = {part: {name: tuple(of) for name, of in told[part].items()} for part in ("columns", "accounts")}
    times = {name: TimeSpec(**spec) for name, spec in told["times"].items()}
    kinds = tuple(KindRule(rule["kind"], rule["column"], tuple(rule["equals"])) for rule in told["kinds"])
    return Mapping(**(told | headers | {"times": times, "kinds": kinds, "missing": tuple(told["missing"])}))
