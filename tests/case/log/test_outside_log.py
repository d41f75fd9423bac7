"""The log beside the cases: what was refused stands in it, and a changed line is noticed."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING

import pytest

from spmc_tools.case.files.clock import clock_state
from spmc_tools.case.log.outside_log import OUTSIDE_LOG, append, check, entries
from spmc_tools.errors import CaseError, FormatError, IntegrityError, SpmcError
from spmc_tools.importers.import_files import import_files

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case


def test_a_refused_file_is_logged_with_its_hash(case: Case, tmp_path: Path) -> None:
    page = tmp_path / "posts.json"
    page.write_text("<!doctype html><html>Sign in</html>")
    with pytest.raises(FormatError, match="web page"):
        import_files(case, [page], dry_run=True)
    with pytest.raises(FormatError, match="web page"):
        import_files(case, [page])
    with pytest.raises(FormatError):
        import_files(case, [tmp_path / "absent.csv"])
    looked_at, first, second = entries(case.path.parent)
    assert [one["payload"]["what"] for one in (looked_at, first, second)] == ["preview", "import", "import"]
    facts = first["payload"]
    assert (first["kind"], first["officer"], facts["case"], facts["name"]) == (
        "refused",
        case.officer,
        "one",
        "posts.json",
    )
    assert facts["sha256"] == hashlib.sha256(page.read_bytes()).hexdigest() and facts["bytes"] == page.stat().st_size
    assert "web page" in facts["reason"] and facts["clock"].keys() == clock_state().keys()
    assert second["payload"]["sha256"] is None
    assert check(case.path.parent) is None
    assert (case.path.parent / OUTSIDE_LOG).stat().st_mode & 0o777 == 0o600


def test_the_chain_is_that_of_the_custody_log(tmp_path: Path) -> None:
    for n in range(3):
        append(tmp_path, "refused", {"n": n, "name": "हिंदी"}, "S. I.")
    prev = "0" * 64
    for line in (tmp_path / OUTSIDE_LOG).read_text().splitlines():
        entry = json.loads(line)
        told = entry.pop("hash")
        assert entry["prev"] == prev
        prev = hashlib.sha256(json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
        assert prev == told


def test_a_changed_removed_or_broken_line_is_told(tmp_path: Path) -> None:
    for n in range(3):
        append(tmp_path, "refused", {"n": n}, "A")
    path = tmp_path / OUTSIDE_LOG
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    path.write_bytes(whole.replace(b'"n\\":1', b'"n\\":7'))
    assert "line 2 was changed" in str(check(tmp_path))
    path.write_bytes(lines[0] + lines[2])
    assert "line 2 does not follow" in str(check(tmp_path))
    path.write_bytes(whole + b'{"seq": 4, "at"')
    assert "line 4 is no whole entry" in str(check(tmp_path))
    append(tmp_path, "refused", {"n": 3}, "A")  # what a broken-off write left stays, and is still told
    assert path.read_bytes().startswith(whole) and [e["payload"]["n"] for e in entries(tmp_path)] == [0, 1, 2, 3]
    assert "line 4" in str(check(tmp_path))
    path.write_bytes(lines[0] + lines[1].replace(b'"A"', b'"B"'))
    with pytest.raises(IntegrityError, match="entry 2 was changed"):
        append(tmp_path, "refused", {}, "A")


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    workers = [
        threading.Thread(target=lambda k=k: [append(tmp_path, "refused", {"k": k, "n": n}, "A") for n in range(5)])
        for k in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert check(tmp_path) is None
    assert sorted((e["payload"]["k"], e["payload"]["n"]) for e in entries(tmp_path)) == [
        (k, n) for k in range(4) for n in range(5)
    ]


def test_a_full_disk_leaves_the_log_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: Case) -> None:
    append(tmp_path, "refused", {"n": 0}, "A")
    before = (tmp_path / OUTSIDE_LOG).read_bytes()
    import os

    write = os.write
    monkeypatch.setattr("spmc_tools.case.log.outside_log.os.write", lambda fd, data: write(fd, data[:20]))
    with pytest.raises(SpmcError, match="the disk is full"):
        append(tmp_path, "refused", {"n": 1}, "A")
    assert (tmp_path / OUTSIDE_LOG).read_bytes() == before
    with pytest.raises(FormatError, match=r"could not be logged.*full"):
        import_files(case, [tmp_path / "absent.csv"])


def test_an_unknown_way_of_getting_a_file_is_refused(case: Case, tmp_path: Path) -> None:
    from spmc_tools.errors import ParameterError

    with pytest.raises(ParameterError, match="notice, analytics"):
        import_files(case, [tmp_path / "a"], obtained="found it")
    with pytest.raises(CaseError, match="--from is empty"):
        import_files(case, [tmp_path / "a"], received_from=" ")
    assert entries(case.path.parent) == []
