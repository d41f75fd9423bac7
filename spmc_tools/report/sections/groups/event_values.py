"""The events behind a group, as values: what was posted at matching times or in one burst, what chance explains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.report.values.privacy import Code, Count, Number, Quoted, Time
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spmc_tools.findings.result.findings import Findings

__all__ = ["MOST_EVENTS", "Event", "EventMark", "Events", "SignedAccounts", "events_of"]

MOST_EVENTS = 3
"""Events that a card shows, the least probable first."""

MARKS = ("clock", "burst", "client", "repeat")
"""Marks of a signature, in the order in which they are shown."""


@section_values
class EventMark:
    """One mark of an event's signature: ``seen`` of ``of``, beside its ``share`` outside the object (None: a burst).

    ``second`` of the minute, ``at`` or ``client``: what was the same, of a clock, a burst and a program.
    """

    name: Code
    seen: Count
    of: Count
    share: Number | None
    second: Count | None
    at: Time | None
    client: Quoted | None


@section_values
class SignedAccounts:
    """Accounts with so many signed posts: how many were seen, and how many chance expects."""

    seen: Count
    expected: Number


@section_values
class Event:
    """An object that many accounts posted at matching times or in one burst.

    ``once`` and ``twice``: accounts with one and with two signed posts.
    """

    trace: Code
    accounts: Count
    records: Count
    first: Time | None
    last: Time | None
    p: Number
    q: Number
    marks: tuple[EventMark, ...]
    once: SignedAccounts
    twice: SignedAccounts


@section_values
class Events:
    """The events of a cluster: ``all`` of them counted, and the first rows with their marks."""

    all: Count
    rows: tuple[Event, ...]


def events_of(found: Findings, cluster_id: int) -> Events:
    """Return the events of a cluster, the least probable first."""
    events = found.events[found.events["cluster_id"] == cluster_id].sort_values("event_id")
    return Events(all=len(events), rows=tuple(_event(row) for row in events[:MOST_EVENTS].to_dict("records")))


def _event(row: Mapping[Any, Any]) -> Event:
    return Event(
        trace=row["trace"],
        accounts=int(row["n_accounts"]),
        records=int(row["n_records"]),
        first=row["first_t"],
        last=row["last_t"],
        p=float(row["p"]),
        q=float(row["q"]),
        marks=tuple(_mark(row, name) for name in MARKS if name in set(row["signature"])),
        once=SignedAccounts(seen=int(row["n_once"]), expected=float(row["expected_once"])),
        twice=SignedAccounts(seen=int(row["n_twice"]), expected=float(row["expected_twice"])),
    )


def _mark(row: Mapping[Any, Any], name: str) -> EventMark:
    share = row.get(f"{name}_share")
    return EventMark(
        name=name,
        seen=int(row[f"{name}_seen"]),
        of=int(row[f"{name}_of"]),
        share=float(share) if share is not None else None,
        second=int(row["clock_second"]) if name == "clock" else None,
        at=row["burst_t"] if name == "burst" else None,
        client=row["client"] if name == "client" else None,
    )
