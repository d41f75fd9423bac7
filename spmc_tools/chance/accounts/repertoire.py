r"""C: accounts whose objects are unusually often of the kind that everybody touches within a short time.

The *spread* of an object with :math:`n_o \ge 5` accounts is :math:`t_{75} - t_{10}`, between the times by which a
tenth and three quarters of its accounts had acted. It is *compressed* if it is among the tightest 2 % of the objects
with the same :math:`\lfloor \log_2 n_o \rfloor` (of at least 20). With *r* the share of all actions that are on
compressed objects, an account with :math:`d_i` actions, and :math:`x_i` separate occasions on compressed objects
(each on another source, six hours after the last):

.. math:: p_i = P(\mathrm{Bin}(d_i, r) \ge x_i), \quad x_i \ge 3

Occasions are never more than compressed objects, so counting them errs on the side of the account. Counted as
objects, as the statistic was first written, viewers of one live match were listed by the dozen.

Notes
-----
Assumptions: an account meets compressed objects as often as all others do. **Known false positives**: people who follow
breaking news, spectators of several live events, fans on notification of several stars, members of a large group in
which links are passed on. It only ranks. A compressed object is one that travelled fast, for whatever reason.

References
----------
The spread of a cascade as a mark of steered ones: Cao et al. (2014), SynchroTrap, CCS 14; Vargas, Emami, Traynor
(2020), WebSci 20. The binomial form is this project's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from spmc_tools.chance.pairs.occasions import GAP_US
from spmc_tools.chance.statistics.false_discovery import MIN_OCCASIONS

if TYPE_CHECKING:
    from spmc_tools.chance.pairs.occasions import Timeline
    from spmc_tools.schema.arrays import Codes, Flags, Floats, Longs


__all__ = ["Repertoire", "compressed_objects", "repertoire"]

FEWEST_ACCOUNTS = 5
FEWEST_IN_CLASS = 20
TIGHTEST = 0.02


@dataclass(frozen=True, slots=True)
class Repertoire:
    """Arrays of shape (n_accounts,): x occasions, d actions, p (1 below three occasions); and the share r."""

    occasions: Longs
    actions: Longs
    p: Floats
    share: float


def compressed_objects(object_: Codes, t_us: Longs) -> Flags:
    """Return which object codes are compressed, shape (highest code + 1,).

    Parameters
    ----------
    object_, t_us : ndarrays of shape (n,)
        Ordered by object, then time; each (account, object) once.
    """
    n_objects = int(object_.max()) + 1 if object_.size else 0
    out = np.zeros(n_objects, bool)
    size = np.bincount(object_, minlength=n_objects)
    start = np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.int64) if n_objects else np.empty(0, np.int64)
    able = np.flatnonzero(size >= FEWEST_ACCOUNTS)
    if not able.size:
        return out
    n = size[able]
    early = t_us[start[able] + np.ceil(0.10 * n).astype(np.int64) - 1]
    late = t_us[start[able] + np.ceil(0.75 * n).astype(np.int64) - 1]
    spread, level = late - early, np.floor(np.log2(n)).astype(np.int64)
    for size_class in np.unique(level):
        in_class = np.flatnonzero(level == size_class)
        if in_class.size >= FEWEST_IN_CLASS:
            limit = np.sort(spread[in_class])[max(int(TIGHTEST * in_class.size), 1) - 1]
            tight = in_class[spread[in_class] <= limit]
            if tight.size <= max(2 * TIGHTEST * in_class.size, 1):
                out[able[tight]] = True
    return out


def repertoire(line: Timeline) -> Repertoire:
    """Return C of every account.

    Parameters
    ----------
    line : Timeline
        The retained actions.
    """
    compressed = compressed_objects(line.object, line.t_us)
    on = compressed[line.object] if compressed.size else np.zeros(line.object.size, bool)
    actions = np.diff(line.ptr)
    share = float(on.mean()) if on.size else 0.0
    occasions = np.zeros(line.n_accounts, np.int64)
    for i in np.unique(line.account[on]).tolist():
        places = line.pos[line.ptr[i] : line.ptr[i + 1]]
        occasions[i] = _occasions(line, places[on[places]])
    tested = occasions >= MIN_OCCASIONS
    p = np.ones(line.n_accounts)
    p[tested] = stats.binom.sf(occasions[tested] - 1, actions[tested], share)
    return Repertoire(occasions, actions, np.maximum(p, float(np.finfo(float).tiny)), share)


def _occasions(line: Timeline, places: Longs) -> int:
    """Count actions on another source each, six hours after the last one counted."""
    counted: set[int] = set()
    last = None
    for k in places[np.lexsort((line.source[places], line.t_us[places]))].tolist():
        source, t = int(line.source[k]), int(line.t_us[k])
        if source not in counted and (last is None or t - last >= GAP_US):
            counted.add(source)
            last = t
    return len(counted)
