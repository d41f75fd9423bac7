"""The world with a rotating network: equal seeds give equal worlds, and a small one is measured as the docs say."""

from __future__ import annotations

import pandas as pd

from benchmarks.accuracy.studies import rotating_template as world


def test_a_small_world() -> None:
    one, again = (world.made(3, members=40, n_accounts=3_000, size=8_000) for _ in range(2))
    pd.testing.assert_frame_equal(one.records, again.records)
    assert one.records["account_id"].nunique() == 3_000
    actions = world.actions_in(one.records)
    seen = world.outcome(one, actions)
    assert (seen["members"], seen["named"], seen["one_cluster"]) == (40, 40, 40)
    assert not seen["others_A"] and not seen["others_B"]
    blind = world.outcome(world.without(one, "client"), actions)
    assert (blind["named"], blind["shown"], blind["one_cluster"]) == (40, 40, 40)
    coarse = world.outcome(world.without(one, "second"), actions)
    assert (coarse["named"], coarse["shown"], coarse["one_cluster"]) == (0, 40, 40)
    bare = world.outcome(world.without(one, "client", "second"), actions)
    assert (bare["named"], bare["events"]) == (0, 0)
    assert world.events_of(world.permuted(one, 5).records, actions)[0].rows == []
    left = world.without(one, left=10, seed=1)
    assert sum(role == world.MEMBER for role in left.roles.values()) == 10
    assert len(world.thinned(one, 0.1, 1).records) < 0.13 * len(one.records)
