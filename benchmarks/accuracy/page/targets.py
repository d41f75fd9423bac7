"""What is wanted of each kind of week, beside what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.measurement.summary import Share, best_peer
from benchmarks.accuracy.page.printed import number, per_10k, share, upper_bound

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.accuracy.measurement.summary import Summary

__all__ = ["TARGETS", "Target", "outside_tier_a"]

NAN = float("nan")


@dataclass(frozen=True)
class Target:
    """One line: ``text`` is what was measured, ``value`` is held against the bound; nan: neither reached nor missed."""

    world: str
    wanted: str
    value: Callable[[Summary], float]
    text: Callable[[Summary], str]
    bound: float
    least: bool = True

    def reached(self, summary: Summary) -> bool | None:
        """Return whether the target is reached; None where the weeks cannot tell."""
        value = self.value(summary)
        if value != value:  # noqa: PLR0124 -- nan
            return None
        return value >= self.bound if self.least else value <= self.bound


def _mean(world: str, wanted: str, bound: float, key: str) -> Target:
    def text(summary: Summary) -> str:
        low, high = summary.around(key)
        interval = f"[{number(low)}, {number(min(high, 1.0))}]"
        return f"{number(summary.mean(key))} {interval}, worst {number(summary.worst(key))}"

    return Target(world, wanted, lambda summary: summary.mean(key), text, bound)


def _ap(world: str, bound: float) -> Target:
    return _mean(world, f"AP of several-source campaigns ≥ {bound:g}", bound, "ap")


def _auc(world: str) -> Target:
    return _mean(world, "AUC ≥ 0.99", 0.99, "auc")


def _fdp(world: str) -> Target:
    def text(summary: Summary) -> str:
        found = summary.discovery
        return f"{share(found, 3)}, {found.hits} of {found.draws}"

    def value(summary: Summary) -> float:
        return summary.discovery.value if summary.discovery.draws else 0.0

    return Target(world, "FDP ≤ 0.03", value, text, 0.03, least=False)


def _named(world: str, kind: str, bound: float) -> Target:
    return Target(
        world,
        f"named, {kind}: ≥ {bound:g}",
        lambda summary: summary.found(kind).value,
        lambda summary: share(summary.found(kind)),
        bound,
    )


def _false(world: str, bound: float) -> Target:
    return Target(
        world,
        f"falsely named ≤ {bound:g} per 10,000",
        lambda summary: 1e4 * summary.false.value,
        lambda summary: per_10k(summary.false),
        bound,
        least=False,
    )


def _fans(world: str) -> Target:
    return Target(
        world,
        "no fan named",
        lambda summary: float(summary.false_roles["fan"]),
        lambda summary: str(summary.false_roles["fan"]),
        0.0,
        least=False,
    )


def _late(world: str, kind: str, bound: float) -> Target:
    return Target(
        world,
        f"listed for late strikes, {kind}: ≥ {bound:g}",
        lambda summary: summary.late(f"campaign:{kind}").value,
        lambda summary: share(summary.late(f"campaign:{kind}")),
        bound,
    )


def _late_fans(world: str) -> Target:
    def text(summary: Summary) -> str:
        return f"{summary.late('fan').hits} of {summary.late('fan').draws:,}"

    return Target(world, "no fan listed", lambda summary: float(summary.late("fan").hits), text, 0.0, least=False)


def _per_week(world: str, bound: float) -> Target:
    def value(summary: Summary) -> float:
        return summary.false.hits / len(summary.weeks)

    return Target(
        world, f"falsely named ≤ {bound:g} a week", value, lambda summary: f"{value(summary):.2f}", bound, least=False
    )


def _spoiled(world: str, bound: float | None) -> Target:
    def text(summary: Summary) -> str:
        found = summary.spoiled
        return f"{found.hits} of {found.draws}, upper bound {upper_bound(found):.3f}"

    if bound is None:
        return Target(world, "weeks with anybody falsely named: reported", lambda _summary: NAN, text, NAN)
    wanted = f"weeks with anybody falsely named, upper bound ≤ {bound:g}"
    return Target(world, wanted, lambda summary: upper_bound(summary.spoiled), text, bound, least=False)


def _beside_peers(world: str) -> Target:
    def both(summary: Summary) -> tuple[float, float, str]:
        own = [week["ap"] for week in summary.weeks if "peers" in week]
        best, name = best_peer(summary)
        return (1 - float(np.mean(own)) if own else NAN), 1 - best, name

    def value(summary: Summary) -> float:
        own, best, _ = both(summary)
        return own / best

    def text(summary: Summary) -> str:
        own, best, name = both(summary)
        return f"{number(own / best)}: ours {number(own)}, {name} {number(best)}"

    return Target(world, "our 1 − AP ≤ a fifth of the best peer's", value, text, 0.2, least=False)


def _seconds(world: str, bound: float) -> Target:
    path = ("assess_cpu_s", "repost")
    return Target(
        world,
        f"`spmc.assess` of the reposts, both windows, ≤ {bound:g} CPU s",
        lambda summary: summary.mean(*path),
        lambda summary: f"{summary.mean(*path):.1f}, most {max(summary.values(*path)):.1f}",
        bound,
        least=False,
    )


def _memory(world: str, bound: float) -> Target:
    def value(summary: Summary) -> float:
        return max(summary.values("peak_mb"), default=NAN) / 1000

    return Target(
        world,
        f"peak, all tables, ≤ {bound:g} GB",
        value,
        lambda summary: f"{value(summary):.1f} GB",
        bound,
        least=False,
    )


def outside_tier_a(summary: Summary) -> int:
    """Return how many accounts in tier A are no members of the template network."""
    return sum(n for week in summary.weeks for role, n in week["tier_a"].items() if role != "network")


def _quiet(summary: Summary) -> Share:
    """Return the weeks without an event of those in which events were looked for."""
    events = summary.values("n_events")
    return Share(sum(n == 0 for n in events), len(events))


def _network() -> tuple[Target, ...]:
    def in_one(summary: Summary) -> float:
        return summary.mean("network_cluster") / 200

    def quiet(summary: Summary) -> str:
        return f"{_quiet(summary).hits} of {_quiet(summary).draws} without an event"

    return (
        _named("network", "network", 0.95),
        Target("network", "in one cluster ≥ 0.93", in_one, lambda summary: number(in_one(summary), 2), 0.93),
        Target(
            "network",
            "nobody outside in tier A",
            lambda summary: float(outside_tier_a(summary)),
            lambda summary: str(outside_tier_a(summary)),
            0.0,
            least=False,
        ),
        _named("network-no-client", "network", 0.9),
        _named("network-minutes", "network", 0.9),
        _named("network-20", "network", 0.85),
        Target("network-permuted", "no event in 19 of 20 draws", lambda summary: _quiet(summary).value, quiet, 0.95),
    )


def _mixed(world: str, ap: float, slow: float) -> tuple[Target, ...]:
    return (
        _ap(world, ap),
        _auc(world),
        _fdp(world),
        _named(world, "ten sources", 0.98),
        _named(world, "copied texts", 0.93),
        _named(world, "slow", slow),
        _beside_peers(world),
    )


def _unharmed(world: str) -> tuple[Target, ...]:
    return (
        _fdp(world),
        _named(world, "ten sources", 0.98),
        _named(world, "copied texts", 0.93),
        _named(world, "slow", 0.9),
    )


TARGETS: tuple[Target, ...] = (
    _false("organic-20k", 0.5),
    _spoiled("organic-20k", 0.05),
    _false("organic-100k", 0.5),
    _spoiled("organic-100k", None),
    *_mixed("mixed-h80", 0.98, 0.9),
    *_mixed("mixed-h95", 0.97, 0.8),
    _ap("mixed-100k", 0.96),
    _fdp("mixed-100k"),
    _ap("stars-3", 0.96),
    _ap("at-publication", 0.95),
    _per_week("organic-stars-5", 1.0),
    *_unharmed("wires-4"),
    *_unharmed("wires-8"),
    *_unharmed("on-schedule"),
    _named("no-life", "slow", 0.5),
    _named("at-home", "slow", 0.5),
    _named("cells-10", "slow", 0.3),
    *(_named("one-source-old", f"one source, {n} old posts", 0.5) for n in (8, 14, 21)),
    _fans("one-source-old"),
    *(_late("one-source-old", f"one source, {n} old posts", 0.5) for n in (8, 14, 21)),
    _late_fans("one-source-old"),
    *_network(),
    _seconds("mixed-100k", 20),
    _memory("mixed-100k", 2),
    _fdp("tournament-100k"),
    _seconds("tournament-100k", 30),
    _memory("tournament-100k", 3),
)
"""Every line of the table of targets."""
