"""Stages that a case keeps: read where nothing changed, made anew where anything did, and never a different result."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import zipfile
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spmc_tools as spmc
from spmc_tools.case.log.logged_results import STAGES
from spmc_tools.custody.review.verify import verify
from spmc_tools.findings import stored_results as stored
from spmc_tools.findings.pipeline import stage_cache as kept_stages
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.findings.pipeline.stage_cache import KeptStages, content_hash, usage
from spmc_tools.text import text_cache as remembered
from tests.findings.made_up_cases import added, case_of

if TYPE_CHECKING:
    from pathlib import Path


def without_marks(found: Any) -> dict[str, Any]:
    """The notes but for the marks and decisions of a case, which a table of records has not."""
    return {name: said for name, said in found.notes.items() if name not in {"cleared", "pattern_decisions"}}


def equal(one: Any, two: Any) -> None:
    for name in stored.SCHEMAS:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
    assert one.not_run == two.not_run
    assert without_marks(one) == without_marks(two)


@pytest.fixture
def everything_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep stages however little they took."""
    monkeypatch.setattr(kept_stages, "LEAST_S", 0.0)


@pytest.fixture
def case(world: pd.DataFrame, tmp_path: Path, everything_kept: None) -> Any:
    """A case that holds the made-up world and keeps every stage."""
    return case_of(world, tmp_path)


def told(case: Any) -> dict[str, Any]:
    kept: dict[str, Any] = case.ledger.entries()[-1]["payload"]["kept_stages"]
    return kept


TRACES = ["co_repost", "copypasta", "compressed_repertoire"]


def test_what_is_kept_gives_what_is_worked_out(case: Any, world: pd.DataFrame) -> None:
    """Each look has another question, so that no whole result is read; the second route is the DataFrame."""
    investigate(case, TRACES, context={"a0001": "newsroom"})
    first = told(case)
    assert set(first["made"]) >= {"co_repost: actions", "co_repost: assessment", "copypasta: untimed"}
    assert not first["read"] and not first["unsound"]
    for context in ({"a0002": "newsroom"}, {"c0000": "official"}, {}):
        equal(investigate(case, TRACES, context=context), investigate(world, TRACES, context=context))
        now = told(case)
        assert {"co_repost: actions", "copypasta: actions", "copypasta: untimed"} <= set(now["read"])
        assert "compressed_repertoire: detector" in now["read"] and not now["unsound"]
        assert now["read"]["copypasta: actions"] in first["results"].values()


def test_a_context_asks_for_no_new_assessment_and_changes_who_is_named(case: Any, members: list[str]) -> None:
    first = investigate(case, ["co_repost", "copypasta"])
    context = dict.fromkeys(members[:3], "newsroom")
    found = investigate(case, ["co_repost", "copypasta"], context=context)
    assert {"co_repost: assessment", "copypasta: assessment"} <= set(told(case)["read"])
    tiers = [one.accounts.set_index("account_id")["tier"] for one in (first, found)]
    assert tiers[0][members[:3]].notna().all() and tiers[1][members[:3]].isna().all()


def test_one_more_import_makes_anew_what_it_touches_and_nothing_else(
    case: Any, world: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    investigate(case, TRACES)
    more = pd.DataFrame(
        {
            "record_id": [f"n{i}" for i in range(60)], "platform": "x", "kind": "post", "time_precision_s": 1.0,
            "account_id": [f"new{i % 12:02d}" for i in range(60)],
            "created_at": pd.Timestamp("2025-11-03", tz="UTC") + pd.to_timedelta(np.arange(60) * 631, unit="s"),
            "text": [f"पानी की टंकी {i // 3} के पास सफाई अभियान कल सुबह से शुरू होगा" for i in range(60)],
            "source_sha256": "cd" * 32, "source_row": np.arange(60),
        }
    )  # fmt: skip
    added(case, more, tmp_path, "more")
    asked: list[int] = []
    real = remembered.remembered

    def counted(name: str, texts: Any, read: Any) -> Any:
        return real(name, texts, lambda text: asked.append(1) or read(text))

    monkeypatch.setattr("spmc_tools.text.near_duplicates.remembered", counted)
    found = investigate(case, TRACES)
    now = told(case)
    assert "co_repost: assessment" in now["read"]  # posts leave the reposts as they were
    assert {"copypasta: assessment", "copypasta: untimed"} <= set(now["made"])
    n_texts = more["text"].nunique()
    assert len(asked) == 2 * n_texts  # match key and form of the new texts alone
    equal(found, investigate(pd.concat([world, more], ignore_index=True), TRACES))


def test_spoilt_foreign_and_missing_files_are_made_anew_with_a_word(
    case: Any, world: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    investigate(case, TRACES)
    folder = case.path / STAGES
    files = sorted(folder.glob("s*.zip"))
    files[0].write_bytes(b"")
    files[1].write_bytes(files[2].read_bytes())  # a sound file under another name
    files[3].unlink()
    with zipfile.ZipFile(files[4], "a") as file:
        file.writestr("more.txt", "added by somebody")
    (folder / f"s{'0' * 40}.zip").write_bytes(b"nobody's")
    assert not verify(case.path, log=False).ok
    with caplog.at_level(logging.WARNING):
        found = investigate(case, TRACES, context={"nobody": "newsroom"})
    plain = investigate(world, TRACES, context={"nobody": "newsroom"})
    equal(found, plain)
    now = told(case)
    assert len(now["unsound"]) == 3
    assert all(what.startswith("it was changed") for what in now["unsound"].values())
    assert len([line for line in caplog.messages if "worked out anew" in line]) == 3
    assert verify(case.path, log=False).ok


def test_files_that_no_entry_tells_of_are_not_read(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(type(case), "log", lambda *_: None)
        investigate(case, TRACES)
    investigate(case, TRACES)
    now = told(case)
    assert not now["read"]
    assert set(now["unsound"].values()) == {"it is not one that the custody log tells of"}


def test_other_source_code_reads_nothing(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    investigate(case, TRACES)
    module = __import__("importlib").import_module("spmc_tools.findings.pipeline.investigate")
    monkeypatch.setattr(module, "code_digest", lambda _module: "other source")
    investigate(case, TRACES)
    assert not told(case)["read"] and not told(case)["unsound"]


def test_a_look_that_is_broken_off_goes_on_where_it_stopped(
    case: Any, world: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = __import__("importlib").import_module("spmc_tools.findings.pipeline.investigate")

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, "found_events", interrupted)
        with pytest.raises(KeyboardInterrupt):
            investigate(case, TRACES)
    assert verify(case.path, log=False).ok
    assert not list((case.path / "derived").rglob("*.part"))
    assert case.ledger.entries()[-1]["payload"]["stage"] == "stages"
    equal(investigate(case, TRACES), investigate(world, TRACES))
    now = told(case)
    assert {"co_repost: assessment", "copypasta: assessment", "copypasta: untimed"} <= set(now["read"])
    assert not now["made"]


LOOK = """
import sys, time
import spmc_tools as spmc
from spmc_tools.findings.pipeline import stage_cache as kept_stages
kept_stages.LEAST_S = 0.0
def progress(stage, done, total):
    if stage == "clusters":
        print("at clusters", flush=True)
        time.sleep(120)
spmc.investigate(spmc.open_case("kept"), ["co_repost", "copypasta", "compressed_repertoire"], progress=progress)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_ctrl_c_in_another_process_leaves_the_case_whole(case: Any, world: pd.DataFrame) -> None:
    with subprocess.Popen([sys.executable, "-c", LOOK], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at clusters\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) != 0
    assert verify(case.path, log=False).ok
    assert not list(case.path.rglob("*.part"))
    equal(investigate(spmc.open_case("kept"), TRACES), investigate(world, TRACES))
    now = told(case)
    assert {"co_repost: assessment", "copypasta: actions"} <= set(now["read"]) and not now["made"]


def test_the_folder_is_bounded_and_the_oldest_goes_first(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_stages, "MOST_FILES", 3)
    for seed in range(3):
        investigate(case, ["co_repost"], seed=seed)
        number, size = usage(case)
        assert number <= 3 and size > 0
        assert set(told(case)["results"]) == {path.name for path in (case.path / STAGES).glob("*.zip")}
    investigate(case, ["co_repost"], seed=2, context={"nobody": "official"})
    assert "co_repost: assessment" in told(case)["read"]
    monkeypatch.setattr(kept_stages, "MOST_BYTES", 10)
    investigate(case, ["co_repost"], seed=7)
    assert usage(case) == (0, 0)


def test_little_work_is_not_kept(world: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_stages, "LEAST_S", 1e9)
    case = case_of(world[world["kind"] == "repost"], tmp_path)
    investigate(case, ["co_repost"])
    assert usage(case) == (0, 0)


def test_nothing_is_kept_without_a_case() -> None:
    stages = KeptStages(None, "")
    assert stages.of("anything", [], lambda: 7) == 7
    with stages.whole_look():
        assert remembered.remembered("upper", ["a", "b"], str.upper) == ["A", "B"]


@given(values=st.lists(st.one_of(st.none(), st.text(max_size=4)), min_size=1, max_size=12), cut=st.integers(0, 12))
@settings(max_examples=40, deadline=None)
def test_the_hash_is_of_the_content(values: list[str | None], cut: int) -> None:
    cut = min(cut, len(values))
    whole = pa.table({"x": pa.array(values, pa.string())})
    pieces = pa.table(
        {"x": pa.chunked_array([pa.array(values[:cut], pa.string()), pa.array(values[cut:], pa.string())])}
    )
    assert content_hash(pieces) == content_hash(whole)
    other = [*values[:-1], (values[-1] or "") + "x"]
    assert content_hash(pa.table({"x": pa.array(other, pa.string())})) != content_hash(whole)
    assert content_hash(whole.rename_columns(["y"])) != content_hash(whole)


def test_the_hash_of_nothing() -> None:
    assert content_hash(None) == ""
    assert content_hash(pa.table({"x": pa.array([], pa.int64())})) != content_hash(pa.table({"y": pa.array([1])}))


@pytest.mark.parametrize(("used_s", "logged"), [(60.0, 0), (60.5, 1)])
def test_what_is_kept_is_logged_once_it_is_worth_a_minute(monkeypatch, used_s, logged) -> None:
    calls: list[None] = []
    kept: Any = SimpleNamespace(_logged=7.0, _log_broken_off=lambda: calls.append(None))
    monkeypatch.setattr(kept_stages.time, "process_time", lambda: 7.0 + used_s)
    KeptStages._log_now_and_then(kept)
    assert len(calls) == logged


def test_what_is_kept_is_logged_once_however_often_it_is_asked_for(case: Any) -> None:
    kept = KeptStages(case, "this source")
    n_entries = len(case.ledger.entries())
    kept.of("first", ["a"], lambda: pa.table({"x": [1]}))
    kept._log_broken_off()
    kept._log_broken_off()
    assert len(case.ledger.entries()) == n_entries + 1
    kept.of("second", ["a"], lambda: pa.table({"x": [2]}))
    kept._log_broken_off()
    assert len(case.ledger.entries()) == n_entries + 2


def test_readings_of_texts_are_joined_into_one_file_where_their_files_become_many(case: Any) -> None:
    digests, n_files = [f"{number:016}".encode() for number in range(8)], []
    stages = KeptStages(case, "this source")
    for number, digest in enumerate(digests):
        texts = kept_stages._Texts(stages)
        known = [(f"reading {earlier}",) for earlier in range(number)]
        assert texts.known("words", digests) == [*known, *[None] * (8 - number)]
        texts.learn("words", [(digest, f"reading {number}")])
        texts.keep()
        n_files.append(usage(case)[0])
    assert n_files == [1, 2, 3, 4, 5, 6, 1, 2]
