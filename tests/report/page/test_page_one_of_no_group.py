"""Page one of a report without a named group still says who was in step, what was posted most, and when."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from spmc_tools.report.page.render import page
from spmc_tools.report.page.sections import MIME, section
from spmc_tools.report.scope.scope import in_period

ROWS = [("कम लोगों का पाठ", 2, 1), ("सबसे अधिक", 40, 3), ("केवल रीपोस्ट", 0, 41), ("तीसरे से कम", 5, 9), ("बिना पाठ", 90, 90)]


@pytest.fixture
def first_page(make_case: Any, make_findings: Any, as_notebook: Any, a_run: Any) -> Any:
    """Give the words of page one for a case in which nobody may be named, with these rows and subjects of the queue."""
    five = [f"acct{n}" for n in range(5)]
    case = make_case([f"बूथ {n} पर मतदान रोका गया" for n in range(6)], five, five)
    scope = in_period(case)
    found = make_findings(scope.records, five, None)
    made = [section(name, case=case, scope=scope, found=found) for name in ("summary", "watch")]
    node = as_notebook(made, ["summary", "watch"])

    def draw(language: str, subjects: list[dict[str, Any]]) -> str:
        values = node.cells[1].outputs[0].data[MIME]["values"]
        blank = {"reasons": ["wide"], "terms": [], "claims": [], "clusters": [], "accounts": 4, "last_hour": 0,
                 "views": None, "decision": None, "named_text": None, "last_seen": "2025-11-04T09:40:00Z",
                 "before_per_hour": 1.0, "p_rising": 1.0, "record_id": "1"}  # fmt: skip
        values["rows"] = [
            {**blank, "text": text if text != "बिना पाठ" else None, "thing": f"{n:012d}", "posts": posts,
             "reposts": reposts, "first_seen": f"2025-11-04T0{n}:40:00Z"}
            for n, (text, posts, reposts) in enumerate(ROWS)
        ]  # fmt: skip
        values |= {"texts": True, "open": 5, "waiting": 1205, "more": 1200, "subjects": subjects}
        whole = page(node, a_run, language)
        first = re.search(r'(?s)<section id="summary".*?</section>', whole)[0]
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", first)))

    return draw


def subject(kind: str, still_open: int) -> dict[str, Any]:
    return {"kind": kind, "claim": "R1" if kind == "claim" else None, "groups": [], "words": None, "texts": 3,
            "posts": 3, "reposts": 3, "open": still_open, "rows": [0]}  # fmt: skip


def test_the_page_of_groups_without_names_says_who_what_and_when(first_page: Any) -> None:
    said = first_page("en", [subject("claim", 2), subject("asked", 1), subject("group", 0), subject("narrative", 3)])
    assert "5 accounts, not named" in said and "in step" in said
    most = [("सबसे अधिक", 43, 1), ("केवल रीपोस्ट", 41, 2), ("तीसरे से कम", 14, 3)]
    told = re.findall(r"“ (\S[^”]*?) ” – (\d+) in all, from 4 November 2025 (\d\d):10 on", said)
    assert told == [(text, str(n), f"{at + 6:02d}") for text, n, at in most]  # 0n:40 UTC is five hours and a half later
    assert "the 3 with most copies and reposts" in said and "कम लोगों" not in said.replace("तीसरे से कम", "")
    assert "have 2 subjects without a decision" in said and "1,205 texts in all" in said


def test_without_subjects_the_texts_themselves_are_asked_for(first_page: Any) -> None:
    assert "1,205 texts wait for a decision" in first_page("en", [subject("narrative", 3), subject("claim", 0)])
    said = first_page("hi", [subject("claim", 2)])
    assert "1 विषय पर निर्णय शेष है" in said and "5 खाते, नाम नहीं दिए गए" in said
