"""The picture of a group's posts: rows, marks and lags against counts by hand; who is drawn beside."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd

from spmc_tools.report.sections.story.barcode import MOST_ROWS, Drawn, barcode, matched, period_of

START = datetime(2025, 11, 3, 6, 0, tzinfo=UTC)
SETTINGS = SimpleNamespace(date_from=date(2025, 11, 1), date_to=date(2025, 11, 10))


def table(rows: list[tuple[str, int, str | None]]) -> pd.DataFrame:
    """Posts by account, seconds after the start, and thing."""
    frame = pd.DataFrame(rows, columns=["account_id", "s", "thing"])
    frame["created_at"] = pd.to_datetime([START + timedelta(seconds=s) for s in frame["s"]], utc=True)
    frame["record_id"] = [f"{a}-{s}" for a, s in zip(frame["account_id"], frame["s"], strict=True)]
    return frame.assign(text=frame["thing"])


def scope_of(posts: pd.DataFrame) -> SimpleNamespace:
    return SimpleNamespace(
        case=SimpleNamespace(settings=SETTINGS), date_from=None, date_to=None, searched=posts, event=None
    )


def picture(
    evidence: pd.DataFrame, posts: pd.DataFrame, things: dict[str, str] | None = None, seed: int = 0, answers=()
):
    accounts = sorted(set(evidence["account_id"]))
    number = {account: n for n, account in enumerate(accounts, start=1)}
    given = things or {}
    drawn = Drawn(
        evidence, number, answers, set(accounts), lambda records: {r: given[r] for r in records if r in given}, seed
    )
    return barcode(scope_of(posts), drawn)


def test_rows_marks_and_lags_are_those_of_the_posts() -> None:
    evidence = table([("a", 0, "x"), ("b", 5, "x"), ("c", 40, "x"), ("b", 7200, "y"), ("a", 7260, "y")])
    other = table([("a", 100, None), ("z", 30, None), ("z", 50, None), ("w", 60, None)])
    made = picture(evidence, pd.concat([evidence, other]), {"z-50": "y"})
    assert made.labels == ("1", "2", "3") and made.all == 3
    seconds = [(moment - START).total_seconds() for moment in made.own.times]
    assert list(zip(made.own.rows, seconds, made.own.things, strict=True)) == [
        (0, 0, 1), (1, 5, 1), (2, 40, 1), (0, 100, 0), (1, 7200, 2), (0, 7260, 2),
    ]  # fmt: skip
    assert [(one.posts, one.text) for one in made.things] == [(3, "x"), (2, "y")] and made.things.more == 0
    assert made.lags_s == (5.0, 40.0, 60.0)
    # two accounts are free: z with two posts and w with one; the post of z on y carries its mark
    assert made.beside_rows == 2 and sorted(made.beside.things) == [0, 0, 2]


def test_the_axis_ends_with_the_case_and_what_lies_outside_is_counted() -> None:
    evidence = table([("a", 0, "x"), ("b", 5, "x"), ("a", -40 * 86_400, "y"), ("b", 90 * 86_400, "y")])
    made = picture(evidence, evidence)
    assert made.not_drawn.outside == 2 and (made.start, made.end) == (START, START + timedelta(seconds=5))
    assert len(made.own.times) == 2
    early = table([("a", -40 * 86_400, "y"), ("b", -39 * 86_400, "y")])
    first, last = period_of(scope_of(early), early["created_at"])
    assert first == START - timedelta(days=40) and last > START - timedelta(days=39)
    assert picture(early, early).not_drawn.outside == 0


def test_a_ninth_thing_shares_a_mark_and_is_counted() -> None:
    rows = [(account, 1000 * n + k, f"t{n}") for n in range(11) for k, account in enumerate("ab")]
    made = picture(table(rows), table(rows))
    assert len(made.things) == 8 and made.things.more == 3 and max(made.own.things) == 9


def test_of_a_large_group_rows_are_drawn_by_lot_and_the_seed_says_which() -> None:
    rows = [(f"m{n:03d}", n, "x") for n in range(100)]
    first, again, other = (picture(table(rows), table(rows), seed=seed) for seed in (1, 1, 2))
    assert len(first.labels) == MOST_ROWS and first.all == 100 and first == again and first.labels != other.labels
    assert sorted(first.labels, key=int) == list(first.labels)
    assert len(first.lags_s) == 99  # of all posts in step, drawn or not


def test_answers_are_drawn_where_they_fall_on_the_axis() -> None:
    evidence = table([("a", 0, "x"), ("b", 100, "x")])
    inside, outside = START + timedelta(seconds=50), START - timedelta(days=1)
    assert picture(evidence, evidence, answers=[outside, inside]).answers == (inside,)
    assert picture(evidence.head(0), evidence) is None


def test_those_beside_have_about_as_many_posts_and_stand_once() -> None:
    counts = {"a": 5, "b": 5, "m": 5, "n": 4, "o": 90, "p": 1, "known": 5}
    posts = pd.DataFrame({"account_id": [name for name, n in counts.items() for _ in range(n)]})
    chosen = matched(posts, ["a", "b"], {"known"}, np.random.default_rng(0))
    assert chosen == ["m", "n"]  # five, then four: nearer than one or ninety
    assert sorted(matched(posts, ["a"] * 9, {"known"}, np.random.default_rng(0))) == ["b", "m", "n", "o", "p"]
    equal = pd.DataFrame({"account_id": [f"e{n}" for n in range(40)] + ["a"]})
    assert len({matched(equal, ["a"], (), np.random.default_rng(seed))[0] for seed in range(30)}) > 10
