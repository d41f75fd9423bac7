"""What is left of findings where links are filtered: by what was done together, window, q and tier.

The explorer shows the posts behind these links alone, and the code that it gives says the same again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from spmc_tools.errors import ParameterError, quote
from spmc_tools.findings.clusters.evidence import carrying
from spmc_tools.show.selection.state import Filters

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.findings.result.findings import Findings

__all__ = ["fitting", "narrowed", "tiers_from"]

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
        those of the trace and tier; none where a window or a q is asked for, as an event has neither. Bursts and
        groups within hours: none.
    """
    filters = Filters(trace, window_s, q, tier)
    if not filters.asked():
        return found
    edges, signed = fitting(found.edges[carrying(found.edges)], found.accounts, filters), found.signed
    if trace is not None:
        signed = signed[signed["trace"] == trace]
    if window_s is not None or q is not None:
        signed = signed[:0]
    if tier is not None:
        signed = signed[signed["account_id"].isin(_in_tier(found.accounts, tier))]
    return replace(found, edges=edges, signed=signed, bursts=found.bursts[:0], sessions=found.sessions[:0])


def fitting(edges: pd.DataFrame, accounts: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """Return the links that fit every filter.

    Parameters
    ----------
    edges : pandas.DataFrame
        ``account_a, account_b, trace, window_s, q``.
    accounts : pandas.DataFrame
        ``account_id, tier``.
    filters : Filters
        What is asked for.
    """
    if filters.trace is not None:
        edges = edges[edges["trace"] == filters.trace]
    if filters.window_s is not None:
        edges = edges[edges["window_s"] == filters.window_s]
    if filters.q is not None:
        edges = edges[edges["q"] <= filters.q]
    if filters.tier is not None:
        shown = _in_tier(accounts, filters.tier)
        edges = edges[edges["account_a"].isin(shown) & edges["account_b"].isin(shown)]
    return edges


def _in_tier(accounts: pd.DataFrame, lowest: str) -> list[str]:
    shown: list[str] = accounts.loc[accounts["tier"].isin(tiers_from(lowest)), "account_id"].tolist()
    return shown
