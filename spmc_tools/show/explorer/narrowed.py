"""What is left of findings where links are filtered: by what was done together, window, q and tier.

The explorer shows the posts behind these links alone, and the code that it gives says the same again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from spmc_tools.errors import ParameterError, quote
from spmc_tools.findings.clusters.evidence import carrying

if TYPE_CHECKING:
    from collections.abc import Container

    import pandas as pd

    from spmc_tools.findings.result.found import Findings

__all__ = ["narrowed", "tiers_from"]

_TIERS = ("A", "B", "C")


def tiers_from(lowest: str) -> list[str]:
    """Return a tier and those above it.

    Raises
    ------
    ParameterError
        Where there is no such tier.
    """
    if lowest not in _TIERS:
        raise ParameterError(f"There is no tier {quote(lowest)}; wanted one of {', '.join(_TIERS)}.")
    return list(_TIERS[: _TIERS.index(lowest) + 1])


def narrowed(
    found: Findings,
    *,
    trace: str | None = None,
    window_s: float | None = None,
    q: float | None = None,
    tier: str | None = None,
) -> Findings:
    """Return findings that hold only the links which fit: their evidence is the posts behind these.

    Parameters
    ----------
    found : Findings
        They stay as they are.
    trace : str, optional
        Name of a trace; None: all.
    window_s : float, optional
        In step within exactly this window; None: all windows.
    q : float, optional
        At most; None: any.
    tier : {"A", "B", "C"}, optional
        Both accounts in this tier or above; None: whatever their tier.

    Returns
    -------
    Findings
        With nothing asked for: ``found`` itself. Else links that carry a finding and fit. Of posts that sign an event
        those of the trace and tier; none where a window or a q is asked for, as an event has neither. Bursts: none.
    """
    if all(one is None for one in (trace, window_s, q, tier)):
        return found
    edges, signed = found.edges[carrying(found.edges)], found.signed
    if trace is not None:
        edges, signed = edges[edges["trace"] == trace], signed[signed["trace"] == trace]
    if window_s is not None:
        edges, signed = edges[edges["window_s"] == window_s], signed[:0]
    if q is not None:
        edges, signed = edges[edges["q"] <= q], signed[:0]
    if tier is not None:
        own = found.accounts
        shown = frozenset(own.loc[own["tier"].isin(tiers_from(tier)), "account_id"])
        edges, signed = _between(edges, shown), signed[signed["account_id"].isin(shown)]
    return replace(found, edges=edges, signed=signed, bursts=found.bursts[:0])


def _between(edges: pd.DataFrame, accounts: Container[str]) -> pd.DataFrame:
    return edges[edges["account_a"].isin(accounts) & edges["account_b"].isin(accounts)]  # type: ignore[arg-type]
