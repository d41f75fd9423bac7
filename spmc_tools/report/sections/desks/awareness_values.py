"""Values of the sections on campaigns: beside the page's other posts, groups of posts, the best, the odd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.report.sections.desks.limit_counts import Limits, limit_counts
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.listed import Listed
from spmc_tools.report.values.privacy import Code, Count, Flag, Number, RecordId, Time, Wording
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    from spmc_tools.desks.reach.awareness import Awareness

__all__ = [
    "SECTIONS",
    "BestPost",
    "BestPosts",
    "Campaign",
    "Campaigns",
    "PostGroup",
    "PostGroups",
    "RateRatio",
    "awareness",
    "awareness_best",
    "awareness_by",
    "awareness_limits",
]

ROWS = 40


@section_values
class RateRatio:
    """A ratio of two sides with its interval, and the posts on each; None where there are too few."""

    ratio: Number | None
    low: Number | None
    high: Number | None
    n: tuple[Count, ...]


@section_values
class Campaign:
    """A campaign on one platform, as :func:`spmc_tools.desks.reach.awareness.campaigns` compares it.

    ``first`` and ``last`` of its posts; ``counts``: what ``base`` counts; ``differs``: higher, lower, no or few.
    """

    campaign: Wording
    name: Wording | None
    theme: Wording | None
    platform: Code
    n: Count
    first: Time | None
    last: Time | None
    counts: Code | None
    base: Number | None
    base_low: Number | None
    base_high: Number | None
    rate: Number | None
    low: Number | None
    high: Number | None
    beside: RateRatio
    base_beside: RateRatio
    after: RateRatio
    differs: Code


@section_values
class Campaigns:
    """The first campaigns; counts over all; ``first``: the highest above the other posts.

    ``bases``: what the base counts, by platform.
    """

    rows: Listed[Campaign]
    campaigns: Count
    posts: Count
    tagged: Count
    compared: Count
    higher: Count
    lower: Count
    first: Campaign | None
    bases: dict[Code, Code]


@section_values
class PostGroup:
    """Posts of a platform with one ``value`` of a column: an hour or weekday, else the sheet's word."""

    platform: Code
    value: Wording | Count | None
    n: Count
    rated: Count
    base: Number | None
    rate: Number | None
    low: Number | None
    high: Number | None


@section_values
class PostGroups:
    """Groups of posts by the name of the column; ``bases``: what the base counts, by platform."""

    by: dict[Code, tuple[PostGroup, ...]]
    bases: dict[Code, Code]


@section_values
class BestPost:
    """A post with one of the highest rates of its platform; ``timed``: its hour is known; ``times``: the median."""

    platform: Code
    record_id: RecordId | None
    campaign: Wording | None
    name: Wording | None
    form: Wording | None
    language: Code | None
    posted_at: Time | None
    timed: Flag
    base: Number | None
    rate: Number | None
    times: Number | None


@section_values
class BestPosts:
    """The posts with the highest rates, of each platform together."""

    rows: tuple[BestPost, ...]


def awareness(reached: Awareness) -> Campaigns:
    """Return the campaigns, and of how many the rate lies clearly above or below that of the page's other posts."""
    from spmc_tools.desks.reach.awareness import campaigns

    rows = [_campaign(row) for row in campaigns(reached)]
    compared = [row for row in rows if row.differs != "few"]
    higher = [row for row in compared if row.differs == "higher"]
    return Campaigns(
        rows=Listed(rows=tuple(rows[:ROWS]), all=len(rows)),
        campaigns=len({row.campaign for row in rows}),
        posts=len(reached.posts),
        tagged=int(reached.posts["campaign"].notna().sum()),
        compared=len(compared),
        higher=len(higher),
        lower=sum(row.differs == "lower" for row in compared),
        first=max(higher, key=lambda row: row.beside.low or 0.0, default=None),
        bases=reached.bases,
    )


def _campaign(row: dict[str, Any]) -> Campaign:
    sides = ("beside", "base_beside", "after")
    ratios = {side: RateRatio(**{**row[side], "n": tuple(row[side]["n"])}) for side in sides}
    return Campaign(**{**row, **ratios})


def awareness_by(reached: Awareness) -> PostGroups:
    """Return posts of each platform by form, language, hour and weekday."""
    from spmc_tools.desks.reach.awareness import BY, groups

    return PostGroups(
        by={
            name: tuple(PostGroup(**row) for row in groups(reached.posts, name) if row["rated"])[: 6 * ROWS]
            for name in BY
        },
        bases=reached.bases,
    )


def awareness_best(reached: Awareness) -> BestPosts:
    """Return on each platform the posts with the highest rates."""
    from spmc_tools.desks.reach.awareness import best

    names = dict(zip(reached.names["campaign_id"], reached.names["name"], strict=True))
    return BestPosts(rows=tuple(BestPost(**row, name=names.get(row["campaign"])) for row in best(reached.posts)))


def awareness_limits(reached: Awareness) -> Limits:
    """Return what could not be used, as counts that are not 0."""
    return Limits(counts=limit_counts((name, n) for name, n in reached.counts.items() if name != "posts"))


SECTIONS = (
    Declaration("awareness", ("reached",), awareness, Campaigns),
    Declaration("awareness_by", ("reached",), awareness_by, PostGroups),
    Declaration("awareness_best", ("reached",), awareness_best, BestPosts),
    Declaration("awareness_limits", ("reached",), awareness_limits, Limits),
)
"""The sections that stand in this module."""
