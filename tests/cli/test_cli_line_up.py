"""The line-up and the rates as their users type them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.custody.review.test_line_up import RUN, with_report

if TYPE_CHECKING:
    from pathlib import Path

REASONS = ("--ordinary", "A=no_reason", "--ordinary", "B=fan_club", "--ordinary", "C=occasion")
DEVI = ("review", "small", RUN, "--as", "R. Devi")


@pytest.fixture
def spmc(command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPMC_OFFICER_KEYS", str(tmp_path / "officers"))
    with_report(tmp_path)

    return command


def test_line_up_answer_verdict_and_rates(spmc, tmp_path: Path) -> None:
    page = tmp_path / "line-up.html"
    code, out, _ = spmc(*DEVI, "--line-up", page, "--json")
    assert code == 0 and json.loads(out)["groups"] == [1] and page.stat().st_mode & 0o077 == 0
    assert spmc(*DEVI, "--line-up", page)[2].startswith('"line-up.html" exists already')
    code, _, err = spmc(*DEVI, "--verdict", "upheld", "--counter-case", "x")
    assert code == 2 and "The line-up comes before the verdict (group 1" in err
    code, out, _ = spmc(*DEVI, "--group", "1", "--chose", "B", *REASONS)
    assert code == 0 and out.startswith("Answer for group 1 logged: B.")
    verdict = ("--verdict", "not_upheld", "--counter-case", "A feast.", "--of-group", "1=not_upheld:occasion")
    assert spmc(*DEVI, *verdict)[0] == 0
    code, out, _ = spmc("rates", "--out", tmp_path / "rates.html", "--lang", "hi", "--json")
    told = json.loads(out)
    assert code == 0 and told["older"] == 1  # this report is made by hand and tells no kinds
    assert "समीक्षाओं ने क्या कहा" in (tmp_path / "rates.html").read_text(encoding="utf-8")
    assert spmc("rates", "--out", tmp_path / "rates.html")[0] == 2
    assert spmc("rates")[1].startswith("1 cases, 0 reports:")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ((), "A review is three steps, one a command"),
        (("--chose", "A", "--verdict", "upheld"), "A review is three steps, one a command"),
        (("--chose", "A", *REASONS), "An answer needs --group K"),
        (("--group", "1", "--chose", "A", *REASONS), "was not shown a line-up of group 1"),
        (("--group", "1", "--chose", "A", "--ordinary", "A"), 'found "A", wanted each panel once'),
        (("--verdict", "upheld"), "A verdict needs its counter-case"),
        (("--verdict", "upheld", "--counter-case", "x", "--of-group", "1=upheld"), "wanted each group once"),
        (("--verdict", "upheld", "--counter-case", "x", "--of-group", "x=upheld:other"), "wanted each group once"),
        (("--line-up", "no/such/folder/x.html"), "The line-up cannot be written"),
    ],
)
def test_what_does_not_fit_is_one_sentence(spmc, typed: tuple[str, ...], sentence: str) -> None:
    code, out, err = spmc(*DEVI, *typed)
    assert code == 2 and sentence in err and out == "", err
