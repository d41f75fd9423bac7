"""Rows of the watch: days beside each other, what rose, posts to look at, terms, and what changed in the queue."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal, Self

from spmc_tools.report.sections.story.queue_subjects import QueueSubject
from spmc_tools.report.values.privacy import (
    Clock,
    Code,
    Count,
    Day,
    Flag,
    Number,
    Privacy,
    Quoted,
    RecordId,
    Time,
    Wording,
)
from spmc_tools.report.values.section_values import section_values

__all__ = [
    "Comparison",
    "CopiedText",
    "Decision",
    "Queue",
    "QueueChange",
    "QueueChanges",
    "QueueFigures",
    "RisenTag",
    "RisenText",
    "Term",
    "WatchedDay",
    "WatchedPost",
]


@section_values
class WatchedDay:
    """Records of one day (IST), accounts that made them, and whether the event is on it."""

    day: Day
    records: Count
    accounts: Count
    originals: Count
    reposts: Count
    event: Flag


@section_values
class _NeededText:
    """A row with a text that a finding may need.

    ``named_text``: the text as an account that may be named wrote it first, else as it is where a group of the page
    carries it; None: no finding needs it, or the edition is redacted.
    """

    named_text: Quoted | None = None

    def needed_texts(self) -> tuple[str, ...]:
        """Return the text where a finding needs it."""
        return (self.named_text,) if self.named_text else ()


@section_values
class _TextRow(_NeededText):
    """A row about one text. ``text``: None where no post has it; ``withheld``: no finding needs it: it is not shown."""

    text: Quoted | None
    withheld: Flag = False

    def for_redaction(self) -> Self:
        """Return the row with the text that a finding needs in place of its own."""
        if self.text is None:
            return replace(self, named_text=None)
        return replace(self, text=self.named_text, withheld=self.named_text is None, named_text=None)


@section_values
class CopiedText(_TextRow):
    """A text and how many ``copies`` of it there are, edited ones too."""

    copies: Count


@section_values
class _Risen(_NeededText):
    """How a tag or text rose: account-days on days of the event and on others, their ratio with its interval, p and q.

    ``ratio`` and ``high`` None: without a limit. ``accounts``: who raised it, ``top_share``: the share of the five
    busiest; ``clusters``: groups of the page that carry it.
    """

    event_n: Count
    other_n: Count
    ratio: Number | None
    low: Number
    high: Number | None
    p: Number
    q: Number
    accounts: Count
    top_share: Number
    clusters: tuple[Count, ...]


@section_values
class RisenTag(_Risen):
    """A tag that rose; ``thing``: as tags are compared, ``label``: as it was written first."""

    kind: Annotated[Literal["tag"], Privacy.CODE]
    thing: Quoted
    label: Quoted

    def for_redaction(self) -> RisenTag:
        """Return the tag without the text that a finding needs: a tag is shown as it is."""
        return replace(self, named_text=None)


@section_values
class RisenText(_Risen):
    """A text that rose; ``thing``: its name in the queue, ``withheld``: no finding needs it, so it is not shown."""

    kind: Annotated[Literal["text"], Privacy.CODE]
    thing: Code
    label: Quoted | None
    withheld: Flag = False

    def for_redaction(self) -> RisenText:
        """Return the row with the text that a finding needs in place of its own."""
        return replace(self, label=self.named_text, withheld=self.named_text is None, named_text=None)


@section_values
class Comparison:
    """The days, those of the event marked, and what rose in them.

    ``state``: "compared", "no_event" (the case names none that the calendar knows), "no_days" (no post on its days) or
    "no_others" (none on any other day: nothing to compare with). ``event``: its title
    by language; ``festival``: it has no poll; ``chosen``: it was not named, most posts lie on its days; ``doubts``:
    what is not sure of its days ("moon", "sources"); ``event_days``: how many of the days are its own; ``inside,
    outside``: records on these and on others, in the files that hold both; ``elsewhere``: in the other files, which are
    not compared; ``across``: no file holds both, so all are compared; ``outside_case``: records outside the days of the
    report, else of the case, which are not among ``days``.
    """

    state: Code
    event: dict[Code, Wording] | None
    festival: Flag
    chosen: Flag
    doubts: tuple[Code, ...]
    days: tuple[WatchedDay, ...]
    event_days: Count
    inside: Count
    outside: Count
    across: Flag
    elsewhere: Count
    rows: tuple[RisenTag | RisenText, ...]
    outside_case: Count = 0


@section_values
class Decision:
    """What an officer decided on a post of the queue, why and when; outside the office the hour is enough."""

    decision: Code
    reason: Wording
    by: Wording
    at: Time


@section_values
class WatchedPost(_TextRow):
    """A text of the queue with its copies and reposts, why it is there, and what was decided on it (None: nothing).

    As :func:`spmc_tools.desks.watch.watch.post_watch` counts it.
    """

    thing: Code
    first_seen: Time
    last_seen: Time
    posts: Count
    accounts: Count
    reposts: Count
    last_hour: Count
    before_per_hour: Number
    p_rising: Number
    views: Number | None
    reasons: tuple[Code, ...]
    terms: tuple[Wording, ...]
    claims: tuple[Wording, ...]
    clusters: tuple[Count, ...]
    record_id: RecordId | None
    decision: Decision | None


@section_values
class Term:
    """A term that the case watches for, with who entered it, when and why; outside the office the hour is enough."""

    term: Wording
    reason: Wording
    by: Wording
    at: Time


@section_values
class QueueFigures:
    """The name of every row of the queue, and its copies and reposts, for the next report to compare with."""

    thing: tuple[Code, ...]
    acts: tuple[Count, ...]


@section_values
class Queue:
    """The posts that a person should look at now.

    ``now``: the time of the last post; ``more``: rows of the queue that are not shown. Nobody decided on ``open`` of
    the rows shown and on ``waiting`` of the whole queue. ``terms``: the case's own; ``claims``: how many are
    registered; ``days``: first and last day that was asked for, None: open; ``texts``: whether any record has a text.
    ``subjects``: what the whole queue is about; ``annex``: its rows in the annex of the full edition, None: no annex.
    """

    now: Time | None
    rows: tuple[WatchedPost, ...]
    more: Count
    open: Count
    waiting: Count
    terms: tuple[Term, ...]
    claims: Count
    days: tuple[Day | None, ...]
    told: QueueFigures
    texts: Flag
    subjects: tuple[QueueSubject, ...] = ()
    annex: Count | None = None


@section_values
class QueueChange(_TextRow):
    """A row of the queue that is new, gone, grown or smaller since an earlier report.

    ``place``: in the queue of this page, from 1, None: not on the page; ``was`` and ``now``: copies and reposts, None:
    it was not in that queue.
    """

    change: Code
    place: Count | None
    was: Count | None
    now: Count | None


@section_values
class QueueChanges:
    """What changed in the queue since an earlier report: how many rows, and the first of them.

    ``run, made_at``: of that report.
    """

    run: Code
    made_at: Clock
    new: Count
    grown: Count
    smaller: Count
    gone: Count
    same: Count
    rows: tuple[QueueChange, ...]
