"""Loose likenesses count where they come again between the same accounts, and not where these write so at any time."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from benchmarks.accuracy.studies.recurring_rewrites import third_partners
from spmc_tools.coaction.traces.trace_catalogue import actions_of
from spmc_tools.findings.result.received_records import received
from spmc_tools.findings.sessions.rewritten import rewritten_texts

HOUR, DAY = 3_600, 86_400


def table(rows: list[tuple[str, int, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["account_id", "second", "text"])
    start = pd.Timestamp("2026-01-01", tz="UTC")
    return frame.assign(kind="post", created_at=start + pd.to_timedelta(frame["second"], unit="s"))


def rewritten(base: int, writer: int) -> str:
    """Return twenty words, one in five of which are the writer's own."""
    return " ".join(f"w{base}x{n}" if (n + writer) % 5 < 4 else f"own{base}x{writer}x{n}" for n in range(20))


def others(n: int) -> list[tuple[str, int, str]]:
    return [(f"o{k}", k * 900, " ".join(f"o{k}x{m}" for m in range(20))) for k in range(n)]


def struck(n_days: int) -> list[tuple[str, int, str]]:
    return [(f"m{k}", day * DAY + 10 * k, rewritten(day, k)) for day in range(n_days) for k in range(5)]


def test_a_likeness_that_comes_again_on_six_days_stands_out() -> None:
    third = third_partners(table([*others(600), *struck(6)]))
    members = [f"m{k}" for k in range(5)]
    assert (third[members] > 4).all() and (third.drop(index=members) == 0).all()


def test_two_days_are_too_few() -> None:
    assert (third_partners(table([*others(600), *struck(2)])) == 0).all()


def test_who_writes_so_at_any_time_does_not_stand_out() -> None:
    always = [(f"m{k}", day * DAY + k * 10, rewritten(0, k) + f" d{day}") for day in range(6) for k in range(5)]
    assert (third_partners(table([*others(600), *always])) < 1).all()


@pytest.mark.parametrize("n_days", [3, 4, 6])
def test_the_package_finds_what_the_slow_reading_finds(n_days: int) -> None:
    """The accounts whose third partner is beyond the bound, and the probability of the last of them."""
    rows = table([*others(300), *struck(n_days)])
    records = received(rows.assign(record_id=[f"r{n}" for n in range(len(rows))])).table
    found = rewritten_texts(records, {"copypasta": actions_of(records, "copypasta")})
    slow = third_partners(rows)
    beyond = slow[slow >= math.log10(len(slow) / 0.05)]
    [group] = found.groups.to_dict("records")
    assert group["accounts"] == sorted(beyond.index) == sorted(found.scores) and len(beyond) == 5
    assert group["p"] == pytest.approx(len(slow) * 10.0 ** -beyond.min(), rel=1e-6)
