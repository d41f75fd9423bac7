"""Full-text search in a case, in any way of writing a word: the words are compared by their match keys.

Nukta, joiners, digits of any script, anusvara for a nasal, capital letters make no difference (``text/match_key.py``),
and a word is found in every script by its sound (``text/skeleton.py``): the index holds the sounds of its own words.
The index is SQLite FTS5 over the keys, kept in ``derived/`` for as long as the same imports are in use; it is read only
where it is the file that the custody log tells of. What is shown comes from the tables, never from the index.
"""

from __future__ import annotations

import os
import sqlite3
import time
import unicodedata
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from spmc_tools.case.files.durable import os_errors, sha256_file, sync_dir, sync_file
from spmc_tools.errors import IntegrityError, ParameterError, SpmcError, quote
from spmc_tools.operating_system import remove_tree
from spmc_tools.schema import KINDS
from spmc_tools.text.match_key import match_keys
from spmc_tools.text.search.search_query import fts_query, plain_words, search_query, wanted
from spmc_tools.text.search.sound_vocabulary import TABLE, SoundVocabulary, rows_of
from spmc_tools.text.search.word_marks import places_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from spmc_tools.case.store.tables_in_use import TablesInUse
    from spmc_tools.text.search.search_query import Query, Words

__all__ = [
    "COLUMNS",
    "MADE_WITH",
    "STAGE",
    "Found",
    "Order",
    "PostFilter",
    "SearchIndex",
    "hits_of",
    "typed_day",
]

COLUMNS = (
    "record_id", "platform", "account_id", "created_at", "kind", "text", "url", "source_sha256", "source_row",
)  # fmt: skip
"""Columns of the records that a hit shows, with ``time_ist`` and ``source_name`` beside them."""

STAGE = "search"
"""Name of the folder of an index among the results of a case."""

MADE_WITH = {"search": 2, "sqlite": sqlite3.sqlite_version}
"""What an index rests on beside the imports: how it is made, and SQLite's version."""

Order = Literal["time", "rarity"]
"""Earliest first, or those first that hold rare words, and hold them often."""

_NAME = "index.sqlite"
_CHUNK = 20_000
_ABANDONED_S = 3600.0
_INDIA = ZoneInfo("Asia/Kolkata")
_ORDERS = {"time": "places.nth", "rarity": "posts.rank, places.nth"}
_OTHER = ("account_id", "record_id", "surface_id", "mentions", "hashtags", "urls")
_TABLES = (
    "CREATE TABLE places (nth INTEGER PRIMARY KEY, row INTEGER NOT NULL, who INTEGER, kind TEXT NOT NULL, "
    "at INTEGER NOT NULL, media INTEGER NOT NULL)",
    "CREATE TABLE names (who INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (name, who)) WITHOUT ROWID",
    TABLE,
)
_TABLE = (
    "CREATE VIRTUAL TABLE posts USING fts5(text, other, content='', "
    "tokenize = \"unicode61 remove_diacritics 0 categories 'L* M* N* Sc Co'\")"
)


@dataclass(frozen=True, slots=True)
class PostFilter:
    """Which posts a search is for; what is None narrows nothing.

    Attributes
    ----------
    account : str, optional
        Id, handle or shown name of the account that posted, with or without ``@``.
    kind : str, optional
        One of :data:`~spmc_tools.schema.KINDS`.
    first_day, last_day : datetime.date, optional
        Days in India, both inclusive.
    with_media : bool
        Only posts with a picture or film.
    """

    account: str | None = None
    kind: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    with_media: bool = False

    def __post_init__(self) -> None:
        if self.kind is not None and self.kind not in KINDS:
            raise ParameterError(f"--kind: found {quote(self.kind)}, wanted one of {', '.join(KINDS)}.")
        if self.first_day is not None and self.last_day is not None and self.first_day > self.last_day:
            raise ParameterError(
                f"The first day, {self.first_day}, lies after the last, {self.last_day}; type the earlier one first.",
                key="search_days",
                first=str(self.first_day),
                last=str(self.last_day),
            )

    def as_logged(self) -> dict[str, str | bool]:
        """Return what narrows the search, as the custody log tells of it."""
        return {name: value if value is True else str(value) for name, value in asdict(self).items() if value}

    def condition(self) -> tuple[str, list[str | int]]:
        """Return it as a condition of SQL on the table ``places``, with its values."""
        parts: list[str] = []
        values: list[str | int] = []
        if self.account is not None:
            parts.append("places.who IN (SELECT who FROM names WHERE name = ?)")
            values.append(_name(self.account))
        if self.kind is not None:
            parts.append("places.kind = ?")
            values.append(self.kind)
        if self.first_day is not None:
            parts.append("places.at >= ?")
            values.append(_midnight_us(self.first_day))
        if self.last_day is not None:
            parts.append("places.at < ?")
            values.append(_midnight_us(self.last_day + timedelta(days=1)))
        if self.with_media:
            parts.append("places.media = 1")
        return "".join(f" AND {part}" for part in parts), values


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for; :func:`hits_of` says which columns the answer has.

    Attributes
    ----------
    words : str
        Words that must all be there, ``"in this order"``, ``begin*``, ``OR``, ``NOT``, ``NEAR/8``, brackets,
        handles, ids: :func:`~spmc_tools.text.search.search_query.search_query`.
    limit : int
        At most this many posts are shown.
    only : PostFilter
        Of which posts.
    by_sound : bool
        Whether a word is also found in other scripts and spellings.
    order : {"time", "rarity"}
        Earliest first, or those first that hold rare words, and hold them often (BM25).
    query : Query
        The words, read.

    Raises
    ------
    ParameterError
        Where nothing is left to search for, or a value is none of those wanted.
    """

    words: str
    limit: int = 50
    only: PostFilter = PostFilter()
    by_sound: bool = True
    order: Order = "time"
    query: Query = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "query", search_query(self.words))
        if self.limit < 1:
            raise ParameterError(f"--limit: found {self.limit}, wanted 1 or more.")
        if self.order not in _ORDERS:
            raise ParameterError(f"--order: found {quote(self.order)}, wanted one of {', '.join(_ORDERS)}.")


@dataclass(frozen=True, slots=True)
class Found:
    """What an index answers.

    Attributes
    ----------
    total : int
        How many posts there are.
    rows : list of int
        Of the first of them in the table of records.
    typed, sounds, beginnings : frozenset of str
        Match keys that were searched for: as typed, further ones by their sound, those that may go on.
    left_out : dict
        By word: how many further ways of writing it, all rarer, were not searched for.
    """

    total: int
    rows: list[int]
    typed: frozenset[str]
    sounds: frozenset[str]
    beginnings: frozenset[str]
    left_out: dict[str, int]


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

    def hits(
        self, search: Search, tables: TablesInUse, logged: Mapping[str, Mapping[str, str]]
    ) -> tuple[pd.DataFrame, dict[str, Any]]:
        """Return the posts that a search finds, see :func:`hits_of`, and what the custody log is to tell of it."""
        digest, made = self.ready(tables, logged)
        found = self.found(search)
        narrowed = search.only.as_logged() | ({} if search.by_sound else {"as_typed": True})
        told = {"derived": self.place, "results": {self.file.name: digest}, "made": made}
        return hits_of(tables, found), {"words": search.words.strip(), "hits": found.total, **narrowed, **told}

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
            digest = logged.get(self.place, {}).get(_NAME)
            if digest is not None:
                with suppress(IntegrityError):  # another file, or none: it is made again
                    tables.files.path({"path": f"{self.place}/{_NAME}", "sha256": digest})
                    return digest, False
            self._clear(logged)
            return self._build(tables), True

    def found(self, search: Search) -> Found:
        """Return how many posts match, and the rows of the first of them in the table of records."""
        condition, values = search.only.condition()
        uri = f"{self.file.resolve().as_uri()}?mode=ro&immutable=1"
        try:
            with closing(sqlite3.connect(uri, uri=True)) as database:
                vocabulary = SoundVocabulary(database)
                variants = vocabulary.variants if search.by_sound else _as_typed
                matched = ["posts MATCH ?", fts_query(search.query, variants)]
                posts = "posts JOIN places ON places.nth = posts.rowid" if condition else "posts"
                (total,) = database.execute(
                    f"SELECT count(*) FROM {posts} WHERE {matched[0]}{condition}",
                    (matched[1], *values),
                ).fetchone()
                rows = database.execute(
                    "SELECT places.row FROM posts JOIN places ON places.nth = posts.rowid "
                    f"WHERE {matched[0]}{condition} ORDER BY {_ORDERS[search.order]} LIMIT ?",
                    (matched[1], *values, search.limit),
                ).fetchall()
                parts = list(wanted(search.query))
                every = {key for part in parts for key in variants(part)}
        except sqlite3.Error as error:
            raise SpmcError(f"The search index cannot be read: {quote(error, 120)}.") from None
        typed = {part.key for part in parts if part.key}
        beginnings = {part.key for part in parts if part.begins and part.key}
        return Found(
            int(total), [int(row) for (row,) in rows], frozenset(typed), frozenset(every - typed),
            frozenset(beginnings), vocabulary.left_out,
        )  # fmt: skip

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


def hits_of(tables: TablesInUse, found: Found) -> pd.DataFrame:
    """Return the posts that were found, in their order.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`, ``time_ist`` (created_at in India's time), ``source_name`` (the file it came in), ``how``:
        "typed", "sound" (a word stands there in another script or spelling) or "other" (in an id, handle, tag or
        address), ``matched`` (the words as they stand there), ``places`` (from and to of each, in code points of
        ``text``);
        ``attrs["total"]``: how many there are; ``attrs["left_out"]``: see :class:`Found`.
    """
    import pandas as pd

    hits: pd.DataFrame = tables.records_at(found.rows, COLUMNS).to_pandas()
    hits.insert(4, "time_ist", hits["created_at"].dt.tz_convert("Asia/Kolkata"))
    names = {batch.source_sha256: batch.source_name for batch in tables.batches}
    hits["source_name"] = hits["source_sha256"].map(names)
    texts = [text if isinstance(text, str) else "" for text in hits["text"]]
    as_typed = [places_of(text, found.typed, found.beginnings) for text in texts]
    every = [places_of(text, found.typed | found.sounds, found.beginnings) for text in texts]
    hits["how"] = [
        "other" if not both else "typed" if both == typed else "sound"
        for typed, both in zip(as_typed, every, strict=True)
    ]
    hits["matched"] = [
        ", ".join(dict.fromkeys(text[start:end] for start, end in places))
        for text, places in zip(texts, every, strict=True)
    ]
    hits["places"] = pd.Series(every, index=hits.index, dtype=object)
    hits.attrs["total"], hits.attrs["left_out"] = found.total, dict(found.left_out)
    return hits


def typed_day(name: str, typed: str | None) -> date | None:
    """Return a day that was typed as 2025-11-03, None where nothing was.

    Raises
    ------
    ParameterError
        Where it is no such day; the sentence begins with ``name``.
    """
    if not typed or not typed.strip():
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise ParameterError(f"{name}: found {quote(typed)}, wanted a day as 2025-11-03.") from None


def _as_typed(words: Words) -> tuple[str, ...]:
    return (words.key,) if words.key else ()


def _name(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).strip().removeprefix("@").casefold()


def _midnight_us(day: date) -> int:
    at = datetime.combine(day, datetime.min.time(), _INDIA)
    return int(at.timestamp()) * 1_000_000


def _write(part: Path, tables: TablesInUse) -> None:
    with closing(sqlite3.connect(part, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(_TABLE)
        for table in _TABLES:
            database.execute(table)
        database.execute("BEGIN")
        names = _names(tables)
        numbers = {who: n for n, who in enumerate(names)}
        database.executemany(
            "INSERT INTO names VALUES (?, ?)",
            ((n, name) for who, n in numbers.items() for name in {_name(who[1]), *map(_name, names[who])}),
        )
        for posts, places in _pieces(tables, names, numbers):
            database.executemany("INSERT INTO posts (rowid, text, other) VALUES (?, ?, ?)", posts)
            database.executemany("INSERT INTO places VALUES (?, ?, ?, ?, ?, ?)", places)
        database.execute("INSERT INTO posts (posts) VALUES ('optimize')")
        database.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, posts, col)")
        words = database.execute("SELECT term, doc FROM temp.words WHERE col = 'text'")
        database.executemany("INSERT OR IGNORE INTO sounds VALUES (?, ?, ?, ?)", rows_of(words.fetchall()))
        database.execute("COMMIT")


def _pieces(
    tables: TablesInUse, names: Mapping[tuple[str, str], list[str]], numbers: Mapping[tuple[str, str], int]
) -> Iterator[tuple[list[tuple[int, str, str]], list[tuple[int, int, int | None, str, int, bool]]]]:
    """Give the posts in order of time, some thousands at once, with their places in the table."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = tables.table("records", ["created_at", "platform", "kind", "text", "media", *_OTHER])
    keys = [(name, "ascending") for name in ("created_at", "platform", "record_id")]
    order = pc.sort_indices(table, sort_keys=keys)
    for start in range(0, len(order), _CHUNK):
        rows = order.slice(start, _CHUNK)
        piece = table.take(rows)
        columns = [piece[name].to_pylist() for name in _OTHER]
        who = list(zip(piece["platform"].to_pylist(), columns[0], strict=True))
        shown = [" ".join(names.get(account, ())) for account in who]
        others = (plain_words(" ".join([more, *_flat(values)])) for more, *values in zip(shown, *columns, strict=True))
        texts = match_keys(piece["text"].to_pylist())
        numbered = range(start + 1, start + 1 + len(rows))
        at = piece["created_at"].cast(pa.int64()).to_pylist()
        media = pc.fill_null(pc.greater(pc.list_value_length(piece["media"]), 0), fill_value=False).to_pylist()
        accounts = map(numbers.get, who)
        posts = list(zip(numbered, texts, others, strict=True))
        yield posts, list(zip(numbered, rows.to_pylist(), accounts, piece["kind"].to_pylist(), at, media, strict=True))


def _flat(values: Sequence[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from (str(item) for item in value if item)
        elif value:
            yield str(value)


def _names(tables: TablesInUse) -> dict[tuple[str, str], list[str]]:
    """Return every handle and shown name that an account was seen with; an account without one has an empty list."""
    import pyarrow.compute as pc  # noqa: F401  # group_by needs it

    posted = tables.table("records", ["platform", "account_id"]).group_by(["platform", "account_id"]).aggregate([])
    found: dict[tuple[str, str], dict[str, None]] = {
        who: {} for who in zip(posted["platform"].to_pylist(), posted["account_id"].to_pylist(), strict=True)
    }
    for row in tables.table("accounts", ["platform", "account_id", "handle", "display_name"]).to_pylist():
        seen = found.setdefault((row["platform"], row["account_id"]), {})
        seen.update(dict.fromkeys(name for name in (row["handle"], row["display_name"]) if name))
    return {who: list(names) for who, names in found.items()}
