r"""Intervals for shares and rates, and times to an answer where some wait still: plain formulas and one estimator.

Formulas
--------
* Share k of n: Wilson score interval, the shares :math:`p` with :math:`|k/n - p| \le z \sqrt{p(1 - p)/n}`.
* Rate after : rate before, of two Poisson counts: the count after, given the sum, is binomial; its Clopper-Pearson
  interval turns into one for the ratio.
* Time to an answer: Kaplan-Meier, where a complaint that waits still, or was deleted, is censored at that moment.

Assumptions
-----------
Complaints and posts are independent; a storm of alike complaints or posts makes the intervals too narrow. Kaplan-Meier
takes those that were deleted as no different from those that wait on.

References
----------
Wilson (1927), JASA 22. Clopper & Pearson (1934), Biometrika 26. Kaplan & Meier (1958), JASA 53.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Waiting", "rate_ratio", "thinned", "waiting", "wilson"]


def wilson(k: int, n: int) -> tuple[float, float] | None:
    """Return the Wilson 95 % interval of a share of k in n; None where n is 0."""
    from scipy.stats import binomtest

    if n == 0:
        return None
    found = binomtest(k, n).proportion_ci(0.95, "wilson")
    return float(found.low), float(found.high)


def rate_ratio(before: int, after: int, hours_before: float, hours_after: float) -> dict[str, float | None]:
    """Return the rate after over the rate before with an exact 95 % interval.

    Returns
    -------
    dict
        ``ratio``, ``low``, ``high``; ``ratio`` and ``high`` None where nothing was before, all None where neither was.
    """
    from scipy.stats import beta

    total = before + after
    if total == 0 or hours_before <= 0 or hours_after <= 0:
        return {"ratio": None, "low": None, "high": None}
    low = 0.0 if after == 0 else float(beta.ppf(0.025, after, before + 1))
    high = 1.0 if before == 0 else float(beta.ppf(0.975, after + 1, before))
    time = hours_before / hours_after
    return {
        "ratio": after / before * time if before else None,
        "low": low / (1 - low) * time if low < 1 else None,
        "high": high / (1 - high) * time if high < 1 else None,
    }


@dataclass(frozen=True)
class Waiting:
    """How long until an answer: ``seconds`` (whole, ascending) and the share that waits longer than each.

    ``n`` complaints, ``answered`` of them; the others wait still or were withdrawn.
    """

    seconds: npt.NDArray[np.float64]
    still: npt.NDArray[np.float64]
    n: int
    answered: int

    def quantile(self, share: float) -> float | None:
        """Return within how many seconds this share is answered; None where the data does not reach it."""
        reached = self.still <= 1 - share + 1e-12
        return float(self.seconds[int(reached.argmax())]) if reached.any() else None

    def at(self, seconds: float) -> float:
        """Return the share that waits longer than so many seconds."""
        place = int(self.seconds.searchsorted(seconds, side="right")) - 1
        return float(self.still[place]) if place >= 0 else 1.0


def waiting(seconds: npt.NDArray[np.float64], answered: npt.NDArray[np.bool_]) -> Waiting:
    """Return the Kaplan-Meier estimate of the time to an answer.

    Parameters
    ----------
    seconds : array of float
        Time to the answer, or as long as was waited; parts of a second are rounded up. Not below 0.
    answered : array of bool
        Whether it was answered.
    """
    import numpy as np
    from scipy.stats import CensoredData, ecdf

    if not len(seconds):
        return Waiting(np.zeros(0), np.ones(0), 0, 0)
    whole, done = np.ceil(np.asarray(seconds, dtype=float)), np.asarray(answered, dtype=bool)
    still = ecdf(CensoredData(uncensored=whole[done], right=whole[~done])).sf
    return Waiting(still.quantiles, still.probabilities, len(whole), int(done.sum()))


def thinned(estimate: Waiting, most: int = 160) -> list[tuple[float, float]]:
    """Return at most about so many points of a curve, its first and last among them, for a picture."""
    step = max(1, ceil(len(estimate.seconds) / most))
    places = sorted({*range(0, len(estimate.seconds), step), len(estimate.seconds) - 1} - {-1})
    return [(float(estimate.seconds[i]), float(estimate.still[i])) for i in places]
