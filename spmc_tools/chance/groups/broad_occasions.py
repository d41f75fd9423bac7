r"""Broad occasions: a good part of a group on one object at a time, and a good part of everybody who is there.

A *stretch* is a run of actions of members of the group on one object in which no gap is longer than 600 s. It is
**broad** if, with *s* members in the group, :math:`z \ge \max(s/3, 4)` of them take part and they are at least 40 % of
all accounts acting on that object meanwhile (from five minutes before to five minutes after). *B* is the number of
broad stretches, taken from the largest down, each on another source and at least six hours from all that were taken
before.

The actions of members in the broad occasions are *returning* where their account acts on another object of the same
source within these days; *r* is their share. The group is **proven** if within seven days

- :math:`B \ge 7`; or, from 16 members on, :math:`B \ge 6`, or :math:`B \ge 5` with at least one on an object whose
  first action is an hour old or more (*late*); or
- :math:`B \ge 5`, a quarter of them late, and :math:`r \le .4`, or :math:`B \ge 4`, three or more of them late, and
  :math:`r \le .25`: whom chance or habit brings together meet on sources that they read anyway and come back to.

Moreover, where fewer than a quarter of the broad occasions are late, :math:`K \le 2B`, with *K* the number of all broad
stretches, whatever their source and time, and :math:`r \le .5`. Fans of eight stars come back to the same eight, early,
again and again; what goes from source to source does not. In longer data each run of seven days from the first action
on is counted by itself, and the best one speaks.

The constants below are these numbers, times in microseconds: no gap in a stretch is longer than ``STRETCH_US``, and
everybody counts from ``AROUND_US`` before it to as long after it. An action is *in company* with at least
``MIN_COMPANY`` other members in step.

Notes
-----
Assumptions: groups that chance makes are a handful out of a larger crowd, and a crowd meets on few sources. *B* has no
probability: its limits are measured on simulated weeks without a campaign (``docs/measured/accuracy.md``), not derived,
and hold for seven days.

Known false positives: a fandom of as many stars as the limit, whose fans are alone with their stars' posts and whose
stars post seldom; newsrooms that share wires; volunteers of five leaders or more. Only retained actions are seen, so
that a crowd on a hot object does not count as company. Missed: groups that ride on the posts of a crowd (below 40 % of
it), that meet in parts of less than a third, on fewer sources than the limit, or time and again at the publication of
the same sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.pairs.listed_pairs import FRESH_US
from spmc_tools.chance.pairs.occasions import GAP_US, micros
from spmc_tools.coaction.engines.sweep import window_bounds

if TYPE_CHECKING:
    from spmc_tools.chance.pairs.occasions import Timeline
    from spmc_tools.schema.arrays import Codes, Flags, Floats, Longs


__all__ = ["Broad", "Company", "broad_occasions", "company_occasions", "proven", "rows_of", "separate", "stretches"]

WEEK_US = 7 * 86_400 * 1_000_000
STRETCH_US, AROUND_US = 600 * 1_000_000, 300 * 1_000_000
MIN_CROWD_SHARE, MIN_MEMBERS, SMALL = 0.4, 4, 16
MIN_LATE, MIN_BROAD, MIN_BROAD_SMALL = 5, 6, 7
FEW_RETURNING, MIN_NEW = 0.4, 5
HARDLY_RETURNING, MIN_NEW_LATE = 0.25, 4
LATE_PART, MOST_STRETCHES, MOST_RETURNING = 4, 2, 0.5
MIN_COMPANY = 2


@dataclass(frozen=True, slots=True)
class Broad:
    """The broad occasions of one group in its best seven days.

    Attributes
    ----------
    n : int
        :math:`B`.
    n_late : int
        Those on an object whose first action is at least an hour older.
    n_stretches : int
        :math:`K`.
    returning : float
        Share of the actions of members in them whose account acts on another object of the source within the seven
        days. 0 without any occasion.
    start_us, object : ndarray
        First action of a member, and object, of each; in order of time.
    n_members, n_crowd : ndarray of int64
        Members in it, and all accounts on the object meanwhile, members included.
    """

    n: int
    n_late: int
    n_stretches: int
    returning: float
    start_us: Longs
    object: Codes
    n_members: Longs
    n_crowd: Longs


@dataclass(frozen=True, slots=True)
class Company:
    """How often each member was in company, parallel to the members.

    ``n``: separate occasions (another source, six hours apart) with at least two other members in step.
    ``company``: mean number of these others; 0 where there is no occasion.
    """

    n: Codes
    company: Floats


def rows_of(line: Timeline, members: Codes) -> Longs:
    """Return the places of the members' actions in the timeline, ascending."""
    return np.sort(np.concatenate([line.pos[line.ptr[i] : line.ptr[i + 1]] for i in members]))


def stretches(object_: Codes, t_us: Longs, gap_us: int) -> tuple[Longs, Longs]:
    """Return the first and last place of each run of actions on one object with no gap longer than ``gap_us``.

    The actions are ordered by object, then time; of none there is no run.
    """
    begins = np.append(True, (np.diff(object_) != 0) | (np.diff(t_us) > gap_us))[: t_us.size]
    first = np.flatnonzero(begins)
    return first, np.append(first[1:], t_us.size)[: first.size] - 1


def separate(start_us: Longs, thing: Codes, size: Longs) -> list[int]:
    """Return places from the largest down, each on another thing and six hours from all taken before.

    Of equal size the earlier counts first, then the lower code.
    """
    taken: list[int] = []
    for k in np.lexsort((thing, start_us, -size)).tolist():
        if all(thing[k] != thing[other] and abs(start_us[k] - start_us[other]) >= GAP_US for other in taken):
            taken.append(k)
    return taken


def broad_occasions(line: Timeline, born_us: Longs, members: Codes) -> Broad:
    """Return the broad occasions of a group; with more than seven days of data, those of the best seven.

    Parameters
    ----------
    line, born_us : Timeline, ndarray of int64 of shape (n_objects,)
        The retained actions; time of the first action on each object.
    members : ndarray of int32
        Account codes of the group, each once.
    """
    rows = rows_of(line, members)
    object_, t = line.object[rows], line.t_us[rows]
    first, last = stretches(object_, t, STRETCH_US)
    z = last - first + 1
    wide = z >= max(members.size / 3, MIN_MEMBERS)
    first, last, z = first[wide], last[wide], z[wide]
    ends = zip(object_[first].tolist(), t[first].tolist(), t[last].tolist(), strict=True)
    crowd = np.array([_on(line, o, start - AROUND_US, end + AROUND_US) for o, start, end in ends], np.int64)
    mostly = z >= MIN_CROWD_SHARE * crowd
    first, last, z, crowd = first[mostly], last[mostly], z[mostly], crowd[mostly]
    start, on = t[first], object_[first]
    source, late = line.source[rows[first]], t[first] - born_us[object_[first]] >= FRESH_US
    weeks_of = (t - (int(line.t_us.min()) if t.size else 0)) // WEEK_US
    week = weeks_of[first]
    weeks = [np.empty(0, np.int64), *(np.flatnonzero(week == number) for number in np.unique(week))]
    found = []
    for here in weeks:
        taken = here[separate(start[here], source[here], z[here])]
        taken = taken[np.argsort(start[taken], kind="stable")]
        within = weeks_of == (week[taken[0]] if taken.size else -1)
        there = np.zeros(rows.size, bool)
        for k in taken:
            there[first[k] : last[k] + 1] = True
        found.append(
            Broad(
                taken.size,
                int(late[taken].sum()),
                here.size,
                _returning(line, rows, within, there),
                start[taken],
                on[taken],
                z[taken],
                crowd[taken],
            )
        )
    return max(found, key=lambda broad: (proven(broad, members.size), broad.n, broad.n_late))


def proven(broad: Broad, size: int) -> bool:
    """Return whether a group of this size is proven by its broad occasions."""
    habit = broad.n_stretches > MOST_STRETCHES * broad.n or broad.returning > MOST_RETURNING
    late = LATE_PART * broad.n_late >= broad.n
    if habit and not late:
        return False
    if late and broad.returning <= FEW_RETURNING and broad.n >= MIN_NEW:
        return True
    if broad.returning <= HARDLY_RETURNING and broad.n >= MIN_NEW_LATE and broad.n_late >= MIN_NEW_LATE - 1:
        return True
    if size < SMALL:
        return broad.n >= MIN_BROAD_SMALL
    return broad.n >= MIN_BROAD or (broad.n >= MIN_LATE and broad.n_late >= 1)


def company_occasions(line: Timeline, members: Codes, window_s: float) -> Company:
    """Return how often each member was in company.

    Occasions are counted in order of time (ties by source code), as those of a pair are.

    Parameters
    ----------
    line : Timeline
        The retained actions.
    members : ndarray of int32
        Account codes of the group, each once.
    window_s : float
        In step: at most this many seconds apart, inclusive.
    """
    rows = rows_of(line, members)
    lo, hi = window_bounds(line.object[rows], line.t_us[rows], micros(window_s))
    others = (hi - lo - 1).astype(np.int64)
    rows, others = rows[others >= MIN_COMPANY], others[others >= MIN_COMPANY]
    order = np.lexsort((line.source[rows], line.t_us[rows], line.account[rows]))
    rows, others = rows[order], others[order]
    n, total = np.zeros(members.size, np.int32), np.zeros(members.size)
    place = {int(code): k for k, code in enumerate(members)}
    seen: set[tuple[int, int]] = set()
    last: dict[int, int] = {}
    triples = zip(line.account[rows].tolist(), line.source[rows].tolist(), line.t_us[rows].tolist(), strict=True)
    for (account, source, t), company in zip(triples, others.tolist(), strict=True):
        if (account, source) not in seen and (account not in last or t - last[account] >= GAP_US):
            seen.add((account, source))
            last[account] = t
            n[place[account]] += 1
            total[place[account]] += company
    return Company(n, np.divide(total, n, out=np.zeros(members.size), where=n > 0))


def _on(line: Timeline, object_: int, start_us: int, end_us: int) -> int:
    """Return how many accounts act on an object from start to end, both inclusive."""
    low, high = np.searchsorted(line.object, [object_, object_ + 1])
    t = line.t_us[low:high]
    return int(np.searchsorted(t, end_us, side="right") - np.searchsorted(t, start_us, side="left"))


def _returning(line: Timeline, rows: Longs, within: Flags, there: Flags) -> float:
    """Return which share of the actions ``there`` has another one of its account on its source, ``within`` or there."""
    if not there.any():
        return 0.0
    cell = line.account[rows].astype(np.int64) * line.n_sources + line.source[rows]
    cells, counts = np.unique(cell[within | there], return_counts=True)
    return float((counts[np.searchsorted(cells, cell[there])] >= 2).mean())
