"""Values of the watch: days beside each other, what rose, the queue of posts to look at, the terms watched for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from spmc_tools.case.store.table_cache import KeptTables
from spmc_tools.desks.base.calendar import IST, event_days
from spmc_tools.desks.watch import watch
from spmc_tools.desks.watch.watch_terms import decisions_of, thing_id, watch_terms
from spmc_tools.report.scope.received import span, within_days
from spmc_tools.report.scope.scope import compared_records
from spmc_tools.report.sections.story.queue_subjects import queue_subjects
from spmc_tools.report.sections.watch import watch_rows
from spmc_tools.report.sections.watch.posts_annex import write_queue
from spmc_tools.report.values.declaration import Declaration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.report.scope.scope import Scope

__all__ = [
    "SECTIONS",
    "EarlierQueue",
    "comparison",
    "event_days_of",
    "queue",
    "queue_changes",
    "things_in",
    "written_by_named",
]

TEXT = 400
MOST = 40
TOLD = 20_000
"""Rows of the queue whose figures a report keeps for the next one to compare with."""

CHANGED = 8
"""Rows of the queue that the page lists as new, as grown and as gone."""


def event_days_of(scope: Scope) -> set[date]:
    """Return the days of the event from the first record to the last, in IST."""
    first, last = span(scope.records)
    if first is None or last is None:
        return set()
    return event_days(scope.event, first.astimezone(IST).date(), last.astimezone(IST).date())


def things_in(scope: Scope) -> pd.DataFrame:
    """Return tags and texts of the records, worked out once for all sections of a page; the case keeps what is read."""
    if "things" not in scope.kept:
        kept = KeptTables(scope.case, "watch")
        scope.kept["things"] = watch.things_of(scope.records, kept)
        kept.settle()
    made: pd.DataFrame = scope.kept["things"]
    return made


def _doubts(scope: Scope, marked: set[date]) -> list[str]:
    """Return what is not sure of the days that were marked: "moon", "sources" (they differ, or were not checked)."""
    if scope.event is None:
        return []
    days = [day for day in scope.event.days if any(day.first <= marked_day <= day.last for marked_day in marked)]
    return [
        *(["moon"] if any(day.moon for day in days) else []),
        *(["sources"] if any(day.unconfirmed and day.what == "festival" for day in days) else []),
    ]


def _complained(case: Case, records: pd.DataFrame) -> list[str]:
    """Return the records that complaints answer or point at with an address; whoever complained is not looked at."""
    messages = case.table("messages", ["record_id", "direction"]).to_pylist()
    incoming = {row["record_id"] for row in messages if row["direction"] == "in"}
    if not incoming:
        return []
    said = case.records(["record_id", "text", "ref_record_id"])
    said = said[said["record_id"].isin(incoming)]
    answered = said["ref_record_id"].dropna().tolist()
    return sorted(watch.pointed_at(said["text"].dropna().tolist(), records).union(answered))


def _cluster_of(found: Findings) -> dict[str, int]:
    """Return the group on the page, from 1, of every account that may be named."""
    from spmc_tools.report.sections.groups.shown_groups import groups

    return {account: place for place, group in enumerate(groups(found), start=1) for account in group.named}


def _daily(scope: Scope, marked: set[date]) -> pd.DataFrame:
    """Return the days with all their posts, and of accounts those that are compared: a mark is no account."""
    days = watch.daily(scope.records, marked)
    compared = compared_records(scope.case, scope.records)
    if len(compared) < len(scope.records):
        accounts = watch.daily(compared, marked).set_index("day")["accounts"]
        days["accounts"] = accounts.reindex(days["day"], fill_value=0).to_numpy()
    return days


def comparison(scope: Scope, found: Findings) -> watch_rows.Comparison:
    """Return the days, those of the event marked, and the tags and texts that rose in them."""
    marked = event_days_of(scope)
    days = _daily(scope, marked)
    on_days = _on_days(scope.records, marked)
    both = watch.of_both_days(scope.records, marked)
    across = bool(on_days.any()) and not on_days.all() and not both.any()
    both |= across
    inside, outside = int((on_days & both).sum()), int((~on_days & both).sum())
    state = _state_of(scope, on_days)
    drawn = within_days(scope)["created_at"].dt.tz_convert(IST).dt.date
    shown = days[days["day"].between(drawn.min(), drawn.max())] if len(drawn) else days  # days without records, too
    return watch_rows.Comparison(
        state=state,
        event=scope.event.title if scope.event else None,
        festival=scope.event is not None and not scope.event.is_election,
        chosen=scope.chosen,
        doubts=tuple(_doubts(scope, marked)),
        days=tuple(watch_rows.WatchedDay(**row) for row in _rows(shown)),
        outside_case=int(days["records"].sum() - shown["records"].sum()),
        event_days=len(days[days["event"].astype(bool)]) if len(days) else 0,
        inside=inside,
        outside=outside,
        across=across,
        elsewhere=len(scope.records) - inside - outside,
        rows=_risen(scope, found, marked) if state == "compared" else (),
    )


def _on_days(records: pd.DataFrame, marked: set[date]) -> pd.Series[bool]:
    """Return which records were made on the days of the event."""
    on_days: pd.Series[bool] = records["created_at"].dt.tz_convert(IST).dt.date.isin(list(marked))
    return on_days


def _state_of(scope: Scope, on_days: pd.Series[bool]) -> str:
    """Say whether days can be compared, and if not, why."""
    if scope.event is None:
        return "no_event"
    if not on_days.any():
        return "no_days"
    return "no_others" if on_days.all() else "compared"


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _risen(scope: Scope, found: Findings, marked: set[date]) -> tuple[watch_rows.RisenTag | watch_rows.RisenText, ...]:
    """Return what rose in the days of the event, the least probable first; a text by its name in the queue."""
    rows = _rows(watch.risen(scope.records, things_in(scope), marked, _cluster_of(found)))
    for row in rows:
        row["thing"] = thing_id(str(row["thing"])) if row["kind"] == "text" else row["thing"]
        row["label"] = str(row["label"])[:TEXT]
        row["clusters"] = tuple(row["clusters"])
    named = written_by_named(scope, found, {row["thing"] for row in rows})
    needed = [{**row, "named_text": _needed(named, row, "label")} for row in rows]
    return tuple(watch_rows.RisenTag(**row) if row["kind"] == "tag" else watch_rows.RisenText(**row) for row in needed)


def _queue(case: Case, scope: Scope, found: Findings) -> pd.DataFrame:
    """Return the whole queue, worked out once for all sections of a page."""
    if "queue" not in scope.kept:
        claims = {row["claim_id"]: row["text"] for row in case.table("claims", ["claim_id", "text"]).to_pylist()}
        scope.kept["queue"] = watch.post_watch(
            scope.records,
            things_in(scope),
            terms=watch_terms(case),
            claims=claims,
            cluster_of=_cluster_of(found),
            complained=_complained(case, scope.records),
            most=None,
        )
    made: pd.DataFrame = scope.kept["queue"]
    return made


def _days(scope: Scope) -> tuple[date | None, date | None]:
    """Return the days that a scope was asked for: queues of other days are not compared."""
    return scope.date_from, scope.date_to


def queue(case: Case, scope: Scope, found: Findings) -> watch_rows.Queue:
    """Return the posts that a person should look at now, why each is there, and what was decided on it."""
    records = scope.records
    table = _queue(case, scope, found)
    decided = decisions_of(case)
    rows = _watched_posts(table.head(MOST), written_by_named(scope, found, set(table["thing"].head(MOST))), decided)
    seed = int(found.parameters.get("seed") or 0)
    subjects, of_row = queue_subjects(table, records, seed, set(decided), len(rows))
    return watch_rows.Queue(
        subjects=subjects,
        annex=None if found.derived is None else write_queue(table, of_row, decided),  # no tables of a part of a case
        now=records["created_at"].max() if len(records) else None,
        rows=rows,
        more=len(table) - len(rows),
        open=sum(row.decision is None for row in rows),
        waiting=int((~table["thing"].isin(list(decided))).sum()),
        terms=tuple(
            watch_rows.Term(term=term.term, reason=term.reason, by=term.by, at=_logged_at(term.at))
            for term in watch_terms(case)
        ),
        claims=case.table("claims", ["claim_id"]).num_rows,
        days=_days(scope),
        told=watch_rows.QueueFigures(
            thing=tuple(table["thing"].head(TOLD)),
            acts=tuple((table["posts"] + table["reposts"]).head(TOLD).astype(int).tolist()),
        ),
        texts=bool(records["text"].notna().any()) if len(records) else False,
    )


def _watched_posts(
    table: pd.DataFrame, named: Mapping[str, str], decided: Mapping[str, Mapping[str, str]]
) -> tuple[watch_rows.WatchedPost, ...]:
    """Return rows of the queue with the text that a finding needs, and what was decided on each."""
    made = []
    for row in _rows(table):
        lists = {name: tuple(row[name]) for name in ("reasons", "terms", "claims", "clusters")}
        decision = _decision(decided.get(row["thing"]))
        shown = {"text": str(row["text"])[:TEXT], "named_text": _needed(named, row, "text"), "decision": decision}
        made.append(watch_rows.WatchedPost(**{**row, **lists, **shown}))
    return tuple(made)


def _decision(logged: Mapping[str, str] | None) -> watch_rows.Decision | None:
    if logged is None:
        return None
    return watch_rows.Decision(
        decision=logged["decision"], reason=logged["reason"], by=logged["by"], at=_logged_at(logged["at"])
    )


def _logged_at(at: str) -> datetime:
    """Return a moment of the custody log."""
    return datetime.fromisoformat(at)


@dataclass(frozen=True)
class EarlierQueue:
    """The queue of an earlier report, with its run and when it was made."""

    queue: watch_rows.Queue
    run: str
    made_at: datetime


def queue_changes(case: Case, scope: Scope, found: Findings, before: EarlierQueue) -> watch_rows.QueueChanges | None:
    """Return what is new, gone or grown in the queue since an earlier report; None where its days were others.

    Parameters
    ----------
    case, scope, found
        Of this report.
    before : EarlierQueue
        What :func:`queue` gave in the earlier one.

    Returns
    -------
    QueueChanges or None
        Its rows: at most :data:`CHANGED` new, grown, smaller and gone ones, in the order of the queue, those that are
        gone by their copies and reposts.
    """
    earlier = before.queue
    if earlier.days != _days(scope):
        return None
    was = dict(zip(earlier.told.thing, earlier.told.acts, strict=True))
    table = _queue(case, scope, found).head(TOLD)
    now = dict(zip(table["thing"], (table["posts"] + table["reposts"]).astype(int), strict=True))
    kinds = {
        "new": [subject for subject in now if subject not in was],
        "grown": [subject for subject in now if subject in was and now[subject] > was[subject]],
        "smaller": [subject for subject in now if subject in was and now[subject] < was[subject]],
        "gone": sorted((entry for entry in was if entry not in now), key=lambda subject: (-was[subject], subject)),
    }
    listed = [(change, thing) for change, things in kinds.items() for thing in things[:CHANGED]]
    texts = {row.thing: row.text for row in earlier.rows if row.text is not None}
    texts |= dict(zip(table["thing"], table["text"].map(str), strict=True))
    texts |= _written(scope, {thing for _, thing in listed if thing not in texts})
    places = {thing: place for place, thing in enumerate(table["thing"].head(MOST), start=1)}
    named = written_by_named(scope, found, {thing for _, thing in listed})
    carried = set(table["thing"][table["clusters"].map(bool)])
    rows = tuple(
        watch_rows.QueueChange(
            change=change,
            named_text=named.get(thing) or (texts[thing][:TEXT] if thing in carried else None),
            place=places.get(thing),
            text=None if (text := texts.get(thing)) is None else text[:TEXT],
            was=was.get(thing),
            now=now.get(thing),
        )
        for change, thing in listed
    )
    counts = {change: len(things) for change, things in kinds.items()}
    same = len(now) - counts["new"] - counts["grown"] - counts["smaller"]
    return watch_rows.QueueChanges(run=before.run, made_at=before.made_at, **counts, same=same, rows=rows)


def _written(scope: Scope, names: set[str]) -> dict[str, str]:
    """Return how the first post of each of these texts is written, by its name in the queue, where there is one."""
    if not names:
        return {}
    things = things_in(scope)
    first = things[things["kind"] == "text"].drop_duplicates("thing")
    named = {thing_id(str(thing)): str(label) for thing, label in zip(first["thing"], first["label"], strict=True)}
    return {name: named[name] for name in names if name in named}


def _needed(named: Mapping[str, str], row: Mapping[Any, Any], key: str) -> str | None:
    """Return the text of a row that a finding needs: as one of its accounts wrote it, or as a group carries it."""
    return named.get(row["thing"]) or (str(row[key])[:TEXT] if row["clusters"] else None)


def written_by_named(scope: Scope, found: Findings, names: set[str]) -> dict[str, str]:
    """Return how an account that may be named first wrote each of these texts, by its name in the queue."""
    accounts = list(_cluster_of(found))
    if not names or not accounts:
        return {}
    things = things_in(scope)
    things = things[things["kind"] == "text"]
    by_named = scope.records["account_id"].isin(accounts).to_numpy()[things["row"]]
    first = things[by_named].drop_duplicates("thing")
    named = {
        thing_id(str(thing)): str(label)[:TEXT] for thing, label in zip(first["thing"], first["label"], strict=True)
    }
    return {name: named[name] for name in names if name in named}


SECTIONS = (
    Declaration("days", ("scope", "found"), comparison, watch_rows.Comparison),
    Declaration("watch", ("case", "scope", "found"), queue, watch_rows.Queue),
)
"""The sections that stand in this module."""
