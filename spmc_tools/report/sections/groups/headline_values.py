"""What the section *summary* holds: the numbers and examples of the first page."""

from __future__ import annotations

from spmc_tools.report.sections.groups.base_rates import SimulatedFindings
from spmc_tools.report.sections.groups.card_values import SilenceShare
from spmc_tools.report.sections.story.story_values import Barcode, Label, Story
from spmc_tools.report.values.privacy import AccountId, Clock, Code, Count, Day, Flag, Number, Time, Wording
from spmc_tools.report.values.section_values import section_values

__all__ = ["AsideRow", "LastRun", "OpenClaim", "Said", "Summary"]


@section_values
class LastRun:
    """An earlier run for groups, whose groups are shown.

    ``last``: its last post; ``age_s``: seconds from that one to the last post of all; ``made_at``: when it was made;
    ``records`` that it read, and posts that came ``since``.
    """

    last: Time
    age_s: Number
    made_at: Clock
    records: Count
    since: Count


@section_values
class Said:
    """What one group did, and what groups like it were in simulated weeks."""

    group: Count
    named: Count
    main_trace: Code
    platforms: tuple[Code, ...]
    records: Count
    days: Count
    first: Time | None
    last: Time | None
    like: SimulatedFindings | None
    story: Story


@section_values
class AsideRow:
    """A group none of whose accounts is named, as a row of the first page.

    ``context``: registered kind of most of it; ``newsrooms``: members that look like newsrooms by what they post;
    ``patterns``: ordinary patterns that fit its posts; ``few``: members whose links rest on one or two occasions;
    ``decided``: what stands of it by officers (as ``state`` of
    :class:`~spmc_tools.report.sections.story.story_values.PatternState`).
    """

    size: Count
    trace: Code
    days: Count
    first: Time | None
    last: Time | None
    label: Label
    context: Code | None
    newsrooms: Count
    patterns: tuple[Code, ...]
    few: Count
    decided: Code | None = None


@section_values
class OpenClaim:
    """A claim that a group carries and that has no official version, by its id."""

    claim_id: Wording


@section_values
class Summary:
    """The numbers of the first page.

    Attributes
    ----------
    state : str
        ``found``, or of a page without a group ``insufficient`` (no posts, or no check that could say anything),
        ``aside`` (groups in step, none of which may be named), ``together`` (groups within hours, which name nobody,
        and no other) or ``nothing``.
    together : int
        Groups that acted together within hours.
    checks, checks_lost : int
        Kinds of activity that were looked at, and those that could not be (untimed layers only rank, and count as
        neither); of the latter, ``no_room``: those that memory was too small for.
    event : dict of str to str or None
        Title of the event by language.
    look : LastRun or None
        The run on which the groups rest, where posts came after it.
    groups, accounts, evidence : int
        Groups with an account in tier A or B, such accounts, and their posts in step, as the cards and the table of
        accounts count them; ``others``: members of these groups that are not named.
    few : int
        Accounts in tier C.
    trace : str or None
        The one trace that all groups share; ``traces``: all of them.
    aside, aside_known : int
        Groups that are not named, and those of them with registered accounts: ``aside_registered`` and
        ``aside_not_registered`` count their members.
    picture : Barcode or None
        The posts of the first group over time.
    rows_aside : tuple of AsideRow
        The largest groups that are not named, at most two.
    unanswered : tuple of OpenClaim
        Claims that a group carries and nobody has answered.
    date_from, date_to : date
        Of the report, else of the case; ``outside``: records on other days than these, and
        ``posts_from``, ``posts_to``: the days of the first and the last record; ``inside_from``, ``inside_to``: of
        those within the period.
    unmatched : tuple of str
        Registered accounts that no record is from.
    destroyed : bool
        There are posts and none of them is compared, since a spreadsheet destroyed the ids of their accounts.
    finding_times : tuple of datetime
        Of the posts in step, for the chart; ``finding_days``: how many of them fall on each day (ISO, IST).
    """

    state: Code
    checks: Count
    checks_lost: Count
    case: Wording
    title: Wording
    event: dict[Code, Wording] | None
    records: Count
    look: LastRun | None
    accounts_seen: Count
    groups: Count
    accounts: Count
    others: Count
    few: Count
    trace: Code | None
    traces: tuple[Code, ...]
    window_s: Number | None
    days: Count
    evidence: Count
    silence: SilenceShare | None
    has_silence: Flag
    said: tuple[Said, ...]
    more_said: Count
    aside: Count
    aside_known: Count
    aside_registered: Count
    aside_not_registered: Count
    unmatched: tuple[AccountId, ...]
    not_run: Count
    no_room: Count
    picture: Barcode | None
    rows_aside: tuple[AsideRow, ...]
    unanswered: tuple[OpenClaim, ...]
    date_from: Day
    date_to: Day
    destroyed: Flag
    finding_times: tuple[Time, ...]
    finding_days: dict[Code, Count]
    together: Count = 0
    outside: Count = 0
    posts_from: Day | None = None
    inside_from: Day | None = None
    inside_to: Day | None = None
    posts_to: Day | None = None
