"""On how many independent sources a finding about an account rests, and how far up it ranks.

A finding rests on several sources if its significant edges rest on at least ``SEVERAL``. Where hardly any of these
occasions came late it takes ``MANY``, as fans of five stars are early; late they came where at least ``MIN_LATE_SHARE``
of the (partner, source) cells is an hour or more after the object. Both accounts may come back to the source in at most
``MOST_RETURNING`` of the cells, as fans of eight stars do, unless there are ``ENOUGH`` sources, which is more stars
than a crowd of fans follows together. No edge counts for more than ``CAP`` units of -ln p.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spmc_tools.chance.statistics.false_discovery import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spmc_tools.schema.arrays import Codes, Flags, Floats, Longs


__all__ = ["CAP", "SEVERAL", "Links", "basis", "cell_share", "diversity", "inverse_simpson", "resting_on", "strength"]

SEVERAL, MANY, ENOUGH = 4, 6, 10
MIN_LATE_SHARE, MOST_RETURNING = 0.1, 0.35
CAP = 60.0
_NARROW = ((SEVERAL - 1, 0.8), (MANY - 1, 0.9), (ENOUGH - 1, 0.95))
_BEST, _FLOOR = 5, 0.02


@dataclass(frozen=True, slots=True)
class Links:
    """The significant edges of one test, seen from the accounts.

    Attributes
    ----------
    q : ndarray of float64, shape (n_accounts,)
        False-discovery rate of each account.
    core : ndarray of int64, shape (n_accounts,)
        Core number among the significant edges; 0 without any.
    n_sources : ndarray of int64, shape (n_accounts,)
        Distinct sources that its significant edges rest on.
    late : ndarray of float64, shape (n_accounts,)
        Share of their (partner, source) cells that came late.
    returning : ndarray of float64, shape (n_accounts,)
        Share of these cells in which both accounts come back to the source.
    """

    q: Floats
    core: Longs
    n_sources: Longs
    late: Floats
    returning: Floats

    @property
    def holds(self) -> Flags:
        """Accounts that are significant and in the 2-core of the significant edges."""
        return (self.q < LEVEL) & (self.core >= 2)


def basis(occasions: Links, repeats: Links, repeats_rest_q: Floats) -> NDArray[np.object_]:
    """Return "several", "few", "one" or None for each account.

    *several*: significant on occasions, in the 2-core, on at least four sources where at least a tenth of the occasions
    came an hour or more after the first action on their object; or else on at least six, where in at most .35 of the
    (partner, source) cells both accounts come back to the source; or else on at least ten. *few*: the same on fewer
    sources, or fresh and on four or five or on up to nine that they come back to; or significant on repeats (separate
    times in step whatever the source) on two or three sources, or still so after leaving out each pair's top source.
    *one*: significant on repeats, and resting on one source.

    Parameters
    ----------
    occasions, repeats : Links
        The two tests.
    repeats_rest_q : ndarray of float64, shape (n_accounts,)
        False-discovery rate of the repeats without each pair's top source.

    Notes
    -----
    Fans who repost one star every day are *one*, volunteers of three leaders *few*, and so are fans of five stars, who
    are there when a post is fresh, of eight, who come back to each of them, and volunteers and newsrooms with as many
    leaders and wires: none of them is ever named alone. A campaign that strikes only at publication, on four or five
    sources or on up to nine again and again, is *few* as well.
    """
    out = np.full(occasions.q.size, None, dtype=object)
    out[repeats.holds] = "one"
    few = repeats.holds & ((repeats.n_sources >= 2) & (repeats.n_sources < SEVERAL) | (repeats_rest_q < LEVEL))
    out[few | (occasions.holds & (occasions.n_sources >= 2))] = "few"
    many = (occasions.n_sources >= MANY) & (occasions.returning <= MOST_RETURNING) | (occasions.n_sources >= ENOUGH)
    many |= occasions.late >= MIN_LATE_SHARE
    out[occasions.holds & (occasions.n_sources >= SEVERAL) & many] = "several"
    return out


def resting_on(account: Codes, partner: Codes, source: Codes, n_accounts: int) -> Longs:
    """Return how many sources the edges of each account rest on.

    These are the distinct sources; but where the three commonest make up more than four fifths of all
    (partner, source) cells, the edges rest on at most three, and where the five commonest make up more than nine
    tenths, on at most five, and the nine commonest more than 95 of a hundred, on at most nine: strays on a few edges of
    many are nothing that the others rest on.

    Parameters
    ----------
    account, partner, source : ndarray, shape (n,)
        One row for each source of each significant edge, seen from each of its ends; rows may repeat.
    n_accounts : int
        All codes lie below.
    """
    cells = pd.DataFrame({"account": account, "partner": partner, "source": source}).drop_duplicates()
    counts = cells.groupby(["account", "source"], as_index=False).size().sort_values(["account", "size"])
    owner, size = counts["account"].to_numpy(), counts["size"].to_numpy()
    number = np.bincount(owner, minlength=n_accounts)
    from_top = np.searchsorted(owner, owner, side="right") - np.arange(owner.size)
    total = np.bincount(owner, size, n_accounts)
    for most, share in _NARROW:
        among = from_top <= most
        narrow = np.bincount(owner[among], size[among], n_accounts) > share * total
        number = np.where(narrow, np.minimum(number, most), number)
    return number


def cell_share(account: Codes, partner: Codes, source: Codes, marked: Flags, n_accounts: int) -> Floats:
    """Return the share of the (partner, source) cells of each account that are marked in any row; 0 without a cell.

    Parameters
    ----------
    account, partner, source, marked : ndarray, shape (n,)
        As for :func:`resting_on`; ``marked``: what is asked of each.
    n_accounts : int
        All codes lie below.
    """
    rows = pd.DataFrame({"account": account, "partner": partner, "source": source, "marked": marked})
    cells = rows.groupby(["account", "partner", "source"], as_index=False)["marked"].max()
    owner = cells["account"].to_numpy()
    total = np.bincount(owner, minlength=n_accounts)
    share: Floats = np.bincount(owner, cells["marked"].to_numpy(float), n_accounts) / np.maximum(total, 1)
    return share


def strength(account: Codes, partner: Codes, p: Floats, n_accounts: int) -> Floats:
    """Return the sum of the five largest -ln p of each account, over distinct partners, each at most 60."""
    if not account.size:
        return np.zeros(n_accounts)
    order = np.lexsort((p, partner, account))
    account, partner, p = account[order], partner[order], p[order]
    best = np.ones(account.size, bool)
    best[1:] = (np.diff(account) != 0) | (np.diff(partner) != 0)
    account, value = account[best], np.minimum(-np.log(p[best]), CAP)
    order = np.lexsort((-value, account))
    account, value = account[order], value[order]
    start = np.searchsorted(account, account, side="left")
    among = np.arange(account.size) - start < _BEST
    total: Floats = np.bincount(account[among], value[among], n_accounts).astype(np.float64)
    return total


def diversity(spread: Floats, late: Floats) -> Floats:
    r"""Return the factor that ranks accounts on many sources and older objects above fans of one.

    .. math:: \max(\tfrac12 D_i + \tfrac12 A_i, .02), \quad D_i = \mathrm{clip}((S_i - 2) / 4, 0, 1)

    Parameters
    ----------
    spread : ndarray of float64
        :math:`S_i`, inverse Simpson index of the sources over the repeated partners.
    late : ndarray of float64
        :math:`A_i`, share of coactions at least an hour after the first action on their object.
    """
    return np.maximum(0.5 * np.clip((spread - 2.0) / 4.0, 0.0, 1.0) + 0.5 * late, _FLOOR)


def inverse_simpson(account: Longs, source: Codes, n_accounts: int) -> Floats:
    r"""Return :math:`(\sum_a c_a)^2 / \sum_a c_a^2` of each account, ``c_a`` its rows with source *a*."""
    if not account.size:
        return np.zeros(n_accounts)
    width = int(source.max()) + 1
    cells, counts = np.unique(account * width + source, return_counts=True)
    total = np.bincount(cells // width, counts, n_accounts)
    squares = np.bincount(cells // width, counts.astype(np.float64) ** 2, n_accounts)
    return np.divide(total**2, squares, out=np.zeros(n_accounts), where=squares > 0)
