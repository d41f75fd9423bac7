"""Exculpatory evidence: what in the posts of some accounts points to an ordinary explanation, and what one must cover.

A point stands beside a finding and changes no tier: a person reads it. Each limit decides over one sentence. None of
them was measured; ``docs/method.md`` says why each was chosen, and for whom it is wrong.

Four limits are shares of the posts. From ``TAGGED_SHARE`` on hashtags point to an open trend call, which anybody may
answer; from ``LINKED_SHARE`` on links point to newsrooms on one wire, or to readers of one page; from ``OTHER_SHARE``
on of posts that are nothing shared, accounts do other things as well, and below it little else; from ``FESTIVAL_SHARE``
on a festival on whose days everybody posts may explain them. An ordinary explanation must cover ``MANY_DAYS`` days of
IST and more (one event may explain fewer), and ``MANY_SOURCES`` sources and more (fans and volunteers share fewer).
Reposts half of which come at most ``FRESH_S`` seconds after the original are what notifications bring about; with fewer
than ``LEAST_REPOSTS`` whose originals are in the data nothing is said of their delay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spmc_tools.findings.tiers.basis import SEVERAL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

__all__ = ["Point", "SharedActivity", "exculpatory_points"]

TAGGED_SHARE = LINKED_SHARE = OTHER_SHARE = FESTIVAL_SHARE = 0.5
MANY_DAYS, MANY_SOURCES = 3, SEVERAL
FRESH_S, LEAST_REPOSTS = 300.0, 5


@dataclass(frozen=True, slots=True)
class SharedActivity:
    """What some accounts did together, counted over the posts that carry the finding.

    Attributes
    ----------
    n_posts : int
        Posts that carry the finding.
    n_all_posts : int
        All posts of these accounts in the data.
    n_tagged, n_linked, n_festival : int
        Posts that carry the finding with hashtags, with links, on festival days.
    n_sites : int
        Sites that the links lead to.
    n_days : int
        Days of IST with such a post.
    n_sources : int
        Independent sources that the finding rests on; 0: not known.
    copied_text : bool
        Whether copies of one text are part of the finding.
    own_sources : bool
        Whether what was shared has no source beside itself (texts, tags, pictures): ``n_sources`` then counts things.
    n_reposts : int
        Such posts that repost an original in the data.
    delay_s : float or None
        Median time from the original to the repost, in seconds; None without any.
    """

    n_posts: int
    n_all_posts: int
    n_tagged: int
    n_linked: int
    n_festival: int
    n_sites: int
    n_days: int
    n_sources: int
    copied_text: bool
    n_reposts: int = 0
    delay_s: float | None = None
    own_sources: bool = False

    def share(self, n: int) -> float:
        """Return the share that some of the posts are of those that carry the finding; 0 where there are none."""
        return n / max(1, self.n_posts)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to be read beside a finding.

    Attributes
    ----------
    side : "for" or "against"
        Whether it points to an ordinary explanation, or is what such an explanation must cover.
    what : str
        Which sentence says it.
    share, n, seconds : float, int, float, or None
        The figures of that sentence.
    """

    side: Literal["for", "against"]
    what: str
    share: float | None = None
    n: int | None = None
    seconds: float | None = None


def exculpatory_points(activity: SharedActivity) -> list[Point]:
    """Return what points to an ordinary explanation, and what one must cover, in the order in which it is read."""
    return [
        *_what_was_posted(activity),
        *_what_else_they_post(activity),
        *_how_widely(activity),
        *_how_soon(activity),
        *_festival(activity),
    ]


def _what_was_posted(activity: SharedActivity) -> Iterator[Point]:
    if activity.copied_text:
        yield Point("for", "ready_text")
    tagged, linked = activity.share(activity.n_tagged), activity.share(activity.n_linked)
    if tagged >= TAGGED_SHARE:
        yield Point("for", "hashtags", share=tagged)
    if linked >= LINKED_SHARE and activity.n_sites:
        yield Point("for", "links", share=linked, n=activity.n_sites)


def _what_else_they_post(activity: SharedActivity) -> Iterator[Point]:
    if activity.n_all_posts:
        other = max(0.0, 1 - activity.n_posts / activity.n_all_posts)
        yield (
            Point("for", "other_life", share=other)
            if other >= OTHER_SHARE
            else Point("against", "little_else", share=other)
        )


def _how_widely(activity: SharedActivity) -> Iterator[Point]:
    days, sources = activity.n_days, activity.n_sources
    yield Point("against", "many_days", n=days) if days >= MANY_DAYS else Point("for", "few_days", n=days)
    what = "things" if activity.own_sources else "sources"
    if sources >= MANY_SOURCES:
        yield Point("against", f"many_{what}", n=sources)
        if not activity.own_sources:
            yield Point("for", "follow_many", n=sources)
    elif sources:
        yield Point("for", f"few_{what}", n=sources)


def _how_soon(activity: SharedActivity) -> Iterator[Point]:
    delay = activity.delay_s
    if delay is not None and activity.n_reposts >= LEAST_REPOSTS:
        if delay <= FRESH_S:
            yield Point("for", "fresh", seconds=delay)
        else:
            yield Point("against", "stale", seconds=delay)
            yield Point("for", "handed_round")


def _festival(activity: SharedActivity) -> Iterator[Point]:
    share = activity.share(activity.n_festival)
    if share >= FESTIVAL_SHARE:
        yield Point("for", "festival", share=share)
