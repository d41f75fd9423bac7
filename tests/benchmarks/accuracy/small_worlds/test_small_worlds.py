"""Small worlds are counted once, kept for the code that measured them, and their tables say what was measured."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import spmc_tools as spmc
from benchmarks.accuracy import __main__ as entry
from benchmarks.accuracy.measurement.results import ROOT, code_digest
from benchmarks.accuracy.opponents import OPPONENTS, STRUCTURES, made
from benchmarks.accuracy.small_worlds import command, small_page
from benchmarks.accuracy.small_worlds.aims import LEAST_AP
from benchmarks.accuracy.small_worlds.kept_outcomes import KeptOutcomes
from benchmarks.accuracy.small_worlds.outcome import (
    COUNT,
    DRAWS,
    SCORE,
    Outcome,
    Ranking,
    Tally,
    measured,
    pairs_in_step,
    ranking_of,
    tally,
)
from benchmarks.accuracy.small_worlds.world_roles import left_out_roles, member_roles
from spmc_tools.code_digest import import_closure

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.accuracy.opponents.parts import Declaration

NOBODY = Tally(300, 0, 0)


def outcome(world: str, seed: int, members: Tally, others: Tally = NOBODY, **aps: float) -> Outcome:
    """An outcome whose draws lie evenly within .02 of each ranking's average precision."""
    rankings = {name: Ranking(ap, tuple(ap + step for step in (-0.02, 0.0, 0.02))) for name, ap in aps.items()}
    return Outcome(world, seed, 1_000, members, others, rankings, 1.0)


def ranked(world: str, seed: int, members: Tally, score: float, count: float, others: Tally = NOBODY) -> Outcome:
    return outcome(world, seed, members, others, **{SCORE: score, COUNT: count})


def row(lines: list[str], name: str) -> list[str]:
    """The cells of the one row that begins with this name."""
    found = [line.strip("| ").split(" | ") for line in lines if line.startswith(f"| {name} |")]
    assert len(found) == 1
    return found[0]


def small(declaration: Declaration) -> Declaration:
    return replace(declaration, background=replace(declaration.background, people=300, communities=3))


@cache
def small_reference() -> Outcome:
    return measured(small(OPPONENTS["reference, in company"]), 1, ranked=True)


# -- who is who -----------------------------------------------------------------------------------------------------


def test_every_role_of_every_world_is_a_member_left_out_or_another_accounts() -> None:
    """By hand: what the members of each are called, who calls or publishes, and who is there beside them."""
    members = {name: member_roles(declaration) for name, declaration in STRUCTURES.items() if "," not in name}
    assert members == {
        "newsrooms": {"newsroom"}, "hobby relays": {"relay"}, "weather pages": {"weather_page"}, "franchise": {"shop"},
        "fan pages": {"fan"}, "forward list": {"forwarder"}, "school pages": {"school"}, "greetings": {"greeter"},
        "district pages": {"district_page"}, "score bots": {"score_bot"}, "schedulers": {"scheduler"},
        "branches rewrite": {"branch"},
        "volunteers": {"volunteer"}, "power cuts": {"feeder_page"}, "prayers": {"devotee", "namazi"},
        "train outage": {"commuter"}, "challenge": {"challenger"}, "turns alike": {"stop_page"},
    }  # fmt: skip
    left_out = {name: left_out_roles(declaration) for name, declaration in STRUCTURES.items() if "," not in name}
    assert {name: roles for name, roles in left_out.items() if roles} == {
        "newsrooms": {"wire"}, "hobby relays": {"agency"}, "fan pages": {"fan_page"}, "school pages": {"department"},
        "district pages": {"headquarters"}, "volunteers": {"volunteer_leader"}, "power cuts": {"utility"},
    }  # fmt: skip
    assert {member_roles(declaration) for declaration in OPPONENTS.values()} == {frozenset({"member"})}
    assert left_out_roles(OPPONENTS["reference, in company"]) == {"star", "volunteer_leader"}
    assert left_out_roles(OPPONENTS["drip"]) == set()


# -- one world ------------------------------------------------------------------------------------------------------


def test_tiers_a_and_b_are_named_and_c_is_shown_too() -> None:
    assert tally(pd.Series(["A", "B", "C", "C", None, "B", float("nan")])) == Tally(7, 3, 5)


def test_pairs_in_step_are_those_of_the_best_partner_over_reposts_and_copied_texts() -> None:
    """Counted by hand: a and b share two reposts and one text, b and c one repost; 61 s is late."""
    text = "nineteen painted boats wait under the old bridge for a flood that nobody in town expects"
    acts = [
        ("a", 0, "p1", ""), ("b", 60, "p1", ""), ("c", 121, "p1", ""),
        ("a", 1_000, "p2", ""), ("b", 990, "p2", ""), ("c", 1_050, "p2", ""),
        ("a", 5_000, None, text), ("b", 5_010, None, text), ("d", 5_071, None, text),
    ]  # fmt: skip
    start = pd.Timestamp("2025-11-03", tz="UTC")
    records = pd.DataFrame(
        {
            "record_id": [f"r{n}" for n in range(len(acts))],
            "platform": "x",
            "account_id": [account for account, *_ in acts],
            "created_at": [start + pd.Timedelta(seconds=s) for _, s, *_ in acts],
            "time_precision_s": 1,
            "kind": ["repost" if post else "post" for *_, post, _ in acts],
            "text": [words for *_, words in acts],
            "ref_record_id": [post for *_, post, _ in acts],
            "ref_account_id": ["s" if post else None for *_, post, _ in acts],
        }
    )
    # a-b: p1, p2, text; a-c: p2; b-c: p2 (60 s), p1 at 61 s is late; d is 61 s after b
    assert pairs_in_step(records).to_dict() == {"a": 3.0, "b": 3.0, "c": 1.0, "d": 0.0}


def test_equal_scores_are_one_step_and_draws_come_from_both_kinds() -> None:
    """By hand: one of two at the first step, two of five at the second: (1/2 + 2/5) / 2."""
    score, right = np.array([3.0, 3.0, 1.0, 1.0, 1.0]), np.array([True, False, True, False, False])
    found = ranking_of(score, right)
    assert found.ap == pytest.approx((1 / 2 + 2 / 5) / 2)
    assert len(found.drawn) == DRAWS and len(set(found.drawn)) > 5
    assert ranking_of(np.array([1.0, 1.0, 0.0, 0.0]), np.array([True, True, False, False])).drawn == (1.0,) * DRAWS


def test_a_small_world_is_counted_as_by_hand() -> None:
    """The same world looked at again, account by account; its stars and leaders stand in no ranking."""
    found = small_reference()
    world = made(small(OPPONENTS["reference, in company"]), 1)
    accounts = spmc.investigate(world.records).accounts
    tiers: dict[bool, list[object]] = {True: [], False: []}
    judged = []
    for account, tier, score in zip(accounts["account_id"], accounts["tier"], accounts["score"], strict=True):
        role = world.roles[account]
        tiers[role == "member"].append(tier)
        if role not in {"star", "volunteer_leader"}:
            judged.append((float(score), role == "member"))
    for kind, counted in ((True, found.members), (False, found.others)):
        named = sum(tier in {"A", "B"} for tier in tiers[kind])
        assert counted == Tally(len(tiers[kind]), named, named + sum(tier == "C" for tier in tiers[kind]))
    assert found.members.accounts == 20 and found.members.named > 0
    n_members, area, hits = 20, 0.0, 0
    for step in sorted({score for score, _ in judged}, reverse=True):
        here = sum(member for score, member in judged if score == step)
        hits += here
        area += here / n_members * hits / sum(score >= step for score, _ in judged)
    assert found.rankings[SCORE].ap == pytest.approx(area)
    assert found.rankings[COUNT].ap < 1.0  # fans on push notification are in step too
    assert found.n_records == len(world.records)


def test_stars_and_leaders_stand_in_no_ranking_but_count_as_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scored and named before the members, they cost nothing of the ranking, and each is another account named."""
    world = made(small(OPPONENTS["reference, in company"]), 1)
    seen = sorted(set(world.records["account_id"]))
    roles = [world.roles[account] for account in seen]
    by_role = {"star": (9.0, "A"), "volunteer_leader": (8.0, "B"), "member": (7.0, "C")}
    said = [by_role.get(role, (0.0, None)) for role in roles]
    accounts = pd.DataFrame(
        {"account_id": seen, "score": [score for score, _ in said], "tier": [tier for _, tier in said]}
    )
    monkeypatch.setattr(spmc, "investigate", lambda _records: SimpleNamespace(accounts=accounts))
    found = measured(small(OPPONENTS["reference, in company"]), 1, ranked=True)
    assert found.rankings[SCORE] == Ranking(1.0, (1.0,) * DRAWS)
    assert found.members == Tally(20, 0, 20)
    n_aside = roles.count("star") + roles.count("volunteer_leader")
    assert n_aside == 5 + 3 and found.others == Tally(len(seen) - 20, n_aside, n_aside)
    assert measured(small(OPPONENTS["reference, in company"]), 1, ranked=False).rankings == {}


# -- kept -----------------------------------------------------------------------------------------------------------


def test_what_is_kept_comes_back_the_same_and_once(tmp_path: Path) -> None:
    kept = KeptOutcomes(tmp_path / "new")
    first = ranked("drip", 2, Tally(20, 1, 2), 0.5, 0.25)
    for added in (first, ranked("drip", 1, Tally(20, 0, 0), 0.1, 0.2), replace(first, n_records=7)):
        kept.add(added)
    assert list(kept.of("drip")) == [1, 2]
    assert kept.of("drip")[2] == replace(first, n_records=7)
    kept.add(outcome("weather pages, half", 1, Tally(12, 1, 1)))
    assert kept.of("weather pages") == {} and list(kept.of("weather pages, half")) == [1]


@pytest.mark.parametrize("key", ["code", "worlds"])
def test_what_other_code_measured_does_not_count(tmp_path: Path, key: str) -> None:
    kept = KeptOutcomes(tmp_path)
    kept.add(ranked("drip", 1, Tally(20, 1, 2), 0.5, 0.25))
    (path,) = tmp_path.iterdir()
    stored = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(stored | {key: "0" * 16}), encoding="utf-8")
    assert kept.of("drip") == {}
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert list(kept.of("drip")) == [1]


def test_the_digest_reads_every_module_that_a_measurement_loads() -> None:
    code = (
        "import sys, benchmarks.accuracy.small_worlds.outcome as m; from pathlib import Path;"
        "print(*sorted(n for n in sys.modules if n.startswith('benchmarks.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    closure = import_closure("benchmarks.accuracy.small_worlds.outcome", ROOT / "benchmarks")
    assert set(done.stdout.split()) <= set(closure.sources)
    assert "benchmarks.accuracy.opponents.strikes" in closure.sources
    assert not any(name.endswith(("small_page", "command")) for name in closure.sources)


# -- a run ----------------------------------------------------------------------------------------------------------


def test_a_run_goes_on_where_it_stopped_seed_by_seed(tmp_path: Path) -> None:
    kept, chosen = KeptOutcomes(tmp_path), [OPPONENTS["drip"], OPPONENTS["trends"]]
    kept.add(ranked("drip", 1, Tally(20, 1, 2), 0.5, 0.25))
    kept.add(ranked("trends", 2, Tally(20, 1, 2), 0.5, 0.25))
    left = [(declaration.name, seed) for declaration, seed in command.missing(chosen, 2, kept)]
    assert left == [("trends", 1), ("drip", 2)]


def test_structures_as_declared_come_before_their_sizes_and_tempos() -> None:
    names = [declaration.name for declaration in command.in_fair_order(list(STRUCTURES.values()))]
    assert sorted(names) == sorted(STRUCTURES) and len(names) == 108
    assert not any(name.endswith((", half", ", double", ", slow")) for name in names[:18])
    assert all(name.endswith(", half") for name in names[18:36])
    assert all(name.endswith(", double, slow") for name in names[-18:])


def test_the_command_measures_keeps_and_prints_and_stops_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, int, bool]] = []

    def quick(declaration: Declaration, seed: int, *, ranked: bool) -> Outcome:
        asked.append((declaration.name, seed, ranked))
        aps = {SCORE: 0.5, COUNT: 0.25} if ranked else {}
        return outcome(declaration.name, seed, Tally(20, 1, 2), **aps)

    monkeypatch.setattr(command, "measured", quick)
    entry.main(["--opponents", "--structures", "--kept", str(tmp_path), "--minutes", "0"])
    assert asked == [] and "The time is over" in capsys.readouterr().err
    entry.main(["--opponents", "--kept", str(tmp_path), "--seeds", "2", "--estimate"])
    assert asked == [] and capsys.readouterr().err.startswith("64 small worlds")
    entry.main(["--structures", "--opponents", "--kept", str(tmp_path)])
    assert [name for name, *_ in asked[:32]] == list(OPPONENTS) and len(asked) == 32 + 108
    assert all(ranked == (name in OPPONENTS) for name, _, ranked in asked)
    assert capsys.readouterr().out.count("Nothing is left to measure") == 2
    entry.main(["--opponents", "--kept", str(tmp_path)])
    assert len(asked) == 32 + 108


# -- tables ---------------------------------------------------------------------------------------------------------


def test_the_row_of_an_opponent_by_hand() -> None:
    """Two seeds: sums of accounts, the mean of .99 and .95; draws of the mean are .95, .97 and .99."""
    lines = small_page.page_lines(
        "opponents",
        [
            ranked("three shifts", 1, Tally(20, 15, 18), 0.99, 0.5, Tally(300, 1, 4)),
            ranked("three shifts", 3, Tally(20, 5, 6), 0.95, 0.7, Tally(300, 0, 3)),
            ranked("hot night", 1, Tally(60, 60, 60), 0.95, 0.99),
            ranked("decoys", 1, Tally(20, 0, 0), 0.2, 0.1),
        ],
        seeds=3,
    )
    shifts, night = row(lines, "three shifts"), row(lines, "hot night")
    assert shifts[:6] == ["three shifts", "1, 3", "40", "20", "24", "1, 7"]
    assert shifts[6] == "0.970 [0.951, 0.989]"  # a twentieth of the way from the outer draws to the middle one
    assert shifts[7].startswith("0.600 [") and shifts[8] == "+0.370 [+0.370, +0.370]"
    assert shifts[9] == "≥ 0.98: **not reached**"
    assert (night[9], night[8]) == ("≥ 0.95: reached", "−0.040 [−0.040, −0.040]")
    assert row(lines, "decoys")[9] == "–"
    assert lines[0] == f"Code {code_digest(True)}, 4 worlds."
    assert len([line for line in lines if line.startswith("| ")]) == 1 + 3


def test_what_was_not_measured_is_said_by_name_and_seed() -> None:
    every = [ranked(name, seed, Tally(20, 0, 0), 0.5, 0.5) for name in OPPONENTS for seed in (1, 2)]
    without = [x for x in every if (x.world, x.seed) not in {("drip", 1), ("trends", 1), ("trends", 2)}]
    assert (
        small_page.page_lines("opponents", every, 2)[-1] == "Nothing is left to measure of 32 worlds with seeds 1 to 2."
    )
    assert (
        small_page.page_lines("opponents", without, 2)[-1]
        == "Not measured yet, of 32 worlds with seeds 1 to 2: trends (seed 1, 2); drip (seed 1)."
    )


def test_the_row_of_a_structure_by_hand() -> None:
    """Two of six variants; 1 of 60 is above one in a hundred, 0 of 60 with an upper end of 1 − .025^(1/60) is not."""
    lines = small_page.page_lines(
        "structures",
        [
            outcome("weather pages", 1, Tally(20, 1, 20), Tally(300, 2, 5)),
            outcome("weather pages, half, slow", 1, Tally(10, 0, 4)),
            outcome("weather pages, half, slow", 2, Tally(30, 0, 6)),
            *(outcome(f"franchise{ending}", 1, Tally(10, 0, 0)) for ending in small_page.VARIANTS),
        ],
        seeds=1,
    )
    pages, shops = row(lines, "weather pages"), row(lines, "franchise")
    assert pages[:4] == ["weather pages", "2 of 6, 3", "60", "1"] and pages[4].startswith("0.017 [0.000, ")
    assert pages[5] == "30" and pages[6].startswith("0.500 [0.368, 0.632]")
    assert pages[7:] == ["1 of 20", "2, 5", "≤ 1%: **not reached** so far"]
    assert shops[1:5] == ["6 of 6, 6", "60", "0", f"0.000 [0.000, {1 - 0.025 ** (1 / 60):.3f}]"]
    assert shops[-1] == "≤ 1%: reached"
    assert "franchise" not in lines[-1]


def test_missing_structures_stand_under_their_size_and_tempo() -> None:
    """All of half the size are left, of twice the size two, and nothing of the others."""
    every = [outcome(name, 1, Tally(20, 0, 0)) for name in STRUCTURES if not name.endswith(", half")]
    without = [x for x in every if x.world not in {"prayers, double", "greetings, double"}]
    assert small_page.page_lines("structures", without, 1)[-1] == (
        "Not measured yet, of 108 worlds with seed 1. Half: all. Double: greetings (seed 1); prayers (seed 1)."
    )


def test_an_aim_stands_for_a_world_that_there_is() -> None:
    assert set(LEAST_AP) <= set(OPPONENTS)
    assert {small_page.variant(name) for name in STRUCTURES} == set(small_page.VARIANTS)


@pytest.mark.parametrize("kind", ["opponents", "structures"])
def test_the_document_holds_the_markers_and_keeps_the_rest(kind: str, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "measured" / "accuracy.md").read_text(encoding="utf-8")
    start, end = f"<!-- small worlds: {kind} -->\n", f"<!-- end: small worlds: {kind} -->"
    before, rest = text.split(start)
    after = rest.split(end)[1]
    path = tmp_path / "accuracy.md"
    path.write_text(text, encoding="utf-8")
    small_page.write(path, kind, ["a \\1 line", "another"])
    assert path.read_text(encoding="utf-8") == f"{before}{start}a \\1 line\nanother\n{end}{after}"


@pytest.mark.parametrize(
    "text", ["", "<!-- end: small worlds: x --><!-- small worlds: x -->", "<!-- small worlds: x -->"]
)
def test_a_document_without_its_markers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="wanted is each once"):
        small_page.filled(text, "x", ["line"])
