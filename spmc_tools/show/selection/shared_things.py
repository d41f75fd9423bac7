"""What groups that no pair shows have in common: the centre of each star in the network, and who stands around it.

A group by pairs is its links. An event, a group within hours and a burst rest on a thing that all touched: a post, a
text, a second. Here each such thing stands with the accounts that touched it, so that the picture holds everyone who
has a tier, whatever gave it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from spmc_tools.findings.result.account_objects import in_sessions
from spmc_tools.findings.sessions.moments import MOMENT
from spmc_tools.show.selection.narrowed import tiers_from

if TYPE_CHECKING:
    from collections.abc import Collection

    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.show.selection.state import Filters

__all__ = ["GROUP", "MOMENT", "OBJECT", "SECOND", "SharedThings", "shared_things"]

OBJECT, SECOND, GROUP = "object", "second", "group"
"""Kinds of things, besides :data:`MOMENT`: the minutes in which a group within hours acted, whatever it posted."""

MOST_OF_ONE = 12
"""Things of one event, group or burst that are drawn: those of most accounts; besides, one for each account."""

_COLUMNS = ["kind", "trace", "group", "object_id", "account_id", "record_id", "created_at", "by_event"]


@dataclass(frozen=True)
class SharedThings:
    """Things and who touched them.

    Attributes
    ----------
    things : pandas.DataFrame
        One row per thing: ``thing`` (its id in the picture, never one of an account), ``kind, trace, object_id,
        number`` (from 1 within kind and trace, those of most accounts first), ``cluster`` (of most of its accounts; 0:
        none), ``n_accounts, record_id`` (its first; null for a group) and ``first_t``.
    links : pandas.DataFrame
        One row per account and thing: ``thing, account_id, n_records, first_t, last_t`` (UTC), ``trace, by_event``
        (whether it signs an event).
    """

    things: pd.DataFrame
    links: pd.DataFrame

    def fitting(self, accounts: pd.DataFrame, filters: Filters) -> pd.DataFrame:
        """Return the links that fit the filters, as :func:`spmc_tools.show.selection.narrowed.narrowed` has it.

        Where anything is asked for, those of events alone, and none where it is a window or a q.
        """
        if not filters.asked():
            return self.links
        links = self.links[self.links["by_event"].astype(bool)]
        if filters.window_s is not None or filters.q is not None:
            links = links[:0]
        if filters.trace is not None:
            links = links[links["trace"] == filters.trace]
        if filters.tier is not None:
            shown = accounts.loc[accounts["tier"].isin(tiers_from(filters.tier)), "account_id"]
            links = links[links["account_id"].isin(shown)]
        return links


def shared_things(found: Findings, linked: Collection[str]) -> SharedThings:
    """Return the things behind events, groups within hours and bursts; of other groups without links the group itself.

    Parameters
    ----------
    found : Findings
        Of a case.
    linked : collection of str
        Accounts that a link shows.

    Returns
    -------
    SharedThings
        Of each event, group or burst the things of most accounts, and for each account at least one; one whose
        accounts all have links is not drawn a second time.
    """
    shown = set(linked)
    rows = pd.concat([_of_events(found), _of_sessions(found), _of_bursts(found)], ignore_index=True)
    rows = rows[rows["account_id"].isin(found.accounts["account_id"])]
    if len(rows):
        rows = rows.drop_duplicates([*_COLUMNS[:5], "record_id"])
        by_group = [part for _, part in rows.groupby(["kind", "trace", "group"], sort=True)]
        rows = pd.concat([_few(part) for part in by_group if not set(part["account_id"]) <= shown] or [rows[:0]])
    alone = _of_groups(found, {*shown, *rows["account_id"]})
    rows = pd.concat([part for part in (rows, alone) if len(part)] or [rows], ignore_index=True)
    return _numbered(rows, found.accounts)


def _of_events(found: Findings) -> pd.DataFrame:
    signed = found.signed.merge(found.events[["event_id", "object_id"]], on="event_id")
    return _in_form(signed.assign(kind=OBJECT, group=signed["event_id"], by_event=True))


def _of_sessions(found: Findings) -> pd.DataFrame:
    parts = []
    times = _times(found) if len(found.sessions) else pd.DataFrame()
    for place in range(len(found.sessions)):
        session = found.sessions.iloc[place : place + 1]
        trace, members = str(session["trace"].iloc[0]), list(session["accounts"].iloc[0])
        if trace == MOMENT:
            inside = times[times["account_id"].isin(members)]
            inside = inside[inside["created_at"].between(session["first_t"].iloc[0], session["last_t"].iloc[0])]
            touched = inside.assign(object_id=str(session["first_t"].iloc[0]), kind=MOMENT)
        else:
            touched = in_sessions(session, found.trace_actions).merge(times, on=["record_id", "account_id"])
            touched = touched.assign(kind=OBJECT)
        number = str(session["session_id"].iloc[0])
        parts.append(_in_form(touched.assign(trace=trace, group=number, by_event=False)))
    return pd.concat(parts, ignore_index=True) if parts else _in_form(pd.DataFrame())


def _of_bursts(found: Findings) -> pd.DataFrame:
    if not len(found.bursts):
        return _in_form(pd.DataFrame())
    times, bin_s = _times(found), float(found.bursts["bin_s"].iloc[0])
    start = times["created_at"].dt.floor(pd.Timedelta(seconds=bin_s))
    seen = found.accounts.loc[(found.accounts["n_bursts"] > 0) & found.accounts["tier"].notna(), "account_id"]
    inside = times[start.isin(found.bursts["bin_start"]) & times["account_id"].isin(seen)]
    seconds = start[inside.index].astype(str)
    return _in_form(inside.assign(kind=SECOND, trace="burst", group="", object_id=seconds, by_event=False))


def _of_groups(found: Findings, drawn: set[str]) -> pd.DataFrame:
    """Return a thing for each cluster that holds accounts with a tier of which nothing else is drawn."""
    rows = found.accounts[found.accounts["tier"].notna() & found.accounts["cluster_id"].notna()]
    rows = rows[~rows["account_id"].isin(drawn)]
    number = rows["cluster_id"].astype(int).astype(str)
    made = rows.assign(kind=GROUP, trace="", group=number, object_id=number, record_id=None, by_event=False)
    return _in_form(made.assign(created_at=rows["first_seen"], last=rows["last_seen"]), "last")


def _in_form(rows: pd.DataFrame, *more: str) -> pd.DataFrame:
    return rows.reindex(columns=[*_COLUMNS, *more]) if len(rows) else pd.DataFrame(columns=_COLUMNS)


def _times(found: Findings) -> pd.DataFrame:
    frame: pd.DataFrame = found.read_records().select(["record_id", "account_id", "created_at"]).to_pandas()
    return frame


def _few(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the things that most accounts touched, and for each account one thing at least."""
    size = rows.groupby("object_id")["account_id"].nunique()
    order = [str(thing) for thing in sorted(size.index, key=lambda thing: (-int(size[thing]), thing))]
    kept = set(order[:MOST_OF_ONE])
    there = set(rows.loc[rows["object_id"].isin(kept), "account_id"])
    place = {thing: n for n, thing in enumerate(order)}
    rest = rows[~rows["account_id"].isin(there)]
    kept |= set(
        rest.assign(place=rest["object_id"].map(place)).sort_values("place").groupby("account_id")["object_id"].first()
    )
    return rows[rows["object_id"].isin(kept)]


def _numbered(rows: pd.DataFrame, accounts: pd.DataFrame) -> SharedThings:
    if not len(rows):
        names = ["thing", "kind", "trace", "object_id", "number", "cluster", "n_accounts", "record_id", "first_t"]
        links = ["thing", "account_id", "n_records", "first_t", "last_t", "trace", "by_event"]
        return SharedThings(pd.DataFrame(columns=names), pd.DataFrame(columns=links))
    keys = ["kind", "trace", "object_id"]
    rows = rows.sort_values([*keys, "created_at", "account_id"], kind="stable")
    last = rows["last"].fillna(rows["created_at"]) if "last" in rows else rows["created_at"]
    cluster = rows["account_id"].map(accounts.set_index("account_id")["cluster_id"]).astype("Float64").fillna(0)
    rows = rows.assign(last=last, cluster=cluster.astype(int))
    things = rows.groupby(keys, sort=True, as_index=False).agg(
        n_accounts=("account_id", "nunique"), record_id=("record_id", "first"), first_t=("created_at", "min"),
        cluster=("cluster", lambda own: int(own.mode().iloc[0])),
    )  # fmt: skip
    things = things.assign(fewest=-things["n_accounts"]).sort_values(
        ["kind", "trace", "fewest", "first_t", "object_id"]
    )
    things["number"] = things.groupby(["kind", "trace"]).cumcount() + 1
    things["thing"] = "\u0001" + things["kind"] + " " + things["trace"] + " " + things["number"].astype(str)
    touched = rows.merge(things[[*keys, "thing"]], on=keys).groupby(["thing", "account_id"], sort=True, as_index=False)
    told = touched.agg(
        n_records=("record_id", "nunique"), first_t=("created_at", "min"), last_t=("last", "max"),
        trace=("trace", "first"), by_event=("by_event", "max"),
    )  # fmt: skip
    told["by_event"] = told["by_event"].astype(bool)
    return SharedThings(things.drop(columns="fewest").reset_index(drop=True), told)
