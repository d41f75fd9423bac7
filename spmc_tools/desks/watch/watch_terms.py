"""Watch terms of a case, and what was decided on posts of its watch: both stand in the custody log.

A term is compared with a post by match key, so that nukta, joiners, digits of another script and case make no
difference. None comes with the product: it is the case's own, entered with a reason, by whom and when in the log, and
shown in every report.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import ParameterError, quote
from spmc_tools.text.match_key import match_key

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case

__all__ = [
    "DECISIONS", "WatchTerm", "add_watch_term", "decide", "decisions_of", "remove_watch_term",
    "thing_id", "watch_terms",
]  # fmt: skip

DECISIONS = ("refer", "rebut", "clear", "wait")
"""What a person can decide on a post of the watch."""

SHORTEST = 3
"""A term whose match key has fewer characters would match everything."""


@dataclass(frozen=True, slots=True)
class WatchTerm:
    """One term: as typed, its match key, why it is watched, who entered it and when (UTC)."""

    term: str
    key: str
    reason: str
    by: str
    at: str


def watch_terms(case: Case) -> list[WatchTerm]:
    """Return the terms of a case that were not taken back, in the order in which they were entered."""
    found: dict[str, WatchTerm] = {}
    for entry in case.ledger.entries():
        payload = entry["payload"]
        if entry["kind"] == "watch_term":
            found[payload["key"]] = WatchTerm(
                payload["term"], payload["key"], payload["reason"], entry["officer"], entry["at"]
            )
        elif entry["kind"] == "watch_term_removed":
            found.pop(payload["key"], None)
    return list(found.values())


def add_watch_term(case: Case, term: str, reason: str) -> WatchTerm:
    """Enter a term; return it.

    Raises
    ------
    ParameterError
        Where it is too short to say anything, is there already, or has no reason.
    """
    key = match_key(term)
    if len(key) < SHORTEST:
        raise ParameterError(f"{quote(term)} is too short to watch for: wanted at least {SHORTEST} letters or digits.")
    if not reason.strip():
        raise ParameterError("A watch term needs a reason: what it has to do with this case.")
    if key in {watch_term.key for watch_term in watch_terms(case)}:
        raise ParameterError(f"{quote(term)} is watched for already in case {case.id}.")
    case.log("watch_term", {"term": term.strip(), "key": key, "reason": reason.strip()})
    return watch_terms(case)[-1]


def remove_watch_term(case: Case, term: str, reason: str) -> None:
    """Take a term back; both entries stay in the log.

    Raises
    ------
    ParameterError
        Where the case does not watch for it, or no reason is given.
    """
    key = match_key(term)
    if key not in {watch_term.key for watch_term in watch_terms(case)}:
        raise ParameterError(f"Case {case.id} does not watch for {quote(term)}.")
    if not reason.strip():
        raise ParameterError("Taking a watch term back needs a reason.")
    case.log("watch_term_removed", {"term": term.strip(), "key": key, "reason": reason.strip()})


def thing_id(leader: str) -> str:
    """Return the short name of a text or post of the watch, under which decisions on it are kept."""
    return hashlib.sha256(leader.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def decide(case: Case, thing: str, decision: str, reason: str) -> None:
    """Write down what was decided on a thing of the watch.

    Parameters
    ----------
    thing : str
        Its name in the queue, as :func:`thing_id` gives it.
    decision : {"refer", "rebut", "clear", "wait"}
        What is to be done.
    reason : str
        Why; not empty.

    Raises
    ------
    ParameterError
        Where the decision is not known or has no reason.
    """
    if decision not in DECISIONS:
        raise ParameterError(f"decision is {quote(decision)}, wanted one of {', '.join(DECISIONS)}.")
    if not reason.strip():
        raise ParameterError("A decision needs a reason.")
    case.log("watch_decision", {"thing": thing, "decision": decision, "reason": reason.strip()})


def decisions_of(case: Case) -> dict[str, dict[str, Any]]:
    """Return the last decision on each thing: ``decision, reason, by, at``."""
    found: dict[str, dict[str, Any]] = {}
    for entry in case.ledger.entries():
        if entry["kind"] == "watch_decision":
            payload = entry["payload"]
            found[payload["thing"]] = {
                "decision": payload["decision"],
                "reason": payload["reason"],
                "by": entry["officer"],
                "at": entry["at"],
            }
    return found
