"""Imports: all of one becomes part of the case at one moment, or nothing does."""

from __future__ import annotations

import errno
import hashlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

import spmc_tools.case.store.batches as batches_module
from soak.imports import import_ids
from spmc_tools.case.store.batches import Batch, BatchWriter, batches_of, import_lock, leftovers
from spmc_tools.case.store.case import Case, create_case, open_case
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError, InputError, IntegrityError, SpmcError, TableError
from spmc_tools.schema import RECORDS, REFUSED

Add = Callable[..., Batch]
Snapshot = Callable[[Path], dict]
RecordsOf = Callable[[list[str], str], pa.Table]


def keep_one(batch: BatchWriter, records_of: RecordsOf, source: Path, record_id: str) -> Batch:
    """Keep one record of a file as its import."""
    batch.write(records=records_of([record_id], sha(source)))
    return batch.commit(format="made-up", read=1, duplicates=0)


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "received.csv"
    path.write_bytes(b"id\n1\n2\n")
    return path


def test_everything_is_accounted_for(case: Case, add: Add, tmp_path: Path) -> None:
    add(case, "a.csv", ["1", "2"])
    batch = add(case, "b \u202e.csv", ["2", "3", "4"])
    assert (batch.read, batch.kept, batch.duplicates, batch.refused, batch.accounts) == (4, 2, 1, 1, 1)
    assert (batch.batch_id, batch.source_name, batch.format) == ("000002", "b \u202e.csv", "made-up")
    assert batch.officer == "S. I. Kumari"
    assert batch.details == {"note": "ok"}
    assert abs((datetime.now(UTC) - batch.imported_at).total_seconds()) < 60
    original = case.path / batch.source_path
    assert original.name == "b _.csv"
    assert original.read_bytes() == (tmp_path / "b \u202e.csv").read_bytes()
    assert original.stat().st_mode & 0o777 == 0o444
    assert batch.source_bytes == original.stat().st_size
    for name, rows in (("records", 2), ("accounts", 1), ("refused", 1)):
        table = batch.tables[name]
        assert table == {
            "path": f"tables/{name}/000002.parquet",
            "sha256": sha(case.path / f"tables/{name}/000002.parquet"),
            "rows": rows,
        }
    assert [b.batch_id for b in case.batches()] == ["000001", "000002"]
    assert case.batches()[1] == batch == case.has_source(sha(original))
    assert case.has_source("0" * 64) is None


def test_leaving_without_commit_leaves_the_case_as_it_was(
    case: Case, add: Add, source: Path, snapshot: Snapshot, records_of: RecordsOf
) -> None:
    add(case, "a.csv", ["1"])
    before = snapshot(case.path)
    with case.new_batch(source, sha(source)) as batch:
        batch.write(records=records_of(["7"], sha(source)))
    assert snapshot(case.path) == before
    with pytest.raises(KeyboardInterrupt), case.new_batch(source, sha(source)) as batch:
        batch.write(records=records_of(["7"] * 70_000, sha(source)))
        raise KeyboardInterrupt
    assert snapshot(case.path) == before


def test_importer_reads_the_copy(case: Case, source: Path) -> None:
    with case.new_batch(source, sha(source)) as batch:
        assert batch.original.read_bytes() == source.read_bytes()
        assert batch.original.name == source.name


@pytest.mark.parametrize(("read", "duplicates"), [(3, 0), (1, 0), (1, -1), (2, 1)])
def test_counts_that_do_not_add_up_write_nothing(
    case: Case, source: Path, snapshot: Snapshot, records_of: RecordsOf, read: int, duplicates: int
) -> None:
    before = snapshot(case.path)
    bad = REFUSED.from_rows([{"source_sha256": sha(source), "source_row": 2, "reason": "r"}])
    with (
        pytest.raises(IntegrityError, match=r"rows were read, but 1 kept .* nothing was added\."),
        case.new_batch(source, sha(source)) as batch,
    ):
        batch.write(records=records_of(["1"], sha(source)), refused=bad)
        batch.commit(format="made-up", read=read, duplicates=duplicates)
    assert snapshot(case.path) == before


def test_file_that_changed_while_it_was_read(case: Case, source: Path, snapshot: Snapshot) -> None:
    before = snapshot(case.path)
    digest = sha(source)
    source.write_bytes(b"other")
    with pytest.raises(InputError, match="changed while it was read"), case.new_batch(source, digest):
        pytest.fail("the block must not be entered")
    source.unlink()
    with pytest.raises(InputError, match=r'"received\.csv" cannot be read'), case.new_batch(source, digest):
        pytest.fail("the block must not be entered")
    assert snapshot(case.path) == before


def test_same_file_is_refused_a_second_time(case: Case, add: Add, snapshot: Snapshot, tmp_path: Path) -> None:
    batch = add(case, "a.csv", ["1"])
    before = snapshot(case.path)
    with (
        pytest.raises(CaseError, match=r"was imported already on .*batch 000001\); nothing was added"),
        case.new_batch(tmp_path / "a.csv", batch.source_sha256),
    ):
        pytest.fail("the block must not be entered")
    assert snapshot(case.path) == before


def test_tables_must_fit(case: Case, source: Path, snapshot: Snapshot, records_of: RecordsOf) -> None:
    before = snapshot(case.path)
    good = records_of(["1"], sha(source))
    with case.new_batch(source, sha(source)) as batch:
        with pytest.raises(TableError, match="column text is missing"):
            batch.write(records=good.drop_columns(["text"]))
        with pytest.raises(TableError, match="found int64, wanted string"):
            batch.write(records=good.set_column(0, "record_id", pa.array([1])))
        with pytest.raises(IntegrityError, match="names another source file"):
            batch.write(records=records_of(["1"], "0" * 64))
        batch.write(records=RECORDS.schema.empty_table())
        batch.write()
    assert snapshot(case.path) == before


def test_many_small_writes_make_few_row_groups(case: Case, source: Path, records_of: RecordsOf) -> None:
    import pyarrow.parquet as pq

    with case.new_batch(source, sha(source)) as batch:
        for i in range(40):
            batch.write(records=records_of([f"{i}-{j}" for j in range(2500)], sha(source)))
        done = batch.commit(format="made-up", read=100_000, duplicates=0)
    file = pq.ParquetFile(case.path / done.tables["records"]["path"])
    assert (file.metadata.num_rows, file.num_row_groups) == (100_000, 2)
    assert len(case.known_ids()) == 100_000


def test_batch_is_committed_once(case: Case, source: Path, records_of: RecordsOf) -> None:
    with case.new_batch(source, sha(source)) as batch:
        keep_one(batch, records_of, source, "1")
        with pytest.raises(IntegrityError, match="part of the case already"):
            batch.commit(format="made-up", read=1, duplicates=0)
    assert len(case.batches()) == 1


def test_file_without_rows_is_kept_too(case: Case, source: Path) -> None:
    with case.new_batch(source, sha(source)) as batch:
        done = batch.commit(format="made-up", read=0, duplicates=0)
    assert done.tables == {}
    assert (case.path / done.source_path).exists()
    assert case.records().empty


def full_disk(*_args: object, **_options: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["copy_hashed", "sync_file", "sync_dir", "write_file", "ParquetWriter", "append"])
def test_full_disk_changes_nothing(
    case: Case, add: Add, source: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch, step: str,
    records_of: RecordsOf,
) -> None:  # fmt: skip
    add(case, "a.csv", ["1"])
    before = snapshot(case.path)
    with monkeypatch.context() as patch:
        if step == "ParquetWriter":
            patch.setattr("pyarrow.parquet.ParquetWriter.write_table", full_disk)
        elif step == "append":

            def refuse(*_args: object) -> None:
                raise SpmcError("ledger.sqlite cannot be written: the disk is full; nothing was logged.")

            patch.setattr(case.ledger, "append", refuse)
        else:
            patch.setattr(batches_module, step, full_disk)
        with (
            pytest.raises(SpmcError, match=r"^[^\n]*the disk is full[^\n]*\.$"),
            case.new_batch(source, sha(source)) as batch,
        ):
            keep_one(batch, records_of, source, "7")
    assert snapshot(case.path) == before
    assert verify(case.path, log=False).ok
    with case.new_batch(source, sha(source)) as batch:
        keep_one(batch, records_of, source, "7")
    assert case.records()["record_id"].tolist() == ["1", "7"]


def test_commit_that_was_logged_before_it_failed_stands(
    case: Case, source: Path, monkeypatch: pytest.MonkeyPatch, records_of: RecordsOf
) -> None:
    append = case.ledger.append

    def late(*args: object) -> None:
        append(*args)
        raise SpmcError("the answer came too late")

    monkeypatch.setattr(case.ledger, "append", late)
    with pytest.raises(SpmcError, match="too late"), case.new_batch(source, sha(source)) as batch:
        keep_one(batch, records_of, source, "7")
    assert open_case("one").records()["record_id"].tolist() == ["7"]
    assert verify(case.path, log=False).ok


def test_file_the_log_does_not_know_is_not_overwritten(
    case: Case, source: Path, records_of: RecordsOf, snapshot: Snapshot
) -> None:
    stranger = case.path / "tables" / "records" / "000001.parquet"
    stranger.write_bytes(b"stranger")
    before = snapshot(case.path)
    with (
        pytest.raises(IntegrityError, match=r"tables/records/000001\.parquet lies in the case, but"),
        case.new_batch(source, sha(source)) as batch,
    ):
        keep_one(batch, records_of, source, "1")
    assert snapshot(case.path) == before
    assert "tables/records/000001.parquet" in str(verify(case.path, log=False).first_difference)


@pytest.mark.parametrize(
    "harm",
    [
        {"read": None}, {"tables": "x"}, {"tables": {"records": {"path": "../x", "sha256": "0" * 64, "rows": 1}}},
        {"tables": {"caste": {"path": "tables/x", "sha256": "0" * 64, "rows": 1}}}, {"source_path": "/etc/passwd"},
        {"tables": {"records": {"path": "tables/x", "sha256": "zz", "rows": 1}}},
    ],
)  # fmt: skip
def test_import_entry_that_holds_something_else(case: Case, add: Add, harm: dict) -> None:
    add(case, "a.csv", ["1"])
    entry = case.ledger.entries()[-1]
    payload = {k: v for k, v in (entry["payload"] | harm).items() if v is not None}
    with pytest.raises(IntegrityError, match=r"entry 2 \(import\)"):
        batches_of([entry | {"payload": payload}])


# -- two at once, and killed ---------------------------------------------------------------------------------------


def start_import(source: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", import_ids.__name__, "one", str(source)], stdout=subprocess.PIPE, text=True
    )


def write_ids(path: Path, first: int, last: int) -> Path:
    path.write_text("\n".join(str(i) for i in range(first, last)))
    return path


def test_two_imports_at_once_double_nothing(case: Case, tmp_path: Path) -> None:
    sources = [write_ids(tmp_path / "a.txt", 0, 3000), write_ids(tmp_path / "b.txt", 2000, 5000)]
    workers = [start_import(source) for source in sources]
    assert [worker.communicate(timeout=120)[0] for worker in workers] == ["ready\ncommit\ndone\n"] * 2
    first, second = case.batches()
    assert sorted((first.kept, second.kept)) == [2000, 3000]
    assert sorted((first.duplicates, second.duplicates)) == [0, 1000]
    ids = case.records(["record_id"])["record_id"]
    assert sorted(ids.astype(int)) == list(range(5000))
    assert verify(case.path, log=False).ok


def test_killed_import_leaves_a_whole_case(case: Case, tmp_path: Path) -> None:
    """Killed at random moments; afterwards the file is in the case whole, or not at all, and can be imported."""
    chance = random.Random(7)
    kept = 0
    for turn in range(6):
        source = write_ids(tmp_path / f"{turn}.txt", turn * 4000, turn * 4000 + 4000)
        worker = start_import(source)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 0.5))
        worker.send_signal(signal.SIGKILL)
        worker.communicate(timeout=60)
        found = verify(case.path, log=False)
        assert found.ok, found.differences
        opened = open_case("one")
        assert opened.chain_problem is None
        kept += 4000 * (opened.has_source(sha(source)) is not None)
        assert len(opened.records(["record_id"])) == kept
    last = start_import(write_ids(tmp_path / "last.txt", 90_000, 90_010))
    assert last.communicate(timeout=60)[0] == "ready\ncommit\ndone\n"
    assert list(case.path.glob(".incoming-*")) == []
    assert verify(case.path, log=False).ok


@pytest.mark.parametrize("moment", ["before the plan", "before the log", "after the log"])
def test_killed_around_the_commit(
    case: Case, source: Path, monkeypatch: pytest.MonkeyPatch, moment: str, records_of: RecordsOf, snapshot: Snapshot
) -> None:
    """What a kill leaves is put there: the staging folder stays, as nothing ran that could clear it."""

    class Killed(BaseException):
        pass

    def die(*_args: object, **_options: object) -> None:
        raise Killed

    append = case.ledger.append

    def log_and_die(*args: object) -> None:
        append(*args)
        raise Killed

    before = snapshot(case.path)
    with monkeypatch.context() as patch:
        patch.setattr(BatchWriter, "close", lambda _self: None)
        patch.setattr(batches_module, "_remove", lambda *_args: None)
        if moment == "before the plan":
            patch.setattr(batches_module, "write_file", die)
        else:
            patch.setattr(case.ledger, "append", die if moment == "before the log" else log_and_die)
        with pytest.raises(Killed), case.new_batch(source, sha(source)) as batch:
            keep_one(batch, records_of, source, "7")
    assert len(list(case.path.glob(".incoming-*"))) == 1
    assert bool(leftovers(case.path)) == (moment != "before the plan")
    found = verify(case.path, log=False)
    assert found.ok, found.differences
    kept = 1 if moment == "after the log" else 0
    assert len(open_case("one").records()) == kept
    other = source.with_name("other.csv")
    other.write_bytes(b"other")
    with case.new_batch(other, sha(other)):
        pass
    assert list(case.path.glob(".incoming-*")) == []
    assert len(case.records()) == kept
    if not kept:
        assert snapshot(case.path) == before


def test_a_plan_cannot_take_away_what_the_log_names(case: Case, add: Add, source: Path, snapshot: Snapshot) -> None:
    batch = add(case, "a.csv", ["1"])
    before = snapshot(case.path)
    staging = case.path / ".incoming-1-forged"
    staging.mkdir()
    plan = [t["path"] for t in batch.tables.values()] + [f"original/{batch.source_sha256}", "../../keys", "case.toml"]
    (staging / "plan.json").write_text(json.dumps(plan))
    (case.path / ".incoming-2-deep").mkdir()
    (case.path / ".incoming-2-deep" / "plan.json").write_text("[" * 100_000)
    with case.new_batch(source, sha(source)):
        pass
    assert snapshot(case.path) == before


def hold(path: Path, held: multiprocessing.Event, until: multiprocessing.Event) -> None:
    with import_lock(path):
        held.set()
        until.wait(60)


def test_waiting_has_an_end(case: Case) -> None:
    context = multiprocessing.get_context("spawn")
    held, until = context.Event(), context.Event()
    worker = context.Process(target=hold, args=(case.path, held, until))
    worker.start()
    assert held.wait(60)
    with pytest.raises(CaseError, match=r"Another import into case one is running"), import_lock(case.path, 0.2):
        pytest.fail("the lock is held elsewhere")
    worker.kill()  # the lock of a dead import is free
    worker.join()
    with import_lock(case.path, 5):
        pass


def test_read_only_case(facts: dict, source: Path, tmp_path: Path, snapshot: Snapshot) -> None:
    """The superuser steps down, who may write anywhere."""
    case = create_case("one", **facts)
    digest = sha(source)
    folder = Path(shutil.copytree(case.path, tempfile.mkdtemp(), dirs_exist_ok=True))
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = snapshot(folder)
    superuser = os.geteuid() == 0
    if superuser:
        os.seteuid(65534)
    try:
        copy = Case(folder)
        with pytest.raises(SpmcError, match=r"^[^\n]*(not allowed|read-only)[^\n]*\.$"), copy.new_batch(source, digest):
            pytest.fail("the block must not be entered")
        with pytest.raises(SpmcError, match="read-only"):
            copy.log("view", {})
        found = verify(folder)
    finally:
        if superuser:
            os.seteuid(0)
    assert found.ok
    assert "this check could not be written into the custody log" in found.not_checked
    assert snapshot(folder) == before
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o700)
    shutil.rmtree(folder)
