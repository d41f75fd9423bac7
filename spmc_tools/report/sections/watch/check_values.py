"""What the method check holds: the smallest group that would be shown, copies, other choices, rates, all together."""

from __future__ import annotations

from spmc_tools.report.values.privacy import Code, Count, Flag, Number, Quoted, Wording
from spmc_tools.report.values.section_values import section_values

__all__ = [
    "Check",
    "ChoiceRow",
    "Copies",
    "CopyKind",
    "LanguageRate",
    "LeftOut",
    "OtherChoices",
    "PowerTable",
    "QuantileLine",
    "Rate",
    "Rates",
    "RestNamed",
    "ScriptRate",
    "SizeTried",
    "SizesOfSession",
    "SizesTried",
    "SmallCount",
    "Stays",
    "TraceTried",
]


@section_values
class SizeTried:
    """A size of group that was tried in a trace: a row of :data:`spmc_tools.findings.robustness.power.COLUMNS`.

    ``session``: of a group within one session.
    """

    trace: Code
    delay_s: Number
    n_accounts: Count
    state: Code
    n_objects: Count | None
    hits: Count | None
    draws: Count | None
    share: Number | None
    low: Number | None
    high: Number | None
    session: Flag = False


@section_values
class SizesTried:
    """The smallest group that would have been shown, over all (None: none) and for each size."""

    smallest: SizeTried | None = None
    rows: tuple[SizeTried, ...] = ()


@section_values
class SizesOfSession(SizesTried):
    """The same of groups within one session of so many hours, which are shown and never named."""

    hours: Count = 0


@section_values
class PowerTable(SizesTried):
    """How small a group would have been shown.

    ``state``: "shown", "not_shown" (none of those tried), or, where nothing could be tried, the commonest reason;
    ``sizes``: how many were tried; ``takes_part``: of ten occasions, those that a member takes part in; ``share``: of
    members and of draws that make a group shown; ``assessments``: how many were made; ``session``: of groups
    within one session.
    """

    state: Code
    sizes: Count
    traces: tuple[Code, ...]
    takes_part: Count
    share: Number
    effort: Code
    assessments: Count
    session: SizesOfSession


@section_values
class LeftOut:
    """Accounts that were left out of the copies, and how many accounts are named."""

    named: Count
    accounts: Count


@section_values
class RestNamed:
    """Accounts that remain, and those of them that the rule names."""

    accounts: Count
    named: Count


@section_values
class TraceTried:
    """A trace without the accounts left out: whether it was looked at, and whom the rule names there."""

    trace: Code
    n_accounts: Count
    n_actions: Count
    state: Code
    named: Count | None


@section_values
class CopyKind:
    """Copies of one kind: accounts in all of them, those named, copies with a name, each with its interval."""

    kind: Code
    draws: Count
    accounts: Count
    named: Count
    low: Number
    high: Number
    copies: Count
    copies_low: Number
    copies_high: Number


@section_values
class SmallCount:
    """How many probabilities lie at a limit or below, and how many were expected there."""

    limit: Number
    expected: Number
    seen: Count


@section_values
class QuantileLine:
    """Probabilities of the case, of the rest or of copies among ``n_tests``: expected and observed -log10 p."""

    line: Code
    n_tests: Count
    points: tuple[tuple[Number, Number], ...]
    counts: tuple[SmallCount, ...]


@section_values
class Copies:
    """Whom the rule names in copies of the case in which nobody acts together on purpose, and the small p.

    As :func:`spmc_tools.findings.robustness.resampling.resampled` gives them; ``state``: "looked_at", or "insufficient"
    where no trace has enough accounts.
    """

    left_out: LeftOut
    rest: RestNamed
    draws: Count
    traces: tuple[TraceTried, ...]
    kinds: tuple[CopyKind, ...]
    lines: tuple[QuantileLine, ...]
    state: Code


@section_values
class Stays:
    """A group of the page: under how many of the choices that could be tried most of its accounts are named again."""

    group: Count
    named: Count
    stays: Count
    of: Count


@section_values
class ChoiceRow:
    """Another choice of window or strata: how many accounts of each group, in all, and newly are named under it."""

    window_s: Number | None
    strata: Code
    traces: tuple[Code, ...]
    stay: tuple[Count, ...]
    named: Count
    new: Count


@section_values
class OtherChoices:
    """Under which other windows and strata each group stays; ``share``: of its accounts that are named again then."""

    findings: tuple[Stays, ...]
    rows: tuple[ChoiceRow, ...]
    share: Number


@section_values
class Rate:
    """The share of accounts that are named, with its interval; None: there is no account."""

    accounts: Count
    named: Count
    share: Number | None
    low: Number
    high: Number


@section_values
class ScriptRate(Rate):
    """The rate of a script; ``differs``: "higher", "lower", "few" (nothing is said of so few), None: as that of all."""

    value: Code
    posts: Count
    differs: Code | None


@section_values
class LanguageRate(Rate):
    """The rate of a language as the data names it; ``title``: its name by language, None where it is not known."""

    value: Quoted
    posts: Count
    differs: Code | None
    title: dict[Code, Wording] | None


@section_values
class Rates:
    """The share of named accounts by script and language of their posts.

    ``languages``: None where the data tells none; ``other_languages``: how many more there are; ``fewest``: with fewer
    accounts nothing is said; ``n_differ``: scripts and languages whose rate is higher or lower than that of all.
    """

    all: Rate
    scripts: tuple[ScriptRate, ...]
    languages: tuple[LanguageRate, ...] | None
    other_languages: Count
    fewest: Count
    n_differ: Count


@section_values
class Check:
    """What the checks say together.

    ``state``: "insufficient" (no kind of activity has enough accounts), "named" (somebody was named in a copy) or
    "held"; with the numbers of each check.
    """

    state: Code
    copies: Count
    copies_named: Count
    rest: Count
    left_out: Count
    groups: Count
    stay_everywhere: Count
    choices: Count
    smallest: SizeTried | None
    takes_part: Count
    differ: Count
