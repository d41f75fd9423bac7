"""The events behind a group, as values: what was posted by plan or in one burst, and what chance explains of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MOST_EVENTS", "events_of"]

MOST_EVENTS = 3
"""Events that a card shows, the least probable first."""


def events_of(found: Any, cluster_id: int) -> dict[str, Any]:
    """Return the events of a cluster: ``all`` of them counted, and the first three with their marks.

    Each has ``trace, accounts, records, first, last, p, q``; ``marks``: of its signature, in the order clock, burst,
    client, repeat, with ``seen``, ``of`` and ``share`` (outside the object; None for a burst), and ``second``, ``at``
    or ``client``; ``once`` and ``twice``: accounts with one and with two signed posts, ``seen`` and ``expected``.
    """
    own = found.events[found.events["cluster_id"] == cluster_id].sort_values("event_id")
    rows = [_event(row) for row in own[:MOST_EVENTS].to_dict("records")]
    return {"all": len(own), "rows": rows}


def _event(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "trace": row["trace"],
        "accounts": int(row["n_accounts"]),
        "records": int(row["n_records"]),
        "first": row["first_t"],
        "last": row["last_t"],
        "p": float(row["p"]),
        "q": float(row["q"]),
        "marks": [_mark(row, name) for name in ("clock", "burst", "client", "repeat") if name in set(row["signature"])],
        "once": {"seen": int(row["n_once"]), "expected": float(row["expected_once"])},
        "twice": {"seen": int(row["n_twice"]), "expected": float(row["expected_twice"])},
    }


def _mark(row: Mapping[Any, Any], name: str) -> dict[str, Any]:
    share = row.get(f"{name}_share")
    return {
        "name": name,
        "seen": int(row[f"{name}_seen"]),
        "of": int(row[f"{name}_of"]),
        "share": float(share) if share is not None else None,
        "second": int(row["clock_second"]) if name == "clock" else None,
        "at": row["burst_t"] if name == "burst" else None,
        "client": row["client"] if name == "client" else None,
    }
