"""Full-text search in a case, in any way of writing a word: the words are compared by their match keys.

Nukta, joiners, digits of any script, anusvara for a nasal, capital letters make no difference (``text/match_key.py``).
The index is SQLite FTS5 over the keys, kept in ``derived/`` for as long as the same imports are in use; it is read only
where it is the file that the custody log tells of. What is shown comes from the tables, never from the index.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
import unicodedata
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import os_errors, sha256_file, sync_dir, sync_file
from spmc_tools.errors import ParameterError, SpmcError, quote
from spmc_tools.operating_system import remove_tree
from spmc_tools.text.match_key import match_key, match_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from spmc_tools.case.store.tables_in_use import TablesInUse

__all__ = ["COLUMNS", "MADE_WITH", "STAGE", "SearchIndex", "hits_of", "query_of"]

COLUMNS = (
    "record_id", "platform", "account_id", "created_at", "kind", "text", "url", "source_sha256", "source_row",
)  # fmt: skip
"""Columns of the records that a hit shows, with ``time_ist`` and ``source_name`` beside them."""

STAGE = "search"
"""Name of the folder of an index among the results of a case."""

MADE_WITH = {"search": 1, "sqlite": sqlite3.sqlite_version}
"""What an index rests on beside the imports: how it is made, and SQLite's version."""

_NAME = "index.sqlite"
_MOST_WORDS = 30
_CHUNK = 20_000
_ABANDONED_S = 3600.0
_PART = re.compile(r'"([^"]*)"|(\S+)')
_OTHER = ("account_id", "record_id", "surface_id", "mentions", "hashtags", "urls")
_TABLE = (
    "CREATE VIRTUAL TABLE posts USING fts5(text, other, content='', "
    "tokenize = \"unicode61 remove_diacritics 0 categories 'L* M* N* Sc Co'\")"
)


def query_of(words: str, limit: int) -> str:
    """Return what is searched for as an FTS5 query of quoted keys: nothing that was typed is read as its language.

    Parameters
    ----------
    words : str
        Words that must all stand in the post; ``"several words"`` in this order; ``वोट*`` every word that begins so.
        A word is also looked for among the ids, handles, mentions, tags and addresses of the post.
    limit : int
        At most this many hits.

    Raises
    ------
    ParameterError
        Where nothing is left to search for, or no hit is wanted.

    Notes
    -----
    Two words that say different things can have one key (``match_key``). Inflected forms are different words: कार and
    कारें are found together by ``कार*`` only, which also finds कारण.
    """
    if limit < 1:
        raise ParameterError(f"--limit: found {limit}, wanted 1 or more.")
    clauses = []
    for phrase, word in _PART.findall(words):
        prefix = "*" if word.endswith("*") else ""
        raw = phrase or word.rstrip("*")
        found = [("text", match_key(raw)), ("other", _plain(raw))]
        parts = [f'{column} : "{key}"{prefix}' for column, key in found if key]
        if parts:
            clauses.append(f"({' OR '.join(parts)})")
    if not clauses:
        raise ParameterError(f"There is nothing to search for in {quote(words)}; type a word, a handle or an id.")
    if len(clauses) > _MOST_WORDS:
        raise ParameterError(f"A search takes at most {_MOST_WORDS} words, found {len(clauses)}.")
    return " AND ".join(clauses)


def _plain(text: str) -> str:
    """Return ids, handles and addresses as words: letters, marks and digits, in lower case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = re.sub(r"[^\w\u0900-\u097f]|_", " ", folded).split()
    return " ".join(word for word in words if any(map(str.isalnum, word)))  # a mark alone says nothing


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The index of the posts of a case for one state of its imports.

    Attributes
    ----------
    case_folder : pathlib.Path
        Of the case; its name is the case's id.
    folder : pathlib.Path
        In it, where the index lies or will lie.
    """

    case_folder: Path
    folder: Path

    @property
    def file(self) -> Path:
        """Where the index itself lies."""
        return self.folder / _NAME

    @property
    def place(self) -> str:
        """Its folder, relative to the case, as the custody log tells of it."""
        return self.folder.relative_to(self.case_folder).as_posix()

    def ready(self, tables: TablesInUse, logged: Mapping[str, Mapping[str, str]]) -> tuple[str, bool]:
        """Return the SHA-256 of the index, and whether it was made: it is, unless it is the file that was logged.

        Parameters
        ----------
        tables : TablesInUse
            What is indexed.
        logged : mapping
            SHA-256 by name of file of every folder of results that the custody log tells of.

        Raises
        ------
        SpmcError
            Where the index cannot be written; it is there whole or not at all.
        """
        with os_errors(f"The search index of case {self.case_folder.name} cannot be kept"):
            digest = sha256_file(self.file) if self.file.is_file() else None
            if digest is not None and digest == logged.get(self.place, {}).get(_NAME):
                return digest, False
            self._clear(logged)
            return self._build(tables), True

    def found(self, query: str, limit: int) -> tuple[int, list[int]]:
        """Return how many posts match, and the rows of the first of them in the table of records."""
        uri = f"{self.file.resolve().as_uri()}?mode=ro&immutable=1"
        try:
            with closing(sqlite3.connect(uri, uri=True)) as database:
                (total,) = database.execute("SELECT count(*) FROM posts WHERE posts MATCH ?", (query,)).fetchone()
                rows = database.execute(
                    "SELECT row FROM places WHERE nth IN "
                    "(SELECT rowid FROM posts WHERE posts MATCH ? ORDER BY rowid LIMIT ?) ORDER BY nth",
                    (query, limit),
                ).fetchall()
        except sqlite3.Error as error:
            raise SpmcError(f"The search index cannot be read: {quote(error, 120)}.") from None
        return int(total), [int(row) for (row,) in rows]

    def _clear(self, logged: Mapping[str, Mapping[str, str]]) -> None:
        """Take away indexes of other states of the case, and what a killed search left; they can be made again."""
        for other in logged:
            if other.endswith(f"/{STAGE}") and other != self.place:
                remove_tree(self.case_folder / other, ignore_errors=True)
        for part in self.folder.glob(".index-*"):
            with suppress(OSError):
                if time.time() - part.stat().st_mtime > _ABANDONED_S:
                    part.unlink()

    def _build(self, tables: TablesInUse) -> str:
        """Write the index and return its hash; it is there whole or not at all."""
        part = self.folder / f".index-{os.getpid()}.part"
        try:
            part.unlink(missing_ok=True)
            _write(part, tables)
            part.chmod(0o600)
            sync_file(part)
            digest = sha256_file(part)
            part.replace(self.file)
            sync_dir(self.folder)
        except sqlite3.Error as error:
            raise SpmcError(
                f"The search index of case {self.case_folder.name} cannot be written: {quote(error, 120)}."
            ) from None
        finally:
            part.unlink(missing_ok=True)
        return digest


def hits_of(tables: TablesInUse, rows: Sequence[int], total: int) -> pd.DataFrame:
    """Return the posts at these rows of the records, in their order.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`, ``time_ist`` (created_at in India's time) and ``source_name``, the file it came in;
        ``attrs["total"]``: how many there are.
    """
    import pyarrow as pa

    hits: pd.DataFrame = tables.table("records", COLUMNS).take(pa.array(rows, pa.int64())).to_pandas()
    hits.insert(4, "time_ist", hits["created_at"].dt.tz_convert("Asia/Kolkata"))
    names = {batch.source_sha256: batch.source_name for batch in tables.batches}
    hits["source_name"] = hits["source_sha256"].map(names)
    hits.attrs["total"] = total
    return hits


def _write(part: Path, tables: TablesInUse) -> None:
    with closing(sqlite3.connect(part, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(_TABLE)
        database.execute("CREATE TABLE places (nth INTEGER PRIMARY KEY, row INTEGER NOT NULL)")
        database.execute("BEGIN")
        for posts, places in _pieces(tables):
            database.executemany("INSERT INTO posts (rowid, text, other) VALUES (?, ?, ?)", posts)
            database.executemany("INSERT INTO places VALUES (?, ?)", places)
        database.execute("INSERT INTO posts (posts) VALUES ('optimize')")
        database.execute("COMMIT")


def _pieces(tables: TablesInUse) -> Iterator[tuple[list[tuple[int, str, str]], list[tuple[int, int]]]]:
    """Give the posts in order of time, some thousands at once, with their places in the table."""
    import pyarrow.compute as pc

    table = tables.table("records", ["created_at", "platform", "text", *_OTHER])
    keys = [(name, "ascending") for name in ("created_at", "platform", "record_id")]
    order = pc.sort_indices(table, sort_keys=keys)
    handles = _handles(tables)
    for start in range(0, len(order), _CHUNK):
        rows = order.slice(start, _CHUNK)
        piece = table.take(rows)
        columns = [piece[name].to_pylist() for name in _OTHER]
        names = zip(piece["platform"].to_pylist(), columns[0], strict=True)
        shown = [handles.get(who, "") for who in names]
        others = (_plain(" ".join([more, *_flat(values)])) for more, *values in zip(shown, *columns, strict=True))
        texts = match_keys(piece["text"].to_pylist())
        posts = [
            (n, text, other)
            for n, text, other in zip(range(start + 1, start + 1 + len(rows)), texts, others, strict=True)
        ]
        yield posts, [(start + 1 + n, row) for n, row in enumerate(rows.to_pylist())]


def _flat(values: Sequence[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from (str(item) for item in value if item)
        elif value:
            yield str(value)


def _handles(tables: TablesInUse) -> dict[tuple[str, str], str]:
    """Return every handle that an account was seen with."""
    table = tables.table("accounts", ["platform", "account_id", "handle", "display_name"])
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in table.to_pylist():
        seen = found.setdefault((row["platform"], row["account_id"]), {})
        seen.update(dict.fromkeys(name for name in (row["handle"], row["display_name"]) if name))
    return {who: " ".join(names) for who, names in found.items()}
