r"""Cells of time: how much each account did in each, and how readily two acts of a cell meet.

A cell is an hour, or twice the window where that is longer. In a cell, accounts are dealt anew over the acts: how
active each account was and how popular each object was there stays as it is. An account is as active as its acts out
of step say, and all its acts in step count once: else a group that fills its own hour would raise what is expected of
it, and hide. (Where each object is its own source, as texts are, every act counts: there hardly anything is done out of
step, and on real posts this ranks better.) With :math:`r_{ah}` these acts of account *a* in cell *h*,
:math:`M_h = \sum_a r_{ah}` and :math:`n_h` pairs of acts in step, two accounts are expected to meet
:math:`\sum_h r_{ah} r_{bh} C_h` times, :math:`C_h = 2 n_h / M_h^2`: over all pairs of accounts these are the meetings
that were seen, up to those of an account with itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.pairs.occasions import micros

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spmc_tools.chance.pairs.occasions import Timeline

__all__ = ["CELL_S", "SessionCells", "activity_of_acts", "in_step", "session_cells"]

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
        :math:`r`, at least 1.
    chance : ndarray of float64, shape (n_cells,)
        :math:`C`.
    """

    ptr: NDArray[np.int64]
    cell: NDArray[np.int32]
    n_acts: NDArray[np.float64]
    chance: NDArray[np.float64]


def session_cells(  # noqa: PLR0913 -- a timeline, its window, and two choices
    line: Timeline, lo: NDArray[np.int32], hi: NDArray[np.int32], window_s: float, *, shifted: bool, once: bool = True
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
    once : bool
        Whether all acts in step of an account count once in a cell.
    """
    cell, key, _, n_acts = _activity(line, in_step(lo, hi) & once, window_s, shifted=shifted)
    n_cells = int(cell.max(initial=-1)) + 1
    pairs = np.bincount(cell, (hi - np.arange(hi.size) - 1).astype(np.float64), n_cells)
    acts = np.bincount(key % max(n_cells, 1), n_acts, n_cells)
    ptr = np.zeros(line.n_accounts + 1, np.int64)
    np.cumsum(np.bincount(key // max(n_cells, 1), minlength=line.n_accounts), out=ptr[1:])
    return SessionCells(ptr, (key % max(n_cells, 1)).astype(np.int32), n_acts, 2 * pairs / np.maximum(acts, 1) ** 2)


def activity_of_acts(
    line: Timeline, lo: NDArray[np.int32], hi: NDArray[np.int32], window_s: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return of each act its cell, how active its account was in the cell, and how active all were there.

    Parameters
    ----------
    line, lo, hi, window_s
        As for :func:`session_cells`; the grid is the one that is not shifted.
    """
    cell, key, place, n_acts = _activity(line, in_step(lo, hi), window_s, shifted=False)
    n_cells = int(cell.max(initial=-1)) + 1
    everybody: NDArray[np.float64] = np.bincount(key % max(n_cells, 1), n_acts, n_cells).astype(np.float64)[cell]
    return cell, n_acts[place], everybody


def _activity(
    line: Timeline, step: NDArray[np.bool_], window_s: float, *, shifted: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the cell of each act, account and cell as one number, the place of each act there, and r."""
    width = micros(max(CELL_S, 2 * window_s))
    _, cell = np.unique((line.t_us + shifted * (width // 2)) // width, return_inverse=True)
    n_cells = int(cell.max(initial=-1)) + 1
    key, place = np.unique(line.account.astype(np.int64) * max(n_cells, 1) + cell, return_inverse=True)
    alone = np.bincount(place, ~step, key.size).astype(np.float64)
    n_acts: NDArray[np.float64] = alone + 1.0 * (np.bincount(place, step, key.size) > 0)
    return cell.astype(np.int64), key, place.astype(np.int64), n_acts


def in_step(lo: NDArray[np.int32], hi: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return which acts have another one of their object within the window, before or after."""
    return (hi - lo) > 1
