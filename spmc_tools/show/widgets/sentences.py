"""What went wrong in a notebook as one sentence, never as a traceback; and what a stop or a wait leaves behind."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.lock_wait import call_waiting
from spmc_tools.errors import SpmcError
from spmc_tools.progress import call_stages
from spmc_tools.show.widgets.safe_tables import text_html

if TYPE_CHECKING:
    from collections.abc import Callable

    import ipywidgets as widgets

__all__ = ["errors_as_sentences", "sentence_of", "waiting_in"]


def sentence_of(error: BaseException, say: Callable[..., object], **facts: object) -> str:
    """Return what an error says, in the reader's language where the wording catalogues hold it.

    Parameters
    ----------
    error : BaseException
        Any; one that is not of this package is said as it is.
    say : callable
        The key of a message and its values -> the message, as :meth:`spmc_tools.report.words.wording.Wording.say`.
    facts : str, int or Said
        In place of the error's own, as a field's label in place of its name.
    """
    key = getattr(error, "key", None)
    if key is None:
        return str(error)
    return str(say(f"error.{key}", **{**error.facts, **facts}))  # type: ignore[attr-defined]


def waiting_in(place: widgets.HTML, say: Callable[[str], object]) -> Callable[[bool], None]:
    """Return a voice for :func:`spmc_tools.case.files.lock_wait.waiting` that speaks in a place of a page.

    Parameters
    ----------
    place : ipywidgets.HTML
        What stands there comes back when the waiting is over.
    say : callable
        The key of a message -> the message.
    """
    before: list[str] = []

    def voice(waits: bool) -> None:
        if waits:
            before[:] = [place.value]
            place.value = text_html(str(say("waiting")))
        elif before:
            place.value = before.pop()

    return voice


def _waiting_below(words: Any) -> Callable[[bool], None]:
    """Return a voice that speaks below the cell that runs, and takes its words back when it goes on."""
    shown: list[Any] = []

    def voice(waits: bool) -> None:
        from IPython.display import display

        if waits:
            said = str(words.say("waiting"))
            content = {"text/plain": said, "text/html": text_html(said)}
            shown[:] = [display(content, raw=True, display_id=True)]  # type: ignore[no-untyped-call]
        elif shown and (handle := shown.pop()) is not None:
            handle.update({"text/plain": ""}, raw=True)

    return voice


def errors_as_sentences(words: Any) -> None:
    """Let errors of this package, a stop by the officer and a wait for another program be sentences in this notebook.

    Bars speak its language, too. In a run (a report, a scheduled job) and outside of a notebook nothing changes: there
    the traceback is kept. ``%tb`` shows it in a notebook, too.

    Parameters
    ----------
    words : Wording
        As :class:`spmc_tools.report.words.wording.Wording` makes them.
    """
    if os.environ.get("SPMC_RUN"):
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return

    def called(stage: str) -> str:
        for key in (f"trace.{stage}", f"progress.{stage}"):
            with suppress(SpmcError):
                return str(words.say(key))
        return stage

    call_stages(called)
    call_waiting(_waiting_below(words))

    def say(
        shell: Any, kind: type[BaseException], error: BaseException, _trace: Any, tb_offset: Any = None
    ) -> list[str]:
        said = str(words.say("stopped")) if issubclass(kind, KeyboardInterrupt) else sentence_of(error, words.say)
        shell._showtraceback(kind, error, [said])
        return [said]

    shell.set_custom_exc((SpmcError, KeyboardInterrupt), say)
