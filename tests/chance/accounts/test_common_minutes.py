"""The clock: cosine by brute force, strangers who are not in step, a pair that is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.chance.accounts import common_minutes as clock_lockstep
from spmc_tools.chance.accounts.common_minutes import lockstep

START = 20_000 * 1440  # a Thursday, midnight


def activity(rng: np.random.Generator, n: int, days: int, per_day: int = 6) -> list[tuple[int, int]]:
    """Accounts with favourite hours and nothing in common but these."""
    rows = set()
    for account in range(n):
        hours = rng.choice(24, size=6, replace=False)
        for day in range(days):
            for _ in range(per_day):
                rows.add((account, START + day * 1440 + int(rng.choice(hours)) * 60 + int(rng.integers(60))))
    return sorted(rows)


def arrays(rows: list[tuple[int, int]]) -> tuple[Any, Any]:
    account, minute = (np.array(c, dtype=np.int64) for c in zip(*rows, strict=True))
    return account, minute


@pytest.mark.parametrize("days", [14, 9])  # every day of the week is there twice; two are
def test_cosine_by_brute_force(days: int) -> None:
    rows = activity(np.random.default_rng(0), 8, days, 10)
    rows = sorted({*rows, *((7, minute) for account, minute in rows if account == 0 and minute % 2)})
    found = lockstep(*arrays(rows), 8)
    n_minutes = days * 1440
    x = np.zeros((8, n_minutes))
    for account, minute in rows:
        x[account, minute - START] = 1
    first = (START // 1440 + 3) % 7  # the first day of 1970 was a Thursday
    hour = ((np.arange(n_minutes) // 1440 + first) % 7) * 24 + np.arange(n_minutes) % 1440 // 60
    for h in range(168):
        own = hour == h
        x[:, own] -= x[:, own].mean(axis=1, keepdims=True)
    cosine = x @ x.T / np.sqrt(np.outer((x**2).sum(axis=1), (x**2).sum(axis=1)))
    assert found.partner[0] == 7 and found.partner[7] == 0
    assert found.t[0] == pytest.approx(cosine[0, 7])
    assert (found.t[1:7] <= np.max(cosine - 2 * np.eye(8), axis=1)[1:7] + 1e-12).all()


@settings(max_examples=8, deadline=None)
@given(names=st.integers(0, 2**32 - 1))
def test_names_and_accounts_with_few_records_change_no_cosine(names: int) -> None:
    rows = activity(np.random.default_rng(3), 8, 10, 8)
    own = lockstep(*arrays(rows), 8)
    new = np.random.default_rng(names).permutation(8)
    renamed = sorted((int(new[account]), minute) for account, minute in rows)
    assert lockstep(*arrays(renamed), 8).t[new] == pytest.approx(own.t)
    crowd = sorted({*rows, *((8 + k, START + 100 * k) for k in range(20))})
    assert lockstep(*arrays(crowd), 28).t[:8] == pytest.approx(own.t)


def test_a_pair_in_step_is_seen_and_strangers_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    rows = activity(rng, 60, 12)
    common = [START + day * 1440 + int(rng.integers(1440)) for day in range(12) for _ in range(4)]
    rows = sorted({*rows, *((a, minute) for a in (60, 61, 62) for minute in common)})
    found = lockstep(*arrays(rows), 63)
    assert (found.p[60:] < 0.002).all()
    assert set(found.partner[60:]) <= {60, 61, 62}
    again = lockstep(*arrays(rows[::-1]), 63)
    assert np.array_equal(found.p, again.p)
    monkeypatch.setattr(clock_lockstep, "MOST_LOOKED_AT", 1)
    assert (lockstep(*arrays(rows), 63).p < 1).sum() <= 1
    monkeypatch.undo()
    monkeypatch.setattr(clock_lockstep, "MOST_STEPS", 1)
    assert (lockstep(*arrays(rows), 63).p < 1).sum() <= 1


def test_strangers_with_like_hours_are_not_in_step() -> None:
    small = total = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        found = lockstep(*arrays(activity(rng, 30, 10, 20)), 30, seed)
        small += int((found.p < 0.05).sum())
        total += 30
    assert small <= 0.12 * total


def test_a_daily_schedule_of_two_is_no_lockstep() -> None:
    rng = np.random.default_rng(3)
    rows = activity(rng, 20, 12)
    rows = sorted(
        {*rows, *((a, START + day * 1440 + m) for a in (20, 21) for day in range(12) for m in (541, 722, 1083))}
    )
    found = lockstep(*arrays(rows), 22)
    assert (found.p[20:] > 0.05).all()


def test_a_minute_of_everybody_links_nobody() -> None:
    rng = np.random.default_rng(4)
    rows = activity(rng, 60, 8, 5)
    rows = sorted(
        {*rows, *((a, START + day * 1440 + m) for a in range(60) for day in range(8) for m in (700, 701, 905 + day))}
    )
    assert (lockstep(*arrays(rows), 60).p > 0.01).all()


@pytest.mark.parametrize(
    ("n_there", "n_accounts", "crowded"),
    [(50, 999, True), (49, 100, False), (60, 1199, True), (60, 1200, False)],
)
def test_a_minute_is_everybodys_from_fifty_accounts_and_more_than_one_in_twenty(
    n_there: int, n_accounts: int, crowded: bool
) -> None:
    rows = [(a, START + day * 1440 + 60 * day) for a in range(n_there) for day in range(6)]
    found = lockstep(*arrays(rows), n_accounts)
    assert (found.minutes[:n_there] == (0 if crowded else 6)).all() and (found.minutes[n_there:] == 0).all()


def test_nothing_and_constant_times() -> None:
    assert lockstep(np.empty(0, np.int64), np.empty(0, np.int64), 3).p.tolist() == [1.0] * 3
    found = lockstep(np.arange(3), np.full(3, START), 3)
    assert found.p.tolist() == [1.0] * 3 and np.isfinite(found.t).all()


def test_of_equally_close_partners_the_first_is_named_and_four_days_are_too_few() -> None:
    """Three accounts in step on five days, two others on four: another hour of the week each day."""
    rows = [(a, START + day * 1440 + 60 * day) for a in range(3) for day in range(5)]
    rows += [(a, START + day * 1440 + 60 * day + 700) for a in (3, 4) for day in range(4)]
    found = lockstep(*arrays(sorted(rows)), 5)
    assert found.partner.tolist() == [1, 0, 0, -1, -1]
    assert found.days.tolist() == [5, 5, 5, 0, 0]
