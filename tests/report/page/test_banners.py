"""The box at the head of a page: edition, run and reviews, each sentence where its fact is so and nowhere else."""

from __future__ import annotations

import copy
import html
import re
from dataclasses import replace
from typing import Any

import pytest

from spmc_tools.report.page.render import page

SIGNED = {
    "verdict": "upheld", "fingerprint": "ab12 cd34", "reviewer": "R. Devi", "at": "2025-11-14T05:00:00+00:00",
    "run": "20251113T034000Z-election_watch-0000", "counter_case": "a reading circle", "withdrawn": [],
}  # fmt: skip
TYPED = SIGNED | {"fingerprint": None}
AGAINST = SIGNED | {"verdict": "not_upheld"}
LINED = SIGNED | {"line_up": {"n": 2, "right": 1, "none": 3, "skipped": None}}
SKIPPED = SIGNED | {"line_up": {"n": 0, "right": 0, "none": 0, "skipped": "no second room"}}
GONE = {"run": "older-run", "at": "2025-11-15T06:30:00+00:00", "officer": "O. One", "reason": "a newsroom was named"}

SENTENCES = {
    "unreviewed": "Not reviewed yet.",
    "no counter": "A second officer has not yet written the counter-case.",
    "names": "This edition contains account names; they are for the officers of this case only.",
    "complete": "All parts of this edition were computed.",
    "partial": "Partial run. 2 parts of this report are missing; their places say why.",
    "failed": "This run failed. What was computed before is below; do not decide on it.",
    "redacted": "This is the redacted edition. Accounts stand under pseudonyms of this case",
    "upheld": "Reviewed: upheld. By R. Devi, 14 November 2025 10:30. Signed with the key ab12 cd34.",
    "against": "Reviewed: not upheld. By R. Devi, 14 November 2025 10:30.",
    "typed": "Entered as reviewed and upheld; the identity of the reviewer is not proven. By R. Devi, 14 November 2025",
    "nobody": "The identity of the reviewer is not proven: the name was typed, and no key of this officer stands",
    "may": "Names may be used for the purpose of this case, as reviewed.",
    "refused": "The review does not uphold these results.",
    "no key": "No officer whose identity is proven by a key has upheld these results yet.",
    "needed": "A second officer has not yet upheld this in a review.",
    "counter": "Counter-case: a reading circle",
    "lined": "Line-ups of 2 groups came first; the group was chosen in 1. "
    "For 3 groups no line-up could be drawn: too few ordinary accounts.",
    "skipped": "The line-up was skipped. Reason: no second room",
}  # fmt: skip


@pytest.mark.parametrize(
    ("run", "wanted"),
    [
        ({}, ["unreviewed", "no counter", "names", "complete"]),
        ({"status": "partial", "n_missing": 2}, ["unreviewed", "no counter", "names", "partial"]),
        ({"status": "failed"}, ["unreviewed", "no counter", "names", "failed"]),
        ({"reviews": (SIGNED,)}, ["upheld", "may", "counter", "complete"]),
        ({"reviews": (TYPED,)}, ["typed", "nobody", "no key", "counter", "names", "complete"]),
        ({"reviews": (AGAINST,)}, ["against", "refused", "counter", "names", "complete"]),
        ({"reviews": (LINED,)}, ["upheld", "may", "counter", "lined", "complete"]),
        ({"reviews": (SKIPPED,)}, ["upheld", "may", "counter", "skipped", "complete"]),
        ({"edition": "redacted"}, ["redacted", "needed", "unreviewed", "complete"]),
    ],
)
def test_each_sentence_stands_where_its_fact_is_so(
    small_sections: Any, as_notebook: Any, a_run: Any, run: dict[str, Any], wanted: list[str]
) -> None:
    said = box(page(as_notebook(small_sections), replace(a_run, **run), "en"))
    assert {name for name, words in SENTENCES.items() if words in said} == set(wanted)


def test_a_review_of_a_withdrawn_report_says_so(small_sections: Any, as_notebook: Any, a_run: Any) -> None:
    run = replace(a_run, reviews=({**SIGNED, "withdrawn": [GONE]},))
    said = box(page(as_notebook(small_sections), run, "en"))
    for words in ("15 November 2025 12:00", "O. One", "a newsroom was named", "older-run"):
        assert words in said, words


@pytest.mark.parametrize(
    ("n", "wanted"),
    [
        (0, ""),
        (1, "1 check, or a part of one, could not be made"),
        (2, "2 checks or parts of checks could not be made"),
    ],
)
def test_checks_that_were_not_made_are_counted_as_the_annex_lists_them(
    small_sections: Any, as_notebook: Any, a_run: Any, n: int, wanted: str
) -> None:
    node = as_notebook(copy.deepcopy(small_sections))
    rows = [{"trace": "co_media", "window_s": None, "code": "lacks_column", "columns": ["media"], "reason": "x"},
            {"trace": "co_url", "window_s": 60.0, "code": "clock_too_coarse", "time_precision_s": 60.0,
             "reason": "x"}]  # fmt: skip
    for cell in node.cells:
        for output in cell.outputs:
            payload = output.data["application/vnd.spmc.section+json"]
            if payload["name"] == "aside":
                payload["values"]["not_run"] = rows[:n]
    said = box(page(node, a_run, "en"))
    assert (wanted in said) and ("could not be made" in said) == bool(n)


def box(whole: str) -> str:
    """Return the text of the boxes above the first part."""
    head = whole[: whole.index('<section id="summary"')]
    bare = re.sub(r"(?s)<(style|script|svg)\b.*?</\1>", " ", head)
    return re.sub(
        r"\s+", " ", html.unescape(re.sub(r"</?(?:b|q|span)\b[^>]*>", "", re.sub(r"</p>|<div|<p", " ", bare)))
    )
