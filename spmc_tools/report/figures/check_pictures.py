"""Charts of the method check as data URIs, in the languages of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.report.figures.pictures import data_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spmc_tools.report.words.wording import Said, Wording

__all__ = ["frontier", "quantiles", "shares"]

BESIDE = 0.4
"""A telephone has this much less room, in inches, beside labels."""


def _both(draw: Callable[[float, Callable[[Said], str]], str]) -> dict[str, str]:
    """Return the picture for a page, and for a telephone, which has room for the first language alone."""
    from spmc_tools.show.charts import charts

    return {
        "wide": data_uri(draw(charts.WIDE - 1, lambda said: said.plain(" / "))),
        "narrow": data_uri(draw(charts.NARROW - BESIDE, lambda said: str(said.forms[0][1].unescape()))),
    }


def quantiles(words: Wording, lines: list[Mapping[str, Any]]) -> dict[str, str]:
    """Return the chart of observed against expected probabilities."""
    from spmc_tools.show.charts import charts

    def draw(width: float, text: Callable[[Said], str]) -> str:
        named = [(one["line"], text(words.say(f"copies.line.{one['line']}")), one["points"]) for one in lines]
        said = {name: text(words.say(f"copies.axis.{name}")) for name in ("x", "y", "diagonal")}
        return charts.quantiles(named, said, width)

    return _both(draw)


def shares(words: Wording, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the chart of shares by script and language; what is on too few accounts is left to the table."""
    from spmc_tools.show.charts import charts

    rows = [one for one in [*values["scripts"], *(values["languages"] or [])] if one["differs"] != "few"]

    def draw(width: float, text: Callable[[Said], str]) -> str:
        drawn = [
            (text(_label(words, one)), one["share"], one["low"], one["high"], one["differs"] is not None)
            for one in rows
        ]
        said = {name: text(words.say(f"rates.axis.{name}")) for name in ("x", "all")}
        return charts.shares(drawn, values["all"]["share"] or 0.0, said, width)

    return _both(draw)


def _label(words: Wording, one: Mapping[str, Any]) -> Said:
    """Return the name of a language in each language where it is known, of a script, else what the data has."""
    if one.get("title"):
        return words.title(one["title"])
    if "title" in one:
        plain = str(one["value"]).isascii() and str(one["value"]).isprintable()
        return words.title({"en": str(one["value"])[:24] if plain else "–"})
    return words.say(f"script.{one['value']}")


def frontier(words: Wording, rows: list[Mapping[str, Any]]) -> dict[str, str]:
    """Return the chart of how many common objects groups of each size needed, at the longest delay that was tried."""
    from spmc_tools.show.charts import charts

    shown = [one for one in rows if one["state"] == "shown"]
    longest = {one["trace"]: max(row["delay_s"] for row in shown if row["trace"] == one["trace"]) for one in shown}

    def draw(width: float, text: Callable[[Said], str]) -> str:
        lines = [
            (
                text(words.say(f"trace.{trace}")),
                [(r["n_accounts"], r["n_objects"]) for r in shown if (r["trace"], r["delay_s"]) == (trace, delay)],
            )
            for trace, delay in longest.items()
        ]
        return charts.frontier(lines, {name: text(words.say(f"power.axis.{name}")) for name in ("x", "y")}, width)

    return _both(draw)
