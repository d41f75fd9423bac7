"""Events: what many accounts post in one burst or at matching times, who carries their signature, and which are one.

Pairs find accounts that meet again and again. A network that posts one text every two minutes by accounts in turn never
repeats a pair more than its own mean: it shows in its objects instead. Two traces have events: copied texts and
reposts, each with base rates of its own. Every event, account and cluster is explained by numbers; nothing here names
anybody by one mark alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.chance.events.event_features import ALONE, SOLE_USER, Posted, on_objects
from spmc_tools.chance.events.event_signature import Carried, Marks, carried, marks
from spmc_tools.chance.events.own_count import OwnCounts, on_full_minute, own_counts, posted_minutes
from spmc_tools.chance.statistics.false_discovery import adjusted
from spmc_tools.findings import stored_results as stored
from spmc_tools.findings.events.event_clusters import EventCluster, Schedule, clustered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from spmc_tools.chance.events.event_features import OnObjects
    from spmc_tools.coaction.traces.trace import Trace
    from spmc_tools.schema.arrays import Flags, Longs

__all__ = [
    "EVENT_TRACES", "LEVEL", "AccountInEvent", "EventAccount", "Events", "exact_times", "found_events", "posted_of",
    "tier_by_events", "tier_of",
]  # fmt: skip

EVENT_TRACES = ("copypasta", "co_repost")
"""Traces whose objects are looked at as events."""

LEVEL = 0.01
"""An object whose q is below this is an event."""

TWICE, ONCE_SURE = 0.05, 0.01
"""Largest share that chance may explain: of accounts with two signed records (tier A); with one (tier B)."""

RARE_TIME = 0.01
"""Below this the time of an event is rare by itself; one that is not shows accounts and names nobody."""

SHOWN = 0.05
"""An account whose q by its own count is at most this is shown (tier C), and named below ``LEVEL``."""

_CAP = 60.0
_EXACT_S = 1.0
_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class AccountInEvent:
    """One account in one event: a row of the table ``account_events`` without the account, and whether it can name.

    Attributes
    ----------
    event_id, trace, n_signed, signature, fdp_once, fdp_twice
        The event, the account's signed records in it, and what chance explains of such accounts.
    n_records, n_on_second, share_outside, p_time, p_again, p_own, q_own
        Its own count (:mod:`spmc_tools.chance.events.own_count`).
    names : bool
        The event's signature can name: it has a time that is not the full minute, and a client.
    """

    event_id: int
    trace: str
    n_signed: int
    signature: tuple[str, ...]
    fdp_once: float
    fdp_twice: float
    n_records: int
    n_on_second: int
    share_outside: float
    p_time: float
    p_again: float
    p_own: float
    q_own: float
    names: bool

    @property
    def signed(self) -> tuple[int, float, float]:
        """Return what the rule on signatures reads."""
        return self.n_signed, self.fdp_once, self.fdp_twice

    @property
    def by_own_count(self) -> bool:
        """Return whether time and repetition of the account itself both speak, and are enough together."""
        return self.p_time < ALONE and self.p_again < ALONE and self.q_own < LEVEL

    @property
    def speaks(self) -> bool:
        """Return whether the event speaks for the account, by its signature or by the account's own count."""
        return _speaks(*self.signed) or self.q_own <= SHOWN

    def row(self) -> dict[str, Any]:
        """Return the columns of the table ``account_events`` but the account."""
        cells = {name: getattr(self, name) for name in self.__slots__ if name != "names"}
        return cells | {"signature": list(self.signature)}


@dataclass(frozen=True, slots=True)
class EventAccount:
    """What events say of one account.

    ``tier``: "A", "B", or "C" for an account that is shown and not named. ``score``: largest -ln p of the events that
    speak for it, at most 60. ``events``: those that speak for it, in the order of their numbers.
    """

    tier: str
    score: float
    n_signed: int
    fdp: float
    events: tuple[AccountInEvent, ...]


@dataclass(frozen=True, slots=True)
class Events:
    """The event level of an investigation.

    Attributes
    ----------
    rows : list of dict
        One per event, the least probable first, numbered from 1; columns of the table ``events``.
    signed : pandas.DataFrame
        ``event_id, trace, account_id, record_id, created_at``: every record that carries an event's whole signature.
    accounts : dict of account -> EventAccount
        Those in tier A, B or C by events.
    clusters : list of EventCluster
        Events that are one, the largest first; each account is in one of them.
    notes : dict of trace -> dict
        Counts and what was learned.
    not_run : list of dict
        Marks that could not be looked at, and why.
    """

    rows: list[dict[str, Any]]
    signed: pd.DataFrame
    accounts: dict[str, EventAccount]
    clusters: list[EventCluster]
    notes: dict[str, Any] = field(default_factory=dict)
    not_run: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Found:
    """One event before it has a number."""

    row: dict[str, Any]
    ln_p: float
    who: Carried
    counts: OwnCounts
    names: bool
    ids: NDArray[np.object_]
    records: list[str]
    authors: list[str]
    times: list[Any]


def found_events(records: pa.Table, actions: Mapping[str, pa.Table], traces: Sequence[Trace]) -> Events:
    """Return the events of the traces that have any, with the accounts that carry them.

    Parameters
    ----------
    records : pyarrow.Table
        All records, in time order.
    actions : mapping of trace -> pyarrow.Table
        Schema ``ACTIONS``; traces without actions are left out.
    traces : sequence of Trace
        Those that were asked for.
    """
    found: list[_Found] = []
    notes: dict[str, Any] = {}
    not_run: list[dict[str, Any]] = []
    for trace in traces:
        if trace.name not in EVENT_TRACES or trace.name not in actions:
            continue
        trace_records = records.filter(pc.is_in(records["kind"], value_set=pa.array(trace.kinds)))
        posted, accounts, objects = posted_of(trace_records, actions[trace.name])
        not_run.extend(_cannot(trace.name, posted))
        notes[trace.name] = {
            "n_records": len(trace_records),
            "n_exact": int(posted.exact.sum()),
            "n_objects": 0,
            "n_events": 0,
        }
        if not posted.exact.any() and not (posted.client >= 0).any():
            continue
        found.extend(_of_trace(trace.name, trace_records, (posted, accounts, objects), notes[trace.name]))
    found.sort(key=lambda event: (event.ln_p, event.row["trace"], event.row["object_id"]))
    return _numbered(found, notes, not_run)


def posted_of(records: pa.Table, actions: pa.Table) -> tuple[Posted, list[str], list[str]]:
    """Return records of one kind by codes, with the account ids and the object ids that the codes count into.

    Parameters
    ----------
    records : pyarrow.Table
        Records of the trace's kinds, in time order.
    actions : pyarrow.Table
        The trace's actions: at most one per record counts, the first.
    """
    account, accounts = _coded(records["account_id"])
    t_us = records["created_at"].cast(pa.int64()).to_numpy()
    at = pc.index_in(records["record_id"].combine_chunks(), value_set=actions["record_id"].combine_chunks())
    object_, objects = _coded(actions["object_id"].combine_chunks().take(at))
    client, clients = _clients(records, account)
    posted = Posted(account, object_, client, t_us, exact_times(records), len(accounts), len(objects), tuple(clients))
    return posted, accounts, objects


def _coded(column: pa.ChunkedArray | pa.Array) -> tuple[Longs, list[str]]:
    """Return codes in the order of the values, -1 for null, and the values."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    values = sorted(whole.unique().drop_null().to_pylist())
    codes = pc.fill_null(pc.index_in(whole, value_set=pa.array(values, type=whole.type)), -1)
    return codes.to_numpy(zero_copy_only=False).astype(np.int64), values


def _clients(records: pa.Table, account: Longs) -> tuple[Longs, list[str]]:
    """Return the client of each record, -1 where it is not known; those of one account alone are one class."""
    if "client" not in records.column_names:
        return np.full(len(records), -1, np.int64), []
    code, names = _coded(records["client"])
    if not names:
        return code, []
    pairs = np.unique(np.stack([code, account])[:, code >= 0], axis=1)
    alone = np.bincount(pairs[0], minlength=len(names)) == 1
    place = np.cumsum(~alone) - 1
    shared = [name for name, sole in zip(names, alone, strict=True) if not sole]
    place[alone] = len(shared)
    return np.where(code >= 0, place[code], -1), [*shared, SOLE_USER] if alone.any() else shared


def exact_times(records: pa.Table) -> Flags:
    """Return which records have a clock that goes by the second.

    Where the source does not tell, it is taken to do so, unless all such times are whole minutes.
    """
    t_us = records["created_at"].cast(pa.int64()).to_numpy()
    if "time_precision_s" not in records.column_names:
        return np.full(t_us.size, bool((t_us % _MINUTE != 0).any()))
    step = records["time_precision_s"].to_numpy()
    unknown = np.isnan(step)
    by_second = bool((t_us[unknown] % _MINUTE != 0).any())
    return np.where(unknown, by_second, step <= _EXACT_S)


def _cannot(trace: str, posted: Posted) -> list[dict[str, Any]]:
    """Return which marks the records of a trace do not allow."""
    no_client, no_second = not (posted.client >= 0).any(), not posted.exact.any()
    reasons = {
        "events_not_run": (
            no_client and no_second,
            "Events rest on the second or on the client of a post, and the records tell neither.",
        ),
        "events_without_client": (
            no_client and not no_second,
            "The records do not tell with which client they were posted: events rest on time and repetition.",
        ),
        "events_without_second": (
            no_second and not no_client,
            "Times are not known to the second: events rest on client and repetition.",
        ),
    }
    return [
        {"trace": trace, "window_s": None, "reason": reason, "code": code}
        for code, (holds, reason) in reasons.items()
        if holds
    ]


def _of_trace(
    trace: str, records: pa.Table, coded: tuple[Posted, list[str], list[str]], notes: dict[str, Any]
) -> list[_Found]:
    """Return the events of one trace, and fill its notes."""
    posted, accounts, objects = coded
    on = on_objects(posted)
    got = marks(posted, on)
    q = adjusted(np.exp(got.ln_p), on.code.size)
    chosen = np.flatnonzero(q < LEVEL)
    notes |= {
        "n_objects": int(on.code.size),
        "n_events": int(chosen.size),
        "n_clients": len(posted.clients),
        "client_rho": got.client_rho,
        "repeat_rho": got.repeat_rho,
    }
    names = np.array(accounts, dtype=object)
    minutes = posted_minutes(posted)
    found = []
    for o in chosen.tolist():
        who = carried(posted, on, got, o)
        counts = own_counts(posted, on, got, o, minutes)
        signed = records.select(["record_id", "account_id", "created_at"]).take(pa.array(who.rows))
        row = {"trace": trace, "object_id": objects[on.code[o]], "q": float(q[o])}
        row |= _figures(posted, on, got, o) | _carriers(records, on.of(o), who)
        columns = [signed[name].to_pylist() for name in ("record_id", "account_id", "created_at")]
        can_name = _can_name(posted, who, row["p_time"])
        found.append(_Found(row, float(got.ln_p[o]), who, counts, can_name, names[counts.accounts], *columns))
    return found


def _p(ln_p: float) -> float:
    return float(np.exp(max(ln_p, -690.0)))


def _seen(mark: str, ln_p: float, seen: float, of: float) -> dict[str, float]:
    """Return the p of one mark of an event, and of how many posts or accounts how many were seen to have it."""
    return {f"p_{mark}": _p(ln_p), f"{mark}_seen": int(seen), f"{mark}_of": int(of)}


def _figures(posted: Posted, on: OnObjects, got: Marks, o: int) -> dict[str, Any]:
    """Return the marks of an event as figures: of how many, how many were seen, and the share outside."""
    c, b, k, r = got.clock, got.burst, got.client, got.repeat
    has_second, has_client, has_burst = c.second[o] >= 0, k.client[o] >= 0, b.k[o] > 0
    return {
        "n_accounts": int(on.n_accounts[o]),
        "n_records": int(on.ptr[o + 1] - on.ptr[o]),
        "p": _p(got.ln_p[o]),
        "p_time": _p(got.ln_time[o]),
        **_seen("clock", c.ln_p[o], c.x[o], c.n[o]),
        "clock_second": int(c.second[o]) if has_second else None,
        "clock_share": float(c.share[o]) if has_second else None,
        **_seen("burst", b.ln_p[o], b.k[o], b.m[o]),
        "burst_t": pd.Timestamp(int(b.start_us[o]), unit="us", tz="UTC") if has_burst else None,
        **_seen("client", k.ln_p[o], k.x[o], k.n[o]),
        "client": posted.clients[k.client[o]] if has_client else None,
        "client_share": float(k.share[o]) if has_client else None,
        **_seen("repeat", r.ln_p[o], r.x[o], r.n[o]),
        "repeat_share": float(r.share[o]),
    }


def _carriers(records: pa.Table, rows: Longs, who: Carried) -> dict[str, Any]:
    times = pc.min_max(records["created_at"].take(pa.array(rows))).as_py()
    return {
        "first_t": times["min"],
        "last_t": times["max"],
        "signature": list(who.signature),
        "n_signed": int(who.rows.size),
        "n_once": int(who.accounts.size),
        "n_twice": int((who.n_signed >= 2).sum()),
        "expected_once": who.expected[0],
        "expected_twice": who.expected[1],
        "fdp_once": who.fdp[0],
        "fdp_twice": who.fdp[1],
    }


# -- accounts -------------------------------------------------------------------------------------------------------


def tier_by_events(signed: Sequence[tuple[int, float, float]]) -> str | None:
    """Return the tier of an account by its events: "A", "B" or None.

    A: two signed records or more in an event with fdp2 of at most .05, or, in all events with fdp1 of at most .05
    together. B: one in an event with fdp1 of at most .01.

    Parameters
    ----------
    signed : sequence of (int, float, float)
        Of each event: signed records of the account, fdp1, fdp2.
    """
    if any(n >= 2 and twice <= TWICE for n, _, twice in signed):
        return "A"
    if sum(n for n, once, _ in signed if once <= TWICE) >= 2:
        return "A"
    return "B" if any(n >= 1 and once <= ONCE_SURE for n, once, _ in signed) else None


def tier_of(events: Sequence[AccountInEvent]) -> str | None:
    """Return the tier of an account by its events and its own count in them: "A", "B", "C" or None.

    A and B: as :func:`tier_by_events` says of the events whose signature can name; B too by its own count in one event,
    A in two. C: as it says of all events, or an own count with a q of at most ``SHOWN``: shown, never named.
    """
    by_signature = tier_by_events([event.signed for event in events if event.names])
    by_count = sum(event.by_own_count for event in events)
    if by_signature == "A" or by_count >= 2:
        return "A"
    if by_signature == "B" or by_count:
        return "B"
    shown = tier_by_events([event.signed for event in events]) or any(event.q_own <= SHOWN for event in events)
    return "C" if shown else None


def _can_name(posted: Posted, who: Carried, p_time: float) -> bool:
    """Return whether a signature can name: time and client, and the time is not the full minute of any scheduler.

    The time must be rare by itself: relays of one agency share a rare program, which carries an event on any second
    that a few of them happen to share.
    """
    timed = not {"clock", "burst"}.isdisjoint(who.signature) and p_time < RARE_TIME
    return timed and "client" in who.signature and not on_full_minute(posted, who.rows)


def _speaks(n: int, once: float, twice: float) -> bool:
    """Return whether an event speaks for an account with so many signed records."""
    return (n >= 1 and once <= TWICE) or (n >= 2 and twice <= TWICE)


def _numbered(found: list[_Found], notes: dict[str, Any], not_run: list[dict[str, Any]]) -> Events:
    """Give events their numbers, accounts their tiers, and say which events are one."""
    in_events: dict[str, list[AccountInEvent]] = {}
    for number, event in enumerate(found, start=1):
        event.row["event_id"] = number
        for account, facts in _account_facts(event).items():
            in_events.setdefault(account, []).append(facts)
    tiers = {account: tier_of(events) for account, events in in_events.items()}
    members: list[set[str]] = [set() for _ in found]
    for account, events in in_events.items():
        for facts in events:
            if tiers[account] is not None and facts.speaks:
                members[facts.event_id - 1].add(account)
    clusters = clustered([frozenset(accounts) for accounts in members], [_schedule(event.row) for event in found])
    together = frozenset(account for cluster in clusters for account in cluster.accounts)
    accounts = {
        account: _account(tier, in_events[account], found)
        for account, tier in sorted(tiers.items())
        if tier is not None and account in together
    }
    return Events([event.row for event in found], _signed(found), accounts, clusters, notes, not_run)


def _account_facts(event: _Found) -> dict[str, AccountInEvent]:
    """Return the facts of each account with a signed record in an event."""
    who, counts = event.who, event.counts
    n_signed = np.zeros(counts.accounts.size, np.int64)
    n_signed[np.searchsorted(counts.accounts, who.accounts)] = who.n_signed
    columns = (n_signed, counts.n_records, counts.n_on_second, counts.share_outside)
    p_values = (counts.p_time, counts.p_again, counts.p, counts.q)
    names = [event.names] * counts.accounts.size
    rows = zip(event.ids.tolist(), *(column.tolist() for column in (*columns, *p_values)), names, strict=True)
    number, trace = event.row["event_id"], event.row["trace"]
    return {account: AccountInEvent(number, trace, n, who.signature, *who.fdp, *own) for account, n, *own in rows if n}


def _schedule(row: Mapping[str, Any]) -> Schedule | None:
    """Return client and second of an event that rests on both."""
    if not {"clock", "client"} <= set(row["signature"]):
        return None
    return Schedule(row["client"], row["clock_second"])


def _account(tier: str, events: Sequence[AccountInEvent], found: Sequence[_Found]) -> EventAccount:
    speaking = tuple(event for event in events if event.speaks)
    return EventAccount(
        tier,
        min(-min(found[event.event_id - 1].ln_p for event in speaking), _CAP),
        sum(event.n_signed for event in speaking),
        min(event.fdp_twice if event.n_signed >= 2 else event.fdp_once for event in speaking),
        speaking,
    )


def _signed(found: list[_Found]) -> pd.DataFrame:
    rows = [
        {
            "event_id": event.row["event_id"],
            "trace": event.row["trace"],
            "account_id": author,
            "record_id": record,
            "created_at": time,
        }
        for event in found
        for author, record, time in zip(event.authors, event.records, event.times, strict=True)
    ]
    return stored.framed(stored.table_of(rows, "signed"))
