"""The explanations of a card from posts made by hand: what is counted, and what is said of it."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pandas as pd
import pytest

from spmc_tools.report.sections.groups.cards import explanations, posted_at
from spmc_tools.report.sections.groups.shown_groups import Group
from spmc_tools.report.words.wording import catalogue

NAMED = ("a", "b")


def posts(rows: list[tuple]) -> pd.DataFrame:
    """Rows of id, account, time in IST, hashtags, links, and the id of what is reposted."""
    frame = pd.DataFrame(rows, columns=["record_id", "account_id", "created_at", "hashtags", "urls", "ref_record_id"])
    frame["created_at"] = pd.to_datetime(frame["created_at"]).dt.tz_localize("Asia/Kolkata").dt.tz_convert("UTC")
    frame["kind"] = frame["ref_record_id"].map(lambda one: "post" if one is None else "repost")
    return frame


def said(shared: list[tuple], others: list[tuple], **row: object) -> list[tuple]:
    """The sentences on these posts among others: side, name and figures."""
    records = posts([*shared, *others])
    scope = SimpleNamespace(searched=records, records=records, event=None)
    group = Group(1, NAMED, ("c",), {"n_sources": 0, "traces": [], **row})
    found = explanations(group, posts(shared), scope, posted_at(scope))
    return [(one.side, one.what, one.values) for one in found]


def test_an_evening_of_two_people() -> None:
    """Two of four shared posts have a tag, three an address, to two sites; four of the eight of a and b are shared.

    22:00 to 01:00 in India is two days, though it is one in UTC; the posts of c are not counted.
    """
    shared = [
        ("p1", "a", "2025-12-02 22:00", ["vote"], ["https://one.example/1"], None),
        ("p2", "b", "2025-12-02 22:01", ["vote", "now"], ["https://one.example/2", "https://two.example"], None),
        ("p3", "a", "2025-12-03 01:00", [], ["https://two.example/x"], None),
        ("p4", "b", "2025-12-03 01:01", None, None, None),
    ]
    others = [(f"o{n}", who, "2025-12-01 12:00", [], [], None) for n, who in enumerate(["a", "a", "b", "b", "c", "c"])]
    assert said(shared, others, n_sources=2, traces=["copypasta", "co_url"]) == [
        ("for", "ready_text", {}),
        ("for", "hashtags", {"share": 0.5}),
        ("for", "links", {"share": 0.75, "n": 2}),
        ("for", "other_life", {"share": 0.5}),
        ("for", "few_days", {"n": 2}),
        ("for", "few_sources", {"n": 2}),
    ]


def test_three_days_of_nothing_else() -> None:
    shared = [(f"p{day}", "a", f"2025-12-0{day} 12:00", [], ["no address"], None) for day in (1, 2, 3)]
    assert said(shared, [], n_sources=4, traces=["co_url"]) == [
        ("against", "little_else", {"share": 0.0}),
        ("against", "many_days", {"n": 3}),
        ("against", "many_sources", {"n": 4}),
        ("for", "follow_many", {"n": 4}),
    ]


@pytest.mark.parametrize(
    ("traces", "wanted"),
    [
        (["copypasta"], [("against", "many_things", {"n": 16})]),
        (["copypasta", "co_hashtag_sequence"], [("against", "many_things", {"n": 16})]),
        (["copypasta", "co_repost"], [("against", "many_sources", {"n": 16}), ("for", "follow_many", {"n": 16})]),
    ],
)
def test_a_copied_text_has_no_source_beside_itself(traces, wanted) -> None:
    """Sixteen texts are sixteen things; where they came from nobody counted."""
    shared = [("p1", "a", "2025-12-01 12:00", [], [], None)]
    found = said(shared, [], n_sources=16, traces=traces)
    assert [one for one in found if "many_" in one[1] or "follow" in one[1]] == wanted
    few = said(shared, [], n_sources=3, traces=["copypasta"])
    assert ("for", "few_things", {"n": 3}) in few and not [one for one in few if "sources" in one[1]]


def test_no_sentence_of_what_must_be_covered_names_an_ordinary_reason() -> None:
    """The reasons that the other column names stand in none of these sentences, in either language."""
    reasons = {"en": "volunteer|trending|party|handed round|newsroom", "hi": "स्वयंसेवक|ट्रेंड-सूची|दल के|समाचार"}
    for language, words in reasons.items():
        for what in ("little_else", "many_days", "many_sources", "many_things", "stale"):
            message = catalogue(language)[f"explain.{what}"].string
            assert not re.search(words, " ".join(message) if isinstance(message, tuple) else message), what


@pytest.mark.parametrize(
    ("minutes", "wanted"),
    [
        ((1, 2, 5, 60, 90), [("for", "fresh", {"seconds": 300.0})]),
        ((1, 2, 6, 60, 90), [("against", "stale", {"seconds": 360.0}), ("for", "handed_round", {})]),
        ((1, 2, 60, 90), []),
    ],
)
def test_the_median_delay_of_reposts_whose_originals_are_there(minutes: tuple[int, ...], wanted: list[tuple]) -> None:
    """A repost of something that is not in the data is not counted."""
    start = pd.Timestamp("2025-12-01 12:00")
    shared = [("r", "a", str(start), [], [], "nowhere")] + [
        (f"r{after}", "a", str(start + pd.Timedelta(minutes=after)), [], [], "original") for after in minutes
    ]
    found = said(shared, [("original", "c", str(start), [], [], None)])
    assert [one for one in found if one[1] in {"fresh", "stale", "handed_round"}] == wanted


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        (["2025-10-27", "2025-12-01"], [("for", "festival", {"share": 0.5})]),  # Chhath
        (["2025-10-27", "2025-12-01", "2025-12-02"], []),
    ],
)
def test_posts_on_festival_days(days: list[str], wanted: list[tuple]) -> None:
    shared = [(f"p{day}", "a", f"{day} 12:00", [], [], None) for day in days]
    assert [one for one in said(shared, []) if one[1] == "festival"] == wanted
