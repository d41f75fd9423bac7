"""Charts, drawn at render time from a section's values, in the language of the page.

They are data URIs; those of cards and of posts over time stand in the page itself, where they take its letters: a page
of twenty groups holds sixty of them.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from markupsafe import Markup

from spmc_tools.report.values.section_values import to_json
from spmc_tools.show.charts.calendar_marks import marks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from spmc_tools.report.scope.received_values import Volume
    from spmc_tools.report.sections.desks.rumour_values import Claim
    from spmc_tools.report.sections.groups.card_values import NetworkPicture
    from spmc_tools.report.sections.groups.together import GroupInHours
    from spmc_tools.report.sections.story.story_values import Barcode, DrawnPosts
    from spmc_tools.report.values.calendar_band import CalendarBand
    from spmc_tools.report.words.wording import Said, Wording

__all__ = [
    "barcode", "curve", "data_uri", "inside", "network", "session", "spread", "telling", "volume",
]  # fmt: skip


_NAMED = re.compile(r'(?<=["#])p(?=[0-9a-f]{8})')
"""Where a name inside a drawing begins: no two drawings of a page may share one."""


def data_uri(svg: str) -> str:
    """Return an SVG as a data URI."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


def volume(words: Wording, values: Volume, times: Sequence[datetime]) -> dict[str, Markup]:
    """Return the chart of posts over time for a page (``wide``) and a telephone (``narrow``).

    ``times``: those of the posts of findings. The values hold a record.
    """
    from spmc_tools.show.charts import charts

    assert values.start is not None  # noqa: S101 -- the page draws nothing where there is no record
    assert values.step_s is not None  # noqa: S101 -- as above
    finding = [0] * len(values.counts)
    for moment in times:
        place = int((moment - values.start).total_seconds() // values.step_s)
        if 0 <= place < len(finding):
            finding[place] += 1
    zone = words.say("volume.zone")
    titles = {"all": words.say(f"volume.all.{values.step}"), "finding": words.say(f"volume.own.{values.step}")}
    counted = {"start": values.start.isoformat(), "step_s": values.step_s, "counts": values.counts}

    def draw(width: float) -> str:
        return charts.volume(
            counted,
            finding,
            marks(words, values.bands, str),
            {name: title.plain() for name, title in (titles | {"zone": zone}).items()},
            lambda day: words.day_short(day).plain(),
            width,
            inline=True,
        )

    return inside(draw(charts.WIDE), draw(charts.NARROW))


def session(words: Wording, group: GroupInHours, bands: Sequence[CalendarBand]) -> dict[str, Markup]:
    """Return the picture of who of a group acted when; there is an action."""
    from spmc_tools.show.charts import barcode_chart

    actions = [(action.line, action.at, action.thing) for action in group.actions]
    return inside(
        barcode_chart.barcode(
            actions,
            (),
            [""] * (1 + max(line for line, *_ in actions)),
            beside_rows=0,
            lags_s=(),
            bands=marks(words, bands),
            answers=(),
            titles={},
            lag_names=(),
            tick=lambda moment: _numeric(words, moment),
        )
    )


def barcode(
    words: Wording, values: Barcode, *, narrow: bool = True, again: bool = False, ends: bool = False
) -> dict[str, Markup]:
    """Return the posts of a group over time, beside those of other accounts.

    ``narrow``: with a form for telephones; ``again``: the page holds the same picture already; ``ends``: the axis
    reaches from ``start`` to ``end``, whatever was posted between them.
    """
    from spmc_tools.show.charts import barcode_chart

    titles = {"beside": words.say("barcode.beside"), "lags": words.say("barcode.lags")}

    def draw(width: float) -> str:
        return barcode_chart.barcode(
            _posts(values.own),
            _posts(values.beside),
            values.labels,
            beside_rows=values.beside_rows,
            lags_s=values.lags_s,
            bands=marks(words, values.bands),
            answers=values.answers,
            titles={name: said.plain() for name, said in titles.items()},
            lag_names=[
                said.plain() for said in (*map(words.lasting, barcode_chart.LAG_ENDS_S), words.say("barcode.later"))
            ],
            tick=lambda moment: _numeric(words, moment),
            width=width,
            ends=(values.start, values.end) if ends else None,
        )

    made = [draw(charts_width(wide=True)), draw(charts_width(wide=False)) if narrow else ""]
    return inside(*(_NAMED.sub("q", text) if again else text for text in made))


def charts_width(*, wide: bool) -> float:
    """Return the width in inches of a picture for a page or a telephone."""
    from spmc_tools.show.charts import charts

    return charts.WIDE if wide else charts.NARROW


def _posts(drawn: DrawnPosts) -> list[tuple[int, datetime, int]]:
    return list(zip(drawn.rows, drawn.times, drawn.things, strict=True))


def inside(wide: str, narrow: str = "") -> dict[str, Markup]:
    """Return a drawing that stands in the page; ``narrow``: its form for a telephone, where it needs one."""
    # drawn by us from numbers, dates and words of ours and the calendar's, which the writer of XML escaped
    return {"drawn": Markup(wide), "narrow": Markup(narrow)}  # noqa: S704


def _numeric(words: Wording, moment: datetime) -> str:
    """Return a tick of the picture, alike in every language: 06-11 at midnight, 19:00 within a day."""
    return f"{moment:%H:%M}" if moment.hour or moment.minute else words.day_numeric(moment).plain()[:5]


def network(values: NetworkPicture) -> dict[str, Markup]:
    """Return the picture of who was in step with whom."""
    from spmc_tools.show.charts import charts

    return inside(charts.network(to_json(values), inline=True))


def telling(values: NetworkPicture) -> bool:
    """Return whether a picture of who was in step with whom shows something: links, and not nearly all there could be.

    Where half of all pairs are linked it is a ball of lines, whatever the group did.
    """
    nodes = len(values.nodes)
    return 0 < 2 * len(values.lines) < nodes * (nodes - 1) / 2


def curve(  # noqa: PLR0913 -- a chart takes its figures and words apart
    points: list[tuple[float, float]],
    marks: list[tuple[float, Said]],
    title: Said,
    axis: Said,
    *,
    percent: bool,
    most: float | None = None,
) -> dict[str, str]:
    """Return a step curve for a page and a telephone; ``most``: the last place on its axis."""
    from spmc_tools.show.charts import charts

    def draw(width: float) -> str:
        named = [(place, label.plain()) for place, label in marks]
        drawn = charts.curve(points, named, title.plain(), axis.plain(), percent=percent, most=most, width=width)
        return data_uri(drawn)

    return {"wide": draw(charts.WIDE), "narrow": draw(charts.NARROW)}


def spread(words: Wording, claim: Claim) -> dict[str, str]:
    """Return how a claim spread, in hours since its first post, with the official version and the calendar."""
    from spmc_tools.show.charts import charts

    official, bands = claim.official_h, marks(words, claim.bands)

    def draw(width: float) -> str:
        said = words.say("rumour.official.short").plain()
        named = [(official, said)] if official is not None and official >= 0 else []
        return data_uri(
            charts.curve(
                list(claim.curve), named, words.say("rumour.curve").plain(), words.say("rumour.hours").plain(),
                percent=False, width=width, start=claim.first_post, bands=bands,
            )
        )  # fmt: skip

    return {"wide": draw(charts.WIDE), "narrow": draw(charts.NARROW)}
