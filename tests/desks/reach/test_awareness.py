"""Campaigns: medians and intervals against enumeration and scipy, rates by hand from the sheets themselves."""

from __future__ import annotations

import csv
import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, ttest_ind

from spmc_tools.desks.reach.awareness import Awareness, awareness, best, campaigns, groups, median_of, ratio
from spmc_tools.errors import ParameterError
from spmc_tools.resources import resource


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_the_interval_of_a_median_is_the_narrowest_symmetric_one_that_holds(values) -> None:
    middle, low, high = median_of(np.array(values))
    assert middle == pytest.approx(statistics.median(values))
    ordered, n = sorted(values), len(values)
    holds = [k for k in range(1, n // 2 + 1) if binom.cdf(k - 1, n, 0.5) <= 0.025]
    if not holds:
        assert n < 6 and low is None and high is None
    else:
        assert (low, high) == (ordered[max(holds) - 1], ordered[n - max(holds)])


def test_nan_is_no_value() -> None:
    assert median_of(np.array([np.nan, 3.0, np.nan])) == (3.0, None, None)
    assert median_of(np.array([np.nan])) == (None, None, None)


@given(st.lists(st.floats(0.1, 1e4), min_size=5, max_size=30), st.lists(st.floats(0.1, 1e4), min_size=5, max_size=30))
def test_ratio_as_scipy_has_it(ones, others) -> None:
    logs = [np.log(one) for one in (ones, others)]
    if min(one.std() for one in logs) < 1e-3:  # scipy warns of lost precision
        return
    value, low, high = ratio(np.array(ones), np.array(others))
    interval = ttest_ind(*logs, equal_var=False).confidence_interval()
    assert value == pytest.approx(math.exp(np.mean(logs[0]) - np.mean(logs[1])))
    assert (low, high) == pytest.approx((math.exp(interval.low), math.exp(interval.high)), rel=1e-6)


def test_too_few_or_alike() -> None:
    assert ratio(np.array([1.0] * 4), np.array([1.0] * 9)) == (None, None, None)
    assert ratio(np.array([0.0, 2, 2, 2, 2, 2]), np.array([1.0] * 5)) == pytest.approx((2, 2, 2))


def rows(name: str) -> list[dict[str, str]]:
    with resource("data", "sample", name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str) -> float | None:
    return None if text in {"", "<10"} else float(text.replace(",", ""))


def test_rates_of_the_sheets_by_hand(measures_case) -> None:
    desk = awareness(measures_case)
    tags = {(row["platform"], row["record_id"]): row["campaign_id"] for row in rows("campaigns.csv")}
    by_hand: dict[tuple[str, str], list[float]] = {}
    for row in rows("facebook_posts.csv"):
        reach, did = number(row["Reach"]), number(row["Reactions, Comments and Shares"])
        if reach and reach >= 50:
            by_hand.setdefault(("facebook", tags.get(("facebook", row["Post ID"]), "")), []).append(1000 * did / reach)
    for row in rows("x_content.csv"):
        rate = 1000 * number(row["Engagements"]) / number(row["Impressions"])
        by_hand.setdefault(("x", tags.get(("x", row["Post id"]), "")), []).append(rate)
    got = {(row["platform"], row["campaign"]): row for row in campaigns(desk)}
    assert set(got) == {key for key in by_hand if key[1]} and len(got) == 8
    for key, row in got.items():
        assert row["rate"] == pytest.approx(statistics.median(by_hand[key]))
        assert row["beside"]["n"][0] == sum(value > 0 for value in by_hand[key])
    assert desk.bases == {"facebook": "reach", "x": "impressions", "youtube": "views"}
    hidden = sum(number(row["Reach"]) is None for row in rows("facebook_posts.csv"))
    assert desk.counts["no_base"] == hidden > 0 and desk.counts["posts"] == 280 + 260 + 24
    reels = statistics.median(
        1000 * number(row["Reactions, Comments and Shares"]) / number(row["Reach"])
        for row in rows("facebook_posts.csv")
        if row["Post type"] == "Reels" and number(row["Reach"])
    )
    assert next(one for one in groups(desk.posts, "form") if one["value"] == "reels")["rate"] == pytest.approx(reels)
    top = best(desk.posts)[0]
    assert top["rate"] == pytest.approx(
        max(v for (platform, _), vs in by_hand.items() if platform == "facebook" for v in vs)
    )


def test_days_are_inclusive_in_ist_and_exchanged_ones_refused(measures_case) -> None:
    desk = awareness(measures_case, "2025-10-01", "2025-10-31")
    wanted = sum(row["Publish time"][:2] == "10" for row in rows("facebook_posts.csv"))
    assert int((desk.posts["platform"] == "facebook").sum()) == wanted
    with pytest.raises(ParameterError, match="exchange them"):
        awareness(measures_case, "2025-10-31", "2025-10-01")


def test_a_platform_that_gives_days_alone_has_no_hours(measures_case) -> None:
    hours = groups(awareness(measures_case).posts, "hour")
    assert [row["value"] for row in hours if row["platform"] == "x"] == [None]
    wanted = {int(row["Publish time"].split(" ")[1][:2]) for row in rows("facebook_posts.csv")}
    assert {row["value"] for row in hours if row["platform"] == "facebook"} == wanted


def test_a_campaign_differs_only_where_all_comparisons_together_allow_it() -> None:
    rng = np.random.default_rng(5)
    logs = {name: rng.normal(mean, 0.5, 40) for name, mean in (("a", 0.0), ("b", 1.0), ("c", 0), ("d", 0))}
    plain = np.exp(rng.normal(0, 0.5, 60))
    start = pd.Timestamp("2025-10-01", tz="UTC")
    tried = [logs["a"] + shift for shift in np.linspace(0, 2, 401)]
    logs["a"] = next(one for one in tried if 0.02 < ttest_ind(one, np.log(plain[:40]), equal_var=False).pvalue < 0.04
                     and one.mean() > np.log(plain[:40]).mean())  # fmt: skip

    def frame(rates, campaign):
        return pd.DataFrame(
            {"platform": "x", "page": "p", "record_id": [f"{campaign}{n}" for n in range(len(rates))],
             "posted_at": start + pd.to_timedelta(range(len(rates)), unit="h"), "base": 100.0, "rate": rates,
             "campaign": campaign}
        )  # fmt: skip

    parts = [frame(np.exp(values), name) for name, values in logs.items()] + [frame(plain, None)]
    names = pd.DataFrame({"campaign_id": list(logs), "name": list(logs), "theme": "t"})
    desk = Awareness(pd.concat(parts, ignore_index=True), names, {"x": "reach"}, {})
    got = {row["campaign"]: row for row in campaigns(desk)}
    for name, row in got.items():
        others = np.log(plain)  # all within the span of 90 days before to the last post
        others = others[(start + pd.to_timedelta(range(60), unit="h")) <= row["last"]]
        made = ttest_ind(logs[name], others, equal_var=False)
        wanted = "no" if made.pvalue * 4 > 0.05 else "higher" if made.statistic > 0 else "lower"
        assert row["differs"] == wanted, (name, made.pvalue)
    assert got["b"]["differs"] == "higher"
    assert got["a"]["beside"]["low"] > 1 and got["a"]["differs"] == "no"  # alone it would have been told
