"""Limits of a process on Windows, which has job objects in place of limits that a process takes upon itself.

Shapes and numbers are those of ``winnt.h`` (JOBOBJECT_EXTENDED_LIMIT_INFORMATION); nothing here is called elsewhere.
"""

from __future__ import annotations

import ctypes

__all__ = ["TIME_IS_UP", "JobObject"]

TIME_IS_UP = 1816
"""Exit code of a process that used up the processor time of its job (ERROR_NOT_ENOUGH_QUOTA)."""

_EXTENDED = 9
_PROCESS_TIME, _ACTIVE_PROCESSES, _PROCESS_MEMORY, _NO_DIALOG, _KILL_ON_CLOSE = 0x2, 0x8, 0x100, 0x400, 0x2000
_TICKS_A_SECOND = 10_000_000


class _Basic(ctypes.Structure):
    _fields_ = (
        ("process_time", ctypes.c_int64), ("job_time", ctypes.c_int64), ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t), ("most_working_set", ctypes.c_size_t),
        ("active_processes", ctypes.c_uint32), ("affinity", ctypes.c_size_t), ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )  # fmt: skip


class _Extended(ctypes.Structure):
    _fields_ = (
        ("basic", _Basic), ("counted", ctypes.c_uint64 * 6), ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t), ("peak_process", ctypes.c_size_t), ("peak_job", ctypes.c_size_t),
    )  # fmt: skip


class JobObject:
    """A job with one process, which ends when this object is closed, or the process that holds it ends."""

    def __init__(self) -> None:
        system = getattr(ctypes, "WinDLL")("kernel32", use_last_error=True)  # noqa: B009 -- there is none elsewhere
        system.CreateJobObjectW.restype = ctypes.c_void_p
        system.CreateJobObjectW.argtypes = (ctypes.c_void_p, ctypes.c_wchar_p)
        system.SetInformationJobObject.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32)
        system.AssignProcessToJobObject.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        system.CloseHandle.argtypes = (ctypes.c_void_p,)
        self._system = system
        self._handle = system.CreateJobObjectW(None, None)

    def hold(self, process: int, seconds: float, memory: int) -> tuple[str, ...]:
        """Put a process into the job and limit it; return what holds.

        Parameters
        ----------
        process : int
            Its handle.
        seconds : float
            Most processor time.
        memory : int
            Most bytes of memory of its own, what it has already among them.
        """
        limits = _Extended()
        limits.basic.flags = _PROCESS_TIME | _ACTIVE_PROCESSES | _PROCESS_MEMORY | _NO_DIALOG | _KILL_ON_CLOSE
        limits.basic.process_time = int(seconds * _TICKS_A_SECOND)
        limits.basic.active_processes = 1
        limits.process_memory = memory
        limited = self._system.SetInformationJobObject(
            self._handle, _EXTENDED, ctypes.byref(limits), ctypes.sizeof(limits)
        )
        if limited and self._system.AssignProcessToJobObject(self._handle, process):
            return ("memory", "processor", "no_program")
        return ()

    def close(self) -> None:
        """Let go of the job: what is still in it ends."""
        if self._handle:
            self._system.CloseHandle(self._handle)
            self._handle = None
