"""The custody log: a chain anyone can recompute, which cannot be changed and tells when it was."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import re
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.case.log.ledger import EMPTY_HEAD, Ledger, entry_hash
from spmc_tools.errors import BusyError, CaseError, IntegrityError, SpmcError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spmc_tools.case.store.case import Case


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger.create(tmp_path / "ledger.sqlite")
    for i, kind in enumerate(["created", "import", "view", "report"]):
        made.append(kind, {"number": i, "words": "हिंदी", "list": [None, True, 2**70]}, "officer")
    return made


def sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for name in ("entries_no_update", "entries_no_delete"):
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.execute(
            "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries "
            "BEGIN SELECT RAISE(ABORT, 'the custody log is append-only'); END"
        )
        connection.execute(
            "CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries "
            "BEGIN SELECT RAISE(ABORT, 'the custody log is append-only'); END"
        )


def test_chain_by_a_second_route(ledger: Ledger) -> None:
    with closing(sqlite3.connect(ledger.path)) as connection:
        rows = connection.execute("SELECT seq, at, officer, kind, payload, prev, hash FROM entries").fetchall()
    prev = "0" * 64
    for seq, at, officer, kind, payload, stored_prev, stored in rows:
        text = json.dumps(
            {"at": at, "kind": kind, "officer": officer, "payload": payload, "prev": prev, "seq": seq},
            separators=(",", ":"),
        )
        assert stored_prev == prev
        prev = hashlib.sha256(text.encode("ascii")).hexdigest()
        assert stored == prev
    assert ledger.head() == (4, prev)
    assert ledger.check() is None
    assert [e["kind"] for e in ledger.entries()] == ["created", "import", "view", "report"]
    payloads = [e["payload"] for e in ledger.entries()]
    assert {one.pop("clock")["utc_offset_s"] for one in payloads} == {-time.timezone}
    assert payloads[1] == {"number": 1, "words": "हिंदी", "list": [None, True, 2**70]}


def test_empty_log(tmp_path: Path) -> None:
    empty = Ledger.create(tmp_path / "ledger.sqlite")
    assert empty.head() == (0, EMPTY_HEAD)
    assert "no entry" in str(empty.check())
    assert (tmp_path / "ledger.sqlite").stat().st_mode & 0o777 == 0o600


def test_no_side_files_are_left(ledger: Ledger) -> None:
    ledger.check()
    ledger.entries()
    assert [p.name for p in ledger.path.parent.iterdir() if p.is_file()] == ["ledger.sqlite"]


@pytest.mark.parametrize("statement", ["UPDATE entries SET officer = 'x'", "DELETE FROM entries WHERE seq = 4"])
def test_changing_is_refused(ledger: Ledger, statement: str) -> None:
    with closing(sqlite3.connect(ledger.path)) as connection, pytest.raises(sqlite3.IntegrityError, match="append"):
        connection.execute(statement)
    assert ledger.check() is None


@pytest.mark.parametrize("seq", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "'2020-01-01T00:00:00Z'"),
        ("officer", "'another'"),
        ("kind", "'viewed'"),
        ("payload", "replace(payload, '1', '2') || ' '"),
        ("prev", "replace(prev, substr(prev, 1, 1), 'f') || 'f'"),
        ("hash", "substr(hash, 2) || substr(hash, 1, 1)"),
    ],
)
def test_changed_entry_is_named(ledger: Ledger, seq: int, column: str, value: str) -> None:
    sql(ledger.path, f"UPDATE entries SET {column} = {value} WHERE seq = {seq}")
    assert f"ledger.sqlite: entry {seq} (" in str(ledger.check())


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_removed_entry_is_named(ledger: Ledger, seq: int) -> None:
    sql(ledger.path, f"DELETE FROM entries WHERE seq = {seq}")
    assert f"entry {seq} is missing" in str(ledger.check())
    sql(ledger.path, f"UPDATE entries SET seq = seq - 1 WHERE seq > {seq}")
    assert f"entry {seq} (" in str(ledger.check())


def test_entry_put_in_is_named(ledger: Ledger) -> None:
    sql(ledger.path, "INSERT INTO entries VALUES (5, 'now', 'me', 'view', '{}', 'x', 'y')")
    assert "entry 5 (view)" in str(ledger.check())
    with pytest.raises(IntegrityError, match=r"entry 5 \(view\).*nothing was added"):
        ledger.append("view", {}, "officer")
    assert ledger.head()[0] == 5


@pytest.mark.parametrize("seq", [0, -1, -(2**63)])
def test_an_entry_put_in_before_the_first_is_named(ledger: Ledger, seq: int) -> None:
    sql(ledger.path, f"INSERT INTO entries VALUES ({seq}, 'now', 'me', 'view', '{{}}', 'x', 'y')")
    assert f"entry 1 is missing, entry {seq} stands in its place" in str(ledger.check())
    assert [row[0] for row in ledger.rows()] == [seq, 1, 2, 3, 4]


def test_entry_with_its_own_hash_made_anew_is_named(ledger: Ledger) -> None:
    row = list(ledger.rows()[1])
    row[2] = "another"
    sql(ledger.path, f"UPDATE entries SET officer = 'another', hash = '{entry_hash(row[:6])}' WHERE seq = 2")
    assert "entry 3 (view) does not follow the entry before it" in str(ledger.check())


def test_damage_beside_the_entries_is_named(ledger: Ledger) -> None:
    """The index of the hashes holds each of them a second time; no entry reads it."""
    rows, content = ledger.rows(), bytearray(ledger.path.read_bytes())
    places = [match.start() for match in re.finditer(rows[-1][6].encode(), content)]
    index_page = max(place for place in places if place // 4096 != places[0] // 4096)
    content[index_page] ^= 1
    ledger.path.write_bytes(content)
    assert ledger.rows() == rows
    assert "the file is damaged" in str(ledger.check())


def test_a_value_of_the_wrong_type_is_named_and_nothing_is_added(ledger: Ledger) -> None:
    """The table was made anew without its types, and the last entry holds bytes for the officer's name."""
    *rows, last = ledger.rows()
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as connection:
        connection.execute("DROP TABLE entries")
        connection.execute("CREATE TABLE entries (seq INTEGER PRIMARY KEY, at, officer, kind, payload, prev, hash)")
        connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", (*last[:2], b"officer", *last[3:]))
    assert ledger.check() == "ledger.sqlite: entry 4 (report) holds a value of the wrong type"
    with pytest.raises(IntegrityError, match=r"entry 4 \(report\) holds a value of the wrong type; nothing was added"):
        ledger.append("view", {}, "officer")
    assert len(ledger.rows()) == 4


@pytest.mark.parametrize("place", range(1, 6))
def test_a_number_in_place_of_a_text_is_named_though_its_hash_fits(ledger: Ledger, place: int) -> None:
    *rows, last = ledger.rows()
    changed = [*last[:place], 5, *last[place + 1 : 6]]
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as connection:
        connection.execute("DROP TABLE entries")
        connection.execute("CREATE TABLE entries (seq INTEGER PRIMARY KEY, at, officer, kind, payload, prev, hash)")
        connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", (*changed, entry_hash(changed)))
    assert re.fullmatch(r"ledger\.sqlite: entry 4 \(.+\) holds a value of the wrong type", str(ledger.check()))


def test_lost_rule_is_named(ledger: Ledger) -> None:
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER entries_no_delete")
    assert 'rule or table "entries_no_delete"' in str(ledger.check())


def test_file_that_is_no_log(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    for content, words in ((None, "missing"), (b"", "cannot be read"), (b"SQLite" * 1000, "cannot be read")):
        if content is not None:
            path.write_bytes(content)
        for act in (Ledger(path).entries, Ledger(path).head, lambda: Ledger(path).append("view", {}, "me")):
            with pytest.raises(IntegrityError, match=words):
                act()
        assert words in str(Ledger(path).check())


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_flipped_byte_goes_unseen(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Either the check names it, or every entry still reads as it was: the byte carries nothing."""
    folder = tmp_path_factory.getbasetemp() / "flips"
    folder.mkdir(exist_ok=True)
    whole = folder / "whole.sqlite"
    if not whole.exists():
        made = Ledger.create(whole)
        for i in range(6):
            made.append("view", {"number": i, "long": "x" * 900}, "officer")
    content = bytearray(whole.read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    flipped = Ledger(folder / "ledger.sqlite")
    for side in folder.glob("ledger.sqlite*"):
        side.unlink()
    flipped.path.write_bytes(content)
    problem = flipped.check()
    if problem is None:
        assert flipped.rows() == Ledger(whole).rows()
    else:
        assert problem.startswith("ledger.sqlite")
        assert "\n" not in problem


def add_some(path: Path, count: int) -> None:
    for i in range(count):
        Ledger(path).append("view", {"i": i, "pid": os.getpid()}, "officer")


def test_processes_take_turns(ledger: Ledger) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=add_some, args=(ledger.path, 25)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert ledger.check() is None
    assert ledger.head()[0] == 4 + 3 * 25


def test_busy_log_is_said(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spmc_tools.case.log.ledger._BUSY_S", 0.1)
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(SpmcError, match="in use by another program"):
            ledger.append("view", {}, "officer")
        assert len(ledger.entries()) == 4
        connection.execute("ROLLBACK")
    assert ledger.append("view", {}, "officer")["seq"] == 5


def test_a_log_that_another_program_keeps_to_itself_is_not_read_past_it(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a log that nobody can write is read as an unchanging file; this one may change under the reader."""
    monkeypatch.setattr("spmc_tools.case.log.ledger._BUSY_S", 0.1)
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SpmcError, match="in use by another program"):
            ledger.rows()
    assert len(ledger.rows()) == 4


def test_full_disk_adds_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def small(*args: object, **options: object) -> sqlite3.Connection:
        connection = connect(*args, **options)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    before = ledger.rows()
    monkeypatch.setattr(sqlite3, "connect", small)
    with pytest.raises(SpmcError, match="the disk is full; nothing was logged"):
        ledger.append("view", {"long": "x" * 100_000}, "officer")
    assert ledger.rows() == before
    assert ledger.check() is None


def test_a_disk_that_refuses_is_no_broken_log(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(sqlite3, "connect", refuse)
    for free, reason in (
        (0, "the disk is full"), (2**20 - 1, "the disk is full"),
        (2**20, "the disk reports an error"), (2**30, "the disk reports an error"),
    ):  # fmt: skip
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        for do, words in (
            (ledger.check, f"cannot be read: {reason} now"),
            (lambda: ledger.append("view", {}, "officer"), f"cannot be written: {reason}; nothing was logged"),
        ):
            with pytest.raises(SpmcError, match=words) as caught:
                do()
            assert not isinstance(caught.value, IntegrityError)


def test_a_disk_that_does_not_say_how_full_it_is_reports_an_error(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    def unknown(_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(sqlite3, "connect", refuse)
    monkeypatch.setattr(shutil, "disk_usage", unknown)
    with pytest.raises(SpmcError, match="cannot be read: the disk reports an error now"):
        ledger.rows()


def test_a_log_that_is_held_is_waited_for_a_minute(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a clock that goes on by a second each time it is looked at."""
    seconds = iter(range(1_000))
    now: list[int] = []
    clock = SimpleNamespace(monotonic=lambda: now.append(next(seconds)) or now[-1])
    monkeypatch.setattr("spmc_tools.case.files.lock_wait.time", clock)
    monkeypatch.setattr("spmc_tools.case.files.lock_wait.TRY_S", 0.001)
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError, match="for more than 60 s"):
            ledger.append("view", {}, "officer")
    assert 60 <= now[-1] - now[0] <= 62


def test_names_of_any_type_in_a_damaged_page_are_named_plainly(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Ledger._read

    def damaged(self: Ledger, sql: str) -> list[tuple[object, ...]]:
        rows = read(self, sql)
        return [(5, "x"), (None, "y"), (b"z", "z"), *rows] if "sqlite_master" in sql else rows

    monkeypatch.setattr(Ledger, "_read", damaged)
    assert ledger.check() == 'ledger.sqlite: its rule or table "5" is not as it was made'


def test_bad_kinds_and_payloads_are_refused(ledger: Ledger) -> None:
    for kind in ("", "View", "a b", "x" * 41, "1a"):
        with pytest.raises(ValueError, match="no kind"):
            ledger.append(kind, {}, "officer")
    for payload in ({"a": float("nan")}, {"a": object()}):
        with pytest.raises((TypeError, ValueError)):
            ledger.append("view", payload, "officer")
    assert ledger.head()[0] == 4


def test_hostile_text_is_kept_as_text(ledger: Ledger) -> None:
    hostile = "'; DROP TABLE entries; --\u202e\x00\ud800"
    ledger.append("view", {hostile: hostile}, hostile)
    payload = ledger.entries()[-1]["payload"]
    assert payload.keys() == {hostile, "clock"} and payload[hostile] == hostile
    assert ledger.check() is None


@pytest.fixture
def read_only(ledger: Ledger) -> Iterator[Callable[..., Path]]:
    """Copy the log into a folder that may only be read; the superuser steps down, who may write anywhere."""
    folder = Path(tempfile.mkdtemp())
    superuser = os.geteuid() == 0

    def copied(mode: int = 0o444, wal: bytes | None = None, folder_mode: int = 0o555) -> Path:
        copy = folder / "ledger.sqlite"
        shutil.copy(ledger.path, copy)
        if wal is not None:
            (folder / "ledger.sqlite-wal").write_bytes(wal)
        copy.chmod(mode)
        folder.chmod(folder_mode)
        if superuser:
            os.seteuid(65534)
        return copy

    yield copied
    if superuser:
        os.seteuid(0)
    folder.chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("mode", "folder_mode"), [(0o444, 0o555), (0o666, 0o555), (0o444, 0o777)], ids=["both", "folder", "file"]
)
def test_log_in_a_read_only_folder_can_be_read(read_only: Callable[..., Path], mode: int, folder_mode: int) -> None:
    copy = Ledger(read_only(mode, folder_mode=folder_mode))
    assert copy.check() is None
    assert [e["kind"] for e in copy.entries()] == ["created", "import", "view", "report"]
    with pytest.raises(CaseError, match="cannot be written: the disk or folder is read-only; nothing was logged"):
        copy.append("view", {}, "officer")


@pytest.mark.parametrize(
    ("mode", "folder_mode", "writable"), [(0o666, 0o555, False), (0o444, 0o777, False), (0o666, 0o777, True)]
)
def test_who_may_write_is_asked_of_whom_the_process_acts_for(
    read_only: Callable[..., Path], mode: int, folder_mode: int, *, writable: bool
) -> None:
    """Not of whom it was started by: the superuser who stepped down may write no more."""
    assert Ledger(read_only(mode, folder_mode=folder_mode))._writable() is writable


def test_a_read_only_log_is_not_read_without_what_stands_beside_it(read_only: Callable[..., Path]) -> None:
    """Entries may wait in SQLite's side file; an empty one holds none."""
    assert len(Ledger(read_only(wal=b"")).rows()) == 4


def test_a_read_only_log_with_a_side_file_that_holds_something_is_not_read(read_only: Callable[..., Path]) -> None:
    with pytest.raises(SpmcError, match="cannot be read"):
        Ledger(read_only(wal=b"x" * 4096)).rows()


def test_log_that_may_not_be_looked_at(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(IntegrityError, match=r"^ledger\.sqlite cannot be read: permission denied\.$"):
        ledger.entries()


def test_what_was_read_before_is_read_on(case: Case) -> None:
    """A second object reads the file anew each time; both tell the same, whoever appended."""
    mine = case.ledger
    for turn in range(4):
        (mine if turn % 2 else Ledger(mine.path)).append("view", {"turn": turn}, "x")
        assert mine.entries() == Ledger(mine.path).entries()
    before = mine.entries()
    Ledger(mine.path).append("view", {}, "x")
    assert all(entry is known for entry, known in zip(mine.entries(), before, strict=False))  # read once
    mine.entries().clear()
    assert len(mine.entries()) == len(mine.rows()) == len(before) + 1


def test_a_log_that_was_cut_off_or_changed_at_its_end_is_read_anew(case: Case) -> None:
    case.log("view", {"turn": 1})
    case.log("view", {"turn": 2})
    assert len(case.ledger.entries()) == 3
    with closing(sqlite3.connect(case.ledger.path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER entries_no_delete")
        connection.execute("DELETE FROM entries WHERE seq = 3")
    assert [entry["seq"] for entry in case.ledger.entries()] == [1, 2]


def test_a_log_with_as_many_other_entries_is_read_anew(tmp_path: Path) -> None:
    """Another log stands where the one that was read stood: its last entry has the same number, not the same hash."""
    mine, other = (Ledger.create(tmp_path / f"{name}.sqlite") for name in ("mine", "other"))
    for turn in range(3):
        mine.append("view", {"of": "mine", "turn": turn}, "officer")
        other.append("view", {"of": "other", "turn": turn}, "officer")
    assert [entry["payload"]["of"] for entry in mine.entries()] == ["mine"] * 3
    other.path.replace(mine.path)
    assert [entry["payload"]["of"] for entry in mine.entries()] == ["other"] * 3
    mine.append("view", {"of": "added", "turn": 3}, "officer")
    assert [entry["payload"]["of"] for entry in mine.entries()] == ["other"] * 3 + ["added"]


def test_an_entry_is_on_the_disk_before_append_returns(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite waits for the disk at each commit only at the levels FULL (2) and EXTRA (3) of ``synchronous``."""
    levels = []

    class Watched(sqlite3.Connection):
        def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
            if statement == "COMMIT":
                levels.append(super().execute("PRAGMA synchronous").fetchone()[0])
            return super().execute(statement, *values)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, factory=Watched, **named))
    ledger.append("view", {}, "officer")
    ledger.append("view", {}, "officer")
    assert levels in ([2, 2], [3, 3])


@pytest.mark.parametrize("closed", ["file", "folder"])
def test_a_log_is_written_where_both_its_file_and_its_folder_may_be(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    place = ledger.path if closed == "file" else ledger.path.parent

    def refuse(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(sqlite3, "connect", refuse)
    monkeypatch.setattr(os, "access", lambda path, *_, **__: Path(path) != place)
    with pytest.raises(CaseError, match="cannot be written: the disk or folder is read-only; nothing was logged"):
        ledger.append("view", {}, "officer")
