"""What many weeks of one declaration add up to: shares with exact intervals, means with their worst week."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from benchmarks.accuracy.measurement.measure import TAILS
from benchmarks.accuracy.measurement.scoring import clopper_pearson
from benchmarks.accuracy.worlds.people import VOLUNTARY

__all__ = ["Share", "Summary", "best_peer", "peer_variants", "tail_ratio"]


@dataclass(frozen=True)
class Share:
    """``hits`` of ``draws`` with its exact 95 % interval."""

    hits: int
    draws: int

    @property
    def value(self) -> float:
        """The share; nan where nothing was drawn."""
        return self.hits / self.draws if self.draws else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Both ends of the interval of Clopper and Pearson."""
        return clopper_pearson(self.hits, self.draws)


@dataclass(frozen=True)
class Summary:
    """The weeks of one world, each as :func:`benchmarks.accuracy.measure.measured` tells it."""

    weeks: list[dict[str, Any]]

    @property
    def false(self) -> Share:
        """Falsely named accounts of all innocent ones: no member of a campaign, no volunteer."""
        return Share(sum(w["false"] for w in self.weeks), sum(w["innocent"] for w in self.weeks))

    @property
    def spoiled(self) -> Share:
        """Weeks in which anybody is falsely named."""
        return Share(sum(w["false"] > 0 for w in self.weeks), len(self.weeks))

    @property
    def discovery(self) -> Share:
        """Falsely named of all named, volunteers apart: the false-discovery proportion over all weeks."""
        false = self.false.hits
        right = sum(n for role, n in self.named.items() if _planted(role))
        return Share(false, false + right)

    @cached_property
    def named(self) -> Counter[str]:
        """Named accounts by role."""
        return _added(w["named"] for w in self.weeks)

    @cached_property
    def sizes(self) -> Counter[str]:
        """Accounts by role."""
        return _added(w["sizes"] for w in self.weeks)

    @property
    def false_roles(self) -> Counter[str]:
        """Falsely named accounts by role."""
        return Counter({r: n for r, n in self.named.items() if not _planted(r) and r not in VOLUNTARY})

    @property
    def volunteers(self) -> Share:
        """Named volunteers and leaders of all of them."""
        return Share(sum(self.named[r] for r in VOLUNTARY), sum(self.sizes[r] for r in VOLUNTARY))

    def found(self, kind: str) -> Share:
        """Return the named share of a kind of campaign (``network``: of the template network)."""
        role = kind if kind == "network" else f"campaign:{kind}"
        return Share(self.named[role], self.sizes[role])

    def late(self, role: str) -> Share:
        """Return the share of a role that stands in a list of late strikes, which names nobody."""
        weeks = [w for w in self.weeks if "late" in w.get("listed", {})]
        hits = sum(w["listed"]["late"].get(role, 0) for w in weeks)
        return Share(hits, sum(w["sizes"].get(role, 0) for w in weeks))

    def mean(self, *path: str) -> float:
        """Return the mean over weeks of one number; nan where no week has it."""
        values = self.values(*path)
        return float(np.mean(values)) if values else float("nan")

    def worst(self, *path: str) -> float:
        """Return the smallest over weeks of one number; nan where no week has it."""
        return min(self.values(*path), default=float("nan"))

    def values(self, *path: str) -> list[float]:
        """Return one number of every week that has it, by the keys that lead to it."""
        out = []
        for week in self.weeks:
            here: Any = week
            for key in path:
                here = here.get(key) if isinstance(here, dict) else None
            if here is not None and here == here:  # noqa: PLR0124 -- nan is unequal to itself
                out.append(float(here))
        return out

    def around(self, *path: str) -> tuple[float, float]:
        """Return mean ± 1.96 standard errors of one number over weeks; nan with fewer than two."""
        values = self.values(*path)
        if len(values) < 2:
            return float("nan"), float("nan")
        middle, error = float(np.mean(values)), float(np.std(values, ddof=1)) / len(values) ** 0.5
        return middle - 1.96 * error, middle + 1.96 * error


def tail_ratio(weeks: list[dict[str, Any]], trace: str, pairs: str = "crowd") -> list[tuple[float, int, float]]:
    """Return for each power of ten the pairs seen at or below it, and how many chance would show at most.

    A pair is a test in each window; only pairs with two occasions or more are listed, so that the row of 10⁻³ counts
    too few. ``pairs``: "crowd", without pairs of two accounts that do act together; or "at", all.
    """
    tests = sum(w["tails"][trace]["tests"] for w in weeks if "tails" in w)
    seen = np.sum([w["tails"][trace][pairs] for w in weeks if "tails" in w], axis=0)
    return [(10.0**-k, int(n), tests * 10.0**-k) for k, n in zip(TAILS, np.atleast_1d(seen).tolist(), strict=False)]


def best_peer(summary: Summary) -> tuple[float, str]:
    """Return the best mean AP of any variant of any peer, and which."""
    best = (float("nan"), "–")
    for peer, variants in peer_variants(summary).items():
        for variant, weeks in variants.items():
            ap = float(np.mean([w["ap"] for w in weeks]))
            if not ap <= best[0]:
                best = (ap, f"{peer}, {variant}")
    return best


def peer_variants(summary: Summary) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return what each variant of each peer reached, week by week."""
    told: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for week in summary.weeks:
        for peer, run in week.get("peers", {}).items():
            for variant, numbers in run.get("variants", {}).items():
                told.setdefault(peer, {}).setdefault(variant, []).append(numbers)
    return told


def _planted(role: str) -> bool:
    return role.startswith("campaign:") or role == "network"


def _added(parts: Any) -> Counter[str]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return total
