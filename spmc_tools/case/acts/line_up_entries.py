"""Line-ups before a review, as the custody log tells of them: shown, answered, not possible, or skipped with a reason.

The seed of a line-up says which of its three panels is the finding. While it is open the log holds the hash of the
seed alone; the answer brings the seed, and whoever reads the log can tell that it is the one that was drawn.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.officer_names import name_key
from spmc_tools.case.log.settings import CONTEXT_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.case.log.ledger import Entry

__all__ = [
    "ANSWERED", "LINE_UP", "MOST_GROUPS", "NOBODY", "NO_REASON", "PANELS", "REASONS", "WHY_NONE", "LineUp", "asked_for",
    "committed", "finding_in", "line_ups_of", "permuted",
]  # fmt: skip

LINE_UP = "line_up"
ANSWERED = "line_up_answer"
"""Kinds of entries in the custody log."""

PANELS, NOBODY = ("A", "B", "C"), "none"
"""What can be chosen: one of the panels, or none of them."""

NO_REASON = "no_reason"
REASONS = (*CONTEXT_KINDS, "occasion", NO_REASON)
"""Ordinary reasons that posts may have: who such accounts are, a common occasion, or none that comes to mind."""

WHY_NONE = ("few", "quiet")
"""Why no line-up could be drawn: too few ordinary accounts, or too few that post as much as the group."""

MOST_GROUPS = 3
"""Groups of a report that are lined up: those with a page of their own."""


@dataclass(frozen=True, slots=True)
class LineUp:
    """One line-up of a group.

    Attributes
    ----------
    seq, at, officer, group
        Of its entry in the custody log: number, time, who, and the place of the group in the report.
    commitment : str
        The hash of its seed; "" where none could be drawn.
    why : str or None
        Why none could be drawn, one of :data:`WHY_NONE`.
    answer : Entry or None
        The entry that answers it.
    """

    seq: int
    at: str
    officer: str
    group: int
    commitment: str
    why: str | None
    answer: Entry | None

    @property
    def done(self) -> int | None:
        """Number of the entry that ends it: the answer, or itself where none could be drawn; None: it is open."""
        if self.why is not None:
            return self.seq
        return None if self.answer is None else self.answer["seq"]

    @property
    def chose(self) -> str | None:
        """What was chosen: ``finding``, ``filler`` or ``none``; None without an answer."""
        if self.answer is None:
            return None
        said = self.answer["payload"]
        if said.get("chose") == NOBODY:
            return NOBODY
        return "finding" if said.get("chose") == finding_in(str(said.get("seed"))) else "filler"


def committed(seed: str) -> str:
    """Return the hash by which the log holds a seed before the answer."""
    return hashlib.sha256(f"line-up seed {seed}".encode("utf-8", "surrogatepass")).hexdigest()


def permuted(seed: str) -> tuple[int, ...]:
    """Return which of finding (0) and fillers (1, 2) stands in each panel, from the first."""
    number = int.from_bytes(hashlib.sha256(f"line-up order {seed}".encode("utf-8", "surrogatepass")).digest()) % 6
    first, rest = divmod(number, 2)
    others = [place for place in range(3) if place != first]
    return (first, *(others if rest else reversed(others)))


def finding_in(seed: str) -> str:
    """Return the panel in which the finding stands."""
    return PANELS[permuted(seed).index(0)]


def asked_for(manifest: Mapping[str, Any] | None) -> tuple[int, ...]:
    """Return the places of the groups of a report that are lined up before its review; none of an older report."""
    if manifest is None or manifest.get("line_up") is not True:
        return ()
    facts = manifest.get("facts")
    outcome = facts.get("outcome") if isinstance(facts, dict) else None
    groups = outcome.get("groups") if isinstance(outcome, dict) else None
    there = groups if isinstance(groups, int) and not isinstance(groups, bool) else 0
    return tuple(range(1, min(there, MOST_GROUPS) + 1))


def line_ups_of(entries: Sequence[Entry], run_id: str, officer: str | None = None) -> list[LineUp]:
    """Return the line-ups of a report, oldest first; of one officer where he is named, whatever the spelling."""
    answers = {
        entry["payload"].get("shown"): entry
        for entry in entries
        if entry["kind"] == ANSWERED and entry["payload"].get("run_id") == run_id
    }
    found = []
    for entry in entries:
        said = entry["payload"]
        if entry["kind"] != LINE_UP or said.get("run_id") != run_id:
            continue
        if officer is not None and name_key(entry["officer"]) != name_key(officer):
            continue
        group, why = said.get("group"), said.get("why")
        found.append(
            LineUp(
                seq=entry["seq"],
                at=entry["at"],
                officer=entry["officer"],
                group=group if isinstance(group, int) else 0,
                commitment=str(said.get("commitment") or ""),
                why=str(why) if why is not None else None,
                answer=answers.get(entry["seq"]),
            )
        )
    return found
