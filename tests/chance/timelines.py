"""Timelines written down as rows, for the tests of groups."""

from __future__ import annotations

import numpy as np

from spmc_tools.chance.pairs.occasions import Timeline, first_actions, timeline

SECOND = 1_000_000
HOUR = 3600
DAY = 24 * HOUR


def line_of(
    rows: list[tuple[int, int, int, int]], n_accounts: int = 400, n_objects: int = 200, n_sources: int = 20
) -> tuple[Timeline, np.ndarray]:
    """(account, object, source, seconds) as a timeline, each (account, object) once, and the birth of each object."""
    accounts, objects, sources = (np.array([r[k] for r in rows], np.int32) for k in range(3))
    times = np.array([r[3] for r in rows], np.int64) * SECOND
    keep = first_actions(accounts, objects, times)
    born = np.full(n_objects, times.max() if times.size else 0)
    np.minimum.at(born, objects, times)
    return timeline(accounts[keep], objects[keep], sources[keep], times[keep], n_accounts, n_sources), born
