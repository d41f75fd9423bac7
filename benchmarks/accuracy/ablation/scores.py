"""The score of an investigation, added up anew from its parts, all of them or some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.accuracy.ablation.steps import STRENGTH
from spmc_tools.findings.tiers.basis import CAP

if TYPE_CHECKING:
    from collections.abc import Collection

    from benchmarks.accuracy.ablation.steps import Steps

__all__ = ["SCORE_PARTS", "WHOLE", "columns_of", "parts_of", "score_of"]

_APART = ("pairs", "groups", "late strikes")
SCORE_PARTS = (*_APART, "any days", *STRENGTH, "common moments", "events", "rewritten texts")
"""Parts of the score. Detectors and bursts have none: they list accounts, and order nobody."""

WHOLE = "whole score"


def score_of(parts: dict[str, dict[str, pd.Series]], kept: Collection[str]) -> pd.Series:
    """Return the score of each account from the parts that are kept.

    Parameters
    ----------
    parts : dict of trace -> dict of part -> Series by account id
        As :func:`parts_of` gives them; what belongs to no trace stands under the empty name.
    kept : collection of str
        Names of :data:`SCORE_PARTS`.
    """
    apart = parts[""]
    index = next(iter(apart.values())).index
    largest, within = np.zeros(len(index)), np.zeros(len(index))
    for of_trace in (found for trace, found in parts.items() if trace):
        values = {name: of_trace[name].to_numpy(float) if name in kept else np.zeros(len(index)) for name in of_trace}
        largest = np.maximum(largest, sum(values[name] for name in _APART))
        within = within + values[STRENGTH[0]] + values[STRENGTH[1]]
        within = within + np.maximum(values[STRENGTH[2]], values[STRENGTH[3]])
    if "any days" in kept:
        largest = np.maximum(largest, apart["any days"].to_numpy(float))
    score = largest + within
    if "events" in kept:
        score = np.maximum(score, apart["events"].to_numpy(float))
    if "common moments" in kept:
        score = score + apart["common moments"].to_numpy(float)
    if "rewritten texts" in kept:
        score = score + apart["rewritten texts"].to_numpy(float)
    return pd.Series(score, index)


def parts_of(steps: Steps) -> dict[str, dict[str, pd.Series]]:
    """Return the parts of the score by trace and account; those of no trace under the empty name."""
    index = steps.scored.lives.index
    found = {}
    for trace, assessment in steps.traces.assessments.items():
        accounts = assessment.accounts.set_index("account_id")
        groups = _of_members(assessment.group_members, index)
        late = _of_members(assessment.late_members[assessment.late_members["found"].astype(bool)], index)
        rank = (accounts["score"] - accounts["session"]).reindex(index).fillna(0.0)
        strength = steps.strength[trace].reindex(index).fillna(0.0)
        found[trace] = {
            "pairs": (rank - groups - late).clip(lower=0.0),
            "groups": groups,
            "late strikes": late,
            **{name: strength[name] for name in STRENGTH},
        }
    rows = steps.scored.rows.items()
    any_days = {account: max((row.score for row in listed if row.rank_only), default=0.0) for account, listed in rows}
    events = {account: event.score for account, event in steps.events.accounts.items()}
    apart = {
        "any days": any_days, "events": events, "common moments": steps.sessions.by_time,
        "rewritten texts": steps.sessions.by_rewriting,
    }  # fmt: skip
    found[""] = {name: pd.Series(values, dtype=float).reindex(index).fillna(0.0) for name, values in apart.items()}
    return found


def _of_members(members: pd.DataFrame, index: pd.Index) -> pd.Series:
    """Return -ln p of the members of groups, each at most 60, added over the groups of an account."""
    with np.errstate(divide="ignore"):
        evidence = np.minimum(-np.log(members["p"].to_numpy(float)), CAP)
    whole = pd.Series(evidence, members["account_id"].to_numpy(), dtype=float)
    return whole.groupby(level=0).sum().reindex(index).fillna(0.0)


def columns_of(steps: Steps) -> pd.DataFrame:
    """Return the whole score, and the score without each part and by each part alone, by account id."""
    parts = parts_of(steps)
    columns = {WHOLE: score_of(parts, SCORE_PARTS)}
    for name in SCORE_PARTS:
        columns[f"without {name}"] = score_of(parts, set(SCORE_PARTS) - {name})
        columns[f"{name} alone"] = score_of(parts, {name})
    return pd.DataFrame(columns)
