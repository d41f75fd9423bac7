"""Deciding about a group that an ordinary pattern explains: one officer clears it, two name it, any withdraws.

Where any officer signs in the case by key, those who name sign, too: an invented first officer would else be enough.
What became of it stands in :mod:`spmc_tools.findings.result.decided_patterns`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.pattern_decisions import (
    CLEAR,
    DECIDED,
    DECISIONS,
    NAME,
    WITHDRAW,
    PatternDecisions,
    decisions_of,
    second_officer_fault,
)
from spmc_tools.case.files.clock import clock_state
from spmc_tools.case.files.officer_names import name_key
from spmc_tools.case.files.typed_text import typed_line
from spmc_tools.case.log.ledger import canonical_json
from spmc_tools.errors import CaseError, ParameterError, quote
from spmc_tools.signing.enrolment import KeyBook, enrol, log_place
from spmc_tools.signing.officer_keys import fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.decided_patterns import PatternGroup
    from spmc_tools.signing.officer_keys import Signer

__all__ = ["decide", "group_of"]

_FEWEST = 6


def group_of(groups: Sequence[PatternGroup], typed: str) -> PatternGroup:
    """Return the group whose digest begins with what was typed.

    Raises
    ------
    ParameterError
        Where none does, or several do.
    """
    begin = typed.strip().lower()
    found = [group for group in groups if group.digest.startswith(begin)] if len(begin) >= _FEWEST else []
    if len(found) != 1:
        many = f"{len(found)} groups begin so" if found else "no group that an ordinary pattern explains begins so now"
        raise ParameterError(
            f"{quote(typed)}: {many}; type {_FEWEST} characters or more of a group as spmc decide CASE lists them."
        )
    return found[0]


def decide(  # noqa: PLR0913 -- who, what and why are asked for by name
    case: Case, group: PatternGroup, decision: str, reason: str, *, officer: str, signer: Signer | None = None
) -> str:
    """Log what an officer decides of a group, and return the state of the group then.

    Parameters
    ----------
    case : Case
        Whose group it is.
    group : PatternGroup
        As the officer saw it.
    decision : {"clear", "name", "withdraw"}
        One officer clears or withdraws; the second one who names, names.
    reason : str
        Why, in one line.
    officer : str
        Who decides.
    signer : Signer, optional
        The officer's own key; None: the log then shows a name and no more.

    Returns
    -------
    str
        ``cleared, one_officer`` (a second is missing), ``named`` or ``open``.

    Raises
    ------
    ParameterError
        Where a part does not fit, the second officer is the first, or a key is needed; nothing is logged.
    CaseError
        Where the state of the group does not allow it, or somebody decided of it in the meantime.
    IntegrityError
        Where the custody log is broken.
    """
    if decision not in DECISIONS:
        raise ParameterError(f"The decision {quote(decision)} is not known; wanted one of {', '.join(DECISIONS)}.")
    name, why = typed_line(officer, "--as", 300), typed_line(reason, "The reason")
    entries = case.ledger.entries()
    made = decisions_of(entries)
    _allowed(made, group, decision)
    _signed_as_needed(KeyBook.of(entries), decision, name, signer)
    public = None if signer is None else signer.key.public_key
    if decision == NAME and (standing := made.standing.get(group.digest)):
        fault = second_officer_fault(standing[0], name, public)
        if fault is not None:
            raise ParameterError(
                f"Naming group {group.digest[:12]} takes two officers, each with an own key where keys are used: "
                f"{quote(standing[0].by)} named it first, and this decision {fault}."
            )
    if signer is not None:
        enrol(case, signer)
    last = made.last.get(group.digest)
    payload: dict[str, Any] = {
        "group": group.digest,
        "accounts": list(group.accounts),
        "traces": list(group.traces),
        "patterns": list(group.patterns),
        "decision": decision,
        "reason": why,
        "by": name,
        "after": None if last is None else {"seq": last["seq"], "hash": last["hash"]},
        "key": None if signer is None else signer.key.told(),
        "clock": clock_state(),  # signed with the rest
    }
    if signer is not None:
        payload["ledger"] = log_place(case)  # so that nothing before it can be written anew
    signature = None if signer is None else signer.sign(canonical_json(payload).encode())
    entry = case.log(DECIDED, {**payload, "signature": signature}, officer=name)
    now = decisions_of(case.ledger.entries())
    if entry["seq"] in now.overtaken:
        raise CaseError(
            f"Somebody else decided of group {group.digest[:12]} in the meantime; that stands, and yours does not. "
            "List the groups again, and decide anew if you still want to."
        )
    return now.state(group.digest)


def _allowed(made: PatternDecisions, group: PatternGroup, decision: str) -> None:
    """Refuse what the state of the group does not allow; what lapsed is withdrawn before it is decided anew."""
    state, standing = made.state(group.digest), made.standing.get(group.digest, ())
    short = group.digest[:12]
    if decision == WITHDRAW:
        if not standing:
            raise CaseError(f"Nothing stands of group {short} that could be withdrawn.")
        return
    if group.state == "lapsed":
        raise CaseError(
            f"Posts came after what stands of group {short} was decided, so it no longer holds; withdraw it, look at "
            "the posts, and decide anew."
        )
    if (state, decision) in {("cleared", CLEAR), ("cleared", NAME), ("named", NAME)}:
        last = standing[-1]
        raise CaseError(
            f"Group {short} is {state} already, by {quote(last.by)} on {last.at[:10]} (entry {last.seq}); to decide "
            "otherwise, withdraw that first."
        )


def _signed_as_needed(book: KeyBook, decision: str, name: str, signer: Signer | None) -> None:
    if signer is not None:
        if name_key(signer.key.officer) != name_key(name):
            raise ParameterError(f"The key is that of {quote(signer.key.officer)}, the officer is {quote(name)}.")
        return
    known = book.current.get(name_key(name))
    if known is not None:
        raise ParameterError(
            f"{quote(name)} signs in this case with the key {fingerprint(known)}; decide where that key is."
        )
    if decision == NAME and book.current:
        raise ParameterError(
            "Officers sign in this case by key, so both who name a group against its pattern do: type "
            f"spmc key new --as {quote(name)}, tell others its fingerprint, and decide again."
        )
