"""The source of each object, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from spmc_tools.chance.pairs.occasions import timeline
from spmc_tools.chance.pairs.retained import quiet, retain, source_of_objects


def actions(rows, n_objects, sources):
    """Actions of (object, source or -1, time), encoded."""
    object_, source, t_us = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    return SimpleNamespace(
        objects=[f"o{n}" for n in range(n_objects)], object=object_.astype(np.int32), t_us=t_us, sources=sources,
        source=None if sources is None else source.astype(np.int32),
    )  # fmt: skip


def test_an_object_has_the_source_of_its_earliest_action_that_names_one():
    """Of one moment the smaller id; an object that nobody names a source of is its own, after the three named ones."""
    rows = [(0, 2, 5), (0, 1, 5), (1, -1, 1), (1, 2, 3), (1, 2, 4), (2, -1, 0), (3, 0, 9), (3, 1, 8), (3, 2, 10)]
    found, several = source_of_objects(actions(rows, 4, ["s0", "s1", "s2"]))
    assert found.tolist() == [1, 2, 3 + 2, 1]
    assert several == 2  # objects 0 and 3


def test_where_no_source_is_known_each_object_is_its_own():
    found, several = source_of_objects(actions([(0, -1, 5), (1, -1, 5)], 3, None))
    assert (found.tolist(), several) == ([0, 1, 2], 0)
    found, several = source_of_objects(actions([(0, -1, 5), (1, -1, 5)], 3, ["s0"]))
    assert (found.tolist(), several) == ([1, 2, 3], 0)


def test_first_actions_are_retained_with_the_sources_of_their_objects():
    """Account 1 acts twice on object 0; the second time does not count. Object 1 was born at 2, by account 0."""
    rows = [(0, -1, 7), (0, -1, 9), (1, -1, 4), (1, -1, 2), (0, -1, 8)]
    encoded = actions(rows, 3, None)
    encoded.accounts, encoded.account = ["a", "b"], np.array([1, 1, 1, 0, 0], np.int32)
    kept = retain(encoded, np.array([5, 2, 9], np.int32), 60.0)
    assert (kept.n_first, kept.line.n_accounts, kept.line.n_sources) == (4, 2, 10)
    assert sorted(zip(*(x.tolist() for x in (kept.line.account, kept.line.object, kept.line.source)), strict=True)) == [
        (0, 0, 5), (0, 1, 2), (1, 0, 5), (1, 1, 2),
    ]  # fmt: skip
    assert kept.born_us.tolist() == [7, 2, 0] and not kept.hot.action.any()
    empty = actions([(0, -1, 0)], 0, None)
    empty.accounts = []
    for name in ("object", "t_us"):
        setattr(empty, name, getattr(empty, name)[:0])
    empty.account = np.empty(0, np.int32)
    assert retain(empty, np.empty(0, np.int32), 60.0).line.n_sources == 1


def test_quiet_are_those_with_few_on_their_object_within_the_window():
    """At 0, 60 and 120 seconds on one object: the one in the middle has three within a minute, itself included."""
    same = np.zeros(3, np.int32)
    line = timeline(np.arange(3, dtype=np.int32), same, same, np.array([0, 60, 120]) * 1_000_000, 3, 1)
    assert quiet(line, 60.0, 3).account.tolist() == [0, 1, 2]
    assert quiet(line, 60.0, 2).account.tolist() == [0, 2]
    assert quiet(line, 59.0, 1).account.tolist() == [0, 1, 2]
