"""Values of the first page: what was found, in one sentence and three numbers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from spmc_tools.report.scope.same_files import files_beside
from spmc_tools.report.scope.scope import compared_records
from spmc_tools.report.sections.groups.benign import pattern_rows
from spmc_tools.report.sections.groups.cards import carried, findings, of_named, silence_of
from spmc_tools.report.sections.groups.headline_values import AsideRow, LastRun, OpenClaim, Said, Summary
from spmc_tools.report.sections.groups.shown_groups import every_cluster, groups, named_accounts, numbers, set_aside
from spmc_tools.report.sections.groups.told import Told
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.section_values import values_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.report.scope.scope import Scope
    from spmc_tools.report.sections.groups.card_values import Card
    from spmc_tools.report.sections.groups.shown_groups import Group

__all__ = ["SECTIONS", "last_look", "summary"]

PARTLY = frozenset(
    {"clock_too_coarse", "no_authors", "events_without_client", "events_without_second", "events_not_run"}
)
"""Codes of what could not be run that leave the rest of a check standing."""

NO_ROOM = "too_large"
"""Code of a check that memory was too small for: the same data can be looked at elsewhere."""

SAID, ASIDE = 3, 2
"""Groups that the first page tells of, and rows of it for those that are not named."""


def summary(case: Case, scope: Scope, found: Findings) -> Summary:
    """Return the numbers of the first page."""
    cards = findings(case, scope, found).cards
    shown, aside = groups(found), set_aside(found)
    evidence, traces = _carried(found, shown)
    able, lost = _checks(found)
    accounts = len(named_accounts(found))
    registered = [group for group in aside if group.context is not None]
    date_from, date_to = scope.date_from or case.settings.date_from, scope.date_to or case.settings.date_to
    on = _days(scope.searched)
    inside = on[(on >= date_from) & (on <= date_to)]
    return Summary(
        state=_state(bool(shown), bool(len(scope.searched)) and bool(able), bool(aside), len(found.sessions)),
        together=len(found.sessions),
        checks=len(able) + _moments_looked_at(found),
        checks_lost=len(lost),
        case=case.id,
        title=case.settings.title,
        event=scope.event.title if scope.event else None,
        records=len(scope.searched),
        look=last_look(scope),
        accounts_seen=len(found.accounts),
        groups=len(shown),
        accounts=accounts,
        others=sum(len(group.others) for group in shown),
        few=int((found.accounts["tier"] == "C").sum()),
        trace=next(iter(traces)) if len(traces) == 1 else None,
        traces=tuple(sorted(traces)),
        window_s=max((card.window_s for card in cards if card.window_s is not None), default=None),
        days=0 if evidence is None else int(_days(evidence).nunique()),
        evidence=0 if evidence is None else len(evidence),
        silence=None if evidence is None else silence_of(evidence, files_beside(scope)),
        has_silence=scope.event is not None and scope.event.is_election,
        said=tuple(_said(place, card) for place, card in enumerate(cards[:SAID], start=1)),
        more_said=max(0, len(cards) - SAID),
        aside=len(aside),
        aside_known=len(registered),
        aside_registered=sum(group.registered for group in registered),
        aside_not_registered=sum(group.not_registered for group in registered),
        unmatched=tuple(found.notes.get("context", {}).get("not_in_records", [])),
        not_run=len(found.not_run),
        no_room=len({row["trace"] for row in found.not_run if row.get("code") == NO_ROOM}),
        picture=cards[0].picture if cards else None,
        rows_aside=_rows_aside(case, scope, found),
        unanswered=_unanswered(cards),
        date_from=date_from,
        date_to=date_to,
        outside=int(((on < date_from) | (on > date_to)).sum()),
        inside_from=inside.min() if len(inside) else None,
        inside_to=inside.max() if len(inside) else None,
        posts_from=on.min() if len(on) else None,
        posts_to=on.max() if len(on) else None,
        destroyed=bool(len(scope.records)) and not len(compared_records(case, scope.records)),
        finding_times=() if evidence is None else tuple(sorted(evidence["created_at"].tolist())),
        finding_days={} if evidence is None else _by_day(evidence),
    )


def _unanswered(cards: Sequence[Card]) -> tuple[OpenClaim, ...]:
    """Return the claims that a group carries and that have no official version, each once, by id."""
    open_ones = {
        claim.claim_id
        for card in cards
        for claim in card.story.claims
        if claim.official_at is None and claim.status in {"open", "checking"}
    }
    return tuple(OpenClaim(claim_id=claim_id) for claim_id in sorted(open_ones))


def _rows_aside(case: Case, scope: Scope, found: Findings) -> tuple[AsideRow, ...]:
    """Return the largest groups that are not named, with what explains them."""
    told = Told(case, scope, found, numbers(found))
    aside = [group for group in every_cluster(found) if not group.named]
    largest = sorted(aside, key=lambda group: (-len(group.members), group.cluster_id))[:ASIDE]
    return tuple(_row_aside(group, told, found) for group in largest)


def _row_aside(group: Group, told: Told, found: Findings) -> AsideRow:
    evidence = carried(found, group)
    times = evidence["created_at"]
    traces = evidence["trace"].value_counts()
    basis = found.accounts.loc[found.accounts["account_id"].isin(group.members), "basis"]
    return AsideRow(
        size=len(group.members),
        trace=str(group.row["traces"][0] if not len(traces) else min(traces.index, key=lambda n: (-traces[n], n))),
        days=int(_days(evidence).nunique()),
        first=times.min() if len(times) else None,
        last=times.max() if len(times) else None,
        label=told.label(group.members, evidence),
        context=group.row["context"],
        newsrooms=len(pattern_rows(found, group.members)),
        patterns=told.patterns(evidence),
        few=int(basis.isin(["few", "one"]).sum()),
        decided=None if (state := told.decided(group.cluster_id)) is None else state.state,
    )


def _carried(found: Findings, shown: list[Group]) -> tuple[pd.DataFrame | None, set[str]]:
    """Return the posts of all groups, each once (None without a group), and the traces in which they are in step."""
    import pandas as pd

    of_groups = [of_named(carried(found, group), group) for group in shown]
    traces = {str(trace) for records in of_groups for trace in records["trace"]}
    if not of_groups:
        return None, traces
    return pd.concat(of_groups, ignore_index=True).drop_duplicates("record_id"), traces


def _checks(found: Findings) -> tuple[set[str], set[str]]:
    """Return the kinds of activity that were looked at with enough to go on, and those that could not be."""
    notes = found.notes.get("traces", {})
    able = {name for name, facts in notes.items() if facts.get("evidence") == "sufficient"}
    whole = {row["trace"] for row in found.not_run if row.get("code") not in PARTLY and row["window_s"] is None}
    return able, (whole | {name for name, facts in notes.items() if facts.get("evidence")}) - able


def _days(evidence: pd.DataFrame) -> pd.Series[Any]:
    """Return the day (IST) of each post."""
    from spmc_tools.desks.base.calendar import IST

    days: pd.Series[Any] = evidence["created_at"].dt.tz_convert(IST).dt.date
    return days


def _by_day(evidence: pd.DataFrame) -> dict[str, int]:
    return {str(day): int(n) for day, n in _days(evidence).value_counts().items()}


def last_look(scope: Scope) -> LastRun | None:
    """Return on which run for groups the groups rest, where posts came after it; else None."""
    look = scope.look
    if look is None:
        return None
    age_s = (scope.records["created_at"].max() - look.last).total_seconds()
    return LastRun(
        last=look.last,
        age_s=max(0.0, age_s),
        made_at=datetime.fromisoformat(look.made_at),
        records=look.records,
        since=look.of - look.records,
    )


def _moments_looked_at(found: Findings) -> bool:
    """Tell whether the clocks are fine enough for accounts to be compared by the moments of their posts."""
    return found.notes.get("sessions", {}).get("moment_s") is not None


def _state(found: bool, able: bool, aside: bool, together: int) -> str:
    """Say which first page this is: no all-clear where nothing could have been seen, or a group within hours was."""
    if found:
        return "found"
    if aside and able:
        return "aside"
    if together:
        return "together"
    return "nothing" if able else "insufficient"


def _said(place: int, card: Card) -> Said:
    """Return what one group did, and what groups like it were in simulated weeks."""
    return values_from(Said, card, group=place)


SECTIONS = (Declaration("summary", ("case", "scope", "found"), summary, Summary),)
"""The sections that stand in this module."""
