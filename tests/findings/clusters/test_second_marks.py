"""Ready-made posts name nobody alone: which second marks count, by hand, and in an investigation."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from spmc_tools.findings.clusters.second_marks import in_other_sessions, made_together, ready_made_alone
from spmc_tools.findings.tiers.scores import Scored


def speaks(*traces: str) -> list[Scored]:
    return [Scored(name, "several", 0.001, 9.0, True) for name in traces]


def event(tier: str) -> SimpleNamespace:
    return SimpleNamespace(tier=tier, events=())


@pytest.mark.parametrize(
    ("traces", "by_event", "marked", "alone"),
    [
        (["copypasta"], None, False, {"copypasta"}),
        (["copypasta", "co_media"], None, False, {"copypasta", "co_media"}),
        (["copypasta", "co_url"], None, False, set()),  # links on other posts
        (["co_url"], None, False, set()),
        (["copypasta", "co_repost"], None, False, set()),
        (["co_repost"], None, False, set()),  # no ready-made post speaks
        (["copypasta"], "B", False, set()),
        (["copypasta"], "C", False, {"copypasta"}),
        (["co_hashtag_sequence"], None, True, set()),
    ],
)
def test_what_is_a_second_mark(traces: list[str], by_event: str | None, marked: bool, alone: set[str]) -> None:
    events = {} if by_event is None else {"a": event(by_event)}
    found = ready_made_alone({"a": speaks(*traces)}, {}, {}, events, {}, {"a"} if marked else set(), {})
    assert found == ({"a": frozenset(alone)} if alone else {})


def test_a_trace_that_a_pattern_explains_is_no_second_mark() -> None:
    rows = {"a": speaks("copypasta", "co_repost")}
    assert ready_made_alone(rows, {}, {"a": {"co_repost"}}, {}, {}, set(), {}) == {"a": frozenset({"copypasta"})}
    assert ready_made_alone(rows, {"a": {"decides": True}}, {}, {}, {}, set(), {}) == {}  # nothing ready-made is left


def test_a_link_in_the_texts_that_are_passed_on_is_no_second_mark() -> None:
    rows = {"a": speaks("copypasta", "co_url")}
    same = {"a": [frozenset({"copypasta", "co_url"})]}
    assert ready_made_alone(rows, {}, {}, {}, {}, set(), same) == {"a": frozenset({"copypasta", "co_url"})}


@pytest.mark.parametrize(("n_marked", "all_named"), [(1, False), (2, True), (4, True)])
def test_half_of_a_cluster_marks_the_others(n_marked: int, all_named: bool) -> None:
    rows = {name: speaks("copypasta") for name in "abcd"} | {"x": speaks("copypasta")}
    marked = set("abcd"[:n_marked])
    alone = ready_made_alone(rows, {}, {}, {}, dict.fromkeys("abcd", 1), marked, {})
    assert set(alone) == {"x"} | (set() if all_named else set("abcd") - marked)


def test_sessions_of_reposts_are_a_mark_and_those_of_texts_times_and_registered_are_none() -> None:
    rows = [
        ("co_repost", ["a", "b"], None, 1e-9, 1),
        ("copypasta", ["c", "d"], None, 1e-9, 1),
        ("moment", ["e", "f"], None, 1e-9, 1),
        ("co_reply", ["g", "h"], "newsroom", 1e-9, 1),
        ("co_repost", ["i", "j"], None, None, 1),  # by rare meetings: no pair gives it away
        ("co_repost", ["k", "l"], None, 1e-9, 0),  # by common strikes: neither
    ]
    assert in_other_sessions(pd.DataFrame(rows, columns=["trace", "accounts", "kind", "p", "n_ties"])) == {"a", "b"}
    assert in_other_sessions(pd.DataFrame()) == set()


def test_three_of_one_cluster_made_on_one_day_are_a_mark() -> None:
    days = [("a", "1"), ("b", "1"), ("c", "1"), ("d", "2"), ("e", "2"), ("f", "1"), ("g", "1"), ("h", "1")]
    signals = pd.DataFrame(
        [{"account_id": account, "measure": "made_on_one_day", "value": day} for account, day in days]
        + [{"account_id": name, "measure": "form_of_handle", "value": "1"} for name in "def"]
    )
    cluster_of = dict.fromkeys("abcde", 1) | dict.fromkeys("fg", 2)  # h is in none
    assert made_together([signals, pd.DataFrame()], cluster_of) == {"a", "b", "c"}


def pasted(n_days: int = 12, n: int = 20) -> pd.DataFrame:
    """Return two weeks: 300 people with words of their own, and accounts that paste a text, another first each time."""
    rng = np.random.default_rng(11)
    words = [f"{a}{b}{c}" for a in ("ka", "mo", "ti", "lu") for b in ("ba", "so", "ni") for c in ("", "ran", "dip")]
    rows = [
        (f"a{int(rng.integers(300)):03d}", float(rng.uniform(0, 14 * 86_400)), " ".join(rng.choice(words, 9)))
        for _ in range(2_500)
    ]
    for day in range(n_days):
        text, start = " ".join(rng.choice(words, 12)), day * 86_400 + rng.uniform(8, 20) * 3_600
        lags = rng.uniform(5, 240, n)
        lags[day % n] = 0.0
        rows += [(f"b{number:02d}", start + lag, text) for number, lag in enumerate(lags)]
    account, at, text = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "record_id": [f"r{number:05d}" for number in range(len(rows))],
            "account_id": account,
            "created_at": pd.Timestamp("2025-11-03", tz="UTC") + pd.to_timedelta(np.floor(at), unit="s"),
            "time_precision_s": 1.0,
            "kind": "post",
            "text": text,
        }
    )


def test_texts_alone_show_and_do_not_name_and_a_common_day_of_making_does(case) -> None:
    """Sixteen of twenty were made on one day; the other four are named with them."""
    records = pasted()
    rng = np.random.default_rng(4)
    made = {name: pd.Timestamp("2019-01-01", tz="UTC") + pd.Timedelta(days=int(rng.integers(0, 2_000)))
            for name in records["account_id"].unique()}  # fmt: skip
    alike = made | {f"b{number:02d}": pd.Timestamp("2025-07-07", tz="UTC") for number in range(16)}
    tiers = {}
    for label, born in (("apart", made), ("together", alike)):
        found = case(records, born)
        tier = found.accounts.set_index("account_id")["tier"]
        assert not tier[[name for name in tier.index if name.startswith("a")]].isin(["A", "B"]).any()
        tiers[label] = set(tier[[f"b{number:02d}" for number in range(20)]])
        alone = found.ordinary_patterns
        listed = set(alone.loc[alone["pattern"] == "ready_made_alone", "account_id"])
        assert listed == ({f"b{number:02d}" for number in range(20)} if label == "apart" else set())
        assert found.notes["ordinary_patterns"]["ready_made_alone"] == len(listed)
    assert tiers == {"apart": {"C"}, "together": {"B"}}


@pytest.fixture
def case():
    """Investigate records beside a table of accounts, as a case does."""
    from spmc_tools.findings.pipeline.inputs import inputs_of
    from spmc_tools.findings.pipeline.investigate import _findings
    from spmc_tools.findings.pipeline.memory_budget import in_order
    from spmc_tools.findings.pipeline.stage_cache import KeptStages
    from spmc_tools.findings.request import checked_request

    def found(records: pd.DataFrame, born: dict[str, pd.Timestamp]):
        accounts = pa.table(
            {"account_id": list(born), "created_at": pa.array(born.values(), pa.timestamp("us", "UTC"))}
        )
        request = checked_request(["copypasta", "account_cohort"], None, {}, 0)
        return _findings(inputs_of(request, in_order([records]), accounts, KeptStages(None, ""), lambda *_: None))

    return found
