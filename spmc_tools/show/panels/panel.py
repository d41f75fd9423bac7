"""What every panel of the explorer is: it draws a state, and sends a change of it back through one function.

A panel knows the page that it stands on and its own widgets, never those of another panel.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from spmc_tools.case.acts import marks
from spmc_tools.case.files.lock_wait import waiting
from spmc_tools.errors import SpmcError
from spmc_tools.show.widgets.safe_tables import text_html
from spmc_tools.show.widgets.sentences import sentence_of, waiting_in

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    import ipywidgets as widgets

    from spmc_tools.show.selection.logged import Logged
    from spmc_tools.show.selection.source import Source
    from spmc_tools.show.selection.state import State

__all__ = ["Change", "Page", "Panel", "Words"]

T = TypeVar("T")


class Change(Protocol):
    """The one function through which a panel sends what it changed; every panel is drawn when it returns."""

    def __call__(self, state: State, logged: Logged | None = None) -> None:
        """Show a state, with what the custody log says now (None: what it said before)."""


class Words:
    """The words of the page in one language, as plain text.

    Parameters
    ----------
    language : {"en", "hi"}
        Of the words.
    wording : Wording
        As :class:`spmc_tools.report.words.wording.Wording` makes them.
    """

    def __init__(self, language: str, wording: Any) -> None:
        self.language, self.wording = language, wording

    def say(self, key: str, **values: object) -> str:
        """Return a message of the catalogue."""
        return str(self.wording.say(key, **values))

    def trace(self, name: str) -> str:
        """Return what a trace is called."""
        return self.say(f"trace.{name}")

    def mark(self, mark: str) -> str:
        """Return what a mark is called."""
        return self.say(f"explore.mark.{mark}")

    def tiny(self, value: float) -> str:
        """Return a probability as the reports write it: of the far tail only that it is below."""
        return str(self.wording.tiny(value))

    def clock(self, moment: Any) -> str:
        """Return a moment as the reports write it."""
        return str(self.wording.clock(moment))

    def logged_at(self, at: str) -> str:
        """Return the time of an entry of the custody log."""
        return str(self.wording.moment(at.replace("Z", "+00:00")))


@dataclass(frozen=True)
class Page:
    """What all panels stand on.

    Attributes
    ----------
    source : Source
        The case and its findings.
    words : Words
        In the language of the page.
    state : callable
        What is chosen now.
    logged : callable
        What the custody log said when it was read last.
    change : Change
        Where a panel sends a changed state.
    lock : threading.RLock
        Held while a control acts: one after the other, though JupyterLab may call from a thread of its own.
    notice : ipywidgets.HTML
        The line above the network: what the picture lacks, what is at work, what was saved.
    """

    source: Source
    words: Words
    state: Callable[[], State]
    logged: Callable[[], Logged]
    change: Change
    lock: threading.RLock
    notice: widgets.HTML


class Panel(ABC):
    """Some widgets that show one side of the state.

    Parameters
    ----------
    page : Page
        On which it stands.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.source, self.words = page, page.source, page.words
        self._drawing = False
        self._rests_on: dict[str, tuple[object, ...]] = {}

    @property
    def state(self) -> State:
        """What is chosen now."""
        return self.page.state()

    @property
    def logged(self) -> Logged:
        """What the custody log said when it was read last."""
        return self.page.logged()

    def draw(self) -> None:
        """Let the widgets show the state; what they say of that meanwhile is no choice of anybody.

        Where it is stopped or fails on the way, all of the panel is drawn anew the next time.
        """
        before, self._drawing = self._drawing, True
        try:
            self._draw()
        except BaseException:
            self._rests_on.clear()
            raise
        finally:
            self._drawing = before

    @abstractmethod
    def _draw(self) -> None:
        """Draw the state into the widgets of this panel."""

    def _differs(self, part: str, *rests_on: object) -> bool:
        """Say whether a part has to be drawn anew, as what it rests on is not what it was the last time."""
        if self._rests_on.get(part) == rests_on:
            return False
        self._rests_on[part] = rests_on
        return True

    def _on_choice(self, widget: Any, names: str | list[str], act: Callable[[Any], object]) -> None:
        """Call, in its turn, where somebody chooses in a widget; not where the widget follows the state."""

        def in_turn(change: Any) -> None:
            with self.page.lock:
                if not self._drawing:
                    act(change)

        widget.observe(in_turn, names=names)

    def _on_press(self, button: widgets.Button, act: Callable[[], object]) -> None:
        """Call, in its turn, where somebody presses a button."""

        def in_turn(_button: Any) -> None:
            with self.page.lock:
                act()

        button.on_click(in_turn)

    def _attempt(self, act: Callable[[], T], place: widgets.HTML, field: str | None = None) -> T | None:
        """Return what an act gives; a wait is said in a place of the page, what went wrong too, and gives None.

        Parameters
        ----------
        act : callable
            Of the case; it may wait for another program.
        place : ipywidgets.HTML
            Where it is said.
        field : str, optional
            What the field is called that an error may be about.
        """
        try:
            with waiting(waiting_in(place, self.words.say)):
                return act()
        except KeyboardInterrupt:
            place.value = text_html(self.words.say("explore.stopped"))
        except SpmcError as error:
            mark = str(error.facts.get("mark"))
            facts: dict[str, object] = {"mark": self.words.mark(mark)} if mark in marks.MARKS else {}
            if "field" in error.facts and field is not None:
                facts["field"] = field
            place.value = text_html(sentence_of(error, self.words.wording.say, **facts))
        return None
