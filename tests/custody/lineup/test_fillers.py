"""Fillers of a line-up: as many, alike, ordinary, by seed; and what is said where none can be drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from spmc_tools.custody.lineup.fillers import draw, likeness_of_accounts

START = datetime(2025, 11, 3, tzinfo=UTC)


def posts_of(counts: dict[str, int], kind: str = "post") -> pd.DataFrame:
    rows = [
        {"record_id": f"{account}-{n}", "account_id": account, "created_at": START + timedelta(minutes=7 * n),
         "kind": kind, "text": f"{account} {n}", "ref_record_id": None}
        for account, count in counts.items()
        for n in range(count)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_what_accounts_are_alike_in_by_hand() -> None:
    posts = pd.DataFrame(
        [
            ("1", "a", "post", "x", None), ("2", "a", "repost", "y", "9"), ("3", "a", "post", "own", None),
            ("4", "b", "repost", "z", "9"), ("5", "c", "post", "x", None),
        ],
        columns=["record_id", "account_id", "kind", "text", "ref_record_id"],
    )  # fmt: skip
    table = likeness_of_accounts(posts)
    assert table["n"].round(6).to_dict() == {"a": 2.0, "b": 1.0, "c": 1.0}
    assert table["common"].round(4).to_dict() == {"a": 0.6667, "b": 1.0, "c": 1.0}  # "own" is nobody else's
    assert table["repost"].round(4).to_dict() == {"a": 0.1667, "b": 0.5, "c": 0.0}


def test_fillers_are_as_many_ordinary_and_as_active() -> None:
    busy, idle = {f"busy{n}": 10 for n in range(8)}, {f"idle{n}": 1 for n in range(40)}
    posts = posts_of({**{f"g{n}": 10 for n in range(4)}, **busy, **idle})
    for seed in range(20):
        drawn = draw(posts, [f"g{n}" for n in range(4)], set(), np.random.default_rng(seed))
        group, *fillers = drawn.panels
        assert set(group) == {"g0", "g1", "g2", "g3"} and drawn.why is None
        everyone = [account for filler in fillers for account in filler]
        assert len(everyone) == len(set(everyone)) == 8  # nobody twice
        assert set(everyone) == set(busy)  # the other forty post a tenth of that
    apart = draw(posts, [f"g{n}" for n in range(4)], set(busy), np.random.default_rng(1))
    assert apart.why == "quiet" and apart.panels == ()  # who is left posts a tenth: told, not shown


def test_a_set_that_shares_among_itself_is_matched_by_one_that_does() -> None:
    """All are alike one by one: each post is somebody else's too; only the circle's posts are each other's."""
    members, circle, strangers = ([f"{name}{n}" for n in range(many)] for name, many in (("g", 3), ("c", 6), ("s", 12)))
    rows = [(who, f"of {who[0]} {n}") for who in (*members, *circle) for n in range(4)]
    rows += [(who, f"of {one} {n}") for one in strangers for who in (one, "known") for n in range(4)]
    posts = pd.DataFrame(rows, columns=["account_id", "text"])
    seen = 0
    for seed in range(20):
        _, *fillers = draw(posts, members, {"known"}, np.random.default_rng(seed)).panels
        seen += len(set(circle) & {account for filler in fillers for account in filler})
    assert seen > 20 * 3  # one by one it is 6 of 18 accounts for 6 places: 40 in 20 draws


def test_kinds_of_posts_count() -> None:
    own = posts_of({f"g{n}": 6 for n in range(3)}, "repost")
    alike, others = posts_of({f"r{n}": 6 for n in range(6)}, "repost"), posts_of({f"p{n}": 6 for n in range(6)})
    drawn = draw(pd.concat([own, alike, others]), ["g0", "g1", "g2"], set(), np.random.default_rng(5))
    assert {account for filler in drawn.panels[1:] for account in filler} == {f"r{n}" for n in range(6)}


@pytest.mark.parametrize(("free", "why"), [(0, "few"), (5, "few"), (6, None)])
def test_too_few_ordinary_accounts_are_told(free: int, why: str | None) -> None:
    posts = posts_of({**{f"g{n}": 4 for n in range(3)}, **{f"o{n}": 4 for n in range(free)}})
    assert draw(posts, ["g0", "g1", "g2"], set(), np.random.default_rng(0)).why == why


def test_the_seed_draws_and_the_order_of_rows_does_not() -> None:
    posts = posts_of({**{f"g{n}": 4 for n in range(3)}, **{f"o{n}": 4 + n % 3 for n in range(60)}})
    members = ["g0", "g1", "g2"]
    first = draw(posts, members, set(), np.random.default_rng(7))
    again = draw(posts.sample(frac=1, random_state=3), members[::-1], set(), np.random.default_rng(7))
    assert first == again
    assert len({draw(posts, members, set(), np.random.default_rng(seed)).panels for seed in range(6)}) > 3


def test_a_large_group_shows_some_of_its_accounts() -> None:
    posts = posts_of({**{f"g{n}": 4 for n in range(40)}, **{f"o{n}": 4 for n in range(30)}})
    drawn = draw(posts, [f"g{n}" for n in range(40)], set(), np.random.default_rng(0))
    assert [len(panel) for panel in drawn.panels] == [15, 15, 15]
