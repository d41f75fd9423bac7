"""What speaks for accounts, and what an ordinary explanation must cover: cases by hand, on both sides of each limit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spmc_tools.findings.tiers.exculpatory import Point, SharedActivity, exculpatory_points

PLAIN = SharedActivity(
    n_posts=10, n_all_posts=100, n_tagged=0, n_linked=0, n_festival=0, n_sites=0, n_days=1, n_sources=0,
    copied_text=False,
)  # fmt: skip
"""Ten posts of one day among a hundred: two sentences speak for these accounts, and none against them."""

OTHER_LIFE = Point("for", "other_life", share=0.9)
ONE_DAY = Point("for", "few_days", n=1)

CASES = [
    ("nothing else is known", {}, []),
    ("copies of one text", {"copied_text": True}, [Point("for", "ready_text")]),
    ("hashtags in half of the posts", {"n_tagged": 5}, [Point("for", "hashtags", share=0.5)]),
    ("hashtags in fewer than half", {"n_tagged": 4}, []),
    ("links to two sites in half", {"n_linked": 5, "n_sites": 2}, [Point("for", "links", share=0.5, n=2)]),
    ("links in fewer than half", {"n_linked": 4, "n_sites": 2}, []),
    ("links that cannot be read", {"n_linked": 10, "n_sites": 0}, []),
    ("one source", {"n_sources": 1}, [Point("for", "few_sources", n=1)]),
    ("three sources", {"n_sources": 3}, [Point("for", "few_sources", n=3)]),
    ("four sources", {"n_sources": 4}, [Point("against", "many_sources", n=4), Point("for", "follow_many", n=4)]),
    ("four texts", {"n_sources": 4, "own_sources": True}, [Point("against", "many_things", n=4)]),
    ("three texts", {"n_sources": 3, "own_sources": True}, [Point("for", "few_things", n=3)]),
    ("reposts after five minutes", {"n_reposts": 5, "delay_s": 300.0}, [Point("for", "fresh", seconds=300.0)]),
    (
        "a second later",
        {"n_reposts": 5, "delay_s": 301.0},
        [Point("against", "stale", seconds=301.0), Point("for", "handed_round")],
    ),
    ("too few reposts to tell", {"n_reposts": 4, "delay_s": 301.0}, []),
    ("half on a festival", {"n_festival": 5}, [Point("for", "festival", share=0.5)]),
    ("fewer than half on a festival", {"n_festival": 4}, []),
]


@pytest.mark.parametrize(("what", "changes", "more"), CASES, ids=[what for what, *_ in CASES])
def test_each_sentence_has_its_limit(what: str, changes: dict, more: list[Point]) -> None:
    points = exculpatory_points(replace(PLAIN, **changes))
    assert OTHER_LIFE in points and ONE_DAY in points
    assert [point for point in points if point not in (OTHER_LIFE, ONE_DAY)] == more


@pytest.mark.parametrize(
    ("n_all_posts", "wanted"),
    [
        (20, [Point("for", "other_life", share=0.5)]),
        (16, [Point("against", "little_else", share=0.375)]),
        (10, [Point("against", "little_else", share=0.0)]),
        (8, [Point("against", "little_else", share=0.0)]),  # of evidence with rows of the accounts table
        (0, []),
    ],
)
def test_another_life_is_half_of_all_posts(n_all_posts: int, wanted: list[Point]) -> None:
    assert exculpatory_points(replace(PLAIN, n_all_posts=n_all_posts)) == [*wanted, ONE_DAY]


@pytest.mark.parametrize(
    ("n_days", "wanted"),
    [(1, Point("for", "few_days", n=1)), (2, Point("for", "few_days", n=2)), (3, Point("against", "many_days", n=3))],
)
def test_three_days_are_more_than_one_event(n_days: int, wanted: Point) -> None:
    assert exculpatory_points(replace(PLAIN, n_days=n_days)) == [OTHER_LIFE, wanted]


def test_the_order_in_which_they_are_read() -> None:
    fan_club = SharedActivity(
        n_posts=40, n_all_posts=50, n_tagged=40, n_linked=30, n_festival=20, n_sites=1, n_days=5, n_sources=6,
        copied_text=True, n_reposts=12, delay_s=45.0,
    )  # fmt: skip
    assert exculpatory_points(fan_club) == [
        Point("for", "ready_text"),
        Point("for", "hashtags", share=1.0),
        Point("for", "links", share=0.75, n=1),
        Point("against", "little_else", share=pytest.approx(0.2)),
        Point("against", "many_days", n=5),
        Point("against", "many_sources", n=6),
        Point("for", "follow_many", n=6),
        Point("for", "fresh", seconds=45.0),
        Point("for", "festival", share=0.5),
    ]


def test_no_posts_are_no_points_but_few_days() -> None:
    assert exculpatory_points(replace(PLAIN, n_posts=0, n_all_posts=0, n_days=0)) == [Point("for", "few_days", n=0)]
