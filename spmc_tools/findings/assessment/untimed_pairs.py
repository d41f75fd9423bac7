"""The untimed layer of a trace: pairs that share objects at any times, ranked, never named.

The layer adds ``_DAMPED`` of its strength to the order of a list, the least that the rank of pairs allows. Where more
than ``MOST_LISTED`` pairs have two occasions, those with two are counted and not listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spmc_tools.chance.pairs.listed_pairs import by_account, coaction_columns
from spmc_tools.chance.pairs.retained import source_of_objects
from spmc_tools.chance.pairs.untimed_objects import any_time_s, untimed_pairs
from spmc_tools.chance.statistics import false_discovery as fdr
from spmc_tools.coaction.traces.actions import encode
from spmc_tools.findings.assessment.assessment_tables import ids_of
from spmc_tools.findings.tiers.basis import CAP
from spmc_tools.findings.tiers.scores import Scored
from spmc_tools.network.communities import core_numbers

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from spmc_tools.chance.pairs.untimed_objects import Untimed
    from spmc_tools.coaction.traces.actions import EncodedActions

__all__ = ["UntimedLayer", "untimed_layer"]

WIDE_REASON = "wide: on more than 1 % of the accounts and at least 50; left out of the untimed layer, whole period"
MOST_LISTED = 100_000
_DAMPED, _BEST, _CORE = 0.02, 5, 2


@dataclass(frozen=True, slots=True)
class UntimedLayer:
    """What the untimed layer of one trace gives.

    ``edges``: rows with ``window_s`` null, pairs with two occasions or more (see :data:`MOST_LISTED`). ``excluded``:
    objects set aside, ``bin_start`` and ``bin_s`` null: the whole period. ``scored``: account -> row that ranks.
    ``notes``: counts.
    """

    edges: pd.DataFrame
    excluded: pd.DataFrame
    scored: dict[str, Scored]
    notes: dict[str, Any]


def untimed_layer(actions: pa.Table, trace: str) -> UntimedLayer:
    """Return the untimed layer of a trace; see :mod:`spmc_tools.chance.pairs.untimed_objects` for its model.

    Parameters
    ----------
    actions : pyarrow.Table
        Schema ``ACTIONS``, of one trace.
    trace : str
        Its name.

    Notes
    -----
    An account is ranked where its best pair has q < .05 after Benjamini-Hochberg over accounts (p of an account: its
    best pair times all partners it could have had) and it lies in the 2-core of the pairs with q < .05.
    """
    encoded = encode(actions)
    source_of, _ = source_of_objects(encoded)
    pairs = untimed_pairs(encoded, source_of)
    n = len(encoded.accounts)
    tested = pairs.n_occasions >= fdr.MIN_OCCASIONS
    q = np.ones(pairs.a.size)
    q[tested] = fdr.adjusted(pairs.p[tested], n * (n - 1) // 2)
    listed = tested if pairs.a.size > MOST_LISTED else np.ones_like(tested)
    return UntimedLayer(
        edges=_edges(encoded, pairs, q)[listed].reset_index(drop=True),
        excluded=_excluded(encoded, pairs),
        scored=_scored(encoded, pairs, q, trace),
        notes={
            "n_pairs": int(pairs.a.size),
            "n_pairs_not_listed": int((~listed).sum()),
            "n_pairs_tested": int(tested.sum()),
            "n_tests": n * (n - 1) // 2,
            "n_significant": int((q < fdr.LEVEL).sum()),
            "n_objects_set_aside": int(pairs.wide.object.size),
            "n_actions_set_aside": int(pairs.wide.n_actions.sum()),
        },
    )


def _edges(encoded: EncodedActions, pairs: Untimed, q: NDArray[np.float64]) -> pd.DataFrame:
    aside = np.isin(encoded.object, pairs.wide.object)
    kept = ~aside
    lookup = by_account(encoded.account[kept], encoded.object[kept], encoded.t_us[kept], len(encoded.accounts))
    seen = coaction_columns(lookup, pairs.a, pairs.b, any_time_s(encoded.t_us))

    def times(t_us: NDArray[np.int64]) -> pd.Series[Any]:
        return pd.Series(pd.DatetimeIndex(t_us.view("M8[us]"), tz="UTC"))

    return pd.DataFrame(
        {
            "account_a": ids_of(encoded.accounts, pairs.a),
            "account_b": ids_of(encoded.accounts, pairs.b),
            "n_objects": seen["n_objects"],
            "n_pairs": seen["n_pairs"],
            "n_actions_a": seen["n_actions_a"],
            "n_actions_b": seen["n_actions_b"],
            "first_t": times(seen["first"]),
            "last_t": times(seen["last"]),
            "mean_lag_s": seen["lag_us"] / np.maximum(seen["n_pairs"], 1) / 1e6,
            "n_a_first": seen["n_a_first"],
            "window_s": np.full(pairs.a.size, np.nan),
            "n_occasions": pairs.n_occasions.astype(np.int64),
            "n_sources": pairs.n_sources.astype(np.int64),
            "expected": pairs.expected,
            "p": pairs.p,
            "q": q,
            "expected_degree": pairs.expected_degree,
            "expected_shared": pairs.expected_shared,
            "p_group": np.ones(pairs.a.size),
        }
    )


def _excluded(encoded: EncodedActions, pairs: Untimed) -> pd.DataFrame:
    wide = pairs.wide
    return pd.DataFrame(
        {
            "object_id": ids_of(encoded.objects, wide.object),
            "n_actions": wide.n_actions,
            "share": wide.n_actions / max(encoded.n, 1),
            "reason": pd.Series([WIDE_REASON] * wide.object.size, dtype="str"),
        }
    )


def _scored(encoded: EncodedActions, pairs: Untimed, q: NDArray[np.float64], trace: str) -> dict[str, Scored]:
    """Return the accounts that the layer ranks."""
    n = len(encoded.accounts)
    strong = np.flatnonzero(q < fdr.LEVEL)
    if not strong.size:
        return {}
    tested = pairs.n_occasions >= fdr.MIN_OCCASIONS
    own_q = fdr.adjusted(fdr.account_p(pairs.p[tested], pairs.a[tested], pairs.b[tested], n, 1), n)
    core = core_numbers(pd.DataFrame({"account_a": pairs.a[strong], "account_b": pairs.b[strong]}))
    strength = np.minimum(-np.log(pairs.p[strong]), CAP)
    ends = pd.DataFrame(
        {
            "account": np.concatenate([pairs.a[strong], pairs.b[strong]]),
            "strength": np.tile(strength, 2),
            "n": np.tile(pairs.n_occasions[strong], 2),
            "sources": np.tile(pairs.n_sources[strong], 2),
            "expected": np.tile(pairs.expected[strong], 2),
        }
    )
    ends = ends.sort_values(["account", "n", "strength"], ascending=[True, False, False], kind="stable")
    names = encoded.accounts.to_pylist()
    found: dict[str, Scored] = {}
    split: Any = ends.groupby("account", sort=True)
    for code, rows in split:
        if own_q[code] < fdr.LEVEL and core.get(int(code), 0) >= _CORE:
            best = rows.iloc[0]
            found[str(names[code])] = Scored(
                trace,
                "few",
                float(own_q[code]),
                _DAMPED * float(rows["strength"].nlargest(_BEST).sum()),
                named=False,
                n_sources=int(rows["sources"].max()),
                kind="untimed",
                rank_only=True,
                facts=(len(rows), int(best["n"]), float(best["expected"])),
            )
    return found
