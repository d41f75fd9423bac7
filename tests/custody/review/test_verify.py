"""The evidence pack: one changed byte anywhere is named."""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spmc_tools import __version__
from spmc_tools.cage.cage import outside_of_the_cage
from spmc_tools.case.log.ledger import entry_hash
from spmc_tools.case.store.case import Case, open_case
from spmc_tools.custody.review.verify import verify, write_manifest
from spmc_tools.errors import CaseError, IntegrityError, SpmcError
from spmc_tools.schema import ACCOUNTS, RECORDS, REFUSED
from spmc_tools.signing.manifest import read_manifest
from tests.plain_cases import plain_case

RUN = "20251124-090000-ab12"


def add_file(case: Case, source: Path, count: int) -> None:
    source.write_text("id\n" + "\n".join(map(str, range(count))))
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    at = {"source_sha256": sha256, "source_row": 1, "platform": "x"}
    record = {"account_id": "a", "created_at": datetime(2025, 11, 1, tzinfo=UTC), "kind": "post", "text": "नमस्ते"}
    with case.new_batch(source, sha256) as batch:
        batch.write(
            records=RECORDS.from_rows([{**at, **record, "record_id": f"{source.name}{i}"} for i in range(count)]),
            accounts=ACCOUNTS.from_rows([{**at, "account_id": "a"}]),
            refused=REFUSED.from_rows([{"source_sha256": sha256, "source_row": 9, "reason": "no time"}]),
        )
        batch.commit(format="made-up", read=count + 1, duplicates=0)


def write_run(case: Case, run_id: str = RUN) -> Path:
    run = case.run_dir(run_id)
    (run / "report.html").write_text("<!doctype html><title>रिपोर्ट</title>")
    (run / "notebook.ipynb").write_text("{}")
    (run / "exports").mkdir()
    (run / "exports" / "edges.csv").write_text("account_a,account_b\na,b\n")
    write_manifest(case, run, parameters={"event": "e", "windows": (60, 600)}, seed=7, edition="full")
    return run


def make_whole_case(tmp_path: Path, case_id: str = "one") -> Case:
    made = plain_case(case_id, title="Exercise", date_from="2025-10-06", date_to="2025-11-16", officer="S. I. Kumari")
    add_file(made, tmp_path / "a.csv", 3)
    add_file(made, tmp_path / "b.csv", 2)
    write_run(made)
    made.log("view", {"cluster": "1"})
    return made


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return make_whole_case(tmp_path)


@pytest.fixture
def run(case: Case) -> Path:
    return case.path / "reports" / RUN


def all_files(case: Case) -> list[Path]:
    """Every file that custody covers, but for the log itself."""
    found = [p for part in ("original", "tables", "reports") for p in (case.path / part).rglob("*") if p.is_file()]
    return sorted([*found, case.path / "case.toml"])


def flip(path: Path, position: int, mask: int = 1) -> bytes:
    """Change one byte, and return the content as it was."""
    before = path.read_bytes()
    content = bytearray(before)
    content[position % len(content)] ^= mask
    path.chmod(0o600)
    path.write_bytes(content)
    return before


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# -- what the manifest holds ---------------------------------------------------------------------------------------


def test_manifest_by_a_second_route(case: Case, run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    assert {f["path"]: f["sha256"] for f in manifest["files"]} == {
        name: sha(run / name) for name in ("report.html", "notebook.ipynb", "exports/edges.csv")
    }
    assert all(f["bytes"] == (run / f["path"]).stat().st_size for f in manifest["files"])
    assert {f["path"]: f["sha256"] for f in manifest["inputs"]} == {
        p.relative_to(case.path).as_posix(): sha(p) for p in (case.path / "original").rglob("*.csv")
    }
    assert [f["name"] for f in manifest["inputs"]] == ["a.csv", "b.csv"]
    assert {f["path"]: f["sha256"] for f in manifest["tables"]} == {
        p.relative_to(case.path).as_posix(): sha(p) for p in (case.path / "tables").rglob("*.parquet")
    }
    assert manifest["case_toml"]["sha256"] == sha(case.path / "case.toml")
    assert manifest["lock"]["sha256"] == sha(Path(__file__).parents[3] / "requirements.lock")
    assert manifest["rows"] == {"read": 7, "kept": 5, "duplicates": 0, "refused": 2, "accounts": 2}
    assert (manifest["case"], manifest["run_id"], manifest["status"], manifest["seed"]) == ("one", RUN, "complete", 7)
    assert manifest["parameters"] == {"event": "e", "windows": [60, 600]}
    assert manifest["facts"] == {"edition": "full"}
    assert manifest["officer"] == "S. I. Kumari"
    assert manifest["versions"]["spmc-notebook"] == __version__
    utc, ist = (datetime.fromisoformat(manifest["at"][zone]) for zone in ("utc", "ist"))
    assert utc == ist
    assert ist.utcoffset().total_seconds() == 5.5 * 3600
    entries = case.ledger.entries()
    assert manifest["ledger"] == {"length": 3, "head": entries[2]["hash"]}
    assert entries[3]["kind"] == "report"
    assert entries[3]["payload"]["manifest_sha256"] == sha(run / "manifest.json")


def test_sidecar_is_what_sha256sum_reads(run: Path) -> None:
    tool = shutil.which("sha256sum")
    if tool is None:
        pytest.skip("sha256sum is not on this machine")
    done = subprocess.run([tool, "-c", "manifest.sha256"], cwd=run, capture_output=True, text=True, check=True)
    assert done.stdout == "manifest.json: OK\n"


def test_manifest_holds_no_home_folder(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "kumari"))
    run = case.run_dir("other")
    where = tmp_path / "home" / "kumari" / "x.ipynb"
    where.parent.mkdir(parents=True)
    where.write_text("{}")
    odd = {"at": where, "nan": float("nan"), "set": {"b", "a"}, "day": datetime(2025, 1, 1, tzinfo=UTC)}
    text = write_manifest(case, run, notebook=where, parameters=odd).read_text()
    assert "kumari" not in text.lower().replace("s. i. kumari", "")
    manifest = json.loads(text)
    assert manifest["notebook"] == {"path": "x.ipynb", "bytes": 2, "sha256": hashlib.sha256(b"{}").hexdigest()}
    assert manifest["parameters"] == {
        "at": "~/x.ipynb", "nan": "nan", "set": ["a", "b"], "day": "2025-01-01 00:00:00+00:00",
    }  # fmt: skip


def test_manifest_that_cannot_be_logged_is_taken_back(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    run = case.run_dir("other")

    def refuse(*_args: object) -> None:
        raise SpmcError("the disk is full")

    monkeypatch.setattr(case.ledger, "append", refuse)
    with pytest.raises(SpmcError, match="the disk is full"):
        write_manifest(case, run)
    assert list(run.iterdir()) == []
    found = verify(case.path, log=False)
    assert found.ok
    assert any("reports/other is empty" in sentence for sentence in found.not_checked)


def test_no_link_goes_into_a_pack(case: Case) -> None:
    run = case.run_dir("other")
    (run / "report.html").symlink_to("/etc/hostname")
    with pytest.raises(IntegrityError, match="is a link"):
        write_manifest(case, run)


# -- nothing changed -----------------------------------------------------------------------------------------------


def test_whole_case_and_run(case: Case, run: Path) -> None:
    found = verify(case.path, log=False)
    assert (found.ok, found.first_difference, found.differences) == (True, None, ())
    # 5 entries, case.toml; per batch 1 file and 3 tables; the run: manifest, sidecar, 3 files, head, 8 inputs
    assert found.checked == 5 + 1 + 2 * 4 + (2 + 3 + 1 + 8)
    assert [what[:43] for what in found.not_checked] == ["whether the log was written anew as a whole:"[:43]]
    found = verify(run, log=False)
    assert found.ok
    assert found.checked == 5 + 1 + (2 + 3 + 1 + 8)


def test_check_is_logged_and_the_case_still_whole(case: Case, run: Path) -> None:
    assert verify(case.path).ok
    assert verify(str(run)).ok
    entries = case.ledger.entries()[-2:]
    assert [(e["kind"], e["payload"]["what"], e["payload"]["ok"]) for e in entries] == [
        ("verify", "case", True),
        ("verify", f"reports/{RUN}", True),
    ]
    flip(run / "report.html", 3)
    assert not verify(run).ok
    assert case.ledger.entries()[-1]["payload"]["first_difference"].startswith("report.html: ")
    assert case.ledger.check() is None


def test_later_work_does_not_disturb_a_run(case: Case, run: Path, tmp_path: Path) -> None:
    add_file(case, tmp_path / "c.csv", 4)
    case.change_settings("extended", expires="2026-01-01")
    write_run(case, "second")
    assert verify(run, log=False).ok
    assert verify(case.path, log=False).ok


def test_copied_run_is_checked_without_its_case(run: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(run, tmp_path / "elsewhere" / "copy")
    found = verify(copy)
    assert found.ok
    assert found.checked == 5
    assert any("the case is not here" in sentence for sentence in found.not_checked)
    flip(copy / "exports" / "edges.csv", 5)
    assert str(verify(copy).first_difference).startswith("exports/edges.csv: its content")


def test_copied_case_is_checked_anywhere(case: Case, tmp_path: Path) -> None:
    copy = shutil.copytree(case.path, tmp_path / "Evidence Copy 1")
    assert verify(copy).ok


@pytest.mark.parametrize("name", ["none", "empty", "file"])
def test_what_is_neither_case_nor_run(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    with pytest.raises(CaseError, match=r"^[^\n]+\.$"):
        verify(tmp_path / name)


# -- one byte changed ----------------------------------------------------------------------------------------------


def test_each_kind_of_file_is_named(case: Case, run: Path) -> None:
    chance = random.Random(1)
    files = all_files(case)
    kinds = {p.relative_to(case.path).parts[0] + p.suffix for p in files}
    assert kinds == {
        "original.csv", "tables.parquet", "case.toml.toml", "reports.html", "reports.ipynb", "reports.csv",
        "reports.json", "reports.sha256",
    }  # fmt: skip
    for path in files:
        before = flip(path, chance.randrange(path.stat().st_size))
        name = path.relative_to(case.path).as_posix()
        found = verify(case.path, log=False)
        assert not found.ok
        assert str(found.first_difference).startswith(f"{name}: ")
        in_run = verify(run, log=False)
        assert not in_run.ok
        assert str(in_run.first_difference).startswith(f"{name.removeprefix(f'reports/{RUN}/')}: ")
        path.write_bytes(before)
        assert verify(case.path, log=False).ok


def test_each_removed_file_is_named(case: Case, run: Path) -> None:
    for path in all_files(case):
        before = path.read_bytes()
        path.unlink()
        name = path.relative_to(case.path).as_posix()
        assert verify(case.path, log=False).first_difference == f"{name}: it is missing"
        assert verify(run, log=False).first_difference == f"{name.removeprefix(f'reports/{RUN}/')}: it is missing"
        path.write_bytes(before)
    shutil.rmtree(run)
    assert verify(case.path, log=False).first_difference == f"reports/{RUN}: the folder of this run is missing"


@pytest.mark.parametrize(
    "name", ["original/x.csv", "tables/records/000003.parquet", "tables/x", f"reports/{RUN}/exports/\u202ex.csv"]
)
def test_each_added_file_is_named(case: Case, name: str) -> None:
    (case.path / name).write_text("x")
    first = str(verify(case.path, log=False).first_difference)
    assert first.startswith(name.replace("\u202e", "\\u202e") + ": ")
    assert "does not know this file" in first


def test_links_in_place_of_files_are_named(case: Case, run: Path, tmp_path: Path) -> None:
    for path in (run / "report.html", run / "manifest.json", case.path / "case.toml"):
        target = tmp_path / path.name
        path.rename(target)
        path.symlink_to(target)
        name = path.relative_to(case.path).as_posix()
        assert verify(case.path, log=False).first_difference == f"{name}: it is a link, not a file"
        path.unlink()
        target.rename(path)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("reports/run9/report.html", "it has no manifest, and the custody log does not know this run"),
        ("reports/run9/a/b.html", "it has no manifest, and the custody log does not know this run"),
        ("reports/report.html", "the custody log does not know this file"),
        ("reports/.hidden.html", "the custody log does not know this file"),
    ],
)
def test_a_report_put_among_the_runs_is_named(case: Case, name: str, how: str) -> None:
    path = case.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("<title>x</title>")
    place = "/".join(name.split("/")[:2])
    assert verify(case.path, log=False).first_difference == f"{place}: {how}"


def test_a_link_in_place_of_a_run_is_named(case: Case, run: Path, tmp_path: Path) -> None:
    aim = tmp_path / "moved"
    run.rename(aim)
    run.symlink_to(aim, target_is_directory=True)
    for folder in (case.path, run):
        found = verify(folder, log=False)
        assert found.first_difference == f"reports/{RUN}: it is a link, not the folder of a run"
    run.unlink()
    (case.path / "reports").rmdir()
    (case.path / "reports").symlink_to(tmp_path, target_is_directory=True)
    assert verify(case.path, log=False).first_difference == "reports: it is a link, not a folder"


def test_a_run_under_way_is_no_difference(case: Case, run: Path) -> None:
    building = case.path / "reports" / ".new-second" / "second"
    building.mkdir(parents=True)
    (building / "report.html").write_text("half")
    found = verify(case.path, log=False)
    assert found.ok
    assert any("under way" in sentence for sentence in found.not_checked)
    hidden = case.path / "reports" / f".new-{RUN}"  # logged, and about to be put in its place
    hidden.mkdir()
    run.rename(hidden / RUN)
    assert verify(case.path, log=False).ok


# -- results --------------------------------------------------------------------------------------------------------


def keep_results(case: Case, run_id: str | None, content: bytes = b"results") -> Path:
    """Keep made-up results and log them as an investigation does; the folder is the same each time."""
    folder = case.derived_dir("investigate", {"seed": 0})
    (folder / "accounts.parquet").write_bytes(content)
    place = folder.relative_to(case.path).as_posix()
    results = {"accounts.parquet": hashlib.sha256(content).hexdigest()}
    case.log("investigate", {"derived": place, "results": results, "run": run_id})
    return folder / "accounts.parquet"


def test_changed_results_are_named(case: Case) -> None:
    path = keep_results(case, "second")
    run = write_run(case, "second")
    name = path.relative_to(case.path).as_posix()
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["results"] == [{"path": name, "sha256": sha(path)}]
    assert len(verify(case.path, log=False).not_checked) == 1  # no anchor was given
    before = flip(path, 1)
    for folder in (case.path, run):
        found = verify(folder, log=False)
        assert found.first_difference == f"{name}: its content is not what was recorded (SHA-256 differs)"
    path.write_bytes(before)
    (path.parent / "planted.parquet").write_bytes(b"x")
    found = verify(case.path, log=False)
    assert found.ok and "files in derived/ that the custody log does not name" in found.not_checked[-1]
    shutil.rmtree(path.parent)
    assert verify(case.path, log=False).ok and verify(run, log=False).ok


def test_results_computed_anew_are_no_difference(case: Case) -> None:
    keep_results(case, "second")
    run = write_run(case, "second")
    path = keep_results(case, None, b"the same, written by another version of a library")
    found = verify(run, log=False)
    assert found.whole and any("computed anew since" in sentence for sentence in found.not_checked)
    assert ["another accounts.parquet than entry" in doubt for doubt in found.doubts] == [True]  # somebody explains it
    flip(path, 1)
    assert not verify(case.path, log=False).ok


def test_results_of_another_run_are_not_listed(case: Case) -> None:
    keep_results(case, "second")
    assert json.loads((write_run(case, "third") / "manifest.json").read_text())["results"] == []


# -- a disk that refuses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message", ["disk I/O error", "database or disk is full"])
def test_a_full_disk_is_no_difference(case: Case, monkeypatch: pytest.MonkeyPatch, message: str) -> None:
    """SQLite opens nothing for writing; the log is then read as the unchanging file it is."""
    connect = sqlite3.connect

    def full(where: str, **options: Any) -> sqlite3.Connection:
        if "immutable" in where:
            return connect(where, **options)
        raise sqlite3.OperationalError(message)

    monkeypatch.setattr(sqlite3, "connect", full)
    with outside_of_the_cage():
        found = verify(case.path)
    assert (found.ok, found.differences) == (True, ())
    assert found.checked > 20
    assert "this check could not be written into the custody log" in found.not_checked
    assert open_case("one").chain_problem is None


def test_a_log_that_the_disk_does_not_give_is_no_difference(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(sqlite3, "connect", refuse)
    with (
        outside_of_the_cage(),
        pytest.raises(
            SpmcError, match=r"^ledger\.sqlite cannot be read: the disk reports an error now; [^\n]+\.$"
        ) as caught,
    ):
        verify(case.path)
    assert not isinstance(caught.value, IntegrityError)


class Once:
    """A whole case, made once for all the examples of a property."""

    case: Case | None = None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.integers(0, 10**6), position=st.integers(0, 10**6), mask=st.integers(1, 255))
def test_any_byte_of_any_file(tmp_path_factory: pytest.TempPathFactory, which: int, position: int, mask: int) -> None:
    if Once.case is None:
        with pytest.MonkeyPatch.context() as patch:
            base = tmp_path_factory.mktemp("once")
            patch.setenv("SPMC_CASES", str(base / "cases"))
            patch.setenv("SPMC_KEYS", str(base / "keys"))
            Once.case = make_whole_case(base)
    files = all_files(Once.case)
    path = files[which % len(files)]
    before = flip(path, position, mask)
    try:
        found = verify(Once.case.path, log=False)
    finally:
        path.write_bytes(before)
    assert str(found.first_difference).startswith(f"{path.relative_to(Once.case.path).as_posix()}: ")


# -- the custody log -----------------------------------------------------------------------------------------------


def change_log(case: Case, *statements: str) -> None:
    """Change rows as somebody would who puts the rules back afterwards."""
    with closing(sqlite3.connect(case.ledger.path, isolation_level=None)) as connection:
        rules = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in rules:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, text in rules:
            connection.execute(text)


@pytest.mark.parametrize("seq", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("column", ["at", "officer", "kind", "payload", "prev", "hash"])
def test_changed_log_entry_is_named(case: Case, run: Path, seq: int, column: str) -> None:
    change_log(
        case, f"UPDATE entries SET {column} = substr({column}, 1, 5) || 'z' || substr({column}, 7) WHERE seq = {seq}"
    )
    for path in (case.path, run):
        first = str(verify(path).first_difference)
        assert re.match(rf"ledger\.sqlite: entry {seq} \(", first), first


def test_log_cut_off_before_a_report(case: Case, run: Path) -> None:
    change_log(case, "DELETE FROM entries WHERE seq > 3")
    assert "no entry tells of the report" in str(verify(run, log=False).first_difference)
    assert str(verify(case.path, log=False).first_difference).startswith("ledger.sqlite: no entry tells of the report")
    change_log(case, "DELETE FROM entries WHERE seq > 2")
    for path in (run, case.path):
        assert any("2 entries, but" in sentence for sentence in verify(path, log=False).differences)
    first = str(verify(case.path, log=False).first_difference)
    assert first.endswith("the custody log does not know this file")


def test_log_written_anew_from_an_entry_on(case: Case, run: Path) -> None:
    """Somebody changes an entry and fixes every hash after it: the manifest still knows the old head."""
    rows = [list(row) for row in case.ledger.rows()]
    rows[1][4] = rows[1][4].replace('"format":"made-up"', '"format":"made-out"')
    for i, row in enumerate(rows):
        row[5] = rows[i - 1][6] if i else "0" * 64
        row[6] = entry_hash(row[:6])
    change_log(
        case,
        "DELETE FROM entries",
        *(
            "INSERT INTO entries VALUES ("
            + ", ".join(str(v) if isinstance(v, int) else "'" + v.replace("'", "''") + "'" for v in row)
            + ")"
            for row in rows
        ),
    )
    assert case.ledger.check() is None
    for path in (case.path, run):
        first = str(verify(path, log=False).first_difference)
        assert first.startswith("ledger.sqlite: entry 3 (import) is not the one that ")
        assert "entries up to 3 were written anew" in first


def test_broken_log_is_not_written_to(case: Case) -> None:
    change_log(case, "UPDATE entries SET officer = 'x' WHERE seq = 1")
    before = case.ledger.rows()
    found = verify(case.path)
    assert case.ledger.rows() == before
    assert "this check could not be written into the custody log" in found.not_checked


@pytest.mark.parametrize("content", [None, b"", b"x" * 5000])
def test_log_that_is_gone(case: Case, run: Path, content: bytes | None) -> None:
    case.ledger.path.unlink()
    if content is not None:
        case.ledger.path.write_bytes(content)
    for path in (case.path, run):
        found = verify(path)
        assert str(found.first_difference).startswith("ledger.sqlite")
        assert "nothing could be compared with the custody log" in found.not_checked


def test_any_byte_of_the_log(case: Case) -> None:
    """It is named, or every entry reads as before: then the byte belongs to no entry and no rule."""
    chance = random.Random(3)
    whole, entries = case.ledger.path.read_bytes(), case.ledger.rows()
    seen = 0
    for _ in range(120):
        flip(case.ledger.path, chance.randrange(len(whole)), chance.randrange(1, 256))
        found = verify(case.path, log=False)
        if found.ok:
            assert case.ledger.rows() == entries
        else:
            assert str(found.first_difference).startswith("ledger.sqlite")
            seen += 1
        for side in case.path.glob("ledger.sqlite-*"):
            side.unlink()
        case.ledger.path.write_bytes(whole)
    assert seen > 20


# -- case.toml, and hostile manifests ------------------------------------------------------------------------------


def test_setting_edited_by_hand_is_named_until_it_is_logged(case: Case, run: Path) -> None:
    path = case.path / "case.toml"
    path.write_text(path.read_text().replace("Exercise", "Exercises"))
    for folder in (case.path, run):
        assert str(verify(folder, log=False).first_difference).startswith("case.toml: its content")
    open_case("one").change_settings("title put right", title="Exercise two")
    assert verify(case.path, log=False).ok


def test_report_made_with_settings_edited_by_hand_is_named(case: Case) -> None:
    path = case.path / "case.toml"
    logged = path.read_bytes()
    path.write_text(path.read_text().replace("Exercise", "Exercises"))
    run = write_run(open_case("one"), "second")
    path.write_bytes(logged)
    assert verify(run, log=False).first_difference == (
        "manifest.json: the custody log does not know the case.toml that it names"
    )


@pytest.mark.parametrize(
    "harm",
    [
        {"files": [{"path": "../../case.toml", "sha256": "0" * 64}]},
        {"files": [{"path": "/etc/passwd", "sha256": "0" * 64}]},
        {"files": [{"path": "a\x00", "sha256": "0" * 64}]},
        {"files": [{"path": "report.html", "sha256": 5}]},
        {"files": {}},
        {"files": [5]},
        {"ledger": None},
        {"ledger": {"length": -1}},
        {"case_toml": None},
        {"manifest_version": 2},
    ],
)
def test_manifest_that_is_none(run: Path, harm: dict[str, Any]) -> None:
    manifest = json.loads((run / "manifest.json").read_text()) | harm
    assert read_manifest(json.dumps(manifest).encode()) is None
    content = json.dumps(manifest).encode()
    (run / "manifest.json").write_bytes(content)
    (run / "manifest.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  manifest.json\n")
    found = verify(run)
    assert str(found.first_difference).startswith("manifest.json: ")
    assert any("no manifest that this program can read" in sentence for sentence in found.differences)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000])
def test_manifest_that_is_no_json(content: bytes) -> None:
    assert read_manifest(content) is None


def test_manifest_and_sidecar_changed_together(case: Case, run: Path) -> None:
    flip(run / "report.html", 4)
    manifest = json.loads((run / "manifest.json").read_text())
    for item in manifest["files"]:
        item["sha256"] = sha(run / item["path"])
    content = json.dumps(manifest).encode()
    (run / "manifest.json").write_bytes(content)
    (run / "manifest.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  manifest.json\n")
    assert verify(run, log=False).first_difference == (
        "manifest.json: it is not the manifest that the custody log tells of"
    )
    assert verify(case.path, log=False).first_difference == (
        f"reports/{RUN}/manifest.json: it is not the manifest that the custody log tells of"
    )
