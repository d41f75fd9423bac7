"""The cage: what its children cannot do, and that whatever ends one is one sentence and nothing else."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from spmc_tools.cage import cage as module
from spmc_tools.cage.answer_frames import Frame, encoded, received
from spmc_tools.cage.cage import Limits, caged, limits_for
from spmc_tools.errors import FormatError

SMALL = Limits(20, 1 << 30)
THEN = "nothing was kept."


pytestmark = pytest.mark.usefixtures("forked")


def heads(work: str, limits: Limits = SMALL, **arguments: object) -> list[dict]:
    return [frame.head for frame in caged(f"spmc_tools.cage.works:{work}", arguments, limits, '"x.ods"', THEN)]


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in {"x86_64", "aarch64"}, reason="no filter of system calls"
)
def test_a_child_reads_and_does_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SECRET", "x")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_text("kept")
    [found] = heads("tries", path=str(tmp_path / "a"))
    assert [name for name, went in found["went"].items() if went] == ["read", "thread"]
    assert sorted(found["went"]) == sorted(
        ["socket", "connect", "write", "append", "unlink", "rename", "truncate", "program", "process", "kill", "files",
         "read", "thread"]
    )  # fmt: skip
    assert found["secrets"] == [] and found["folder"] == str(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["a"] and (tmp_path / "a").read_text() == "kept"


@pytest.mark.parametrize(
    ("work", "limits", "said"),
    [
        ("hangs", Limits(1, 1 << 30), "was not read within 1 s"),
        ("sleeps", Limits(1, 1 << 30), "was not read within 1 s"),
        ("half_a_frame", Limits(1, 1 << 30), "was not read within 1 s"),
        ("aborts", SMALL, r"made the program that reads it break off \(signal 6\)"),
        ("eats", Limits(60, 512 << 20), "needs more than 512 MB of memory to be read"),
        ("fails", SMALL, r'cannot be read: its reader failed at it \("ZeroDivisionError: no \\u001b\[31m such"\)'),
    ],
)
def test_a_death_is_one_sentence(work: str, limits: Limits, said: str) -> None:
    before = time.monotonic()
    with pytest.raises(FormatError, match=rf'^"x\.ods" {said}; nothing was kept\.$'):
        heads(work, limits)
    assert time.monotonic() - before < 60
    assert len(heads("counts", n=2)) == 2  # the next piece of work finds everything as it was


def test_who_stops_reading_ends_the_child() -> None:
    frames = caged("spmc_tools.cage.works:sleeps", {}, Limits(60, 1 << 30), "x")
    assert next(frames).head == {}
    before = time.monotonic()
    frames.close()
    assert time.monotonic() - before < 9
    warden = module._the_warden()._process.pid
    assert children(warden) == []


def children(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_several_threads_and_a_fork_of_the_program() -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(len(heads("counts", n=5)))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [5] * 6
    mine = module._the_warden()._process.pid
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if len(heads("counts", n=4)) == 4 and module._the_warden()._process.pid != mine else 1
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(heads("counts", n=3)) == 3 and module._the_warden()._process.pid == mine


def test_a_warden_that_was_killed_is_begun_anew() -> None:
    heads("counts", n=1)
    warden = module._the_warden()._process
    warden.kill()
    warden.wait()
    assert len(heads("counts", n=2)) == 2


def test_the_warden_ends_with_its_program(tmp_path: Path) -> None:
    code = (
        "from spmc_tools.cage import cage; w = cage._the_warden(); print(w._process.pid, flush=True); "
        "import os; os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=tmp_path)
    pid = int(done.stdout)
    until = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z":
        assert time.monotonic() < until
        time.sleep(0.05)


def test_no_module_of_the_folder_one_works_in_is_loaded(tmp_path: Path) -> None:
    """A file named as a module must not run where somebody imports what lies beside it."""
    (tmp_path / "orjson.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit(3)\n")
    (tmp_path / "a.jsonl").write_text('{"id":"1"}\n')
    code = (
        "import sys; sys.path = [p for p in sys.path if p]; from spmc_tools.importers.preview import first_rows; "
        "print(first_rows('a.jsonl'))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip() == "(['id'], [['1']])", done.stderr
    assert not (tmp_path / "ran").exists()


def test_work_is_of_this_program_alone() -> None:
    with pytest.raises(FormatError, match="its reader failed at it"):
        list(caged("os:listdir", {}, SMALL, "x"))


def test_limits_grow_with_the_file() -> None:
    assert limits_for(0) == Limits(30, 2 << 30)
    assert limits_for(3 << 20) == Limits(90, (2 << 30) + 20 * (3 << 20))
    assert limits_for(3 << 20, 7, 300, 2.5) == Limits(9.5, 300 << 20)


@pytest.mark.parametrize("at", ["lengths", "head", "parts", "table", "cut"])
def test_a_frame_that_lies_is_no_frame(at: str) -> None:
    import pyarrow as pa

    whole = bytearray(b"".join(bytes(p) for p in encoded(Frame({"a": 1}, {"t": pa.table({"s": ["ab", "cd"]})}))))
    if at == "lengths":
        whole[4:12] = b"\xff" * 8
    elif at == "head":
        whole[12:14] = b"xx"
    elif at == "parts":
        whole[4] ^= 1
    elif at == "table":
        place = whole.rindex(b"abcd")
        whole[place] = 0xFF  # no UTF-8
    else:
        del whole[-40:]
    given = iter([whole])
    left = next(given)

    def read(size: int) -> bytearray:
        nonlocal left
        if size > len(left):
            raise ValueError("no more")
        piece, left = left[:size], left[size:]
        return piece

    with pytest.raises((ValueError, pa.ArrowException)):
        received(read)
