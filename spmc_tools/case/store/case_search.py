"""Full-text search in a case, in any way of writing a word: the words are compared by their match keys.

Nukta, joiners, digits of any script, anusvara for a nasal, capital letters make no difference (``text/match_key.py``).
The index is SQLite FTS5 over the keys, kept in ``derived/`` for as long as the same imports are in use; it is read only
where it is the file that the custody log tells of. What is shown comes from the tables, never from the index.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
import unicodedata
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import os_errors, sha256_file, sync_dir, sync_file
from spmc_tools.errors import ParameterError, SpmcError, quote
from spmc_tools.text.match_key import match_key, match_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from spmc_tools.case.store.case import Case

__all__ = ["COLUMNS", "search"]

COLUMNS = (
    "record_id", "platform", "account_id", "created_at", "kind", "text", "url", "source_sha256", "source_row",
)  # fmt: skip
"""Columns of the records that a hit shows, with ``time_ist`` and ``source_name`` beside them."""

_NAME = "index.sqlite"
_STAGE = "search"
_VERSION = 1
_MOST_WORDS = 30
_CHUNK = 20_000
_ABANDONED_S = 3600.0
_PART = re.compile(r'"([^"]*)"|(\S+)')
_OTHER = ("account_id", "record_id", "surface_id", "mentions", "hashtags", "urls")
_TABLE = (
    "CREATE VIRTUAL TABLE posts USING fts5(text, other, content='', "
    "tokenize = \"unicode61 remove_diacritics 0 categories 'L* M* N* Sc Co'\")"
)


def search(case: Case, words: str, limit: int = 50) -> pd.DataFrame:
    """Return the posts that hold all the words, earliest first.

    Parameters
    ----------
    case : Case
        Where to look: the records of the imports in use.
    words : str
        Words that must all stand in the post; ``"several words"`` in this order; ``वोट*`` every word that begins so.
        A word is also looked for among the ids, handles, mentions, tags and addresses of the post.
    limit : int
        At most this many; ``hits.attrs["total"]`` says how many there are.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`, ``time_ist`` (created_at in India's time) and ``source_name``, the file it came in.

    Raises
    ------
    ParameterError
        Where nothing is left to search for.
    CaseError, IntegrityError
        Where the case cannot be written (the index is kept, the search is logged), or its log is broken.

    Notes
    -----
    Two words that say different things can have one key (``match_key``). Inflected forms are different words: कार and
    कारें are found together by ``कार*`` only, which also finds कारण.
    """
    if limit < 1:
        raise ParameterError(f"--limit: found {limit}, wanted 1 or more.")
    query = _query(words)
    folder = case.derived_dir(_STAGE, {"search": _VERSION, "sqlite": sqlite3.sqlite_version})
    place = folder.relative_to(case.path).as_posix()
    index = folder / _NAME
    told = case.results_logged().get(place, {}).get(_NAME)
    with os_errors(f"The search index of case {case.id} cannot be kept"):
        digest = sha256_file(index) if index.is_file() else None
        made = digest is None or digest != told
        if made:
            _clear(case, place, folder)
            digest = _build(case, index)
    total, rows = _found(index, query, limit)
    case.log(
        "search",
        {"words": words.strip(), "hits": total, "derived": place, "results": {_NAME: digest}, "made": made},
    )
    return _hits(case, rows, total)


def _query(words: str) -> str:
    """Return the words as an FTS5 query of quoted keys: nothing that was typed is read as its language."""
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


def _clear(case: Case, place: str, folder: Path) -> None:
    """Take away indexes of other states of the case, and what a killed search left; they can be made again."""
    for other in case.results_logged():
        if other.endswith(f"/{_STAGE}") and other != place:
            shutil.rmtree(case.path / other, ignore_errors=True)
    for part in folder.glob(".index-*"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > _ABANDONED_S:
                part.unlink()


def _build(case: Case, index: Path) -> str:
    """Write the index and return its hash; it is there whole or not at all."""
    part = index.with_name(f".index-{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(part, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = OFF")
            database.execute("PRAGMA synchronous = OFF")
            database.execute(_TABLE)
            database.execute("CREATE TABLE places (nth INTEGER PRIMARY KEY, row INTEGER NOT NULL)")
            database.execute("BEGIN")
            for posts, places in _pieces(case):
                database.executemany("INSERT INTO posts (rowid, text, other) VALUES (?, ?, ?)", posts)
                database.executemany("INSERT INTO places VALUES (?, ?)", places)
            database.execute("INSERT INTO posts (posts) VALUES ('optimize')")
            database.execute("COMMIT")
        part.chmod(0o600)
        sync_file(part)
        digest = sha256_file(part)
        part.replace(index)
        sync_dir(index.parent)
    except sqlite3.Error as error:
        raise SpmcError(f"The search index of case {case.id} cannot be written: {quote(error, 120)}.") from None
    finally:
        part.unlink(missing_ok=True)
    return digest


def _pieces(case: Case) -> Iterator[tuple[list[tuple[int, str, str]], list[tuple[int, int]]]]:
    """Give the posts in order of time, some thousands at once, with their places in the table."""
    import pyarrow.compute as pc

    table = case.table("records", ["created_at", "platform", "text", *_OTHER])
    keys = [(name, "ascending") for name in ("created_at", "platform", "record_id")]
    order = pc.sort_indices(table, sort_keys=keys)
    handles = _handles(case)
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
            yield from (str(one) for one in value if one)
        elif value:
            yield str(value)


def _handles(case: Case) -> dict[tuple[str, str], str]:
    """Return every handle that an account was seen with."""
    table = case.table("accounts", ["platform", "account_id", "handle", "display_name"])
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in table.to_pylist():
        seen = found.setdefault((row["platform"], row["account_id"]), {})
        seen.update(dict.fromkeys(name for name in (row["handle"], row["display_name"]) if name))
    return {who: " ".join(names) for who, names in found.items()}


def _found(index: Path, query: str, limit: int) -> tuple[int, list[int]]:
    """Return how many posts match, and the places of the first of them."""
    uri = f"{index.resolve().as_uri()}?mode=ro&immutable=1"
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


def _hits(case: Case, rows: list[int], total: int) -> pd.DataFrame:
    import pyarrow as pa

    table: pa.Table = case.table("records", COLUMNS).take(pa.array(rows, pa.int64()))
    hits: pd.DataFrame = table.to_pandas()
    hits.insert(4, "time_ist", hits["created_at"].dt.tz_convert("Asia/Kolkata"))
    names = {batch.source_sha256: batch.source_name for batch in case.batches()}
    hits["source_name"] = hits["source_sha256"].map(names)
    hits.attrs["total"] = total
    return hits
