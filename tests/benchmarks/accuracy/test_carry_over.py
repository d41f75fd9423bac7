"""Weeks of earlier code stand only where the present code gives the same again, and the document says how many."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from benchmarks.accuracy import carry_over as subject  # noqa: E402
from benchmarks.accuracy import results, tables  # noqa: E402
from benchmarks.accuracy.carry_over import carry_over, differing, spread  # noqa: E402
from benchmarks.accuracy.declare import World  # noqa: E402
from benchmarks.accuracy.summary import Summary  # noqa: E402

ROW, OTHER = World("row", "a row"), World("other", "another")


def week(seed: int, **more) -> dict:
    told = {"seed": seed, "false": 0, "ap": 1 / seed, "cpu_s": 1.0, "simulate_cpu_s": 0.1, "peak_mb": 9.0}
    return told | {"sizes": {"organic": 5}, "named": {}, "innocent": 5} | more


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Eight weeks of one row, five of another, measured with the code "before"."""
    made = results.Kept(tmp_path)
    monkeypatch.setattr(results, "code_digest", lambda _=False: "before")
    for world, n in ((ROW, 8), (OTHER, 5)):
        for seed in range(1, n + 1):
            made.add(world, week(seed, peers={"x": seed}))
    monkeypatch.setattr(results, "code_digest", lambda _=False: "now")
    return made


def measuring(monkeypatch, seen: list, odd: tuple = ()) -> None:
    def measured(world, seed, *, peers_too):
        assert not peers_too
        seen.append((world.name, seed))
        return week(seed, cpu_s=7.0, peak_mb=1.0, **({"ap": 0.5 + 1e-16} if (world.name, seed) in odd else {}))

    monkeypatch.setattr(subject, "measured", measured)


def test_what_is_the_same_again_lets_the_rest_stand(kept, monkeypatch) -> None:
    seen: list = []
    measuring(monkeypatch, seen)
    assert kept.of(ROW) == {} and carry_over(kept, [ROW, OTHER], ["before"], 3) == []
    assert seen == [("row", 1), ("row", 5), ("row", 8), ("other", 1), ("other", 3), ("other", 5)]
    own = kept.of(ROW)
    again = {seed for name, seed in seen if name == "row"}
    assert sorted(own) == list(range(1, 9))
    for seed, told in own.items():
        assert told["code"] == "now" and told["peers"] == {"x": seed}
        assert (told.get("same_as"), told.get("measured_with")) == (
            ("before", None) if seed in again else (None, "before")
        )
        assert told["cpu_s"] == (7.0 if seed in again else 1.0)
    measuring(monkeypatch, seen_twice := [])
    assert carry_over(kept, [ROW, OTHER], ["before"], 3) == [] and seen_twice == []


def test_one_week_that_differs_in_its_last_digit_lets_none_stand(kept, monkeypatch) -> None:
    measuring(monkeypatch, [], odd=(("row", 8),))
    assert carry_over(kept, [ROW, OTHER], ["before"], 2) == ["row"]
    assert sorted(kept.of(ROW)) == [1, 8] and not [one for one in kept.of(ROW).values() if "measured_with" in one]
    assert sorted(kept.of(OTHER)) == [1, 2, 3, 4, 5]


def test_the_code_that_measured_a_week_is_kept_through_two_changes(kept, monkeypatch) -> None:
    measuring(monkeypatch, [])
    carry_over(kept, [ROW], ["before"], 1)
    monkeypatch.setattr(results, "code_digest", lambda _=False: "later")
    carry_over(kept, [ROW], ["now"], 1)
    assert {one.get("measured_with") for one in kept.of(ROW).values()} == {None, "before"}
    summary = Summary(list(kept.of(ROW).values()))
    said = tables._carried_over({"row": summary})
    assert "Of 8 weeks 7 were measured with earlier code (before)" in said and "all 1 weeks" in said
    assert tables._carried_over({"row": Summary([week(1)])}) == ""


@given(st.sets(st.integers(1, 99)), st.integers(1, 9))
def test_the_first_and_the_last_are_among_those_measured_again(seeds, n) -> None:
    chosen = spread(sorted(seeds), n)
    assert len(chosen) == min(n, len(seeds)) and set(chosen) <= seeds
    if seeds:
        assert chosen[0] == min(seeds) and (n == 1 or chosen[-1] == max(seeds))


def test_every_number_but_the_costs_is_compared() -> None:
    one = week(3, code="a", peers={}, assess_cpu_s={"x": 1})
    assert differing(one, week(3, cpu_s=0.0, code="b", declared="c")) == []
    assert differing(one, {**one, "named": {"fan": 1}}) == ["named"]
    assert differing(one, {key: value for key, value in one.items() if key != "ap"}) == ["ap"]
    assert differing(json.loads(json.dumps(one)), one) == []
    nothing = week(3, wp=float("nan"))  # no cluster: no purity of any
    assert differing(nothing, json.loads(json.dumps(nothing))) == [] and differing(nothing, week(3)) == ["wp"]
