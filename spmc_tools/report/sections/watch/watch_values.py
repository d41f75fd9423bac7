"""Values of the watch: days beside each other, what rose, the queue of posts to look at, the terms watched for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.case.store.table_cache import KeptTables
from spmc_tools.desks.base.calendar import IST, event_days
from spmc_tools.desks.watch import watch
from spmc_tools.desks.watch.watch_terms import decisions_of, thing_id, watch_terms
from spmc_tools.report.scope.received import span
from spmc_tools.report.scope.scope import compared_records

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.report.scope.scope import Scope

__all__ = ["comparison", "queue", "queue_changes"]

TEXT = 400
MOST = 40
TOLD = 20_000
"""Rows of the queue whose figures a report keeps for the next one to compare with."""

CHANGED = 8
"""Rows of the queue that the page lists as new, as grown and as gone."""


def _marked(scope: Scope) -> set[date]:
    first, last = span(scope.records)
    if first is None or last is None:
        return set()
    return event_days(scope.event, first.astimezone(IST).date(), last.astimezone(IST).date())


def _things(scope: Scope) -> pd.DataFrame:
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
    days = [day for day in scope.event.days if any(day.first <= one <= day.last for one in marked)]
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


def _cluster_of(found: Any) -> dict[str, int]:
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


def comparison(scope: Scope, found: Any) -> dict[str, Any]:
    """Return the days, those of the event marked, and the tags and texts that rose in them.

    ``state``: "compared", "no_event" (the case names none that the calendar knows), "no_days" (no post on its days) or
    "no_others" (none on any other day: nothing to compare with).
    """
    marked = _marked(scope)
    days = _daily(scope, marked)
    inside = int(days.loc[days["event"].astype(bool), "records"].sum()) if len(days) else 0
    outside = int(days["records"].sum()) - inside if len(days) else 0
    state = "no_event" if scope.event is None else "no_days" if not inside else "compared" if outside else "no_others"
    rows: list[dict[Any, Any]] = []
    if state == "compared":
        table = watch.risen(scope.records, _things(scope), marked, _cluster_of(found))
        rows = [
            {
                **row,
                "thing": thing_id(str(row["thing"])) if row["kind"] == "text" else row["thing"],
                "label": str(row["label"])[:TEXT],
            }
            for row in table.to_dict("records")
        ]
        named = _written_by_named(scope, found, {row["thing"] for row in rows})
        rows = [{**row, "named_text": _needed(named, row, "label")} for row in rows]
    return {
        "state": state,
        "event": scope.event.title if scope.event else None,
        "festival": scope.event is not None and not scope.event.is_election,
        "chosen": scope.chosen,
        "doubts": _doubts(scope, marked),
        "days": [{**row, "day": row["day"].isoformat()} for row in days.to_dict("records")],
        "event_days": len(days[days["event"].astype(bool)]) if len(days) else 0,
        "inside": inside,
        "outside": outside,
        "rows": rows,
    }


def _queue(case: Case, scope: Scope, found: Any) -> pd.DataFrame:
    """Return the whole queue, worked out once for all sections of a page."""
    if "queue" not in scope.kept:
        claims = {row["claim_id"]: row["text"] for row in case.table("claims", ["claim_id", "text"]).to_pylist()}
        scope.kept["queue"] = watch.post_watch(
            scope.records,
            _things(scope),
            terms=watch_terms(case),
            claims=claims,
            cluster_of=_cluster_of(found),
            complained=_complained(case, scope.records),
            most=None,
        )
    made: pd.DataFrame = scope.kept["queue"]
    return made


def _days(scope: Scope) -> list[str | None]:
    """Return the days that a scope was asked for: queues of other days are not compared."""
    return [None if day is None else day.isoformat() for day in (scope.date_from, scope.date_to)]


def queue(case: Case, scope: Scope, found: Any) -> dict[str, Any]:
    """Return the posts that a person should look at now, why each is there, and what was decided on it.

    ``now`` is the time of the last post. Nobody decided on ``open`` of the rows shown and on ``waiting`` of the whole
    queue. ``terms`` are the case's own, with reason, officer and time. ``told``: the
    name of every row of the queue and its copies and reposts, for the next report to compare with. ``named_text`` of a
    row, which is what a redacted edition shows of it: the text as an account that may be named wrote it first, else as
    it is where a group of the report carries it; None: no finding needs it.
    """
    terms = watch_terms(case)
    records = scope.records
    table = _queue(case, scope, found)
    decided = decisions_of(case)
    named = _written_by_named(scope, found, set(table["thing"].head(MOST)))
    rows = [
        {
            **row,
            "text": str(row["text"])[:TEXT],
            "named_text": _needed(named, row, "text"),
            "decision": decided.get(row["thing"]),
        }
        for row in table.head(MOST).to_dict("records")
    ]
    return {
        "now": records["created_at"].max() if len(records) else None,
        "rows": rows,
        "more": len(table) - len(rows),
        "open": sum(row["decision"] is None for row in rows),
        "waiting": int((~table["thing"].isin(list(decided))).sum()),
        "terms": [{"term": one.term, "reason": one.reason, "by": one.by, "at": one.at} for one in terms],
        "claims": case.table("claims", ["claim_id"]).num_rows,
        "days": _days(scope),
        "told": {
            "thing": table["thing"].head(TOLD).tolist(),
            "acts": (table["posts"] + table["reposts"]).head(TOLD).astype(int).tolist(),
        },
        "texts": bool(records["text"].notna().any()) if len(records) else False,
    }


def queue_changes(case: Case, scope: Scope, found: Any, before: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is new, gone or grown in the queue since an earlier report; None where its days were others.

    Parameters
    ----------
    case, scope, found
        Of this report.
    before : mapping
        What :func:`queue` gave in the earlier one.

    Returns
    -------
    dict or None
        ``new, grown, smaller, gone, same``: how many rows. ``rows``: at most :data:`CHANGED` of each of the first four,
        in the order of the queue, those that are gone by their copies and reposts: ``change``, ``place`` (in the queue
        of this page, from 1; None: not on the page), ``text`` (None: no post has it any more), ``named_text`` (as
        :func:`queue` gives it), ``was`` and ``now`` (copies and reposts; None: it
        was not in that queue).
    """
    told = before.get("told")
    if not isinstance(told, dict) or before.get("days") != _days(scope):
        return None
    was = {str(thing): int(acts) for thing, acts in zip(told["thing"], told["acts"], strict=True)}
    texts = {str(row["thing"]): str(row["text"]) for row in before.get("rows", []) if row.get("text") is not None}
    table = _queue(case, scope, found).head(TOLD)
    now = dict(zip(table["thing"], (table["posts"] + table["reposts"]).astype(int), strict=True))
    places = {thing: place for place, thing in enumerate(table["thing"].head(MOST), start=1)}
    texts |= dict(zip(table["thing"], table["text"], strict=True))
    kinds = {
        "new": [one for one in now if one not in was],
        "grown": [one for one in now if one in was and now[one] > was[one]],
        "smaller": [one for one in now if one in was and now[one] < was[one]],
        "gone": sorted((one for one in was if one not in now), key=lambda one: (-was[one], one)),
    }
    texts |= _written(scope, {one for one in kinds["gone"][:CHANGED] if one not in texts})
    listed = {thing for things in kinds.values() for thing in things[:CHANGED]}
    named = _written_by_named(scope, found, listed)
    carried = set(table["thing"][table["clusters"].map(bool)])
    rows = [
        {
            "change": change,
            "named_text": named.get(thing) or (str(texts[thing])[:TEXT] if thing in carried else None),
            "place": places.get(thing),
            "text": None if (text := texts.get(thing)) is None else str(text)[:TEXT],
            "was": was.get(thing),
            "now": now.get(thing),
        }
        for change, things in kinds.items()
        for thing in things[:CHANGED]
    ]
    counts = {change: len(things) for change, things in kinds.items()}
    return {**counts, "same": len(now) - counts["new"] - counts["grown"] - counts["smaller"], "rows": rows}


def _written(scope: Scope, names: set[str]) -> dict[str, str]:
    """Return how the first post of each of these texts is written, by its name in the queue, where there is one."""
    if not names:
        return {}
    things = _things(scope)
    first = things[things["kind"] == "text"].drop_duplicates("thing")
    named = {thing_id(str(thing)): str(label) for thing, label in zip(first["thing"], first["label"], strict=True)}
    return {name: named[name] for name in names if name in named}


def _needed(named: Mapping[str, str], row: Mapping[Any, Any], key: str) -> str | None:
    """Return the text of a row that a finding needs: as one of its accounts wrote it, or as a group carries it."""
    return named.get(row["thing"]) or (str(row[key])[:TEXT] if row["clusters"] else None)


def _written_by_named(scope: Scope, found: Any, names: set[str]) -> dict[str, str]:
    """Return how an account that may be named first wrote each of these texts, by its name in the queue."""
    accounts = list(_cluster_of(found))
    if not names or not accounts:
        return {}
    things = _things(scope)
    things = things[things["kind"] == "text"]
    by_named = scope.records["account_id"].isin(accounts).to_numpy()[things["row"]]
    first = things[by_named].drop_duplicates("thing")
    named = {
        thing_id(str(thing)): str(label)[:TEXT] for thing, label in zip(first["thing"], first["label"], strict=True)
    }
    return {name: named[name] for name in names if name in named}
