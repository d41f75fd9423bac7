"""The panel that says what is looked at: which links, in which period, in which language."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from spmc_tools.show.charts.calendar_marks import told
from spmc_tools.show.panels.panel import Panel
from spmc_tools.show.widgets.period import PeriodChoice, moment, period_of
from spmc_tools.show.widgets.safe_tables import text_html

if TYPE_CHECKING:
    from spmc_tools.show.panels.panel import Page

__all__ = ["EVERYTHING", "QS", "ScopePanel"]

QS = (0.01, 0.001, 0.0001)
"""What a link's q may be at most: the expected share of chance links among those that are at least as sure."""

EVERYTHING = ""
"""What a box of a filter holds where nothing is asked for."""


class ScopePanel(Panel):
    """The filters and the language; the timeline in two lists of moments, and what the calendar marks in it.

    Attributes
    ----------
    trace, window, q, tier : ipywidgets.Dropdown
        The filters.
    whole : ipywidgets.Checkbox
        Whether every account is drawn.
    language : ipywidgets.Dropdown
        Of the page.
    filters : ipywidgets.HBox
        All of these.
    brush : PeriodChoice
        The period by keyboard.
    calendar : ipywidgets.HTML
        What is marked in the timeline.
    """

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        say = self.words.say
        self._make_filters()
        self.whole = widgets.Checkbox(value=self.state.all_accounts, description=say("explore.whole"), indent=False)
        self.language = _dropdown(
            options=[("English", "en"), ("हिन्दी", "hi")],
            value=self.state.language,
            description=say("explore.language"),
        )
        self.filters = widgets.HBox(
            [self.trace, self.window, self.q, self.tier, self.whole, self.language],
            layout=widgets.Layout(flex_flow="wrap"),
        )
        bands, moments = self.source.bands, self.source.moments
        said = str(self.words.wording.sentences(told(self.words.wording, bands))) if bands else ""
        self.calendar = widgets.HTML(text_html(said) if said else "")
        self.brush = PeriodChoice(
            [(self.words.clock(moment(second)), second) for second in moments],
            (say("explore.period"), say("explore.period_to")),
            "" if self.source.bins else say("explore.no_period"),
        )
        for box in (self.trace, self.window, self.q, self.tier):
            self._on_choice(box, "value", self._filtered)
        self._on_choice(self.whole, "value", lambda change: self._send(all_accounts=change["new"]))
        self._on_choice(self.language, "value", lambda change: self._send(language=change["new"]))
        self._on_choice(self.brush, "value", self._brushed)

    def _make_filters(self) -> None:
        say, edges = self.words.say, self.source.edges
        everything = (say("explore.all"), EVERYTHING)
        traces = [(self.words.trace(trace), trace) for trace in self.source.traces]
        lengths = sorted({float(window) for window in edges["window_s"].dropna()})
        windows = [(str(self.words.wording.lasting(length)), length) for length in lengths]
        limits = [(f"{limit:g}", limit) for limit in QS]
        tiers = [(say("explore.tier_from", tier=tier), tier) for tier in ("A", "B", "C")]
        self.trace = _dropdown(options=[everything, *traces], description=say("explore.trace"), value=EVERYTHING)
        self.window = _dropdown(options=[everything, *windows], description=say("explore.window"), value=EVERYTHING)
        self.q = _dropdown(options=[everything, *limits], description=say("explore.q"), value=EVERYTHING)
        self.tier = _dropdown(options=[everything, *tiers], description=say("explore.tier"), value=EVERYTHING)

    def _boxes(self) -> dict[str, widgets.Dropdown]:
        """Return the box of each filter, by the filter's name."""
        return {"trace": self.trace, "window_s": self.window, "q": self.q, "tier": self.tier}

    def _draw(self) -> None:
        asked = self.state.filters.asked()
        for name, box in self._boxes().items():
            box.value = asked.get(name, EVERYTHING)
        self.whole.value, self.language.value = self.state.all_accounts, self.state.language
        period, moments = self.state.selected.period, self.source.moments
        ends = () if period is None else tuple(int(end.timestamp()) for end in period)
        self.brush.value = ends if ends and set(ends) <= set(moments) else (moments[0], moments[-1])

    def _send(self, **changes: Any) -> None:
        self.page.change(replace(self.state, **changes))

    def _filtered(self, change: Any) -> None:
        name = next(name for name, box in self._boxes().items() if box is change["owner"])
        value = None if change["new"] == EVERYTHING else change["new"]
        self._send(filters=replace(self.state.filters, **{name: value}))

    def _brushed(self, change: Any) -> None:
        ends, moments = change["new"], self.source.moments
        whole = tuple(ends) == (moments[0], moments[-1])
        self.page.change(self.state.within(None if whole else period_of(ends)))


_dropdown = partial(widgets.Dropdown, style={"description_width": "initial"}, layout={"max_width": "98%"})
