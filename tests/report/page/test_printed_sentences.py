"""The sentences of first page, card and limits as they are printed, on made-up cases counted by hand.

Six texts by five accounts, 13 hours apart from 3 November 09:30 (IST): on the 3rd at 09:30 and 22:30, on the 4th at
11:30, on the 5th at 00:30 and 13:30, on the 6th at 02:30. Silence is from the 4th 18:00 to the 6th 18:00: three texts.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

import pytest

from spmc_tools.report.page.render import page
from spmc_tools.report.page.sections import SECTIONS, section
from spmc_tools.report.scope.scope import in_period

NAMES = ("summary", "purpose", "data", "volume", "findings", "aside", "limits", "watch")
EVERYBODY = [f"acct{n}" for n in range(5)]


@pytest.fixture
def printed(make_case: Any, make_findings: Any, as_notebook: Any, a_run: Any) -> Any:
    """Give the text of a page: of three named accounts, or none, with the texts of the 3rd in a file of their own."""

    def draw(named: bool, two_files: bool) -> str:
        case = make_case([f"बूथ {n} पर मतदान रोका गया" for n in range(6)], EVERYBODY, EVERYBODY)
        scope = in_period(case)
        if two_files:
            third = scope.records["created_at"].dt.tz_convert("Asia/Kolkata").dt.day == 3
            split = scope.records.assign(source_sha256=scope.records["source_sha256"].where(~third, "0" * 64))
            scope = replace(scope, records=split, kept={})
        found = make_findings(scope.records, EVERYBODY[: 3 if named else 5], "B" if named else None)
        given = {"case": case, "scope": scope, "found": found}
        made = [section(name, **{key: given[key] for key in SECTIONS[name].needs}) for name in NAMES]
        whole = page(as_notebook(made, list(NAMES)), a_run, "en")
        bare = re.sub(r"(?s)<(style|script|svg|iframe)\b.*?</\1>", " ", whole)
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", bare)))

    return draw


def test_three_accounts_in_one_file(printed: Any) -> None:
    said = printed(named=True, two_files=False)
    for words in (
        "3 accounts posted copies of the same texts in step, on 4 days",
        "18 posts, each within 60 seconds of another of the group, on 4 days, from 3 November 2025 09:30 to"
        " 6 November 2025 02:30.",
        "They shared 6 different things in step.",
        "3 linked pairs: half of them were in step on 6 separate occasions or more, where chance expects 0.2 (median).",
        "Accounts 1 and 2: 6 occasions seen; the chance model expects one occasion in about 4 such pairs.",
        "Of 18 posts in the files that hold a silence period, 9 (50 %) fall in it",
        "Of all posts of the same files on the days of this report, spread alike, 50 % do,",
        "and those hours are 50 % of these days.",
        "Shown: 6 of 18 posts",
    ):  # fmt: skip
        assert words in said, words
    assert "more of these posts stand" not in said
    assert "No group of accounts" not in said and "accounts named" not in said


def test_files_that_cover_different_days_are_not_compared_with_each_other(printed: Any) -> None:
    said = printed(named=True, two_files=True)
    for words in (
        "Of 12 posts in the files that hold a silence period, 9 (75 %) fall in it",
        "Of all posts of the same files on the days of this report, spread alike, 75 % do,",
        "and those hours are 67 % of these days.",
        "6 more of these posts stand in files without such a day and are not compared.",
        "18 posts, each within 60 seconds of another of the group, on 4 days",
    ):
        assert words in said, words


def test_where_nothing_is_found_no_sentence_speaks_of_a_group(printed: Any) -> None:
    said = printed(named=False, two_files=False)
    assert "30 posts of 5 accounts were looked at." in said
    assert "0 accounts named" in said and "What is asked of you" in said
    for words in ("in step, on", "linked pair", "fall in it", "how sure", "had an ordinary reason", "Shown:"):
        assert words not in said, words
