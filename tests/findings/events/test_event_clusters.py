"""Which events are one, and how their clusters lie beside communities of pairs."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.findings.clusters.joined_events import parts
from spmc_tools.findings.events.event_clusters import EventCluster, Schedule, clustered

PLAN = Schedule("Planner", 7)


def sets(*texts: str) -> list[frozenset[str]]:
    return [frozenset(text) for text in texts]


def told(clusters: list[EventCluster]) -> list[tuple[str, tuple[int, ...]]]:
    return [("".join(c.accounts), c.events) for c in clusters]


def test_events_that_share_three_and_half_of_the_smaller_are_one() -> None:
    none = [None, None]
    assert told(clustered(sets("abcdef", "defgh"), none)) == [("abcdefgh", (1, 2))]
    assert told(clustered(sets("abcde", "cdefghijk"), none)) == [("abcdefghijk", (1, 2))]  # half of the smaller one's
    assert told(clustered(sets("abcdef", "efgh"), none)) == [("abcdef", (1,)), ("gh", (2,))]
    assert told(clustered(sets("abcdefg", "efghijkl"), none)) == [("efghijkl", (2,)), ("abcd", (1,))]


def test_two_on_one_schedule_need_to_share_two() -> None:
    near, other, later = Schedule("Planner", 8), Schedule("Web", 7), Schedule("Planner", 9)
    for plan, one in ((PLAN, True), (near, True), (other, False), (later, False), (None, False)):
        found = clustered(sets("abcdefg", "fghijklmnop"), [PLAN, plan])
        assert (len(found) == 1) == one
    assert len(clustered(sets("abcd", "defg"), [PLAN, PLAN])) == 2
    assert Schedule("x", 59).is_that_of(Schedule("x", 0))


def test_nobody_is_in_two_and_one_alone_is_no_cluster() -> None:
    found = clustered(sets("abcdef", "fg", "j", "", "hi"), [None] * 5)
    assert told(found) == [("abcdefg", (1, 2)), ("hi", (5,))]
    assert clustered([], []) == []


def test_a_stable_community_joins_the_events_that_share_its_accounts() -> None:
    events = [EventCluster(tuple("abcdefgh"), (1, 3))]
    found = parts([list("fghxy"), list("uvw")], [1.0, 0.9], events, 0.8)
    assert [("".join(p.accounts), p.stability, p.events) for p in found] == [
        ("abcdefghxy", 1.0, (1, 3)), ("uvw", 0.9, ()),
    ]  # fmt: skip


def test_else_its_accounts_stay_unless_it_is_unstable() -> None:
    events = [EventCluster(tuple("abcdefgh"), (2,))]
    stays = parts([list("ghxyz")], [0.8], events, 0.8)
    assert [("".join(p.accounts), p.stability, p.events) for p in stays] == [
        ("abcdef", None, (2,)), ("ghxyz", 0.8, ()),
    ]  # fmt: skip
    leaves = parts([list("ghxyz")], [0.5], events, 0.8)
    assert [("".join(p.accounts), p.stability, p.events) for p in leaves] == [
        ("abcdefgh", None, (2,)), ("xyz", 0.5, ()),
    ]  # fmt: skip
    assert [p.accounts for p in parts([list("ghx")], [0.5], events, 0.8)] == [tuple("abcdefgh")]


SMALL = st.frozensets(st.sampled_from("abcdefghijkl"), max_size=8)


@settings(max_examples=150, deadline=None)
@given(st.lists(SMALL, max_size=7), st.lists(SMALL, max_size=3), st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_always_a_partition(events: list[frozenset[str]], raw: list[frozenset[str]], kept: list[float]) -> None:
    clusters = clustered(events, [None] * len(events))
    seen = [account for cluster in clusters for account in cluster.accounts]
    assert len(seen) == len(set(seen))
    numbers = [event for cluster in clusters for event in cluster.events]
    assert len(numbers) == len(set(numbers))
    taken: set[str] = set()
    communities = []
    for own in raw:
        left = sorted(own - taken)
        taken |= own
        if len(left) >= 2:
            communities.append(left)
    found = parts(communities, kept[: len(communities)], clusters, 0.8)
    everybody = [account for part in found for account in part.accounts]
    assert len(everybody) == len(set(everybody))
    assert all(len(part.accounts) >= 2 for part in found)
    for n, community in enumerate(communities):
        if kept[n] >= 0.8:  # a stable community is never torn
            assert any(set(community) <= set(part.accounts) for part in found)
