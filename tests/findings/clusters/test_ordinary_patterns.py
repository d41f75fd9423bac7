"""Ordinary patterns of posts in step: shares by hand, and branches and bulletins in an investigation."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import spmc_tools as spmc
from spmc_tools.findings.clusters.ordinary_patterns import (
    FOLLOWED_SHARE,
    ORIGIN_SHARE,
    ROUND_SHARE,
    _shares,
    followed_share,
    origin_share,
    round_share,
)

DAY, HOUR = 86_400, 3_600
START = pd.Timestamp("2025-11-03", tz="UTC")


def by_loops(seconds: list[int]) -> float:
    """Return the corrected share from its definition, over local days of any zone: nearest midnight between two."""
    kept = 0
    for own in seconds:
        days = set()
        for other in seconds:
            away = other - own
            whole = round(away / DAY)
            if whole != 0 and abs(away - whole * DAY) <= 900:
                days.add(whole)
        kept += len(days) >= 2
    mean = (len(seconds) - 1) / 30
    chance = 1 - math.exp(-mean) * (1 + mean)
    return (kept / len(seconds) - chance) / (1 - chance) if chance <= 0.5 else 0.0


@pytest.mark.parametrize(
    ("hours", "keeps"),
    [
        ([10, 34, 58], True),  # three days at ten
        ([10, 34], False),  # two days are no round
        ([10, 10.4, 58], False),
        ([10, 34.2, 57.95], True),  # within a quarter of an hour of each other, all three
        ([10, 34.3, 58], False),
        ([23.9, 48.1, 71.95], True),  # around midnight
        ([6, 18, 30, 42, 54, 66], True),  # morning and evening
        ([8, 33, 61, 83, 116, 130], False),  # another hour each day
    ],
)
def test_a_round_keeps_its_hour_on_three_days(hours: list[float], keeps: bool) -> None:
    seconds = [int(hour * HOUR) for hour in hours]
    share = round_share(seconds)
    assert share == pytest.approx(by_loops(seconds))
    assert (share >= ROUND_SHARE) == keeps


def test_many_posts_at_any_hour_are_no_round() -> None:
    rng = np.random.default_rng(2)
    for n in (10, 30, 60, 120):
        seconds = [
            int(day * DAY + hour * HOUR)
            for day, hour in zip(rng.integers(0, 7, n), 7 + 15 * rng.random(n), strict=True)
        ]
        assert round_share(seconds) == pytest.approx(by_loops(seconds))
        assert round_share(seconds) < ROUND_SHARE
    assert round_share([]) == 0.0


@pytest.mark.parametrize(
    ("first", "share"),
    [
        (["a"] * 4, 0.0),  # four objects say nothing
        (["a"] * 5, 1.0),
        (["a", "a", "a", "b", None], 0.6),
        (["a", "b", "c", "d", "e", "a"], 2 / 6),
        ([None] * 6, 0.0),  # several in the same second: nobody was first
    ],
)
def test_one_origin_by_hand(first: list[str | None], share: float) -> None:
    assert origin_share(first) == pytest.approx(share)
    assert (origin_share(first) >= ORIGIN_SHARE) == (share >= 0.6)


@pytest.mark.parametrize(
    ("reposts", "share"),
    [
        ([], 0.0),
        ([(60, 2)] * 4, 1.0),
        ([(59, 2)] * 4, 0.0),  # within a minute of the first: strikes
        ([(0, 2), (0, 2), (120, 2), (300, 2)], 1.0),  # a median of a minute
        ([(1_800, 2), (1_801, 2)], 0.5),  # half an hour, inclusive
        ([(99, 1), (99, 1), (99, 3), (99, 9)], 0.5),  # pages of one day are not followed
    ],
)
def test_followers_by_hand(reposts: list[tuple[int, int]], share: float) -> None:
    assert followed_share(reposts) == pytest.approx(share)


def reposted(*, follow: bool, seed: int = 5) -> pd.DataFrame:
    """Return a week: 400 people who repost one another, twelve pages, and thirty who repost in step.

    ``follow``: the thirty repost the pages' posts within minutes, four of ten; else they take up fifteen posts of
    people, a day old, within a minute.
    """
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, float, str | None, str | None]] = []
    posts = [
        (f"a{int(rng.integers(400)):03d}", float(rng.uniform(0, 6 * DAY)), f"r{number:05d}") for number in range(1_500)
    ]
    pages = [(f"p{page:02d}", float(rng.uniform(0, 6 * DAY)), f"s{page:02d}{number}") for page in range(12)
             for number in range(8)]  # fmt: skip
    rows += [(account, at, None, None) for account, at, _ in [*posts, *pages]]
    names = [post for *_, post in [*posts, *pages]]
    for account, at, post in posts:
        for reader in rng.integers(400, size=rng.poisson(2)):
            rows.append((f"a{reader:03d}", at + 3_000 * rng.lognormal(0, 1), post, account))
    if follow:
        for account, at, post in pages:
            for member in np.flatnonzero(rng.random(30) < 0.4):
                rows.append((f"m{member:02d}", at + 200 * rng.lognormal(0, 0.7), post, account))
    else:
        for account, at, post in [posts[place] for place in rng.choice(len(posts), 15, replace=False)]:
            start = at + DAY
            rows += [(f"m{member:02d}", start + rng.uniform(0, 60), post, account) for member in range(30)
                     if rng.random() < 0.8]  # fmt: skip
    names += [f"x{number:05d}" for number in range(len(rows) - len(names))]
    account, at, ref, author = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "record_id": names,
            "account_id": account,
            "created_at": START + pd.to_timedelta(np.floor(at), unit="s"),
            "time_precision_s": 1.0,
            "kind": ["post" if post is None else "repost" for post in ref],
            "ref_record_id": ref,
            "ref_account_id": author,
        }
    )


def test_followers_of_the_same_pages_are_shown_and_those_who_take_up_old_posts_are_named() -> None:
    for follow in (True, False):
        records = reposted(follow=follow)
        found = spmc.investigate(records, traces=["co_repost"])
        tiers = found.accounts.set_index("account_id")["tier"]
        members = [f"m{number:02d}" for number in range(30)]
        notes = found.notes["ordinary_patterns"]
        named = tiers[members].isin(["A", "B"]).sum()
        if follow:
            assert notes["followers"] >= 20 and named == 0  # without the pattern they would be named
            rows = found.ordinary_patterns
            share = rows.loc[rows["pattern"] == "followers", "share"]
            assert (share >= FOLLOWED_SHARE).all()
        else:
            assert notes["followers"] == 0 and named == 30


def branches(*, origin: str | None, hours: list[float], n: int = 20) -> pd.DataFrame:
    """Return two weeks: 300 people with words of their own, and branches that paste a notice within four minutes.

    ``origin``: who posts it first each time; None: one of the branches in turn. ``hours``: since the start.
    """
    rng = np.random.default_rng(7)
    words = [f"{a}{b}{c}" for a in ("ka", "mo", "ti", "lu") for b in ("ba", "so", "ni") for c in ("", "ran", "dip")]
    rows = [
        (f"a{int(rng.integers(300)):03d}", float(rng.uniform(0, 14 * DAY)), " ".join(rng.choice(words, 9)))
        for _ in range(2_500)
    ]
    names = [f"b{number:02d}" for number in range(n)]
    for number, hour in enumerate(hours):
        notice = " ".join(rng.choice(words, 12))
        lags = rng.uniform(20, 240, n)
        if origin is None:
            lags[number % n] = 0.0
        else:
            rows.append((origin, hour * HOUR, notice))
        rows += [(name, hour * HOUR + lag, notice) for name, lag in zip(names, lags, strict=True)]
    account, at, text = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "record_id": [f"r{number:05d}" for number in range(len(rows))],
            "account_id": account,
            "created_at": START + pd.to_timedelta(np.floor(at), unit="s"),
            "time_precision_s": 1.0,
            "kind": "post",
            "text": text,
        }
    )


ANY_HOUR = [24 * day + hour for day, hour in enumerate((9, 14, 20, 11, 17, 8, 22, 13, 19, 10, 15, 21))]
SAME_HOUR = [24 * day + 7.5 for day in range(12)]


@pytest.mark.parametrize(
    ("origin", "hours", "pattern"),
    [
        ("office", ANY_HOUR, "one_origin"),
        (None, SAME_HOUR, "daily_round"),
        (None, ANY_HOUR, None),
    ],
)
def test_what_an_ordinary_pattern_explains_is_shown_and_not_named(
    origin: str | None, hours: list[float], pattern: str | None
) -> None:
    found = spmc.investigate(branches(origin=origin, hours=hours), traces=["copypasta"])
    tiers = found.accounts.set_index("account_id")["tier"]
    members = [name for name in tiers.index if name.startswith("b")]
    notes = found.notes["ordinary_patterns"]
    assert set(tiers[members]) == {"C"}
    others = {name: n for name, n in notes.items() if name != pattern and n}
    if pattern is None:
        assert others == {"ready_made_alone": 20}  # nothing ordinary, and no second mark
    else:
        assert notes[pattern] == 20 + (origin is not None) and not others
        rows = found.ordinary_patterns.set_index("account_id")
        assert set(rows["pattern"]) == {pattern} and set(rows["trace"]) == {"copypasta"}
        assert (rows["share"] >= (ORIGIN_SHARE if origin else ROUND_SHARE)).all()
    assert not tiers[[name for name in tiers.index if name.startswith("a")]].isin(["A", "B"]).any()


def test_a_round_is_of_the_first_post_of_each_object() -> None:
    """Three days at ten o'clock, each object once more at another hour of the day."""
    first = {f"o{day}": day * DAY + 10 * HOUR for day in range(3)}
    times = first | {f"o{day} again": day * DAY + hour * HOUR for day, hour in enumerate((14, 17, 21))}
    about: Any = SimpleNamespace(objects=lambda record: [record[:2]], reposts=lambda *_: [])
    assert _shares("co_repost", about, sorted(times), times)["daily_round"] == 1.0
