"""The tables of an assessment, from the arrays that were computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from spmc_tools.chance.pairs.listed_pairs import by_account, coaction_columns
from spmc_tools.chance.statistics.false_discovery import LEVEL
from spmc_tools.findings.tiers.basis import CAP
from spmc_tools.network.communities import leiden

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from spmc_tools.chance.pairs.hot_objects import HotBins
    from spmc_tools.chance.pairs.occasions import Timeline
    from spmc_tools.chance.sessions.hot_circles import HotCircle
    from spmc_tools.coaction.traces.actions import EncodedActions
    from spmc_tools.findings.assessment.account_tests import AccountTests
    from spmc_tools.findings.assessment.pair_tests import PairTests

__all__ = [
    "account_table",
    "cluster_table",
    "edge_table",
    "end_to_end",
    "excluded_table",
    "ids_of",
    "kind_of",
    "live_group_ids",
    "members_table",
    "numbers_of",
    "source_names",
    "times_of",
]

HOT_REASON = "hot: at least 5 % of all actions of its time bin, on at least 1 % of the accounts and at least 50"

RESOLUTION = 0.5
"""Of the communities: at 1, modularity splits a single dense group where nothing else is there to compare it with."""

CLUSTER_COLUMNS = (
    "cluster_id", "accounts", "size", "n_edges", "score", "first_t", "last_t", "n_named", "n_context", "kind",
)  # fmt: skip

_OF_MEMBERS = {
    "group_id": {
        "n_occasions": "n_occasions", "company": "company", "expected_pairs": "expected_pairs", "expected": "expected",
        "p": "p", "q": "q", "found": "found",
    },
    "late_id": {
        "n_strikes": "n_strikes", "expected": "expected", "p": "member_p", "q": "member_q", "found": "found",
    },
}  # fmt: skip
"""By kind of group: name of a column -> the array of a group, parallel to its members, that fills it."""

_MEMBER_TYPES: dict[str, type[np.generic]] = {"n_occasions": np.int64, "n_strikes": np.int64, "found": np.bool_}
_COUNTS = ("cluster_id", "size", "n_edges", "n_named", "n_context")


def ids_of(ids: pa.Array, codes: NDArray[Any]) -> pd.Series[Any]:
    """Return ids in order of the given codes."""
    return ids.take(pa.array(codes)).to_pandas()  # type: ignore[no-any-return]


def end_to_end(parts: Iterable[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    """Return the arrays one after the other as one of the given type; an empty one without any.

    Parameters
    ----------
    parts : iterable of ndarray, one-dimensional
    dtype : type
    """
    return np.concatenate([np.zeros(0, dtype), *(part.astype(dtype) for part in parts)])


def numbers_of(sizes: Iterable[int]) -> NDArray[np.int64]:
    """Return the number of the group, from 1, of each row where groups of these sizes stand one after the other."""
    return end_to_end((np.full(size, number) for number, size in enumerate(sizes, start=1)), np.int64)


def members_table(number: str, ids: pd.Series[Any], groups: Sequence[Any]) -> pd.DataFrame:
    """Return the members of all proven groups, by group, then id; ``Assessment`` explains the columns.

    Parameters
    ----------
    number : {"group_id", "late_id"}
        Name of the column that numbers the groups from 1.
    ids : pandas.Series
        Account ids in order of their codes.
    groups : sequence of Group or LateGroup
        The proven ones, in the order of their table.
    """
    members = end_to_end((group.members for group in groups), np.int64)
    numbers = numbers_of(group.members.size for group in groups)
    said = {
        name: end_to_end((getattr(group, array) for group in groups), _MEMBER_TYPES.get(name, np.float64))
        for name, array in _OF_MEMBERS[number].items()
    }
    return pd.DataFrame({number: numbers, "account_id": ids.iloc[members].reset_index(drop=True), **said})


def edge_table(
    actions: EncodedActions, pairs: PairTests, windows: tuple[float, ...], p_group: NDArray[np.float64]
) -> pd.DataFrame:
    """Return pairs with at least two occasions, by window, then ids; ``Assessment`` explains the columns."""
    lookup = by_account(actions.account, actions.object, actions.t_us, len(actions.accounts))
    listed = pairs.n_occasions >= 2
    parts = []
    for number, window in enumerate(windows):
        rows = np.flatnonzero(listed & (pairs.window == number))
        a, b = pairs.a[rows], pairs.b[rows]
        seen = coaction_columns(lookup, a, b, window)
        parts.append(
            pd.DataFrame(
                {
                    "account_a": ids_of(actions.accounts, a),
                    "account_b": ids_of(actions.accounts, b),
                    "n_objects": seen["n_objects"],
                    "n_pairs": seen["n_pairs"],
                    "n_actions_a": seen["n_actions_a"],
                    "n_actions_b": seen["n_actions_b"],
                    "first_t": times_of(seen["first"], actions.time_kind),
                    "last_t": times_of(seen["last"], actions.time_kind),
                    "mean_lag_s": seen["lag_us"] / np.maximum(seen["n_pairs"], 1) / 1e6,
                    "n_a_first": seen["n_a_first"],
                    "window_s": np.full(rows.size, window, np.float64),
                    "n_occasions": pairs.n_occasions[rows].astype(np.int64),
                    "n_sources": pairs.n_sources[rows].astype(np.int64),
                    "expected": pairs.expected[rows],
                    "p": pairs.p[rows],
                    "q": pairs.q[rows],
                    "expected_degree": pairs.expected_degree[rows],
                    "expected_interest": pairs.expected_interest[rows],
                    "p_group": p_group[rows],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def cluster_table(
    edges: pd.DataFrame, ids: pd.Series[Any], tests: AccountTests, kinds: Mapping[Any, str], seed: int
) -> pd.DataFrame:
    """Return the communities of the edges that speak, largest first; ``Assessment`` explains the columns."""
    strong = edges[(edges["q"] < LEVEL) | (edges["p_group"] < 1)]
    weight = np.minimum(-np.log(np.minimum(strong["p"].to_numpy(), strong["p_group"].to_numpy())), CAP)
    number = leiden(strong[["account_a", "account_b"]].assign(weight=weight), RESOLUTION, seed)
    members: dict[int, list[Any]] = {}
    for account in sorted(number):
        members.setdefault(number[account], []).append(account)
    inside = strong[strong["account_a"].map(number) == strong["account_b"].map(number)]
    of_edge = inside["account_a"].map(number)
    place = {account: k for k, account in enumerate(ids.tolist())}
    rows = []
    for cluster in sorted(members):
        cluster_edges = inside[of_edge == cluster]
        codes = [place[account] for account in members[cluster]]
        kind = kind_of([kinds[x] for x in members[cluster] if x in kinds], len(codes))
        named = sum(tests.basis[c] == "several" and ids.iloc[c] not in kinds for c in codes) if kind is None else 0
        rows.append(
            {
                "cluster_id": cluster + 1,
                "accounts": members[cluster],
                "size": len(codes),
                "n_edges": len(cluster_edges[["account_a", "account_b"]].drop_duplicates()),
                "score": float(tests.score[codes].mean()),
                "first_t": cluster_edges["first_t"].min(),
                "last_t": cluster_edges["last_t"].max(),
                "n_named": int(named),
                "n_context": sum(x in kinds for x in members[cluster]),
                "kind": kind,
            }
        )
    table = pd.DataFrame(rows, columns=list(CLUSTER_COLUMNS))
    times = {"first_t": edges["first_t"].dtype, "last_t": edges["last_t"].dtype}
    return table.astype(dict.fromkeys(_COUNTS, "int64") | times | {"score": "float64", "kind": "str"})


def account_table(
    ids: pd.Series[Any], tests: AccountTests, kinds: Mapping[Any, str], clusters: pd.DataFrame, groups: pd.DataFrame
) -> pd.DataFrame:
    """Return every account, by score, then id; ``Assessment`` explains the columns."""
    exploded = clusters[["cluster_id", "accounts", "kind"]].explode("accounts")
    cluster_of = dict(zip(exploded["accounts"], exploded["cluster_id"], strict=True))
    shielded = set(exploded.loc[exploded["kind"].notna(), "accounts"])
    shielded |= set(groups.loc[groups["kind"].notna(), "accounts"].explode())
    names = ids.tolist()
    may_be_named = np.array([x not in kinds and x not in shielded for x in names], dtype=bool)
    table = pd.DataFrame(
        {
            "account_id": ids,
            "p": tests.p,
            "q": tests.q,
            "score": tests.score,
            "session": tests.session,
            "basis": pd.Series(tests.basis, dtype="str"),
            "named": (tests.basis == "several") & may_be_named,
            "context": pd.Series([kinds.get(x) for x in names], dtype="str"),
            "n_sources": tests.n_sources,
            "cluster_id": pd.Series([cluster_of.get(x) for x in names], dtype="Int64"),
            "kind": pd.Series(tests.kind, dtype="str"),
            "group_id": pd.Series(tests.group + 1, dtype="Int64").where(tests.group >= 0),
        }
    )
    order = np.lexsort((np.arange(len(names)), -tests.score))
    return table.iloc[order].reset_index(drop=True)


def excluded_table(
    actions: EncodedActions, line: Timeline, hot: HotBins, circles: Sequence[HotCircle] = ()
) -> pd.DataFrame:
    """Return the hot objects that were set aside, by object and bin, with who acted on them and for whom they were hot.

    Parameters
    ----------
    actions : EncodedActions
        All actions.
    line : Timeline
        All first actions, in the order of ``hot.action``.
    hot : HotBins
    circles : sequence of HotCircle
        Of the same timeline.
    """
    act = np.flatnonzero(hot.action)
    start = line.t_us[act] // (hot.bin_s * 1_000_000) * (hot.bin_s * 1_000_000)
    place = {key: number for number, key in enumerate(zip(hot.object.tolist(), hot.start_us.tolist(), strict=True))}
    row = np.array([place[key] for key in zip(line.object[act].tolist(), start.tolist(), strict=True)], np.int64)
    order = np.lexsort((line.account[act], row))
    ends = np.cumsum(np.bincount(row, minlength=hot.object.size))[:-1]
    accounts = ids_of(actions.accounts, line.account[act][order]).to_numpy()
    own = np.zeros(hot.action.size, bool)
    for circle in circles:
        own[circle.acts] = True
    of_circle = np.bincount(row, own[act], hot.object.size) > 0
    return pd.DataFrame(
        {
            "object_id": ids_of(actions.objects, hot.object),
            "bin_start": times_of(hot.start_us, "datetime"),
            "bin_s": np.full(hot.object.size, hot.bin_s, np.int64),
            "n_actions": hot.n_actions,
            "share": hot.share,
            "reason": pd.Series([HOT_REASON] * hot.object.size, dtype="str"),
            "hot_for": pd.Series(np.where(of_circle, "circle", "everybody"), dtype="str"),
            "accounts": pd.Series(
                [part.tolist() for part in np.split(accounts, ends)][: hot.object.size], dtype=object
            ),
        }
    )


def source_names(actions: EncodedActions) -> list[Any]:
    """Return the id of each source code; an object that is its own source shows its id."""
    names: list[Any] = actions.objects.to_pylist()
    return names if actions.sources is None else actions.sources.to_pylist() + names


def live_group_ids(actions: EncodedActions, merged: NDArray[np.int32]) -> list[list[Any]]:
    """Return the groups of sources that count as one, as ids; an object that is its own source shows its id."""
    names = source_names(actions)
    together = merged != np.arange(merged.size)
    return [[names[c] for c in np.flatnonzero(merged == low).tolist()] for low in np.unique(merged[together]).tolist()]


def times_of(t_us: NDArray[np.int64], kind: str) -> pd.Series[Any]:
    """Return times as they were given: UTC times, or seconds since 1970."""
    if kind == "int":
        return pd.Series(t_us // 1_000_000)
    if kind == "float":
        return pd.Series(t_us / 1e6)
    return pd.Series(pd.DatetimeIndex(t_us.view("M8[us]"), tz="UTC"))


def kind_of(kinds: list[str], size: int) -> str | None:
    """Return the commonest registered kind of a cluster at least half of which is registered; ties by name."""
    if not kinds or 2 * len(kinds) < size:
        return None
    return min(set(kinds), key=lambda kind: (-kinds.count(kind), kind))
