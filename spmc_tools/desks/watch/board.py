"""The watch board: today, what is coming, the cases that run, what was done with referrals on each day.

Counts per day are those of the referral register (:func:`spmc_tools.desks.referrals.referral.daily_return`), so that
the two
pages never differ: a referral counts on each day (IST) on which it reached a state, a second closing does not count,
and *watched* are the handles of referrals that are open at the end of the day. Whether a count is high says nothing
about how much there was to find.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from spmc_tools.desks.base.calendar import IST, SILENCE, events
from spmc_tools.errors import SpmcError

if TYPE_CHECKING:
    import pyarrow as pa

    from spmc_tools.case.store.case import Case

__all__ = ["STATES", "Board", "board", "coming", "per_day", "running"]

STATES = ("flagged", "verified", "sent", "removed", "fir", "cleared")
"""Columns of the daily return, beside *watched*."""

MOST_CASES = 500


@dataclass(frozen=True)
class Board:
    """What stands on the board: the day, whether it is the case's last and not today's, and the three lists."""

    today: date
    is_past: bool
    days: int
    ahead: int
    coming: list[dict[str, Any]]
    cases: list[dict[str, Any]]
    unread: int
    returns: list[dict[str, Any]] | None


def board(case: Case, as_of: str | None = None, days: int = 14, ahead: int = 60) -> Board:
    """Return the board for one day.

    Parameters
    ----------
    as_of : str, optional
        A day as 2025-11-10; None: today in India, or the last day of the case's period where that is over.
    days, ahead : int
        Days that the daily return looks back (the day itself included), and the calendar ahead.
    """
    now = datetime.now(IST).date()
    day = date.fromisoformat(as_of) if as_of else min(now, case.settings.date_to)
    cases, unread = running(case, day)
    referrals = case.table("referrals")
    returns = per_day(referrals, day, days) if referrals.num_rows else None
    return Board(day, day < now, days, ahead, coming(day, ahead), cases, unread, returns)


def coming(today: date, ahead: int) -> list[dict[str, Any]]:
    """Return the days of the calendar that run on a day or begin within so many days, in order.

    Returns
    -------
    list of dict
        title, what (also ``silence``), first, last (inclusive), phase, where (constituencies of a poll; None: all),
        ``in_days`` (0: running), unconfirmed, moon, source.
    """
    found = []
    for event in events():
        for day in event.days:
            spans = [(day.what, day.first, day.last)]
            if day.close is not None:
                close = datetime.combine(day.first, day.close, tzinfo=IST)
                spans.append(("silence", (close - SILENCE).date(), close.date()))
            for what, first, last in spans:
                if last >= today and first <= today + timedelta(days=ahead):
                    found.append(
                        {
                            "title": event.title,
                            "what": what,
                            "first": first,
                            "last": last,
                            "phase": day.phase,
                            "where": day.where,
                            "in_days": max(0, (first - today).days),
                            "unconfirmed": day.unconfirmed,
                            "moon": day.moon,
                            "source": day.source,
                        }
                    )
    return sorted(found, key=lambda row: (row["first"], row["last"], row["title"]["en"], row["what"]))


def running(case: Case, today: date) -> tuple[list[dict[str, Any]], int]:
    """Return the cases beside this one, and how many could not be opened.

    Returns
    -------
    list of dict, int
        case, date_from, date_to, event, expires, ``state``: ``running``, ``coming``, ``over`` or ``expired`` (past
        its date
        of disposal); those that run first. Titles are not shown: a case's own report may be seen by more people.
    """
    from spmc_tools.case.store.case import open_case

    rows, unread = [], 0
    folders = sorted(path for path in case.path.parent.iterdir() if (path / "case.toml").is_file())[:MOST_CASES]
    for folder in folders:
        try:
            settings = case.settings if folder.name == case.id else open_case(folder.name, cases=folder.parent).settings
        except (SpmcError, OSError):
            unread += 1
            continue
        state = "coming" if settings.date_from > today else "running" if settings.date_to >= today else "over"
        if settings.expires is not None and settings.expires < today:
            state = "expired"
        rows.append(
            {
                "case": folder.name,
                "date_from": settings.date_from,
                "date_to": settings.date_to,
                "event": settings.event,
                "expires": settings.expires,
                "state": state,
            }
        )
    order = ("running", "coming", "expired", "over")
    return sorted(rows, key=lambda row: (order.index(row["state"]), row["date_to"], row["case"])), unread


def per_day(referrals: pa.Table, today: date, days: int) -> list[dict[str, Any]]:
    """Return the daily return: referrals by the day on which they reached each state, and the handles watched.

    Parameters
    ----------
    referrals : pyarrow.Table
        The table ``referrals``.
    today : datetime.date
        Last day of the list, which holds ``days`` days, also those with nothing; what came later is not looked at.

    Returns
    -------
    list of dict
        day, one count for each of :data:`STATES`, watched (at the end of the day).
    """
    from spmc_tools.desks.referrals.referral import daily_return, histories, states_of

    first = today - timedelta(days=days - 1)
    states = states_of(referrals)
    states = states[states["state_at"].dt.tz_convert(IST).dt.date <= today].reset_index(drop=True)
    if not len(states):
        nothing = dict.fromkeys((*STATES, "watched"), 0)
        return [{"day": first + timedelta(days=n), **nothing} for n in range(days)]
    rows = daily_return(states, histories(states), first, today)
    return [
        {
            "day": row["day"],
            **{name: row["sent_platform"] + row["sent_other"] if name == "sent" else row[name] for name in STATES},
            "watched": row["watched"],
        }
        for row in rows
    ]
