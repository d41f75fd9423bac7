"""The explorer: timeline, network, accounts, groups and posts that filter together, and the marks of an officer.

It is one state, :class:`spmc_tools.show.selection.state.State`, and panels that draw it. A panel sends a changed state
to :meth:`Explorer.change`, and every panel is drawn anew as far as it rests on what changed.

Every choice is at hand in Python (:attr:`Explorer.selected`), and :meth:`Explorer.call` is the code that gives the same
posts again. Names on the screen are for the case's own officers; what is saved to a file carries pseudonyms.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from spmc_tools.case.acts.marks import marks_of
from spmc_tools.show.panels.list_form import ListForm
from spmc_tools.show.panels.mark_form import MarkForm
from spmc_tools.show.panels.network_panel import NetworkPanel
from spmc_tools.show.panels.panel import Page, Words
from spmc_tools.show.panels.posts_panel import PostsPanel
from spmc_tools.show.panels.scope_panel import ScopePanel
from spmc_tools.show.panels.tables_panel import TablesPanel
from spmc_tools.show.selection.logged import Logged, MarksOfOthers, listed_in, look_often
from spmc_tools.show.selection.source import Source
from spmc_tools.show.selection.state import History, Selected, State
from spmc_tools.show.widgets.safe_tables import text_html

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from spmc_tools.case.acts.marks import Marks
    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.show.panels.panel import Panel
    from spmc_tools.show.selection.state import Period

__all__ = ["Explorer", "Selected", "explore"]


class Explorer:
    """The explorer of one case; ``widget`` is what a notebook shows.

    Attributes
    ----------
    widget : ipywidgets.VBox
        All panels.
    source : Source
        The case and its findings.
    scope : ScopePanel
        Filters, period and language.
    network : NetworkPanel
        The network and timeline.
    evidence : PostsPanel
        The posts and the code that gives them.
    mark_form : MarkForm
        Marks of what is chosen.
    tables : TablesPanel
        Accounts and groups.
    list_form : ListForm
        The officer's list.
    notice : ipywidgets.HTML
        What is said above the network.
    """

    def __init__(
        self, case: Case, found: Findings, wording: Callable[[str], Any], names: Mapping[str, str], language: str
    ) -> None:
        self._wording = wording
        self.source = Source(case, found, names)
        self._history = History(State(language))
        self._lock = threading.RLock()
        self._others = MarksOfOthers(case)
        self._logged = Logged(marks_of(case), listed_in(case, self.source.facts.index, names))
        self.widget = widgets.VBox([])
        self._build()
        self._looks = look_often(self.look_again)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.widget._repr_mimebundle_(**kwargs)

    # -- what is chosen ------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """Everything that is chosen now."""
        return self._history.now

    @property
    def selected(self) -> Selected:
        """The accounts, edge or group that are chosen now, and the period."""
        return self.state.selected

    @property
    def marks(self) -> Marks:
        """The marks as they stood when they were read last.

        Those of others appear within seconds; a mark is refused where one of theirs came while its reason was written.
        """
        return self._logged.marks

    def select(
        self,
        accounts: tuple[str, ...] = (),
        edge: tuple[str, str] | None = None,
        cluster: int | None = None,
        period: Period | None = None,
    ) -> None:
        """Choose, as a click does: accounts, an edge (then its two accounts), or a group; every view follows.

        Where that is chosen already its posts are read again: they may have been stopped, or in use by others.

        Raises
        ------
        ParameterError
            Where there is no such account, edge or group.
        """
        with self._lock:
            selected = self.source.selection(Selected(accounts, edge, cluster, period))
            if selected != self.selected:
                self.change(replace(self.state, selected=selected))
            else:
                self.look_again()
                self.evidence.show_posts()

    def change(self, state: State, logged: Logged | None = None) -> None:
        """Show another state, with what the custody log says now (None: what it said before); a step of the history."""
        with self._lock:
            self._logged = logged or self._logged
            self._show(self._history.changed(state))

    def back(self) -> None:
        """Go back to what was chosen before; nothing happens at the first step. The custody log stays as it is."""
        with self._lock:
            self._show(self._history.undo())

    def forward(self) -> None:
        """Go forward again to what was chosen before :meth:`back`; nothing happens at the last step."""
        with self._lock:
            self._show(self._history.redo())

    def call(self) -> str:
        """Return the code that gives the posts of what is chosen; empty where nothing is."""
        return self.source.call(self.state)

    def posts(self) -> pd.DataFrame | None:
        """Return the posts behind what is chosen, in time order, inside filters and period; None where nothing is.

        Of one account: its own and those in step with them. Of several: their own, of the first 20 by id.
        """
        return self.source.posts(self.state)

    def look_again(self) -> None:
        """Show and say what others marked meanwhile; do nothing where the log did not grow or a control is at work."""
        if self._lock.acquire(blocking=False):
            try:
                self.mark_form.read_news()
            finally:
                self._lock.release()

    # -- what is drawn -------------------------------------------------------------------------------------------

    def _show(self, history: History[State]) -> None:
        before, self._history = self.state, history
        if self.state.language != before.language:
            self._build()
        else:
            self._draw()
        if self.selected != before.selected:
            self.look_again()

    def _build(self) -> None:
        """Make every panel anew in the language of the state; what is chosen stays."""
        words = Words(self.state.language, self._wording(self.state.language))
        self.notice = widgets.HTML()
        page = Page(
            source=self.source,
            words=words,
            state=lambda: self.state,
            logged=lambda: self._logged,
            change=self.change,
            lock=self._lock,
            notice=self.notice,
        )
        old: NetworkPanel | None = getattr(self, "network", None)
        if old is not None and old.view is not None:
            old.view.close()
        self.scope, self.network, self.tables = ScopePanel(page), NetworkPanel(page), TablesPanel(page)
        self.mark_form, self.evidence = MarkForm(page, self._others), PostsPanel(page)
        self.list_form = ListForm(page, self.mark_form.officer)
        self.widget.children = [
            widgets.HTML("" if self.source.found.reviewed else text_html(words.say("explore.not_reviewed"))),
            self.scope.filters,
            self.notice,
            *self.network.widgets,
            self.scope.brush,
            self.scope.calendar,
            widgets.HTML(text_html(words.say("explore.evidence"))),
            self.evidence.posts,
            self.mark_form.widget,
            self.tables.widget,
            widgets.Accordion(
                [self.list_form.widget, self.evidence.code],
                titles=[words.say("explore.list"), words.say("explore.call")],
            ),
        ]
        self._draw()

    def _draw(self) -> None:
        """Let every panel show the state: first what is quick, the posts last."""
        panels: tuple[Panel, ...] = (
            self.scope, self.network, self.tables, self.mark_form, self.list_form, self.evidence,
        )  # fmt: skip
        for panel in panels:
            panel.draw()


def explore(
    case: Case, found: Findings, wording: Callable[[str], Any], names: Mapping[str, str], language: str = "en"
) -> Explorer:
    """Return the explorer of a case.

    Parameters
    ----------
    case : Case
        Whose ledger keeps the marks.
    found : Findings
        Of this case.
    wording : callable
        Language -> words, as :class:`spmc_tools.report.words.wording.Wording`.
    names : mapping
        Account id -> handle, as :func:`spmc_tools.report.sections.groups.shown_groups.handles` gives them.
    language : {"en", "hi"}
        To begin with.

    Notes
    -----
    The network shows who, never how sure: nearness in it is no measure. Links whose common actions lie between their
    first and last time are shown for every period that meets that span, also where none of them falls into it.
    """
    return Explorer(case, found, wording, names, language)
