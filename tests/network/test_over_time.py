"""The timeline of a cluster that forms, switches, is silent and comes back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from spmc_tools.network.over_time import COLUMNS, distance, over_time, step_of

DAY = 86_400
T0 = pd.Timestamp("2025-11-01", tz="UTC")


def acts(strikes: list[tuple[float, str, str]]) -> pd.DataFrame:
    rows = [
        {
            "object_id": f"{source}{place}",
            "source_id": source,
            "account_id": a,
            "t": T0 + pd.Timedelta(seconds=day * DAY + k),
        }
        for place, (day, source, who) in enumerate(strikes)
        for k, a in enumerate(who)
    ]
    return pd.DataFrame(rows)


def story() -> pd.DataFrame:
    first = [(0.2 * k, "x", "abcd") for k in range(25)]
    then = [(5 + 0.2 * k, "y", "abcd") for k in range(15)]
    back = [(20 + 0.2 * k, "y", "wxyz") for k in range(10)]
    return acts([*first, *then, *back])


def test_a_story() -> None:
    found = over_time(story(), DAY)
    assert tuple(found.columns) == COLUMNS
    events = found[found["event"].notna()]
    assert list(events["event"]) == ["formed", "switched", "silent", "resumed", "changed"]
    when = dict(zip(events["event"], (events["start"] - T0) / pd.Timedelta(days=1), strict=True))
    assert when["formed"] == 0 and 4 <= when["switched"] <= 5 and 8 <= when["silent"] <= 9 and when["resumed"] == 19
    assert set(found.loc[found["n_actions"] > 0, "n_linked"]) == {4}
    twice = 2 * len(story()) - sum(story()["t"] < T0 + pd.Timedelta(days=1))
    assert found["n_actions"].sum() == twice
    assert (found["end"] - found["start"] == pd.Timedelta(days=2)).all()


def test_members_that_are_exchanged_are_a_change() -> None:
    rows = [(0.2 * k, "x", "abcd" if k < 15 else "wxyz") for k in range(30)]
    assert "changed" in set(over_time(acts(rows), DAY)["event"].dropna())


def test_nothing_one_moment_and_order() -> None:
    assert len(over_time(story().iloc[:0])) == 0
    still = over_time(story().assign(t=T0))
    assert list(still["event"]) == ["formed"]
    pd.testing.assert_frame_equal(over_time(story().sample(frac=1, random_state=0)), over_time(story()))
    assert step_of(story()["t"]) == 12 * 3600


COUNTS = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 9), min_size=1)


@given(COUNTS, COUNTS)
def test_distance_is_that_of_scipy(one: dict[str, int], other: dict[str, int]) -> None:
    p, q = ([counts.get(name, 0) for name in "abcde"] for counts in (one, other))
    assert distance(one, other) == pytest.approx(float(np.nan_to_num(jensenshannon(p, q, 2))), abs=1e-7)
    assert distance({}, one) == 1.0 and distance({}, {}) == 0.0
