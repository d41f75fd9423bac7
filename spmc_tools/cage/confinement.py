"""What only a POSIX system has: limits of a process, no network, a filter of system calls.

Everything here is called in a child process that has just been forked and has one thread. A limit that the system does
not know is left out and not reported: :func:`confine` returns what holds, and ``spmc doctor`` says it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
import sys
from contextlib import suppress

__all__ = ["confine"]

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_DIE_WITH_PARENT, _KILL = 1, 9
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_CLONE_THREAD = 0x10000
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_CALLS: dict[str, tuple[int, dict[str, int], tuple[int, ...], tuple[int, ...]]] = {
    "x86_64": (
        0xC000003E,
        {"open": 2, "openat": 257, "clone": 56, "clone3": 435, "openat2": 437},
        # socket connect accept bind listen socketpair fork vfork execve kill ptrace accept4 process_vm_readv
        # process_vm_writev execveat pidfd_send_signal io_uring_setup
        (41, 42, 43, 49, 50, 53, 57, 58, 59, 62, 101, 288, 310, 311, 322, 424, 425),
        # truncate rename mkdir rmdir creat link unlink symlink chmod chown lchown mkdirat fchownat unlinkat renameat
        # linkat symlinkat fchmodat renameat2
        (76, 82, 83, 84, 85, 86, 87, 88, 90, 92, 94, 258, 260, 263, 264, 265, 266, 268, 316),
    ),
    "aarch64": (
        0xC00000B7,
        {"openat": 56, "clone": 220, "clone3": 435, "openat2": 437},
        # ptrace kill socket socketpair bind listen accept connect execve accept4 process_vm_readv process_vm_writev
        # execveat pidfd_send_signal io_uring_setup
        (117, 129, 198, 199, 200, 201, 202, 203, 221, 242, 270, 271, 281, 424, 425),
        # mkdirat unlinkat symlinkat linkat renameat truncate fchmodat fchownat renameat2
        (34, 35, 36, 37, 38, 45, 53, 54, 276),
    ),
}
"""By machine: its number for filters, the calls whose flags are looked at, those that nothing may make, and those that
change files."""


def confine(seconds: float, memory: int, open_files: int, writes: bool) -> tuple[str, ...]:
    """Take from this process what a parser does not need, for good; return what holds.

    Parameters
    ----------
    seconds : float
        Most processor time; the one who waits counts the clock.
    memory : int
        Most bytes of memory that is not a mapped file, above what the process has when it begins.
    open_files : int
        Most files that are open at once.
    writes : bool
        Whether it may write files.

    Returns
    -------
    tuple of str
        Of ``memory``, ``processor``, ``files``, ``no_writing``, ``own_network`` (a name space without one),
        ``filter`` (no socket, no program, no process, nothing opened for writing).
    """
    held = []
    taken = (
        ("memory", resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS, memory + _held_already()),
        ("processor", resource.RLIMIT_CPU, max(1, int(seconds) + 1)),
        ("files", resource.RLIMIT_NOFILE, open_files),
        *([] if writes else [("no_writing", resource.RLIMIT_FSIZE, 0)]),
        ("", resource.RLIMIT_CORE, 0),
    )
    for name, which, most in taken:
        with suppress(OSError, ValueError):
            _, hard = resource.getrlimit(which)
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)  # noqa: PLW2901
            resource.setrlimit(which, (most, most))
            held.append(name)
    if sys.platform == "linux":
        system = ctypes.CDLL(None, use_errno=True)
        system.prctl(_DIE_WITH_PARENT, _KILL, 0, 0, 0)
        # whoever is no administrator gets a network of his own only beside users of his own, which takes nothing from
        # him; an administrator would lose his access to files of others that way
        apart = _NEW_NET if os.geteuid() == 0 else _NEW_NET | _NEW_USER
        held += ["own_network"] if system.unshare(apart) == 0 else []
        held += ["filter"] if _filtered(system, writes) else []
    return tuple(name for name in held if name)


def _held_already() -> int:
    """Return how many bytes count as memory of this process before it does anything."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 -- nothing more is loaded for it
            return int(file.read().split()[5]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return 0


def _filtered(system: ctypes.CDLL, writes: bool) -> bool:
    """Have the system refuse calls; whether it does."""
    known = _CALLS.get(platform.machine())
    if known is None:
        return False
    program = _program(*known, writes)

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))

    told = Program(len(program) // 8, program)
    if system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(system.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(told), 0, 0) == 0)


def _program(
    architecture: int, flagged: dict[str, int], refused: tuple[int, ...], writing: tuple[int, ...], writes: bool
) -> bytes:
    """Return the filter as the system reads it: steps of code, two jumps and a number."""
    no, denied, unknown = _ERRNO | errno.EPERM, _ERRNO | errno.EACCES, _ERRNO | errno.ENOSYS
    steps = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, no), (_LOAD, 0, 0, _NUMBER)]
    steps += [(_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, no)]  # the second set of numbers of x86
    for number in (*refused, *(() if writes else writing)):
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, no)]
    for name in ("clone3", "openat2"):  # their flags lie in memory; libraries go back to the older calls
        steps += [(_EQUAL, 0, 1, flagged[name]), (_RETURN, 0, 0, unknown)]
    for name, argument in () if writes else (("open", 1), ("openat", 2)):
        if name in flagged:
            steps += [(_EQUAL, 0, 4, flagged[name]), (_LOAD, 0, 0, _ARGUMENTS + 8 * argument)]
            steps += [(_ANY_BIT, 0, 1, _WRITES), (_RETURN, 0, 0, denied), (_RETURN, 0, 0, _ALLOW)]
    steps += [(_EQUAL, 0, 3, flagged["clone"]), (_LOAD, 0, 0, _ARGUMENTS)]
    steps += [(_ANY_BIT, 1, 0, _CLONE_THREAD), (_RETURN, 0, 0, no), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
