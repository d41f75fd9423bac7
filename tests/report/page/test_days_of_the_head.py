"""The head of the first page says which days it is about, also where posts lie on others.

Six texts by five accounts, 13 hours apart from 3 November 09:30 (IST): on the 3rd two texts, on the 4th one, on the 5th
two, on the 6th one; five posts each.
"""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from spmc_tools.report.page.render import page
from spmc_tools.report.page.sections import section
from spmc_tools.report.scope.scope import in_period

OTHER = {
    "en": "posts of 3 November 2025 to 6 November 2025; none lies in the period of 1 December 2025 to 9 December 2025",
    "hi": "3 नवंबर 2025 से 6 नवंबर 2025 तक की पोस्टें; 1 दिसंबर 2025 से 9 दिसंबर 2025 तक की अवधि में कोई पोस्ट नहीं",
}
MANY = {"en": "(25 of 30 posts lie outside these days)", "hi": "(30 में से 25 पोस्टें इन दिनों से बाहर हैं)"}
PERIOD = {
    "en": "{} November 2025 to 12 November 2025",
    "hi": "{} नवंबर 2025 से 12 नवंबर 2025 तक",
}


@pytest.fixture
def head(make_case: Any, make_findings: Any, as_notebook: Any, a_run: Any) -> Any:
    """Give the words above the headline of a page, for a case of these days."""
    five = [f"acct{n}" for n in range(5)]

    def draw(
        first: str, last: str, language: str, *, days: tuple[str, str] | None = None, named: bool = True, **more: Any
    ) -> str:
        case = make_case([f"बूथ {n} पर मतदान रोका गया" for n in range(6)], five, five)
        case.change_settings("test", date_from=first, date_to=last, **({"event": more["event"]} if more else {}))
        scope = in_period(case, *(days or ()), kind=more.get("kind"))
        found = make_findings(scope.records, five, "B" if named else None)
        made = section("summary", case=case, scope=scope, found=found)
        whole = page(as_notebook([made], ["summary"]), a_run, language)
        top = re.search(r'(?s)<header class="top">(.*?)<h1', whole)[1]
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", top)))

    return draw


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("language", ["en", "hi"])
def test_where_no_post_lies_in_the_period_the_head_says_so_and_gives_their_days(head, language, named) -> None:
    said = head("2025-12-01", "2025-12-09", language, named=named)
    assert OTHER[language] in said
    assert MANY[language] not in said


@pytest.mark.parametrize("language", ["en", "hi"])
def test_where_most_posts_lie_outside_they_are_counted_beside_the_period(head, language) -> None:
    said = head("2025-11-06", "2025-11-12", language)  # 25 posts lie before the 6th
    assert f"{PERIOD[language].format(6)} {MANY[language]}" in said


@pytest.mark.parametrize("language", ["en", "hi"])
def test_where_as_many_lie_in_as_out_the_period_stands_alone(head, language) -> None:
    said = head("2025-11-05", "2025-11-12", language)  # 15 posts lie before the 5th
    assert PERIOD[language].format(5) in said and "outside" not in said and "बाहर" not in said


@pytest.mark.parametrize(
    ("first", "last", "named", "headed"),
    [
        ("2025-11-01", "2025-11-15", None, True),  # both polls lie in it
        ("2025-11-01", "2025-11-10", None, False),  # the second one does not
        ("2025-12-01", "2025-12-09", None, False),  # posts of the election, in a case about other days
        ("2025-11-01", "2025-11-10", "bihar-assembly-2025", True),  # the officer says so
    ],
)
def test_an_event_that_nobody_named_heads_only_what_its_days_cover(head, first, last, named, headed) -> None:
    said = head(first, last, "en", event=named, kind="election")
    assert ("Bihar assembly election 2025" in said) == headed
    assert ("election watch" in said) == headed and (" · watch" in said) != headed


@pytest.mark.parametrize(
    ("first", "last", "said_so"),
    [("2025-11-03", "2025-11-06", False), ("2025-11-02", "2025-11-07", False), ("2025-11-01", "2025-11-06", True),
     ("2025-11-03", "2025-11-08", True), ("2025-11-05", "2025-12-20", True)],
)  # fmt: skip
def test_a_period_that_posts_do_not_fill_is_not_said_to_be_looked_at_whole(head, first, last, said_so) -> None:
    begins = max(3, int(first[-2:]))
    said = head(first, last, "en")
    assert (f"(posts: {begins} Nov to 6 Nov)" in said) == ("(posts:" in said) == said_so


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_report_on_some_days_of_the_case_is_about_these(head, language) -> None:
    said = head("2025-12-01", "2025-12-09", language, days=("2025-11-03", "2025-11-12"))
    assert PERIOD[language].format(3) in said
    assert OTHER[language] not in said and "outside" not in said and "बाहर" not in said
