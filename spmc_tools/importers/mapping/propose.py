"""The mapping that is proposed for a table: saved for these columns, else by their names, else by their values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.errors import SpmcError
from spmc_tools.importers.fields.post_links import author_of, platform_of
from spmc_tools.importers.files.table_files import open_table
from spmc_tools.importers.mapping.content import by_content
from spmc_tools.importers.mapping.guess import OWN_TIME, WEAK_ACCOUNT, guess, plain_name
from spmc_tools.importers.mapping.mapping import Mapping, load_mapping, to_toml
from spmc_tools.importers.mapping.same_names import numbered, said_of_same_names
from spmc_tools.importers.mapping.table_kind import is_enumeration, is_time_like, kind_of

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
    ``renamed``: what these are called. ``kind``: what a row is, one of
    :data:`~spmc_tools.importers.mapping.table_kind.TABLE_KINDS`; ``doubts``: what names and values leave open, of
    ``account``, ``time`` and ``kind``; ``unused``: columns that the mapping does not name.
    """

    mapping: Mapping
    header: tuple[str, ...]
    saved: Path | None = None
    by_content: tuple[str, ...] = field(default=())
    same_names: str = ""
    renamed: tuple[str, ...] = ()
    kind: str = "posts"
    doubts: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


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
    more: dict[str, str] = {}
    lacking = {"record_id", "account_id", "created_at", "text", "url"} - found.columns.keys()
    if {"account_id", "created_at"} & lacking:
        more = {name: column for name, column in by_content(cells, found.headers()).items() if name in lacking}
        found = replace(found, columns={**found.columns, **{name: (column,) for name, column in more.items()}})
    if "account_id" not in found.columns and (address := _names_authors(found, cells)):
        more["account_id"] = address
        found = replace(found, columns={**found.columns, "account_id": (address,)})
    if found.constants.get("platform") == "unknown" and "url" in more:
        found = replace(found, constants={**found.constants, "platform": _platform_of(cells[more["url"]])})
    kind = kind_of([plain_name(name) for name in header], cells, found.columns)
    doubts = [
        *(["account"] if _account_is_doubtful(found, cells, more) else []),
        *(["time"] if _time_is_doubtful(found, cells, more) else []),
        *([] if kind == "posts" else ["kind"]),
    ]
    used = set(found.headers())
    unused = tuple(name for name in header if name and name not in used)
    return Proposal(
        found,
        header,
        None,
        tuple(more),
        same_names=twice,
        renamed=renamed,
        kind=kind,
        doubts=tuple(doubts),
        unused=unused,
    )


def _names_authors(found: Mapping, cells: dict[str, list[str]]) -> str | None:
    """Return a column of addresses of posts that hold the user name, where no column names the account."""
    for header in found.columns.get("url", ()):
        values = [cell for cell in cells.get(header, ()) if cell.strip()]
        if values and all(map(author_of, values)):
            return header
    return None


def _platform_of(addresses: Sequence[str]) -> str:
    platforms = {platform_of(one) for one in addresses if one.strip()}
    return platforms.pop() or "unknown" if len(platforms) == 1 else "unknown"


_PAGES = frozenset({"pagename", "channelname", "screenname", "username", "userscreenname", "accountname", "pagetitle"})
"""Names of accounts that few accounts can fill many rows with."""


def _account_is_doubtful(found: Mapping, cells: dict[str, list[str]], by_values: dict[str, str]) -> bool:
    """Whether the column of the account rests on a name or on values alone."""
    for header in found.columns.get("account_id", ()):
        name = plain_name(header)
        alone = not {"handle", "display_name"} & found.accounts.keys()
        weak = name in WEAK_ACCOUNT and alone
        strong = name in _PAGES or name.endswith(("id", "idstr", "handle", "आईडी"))
        few = not strong and is_enumeration([cell for cell in cells.get(header, ()) if cell.strip()])
        return "account_id" in by_values or weak or few
    return True


def _time_is_doubtful(found: Mapping, cells: dict[str, list[str]], by_values: dict[str, str]) -> bool:
    """Whether the column of the time can be another's, as of the day of collection."""
    for header in found.columns.get("created_at", ()):
        values = [cell for cell in cells.get(header, ()) if cell.strip()]
        used = set(found.headers())
        others = any(
            sum(map(is_time_like, column)) * 2 > len(column)
            for name, column in cells.items()
            if name not in used and any(map(str.strip, column))
        )
        joined = len(found.columns["created_at"]) > 1
        one_day = not joined and len(values) > 2 and len(set(values)) == 1 and ":" not in values[0]
        return "created_at" in by_values or (plain_name(header) in OWN_TIME and (others or one_day))
    return True
