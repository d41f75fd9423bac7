"""What a report looks at: a case, whole or between two days; and the investigation whose groups it shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from spmc_tools.case.log.ledger import canonical_json
from spmc_tools.case.store.as_of import CaseAsOf
from spmc_tools.case.store.batches import batches_of
from spmc_tools.desks.base.calendar import IST, busiest, find_event
from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.base.calendar import Event
    from spmc_tools.findings.result.findings import Findings

__all__ = ["AGE_H", "MOST", "LastLook", "Scope", "compared_records", "in_period", "with_last_look", "with_marks"]

MOST, AGE_H = 200_000, 6
"""In a case with more posts than the first, groups of a look that is at most so many hours older are shown again.

Separate occasions of acting in step lie six hours apart: in this time no two accounts gain more than one or two.
"""


@dataclass(frozen=True)
class LastLook:
    """An earlier investigation, whose groups are shown: what was received since was not searched.

    Attributes
    ----------
    batch_id : str
        The last import that it read.
    last : datetime.datetime
        UTC, of its last post.
    records, of : int
        Posts that it read, and all of the case.
    made_at : str
        When it was made: ISO, UTC.
    """

    batch_id: str
    last: datetime
    records: int
    of: int
    made_at: str


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
        The event was not named: of the calendar's events of its kind that lie within the period, it has most posts.
    look : LastLook or None
        Where groups are those of an earlier investigation; ``source`` is the case as of then.
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
    look: LastLook | None = None
    kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def searched(self) -> pd.DataFrame:
        """The records in which groups were looked for: all that are compared, or those of the one that is shown."""
        if "compared" not in self.kept:
            self.kept["compared"] = compared_records(self.case, self.records)
        records: pd.DataFrame = self.kept["compared"]
        if self.look is None:
            return records
        if "searched" not in self.kept:
            sources = {batch.source_sha256 for batch in self.source.batches()}
            self.kept["searched"] = records[records["source_sha256"].isin(sources)]
        found: pd.DataFrame = self.kept["searched"]
        return found


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
        Where no event is named and that of the case is of the other kind: of the events of this kind that lie within
        the days looked at (else those of the case), the one on whose days most of these records lie, if any do.

    Raises
    ------
    ParameterError
        Where a day cannot be read or the first lies after the last.
    """
    first, last = _day(date_from, "date_from"), _day(date_to, "date_to")
    if first and last and last < first:
        raise ParameterError(f"date_to is {last}, which lies before date_from, {first}; exchange them.")
    settings = case.settings
    name = event or settings.event
    records = case.records(posts_only=True).sort_values(["created_at", "record_id"], kind="stable", ignore_index=True)
    if first is None and last is None:
        facts = _event(name, kind if event is None else None, records, (settings.date_from, settings.date_to))
        return Scope(case, records, case, None, None, None, 0, *facts)
    keep = records["created_at"].notna()
    if first:
        keep &= records["created_at"] >= _midnight(first)
    if last:
        keep &= records["created_at"] < _midnight(last + timedelta(days=1))
    chosen = records[keep].reset_index(drop=True)
    context = {entry.account_id: entry.kind for entry in case.settings.context}
    days = (first or settings.date_from, last or settings.date_to)
    facts = _event(name, kind if event is None else None, chosen, days)
    source = compared_records(case, chosen).copy(deep=False)
    source.attrs["accounts"] = case.table("accounts")
    return Scope(case, chosen, source, context, first, last, len(records) - len(chosen), *facts)


def compared_records(case: Case, records: pd.DataFrame) -> pd.DataFrame:
    """Return the records of accounts that are compared with others (:mod:`spmc_tools.case.store.derived_accounts`).

    Parameters
    ----------
    case : Case
        Whose records these are.
    records : pandas.DataFrame
        With ``platform`` and ``account_id``; all of the case or some.
    """
    apart = case.not_compared()
    if not apart:
        return records
    twice = (records["platform"] + "\n" + records["account_id"]).isin({"\n".join(pair) for pair in apart.twice})
    return records[~(records["account_id"].isin(apart.unknown) | twice)]


def with_marks(scope: Scope, found: Findings) -> None:
    """Let the marks of the case hold for findings of a part of its days.

    Parameters
    ----------
    scope : Scope
        What the findings are of. Where it is a whole case they know its marks already, and nothing changes.
    found : Findings
        Of ``scope.source``; changed once, as :func:`spmc_tools.findings.result.decided_patterns.with_acts` says.

    Notes
    -----
    What came after a mark is told by the files behind the finding *in these days*: an account that was cleared and
    about which something new came on other days stays out of a report on these.
    """
    from spmc_tools.findings.result.decided_patterns import with_acts

    if scope.source is not scope.case and "cleared" not in found.notes:
        with_acts(found, scope.case)


def _event(
    name: str | None, kind: str | None, records: pd.DataFrame, period: tuple[date, date]
) -> tuple[Event | None, str | None, bool]:
    """Return the event to look at, its name as asked for, and whether it was chosen by its days.

    ``kind`` None: no other one is chosen than the one that is named.
    """
    found = find_event(name)
    if kind is None or (found is not None and found.is_election == (kind == "election")):
        return found, name, False
    days = Counter(records["created_at"].dropna().dt.tz_convert(IST).dt.date)
    other = busiest(days, *period, elections=kind == "election")
    return (found, name, False) if other is None else (other, other.name, True)


def with_last_look(
    scope: Scope,
    age_h: int | None = None,
    *,
    traces: str | Sequence[str] = "all",
    windows_s: Sequence[float] | None = None,
    seed: int = 0,
) -> Scope:
    """Return a scope of the same records whose groups are those of the last look, where it is fresh enough.

    Parameters
    ----------
    scope : Scope
        As :func:`in_period` gives it; one of some days stays as it is.
    age_h : int, optional
        By so many hours at most its last post may be older than the last post of the case; 0: groups are looked for
        anew. None: 0 up to :data:`MOST` posts, else :data:`AGE_H`.
    traces, windows_s, seed
        As :func:`spmc_tools.investigate` takes them; the investigation must have been asked the same, and know the
        same accounts as registered.

    Notes
    -----
    What was received after that look is in the counts, the comparison of days and the queue of posts, and in no group.
    """
    allowed = (AGE_H if len(scope.records) > MOST else 0) if age_h is None else age_h
    if not allowed or scope.source is not scope.case or not len(scope.records):
        return scope
    asked = _asked(scope.case, traces, windows_s, seed)
    newest = scope.records["created_at"].max()
    batches = scope.case.batches()
    for entry, batch_id in _looks(scope.case, asked):
        source = CaseAsOf(scope.case, batch_id)
        look = replace(scope, source=source, look=LastLook(batch_id, newest, 0, len(scope.records), entry["at"]))
        searched = look.searched
        if batches[-1].batch_id <= batch_id or not len(searched):
            return scope
        last = searched["created_at"].max()
        if newest - last > timedelta(hours=allowed):
            return scope
        last_look = LastLook(batch_id, last.to_pydatetime(), len(searched), len(scope.records), entry["at"])
        return replace(look, look=last_look)
    return scope


def _asked(case: Case, traces: Any, windows_s: Any, seed: Any) -> str:
    """Return the parameters of a look as the custody log tells them."""
    from spmc_tools.findings import request as asked

    context = {entry.account_id: entry.kind for entry in case.settings.context}
    return canonical_json(asked.checked_request(traces, windows_s, context, seed).as_json())


def _looks(case: Case, asked: str) -> Iterator[tuple[Entry, str]]:
    """Give the looks that were made and asked the same, the newest first, with the last import that each read.

    What was looked at before an import was set aside or taken back is not given.
    """
    entries = case.ledger.entries()
    for place in range(len(entries) - 1, -1, -1):
        entry = entries[place]
        payload = entry["payload"]
        if entry["kind"] in {"set_aside", "set_aside_undone"}:
            return
        if entry["kind"] != "investigate" or "summary" not in payload or payload.get("reused"):
            continue
        read = batches_of(entries[:place])
        if read and canonical_json(payload["parameters"]) == asked:
            yield entry, str(payload.get("as_of") or read[-1].batch_id)
