"""Who waits for another program says so once, soon, and says when it goes on; nobody waits longer than allowed."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing

import pytest
from filelock import FileLock

from spmc_tools.case.files import lock_wait as waiting
from spmc_tools.case.files.lock_wait import Wait, call_waiting
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


def test_a_wait_is_bounded_and_told_once(told) -> None:
    wait, began, tries = Wait(0.2), time.monotonic(), 0
    while wait.again():
        tries += 1
        assert 0 <= wait.try_s() <= 0.05
        time.sleep(wait.try_s() or 0.01)
    assert 4 <= tries <= 20 and 0.2 <= time.monotonic() - began < 1 and told == [True]
    wait.over()
    wait.over()
    assert told == [True, False]


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
