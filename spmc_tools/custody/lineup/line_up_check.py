"""What the custody log says of line-ups, held against itself: they came first, and each is the one that was drawn.

The seed that an answer brings must be the one whose hash the log held while the line-up was open, and says which panel
the finding was; the review names the entry that ended the line-up of each group, or why it was skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.line_up_entries import (
    ANSWERED,
    LINE_UP,
    NOBODY,
    PANELS,
    REASONS,
    WHY_NONE,
    asked_for,
    committed,
    finding_in,
)
from spmc_tools.case.files.officer_names import name_key
from spmc_tools.errors import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spmc_tools.case.log.ledger import Entry

__all__ = ["LineUpCheck"]


class LineUpCheck:
    """The line-ups of one log, as it is read from its first entry on.

    Parameters
    ----------
    differs : callable
        Told an entry, and what is wrong with it.
    """

    def __init__(self, differs: Callable[[Entry, str], None]) -> None:
        self._differs = differs
        self._shown: dict[int, Entry] = {}
        self._answered: dict[int, int] = {}
        self._ended: dict[int, Entry] = {}
        self._reviewed: dict[tuple[str, str], int] = {}

    def shown(self, entry: Entry) -> None:
        """Check the entry of a line-up that was shown, or could not be drawn."""
        said = entry["payload"]
        self._first(entry)
        commitment, why = said.get("commitment"), said.get("why")
        if why is None and not (isinstance(commitment, str) and len(commitment) == 64):
            self._differs(entry, "holds no hash of the seed that it was drawn with")
        if why is not None and (why not in tuple(WHY_NONE) or commitment is not None):
            self._differs(entry, "does not say as the program does why no line-up could be drawn")
        self._shown[entry["seq"]] = entry
        if why is not None:
            self._ended[entry["seq"]] = entry

    def answered(self, entry: Entry) -> None:
        """Check the answer to a line-up."""
        said = entry["payload"]
        self._first(entry)
        place = said.get("shown")
        shown = self._shown.get(place) if isinstance(place, int) else None
        if (
            not isinstance(place, int)
            or shown is None
            or shown["payload"].get("why") is not None
            or not _same(shown, entry)
        ):
            self._differs(entry, "answers no line-up that was shown to this officer before")
            return
        if place in self._answered:
            self._differs(entry, f"answers the line-up of entry {place} once more, after entry {self._answered[place]}")
        self._answered[place] = entry["seq"]
        seed = said.get("seed")
        if not isinstance(seed, str) or committed(seed) != shown["payload"].get("commitment"):
            self._differs(entry, f"brings another seed than the one that the line-up of entry {place} was drawn with")
        elif said.get("finding") != finding_in(seed):
            self._differs(entry, "names another panel as the finding than its seed does")
        ordinary = said.get("ordinary")
        reasons = ordinary if isinstance(ordinary, dict) else {}
        known = set(reasons) == set(PANELS) and all(reason in tuple(REASONS) for reason in reasons.values())
        if said.get("chose") not in (*PANELS, NOBODY) or not known:
            self._differs(entry, "has no choice that the program knows, or no ordinary reason for a panel")
        self._ended[entry["seq"]] = entry

    def _first(self, entry: Entry) -> None:
        after = self._reviewed.get((str(entry["payload"].get("run_id")), name_key(entry["officer"])))
        if after is not None:
            self._differs(entry, f"comes after the verdict of entry {after}: a line-up comes first")

    def reviewed(self, entry: Entry, manifest: Mapping[str, Any] | None) -> None:
        """Check what a review says of its line-ups; ``manifest``: of its report, where that lies here."""
        said = entry["payload"]
        run_id, reviewer = str(said.get("run_id")), name_key(entry["officer"])
        again = (run_id, reviewer) in self._reviewed
        self._reviewed.setdefault((run_id, reviewer), entry["seq"])
        told = said.get("line_up")
        wanted = asked_for(manifest)
        if told is None:
            if wanted:
                self._differs(entry, "does not say whether the line-up came first")
            return
        done = told.get("done") if isinstance(told, dict) else None
        if not isinstance(done, dict):
            self._differs(entry, "does not say as the program does which line-ups came first")
            return
        for group, seq in done.items():
            ended = self._ended.get(seq) if isinstance(seq, int) else None
            if ended is None or not _same(ended, entry, group=False) or str(ended["payload"].get("group")) != group:
                self._differs(entry, f"names a line-up of group {quote(group, 20)} that did not end before it")
        skipped = told.get("skipped")
        reason = isinstance(skipped, str) and skipped.strip()
        lacking = [group for group in wanted if str(group) not in done]
        if lacking and not reason and not again:
            self._differs(entry, f"was written without the line-up of group {lacking[0]}, and says no reason")


def _same(first: Entry, second: Entry, group: bool = True) -> bool:
    """Tell whether two entries are of one report and one officer, and of one group."""
    names = ("run_id", "manifest_sha256", "group") if group else ("run_id", "manifest_sha256")
    same = all(first["payload"].get(name) == second["payload"].get(name) for name in names)
    return same and name_key(first["officer"]) == name_key(second["officer"])


KINDS = (LINE_UP, ANSWERED)
"""Kinds of the entries that are checked here."""
