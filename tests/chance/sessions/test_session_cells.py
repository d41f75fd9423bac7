"""Cells of time by hand: a single one, and what is active in it."""

from __future__ import annotations

import numpy as np

from spmc_tools.chance.pairs.occasions import micros
from spmc_tools.chance.sessions.session_cells import activity_of_acts, session_cells
from spmc_tools.coaction.engines.sweep import window_bounds
from tests.chance.timelines import HOUR, line_of


def test_a_single_cell_of_two_accounts() -> None:
    """Accounts 1 and 3 meet on two objects, a minute apart, and account 3 is once on a third, alone."""
    line, _ = line_of([(1, 0, 0, 0), (3, 0, 0, 60), (1, 1, 1, 100), (3, 1, 1, 160), (3, 2, 2, 1_000)])
    lo, hi = window_bounds(line.object, line.t_us, micros(60))
    cells = session_cells(line, lo, hi, 60, shifted=False)
    assert cells.cell.tolist() == [0, 0]
    assert np.diff(cells.ptr)[:4].tolist() == [0, 1, 0, 1]
    assert cells.n_acts.tolist() == [1, 2]  # what is in step counts once
    assert cells.chance.tolist() == [2 * 2 / 3**2]
    cell, own, everybody = activity_of_acts(line, lo, hi, 60)
    assert cell.tolist() == [0] * 5
    assert sorted(own.tolist()) == [1, 1, 2, 2, 2]
    assert everybody.tolist() == [3] * 5


def test_two_cells_of_an_hour() -> None:
    """One meeting in the first hour; in the second account 1 acts twice, alone."""
    line, _ = line_of([(1, 0, 0, 0), (3, 0, 0, 60), (1, 1, 1, HOUR + 9), (1, 2, 2, HOUR + 99)])
    lo, hi = window_bounds(line.object, line.t_us, micros(60))
    cells = session_cells(line, lo, hi, 60, shifted=False)
    assert cells.cell.tolist() == [0, 1, 0]
    assert cells.n_acts.tolist() == [1, 2, 1]
    assert cells.chance.tolist() == [2 * 1 / 2**2, 0]
