"""Tiers, basis, q and score over traces, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from spmc_tools.findings.tiers.scores import EVENT, Scored, combined, corroborated, naming, seen, tier, with_ranking
from spmc_tools.report.words.wording import Wording


def row(trace: str, basis: str | None, q: float = 0.01, score: float = 1.0, named: bool | None = None) -> Scored:
    return Scored(trace, basis, q, score, basis == "several" if named is None else named)


@pytest.mark.parametrize(
    ("rows", "is_context", "wanted"),
    [
        ([], False, None),
        ([row("x", None)], False, None),
        ([row("x", "several"), row("y", "several")], False, "A"),
        ([row("x", "several"), row("y", "several"), row("z", "one")], False, "A"),
        ([row("x", "several"), row("y", "few")], False, "B"),
        ([row("x", "several"), row("x", "several")], False, "B"),
        ([row("x", "few"), row("y", "few")], False, "C"),
        ([row("x", "one")], False, "C"),
        ([row("x", "several", named=False)], False, None),
        ([row("x", "several", named=False), row("y", "several")], False, "B"),
        ([row("x", "several", named=False), row("y", "one")], False, "C"),
        ([row("x", "several"), row("y", "several")], True, None),
        ([row("x", "few")], True, None),
    ],
)
def test_tier(rows: list[Scored], is_context: bool, wanted: str | None) -> None:
    assert tier(rows, is_context) == wanted


def test_two_traces_on_the_same_posts_are_one() -> None:
    rows = [row(name, "several") for name in "xyz"]
    pairs = {name: frozenset(name) for name in ("xy", "xz", "yz")}
    assert tier(rows[:2], False, same=[pairs["xz"]]) == "A"
    assert tier(rows[:2], False, same=[pairs["xy"]]) == "B"
    assert tier(rows, False, same=[pairs["xy"], pairs["xz"]]) == "A"  # y and z rest on different posts
    assert tier(rows, False, same=list(pairs.values())) == "B"
    assert tier(rows, False, explained={"z"}, same=[pairs["xy"], pairs["xz"]]) == "B"
    with_event = frozenset(("x", EVENT))
    assert tier(rows[:1], False, "B", same=[with_event]) == "B"
    assert tier(rows[:1], False, "B") == "A"
    assert tier(rows[:1], False, "A", same=[with_event]) == "A"
    assert tier(rows[:2], False, "B", same=[with_event, pairs["xy"]]) == "A"  # y and the event
    assert tier(rows[:2], False, within={"x": "y"}, same=[]) == "B"
    assert tier([row("x", "several", named=False)], False, "B") == "B"


def test_an_event_of_tier_c_shows_and_names_nobody() -> None:
    assert tier([], False, "C") == "C"
    assert tier([], True, "C") is None
    assert tier([row("x", "several")], False, "C") == "B"
    assert tier([row("x", "several"), row("y", "several")], False, "C") == "A"


def test_a_trace_on_an_appointment_shows_and_names_nobody() -> None:
    assert tier([row("x", "several")], False, ordinary={"x"}) == "C"
    assert tier([row("x", "several")], False, "B", ordinary={"x"}) == "B"
    assert tier([row("x", "several")], True, ordinary={"x"}) is None
    assert tier([row("x", "several"), row("y", "several")], False, ordinary={"x"}) == "B"
    assert tier([row("x", "several"), row("y", None)], False, ordinary={"y"}) == "B"


def test_traces_that_name() -> None:
    rows = [row("x", "several"), row("x", "several"), row("y", "few"), ranks("z", "several"), row("w", "several")]
    assert naming(rows) == ["x", "w"] and naming(rows, {"x"}) == ["w"]
    assert naming([row("x", "several", named=False)]) == []


def test_combined() -> None:
    rows = [row("x", "few", 0.02, 7.0), row("y", "several", 0.03, 5.0), row("z", None, 1.0, 0.0)]
    assert combined(rows, 5) == ("several", pytest.approx(0.1), 7.0)
    assert combined(rows[:1], 100) == ("few", 1.0, 7.0)
    assert combined([], 3) == combined([], 0) == (None, 1.0, 0.0)


def test_seen_keeps_what_says_something() -> None:
    frame = pd.DataFrame(
        {
            "account_id": ["a", "b", "c", "stranger"],
            "basis": pd.Series(["several", None, None, "few"], dtype="str"),
            "q": [0.01, 1.0, 1.0, 0.5],
            "score": [9.0, 0.5, 0.0, 1.0],
            "named": [True, False, False, False],
            "n_sources": [5, 0, 0, 2],
        }
    )
    rows = seen({"a", "b", "c"}, {"x": frame, "y": frame.iloc[:0]})
    assert rows == {"a": [Scored("x", "several", 0.01, 9.0, True, 5)], "b": [Scored("x", None, 1.0, 0.5, False, 0)]}


def ranks(trace: str, basis: str | None = "few", q: float = 1e-9, score: float = 0.5) -> Scored:
    return Scored(trace, basis, q, score, named=False, kind="untimed", rank_only=True)


def test_what_only_ranks_never_names_and_enters_no_q() -> None:
    assert tier([ranks("x"), ranks("y"), ranks("z", None)], False) == "C"
    assert tier([ranks("x", None)], False) == "C" and tier([ranks("x")], True) is None
    assert tier([row("x", "several"), ranks("y", "several")], False) == "B"
    assert tier([Scored("x", "several", 0.0, 9.0, named=True, rank_only=True)], False) == "C"
    assert combined([row("x", "several", 0.02, 4.0), ranks("y")], 3) == ("several", pytest.approx(0.06), 4.0)
    assert combined([ranks("y")], 3) == ("few", 1.0, 0.5)
    assert corroborated([row("x", "several", 0.02), ranks("y")], 3) == 1.0


def test_traces_of_the_same_actions_are_one() -> None:
    within = {"co_domain": "co_url", "fast_repost": "co_repost"}
    both = [row("co_url", "several", 0.01), row("co_domain", "several", 0.02)]
    assert tier(both, False) == "A" and tier(both, False, within=within) == "B"
    assert tier([*both, row("co_reply", "several")], False, within=within) == "A"
    assert tier(both[1:], False, within=within) == "B"
    assert corroborated(both, 4, within) == 1.0 and corroborated(both, 4) == pytest.approx(0.06)


def test_partial_conjunction_is_the_second_smallest() -> None:
    rows = [row(name, None, q) for name, q in (("x", 0.001), ("y", 0.2), ("z", 0.01))]
    assert corroborated(rows, 5) == pytest.approx(0.04)
    assert corroborated(rows[:1], 5) == 1.0 and corroborated([], 0) == 1.0


def test_partial_conjunction_holds_its_level_under_dependence() -> None:
    """One trace speaks, the others are null and copies of each other: two are claimed in at most 5 %."""
    rng = np.random.default_rng(0)
    claimed = 0
    for _ in range(2000):
        u = float(rng.uniform())
        rows = [row("x", None, 1e-9), *(row(name, None, u) for name in "abcd")]
        claimed += corroborated(rows, 5) < 0.05
    assert claimed <= 2000 * 0.05


def test_ranking_rows_come_where_nothing_stronger_is() -> None:
    rows = {"a": [row("x", "several")], "b": [row("x", None)]}
    layer = {name: ranks("x") for name in "abcz"}
    detector = {name: ranks("d", None) for name in "abc"}
    found = with_ranking(rows, {"a", "b", "c"}, [layer, detector])
    assert found == {"a": rows["a"], "b": [*rows["b"], ranks("x")], "c": [ranks("x")]}
    assert with_ranking(rows, {"a", "b", "c"}, [detector])["c"] == [ranks("d", None)]
    assert rows["b"] == [row("x", None)]


def several(trace: str) -> Scored:
    return Scored(trace, "several", 0.01, 10.0, named=True)


@pytest.mark.parametrize(
    ("rows", "by_events", "ranked", "wanted"),
    [
        ([], None, False, None),
        ([], "A", False, "A"),
        ([], "B", False, "B"),
        ([], None, True, "C"),
        ([], "B", True, "B"),
        ([several("co_repost")], None, False, "B"),
        ([several("co_repost")], "B", False, "A"),
        ([several("co_repost"), several("co_url")], None, False, "A"),
        ([Scored("co_url", "few", 0.01, 5.0, named=False)], "B", False, "B"),
        ([Scored("co_url", "several", 0.01, 5.0, named=False)], "B", False, "B"),
    ],
)
def test_tier_with_events_and_bursts(
    rows: list[Scored], by_events: str | None, ranked: bool, wanted: str | None
) -> None:
    assert tier(rows, False, by_events, ranked=ranked) == wanted
    assert tier(rows, True, by_events, ranked=ranked) is None


def stepped_up(p: dict[str, float], n_tests: int) -> dict[str, float]:
    """Benjamini–Hochberg as it is taught: of the k-th smallest p the least of m · p / l over all l from k on."""
    order = sorted(p, key=lambda name: p[name])
    scaled = [n_tests * p[name] / place for place, name in enumerate(order, 1)]
    return {name: min(1.0, *scaled[place:]) for place, name in enumerate(order)}


def test_q_of_an_account_is_over_all_accounts_of_one_trace_and_then_times_the_traces(found: Any) -> None:
    """From the tables of a whole investigation: pairs, then accounts, then traces, each family written out."""
    traces = found.notes["traces"]
    assessed = [name for name, facts in traces.items() if "n_tests" in facts]
    assert len(assessed) >= 2
    smallest: dict[str, list[float]] = {}
    told = {(one.account_id, one.trace): one.q for one in found.account_traces.itertuples() if one.kind != "untimed"}
    checked = 0
    for name in assessed:
        own = found.edges[(found.edges["trace"] == name) & found.edges["window_s"].notna()]
        n, windows = traces[name]["n_accounts"], len(traces[name]["windows_s"])
        pairs = {
            (one.account_a, one.account_b, one.window_s): one
            for one in own[own["n_occasions"] >= 3].itertuples(index=False)
        }
        q = stepped_up({key: one.p for key, one in pairs.items()}, n * (n - 1) // 2 * windows)
        assert all(one.q == pytest.approx(q[key], rel=1e-9, abs=0) for key, one in pairs.items())
        best: dict[str, float] = {}
        for one in pairs.values():
            for account in (one.account_a, one.account_b):
                best[account] = min(1.0, best.get(account, 1.0), (n - 1) * windows * one.p)
        for account, value in stepped_up(best, n).items():
            smallest.setdefault(account, []).append(value)
            if (account, name) in told:
                assert told[account, name] == pytest.approx(value, rel=1e-9, abs=0)
                checked += 1
    assert checked >= 10
    accounts = found.accounts.set_index("account_id")["q"]
    assert {account for account, q in accounts.items() if q < 0.05} <= set(smallest)
    for account, values in smallest.items():
        assert accounts[account] == pytest.approx(min(1.0, min(values) * len(assessed)), rel=1e-9, abs=0)


def test_a_name_rests_on_the_family_of_one_trace_and_the_page_says_so() -> None:
    """Six kinds of activity were tested: .0499 in one of them names, though over all of them together it is .2994."""
    rows = [row("x", "several", q=0.0499), row("y", None, q=0.9)]
    assert tier(rows, False) == "B" and combined(rows, 6)[1] == pytest.approx(0.2994)
    for language, wanted in (
        ("en", ("within one kind of activity", "Each kind of activity is adjusted by itself", "may lie above 0.05")),
        ("hi", ("किसी एक प्रकार की गतिविधि में", "हर प्रकार की गतिविधि का समायोजन अलग-अलग", "0.05 से अधिक हो सकता है")),
    ):
        say = Wording(language).say
        said = " ".join(say(key).plain() for key in ("method.rule", "method.q"))
        assert all(words in said for words in wanted), language
    assert "windows and kinds" not in Wording("en").say("method.rule").plain()
