r"""Weak edges: what chance expects of a pair once everything that is tested is taken out of the chance models.

Not one pair of a slow campaign survives a correction for all pairs of accounts, but its pairs are many and hang
together. To find them, each pair met on at least two occasions gets a second probability :math:`p^\circ`, from the two
models of :mod:`spmc_tools.chance.pairs.null_models` *freed* of what is tested:

- :math:`k^\circ_i`, partners met on one occasion only, in place of :math:`k_i` (and half their sum in place of
  :math:`M`), in the partner degree and in :math:`\varphi^\circ_i`;
- :math:`C^\circ_a`, pairs in step on *a* that have fewer than two occasions, in place of :math:`C_a`, in
  :math:`\rho^\circ_a`;
- :math:`d^{(j)}_{ia}`: the out-of-step actions of *i* on *a* without those that are part of a coaction with *j* (an
  action 200 to 600 s from the only other one is out of step and in a coaction at once), and
  :math:`n^{\circ(j)}_i = \sum_a d^{(j)}_{ia}`.

.. math::
    \mu^{(j)}_{ia} = n_i \frac{d^{(j)}_{ia} + \tau q_{c(i)}(a)}{n^{\circ(j)}_i + \tau}, \quad
    \lambda^\circ_{ij} = \max\left(\lambda^1(k^\circ_i, k^\circ_j, M^\circ),\
    \varphi^\circ_i \varphi^\circ_j \sum_a \rho^\circ_a \mu^{(j)}_{ia} \mu^{(i)}_{ja}\right), \quad
    p^\circ_{ij} = P(\mathrm{Poisson}(\lambda^\circ_{ij}) \ge n_{ij})

Notes
-----
Assumptions: those of the pair rule; and that pairs met once are met by chance. A weak edge is no finding: ordinary
accounts have thousands of them (fans of two stars, readers of the same sources), and nobody is named for one. Its
probability is not corrected for the number of pairs.

References
----------
Karrer, Newman (2011), Stochastic blockmodels and community structure in networks, Phys. Rev. E 83, 016107, for degree
correction; that the degree counts single meetings only is this project's own choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.pairs import null_models
from spmc_tools.chance.pairs.listed_pairs import next_common
from spmc_tools.chance.pairs.null_models import TAU, share_of
from spmc_tools.chance.pairs.occasions import micros, out_of_step
from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from spmc_tools.chance.pairs.null_models import SlowInterest
    from spmc_tools.chance.pairs.occasions import PairCounts, Timeline
    from spmc_tools.schema.arrays import Codes, Flags, Floats, Longs


__all__ = ["FreedModels", "freed_models"]


@dataclass(frozen=True, slots=True)
class FreedModels:
    """Both chance models of one window, freed of what is tested; :meth:`expected` gives their numbers for pairs.

    Attributes
    ----------
    window_s : float
        Seconds, inclusive.
    partners, n_in_step : ndarray of int64, shape (n_accounts,), and int
        Partners, and pairs, that met on one occasion only.
    interest : SlowInterest
        Slow interest with the freed partners and rates.
    object, source : ndarray of int32, shape (n,)
        Of the retained actions by account and object: ``ptr[i]:ptr[i + 1]`` are those of account ``i``.
    t_us : ndarray of int64, shape (n,)
        Their times.
    slow : ndarray of bool, shape (n,)
        Which are out of step.
    ptr : ndarray of int64, shape (n_accounts + 1,)
        See above.
    """

    window_s: float
    partners: Longs
    n_in_step: int
    interest: SlowInterest
    object: Codes
    source: Codes
    t_us: Longs
    slow: Flags
    ptr: Longs

    def expected(self, a: Codes, b: Codes) -> Floats:
        """Return the occasions that the larger of the freed models expects of each pair.

        Parameters
        ----------
        a, b : ndarray of int32, shape (n_pairs,)
            Account codes; any two accounts, listed or not.
        """
        degree = null_models.partner_degree(self.partners, self.n_in_step, a, b)
        model = self.interest
        gone, gone_a, gone_b = _own_with_each_other(
            a, b, self.object, self.t_us, self.source, self.slow, self.ptr, micros(self.window_s),
            model.own.indptr.astype(np.int64), model.own.indices, model.own.data,
            model.shared.indptr.astype(np.int64), model.shared.indices, model.shared.data,
            model.stratum, model.rate, TAU,
        )  # fmt: skip
        n = np.diff(self.ptr)
        slow = np.asarray(model.own.sum(axis=1)).ravel()
        scale = model.factor * n
        joint = np.maximum(model.joint(a, b) - gone, 0.0)
        interest = scale[a] / (slow[a] - gone_a + TAU) * scale[b] / (slow[b] - gone_b + TAU) * joint
        larger: Floats = np.maximum(degree, interest)
        return larger


def freed_models(
    line: Timeline,
    window_s: float,
    stratum: Codes,
    counts: PairCounts,
    sources: tuple[Longs, Codes],
) -> FreedModels:
    """Return the chance models of one window without the pairs met on two occasions or more.

    Parameters
    ----------
    line, window_s : Timeline, float
        The retained actions; seconds, inclusive.
    stratum : ndarray of int32, shape (n_accounts,)
        Stratum of each account.
    counts : PairCounts
        What the sweep over this window counted.
    sources : pair of ndarray
        Row of ``counts`` and source: each source once that a pair with at least two occasions was in step on. Pairs of
        a crowd that are not listed stay in the rates of their sources: what chance expects there is the larger for it.
    """
    again = counts.n_occasions >= 2
    partners = counts.partners - counts.partners_again
    row, source = sources
    in_step_on = counts.in_step_on - np.bincount(source[again[row]], minlength=counts.in_step_on.size)
    slow = out_of_step(line, window_s)
    slow_counts = null_models.reading(line.account, line.source, slow, (line.n_accounts, line.n_sources))
    model = null_models.slow_interest(slow_counts, np.diff(line.ptr), stratum, partners, in_step_on)
    order = np.lexsort((line.object, line.account))
    return FreedModels(
        window_s, partners, counts.n_in_step - int(counts.partners_again.sum()) // 2, model,
        line.object[order], line.source[order], line.t_us[order], slow[order], line.ptr,
    )  # fmt: skip


@compiled
def _own_with_each_other(  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    a, b, object_, t, source, slow, ptr, window, own_ptr, own_columns, own_data,
    shared_ptr, shared_columns, shared_data, stratum, rate, tau,
):  # fmt: skip
    """Return, per pair, the joint interest resting on out-of-step actions in its own coactions, and their numbers."""
    gone, gone_a, gone_b = np.zeros(a.size), np.zeros(a.size), np.zeros(a.size)
    on, left, right = np.empty(1024, np.int32), np.empty(1024, np.int32), np.empty(1024, np.int32)
    for e in range(a.size):
        i, j = a[e], b[e]
        x, x_end, y, y_end = ptr[i], ptr[i + 1], ptr[j], ptr[j + 1]
        most = min(x_end - x, y_end - y)
        if most > on.size:
            on, left, right = np.empty(2 * most, np.int32), np.empty(2 * most, np.int32), np.empty(2 * most, np.int32)
        c = 0
        x, y = next_common(object_, x, x_end, y, y_end)
        while x < x_end:
            if (slow[x] or slow[y]) and abs(t[x] - t[y]) <= window:
                k = 0
                while k < c and on[k] != source[x]:
                    k += 1
                if k == c:
                    on[c], left[c], right[c] = source[x], 0, 0
                    c += 1
                left[k] += slow[x]
                right[k] += slow[y]
            x, y = next_common(object_, x + 1, x_end, y + 1, y_end)
        for k in range(c):
            s = on[k]
            gone_a[e] += left[k]
            gone_b[e] += right[k]
            d_i = share_of(s, own_ptr[i], own_ptr[i + 1], own_columns, own_data)
            d_j = share_of(s, own_ptr[j], own_ptr[j + 1], own_columns, own_data)
            d_i += tau * share_of(s, shared_ptr[stratum[i]], shared_ptr[stratum[i] + 1], shared_columns, shared_data)
            d_j += tau * share_of(s, shared_ptr[stratum[j]], shared_ptr[stratum[j] + 1], shared_columns, shared_data)
            gone[e] += rate[s] * (left[k] * d_j + right[k] * d_i - left[k] * right[k])
    return gone, gone_a, gone_b
