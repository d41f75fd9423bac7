"""The same edges as the kernel, said once as Ibis expressions and run in a database that spills to disk.

Equal actions are folded into one row with a multiplicity, ids are numbered in their own order, and each
action carries the time of the one before it by the same account on the same object. Actions are joined with
those in their own and the two neighbouring time buckets, of one window's width each. Every count is then a
plain sum over pairs (see :func:`_by_object`), which a database can compute piece by piece.
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

from spmc_tools.coaction.actions import TimeKind, parts, text_or_int, time_kind_of
from spmc_tools.errors import ParameterError, RunError, quote

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["edges_in_duckdb"]

_WIDEST_BUCKET = 1 << 61
_ROWS_AT_A_TIME = 1 << 17
_COUNTS = ("n_pairs", "n_actions_a", "n_actions_b", "n_a_first")


def edges_in_duckdb(
    actions: object, window_us: int, min_objects: int, limit: int | None
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
    limit : int or None
        Bytes of memory the database may use; None: its own default.
    """
    pieces = parts(actions)
    first = next(pieces)
    return time_kind_of(first), _edges(chain([first], pieces), window_us, min_objects, limit)


def _edges(pieces: Iterator[pa.Table], window_us: int, min_objects: int, limit: int | None) -> Iterator[pa.Table]:
    with _database(limit) as (con, folder):
        given = _loaded(con, pieces)
        accounts = _kept(con, "accounts", _numbered(given.account_id))
        objects = _kept(con, "objects", _numbered(given.object_id))
        folded = _kept(con, "folded", _folded(given, accounts, objects))
        con.raw_sql("DROP TABLE given")
        actions = _kept(con, "actions", _with_previous(_frequent(folded, min_objects)))
        facts = actions.aggregate(low=actions.t.min(), high=actions.t.max(), most=actions.m.max())
        low, high, most = (fact or 0 for fact in con.raw_sql(con.compile(facts)).fetchone())
        window_us = min(window_us, high - low)
        by_object = _by_object(_pairs(actions, window_us), window_us, wide=window_us * most * most >= 1 << 62)
        edges = _kept(con, "edges", _by_pair(by_object, min_objects))
        found = folder / "edges.parquet"
        con.to_parquet(_in_order(edges, accounts), found)
        with pq.ParquetFile(found) as file:
            yield file.schema_arrow.empty_table()
            for batch in file.iter_batches(_ROWS_AT_A_TIME):
                yield pa.Table.from_batches([batch])


@contextmanager
def _database(limit: int | None) -> Iterator[tuple[Any, Path]]:
    """Open a database of its own that spills to a folder of its own; both are gone afterwards."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="spmc-coactions-") as folder:
        settings = {"temp_directory": folder}
        if limit is not None:
            settings["memory_limit"] = f"{limit}B"
        try:
            con = ibis.duckdb.connect(":memory:", **settings)
            try:
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
    con.raw_sql(f"CREATE TABLE {name} AS {con.compile(expression)}")
    return ibis.table(expression.schema(), name=name)


# -- the edges as expressions -----------------------------------------------------------------------------------


def _numbered(ids: Any) -> Any:
    """Give each id once, with its place in the ascending order of all."""
    distinct = ids.name("id").as_table().distinct()
    return distinct.mutate(code=ibis.row_number().over(order_by=distinct.id))


def _folded(given: Any, accounts: Any, objects: Any) -> Any:
    """Fold equal actions: each (account, object, t) once, in codes, with how many actions ``m`` it stands for."""
    coded = given.join(accounts, given.account_id == accounts.id).select(
        "object_id", account=accounts.code, t=given.t_us
    )
    coded = coded.join(objects, coded.object_id == objects.id).select("account", "t", object=objects.code)
    return coded.group_by("account", "object", "t").aggregate(m=coded.count())


def _frequent(actions: Any, min_objects: int) -> Any:
    """Keep the actions of accounts with as many objects as an edge needs."""
    if min_objects == 1:
        return actions
    per_account = actions.group_by("account").aggregate(n=actions.object.nunique())
    return actions.semi_join(per_account.filter(per_account.n >= min_objects), "account")


def _with_previous(actions: Any) -> Any:
    """Give each action ``previous``: when its account last acted on its object before, null for never."""
    return actions.mutate(previous=actions.t.lag().over(group_by=["account", "object"], order_by=actions.t))


def _pairs(actions: Any, window_us: int) -> Any:
    """Join every two folded actions of two accounts on one object within the window.

    Two times at most one window apart lie in the same or in neighbouring buckets, whose width is the window.
    The remainder keeps the sign of the time, so that the bucket at 0 is twice as wide: none is missed.
    """
    if window_us == 0:
        bucket, steps = actions.t, [0]
    elif window_us < _WIDEST_BUCKET:
        bucket, steps = actions.t - actions.t % window_us, [-window_us, 0, window_us]
    else:
        bucket, steps = ibis.literal(0, "int64"), [0]
    a = actions.mutate(bucket=bucket).rename("{name}_a")
    b = actions.mutate(bucket=bucket, step=ibis.literal(steps, "array<int64>").unnest())
    b = b.mutate(bucket=b.bucket + b.step).drop("step").rename("{name}_b")
    same = [a.object_a == b.object_b, a.bucket_a == b.bucket_b, a.account_a < b.account_b]
    return a.join(b, [*same, (b.t_b - a.t_a).between(-window_us, window_us)])


def _by_object(pairs: Any, window_us: int, *, wide: bool) -> Any:
    """Sum over the pairs of two accounts on one object.

    An action of b is counted with the first action of a whose window holds it: the one whose predecessor lies
    too early. So each is counted once without a set of those seen, and the same holds the other way round.
    """
    n = pairs.m_a * pairs.m_b
    lag = (pairs.t_b - pairs.t_a).abs()
    first_for_a = pairs.previous_b.isnull() | (pairs.t_a - pairs.previous_b > window_us)
    first_for_b = pairs.previous_a.isnull() | (pairs.t_b - pairs.previous_a > window_us)
    return pairs.group_by(a=pairs.account_a, b=pairs.account_b, object=pairs.object_a).aggregate(
        n_pairs=n.sum(),
        n_actions_a=pairs.m_a.sum(where=first_for_a),
        n_actions_b=pairs.m_b.sum(where=first_for_b),
        n_a_first=ibis.ifelse(pairs.t_a < pairs.t_b, n, 0).sum(),
        first_us=ibis.least(pairs.t_a, pairs.t_b).min(),
        last_us=ibis.greatest(pairs.t_a, pairs.t_b).max(),
        lag_us=(lag.cast("decimal(38, 0)") * n if wide else lag * n).sum(),
    )


def _by_pair(by_object: Any, min_objects: int) -> Any:
    """Sum over the objects of two accounts, and keep the edges: those with as many objects as one needs."""
    sums = {name: by_object[name].sum() for name in (*_COUNTS, "lag_us")}
    edges = by_object.group_by("a", "b").aggregate(
        n_objects=by_object.count(), first_us=by_object.first_us.min(), last_us=by_object.last_us.max(), **sums
    )
    return edges.filter(edges.n_objects >= min_objects)


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
        mean_lag_s=named.lag_us.cast("float64") / named.n_pairs.cast("float64") / 1e6,
        **{name: named[name].cast("int64") for name in _COUNTS},
    )
