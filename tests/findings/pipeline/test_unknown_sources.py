"""Whose the objects are is not known: short links, and reposts without an author. Nobody is named for lack of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import spmc_tools as spmc

if TYPE_CHECKING:
    from collections.abc import Callable

T0 = pd.Timestamp("2025-11-01", tz="UTC")
DAY = 86_400
SHORTENERS = ("bit.ly", "t.co", "ow.ly", "tinyurl.com", "is.gd", "buff.ly", "cutt.ly", "rb.gy", "dlvr.it", "ift.tt")


def links(url: Callable[[int], str]) -> pd.DataFrame:
    """200 everyday accounts with links of their own, and ten that post thirty links within a minute of each other."""
    rng = np.random.default_rng(1)
    rows = [
        (f"a{rng.integers(200)}", rng.uniform(0, 7 * DAY), f"https://site{rng.integers(40)}.example/{rng.integers(8)}")
        for _ in range(2500)
    ]
    for strike in range(30):
        start = strike * 7 * DAY / 30
        rows += [(f"c{member}", start + rng.uniform(0, 50), url(strike)) for member in range(10)]
    return pd.DataFrame(
        {
            "record_id": [f"r{n}" for n in range(len(rows))], "account_id": [row[0] for row in rows],
            "created_at": [T0 + pd.Timedelta(seconds=int(row[1])) for row in rows], "kind": "post",
            "urls": [[row[2]] for row in rows],
        }
    )  # fmt: skip


def of_tier(found: Any, *tiers: str) -> set[str]:
    return set(found.accounts.loc[found.accounts["tier"].isin(tiers), "account_id"])


CAMPAIGN = {f"c{member}" for member in range(10)}


def test_short_links_of_ten_shorteners_name_nobody_and_links_to_ten_sites_do() -> None:
    named = spmc.investigate(links(lambda n: f"https://pushed{n % 10}.example/{n}"), traces=["co_url"])
    assert of_tier(named, "A", "B") == CAMPAIGN
    short = spmc.investigate(links(lambda n: f"https://{SHORTENERS[n % 10]}/x{n}"), traces=["co_url"])
    assert of_tier(short, "A", "B") == set()
    assert of_tier(short, "C") == CAMPAIGN
    same = spmc.investigate(links(lambda n: f"https://t.co/x{n}"), traces=["co_url"])
    assert same.accounts["basis"].tolist() == short.accounts["basis"].tolist()


def test_short_links_beside_three_sites_are_one_source_more() -> None:
    """Nine of thirty links are short: with two sites three sources at most, too few to name; with ten sites enough."""
    few = spmc.investigate(
        links(lambda n: f"https://bit.ly/{n}" if n % 3 == 0 else f"https://pushed{n % 3}.example/{n}"),
        traces=["co_url"],
    )
    assert of_tier(few, "A", "B") == set()
    many = spmc.investigate(
        links(lambda n: f"https://bit.ly/{n}" if n % 3 == 0 else f"https://pushed{n % 10}.example/{n}"),
        traces=["co_url"],
    )
    assert of_tier(many, "A", "B") == CAMPAIGN
