"""Pairs in step: two accounts that touched one thing within a window, and the rankings that count them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WINDOWS_S", "in_step", "pair_rankings"]

WINDOWS_S = (60, 600, 3600)

_PAIRS = """
SELECT x.account AS a, y.account AS b, count(*) AS n_pairs, count(DISTINCT x.thing) AS n_things,
       count(DISTINCT least(x.t_us, y.t_us) // 86400000000) AS n_days
FROM acts AS x JOIN acts AS y
  ON x.thing = y.thing AND x.account < y.account AND abs(x.t_us - y.t_us) <= $window_us
GROUP BY ALL ORDER BY a, b
"""


def in_step(acts: pd.DataFrame, window_s: float) -> pd.DataFrame:
    """Return one row per pair of accounts (``a`` < ``b``) that touched one thing at most ``window_s`` apart.

    ``n_pairs``: two acts in step, each two counted. ``n_things``: different things. ``n_days``: days (UTC), of the
    earlier act of the two. ``share``: 2 · ``n_things`` / (things that a touched + things that b touched), 0 to 1.
    """
    with duckdb.connect() as connection:
        connection.register("acts", acts[["account", "thing", "t_us"]])
        pairs = connection.execute(_PAIRS, {"window_us": int(window_s * 1_000_000)}).df()
    touched = acts.groupby("account")["thing"].nunique()
    both = pairs["a"].map(touched) + pairs["b"].map(touched)
    return pairs.assign(share=2 * pairs["n_things"] / both)


def pair_rankings(acts: pd.DataFrame, n: int) -> dict[str, np.ndarray]:
    """Return the figure of an account's best partner, per window and way of counting; 0 without a partner.

    References
    ----------
    Seckin, O. C. et al. (2025), Labeled datasets for research on information operations, ICWSM 19: pairs that repost
    within 60 s. Days first, then the share of common things, then volume: a public repository of IIIA-CSIC (2026).
    """
    rankings: dict[str, np.ndarray] = {}
    for window_s in WINDOWS_S:
        pairs = in_step(acts, window_s)
        figures = {
            "pairs of acts in step": pairs["n_pairs"],
            "things in step": pairs["n_things"],
            "days in step": pairs["n_days"],
            "days, share, volume in step": _in_order(pairs, ["n_days", "share", "n_pairs"]),
        }
        for name, figure in figures.items():
            best = np.zeros(n)
            for end in ("a", "b"):
                np.maximum.at(best, pairs[end].to_numpy("int64"), figure.to_numpy(float))
            rankings[f"{name}, {window_s} s"] = best
    return rankings


def _in_order(pairs: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Return each pair's place, 1 for the least, in the order of the first column, then the second, and so on."""
    return pairs.groupby(columns, sort=True).ngroup() + 1
