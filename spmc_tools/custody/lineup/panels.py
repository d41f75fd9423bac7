"""What the three panels of a line-up show: pictures and posts, made by one rule that does not know the finding.

Of each panel as many accounts, as many posts in the picture and as many below it. A thing is what two accounts of the
panel or more share; things are coloured by how many posts of the panel are about them. Lines stand in an order by lot.
Texts carry no handles, addresses or numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spmc_tools.coaction.traces.trace_catalogue import TRACES, actions_of
from spmc_tools.desks.base.calendar import bands
from spmc_tools.report.sections.story.barcode import MOST_THINGS
from spmc_tools.report.sections.story.story_values import Barcode, DrawnPosts, NotDrawn
from spmc_tools.report.values.calendar_band import calendar_band
from spmc_tools.report.values.listed import Listed
from spmc_tools.report.values.privacy import Code, Quoted, Time
from spmc_tools.report.values.section_values import section_values
from spmc_tools.text.personal import masked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import pandas as pd
    import pyarrow as pa

    from spmc_tools.desks.base.calendar import Event

__all__ = ["MOST_POSTS", "Panel", "PostInPanel", "panels", "things_of"]

MOST_POSTS = 12
_TEXT, _EACH = 280, 3


@section_values
class PostInPanel:
    """A post below a picture: when, and its words, masked."""

    at: Time
    text: Quoted | None


@section_values
class Panel:
    """One of three: its letter, its picture, and some of its posts by time."""

    name: Code
    picture: Barcode
    posts: tuple[PostInPanel, ...]


def things_of(posts: pa.Table, traces: Sequence[str]) -> dict[str, str]:
    """Return what each post is about, in the first of these traces that says so."""
    found: dict[str, str] = {}
    for name in reversed([one for one in traces if one in TRACES and TRACES[one].table == "records"]):
        actions = actions_of(posts, TRACES[name]).select(["record_id", "object_id"])
        found.update(
            (record, f"{name} {thing}")
            for record, thing in zip(actions["record_id"].to_pylist(), actions["object_id"].to_pylist(), strict=True)
        )
    return found


def panels(  # noqa: PLR0913, PLR0917 -- posts and what is known of them
    posts: pd.DataFrame,
    groups: Sequence[Sequence[str]],
    things: Mapping[str, str],
    ends: tuple[datetime, datetime],
    event: Event | None,
    lot: np.random.Generator,
) -> tuple[tuple[Barcode, tuple[PostInPanel, ...]], ...]:
    """Return picture and posts of each group, in the order of the groups.

    Parameters
    ----------
    posts : pandas.DataFrame
        Of all of them: ``record_id, account_id, created_at, text``.
    groups : sequence of sequences of str
        Accounts, as many in each.
    things : mapping
        Record -> what it is about.
    ends : (datetime, datetime)
        Of the axis, which is one for all.
    event : Event or None
        What the calendar marks.
    lot : numpy.random.Generator
        Order of the lines, and what is left out.
    """
    own = [_marked(posts[posts["account_id"].isin(accounts)], things, lot) for accounts in groups]
    kept = _as_many(own, groups)
    shared = [_lags(one) for one in kept]
    foot = all(shared)
    marked = tuple(calendar_band(band) for band in bands(*ends, event) if band.where is None)
    n = min(MOST_POSTS, *(len(one) for one in kept))
    return tuple(
        (_picture(one, accounts, lags if foot else (), ends, marked, lot), _posts(one, n))
        for one, accounts, lags in zip(kept, groups, shared, strict=True)
    )


def _marked(posts: pd.DataFrame, things: Mapping[str, str], lot: np.random.Generator) -> pd.DataFrame:
    """Return posts with what each is about (``thing``) and its ``mark`` (0: none), most shared first, then by lot."""
    table = posts.assign(thing=posts["record_id"].map(dict(things)))
    table = table.iloc[lot.permutation(len(table))]
    users = table.groupby("thing")["account_id"].nunique()
    common = users[users > 1]
    counts = table["thing"].value_counts().reindex(common.index)
    order = sorted(common.index, key=lambda thing: (-common[thing], -counts[thing], str(thing)))
    mark = {thing: min(place, MOST_THINGS + 1) for place, thing in enumerate(order, start=1)}
    rank = {thing: place for place, thing in enumerate(order)}
    table = table.assign(
        mark=[mark.get(thing, 0) for thing in table["thing"]],
        rank=[rank.get(thing, len(rank)) for thing in table["thing"]],
    )
    return table.sort_values("rank", kind="stable")


def _as_many(own: Sequence[pd.DataFrame], groups: Sequence[Sequence[str]]) -> list[pd.DataFrame]:
    """Return as many posts of each panel, line by line: of the busiest line of each the fewest, and so on."""
    counts = [
        table["account_id"]
        .value_counts()
        .reindex(list(accounts), fill_value=0)
        .sort_values(ascending=False, kind="stable")
        for table, accounts in zip(own, groups, strict=True)
    ]
    most = np.min([count.to_numpy() for count in counts], axis=0)
    found = []
    for table, count in zip(own, counts, strict=True):
        allowed = dict(zip(count.index, most.tolist(), strict=True))
        place = table.groupby("account_id").cumcount()
        found.append(table[place < table["account_id"].map(allowed)])
    return found


def _lags(table: pd.DataFrame) -> tuple[float, ...]:
    shared = table[table["mark"] > 0].sort_values("created_at", kind="stable")
    first = shared.groupby("thing")["created_at"].transform("min")
    lags = (shared["created_at"] - first).dt.total_seconds()[shared.duplicated("thing")]
    return tuple(sorted(float(lag) for lag in lags))


def _picture(  # noqa: PLR0913, PLR0917 -- the parts of a picture
    table: pd.DataFrame,
    accounts: Sequence[str],
    lags: tuple[float, ...],
    ends: tuple[datetime, datetime],
    marked: tuple[Any, ...],
    lot: np.random.Generator,
) -> Barcode:
    order = [sorted(accounts)[place] for place in lot.permutation(len(accounts)).tolist()]
    line = {account: n for n, account in enumerate(order)}
    table = table.sort_values(["created_at", "record_id"], kind="stable")
    none = DrawnPosts(rows=(), times=(), things=())
    return Barcode(
        labels=("",) * len(order),
        all=len(order),
        own=DrawnPosts(
            rows=tuple(line[account] for account in table["account_id"]),
            times=tuple(moment.to_pydatetime() for moment in table["created_at"]),
            things=tuple(int(mark) for mark in table["mark"]),
        ),
        beside=none,
        beside_rows=0,
        things=Listed(rows=(), all=0),
        lags_s=lags,
        start=ends[0],
        end=ends[1],
        not_drawn=NotDrawn(),
        bands=marked,
        answers=(),
    )


def _posts(table: pd.DataFrame, n: int) -> tuple[PostInPanel, ...]:
    """Return so many posts by time: three of each of the most shared things, then others."""
    apart = table["thing"].astype(object).where(table["mark"] > 0, table["record_id"].astype(object))
    first = table.groupby(apart).cumcount() < _EACH
    chosen = [*table.index[first], *table.index[~first]][:n]
    rows = table.loc[chosen].sort_values(["created_at", "record_id"], kind="stable")
    return tuple(
        PostInPanel(at=moment.to_pydatetime(), text=masked(text)[:_TEXT] if isinstance(text, str) else None)
        for moment, text in zip(rows["created_at"], rows["text"], strict=True)
    )
