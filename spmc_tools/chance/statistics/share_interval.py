"""The interval beside a share: how far the true share may lie from the one that was counted."""

from __future__ import annotations

__all__ = ["share_interval"]


def share_interval(hits: int, draws: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a share; without a single draw it is 0 to 1.

    Parameters
    ----------
    hits, draws : int
        How often it was so, of how many.
    level : float
        How often such an interval holds the true share, at least.

    Notes
    -----
    Assumption: the draws are independent. Accounts of one group are not: the interval is then too narrow.

    References
    ----------
    Clopper and Pearson (1934), The use of confidence or fiducial limits illustrated in the case of the binomial,
    Biometrika 26, 404–413.
    """
    from scipy.stats import binomtest

    if not draws:
        return 0.0, 1.0
    interval = binomtest(hits, draws).proportion_ci(level, "exact")
    return float(interval.low), float(interval.high)
