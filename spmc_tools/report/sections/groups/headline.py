"""Values of the first page: what was found, in one sentence and three numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.report.scope.scope import compared_records
from spmc_tools.report.sections.groups.cards import all_in_silence, carried, findings, of_named, silence_of
from spmc_tools.report.sections.groups.shown_groups import groups, named_accounts, set_aside

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case
    from spmc_tools.report.scope.scope import Scope

__all__ = ["summary"]

LEVEL = 0.05
PARTLY = frozenset({"clock_too_coarse", "events_without_client", "events_without_second", "events_not_run"})
"""Codes of what could not be run that leave the rest of a check standing."""

NO_ROOM = "too_large"
"""Code of a check that memory was too small for: the same data can be looked at elsewhere."""

SAID = 4
"""Groups whose posts the first page quotes."""


def summary(case: Case, scope: Scope, found: Any) -> dict[str, Any]:
    """Return the numbers of the first page.

    ``state``: ``found``, or of a page without a group ``insufficient`` (no posts, or no check that could say
    anything), ``aside`` (groups in step, none of which may be named) or ``nothing``; ``checks`` and ``checks_lost``
    count the kinds of activity that were looked at and those that could not be (untimed layers only rank, and count as
    neither).
    ``no_room`` counts the kinds of activity that memory was too small for; ``destroyed`` is true where there are posts
    and none of them is compared, since a spreadsheet destroyed the ids of their accounts.
    ``groups``, ``accounts`` and ``evidence`` count those in tier A or B and their posts, as the cards and the table of
    accounts do; ``trace`` is the one trace that all groups share, else None; ``example`` is the first pair of the
    first card, with its own expectation; ``finding_times`` gives the times of the posts, for the chart, and
    ``finding_days`` how many of them fall on each day.
    """
    import pandas as pd

    from spmc_tools.desks.base.calendar import IST

    made = findings(case, scope, found)["cards"]
    shown = groups(found)
    parts = [of_named(carried(found, group), group) for group in shown]
    evidence = pd.concat(parts, ignore_index=True).drop_duplicates("record_id") if parts else None
    local = evidence["created_at"].dt.tz_convert(IST).dt.date if evidence is not None else None
    traces = {trace for part in parts for trace in part["trace"]}
    windows = [card["window_s"] for card in made if card["window_s"] is not None]
    aside = set_aside(found)
    accounts = len(named_accounts(found))
    tiers = found.accounts["tier"]
    told = found.notes.get("traces", {})
    able = {name for name, notes in told.items() if notes.get("evidence") == "sufficient"}
    whole = {row["trace"] for row in found.not_run if row.get("code") not in PARTLY and row["window_s"] is None}
    lost = (whole | {name for name, notes in told.items() if notes.get("evidence")}) - able
    return {
        "state": _state(bool(shown), bool(len(scope.searched)) and bool(able), bool(aside)),
        "checks": len(able),
        "checks_lost": len(lost),
        "case": case.id,
        "title": case.settings.title,
        "event": scope.event.title if scope.event else None,
        "records": len(scope.searched),
        "look": last_look(scope),
        "accounts_seen": len(found.accounts),
        "groups": len(shown),
        "accounts": accounts,
        "by_chance": round(LEVEL * accounts),
        "others": sum(len(group.others) for group in shown),
        "few": int((tiers == "C").sum()),
        "trace": next(iter(traces)) if len(traces) == 1 else None,
        "traces": sorted(traces),
        "window_s": max(windows, default=None),
        "days": int(local.nunique()) if local is not None else 0,
        "evidence": len(evidence) if evidence is not None else 0,
        "silence": silence_of(evidence, scope, all_in_silence(scope)) if evidence is not None else None,
        "has_silence": scope.event is not None and scope.event.is_election,
        "example": _example(made),
        "said": [_said(place, card) for place, card in enumerate(made[:SAID], start=1)],
        "more_said": max(0, len(made) - SAID),
        "level": LEVEL,
        **_aside(aside),
        "unmatched": list(found.notes.get("context", {}).get("not_in_records", [])),
        "not_run": len(found.not_run),
        "no_room": len({row["trace"] for row in found.not_run if row.get("code") == NO_ROOM}),
        "destroyed": bool(len(scope.records)) and not len(compared_records(case, scope.records)),
        "finding_times": [] if evidence is None else sorted(evidence["created_at"].tolist()),
        "finding_days": {} if local is None else {str(day): int(n) for day, n in local.value_counts().items()},
    }


def last_look(scope: Scope) -> dict[str, Any] | None:
    """Return on which look the groups rest, where posts came after it; else None.

    ``last`` (its last post), ``age_s`` (from that one to the last post of all, in seconds), ``records``, ``since``
    (posts that came after it), ``made_at``.
    """
    look = scope.look
    if look is None:
        return None
    age_s = (scope.records["created_at"].max() - look.last).total_seconds()
    told = {"last": look.last, "age_s": max(0.0, age_s), "made_at": look.made_at}
    return {**told, "records": look.records, "since": look.of - look.records}


def _state(found: bool, able: bool, aside: bool) -> str:
    """Say which first page this is: no all-clear where nothing could have been seen."""
    if found:
        return "found"
    if not able:
        return "insufficient"
    return "aside" if aside else "nothing"


def _example(made: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the first pair of the first card that has one, with the number of its group."""
    for place, card in enumerate(made, start=1):
        if card["pairs"]:
            return {"group": place, **card["pairs"][0]}
    return None


def _said(place: int, card: dict[str, Any]) -> dict[str, Any]:
    """Return what one group did, an example of what its posts say, and what groups like it were in simulated weeks."""
    keys = ("named", "main_trace", "platforms", "records", "example", "like")
    return {"group": place, **{key: card[key] for key in keys}}


def _aside(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Return how many groups are not named, and why: with accounts known to the case, or on too few sources."""
    known = [one for one in rows if one["context"] is not None]
    return {
        "aside": len(rows),
        "aside_known": len(known),
        "aside_registered": sum(one["registered"] for one in known),
        "aside_not_registered": sum(one["not_registered"] for one in known),
    }
