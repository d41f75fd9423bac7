"""The mapping that is proposed for a table: saved for these columns, else by their names, else by their values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.errors import SpmcError
from spmc_tools.importers.files.table_files import open_table
from spmc_tools.importers.mapping.content import by_content
from spmc_tools.importers.mapping.guess import guess
from spmc_tools.importers.mapping.mapping import Mapping, load_mapping, to_toml
from spmc_tools.importers.mapping.same_names import numbered, said_of_same_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from spmc_tools.importers.files.read import Source

__all__ = ["SAVED", "Proposal", "propose", "save_mapping", "saved_path"]

SAVED = ".mappings"
"""Folder of saved mappings, in the folder of cases."""

_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping, where it was saved (None: it is new), and the fields that only the values of a column suggest.

    ``header``: the columns as a mapping calls them; ``same_names``: what is to be said where several have one name;
    ``renamed``: what these are called.
    """

    mapping: Mapping
    header: tuple[str, ...]
    saved: Path | None = None
    by_content: tuple[str, ...] = field(default=())
    same_names: str = ""
    renamed: tuple[str, ...] = ()


def saved_path(folder: Path, header: Sequence[str]) -> Path:
    """Return where the mapping of a table with these columns is saved, whatever their order."""
    text = json.dumps(sorted(header), ensure_ascii=True)
    return folder / f"{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:16]}.toml"


def save_mapping(folder: Path, header: Sequence[str], mapping: Mapping) -> Path:
    """Keep a mapping for the next table with these columns, and return its path.

    Raises
    ------
    SpmcError
        Where it cannot be written.
    """
    path = saved_path(folder, header)
    with os_errors("The mapping cannot be saved"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_file(path, to_toml(mapping).encode("utf-8", "backslashreplace"))
    return path


def propose(source: Source, folder: Path | None = None) -> Proposal:
    """Return the mapping that is proposed for a table; it may lack what nothing suggests.

    Parameters
    ----------
    source : Source
        The table.
    folder : pathlib.Path, optional
        Where mappings are saved.
    """
    table = open_table(source)
    header, twice = numbered(table.header), said_of_same_names(table.header)
    renamed = tuple(new for new, old in zip(header, table.header, strict=True) if new != old)
    if folder is not None and (path := saved_path(folder, header)).is_file():
        try:
            saved = load_mapping(path)
            saved.require_header(header, source.name)
            return Proposal(saved, header, path, same_names=twice, renamed=renamed)
        except SpmcError:  # somebody edited it: propose anew
            pass
    piece = next(iter(table.pieces()), None)
    cells: dict[str, list[str]] = {}
    if piece is not None:
        for i, name in enumerate(header):
            cells[name] = [str(cell) for cell in piece.columns[i][:_ROWS] if cell is not None]
    found = guess(header, cells)
    lacking = {"record_id", "account_id", "created_at", "text", "url"} - found.columns.keys()
    if not {"account_id", "created_at"} & lacking:
        return Proposal(found, header, same_names=twice, renamed=renamed)
    more = {name: column for name, column in by_content(cells, found.headers()).items() if name in lacking}
    columns = {**found.columns, **{name: (column,) for name, column in more.items()}}
    return Proposal(replace(found, columns=columns), header, by_content=tuple(more), same_names=twice, renamed=renamed)
