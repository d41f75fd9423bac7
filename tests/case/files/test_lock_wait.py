"""Who waits for another program says so once, soon, and says when it goes on; nobody waits longer than allowed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest
from filelock import FileLock

from spmc_tools.case.files import lock_wait as waiting
from spmc_tools.case.files.lock_wait import call_waiting, patiently
from spmc_tools.case.log import ledger as module
from spmc_tools.case.log.ledger import Ledger
from spmc_tools.case.store.batches import import_lock
from spmc_tools.errors import BusyError


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What was said in this process, where no form speaks for itself."""
    said: list[bool] = []
    monkeypatch.setattr(waiting, "_everywhere", [None])
    monkeypatch.setattr(waiting, "TRY_S", 0.05)
    call_waiting(said.append)
    return said


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    made = Ledger.create(tmp_path / "ledger.sqlite")
    made.append("created", {}, "officer")
    return made


def test_a_wait_is_bounded_and_told_once_after_a_first_silent_try(told) -> None:
    tries: list[tuple[float, list[bool]]] = []

    def attempt(try_s: float) -> None:
        tries.append((try_s, list(told)))
        time.sleep(try_s or 0.01)
        raise BlockingIOError(len(tries))

    began = time.monotonic()
    with pytest.raises(BlockingIOError) as raised:
        patiently(attempt, lambda error: isinstance(error, BlockingIOError), 0.6)
    assert 0.6 <= time.monotonic() - began < 1.5 and told == [True, False]
    assert 4 <= len(tries) <= 40 and raised.value.args == (len(tries),)
    assert tries[0] == (0.05, []) and all(said == [True] for _, said in tries[1:])
    assert all(0 <= try_s <= 0.05 for try_s, _ in tries)


def test_a_wait_of_no_time_is_one_try_that_nobody_hears_of(told) -> None:
    tries: list[float] = []

    def attempt(try_s: float) -> None:
        tries.append(try_s)
        raise BlockingIOError

    with pytest.raises(BlockingIOError):
        patiently(attempt, lambda error: isinstance(error, BlockingIOError), 0.0)
    assert tries == [0.0] and told == []


@pytest.mark.parametrize("before", [0, 2])
def test_another_error_is_raised_at_once_and_what_an_attempt_gives_is_given(told, before) -> None:
    """``before``: attempts that find it held. An interruption is an error of this kind, too."""
    for last in (ValueError("another"), KeyboardInterrupt(), "made"):
        outcomes = [*(BlockingIOError() for _ in range(before)), last]
        told.clear()

        def attempt(_try_s: float, outcomes: list = outcomes) -> str:
            outcome = outcomes.pop(0)
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        if last == "made":
            assert patiently(attempt, lambda error: isinstance(error, BlockingIOError), 5.0) == "made"
        else:
            with pytest.raises(type(last)) as raised:
                patiently(attempt, lambda error: isinstance(error, BlockingIOError), 5.0)
            assert raised.value is last
        assert outcomes == [] and told == ([True, False] if before else [])


def test_only_who_waits_pays_for_the_library_that_tries_again(tmp_path) -> None:
    program = f"""
import sys
import threading
from pathlib import Path
from filelock import FileLock
from spmc_tools.case.log.ledger import Ledger
from spmc_tools.case.store.batches import import_lock

folder = Path({str(tmp_path)!r})
Ledger.create(folder / "ledger.sqlite").append("created", {{}}, "officer")
with import_lock(folder):
    print("tenacity" in sys.modules)
other = FileLock(folder / ".lock", thread_local=False)
other.acquire()
threading.Timer(1.5, other.release).start()
with import_lock(folder, 20):
    print("tenacity" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_who_need_not_wait_says_nothing(told, ledger, tmp_path) -> None:
    ledger.append("view", {}, "officer")
    with import_lock(tmp_path):
        pass
    assert told == [] and len(ledger.entries()) == 2


@pytest.mark.parametrize("readers_too", [False, True])
def test_a_form_speaks_for_itself(told, ledger, readers_too) -> None:
    own: list[bool] = []
    held = sqlite3.connect(ledger.path, isolation_level=None, check_same_thread=False)
    if readers_too:
        held.execute("PRAGMA locking_mode = EXCLUSIVE")
    held.execute("BEGIN EXCLUSIVE")
    free = threading.Timer(0.3, held.close)
    free.start()
    with waiting.waiting(own.append):
        made = ledger.entries() if readers_too else [ledger.append("view", {}, "officer")]
    free.join()
    assert len(made) == 1 and own == [True, False] and told == []
    assert ledger.check() is None


def test_a_stop_is_heard_while_it_waits(told, ledger) -> None:
    """As the button does it: the voice raises, as a signal would between two tries."""

    def stop(waits: bool) -> None:
        if waits:
            raise KeyboardInterrupt

    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        with pytest.raises(KeyboardInterrupt), waiting.waiting(stop):
            ledger.append("view", {}, "officer")
        held.execute("ROLLBACK")
    assert len(ledger.entries()) == 1 and ledger.check() is None


@pytest.mark.parametrize("what", ["log", "import"])
def test_an_interruption_is_heard_within_about_a_second(told, ledger, tmp_path, monkeypatch, what) -> None:
    monkeypatch.setattr(waiting, "TRY_S", 0.7)
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as held, FileLock(tmp_path / ".lock"):
        held.execute("BEGIN IMMEDIATE")
        stop = threading.Timer(0.9, os.kill, (os.getpid(), signal.SIGINT))
        began = time.monotonic()
        stop.start()
        with pytest.raises(KeyboardInterrupt):
            ledger.append("view", {}, "officer") if what == "log" else import_lock(tmp_path, 60).__enter__()
        assert time.monotonic() - began < 0.9 + 1.5 and told == [True, False]
        stop.join()


def test_at_the_end_it_is_said_that_nothing_is_lost(told, ledger, monkeypatch) -> None:
    monkeypatch.setattr(module, "_BUSY_S", 0.2)
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError, match="nothing was logged, and nothing is lost") as raised:
            ledger.append("view", {}, "officer")
    assert (raised.value.key, raised.value.facts) == ("busy", {"seconds": 0}) and told == [True, False]


def test_an_import_that_waits_for_another_says_so(told, tmp_path) -> None:
    other = FileLock(tmp_path / ".lock", thread_local=False)
    other.acquire()
    threading.Timer(0.3, other.release).start()
    with import_lock(tmp_path, 5):
        assert told == [True, False]
