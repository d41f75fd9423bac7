"""In a notebook an error of this package is a sentence; the shell still knows that the cell failed."""

from __future__ import annotations

import pytest

from spmc_tools.errors import CaseError
from spmc_tools.report.wording import Wording
from spmc_tools.show.sentences import errors_as_sentences


@pytest.fixture
def shell(monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell

    made = InteractiveShell()
    shown: list[list[str]] = []
    monkeypatch.setattr(made, "_showtraceback", lambda _kind, _error, lines: shown.append(lines))
    monkeypatch.setattr("IPython.get_ipython", lambda: made)
    made.shown = shown
    return made


@pytest.mark.parametrize("language", ["en", "hi"])
def test_an_error_and_a_stop_are_sentences(shell, monkeypatch, language) -> None:
    monkeypatch.delenv("SPMC_RUN", raising=False)
    errors_as_sentences(Wording(language))
    shell.user_ns.update(CaseError=CaseError)
    done = shell.run_cell("raise CaseError('There is no case x; type spmc new.')")
    assert shell.shown == [["There is no case x; type spmc new."]] and isinstance(done.error_in_exec, CaseError)
    shell.run_cell("raise KeyboardInterrupt")
    assert shell.shown[-1] == [{"en": "Stopped. Nothing of the case is lost: run this cell again to go on."}.get(
        language, str(Wording("hi").say("stopped"))
    )]  # fmt: skip
    shell.run_cell("1 / 0")
    assert "ZeroDivisionError" in "".join(shell.shown[-1])


def test_in_a_run_the_traceback_is_kept(shell, monkeypatch) -> None:
    monkeypatch.setenv("SPMC_RUN", "x")
    errors_as_sentences(Wording("en"))
    assert shell.custom_exceptions == ()
