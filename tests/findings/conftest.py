"""A small made-up world: everyday reposts and posts, and ten accounts that act together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

T0 = pd.Timestamp("2025-11-01", tz="UTC")
DAY = 86_400
MEMBERS = [f"c{n:04d}" for n in range(10)]


def made_world(seed: int = 0) -> pd.DataFrame:
    """5,900 records of 300 everyday accounts and of ten that repost and post together, for seven days."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []

    def add(account: str, second: float, kind: str, **values: Any) -> None:
        number = len(rows) + 1
        rows.append(
            {
                "record_id": f"r{number:06d}", "platform": "x", "account_id": account,
                "created_at": T0 + pd.Timedelta(seconds=int(second)), "time_precision_s": 1.0, "kind": kind,
                "source_sha256": "ab" * 32, "source_row": number, **values,
            }
        )  # fmt: skip

    for _ in range(4000):
        post = int(rng.integers(600))
        add(f"a{rng.integers(300):04d}", rng.uniform(0, 7 * DAY), "repost",
            ref_record_id=f"p{post}", ref_account_id=f"author{post % 60}")  # fmt: skip
    for strike in range(30):
        start = strike * 7 * DAY / 30 + rng.uniform(0, 3600)
        for member in MEMBERS:
            if rng.random() < 0.9:
                add(member, start + rng.uniform(0, 40), "repost",
                    ref_record_id=f"q{strike}", ref_account_id=f"boosted{strike % 12}")  # fmt: skip
    for strike in range(15):
        start = strike * 7 * DAY / 15 + rng.uniform(0, 3600)
        for member in MEMBERS:
            if rng.random() < 0.9:
                end = " 🙏" if rng.random() < 0.5 else "।"
                words = f"मतदान केंद्र {strike} पर समय से पहुँचें, सबको साथ लाएँ{end}"
                add(member, start + rng.uniform(0, 50), "post", text=words)
    for _ in range(1500):
        add(f"a{rng.integers(300):04d}", rng.uniform(0, 7 * DAY), "post",
            text=f"आज का दिन अच्छा है और मौसम भी ठीक लग रहा है {rng.integers(700)}")  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture(scope="session")
def members() -> list[str]:
    """The ten accounts that act together."""
    return list(MEMBERS)


@pytest.fixture(scope="session")
def world() -> pd.DataFrame:
    """The records of the made-up world; do not change them."""
    return made_world()


@pytest.fixture(scope="session")
def found(world: pd.DataFrame) -> Any:
    """What an investigation of the made-up world finds; do not change it."""
    from spmc_tools.findings.pipeline.investigate import investigate

    return investigate(world)
