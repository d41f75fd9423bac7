"""Which findings stay when a choice of the method is another one: the window, the strata.

Every trace is assessed again with one window at a time, and with each trace's own windows and one stratum for all. A
finding stays where its named accounts are named again, in any trace.

Notes
-----
Assumptions: none of its own. A finding that rests on one window may be real (a campaign has its pace) or an accident of
the choice; one that stays under all of them does not depend on it. Known traps: with a wide window crowds are in step
that are not at sixty seconds, so that fewer accounts are named; with one stratum circles of readers are no longer told
apart, so that more may be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.findings.assessment.assess import assess
from spmc_tools.findings.robustness.looked_at import NAMED, kept_by_case, looked_at
from spmc_tools.progress import unheard

if TYPE_CHECKING:
    from collections.abc import Callable

    from spmc_tools.findings.robustness.looked_at import LookedAt

__all__ = ["WINDOWS_S", "variants"]

WINDOWS_S = (60, 300, 600, 1800, 3600)
"""Windows that are tried one at a time, seconds."""


def variants(found: Any, *, progress: Callable[[str, int, int], None] | None = None) -> dict[str, Any]:
    """Return how many accounts of each finding are named again under other choices; a case keeps it.

    Parameters
    ----------
    found : Findings
        What was found.
    progress : callable, optional
        Called with the variant, done and total.

    Returns
    -------
    dict
        ``findings``: of each cluster with an account in tier A or B ``cluster_id`` and ``named``, in the order of
        ``found.clusters``. ``rows``, one per variant: ``window_s`` (None: each trace's own), ``strata`` ("learned" or
        "none"), ``traces`` that could be asked, ``stay`` (accounts named again, per finding), ``named`` (all accounts
        named), ``new`` (those not named in the case).
    """
    tell = progress or unheard
    return kept_by_case(found, "variants", {"windows_s": list(WINDOWS_S)}, __name__, lambda: _variants(found, tell))


def _variants(found: Any, tell: Callable[[str, int, int], None]) -> dict[str, Any]:
    accounts = found.accounts
    before = set(accounts.loc[accounts["tier"].isin(NAMED), "account_id"])
    shown = [(int(row["cluster_id"]), before & set(row["accounts"])) for row in found.clusters.to_dict("records")]
    shown = [(number, named) for number, named in shown if named]
    traces = [look for look in looked_at(found) if look.windows_s]
    asked: list[tuple[float | None, str]] = [(None, "learned"), (None, "none")]
    asked += [(float(window), "learned") for window in WINDOWS_S]
    rows = []
    for number, (window, strata) in enumerate(asked):
        tell("variants", number, len(asked))
        able = [look for look in traces if _fits(look, window)]
        named = {a for look in able for a in _named(look, window, strata, found.parameters["seed"])}
        rows.append(
            {
                "window_s": window,
                "strata": strata,
                "traces": [look.trace for look in able],
                "stay": [len(members & named) for _, members in shown],
                "named": len(named),
                "new": len(named - before),
            }
        )
    tell("variants", len(asked), len(asked))
    return {"findings": [{"cluster_id": number, "named": len(members)} for number, members in shown], "rows": rows}


def _fits(look: LookedAt, window_s: float | None) -> bool:
    """Return whether the clocks behind the actions allow a window, as in the investigation itself."""
    return window_s is None or look.step_s is None or window_s >= 2 * look.step_s


def _named(look: LookedAt, window_s: float | None, strata: str, seed: int) -> set[str]:
    windows = look.windows_s if window_s is None else (window_s,)
    learned = "learn" if strata == "learned" else None
    accounts = assess(look.actions, windows, learned, look.context, seed).accounts
    return set(accounts.loc[accounts["named"], "account_id"])
