"""Which keys sign in a case: each officer's key is entered in the custody log, by itself, before it signs anything.

The entry ``officer_key`` holds the name, the public key and the head of the log, and is signed with the key. So a key
that appears later, under another name, or in the place of an officer's earlier one is seen. A rotation brings the
statement that the old key signed; where an officer lost the old key there is none, and every check says so. Entries
``key_revoked`` end a key: what was signed before them stays, what comes after does not count.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.pattern_decisions import DECIDED
from spmc_tools.case.files.clock import clock_state
from spmc_tools.case.files.officer_names import name_key
from spmc_tools.case.log.ledger import canonical_json
from spmc_tools.errors import ParameterError, quote
from spmc_tools.signing.officer_keys import fingerprint, signed_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.case.store.case import Case
    from spmc_tools.signing.officer_keys import Signer

__all__ = ["ENROLLED", "REVOKED", "KeyBook", "enrol", "log_place", "replaced", "revoke", "signature_of", "told_key"]

ENROLLED = "officer_key"
REVOKED = "key_revoked"
"""Kinds of entries in the custody log."""

_MOST_ROTATIONS = 100


@dataclass
class KeyBook:
    """The keys that a custody log tells of, read entry by entry.

    Attributes
    ----------
    current : dict
        The public key with which an officer signs now, by :func:`~spmc_tools.case.files.officer_names.name_key`.
    owner : dict
        Whose key it is (a form of the name), by public key, old ones too.
    since, until : dict
        The entry that entered a key, and the one that revoked or replaced it, by public key.
    covered : dict
        How many entries of the log each key has signed over: those it vouches for.
    """

    current: dict[str, str] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    until: dict[str, int] = field(default_factory=dict)
    covered: dict[str, int] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Take in an entry that enters, ends or uses a key; whether it is sound the check says."""
        payload, kind = entry["payload"], entry["kind"]
        public, own = str(payload.get("public_key")), told_key(payload)
        if kind == REVOKED and public in self.owner:
            self.until.setdefault(public, entry["seq"])
            if self.current.get(self.owner[public]) == public:
                del self.current[self.owner[public]]
        elif kind == ENROLLED and own is not None:
            self.enter(public, name_key(own[0]), entry["seq"])
        signers = {ENROLLED: payload, REVOKED: payload.get("by")}
        signers |= dict.fromkeys(("review", "line_up_answer", DECIDED), payload.get("key"))
        if (told := told_key(signers.get(kind))) is not None:
            self.signed_over(told[1], payload.get("ledger"))
        elif kind == "report" and isinstance(payload.get("signed_by"), str):
            self.signed_over(payload["signed_by"], {"length": entry["seq"] - 1})

    def enter(self, public: str, whose: str, seq: int) -> None:
        """Take in that a key is this officer's from an entry on; the one before it ends there."""
        before = self.current.get(whose)
        if before is not None and before != public:
            self.until.setdefault(before, seq)
        self.owner.setdefault(public, whose)
        self.since.setdefault(public, seq)
        if public not in self.until:
            self.current[whose] = public

    def signed_over(self, public: str, place: object) -> None:
        """Take in that a key signed the head of the log at a length."""
        length = place.get("length") if isinstance(place, dict) else None
        if isinstance(length, int):
            self.covered[public] = max(self.covered.get(public, 0), length)

    def can_end(self, by: str, public: str) -> bool:
        """Whether a key may end another one: itself, or one that the key to be ended vouches for."""
        return by == public or (
            by in self.since and by not in self.until and self.since[by] <= self.covered.get(public, 0)
        )

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> KeyBook:
        """Return the keys that these entries tell of."""
        book = cls()
        for entry in entries:
            book.add(entry)
        return book


def told_key(value: object) -> tuple[str, str] | None:
    """Return officer and public key as a report, a review or a pack tells them; None where it is no such key."""
    if not isinstance(value, dict):
        return None
    officer, public, mark = (value.get(name) for name in ("officer", "public_key", "fingerprint"))
    try:
        sound = isinstance(officer, str) and isinstance(public, str) and len(bytes.fromhex(public)) == 32
        if sound and public == str(public).lower() and fingerprint(str(public)) == mark:
            return str(officer), str(public)
    except ValueError:
        pass
    return None


def signature_of(payload: Mapping[str, Any], public_key: str) -> bool:
    """Tell whether a logged statement carries a signature, made with this key, over everything else that it says."""
    said = {key: value for key, value in payload.items() if key != "signature"}
    try:
        content = canonical_json(said).encode()
    except (TypeError, ValueError):
        return False
    return signed_by(public_key, payload.get("signature"), content)


def log_place(case: Case) -> dict[str, Any]:
    """Return length and head of the log as a signed statement holds them: what it binds cannot be written anew."""
    length, head = case.ledger.head()
    return {"length": length, "head": head}


def replaced(statements: object, old: str, new: str) -> bool:
    """Tell whether statements lead from one key to another, each signed by the key that is replaced."""
    now = old
    for statement in statements if isinstance(statements, list) else []:
        if not isinstance(statement, dict):
            return False
        before, after = told_key(statement.get("replaced")), told_key(statement.get("by"))
        if before is None or after is None or before[1] != now or not signature_of(statement, now):
            return False
        now = after[1]
    return now == new != old


def enrol(case: Case, signer: Signer) -> None:
    """Enter an officer's key into the custody log, where it is not the one that he signs with in this case already.

    Raises
    ------
    ParameterError
        Where the key was revoked or replaced in this case, or is entered under another name.
    """
    key, book = signer.key, KeyBook.of(case.ledger.entries())
    whose = name_key(key.officer)
    if key.public_key in book.until:
        raise ParameterError(
            f"The key {key.fingerprint} of {quote(key.officer)} was revoked or replaced in case {case.id} (entry "
            f"{book.until[key.public_key]} of the custody log); sign with the key that holds now."
        )
    if book.owner.get(key.public_key, whose) != whose:
        raise ParameterError(
            f"The key {key.fingerprint} signs in case {case.id} under another name; use a key of your own."
        )
    before = book.current.get(whose)
    if before == key.public_key:
        return
    statements = None if before is None else _statements(signer, before)
    if before is not None and statements is None:
        raise ParameterError(
            f"{quote(key.officer)} signs in case {case.id} with the key {fingerprint(before)}, which did not sign that "
            f"{key.fingerprint} replaces it; rotate keys with spmc key rotate, or, where the old one is lost, let "
            "another officer who signs in this case end it first: spmc key revoke."
        )
    payload: dict[str, Any] = {
        **key.told(),
        "replaces": before,
        "statements": statements,
        "ledger": log_place(case),
        "clock": clock_state(),
    }
    payload["signature"] = signer.sign(canonical_json(payload).encode())
    case.log(ENROLLED, payload, officer=key.officer)


def _statements(signer: Signer, old: str) -> list[Any] | None:
    """Return the statements of the rotations from an old key to this one; None where a link is missing."""
    found: list[Any] = []
    now = old
    while now != signer.key.public_key and len(found) < _MOST_ROTATIONS:
        try:
            statement = json.loads((signer.key.path / f"old-{now[:16]}.json").read_bytes())
            now = str(statement["by"]["public_key"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        found.append(statement)
    return found if replaced(found, old, signer.key.public_key) else None


def revoke(case: Case, public_key: str, reason: str, signer: Signer) -> Entry:
    """End a key in this case, as a lost one: what was signed before stays, what comes after does not count.

    Parameters
    ----------
    case : Case
        Where it ends.
    public_key : str
        Of the key that ends.
    reason : str
        Why; not empty.
    signer : Signer
        Who ends it: the key itself, or that of another officer which the key that ends has signed over before, since
        anybody else could have been put into the log.

    Raises
    ------
    ParameterError
        Where the case knows no such key, it is ended already, no reason is given, or the signer cannot end it.
    """
    entries = case.ledger.entries()
    book = KeyBook.of(entries)
    if public_key not in book.owner or public_key in book.until:
        raise ParameterError(f"Case {case.id} has no key {quote(public_key, 80)} that still signs.")
    if not reason.strip():
        raise ParameterError("Revoking a key needs a reason.")
    if not book.can_end(signer.key.public_key, public_key):
        raise ParameterError(
            f"The key of {quote(signer.key.officer)} cannot end this one: it must be the key itself, or one that was "
            "entered in the custody log before the key that ends last signed in this case."
        )
    payload: dict[str, Any] = {
        "public_key": public_key,
        "fingerprint": fingerprint(public_key),
        "reason": reason.strip(),
        "by": signer.key.told(),
        "ledger": log_place(case),
        "clock": clock_state(),
    }
    payload["signature"] = signer.sign(canonical_json(payload).encode())
    return case.log(REVOKED, payload, officer=signer.key.officer)
