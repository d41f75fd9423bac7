"""Values of the first sections: why the case exists, what was received, how much was posted when."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from spmc_tools.case.store.batches import duplicates_differ
from spmc_tools.desks.base.calendar import IST, bands
from spmc_tools.report.scope.scope import compared_records
from spmc_tools.report.words.refusals import masked, told
from spmc_tools.show.charts.calendar_marks import marked

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.base.calendar import Band
    from spmc_tools.report.scope.scope import Scope

__all__ = ["data", "inside", "purpose", "span", "volume"]

REASONS = 8
GAPS = 5
LEAST_GAP_S = 6 * 3600
HOURLY_DAYS = 45


def purpose(case: Case, scope: Scope) -> dict[str, Any]:
    """Return title, purpose, legal basis, period and event of the case, and the registered accounts by kind."""
    settings = case.settings
    kinds: dict[str, int] = {}
    for entry in settings.context:
        kinds[entry.kind] = kinds.get(entry.kind, 0) + 1
    return {
        "case": case.id,
        "title": settings.title,
        "purpose": settings.purpose,
        "legal_basis": settings.legal_basis,
        "case_from": settings.date_from,
        "case_to": settings.date_to,
        "date_from": scope.date_from,
        "date_to": scope.date_to,
        "left_out": scope.left_out,
        "event": scope.event.title if scope.event else None,
        "event_name": scope.event_name,
        "officer": case.officer,
        "expires": settings.expires,
        "registered": [{"kind": kind, "n": n} for kind, n in sorted(kinds.items())],
    }


def data(case: Case, scope: Scope) -> dict[str, Any]:
    """Return every file with its counts, the reasons of refused rows, gaps and the step of the clocks."""
    batches = case.batches()
    files = [
        {
            "name": one.source_name,
            "sha256": one.source_sha256,
            "format": one.format,
            "imported_at": one.imported_at,
            **{key: getattr(one, key) for key in ("read", "kept", "duplicates", "refused", "accounts")},
            **duplicates_differ(one),
        }
        for one in batches
    ]
    counted = ("read", "kept", "duplicates", "refused", "other_account", "other_text")
    totals = {key: sum(one[key] for one in files) for key in counted}
    reasons = _by_kind(_reasons(case))
    first, last = span(scope.records)
    compared = compared_records(case, scope.records)
    settings = case.settings
    days = scope.records["created_at"].dt.tz_convert(IST).dt.date
    outside = int(((days < settings.date_from) | (days > settings.date_to)).sum())
    return {
        "files": files,
        "set_aside": len(case.set_aside()),
        "totals": totals,
        "reasons": reasons[:REASONS],
        "other_reasons": sum(one["n"] for one in reasons[REASONS:]),
        "first": first,
        "last": last,
        "outside": outside,
        "accounts": int(compared["account_id"].nunique()),
        "not_compared": len(scope.records) - len(compared),
        "records": len(scope.records),
        "gaps": gaps(scope.records),
        "precision": precision(scope.records),
        "chain_problem": case.chain_problem is not None,
    }


def _reasons(case: Case) -> Counter[str]:
    """Return how often each reason refused a row.

    A reason quotes what stood in the row. What stood in a sheet of the desks can be a citizen's: it is masked whole.
    """
    of_desks = {one.source_sha256 for one in case.batches() if one.format == "desk_sheet"}
    rows = case.table("refused", ["source_sha256", "reason"]).group_by(["source_sha256", "reason"])
    counts = Counter[str]()
    for row in rows.aggregate([([], "count_all")]).to_pylist():
        reason = masked(row["reason"]) if row["source_sha256"] in of_desks else row["reason"]
        counts[reason] += row["count_all"]
    return counts


def _by_kind(counts: Counter[str]) -> list[dict[str, Any]]:
    """Return one row per kind of reason, most rows first: the commonest reason of it, and how many others it has.

    ``reason`` as the case keeps it; ``kind`` and ``values`` as :func:`spmc_tools.report.words.refusals.told` gives
    them, the kind None where none fits; ``n`` rows; ``others``: how many more values the rows of this kind have.
    """
    kinds: dict[str, dict[str, Any]] = {}
    for reason, n in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        found = told(reason) or {"kind": None, "values": {}}
        row = kinds.setdefault(found["kind"] or f"?{reason}", {"reason": reason, **found, "n": 0, "others": -1})
        row["n"] += n
        row["others"] += 1
    return sorted(kinds.values(), key=lambda one: (-one["n"], one["reason"]))


def span(records: pd.DataFrame) -> tuple[datetime | None, datetime | None]:
    """Return the times of the first and the last record; None where there is none."""
    if not len(records):
        return None, None
    times = records["created_at"]
    return times.min().to_pydatetime(), times.max().to_pydatetime()


def gaps(records: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the longest stretches without a record: at least 6 hours, and 20 times the median step; at most five."""
    times = records["created_at"].sort_values()
    steps = times.diff().dt.total_seconds()
    if len(times) < 3:
        return []
    least = max(LEAST_GAP_S, 20 * float(steps.median()))
    found = steps[steps >= least].sort_values(ascending=False, kind="stable")[:GAPS]
    return [
        {"start": times[row].to_pydatetime() - timedelta(seconds=s), "seconds": s} for row, s in sorted(found.items())
    ]


def precision(records: pd.DataFrame) -> list[dict[str, Any]]:
    """Return how many records have which step of the clock, finest first; ``step_s`` None where it is not known."""
    counts = records["time_precision_s"].value_counts(dropna=False)
    pairs: list[tuple[Any, Any]] = list(counts.items())
    rows = [{"step_s": None if s != s else float(s), "n": int(n)} for s, n in pairs]  # noqa: PLR0124 -- NaN, NA
    return sorted(rows, key=lambda row: (row["step_s"] is None, row["step_s"] or 0.0))


def inside(times: pd.Series[Any], marks: Iterable[Band], what: str) -> pd.Series[Any]:
    """Return for each time whether it lies in a band of this kind; a band's end is not in it."""
    found = times.isna() & False
    for band in marks:
        if band.what == what:
            found |= (times >= band.start) & (times < band.end)
    return found


def volume(scope: Scope) -> dict[str, Any]:
    """Return how many records fall into each hour (each day beyond 45 days) of IST, with what the calendar marks."""
    first, last = span(scope.records)
    if first is None or last is None:
        return {"step": "hour", "start": None, "counts": [], "bands": [], "own_hours": [], "days": [],
                "event_unknown": False}  # fmt: skip
    hourly = (last - first) <= timedelta(days=HOURLY_DAYS)
    step = timedelta(hours=1) if hourly else timedelta(days=1)
    local = first.astimezone(IST).replace(minute=0, second=0, microsecond=0)
    start = (local if hourly else local.replace(hour=0)).astimezone(UTC)
    seconds = (scope.records["created_at"] - start).dt.total_seconds()
    bins = (seconds // step.total_seconds()).astype("int64")
    counts = bins.value_counts()
    n_bins = int(bins.max()) + 1
    marks = bands(first, last + timedelta(seconds=1), scope.event)
    day_of = scope.records["created_at"].dt.tz_convert(IST).dt.date
    days = day_of.value_counts().sort_index()
    silent = day_of[inside(scope.records["created_at"], marks, "silence")].value_counts()
    return {
        "step": "hour" if hourly else "day",
        "step_s": step.total_seconds(),
        "start": start,
        "counts": [int(counts.get(n, 0)) for n in range(n_bins)],
        "bands": [marked(one) for one in marks if one.where is None],
        "own_hours": [{**marked(one), "where": one.where} for one in marks if one.where and one.what == "silence"],
        "days": [{"day": day, "n": int(n), "silence": int(silent.get(day, 0))} for day, n in days.items()],
        "event_unknown": scope.event_name is not None and scope.event is None,
        "event_name": scope.event_name,
    }
