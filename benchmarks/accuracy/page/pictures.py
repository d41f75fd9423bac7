"""The pictures of ``docs/measured/accuracy.md``: QQ, precision and recall, falsely named; the same bytes each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.accuracy.measurement.measure import RECALLS
from benchmarks.accuracy.measurement.summary import Summary, tail_ratio
from benchmarks.accuracy.worlds.catalogue import WORLDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes

__all__ = ["write"]

_COLOURS = ("#1b4f72", "#b9770e", "#117864", "#7d3c98", "#922b21", "#5d6d7e", "#2e86c1")
_STYLE = {
    "svg.hashsalt": "accuracy",
    "svg.fonttype": "path",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.figsize": (6.4, 3.6),
    "figure.constrained_layout.use": True,
}


def write(folder: Path, results: Mapping[str, list[dict[str, Any]]]) -> None:
    """Write the pictures as SVG; one without measured weeks is not written."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    known = {name: Summary(weeks) for name, weeks in results.items() if weeks}
    with mpl.rc_context(_STYLE):
        for name, draw in (("qq", _qq), ("precision_recall", _precision_recall), ("falsely_named", _falsely_named)):
            figure, axes = plt.subplots()
            if draw(axes, known):
                figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
            plt.close(figure)


def _qq(axes: Axes, known: Mapping[str, Summary]) -> bool:
    weeks = [w for name in ("organic-20k", "organic-100k") if name in known for w in known[name].weeks]
    if not weeks:
        return False
    for colour, trace in zip(_COLOURS, ("repost", "text", "tag"), strict=False):
        rows = [(p, n, chance) for p, n, chance in tail_ratio(weeks, trace) if n]
        tests = chance_tests(weeks, trace)
        axes.loglog([r[0] for r in rows], [r[1] / tests for r in rows], "o-", color=colour, label=f"{trace}s", ms=4)
    span = np.array([1e-12, 1e-3])
    axes.loglog(span, span, color="#888888", lw=1, ls="--", label="as chance would have it")
    axes.invert_xaxis()
    axes.set_xlabel("p of a pair, at most")
    axes.set_ylabel("share of all pairs and windows")
    axes.set_title("Organic-only weeks: pairs at or below p", loc="left")
    axes.legend(frameon=False)
    return True


def chance_tests(weeks: list[dict[str, Any]], trace: str) -> int:
    """Return how many tests these weeks hold in one trace."""
    return sum(w["tails"][trace]["tests"] for w in weeks if "tails" in w)


def _precision_recall(axes: Axes, known: Mapping[str, Summary]) -> bool:
    summary = known.get("mixed-h95")
    weeks = [w for w in summary.weeks if "peers" in w] if summary else []
    if not weeks:
        return False
    ours = np.mean([w["precision_on_grid"] for w in weeks], axis=0)
    axes.plot(RECALLS, ours, color=_COLOURS[0], lw=2.2, label="this package")
    peers: dict[str, dict[str, list[Any]]] = {}
    for week in weeks:
        for peer, run in week["peers"].items():
            for variant, numbers in run.get("variants", {}).items():
                peers.setdefault(peer, {}).setdefault(variant, []).append(numbers)
    for colour, (peer, variants) in zip(_COLOURS[1:], peers.items(), strict=False):
        best = max(variants.values(), key=lambda runs: float(np.mean([r["ap"] for r in runs])))
        axes.plot(RECALLS, np.mean([r["precision_on_grid"] for r in best], axis=0), color=colour, lw=1.2, label=peer)
    axes.set_xlabel("recall")
    axes.set_ylabel("precision")
    axes.set_ylim(0, 1.02)
    axes.set_title("Campaigns on four sources or more, homophily .95", loc="left")
    axes.legend(frameon=False, fontsize=7)
    return True


def _falsely_named(axes: Axes, known: Mapping[str, Summary]) -> bool:
    rows = [(name, s.false) for name, s in known.items() if WORLDS[name].records is None]
    if not rows:
        return False
    value = np.array([1e4 * share.value for _, share in rows])
    ends = 1e4 * np.array([share.interval for _, share in rows])
    place = np.arange(len(rows))[::-1]
    axes.errorbar(
        value, place, xerr=np.abs(ends.T - value), fmt="o", color=_COLOURS[0], ecolor="#999999", elinewidth=3, ms=4
    )
    axes.axvline(0.5, color=_COLOURS[4], lw=1, ls="--")
    axes.set_xscale("symlog", linthresh=0.5)
    axes.set_xlim(-0.03, max(10.0, 2 * ends.max()))
    axes.set_yticks(place, [name for name, _ in rows], fontsize=7)
    axes.set_xlabel("falsely named per 10,000 accounts, exact 95 % interval; dashed: .5")
    axes.figure.set_size_inches(6.4, 0.6 + 0.22 * len(rows))
    return True
