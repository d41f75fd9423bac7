"""What a stage may use of this machine, and what it will need: decided before it starts.

A stage that would need more than it may takes another engine and says so; it never finds out by being killed.

Notes
-----
The bytes per row are measured (``docs/measured/performance.md`` has the peaks they come from) and rounded up. They are
estimates: a table of very long ids needs more, which is why the ids of a table that is already in memory are measured
and those of Parquet files are taken from their metadata.
"""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spmc_tools.errors import ParameterError, quote
from spmc_tools.operating_system import usable_processors

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "MOST_ACTIONS", "MOST_TEXT", "Limits", "assess_need", "bytes_of", "copies_need", "kernel_need", "limits_now",
    "machine_memory", "must_fit", "order_need", "using",
]  # fmt: skip

MOST_ACTIONS = 1 << 31
"""The kernel counts positions in 32 bits: fewer actions than this."""

MOST_TEXT = 2_000_000_000
"""Bytes of text among which copies are looked for at once: one Arrow array counts them in 31 bits."""

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {unit[0] + "IB": 1 << (10 * (i + 1)) for i, unit in enumerate(_UNITS)}
_MOST = 1 << 50
_SHARE = 0.8
_BYTES_PER_ACTION = 180
_BYTES_PER_ACCOUNT_AND_THREAD = 80
_BYTES_PER_ROW_IN_ORDER = 150
_BYTES_PER_ACTION_ASSESSED = 600
_BYTES_PER_TEXT = 1_500


@dataclass(frozen=True)
class Limits:
    """What a stage may use.

    Attributes
    ----------
    memory : int
        Bytes.
    threads : int
        At least 1.
    scratch : str or None
        Folder for what does not fit in memory; None: the system's.
    said_by : str
        Who set the memory: "memory_limit", "case.toml" or "this machine".
    """

    memory: int
    threads: int
    scratch: str | None = None
    said_by: str = "this machine"


_LIMITS: ContextVar[Limits | None] = ContextVar("limits", default=None)


@contextmanager
def using(memory: str | None, threads: int | None, scratch: str | None) -> Iterator[None]:
    """Let what runs inside keep to the settings of a case; None leaves what the machine has.

    Raises
    ------
    ParameterError
        Where the memory is no amount, or the folder is not there.
    """
    machine = _of_machine()
    if scratch is not None and not Path(scratch).is_dir():
        raise ParameterError(f"temp_directory: {quote(scratch, 200)} is no folder; give one that exists.")
    bytes_ = machine.memory if memory is None else min(bytes_of(memory), machine.memory)
    said_by = machine.said_by if memory is None else "case.toml"
    token = _LIMITS.set(Limits(bytes_, min(threads or machine.threads, machine.threads), scratch, said_by))
    try:
        yield
    finally:
        _LIMITS.reset(token)


def limits_now(memory_limit: str | None = None) -> Limits:
    """Return what a stage may use now: as asked for, else as the case says, else four fifths of what is free.

    What is asked for counts up to four fifths of the machine's memory: more would be taken from nobody.

    Raises
    ------
    ParameterError
        Where ``memory_limit`` is no amount, or more than any machine has.
    """
    now = _LIMITS.get() or _of_machine()
    if memory_limit is None:
        return now
    most = int(machine_memory()[0] * _SHARE)
    return Limits(min(bytes_of(memory_limit), most), now.threads, now.scratch, "memory_limit")


def bytes_of(memory_limit: object) -> int:
    """Return an amount such as "8GB" or "500MiB" in bytes.

    Raises
    ------
    ParameterError
        Where it is none, is under one byte, or above 1024 TiB.
    """
    match = re.fullmatch(r"\s*(\d{1,20}(?:\.\d{1,20})?)\s*([KMGT]i?B)\s*", str(memory_limit), re.ASCII | re.IGNORECASE)
    size = int(float(match[1]) * _UNITS[match[2].upper()]) if match and isinstance(memory_limit, str) else 0
    if size < 1:
        raise ParameterError(f'memory_limit: found {quote(memory_limit)}, wanted an amount such as "8GB" or "500MiB".')
    if size > _MOST:
        has = machine_memory()[0] / 1e9
        raise ParameterError(
            f"memory_limit: found {quote(memory_limit)}, which no machine has (this one: {has:.0f} GB); "
            'give an amount such as "8GB".'
        )
    return size


def kernel_need(n_actions: int, id_bytes: int, n_accounts: int, threads: int) -> int:
    """Return about how many bytes the kernel holds at its peak, its edges apart.

    Parameters
    ----------
    n_actions : int
        Rows.
    id_bytes : int
        Bytes of their ids as they lie in memory; 0 where they are packed.
    n_accounts : int
        Distinct accounts, or as many as there may be.
    threads : int
        Each has an accumulator over all accounts.
    """
    return n_actions * _BYTES_PER_ACTION + id_bytes + threads * n_accounts * _BYTES_PER_ACCOUNT_AND_THREAD


def order_need(n_rows: int, n_bytes: int) -> int:
    """Return about how many bytes it takes to bring a table of this size into order in memory, the table included."""
    return 3 * n_bytes + n_rows * _BYTES_PER_ROW_IN_ORDER


def assess_need(n_actions: int) -> int:
    """Return about how many bytes ``assess`` holds at its peak, the actions that it is given apart."""
    return n_actions * _BYTES_PER_ACTION_ASSESSED


def copies_need(n_texts: int, n_bytes: int) -> int:
    """Return about how many bytes it takes to find the copies among texts, the texts that are given apart.

    Parameters
    ----------
    n_texts : int
        Different ones, or as many as there may be.
    n_bytes : int
        Of all of them.
    """
    return n_texts * _BYTES_PER_TEXT + 2 * n_bytes


def must_fit(n_rows: int, what: str, stage: str) -> None:
    """Stop a stage that has no other engine where even sorting its rows would not fit.

    Raises
    ------
    ParameterError
        With what it needs at least, what it may use, and who says so.
    """
    limits = limits_now()
    needed = kernel_need(n_rows, 0, 0, 1)
    if needed > limits.memory:
        raise ParameterError(
            f"{stage}: {n_rows} {what} need at least {needed // 10**6 + 1} MB, {limits.said_by} allows "
            f"{limits.memory // 10**6} MB; give more (memory_limit in case.toml), or look at a shorter period."
        )


def machine_memory() -> tuple[int, int]:
    """Return the bytes of memory that this process could have in all, and that are free now."""
    import psutil

    memory = psutil.virtual_memory()
    total, free = int(memory.total), int(memory.available)
    group = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):
        total = min(total, int((group / "memory.max").read_text()))
        free = min(free, total - int((group / "memory.current").read_text()))
    return total, max(free, 0)


def _of_machine() -> Limits:
    cpus = usable_processors()
    return Limits(max(int(machine_memory()[1] * _SHARE), 1 << 27), cpus)
