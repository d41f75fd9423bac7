"""The course of a group for its card: its posts and accounts per hour, day or week, and what its members did in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from spmc_tools.desks.base.calendar import IST, bands
from spmc_tools.report.scope.received import inside, span
from spmc_tools.show.charts.calendar_marks import marked

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.report.scope.scope import Scope
    from spmc_tools.report.sections.groups.shown_groups import Group

__all__ = ["over_time", "parts", "stretches"]

HOUR, DAY, WEEK = 3600, 86_400, 7 * 86_400
HOURS_UP_TO, DAYS_UP_TO = timedelta(days=2), timedelta(days=120)
PARTS = {"earliest in this collection": "early", "bridge": "bridge"}
"""Keys of the wording, by what :func:`spmc_tools.network.roles.roles` calls a part. Its *amplifier* is not told: where
twenty act on each thing, everybody comes after others, and no chance is set against it."""


def over_time(evidence: pd.DataFrame, scope: Scope) -> dict[str, Any]:
    """Return posts and accounts in each stretch of a group's time, with what the calendar marks.

    Parameters
    ----------
    evidence : pandas.DataFrame
        The records of the accounts that may be named, each once.
    scope : Scope
        Its event says which polls are marked.

    Returns
    -------
    dict
        ``step`` (``hour`` up to two days, ``day`` up to 120, else ``week``) and ``step_s``; ``start``, the hour or
        midnight in IST at which the first stretch begins, None without a record; ``counts`` of posts, ``makers`` (how
        many accounts made them) and ``silence`` (posts in a silence period) of all stretches in order; ``bands`` of
        the calendar.

    Notes
    -----
    A group that posts with the hours of the day or the days of a poll does what everybody does: the picture says
    when, not why. Known false positive: gaps of the collection look like pauses.
    """
    first, last = span(evidence)
    if first is None or last is None:
        return {"step": "day", "step_s": DAY, "start": None, "counts": [], "makers": [], "silence": [], "bands": []}
    step = "hour" if last - first <= HOURS_UP_TO else "day" if last - first <= DAYS_UP_TO else "week"
    seconds = {"hour": HOUR, "day": DAY, "week": WEEK}[step]
    local = first.astimezone(IST).replace(minute=0, second=0, microsecond=0)
    start = (local if step == "hour" else local.replace(hour=0)).astimezone(UTC)
    place = ((evidence["created_at"] - start).dt.total_seconds() // seconds).astype("int64")
    marks = bands(first, last + timedelta(seconds=1), scope.event)
    silent = place[inside(evidence["created_at"], marks, "silence")].value_counts()
    posts, accounts = place.value_counts(), evidence.groupby(place)["account_id"].nunique()
    every = range(int(place.max()) + 1)
    return {
        "step": step,
        "step_s": seconds,
        "start": start,
        "counts": [int(posts.get(n, 0)) for n in every],
        "makers": [int(accounts.get(n, 0)) for n in every],
        "silence": [int(silent.get(n, 0)) for n in every],
        "bands": [marked(one) for one in marks if one.where is None],
    }


def stretches(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the stretches with a post as rows of a table: ``at`` (ISO), ``posts``, ``makers``, ``silence``."""
    if not values["start"]:
        return []
    start, step = datetime.fromisoformat(values["start"]), timedelta(seconds=values["step_s"])
    told = zip(values["counts"], values["makers"], values["silence"], strict=True)
    return [
        {"at": (start + n * step).isoformat(), "posts": posts, "makers": makers, "silence": silence}
        for n, (posts, makers, silence) in enumerate(told)
        if posts
    ]


def parts(found: Any, group: Group, number: dict[str, int]) -> list[dict[str, Any]]:
    """Return what each account that may be named did in its group, by number; empty where no pair of it is linked.

    ``what``: ``early`` (first on more things than a chance order gives, q < .05), ``bridge`` (its links join parts of
    the group), None; ``things`` on which it was in step with others of the group, ``first`` of these it led,
    ``expected`` by a chance order. See :mod:`spmc_tools.network.roles` for the formula and its known false positives.
    """
    from spmc_tools.findings.clusters.evidence import carrying

    edges = found.edges[carrying(found.edges)]
    if not (edges["account_a"].isin(group.members) & edges["account_b"].isin(group.members)).any():
        return []
    table = found.roles(group.cluster_id)
    rows = [
        {
            "n": number[row["account_id"]],
            "what": PARTS.get(row["role"]),
            "things": int(row["n_objects"]),
            "first": int(row["n_first"]),
            "expected": float(row["expected_first"]),
        }
        for row in table[table["account_id"].isin(group.named)].to_dict("records")
    ]
    return sorted(rows, key=lambda row: row["n"])
