"""Who stays where when communities of pairs and clusters of events share accounts, by hand."""

from __future__ import annotations

import pytest

from spmc_tools.findings.clusters.joined_events import Part, parts
from spmc_tools.findings.events.event_clusters import EventCluster


def events(*groups):
    return [EventCluster(tuple(accounts), (number,)) for number, accounts in enumerate(groups, start=1)]


def told(found):
    return [("".join(part.accounts), part.stability, part.events) for part in found]


@pytest.mark.parametrize(
    ("communities", "kept", "groups", "expected"),
    [
        ([], [], ["abcd", "ef"], [("abcd", None, (1,)), ("ef", None, (2,))]),
        (["abc"], [0.4], [], [("abc", 0.4, ())]),
        # three in common are half of the six of the smaller one
        (["cdexyz"], [0.8], ["abcdefg"], [("abcdefgxyz", 0.8, (1,))]),
        # two in common, and three of seven, are too few: they stay in their stable community
        (["bcxyz"], [0.8], ["abcd"], [("ad", None, (1,)), ("bcxyz", 0.8, ())]),
        (["cdeuxyz"], [0.8], ["abcdefg"], [("abfg", None, (1,)), ("cdeuxyz", 0.8, ())]),
        # an unstable community is left by those in an event; one account alone is no cluster
        (["cdexyz"], [0.79], ["abcdefg"], [("abcdefg", None, (1,)), ("xyz", 0.79, ())]),
        (["bcx"], [0.79], ["abc"], [("abc", None, (1,))]),
        (["bcxyz"], [0.8], ["abc"], [("bcxyz", 0.8, ())]),
        # two communities are like one cluster of events: the larger one gives the stability
        (["abcx", "defyz"], [0.9, 0.8], ["abcdef"], [("abcdefxyz", 0.8, (1,))]),
        # a community goes to the first cluster that is like it, and to no other
        (["abcdef"], [0.9], ["abcg", "defh"], [("abcdefg", 0.9, (1,))]),
    ],
)
def test_communities_and_events(communities, kept, groups, expected):
    assert told(parts([list(accounts) for accounts in communities], kept, events(*groups), 0.8)) == expected


def test_a_part_is_made_of_pairs_where_no_event_is_named():
    assert Part(("a", "b"), 0.9).events == ()
