"""The case folder: made whole, opened with care, and its tables read back as they went in."""

from __future__ import annotations

import errno
import multiprocessing
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import spmc_tools.case.store.case_folder as making
from spmc_tools.case.log.settings_changes import settings_hashes
from spmc_tools.case.store.batches import Batch
from spmc_tools.case.store.case import Case, create_case, open_case
from spmc_tools.case.store.case_folder import cases_dir
from spmc_tools.errors import CaseError, IntegrityError, SpmcError, TableError
from spmc_tools.schema import RECORDS, SCHEMA_VERSION

Add = Callable[..., Batch]


def test_new_case_on_disk(case: Case) -> None:
    names = {p.relative_to(case.path).as_posix() for p in case.path.rglob("*")}
    assert names == {
        "case.toml", "ledger.sqlite", ".lock", ".settings.lock", "original", "tables", "tables/records",
        "tables/accounts", "tables/refused", "derived", "reports",
    }  # fmt: skip
    assert all(p.stat().st_mode & 0o077 == 0 for p in [case.path, *case.path.rglob("*")])
    assert case.settings.date_to == date(2025, 11, 16)
    (created,) = case.ledger.entries()
    assert (created["kind"], created["officer"]) == ("created", "S. I. Kumari")
    assert created["payload"]["settings"]["purpose"] == "to exercise the case folder"
    assert case.chain_problem is None
    assert repr(case) == "<Case one>"


@pytest.mark.parametrize("case_id", ["con", "nul", "aux", "prn", "com1", "lpt9", "com0"])
def test_names_of_devices_are_no_new_ids(facts: dict, case_id: str, tmp_path: Path) -> None:
    """Old cases of such a name open."""
    with pytest.raises(CaseError, match="is the name of a device in Windows"):
        create_case(case_id, **facts)
    made = create_case(f"{case_id}-2025", **facts)
    old = made.path.rename(made.path.with_name(case_id))
    assert open_case(case_id).path == old


@pytest.mark.parametrize("case_id", ["", "A", "-a", "a b", "a/b", "..", "a" * 65, "a\n", "ä", 5, None])
def test_bad_ids(facts: dict, case_id: object, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="is no case id"):
        create_case(case_id, **facts)
    with pytest.raises(CaseError, match="is no case id"):
        open_case(case_id)
    assert not (tmp_path / "cases").exists()


def test_where_cases_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cases_dir("x") == Path("x")
    assert cases_dir() == tmp_path / "cases"
    monkeypatch.delenv("SPMC_CASES")
    assert cases_dir() == Path("data/cases")


def test_case_that_exists_is_left_alone(facts: dict, case: Case, snapshot: Callable) -> None:
    before = snapshot(case.path.parent)
    with pytest.raises(CaseError, match="exists already"):
        create_case("one", **facts)
    assert snapshot(case.path.parent) == before


def test_bad_setting_makes_nothing(facts: dict, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="Case one: purpose is empty"):
        create_case("one", **facts | {"purpose": ""})
    assert not (tmp_path / "cases").exists()
    assert not (tmp_path / "keys").exists()


def test_case_that_is_not_there(case: Case) -> None:
    with pytest.raises(CaseError, match=r"There is no case two in .*; cases there: one\.$"):
        open_case("two")
    with pytest.raises(CaseError, match=r"none is there yet\.$"):
        open_case("two", cases=case.path)


def test_folder_that_is_no_case(case: Case) -> None:
    (case.path.parent / "two").mkdir()
    with pytest.raises(CaseError, match=r"is no case: its case\.toml is missing"):
        open_case("two")


def test_newer_case_is_refused(case: Case) -> None:
    path = case.path / "case.toml"
    path.write_text(path.read_text().replace(f"schema_version = {SCHEMA_VERSION}", "schema_version = 99"))
    with pytest.raises(CaseError, match="newer version of the program"):
        open_case("one")


@pytest.mark.parametrize("step", ["write_file", "sync_dir", "_put_in_place"])
def test_full_disk_makes_no_case(
    facts: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, snapshot: Callable
) -> None:
    real = making.sync_dir

    def full(*args: object) -> None:
        if step == "sync_dir" and args != (tmp_path / "cases",):
            real(*args)
            return
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "cases").mkdir()
    (tmp_path / "keys").mkdir()
    monkeypatch.setattr(making, step, full)
    with pytest.raises(SpmcError, match=r"Case one cannot be made in .*: the disk is full; nothing was changed\."):
        create_case("one", **facts)
    assert snapshot(tmp_path / "cases") == {}
    assert snapshot(tmp_path / "keys") == {}


def test_what_a_killed_making_left_is_cleared_later(facts: dict, tmp_path: Path) -> None:
    old, fresh = (tmp_path / "cases" / f".new-{name}-1-ab" for name in ("old", "fresh"))
    for path in (old, fresh):
        path.mkdir(parents=True)
        (path / "case.toml").write_text("half")
    os.utime(old, (0, 0))
    create_case("one", **facts)
    assert (old.exists(), fresh.exists()) == (False, True)


def make_case(facts: dict, results: multiprocessing.Queue) -> None:
    try:
        create_case("race", **facts)
        results.put("made")
    except CaseError as error:
        results.put(str(error))


def test_two_at_once_make_one_case(facts: dict) -> None:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=make_case, args=(facts, results)) for _ in range(2)]
    for worker in workers:
        worker.start()
    said = sorted(results.get(timeout=60) for _ in workers)
    for worker in workers:
        worker.join()
    assert said[1] == "made"
    assert "exists already" in said[0]
    assert open_case("race").ledger.head()[0] == 1
    assert [p.name for p in cases_dir().iterdir()] == ["race"]


def test_broken_log_can_be_read_and_not_written(case: Case, add: Add, tmp_path: Path) -> None:
    add(case, "a.csv", ["1", "2"])
    with closing(sqlite3.connect(case.ledger.path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER entries_no_update")
        connection.execute("UPDATE entries SET officer = 'another' WHERE seq = 1")
    broken = open_case("one")
    assert "entry 1 (created)" in str(broken.chain_problem)
    assert len(broken.records()) == 2
    before = broken.ledger.rows()
    writes = [
        lambda: broken.log("view", {}),
        lambda: broken.derived_dir("investigate", {}),
        lambda: broken.run_dir("run"),
        lambda: broken.change_settings("why", title="other"),
        lambda: broken.new_batch(tmp_path / "a.csv", "0" * 64).__enter__(),
    ]
    for write in writes:
        with pytest.raises(IntegrityError, match=r"The custody log of case one is broken.*entry 1 \(created\)"):
            write()
    assert broken.ledger.rows() == before


def test_records_come_back_in_order_of_import(case: Case, add: Add) -> None:
    add(case, "a.csv", ["3", "1", "9007199254740993"])
    add(case, "b.csv", ["1", "2"])
    frame = case.records()
    assert frame["record_id"].tolist() == ["3", "1", "9007199254740993", "2"]
    assert list(frame.columns) == list(RECORDS.names)
    assert frame["source_row"].tolist() == [1, 2, 3, 1]
    assert frame["source_row"].dtype == "int64"
    assert frame["metrics"].iloc[2]["likes"] == 2**60 + 3
    assert frame["created_at"].iloc[0] == pd.Timestamp("2025-11-01T00:00:01Z")
    assert frame["lang"].isna().all()
    assert frame["urls"].iloc[0] == ["https://example.org/"]
    assert frame["urls"].iloc[1] is None
    assert case.records(["text", "record_id"]).columns.tolist() == ["text", "record_id"]
    assert case.known_ids() == {("x", "1"), ("x", "2"), ("x", "3"), ("x", "9007199254740993")}
    accounts = case.table("accounts", ["followers", "verified"])
    assert accounts.to_pylist() == [{"followers": 2**53 + 1, "verified": None}] * 2


def test_table_by_a_second_route(case: Case, add: Add) -> None:
    for name, ids in (("a.csv", ["1", "2"]), ("b.csv", ["3"])):
        add(case, name, ids)
    paths = sorted((case.path / "tables" / "records").iterdir())
    assert case.table("records").to_pylist() == [row for path in paths for row in pq.read_table(path).to_pylist()]
    assert pq.read_metadata(paths[0]).row_group(0).column(0).compression == "ZSTD"
    assert pq.read_schema(paths[0]).metadata[b"schema_version"] == str(SCHEMA_VERSION).encode()
    assert pq.read_schema(paths[0]).equals(RECORDS.schema)


def test_empty_case_has_empty_tables(case: Case) -> None:
    assert case.table("refused").num_rows == 0
    assert list(case.records().columns) == list(RECORDS.names)
    assert case.records(["created_at"])["created_at"].dtype == "datetime64[us, UTC]"
    assert case.known_ids() == set()
    assert case.batches() == []


def test_unknown_tables_and_columns(case: Case) -> None:
    with pytest.raises(TableError, match='Unknown table "religion"; a case holds records, accounts, refused'):
        case.table("religion")
    with pytest.raises(TableError, match='records has no column "caste"'):
        case.records(["caste"])


def test_no_result_rests_on_a_changed_table(case: Case, add: Add) -> None:
    batch = add(case, "a.csv", ["1", "2"])
    case.records()
    path = case.path / batch.tables["records"]["path"]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
    with pytest.raises(IntegrityError, match=r"tables/records/000001.parquet of case one is not the file"):
        case.records()
    path.unlink()
    with pytest.raises(IntegrityError, match="missing or unreadable"):
        case.records()


@pytest.mark.parametrize("read", ["records", "posts", "table", "derived_dir", "search"])
def test_nothing_is_read_where_a_received_file_was_changed(case: Case, add: Add, read: str) -> None:
    changed, whole = add(case, "a.csv", ["1"]), add(case, "b.csv", ["2"])
    reads = {
        "records": case.records, "posts": case.posts, "table": lambda: case.table("records"),
        "derived_dir": lambda: case.derived_dir("investigate", {}), "search": lambda: case.search("1"),
    }  # fmt: skip
    reads[read]()
    path = case.path / changed.source_path
    content, state = path.read_bytes(), path.stat()
    path.chmod(0o600)
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    with pytest.raises(
        IntegrityError, match=r"original/.*/a.csv of case one is not the file.*spmc set-aside one 000001"
    ):
        reads[read]()
    assert len(case.known_ids()) == 2  # what comes in meanwhile is still taken
    case.log("set_aside", {"batch": changed.batch_id, "source_sha256": changed.source_sha256, "reason": "damaged"})
    reads[read]()
    assert case.table("records", ["record_id"]).to_pydict() == {"record_id": ["2"]}
    assert whole.batch_id == "000002"


def test_settings_change_is_logged(case: Case) -> None:
    case.change_settings("extended by order", expires="2026-03-31", title="Other")
    assert open_case("one").settings.title == "Other"
    entry = case.ledger.entries()[-1]
    assert entry["kind"] == "settings_changed"
    assert entry["payload"]["changes"] == {"expires": [None, "2026-03-31"], "title": ["Exercise", "Other"]}
    assert entry["payload"]["reason"] == "extended by order"
    assert entry["payload"]["edited_outside"] is False
    assert len(settings_hashes(case.ledger.entries())) == 2


def test_bad_change_changes_nothing(case: Case, snapshot: Callable) -> None:
    before = snapshot(case.path)
    for reason, change in (("why", {"purpose": ""}), ("why", {"caste": "x"}), (" ", {"title": "Other"})):
        with pytest.raises(CaseError):
            case.change_settings(reason, **change)
    assert snapshot(case.path) == before
    assert case.settings.title == "Exercise"


def test_change_that_cannot_be_logged_is_taken_back(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (case.path / "case.toml").read_bytes()

    def refuse(*_args: object) -> None:
        raise SpmcError("full")

    monkeypatch.setattr(case.ledger, "append", refuse)
    with pytest.raises(SpmcError, match="full"):
        case.change_settings("why", title="Other")
    assert (case.path / "case.toml").read_bytes() == before
    assert case.settings.title == "Exercise"


def test_edit_past_the_log_is_written_down_with_the_next_change(case: Case) -> None:
    path = case.path / "case.toml"
    path.write_text(path.read_text().replace("Exercise", "Edited"))
    edited = open_case("one")
    edited.change_settings("put right", title="Exercise")
    assert edited.ledger.entries()[-1]["payload"]["edited_outside"] is True


def test_context_is_registered_with_a_reason(case: Case) -> None:
    case.add_context("a1", "newsroom", "daily paper, registered")
    (entry,) = open_case("one").settings.context
    assert (entry.account_id, entry.kind, entry.reason, entry.by) == (
        "a1", "newsroom", "daily paper, registered", "S. I. Kumari",
    )  # fmt: skip
    assert abs(entry.at - datetime.now(UTC)).total_seconds() < 60
    for account, reason, words in (("a1", "again", "registered already"), ("a2", " ", "needs a reason")):
        with pytest.raises(CaseError, match=words):
            case.add_context(account, "newsroom", reason)
    assert len(open_case("one").settings.context) == 1


def test_derived_folders(case: Case, add: Add) -> None:
    first = case.derived_dir("investigate", {"seed": 0, "windows": (60, 600)})
    assert first.is_dir()
    assert first == case.derived_dir("investigate", {"windows": [60, 600], "seed": 0})
    assert first.parent.parent == case.path / "derived"
    assert case.derived_dir("volume", {"seed": 0, "windows": [60, 600]}) == first.with_name("volume")
    assert case.derived_dir("investigate", {"seed": 1, "windows": [60, 600]}) != first
    before = case.inputs_hash()
    add(case, "a.csv", ["1"])
    assert case.inputs_hash() != before
    assert case.derived_dir("investigate", {"seed": 0, "windows": [60, 600]}) != first
    with pytest.raises(ValueError, match="no name of a stage"):
        case.derived_dir("../x", {})


def test_same_imports_same_hash(facts: dict, add: Add) -> None:
    hashes = []
    for name in ("one", "two"):
        made = create_case(name, **facts)
        add(made, "a.csv", ["1", "2"])
        hashes.append(made.inputs_hash())
    assert hashes[0] == hashes[1]


def test_run_folders(case: Case) -> None:
    run = case.run_dir("20261124-091200-abcd")
    assert run == case.path / "reports" / "20261124-091200-abcd"
    assert run.is_dir()
    assert case.run_dir("20261124-091200-abcd") == run
    for bad in ("..", "a/b", "", ".hidden", "x" * 101):
        with pytest.raises(CaseError, match="is no id of a run"):
            case.run_dir(bad)


def test_who_is_logged(facts: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "clerk")
    assert create_case("named", **facts).log("view", {})["officer"] == "S. I. Kumari"
    assert create_case("unnamed", **facts | {"officer": None}).log("view", {})["officer"] == "clerk"

    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert open_case("unnamed").officer == f"user {os.getuid()}"


def test_arrow_table_has_the_declared_types(case: Case, add: Add) -> None:
    add(case, "a.csv", ["1"])
    assert case.table("records", ["record_id", "urls"]).schema.types == [pa.string(), pa.list_(pa.string())]


@pytest.mark.parametrize("kind", ["file", "device"])
def test_a_file_in_place_of_the_folder_of_cases(facts: dict, tmp_path: Path, kind: str) -> None:
    root = Path(os.devnull) if kind == "device" else tmp_path / "file"
    if kind == "file":
        root.write_text("x")
    for do in (lambda: create_case("two", **facts, cases=root), lambda: open_case("two", cases=root)):
        with pytest.raises(CaseError, match="is not a folder") as caught:
            do()
        assert caught.value.exit_code == 2
    assert not list((tmp_path / "keys").glob("two*"))


def test_where_no_folder_can_be_made(facts: dict) -> None:
    with pytest.raises(CaseError):
        create_case("two", **facts, cases="/proc/cases")


def test_results_that_the_log_tells_of(case: Case) -> None:
    place = f"derived/{'a' * 32}/investigate"
    for results in ({"accounts.parquet": "1"}, {"accounts.parquet": "2"}, {"../x": "3"}, "x", None):
        case.log("investigate", {"derived": place, "results": results})
    case.log("investigate", {"derived": "../../elsewhere", "results": {"accounts.parquet": "4"}})
    case.log("view", {"derived": place, "results": {"accounts.parquet": "5"}})
    assert case.results_logged() == {place: {"accounts.parquet": "2"}}


def test_import_into_a_read_only_case_is_bad_input(case: Case, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a read-only disk SQLite says that it is unable to open the file, which is there and can be read."""
    add(case, "a.csv", ["1"])
    connect = sqlite3.connect

    def read_only(where: str, **options: object) -> sqlite3.Connection:
        if "immutable" in where:
            return connect(where, **options)
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(sqlite3, "connect", read_only)
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    opened = open_case("one")
    assert opened.chain_problem is None and len(opened.batches()) == 1
    with pytest.raises(CaseError, match=r"^ledger\.sqlite cannot be written: [^\n]*read-only; nothing was logged\.$"):
        opened.log("import_repeated", {})
