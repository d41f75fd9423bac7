r"""What the members of a cluster did in it: who was early, who came after, who links its parts, whom they raised.

Read from the actions in step on the cluster's own links. All of it says what is so **in this collection**: the
earliest here need not be the earliest anywhere.

*Earliest.* On each object the member whose action comes first leads it (all who tie lead none). Of the :math:`n`
objects on which a member was in step with others, with :math:`k_o` members each, it led *x*. Were the order of the
members on each object chance, it would lead one with probability :math:`1 / k_o`; p is the tail of the sum of these
independent chances (Poisson-binomial; with two members on every object it is the sign test), and q its
Benjamini-Hochberg over the members. ``early``: q < .05. *Late* is the same of coming after the first: members with q
>= .05 that led less than chance expects and stand on half of the objects or more are *amplifiers*.

*Bridge.* With communities of the links inside the cluster, :math:`\kappa_{im}` the number of links of *i* into
community *m* and :math:`\kappa_i` all of its links, the participation coefficient is

.. math:: P_i = 1 - \sum_m (\kappa_{im} / \kappa_i)^2

*Strength*: the sum of :math:`-\ln p` of its links, each at most 60. *Core*: the largest k so that it is in a part of
the cluster where everybody has k links.

Notes
-----
**Known false positives**: a news desk or an office that writes what others pass on is early by its task; an account on
notification is early everywhere; a program with a fixed delay is late everywhere. A role is no rank of blame.

References
----------
Guimera, Amaral (2005), Functional cartography of complex metabolic networks, Nature 433 (participation). Seidman
(1983), Network structure and minimum degree, Social Networks 5 (cores). Hong (2013), On computing the distribution
function for the Poisson binomial distribution, Comput. Stat. Data Anal. 59. Benjamini, Hochberg (1995), J. R. Stat.
Soc. B 57.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spmc_tools.chance.statistics.false_discovery import LEVEL, adjusted
from spmc_tools.network.communities import core_numbers, leiden

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spmc_tools.schema.arrays import Floats


__all__ = ["COLUMNS", "leading", "most_amplified", "participation", "roles"]

COLUMNS = (
    "account_id", "role", "n_objects", "n_first", "expected_first", "p_first", "q_first", "participation", "strength",
    "core", "n_links",
)  # fmt: skip

CAP = 60.0
BRIDGE = 0.5
"""A member is a bridge where its participation is at least this, and its links reach two parts or more."""


def roles(acts: pd.DataFrame, links: pd.DataFrame, members: Sequence[str], seed: int = 0) -> pd.DataFrame:
    """Return one row per member, by id.

    Parameters
    ----------
    acts : pandas.DataFrame
        ``object_id, account_id, t``: actions of members in step with other members. Several of one account on one
        object count as its first.
    links : pandas.DataFrame
        ``account_a, account_b, p``: links between members; a pair on several rows counts with its smallest p.
    members : sequence of str
        The cluster.
    seed : int
        Of the communities inside the cluster.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`. ``role``: "earliest in this collection", "bridge", "amplifier" or null, the first that holds;
        ``n_first`` of ``n_objects`` were led, ``expected_first`` by chance.
    """
    ids = sorted(set(members))
    pairs = links.sort_values("p", kind="stable").drop_duplicates(["account_a", "account_b"])
    pairs = pairs[pairs["account_a"].isin(ids) & pairs["account_b"].isin(ids)]
    weight = np.clip(-np.log(np.maximum(pairs["p"].to_numpy(dtype=np.float64), 1e-300)), 1e-9, CAP)
    ends = pairs[["account_a", "account_b"]].assign(weight=weight)
    led = leading(acts[acts["account_id"].isin(ids)]).reindex(ids).fillna({"n_objects": 0, "n_first": 0})
    led = led.fillna({"expected_first": 0.0, "p_first": 1.0})
    part = participation(ends, leiden(ends, seed=seed))
    core = core_numbers(ends)
    both = pd.concat([ends[["account_a", "weight"]].set_axis(["id", "w"], axis=1),
                      ends[["account_b", "weight"]].set_axis(["id", "w"], axis=1)])  # fmt: skip
    strength, degree = both.groupby("id")["w"].sum(), both["id"].value_counts()
    q = adjusted(led["p_first"].to_numpy(dtype=np.float64), len(ids))
    table = pd.DataFrame(
        {
            "account_id": pd.Series(ids, dtype="str"),
            "n_objects": led["n_objects"].to_numpy(dtype=np.int64),
            "n_first": led["n_first"].to_numpy(dtype=np.int64),
            "expected_first": led["expected_first"].to_numpy(dtype=np.float64),
            "p_first": led["p_first"].to_numpy(dtype=np.float64),
            "q_first": q,
            "participation": [float(part.get(account, 0.0)) for account in ids],
            "strength": [float(strength.get(account, 0.0)) for account in ids],
            "core": np.array([core.get(account, 0) for account in ids], dtype=np.int64),
            "n_links": np.array([degree.get(account, 0) for account in ids], dtype=np.int64),
        }
    )
    n_objects = int(acts["object_id"].nunique()) if len(acts) else 0
    table["role"] = pd.Series([_role(row, n_objects) for row in table.to_dict("records")], dtype="str")
    return table[list(COLUMNS)]


def _role(row: dict[Any, Any], n_objects: int) -> str | None:
    if row["q_first"] < LEVEL:
        return "earliest in this collection"
    if row["participation"] >= BRIDGE:
        return "bridge"
    often = row["n_objects"] > 0 and 2 * row["n_objects"] >= n_objects
    return "amplifier" if often and row["n_first"] < row["expected_first"] else None


def leading(acts: pd.DataFrame) -> pd.DataFrame:
    """Return ``n_objects, n_first, expected_first, p_first`` of each account, by id; only shared objects count.

    Parameters
    ----------
    acts : pandas.DataFrame
        ``object_id, account_id, t``.
    """
    columns = ["n_objects", "n_first", "expected_first", "p_first"]
    if not len(acts):
        return pd.DataFrame(columns=columns, dtype=np.float64)
    first = acts.groupby(["object_id", "account_id"], sort=True)["t"].min().reset_index()
    per = first.groupby("object_id")["t"]
    first["k"] = per.transform("size")
    ahead = first["t"] == per.transform("min")
    alone = ahead.groupby(first["object_id"]).transform("sum") == 1
    first["led"] = ahead & alone
    first = first[first["k"] >= 2]
    rows = {}
    for account, account_rows in first.groupby("account_id", sort=True):
        chance = 1.0 / account_rows["k"].to_numpy(dtype=np.float64)
        n = int(account_rows["led"].sum())
        rows[account] = (len(account_rows), n, float(chance.sum()), _tail(chance, n))
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _tail(chance: Floats, n: int) -> float:
    """Return P(sum of independent chances >= n), by convolution."""
    pmf = np.zeros(chance.size + 1)
    pmf[0] = 1.0
    for number, p in enumerate(chance, start=1):
        pmf[1 : number + 1] = pmf[1 : number + 1] * (1 - p) + pmf[:number] * p
        pmf[0] *= 1 - p
    return float(np.clip(pmf[n:].sum(), np.finfo(np.float64).tiny, 1.0))


def participation(links: pd.DataFrame, community: dict[Any, int]) -> dict[Any, float]:
    """Return the participation coefficient of each account on a link; 0 where all its links go into one community.

    Parameters
    ----------
    links : pandas.DataFrame
        ``account_a, account_b``, each pair once.
    community : dict
        Account -> community.
    """
    into: dict[Any, dict[int, int]] = {}
    for a, b in zip(links["account_a"], links["account_b"], strict=True):
        for end, other in ((a, b), (b, a)):
            counts = into.setdefault(end, {})
            counts[community[other]] = counts.get(community[other], 0) + 1
    return {
        account: 1.0 - sum((n / sum(counts.values())) ** 2 for n in counts.values())
        for account, counts in sorted(into.items())
    }


def most_amplified(acts: pd.DataFrame) -> pd.DataFrame:
    """Return whose objects the members shared: ``source_id, n_objects, n_accounts, n_actions``, most actions first.

    Parameters
    ----------
    acts : pandas.DataFrame
        ``source_id, object_id, account_id``; rows without a source are left out.
    """
    known = acts[acts["source_id"].notna()]
    table = known.groupby("source_id", sort=True).agg(
        n_objects=("object_id", "nunique"), n_accounts=("account_id", "nunique"), n_actions=("account_id", "size")
    )
    return table.reset_index().sort_values(["n_actions", "source_id"], ascending=[False, True], ignore_index=True)
