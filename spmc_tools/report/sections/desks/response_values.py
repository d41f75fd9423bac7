"""Values of the response desk's sections: figures, who waits, complaints that say the same, what is odd.

No section holds a complainant's account, number or name: complaints are shown by the case's pseudonym for their thread,
and of texts only words that several people wrote. Words of the sheet and of complaints are masked here, before they
become values, in every edition.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from spmc_tools.desks.base.calendar import IST
from spmc_tools.report.sections.desks.limit_counts import Limits, limit_counts
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.listed import Listed
from spmc_tools.report.values.privacy import Clock, Code, Count, Number, Place, Quoted, Time, Wording
from spmc_tools.report.values.section_values import section_values, values_from
from spmc_tools.report.values.withholding import Withholding

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.complaints.response import ResponseDesk

__all__ = [
    "SECTIONS",
    "AlikeComplaints",
    "AlikeGroup",
    "AnswerFigures",
    "ByUrgency",
    "GroupFigures",
    "OfficeQueue",
    "Response",
    "ResponseNow",
    "ResponseQueue",
    "WaitingComplaint",
    "response",
    "response_alike",
    "response_limits",
    "response_now",
    "response_queue",
]

ROWS, GROUPS, TEXT = 40, 12, 240
ALIKE_DAYS, ALIKE_MOST = 7, 50_000
LEAST = 5
"""Fewest complaints of a line by a column that leaves in the redacted edition: fewer could lead to who wrote."""

WRITERS = 5
"""Fewest accounts whose shared words and times are shown: one person on three channels shares every word."""


@section_values
class AnswerFigures:
    """How complaints were answered, as :func:`spmc_tools.desks.complaints.response.told` counts them.

    ``share``, ``low`` and ``high`` are None where no complaint is old enough; a quantile (``p50`` … in seconds) is None
    where fewer were answered so far.
    """

    n: Count
    answered: Count
    resolved: Count
    automatic_only: Count
    old: Count
    within: Count
    share: Number | None
    low: Number | None
    high: Number | None
    p50: Number | None
    p90: Number | None
    p95: Number | None


@section_values
class GroupFigures(AnswerFigures):
    """The same of the complaints with one ``value`` of a column: an hour or weekday, else the sheet's words, masked."""

    value: Quoted | Count | None


@section_values
class Response:
    """Figures over all complaints and by each column; ``curve``: seconds, and the share that waits longer.

    ``week``: for each weekday, Monday first, how many came in each hour (IST); None: fewer than :data:`LEAST`, which
    the redacted edition does not count out.

    ``left_out``: how many lines of a column the redacted edition leaves out; empty in the full edition.
    """

    as_of: Clock
    limit_s: Count
    first: Time | None
    all: AnswerFigures
    curve: tuple[tuple[Number, Number], ...]
    week: tuple[tuple[Count | None, ...], ...]
    by: dict[Code, tuple[GroupFigures, ...]]
    left_out: dict[Code, Count]

    def for_redaction(self) -> Response:
        """Return the figures without the lines of fewer than :data:`LEAST` complaints, which are counted."""
        shown = {name: tuple(row for row in rows if row.n >= LEAST) for name, rows in self.by.items()}
        left_out = {name: self.left_out.get(name, 0) + len(self.by[name]) - len(shown[name]) for name in self.by}
        week = tuple(tuple(n if not n or n >= LEAST else None for n in row) for row in self.week)
        return replace(self, by=shown, left_out=left_out, week=week)


@section_values
class ResponseNow:
    """Figures over all complaints, and how many messages came ``after`` the moment that is looked at."""

    as_of: Clock
    limit_s: Count
    all: AnswerFigures
    after: Count


@section_values
class WaitingComplaint:
    """One complaint that waits: ``who`` is the case's pseudonym for its thread; ``send_to`` by language."""

    who: Code
    platform: Code | None
    channel: Quoted | None
    district: Place | None
    subject: Quoted | None
    send_to: dict[Code, Wording]
    asked_at: Time
    due_at: Time
    state: Code


@section_values
class ByUrgency:
    """How many complaints wait, by when their answer is due."""

    overdue: Count
    soon: Count
    later: Count


@section_values
class OfficeQueue(ByUrgency):
    """How many complaints wait for an office, whose name stands by language."""

    send_to: dict[Code, Wording]


@section_values
class TopicQueue(ByUrgency):
    """How many complaints of a topic wait; ``due_at``: when the next falls due, None: all are over."""

    subject: Quoted | None
    due_at: Time | None


@section_values
class ResponseQueue(ByUrgency, Withholding):
    """Who waits: counts by urgency, by topic and by office, and the first rows."""

    withheld = ("rows",)
    """The page of the redacted edition shows no single complaint, so the notebook beside it holds none."""

    limit_s: Count
    as_of: Clock
    waiting_again: Count
    withdrawn: Count
    rows: Listed[WaitingComplaint]
    offices: tuple[OfficeQueue, ...]
    topics: tuple[TopicQueue, ...]


@section_values
class AlikeGroup:
    """Complaints that say nearly the same; times and ``words`` only where :data:`WRITERS` accounts wrote them."""

    group_id: Code
    n_threads: Count
    n_complainants: Count
    n_channels: Count
    answered: Count
    first_asked: Time | None
    last_asked: Time | None
    words: Quoted


@section_values
class AlikeComplaints:
    """Groups of the last ``days``, the largest listed: of ``looked`` complaints ``threads`` are in a group."""

    days: Count
    looked: Count
    threads: Count
    groups: Listed[AlikeGroup]


def response(desk: ResponseDesk) -> Response:
    """Return the figures over all and by channel, hour, weekday, language, district, subject and shift."""
    from spmc_tools.desks.base.rates import thinned
    from spmc_tools.desks.complaints.response import BY, curve_of, groups_of, told

    return Response(
        as_of=desk.as_of,
        limit_s=desk.limit_s,
        first=desk.threads["asked_at"].min() if len(desk.threads) else None,
        all=AnswerFigures(**told(desk.threads, desk.as_of, desk.limit_s)),
        curve=tuple(thinned(curve_of(desk.threads))),
        week=_week(desk.threads),
        by={
            name: tuple(
                GroupFigures(**{**row, "value": _masked(row["value"])})
                for row in groups_of(desk.threads, name, desk.as_of, desk.limit_s)
            )
            for name in BY
        },
        left_out={},
    )


def _week(threads: pd.DataFrame) -> tuple[tuple[int, ...], ...]:
    """Return how many complaints came in each hour of each weekday (IST)."""
    counts = [[0] * 24 for _ in range(7)]
    for moment in threads["asked_at"].dt.tz_convert(IST) if len(threads) else ():
        counts[moment.weekday()][moment.hour] += 1
    return tuple(tuple(row) for row in counts)


def _masked(value: Any) -> Any:
    """Return a value of the sheet with numbers, handles, addresses and links masked: a column may hold anything."""
    from spmc_tools.text.personal import masked

    return masked(value) if isinstance(value, str) else value


def _masked_or_none(value: Any) -> Any:
    """Return a value of the sheet, masked; None where the cell is empty."""
    return None if pd.isna(value) else _masked(value)


def response_now(desk: ResponseDesk) -> ResponseNow:
    """Return the figures over all alone: what stands above the queue while the notebook is open."""
    from spmc_tools.desks.complaints.response import told

    return ResponseNow(
        as_of=desk.as_of,
        limit_s=desk.limit_s,
        all=AnswerFigures(**told(desk.threads, desk.as_of, desk.limit_s)),
        after=desk.counts["after"],
    )


def response_queue(case: Case, desk: ResponseDesk) -> ResponseQueue:
    """Return what waits by topic and by office, and the complaints that are due next, by their pseudonym.

    After what is due next come those that are overdue since the shortest time: the oldest of thousands tell nobody what
    to do today. Of the rows at least half are kept for each of the two.
    """
    waits = desk.queue
    ahead, over = waits[waits["state"] != "overdue"], waits[waits["state"] == "overdue"][::-1]
    n_ahead = min(len(ahead), max(ROWS // 2, ROWS - len(over)))
    shown = pd.concat([ahead[:n_ahead], over[: ROWS - n_ahead]])
    names = case.pseudonyms([f"thread {thread}" for thread in shown["thread_id"]])
    columns = ("platform", "channel", "district", "subject", "asked_at", "due_at", "state")
    per_office = waits.groupby("send_to")["state"].value_counts().unstack(fill_value=0)
    states = ("overdue", "soon", "later")
    return ResponseQueue(
        limit_s=desk.limit_s,
        as_of=desk.as_of,
        **{name: int((waits["state"] == name).sum()) for name in states},
        waiting_again=int(desk.threads["waiting_again"].sum()),
        withdrawn=int(desk.threads["withdrawn"].sum()),
        rows=Listed(
            rows=tuple(
                WaitingComplaint(
                    who=_masked(names[f"thread {row['thread_id']}"]),
                    send_to=_office(desk, row["send_to"]),
                    **{name: _masked_or_none(row[name]) for name in columns},
                )
                for row in shown.to_dict("records")
            ),
            all=len(waits),
        ),
        offices=tuple(
            OfficeQueue(send_to=_office(desk, str(name)), **{state: int(counts.get(state, 0)) for state in states})
            for name, counts in per_office.iterrows()
        ),
        topics=_topics(waits),
    )


def _topics(waits: pd.DataFrame) -> tuple[TopicQueue, ...]:
    """Return what waits by topic: most due within half an hour first, then most overdue, then by name."""
    rows = []
    for subject, own in waits.groupby("subject", dropna=False, sort=True):
        ahead = own.loc[own["state"] != "overdue", "due_at"]
        rows.append(
            TopicQueue(
                subject=None if pd.isna(subject) else _masked(str(subject)),
                **{name: int((own["state"] == name).sum()) for name in ("overdue", "soon", "later")},
                due_at=ahead.min() if len(ahead) else None,
            )
        )
    rows.sort(key=lambda row: (-row.soon, -row.overdue, -row.later, row.subject is None, row.subject or ""))
    return tuple(rows)


def _office(desk: ResponseDesk, name: str) -> dict[str, str]:
    return {"en": name, "hi": desk.rules.hindi.get(name, name)}


def response_alike(desk: ResponseDesk) -> AlikeComplaints:
    """Return groups of complaints of the last seven days that say nearly the same, by the words that all share."""
    from spmc_tools.desks.complaints.response import alike

    recent = desk.threads[desk.threads["asked_at"] >= desk.as_of - timedelta(days=ALIKE_DAYS)].tail(ALIKE_MOST)
    groups = alike(recent)
    shown = groups[:GROUPS].to_dict("records")
    return AlikeComplaints(
        days=ALIKE_DAYS,
        looked=len(recent),
        threads=int(groups["n_threads"].sum()),
        groups=Listed(
            rows=tuple(_alike_group(group, recent.loc[group["places"], "text"].tolist()) for group in shown),
            all=len(groups),
        ),
    )


def _alike_group(group: Mapping[Hashable, Any], texts: list[str]) -> AlikeGroup:
    """Return a group of complaints with these texts; where few wrote them, without words and times."""
    from spmc_tools.text.personal import shared_words

    enough = group["n_complainants"] >= WRITERS
    return values_from(
        AlikeGroup,
        group,
        first_asked=group["first_asked"] if enough else None,
        last_asked=group["last_asked"] if enough else None,
        words=shared_words(texts)[:TEXT] if enough else "",
    )


def response_limits(desk: ResponseDesk) -> Limits:
    """Return what is odd in the messages, as counts that are not 0."""
    return Limits(counts=limit_counts(desk.counts.items()))


SECTIONS = (
    Declaration("response", ("desk",), response, Response),
    Declaration("response_now", ("desk",), response_now, ResponseNow),
    Declaration("response_queue", ("case", "desk"), response_queue, ResponseQueue),
    Declaration("response_alike", ("desk",), response_alike, AlikeComplaints),
    Declaration("response_limits", ("desk",), response_limits, Limits),
)
"""The sections that stand in this module."""
