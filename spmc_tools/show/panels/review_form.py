"""A review in JupyterLab: the line-up first, then its answers, then the finding opens and the verdict is written.

The form knows nothing of cases and keys: what it does it is given (:class:`ReviewActs`).
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Protocol, TypeVar

import ipywidgets as widgets

from spmc_tools.errors import SpmcError
from spmc_tools.show.widgets.safe_tables import text_html

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["ReviewActs", "ReviewForm"]

T = TypeVar("T")


class ReviewActs(Protocol):
    """What a form does: each raises a :class:`~spmc_tools.errors.SpmcError` where it does not fit."""

    panels: Sequence[str]
    reasons: Sequence[str]
    verdicts: Sequence[str]

    def line_up(self, officer: str) -> tuple[str, list[int]]:
        """Return the page of the line-ups that are open, and their groups; ("", []) where none is."""

    def answer(self, officer: str, passphrase: str, group: int, chose: str, ordinary: dict[str, str]) -> None:
        """Log an answer."""

    def finding(self, officer: str) -> str:
        """Return where the report lies, once every line-up of it is done."""

    def verdict(self, officer: str, passphrase: str, verdict: str, counter_case: str, skipped: str) -> str:
        """Log the verdict; return a sentence."""


class ReviewForm:
    """The widget; ``widget`` is what a notebook shows.

    Parameters
    ----------
    acts : ReviewActs
        What it does.
    say : callable
        Gives the words of a key.
    """

    def __init__(self, acts: ReviewActs, say: Callable[..., object]) -> None:
        self._acts, self._say = acts, say
        wide, style = widgets.Layout(width="40em", max_width="98%"), {"description_width": "14em"}
        self.who = widgets.Text(description=self._words("review_form.who"), layout=wide, style=style)
        self.passphrase = widgets.Password(description=self._words("review_form.passphrase"), layout=wide, style=style)
        self.show_button = widgets.Button(description=self._words("review_form.show"), layout={"width": "auto"})
        self.said, self.page = widgets.HTML(), widgets.HTML()
        self.answers = widgets.VBox([])
        self.choices: dict[int, tuple[widgets.Dropdown, dict[str, widgets.Dropdown], widgets.Button]] = {}
        self.skipped = widgets.Text(description=self._words("review_form.skip"), layout=wide, style=style)
        self.open_button = widgets.Button(description=self._words("review_form.open"), layout={"width": "auto"})
        self.finding = widgets.HTML()
        self.verdict = widgets.Dropdown(
            options=[(self._words(f"review.verdict.{name}"), name) for name in acts.verdicts],
            description=self._words("review_form.verdict"), layout=wide, style=style,
        )  # fmt: skip
        self.counter_case = widgets.Textarea(
            description=self._words("review_form.counter_case"), layout=wide, style=style, rows=3
        )
        self.keep_button = widgets.Button(description=self._words("review_form.keep"), layout={"width": "auto"})
        self.last = widgets.VBox([self.finding, self.verdict, self.counter_case, self.keep_button])
        self.last.layout.display = "none"
        self.show_button.on_click(lambda _button: self.show())
        self.open_button.on_click(lambda _button: self.open())
        self.keep_button.on_click(lambda _button: self.keep())
        self.widget = widgets.VBox(
            [self.who, self.passphrase, self.show_button, self.said, self.page, self.answers, self.skipped,
             self.open_button, self.last]
        )  # fmt: skip

    def _words(self, key: str, **values: object) -> str:
        return str(self._say(key, **values))

    def _attempt(self, act: Callable[[], T]) -> T | None:
        """Return what an act gives; what went wrong is said, and gives None."""
        try:
            return act()
        except SpmcError as error:
            self.said.value = text_html(str(error))
            return None

    def show(self) -> None:
        """Show the line-ups that the officer has yet to answer."""
        shown = self._attempt(lambda: self._acts.line_up(str(self.who.value)))
        if shown is None:
            return
        page, groups = shown
        self.page.value = _framed(page, self._words("line_up.title")) if page else ""
        self.choices = {group: self._choice(group) for group in groups}
        self.answers.children = [
            widgets.VBox(
                [widgets.HTML(text_html(self._words("line_up.group", k=group))), chose, *reasons.values(), keep]
            )
            for group, (chose, reasons, keep) in self.choices.items()
        ]
        self.said.value = text_html(self._words("review_form.shown") if groups else self._words("review_form.none"))

    def _choice(self, group: int) -> tuple[widgets.Dropdown, dict[str, widgets.Dropdown], widgets.Button]:
        style, wide = {"description_width": "14em"}, widgets.Layout(width="40em", max_width="98%")
        named: list[tuple[str, str | None]] = [(self._words("review_form.choose"), None)]
        panels = [*named, *((name, name) for name in self._acts.panels), (self._words("review_form.nobody"), "none")]
        chose = widgets.Dropdown(
            options=panels,
            value=None, description=self._words("review_form.chose"), style=style, layout=wide,
        )  # fmt: skip
        reasons = {
            name: widgets.Dropdown(
                options=[*named, *((self._words(f"line_up.reason.{reason}"), reason) for reason in self._acts.reasons)],
                value=None, description=self._words("review_form.reason", name=name), style=style, layout=wide,
            )
            for name in self._acts.panels
        }  # fmt: skip
        keep = widgets.Button(description=self._words("review_form.answer"), layout={"width": "auto"})
        keep.on_click(lambda _button: self.answer(group))
        return chose, reasons, keep

    def answer(self, group: int) -> None:
        """Log the answer for one group; nothing of it can be changed afterwards."""
        chose, reasons, keep = self.choices[group]
        given = {name: one.value for name, one in reasons.items()}
        if chose.value is None or None in given.values():
            self.said.value = text_html(self._words("review_form.lacking"))
            return
        who, passphrase = str(self.who.value), str(self.passphrase.value)

        def act() -> bool:
            self._acts.answer(who, passphrase, group, str(chose.value), given)
            return True

        done = self._attempt(act)
        if done is not None:
            for widget in (chose, *reasons.values(), keep):
                widget.disabled = True
            self.said.value = text_html(self._words("review_form.answered", k=group))

    def open(self) -> None:
        """Open the finding: after the line-ups, or where a reason says why there are none."""
        who = str(self.who.value)
        place = self._attempt(lambda: "" if self.skipped.value.strip() else self._acts.finding(who))
        if place is None:
            return
        self.finding.value = text_html(self._words("review_form.opened") + (f"\n{place}" if place else ""))
        self.last.layout.display = ""
        self.page.value, self.answers.children = "", []

    def keep(self) -> None:
        """Log the verdict with its counter-case."""
        who, passphrase, skipped = str(self.who.value), str(self.passphrase.value), str(self.skipped.value)
        verdict, counter_case = str(self.verdict.value), str(self.counter_case.value)
        done = self._attempt(lambda: self._acts.verdict(who, passphrase, verdict, counter_case, skipped))
        if done is not None:
            self.keep_button.disabled = True
            self.said.value = text_html(done)


def _framed(page: str, title: str) -> str:
    """Return a page in a frame of its own, in which nothing runs."""
    return (
        f'<iframe sandbox title="{escape(title)}" srcdoc="{escape(page)}" '
        'style="width:100%;height:70vh;border:1px solid #d8dde3"></iframe>'
    )
