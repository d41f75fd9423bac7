"""Temporary files of a case lie in it: no other folder takes any, and what a kill leaves goes with the case."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from spmc_tools.case.files.scratch import LEFT_S, SCRATCH, library_files_in, scratch_in
from spmc_tools.case.store.case import Case, create_case
from spmc_tools.custody.records.backup import back_up
from spmc_tools.custody.records.case_disposal import dispose_of_case
from spmc_tools.custody.review.verify import verify
from spmc_tools.desks.rumours.rumour import enter_claim
from spmc_tools.errors import CaseError
from spmc_tools.findings.pipeline.investigate import investigate


@pytest.fixture
def case() -> Case:
    return create_case(
        "gaya", title="t", purpose="p", legal_basis="l", date_from="2025-11-01", date_to="2025-11-16", officer="Kumari"
    )


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of the machine for such files is not there: whoever writes to it fails."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    with pytest.raises(FileNotFoundError):
        tempfile.mkdtemp()


@pytest.mark.usefixtures("nowhere")
def test_acts_on_a_case_use_no_folder_of_the_machine(case: Case, tmp_path: Path) -> None:
    enter_claim(case, "R1", "open", text="Booth 12 is shut.", first_seen="2025-11-05T10:00+05:30", entered_at=None)
    found = investigate(case, progress=lambda *_: None)
    for name in ("found.xlsx", "found.csv", "found.gexf"):
        assert found.export(tmp_path / name).stat().st_size > 0
    back_up(case, tmp_path / "gaya.zip")
    assert list((case.path / SCRATCH).iterdir()) == []
    assert verify(case.path, log=False).ok


def test_what_a_library_writes_lies_in_the_case(case: Case) -> None:
    before = tempfile.tempdir
    with library_files_in(case.path), tempfile.NamedTemporaryFile() as file:
        assert case.path / SCRATCH in Path(file.name).parents
        assert (case.path / SCRATCH).stat().st_mode & 0o777 == 0o700
    assert tempfile.tempdir == before
    assert list((case.path / SCRATCH).iterdir()) == []


KILLED = """
import sys, tempfile, time
from pathlib import Path
from spmc_tools.case.files.scratch import library_files_in
with library_files_in(Path(sys.argv[1])):
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("@somebody"); file.flush()
        print("written", flush=True)
        time.sleep(60)
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of POSIX")
def test_what_a_kill_leaves_goes_with_the_case(case: Case, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    program = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(case.path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(elsewhere)},
    )
    assert program.stdout is not None and program.stdout.readline() == b"written\n"
    program.send_signal(signal.SIGKILL)
    program.wait()
    program.stdout.close()
    (left,) = [path for path in case.path.rglob("*") if path.is_file() and b"@somebody" in path.read_bytes()]
    assert left.parent.parent == case.path / SCRATCH and list(elsewhere.iterdir()) == []
    assert verify(case.path, log=False).ok
    with scratch_in(case.path):
        assert left.exists()  # its program may still be at work
    old = time.time() - LEFT_S - 60
    os.utime(left.parent, (old, old))
    with scratch_in(case.path) as folder:
        assert not left.exists() and folder.is_dir()
    (case.path / SCRATCH / "left").mkdir()
    (case.path / SCRATCH / "left" / "x").write_text("@somebody")
    dispose_of_case("gaya", "over", "gaya")
    assert not case.path.exists()


@pytest.mark.parametrize("what", ["link", "file"])
def test_another_thing_in_its_place_is_refused(case: Case, tmp_path: Path, what: str) -> None:
    if what == "link":
        (case.path / SCRATCH).symlink_to(tmp_path)
    else:
        (case.path / SCRATCH).write_text("x")
    with pytest.raises(CaseError, match=r"\.scratch of the case is no folder"), scratch_in(case.path):
        pass
