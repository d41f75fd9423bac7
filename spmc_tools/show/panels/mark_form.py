"""The panel in which an officer marks what is chosen; the mark itself is an entry of the custody log.

What others mark meanwhile appears here by itself. Whoever writes a reason while a mark of the same account comes in is
refused once, with whose it is: nothing is written over unseen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from spmc_tools.case.acts import marks
from spmc_tools.errors import quote
from spmc_tools.show.panels.panel import Panel
from spmc_tools.show.selection.logged import news_of
from spmc_tools.show.widgets.safe_tables import text_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from spmc_tools.show.panels.panel import Page
    from spmc_tools.show.selection.logged import MarksOfOthers

__all__ = ["MarkForm"]

_NEWS = 5
"""Marks of others that are told in words at once, the newest."""

_NAMED = 20
"""Accounts that are named, and whose marks are told."""


class MarkForm(Panel):
    """What stands of the accounts that are chosen, and the form for a mark of them.

    Attributes
    ----------
    widget : ipywidgets.VBox
        All of it.
    kind, who, reason : ipywidgets.Dropdown, ipywidgets.Text, ipywidgets.Textarea
        What is said of the accounts, by whom, and why.
    keep, undo_button, redo_button : ipywidgets.Button
        What writes into the custody log.
    news : ipywidgets.HTML
        What others marked meanwhile.
    standing : ipywidgets.HTML
        Who is chosen, and every mark of these accounts.
    said : ipywidgets.HTML
        What became of the last press of a button.
    others : MarksOfOthers
        Where the marks of others come from.
    """

    def __init__(self, page: Page, others: MarksOfOthers) -> None:
        super().__init__(page)
        self.others = others
        self._accounts = frozenset(self.state.selected.accounts)
        self._unread: str | None = None
        self.news, self.standing, self.said = widgets.HTML(), widgets.HTML(), widgets.HTML()
        say, style = self.words.say, {"description_width": "10em"}
        wide = widgets.Layout(width="34em", max_width="98%")
        self.kind = widgets.Dropdown(
            options=[(self.words.mark(mark), mark) for mark in marks.MARKS],
            value=marks.SECOND_LOOK,
            description=say("explore.mark"),
            style=style,
            layout={"max_width": "98%"},
        )
        officer = self.source.case.officer
        self.who = widgets.Text(value=officer, description=say("explore.who"), style=style, layout=wide)
        self.reason = widgets.Textarea(description=say("explore.reason"), style=style, layout=wide, rows=2)
        self._on_choice(self.reason, "value", self._reason_begun)
        self.keep, self.undo_button, self.redo_button = (
            widgets.Button(description=say(f"explore.{key}"), layout={"width": "auto"})
            for key in ("keep", "undo", "redo")
        )
        buttons = [self.keep, self.undo_button, self.redo_button]
        for button, act in zip(buttons, (self.mark, self.undo, self.redo), strict=True):
            self._on_press(button, act)
        row = widgets.HBox(buttons, layout=widgets.Layout(flex_flow="row wrap"))
        self.widget = widgets.VBox([self.news, self.standing, self.kind, self.who, self.reason, row, self.said])

    # -- what stands ---------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        accounts = self.state.selected.accounts
        if frozenset(accounts) != self._accounts:
            self._accounts, self.others.before, self.said.value = frozenset(accounts), None, ""
        lines = [self._whom() if accounts else self.words.say("explore.mark_choose")]
        for account in accounts[:_NAMED]:
            for mark in self.logged.marks.history(account):
                undone = self.words.say("explore.undone") if mark.seq in self.logged.marks.undone else ""
                lines.append(f"{self._in_words(mark, account)} {undone}".strip())
        self.standing.value = text_html("\n".join(lines))

    def _whom(self) -> str:
        """Return whom a mark would hold for, by name: who is chosen need not be in the picture."""
        accounts = self.state.selected.accounts
        names = ", ".join(self.source.name(account) for account in accounts[:_NAMED])
        if len(accounts) > _NAMED:
            names = self.words.say("explore.news_more", account=names, count=len(accounts) - _NAMED)
        return self.words.say("explore.marking", count=len(accounts), names=names)

    def _in_words(self, mark: marks.Mark, account: str | None = None) -> str:
        """Return a mark in words; without an account: of those that it is about, the first."""
        say = self.words.say
        about = self.source.name(mark.accounts[0] if account is None else account)
        if account is None and len(mark.accounts) > 1:
            about = say("explore.news_more", account=about, count=len(mark.accounts) - 1)
        return say(
            "explore.marked",
            account=about,
            mark=self.words.mark(mark.mark),
            who=quote(mark.by, 60)[1:-1],
            reason=quote(mark.reason, 300)[1:-1],
            when=self.words.logged_at(mark.at),
        )

    # -- what others mark ----------------------------------------------------------------------------------------

    def officer(self) -> str:
        """Return who marks, as the form says."""
        return str(self.who.value)

    def read_news(self) -> None:
        """Show and say what others marked meanwhile; nothing where the log did not grow.

        Where the log cannot be read that is said, and what stood there comes back when it can be.
        """
        said = self.news.value
        read = self._attempt(lambda: (self.others.now(self.logged.marks),), self.news)
        if read is None:
            self._unread = said if self._unread is None else self._unread
            return
        if self._unread is not None:  # the log can be read again: what went wrong no longer stands
            self.news.value, self._unread = self._unread, None
        (now,) = read
        if now is None:
            return
        accounts, new, moved = news_of(self.logged.marks, now)
        if self.others.before is None and self.reason.value.strip() and accounts & self._accounts:
            self.others.before = self.logged.marks  # the writer has not seen these: refused once, with whose mark it is
        lines = [self.words.say("explore.news", count=len(accounts))] + [self._in_words(mark) for mark in new[-_NEWS:]]
        lines += [self.words.say("explore.news_moved", count=moved)] if moved else []
        self.news.value = text_html("\n".join(lines))
        self.page.change(self.state, replace(self.logged, marks=now))

    # -- what is entered -----------------------------------------------------------------------------------------

    def mark(self) -> None:
        """Mark the chosen accounts as the form says; what went wrong is said in the form."""
        accounts = self.state.selected.accounts
        if not accounts:
            self.said.value = text_html(self.words.say("explore.mark_choose"))
            return
        if not self.reason.value.strip():
            self.said.value = text_html(self.words.say("explore.mark_reason"))
            return
        self._enter(
            lambda: marks.mark(
                self.source.case,
                accounts,
                self.kind.value,
                self.reason.value,
                by=self.officer(),
                seen=self.others.before or self.logged.marks,
            ),
            "kept",
        )

    def undo(self) -> None:
        """Undo the last mark of whoever stands in the form."""
        self._enter(lambda: marks.undo(self.source.case, by=self.officer()), "was_undone")

    def redo(self) -> None:
        """Put back the mark that whoever stands in the form undid last."""
        self._enter(lambda: marks.redo(self.source.case, by=self.officer()), "was_redone")

    def _enter(self, act: Callable[[], marks.Mark | None], done: str) -> None:
        """Write into the custody log, say what became of it, and show the marks as they stand then."""
        self.said.value = text_html(self.words.say("explore.working"))  # another program may be writing into the log
        entered = self._attempt(lambda: (act(),), self.said)
        if entered is not None:
            if entered[0] is not None and done == "kept":
                self.reason.value = ""  # before it is said: what is written after that is of the next mark
            say = self.words.say
            self.said.value = text_html(say("explore.nothing_to_do") if entered[0] is None else say(f"explore.{done}"))
        self.others.before, self._unread, self.news.value = None, None, ""
        now = self._attempt(lambda: marks.marks_of(self.source.case), self.said)
        self.page.change(self.state, replace(self.logged, marks=now or self.logged.marks))

    def _reason_begun(self, change: Any) -> None:
        """Take back that a mark was kept once a reason is written that is not."""
        if change["new"].strip() and self.said.value == text_html(self.words.say("explore.kept")):
            self.said.value = ""
