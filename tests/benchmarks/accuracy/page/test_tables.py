"""Results are kept and counted once, tables say what was measured, and the document holds every part."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.accuracy import __main__ as command
from benchmarks.accuracy.measurement import results
from benchmarks.accuracy.measurement.measure import TAILS, measured
from benchmarks.accuracy.measurement.summary import Share, Summary, tail_ratio
from benchmarks.accuracy.page import pictures, tables
from benchmarks.accuracy.page.targets import TARGETS
from benchmarks.accuracy.worlds.catalogue import WORLDS
from benchmarks.accuracy.worlds.declare import Campaign, World

ROOT = Path(__file__).resolve().parents[4]

SMALL = World(
    "small", "a small week", n_accounts=1_500, communities=(5,), fandoms=(30,), volunteers=20, offices=6, quoters=6,
    newsrooms=6, matches=1, peers=True,
    campaigns=(Campaign("ten sources", occasions=12), Campaign("one source", sources=1, size=10)),
)  # fmt: skip


@pytest.fixture(scope="module")
def week() -> dict:
    return json.loads(json.dumps(measured(SMALL, 1)))


def made(**changes) -> dict:
    sizes = {"organic": 90, "fan": 10, "volunteer": 5, "campaign:x": 4}
    told = {"seed": 1, "false": 0, "innocent": 100, "sizes": sizes, "named": {}, "cpu_s": 1.0, "simulate_cpu_s": 0.1}
    return told | changes


def test_a_measured_week_adds_up(week: dict) -> None:
    assert sum(week["sizes"].values()) == 1_500
    assert week["innocent"] == 1_500 - 30 - 23
    assert week["false"] == sum(
        n for r, n in week["named"].items() if r not in {"campaign:ten sources", "campaign:one source"}
    )
    assert all(0 <= week["named"].get(role, 0) <= n for role, n in week["sizes"].items())
    assert 0 <= week["ap"] <= 1
    assert set(week["ap_by_kind"]) == {"ten sources", "one source"}
    assert week["tails"]["repost"]["at"] == sorted(week["tails"]["repost"]["at"], reverse=True)
    assert all(c <= a for c, a in zip(week["tails"]["repost"]["crowd"], week["tails"]["repost"]["at"], strict=True))
    assert all(n <= week["sizes"][role] * 5 for own in week["listed"].values() for role, n in own.items())
    assert len(week["peers"]) == 5


def test_equal_seeds_measure_the_same(week: dict) -> None:
    again = json.loads(json.dumps(measured(SMALL, 1)))
    timed = {"cpu_s", "simulate_cpu_s", "peak_mb", "assess_cpu_s", "peers"}
    assert {k: v for k, v in again.items() if k not in timed} == {k: v for k, v in week.items() if k not in timed}


def test_volunteers_and_campaigns_are_counted_apart() -> None:
    summary = Summary([made(named={"volunteer": 3, "campaign:x": 3}), made(named={"fan": 1, "campaign:x": 4}, false=1)])
    assert summary.false == Share(1, 200)
    assert summary.spoiled == Share(1, 2)
    assert summary.discovery == Share(1, 8)
    assert summary.found("x") == Share(7, 8)
    assert summary.volunteers == Share(3, 10)
    assert summary.false_roles == {"fan": 1}


def test_who_is_listed_for_late_strikes_is_counted_where_it_was_looked_for() -> None:
    sizes = {"fan": 10, "campaign:x": 4}
    summary = Summary([made(listed={"late": {"campaign:x": 3, "fan": 1}}), made(listed={"one": {"fan": 9}}), made()])
    assert (summary.late("campaign:x"), summary.late("fan")) == (Share(3, 4), Share(1, 10))
    assert Summary([made()]).late("fan") == Share(0, 0) and made()["sizes"].items() >= sizes.items()


def test_means_leave_out_weeks_without_the_number() -> None:
    summary = Summary([made(ap=0.5), made(ap=1.0), made(), made(ap=float("nan"))])
    assert summary.mean("ap") == 0.75
    assert summary.worst("ap") == 0.5
    low, high = summary.around("ap")
    assert (low + high) / 2 == pytest.approx(0.75)
    assert (high - low) / 2 == pytest.approx(1.96 * (0.5**2 / 2) ** 0.5 / 2**0.5)


def test_the_tail_sets_what_was_seen_beside_what_chance_allows() -> None:
    tails = {"repost": {"tests": 10**6, "at": [99] * len(TAILS), "crowd": list(range(len(TAILS), 0, -1))}}
    rows = tail_ratio([made(tails=tails), made(tails=tails)], "repost")
    assert rows[0] == (pytest.approx(1e-3), 2 * len(TAILS), pytest.approx(2_000))
    assert rows[-1] == (pytest.approx(1e-12), 2, pytest.approx(2e-6))


def test_kept_weeks_count_for_their_code_and_declaration_only(tmp_path: Path, monkeypatch) -> None:
    kept = results.Kept(tmp_path)
    kept.add(SMALL, made(seed=2))
    kept.add(SMALL, made(seed=1))
    with (tmp_path / "small.jsonl").open("a") as file:
        file.write('{"seed": 3, "cut o')
    assert list(kept.of(SMALL)) == [1, 2]
    assert list(kept.of(replace(SMALL, title="other words", seeds=99))) == [1, 2]
    assert kept.of(replace(SMALL, stars=2)) == {}
    monkeypatch.setattr(results, "code_digest", lambda *_: "another")
    assert kept.of(SMALL) == {}


ASSESSED = """
import numpy as np, pandas as pd, spmc_tools as spmc
draw = np.random.default_rng(1)
seconds = 1.76e9 + draw.integers(0, 90_000, 600)
table = pd.DataFrame({"account_id": draw.integers(0, 40, 600), "object_id": draw.integers(0, 90, 600).astype(str)})
table["t"], table["source_id"] = pd.to_datetime(seconds, unit="s", utc=True), table.object_id.str[:1]
spmc.assess(table, windows_s=(60, 600), context={1: "newsroom"}, seed=1)
"""
INVESTIGATED = """
import json, pathlib, spmc_tools as spmc
from spmc_tools.importers.import_files import import_files
facts = {"title": "T", "purpose": "P", "legal_basis": "L", "date_from": "2025-10-06", "date_to": "2025-11-16"}
case, path = spmc.create_case("one", **facts), pathlib.Path("posts.jsonl")
rows = [{"id": str(n), "author_id": str(n % 40), "text": "x", "created_at": f"2025-11-06T{n % 24:02}:00:00.000Z",
         "referenced_tweets": [{"type": "retweeted", "id": str(n % 90)}]} for n in range(600)]
path.write_text("".join(json.dumps(row) + chr(10) for row in rows))
import_files(case, [path])
spmc.investigate(case, seed=1)
"""


@pytest.mark.parametrize(
    ("module", "code"),
    [("findings.assessment.assess", ASSESSED), ("findings.pipeline.investigate", INVESTIGATED)],
)
def test_every_module_that_runs_is_in_the_digest(module: str, code: str, tmp_path: Path, monkeypatch) -> None:
    """What Python has loaded after a call, beside what the imports in the code tell."""
    monkeypatch.setenv("SPMC_CASES", str(tmp_path / "cases"))
    code += '\nimport json, sys; print(json.dumps([one for one in sys.modules if one.startswith("spmc_tools.")]))'
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    loaded = {name.removeprefix("spmc_tools.") for name in json.loads(done.stdout.splitlines()[-1])}
    decide = {name for name in loaded if name.split(".")[0] in results.DECIDES} - set(results.DECIDE_NOTHING)
    assert len(decide) > 20 and decide <= set(results.rests_on(module))
    assert not {"findings.pipeline.stage_cache", "findings.robustness.power"} & set(results.rests_on(module))


def test_a_run_goes_on_where_it_stopped(tmp_path: Path, monkeypatch, capsys) -> None:
    seen = []

    def pretend(world, seed, **_given):
        seen.append((world.name, seed))
        return made(seed=seed)

    monkeypatch.setattr(command, "measured", pretend)
    given = ["--rows", "wires-4", "wires-8", "--seeds", "2", "--kept", str(tmp_path)]
    command.main([*given, "--minutes", "0"])
    assert seen == []
    command.main(given)
    assert seen == [("wires-4", 1), ("wires-8", 1), ("wires-4", 2), ("wires-8", 2)]
    command.main(given)
    assert len(seen) == 4
    assert "0 weeks to measure" in capsys.readouterr().out
    command.main([*given[:4], "3", *given[5:], "--rows", "wires-4", "--seeds", "3", "--estimate"])
    assert len(seen) == 4
    with pytest.raises(SystemExit):
        command.main(["--rows", "nowhere"])


def test_tables_are_filled_between_markers_and_nothing_else_changes(week: dict) -> None:
    parts = "\n".join(
        f"## {name}\n<!-- measured: {name} -->\nold\n<!-- end: {name} -->\nkept {name}" for name in tables.SECTIONS
    )
    known = {"mixed-h80": [week | {"world": "mixed-h80"}], "organic-20k": [week]}
    text = tables.filled(parts, known)
    assert "\nold\n" not in text
    assert all(f"kept {name}" in text for name in tables.SECTIONS)
    assert tables.filled(text, known) == text
    assert "nan" not in text
    assert f"| `mixed-h80` | 1 of {WORLDS['mixed-h80'].seeds} | 1 | 1 |" in text
    assert "| `organic-100k` | **none** of 20 | – | – | `python -m benchmarks.accuracy --rows organic-100k" in text
    row = next(line for line in text.splitlines() if line.startswith("| `mixed-h80` | counting"))
    assert row.count("|") == 10
    with pytest.raises(ValueError, match="wanted"):
        tables.filled(parts.replace("measured: cost", "measured: costs"), known)


def test_nothing_measured_is_said_so() -> None:
    parts = "\n".join(f"<!-- measured: {name} -->\n<!-- end: {name} -->" for name in tables.SECTIONS)
    text = tables.filled(parts, {})
    assert "Nothing of this was measured" in text
    assert text.count("not measured") == len(TARGETS)


def test_every_target_is_of_a_known_world_and_kind() -> None:
    kinds = {name: {c.kind for c in world.campaigns} | {"network"} for name, world in WORLDS.items()}
    for target in TARGETS:
        assert target.world in WORLDS
        if target.wanted.startswith("named, "):
            assert target.wanted.removeprefix("named, ").split(":")[0] in kinds[target.world]


def test_pictures_are_the_same_bytes_each_time(tmp_path: Path, week: dict) -> None:
    known = {"mixed-h95": [week], "organic-20k": [week]}
    for folder in ("one", "two"):
        pictures.write(tmp_path / folder, known)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["falsely_named.svg", "precision_recall.svg", "qq.svg"]
    assert all((tmp_path / "one" / n).read_bytes() == (tmp_path / "two" / n).read_bytes() for n in names)
    assert all((tmp_path / "one" / n).stat().st_size < 120_000 for n in names)


def test_the_document_holds_every_part() -> None:
    text = (ROOT / "docs" / "measured" / "accuracy.md").read_text(encoding="utf-8")
    for name in tables.SECTIONS:
        assert text.count(f"<!-- measured: {name} -->") == text.count(f"<!-- end: {name} -->") == 1
    for picture in ("qq", "precision_recall", "falsely_named"):
        assert f"images/accuracy/{picture}.svg" in text
        assert (ROOT / "docs" / "images" / "accuracy" / f"{picture}.svg").exists()


def test_words_do_not_make_measured_weeks_void_and_a_number_does() -> None:
    code = 'LIMIT = 3\n"""What it is."""\n\n\ndef held(n):\n    """Say."""\n    return n > LIMIT  # more\n'
    words = 'LIMIT = 3\n"""Other words."""\n\ndef held(n):\n    "Tell."\n    return (n > LIMIT)\n'
    assert results.statements(code) == results.statements(words)
    assert results.statements(code) != results.statements(code.replace("3", "4"))
    assert results.statements(code) != results.statements(code.replace(">", ">="))
    assert results.statements('x = "a"') != results.statements('x = "b"')
