"""One post counts once: traces that rest on the same posts of an account are one act."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import spmc_tools as spmc
from spmc_tools.findings.clusters.same_posts import same_posts
from spmc_tools.findings.tiers.scores import EVENT, Scored
from spmc_tools.schema import ACTIONS

T0 = pd.Timestamp("2025-11-01", tz="UTC")
DAY = 86_400
MEMBERS = {f"c{member}" for member in range(10)}


def acts(trace: str, rows: list[tuple[str, str, str]]) -> pa.Table:
    """Actions (account, object, record), all at one time."""
    made = [
        {"trace": trace, "account_id": a, "object_id": o, "source_id": o, "t": T0.to_pydatetime(), "record_id": r}
        for a, o, r in rows
    ]
    return pa.Table.from_pylist(made, schema=ACTIONS.schema)


def ground(
    actions: dict[str, pa.Table],
    signed: Any = (),
    hot: tuple[str, ...] = (),
    q: float = 0.01,
) -> Any:
    """Two accounts, a and b, with one edge in each trace; the events that a signs: (account, event, trace, record)."""
    edges = pd.DataFrame(
        [(name, "a", "b", 60.0, q, 1.0) for name in actions],
        columns=["trace", "account_a", "account_b", "window_s", "q", "p_group"],
    )
    excluded = pd.DataFrame(
        [("x", thing, T0, 3600.0) for thing in hot], columns=["trace", "object_id", "bin_start", "bin_s"]
    ).astype({"bin_start": "datetime64[us, UTC]"})
    table = pd.DataFrame(signed, columns=["account_id", "event_id", "trace", "record_id"])
    speaking = {"a": SimpleNamespace(events=[SimpleNamespace(event_id=1)])} if len(table) else {}
    events = SimpleNamespace(signed=table, accounts=speaking)
    return SimpleNamespace(edges=edges, actions=actions, excluded=excluded, events=events)


def named_by(*traces: str) -> dict[str, list[Scored]]:
    return {"a": [Scored(trace, "several", 0.01, 1.0, named=True) for trace in traces]}


def both(trace: str, records: str) -> pa.Table:
    """Account a with these records, one object each; b does the same; and one record of a that nobody shares."""
    shared = [(who, f"o{r}", r if who == "a" else f"b{r}") for r in records for who in "ab"]
    return acts(trace, [*shared, ("a", "alone", f"{trace}-alone")])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1234", "1234", True),
        ("1234", "12", True),  # both of the smaller
        ("12", "1345", True),  # one of two: half, inclusive
        ("123", "1456", False),  # one of three
        ("1234", "5678", False),
    ],
)
def test_half_of_the_smaller_number_of_posts(one: str, other: str, same: bool) -> None:
    found = same_posts(named_by("x", "y"), ground({"x": both("x", one), "y": both("y", other)}), {})
    assert found == {"a": frozenset({frozenset("xy")} if same else ())}


def test_only_records_in_step_on_edges_that_carry_a_finding_count() -> None:
    """Not the record of both traces that a shares with nobody, nor what is hot; and nothing is the same as all."""
    alone = {name: acts(name, [("a", "o1", name), ("b", "o1", f"b{name}"), ("a", "o2", "9")]) for name in "xy"}
    assert same_posts(named_by("x", "y"), ground(alone), {}) == {"a": frozenset()}
    hot = {"x": both("x", "1234"), "y": both("y", "34567")}
    assert same_posts(named_by("x", "y"), ground(hot), {}) == {"a": frozenset({frozenset("xy")})}
    assert same_posts(named_by("x", "y"), ground(hot, hot=("o3",)), {}) == {"a": frozenset()}
    different = {"x": both("x", "12"), "y": both("y", "34")}
    assert same_posts(named_by("x", "y"), ground(different, q=0.5), {}) == {"a": frozenset({frozenset("xy")})}


def test_an_event_on_the_posts_of_a_trace_is_not_a_second_thing() -> None:
    actions = {"x": both("x", "123")}
    for record, same in (("1", True), ("9", False)):
        found = same_posts(named_by("x"), ground(actions, [("a", 1, "copypasta", record)]), {})
        assert found == {"a": frozenset({frozenset(("x", EVENT))} if same else ())}
    other = [("a", 1, "copypasta", "9"), ("a", 2, "copypasta", "1"), ("b", 1, "copypasta", "1")]
    assert same_posts(named_by("x"), ground(actions, other), {}) == {"a": frozenset()}  # event 2 does not speak for a
    assert same_posts(named_by("x"), ground(actions), {}) == {}
    assert same_posts({"a": []}, ground(actions, other), {}) == {}


def test_traces_that_a_benign_pattern_explains_are_not_looked_at() -> None:
    actions = {"copypasta": both("copypasta", "12"), "co_url": both("co_url", "12"), "co_reply": both("co_reply", "12")}
    rows = named_by(*actions)
    assert len(same_posts(rows, ground(actions), {})["a"]) == 3
    assert same_posts(rows, ground(actions), {"a": {"decides": True}}) == {}
    assert len(same_posts(rows, ground(actions), {"a": {"decides": False}})["a"]) == 3


def week(apart: bool) -> pd.DataFrame:
    """200 everyday accounts; ten that copy thirty texts, and thirty links: on the same posts, or on others."""
    rng = np.random.default_rng(3)
    words = [f"w{n}" for n in range(400)]
    rows: list[tuple[str, float, str, list[str]]] = []

    def own(account: str, second: float, found: list[str]) -> None:
        rows.append((account, second, " ".join(rng.choice(words, 12)), found))

    for _ in range(3000):
        page = rng.integers(400)
        own(f"a{rng.integers(200)}", rng.uniform(0, 7 * DAY), [f"https://site{page % 40}.example/{page}"])
    for strike in range(30):
        start = strike * 7 * DAY / 30
        text, found = " ".join(rng.choice(words, 12)), [f"https://news{strike % 12}.example/{strike}"]
        for member in sorted(MEMBERS):
            if apart:
                rows.append((member, start + rng.uniform(0, 50), text, []))
                own(member, start + 3 * 3600 + rng.uniform(0, 50), found)
            else:
                rows.append((member, start + rng.uniform(0, 50), text, found))
    return pd.DataFrame(
        {
            "record_id": [f"r{n}" for n in range(len(rows))], "account_id": [row[0] for row in rows],
            "created_at": [T0 + pd.Timedelta(seconds=int(row[1])) for row in rows], "kind": "post",
            "text": [row[2] for row in rows], "urls": [row[3] for row in rows],
        }
    )  # fmt: skip


@pytest.mark.parametrize(("apart", "tier"), [(False, "C"), (True, "A")])
def test_texts_and_their_links_are_one_act_and_on_other_posts_two(apart: bool, tier: str) -> None:
    found = spmc.investigate(week(apart), traces=["copypasta", "co_url"])
    tiers = found.accounts.set_index("account_id")["tier"]
    assert set(tiers[sorted(MEMBERS)]) == {tier}
    assert not len(found.events)
    traces = found.accounts.set_index("account_id").loc[sorted(MEMBERS), "traces"]
    assert all(set(names) == {"copypasta", "co_url"} for names in traces)
