"""Accounts of a group that look like newsrooms by what they post: the measured numbers, for the officer to check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.report.values.privacy import Count, Number, Site
from spmc_tools.report.values.section_values import section_values, values_from

if TYPE_CHECKING:
    from collections.abc import Collection

    from spmc_tools.findings.result.findings import Findings

__all__ = ["NewsroomPattern", "decided", "pattern_rows"]


@section_values
class NewsroomPattern:
    """What was measured of a member that looks like a newsroom by what it posts.

    Attributes
    ----------
    site : str or None
        The domain that its own posts lead to.
    n_own : int
        Posts of its own.
    own_share : float
        These, of all its posts.
    topics : float
        Effective number of topics.
    n_days : int
        Days with a post of its own.
    shared_linked : float
        Share of what it shares that leads to its site.
    sole_share : float
        Share of the group's links to that site that are its own.
    n_readers : int
        Accounts outside the group that reposted, quoted or answered it.
    """

    site: Site | None
    n_own: Count
    own_share: Number
    topics: Number
    n_days: Count
    shared_linked: Number
    sole_share: Number
    n_readers: Count


def decided(found: Findings) -> set[str]:
    """Return the accounts that have no tier from texts and links because of the newsroom pattern."""
    patterns = found.account_patterns
    return set(patterns.loc[patterns["decides"].astype(bool), "account_id"])


def pattern_rows(found: Findings, members: Collection[str]) -> tuple[NewsroomPattern, ...]:
    """Return one row per member whose tier the newsroom pattern decides, by its site; none says who it is."""
    patterns = found.account_patterns
    listed = patterns[patterns["account_id"].isin(decided(found).intersection(members))]
    rows = (_pattern(numbers) for numbers in listed.to_dict("records"))
    return tuple(sorted(rows, key=lambda row: str(row.site)))


def _pattern(numbers: dict[Any, Any]) -> NewsroomPattern:
    return values_from(NewsroomPattern, numbers, site=numbers["site"] if isinstance(numbers["site"], str) else None)
