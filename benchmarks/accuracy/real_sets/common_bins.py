"""Accounts whose records fall into the same short bins of time, whatever they say."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

__all__ = ["bin_rankings"]

_PAIRS = """
SELECT x.account AS a, y.account AS b, count(*) AS n_bins, sum(x.n * y.n)::DOUBLE AS n_pairs
FROM bins AS x JOIN bins AS y ON x.bin = y.bin AND x.account < y.account
GROUP BY ALL ORDER BY a, b
"""


def bin_rankings(account: np.ndarray, t_us: np.ndarray, width_s: int, n: int) -> dict[str, np.ndarray]:
    """Return for each account: common bins with the best partner, pairs of records with anybody, partners.

    A bin holds the times from a multiple of ``width_s`` on, up to the next one, exclusive; records are at ``t_us``.
    """
    records = pd.DataFrame({"account": account, "bin": t_us // (width_s * 1_000_000)})
    bins = records.groupby(["account", "bin"]).size().rename("n").reset_index()
    with duckdb.connect() as connection:
        connection.register("bins", bins)
        pairs = connection.execute(_PAIRS).df()
    best, n_pairs, partners = np.zeros(n), np.zeros(n), np.zeros(n)
    for end in ("a", "b"):
        place = pairs[end].to_numpy("int64")
        np.maximum.at(best, place, pairs["n_bins"].to_numpy(float))
        np.add.at(n_pairs, place, pairs["n_pairs"].to_numpy(float))
        np.add.at(partners, place, 1)
    return {
        f"common {width_s} s bins, best partner": best,
        f"pairs of records in common {width_s} s bins": n_pairs,
        f"partners in common {width_s} s bins": partners,
    }
