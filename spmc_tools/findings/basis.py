"""On how many independent sources a finding about an account rests, and how far up it ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spmc_tools.chance.false_discovery import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int32]

__all__ = ["CAP", "SEVERAL", "Links", "basis", "diversity", "inverse_simpson", "resting_on", "strength"]

SEVERAL = 4
"""A finding rests on several sources if its significant edges rest on at least this many."""

CAP = 60.0
"""No edge counts for more than this many units of -ln p."""

_TOP_SHARE = 0.8
_BEST = 5
_FLOOR = 0.02


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
    """

    q: Floats
    core: NDArray[np.int64]
    n_sources: NDArray[np.int64]

    @property
    def holds(self) -> NDArray[np.bool_]:
        """Accounts that are significant and in the 2-core of the significant edges."""
        return (self.q < LEVEL) & (self.core >= 2)


def basis(occasions: Links, repeats: Links, repeats_rest_q: Floats) -> NDArray[np.object_]:
    """Return "several", "few", "one" or None for each account.

    *several*: significant on occasions, in the 2-core, on at least four sources. *few*: the same on two or three
    sources; or significant on repeats (separate times in step whatever the source) on two or three sources, or still
    so after leaving out each pair's top source. *one*: significant on repeats, and resting on one source.

    Parameters
    ----------
    occasions, repeats : Links
        The two tests.
    repeats_rest_q : ndarray of float64, shape (n_accounts,)
        False-discovery rate of the repeats without each pair's top source.

    Notes
    -----
    Fans who repost one star every day are *one*, volunteers of three leaders *few*: neither is ever named alone.
    """
    out = np.full(occasions.q.size, None, dtype=object)
    out[repeats.holds] = "one"
    few = repeats.holds & ((repeats.n_sources >= 2) & (repeats.n_sources < SEVERAL) | (repeats_rest_q < LEVEL))
    out[few | (occasions.holds & (occasions.n_sources >= 2))] = "few"
    out[occasions.holds & (occasions.n_sources >= SEVERAL)] = "several"
    return out


def resting_on(account: Codes, partner: Codes, source: Codes, n_accounts: int) -> NDArray[np.int64]:
    """Return how many sources the edges of each account rest on.

    These are the distinct sources; but where the three commonest make up more than four fifths of all
    (partner, source) cells, the edges rest on at most three: strays on a few edges of many are nothing that the
    others rest on.

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
    top = np.bincount(owner[from_top < SEVERAL], size[from_top < SEVERAL], n_accounts)
    narrow = top > _TOP_SHARE * np.bincount(owner, size, n_accounts)
    return np.where(narrow, np.minimum(number, SEVERAL - 1), number)


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


def inverse_simpson(account: NDArray[np.int64], source: Codes, n_accounts: int) -> Floats:
    r"""Return :math:`(\sum_a c_a)^2 / \sum_a c_a^2` of each account, ``c_a`` its rows with source *a*."""
    if not account.size:
        return np.zeros(n_accounts)
    width = int(source.max()) + 1
    cells, counts = np.unique(account * width + source, return_counts=True)
    total = np.bincount(cells // width, counts, n_accounts)
    squares = np.bincount(cells // width, counts.astype(np.float64) ** 2, n_accounts)
    return np.divide(total**2, squares, out=np.zeros(n_accounts), where=squares > 0)
