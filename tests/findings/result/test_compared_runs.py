"""Two looks side by side: what differs, against sets that are worked out by hand or by brute force."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.findings.result.compared_runs import compared, links_within

T = pd.Timestamp("2025-11-03", tz="UTC")
NAMES = "abcdefgh"

links_of = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda pair: pair[0] < pair[1]),
    st.tuples(st.integers(0, 50), st.integers(0, 9)),
    max_size=15,
)
tiers_of = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["A", "B", "C"]))


def look(links, tiers=None, groups=()):
    """A look with these links (pair -> hour of the first and hours to the last common action)."""
    rows = [
        ("co_url", a, b, 0.0, T + pd.Timedelta(hours=first), T + pd.Timedelta(hours=first + long))
        for (a, b), (first, long) in sorted(links.items())
    ]
    edges = pd.DataFrame(rows, columns=["trace", "account_a", "account_b", "q", "first_t", "last_t"])
    for name in ("first_t", "last_t"):
        edges[name] = pd.to_datetime(edges[name], utc=True)
    tiers = tiers or {}
    accounts = pd.DataFrame({"account_id": list(NAMES), "tier": [tiers.get(one) for one in NAMES]}, dtype=object)
    clusters = pd.DataFrame(
        {"cluster_id": range(1, len(groups) + 1), "accounts": [list(one) for one in groups]}, dtype=object
    )
    return SimpleNamespace(edges=edges, accounts=accounts, clusters=clusters)


@settings(deadline=None)
@given(links_of, links_of, tiers_of, tiers_of)
def test_accounts_and_links_that_differ(first, second, tiers, later) -> None:
    told = compared(look(first, tiers), look(second, later))
    assert told.links == {"before": len(first), "after": len(second), "both": len(set(first) & set(second))}
    expected = []
    for one in NAMES:
        counts = [sum(one in pair for pair in links) for links in (first, second)]
        if tiers.get(one) != later.get(one) or (counts[0] > 0) != (counts[1] > 0):
            expected.append((one, tiers.get(one), later.get(one), *counts))
    assert [tuple(row) for row in told.accounts.itertuples(index=False)] == expected


@settings(deadline=None)
@given(links_of, st.integers(0, 60), st.integers(0, 20))
def test_a_period_meets_a_link_at_either_end(links, low, long) -> None:
    period = (T + pd.Timedelta(hours=low), T + pd.Timedelta(hours=low + long))
    own = look(links)
    hours = set(range(low, low + long + 1))
    expected = {pair for pair, (first, more) in links.items() if hours & set(range(first, first + more + 1))}
    inside = links_within(own, period)
    assert set(zip(inside["account_a"], inside["account_b"], strict=True)) == expected
    same = compared(own, own, period, period)
    assert not len(same.accounts) and same.links["both"] == len(expected)


def test_groups_are_matched_by_their_members() -> None:
    pairs = {("a", "b"): (0, 1), ("c", "d"): (0, 1)}
    told = compared(look(pairs, groups=("abc", "de")), look(pairs, groups=("fg", "abch")))
    rows = told.groups.astype(object).where(told.groups.notna(), None).to_dict("records")
    assert rows == [
        {"before": 1, "after": 2, "size_before": 3, "size_after": 4, "joined": 1, "left": 0},
        {"before": None, "after": 1, "size_before": 0, "size_after": 2, "joined": 2, "left": 0},
        {"before": 2, "after": None, "size_before": 2, "size_after": 0, "joined": 0, "left": 2},
    ]


def test_no_link_at_all() -> None:
    told = compared(look({}), look({}))
    assert not len(told.accounts) and not len(told.groups) and told.links == {"before": 0, "after": 0, "both": 0}
