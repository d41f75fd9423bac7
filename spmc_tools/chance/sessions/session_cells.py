r"""Cells of time: how much each account did in each, and how readily two acts of a cell meet.

A cell is an hour, or twice the window where that is longer. In a cell, accounts are dealt anew over the acts: how
active each account was and how popular each object was there stays as it is. With :math:`r_{ah}` acts of account *a*
in cell *h*, :math:`M_h = \sum_a r_{ah}` and :math:`n_h` pairs of acts in step, two acts drawn at random are in step
with the chance :math:`C_h = 2 n_h / M_h^2`, and two accounts are expected to meet
:math:`\sum_h r_{ah} r_{bh} C_h` times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.pairs.occasions import micros

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spmc_tools.chance.pairs.occasions import Timeline

__all__ = ["CELL_S", "SessionCells", "session_cells"]

CELL_S = 3_600.0
"""A cell lasts so many seconds, or twice the window where that is longer."""


@dataclass(frozen=True, slots=True)
class SessionCells:
    """The cells of one grid.

    Attributes
    ----------
    ptr : ndarray of int64, shape (n_accounts + 1,)
        ``cell[ptr[i]:ptr[i + 1]]`` are the cells in which account ``i`` acted, ascending.
    cell : ndarray of int32
        Numbers of cells with any act, from 0.
    n_acts : ndarray of float64, shape (cell.size,)
        :math:`r`, acts of the account in the cell, at least 1.
    chance : ndarray of float64, shape (n_cells,)
        :math:`C`, between 0 and 1.
    """

    ptr: NDArray[np.int64]
    cell: NDArray[np.int32]
    n_acts: NDArray[np.float64]
    chance: NDArray[np.float64]


def session_cells(
    line: Timeline, lo: NDArray[np.int32], hi: NDArray[np.int32], window_s: float, *, shifted: bool
) -> SessionCells:
    """Return the cells of a timeline.

    Parameters
    ----------
    line : Timeline
        Each (account, object) once.
    lo, hi : ndarray of int32, shape (n,)
        Bounds of the acts in step with each act, as :func:`~spmc_tools.coaction.engines.sweep.window_bounds` gives
        them.
    window_s : float
        Seconds; decides how long a cell is.
    shifted : bool
        Whether cells begin half a cell later: two acts in step lie in one cell of at least one of the two grids.
    """
    width = micros(max(CELL_S, 2 * window_s))
    _, cell = np.unique((line.t_us + shifted * (width // 2)) // width, return_inverse=True)
    n_cells = int(cell.max(initial=-1)) + 1
    pairs = np.bincount(cell, (hi - np.arange(hi.size) - 1).astype(np.float64), n_cells)
    acts = np.bincount(cell, minlength=n_cells).astype(np.float64)
    key, n_acts = np.unique(line.account.astype(np.int64) * max(n_cells, 1) + cell, return_counts=True)
    ptr = np.zeros(line.n_accounts + 1, np.int64)
    np.cumsum(np.bincount(key // max(n_cells, 1), minlength=line.n_accounts), out=ptr[1:])
    return SessionCells(
        ptr, (key % max(n_cells, 1)).astype(np.int32), n_acts.astype(np.float64), 2 * pairs / np.maximum(acts, 1) ** 2
    )
