"""Accounts that are often on what travels fast; see :mod:`spmc_tools.chance.accounts.repertoire`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spmc_tools.chance.accounts.repertoire import FEWEST_IN_CLASS, repertoire
from spmc_tools.chance.pairs.retained import retain, source_of_objects
from spmc_tools.chance.statistics.false_discovery import adjusted
from spmc_tools.coaction.traces.actions import encode
from spmc_tools.findings.detectors.detector import signals

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    import pyarrow as pa

__all__ = ["compressed_repertoire", "lacks"]

_WINDOW_S = 600.0


def compressed_repertoire(actions: Mapping[str, pa.Table]) -> pd.DataFrame:
    """Return accounts with three or more occasions on compressed objects, one row per trace: p, q, occasions, expected.

    Parameters
    ----------
    actions : mapping of trace -> pyarrow.Table
        Schema ``ACTIONS``.

    Returns
    -------
    pandas.DataFrame
        ``n_seen``: occasions; ``expected``: actions of the account times the share of compressed ones; ``value``: the
        trace. q: Benjamini-Hochberg over the accounts of a trace, times the number of traces.
    """
    rows: list[dict[str, Any]] = []
    for trace, table in actions.items():
        encoded = encode(table)
        source_of, _ = source_of_objects(encoded)
        found = repertoire(retain(encoded, source_of, _WINDOW_S).line)
        q = np.minimum(adjusted(found.p, len(encoded.accounts)) * len(actions), 1.0)
        names = encoded.accounts.to_pylist()
        rows.extend(
            {
                "account_id": str(names[i]),
                "p": float(found.p[i]),
                "q": float(q[i]),
                "measure": "fast_objects",
                "n_seen": float(found.occasions[i]),
                "expected": float(found.actions[i] * found.share),
                "value": trace,
            }
            for i in np.flatnonzero(found.p < 1).tolist()
        )
    return signals(rows)


def lacks(actions: Mapping[str, pa.Table]) -> str | None:
    """Say why it cannot be looked at: no trace has enough objects to say what travels fast."""
    most = max((len(table["object_id"].unique()) for table in actions.values()), default=0)
    if most < FEWEST_IN_CLASS:
        return (
            f"There are {most} shared objects at most; it takes {FEWEST_IN_CLASS} of like spread to say which are fast."
        )
    return None
