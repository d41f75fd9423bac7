"""What a report looks at: a case, whole or between two days."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from spmc_tools.desks.calendar import IST, busiest, find_event
from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.case.store import Case
    from spmc_tools.desks.calendar import Event

__all__ = ["Scope", "in_period", "with_marks"]


@dataclass(frozen=True)
class Scope:
    """The records that a report looks at.

    Attributes
    ----------
    case : Case
        Where they come from.
    records : pandas.DataFrame
        In the schema ``records``, by time.
    source : Case or pandas.DataFrame
        What to give to :func:`spmc_tools.investigate`: the case itself where the period is open.
    context : dict or None
        Registered accounts where ``source`` is a DataFrame; None where the case brings its own.
    date_from, date_to : datetime.date or None
        Both inclusive, in IST; None: open.
    left_out : int
        Records of the case outside these days.
    event : Event or None
        The election or festival, where the calendar has it.
    event_name : str or None
        What was asked for, whether or not the calendar has it.
    chosen : bool
        The event was not named: of the calendar's events of the kind asked for, most posts lie on its days.
    kept : dict
        What one section worked out of the records and another one reads, by name.
    """

    case: Case
    records: pd.DataFrame = field(repr=False)
    source: Any = field(repr=False)
    context: dict[str, str] | None
    date_from: date | None
    date_to: date | None
    left_out: int
    event: Event | None
    event_name: str | None
    chosen: bool = False
    kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


def _day(value: str | date | None, name: str) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ParameterError(f"{name} is {quote(value)}, wanted a day as 2025-11-06.") from None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=IST).astimezone(UTC)


def in_period(
    case: Case,
    date_from: str | date | None = None,
    date_to: str | date | None = None,
    event: str | None = None,
    kind: str | None = None,
) -> Scope:
    """Return the records of a case between two days.

    Parameters
    ----------
    case : Case
        The case.
    date_from, date_to : str or datetime.date, optional
        Both inclusive, in IST; None: no limit on that side.
    event : str, optional
        Name of an event of the calendar; None: that of the case.
    kind : {"election", "festival"}, optional
        Where no event is named and that of the case is of the other kind: the event of this kind on whose days most of
        these records lie, if any do.

    Raises
    ------
    ParameterError
        Where a day cannot be read or the first lies after the last.
    """
    first, last = _day(date_from, "date_from"), _day(date_to, "date_to")
    if first and last and last < first:
        raise ParameterError(f"date_to is {last}, which lies before date_from, {first}; exchange them.")
    name = event or case.settings.event
    records = case.records(posts_only=True).sort_values(["created_at", "record_id"], kind="stable", ignore_index=True)
    if first is None and last is None:
        return Scope(case, records, case, None, None, None, 0, *_event(name, event is None, kind, records))
    keep = records["created_at"].notna()
    if first:
        keep &= records["created_at"] >= _midnight(first)
    if last:
        keep &= records["created_at"] < _midnight(last + timedelta(days=1))
    chosen = records[keep].reset_index(drop=True)
    context = {entry.account_id: entry.kind for entry in case.settings.context}
    told = _event(name, event is None, kind, chosen)
    return Scope(case, chosen, chosen, context, first, last, len(records) - len(chosen), *told)


def with_marks(scope: Scope, found: Any) -> None:
    """Let the marks of the case hold for findings of a part of its days.

    Parameters
    ----------
    scope : Scope
        What the findings are of. Where it is a whole case they know its marks already, and nothing changes.
    found : Findings
        Of ``scope.source``; changed once, as :func:`spmc_tools.findings.cleared.set_aside` says.

    Notes
    -----
    What came after a mark is told by the files behind the finding *in these days*: an account that was cleared and
    about which something new came on other days stays out of a report on these.
    """
    from spmc_tools.findings.cleared import set_aside

    if scope.source is not scope.case and "cleared" not in found.notes:
        set_aside(found, scope.case)


def _event(
    name: str | None, free: bool, kind: str | None, records: pd.DataFrame
) -> tuple[Event | None, str | None, bool]:
    """Return the event to look at, its name as asked for, and whether it was chosen by its days."""
    found = find_event(name)
    if not free or kind is None or (found is not None and found.is_election == (kind == "election")):
        return found, name, False
    days = Counter(records["created_at"].dropna().dt.tz_convert(IST).dt.date)
    other = busiest(days, elections=kind == "election")
    return (found, name, False) if other is None else (other, other.name, True)
