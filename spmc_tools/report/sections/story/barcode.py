"""The posts of a group over time, a row for each account and a mark for each post, and other accounts below.

What accounts of a group share has one mark, so that posts of one thing stand in columns where they act together. The
other accounts are as many, drawn by lot from those of no group that have about as many posts in the same days; a post
of theirs about something that the group shared has a mark as well. The seed is that of the investigation.

Notes
-----
Rows stand in the order of the numbers, which rank nobody. Of a group with more accounts than rows, those drawn are
chosen by lot. The axis ends at the days of the case; what lies outside is counted. Like activity is like in number of
posts alone, not in what is posted or by whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from spmc_tools.desks.base.calendar import IST, bands
from spmc_tools.report.sections.story.story_values import Barcode, DrawnPosts, NotDrawn, ThingInPicture
from spmc_tools.report.values.calendar_band import calendar_band
from spmc_tools.report.values.listed import Listed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import pandas as pd

    from spmc_tools.report.scope.scope import Scope

__all__ = ["MOST_ROWS", "MOST_THINGS", "Drawn", "barcode", "matched", "period_of"]

MOST_ROWS, MOST_THINGS = 24, 8
"""Accounts of a group that are drawn, and things with a mark of their own."""

MOST_MARKS, MOST_LAGS = 900, 3000
_TEXT = 160


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a picture is made of.

    Attributes
    ----------
    evidence : pandas.DataFrame
        Posts in step of the accounts that may be named: ``record_id, account_id, created_at, text, thing``.
    number : mapping
        Account -> its number in the report.
    answers : sequence of datetime
        When claims that the group carries were answered.
    apart : collection of str
        Accounts that are not drawn beside: those of any group, and registered ones.
    thing_of : callable
        Gives of some records the thing that each is about, by record.
    seed : int
        Of the lot.
    """

    evidence: pd.DataFrame
    number: Mapping[str, int]
    answers: Sequence[datetime]
    apart: Collection[str]
    thing_of: Callable[[Sequence[str]], Mapping[str, str]]
    seed: int


def period_of(scope: Scope, times: pd.Series[Any]) -> tuple[datetime, datetime]:
    """Return between which moments an axis may lie: the days of the report, else of the case, where any time does.

    Where none of the times lies in these days: from the first of them to the last.
    """
    settings = scope.case.settings
    first = scope.date_from or settings.date_from
    last = scope.date_to or settings.date_to
    start = datetime.combine(first, time(), tzinfo=IST).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), time(), tzinfo=IST).astimezone(UTC)
    if len(times) and ((times >= start) & (times < end)).any():
        return start, end
    if not len(times):
        return start, end
    return times.min().to_pydatetime(), times.max().to_pydatetime() + timedelta(seconds=1)


def barcode(scope: Scope, drawn: Drawn) -> Barcode | None:
    """Return the picture of a group; None where it has no post in step."""
    evidence = drawn.evidence
    if not len(evidence):
        return None
    first, last = period_of(scope, evidence["created_at"])
    within = evidence[(evidence["created_at"] >= first) & (evidence["created_at"] < last)]
    start, end = within["created_at"].min(), within["created_at"].max()
    lot = np.random.default_rng(drawn.seed)
    rows = _rows(within["account_id"].unique().tolist(), drawn.number, lot)
    place = {account: n for n, account in enumerate(rows)}
    counts = within["thing"].dropna().value_counts()
    shared = sorted(counts.index, key=lambda thing: (-counts[thing], str(thing)))
    mark = {thing: min(n, MOST_THINGS + 1) for n, thing in enumerate(shared, start=1)}
    posts = scope.searched
    posts = posts[(posts["created_at"] >= start) & (posts["created_at"] <= end)]
    beside = matched(posts, rows, drawn.apart, lot)
    own, thinned = _own(within, posts, place, mark, lot)
    other, other_thinned = _beside(posts, beside, drawn, mark, lot)
    marked = bands(start.to_pydatetime(), end.to_pydatetime() + timedelta(seconds=1), scope.event)
    return Barcode(
        labels=tuple(str(drawn.number[account]) for account in rows),
        all=int(evidence["account_id"].nunique()),
        own=own,
        beside=other,
        beside_rows=len(beside),
        things=Listed(
            rows=tuple(_thing(within[within["thing"] == thing]) for thing in shared[:MOST_THINGS]), all=len(shared)
        ),
        lags_s=_lags(evidence, lot),
        start=start,
        end=end,
        not_drawn=NotDrawn(outside=len(evidence) - len(within), thinned=thinned + other_thinned),
        bands=tuple(calendar_band(band) for band in marked if band.where is None),
        answers=tuple(sorted(moment for moment in drawn.answers if start <= moment <= end)),
    )


def _rows(accounts: list[str], number: Mapping[str, int], lot: np.random.Generator) -> list[str]:
    """Return the accounts that are drawn, by number; where there are too many, by lot."""
    chosen = sorted(accounts, key=lambda account: number[account])
    if len(chosen) > MOST_ROWS:
        taken = lot.choice(len(chosen), MOST_ROWS, replace=False)
        chosen = [chosen[n] for n in sorted(taken.tolist())]
    return chosen


def matched(
    posts: pd.DataFrame, accounts: Sequence[str], apart: Collection[str], lot: np.random.Generator
) -> list[str]:
    """Return for each account another one with about as many posts, each once, ties by lot; at most as many as exist.

    Parameters
    ----------
    posts : pandas.DataFrame
        ``account_id`` of each post.
    accounts : sequence of str
        In the order in which they choose.
    apart : collection of str
        Who is not chosen.
    lot : numpy.random.Generator
        Shuffles those that are there, so that of equal ones any may come.
    """
    counts = posts["account_id"].value_counts()
    free = counts[~counts.index.isin(apart) & ~counts.index.isin(accounts)].sort_index()
    order = lot.permutation(len(free))
    names, numbers = free.index.to_numpy()[order], free.to_numpy()[order].astype("int64")
    open_ones = np.ones(len(names), dtype=bool)
    found = []
    for account in accounts:
        if not open_ones.any():
            break
        apart_by = np.abs(numbers - int(counts.get(account, 0))).astype("float64")
        apart_by[~open_ones] = np.inf
        nearest = int(apart_by.argmin())
        open_ones[nearest] = False
        found.append(str(names[nearest]))
    return found


def _own(
    within: pd.DataFrame,
    posts: pd.DataFrame,
    place: Mapping[str, int],
    mark: Mapping[str, int],
    lot: np.random.Generator,
) -> tuple[DrawnPosts, int]:
    """Return the posts in step of the rows, then their others, and how many are not drawn."""
    step = within[within["account_id"].isin(place)]
    marks = [mark.get(thing, 0) for thing in step["thing"]]
    others = posts[posts["account_id"].isin(place) & ~posts["record_id"].isin(set(step["record_id"]))]
    kept, left = _thin(step.assign(mark=marks), MOST_MARKS, lot)
    rest, rest_left = _thin(others.assign(mark=0), max(0, MOST_MARKS - len(kept)), lot)
    return _drawn([kept, rest], place), left + rest_left


def _beside(
    posts: pd.DataFrame, beside: Sequence[str], drawn: Drawn, mark: Mapping[str, int], lot: np.random.Generator
) -> tuple[DrawnPosts, int]:
    theirs = posts[posts["account_id"].isin(beside)]
    thing_of = drawn.thing_of(theirs["record_id"].tolist())
    marks = [mark.get(thing_of.get(record, ""), 0) for record in theirs["record_id"]]
    kept, left = _thin(theirs.assign(mark=marks), MOST_MARKS, lot)
    return _drawn([kept], {account: n for n, account in enumerate(beside)}), left


def _thin(posts: pd.DataFrame, most: int, lot: np.random.Generator) -> tuple[pd.DataFrame, int]:
    """Return at most so many posts, chosen by lot, in their order, and how many were left out."""
    if len(posts) <= most:
        return posts, 0
    taken = sorted(lot.choice(len(posts), most, replace=False).tolist())
    return posts.iloc[taken], len(posts) - most


def _drawn(parts: Sequence[pd.DataFrame], place: Mapping[str, int]) -> DrawnPosts:
    rows = [
        (moment, place[account], mark)
        for part in parts
        for account, moment, mark in zip(part["account_id"], part["created_at"], part["mark"], strict=True)
    ]
    rows.sort()
    return DrawnPosts(
        rows=tuple(row for _, row, _ in rows),
        times=tuple(moment.to_pydatetime() for moment, _, _ in rows),
        things=tuple(int(mark) for *_, mark in rows),
    )


def _thing(posts: pd.DataFrame) -> ThingInPicture:
    texts = [text for text in posts.get("text", []) if isinstance(text, str)]
    return ThingInPicture(posts=len(posts), text=texts[0][:_TEXT] if texts else None)


def _lags(evidence: pd.DataFrame, lot: np.random.Generator) -> tuple[float, ...]:
    """Return the seconds from the first post on each thing to each later one, in order; at most 3,000 by lot."""
    times = evidence[evidence["thing"].notna()].sort_values("created_at", kind="stable")
    first = times.groupby("thing")["created_at"].transform("min")
    lags = (times["created_at"] - first).dt.total_seconds()[times.duplicated("thing")].to_numpy()
    if len(lags) > MOST_LAGS:
        lags = lot.choice(lags, MOST_LAGS, replace=False)
    return tuple(float(lag) for lag in np.sort(lags))
