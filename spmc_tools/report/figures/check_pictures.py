"""Charts of the method check as data URIs, in the languages of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.report.figures.pictures import data_uri
from spmc_tools.report.sections.watch.check_values import LanguageRate, ScriptRate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spmc_tools.report.sections.watch.check_values import QuantileLine, Rates, SizeTried
    from spmc_tools.report.words.wording import Said, Wording

__all__ = ["frontier", "quantiles", "shares"]

BESIDE = 0.4
"""A telephone has this much less room, in inches, beside labels."""


def _both(draw: Callable[[float], str]) -> dict[str, str]:
    """Return a picture for a page and for a telephone."""
    from spmc_tools.show.charts import charts

    return {"wide": data_uri(draw(charts.WIDE - 1)), "narrow": data_uri(draw(charts.NARROW - BESIDE))}


def quantiles(words: Wording, lines: Sequence[QuantileLine]) -> dict[str, str]:
    """Return the chart of observed against expected probabilities."""
    from spmc_tools.show.charts import charts

    def draw(width: float) -> str:
        named = [(line.line, str(words.say(f"copies.line.{line.line}")), list(line.points)) for line in lines]
        said = {name: str(words.say(f"copies.axis.{name}")) for name in ("x", "y", "diagonal")}
        return charts.quantiles(named, said, width)

    return _both(draw)


def shares(words: Wording, values: Rates) -> dict[str, str]:
    """Return the chart of shares by script and language; what is on too few accounts is left to the table."""
    from spmc_tools.show.charts import charts

    every: list[ScriptRate | LanguageRate] = [*values.scripts, *(values.languages or ())]
    rows = [rate for rate in every if rate.differs != "few"]

    def draw(width: float) -> str:
        drawn = [
            (str(_label(words, row)), row.share or 0.0, row.low, row.high, row.differs is not None) for row in rows
        ]
        said = {name: str(words.say(f"rates.axis.{name}")) for name in ("x", "all")}
        return charts.shares(drawn, values.all.share or 0.0, said, width)

    return _both(draw)


def _label(words: Wording, rate: ScriptRate | LanguageRate) -> Said:
    """Return the name of a language in each language where it is known, of a script, else what the data has."""
    if isinstance(rate, ScriptRate):
        return words.say(f"script.{rate.value}")
    plain = rate.value[:24] if rate.value.isascii() and rate.value.isprintable() else "–"
    return words.title(rate.title or {"en": plain})


def frontier(words: Wording, rows: Sequence[SizeTried]) -> dict[str, str]:
    """Return the chart of how many common objects groups of each size needed, at the longest delay that was tried."""
    from spmc_tools.show.charts import charts

    shown = [(tried, tried.n_objects) for tried in rows if tried.state == "shown" and tried.n_objects is not None]
    longest = {tried.trace: max(row.delay_s for row, _ in shown if row.trace == tried.trace) for tried, _ in shown}

    def draw(width: float) -> str:
        lines = [
            (
                str(words.say(f"trace.{trace}")),
                [(row.n_accounts, n) for row, n in shown if (row.trace, row.delay_s) == (trace, delay)],
            )
            for trace, delay in longest.items()
        ]
        return charts.frontier(lines, {name: str(words.say(f"power.axis.{name}")) for name in ("x", "y")}, width)

    return _both(draw)
