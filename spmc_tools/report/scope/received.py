"""Values of the first sections: why the case exists, what was received, how much was posted when."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from spmc_tools.case.store.batches import duplicates_differ
from spmc_tools.desks.base.calendar import IST, bands
from spmc_tools.report.scope import received_values
from spmc_tools.report.scope.scope import compared_records
from spmc_tools.report.values.calendar_band import calendar_band
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.section_values import values_from
from spmc_tools.report.words.refusals import masked, told

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from spmc_tools.case.store.batches import Batch
    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.base.calendar import Band
    from spmc_tools.report.scope.scope import Scope

__all__ = ["SECTIONS", "data", "inside", "purpose", "span", "volume"]

REASONS = 8
GAPS = 5
LEAST_GAP_S = 6 * 3600
HOURLY_DAYS = 45
DESK_TABLES = ("messages", "claims", "referrals", "page_snapshots", "page_metrics", "post_metrics", "campaigns")
"""Tables that pages of the desks look at, and no search for groups."""


def purpose(case: Case, scope: Scope) -> received_values.Purpose:
    """Return title, purpose, legal basis, period and event of the case, and the registered accounts by kind."""
    settings = case.settings
    kinds = Counter(entry.kind for entry in settings.context)
    return values_from(
        received_values.Purpose,
        settings,
        case=case.id,
        case_from=settings.date_from,
        case_to=settings.date_to,
        date_from=scope.date_from,
        date_to=scope.date_to,
        left_out=scope.left_out,
        event=scope.event.title if scope.event else None,
        event_name=scope.event_name,
        officer=case.officer,
        registered=tuple(received_values.RegisteredKind(kind=kind, n=n) for kind, n in sorted(kinds.items())),
    )


def data(case: Case, scope: Scope) -> received_values.Data:
    """Return every file with its counts, the reasons of refused rows, gaps and the step of the clocks."""
    files = tuple(_received_file(batch) for batch in case.batches())
    reasons = _by_kind(_reasons(case))
    first, last = span(scope.records)
    compared = compared_records(case, scope.records)
    settings = case.settings
    days = scope.records["created_at"].dt.tz_convert(IST).dt.date
    return received_values.Data(
        files=files,
        set_aside=len(case.set_aside()),
        totals=_totals(files),
        reasons=tuple(reasons[:REASONS]),
        other_reasons=sum(reason.n for reason in reasons[REASONS:]),
        first=first,
        last=last,
        outside=int(((days < settings.date_from) | (days > settings.date_to)).sum()),
        accounts=int(compared["account_id"].nunique()),
        not_compared=len(scope.records) - len(compared),
        records=len(scope.records),
        gaps=tuple(gaps(scope.records)),
        precision=tuple(precision(scope.records)),
        chain_problem=case.chain_problem is not None,
        tables={name: n for name in DESK_TABLES if (n := case.table(name, ["source_sha256"]).num_rows)},
    )


def _received_file(batch: Batch) -> received_values.ReceivedFile:
    differ = duplicates_differ(batch)
    return values_from(
        received_values.ReceivedFile, batch, name=batch.source_name, sha256=batch.source_sha256, **differ
    )


def _totals(files: tuple[received_values.ReceivedFile, ...]) -> received_values.RowCounts:
    """Return the counts of all files together."""
    return received_values.RowCounts(
        read=sum(file.read for file in files),
        kept=sum(file.kept for file in files),
        duplicates=sum(file.duplicates for file in files),
        refused=sum(file.refused for file in files),
        other_account=sum(file.other_account for file in files),
        other_text=sum(file.other_text for file in files),
    )


def _reasons(case: Case) -> Counter[str]:
    """Return how often each reason refused a row.

    A reason quotes what stood in the row. What stood in a sheet of the desks can be a citizen's: it is masked whole.
    """
    of_desks = {batch.source_sha256 for batch in case.batches() if batch.format == "desk_sheet"}
    rows = case.table("refused", ["source_sha256", "reason"]).group_by(["source_sha256", "reason"])
    counts = Counter[str]()
    for row in rows.aggregate([([], "count_all")]).to_pylist():
        reason = masked(row["reason"]) if row["source_sha256"] in of_desks else row["reason"]
        counts[reason] += row["count_all"]
    return counts


def _by_kind(counts: Counter[str]) -> list[received_values.RefusedRows]:
    """Return one row per kind of reason, most rows first: the commonest reason of it, and how many others it has."""
    kinds: dict[str, received_values.RefusedRows] = {}
    for reason, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        row = _refused(reason)
        name = row.kind or f"?{reason}"
        before = kinds.get(name, row)
        kinds[name] = replace(before, n=before.n + n, others=before.others + 1)
    return sorted(kinds.values(), key=lambda refused: (-refused.n, str(refused.reason)))


def _refused(reason: str) -> received_values.RefusedRows:
    """Return a reason with its kind and values, before any row is counted."""
    found = told(reason) or {"kind": None, "values": {}}
    values = {
        name: received_values.WhyRefused(kind=value["kind"], values=value["values"])
        if isinstance(value, dict)
        else value
        for name, value in found["values"].items()
    }
    return received_values.RefusedRows(reason=reason, kind=found["kind"], values=values, n=0, others=-1)


def span(records: pd.DataFrame) -> tuple[datetime | None, datetime | None]:
    """Return the times of the first and the last record; None where there is none."""
    if not len(records):
        return None, None
    times = records["created_at"]
    return times.min().to_pydatetime(), times.max().to_pydatetime()


def gaps(records: pd.DataFrame) -> list[received_values.Gap]:
    """Return the longest stretches without a record: at least 6 hours, and 20 times the median step; at most five."""
    times = records["created_at"].sort_values()
    steps = times.diff().dt.total_seconds()
    if len(times) < 3:
        return []
    least = max(LEAST_GAP_S, 20 * float(steps.median()))
    found = steps[steps >= least].sort_values(ascending=False, kind="stable")[:GAPS]
    return [
        received_values.Gap(start=times[row].to_pydatetime() - timedelta(seconds=s), seconds=s)
        for row, s in sorted(found.items())
    ]


def precision(records: pd.DataFrame) -> list[received_values.ClockStep]:
    """Return how many records have which step of the clock, finest first; ``step_s`` None where it is not known."""
    counts = records["time_precision_s"].value_counts(dropna=False)
    pairs: list[tuple[Any, Any]] = list(counts.items())
    rows = [received_values.ClockStep(step_s=None if s != s else float(s), n=int(n)) for s, n in pairs]  # noqa: PLR0124 -- NaN, NA
    return sorted(rows, key=lambda row: (row.step_s is None, row.step_s or 0.0))


def inside(times: pd.Series[Any], marks: Iterable[Band], what: str) -> pd.Series[Any]:
    """Return for each time whether it lies in a band of this kind; a band's end is not in it."""
    found = times.isna() & False
    for band in marks:
        if band.what == what:
            found |= (times >= band.start) & (times < band.end)
    return found


def volume(scope: Scope) -> received_values.Volume:
    """Return how many records fall into each hour (each day beyond 45 days) of IST, with what the calendar marks."""
    records = within_days(scope)
    first, last = span(records)
    if first is None or last is None:
        return received_values.Volume(step="hour", event_unknown=False)
    hourly = (last - first) <= timedelta(days=HOURLY_DAYS)
    step = timedelta(hours=1) if hourly else timedelta(days=1)
    local = first.astimezone(IST).replace(minute=0, second=0, microsecond=0)
    start = (local if hourly else local.replace(hour=0)).astimezone(UTC)
    seconds = (records["created_at"] - start).dt.total_seconds()
    bins = (seconds // step.total_seconds()).astype("int64")
    counts = bins.value_counts()
    marks = bands(first, last + timedelta(seconds=1), scope.event)
    return received_values.Volume(
        step="hour" if hourly else "day",
        step_s=step.total_seconds(),
        start=start,
        counts=tuple(int(counts.get(n, 0)) for n in range(int(bins.max()) + 1)),
        bands=tuple(calendar_band(band) for band in marks if band.where is None),
        own_hours=tuple(
            received_values.LocalSilence.of(calendar_band(band), band.where)
            for band in marks
            if band.where and band.what == "silence"
        ),
        days=_days(records, marks),
        outside=len(scope.records) - len(records),
        event_unknown=scope.event_name is not None and scope.event is None,
        event_name=scope.event_name,
    )


def within_days(scope: Scope) -> pd.DataFrame:
    """Return the records on the days of the report, else of the case; where none lies on them, all."""
    settings = scope.case.settings
    days = scope.records["created_at"].dt.tz_convert(IST).dt.date
    first, last = scope.date_from or settings.date_from, scope.date_to or settings.date_to
    chosen = scope.records[(days >= first) & (days <= last)]
    return chosen if len(chosen) else scope.records


def _days(records: pd.DataFrame, marks: list[Band]) -> tuple[received_values.DayCount, ...]:
    """Return the days that have a record, in order, with how many of them lie in a silence period."""
    times = records["created_at"]
    day_of = times.dt.tz_convert(IST).dt.date
    counts = day_of.value_counts().sort_index()
    silent = day_of[inside(times, marks, "silence")].value_counts()
    return tuple(
        received_values.DayCount(day=day, n=int(n), silence=int(silent.get(day, 0))) for day, n in counts.items()
    )


SECTIONS = (
    Declaration("purpose", ("case", "scope"), purpose, received_values.Purpose),
    Declaration("data", ("case", "scope"), data, received_values.Data),
    Declaration("volume", ("scope",), volume, received_values.Volume),
)
"""The sections that stand in this module."""
