"""How good a ranking, a set of names or a clustering is, against known truth; and exact intervals of shares."""

from __future__ import annotations

import numpy as np
from scipy.stats import beta, rankdata

__all__ = [
    "FEWEST_POSTS",
    "adjusted_rand",
    "area_under_curve",
    "average_precision",
    "best_f1",
    "clopper_pearson",
    "half_octave",
    "matched_average_precision",
    "precision_at",
    "precision_on_grid",
    "v_measure",
    "weighted_purity",
]


def clopper_pearson(hits: int, draws: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a share, both ends between 0 and 1; (0, 1) where nothing was drawn.

    References
    ----------
    Clopper, C. and Pearson, E. S. (1934), Biometrika 26, 404.
    """
    if not draws:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(beta.ppf(tail, hits, draws - hits + 1))
    high = 1.0 if hits == draws else float(beta.ppf(1 - tail, hits + 1, draws - hits))
    return low, high


def area_under_curve(score: np.ndarray, right: np.ndarray) -> float:
    """Return the chance that a right one scores above a wrong one, ties counted half; nan where one kind is missing."""
    n_right = int(right.sum())
    n_wrong = right.size - n_right
    if not n_right or not n_wrong:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[right].sum() - n_right * (n_right + 1) / 2) / (n_right * n_wrong))


def _curve(score: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return thresholds (descending), right ones and all at or above each; equal scores are one step."""
    order = np.argsort(-score, kind="stable")
    sorted_score = score[order]
    last = np.flatnonzero(np.append(np.diff(sorted_score) != 0, True))
    return sorted_score[last], np.cumsum(right[order])[last], last + 1


def average_precision(score: np.ndarray, right: np.ndarray) -> float:
    """Return precision averaged over recall, equal scores taken as one step: no order among them is made up."""
    if not right.any():
        return float("nan")
    _, hits, taken = _curve(score, right)
    return float((np.diff(np.concatenate(([0], hits))) * hits / taken).sum() / hits[-1])


def half_octave(n_posts: np.ndarray) -> np.ndarray:
    """Return floor(2 · log2 n) of positive counts, exactly: 1 → 0, 2 → 2, 3 → 3, 4 and 5 → 4, 6 and 7 → 5, 8 → 6."""
    exponent: np.ndarray = np.frexp(n_posts.astype(float) ** 2)[1]
    return exponent - 1


FEWEST_POSTS = 3
"""Below that, an account is not judged among others that post as often."""


def matched_average_precision(score: np.ndarray, right: np.ndarray, n_posts: np.ndarray) -> float:
    """Return the average precision among accounts that post about equally often, so that activity cannot reach it.

    The mean of :func:`average_precision` over the half-octaves of the number of posts that hold both kinds, weighted
    by their number of right ones; nan where no half-octave holds both.

    Parameters
    ----------
    score : array of shape (n,)
        Higher is more suspicious; equal scores are one step.
    right : bool array of shape (n,)
    n_posts : int array of shape (n,)
        Posts of each account; accounts with fewer than :data:`FEWEST_POSTS` are left out.
    """
    judged = n_posts >= FEWEST_POSTS
    score, right, octave = score[judged], right[judged], half_octave(n_posts[judged])
    total, weight = 0.0, 0
    for value in np.unique(octave[right]):
        here = octave == value
        if not right[here].all():
            n_right = int(right[here].sum())
            total += n_right * average_precision(score[here], right[here])
            weight += n_right
    return total / weight if weight else float("nan")


def precision_on_grid(score: np.ndarray, right: np.ndarray, recalls: np.ndarray) -> np.ndarray:
    """Return for each recall the best precision that a threshold with at least this recall reaches."""
    _, hits, taken = _curve(score, right)
    best = np.maximum.accumulate((hits / taken)[::-1])[::-1]
    place = np.searchsorted(hits / hits[-1], recalls - 1e-12)
    return best[np.minimum(place, best.size - 1)]


def best_f1(score: np.ndarray, right: np.ndarray) -> tuple[int, int]:
    """Return (right ones, all) at the threshold with the largest F1, which only the labels can tell."""
    _, hits, taken = _curve(score, right)
    best = int(np.argmax(2 * hits / (taken + hits[-1])))
    return int(hits[best]), int(taken[best])


def precision_at(score: np.ndarray, right: np.ndarray, k: int) -> float:
    """Return the share of right ones among the first ``k``; at a tie the expected share."""
    _, hits, taken = _curve(score, right)
    place = int(np.searchsorted(taken, k))
    if place >= taken.size:
        return float(hits[-1] / k)
    before, seen = (int(hits[place - 1]), int(taken[place - 1])) if place else (0, 0)
    return float((before + (k - seen) * (hits[place] - before) / (taken[place] - seen)) / k)


def _contingency(truth: np.ndarray, found: np.ndarray) -> np.ndarray:
    _, row = np.unique(truth, return_inverse=True)
    _, column = np.unique(found, return_inverse=True)
    table = np.zeros((row.max(initial=-1) + 1, column.max(initial=-1) + 1))
    np.add.at(table, (row, column), 1)
    return table


def _entropy(counts: np.ndarray) -> float:
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log(share)).sum())


def v_measure(truth: np.ndarray, found: np.ndarray) -> float:
    """Return the harmonic mean of homogeneity and completeness of one partition against another, 0 to 1.

    References
    ----------
    Rosenberg, A. and Hirschberg, J. (2007), EMNLP-CoNLL, 410.
    """
    if not truth.size:
        return float("nan")
    table = _contingency(truth, found)
    of_truth, of_found, both = (_entropy(x) for x in (table.sum(1), table.sum(0), table.ravel()))
    homogeneity = 1.0 if of_truth == 0 else 1 - (both - of_found) / of_truth
    completeness = 1.0 if of_found == 0 else 1 - (both - of_truth) / of_found
    total = homogeneity + completeness
    return 0.0 if total <= 0 else 2 * homogeneity * completeness / total


def adjusted_rand(truth: np.ndarray, found: np.ndarray) -> float:
    """Return the share of pairs that two partitions treat alike, corrected for chance: 1 equal, 0 by chance.

    References
    ----------
    Hubert, L. and Arabie, P. (1985), Journal of Classification 2, 193.
    """
    if truth.size < 2:
        return float("nan")
    table = _contingency(truth, found)

    def pairs(counts: np.ndarray) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, rows, columns = pairs(table), pairs(table.sum(1)), pairs(table.sum(0))
    expected = rows * columns / (truth.size * (truth.size - 1) / 2)
    most = (rows + columns) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def weighted_purity(right: np.ndarray, found: np.ndarray) -> float:
    """Return WP = Σ n_k p_k² / Σ n_k p_k over clusters of size n_k with a share p_k of right ones; nan without any."""
    _, place = np.unique(found, return_inverse=True)
    size = np.bincount(place)
    hits = np.bincount(place, weights=right)
    return float((hits**2 / size).sum() / hits.sum()) if hits.sum() else float("nan")
