"""Whether something that is to leave holds the words of an account that is in no finding.

A redacted report shows the texts that a finding needs, and those alone. Every text of another account is cut into runs
of six words that stand beside each other; a run that also stands in what leaves, and neither in a text that the finding
needs nor in words of ours, is a leak. Runs over a mention, an address or a number are left out: those were masked.

Notes
-----
Not looked for: texts of fewer than six plain words in a row, which are counted, and messages of citizens to the
office, which the pages of the desks mask by themselves. Known false alarm: six words in a row that a report, or an
officer's own sentence, has in common with somebody's post, as a quoted headline.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from spmc_tools.case.store.case import Case

__all__ = ["Needed", "TextCheck"]

WORDS = 6
_MASKED = frozenset("@＠/:")


@dataclass
class Needed:
    """What the findings of a run need: ``accounts`` that they name, and ``texts`` that they show, as written."""

    accounts: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    """Yield every six words beside each other without one that may have been masked."""
    words = text.split()
    plain = [not _MASKED.intersection(word) and not any(sign.isdigit() for sign in word) for word in words]
    together = 0
    for place, is_plain in enumerate(plain, start=1):
        together = together + 1 if is_plain else 0
        if together >= WORDS:
            yield tuple(words[place - WORDS : place])


class TextCheck:
    """Collects what leaves, and then says which words of it are those of accounts that are in no finding.

    Attributes
    ----------
    looked_for, too_short : int
        Different texts of such accounts, and those of them that are too short to be told from others.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[str, ...], str] = {}
        self.looked_for = 0
        self.too_short = 0

    def see(self, text: str, place: str) -> None:
        """Note what stands at a place of what leaves."""
        for run in _runs(text):
            self._seen.setdefault(run, place)

    def found(self, case: Case, needed: Needed, own_texts: Iterable[str]) -> dict[str, str]:
        """Return the words that must not leave, with the place where they stand; of each text the first six.

        Parameters
        ----------
        case : Case
            Whose texts must not leave.
        needed : Needed
            What the findings need.
        own_texts : iterable of str
            Words of ours and of the office: of an empty report, of the settings, of registered claims.
        """
        import pyarrow.compute as pc

        table = case.table("records", ["record_id", "account_id", "text"])
        inbox = case.table("messages", ["record_id"])["record_id"]
        table = table.filter(
            pc.and_(pc.is_valid(table["text"]), pc.invert(pc.is_in(table["record_id"], value_set=inbox)))
        )
        named = pc.is_in(table["account_id"], value_set=_array(needed.accounts))
        for text in [*own_texts, *needed.texts, *table.filter(named)["text"].unique().to_pylist()]:
            for run in _runs(text):
                self._seen.pop(run, None)
        leaks: dict[str, str] = {}
        for text in table.filter(pc.invert(named))["text"].unique().to_pylist():
            runs = list(_runs(text))
            self.looked_for += bool(runs)
            self.too_short += not runs
            hit = next((run for run in runs if run in self._seen), None)
            if hit is not None:
                leaks[" ".join(hit)] = self._seen[hit]
        return leaks


def _array(values: Iterable[str]) -> Any:
    import pyarrow as pa

    return pa.array(sorted(values), pa.string())
