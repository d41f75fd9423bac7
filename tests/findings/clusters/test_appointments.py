"""Traces that rest on an appointment that a scheduler keeps: by hand, and in an investigation of a chain of shops."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import spmc_tools as spmc
from spmc_tools.findings.clusters import ordinary_patterns as patterns
from spmc_tools.findings.clusters.appointments import appointed_share
from spmc_tools.schema import ACTIONS

T0 = pd.Timestamp("2025-11-03", tz="UTC")
DAY, HOUR = 86_400, 3_600
TEN = int(T0.timestamp()) + 10 * HOUR
SHOPS = {f"s{i}" for i in range(12)}


@pytest.mark.parametrize(
    ("seconds", "share"),
    [
        ([], 0.0),
        ([TEN], 0.0),  # a slot once is no appointment
        ([TEN, TEN + DAY], 1.0),
        ([TEN, TEN + DAY + 1], 1.0),  # a second late
        ([TEN, TEN + DAY + 2], 0.0),
        ([TEN, TEN + 1], 0.0),  # one day
        ([TEN, TEN + DAY + 60], 0.0),  # another minute
        ([TEN, TEN + DAY, TEN + 2 * DAY + 30, None], 0.5),
        ([TEN + 17 + DAY * k for k in range(6)], 0.0),  # an appointment, but no scheduler's second
        ([TEN + DAY * k + 6 * HOUR * h for k in range(3) for h in range(2)], 1.0),
    ],
)
def test_the_share_of_posts_by_hand(seconds: list[int | None], share: float) -> None:
    assert appointed_share(seconds) == share


def shops(hours: list[int], second: int, *, exact: bool = True) -> pd.DataFrame:
    """Ten days: 300 people with words of their own, twelve shops that post one offer a day at this hour and second."""
    rng = np.random.default_rng(4)
    words = [
        f"{a}{b}{c}" for a in ("ka", "mo", "ti", "lu") for b in ("ba", "so", "ni", "re") for c in ("", "ran", "dip")
    ]
    rows = [
        (f"a{int(rng.integers(300)):03d}", float(rng.uniform(0, 10 * DAY)), " ".join(rng.choice(words, 9)))
        for _ in range(2_500)
    ]
    for day, hour in enumerate(hours):
        offer = " ".join(rng.choice(words, 12))
        rows += [
            (shop, day * DAY + hour * HOUR + 60 * (7 * day % 60 if hour != 10 else 0) + second, offer)
            for shop in sorted(SHOPS)
        ]
    rows += [
        (shop, float(rng.uniform(0, 10 * DAY)), " ".join(rng.choice(words, 9)))
        for shop in sorted(SHOPS)
        for _ in range(9)
    ]
    account, at, text = zip(*rows, strict=True)
    step = 1 if exact else 60
    return pd.DataFrame(
        {
            "record_id": [f"r{i:05d}" for i in range(len(rows))],
            "account_id": account,
            "created_at": T0 + pd.to_timedelta(np.floor(np.array(at) / step) * step, unit="s"),
            "time_precision_s": float(step),
            "kind": "post",
            "text": text,
        }
    )


def explained(frame: pd.DataFrame) -> dict[str, str]:
    """Return what explains each account with a tier, all of which are only shown."""
    found = spmc.investigate(frame, traces=["copypasta"])
    shown = found.accounts[found.accounts["tier"].notna()]
    assert set(shown["tier"]) == {"C"}
    rows = found.ordinary_patterns
    assert set(rows["account_id"]) == set(shown["account_id"])
    return rows.groupby("account_id")["pattern"].agg(" ".join).to_dict()


def test_an_offer_at_ten_every_day_is_an_appointment_and_the_same_at_other_hours_is_none() -> None:
    assert explained(shops([10] * 10, 0)) == dict.fromkeys(SHOPS, "appointment daily_round")
    for frame in (
        shops([10] * 10, 25),  # on the same minute, and no scheduler's second
        shops([10] * 10, 0, exact=False),  # nobody knows the second
    ):
        assert explained(frame) == dict.fromkeys(SHOPS, "daily_round")
    # a scheduler's second, at another minute each day
    assert explained(shops([8, 20, 13, 9, 17, 11, 22, 14, 19, 12], 0)) == dict.fromkeys(SHOPS, "ready_made_alone")


@pytest.mark.parametrize(("n_others", "appointed"), [(2, True), (3, False)])
def test_half_of_the_posts_in_step_make_an_appointment(
    n_others: int, *, appointed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two posts at ten o'clock on two days, and others at no scheduler's second."""
    seconds = [TEN, TEN + DAY, *(TEN + 17 + 3_661 * (k + 1) for k in range(n_others))]
    ids = [f"r{k}" for k in range(len(seconds))]
    at = pa.array([second * 1_000_000 for second in seconds], pa.timestamp("us", tz="UTC"))
    records = pa.table({"record_id": ids, "created_at": at, "time_precision_s": [1.0] * len(ids)})
    actions = ACTIONS.from_rows(
        [
            {"trace": "copypasta", "account_id": "a", "object_id": f"o{r}", "source_id": None, "t": t, "record_id": r}
            for r, t in zip(ids, at.to_pylist(), strict=True)
        ]
    )
    monkeypatch.setattr(patterns, "naming", lambda *_: ["copypasta"])
    monkeypatch.setattr(patterns, "records_in_step", lambda *_: {("a", "copypasta"): set(ids)})
    ground: Any = SimpleNamespace(actions={"copypasta": actions})
    found = patterns.ordinary_patterns(records, {"a": []}, ground, {}, {})
    assert ("appointment" in {row["pattern"] for row in found.rows}) is appointed
