"""Rows and values of the sections on where the pages stand.

``state`` is the state, ``page`` the page as the sheet has them. Moments are those at which the office read a figure;
figures of a day stand at its midnight (IST).
"""

from __future__ import annotations

from spmc_tools.report.sections.desks.limit_counts import Limits
from spmc_tools.report.values.calendar_band import CalendarBand
from spmc_tools.report.values.listed import Listed
from spmc_tools.report.values.privacy import Clock, Code, Count, Flag, Number, Place, Wording
from spmc_tools.report.values.section_values import section_values

__all__ = [
    "BarRow",
    "BrokenSeries",
    "ContradictingFigures",
    "DefinitionBreak",
    "GainedPage",
    "LostPage",
    "MetricSeries",
    "OlderFigures",
    "OverSpan",
    "OwnPage",
    "PlatformBars",
    "PlatformGrowth",
    "PlatformRanks",
    "RankedPage",
    "RankedState",
    "Standing",
    "StandingFigures",
    "StandingGrowth",
    "StandingLimits",
    "StandingRanks",
    "StateTotal",
    "TotalFigure",
    "TrackedPage",
]


@section_values
class OwnPage:
    """The own largest page on a platform; ``followers`` None: none was seen, and nothing else is known.

    ``rank`` among ``of`` pages, at ``best`` and ``worst`` where figures are rounded; ``before``: its rank at the start;
    ``gained`` ± ``margin`` in ``days``; ``above``: the states of the two pages right above it.
    """

    platform: Code
    followers: Number | None
    page: Place | None = None
    rounding: Number | None = None
    rank: Count | None = None
    best: Count | None = None
    worst: Count | None = None
    observed_at: Clock | None = None
    of: Count | None = None
    before: Count | None = None
    gained: Number | None = None
    margin: Number | None = None
    days: Number | None = None
    above: tuple[Place, ...] = ()


@section_values
class StateTotal:
    """Followers of a state's largest pages added, their rank, and the platforms on which it ``lacks`` a figure."""

    followers: Number
    rank: Count
    best: Count
    worst: Count
    lacks: tuple[Code, ...]


@section_values
class BarRow:
    """A bar: followers of a state's page, and its rank."""

    state: Place
    followers: Number | None
    rank: Count | None


@section_values
class PlatformBars:
    """The first pages of a platform and the own, and how many pages were not seen."""

    platform: Code
    rows: tuple[BarRow, ...]
    unseen: Count


@section_values
class OverSpan:
    """Figures of the span from ``start`` to ``end``."""

    start: Clock
    end: Clock


@section_values
class Standing(OverSpan):
    """Where the own pages stand on each platform and over all, what they gained, and the bars of the chart.

    ``gained`` ± ``margin`` over ``gained_of`` platforms; ``best``: the best rank, on ``best_platform``.
    """

    state: Place
    rows: tuple[OwnPage, ...]
    platforms: Count
    total: StateTotal | None
    states: Count
    total_before: Count | None
    gained: Number | None
    margin: Number
    gained_of: Count
    best: Count | None
    best_platform: Code | None
    chart: tuple[PlatformBars, ...]


@section_values
class RankedPage:
    """A page in order of rank; ``own``: it is the own state's; ``tied``: another has the same rank."""

    state: Place
    page: Place
    followers: Number | None
    rank: Count | None
    best: Count | None
    worst: Count | None
    observed_at: Clock | None
    own: Flag
    tied: Flag


@section_values
class PlatformRanks:
    """The first pages of a platform, and the own."""

    platform: Code
    rows: Listed[RankedPage]


@section_values
class RankedState:
    """A state in order of rank over all platforms."""

    state: Place
    followers: Number | None
    rank: Count | None
    best: Count | None
    worst: Count | None
    lacks: tuple[Code, ...]
    own: Flag


@section_values
class LostPage:
    """A page that was not seen for too long, and the page that may be its ``successor``."""

    platform: Code
    page: Place
    state: Place
    last_seen: Clock | None
    successor: Place | None


@section_values
class StandingRanks:
    """Ranks on each platform and over all, and the pages that are lost."""

    state: Place
    end: Clock
    oldest_days: Count
    parts: tuple[PlatformRanks, ...]
    overall: tuple[RankedState, ...]
    lost: Listed[LostPage]


@section_values
class GainedPage:
    """What a page gained: followers ``before`` and ``after``, ``gained`` ± ``margin`` in ``days``, as a ``share``."""

    state: Place
    page: Place
    before: Number | None
    after: Number | None
    gained: Number | None
    margin: Number | None
    days: Number | None
    share: Number | None
    own: Flag


@section_values
class PlatformGrowth:
    """The pages of a platform that gained the largest share and the own, and how many have no such figure."""

    platform: Code
    rows: tuple[GainedPage, ...]
    without: Count


@section_values
class TrackedPage:
    """Followers of an own page over time; ``odd``: figures that contradict each other; ``lost``: not seen any more."""

    platform: Code
    page: Place
    points: tuple[tuple[Clock, Number], ...]
    odd: tuple[tuple[Clock, Number], ...]
    lost: Flag
    successor: Place | None


@section_values
class StandingGrowth(OverSpan):
    """What pages gained over the span, and the own pages over time with what the calendar marks."""

    state: Place
    parts: tuple[PlatformGrowth, ...]
    series: tuple[TrackedPage, ...]
    bands: tuple[CalendarBand, ...]


@section_values
class TotalFigure:
    """A figure of a page over a span; ``value`` None: every day is hidden; ``parts`` rows, ``hidden`` of them.

    ``days`` are covered and ``missing`` are not; ``first`` is the first of them.
    """

    platform: Code
    page: Place
    metric: Wording
    definition: Wording | None
    value: Number | None
    days: Count
    missing: Count
    parts: Count
    hidden: Count
    first: Clock


@section_values
class OlderFigures(TotalFigure):
    """Spans before the span that were added, until ``end``; ``values``: their figures, where each was added."""

    end: Clock
    values: tuple[Number | None, ...]


@section_values
class MetricSeries:
    """A figure by day that counts one thing; a missing day has no value."""

    metric: Wording
    definition: Wording | None
    points: tuple[tuple[Clock, Number | None], ...]


@section_values
class DefinitionBreak:
    """The day from which the platform counts ``metric``, and no longer ``before``."""

    at: Clock
    metric: Wording
    before: Wording


@section_values
class BrokenSeries:
    """A page's figure by day from ``first`` to ``last``, cut where the platform changed what it counts.

    ``gaps``: the longest stretches of the ``missing`` days, from the first day to the day after the last.
    """

    platform: Code
    page: Place
    parts: tuple[MetricSeries, ...]
    breaks: tuple[DefinitionBreak, ...]
    missing: Count
    gaps: tuple[tuple[Clock, Clock], ...]
    first: Clock
    last: Clock
    bands: tuple[CalendarBand, ...] = ()


@section_values
class StandingFigures(OverSpan):
    """Figures of the own pages over the span of ``n_days``, ``older`` spans, and figures by day."""

    n_days: Count
    rows: tuple[TotalFigure, ...]
    older: tuple[OlderFigures, ...]
    series: Listed[BrokenSeries]


@section_values
class ContradictingFigures:
    """Two figures of a page within an hour, ``one`` and then the ``other``, that cannot both hold."""

    platform: Code
    page: Place
    state: Place
    observed_at: Clock
    one: Number
    other: Number


@section_values
class StandingLimits(Limits):
    """What is odd in the snapshots, as counts, the first contradictions, and how many snapshots and pages there are."""

    odd: tuple[ContradictingFigures, ...]
    snapshots: Count
    pages: Count
