"""What the section *findings* holds: a card per group, with pairs, posts, pictures and other explanations."""

from __future__ import annotations

from spmc_tools.report.rates.rate_values import RateRow
from spmc_tools.report.sections.groups.base_rates import SimulatedFindings
from spmc_tools.report.sections.groups.benign import NewsroomPattern
from spmc_tools.report.sections.groups.course import Course, PartPlayed
from spmc_tools.report.sections.groups.grounds import ChanceRange, Grounds
from spmc_tools.report.sections.story.post_figures import Capture, PostFigures
from spmc_tools.report.sections.story.story_values import Barcode, Story
from spmc_tools.report.values.privacy import (
    Code,
    Count,
    FileName,
    Flag,
    Handle,
    Number,
    Parts,
    Quoted,
    RecordId,
    Time,
    WebAddress,
)
from spmc_tools.report.values.section_values import section_values
from spmc_tools.report.values.withholding import Withholding

__all__ = [
    "Card",
    "Cards",
    "Explanation",
    "LinkedPair",
    "Member",
    "NetworkNode",
    "NetworkPicture",
    "PostBlock",
    "ReceivedFile",
    "ShownPost",
    "SilenceShare",
    "Unnamed",
]


@section_values
class Unnamed:
    """How many members of a group are not named, by the reason.

    ``known``: registered; ``newsroom``: by what they post; ``pattern``: an ordinary one, or ready-made posts alone;
    ``above``: their figure after adjustment, the smallest of which is ``q``, is not below the limit; ``event``: shown
    by what many posted at once, and by no links; ``few``: the rest, on few sources or with few links of one kind.
    """

    n: Count
    known: Count
    newsroom: Count
    pattern: Count
    event: Count
    above: Count
    q: Number | None
    few: Count


@section_values
class SilenceShare:
    """How many of some posts lie in a silence period, beside what all posts of the same files do.

    ``n`` of ``of``, the share ``own``: of the posts in files that hold a day of a silence period; ``elsewhere``: posts
    in other files. ``share`` and ``time``: of all posts of these files, and of their days, as
    :class:`spmc_tools.report.scope.same_files.Beside` weighs them. ``unconfirmed``: the calendar's hours were not
    checked.
    """

    n: Count
    of: Count
    elsewhere: Count
    own: Number | None
    share: Number | None
    time: Number | None
    unconfirmed: Flag


@section_values
class Member:
    """An account of a group that may be named: its number in the report, and its handle."""

    n: Count
    name: Handle


@section_values
class LinkedPair(ChanceRange):
    """Two accounts by number (a < b) in one trace and window: occasions in step beside what chance expects."""

    a: Count
    b: Count
    label: Code
    seen: Count
    p: Number
    q: Number
    sources: Count
    window_s: Number | None
    trace: Code


@section_values
class ShownPost(Withholding):
    """One post on a shared object, with the row of the received file that it was read from.

    ``n`` and ``name`` are None where its account is not named; ``after_s``: seconds after the first post shown beside
    it; ``parts``: its text in pieces, None without a text; ``figures`` as they were received, ``captures`` of it.
    """

    withheld = ("figures", "captures")
    """Exact figures lead to a post as its id does."""

    n: Count | None
    name: Handle | None
    at: Time
    after_s: Number
    parts: Parts | None
    lang: Code | None
    record: RecordId | None
    url: WebAddress | None
    sha256: Code | None
    file: FileName | None
    row: Count | None
    figures: PostFigures | None = None
    captures: tuple[Capture, ...] = ()

    def needed_texts(self) -> tuple[str, ...]:
        """Return its text: a card is read by the posts beside each other."""
        return ("".join(text for text, _ in self.parts),) if self.parts else ()


@section_values
class PostBlock:
    """The posts of one object, one per account: those closest in time, and how far apart all of them lie.

    ``same``: all shown texts are equal; ``commonest``: the text with the most words in common, and its ``lang``;
    ``accounts`` that may be named and ``others`` that acted on the object; ``spread_s`` and ``half_s``: seconds until
    the last and until half of them had.
    """

    trace: Code
    posts: tuple[ShownPost, ...]
    same: Flag
    commonest: Quoted | None
    lang: Code | None
    accounts: Count
    others: Count
    spread_s: Number
    half_s: Number


@section_values
class ReceivedFile:
    """A received file, by the name under which it came (None: not known) and its hash."""

    file: FileName | None
    sha256: Code


@section_values
class NetworkNode:
    """Where an account stands in the picture of its group (0 to 1), by number; None: it is not named."""

    x: Number
    y: Number
    n: Count | None


@section_values
class NetworkPicture:
    """Who was in step with whom: ``lines`` are pairs of places in ``nodes``, ``counts`` how often each pair was."""

    nodes: tuple[NetworkNode, ...]
    lines: tuple[tuple[Count, Count], ...]
    counts: tuple[Count, ...]


@section_values
class Explanation:
    """What points to an ordinary explanation (``side`` is ``for``), or what one must account for (``against``).

    ``what`` is a key of the wording, ``values`` the numbers of its sentence by name.
    """

    side: Code
    what: Code
    values: dict[Code, Number]


@section_values
class Card:
    """One group with an account in tier A or B: counts are those of its accounts that may be named.

    Attributes
    ----------
    cluster : int
        Its number in the findings.
    size, named : int
        All its members, and those that may be named; ``others`` says why the rest is not.
    main_trace : str
        The trace of most of its posts.
    window_s : float or None
        The widest window of what it rests on; None where there is none.
    records, shown : int
        Its posts in step, and how many of them the card shows.
    sources, days : int
        Distinct sources of its links (None: not counted), and days (IST) with a post in step.
    first, last : datetime
        Of its posts.
    linked_pairs : int
        All of them; ``pairs`` holds the first ones.
    story, picture : Story, Barcode or None
        What is told of it on the first page, and its posts over time; None where it has none in step.
    """

    cluster: Count
    size: Count
    named: Count
    others: Unnamed
    traces: tuple[Code, ...]
    main_trace: Code
    platforms: tuple[Code, ...]
    window_s: Number | None
    records: Count
    shown: Count
    sources: Count | None
    days: Count
    first: Time | None
    last: Time | None
    silence: SilenceShare
    members: tuple[Member, ...]
    pairs: tuple[LinkedPair, ...]
    linked_pairs: Count
    newsrooms: tuple[NewsroomPattern, ...]
    grounds: Grounds
    posts: tuple[PostBlock, ...]
    files: tuple[ReceivedFile, ...]
    course: Course
    parts: tuple[PartPlayed, ...]
    network: NetworkPicture
    like: SimulatedFindings | None
    explanations: tuple[Explanation, ...]
    story: Story
    picture: Barcode | None


@section_values
class Cards:
    """The cards of a report, strongest group first, and how many groups ``more`` have none.

    ``rates``: of the kind of each card what reviews of this machine said (None: of its kind no group was shown); empty
    where it was not looked up.
    """

    cards: tuple[Card, ...]
    more: Count
    rates: tuple[RateRow | None, ...] = ()
