"""Live groups: sources that the same pairs follow at the same hours; they are one event and count as one source.

Five handles of one tournament are not five independent sources.

Two sources are one live event where pairs were in step on both in at least ``MIN_PAIR_BLOCKS`` pair-blocks, these are
at least ``MIN_SHARE`` of the pair-blocks of the more frequent of the two, and they lie in at least ``MIN_BLOCKS``
different blocks of six hours. For a *crowd*, at least ``CROWD_PAIR_BLOCKS`` such pair-blocks, a smaller share is
enough, since everybody joins in at some posts: at least ``CROWD_SHARE``, if these are ``MIN_LIFT`` times what
independence expects among the accounts that act in the block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from spmc_tools.chance.pairs.occasions import GAP_US, micros, sort_by_time
from spmc_tools.coaction.engines.sweep import window_bounds, with_room
from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from spmc_tools.chance.pairs.occasions import Timeline
    from spmc_tools.schema.arrays import Codes, Floats, Longs


__all__ = [
    "CROWD_PAIR_BLOCKS", "CROWD_SHARE", "MIN_BLOCKS", "MIN_LIFT", "MIN_PAIR_BLOCKS", "MIN_SHARE", "live_groups",
]  # fmt: skip

MIN_PAIR_BLOCKS, MIN_SHARE, MIN_BLOCKS = 30, 0.25, 3
CROWD_PAIR_BLOCKS, CROWD_SHARE, MIN_LIFT = 1_000, 0.1, 4.0
_MOST_COACTIONS, _MOST_SOURCES = 3_000_000, 16


def live_groups(line: Timeline, window_s: float) -> Codes:
    r"""Return the source that each source counts as: the lowest code of its live group, or itself.

    With :math:`n_a` the number of (pair, six-hour block) in which a pair is in step on source *a*, and :math:`J_{ab}`
    those in which it is so on *a* and *b*, the two belong together if :math:`J_{ab} \ge 30`,
    :math:`J_{ab} \ge .25 \max(n_a, n_b)`, and these lie in at least three different blocks; groups are the connected
    components. In a crowd, :math:`J_{ab} \ge 1000`, everybody joins in at some posts only, and the more desks share an
    evening, the fewer pairs meet on any two of them: there :math:`J_{ab} \ge .1 \max(n_a, n_b)` is enough where

    .. math:: J_{ab} \ge 4 \sum_B \frac{n_{aB}\, n_{bB}}{A_B (A_B - 1) / 2}

    with :math:`n_{aB}` the pairs in step on *a* in block *B* and :math:`A_B` the accounts that act in it.

    Parameters
    ----------
    line : Timeline
        The retained actions.
    window_s : float
        The widest window, seconds, inclusive.

    Notes
    -----
    Three blocks, because what meets in fewer cannot give a pair the three occasions that are tested, and because two
    sources of a small campaign often fall into one block once. Where there are more than three million coactions,
    only those of every k-th account are looked at, and in one block of one pair no more than sixteen sources are
    combined; a thousand pair-blocks then mean as many as these accounts would give. A campaign that fires all its
    sources at once every day looks like a live event, and counts as one source. In simulated weeks the five desks of a
    tournament share .17 to .24 of their pair-blocks, stars of one fandom at most .14, leaders of volunteers .08, and no
    two sources of a campaign reach thirty in three blocks.
    """
    lo, hi = window_bounds(line.object, line.t_us, micros(window_s))
    coactions = (int(hi.sum(dtype=np.int64)) - int(lo.sum(dtype=np.int64)) - lo.size) // 2
    every = 1 if coactions <= _MOST_COACTIONS else -(-2 * coactions // _MOST_COACTIONS)
    blocks, block = np.unique(line.t_us // GAP_US, return_inverse=True)
    joint, alone = _joint_blocks(
        line.account, line.source, block, lo, hi, line.ptr, line.pos, line.n_sources, every, _MOST_SOURCES
    )
    cells, per_block = np.unique(joint, return_counts=True)
    keys, start = np.unique(cells // max(blocks.size, 1), return_index=True)
    n_joint = np.add.reduceat(per_block, start) if keys.size else np.empty(0, np.int64)
    n_blocks = np.diff(np.append(start, cells.size))
    a, b = keys // line.n_sources, keys % line.n_sources
    n_alone = np.bincount(alone // max(blocks.size, 1), minlength=line.n_sources)
    share = n_joint / np.maximum(n_alone[a], n_alone[b])
    together = (n_joint >= MIN_PAIR_BLOCKS) & (n_blocks >= MIN_BLOCKS)
    looked_at = 1.0 if every == 1 else 1 - (1 - 1 / every) ** 2
    crowd = np.flatnonzero(together & (share >= CROWD_SHARE) & (n_joint >= CROWD_PAIR_BLOCKS * looked_at))
    chance = _chance_blocks(line.account, block, alone, a[crowd], b[crowd]) / looked_at
    together &= share >= MIN_SHARE
    together[crowd] |= n_joint[crowd] >= MIN_LIFT * chance
    links = sparse.coo_array(
        (np.ones(int(together.sum())), (a[together], b[together])), shape=(line.n_sources, line.n_sources)
    )
    _, component = sparse.csgraph.connected_components(links, directed=False)
    lowest = np.full(line.n_sources, line.n_sources, np.int64)
    np.minimum.at(lowest, component, np.arange(line.n_sources))
    return lowest[component].astype(np.int32)


def _chance_blocks(account: Codes, block: Longs, alone: Longs, a: Longs, b: Longs) -> Floats:
    """Return how many pair-blocks on both sources independence expects, block by block."""
    n_blocks = int(block.max(initial=0)) + 1
    acting = np.bincount(np.unique(account.astype(np.int64) * n_blocks + block) % n_blocks, minlength=n_blocks)
    pairs = np.maximum(acting * (acting - 1) / 2, 1.0)
    sources, place = np.unique(np.concatenate([a, b]), return_inverse=True)
    counts = np.zeros((sources.size, n_blocks))
    use = np.isin(alone // n_blocks, sources)
    np.add.at(counts, (np.searchsorted(sources, alone[use] // n_blocks), alone[use] % n_blocks), 1)
    expected: Floats = (counts[place[: a.size]] * counts[place[a.size :]] / pairs).sum(axis=1)
    return expected


@compiled
def _looked_at(i, j, every):  # type: ignore[no-untyped-def]
    """Say whether the pair counts with account i, which is one of those looked at: each pair once."""
    return j > i or (j < i and j % every != 0)


@compiled
def _joint_blocks(account, source, block, lo, hi, ptr, pos, n_sources, every, most):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Return a code for each pair-block on both a < b and its block, and one for each on a source and its block."""
    n_accounts = ptr.size - 1
    n_blocks = block.max() + 1 if block.size else 1
    count, slot = np.zeros(n_accounts, np.int32), np.zeros(n_accounts, np.int64)
    touched = np.empty(n_accounts, np.int32)
    alone, single = np.empty(1024, np.int64), 0
    joint, m = np.empty(1024, np.int64), 0
    when, where = np.empty(1024, np.int64), np.empty(1024, np.int32)
    for i in range(0, n_accounts, every):
        met = 0
        for k in range(ptr[i], ptr[i + 1]):
            for q in range(lo[pos[k]], hi[pos[k]]):
                j = account[q]
                if _looked_at(i, j, every):
                    if count[j] == 0:
                        touched[met] = j
                        met += 1
                    count[j] += 1
        total = 0
        for x in range(met):
            slot[touched[x]] = total
            total += count[touched[x]]
        if total > when.size:
            when, where = np.empty(2 * total, np.int64), np.empty(2 * total, np.int32)
        for k in range(ptr[i], ptr[i + 1]):
            p = pos[k]
            for q in range(lo[p], hi[p]):
                j = account[q]
                if _looked_at(i, j, every):
                    when[slot[j]], where[slot[j]] = min(block[p], block[q]), source[p]
                    slot[j] += 1
        for x in range(met):
            j = touched[x]
            start, end = slot[j] - count[j], slot[j]
            count[j] = 0
            sort_by_time(when, where, start, end)
            joint = with_room(joint, m + (end - start) * most)
            alone = with_room(alone, single + end - start)
            m, single = _combine(when[start:end], where[start:end], alone, single, joint, m, n_sources, n_blocks, most)
    return joint[:m].copy(), alone[:single].copy()


@compiled
def _combine(when, where, alone, single, joint, m, n_sources, n_blocks, most):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Count each source of one pair once per block, and list each two of the first ``most`` of a block."""
    distinct = np.empty(most, np.int64)
    n = 0
    for r in range(when.size):
        if r > 0 and when[r] == when[r - 1] and where[r] == where[r - 1]:
            continue
        if r == 0 or when[r] != when[r - 1]:
            n = 0
        alone[single] = where[r] * n_blocks + when[r]
        single += 1
        if n < most:
            for x in range(n):
                joint[m] = (distinct[x] * n_sources + where[r]) * n_blocks + when[r]
                m += 1
            distinct[n] = where[r]
            n += 1
    return m, single
