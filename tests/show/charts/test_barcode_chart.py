"""The picture of posts: how many strokes are drawn in which colour, and the bins of its foot."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from spmc_tools.show.charts.barcode_chart import LAG_ENDS_S, barcode, lag_counts
from spmc_tools.show.charts.picture_colours import COLOURS, OTHER, colour_of
from spmc_tools.show.charts.time_ticks import ticks

START = datetime(2025, 11, 3, 6, 0, tzinfo=UTC)


def drawn(own, beside=(), *, beside_rows=0, lags=(), answers=()) -> str:
    return barcode(
        own, beside, ["1", "2"], beside_rows=beside_rows, lags_s=lags, bands=[], answers=answers,
        titles={"beside": "others", "lags": "after"}, lag_names=["n"] * (len(LAG_ENDS_S) + 1),
        tick=lambda moment: f"{moment:%d-%m}",
    )  # fmt: skip


def strokes(text: str, colour: str) -> int:
    """Upright strokes of a colour: each begins anew."""
    paths = re.findall(rf'<path d="([^"]*)"[^>]*stroke="{colour}"', text)
    paths += re.findall(rf'<path[^>]*stroke="{colour}"[^>]*d="([^"]*)"', text)
    return sum(path.lower().count("m") for path in paths)


def test_each_post_is_a_stroke_and_one_thing_has_one_colour() -> None:
    moments = [START + timedelta(hours=n) for n in range(5)]
    own = [(0, moments[0], 1), (1, moments[0], 1), (0, moments[2], 2), (1, moments[3], 9)]
    text = drawn(own)
    assert (strokes(text, COLOURS[0]), strokes(text, COLOURS[1]), strokes(text, OTHER)) == (2, 1, 1)
    assert "others" not in text and "after" not in text
    beside = [(0, moments[1], 0), (1, moments[1], 0), (1, moments[2], 2)]
    more = drawn(own, beside, beside_rows=2, lags=[1.0, 700.0])
    assert strokes(more, "#b9c2cc") == 2 and strokes(more, OTHER) == 2  # beside, what is shared is dark, not coloured
    assert "others" in more and "after" in more


def test_the_bins_hold_their_upper_end() -> None:
    assert lag_counts([0, 10, 10.5, 30, 60, 61, 21_600, 21_601, 9e9]) == [2, 2, 1, 1, 0, 0, 0, 0, 1, 2]


def test_the_legend_has_the_colour_of_the_picture() -> None:
    assert [colour_of(n) for n in (1, 8, 9, 99)] == [COLOURS[0], COLOURS[7], OTHER, OTHER]
    assert len(set(COLOURS)) == len(COLOURS)


def test_ticks_stand_at_whole_hours_or_days() -> None:
    midnight = datetime(2025, 11, 3, tzinfo=UTC)
    assert ticks(midnight, midnight + timedelta(days=10), 5) == [midnight + timedelta(days=n) for n in (2, 4, 6, 8, 10)]
    assert [moment.minute for moment in ticks(midnight, midnight + timedelta(minutes=20), 4)] == [5, 10, 15, 20]
