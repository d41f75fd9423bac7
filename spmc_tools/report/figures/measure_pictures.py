"""Pictures of the desks that measure, in the words of their page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.desks.base.places import state_of
from spmc_tools.report.figures.pictures import data_uri
from spmc_tools.show.charts.calendar_marks import marks

if TYPE_CHECKING:
    from collections.abc import Callable

    from spmc_tools.report.sections.desks.awareness_values import Campaigns
    from spmc_tools.report.sections.desks.page_figures import BrokenSeries, Standing, StandingGrowth
    from spmc_tools.report.words.wording import Said, Wording

__all__ = ["beside", "break_series", "ranks", "timeline"]


def _both(draw: Callable[[float], str]) -> dict[str, str]:
    """Return a picture for a page and for a telephone."""
    from spmc_tools.show.charts import charts

    return {"wide": data_uri(draw(charts.WIDE)), "narrow": data_uri(draw(charts.NARROW))}


def _platform(words: Wording, name: str) -> Said:
    known = {"facebook", "x", "instagram", "youtube", "telegram"}
    return words.say(f"platform.{name}") if name in known else words.each(lambda _: name)


def _state(words: Wording, name: str) -> Said:
    known = state_of(name)
    return words.title(known) if known else words.each(lambda _: name)


def ranks(words: Wording, values: Standing) -> dict[str, str]:
    """Return followers of the first ten pages of each platform as bars, the own in orange."""
    from spmc_tools.show.charts import measures

    def draw(width: float) -> str:
        parts = [
            (
                str(_platform(words, part.platform))
                + (" · " + str(words.say("standing.unseen", n=part.unseen)) if part.unseen else ""),
                [
                    (
                        str(_state(words, row.state)),
                        row.followers,
                        _short(words, row.followers),
                        row.state == values.state,
                    )
                    for row in part.rows
                    if row.followers is not None
                ],
            )
            for part in values.chart
        ]
        return measures.bars([part for part in parts if part[1]], width, 2 if width > 5 else 1)

    return _both(draw)


def _short(words: Wording, value: float) -> str:
    """Return a figure for a chart."""
    return words.lakh(value).plain()


def timeline(words: Wording, values: StandingGrowth) -> dict[str, str]:
    """Return followers of the own pages over time."""
    from spmc_tools.show.charts import measures

    pages = [row.platform for row in values.series]
    odd = [figure for row in values.series for figure in row.odd]
    gone = [row.points[-1] for row in values.series if row.lost]

    def draw(width: float) -> str:
        series = [
            (
                str(_platform(words, row.platform)) + (f" · {row.page[:24]}" if pages.count(row.platform) > 1 else ""),
                row.points,
            )
            for row in values.series
        ]
        return measures.lines(
            series,
            [],
            str(words.say("standing.timeline")),
            lambda value: _short(words, value),
            lambda moment: words.day_short(moment).plain(),
            width,
            rings=odd,
            ends=gone,
            bands=marks(words, values.bands),
        )

    return _both(draw)


def break_series(words: Wording, row: BrokenSeries) -> dict[str, str]:
    """Return one page's figure of each day, cut where the platform changed what it counts."""
    from spmc_tools.show.charts import measures

    def draw(width: float) -> str:
        series = [(str(words.say(f"metric.{part.metric}")), part.points) for part in row.parts]
        cuts = [(cut.at, str(words.say("standing.break"))) for cut in row.breaks]
        first, last = words.day(row.first), words.day(row.last)
        said = words.say("standing.daily", platform=_platform(words, row.platform), first=first, last=last)
        title = str(said)
        return measures.lines(
            series,
            cuts,
            title,
            lambda value: _short(words, value),
            lambda moment: words.day_short(moment).plain(),
            width,
            holes=row.gaps,
            bands=marks(words, row.bands),
        )

    return _both(draw)


def beside(words: Wording, values: Campaigns) -> dict[str, str]:
    """Return each campaign's rate over that of the page's other posts with its interval, on a scale of ratios."""
    from spmc_tools.show.charts import measures

    def draw(width: float) -> str:
        most = 20 if width < 5 else 48
        rows = []
        for row in values.rows:
            ratio, low, high = row.beside.ratio, row.beside.low, row.beside.high
            if ratio is None or low is None or high is None:
                continue
            where = str(_platform(words, row.platform)).split(" / ")[0]
            name = row.name or row.campaign
            label = f"{name if len(name) <= most else name[:most] + '…'} · {where}"
            rows.append((label, ratio, low, high, row.differs in {"higher", "lower"}))
        labels = (str(words.say("awareness.axis")), str(words.say("awareness.same")))
        return measures.intervals(rows, 1.0, labels, width, log=True)

    return _both(draw)
