"""What the last sections hold: what was set aside, limits, the method, where everything comes from, who prepared it."""

from __future__ import annotations

from spmc_tools.report.sections.groups.shown_groups import GroupSetAside
from spmc_tools.report.sections.story.story_values import PatternState
from spmc_tools.report.values.privacy import (
    AccountId,
    Bin,
    Code,
    Count,
    Day,
    FileName,
    Flag,
    Number,
    RecordId,
    Thing,
    Time,
    Wording,
)
from spmc_tools.report.values.section_values import section_values
from spmc_tools.report.values.withholding import Withholding

__all__ = [
    "Aside",
    "BaseRate",
    "CarryingPost",
    "HotObject",
    "Limit",
    "Limits",
    "Method",
    "NotRun",
    "Parameter",
    "Provenance",
    "Signoff",
    "SourceFile",
    "TraceTests",
]


@section_values
class NotRun:
    """A trace, or one window of it, that was not run and why.

    ``window_s`` None: the whole trace; ``reason``: a sentence; ``code`` names the same reason, with the ``columns``
    that are missing or the ``time_precision_s`` that is too coarse.
    """

    trace: Code
    window_s: Number | None
    reason: Wording
    code: Code | None = None
    columns: tuple[Code, ...] = ()
    time_precision_s: Number | None = None


@section_values
class HotObject:
    """An object on which so many acted in one bin that pairs on it say nothing; ``share``: of the bin's actions."""

    trace: Code
    object_id: Thing | None
    bin_start: Bin | None
    bin_s: Number | None
    n_actions: Count
    share: Number | None


@section_values
class TooFew:
    """A kind of activity in which ``n`` accounts are active: too few to say anything."""

    trace: Code
    n: Count


@section_values
class Aside:
    """What was not run, the groups that are not named, and the hot objects set aside.

    ``decided``: what officers decided of groups with an ordinary pattern; ``benign_missing``: columns without which
    newsrooms are not measured; ``cleared``: accounts that officers cleared, by what became of them; ``unmatched``:
    registered accounts without a record; ``hot``: the hot objects with most actions; ``hot_objects, hot_blocks,
    hot_actions``: of all, a block being an object in one stretch of time; ``too_few``: kinds of activity that few
    accounts show; ``together``: groups within hours.
    """

    not_run: tuple[NotRun, ...]
    groups: tuple[GroupSetAside, ...]
    hot: tuple[HotObject, ...]
    benign_missing: tuple[Code, ...]
    cleared: dict[Code, Count]
    unmatched: tuple[AccountId, ...]
    hot_objects: Count
    hot_actions: Count
    hot_blocks: Count = 0
    too_few: tuple[TooFew, ...] = ()
    together: Count = 0
    decided: tuple[PatternState, ...] = ()


@section_values
class Limit:
    """Something that this data could not have shown: the key of its words, and the numbers in them."""

    what: Code
    values: dict[Code, Number]


@section_values
class Limits:
    """What this data could not have shown."""

    limits: tuple[Limit, ...]


@section_values
class Parameter:
    """A parameter of the investigation and its value, as text."""

    name: Code
    value: Wording


@section_values
class TraceTests:
    """How many accounts, actions and tests a trace had, where the notes say so; ``windows_s``: those tried."""

    trace: Code
    n_accounts: Count | None
    n_actions: Count | None
    n_tests: Count | None
    sources_known: Flag | None
    windows_s: tuple[Number, ...] | None


@section_values
class BaseRate:
    """The base-rate example: of ten thousand accounts, how many take part, are caught, and are named wrongly."""

    prevalence: Number
    false_positive: Number
    recall: Number
    right: Number
    in_10000: Count
    caught: Count
    wrong: Count


@section_values
class Method:
    """Parameters, counts of tests and the base-rate example; ``preliminary``: its error on real posts is not known."""

    parameters: tuple[Parameter, ...]
    level: Number
    clear_q: Number
    few_links: Count
    preliminary: Flag
    accounts: Count
    traces: tuple[TraceTests, ...]
    base: BaseRate


@section_values
class SourceFile:
    """A received file with its hash, its import and its rows."""

    name: FileName
    sha256: Code
    batch: Code
    rows: Count
    format: Code


@section_values
class CarryingPost:
    """A post in step that carries a group, by its place on the page, and the row of the file that it was read from.

    ``n``: the number of its account in the report; ``trace``: the first that it carries.
    """

    group: Count
    n: Count
    at: Time
    record: RecordId | None
    platform: Code | None
    trace: Code
    sha256: Code
    row: Count | None


@section_values
class Provenance(Withholding):
    """Hashes of every received file, the head of the custody log, and versions; ``derived``: where results are kept.

    ``posts``: all posts of the groups, of accounts that may be named, group by group and by time; ``carried``: how
    many. They stand on no page: the evidence pack lists them. ``clock``: whether this machine said that its clock
    followed a time server when the report was made; None: it did not say.
    """

    withheld = ("posts",)
    """Rows of files lead to them."""

    case: Wording
    files: tuple[SourceFile, ...]
    inputs: Code
    ledger_length: Count
    ledger_head: Code
    chain_sound: Flag
    version: Code
    python: Code
    seed: Count | None
    derived: Code | None
    clock: Flag | None
    carried: Count
    posts: tuple[CarryingPost, ...]


@section_values
class Signoff:
    """Who prepared the report; the other lines stay empty for pen and ink."""

    officer: Wording
    expires: Day | None
