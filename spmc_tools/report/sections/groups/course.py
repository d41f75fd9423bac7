"""The course of a group for its card: its posts and accounts per hour, day or week, and what its members did in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from spmc_tools.desks.base.calendar import IST, bands
from spmc_tools.report.scope.received import inside, span
from spmc_tools.report.values.calendar_band import CalendarBand, calendar_band
from spmc_tools.report.values.privacy import Code, Count, Number, Time
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.report.scope.scope import Scope
    from spmc_tools.report.sections.groups.shown_groups import Group

__all__ = ["Course", "PartPlayed", "Stretch", "over_time", "parts", "stretches"]

HOUR, DAY, WEEK = 3600, 86_400, 7 * 86_400
HOURS_UP_TO, DAYS_UP_TO = timedelta(days=2), timedelta(days=120)
PARTS = {"earliest in this collection": "early", "bridge": "bridge"}
"""Keys of the wording, by what :func:`spmc_tools.network.roles.roles` calls a part. Its *amplifier* is not told: where
twenty act on each thing, everybody comes after others, and no chance is set against it."""


@section_values
class Course:
    """Posts and accounts of a group in each stretch of its time.

    Attributes
    ----------
    step : str
        ``hour`` up to two days, ``day`` up to 120, else ``week``; ``step_s`` is its length.
    start : datetime or None
        The hour or midnight in IST at which the first stretch begins; None without a record.
    counts, makers, silence : tuple of int
        Posts, the accounts that made them, and posts in a silence period: of all stretches in order.
    bands : tuple of CalendarBand
        What the calendar marks.
    """

    step: Code
    step_s: Count
    start: Time | None
    counts: tuple[Count, ...]
    makers: tuple[Count, ...]
    silence: tuple[Count, ...]
    bands: tuple[CalendarBand, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of a course as a row of a table: its begin ``at``, posts, accounts that made them, in silence."""

    at: datetime
    posts: int
    makers: int
    silence: int


@section_values
class PartPlayed:
    """What an account that may be named did in its group, by its number.

    Attributes
    ----------
    what : str or None
        ``early`` (first on more things than a chance order gives, q < .05), ``bridge`` (its links join parts of the
        group), None.
    things, first : int
        On how many it was in step with others of the group, and how many of these it led.
    expected : float
        How many it would lead by a chance order.
    """

    n: Count
    what: Code | None
    things: Count
    first: Count
    expected: Number


def over_time(evidence: pd.DataFrame, scope: Scope) -> Course:
    """Return posts and accounts in each stretch of a group's time, with what the calendar marks.

    Parameters
    ----------
    evidence : pandas.DataFrame
        The records of the accounts that may be named, each once.
    scope : Scope
        Its event says which polls are marked.

    Notes
    -----
    A group that posts with the hours of the day or the days of a poll does what everybody does: the picture says
    when, not why. Known false positive: gaps of the collection look like pauses.
    """
    first, last = span(evidence)
    if first is None or last is None:
        return Course(step="day", step_s=DAY, start=None, counts=(), makers=(), silence=(), bands=())
    step = "hour" if last - first <= HOURS_UP_TO else "day" if last - first <= DAYS_UP_TO else "week"
    seconds = {"hour": HOUR, "day": DAY, "week": WEEK}[step]
    local = first.astimezone(IST).replace(minute=0, second=0, microsecond=0)
    start = (local if step == "hour" else local.replace(hour=0)).astimezone(UTC)
    place = ((evidence["created_at"] - start).dt.total_seconds() // seconds).astype("int64")
    marks = bands(first, last + timedelta(seconds=1), scope.event)
    silent = place[inside(evidence["created_at"], marks, "silence")].value_counts()
    posts, accounts = place.value_counts(), evidence.groupby(place)["account_id"].nunique()
    every = range(int(place.max()) + 1)
    return Course(
        step=step,
        step_s=seconds,
        start=start,
        counts=tuple(int(posts.get(n, 0)) for n in every),
        makers=tuple(int(accounts.get(n, 0)) for n in every),
        silence=tuple(int(silent.get(n, 0)) for n in every),
        bands=tuple(calendar_band(band) for band in marks if band.where is None),
    )


def stretches(course: Course) -> tuple[Stretch, ...]:
    """Return the stretches with a post as rows of a table."""
    if course.start is None:
        return ()
    step = timedelta(seconds=course.step_s)
    columns = zip(course.counts, course.makers, course.silence, strict=True)
    return tuple(
        Stretch(course.start + n * step, posts, makers, silence)
        for n, (posts, makers, silence) in enumerate(columns)
        if posts
    )


def parts(found: Findings, group: Group, number: dict[str, int]) -> tuple[PartPlayed, ...]:
    """Return what each account that may be named did in its group, by number; empty where no pair of it is linked.

    See :mod:`spmc_tools.network.roles` for the formula and its known false positives.
    """
    from spmc_tools.findings.clusters.evidence import carrying

    edges = found.edges[carrying(found.edges)]
    if not (edges["account_a"].isin(group.members) & edges["account_b"].isin(group.members)).any():
        return ()
    table = found.roles(group.cluster_id)
    rows = (
        PartPlayed(
            n=number[row["account_id"]],
            what=PARTS.get(row["role"]),
            things=int(row["n_objects"]),
            first=int(row["n_first"]),
            expected=float(row["expected_first"]),
        )
        for row in table[table["account_id"].isin(group.named)].to_dict("records")
    )
    return tuple(sorted(rows, key=lambda row: row.n))
