"""What officers decided of groups that an ordinary pattern explains, as the custody log tells of it.

An ordinary pattern shows a group without names. One officer can *clear* it: the pattern explains what these accounts
did. To *name* it against the pattern takes two, each with a reason. Anybody can *withdraw* what stands. An entry is
bound to the content of the group, the same accounts, traces and patterns: another group inherits nothing.

Each entry names the entry about the group that its writer had seen last. One whose writer had not seen the newest does
not count, nor does a second officer who is the first one, by name or by key.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.logged_act import LoggedAct
from spmc_tools.case.files.officer_names import name_key, same_person
from spmc_tools.case.log.ledger import canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spmc_tools.case.log.ledger import Entry

__all__ = [
    "CLEAR", "DECIDED", "DECISIONS", "NAME", "WITHDRAW", "PatternDecision", "PatternDecisions", "decisions_of",
    "group_digest", "payload_fault", "public_key_of", "second_officer_fault",
]  # fmt: skip

DECIDED = "pattern_decision"
"""Kind of the entry in the custody log."""

CLEAR, NAME, WITHDRAW = "clear", "name", "withdraw"
DECISIONS = (CLEAR, NAME, WITHDRAW)
"""What an officer can decide."""

OFFICERS = 2
"""So many name a group against its pattern."""


@dataclass(frozen=True, slots=True)
class PatternDecision(LoggedAct):
    """One decision: of which group, what, and why; ``payload`` as logged, with key and signature where there is one."""

    group: str
    decision: str
    reason: str
    accounts: tuple[str, ...]
    payload: dict[str, Any] = field(repr=False)

    @property
    def public_key(self) -> str | None:
        """Public key that it names; None where it is not signed."""
        return public_key_of(self.payload)


@dataclass
class PatternDecisions:
    """All decisions of a case as they stood when its log was read.

    Attributes
    ----------
    standing : dict
        Digest of a group -> the decisions that stand of it: one that clears it, or one or two that name it.
    last : dict
        Digest -> the last entry about the group that counts; a withdrawal, too.
    faults : dict
        seq of an entry that cannot count -> why, in words that follow "entry 12".
    overtaken : dict
        seq of an entry whose writer had not seen the newest one about the group -> seq of that one; it does not count.
    """

    standing: dict[str, tuple[PatternDecision, ...]] = field(default_factory=dict)
    last: dict[str, Entry] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    overtaken: dict[int, int] = field(default_factory=dict)
    _seen: dict[str, list[dict[str, Any]]] = field(default_factory=dict, repr=False)

    def add(self, entry: Entry) -> None:
        """Let an entry of the kind :data:`DECIDED` count where it fits what stood before it."""
        payload, seq = entry["payload"], entry["seq"]
        fault = payload_fault(payload)
        if fault is None and payload.get("after") in [None, *self._seen.get(payload["group"], [])[:-1]]:
            newer = self.last.get(payload["group"])
            if newer is not None:
                self.overtaken[seq] = newer["seq"]
                return
        fault = fault or self._fault_of_place(payload)
        if fault is not None:
            self.faults[seq] = fault
            return
        group = payload["group"]
        made = PatternDecision(
            seq, entry["at"], payload["by"], group, payload["decision"], payload["reason"],
            tuple(payload["accounts"]), payload,
        )  # fmt: skip
        if made.decision == WITHDRAW:
            self.standing.pop(group, None)
        elif made.decision == CLEAR:
            self.standing[group] = (made,)
        else:
            self.standing[group] = (*self.standing.get(group, ()), made)
        self.last[group] = entry
        self._seen.setdefault(group, []).append({"seq": seq, "hash": entry["hash"]})

    def _fault_of_place(self, payload: Mapping[str, Any]) -> str | None:
        group, decision = payload["group"], payload["decision"]
        standing = self.standing.get(group, ())
        if payload.get("after") != next(iter(self._seen.get(group, [])[-1:]), None):
            return "follows a decision about its group that is not in the log: one was taken out, or written anew"
        if decision == WITHDRAW:
            return None if standing else "withdraws a decision, and none stands of its group"
        if decision == CLEAR:
            return "clears a group that is cleared already" if self.state(group) == "cleared" else None
        if self.state(group) in {"cleared", "named"}:
            return f"names a group that is {self.state(group)} already"
        return None if not standing else second_officer_fault(standing[0], payload["by"], public_key_of(payload))

    def state(self, group: str) -> str:
        """Return ``open, cleared, one_officer`` (a second is missing) or ``named``."""
        standing = self.standing.get(group, ())
        if not standing:
            return "open"
        if standing[0].decision == CLEAR:
            return "cleared"
        return "named" if len(standing) >= OFFICERS else "one_officer"


def decisions_of(entries: Iterable[Entry]) -> PatternDecisions:
    """Return what these entries of a custody log, oldest first, tell of decisions."""
    found = PatternDecisions()
    for entry in entries:
        if entry["kind"] == DECIDED:
            found.add(entry)
    return found


def group_digest(accounts: Iterable[str], traces: Iterable[str], patterns: Iterable[str]) -> str:
    """Return the SHA-256 of what makes a group this one: its accounts, traces and patterns, in any order."""
    content = {"accounts": sorted(accounts), "traces": sorted(traces), "patterns": sorted(patterns)}
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def payload_fault(payload: Mapping[str, Any]) -> str | None:
    """Say what is wrong with a payload by itself; None: nothing."""
    parts = [payload.get(name) for name in ("accounts", "traces", "patterns")]
    if not all(isinstance(part, list) and part and all(isinstance(one, str) for one in part) for part in parts):
        return "does not say which accounts, traces and patterns it is about"
    if payload.get("group") != group_digest(*(part for part in parts if part is not None)):
        return "is about another group than its accounts, traces and patterns make"
    reason, by = payload.get("reason"), payload.get("by")
    if payload.get("decision") not in DECISIONS or not isinstance(reason, str) or not reason.strip():
        return "has no decision that the program knows, or no reason"
    if not isinstance(by, str) or not name_key(by):
        return "does not name the officer who wrote it"
    return None


def second_officer_fault(first: PatternDecision, by: str, public_key: str | None) -> str | None:
    """Say why an officer with a key (None: without) is no second one beside the first; None: the officer is."""
    if same_person(first.by, by):
        return "is by the officer who named the group first: there was no second officer"
    if first.public_key is not None and public_key == first.public_key:
        return "is signed with the key of the first officer: there was no second officer"
    if (first.public_key is None) != (public_key is None):
        return "and the first officer's decision are not both signed: that two people decided does not show"
    return None


def public_key_of(payload: Mapping[str, Any]) -> str | None:
    """Return the public key that a payload names; None where it names none."""
    key = payload.get("key")
    public = key.get("public_key") if isinstance(key, dict) else None
    return public if isinstance(public, str) else None
