r"""Likenesses that come again: texts of two accounts that are loosely alike, on one occasion after the other.

One loose likeness (:mod:`~spmc_tools.text.loose_likeness`) says nothing: comments on one event have it. That it comes
again between the same two accounts is compared with chance:

1. :math:`n` of two accounts: occasions with a likeness within ten minutes, six hours apart.
2. Chance of a likeness, :math:`\rho_B`: likenesses over pairs of texts within ten minutes, in the same six hours
   *B* and in the whole table, without the pairs of accounts that have two occasions or more; the larger one.
3. Their own, :math:`\rho_{ab}`: likenesses over pairs of texts of the two that are more than ten minutes apart. Two who
   write about one subject have them at any time.
4. The two expect :math:`\lambda = \sum \max(\rho_B, \rho_{ab})` over the pairs of their texts within ten minutes;
   evidence is :math:`-\log_{10} P(\mathrm{Poisson}(\lambda) \ge n)`, from :data:`OCCASIONS` on.
5. An account's probability is that of its third strongest partner, times the number of accounts; q is its
   false-discovery rate over all accounts, as in sessions (:mod:`~spmc_tools.chance.sessions.session_groups`). Accounts
   with q below .05 that are tied to each other by evidence beyond the same bound form a group.

Known errors. Desks that write up one wire, each in its own words, within ten minutes, day after day, are such a group.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from spmc_tools.chance.sessions.session_pairs import STRONGEST, evidence
from spmc_tools.chance.statistics.false_discovery import LEVEL, adjusted
from spmc_tools.compiled import compiled
from spmc_tools.text.loose_likeness import likenesses, share_alike

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spmc_tools.text.loose_likeness import Words

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int32]
    Longs = NDArray[np.int64]

__all__ = ["CAP", "OCCASIONS", "PARTNERS", "WITHIN_S", "AlikeGroup", "AlikeTests", "Texts", "alike_tests"]

WITHIN_S = 600
"""Two texts are alike at one time if they are at most so many seconds apart, inclusive."""

OCCASIONS, PARTNERS = 3, 3
"""So many occasions make a pair that is tested; an account stands by its partner of this rank."""

CAP = 30.0
"""Evidence of a pair counts for at most this in the order of accounts, as in sessions."""

_GAP_S = 6 * 3600
_LEAST_EXPECTED = 1e-6
_FEWEST_TEXTS, _MOST_TEXTS, _MOST_COMPARED, _MOST_PAIRS = 30, 100, 500_000_000, 500_000


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts in order of time.

    ``account``: codes of accounts, all below ``n_accounts``. ``copy``: which copies a text is one of. ``second``: since
    1970 UTC, ascending. ``words``: of their match keys.
    """

    account: Codes
    copy: Codes
    second: Longs
    words: Words
    n_accounts: int


@dataclass(frozen=True, slots=True)
class AlikeGroup:
    """Accounts whose texts are alike again and again.

    ``members``: account codes, ascending. ``n_ties``: pairs of them beyond the bound. ``n_met``: occasions of these
    pairs, ``expected`` by chance. ``p``: the largest of the members'. ``texts``: numbers of the members' texts that are
    alike, a list for each time that hangs together, those of most members first.
    """

    members: Codes
    n_ties: int
    n_met: int
    expected: float
    p: float
    texts: tuple[Longs, ...]


@dataclass(frozen=True, slots=True)
class AlikeTests:
    """What recurring likenesses say of each account, arrays of shape (n_accounts,), and the groups.

    ``p``, ``q``: see the module. ``strength``: sum of the evidence with the five strongest partners beyond the bound,
    each at most :data:`CAP`, as in sessions; 0 where these are fewer than three. It orders accounts. ``groups``:
    largest first. ``n_alike``: likenesses in all. ``n_left_out``: pairs that were not tested because there are too
    many, those with the least evidence.
    """

    p: Floats
    q: Floats
    strength: Floats
    groups: tuple[AlikeGroup, ...]
    n_alike: int
    n_left_out: int


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of accounts with a likeness: ``a < b``, occasions, expected by chance, evidence."""

    a: Longs
    b: Longs
    n: Longs
    expected: Floats
    evidence: Floats

    def among(self, kept: NDArray[np.bool_]) -> _Pairs:
        """Return some of them."""
        return _Pairs(self.a[kept], self.b[kept], self.n[kept], self.expected[kept], self.evidence[kept])


def alike_tests(texts: Texts) -> AlikeTests:
    """Return whose texts are alike again and again."""
    n = texts.n_accounts
    earlier, later = likenesses(texts.words, texts.account, texts.copy, texts.second, WITHIN_S)
    price = math.log10(max(n, 1))
    least = price - math.log10(LEVEL)
    pairs, left_out = _tested(texts, earlier, later, least)
    pairs = pairs.among(pairs.evidence >= least)
    third, strength = np.zeros(n), np.zeros(n)
    if pairs.a.size:
        both = np.concatenate((pairs.a, pairs.b))
        value = np.tile(pairs.evidence, 2)
        order = np.lexsort((-value, both))
        rank = np.arange(both.size) - np.searchsorted(both[order], both[order])
        stands = rank == PARTNERS - 1
        third[both[order][stands]] = value[order][stands]
        strongest = order[rank < STRONGEST]
        strength = np.bincount(both[strongest], np.minimum(value[strongest], CAP), n).astype(float)
        strength[third == 0] = 0.0
    p = np.where(third > 0, np.minimum(1.0, 10.0 ** (price - third)), 1.0)
    q = adjusted(p, n)
    groups = _groups(texts, pairs, (earlier, later), p, q < LEVEL)
    return AlikeTests(p, q, strength, groups, int(earlier.size), left_out)


def _tested(texts: Texts, earlier: Codes, later: Codes, least: float) -> tuple[_Pairs, int]:
    """Return the pairs with occasions enough and, as far as everybody's rate tells, evidence enough; what is left out.

    Their own rate is looked at last, since it costs most.
    """
    second = texts.second
    key, n = _occasions(texts, earlier, later)
    of_likeness = np.searchsorted(key, _key(texts, earlier, later))
    block = (second - second.min(initial=0)) // _GAP_S
    near = np.bincount(block, np.searchsorted(second, second + WITHIN_S, side="right") - np.arange(second.size) - 1)
    once = earlier[n[of_likeness] < 2]
    alike = np.bincount(block[once], minlength=near.size)
    rate = np.maximum(alike / np.maximum(near, 1), alike.sum() / max(near.sum(), 1))
    tested = np.flatnonzero(n >= OCCASIONS)
    a, b = key[tested] // texts.n_accounts, key[tested] % texts.n_accounts
    order = np.lexsort((second, texts.account))
    ptr = np.searchsorted(texts.account[order], np.arange(texts.n_accounts + 1))
    everybody, nobody = rate[block], np.zeros(tested.size)
    usual = _expected((ptr, order), second, everybody, (a, b, nobody), WITHIN_S)
    pairs = _with_evidence(_Pairs(a, b, n[tested], usual, np.zeros(tested.size)))
    pairs = pairs.among(pairs.evidence >= least)
    strongest = np.sort(np.argsort(-pairs.evidence, kind="stable")[:_MOST_PAIRS])
    left_out = pairs.a.size - strongest.size
    pairs = pairs.among(np.isin(np.arange(pairs.a.size), strongest))
    if not pairs.a.size:
        return pairs, left_out
    most = int(np.clip(math.isqrt(_MOST_COMPARED // pairs.a.size), _FEWEST_TEXTS, _MOST_TEXTS))
    own = np.array([_apart(texts, order, ptr, ends, most) for ends in zip(pairs.a, pairs.b, strict=True)])
    expected = _expected((ptr, order), second, everybody, (pairs.a, pairs.b, own), WITHIN_S)
    return _with_evidence(_Pairs(pairs.a, pairs.b, pairs.n, expected, pairs.evidence)), left_out


def _key(texts: Texts, earlier: Codes, later: Codes) -> Longs:
    one, other = texts.account[earlier].astype(np.int64), texts.account[later].astype(np.int64)
    return np.minimum(one, other) * texts.n_accounts + np.maximum(one, other)


def _occasions(texts: Texts, earlier: Codes, later: Codes) -> tuple[Longs, Longs]:
    """Return the pairs of accounts with a likeness, as numbers, and how many occasions each has, six hours apart."""
    key = _key(texts, earlier, later)
    order = np.lexsort((texts.second[earlier], key))
    pairs, n = _counted(key[order], texts.second[earlier][order], _GAP_S)
    return pairs, n


def _with_evidence(pairs: _Pairs) -> _Pairs:
    expected = np.maximum(pairs.expected, _LEAST_EXPECTED)
    found = [float(evidence(n, e)) for n, e in zip(pairs.n, expected, strict=True)]
    return _Pairs(pairs.a, pairs.b, pairs.n, expected, np.array(found, np.float64))


def _apart(texts: Texts, order: Longs, ptr: Longs, ends: tuple[int, int], most: int) -> float:
    """Return the share of likenesses of two accounts at different times; of each at most so many texts are compared."""
    own = [order[ptr[end] : ptr[end + 1]] for end in ends]
    some = [numbers[:: max(1, numbers.size // most)] for numbers in own]
    return share_alike(texts.words, some, texts.copy, texts.second, WITHIN_S)


def _groups(
    texts: Texts, pairs: _Pairs, alike: tuple[Codes, Codes], p: Floats, found: NDArray[np.bool_]
) -> tuple[AlikeGroup, ...]:
    """Return the components of the ties between accounts that were found, largest first."""
    tied = pairs.among(found[pairs.a] & found[pairs.b])
    shape = (found.size, found.size)
    _, label = connected_components(sparse.coo_array((np.ones(tied.a.size), (tied.a, tied.b)), shape), directed=False)
    tie = np.isin(_key(texts, *alike), tied.a * texts.n_accounts + tied.b)
    earlier, later = alike[0][tie], alike[1][tie]
    n_texts = texts.second.size
    hangs = sparse.coo_array((np.ones(earlier.size), (earlier, later)), (n_texts, n_texts))
    _, time = connected_components(hangs, directed=False)
    touched = np.unique(np.concatenate((earlier, later)))
    group_of = label[texts.account[touched]]
    groups = []
    for number in np.unique(label[tied.a]):
        members = np.flatnonzero(label == number).astype(np.int32)
        own = tied.among(label[tied.a] == number)
        groups.append(
            AlikeGroup(
                members,
                int(own.a.size),
                int(own.n.sum()),
                float(own.expected.sum()),
                float(p[members].max()),
                _times(texts, touched[group_of == number], time),
            )
        )
    return tuple(sorted(groups, key=lambda group: (-group.members.size, group.members.tolist())))


def _times(texts: Texts, numbers: Longs, time: Codes) -> tuple[Longs, ...]:
    """Return texts by the times that hang together, those of most accounts first, then by time."""
    order = np.argsort(time[numbers], kind="stable")
    parts = np.split(numbers[order], np.flatnonzero(np.diff(time[numbers][order])) + 1)
    return tuple(sorted(parts, key=lambda part: (-np.unique(texts.account[part]).size, int(part[0]))))


@compiled
def _counted(key, second, gap_s):  # type: ignore[no-untyped-def]
    """Return each key once, and how many of its times lie a gap apart, taken from the first on; keys in order."""
    keys, n = np.empty(key.size, np.int64), np.empty(key.size, np.int64)
    m, last = 0, 0
    for i in range(key.size):
        if i == 0 or key[i] != key[i - 1]:
            keys[m], n[m], last = key[i], 1, second[i]
            m += 1
        elif second[i] - last >= gap_s:
            n[m - 1] += 1
            last = second[i]
    return keys[:m].copy(), n[:m].copy()


@compiled
def _expected(at, second, rate, ends, within_s):  # type: ignore[no-untyped-def]
    """Return the sum of the rates, the two accounts' own where it is larger, over their texts within some seconds."""
    ptr, order = at
    a, b, own = ends
    expected = np.zeros(a.size)
    for k in range(a.size):
        low = ptr[b[k]]
        for i in range(ptr[a[k]], ptr[a[k] + 1]):
            x = order[i]
            while low < ptr[b[k] + 1] and second[order[low]] < second[x] - within_s:
                low += 1
            j = low
            while j < ptr[b[k] + 1] and second[order[j]] <= second[x] + within_s:
                expected[k] += max(rate[x], own[k])
                j += 1
    return expected
