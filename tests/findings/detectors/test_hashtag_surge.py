"""Surges of tags by a second route: the formula of the module's first page, written out over every bin."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from spmc_tools.findings.detectors.hashtag_surge import _Described, hashtag_surge, lacks
from spmc_tools.schema import ACCOUNTS, RECORDS

T = datetime(2025, 11, 3, tzinfo=UTC)
HOUR, BIN = 3600, 300

Row = tuple[str | None, str, float]
"""Tag, account, second after midnight."""


def rows(hours: int = 40) -> list[Row]:
    """An everyday tag, posts without one, and a tag that is pushed in bins 300, 303 and 307, 26 hours and later."""
    rng = np.random.default_rng(3)
    made: list[Row] = [("everyday", f"a{n % 30}", s) for n, s in enumerate(rng.uniform(0, hours * HOUR, 600))]
    made += [(None, f"a{n % 30}", s) for n, s in enumerate(rng.uniform(0, hours * HOUR, 900))]
    made += [("pushed", f"a{n % 7}", s) for n, s in enumerate(rng.uniform(0, hours * HOUR, 25))]
    for at, n in ((300, 24), (303, 20), (307, 18)):
        made += [("pushed", f"n{k % 9}", at * BIN + 10 * k) for k in range(n)]
    made += [(None, "a0", 0.0), (None, "a0", hours * HOUR - 1)]
    return made


def records(made: list[Row]) -> Any:
    return RECORDS.from_rows(
        [
            {"record_id": f"r{n}", "platform": "x", "account_id": account, "created_at": T + timedelta(seconds=second),
             "kind": "post", "source_sha256": "0" * 64, "source_row": n + 1, "hashtags": [tag] if tag else [],
             "deleted_seen_at": T + timedelta(days=9) if account == "n0" else None, "text": f"{n} {n * 7919}"}
            for n, (tag, account, second) in enumerate(made)
        ]
    )  # fmt: skip


def surges(made: list[Row], tags: list[str], hours: int = 40) -> list[dict[str, Any]]:
    whole = Counter(int(second // BIN) for _, _, second in made)
    last = hours * HOUR // BIN - 1
    counts = {tag: Counter(int(s // BIN) for name, _, s in made if name == tag) for tag in tags}
    expected: dict[tuple[str, int], float] = {}
    over = under = 0.0
    for tag in tags:
        for b in range(72, last + 1):
            past = range(max(0, b - 288), b)
            rhythm = max((whole[b] + 1) / (sum(whole[x] for x in past) / len(past) + 1), 1)
            mean = (sum(counts[tag][x] for x in past) / len(past) + 1 / len(past)) * rhythm
            expected[tag, b] = mean
            over += (counts[tag][b] - mean) ** 2 - mean
            under += mean**2
    k = min(max(under / over, 0.1), 100.0)
    p = {
        (tag, b): float(stats.nbinom.sf(counts[tag][b] - 1, k, k / (k + mean))) if counts[tag][b] >= 5 else 1.0
        for (tag, b), mean in expected.items()
    }
    ranked = sorted(p, key=lambda place: p[place])
    q, least = {}, 1.0
    for rank, place in reversed(list(enumerate(ranked, start=1))):
        least = min(least, p[place] * len(ranked) / rank)
        q[place] = least
    found = []
    for tag in tags:
        hits = [b for b in range(72, last + 1) if q[tag, b] < 0.01 and counts[tag][b] >= 5]
        ends = [i for i, (a, b) in enumerate(pairwise(hits), start=1) if b - a > 3]
        for low, high in pairwise([0, *ends, len(hits)]):
            part = hits[low:high]
            if part:
                span = part[-1] - part[0] + 1
                found.append(
                    {"tag": f"#{tag}", "first": part[0], "last": part[-1],
                     "n": sum(counts[tag][b] for b in range(part[0], part[-1] + 1)),
                     "expected": float(np.mean([expected[tag, b] for b in part])) * span,
                     "p": min(p[tag, b] for b in part), "q": min(q[tag, b] for b in part)}
                )  # fmt: skip
    return found


def test_surges_by_the_formula_written_out() -> None:
    made = rows()
    found = hashtag_surge(records(made))
    wanted = surges(made, ["everyday", "pushed"])
    assert [(one["first"], one["last"]) for one in wanted if one["tag"] == "#pushed"] == [(300, 303), (307, 307)]
    assert list(found["tag"]) == [one["tag"] for one in wanted]
    for row, one in zip(found.itertuples(), wanted, strict=True):
        assert row.first_t == pd.Timestamp(T + timedelta(seconds=one["first"] * BIN))
        assert row.last_t == pd.Timestamp(T + timedelta(seconds=(one["last"] + 1) * BIN))
        assert (row.bin_s, row.n_records) == (300.0, one["n"])
        assert (row.expected, row.p, row.q) == pytest.approx((one["expected"], one["p"], one["q"]), rel=1e-9)


def test_what_stands_beside_a_surge_is_of_its_own_records() -> None:
    """The last surge is of nine accounts; one was seen to be gone, and of three it is known when they were made."""
    made = rows()
    days = {"n1": 30, "n2": 31, "n3": 900}
    accounts = ACCOUNTS.from_rows(
        [
            {"account_id": name, "platform": "x", "source_sha256": "0" * 64, "source_row": 1,
             "created_at": T + timedelta(seconds=307 * BIN) - timedelta(days=d)}
            for name, d in days.items()
        ]
    )  # fmt: skip
    last = hashtag_surge(records(made), accounts).iloc[-1]
    inside = [account for tag, account, s in made if tag == "pushed" and s // BIN == 307]
    posts = np.array(list(Counter(inside).values()), dtype=float)
    assert last["author_gini"] == pytest.approx(np.abs(posts[:, None] - posts).mean() / (2 * posts.mean()))
    assert last["n_accounts"] == len(set(inside)) and last["n_records"] == len(inside)
    assert last["deleted_share"] == pytest.approx(inside.count("n0") / len(inside))
    assert last["new_account_share"] == pytest.approx(1 / 3)  # of the three whose age is known


@pytest.mark.parametrize(("hours", "said"), [(6, True), (7, False)])
def test_less_than_six_hours_are_no_past(hours: int, said: bool) -> None:
    made: list[Row] = [("pushed", "a", n * hours * HOUR / 40) for n in range(40)]
    assert (lacks(records(made)) is not None) is said


@pytest.mark.parametrize(("n", "said"), [(19, True), (20, False)])
def test_a_tag_takes_twenty_records(n: int, said: bool) -> None:
    made: list[Row] = [("pushed", "a", k * HOUR) for k in range(n)]
    assert (lacks(records(made)) is not None) is said


def test_texts_beside_a_surge_are_those_of_the_records_where_they_have_any():
    at = pa.array([datetime(2025, 11, 6, tzinfo=UTC)] * 2, pa.timestamp("us", tz="UTC"))
    records = pa.table({"account_id": ["a", "b"], "created_at": at})
    assert _Described(records, None).text is None
    assert _Described(records.append_column("text", pa.array(["one", None])), None).text == ["one", None]
