"""Ordinary patterns of posts in step: shares by hand, and branches and bulletins in an investigation."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import spmc_tools as spmc
from spmc_tools.findings.clusters.ordinary_patterns import (
    ORIGIN_SHARE,
    ROUND_SHARE,
    origin_share,
    patterns_of_group,
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
    if pattern is None:
        assert set(tiers[members]) <= {"A", "B"} and not any(notes.values())
    else:
        assert set(tiers[members]) == {"C"}
        assert notes[pattern] == 20 + (origin is not None)
    assert not tiers[[name for name in tiers.index if name.startswith("a")]].isin(["A", "B"]).any()


def posted(rows: list[tuple[str, str, int]]) -> tuple[pa.Table, pa.Table, dict[str, set[str]]]:
    """Records, actions and the posts in step by account of (account, object, second after the start)."""
    times = pa.array(
        [(START + pd.Timedelta(seconds=s)).to_pydatetime() for *_, s in rows], pa.timestamp("us", tz="UTC")
    )
    ids = [f"r{n}" for n in range(len(rows))]
    records = pa.table(
        {"record_id": ids, "created_at": times, "time_precision_s": pa.array([1.0] * len(rows), pa.float64())}
    )
    actions = pa.table(
        {"record_id": ids, "account_id": [a for a, *_ in rows], "object_id": [o for _, o, _ in rows], "t": times}
    )
    posts: dict[str, set[str]] = {}
    for record, (account, *_) in zip(ids, rows, strict=True):
        posts.setdefault(account, set()).add(record)
    return records, actions, posts


def test_the_pattern_of_a_group_is_that_of_all_its_posts() -> None:
    hours = [9, 34, 60, 83, 110, 131]  # another hour each day
    head = [
        (account, f"o{n}", hour * HOUR + 17 + 97 * k)
        for n, hour in enumerate(hours)
        for k, account in enumerate("xabc")
    ]
    # x is first on all six, the median of the posts comes 97 seconds or more behind
    assert patterns_of_group(*posted(head)) == {"one_origin"}
    # in turn nobody is first on six of ten, by the same seconds
    turns = [
        ("xabc"[(n + k) % 4], f"o{n}", hour * HOUR + 17 + 97 * k) for n, hour in enumerate(hours) for k in range(4)
    ]
    assert patterns_of_group(*posted(turns)) == frozenset()
    # the same hour on six days, each account at another second, nobody first
    daily = [("xabc"[(n + k) % 4], f"o{n}", n * DAY + 9 * HOUR + 17 + 97 * k) for n in range(6) for k in range(4)]
    assert patterns_of_group(*posted(daily)) == {"daily_round"}
    records, actions, _ = posted(daily)
    assert patterns_of_group(records, actions, {}) == frozenset()


def test_an_appointment_is_that_of_half_of_the_accounts() -> None:
    def rows(others: int) -> list[tuple[str, str, int]]:
        kept = [(a, f"o{n}", n * DAY + (9 + n * n % 7) * HOUR) for n in (0, 7) for a in "ab"]  # on the minute, twice
        loose = [(f"m{k}", f"p{n}", n * DAY + (11 + 2 * n) * HOUR + 37 + k) for n in (0, 1) for k in range(others)]
        return kept + loose

    assert patterns_of_group(*posted(rows(2))) == {"appointment"}
    assert patterns_of_group(*posted(rows(3))) == frozenset()
