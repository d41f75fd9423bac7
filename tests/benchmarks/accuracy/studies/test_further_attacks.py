"""The further attacks do what their module says: counted on the finished records."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pandas as pd
import pytest

from benchmarks.accuracy.studies.further_attacks import ATTACKS, attack


def acts(name: str, kind: str = "repost") -> pd.DataFrame:
    world = attack(name, seed=1, people=400)
    records = world.records
    own = records[records["account_id"].map(world.roles) == ATTACKS[name][0]]
    return own[own["kind"] == kind]


def test_each_two_members_strike_together_once() -> None:
    met: Counter[frozenset[str]] = Counter()
    strikes = 0
    for _, on_post in acts("each pair once").groupby("ref_record_id"):
        at = on_post["created_at"]
        within = [on_post[(at >= start) & (at <= start + pd.Timedelta(seconds=60))] for start in at]
        strike = max(within, key=len)
        if len(strike) == 5:
            strikes += 1
            met.update(frozenset(pair) for pair in combinations(strike["account_id"], 2))
    assert strikes >= 28  # of 30: some had read a post before
    assert len(met) == 10 * strikes and set(met.values()) == {1}


def test_quotes_have_words_of_their_own_and_come_within_a_minute() -> None:
    rows = acts("quotes", "quote")
    assert rows["text"].is_unique and rows["ref_record_id"].nunique() == 14 and rows["ref_account_id"].nunique() == 10
    times = rows.groupby("ref_record_id")["created_at"]
    assert ((times.max() - times.min()).dt.total_seconds() <= 61).all()


def test_who_goes_back_to_the_sources_is_fresh_nowhere() -> None:
    rows = acts("back to the sources")
    struck = rows.groupby("ref_record_id")["account_id"].nunique().nlargest(3)
    assert struck.min() >= 15
    authors = set(rows.loc[rows["ref_record_id"].isin(struck.index), "ref_account_id"])
    span = rows[rows["ref_account_id"].isin(authors)].groupby(["account_id", "ref_account_id"])["created_at"]
    assert ((span.max() - span.min()).dt.total_seconds() >= 6 * 3600).mean() >= 0.8


@pytest.mark.parametrize(
    ("name", "calls", "share"), [("giveaways", 14, 0.33), ("missing children", 10, 0.4), ("private group", 3, 0.6)]
)
def test_calls_are_of_different_authors_and_answered_by_their_share(name: str, calls: int, share: float) -> None:
    rows = acts(name)
    most = rows.groupby("ref_record_id")["account_id"].nunique().nlargest(calls)
    authors = rows.drop_duplicates("ref_record_id").set_index("ref_record_id")["ref_account_id"]
    assert authors[most.index].nunique() == calls
    assert most.mean() == pytest.approx(share * ATTACKS[name][1], rel=0.25)
