r"""Objects that two accounts share at any two times, against what their habits and the objects' spread let chance do.

Where no window is asked for, everybody who ever acted on an object is in step with everybody else on it. What is
counted is the same as elsewhere: *occasions*, each on another source and six hours after the last, an occasion having
the time of the earlier of the two actions. The larger of two expectations counts:

.. math::
    \lambda^s_{ij} = d_i d_j \frac{\sum_o n_o (n_o - 1)}{L^2}, \qquad
    \lambda^1_{ij} = -\ln\left(1 - \min\left(\frac{(k_i + 1)(k_j + 1)}{2M}, .95\right)\right)

with :math:`d_i` objects of account *i*, :math:`n_o` accounts on object *o*, :math:`L = \sum_i d_i`: *shared*, the
configuration model of accounts and objects in its sparse form (an account is on an object with probability
:math:`d_i n_o / L`); and :math:`k_i` different accounts that ever shared an object with *i*, *M* pairs that ever did:
*partner degree*, as for timed traces. :math:`p = P(\mathrm{Poisson}(\lambda) \ge n)`.

Objects on more than one in a hundred accounts and on at least fifty are set aside for the whole period and counted:
they say nothing of two accounts, and their pairs would be most of the cost.

Notes
-----
Assumptions: who shares what is independent given how much each account shares and how wide each object is spread. It is
not: people of one interest, place, party or language share the same things without knowing of each other. **Known false
positives**, therefore: every community, cross-posting offices, festival cards and prayers, fans, people on one mailing
list. This is why an untimed layer only orders a list for a person to read, and never names.

References
----------
Saracco et al. (2017), Inferring monopartite projections of bipartite networks: an entropy-based approach, New Journal
of Physics 19. Neal (2014), The backbone of bipartite projections, Social Networks 39. Chung, Lu (2002), The average
distances in random graphs with given expected degrees, PNAS 99(25).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.pairs import null_models
from spmc_tools.chance.pairs.account_pairs import AccountPairs
from spmc_tools.chance.pairs.occasions import Timeline, count_pairs, first_actions, timeline

if TYPE_CHECKING:
    from spmc_tools.coaction.traces.actions import EncodedActions
    from spmc_tools.schema.arrays import Codes, Floats, Longs


__all__ = ["Untimed", "Wide", "any_time_s", "shared_expectation", "untimed_pairs"]

WIDE_SHARE, WIDE_ACCOUNTS = 0.01, 50


@dataclass(frozen=True, slots=True)
class Wide:
    """Objects set aside: their codes ascending, and the first actions on each."""

    object: Codes
    n_actions: Longs


@dataclass(frozen=True, slots=True)
class Untimed(AccountPairs):
    """Parallel arrays over the pairs with at least two occasions, ordered by a, then b.

    ``expected_degree``, ``expected_shared``: the two models; ``expected``: the larger. ``line``: what was counted.
    """

    n_occasions: Codes
    n_sources: Codes
    expected_degree: Floats
    expected_shared: Floats
    expected: Floats
    p: Floats
    line: Timeline
    wide: Wide


def any_time_s(t_us: Longs) -> float:
    """Return a window in seconds that holds all of some times."""
    return float(int(t_us.max()) - int(t_us.min())) / 1e6 + 1.0 if t_us.size else 1.0


def shared_expectation(account: Codes, object_: Codes, n_accounts: int, a: Codes, b: Codes) -> Floats:
    """Return the objects that chance lets each pair share; see the head of this module.

    Parameters
    ----------
    account, object_ : ndarray of int32, shape (n,)
        Each (account, object) once.
    n_accounts : int
        All codes lie below.
    a, b : ndarray of int32, shape (n_pairs,)
        The pairs.
    """
    degree = np.bincount(account, minlength=n_accounts).astype(np.float64)
    spread = np.bincount(object_).astype(np.float64) if object_.size else np.zeros(1)
    total = max(float(degree.sum()), 1.0)
    return degree[a] * degree[b] * float((spread * (spread - 1)).sum()) / total**2


def untimed_pairs(actions: EncodedActions, source_of: Codes) -> Untimed:
    """Return every pair with at least two occasions at any times, with what chance expects.

    Parameters
    ----------
    actions : EncodedActions
        All actions of one trace.
    source_of : ndarray of int32, shape (n_objects,)
        Source code of each object.
    """
    n = len(actions.accounts)
    rows = first_actions(actions.account, actions.object, actions.t_us)
    spread = np.bincount(actions.object[rows], minlength=max(len(actions.objects), 1))
    wide = (spread > WIDE_SHARE * n) & (spread >= WIDE_ACCOUNTS)
    rows = rows[~wide[actions.object[rows]]]
    account, object_, t_us = actions.account[rows], actions.object[rows], actions.t_us[rows]
    n_sources = int(source_of.max()) + 1 if source_of.size else 1
    line = timeline(account, object_, source_of[object_], t_us, n, n_sources)
    counts = count_pairs(line, any_time_s(t_us))
    listed = counts.n_occasions >= 2
    a, b, occasions = counts.a[listed], counts.b[listed], counts.n_occasions[listed]
    degree = null_models.partner_degree(counts.partners, counts.n_in_step, a, b)
    shared = shared_expectation(account, object_, n, a, b)
    expected = np.maximum(degree, shared)
    aside = np.flatnonzero(wide).astype(np.int32)
    return Untimed(
        a,
        b,
        occasions,
        counts.n_sources[listed],
        degree,
        shared,
        expected,
        null_models.tail(occasions, expected),
        line,
        Wide(aside, spread[aside].astype(np.int64)),
    )
