"""The untimed layer in an investigation: it ranks, has its own rows and evidence, and names nobody."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import spmc_tools as spmc
from spmc_tools.coaction.traces.trace_catalogue import actions_of
from spmc_tools.findings.assessment import untimed_pairs
from spmc_tools.findings.assessment.untimed_pairs import untimed_layer

T0 = pd.Timestamp("2025-11-01", tz="UTC")
HOUR = 3600
WORDS = ("नदी", "पुल", "सड़क", "बाज़ार", "स्कूल", "खेत", "मेला", "बारिश", "गाड़ी", "किताब", "दुकान", "अस्पताल")


def text_of(number: int) -> str:
    rng = np.random.default_rng(number)
    return " ".join(rng.choice(WORDS, size=9)) + " " + "".join(chr(0x0915 + int(k)) for k in rng.integers(0, 30, 12))


def slow_copiers() -> pd.DataFrame:
    """Eight accounts that post the same nine texts, hours apart; 120 that share one now and then; a greeting."""
    rng = np.random.default_rng(0)
    rows: list[dict[str, Any]] = []

    def add(account: str, second: float, text: str) -> None:
        rows.append(
            {"record_id": f"r{len(rows):05d}", "account_id": account, "kind": "post",
             "created_at": T0 + pd.Timedelta(seconds=int(second)), "text": text,
             "source_sha256": "ab" * 32, "source_row": len(rows) + 1}
        )  # fmt: skip

    for number in range(9):
        for member in range(8):
            add(f"m{member}", number * 20 * HOUR + member * 5000, text_of(number))
    for n in range(600):
        add(f"a{n % 120:03d}", rng.uniform(0, 7 * 24 * HOUR), text_of(100 + int(rng.integers(300))))
    for n in range(120):
        add(f"a{n:03d}", rng.uniform(0, 7 * 24 * HOUR), text_of(99))
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    return slow_copiers()


@pytest.fixture(scope="module")
def kept(records: pd.DataFrame) -> Any:
    return spmc.investigate(records, traces=["copypasta"])


def test_it_ranks_and_names_nobody(kept: Any) -> None:
    rows = kept.accounts.set_index("account_id")
    members = [f"m{n}" for n in range(8)]
    assert set(rows.loc[members, "tier"]) == {"C"}
    assert rows.drop(members)["tier"].isna().all()
    assert (rows["q"] == 1).all() and (rows["q_corroborated"] == 1).all()
    assert len(kept.clusters) == 0 and len(kept.network()) == 0
    for account in members:
        (fact,) = kept.account_traces[kept.account_traces["account_id"] == account].to_dict("records")
        assert rows.loc[account, "traces"] == [fact["trace"]] == ["copypasta"]
        assert fact["kind"] == "untimed" and fact["basis"] == "few" and fact["n_partners"] == 7
    assert 0 < rows.loc[members, "score"].max() <= 6


def test_rows_without_a_window(kept: Any) -> None:
    own = kept.edges[kept.edges["window_s"].isna()]
    assert len(own) == len(kept.edges) >= 28
    assert (own["n_occasions"] >= 2).all() and own["expected_interest"].isna().all()
    inner = own[own["account_a"].str.startswith("m") & own["account_b"].str.startswith("m")]
    assert len(inner) == 28
    assert (inner["n_objects"] == 9).all() and (inner["n_occasions"] == 9).all() and (inner["q"] < 1e-4).all()
    finite = own.drop(columns=[c for c in own if c in {"window_s", "expected_interest"} or own[c].isna().all()])
    assert not finite.isna().any(axis=None)
    assert kept.notes["traces"]["copypasta"]["untimed"]["n_tests"] == 128 * 127 // 2


def test_what_everybody_wrote_is_set_aside_and_said(kept: Any) -> None:
    whole = kept.excluded[kept.excluded["bin_start"].isna()]
    assert whole["n_actions"].tolist() == [120] and whole["bin_s"].isna().all()
    assert "untimed" in whole["reason"].iloc[0]


def test_evidence_at_any_times(kept: Any) -> None:
    pair = kept.evidence(("m0", "m7"))
    assert len(pair) == 18 and not pair["significant"].any() and pair["counted"].all()
    assert pair["window_s"].isna().all()
    assert len(kept.evidence("m0")) == 72


def test_order_and_windows_change_nothing(records: pd.DataFrame, kept: Any) -> None:
    mixed = spmc.investigate(records.sample(frac=1, random_state=1), traces=["copypasta"], windows_s=(30,))
    pd.testing.assert_frame_equal(mixed.edges, kept.edges)
    assert mixed.parameters["windows_s"] == [30.0]


def test_only_tested_pairs_are_listed_where_there_are_too_many(
    records: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions = actions_of(records, "copypasta")
    whole = untimed_layer(actions, "copypasta")
    n, tested = len(whole.edges), int((whole.edges["n_occasions"] >= 3).sum())
    assert whole.notes["n_pairs"] == n > tested == whole.notes["n_pairs_tested"] >= 28
    assert whole.notes["n_pairs_not_listed"] == 0
    monkeypatch.setattr(untimed_pairs, "MOST_LISTED", n)
    assert len(untimed_layer(actions, "copypasta").edges) == n
    monkeypatch.setattr(untimed_pairs, "MOST_LISTED", n - 1)
    fewer = untimed_layer(actions, "copypasta")
    assert fewer.edges.columns[0] == "account_a" and fewer.edges.index.tolist() == list(range(tested))
    assert len(fewer.edges) == tested and (fewer.edges["n_occasions"] >= 3).all()
    assert (fewer.notes["n_pairs"], fewer.notes["n_pairs_not_listed"]) == (n, n - tested)


def test_the_score_is_a_fiftieth_of_the_five_strongest_pairs(records: pd.DataFrame) -> None:
    layer = untimed_layer(actions_of(records, "copypasta"), "copypasta")
    for account, row in layer.scored.items():
        mine = layer.edges[(layer.edges["account_a"] == account) | (layer.edges["account_b"] == account)]
        strength = sorted(np.minimum(-np.log(mine.loc[mine["q"] < 0.05, "p"]), 60.0))
        assert len(strength) == 7 and row.score == pytest.approx(sum(strength[-5:]) / 50)


def test_an_unrelated_crowd_creates_nothing(records: pd.DataFrame) -> None:
    crowd = records[records["account_id"].str.startswith("a")]
    layer = untimed_layer(actions_of(crowd, "copypasta"), "copypasta")
    assert layer.scored == {}


CHANGES: dict[str, Any] = {
    "one moment": lambda w: w.assign(created_at=T0),
    "one record": lambda w: w.head(1),
    "one text": lambda w: w.assign(text=text_of(1)),
    "one account": lambda w: w.assign(account_id="one"),
    "no text": lambda w: w.assign(text=None),
    "twice": lambda w: pd.concat([w, w]),
    "day precision": lambda w: w.assign(time_precision_s=86_400.0),
    "empty": lambda w: w.iloc[:0],
    "few": lambda w: w[w["account_id"].str.startswith("m")],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_bad_input_is_told_and_gives_no_nan(records: pd.DataFrame, change: Any) -> None:
    asked = ["copypasta", "clock_lockstep", "compressed_repertoire", "hashtag_surge"]
    got = spmc.investigate(change(records), traces=asked)
    assert not got.accounts["tier"].isin(["A", "B"]).any()
    assert got.not_run or len(got.edges)
    assert not got.accounts[["score", "q", "q_corroborated"]].isna().any(axis=None)
    assert not got.edges[["p", "q", "expected", "n_objects"]].isna().any(axis=None)
    assert not got.signals[["p", "q"]].isna().any(axis=None)
    assert all(row["reason"] for row in got.not_run)


def test_accounts_are_meant_as_the_records_mean_them() -> None:
    from spmc_tools.findings.result.received_records import described, received
    from spmc_tools.schema import ACCOUNTS

    rows = [
        {"record_id": str(n), "account_id": a, "platform": p, "created_at": T0}
        for n, (p, a) in enumerate([("x", "7"), ("telegram", "7"), ("x", "8")])
    ]
    known = received(pd.DataFrame(rows)).table
    told = [{"account_id": a, "platform": p, "source_sha256": "", "source_row": 1} for p, a in
            [("x", "7"), ("telegram", "7"), ("x", "8"), ("telegram", "8")]]  # fmt: skip
    ids = described(ACCOUNTS.from_rows(told), known)["account_id"].to_pylist()
    assert ids == ["x:7", "telegram:7", "8", "8"]


def test_timed_and_untimed_rows_of_one_pair_do_not_mix() -> None:
    records = slow_copiers()
    close = records[records["account_id"].str.startswith("m")].copy()
    start = close.groupby("text")["created_at"].transform("min")
    number = pd.factorize(close["text"])[0]  # at another hour each day, and first in turn: no ordinary pattern
    late = number * 7 % 11 * 3_600 + 25
    close["created_at"] = start + pd.to_timedelta(late + (np.arange(len(close)) + number) % 8, unit="s")
    kept = spmc.investigate(
        pd.concat([close, records[records["account_id"].str.startswith("a")]]), traces=["copypasta"]
    )
    rows = kept.accounts.set_index("account_id")
    members = [f"m{n}" for n in range(8)]
    assert rows.loc[members, "tier"].eq("C").all()  # ready-made posts alone
    kinds = kept.account_traces.groupby("account_id")["kind"].agg(list)
    assert all(kinds[m] in (["pair"], ["group"]) for m in members)
    pair = kept.edges[(kept.edges["account_a"] == "m0") & (kept.edges["account_b"] == "m1")]
    assert sorted(pair["window_s"].fillna(-1)) == [-1, 60, 600]
    shown = kept.evidence(("m0", "m1"))
    assert set(shown["window_s"]) == {600.0} and shown["significant"].all()
    graph = kept.network()
    assert set(graph) == set(members) and all(
        facts["window_s"] in {60.0, 600.0} for *_, facts in graph.edges(data=True)
    )


@pytest.mark.parametrize(("q", "ranked"), [(0.049, ["a", "b", "c"]), (0.05, [])])
def test_pairs_with_a_q_of_five_percent_rank_nobody(q: float, ranked: list[str]) -> None:
    """Three accounts, each pair of them on many objects at a rate of nearly nothing."""
    pairs: Any = SimpleNamespace(
        a=np.array([0, 0, 1]), b=np.array([1, 2, 2]), p=np.full(3, 1e-12), n_occasions=np.full(3, 9),
        n_sources=np.full(3, 4), expected=np.full(3, 0.1),
    )  # fmt: skip
    encoded: Any = SimpleNamespace(accounts=pa.array(["a", "b", "c"]))
    assert list(untimed_pairs._scored(encoded, pairs, np.full(3, q), "copypasta")) == ranked
