"""Where pages stand: ranks by brute force, growth by hand, the figures of the centre, what is never added."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.desks.reach.standing import (
    Standing,
    contradictions,
    daily,
    gaps,
    growth,
    latest,
    lost,
    overall,
    ranked,
    revised,
    timeline,
    totals,
)

NOON = datetime(2025, 11, 10, 6, 30, tzinfo=UTC)


def snapshots(*rows) -> pd.DataFrame:
    """Rows: platform, page, state, followers, days before NOON, rounding."""
    frame = pd.DataFrame(rows, columns=["platform", "page", "state", "followers", "ago", "rounding"])
    frame["observed_at"] = [pd.Timestamp(NOON - timedelta(days=float(n))) for n in frame["ago"]]
    return frame.drop(columns="ago").astype({"followers": "float64", "rounding": "float64"})


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from([1, 5, 20])), min_size=1, max_size=14))
def test_ranks_and_their_bounds_by_counting_pairs(figures) -> None:
    table = pd.DataFrame(
        {
            "page": [f"p{n:02d}" for n in range(len(figures))],
            "followers": [float(f) for f, _ in figures],
            "rounding": [float(r) for _, r in figures],
        }
    )
    for row in ranked(table).to_dict("records"):
        others = [(f, r) for n, (f, r) in enumerate(figures) if f"p{n:02d}" != row["page"]]
        low, high = row["followers"] - (row["rounding"] - 1) / 2, row["followers"] + (row["rounding"] - 1) / 2
        assert row["rank"] == 1 + sum(f > row["followers"] for f, _ in others)
        assert row["best"] == 1 + sum(f - (r - 1) / 2 > high for f, r in others)
        assert row["worst"] == 1 + sum(f + (r - 1) / 2 >= low for f, r in others)
        assert row["best"] <= row["rank"] <= row["worst"]


def test_a_page_without_a_figure_is_shown_and_not_ranked() -> None:
    frame = snapshots(
        ("x", "a", "A", 5, 0, 1),
        ("x", "b", "B", None, 0, 1),
        ("x", "b", "B", 9, 3, 1),
        ("x", "c", "C", 7, 30, 1),
        ("x", "c2", "C", 8, 1, 1),
    )
    now = latest(frame, NOON)
    table = ranked(now)
    assert [(row["page"], row["rank"]) for row in table.to_dict("records")] == [
        ("c2", 1),
        ("a", 2),
        ("b", None),
        ("c", None),
    ]
    gone = {row["page"]: row for row in lost(frame, now)}
    assert gone["c"]["successor"] == "c2" and gone["b"]["successor"] is None
    assert gone["b"]["last_seen"] == pd.Timestamp(NOON - timedelta(days=3))


def test_of_two_snapshots_of_one_moment_the_finer_holds_and_what_contradicts_is_told() -> None:
    frame = snapshots(
        ("x", "a", "A", 665_012, 0, 1),
        ("x", "a", "A", 665_000, 0, 1000),
        ("x", "b", "B", 100, 0.01, 1),
        ("x", "b", "B", 140, 0, 1),
    )
    assert list(latest(frame, NOON)["followers"]) == [665_012, 140]
    odd = contradictions(frame)
    assert [(row["page"], row["one"], row["other"]) for row in odd.to_dict("records")] == [("b", 100, 140)]


@pytest.mark.parametrize(
    ("minutes", "one", "other", "roundings", "contradict"),
    [
        (0, 665_000, 665_001, (1, 1), True),  # one moment, one exact figure
        (0, 665_000, 665_012, (1000, 1), False),  # 665,000 to the thousand may be 665,012
        (0, 665_000, 665_499, (1000, 1), False),
        (0, 665_000, 665_500, (1000, 1), True),  # that would have been written 666,000
        (30, 665_000, 665_123, (1, 1), False),  # it grew: 123 in half an hour
        (30, 665_000, 666_660, (1, 1), False),  # 0.25 % of the larger figure is 1,666.65
        (30, 665_000, 666_700, (1, 1), True),
        (30, 666_700, 665_000, (1, 1), True),  # it fell by as much
        (60, 665_000, 656_000, (1, 1), True),
        (61, 665_000, 656_000, (1, 1), False),  # beyond an hour a platform may have purged accounts
        (5, 100, 110, (1, 1), False),  # ten followers more: any page may
        (5, 100, 111, (1, 1), True),
        (20, 463_000, 436_000, (1, 1), True),  # two digits exchanged
    ],
)
def test_growth_within_the_hour_is_no_contradiction(minutes, one, other, roundings, contradict) -> None:
    frame = snapshots(("x", "a", "A", one, minutes / 1440, roundings[0]), ("x", "a", "A", other, 0, roundings[1]))
    frame["observed_at"] = [pd.Timestamp(NOON - timedelta(minutes=minutes)), pd.Timestamp(NOON)]
    told = [(row["one"], row["other"]) for row in contradictions(frame).to_dict("records")]
    assert told == ([(one, other)] if contradict else [])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 3000), st.sampled_from([1, 10, 100]), st.sampled_from("ab")),
        max_size=12,
    )
)
def test_contradictions_by_looking_at_each_pair(figures) -> None:
    frame = pd.DataFrame(
        {
            "platform": "x",
            "page": [page for *_, page in figures],
            "state": "A",
            "followers": [float(n) for _, n, _, _ in figures],
            "rounding": [float(r) for _, _, r, _ in figures],
            "observed_at": pd.to_datetime([NOON + timedelta(minutes=m) for m, *_ in figures], utc=True),
        }
    )
    wanted = []
    for page in "ab":
        own = sorted((f for f in figures if f[3] == page), key=lambda f: f[0])  # stable: as imported
        for (m1, n1, r1, _), (m2, n2, r2, _) in pairwise(own):
            meanwhile = max(10.0, max(n1, n2) * (m2 - m1) / 60 * 0.005) if m2 > m1 else 0.0
            if m2 - m1 <= 60 and abs(n2 - n1) - (r1 - 1) / 2 - (r2 - 1) / 2 > meanwhile:
                wanted.append((page, n1, n2))
    assert [(row["page"], row["one"], row["other"]) for row in contradictions(frame).to_dict("records")] == wanted


def test_growth_by_hand_and_states_with_the_largest_page_of_each_platform() -> None:
    frame = snapshots(
        ("x", "a", "A", 100, 61, 1),
        ("x", "a", "A", 150, 0, 11),
        ("x", "a2", "A", 20, 0, 1),
        ("facebook", "a", "A", 30, 0, 1),
        ("x", "b", "B", 170, 0, 1),
    )
    then, now = latest(frame, NOON - timedelta(days=61)), latest(frame, NOON)
    row = growth(then, now).set_index("page").loc["a"].iloc[1]
    assert (row["before"], row["after"], row["gained"], row["margin"], row["days"]) == (100, 150, 50, 5, 61)
    whole = overall(now).to_dict("records")
    assert [(one["state"], one["followers"], one["rank"]) for one in whole] == [("A", 180, 1), ("B", 170, 2)]
    assert whole[1]["lacks"] == ["facebook", "instagram", "youtube"]
    assert [len(one["points"]) for one in timeline(frame, "A", NOON)] == [1, 2, 1]


def metrics(*rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["platform", "page", "metric", "value", "definition", "day", "days"])
    frame["day"] = pd.to_datetime(frame["day"], utc=True)
    frame["value"] = frame["value"].astype(float)
    return frame


def test_the_published_sum() -> None:
    frame = metrics(
        *(
            ("x", "p", "impressions", n, None, f"2024-04-{day}", 10)
            for n, day in ((504_093, "01"), (433_642, "11"), (72_159, "21"))
        )
    )
    (row,) = totals(frame, datetime(2024, 4, 1, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC))
    assert (row["value"], row["days"], row["missing"], row["parts"]) == (1_009_894, 30, 0, 3)


def test_reach_is_never_added_missing_days_are_counted_and_a_new_definition_stands_apart() -> None:
    frame = metrics(
        ("f", "p", "reach", 10, None, "2025-01-01", 1),
        ("f", "p", "reach", 12, None, "2025-01-02", 1),
        ("f", "p", "views", 5, "old", "2025-01-01", 1),
        ("f", "p", "views", None, "old", "2025-01-02", 1),
        ("f", "p", "views", 7, "new", "2025-01-04", 1),
    )
    rows = totals(frame, datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 5, tzinfo=UTC))
    assert [(row["metric"], row["definition"], row["value"], row["missing"], row["hidden"]) for row in rows] == [
        ("reach", None, 10, 3, 0),
        ("reach", None, 12, 3, 0),
        ("views", "new", 7, 3, 0),
        ("views", "old", 5, 3, 1),
    ]
    series = daily(frame, "f", ("views",))
    assert [(one["definition"], [value for _, value in one["points"]]) for one in series] == [
        ("old", [5, None]),
        ("new", [7]),
    ]


def test_the_centre_as_published(sample_measures) -> None:
    from spmc_tools.report.sections.desks.standing_values import standing as values

    got = values(sample_measures)
    rows = {row.platform: row for row in got.rows}
    assert (rows["facebook"].followers, rows["facebook"].rank, rows["facebook"].above) == (
        665_000,
        3,
        ("Kerala", "Karnataka"),
    )
    assert (rows["x"].followers, rows["x"].rank) == (463_000, 7)
    assert (rows["instagram"].followers, rows["instagram"].rank) == (130_000, 7)
    assert (got.total.followers, got.total.rank, got.gained) == (1_270_000, 5, 180_000)
    first = {part.platform: part.rows[0].state for part in got.chart}
    assert (first["x"], first["instagram"], first["facebook"]) == ("Uttar Pradesh", "Kerala", "Kerala")


def test_a_day_that_is_no_day_of_the_sheets_is_refused(sample_measures) -> None:
    from spmc_tools.desks.reach.standing import standing
    from spmc_tools.errors import ParameterError

    class Fake:
        def table(self, name):
            import pyarrow as pa

            return pa.Table.from_pandas(
                sample_measures.snapshots if name == "page_snapshots" else sample_measures.metrics
            )

    with pytest.raises(ParameterError, match="states with one"):
        standing(Fake(), "Atlantis")
    with pytest.raises(ParameterError, match="exchange them"):
        standing(Fake(), "Bihar", "2025-11-10", "2025-11-01")


def test_missing_days_are_stretches_that_thinning_keeps() -> None:
    from spmc_tools.report.sections.desks.standing_values import _thinned

    first = datetime(2020, 1, 1, tzinfo=UTC)
    gone = {3, 4, 5, 900, *range(1000, 1030), 1826}
    points = [(first + timedelta(days=n), None if n in gone else float(n)) for n in range(1827)]
    found = gaps(points)
    assert {start + timedelta(days=n) for start, end in found for n in range((end - start).days)} == {
        first + timedelta(days=n) for n in gone
    }
    assert len(found) == 4
    thin = _thinned({"metric": "views", "definition": None, "points": points}).points
    assert len(thin) <= 420 and all(pair in points for pair in thin)
    days = {day for day, value in thin if value is None}
    assert days and all(first + timedelta(days=1000) <= day < first + timedelta(days=1030) for day in days)


@given(st.lists(st.one_of(st.none(), st.floats(0, 9)), max_size=40))
def test_gaps_by_hand(values) -> None:
    first = datetime(2025, 1, 1, tzinfo=UTC)
    points = [(first + timedelta(days=n), value) for n, value in enumerate(values)]
    found = gaps(points)
    missing = [day for day, value in points if value is None]
    assert sum((end - start).days for start, end in found) == len(missing)
    assert len(found) == sum(day - timedelta(days=1) not in missing for day in missing)


def test_a_figure_that_came_again_with_another_value_is_counted() -> None:
    frame = metrics(
        ("f", "p", "views", 5, None, "2025-01-01", 1),
        ("f", "p", "views", 6, None, "2025-01-01", 1),
        ("f", "p", "views", 7, None, "2025-01-02", 1),
        ("f", "p", "views", 7, None, "2025-01-02", 1),
        ("f", "p", "views", 7, "new", "2025-01-01", 1),
    )
    assert revised(frame) == 1
    assert daily(frame, "f", ("views",))[0]["points"][0][1] == 6


def test_what_is_odd_is_marked_in_the_charts() -> None:
    import pandas as pd

    from spmc_tools.report.page.drawing import fragment
    from spmc_tools.report.page.sections import section, typed_payload

    frame = snapshots(
        ("x", "a", "A", 100, 61, 1), ("x", "a", "A", 120, 20.01, 1), ("x", "a", "A", 190, 20, 1),
        ("x", "b", "B", 90, 61, 1), ("x", "b", "B", 95, 0, 1), ("x", "a2", "A", 140, 1, 1),
    )  # fmt: skip
    frame["source"], frame["screenshot_sha256"] = "seen", "0" * 64
    days = pd.date_range("2025-10-01", periods=20, freq="D").strftime("%Y-%m-%d")
    figures = metrics(*(("x", "a", "views", n if n % 7 else None, None, day, 1) for n, day in enumerate(days)),
                      *(("x", "a", "impressions", 5, None, f"2025-09-{n}", 1) for n in (25, 26)))  # fmt: skip
    figures["unit"] = "views"
    ranking = Standing(frame, figures, "A", NOON - timedelta(days=61), NOON, 14)
    growth_of = section("standing_growth", ranking=ranking)
    old = next(row for row in growth_of.values.series if row.page == "a")
    assert old.lost and old.successor == "a2" and [value for _, value in old.odd] == [120, 190]
    ranks = section("standing", ranking=ranking)
    assert [part.unseen for part in ranks.values.chart] == [1]
    figures_of = section("standing_figures", ranking=ranking)
    [page] = figures_of.values.series
    assert (page.missing, len(page.gaps), len(page.breaks)) == (3, 3, 1)
    assert section("standing_limits", ranking=ranking).values.counts[0].n >= 1
    for language, words in (
        ("en", ("contradict each other", "last seen", "3 days have no figure", "changed what it counts")),
        ("hi", ("परस्पर विरोधी", "अंतिम बार दिखा", "3 दिनों का आँकड़ा नहीं", "गिनती का तरीका बदला")),
    ):
        page_text = "".join(fragment(typed_payload(made.payload()), language) for made in (growth_of, figures_of))
        assert all(one in page_text for one in words), language


def test_many_pages_are_not_all_drawn() -> None:
    from spmc_tools.report.sections.desks.standing_values import standing_figures

    days = pd.date_range("2025-10-01", periods=3, freq="D").strftime("%Y-%m-%d")
    figures = metrics(*(("x", f"p{k}", "views", 1, None, day, 1) for k in range(30) for day in days))
    frame = snapshots(("x", "a", "A", 100, 61, 1), ("x", "a", "A", 100, 0, 1))
    values = standing_figures(Standing(frame, figures, "A", NOON - timedelta(days=61), NOON, 14))
    assert len(values.series) == 8 and values.series.more == 22
