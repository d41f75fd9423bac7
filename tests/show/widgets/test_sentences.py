"""In a notebook an error of this package is a sentence; the shell still knows that the cell failed."""

from __future__ import annotations

import pytest

from spmc_tools import progress
from spmc_tools.case.acts.account_lists import keep_account_list
from spmc_tools.case.acts.marks import mark
from spmc_tools.case.files import lock_wait as waiting
from spmc_tools.case.store.case import create_case
from spmc_tools.errors import CaseError, SpmcError
from spmc_tools.report.words.wording import Wording
from spmc_tools.show.widgets.sentences import errors_as_sentences, sentence_of


@pytest.fixture
def shell(monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell

    made = InteractiveShell()
    monkeypatch.setattr(waiting, "_everywhere", [None])
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


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("reposts of the same posts", "putting groups together")), ("hi", (None, "समूह बनाए जा रहे हैं"))],
)
def test_bars_call_stages_in_the_words_of_the_notebook(shell, monkeypatch, language, words) -> None:
    monkeypatch.delenv("SPMC_RUN", raising=False)
    monkeypatch.setattr(progress, "_called", [str])
    errors_as_sentences(Wording(language))
    told = [progress._called[0](one) for one in ("co_repost", "clusters", "posts.json")]
    assert told == [words[0] or str(Wording("hi").say("trace.co_repost")), words[1], "posts.json"]


def test_in_a_run_the_traceback_is_kept(shell, monkeypatch) -> None:
    monkeypatch.setenv("SPMC_RUN", "x")
    errors_as_sentences(Wording("en"))
    assert shell.custom_exceptions == ()


@pytest.mark.parametrize(
    ("act", "english", "hindi"),
    [
        (
            lambda case: keep_account_list(case, [str(n) for n in range(10_001)], "why"),
            "The list has 10,001 accounts; at most 10,000 can be kept: keep a part of it.",
            "सूची में 10,001 खाते हैं; अधिक से अधिक 10,000 रखे जा सकते हैं: उसका एक भाग लें।",
        ),
        (
            lambda case: keep_account_list(case, ["one", "x" * 301], "why"),
            "Account 2 of the list is longer than 300 characters",
            "सूची का खाता 2 300 अक्षरों से लंबा है",
        ),
        (
            lambda case: mark(case, "one", "lead", "x" * 2_001),
            "A mark needs a reason of at most 2,000 characters; 2,001 are written.",
            "चिह्न के साथ कारण लिखना आवश्यक है, अधिक से अधिक 2,000 अक्षर; अभी 2,001 लिखे हैं।",
        ),
    ],
)
def test_what_is_too_long_is_said_in_the_reader_s_language(tmp_path, act, english, hindi) -> None:
    days = {"date_from": "2025-11-01", "date_to": "2025-11-02"}
    case = create_case("one", cases=tmp_path, title="t", purpose="p", legal_basis="none", **days)
    with pytest.raises(SpmcError) as caught:
        act(case)
    assert english in sentence_of(caught.value, Wording("en").say)
    assert hindi in sentence_of(caught.value, Wording("hi").say)
