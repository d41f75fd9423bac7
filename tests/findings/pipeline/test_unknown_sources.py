"""Whose the objects are is not known: short links, and reposts without an author. Nobody is named for lack of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import spmc_tools as spmc
from spmc_tools.findings.robustness.looked_at import looked_at

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


def references(kind: str) -> pd.DataFrame:
    """200 everyday accounts, and ten that repost (or answer) thirty posts of twelve authors within a minute."""
    rng = np.random.default_rng(2)
    rows = []
    for _ in range(4000):
        post = int(rng.integers(600))
        rows.append((f"a{rng.integers(200)}", rng.uniform(0, 7 * DAY), f"p{post}", f"author{post % 60}"))
    for strike in range(30):
        start = strike * 7 * DAY / 30
        rows += [(f"c{n}", start + rng.uniform(0, 50), f"q{strike}", f"pushed{strike % 12}") for n in range(10)]
    return pd.DataFrame(
        {
            "record_id": [f"r{n}" for n in range(len(rows))], "account_id": [row[0] for row in rows],
            "created_at": [T0 + pd.Timedelta(seconds=int(row[1])) for row in rows], "kind": kind,
            "ref_record_id": [row[2] for row in rows], "ref_account_id": [row[3] for row in rows],
        }
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "trace"), [("repost", "co_repost"), ("reply", "co_reply")])
def test_without_authors_nobody_is_named_and_the_findings_say_so(kind: str, trace: str) -> None:
    table = references(kind)
    named = spmc.investigate(table)
    assert of_tier(named, "A", "B") == CAMPAIGN
    assert not any(row["code"] == "no_authors" for row in named.not_run)
    assert next(look.trace for look in looked_at(named)) == trace
    for without in (table.drop(columns="ref_account_id"), table.assign(ref_account_id=None)):
        found = spmc.investigate(without)
        assert of_tier(found, "A", "B") == set()
        assert of_tier(found, "C") == CAMPAIGN
        assert set(found.accounts["account_id"][:10]) == CAMPAIGN
        [row] = [row for row in found.not_run if row["code"] == "no_authors"]
        assert (row["trace"], row["window_s"]) == (trace, None)
        assert row["reason"].startswith("The records do not say whose the posts are (ref_account_id is empty)")
        notes = found.notes["traces"][trace]
        assert notes["names_nobody"] and "nobody is named" in notes["sources"]
        listed = found.accounts[found.accounts["account_id"].isin(CAMPAIGN)]
        assert set(listed["basis"]) == {"one"}
        assert set(listed["n_sources"]) == {1}
        reasons = found.account_traces[found.account_traces["account_id"].isin(CAMPAIGN)]
        assert set(reasons["n_sources"]) <= {0, 1}
        assert found.clusters["n_named"].sum() == 0
        assert [look.trace for look in looked_at(found)] == []
        own = named.edges[named.edges["trace"] == trace]
        assert len(found.edges) >= len(own) > 0


def test_posts_of_unknown_authors_count_as_one_source() -> None:
    """All thirty pushed posts without their authors, everybody else's with: one source, and nobody is named."""
    table = references("repost")
    pushed = table["ref_account_id"].str.startswith("pushed")
    one = spmc.investigate(table.assign(ref_account_id=table["ref_account_id"].mask(pushed, None)))
    assert of_tier(one, "A", "B") == set()
    same = spmc.investigate(table.assign(ref_account_id=table["ref_account_id"].mask(pushed, "star")))
    assert one.accounts["tier"].tolist() == same.accounts["tier"].tolist()
    assert not any(row["code"] == "no_authors" for row in one.not_run)
