"""The panel in which an officer lays a list of accounts over the network; the list stands in the custody log."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import ipywidgets as widgets

from spmc_tools.case.acts.account_lists import keep_account_list
from spmc_tools.errors import quote
from spmc_tools.show.panels.panel import Panel
from spmc_tools.show.selection.logged import listed_in
from spmc_tools.show.widgets.safe_tables import text_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from spmc_tools.show.panels.panel import Page

__all__ = ["ListForm"]


class ListForm(Panel):
    """The list that holds, and the form for another one.

    Parameters
    ----------
    page : Page
        As every panel takes it.
    who : callable
        Who keeps a list.

    Attributes
    ----------
    widget : ipywidgets.VBox
        All of it.
    accounts : ipywidgets.Textarea
        Ids or handles, as typed.
    reason : ipywidgets.Text
        Why.
    keep, choose : ipywidgets.Button
        Keep the list; choose the accounts that are on the list that holds.
    said : ipywidgets.HTML
        What the list holds and misses; or why it was not kept.
    """

    def __init__(self, page: Page, who: Callable[[], str]) -> None:
        super().__init__(page)
        say, style, self._who = self.words.say, {"description_width": "10em"}, who
        wide, auto = widgets.Layout(width="34em", max_width="98%"), widgets.Layout(width="auto")
        kept = self.logged.listed.kept
        self.accounts = widgets.Textarea(
            value="\n".join(kept.accounts) if kept else "",
            description=say("explore.list.accounts"),
            style=style,
            layout=wide,
            rows=4,
        )
        self.reason = widgets.Text(description=say("explore.list.reason"), style=style, layout=wide)
        self.keep = widgets.Button(description=say("explore.list.keep"), layout=auto)
        self.choose = widgets.Button(description=say("explore.list.choose"), layout=auto)
        self._on_press(self.keep, self.keep_list)
        self._on_press(self.choose, self.choose_listed)
        self.said = widgets.HTML()
        note, buttons = widgets.HTML(text_html(say("explore.list.note"))), widgets.HBox([self.keep, self.choose])
        self.widget = widgets.VBox([note, self.accounts, self.reason, buttons, self.said])

    def _draw(self) -> None:
        if not self._differs("list", self.logged.listed):
            return
        say, listed = self.words.say, self.logged.listed
        if listed.kept is None:
            self.said.value = ""
            return
        lines = [
            say(
                "explore.list.holds",
                count=len(listed.accounts),
                when=self.words.logged_at(listed.kept.at),
                who=quote(listed.kept.by, 60)[1:-1],
                reason=quote(listed.kept.reason, 300)[1:-1],
            ),
            say("explore.list.drawn", count=len(listed.accounts & self.source.drawn)),
        ]
        if listed.unmatched:
            names = ", ".join(quote(typed, 60)[1:-1] for typed in listed.unmatched[:20])
            lines.append(say("explore.list.missing", count=len(listed.unmatched), names=names))
        self.said.value = text_html("\n".join(lines))

    def keep_list(self) -> None:
        """Lay the list of the form over the network; it stands in the custody log with its reason."""
        typed, source = re.split(r"[\n,;]", self.accounts.value), self.source
        reason, field = self.reason.value, self.words.say("explore.list.reason")
        kept = self._attempt(lambda: keep_account_list(source.case, typed, reason, by=self._who()), self.said, field)
        if kept is None:
            return
        self.reason.value = ""
        listed = listed_in(source.case, source.facts.index, source.names)
        self.page.change(self.state, replace(self.logged, listed=listed))

    def choose_listed(self) -> None:
        """Choose the accounts that are on the list."""
        self.page.change(self.state.selecting(tuple(sorted(self.logged.listed.accounts))))
