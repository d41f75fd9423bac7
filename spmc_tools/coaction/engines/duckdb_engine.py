"""Edges through DuckDB: what does not fit in the memory allowed moves to disk.

Ids are numbered in their own order. Accounts are then taken in ranges of codes, cut by what their windows reach, so
that the pairs of one range fit: each range gives whole edges, in order, and is forgotten before the next. One viral
object thus costs more ranges, not more memory.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from spmc_tools.coaction.engines import relational
from spmc_tools.coaction.traces.actions import TimeKind, parts, text_or_int, time_kind_of
from spmc_tools.errors import ParameterError, RunError, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spmc_tools.coaction.traces.memory_plan import Limits

__all__ = ["edges_in_duckdb"]

_ROWS_AT_A_TIME = 1 << 17
_BYTES_PER_PAIR = 100
_FEWEST_PAIRS, _CACHED_PAIRS, _PAIRS_PER_ACTION = 1_000_000, 16_000_000, 1.0
_COUNTS = ("n_pairs", "n_actions_a", "n_actions_b", "n_a_first")


def edges_in_duckdb(
    actions: object, window_us: int, min_objects: int, limits: Limits, tell: Callable[[int, int], None] | None = None
) -> tuple[TimeKind, Iterator[pa.Table]]:
    """Return how times were given and all edges, ordered by (a, b), in pieces; at least one, maybe empty.

    Parameters
    ----------
    actions : DataFrame, Arrow table, path or glob of Parquet, or Ibis table
        Read once, piece by piece.
    window_us : int
        Largest distance in time of a pair, inclusive.
    min_objects : int
        Fewest distinct shared objects of an edge.
    limits : Limits
        Memory, threads and the folder for what does not fit.
    tell : callable, optional
        Called with what is done and the whole, in actions looked at.
    """
    pieces = parts(actions)
    first = next(pieces)
    window_us = min(window_us, relational.BOUND)
    return time_kind_of(first), _edges(chain([first], pieces), window_us, min_objects, limits, tell)


def _edges(
    pieces: Iterator[pa.Table],
    window_us: int,
    min_objects: int,
    limits: Limits,
    tell: Callable[[int, int], None] | None,
) -> Iterator[pa.Table]:
    with _database(limits) as (con, folder):
        accounts, actions, load = _prepared(con, pieces, window_us, min_objects)
        ((n_actions,),) = con.raw_sql("SELECT count(*) FROM actions").fetchall()
        ranges = _ranges(con, load, _most_pairs(limits.memory, int(n_actions)))
        found = folder / "edges.parquet"
        yield _in_range(con, accounts, actions, (0, -1), window_us, min_objects, found).schema_arrow.empty_table()
        done, total = 0, sum(work for _, _, work in ranges)
        for low, high, work in ranges:
            with _in_range(con, accounts, actions, (low, high), window_us, min_objects, found) as file:
                for batch in file.iter_batches(_ROWS_AT_A_TIME):
                    yield pa.Table.from_batches([batch])
            done += work
            if tell is not None:
                tell(done, total)


@contextmanager
def _database(limits: Limits) -> Iterator[tuple[Any, Path]]:
    """Open a database of its own that spills to a folder of its own; both are gone afterwards."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="spmc-coactions-", dir=limits.scratch) as folder:
        settings = {
            "temp_directory": folder,
            "memory_limit": f"{limits.memory}B",
            "threads": limits.threads,
            "preserve_insertion_order": False,
        }
        try:
            con = ibis.duckdb.connect(":memory:", **settings)
            try:
                con.raw_sql("SET enable_progress_bar = false")  # ours tells of the whole, not of one query
                yield con, Path(folder)
            finally:
                con.disconnect()
        except duckdb.OutOfMemoryException as error:
            raise ParameterError(
                "memory_limit: too small for this table, even with what can be moved to disk; give more."
            ) from error
        except duckdb.Error as error:
            line = str(error).partition("\n")[0]
            raise RunError(f"coactions: the database stopped: {quote(line, 200)}.") from error


def _prepared(con: Any, pieces: Iterator[pa.Table], window_us: int, min_objects: int) -> tuple[Any, Any, Any]:
    """Load the actions; return the ids of accounts by code, the folded actions in codes, and the work of each account.

    Actions that no pair can hold are left out. The others lie object by object, so that what one object is joined with
    stays in the processor's cache while its actions pass.
    """
    loaded = _loaded(con, pieces)
    accounts = _kept(con, "accounts", relational.numbered(loaded.account_id))
    objects = _kept(con, "objects", relational.numbered(loaded.object_id))
    coded = loaded.join(accounts, loaded.account_id == accounts.id).select(
        "object_id", account=accounts.code, t=loaded.t_us
    )
    coded = coded.join(objects, coded.object_id == objects.id).select("account", "t", object=objects.code)
    folded = _kept(con, "folded", relational.folded(coded))
    for name in ("given", "objects"):
        con.raw_sql(f"DROP TABLE {name}")
    in_time = _kept(con, "in_time", relational.with_previous(relational.frequent(folded, min_objects)))
    con.raw_sql("DROP TABLE folded")
    met = _kept(con, "in_company", relational.in_company(in_time, window_us))
    con.raw_sql("DROP TABLE in_time")
    load = _kept(con, "load", relational.load(met))
    actions = _kept(con, "actions", met.drop("near").order_by("object", "t", "account"))
    con.raw_sql("DROP TABLE in_company")
    return accounts, actions, load


def _loaded(con: Any, pieces: Iterator[pa.Table]) -> Any:
    """Copy the pieces, one at a time, into the table ``given``."""
    schema = None
    for piece in pieces:
        plain = piece.select(["t_us"])
        for name in ("account_id", "object_id"):
            plain = plain.append_column(name, text_or_int(piece[name]))
        con.con.register("piece", plain)
        con.raw_sql("CREATE TABLE given AS FROM piece" if schema is None else "INSERT INTO given FROM piece")
        con.con.unregister("piece")
        schema = plain.schema
    return ibis.table(ibis.Schema.from_pyarrow(schema), name="given")


def _kept(con: Any, name: str, expression: Any) -> Any:
    """Compute an expression once, into a table of the database."""
    con.raw_sql(f"CREATE OR REPLACE TABLE {name} AS {con.compile(expression)}")
    return ibis.table(expression.schema(), name=name)


def _most_pairs(memory: int, n_actions: int) -> int:
    """Return how many pairs a range of accounts may have.

    Small tables of sums stay in the processor's cache; but each range passes over all actions twice, so that of
    more than 16 million, fewer and larger ranges cost less.
    """
    cheapest = max(_CACHED_PAIRS, n_actions * _PAIRS_PER_ACTION)
    return int(min(max(memory // _BYTES_PER_PAIR, _FEWEST_PAIRS), cheapest))


def _ranges(con: Any, load: Any, most_pairs: int) -> list[tuple[int, int, int]]:
    """Return ranges of account codes, both ends inclusive, with the work of each.

    A range reaches at most ``2 * most_pairs`` actions (of which half are of lower code, on average), or is one account.
    """
    most = 2 * most_pairs
    before = load.work.sum().over(order_by=load.account, rows=(None, 0))
    placed = load.mutate(part=((before - load.work) // most).cast("int64"))
    ranges = placed.group_by("part").aggregate(
        low=placed.account.min(), high=placed.account.max(), work=placed.work.sum().cast("int64")
    )
    rows = con.raw_sql(con.compile(ranges.order_by("part").select("low", "high", "work"))).fetchall()
    return [(int(low), int(high), int(work)) for low, high, work in rows]


def _in_range(  # noqa: PLR0913, PLR0917 (two tables, a range, two numbers, a place)
    con: Any, accounts: Any, actions: Any, codes: tuple[int, int], window_us: int, min_objects: int, found: Path
) -> pq.ParquetFile:
    """Write the edges whose first account has a code in a range, in order, and open the file."""
    some = _kept(con, "part", actions.filter(actions.account.between(*codes)))
    pairs = relational.pairs(some, actions, window_us)
    if min_objects > 1:
        met = _kept(con, "met", relational.repeated(pairs))
        pairs = pairs.semi_join(met, ["account_a", "account_b"])
    edges = relational.by_pair(relational.by_object(pairs, window_us), min_objects)
    con.to_parquet(_in_order(_kept(con, "edges", edges), accounts), found)
    return pq.ParquetFile(found)


def _in_order(edges: Any, accounts: Any) -> Any:
    """Put ids in place of account codes, and the edges in the order of these."""
    a, b = accounts.rename("{name}_a"), accounts.rename("{name}_b")
    named = edges.join(a, edges.a == a.code_a).join(b, edges.b == b.code_b)
    return named.order_by("a", "b").select(
        "n_objects",
        "first_us",
        "last_us",
        account_a=named.id_a,
        account_b=named.id_b,
        mean_lag_s=relational.mean_lag_s(named),
        **{name: named[name] for name in _COUNTS},
    )
