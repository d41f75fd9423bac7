"""The benchmark beside twitwi runs: both give a row for each generated post, and ours raises at none that is bent."""

from __future__ import annotations

import pytest

pytest.importorskip("twitwi", reason="twitwi is not installed (extra dev)")

from benchmarks.speed.imports.twitwi_speed import bent, hostile, post_bluesky, sides


def test_both_give_a_row_for_each_post():
    for name, (ours, theirs) in sides(200).items():
        assert (ours(), theirs()) == (200, 200), name


def test_ours_raises_at_none_and_twitwi_at_some():
    for name, (ours, theirs) in hostile(200).items():
        assert ours == 0 < theirs, name


def test_one_field_is_bent_and_the_post_itself_is_left():
    import random

    whole = post_bluesky(random.Random(1), 3)
    again = post_bluesky(random.Random(1), 3)
    assert all(bent(whole, seed) != whole for seed in range(5)) and whole == again
