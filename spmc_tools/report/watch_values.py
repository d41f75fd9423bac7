"""Values of the watch: days beside each other, what rose, the queue of posts to look at, the terms watched for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.desks import watch
from spmc_tools.desks.calendar import IST
from spmc_tools.desks.watch_terms import decisions_of, watch_terms
from spmc_tools.report.received import span

if TYPE_CHECKING:
    from datetime import date

    from spmc_tools.case.store import Case
    from spmc_tools.report.scope import Scope

__all__ = ["comparison", "queue"]

TEXT = 400
MOST = 40


def _marked(scope: Scope) -> set[date]:
    first, last = span(scope.records)
    if first is None or last is None:
        return set()
    return watch.event_days(scope.event, first.astimezone(IST).date(), last.astimezone(IST).date())


def _cluster_of(found: Any) -> dict[str, int]:
    """Return the group on the page, from 1, of every account that may be named."""
    from spmc_tools.report.groups import groups

    return {account: place for place, group in enumerate(groups(found), start=1) for account in group.named}


def comparison(scope: Scope, found: Any) -> dict[str, Any]:
    """Return the days, those of the event marked, and the tags and texts that rose in them.

    ``state``: "compared", "no_event" (the case names none that the calendar knows), "no_days" (no post on its days) or
    "no_others" (none on any other day: nothing to compare with).
    """
    marked = _marked(scope)
    days = watch.daily(scope.records, marked)
    inside = int(days.loc[days["event"].astype(bool), "records"].sum()) if len(days) else 0
    outside = int(days["records"].sum()) - inside if len(days) else 0
    state = "no_event" if scope.event is None else "no_days" if not inside else "compared" if outside else "no_others"
    rows: list[dict[Any, Any]] = []
    if state == "compared":
        things = watch.things_of(scope.records)
        table = watch.risen(scope.records, things, marked, _cluster_of(found))
        rows = [{**row, "label": str(row["label"])[:TEXT]} for row in table.to_dict("records")]
    return {
        "state": state,
        "event": scope.event.title if scope.event else None,
        "days": [{**row, "day": row["day"].isoformat()} for row in days.to_dict("records")],
        "event_days": len(days[days["event"].astype(bool)]) if len(days) else 0,
        "inside": inside,
        "outside": outside,
        "rows": rows,
    }


def queue(case: Case, scope: Scope, found: Any) -> dict[str, Any]:
    """Return the posts that a person should look at now, why each is there, and what was decided on it.

    ``now`` is the time of the last post. ``terms`` are the case's own, with reason, officer and time.
    """
    terms = watch_terms(case)
    claims = {row["claim_id"]: row["text"] for row in case.table("claims", ["claim_id", "text"]).to_pylist()}
    messages = case.table("messages", ["record_id", "direction"]).to_pylist()
    incoming = {row["record_id"] for row in messages if row["direction"] == "in"}
    records = scope.records
    about = records.loc[records["record_id"].isin(incoming), "ref_record_id"].dropna().tolist()
    table = watch.post_watch(
        records,
        watch.things_of(records),
        terms=terms,
        claims=claims,
        cluster_of=_cluster_of(found),
        complained=about,
        most=MOST,
    )
    decided = decisions_of(case)
    rows = [
        {**row, "text": str(row["text"])[:TEXT], "decision": decided.get(row["thing"])}
        for row in table.to_dict("records")
    ]
    return {
        "now": records["created_at"].max() if len(records) else None,
        "rows": rows,
        "open": sum(row["decision"] is None for row in rows),
        "terms": [{"term": one.term, "reason": one.reason, "by": one.by, "at": one.at} for one in terms],
        "claims": len(claims),
        "texts": bool(records["text"].notna().any()) if len(records) else False,
    }
