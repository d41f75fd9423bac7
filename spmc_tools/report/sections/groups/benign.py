"""Accounts of a group that look like newsrooms by what they post: the measured numbers, for the officer to check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.report.values.privacy import Count, Number, Site
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    from collections.abc import Collection

    from spmc_tools.findings.result.findings import Findings

__all__ = ["NewsroomPattern", "decides", "pattern_rows"]


@section_values
class NewsroomPattern:
    """What was measured of a member that looks like a newsroom by what it posts; None where it was not measured.

    Attributes
    ----------
    site : str or None
        The domain that its own posts lead to.
    n_own : int or None
        Posts of its own.
    own_share : float or None
        These, of all its posts.
    topics : float or None
        Effective number of topics.
    n_days : int or None
        Days with a post of its own.
    shared_linked : float or None
        Share of what it shares that leads to its site.
    sole_share : float or None
        Share of the group's links to that site that are its own.
    n_readers : int or None
        Accounts outside the group that reposted, quoted or answered it.
    """

    site: Site | None
    n_own: Count | None
    own_share: Number | None
    topics: Number | None
    n_days: Count | None
    shared_linked: Number | None
    sole_share: Number | None
    n_readers: Count | None


def decides(benign: Any) -> bool:
    """Tell whether the newsroom pattern is why an account has no tier from texts and links."""
    return isinstance(benign, dict) and bool(benign.get("decides"))


def pattern_rows(found: Findings, members: Collection[str]) -> tuple[NewsroomPattern, ...]:
    """Return one row per member whose tier the newsroom pattern decides, by its site; none says who it is."""
    measured = found.accounts[found.accounts["account_id"].isin(list(members))]["benign"]
    rows = (_pattern(numbers) for numbers in measured if decides(numbers))
    return tuple(sorted(rows, key=lambda row: str(row.site)))


def _pattern(numbers: dict[str, Any]) -> NewsroomPattern:
    return NewsroomPattern(
        site=numbers.get("site"),
        n_own=numbers.get("n_own"),
        own_share=numbers.get("own_share"),
        topics=numbers.get("topics"),
        n_days=numbers.get("n_days"),
        shared_linked=numbers.get("shared_linked"),
        sole_share=numbers.get("sole_share"),
        n_readers=numbers.get("n_readers"),
    )
