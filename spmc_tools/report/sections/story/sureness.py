"""How sure a finding is, in fixed words: a step of four by the measured share of ordinary groups among such findings.

Of findings of the same trace and kind in simulated weeks that compare, the upper end of the exact 95 % interval of the
share that had an ordinary reason (benign groups, and people who act together openly) decides:

=========== ====================
very strong up to 5 %
strong      up to 20 %
moderate    up to 50 %
weak        above
unknown     nothing compares
=========== ====================

The steps speak of simulated weeks; the real rate is unknown, and the page says so.
"""

from __future__ import annotations

from spmc_tools.chance.statistics.share_interval import share_interval

__all__ = ["STEPS", "sureness"]

STEPS = (("very_strong", 0.05), ("strong", 0.20), ("moderate", 0.50), ("weak", 1.0))


def sureness(n: int | None, ordinary: int) -> str:
    """Return the step of a finding, where ``ordinary`` of ``n`` such findings had an ordinary reason.

    >>> sureness(None, 0), sureness(200, 0), sureness(200, 25), sureness(10, 9)
    ('unknown', 'very_strong', 'strong', 'weak')
    """
    if not n:
        return "unknown"
    _, high = share_interval(ordinary, n)
    return next(name for name, most in STEPS if high <= most)
