"""Values of the first page: what was found, in one sentence and three numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.report.cards import carried, in_bands
from spmc_tools.report.groups import groups, named_accounts, set_aside

if TYPE_CHECKING:
    from spmc_tools.case.store import Case
    from spmc_tools.report.scope import Scope

__all__ = ["summary"]

LEVEL = 0.05


def summary(case: Case, scope: Scope, found: Any) -> dict[str, Any]:
    """Return the numbers of the first page.

    ``groups`` and ``accounts`` count those in tier A or B; ``trace`` is the one trace that all groups share, else
    None; ``most`` and ``expected`` are the largest number of occasions of a significant pair, and the median of
    what chance expects of such pairs; ``finding_counts`` gives the times of the evidence, for the chart.
    """
    import pandas as pd

    from spmc_tools.desks.calendar import IST

    shown = groups(found)
    parts = [carried(found, group) for group in shown]
    evidence = pd.concat(parts, ignore_index=True).drop_duplicates("record_id") if parts else None
    inside = {account for group in shown for account in group.named}
    edges = found.edges
    own = edges[edges["account_a"].isin(inside) & edges["account_b"].isin(inside) & (edges["q"] < LEVEL)]
    traces = {trace for part in parts for trace in part["trace"]}
    aside = set_aside(found)
    return {
        "case": case.id,
        "title": case.settings.title,
        "event": scope.event.title if scope.event else None,
        "records": len(scope.records),
        "accounts_seen": len(found.accounts),
        "groups": len(shown),
        "accounts": len(named_accounts(found)),
        "tiers": {name: int((found.accounts["tier"] == name).sum()) for name in ("A", "B")},
        "trace": next(iter(traces)) if len(traces) == 1 else None,
        "traces": sorted(traces),
        "window_s": float(own["window_s"].max()) if len(own) and own["window_s"].notna().any() else None,
        "days": int(evidence["created_at"].dt.tz_convert(IST).dt.date.nunique()) if evidence is not None else 0,
        "evidence": len(evidence) if evidence is not None else 0,
        "silence": in_bands(evidence, scope, "silence") if evidence is not None else 0,
        "has_silence": scope.event is not None and scope.event.is_election,
        "most": int(own["n_occasions"].max()) if len(own) else None,
        "expected": float(own["expected"].median()) if len(own) else None,
        "level": LEVEL,
        "aside": len(aside),
        "aside_registered": sum(one["context"] is not None for one in aside),
        "not_run": len(found.not_run),
        "finding_times": [] if evidence is None else sorted(evidence["created_at"].tolist()),
    }
