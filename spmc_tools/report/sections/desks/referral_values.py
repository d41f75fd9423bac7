"""Values of the referral register's sections."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.listed import Listed
from spmc_tools.report.values.privacy import Clock, Code, Count, Day, Flag, Number, Wording
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.referrals.law import Provision
    from spmc_tools.desks.referrals.referral import ReferralDesk

__all__ = [
    "SECTIONS",
    "CategoryCount",
    "DailyReturn",
    "Law",
    "MonthOfReferrals",
    "OverdueReferral",
    "OverdueReferrals",
    "ProvisionLine",
    "Referral",
    "ReferralRegister",
    "ReferralReturn",
    "StateCount",
    "StateMove",
    "referral",
    "referral_limits",
    "referral_overdue",
    "referral_return",
]

ROWS, DAYS = 60, 40
DATES = ("flagged_at", "verified_at", "sent_at", "answered_at", "closed_at")


@section_values
class StateCount:
    """How many referrals stand in a state."""

    state: Code
    n: Count


@section_values
class StateMove:
    """How many referrals went from one state straight to another, a state that was skipped not counted."""

    start: Code
    end: Code
    n: Count


@section_values
class Referral:
    """A line of the register: its dates are those of the office; ``who`` is the account's pseudonym in the case."""

    referral_id: Wording
    state: Code
    who: Code | None
    category: dict[Code, Wording]
    provision: Wording | None
    synthetic: Flag | None
    flagged_at: Clock | None
    verified_at: Clock | None
    sent_at: Clock | None
    answered_at: Clock | None
    closed_at: Clock | None


@section_values
class ReferralRegister:
    """How many referrals stand where, and the latest of them; ``hours_s``: within which an answer is due, in seconds.

    ``reached``: how many came to a state at any time, in the order of the states; ``moves`` between them.
    ``odd``: how many were closed again, skipped a state or went backwards.
    """

    as_of: Clock
    n: Count
    open: Count
    to_send: Count
    overdue: Count
    hours_s: Count
    states: tuple[StateCount, ...]
    reached: dict[Code, Count]
    moves: tuple[StateMove, ...]
    odd: dict[Code, Count]
    rows: Listed[Referral]


@section_values
class DailyReturn:
    """Referrals that reached each state on a day (IST); ``watched``: handles of those open at its end."""

    day: Day
    flagged: Count
    verified: Count
    sent_platform: Count
    sent_other: Count
    answered: Count
    removed: Count
    fir: Count
    fir_synthetic: Count
    proposal_69a: Count
    cleared: Count
    watched: Count


@section_values
class CategoryCount:
    """How many referrals are of a category, whose title stands by language."""

    title: dict[Code, Wording]
    n: Count


@section_values
class MonthOfReferrals:
    """Referrals flagged in a month (IST), as 2025-11, and how they stand; ``median_s``: until half were closed."""

    month: Code
    flagged: Count
    open: Count
    removed: Count
    fir: Count
    cleared: Count
    categories: tuple[CategoryCount, ...]
    median_s: Number | None


@section_values
class ReferralReturn:
    """The last days of the daily return, and the months; ``columns`` in their order."""

    columns: tuple[Code, ...]
    days: Listed[DailyReturn]
    months: tuple[MonthOfReferrals, ...]


@section_values
class OverdueReferral:
    """A referral that waits for an answer since it was sent."""

    referral_id: Wording
    sent_to: Wording | None
    sent_at: Clock
    waits_s: Number


@section_values
class OverdueReferrals:
    """How many referrals wait for longer than ``hours_s`` seconds, and the longest of them."""

    hours_s: Count
    n: Count
    rows: tuple[OverdueReferral, ...]


@section_values
class ProvisionLine:
    """A provision, with its words by language: one that may be chosen, or the ``reason`` why it may not.

    ``checked_on``: when a law officer checked the line; None: nobody did. ``checked_by``: who, None: not written.
    """

    act: Wording
    section: Wording
    title: dict[Code, Wording]
    ingredients: tuple[dict[Code, Wording], ...]
    source: Wording
    checked_on: Day | None
    checked_by: Wording | None
    selectable: Flag
    reason: dict[Code, Wording]


@section_values
class Law:
    """The provisions, how many of them no law officer checked, and the questions of the checklist."""

    provisions: tuple[ProvisionLine, ...]
    unchecked: Count
    checklist: tuple[Code, ...]


def referral(case: Case, desk: ReferralDesk) -> ReferralRegister:
    """Return how many referrals stand where, and the register with its dates; accounts by their pseudonyms."""
    from spmc_tools.desks.referrals.referral import STATES, overdue

    rows = desk.referrals
    reached, moves = _moves(rows, STATES)
    states = rows["state"].value_counts()
    shown = rows.sort_values(["flagged_at", "referral_id"], ascending=[False, True], kind="stable")[:ROWS]
    names = case.pseudonyms(shown["account_id"].dropna())
    return ReferralRegister(
        as_of=desk.as_of,
        n=len(rows),
        open=int(rows["closed_as"].isna().sum()),
        to_send=int((rows["state"] == "verified").sum()),
        overdue=len(overdue(rows, desk.as_of, desk.answer_h)),
        hours_s=desk.answer_h * 3600,
        states=tuple(StateCount(state=name, n=int(states.get(name, 0))) for name in STATES),
        reached=dict(reached),
        moves=moves,
        odd={name: int(rows[name].sum()) for name in ("closed_again", "skipped", "backwards")},
        rows=Listed(
            rows=tuple(_line(row, names.get(row["account_id"])) for row in shown.to_dict("records")), all=len(rows)
        ),
    )


def _moves(rows: pd.DataFrame, states: tuple[str, ...]) -> tuple[dict[str, int], tuple[StateMove, ...]]:
    """Return how many referrals came to each state, and how many went from one to the next that they came to."""
    reached = dict.fromkeys(states, 0)
    moves: Counter[tuple[str, str]] = Counter()
    for row in rows.to_dict("records"):
        path = [name for name in states if f"{name}_at" in row and pd.notna(row[f"{name}_at"])]
        if isinstance(row["closed_as"], str):
            path.append(row["closed_as"])
        for name in path:
            reached[name] = reached.get(name, 0) + 1
        moves.update(itertools.pairwise(path))
    place = {name: n for n, name in enumerate(states)}
    order = sorted(moves, key=lambda move: (place.get(move[0], 99), place.get(move[1], 99)))
    return reached, tuple(StateMove(start=start, end=end, n=moves[start, end]) for start, end in order)


def _line(row: dict[Any, Any], who: str | None) -> Referral:
    from spmc_tools.desks.referrals.law import categories

    return Referral(
        referral_id=row["referral_id"],
        state=row["state"],
        who=who,
        category=categories().get(row["category"], {"en": row["category"] or "–"}),
        provision=row["provision"],
        synthetic=bool(row["synthetic_media"]) if row["synthetic_media"] is not None else None,
        **{name: row[name] for name in DATES},
    )


def referral_return(desk: ReferralDesk) -> ReferralReturn:
    """Return the daily return and the monthly table."""
    from spmc_tools.desks.referrals.referral import RETURN, daily_return, monthly

    days = daily_return(desk.states, desk.referrals)
    return ReferralReturn(
        columns=RETURN,
        days=Listed(rows=tuple(DailyReturn(**day) for day in days[-DAYS:]), all=len(days)),
        months=tuple(
            MonthOfReferrals(**{**month, "categories": _counted(month["categories"])})
            for month in monthly(desk.referrals, desk.as_of)
        ),
    )


def _counted(counts: dict[str, int]) -> tuple[CategoryCount, ...]:
    """Return the counts of categories, by their names."""
    from spmc_tools.desks.referrals.law import categories

    titles = categories()
    return tuple(CategoryCount(title=titles.get(name, {"en": name}), n=n) for name, n in sorted(counts.items()))


def referral_overdue(desk: ReferralDesk) -> OverdueReferrals:
    """Return the referrals that were sent and wait for an answer for too long, and for how long."""
    from spmc_tools.desks.referrals.referral import overdue

    rows = overdue(desk.referrals, desk.as_of, desk.answer_h)
    return OverdueReferrals(
        hours_s=desk.answer_h * 3600,
        n=len(rows),
        rows=tuple(
            OverdueReferral(
                referral_id=row["referral_id"],
                sent_to=row["sent_to"],
                sent_at=row["waits_since_at"],
                waits_s=(desk.as_of - row["waits_since_at"]).total_seconds(),
            )
            for row in rows[:ROWS].to_dict("records")
        ),
    )


def referral_limits(case: Case) -> Law:
    """Return the provisions that may be chosen, those that may not, who checked them, and the checklist's questions."""
    from spmc_tools.desks.referrals.law import CHECKLIST
    from spmc_tools.desks.referrals.law_checks import provisions_of

    rows = tuple(_provision(provision) for provision in provisions_of(case).values())
    return Law(provisions=rows, unchecked=sum(row.checked_on is None for row in rows), checklist=CHECKLIST)


def _provision(line: Provision) -> ProvisionLine:
    ingredients = zip(line.ingredients_in("en"), line.ingredients_in("hi"), strict=True)
    return ProvisionLine(
        act=line.act,
        section=line.section,
        title=_both(line.title, line.title_hi),
        ingredients=tuple(_both(*words) for words in ingredients),
        source=line.source,
        checked_on=None if line.checked_on is None else date.fromisoformat(line.checked_on),
        checked_by=line.checked_by or None,
        selectable=line.selectable,
        reason=_both(line.reason, line.reason_hi),
    )


def _both(english: str, hindi: str) -> dict[str, str]:
    return {"en": english, "hi": hindi or english}


SECTIONS = (
    Declaration("referral", ("case", "desk"), referral, ReferralRegister),
    Declaration("referral_overdue", ("desk",), referral_overdue, OverdueReferrals),
    Declaration("referral_return", ("desk",), referral_return, ReferralReturn),
    Declaration("referral_limits", ("case",), referral_limits, Law),
)
"""The sections that stand in this module."""
