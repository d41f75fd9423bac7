"""The same edges as the kernel, said once as Ibis expressions: DuckDB and Spark run them.

Nothing here runs anything: each function takes and gives Ibis tables. Equal actions are folded into one row with a
multiplicity, and each carries the time of the one before it by the same account on the same object. Actions are joined
with those in their own and the two neighbouring time buckets, of one window's width each: what an object costs grows
with how many actions on it lie in a window, not with how many there are in all. Every count is then a plain sum over
pairs (see :func:`by_object`), which an engine can compute piece by piece.

Notes
-----
What the join looks at is at most three buckets for each action, of which the windows themselves fill two thirds where
actions are spread evenly. Splitting an account range off (:func:`pairs` of some accounts with all) gives whole edges of
those accounts, so that a piece never needs the others.
"""

from __future__ import annotations

from typing import Any

import ibis

__all__ = [
    "BOUND",
    "by_object",
    "by_pair",
    "folded",
    "frequent",
    "in_company",
    "load",
    "mean_lag_s",
    "numbered",
    "pairs",
    "repeated",
    "with_previous",
]

BOUND = 1 << 62
"""No two times are further apart (times lie within ± 2^61 µs): a wider window holds no more."""

_WIDEST_BUCKET = 1 << 61
_WIDE = 1 << 31
_COUNTS = ("n_pairs", "n_actions_a", "n_actions_b", "n_a_first")


def numbered(ids: Any) -> Any:
    """Give each id once, with its place in the ascending order of all."""
    distinct = ids.name("id").as_table().distinct()
    return distinct.mutate(code=ibis.row_number().over(order_by=distinct.id).cast("int32"))


def folded(actions: Any) -> Any:
    """Fold equal actions: each (account, object, t) once, with how many actions ``m`` it stands for."""
    return actions.group_by("account", "object", "t").aggregate(m=actions.count())


def frequent(actions: Any, min_objects: int) -> Any:
    """Keep the actions of accounts with as many objects as an edge needs."""
    if min_objects == 1:
        return actions
    per_account = actions.group_by("account").aggregate(n=actions.object.nunique())
    return actions.semi_join(per_account.filter(per_account.n >= min_objects), "account")


def with_previous(actions: Any) -> Any:
    """Give each action ``previous``: when its account last acted on its object before, null for never."""
    return actions.mutate(previous=actions.t.lag().over(group_by=["account", "object"], order_by=actions.t))


def _bucket(t: Any, window_us: int) -> tuple[Any, list[int]]:
    """Return the time bucket of each action, and the steps to those that its window reaches.

    Two times at most one window apart lie in the same or in neighbouring buckets, whose width is the window.
    The remainder keeps the sign of the time, so that the bucket at 0 is twice as wide: none is missed.
    """
    if window_us == 0:
        return t, [0]
    if window_us < _WIDEST_BUCKET:
        return t - t % window_us, [-window_us, 0, window_us]
    return ibis.literal(0, "int64"), [0]


def _reaching(actions: Any, window_us: int) -> Any:
    """Give each action once for each bucket that its window reaches."""
    bucket, steps = _bucket(actions.t, window_us)
    several = actions.mutate(bucket=bucket, step=ibis.literal(steps, "array<int64>").unnest())
    return several.mutate(bucket=several.bucket + several.step).drop("step")


def in_company(actions: Any, window_us: int) -> Any:
    """Leave out actions that are alone in the buckets that their window reaches, as they are in no pair.

    Each that stays gets ``near``: how many actions lie in these buckets, itself among them.
    """
    bucket, _ = _bucket(actions.t, window_us)
    placed = actions.mutate(bucket=bucket)
    filled = placed.group_by("object", "bucket").aggregate(n=placed.count())
    around = ibis.range_window(preceding=window_us, following=window_us, group_by=filled.object, order_by=filled.bucket)
    near = filled.select("object", "bucket", near=filled.n.sum().over(around).cast("int64"))
    return placed.join(near.filter(near.near > 1), ["object", "bucket"]).drop("bucket")


def load(actions: Any) -> Any:
    """Return, for each account, how many actions lie in the buckets that its windows reach (``work``).

    This is what the join looks at for it, and no less than its pairs with accounts of higher code.

    Parameters
    ----------
    actions : ibis.Table
        As :func:`in_company` gives them.
    """
    return actions.group_by("account").aggregate(work=actions.near.sum().cast("int64"))


def pairs(some: Any, actions: Any, window_us: int) -> Any:
    """Join the actions of ``some`` accounts with those of accounts of higher code, on one object, in the window."""
    a = _reaching(some, window_us).rename("{name}_a")
    b = actions.mutate(bucket=_bucket(actions.t, window_us)[0]).rename("{name}_b")
    same = [a.object_a == b.object_b, a.bucket_a == b.bucket_b, a.account_a < b.account_b]
    return b.join(a, [*same, (b.t_b - a.t_a).between(-window_us, window_us)])


def repeated(pairs_: Any) -> Any:
    """Return every two accounts with pairs on two objects or more, by the least and greatest object alone.

    Most accounts that ever meet do so on one object. This leaves them out at a fifth of the cost of counting them.
    """
    met = pairs_.group_by("account_a", "account_b").aggregate(
        least=pairs_.object_a.min(), greatest=pairs_.object_a.max()
    )
    return met.filter(met.least < met.greatest).select("account_a", "account_b")


def by_object(pairs_: Any, window_us: int) -> Any:
    """Sum over the pairs of two accounts on one object.

    An action of b is counted with the first action of a whose window holds it: the one whose predecessor lies
    too early. So each is counted once without a set of those seen, and the same holds the other way round. Lags of
    wide windows are summed in two parts, which no number of rows overflows.
    """
    n = pairs_.m_a * pairs_.m_b
    lag = (pairs_.t_b - pairs_.t_a).abs()
    first_for_a = pairs_.previous_b.isnull() | (pairs_.t_a - pairs_.previous_b > window_us)
    first_for_b = pairs_.previous_a.isnull() | (pairs_.t_b - pairs_.previous_a > window_us)
    lags = {"lag_us": (lag * n).sum()}
    if window_us >= _WIDE:
        lags = {"lag_us": (lag % _WIDE * n).sum(), "lag_carry": ((lag - lag % _WIDE) // _WIDE * n).sum()}
    return pairs_.group_by(a=pairs_.account_a, b=pairs_.account_b, object=pairs_.object_a).aggregate(
        n_pairs=n.sum(),
        n_actions_a=pairs_.m_a.sum(where=first_for_a),
        n_actions_b=pairs_.m_b.sum(where=first_for_b),
        n_a_first=ibis.ifelse(pairs_.t_a < pairs_.t_b, n, 0).sum(),
        first_us=ibis.least(pairs_.t_a, pairs_.t_b).min(),
        last_us=ibis.greatest(pairs_.t_a, pairs_.t_b).max(),
        **lags,
    )


def by_pair(by_object_: Any, min_objects: int) -> Any:
    """Sum over the objects of two accounts, and keep the edges: those with as many objects as one needs."""
    summed = [*_COUNTS, *(name for name in by_object_.columns if name.startswith("lag_"))]
    edges = by_object_.group_by("a", "b").aggregate(
        n_objects=by_object_.count(),
        first_us=by_object_.first_us.min(),
        last_us=by_object_.last_us.max(),
        **{name: by_object_[name].sum().cast("float64" if name.startswith("lag_") else "int64") for name in summed},
    )
    return edges.filter(edges.n_objects >= min_objects)


def mean_lag_s(edges: Any) -> Any:
    """Return the mean lag in seconds of what :func:`by_pair` gave."""
    lag = edges.lag_us
    if "lag_carry" in edges.columns:
        lag = lag + edges.lag_carry * float(_WIDE)
    return lag / edges.n_pairs.cast("float64") / 1e6
