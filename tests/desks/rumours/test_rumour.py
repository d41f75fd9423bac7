"""The rumour desk: the register, the posts that carry a claim, and what came after the official version."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from spmc_tools.desks.rumours.rumour import (
    before_after,
    carriers,
    carrying_clusters,
    enter_claim,
    register,
    rumour_desk,
    spread,
)
from spmc_tools.errors import InputError
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case

CLAIM = "Booth number 186 will close two hours early today, go before lunch or you may miss it"
START = datetime(2025, 11, 5, 4, 0, tzinfo=UTC)


@pytest.fixture
def case() -> Case:
    return plain_case("rumours", officer="First")


def posts(rows: list[tuple[float, str, str]], **more: list[Any]) -> pd.DataFrame:
    """Posts from hour, account and text."""
    return pd.DataFrame(
        {
            "record_id": [f"p{n}" for n in range(len(rows))],
            "platform": "x",
            "account_id": [who for _, who, _ in rows],
            "created_at": pd.to_datetime([START + timedelta(hours=hour) for hour, _, _ in rows], utc=True),
            "kind": "post",
            "text": pd.Series([text for _, _, text in rows], dtype="str"),
            **more,
        }
    )


def test_a_claim_is_entered_and_its_states_are_kept(case: Case) -> None:
    enter_claim(
        case, "R1", "open", text=CLAIM, first_seen="2025-11-05T10:00+05:30", entered_at="2025-11-05T10:05+05:30"
    )
    enter_claim(
        case, "R1", "refuted", official_version="All booths close at six.", official_at="2025-11-05T14:00+05:30",
        reviewed_by="Second", entered_at="2025-11-05T14:10+05:30",
    )  # fmt: skip
    [one] = register(case).values()
    assert (one["status"], one["n_states"], one["text"], one["entered_by"]) == ("refuted", 2, CLAIM, "First")
    assert one["first_seen"] == datetime(2025, 11, 5, 4, 30, tzinfo=UTC)
    assert [b.format for b in case.batches()] == ["entered", "entered"]
    from spmc_tools.custody.review.verify import verify

    assert verify(case.path).ok


@pytest.mark.parametrize(
    ("status", "said", "message"),
    [
        ("false", {"text": CLAIM}, "wanted one of open"),
        ("open", {}, "needs an id and its text"),
        ("open", {"text": CLAIM, "guilt": 1}, "guilt"),
        ("refuted", {"text": CLAIM}, "official_version and official_at"),
        ("open", {"text": CLAIM, "first_seen": "yesterday"}, "first_seen"),
        ("open", {"text": CLAIM, "first_seen": "2025-11-05T10:00"}, "zone"),
        ("open", {"text": CLAIM, "reviewed_by": "First"}, "cannot review"),
    ],
)
def test_what_does_not_fit_is_refused(case: Case, status: str, said: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        enter_claim(case, "R1", status, **said)
    assert case.batches() == []


def test_posts_that_carry_it_and_those_that_deny_it(case: Case) -> None:
    enter_claim(case, "R1", "open", text=CLAIM)
    records = posts(
        [(0, "a", CLAIM), (1, "b", CLAIM + "!!"), (2, "c", "FACT CHECK: not true. " + CLAIM), (3, "d", "good morning")]
    )
    desk = rumour_desk(case, records)
    assert desk is not None and desk.carrying("R1")["account_id"].tolist() == ["a", "b"]
    assert desk.posts["denies"].tolist() == [False, False, True] and desk.end == START + timedelta(hours=3)


def test_a_picture_carries_a_claim_by_its_hash(case: Case) -> None:
    enter_claim(case, "R1", "open", text=CLAIM, media_sha256="ab" * 32)
    media = [[{"url": "u", "sha256": "ab" * 32, "phash": None}], None]
    desk = rumour_desk(case, posts([(0, "a", "look"), (1, "b", "look")], media=media))
    assert desk is not None and desk.posts["account_id"].tolist() == ["a"]


def test_an_empty_register_is_no_desk(case: Case) -> None:
    assert rumour_desk(case, posts([(0, "a", CLAIM)])) is None


def test_the_spread_counts_every_post_up_to_its_last() -> None:
    many = posts([(n / 10, f"a{n}", CLAIM) for n in range(950)])
    points = spread(many)
    assert points[0] == (0, 1) and points[-1] == (pytest.approx(94.9), 950) and len(points) < 260
    assert all(n == sum(t <= hour + 1e-9 for t in [k / 10 for k in range(950)]) for hour, n in points)
    assert spread(many[:0]) == []


def test_who_carried_it_by_time_not_by_reach() -> None:
    rows = posts(
        [(0, "d", CLAIM), (1, "b", CLAIM), (1, "a", CLAIM), (3, "c", CLAIM), (4, "d", CLAIM)],
        ref_record_id=[None, None, None, "p1", "p1"],
        metrics=[{"views": 5}, {"views": 90}, {"views": None}, None, None],
    )
    found = carriers(rows)
    assert found["account_id"].tolist() == ["d", "a", "b", "c"] and found["n_reposted"].tolist() == [0, 0, 2, 0]
    assert found["n_posts"].tolist() == [2, 1, 1, 1]
    assert found["views"].isna().tolist() == [False, True, False, True] and found["views"].tolist()[::2] == [5, 90]


def test_before_and_after_are_compared_in_files_that_hold_both_sides() -> None:
    """File "x" holds the hours 0 to 20, "y" ends at the official version: beside it no rumour would outlive that."""
    told = [(1, "a", "x"), (2, "b", "x"), (3, "c", "y"), (9, "d", "y"), (12, "e", "x"), (19, "f", "x")]
    rows = posts([(hour, who, CLAIM) for hour, who, _ in told]).assign(source_sha256=[file for *_, file in told])
    files = pd.DataFrame({"first": [0, 2], "last": [20, 10.5]}, index=["x", "y"])
    files = files.apply(lambda hours: pd.to_datetime([START + timedelta(hours=one) for one in hours], utc=True))
    official, end = START + timedelta(hours=10), START + timedelta(hours=100)
    found = before_after(rows, official, end, files)
    assert found is not None
    assert (found["before"], found["after"], found["elsewhere"]) == (2, 2, 2)
    assert (found["hours_before"], found["hours_after"]) == (9, 10)  # from the first post, until "x" ends
    assert found["ratio"] == pytest.approx((2 / 10) / (2 / 9))
    every = before_after(rows, official, end)
    assert every is not None and (every["before"], every["after"], every["hours_after"]) == (4, 2, 24)
    assert every["across"] is False is found["across"]
    alone = before_after(rows[rows["source_sha256"] == "y"], official, end, files)
    assert alone is not None and (alone["across"], alone["before"], alone["after"]) == (True, 2, 0)


def test_before_and_after_count_accounts_in_equal_hours_where_there_are_any() -> None:
    rows = posts(
        [(0, "a", CLAIM), (1, "a", CLAIM), (2, "b", CLAIM), (9.5, "c", CLAIM), (30, "d", CLAIM), (40, "e", CLAIM)]
    )
    found = before_after(rows, START + timedelta(hours=10), START + timedelta(hours=100))
    assert found is not None
    assert (found["before"], found["after"], found["hours_before"], found["hours_after"]) == (3, 1, 10, 24)
    assert found["ratio"] == pytest.approx((1 / 24) / (3 / 10)) and found["low"] < found["ratio"] < found["high"]
    assert before_after(rows, START + timedelta(hours=10), START + timedelta(hours=10.5)) is None
    assert before_after(rows, START - timedelta(hours=1), START + timedelta(hours=100)) is None


def test_groups_that_carry_it() -> None:
    rows = posts([(0, "a", CLAIM), (1, "b", CLAIM), (2, "z", CLAIM)])
    clusters = pd.DataFrame({"cluster_id": [1, 2], "size": [3, 2], "accounts": [["a", "b", "c"], ["z", "y"]]})
    found = carrying_clusters(rows, SimpleNamespace(clusters=clusters))
    assert found == [{"cluster_id": 1, "size": 3, "members": 2, "carriers": 3}]
    assert carrying_clusters(rows, None) == []


def test_the_figures_of_a_claim_are_those_of_counting_its_posts_one_by_one(case: Case) -> None:
    from spmc_tools.report.page.sections import section

    rows = [
        (0.5, "a", CLAIM), (1, "b", CLAIM + " 🙏"), (2, "b", "Heard from a friend: " + CLAIM), (3, "c", CLAIM[:60]),
        (4, "d", "good morning to all of you"), (5, "e", "FAKE NEWS: " + CLAIM), (30, "f", CLAIM.upper()),
    ]  # fmt: skip
    enter_claim(
        case, "R1", "refuted", text=CLAIM, official_version="All booths close at six.",
        official_at=START + timedelta(hours=6), reviewed_by="Second",
    )  # fmt: skip
    enter_claim(case, "R2", "open", text="The bridge over the river is closed for ten days")
    desk = rumour_desk(case, posts(rows))
    got = section("rumour", case=case, desk=desk).values
    one, other = got.claims
    carrying = [row for row in rows if row[1] not in {"d", "e"}]
    assert (one.posts, one.accounts, one.denials) == (len(carrying), len({who for _, who, _ in carrying}), 1)
    assert one.variants == len({text for _, _, text in carrying})
    assert one.edited == 1  # of the piece not all of the claim stands in the post
    assert one.lag_s == (6 - 0.5) * 3600 and one.official_h == 5.5
    assert one.first_post == START + timedelta(hours=0.5)
    before = {who for hour, who, _ in carrying if hour < 6}
    after = {who for hour, who, _ in carrying if hour >= 6}
    assert (one.change.before, one.change.after) == (len(before), len(after))
    assert one.curve[-1][1] == len(carrying) and got.refuted == 1
    assert (other.posts, other.lag_s, other.change) == (0, None, None)
    limits = section("rumour_limits", desk=desk).values
    assert (limits.not_seen, limits.denials) == (1, 1)
