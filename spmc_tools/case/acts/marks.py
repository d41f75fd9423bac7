"""What officers said of accounts: lead, cleared, needs a second look; with a reason, who and when, in the custody log.

Nothing is ever changed or taken away: an undo is an entry, too. Each entry names, for each of its accounts, the entry
of a mark that its writer had seen last. One whose writer had not seen the newest does not count: of two people who mark
an account at once the first one's mark stands, and the second is told whose it is.

A mark is an officer's opinion of the day. It is no finding, and nobody is ranked by it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.logged_act import LoggedAct
from spmc_tools.case.store.batches import batches_of
from spmc_tools.errors import CaseError, ParameterError, quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.case.store.case import Case

__all__ = [
    "CLEARED",
    "LEAD",
    "MARKS",
    "SECOND_LOOK",
    "WITHDRAWN",
    "Mark",
    "Marks",
    "files_known",
    "mark",
    "marks_of",
    "redo",
    "undo",
]

LEAD, CLEARED, SECOND_LOOK, WITHDRAWN = "lead", "cleared", "second_look", "withdrawn"
MARKS = (LEAD, CLEARED, SECOND_LOOK, WITHDRAWN)
"""What may be said; ``withdrawn``: nothing stands any more."""

_LONGEST, _MOST = 2000, 100_000


@dataclass(frozen=True, slots=True)
class Mark(LoggedAct):
    """One mark: which accounts, what is said of them and why."""

    accounts: tuple[str, ...]
    mark: str
    reason: str


@dataclass
class Marks:
    """All marks of a case as they stood when it was read.

    Attributes
    ----------
    made : dict
        seq -> mark, those that count, undone ones too.
    undone : list of int
        seq of marks that are undone, in the order in which they were.
    not_counted : dict
        seq of an entry whose writer had not seen the newest mark of an account -> seq of that one.
    seen : dict
        account -> seq of the last entry that concerns it.
    """

    made: dict[int, Mark] = field(default_factory=dict)
    undone: list[int] = field(default_factory=list)
    not_counted: dict[int, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    stacks: dict[str, list[int]] = field(default_factory=dict, repr=False)

    def of(self, account_id: str) -> Mark | None:
        """Return what stands of an account; None where nothing does."""
        stack = self.stacks.get(account_id)
        last = self.made[stack[-1]] if stack else None
        return None if last is None or last.mark == WITHDRAWN else last

    def standing(self) -> dict[str, Mark]:
        """Return account -> mark of every account of which something stands, by id."""
        found = {account: self.of(account) for account in sorted(self.stacks)}
        return {account: mark for account, mark in found.items() if mark is not None}

    def history(self, account_id: str) -> list[Mark]:
        """Return every mark of an account that counts, oldest first, undone ones too."""
        return [mark for mark in self.made.values() if account_id in mark.accounts]

    def on_top(self, mark: Mark) -> bool:
        """Say whether a mark is the newest of each of its accounts, so that it can be undone."""
        return all(self.stacks.get(account, [])[-1:] == [mark.seq] for account in mark.accounts)


def marks_of(case: Case) -> Marks:
    """Return the marks of a case, read from its custody log.

    Raises
    ------
    IntegrityError
        Where the log cannot be read.
    """
    return _replayed(case.ledger.entries())


def _replayed(entries: Sequence[Entry]) -> Marks:
    marks = Marks()
    for entry in entries:
        if entry["kind"] in {"mark", "mark_undone", "mark_redone"}:
            _take(marks, entry)
    return marks


def _take(marks: Marks, entry: Entry) -> None:
    """Let one entry count where it fits what stood before it."""
    payload, seq = entry["payload"], entry["seq"]
    after = payload.get("after")
    if not isinstance(after, dict) or not after:
        return
    newer = [marks.seen.get(account, 0) for account, seen in after.items() if marks.seen.get(account, 0) != seen]
    if newer:
        marks.not_counted[seq] = max(newer)
        return
    if entry["kind"] == "mark":
        if payload.get("mark") not in MARKS:
            return
        new_mark = Mark(
            seq, entry["at"], str(payload.get("by")), tuple(after), payload["mark"], str(payload.get("reason", ""))
        )
        marks.made[seq] = new_mark
        for account in new_mark.accounts:
            marks.stacks.setdefault(account, []).append(seq)
    else:
        old = marks.made.get(payload.get("of", 0))
        if old is None or set(old.accounts) != set(after):
            return
        if entry["kind"] == "mark_undone":
            for account in old.accounts:
                marks.stacks[account].remove(old.seq)
            marks.undone.append(old.seq)
        elif old.seq in marks.undone:
            marks.undone.remove(old.seq)
            for account in old.accounts:
                marks.stacks[account].append(old.seq)
    marks.seen.update(dict.fromkeys(after, seq))


def mark(  # noqa: PLR0913 -- who, what and why are asked for by name
    case: Case,
    accounts: str | Iterable[str],
    what: str,
    reason: str,
    *,
    by: str | None = None,
    seen: Marks | None = None,
) -> Mark:
    """Mark accounts and return the mark; it stands in the custody log when this returns.

    Parameters
    ----------
    case : Case
        Whose accounts they are.
    accounts : str or iterable of str
        Ids, as in the records.
    what : {"lead", "cleared", "second_look", "withdrawn"}
        What is said of all of them.
    reason : str
        Why; from 1 to 2,000 characters.
    by : str, optional
        Who says it; None: the officer of the case.
    seen : Marks, optional
        What the officer had before their eyes; None: what stands now.

    Raises
    ------
    ParameterError
        Where an account, the mark or the reason does not fit; nothing is logged.
    CaseError
        Where somebody else marked one of the accounts in the meantime: theirs stands.
    IntegrityError
        Where the custody log is broken.
    """
    ids = [accounts] if isinstance(accounts, str) else list(dict.fromkeys(accounts))
    if what not in MARKS:
        raise ParameterError(f"{quote(what)} is no mark; wanted one of {', '.join(MARKS)}.")
    if not ids or len(ids) > _MOST or not all(isinstance(account, str) and account for account in ids):
        raise ParameterError("No account is chosen, so nothing can be marked; choose one in the network or the table.")
    if not reason.strip() or len(reason) > _LONGEST:
        raise ParameterError(
            f"A mark needs a reason, from 1 to {_LONGEST:,} characters; found {len(reason):,}.",
            key="mark_reason", most=_LONGEST, found=len(reason),
        )  # fmt: skip
    known = marks_of(case) if seen is None else seen
    who = by or case.officer
    after = {account: known.seen.get(account, 0) for account in ids}
    entry = case.log("mark", {"mark": what, "reason": reason.strip(), "by": who, "after": after})
    now = _counted(case, entry)
    return now.made[entry["seq"]]


def undo(case: Case, *, by: str | None = None) -> Mark | None:
    """Undo the last mark of an officer that stands, and return it; None where there is none.

    Raises
    ------
    CaseError
        Where somebody else has marked one of its accounts since.
    """
    marks, who = marks_of(case), by or case.officer
    officer_marks = [mark for mark in marks.made.values() if mark.by == who and mark.seq not in marks.undone]
    if not officer_marks:
        return None
    last = officer_marks[-1]
    if not marks.on_top(last):
        raise CaseError(
            f"The last mark of {quote(who)} cannot be undone: somebody else has marked the same account since. "
            "Mark it anew instead.",
            key="mark_covered",
            who=quote(who),
        )
    _counted(case, case.log("mark_undone", _step(marks, last, who)))
    return last


def redo(case: Case, *, by: str | None = None) -> Mark | None:
    """Put back the mark that an officer undid last, and return it; None where there is none, or a newer mark."""
    marks, who = marks_of(case), by or case.officer
    undone = [marks.made[seq] for seq in marks.undone if marks.made[seq].by == who]
    if not undone:
        return None
    last = undone[-1]
    newer = [mark for mark in marks.made.values() if mark.seq > last.seq and mark.seq not in marks.undone]
    if any(set(mark.accounts) & set(last.accounts) for mark in newer):
        return None
    _counted(case, case.log("mark_redone", _step(marks, last, who)))
    return last


def _step(marks: Marks, mark: Mark, who: str) -> dict[str, Any]:
    return {"of": mark.seq, "by": who, "after": {account: marks.seen[account] for account in mark.accounts}}


def _counted(case: Case, entry: Entry) -> Marks:
    """Return the marks with an entry that was just written, where it counts."""
    marks = marks_of(case)
    if (other := marks.not_counted.get(entry["seq"])) is not None:
        theirs = marks.made.get(other)
        if theirs is None:
            raise CaseError(
                "A mark of one of these accounts was undone or put back by somebody in the meantime; that stands, and "
                "yours does not. Look at it, and mark again if you still want to.",
                key="mark_changed",
            )
        raise CaseError(
            f"One of these accounts was marked by {quote(theirs.by)} as {theirs.mark} in the meantime; that stands, "
            "and yours does not. Look at it, and mark again if you still want to.",
            key="mark_taken",
            who=quote(theirs.by),
            mark=theirs.mark,
        )
    return marks


def files_known(case: Case, seqs: Iterable[int]) -> Mapping[int, frozenset[str]]:
    """Return, for entries of the log by their number, the SHA-256 of every file that the case held before it."""
    entries = case.ledger.entries()
    imports = {entry["payload"].get("source_sha256"): entry["seq"] for entry in entries if entry["kind"] == "import"}
    held = {batch.source_sha256: imports.get(batch.source_sha256, 0) for batch in batches_of(entries)}
    return {seq: frozenset(sha for sha, at in held.items() if at < seq) for seq in seqs}
