"""What is told of a group on the first page and its card: its label, the claims it carries, its reach, its picture."""

from __future__ import annotations

from spmc_tools.report.values.calendar_band import CalendarBand
from spmc_tools.report.values.listed import Listed
from spmc_tools.report.values.privacy import Clock, Code, Count, Flag, Number, Quoted, Time, Wording
from spmc_tools.report.values.section_values import section_values
from spmc_tools.report.values.withholding import ReadByText

__all__ = [
    "Barcode",
    "CarriedClaim",
    "DecisionOfPattern",
    "DrawnPosts",
    "Label",
    "PatternState",
    "Reach",
    "Story",
    "ThingInPicture",
]


@section_values
class Label(ReadByText):
    """What the posts of a group are about, in their own words; never a judgement.

    ``kind``: ``claim`` (a claim of the register that most of the group carries), ``tag``, ``words`` (the most telling
    ones, most telling first) or ``none``.
    """

    kind: Code
    text: Quoted | None


@section_values
class CarriedClaim:
    """A claim of the register that accounts of a group carry.

    ``accounts`` that may be named and carry it, ``posts`` of theirs, and how many of these came ``after`` the official
    version; None where there is none.
    """

    claim_id: Wording
    status: Code
    text: Quoted
    official_at: Clock | None
    accounts: Count
    posts: Count
    after: Count | None


@section_values
class Reach:
    """Followers of the accounts of a group, each account once, as last seen: of ``known`` of ``of`` accounts."""

    followers: Count
    known: Count
    of: Count


@section_values
class DecisionOfPattern:
    """What an officer decided of a group that an ordinary pattern explains.

    ``decision``: clear or name; ``entry`` of the custody log; ``signed`` with a key of the officer's own.
    """

    decision: Code
    by: Wording
    at: Clock
    reason: Wording
    entry: Count
    signed: Flag


@section_values
class PatternState:
    """What stands of a group that an ordinary pattern explains.

    ``state``: cleared, one_officer (a second is missing), named, or lapsed (posts came after it); ``size``: accounts.
    """

    state: Code
    size: Count
    patterns: tuple[Code, ...]
    decisions: tuple[DecisionOfPattern, ...]


@section_values
class DrawnPosts:
    """Posts in a picture, by time: the row of each from 0, its time, and its thing from 1; 0: none that is marked."""

    rows: tuple[Count, ...]
    times: tuple[Time, ...]
    things: tuple[Count, ...]


@section_values
class ThingInPicture(ReadByText):
    """Something that accounts of a group shared: ``posts`` about it in step, and the text of the first with words."""

    posts: Count
    text: Quoted | None


@section_values
class NotDrawn:
    """Posts without a mark in a picture: ``outside`` of its axis, in step; ``thinned``: there is no room for them."""

    outside: Count = 0
    thinned: Count = 0


@section_values
class Barcode:
    """The posts of a group and of other accounts over time: a row for each account, a mark for each post.

    Attributes
    ----------
    labels : tuple of str
        Numbers of the accounts in the rows, from the top; ``all`` accounts of the group that may be named.
    own, beside : DrawnPosts
        Posts of the group, and below of as many other accounts with as many posts, chosen by lot.
    beside_rows : int
        Accounts that are drawn beside.
    things : Listed of ThingInPicture
        What is marked, by its place from 1, most posts first; the others share one mark.
    lags_s : tuple of float
        Seconds from the first post of the group on a thing to each later one, of all its posts in step.
    start, end : datetime
        Ends of the axis.
    not_drawn : NotDrawn
        Posts that have no mark in it.
    bands : tuple of CalendarBand
        What the calendar marks.
    answers : tuple of datetime
        When claims of the register that the group carries were answered.
    """

    labels: tuple[Code, ...]
    all: Count
    own: DrawnPosts
    beside: DrawnPosts
    beside_rows: Count
    things: Listed[ThingInPicture]
    lags_s: tuple[Number, ...]
    start: Time
    end: Time
    not_drawn: NotDrawn
    bands: tuple[CalendarBand, ...]
    answers: tuple[Clock, ...]


@section_values
class Story:
    """What is told of a group.

    Attributes
    ----------
    label : Label
        Of its posts.
    claims : tuple of CarriedClaim
        Those of the register that its accounts carry, most accounts first.
    reach : Reach or None
        None where followers of no account are known.
    patterns : tuple of str
        Ordinary patterns that explain a trace of half of its accounts or more
        (:data:`spmc_tools.findings.clusters.ordinary_patterns.PATTERNS`).
    seen, expected : float or None
        Occasions in step of its linked pairs beside what chance expects of them, the median of each; None: no pair.
    rests : str
        On ``pairs`` that stand out, on a ``group`` in which none need, or on ``events``.
    decided : PatternState or None
        What officers decided of it, where an ordinary pattern explains it; None: nothing.
    sure : str
        A step of the scale: ``very_strong``, ``strong``, ``moderate``, ``weak`` or ``unknown``.
    """

    label: Label
    claims: tuple[CarriedClaim, ...]
    reach: Reach | None
    patterns: tuple[Code, ...]
    seen: Number | None
    expected: Number | None
    rests: Code
    sure: Code
    decided: PatternState | None = None
