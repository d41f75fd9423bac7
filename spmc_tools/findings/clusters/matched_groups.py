"""Which group of a later look is which of an earlier one, by their members.

Two groups are the same where they share at least two accounts and half of the smaller one; of several candidates, those
that share most are matched first, each group once. Known false positive: of a group that split, one half only is "the
same", the other is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["LEAST", "Matched", "matched"]

LEAST = 2
"""Two groups share at least so many accounts, and half of the smaller one, to be the same."""


@dataclass(frozen=True, slots=True)
class Matched:
    """Which group of a later look is which of an earlier one: pairs of places, and the places without a partner."""

    same: tuple[tuple[int, int], ...]
    gone: tuple[int, ...]
    new: tuple[int, ...]


def matched(before: Sequence[Iterable[str]], after: Sequence[Iterable[str]]) -> Matched:
    """Return which groups are the same.

    Parameters
    ----------
    before, after : sequence of collections of str
        The members of each group.
    """
    old, new = [frozenset(members) for members in before], [frozenset(members) for members in after]
    candidates = []
    for a, earlier in enumerate(old):
        for b, later in enumerate(new):
            shared = len(earlier & later)
            if shared >= LEAST and 2 * shared >= min(len(earlier), len(later)):
                candidates.append((-shared, len(earlier ^ later), a, b))
    pairs: dict[int, int] = {}
    for _, _, a, b in sorted(candidates):
        if a not in pairs and b not in pairs.values():
            pairs[a] = b
    return Matched(
        tuple(sorted(pairs.items(), key=lambda pair: pair[1])),
        tuple(a for a in range(len(old)) if a not in pairs),
        tuple(b for b in range(len(new)) if b not in pairs.values()),
    )
