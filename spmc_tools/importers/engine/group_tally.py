"""Events of groups as one file is read: which are new, how many of which kind, and how the group grew."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case
    from spmc_tools.importers.engine.received_rows import ReceivedChunk
    from spmc_tools.importers.fields.rows import GroupEvent

__all__ = ["CAME", "WENT", "GroupTally"]

CAME = frozenset({"added", "joined_by_link", "joined"})
WENT = frozenset({"left", "removed"})

_INDIA = ZoneInfo("Asia/Kolkata")


class GroupTally:
    """Knows the events of a case and of one file as it is read.

    Attributes
    ----------
    counts : Counter of str
        New events by kind.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self._known: set[str] | None = None
        self.counts: Counter[str] = Counter()
        self._came: defaultdict[str, int] = defaultdict(int)
        self._went: defaultdict[str, int] = defaultdict(int)
        self._people: set[str] = set()
        self._wrote: set[str] = set()

    def fresh(self, chunk: ReceivedChunk) -> list[GroupEvent]:
        """Return the events of a piece that are new, and count them in it; its records tell who wrote something."""
        if chunk.records and chunk.records[0].kind == "message":
            self._wrote.update(record.account_id for record in chunk.records)
        if not chunk.events:
            return []
        if self._known is None:
            self._known = set(self._case.table("group_events", ["event_id"])["event_id"].to_pylist())
        found = []
        for event in chunk.events:
            if event.event_id in self._known:
                continue
            self._known.add(event.event_id)
            found.append(event)
            self._count(event)
        chunk.duplicates += len(chunk.events) - len(found)
        chunk.kept_accounts += len(found)
        return found

    def _count(self, event: GroupEvent) -> None:
        self.counts[event.event] += 1
        if event.event not in CAME | WENT:
            return
        persons = event.affected or [event.actor or ""]
        moment = datetime.fromtimestamp(event.happened_at / 1_000_000, UTC).astimezone(_INDIA)
        (self._came if event.event in CAME else self._went)[f"{moment:%Y-%m}"] += len(persons)
        self._people.update(persons)

    def growth(self) -> tuple[tuple[str, int, int], ...]:
        """Return for each month in India who came and who went, in order; of new events."""
        months = sorted({*self._came, *self._went})
        return tuple((month, self._came[month], self._went[month]) for month in months)

    def silent(self) -> int:
        """Return how many persons came or went and wrote nothing in this file."""
        return len(self._people - self._wrote)

    def remarks(self) -> list[str]:
        """Say how many notices are events, and that who wrote nothing is no account."""
        total = self.counts.total()
        if not total:
            return []
        kinds = ", ".join(f"{count:,} × {event}" for event, count in self.counts.most_common())
        said = [f"{total:,} {'notice is an event' if total == 1 else 'notices are events'} of the group ({kinds})"]
        if silent := self.silent():
            verb = (
                "person only came or went and is no account"
                if silent == 1
                else ("persons only came or went and are no accounts")
            )
            said.append(f"{silent:,} {verb}")
        return said
