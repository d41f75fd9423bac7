"""What a page says where nobody is named: it is no all-clear where groups acted together within hours.

Six texts by five accounts, each text by all of them within 32 seconds; the findings are written by hand.
"""

from __future__ import annotations

import html
import re
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from spmc_tools.findings.robustness.power import COLUMNS, Power
from spmc_tools.report.page.render import Collected, held, page
from spmc_tools.report.page.sections import SECTIONS, section
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.watch.method_check import power
from tests.report_fixtures import results

NAMES = ("summary", "data", "accounts", "aside", "limits", "power", "watch")
WHO = [f"acct{n}" for n in range(5)]
ABLE = {
    "traces": {
        "copypasta": {"evidence": "sufficient", "n_accounts": 5},
        "co_url": {"evidence": "insufficient evidence", "n_accounts": 2},
    }
}
UNTRIED = Power(
    pd.DataFrame(columns=list(COLUMNS)), None,
    {"takes_part": 0.7, "share": 0.8, "effort": "quick", "n_assessments": 0, "session_s": 10800},
)  # fmt: skip


def within_hours(n: int) -> pd.DataFrame:
    rows = [{"session_id": k, "trace": "moment", "accounts": WHO[:3], "size": 3} for k in range(n)]
    return results("sessions", rows)


@pytest.fixture
def printed(make_case: Any, make_findings: Any, as_notebook: Any, a_run: Any) -> Any:
    def draw(groups_in_step: bool, sessions: int, notes: dict[str, Any], language: str = "en") -> str:
        case = make_case([f"बूथ {n} पर मतदान रोका गया" for n in range(6)], WHO, WHO)
        scope = in_period(case)
        found = make_findings(scope.records, WHO, None)
        found.accounts["basis"] = None
        if not groups_in_step:
            found.clusters, found.edges = found.clusters[:0], found.edges[:0]
        found.sessions, found.notes = within_hours(sessions), notes
        given = {"case": case, "scope": scope, "found": found, "power": UNTRIED}
        made = [section(name, **{key: given[key] for key in SECTIONS[name].needs}) for name in NAMES]
        whole = page(as_notebook(made, list(NAMES)), a_run, language)
        bare = re.sub(r"(?s)<(style|script|svg|iframe)\b.*?</\1>", " ", whole)
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", bare)))

    return draw


def test_groups_within_hours_are_the_headline_where_nothing_else_was_found(printed: Any) -> None:
    said = printed(False, 2, ABLE | {"sessions": {"moment_s": 2}})
    for words in (
        "2 groups acted together within hours, once or again, more often than chance expects, "
        "but nobody in them may be named",
        "2 kinds of activity could be checked, 1 could not.",
        "2 groups acted together within hours: “Together within hours”. It does not show why.",
        "Have an officer read “Together within hours”",
        "2 groups that acted together within hours stand under “Together within hours”.",
        "same links : 2 accounts are active in it: too few to say anything.",
    ):  # fmt: skip
        assert words in said, words
    for words in (
        "No group of accounts acted together",
        "Insufficient data",
        "is explained by chance",
        "needs a decision",
    ):
        assert words not in said, words


@pytest.mark.parametrize(
    ("sessions", "wanted"),
    [
        (1, "1 kind of activity could be checked, 0 could not. 1 group acted together within hours"),
        (0, "Insufficient data: nothing can be said"),
    ],
)
def test_only_moments_could_be_compared(printed: Any, sessions: int, wanted: str) -> None:
    """Posts without texts: with a group within hours the page says so; without one it is no all-clear."""
    assert wanted in printed(False, sessions, {"traces": {}, "sessions": {"moment_s": 2}})


def test_nothing_within_hours_changes_nothing(printed: Any) -> None:
    said = printed(False, 0, ABLE)
    assert "No group of accounts acted together more often than chance expects" in said
    assert "1 kind of activity could be checked, 1 could not." in said and "within hours:" not in said


def test_a_pair_is_told_as_linked_to_few_and_is_no_other_group(printed: Any) -> None:
    said = printed(True, 0, ABLE)
    assert "1 group was in step, but nobody in it may be named" in said
    assert "5 linked to fewer than two others each" in said and "on several sources: 0" not in said
    assert "1 group in step is not named. 1 rests on too few sources, on links to fewer" in said
    assert "other group in step" not in said


def test_what_could_not_be_tried_is_not_said_to_have_been_tried(printed: Any) -> None:
    said = printed(False, 0, ABLE)
    assert "not tried: no kind of activity of this data lets a group be put into it" in said
    assert "was not tried out in this report" in said and "too few accounts" not in said
    assert power(UNTRIED).state == "no_kind"


@pytest.mark.parametrize(("texts", "wanted"), [(True, "posts"), (False, "office")])
def test_a_page_quotes_posts_only_where_posts_have_words(texts: bool, wanted: str) -> None:
    there = {name: {"values": SimpleNamespace(texts=texts), "missing": []} for name in ("watch", "days")}
    assert held(Collected(list(there), there, [], []), known=True) == wanted
