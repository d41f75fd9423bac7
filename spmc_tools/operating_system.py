"""What differs between the systems that the program runs on, in one place.

POSIX systems are the ones that it was built on. Windows has no modes, no descriptors of folders, no forks and no groups
of processes by number; a file that is open there can be neither replaced nor deleted, and one that is read-only cannot
be deleted. Each function here says what holds on Windows in place of what holds elsewhere; ``docs/howto/custody.md``
says what that means for the promises of a case.
"""

from __future__ import annotations

import errno
import getpass
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "WINDOWS",
    "end_group",
    "end_own_group",
    "ends_with_parent",
    "flush_folder",
    "group_of_its_own",
    "interrupt",
    "is_superuser",
    "login_name",
    "move",
    "open_descriptor",
    "others_may_read",
    "peak_memory_mb",
    "remove_tree",
    "set_mode",
    "usable_processors",
]

WINDOWS = os.name == "nt"
"""Whether this is Windows; read at each call, so that a test can set it."""

_NEVER_INHERITED = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)
_LINK_TAGS = {0xA000000C, 0xA0000003}
"""IO_REPARSE_TAG_SYMLINK and IO_REPARSE_TAG_MOUNT_POINT of ``winnt.h``."""

_TRIES, _PAUSE_S = 40, 0.05
"""A file that another program has open on Windows is tried again for two seconds; a virus scanner lets go by then."""


def open_descriptor(path: Path, flags: int, mode: int = 0o600) -> int:
    """Open a file as bytes, inherited by no process, never through a link, never waiting for a pipe's other end.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    flags : int
        Of ``os.O_*``, those that every system has.
    mode : int
        Of a file that is made; on Windows only whether it may be written counts.

    Returns
    -------
    int
        The descriptor.

    Raises
    ------
    OSError
        Where the system refuses; ``ELOOP`` where the path is a link, ``ENOENT`` where no file can have the name (a zero
        character, half of a surrogate pair).
    """
    if not _NO_LINK and _is_link(path):
        raise OSError(errno.ELOOP, "it is a link", str(path))
    try:
        return os.open(path, flags | _NEVER_INHERITED | _NO_LINK | _NO_WAITING, mode)
    except ValueError:
        raise OSError(errno.ENOENT, "no file can have this name", ascii(str(path))) from None


def _is_link(path: Path) -> bool:
    """Whether a path is a link or a junction; files of a cloud drive bear a like mark and are none."""
    try:
        found = os.lstat(path)
    except (OSError, ValueError):
        return False
    return stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) in _LINK_TAGS


def flush_folder(path: Path) -> None:
    """Make the names in a folder durable; on Windows the file system's own journal is all there is.

    Raises
    ------
    OSError
        Where the folder cannot be opened or flushed.
    """
    if WINDOWS:
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def set_mode(path: Path, mode: int) -> None:
    """Set who may read and write; Windows keeps of it only whether the file may be written.

    Who may read a file there is said by its folder: ``spmc doctor`` tells where others may.

    Raises
    ------
    OSError
        Where the system refuses.
    """
    os.chmod(path, mode)  # noqa: PTH101 -- one call, whatever stands for a path


def others_may_read(mode: int) -> bool:
    """Whether the mode of a file lets others read it; on Windows a mode says nothing of that."""
    return not WINDOWS and bool(stat.S_IMODE(mode) & 0o077)


def move(source: Path, target: Path) -> None:
    """Put a file or folder in the place of another, in one step: a reader sees the old one or the new one.

    On Windows a target that another program has open is tried again for two seconds.

    Raises
    ------
    OSError
        Where the system refuses.
    """
    _patiently(lambda: os.replace(source, target))  # noqa: PTH105


def remove_tree(path: Path, ignore_errors: bool = False) -> None:
    """Delete a folder with all that is in it, what is read-only too.

    Raises
    ------
    OSError
        Where something cannot be deleted and ``ignore_errors`` is not set.
    """
    if not WINDOWS:
        shutil.rmtree(path, ignore_errors=ignore_errors)
        return

    def again(remove: Callable[..., Any], name: str, _: object) -> None:
        with suppress(OSError):
            os.chmod(name, stat.S_IWRITE)  # noqa: PTH101
        try:
            _patiently(lambda: remove(name))
        except OSError:
            if not ignore_errors:
                raise

    if sys.version_info >= (3, 12):
        shutil.rmtree(path, onexc=again)
    else:
        shutil.rmtree(path, onerror=again)


def _patiently(act: Callable[[], None]) -> None:
    for left in range(_TRIES if WINDOWS else 1, 0, -1):
        try:
            act()
            return
        except PermissionError:
            if left == 1:
                raise
            time.sleep(_PAUSE_S)


def login_name() -> str:
    """Return the name of the user of this machine; ``user 1000`` for one without a name, as in a container."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "user"


def group_of_its_own() -> dict[str, Any]:
    """Return the arguments of ``subprocess.Popen`` that make a process the head of a group, to be ended as a whole."""
    if WINDOWS:
        return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x200)}
    return {"start_new_session": True}


def interrupt(process: subprocess.Popen[Any]) -> None:
    """Ask a process that heads a group to stop, as Ctrl-C (Ctrl-Break on Windows) would; one that is gone is left."""
    with suppress(ProcessLookupError, PermissionError, ValueError, OSError):
        process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT) if WINDOWS else signal.SIGINT)


def end_group(process: subprocess.Popen[Any], kindly: bool = False) -> None:
    """End a process that heads a group, and all it started; one that is gone is left.

    Parameters
    ----------
    process : subprocess.Popen
        Started with :func:`group_of_its_own`.
    kindly : bool
        Ask first (SIGTERM); on Windows, where nothing can be asked, that is done by :func:`interrupt`.
    """
    if not WINDOWS:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM if kindly else signal.SIGKILL)
        return
    if kindly:
        interrupt(process)
        return
    _end_with_children(process.pid)


def _end_with_children(pid: int) -> None:
    import psutil

    with suppress(psutil.NoSuchProcess):
        head = psutil.Process(pid)
        for one in [*head.children(recursive=True), head]:
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                one.kill()


def end_own_group() -> None:
    """End this process, which heads a group, and all it started; never returns."""
    if WINDOWS:
        _end_with_children(os.getpid())
    else:
        os.killpg(0, signal.SIGKILL)


def ends_with_parent() -> Callable[[], bool]:
    """Return a function that says whether the process that started this one is gone."""
    if not WINDOWS:
        parent = os.getppid()
        return lambda: os.getppid() != parent  # another process has taken its place

    import psutil

    try:
        head = psutil.Process(psutil.Process().ppid())
    except psutil.NoSuchProcess:
        return lambda: True
    return lambda: not head.is_running()


def is_superuser() -> bool:
    """Whether this process may do everything; on Windows no program of ours asks."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def usable_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_memory_mb() -> int | None:
    """Return the most memory that this process ever held, in MB; None where the system does not say."""
    if WINDOWS:
        import psutil

        peak = getattr(psutil.Process().memory_info(), "peak_wset", None)
        return None if peak is None else int(peak) // 2**20
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (2**20 if sys.platform == "darwin" else 2**10)
