"""What differs between systems stands in one module, and does there what its functions say."""

from __future__ import annotations

import ast
import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from spmc_tools import operating_system as system

PACKAGE = Path(system.__file__).resolve().parent
POSIX_ONLY = {
    # names of os that a Windows Python 3.11 lacks (https://docs.python.org/3/library/os.html, "Availability: Unix")
    "O_NOFOLLOW", "O_CLOEXEC", "O_DIRECTORY", "O_NONBLOCK", "O_SYNC", "O_DSYNC", "O_PATH", "fork", "forkpty", "killpg",
    "getuid", "geteuid", "getgid", "getegid", "getpgid", "getpgrp", "setsid", "setuid", "setgid", "fchmod", "fchown",
    "chown", "lchown", "chroot", "mkfifo", "mknod", "nice", "pread", "pwrite", "readv", "writev", "sendfile", "statvfs",
    "sync", "fdatasync", "posix_spawn", "posix_fallocate", "wait3", "wait4", "sched_getaffinity", "WNOHANG", "uname",
    # of signal
    "SIGKILL", "SIGHUP", "SIGALRM", "SIGCHLD", "SIGUSR1", "SIGUSR2", "set_wakeup_fd", "alarm", "pause",
    # of select and socket
    "poll", "epoll", "send_fds", "recv_fds", "AF_UNIX",
}  # fmt: skip
POSIX_MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "pty", "tty", "posix", "syslog", "crypt"}
OF_ONE_SYSTEM = {"operating_system.py", "cage/confinement.py", "cage/warden.py"}
"""Modules that are loaded on POSIX alone, or ask first."""

FORKING_CAGE = {"poll", "readv", "send_fds"}
"""Names in ``cage/cage.py``: of the line to the warden, of which Windows has none."""


def names_of_one_system(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="os" | "signal" | "select" | "socket"), attr=name) if (
                name in POSIX_ONLY
            ):
                found.add(name)
            case ast.Import(names=names):
                found |= {one.name for one in names} & POSIX_MODULES
            case ast.ImportFrom(module=str(module), level=0) if module in POSIX_MODULES:
                found.add(module)
            case ast.keyword(arg="start_new_session" | "preexec_fn" | "pass_fds" | "process_group" as name):
                found.add(name)
    return found


def test_no_other_module_uses_what_windows_lacks() -> None:
    said = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        if place not in OF_ONE_SYSTEM:
            allowed = FORKING_CAGE | {"pass_fds", "start_new_session"} if place == "cage/cage.py" else set()
            if found := names_of_one_system(path) - allowed:
                said[place] = found
    assert said == {}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import os\nos.open('x', os.O_RDONLY | os.O_NOFOLLOW)", {"O_NOFOLLOW"}),
        ("def f():\n    import fcntl", {"fcntl"}),
        ("from resource import getrusage", {"resource"}),
        ("import subprocess\nsubprocess.run([], preexec_fn=None)", {"preexec_fn"}),
        ("from spmc_tools.resources import resource\nimport os\nos.open('x', os.O_RDONLY)", set()),
    ],
)
def test_the_search_finds_them(code: str, names: set[str], tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(code, encoding="utf-8")
    assert names_of_one_system(tmp_path / "m.py") == names


def test_text_is_written_with_the_same_ends_of_lines_everywhere() -> None:
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            words = {one.arg for one in node.keywords}
            modes = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            opens = node.func.attr in {"open", "fdopen"} and any(mode in {"w", "x", "a", "w+", "r+"} for mode in modes)
            if (node.func.attr == "write_text" or (opens and "encoding" in words)) and "newline" not in words:
                wrong.append(f"{path.relative_to(PACKAGE).as_posix()}:{node.lineno}")
    assert wrong == []


@pytest.fixture(params=[False, True], ids=["with no-follow", "without"])
def opening(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open with the system's own refusal of links, and without it."""
    if request.param:
        monkeypatch.setattr(system, "_NO_LINK", 0)


@pytest.mark.usefixtures("opening")
def test_a_link_is_not_opened(tmp_path: Path) -> None:
    there, link = tmp_path / "there", tmp_path / "link"
    there.write_bytes(b"a\r\nb\x1a")
    try:
        link.symlink_to(there)
    except OSError:
        pytest.skip("this user may make no links")
    with pytest.raises(OSError, match=r".") as caught:
        system.open_descriptor(link, os.O_RDONLY)
    assert caught.value.errno == errno.ELOOP
    with pytest.raises(OSError, match=r"."):
        system.open_descriptor(link, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    assert there.read_bytes() == b"a\r\nb\x1a"


@pytest.mark.usefixtures("opening")
@pytest.mark.parametrize("name", ["half\ud800", "zero\x00"])
def test_what_no_file_can_be_called_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        system.open_descriptor(tmp_path / name, os.O_RDONLY)


def test_a_file_of_a_cloud_drive_is_no_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "_NO_LINK", 0)
    (tmp_path / "x").write_bytes(b"1")
    for tag, link in ((0, False), (0x9000001A, False), (0xA000000C, True), (0xA0000003, True)):
        found = SimpleNamespace(st_mode=stat.S_IFREG | 0o600, st_file_attributes=0x400, st_reparse_tag=tag)
        with monkeypatch.context() as patch:
            patch.setattr(os, "lstat", lambda _, found=found: found)
            assert system._is_link(tmp_path / "x") is link


@pytest.mark.usefixtures("opening")
def test_a_file_is_opened_as_bytes_and_not_inherited(tmp_path: Path) -> None:
    descriptor = system.open_descriptor(tmp_path / "new", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    os.write(descriptor, b"a\nb\x1ac")
    assert not os.get_inheritable(descriptor)
    os.close(descriptor)
    assert (tmp_path / "new").read_bytes() == b"a\nb\x1ac"
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        system.open_descriptor(tmp_path / "new", os.O_WRONLY | os.O_CREAT | os.O_EXCL)


def test_a_target_that_is_open_elsewhere_is_tried_again_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"new")
    target.write_bytes(b"old")
    refused, real = [], os.replace

    def replace(one: Path, other: Path) -> None:
        refused.append(other)
        if len(refused) < 4:
            raise PermissionError(errno.EACCES, "in use")
        real(one, other)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(system, "_PAUSE_S", 0.001)
    monkeypatch.setattr(system, "WINDOWS", False)
    with pytest.raises(PermissionError):
        system.move(source, target)
    assert (len(refused), target.read_bytes()) == (1, b"old")
    monkeypatch.setattr(system, "WINDOWS", True)
    system.move(source, target)
    assert (len(refused), target.read_bytes(), source.exists()) == (4, b"new", False)
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(errno.EACCES, "in use")))
    with pytest.raises(PermissionError):
        system.move(target, source)


@pytest.mark.parametrize("windows", [False, True])
def test_a_folder_goes_with_what_is_read_only(windows: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if windows is False and os.name == "nt":
        pytest.skip("what is read-only cannot be deleted there")
    monkeypatch.setattr(system, "WINDOWS", windows)
    folder = tmp_path / "case"
    (folder / "original").mkdir(parents=True)
    (folder / "original" / "x").write_bytes(b"1")
    system.set_mode(folder / "original" / "x", 0o444)
    system.remove_tree(folder)
    assert not folder.exists()
    with pytest.raises(OSError, match=r"."):
        system.remove_tree(folder)
    system.remove_tree(folder, ignore_errors=True)


def test_a_mode_tells_who_may_read_where_there_are_modes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "WINDOWS", False)
    assert [system.others_may_read(mode) for mode in (0o100600, 0o100640, 0o100604, 0o100400)] == [
        False,
        True,
        True,
        False,
    ]
    monkeypatch.setattr(system, "WINDOWS", True)
    assert system.others_may_read(0o100666) is False


SLEEPS = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(600)\n"
)


@pytest.mark.parametrize("windows", [False, True])
def test_a_group_ends_with_all_it_started(windows: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if windows is False and os.name == "nt":
        pytest.skip("there are no groups by number")
    head: subprocess.Popen[bytes] = subprocess.Popen(
        [sys.executable, "-c", SLEEPS], stdout=subprocess.PIPE, **system.group_of_its_own()
    )
    with head:
        assert head.stdout is not None
        child = psutil.Process(int(head.stdout.readline()))
        monkeypatch.setattr(system, "WINDOWS", windows)
        system.end_group(head)
        assert head.wait(30) != 0
        psutil.wait_procs([child], 30)
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
        system.end_group(head)  # once more: nothing happens


def test_who_is_asked_to_stop_hears_it() -> None:
    code = (
        "import os, signal, sys, time\n"
        "def heard(*_): os.write(1, b'heard\\n'); os._exit(3)\n"  # in the midst of a print, a second one is refused
        "signal.signal(getattr(signal, 'SIGBREAK', signal.SIGINT), heard)\n"
        "print('ready', flush=True)\n"
        "for _ in range(600): time.sleep(.1)\n"
    )
    process: subprocess.Popen[bytes] = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, **system.group_of_its_own()
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"ready"
        system.interrupt(process)
        assert process.stdout.readline().strip() == b"heard"
        assert process.wait(30) == 3
    system.interrupt(process)  # gone: nothing happens


def test_the_parent_is_there_until_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    for windows in (False, True):
        monkeypatch.setattr(system, "WINDOWS", windows)
        assert system.ends_with_parent()() is False
    parent: subprocess.Popen[bytes] = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with parent:
        monkeypatch.setattr(system, "WINDOWS", True)
        monkeypatch.setattr(psutil.Process, "ppid", lambda _: parent.pid)
        gone = system.ends_with_parent()
        assert gone() is False
    assert gone() is True


def test_the_peak_of_memory_is_that_of_this_process() -> None:
    before = system.peak_memory_mb()
    assert before is not None
    held: Any = bytearray(os.urandom(1 << 20) * 300)
    after = system.peak_memory_mb()
    assert after is not None
    assert after >= 300
    assert after >= before
    del held
    assert system.peak_memory_mb() >= after  # type: ignore[operator]


def test_a_name_is_found_for_every_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "asha")
    monkeypatch.setenv("USERNAME", "asha")
    assert system.login_name() == "asha"
    monkeypatch.setattr(system.getpass, "getuser", lambda: (_ for _ in ()).throw(OSError))
    assert system.login_name() == (f"user {os.getuid()}" if hasattr(os, "getuid") else "user")
