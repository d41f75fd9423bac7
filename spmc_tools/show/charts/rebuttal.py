"""The picture of a rebuttal: the official version large, the claim small and marked as untrue, DRAFT at the foot."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from spmc_tools.show.charts.charts import MUTED, NAVY, style

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["draw_rebuttal"]

WIDE, HIGH, DOTS = 12.0, 6.75, 100
CLAIM = 160


def draw_rebuttal(words: Mapping[str, str], path: Path) -> None:
    """Write a picture of 1200 by 675 dots as PNG.

    Parameters
    ----------
    words : mapping
        ``title, truth, claim_label, claim, source, stamp``; long texts are wrapped, the claim is cut at 160 characters.
    path : Path
        Where it goes.
    """
    with style(18):
        figure = Figure(figsize=(WIDE, HIGH), facecolor="white")
        FigureCanvasAgg(figure)
        figure.text(0.05, 0.90, words["title"], fontsize=30, color=NAVY, va="center")
        figure.text(
            0.05, 0.80, _wrapped(words["truth"], 62, 5), fontsize=24, color="#1b1f24", va="top", linespacing=1.5
        )
        claim = words["claim"] if len(words["claim"]) <= CLAIM else words["claim"][:CLAIM] + "…"
        figure.text(0.05, 0.33, words["claim_label"], fontsize=15, color="#a11212", va="center")
        figure.text(0.05, 0.29, _wrapped(claim, 100, 3), fontsize=15, color=MUTED, va="top", linespacing=1.5)
        figure.text(0.05, 0.11, words["source"], fontsize=14, color=MUTED, va="center")
        figure.text(0.05, 0.05, words["stamp"], fontsize=20, color="#8a5300", va="center")
        figure.savefig(path, format="png", dpi=DOTS, metadata={"Software": None})


def _wrapped(text: str, width: int, lines: int) -> str:
    return "\n".join(textwrap.wrap(" ".join(text.split()), width, max_lines=lines, placeholder=" …"))
