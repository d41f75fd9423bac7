"""Reply swarms by brute force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.coaction.engines.reply_swarms import reply_swarms
from spmc_tools.schema import ACTIONS

T = datetime(2025, 11, 5, tzinfo=UTC)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9), st.integers(0, 1500)), max_size=30))
def test_by_brute_force(rows: list[tuple[int, int, int]]) -> None:
    actions = ACTIONS.from_rows(
        [
            {"trace": "co_reply", "account_id": f"a{a}", "object_id": f"o{o}", "source_id": None,
             "t": T + timedelta(seconds=s), "record_id": str(n)}
            for n, (o, a, s) in enumerate(rows)
        ]
    )  # fmt: skip
    found = reply_swarms(actions)
    wanted = {}
    for o in (0, 1):
        first = {a: min(s for u, b, s in rows if u == o and b == a) for u, a, _ in rows if u == o}
        most = max((sum(start <= s <= start + 600 for s in first.values()) for start in first.values()), default=0)
        if most >= 5:
            wanted[f"o{o}"] = (most, len(first))
    seen = {r.object_id: (r.n_accounts, r.n_accounts_ever) for r in found.itertuples()}
    assert seen == wanted
    assert ((found["last_t"] - found["first_t"]).dt.total_seconds() <= 600).all()
    assert found["n_accounts"].is_monotonic_decreasing


@pytest.mark.parametrize("n", [4, 5])
def test_five_make_a_swarm(n: int) -> None:
    rows = [
        {"trace": "co_reply", "account_id": f"a{k}", "object_id": "o", "source_id": "z", "record_id": str(k),
         "t": T + timedelta(seconds=150 * k)}
        for k in range(n)
    ]  # fmt: skip
    found = reply_swarms(ACTIONS.from_rows(rows))
    assert len(found) == (n >= 5)
    assert list(found["source_id"]) == ["z"] * (n >= 5)
