"""Groups that acted together within hours: how many accounts, what they did, when, and what chance expects of a pair.

They order accounts for a person to look at (tier C); nobody is named by one. Accounts stand by the pseudonym of the
exports in every edition, and those of a registered kind not at all.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from spmc_tools.desks.base.calendar import bands
from spmc_tools.findings.clusters.ordinary_patterns import fitting
from spmc_tools.findings.sessions.moments import MOMENT
from spmc_tools.findings.sessions.rewritten import REWRITTEN
from spmc_tools.report.sections.groups.cards import files_of
from spmc_tools.report.values.calendar_band import CalendarBand, calendar_band
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.privacy import Code, Count, FileName, Flag, Number, Quoted, Time
from spmc_tools.report.values.section_values import section_values
from spmc_tools.report.values.withholding import ReadByText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.report.scope.scope import Scope

__all__ = ["SECTIONS", "ActionInStep", "GroupInHours", "SharedObject", "Together", "together"]

MOST_GROUPS, MOST_SHARED = 10, 3
MOST_LABELS, MOST_LINES, MOST_STROKES = 12, 24, 600
_TEXT = 280


@section_values
class SharedObject(ReadByText):
    """What members did in step: how many of them, when the first did, and the post of that one as received.

    Of a moment only ``accounts`` and ``first`` are known: there is no post that they share.
    """

    accounts: Count
    first: Time
    text: Quoted | None
    lang: Code | None
    file: FileName | None
    sha256: Code | None
    row: Count | None


@section_values
class ActionInStep:
    """An action in step in the picture: line of its account, from 0 by first action, time, and place of its thing."""

    line: Count
    at: Time
    thing: Count


@section_values
class GroupInHours:
    """Accounts that acted together within hours.

    Attributes
    ----------
    session : int
        Its number in the sheet *sessions* of the workbook.
    trace : str
        What they did; ``moment``: anything, at the same moments; ``rewritten``: texts that are loosely alike.
    size, registered : int
        Its accounts, and how many of them an officer registered.
    kind : str or None
        Registered kind of at least half of them: nothing more of the group is shown then.
    window_s : float
        How far apart two actions in step may be.
    first, last : datetime
        Of the actions in step.
    stretches : int
        Separate times, six hours apart or more; 1: one session.
    objects : int
        What at least two members did in step.
    met : int
        Pairs of members' actions in step; ``expected`` by chance.
    labels : tuple of str
        Pseudonyms of the exports, in their own order, at most 12.
    patterns : tuple of str
        Ordinary patterns that explain a trace of half of its accounts or more.
    asked : int
        Accounts of it that a trace would name: of no other is any pattern measured; of rewritten texts all.
    shared : tuple of SharedObject
        What most members did, at most three; of rewritten texts the posts of one time, at most three.
    actions : tuple of ActionInStep
        At most 24 accounts, on the objects of most members.
    by_size : bool
        Whether no pair speaks for it, but the number of accounts that struck together three times.
    """

    session: Count
    trace: Code
    size: Count
    registered: Count
    kind: Code | None
    window_s: Number
    first: Time
    last: Time
    stretches: Count
    objects: Count
    met: Count
    expected: Number
    labels: tuple[Code, ...]
    shared: tuple[SharedObject, ...]
    actions: tuple[ActionInStep, ...]
    patterns: tuple[Code, ...] = ()
    asked: Count = 0
    by_size: Flag = False


@section_values
class Together:
    """The largest groups, at most ten; ``all`` of them counted, and the different ``accounts`` in these.

    ``bands``: what the calendar marks while a group acted.
    """

    rows: tuple[GroupInHours, ...]
    bands: tuple[CalendarBand, ...]
    all: Count
    accounts: Count


def together(case: Case, scope: Scope, found: Findings) -> Together:
    """Return the groups that acted together within hours, the largest first."""
    sessions = found.sessions.sort_values(["size", "session_id"], ascending=[False, True], kind="stable")
    shown = sessions[:MOST_GROUPS].to_dict("records")
    # of all accounts at once, as the exports ask for them
    labels, files = case.pseudonyms(found.accounts["account_id"]) if shown else {}, files_of(case)
    several = found.account_traces["basis"] == "several"
    speaking = frozenset(found.account_traces.loc[several, "account_id"])
    groups = tuple(
        replace(
            _group(row, _in_step(row, scope, found), labels, files),
            patterns=_patterns(row, found),
            asked=row["size"] if row["trace"] == REWRITTEN else len(speaking.intersection(row["accounts"])),
        )
        for row in shown
    )
    return Together(
        rows=groups,
        bands=_bands(groups, scope),
        all=len(sessions),
        accounts=len({account for accounts in sessions["accounts"] for account in accounts}),
    )


def _patterns(row: Mapping[Any, Any], found: Findings) -> tuple[str, ...]:
    """Return the ordinary patterns of a group: its own, where it has been asked for them."""
    if row["trace"] == REWRITTEN:
        return tuple(row["patterns"] if isinstance(row["patterns"], list) else ())
    return fitting(found.ordinary_patterns, row["accounts"])


def _bands(groups: tuple[GroupInHours, ...], scope: Scope) -> tuple[CalendarBand, ...]:
    """Return what the calendar marks while a group with a picture acted, each once, by time."""
    marked = {
        (band.start, band.end, band.what): band
        for group in groups
        if group.actions
        for band in bands(group.first, group.last + timedelta(seconds=1), scope.event)
        if band.where is None
    }
    return tuple(calendar_band(marked[key]) for key in sorted(marked))


def _group(
    row: Mapping[Any, Any], acts: pd.DataFrame, labels: Mapping[str, str], files: Mapping[str, str]
) -> GroupInHours:
    kind = row["kind"] if isinstance(row["kind"], str) else None
    return GroupInHours(
        session=int(row["session_id"]),
        trace=row["trace"],
        size=int(row["size"]),
        registered=int(row["n_context"]),
        kind=kind,
        window_s=float(row["window_s"]),
        first=row["first_t"],
        last=row["last_t"],
        stretches=int(row["n_stretches"]),
        objects=int(row["n_objects"]),
        met=int(row["n_met"]),
        expected=float(row["expected_met"]),
        labels=() if kind else tuple(sorted(labels[account] for account in row["accounts"])[:MOST_LABELS]),
        shared=_shared(acts, row, files),
        actions=_actions(acts),
        by_size=int(row["n_ties"]) == 0 and not pd.isna(row["p"]),
    )


def _in_step(row: Mapping[Any, Any], scope: Scope, found: Findings) -> pd.DataFrame:
    """Return what members did in step on the listed objects, by time, with the posts; nothing of a registered kind.

    Columns ``account_id, object_id, t, text, lang, source_sha256, source_row``.
    """
    posts = scope.searched
    if isinstance(row["kind"], str):
        return pd.DataFrame(columns=["account_id", "object_id", "t"])
    if row["trace"] == MOMENT:
        acts = posts[posts["account_id"].isin(row["accounts"])][["account_id", "created_at"]]
        acts = acts.rename(columns={"created_at": "t"})
        moments = pd.to_datetime(pd.Series(row["objects"], dtype="str"), utc=True)
        acts["object_id"] = acts["t"].dt.floor(f"{int(row['window_s'])}s")
        return _near(acts[acts["object_id"].isin(moments)], row["window_s"])
    acts = found.trace_actions(row["trace"]).select(["account_id", "object_id", "t", "record_id"]).to_pandas()
    acts = _near(
        acts[acts["account_id"].isin(row["accounts"]) & acts["object_id"].isin(row["objects"])], row["window_s"]
    )
    columns = ["record_id", *(name for name in ("text", "lang", "source_sha256", "source_row") if name in posts)]
    return acts.merge(posts[columns].drop_duplicates("record_id"), how="left", on="record_id")


def _near(acts: pd.DataFrame, window_s: float) -> pd.DataFrame:
    """Return the first action of each account on each object that another member's is within the window of."""
    acts = acts.sort_values(["object_id", "t", "account_id"], kind="stable")
    acts = acts.drop_duplicates(["object_id", "account_id"])
    close = acts.groupby("object_id")["t"].diff().dt.total_seconds() <= window_s
    near: pd.DataFrame = acts[close | close.shift(-1, fill_value=False)].sort_values("t", kind="stable")
    return near


def _shared(acts: pd.DataFrame, row: Mapping[Any, Any], files: Mapping[str, str]) -> tuple[SharedObject, ...]:
    """Return what most members did in step, ties by time, each with the earliest post.

    Of rewritten texts each is another: the posts of the time with the most members are told, one by one.
    """
    made = []
    if row["trace"] == REWRITTEN and len(acts):
        most = acts["object_id"].value_counts(sort=True)
        acts = acts[acts["object_id"] == min(most.index[most == most.max()], key=list(acts["object_id"]).index)]
        acts = acts.assign(object_id=acts["record_id"])
    for _, rows in acts.groupby("object_id", sort=False):
        post = rows.iloc[0]
        text, sha256, place = (post.get(name) for name in ("text", "source_sha256", "source_row"))
        is_post = row["trace"] != MOMENT and isinstance(sha256, str)
        made.append(
            SharedObject(
                accounts=len(rows),
                first=post["t"],
                text=text[:_TEXT] if isinstance(text, str) else None,
                lang=post.get("lang") if isinstance(post.get("lang"), str) else None,
                file=files.get(str(sha256)) if is_post else None,
                sha256=sha256 if is_post else None,
                row=int(place) if is_post and not pd.isna(place) else None,
            )
        )
    return tuple(sorted(made, key=lambda shared: -shared.accounts)[:MOST_SHARED])


def _actions(acts: pd.DataFrame) -> tuple[ActionInStep, ...]:
    """Return the actions of the picture: of the accounts with most of them, a line each in the order of the first."""
    most = acts["account_id"].value_counts().index[:MOST_LINES]
    drawn = acts[acts["account_id"].isin(most)][:MOST_STROKES]
    line = {account: place for place, account in enumerate(dict.fromkeys(drawn["account_id"]))}
    counts = drawn["object_id"].value_counts()
    ordered = sorted(counts.index, key=lambda thing: (-counts[thing], str(thing)))
    place = {thing: n for n, thing in enumerate(ordered, start=1)}
    rows = zip(drawn["account_id"], drawn["t"], drawn["object_id"], strict=True)
    return tuple(ActionInStep(line=line[account], at=moment, thing=place[thing]) for account, moment, thing in rows)


SECTIONS = (Declaration("sessions", ("case", "scope", "found"), together, Together),)
"""The sections that stand in this module."""
