"""Values of the page of a festival: what was posted about it on its days, its claims, and the groups' part in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.desks.base.calendar import IST
from spmc_tools.desks.rumours.rumour import rumour_desk
from spmc_tools.desks.watch.festival_subjects import about, read_subjects
from spmc_tools.desks.watch.watch_terms import thing_id
from spmc_tools.findings.clusters.ordinary_patterns import fitting
from spmc_tools.report.scope.scope import compared_records
from spmc_tools.report.sections.groups.cards import carried, of_named, pairs_of
from spmc_tools.report.sections.groups.shown_groups import groups
from spmc_tools.report.sections.watch import watch_rows
from spmc_tools.report.sections.watch.watch_values import event_days_of, things_in, written_by_named
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.privacy import Code, Count, Day, Number, Time, Wording
from spmc_tools.report.values.registered_claim import RegisteredClaim
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.report.scope.scope import Scope

__all__ = ["SECTIONS", "CountsOnDays", "Festival", "FestivalClaim", "FestivalGroup", "FestivalSubject", "festival"]

TEXT = 400


@section_values
class FestivalSubject:
    """Own posts on the days of the festival that are about a subject, their accounts, and the one that most copied."""

    subject: Code
    posts: Count
    accounts: Count
    most: watch_rows.CopiedText


@section_values
class FestivalClaim(RegisteredClaim):
    """A claim of the register that was posted on the days of the festival, or whose official version came on them.

    ``posts``: all that carry it, ``on_days`` of them on these days; ``before`` and ``after``: the official version
    (None: there is none); ``lag_s``: from the first post to it.
    """

    first_post: Time | None
    last_post: Time | None
    posts: Count
    on_days: Count
    before: Count | None
    after: Count | None
    lag_s: Number | None


@section_values
class FestivalGroup:
    """A group of the report, by its place there: how many of its posts lie on the days of the festival.

    ``linked``: pairs of its accounts that chance does not explain; ``patterns``: ordinary patterns that explain a trace
    of half of its accounts or more.
    """

    place: Count
    posts: Count
    on_days: Count
    linked: Count = 0
    patterns: tuple[Code, ...] = ()


@section_values
class CountsOnDays:
    """``posts`` and ``accounts`` on some days, ``of`` posts of the report; ``complaints`` to the centre then."""

    posts: Count
    accounts: Count
    of: Count
    complaints: Count


@section_values
class Festival(CountsOnDays):
    """What was posted on the days of a festival.

    ``event``: its title by language, None where the report is of no festival; ``days``: those of its days with a post,
    on which is counted.
    """

    event: dict[Code, Wording] | None
    days: tuple[Day, ...]
    subjects: tuple[FestivalSubject, ...]
    claims: tuple[FestivalClaim, ...]
    registered: Count
    groups: tuple[FestivalGroup, ...]


def festival(case: Case, scope: Scope, found: Findings) -> Festival:
    """Return what was posted on the days of the festival, what the register holds of it, and what groups did then."""
    is_festival = scope.event is not None and not scope.event.is_election
    marked = event_days_of(scope) if is_festival else set()
    records = scope.records
    day = _days(records)
    there = records[day.isin(list(marked))]
    claims = _claims(case, scope, marked) if marked else ()
    return Festival(
        event=scope.event.title if scope.event is not None and is_festival else None,
        days=tuple(sorted(set(day[day.isin(list(marked))]))),
        posts=len(there),
        accounts=int(compared_records(case, there)["account_id"].nunique()),
        of=len(records),
        complaints=_complaints(case, marked),
        subjects=_subjects(scope, found, marked) if len(there) else (),
        claims=claims,
        registered=len(set(case.table("claims", ["claim_id"])["claim_id"].to_pylist())),
        groups=_groups(found, marked),
    )


def _days(records: pd.DataFrame) -> pd.Series[Any]:
    """Return the day (IST) of each record."""
    days: pd.Series[Any] = records["created_at"].dt.tz_convert(IST).dt.date
    return days


def _complaints(case: Case, marked: set[date]) -> int:
    """Return how many messages came to the centre on these days."""
    messages = case.table("messages", ["record_id", "direction"]).to_pylist()
    incoming = {row["record_id"] for row in messages if row["direction"] == "in"}
    if not incoming or not marked:
        return 0
    records = case.records(["record_id", "created_at"])
    records = records[records["record_id"].isin(incoming)]
    return int(_days(records).isin(list(marked)).sum())


def _subjects(scope: Scope, found: Findings, marked: set[date]) -> tuple[FestivalSubject, ...]:
    """Return what own posts of the days are about, in the order of the list; a post can be about several."""
    things = things_in(scope)
    texts = things[things["kind"] == "text"].drop_duplicates("row")
    texts = texts[_days(scope.records).isin(list(marked)).to_numpy()[texts["row"]]]
    listed = about(texts["key"].tolist(), read_subjects())
    accounts = scope.records["account_id"].to_numpy()
    made = []
    for subject in read_subjects():
        own = texts[[subject in subjects for subjects in listed]]
        if not len(own):
            continue
        copies = own["thing"].value_counts()
        thing = min(copies[copies == copies.max()].index, key=str)
        text = str(own.loc[own["thing"] == thing, "label"].iloc[0])[:TEXT]
        name = thing_id(str(thing))
        made.append(
            FestivalSubject(
                subject=subject,
                posts=len(own),
                accounts=len(set(accounts[own["row"]])),
                most=watch_rows.CopiedText(
                    text=text, named_text=written_by_named(scope, found, {name}).get(name), copies=int(copies.max())
                ),
            )
        )
    return tuple(made)


def _claims(case: Case, scope: Scope, marked: set[date]) -> tuple[FestivalClaim, ...]:
    """Return the claims of these days, by their ids: what was posted, and what came after the official version."""
    desk = rumour_desk(case, scope.records)
    made = []
    for claim in sorted(desk.claims.values() if desk else (), key=lambda claim: str(claim["claim_id"])):
        assert desk is not None  # noqa: S101 -- without a desk there is no claim
        posts = desk.carrying(claim["claim_id"])
        on_days = int(_days(posts).isin(list(marked)).sum()) if len(posts) else 0
        official = claim["official_at"]
        if not on_days and not (official is not None and official.astimezone(IST).date() in marked):
            continue
        made.append(_claim(claim, posts, on_days))
    return tuple(made)


def _claim(claim: Mapping[str, Any], posts: pd.DataFrame, on_days: int) -> FestivalClaim:
    official = claim["official_at"]
    first = posts["created_at"].min() if len(posts) else None
    before = None if official is None else int((posts["created_at"] < official).sum())
    return FestivalClaim(
        claim_id=claim["claim_id"],
        status=claim["status"],
        text=claim["text"][:TEXT],
        official_version=claim["official_version"],
        official_url=claim["official_url"],
        official_at=official,
        first_post=first,
        last_post=posts["created_at"].max() if len(posts) else None,
        posts=len(posts),
        on_days=on_days,
        before=before,
        after=None if before is None else len(posts) - before,
        lag_s=None if official is None or first is None else (official - first).total_seconds(),
    )


def _groups(found: Findings, marked: set[date]) -> tuple[FestivalGroup, ...]:
    """Return how many posts in step of each group lie on these days; of its accounts that may be named."""
    made = []
    for place, group in enumerate(groups(found), start=1):
        posts = of_named(carried(found, group), group)
        on_days = int(_days(posts).isin(list(marked)).sum()) if len(posts) else 0
        made.append(
            FestivalGroup(
                place=place,
                posts=len(posts),
                on_days=on_days,
                linked=len(pairs_of(found, group)),
                patterns=fitting(found.ordinary_patterns, set(posts["account_id"]) if len(posts) else group.named),
            )
        )
    return tuple(made)


SECTIONS = (Declaration("festival", ("case", "scope", "found"), festival, Festival),)
"""The sections that stand in this module."""
