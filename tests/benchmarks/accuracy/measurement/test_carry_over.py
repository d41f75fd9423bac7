"""Weeks of earlier code stand only where the present code gives the same again, and the document says how many."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.accuracy.measurement import carry_over as subject
from benchmarks.accuracy.measurement import results
from benchmarks.accuracy.measurement.carry_over import carry_over, differing, spread
from benchmarks.accuracy.measurement.summary import Summary
from benchmarks.accuracy.page import tables
from benchmarks.accuracy.worlds.declare import World

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


def test_a_row_that_differs_stays_so_however_often_it_is_asked(kept, monkeypatch) -> None:
    measuring(monkeypatch, [], odd=(("row", 8),))
    carry_over(kept, [ROW], ["before"], 2)
    measuring(monkeypatch, seen := [], odd=(("row", 8),))
    for n in (1, 2, 8):
        assert carry_over(kept, [ROW], ["before"], n) == ["row"]
    assert not [one for one in kept.of(ROW).values() if "measured_with" in one]
    assert ("row", 8) not in seen and {told.get("differs_from") for told in kept.of(ROW).values()} == {None, "before"}


@pytest.mark.parametrize("odd", [0.25, None])
def test_weeks_that_the_present_code_measured_already_are_compared_too(kept, monkeypatch, odd) -> None:
    """They may be the first, the last and those between: without them nothing would be compared."""
    for seed in (1, 5, 8):
        kept.add(ROW, week(seed, cpu_s=3.0, **({"ap": odd} if odd and seed == 5 else {})))
    measuring(monkeypatch, seen := [])
    assert carry_over(kept, [ROW], ["before"], 3) == (["row"] if odd else []) and seen == []
    own = kept.of(ROW)
    assert sorted(own) == ([1, 5, 8] if odd else list(range(1, 9)))
    if not odd:
        assert [seed for seed, told in own.items() if told.get("same_as") == "before"] == [1, 5, 8]
        assert all(told["peers"] == {"x": seed} for seed, told in own.items())


@pytest.mark.parametrize("odd", [(), (("row", 9),)])
def test_the_weeks_of_each_code_are_measured_again(kept, monkeypatch, odd) -> None:
    monkeypatch.setattr(results, "code_digest", lambda _=False: "between")
    for seed in range(9, 12):
        kept.add(ROW, week(seed))
    monkeypatch.setattr(results, "code_digest", lambda _=False: "now")
    measuring(monkeypatch, seen := [], odd=odd)
    assert carry_over(kept, [ROW], ["before", "between"], 1) == (["row"] if odd else [])
    assert seen == [("row", 1), ("row", 9)]
    stand = {seed: told["measured_with"] for seed, told in kept.of(ROW).items() if "measured_with" in told}
    wanted = {**dict.fromkeys(range(2, 9), "before"), 10: "between", 11: "between"}
    assert stand == ({} if odd else wanted)


@pytest.mark.parametrize("odd", [False, True])
def test_weeks_that_stand_fall_where_one_measured_since_differs(kept, monkeypatch, odd) -> None:
    """A whole row is compared once more, without measuring: a week of the present code may lack its mark."""
    measuring(monkeypatch, [])
    carry_over(kept, [ROW], ["before"], 2)
    own = {key: value for key, value in kept.of(ROW)[1].items() if key not in {"code", "declared", "same_as"}}
    kept.add(ROW, {**own, "ap": 0.25} if odd else own)
    measuring(monkeypatch, seen := [])
    assert carry_over(kept, [ROW], ["before"], 2) == (["row"] if odd else []) and seen == []
    assert sorted(kept.of(ROW)) == ([1, 8] if odd else list(range(1, 9)))
    assert kept.of(ROW)[1]["differs_from" if odd else "same_as"] == "before"


def test_a_difference_that_was_none_is_taken_back(kept, monkeypatch) -> None:
    kept.add(ROW, week(1, differs_from="before"))
    measuring(monkeypatch, [])
    assert carry_over(kept, [ROW], ["before"], 2) == []
    assert (kept.of(ROW)[1]["same_as"], kept.of(ROW)[1].get("differs_from")) == ("before", None)


def test_a_code_that_measured_nothing_is_said(kept, capsys) -> None:
    assert carry_over(kept, [ROW], ["befor"], 3) == [] and kept.of(ROW) == {}
    assert "no week of these rows was measured with befor\n" in capsys.readouterr().out


def said_of(kept, *worlds) -> str:
    return tables._carried_over({world.name: Summary(list(kept.of(world).values())) for world in worlds})


def test_the_code_that_measured_a_week_is_kept_through_two_changes(kept, monkeypatch) -> None:
    measuring(monkeypatch, [])
    carry_over(kept, [ROW], ["before"], 1)
    monkeypatch.setattr(results, "code_digest", lambda _=False: "later")
    carry_over(kept, [ROW], ["now"], 1)
    assert {one.get("measured_with") for one in kept.of(ROW).values()} == {None, "before"}
    said = said_of(kept, ROW)
    assert "Of 8 weeks 7 were measured with earlier code (before)" in said
    assert "in their 1 rows" in said and "all 1 weeks that were measured again, 1 of each. Seconds" in said
    assert "the peers did not run again" in said
    assert tables._carried_over({"row": Summary([week(1)])}) == ""


def test_the_sentence_says_of_which_rows_it_holds(kept, monkeypatch) -> None:
    short = World("short", "two weeks")
    monkeypatch.setattr(results, "code_digest", lambda _=False: "before")
    for seed in (1, 2):
        kept.add(short, week(seed))
    monkeypatch.setattr(results, "code_digest", lambda _=False: "now")
    measuring(monkeypatch, [], odd=(("row", 8),))
    assert carry_over(kept, [ROW, OTHER, short], ["before"], 2) == ["row"]
    said = said_of(kept, ROW, OTHER, short)
    # of the row that differs weeks 1 and 8 are there, of the short one both: none of these stands
    assert "Of 9 weeks 3 were measured with earlier code (before)" in said and "in their 1 rows" in said
    assert "all 2 weeks that were measured again, 2 of each, the first and the last among them." in said
    assert "In 1 rows a week gave other numbers; that code's weeks do not stand there." in said
    measuring(monkeypatch, [])
    third = World("third", "seven weeks")
    monkeypatch.setattr(results, "code_digest", lambda _=False: "before")
    for seed in range(1, 8):
        kept.add(third, week(seed))
    monkeypatch.setattr(results, "code_digest", lambda _=False: "now")
    carry_over(kept, [third], ["before"], 1)
    assert "in all 3 weeks that were measured again, 1 to 2 of each. Seconds" in said_of(kept, OTHER, third)


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
