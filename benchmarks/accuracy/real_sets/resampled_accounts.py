"""Intervals of a figure when accounts are drawn anew within label and half-octave, the same draws for every column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.accuracy.measurement.scoring import FEWEST_POSTS, half_octave, matched_average_precision

__all__ = ["DRAWS", "SEED", "Interval", "interval_of", "resampled"]

DRAWS, SEED, LEVEL = 500, 1, 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """Both ends of an interval; nan where there is none."""

    low: float
    high: float


def resampled(scores: np.ndarray, right: np.ndarray, n_posts: np.ndarray, draws: int = DRAWS) -> np.ndarray:
    """Return the matched average precision of each column in each draw, as draws × columns.

    A draw takes, with replacement, as many labelled accounts and as many others of each half-octave of three posts or
    more as were there: a half-octave with one account of a kind never loses it, and weights stay. Nothing is acted out
    anew: an account keeps its score, and with it its partners.

    Parameters
    ----------
    scores : array of shape (n, columns)
    right : bool array of shape (n,)
    n_posts : int array of shape (n,)
    draws : int
        The same seed each time.
    """
    rng = np.random.default_rng(SEED)
    judged = np.flatnonzero(n_posts >= FEWEST_POSTS)
    cell = 2 * half_octave(n_posts[judged]) + right[judged]
    cells = [judged[cell == value] for value in np.unique(cell)]
    found = np.full((draws, scores.shape[1]), np.nan)
    for draw in range(draws):
        taken = np.concatenate([rng.choice(cell, cell.size) for cell in cells])
        for k in range(scores.shape[1]):
            found[draw, k] = matched_average_precision(scores[taken, k], right[taken], n_posts[taken])
    return found


def interval_of(drawn: np.ndarray) -> Interval:
    """Return the middle 95 % of the draws that have a value; nan where none has."""
    known = drawn[~np.isnan(drawn)]
    if not known.size:
        return Interval(float("nan"), float("nan"))
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))
