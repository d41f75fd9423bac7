"""Three panels of one form: as many lines, marks and posts, and nothing on the page that tells the finding."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from spmc_tools.custody.lineup.case_panels import whole_days
from spmc_tools.custody.lineup.panels import panels

START = datetime(2025, 11, 3, tzinfo=UTC)
GROUPS = [["g1", "g2", "g3"], ["o1", "o2", "o3"], ["p1", "p2", "p3"]]


def made(seed: int = 0):
    """A group of which all three post five things together, and two ordinary ones of unequal activity."""
    rows, things = [], {}
    for account in ("g1", "g2", "g3"):
        for n in range(5):
            rows.append(
                (f"{account}.{n}", account, START + timedelta(hours=9 * n, seconds=len(rows)), f"same {n} @asha_k")
            )
            things[rows[-1][0]] = f"thing {n}"
    for accounts, count in (("o1 o2 o3", 4), ("p1 p2", 6), ("p3", 2)):
        for account in accounts.split():
            for n in range(count):
                rows.append(
                    (
                        f"{account}.{n}",
                        account,
                        START + timedelta(hours=5 * n, minutes=len(rows)),
                        f"{account} says {n}",
                    )
                )
                things[rows[-1][0]] = f"thing {n}" if n == 0 else f"{account} {n}"
    posts = pd.DataFrame(rows, columns=["record_id", "account_id", "created_at", "text"])
    ends = whole_days(START, START + timedelta(hours=40))
    return panels(posts, GROUPS, things, ends, None, np.random.default_rng(seed))


def test_each_panel_has_as_many_lines_marks_and_posts() -> None:
    shown = made()
    assert {len(picture.labels) for picture, _ in shown} == {3}
    # busiest first 5 5 5, 4 4 4 and 6 6 2: four, four and two of each
    counts = [sorted(Counter(picture.own.rows).values()) for picture, _ in shown]
    assert counts == [[2, 4, 4]] * 3
    assert {len(posts) for _, posts in shown} == {10}
    assert len({(picture.start, picture.end, picture.labels, picture.bands) for picture, _ in shown}) == 1


def test_a_mark_is_what_two_of_the_panel_share() -> None:
    group, other, _ = made()
    assert set(group[0].own.things) <= {1, 2, 3, 4, 5} and 0 not in group[0].own.things
    assert Counter(other[0].own.things) == {0: 7, 1: 3}  # what o1, o2 and o3 share is their first post alone


def test_lines_stand_by_lot_and_texts_are_masked() -> None:
    orders = set()
    for seed in range(12):
        picture, posts = made(seed)[0]
        orders.add(picture.own.rows[:3])
        assert all("asha" not in str(post.text) and "▮▮▮" in str(post.text) for post in posts)
    assert len(orders) > 2


def test_without_common_things_in_one_panel_no_panel_has_a_foot() -> None:
    assert all(picture.lags_s for picture, _ in made())
    rows = [(f"{a}{n}", a, START + timedelta(hours=n), f"{a} {n}") for group in GROUPS for a in group for n in range(3)]
    posts = pd.DataFrame(rows, columns=["record_id", "account_id", "created_at", "text"])
    things = {f"{a}{n}": f"t{n}" for a in GROUPS[0] for n in range(3)}
    ends = whole_days(START, START + timedelta(hours=3))
    shown = panels(posts, GROUPS, things, ends, None, np.random.default_rng(0))
    assert [picture.lags_s for picture, _ in shown] == [(), (), ()]


def test_no_post_of_the_group_stands_at_an_end_of_the_axis() -> None:
    first, last = datetime(2025, 11, 3, 4, 31, 7, tzinfo=UTC), datetime(2025, 11, 8, 20, 15, tzinfo=UTC)
    # midnight in India is 18:30 of the day before in UTC; 20:15 UTC is already the 9th there
    assert whole_days(first, last) == (
        datetime(2025, 11, 2, 18, 30, tzinfo=UTC),
        datetime(2025, 11, 9, 18, 30, tzinfo=UTC),
    )
    assert whole_days(first, first + timedelta(minutes=5)) == (
        datetime(2025, 11, 3, 4, 30, tzinfo=UTC), datetime(2025, 11, 3, 5, 30, tzinfo=UTC),
    )  # fmt: skip


def test_the_picture_has_the_axis_that_it_is_given() -> None:
    from spmc_tools.report.figures.pictures import barcode
    from spmc_tools.report.words.wording import Wording

    drawn = [str(barcode(Wording("en"), picture, ends=True)["drawn"]) for picture, _ in made()]
    sizes = {re.search(r'viewBox="([^"]*)"', svg)[1] for svg in drawn}
    labels = {tuple(re.findall(r">(\d\d-\d\d|\d\d:\d\d)<", svg)) for svg in drawn}
    assert len(sizes) == 1 and len(labels) == 1


def test_things_come_from_the_traces_of_the_group() -> None:
    from spmc_tools.custody.lineup.panels import things_of
    from spmc_tools.schema import RECORDS

    row = {
        "platform": "x",
        "created_at": START,
        "kind": "repost",
        "source_sha256": "0" * 64,
        "source_row": 1,
        "text": "t",
    }
    rows = [
        {**row, "record_id": "1", "account_id": "a", "ref_record_id": "9", "ref_account_id": "z"},
        {**row, "record_id": "2", "account_id": "b", "ref_record_id": "9", "ref_account_id": "z"},
        {**row, "record_id": "3", "account_id": "b", "ref_record_id": "8", "ref_account_id": "z"},
    ]
    found = things_of(pa.Table.from_pylist(rows, schema=RECORDS.schema), ["co_repost"])
    assert found["1"] == found["2"] != found["3"]
