"""Several programs change the settings of one case: whatever one of them was told is registered is there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import tomllib
from typing import TYPE_CHECKING

import pytest

from soak.custody.many_writers import turn
from spmc_tools.case.log import settings_changes
from spmc_tools.case.log.settings_changes import COMING
from spmc_tools.case.store.case import open_case
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError, SpmcError
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from pathlib import Path

WRITER = """
import sys
from spmc_tools.case.store.case import open_case
case = open_case("one")
for n in range(int(sys.argv[2])):
    name = f"{sys.argv[1]}-{n}"
    case.add_context(name, "newsroom", "Registered daily")
    print(name, flush=True)
    if n % 3 == 2:
        case.change_settings("a new title", title=name)
"""


def registered(path: Path) -> list[str]:
    """By the standard library, from the file itself."""
    return [entry["account_id"] for entry in tomllib.loads((path / "case.toml").read_text()).get("context", [])]


def writers(count: int, each: int) -> list[subprocess.Popen[str]]:
    command = [sys.executable, "-c", WRITER]
    return [
        subprocess.Popen([*command, f"w{n}", str(each)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for n in range(count)
    ]


def test_nothing_that_was_registered_is_lost(tmp_path: Path) -> None:
    case = plain_case("one")
    said: list[str] = []
    for one in writers(4, 6):
        out, problem = one.communicate(timeout=120)
        assert one.returncode == 0, problem
        said += out.split()
    assert len(said) == 24 and sorted(registered(case.path)) == sorted(said)
    found = verify(case.path, log=False)
    assert found.ok, found.differences


def test_two_open_cases_do_not_overwrite_each_other() -> None:
    plain_case("one")
    first, second = open_case("one"), open_case("one")
    first.add_context("a", "newsroom", "x")
    second.add_context("b", "newsroom", "x")
    with pytest.raises(CaseError, match="is registered already"):
        first.add_context("b", "newsroom", "x")
    first.remove_context("b", "newsroom", "x")
    second.change_settings("x", title="Another")
    assert registered(first.path) == ["a"] and [entry.account_id for entry in second.settings.context] == ["a"]
    assert not any(entry["payload"].get("edited_outside") for entry in first.ledger.entries())


def test_killed_writers_lose_nothing_that_they_said(tmp_path: Path) -> None:
    case, chance, said = plain_case("one"), random.Random(3), []
    for round_ in range(6):
        one = subprocess.Popen(
            [sys.executable, "-c", WRITER, f"k{round_}", "400"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert one.stdout is not None
        said.append(one.stdout.readline().strip())  # it has begun
        time.sleep(chance.random() * 0.3)
        os.kill(one.pid, signal.SIGKILL)
        said += one.communicate()[0].split()
        assert set(said) <= set(registered(open_case("one").path))
        found = verify(case.path, log=False)
        assert found.ok, found.differences
        there = registered(case.path)
        assert len(there) == len(set(there)) and not (case.path / COMING).exists()


@pytest.mark.parametrize("seed", [1, 2])
def test_many_writers_in_any_order_with_kills_in_between(seed: int) -> None:
    """The short form of ``soak.custody.many_writers``: what each said it had done is there, and nothing twice."""
    case, chance = plain_case("one"), random.Random(seed)
    made = [turn(case.path, round_, chance, 6) for round_ in range(2)]
    assert sum(said for _, said in made) > 0


@pytest.mark.parametrize("moment", ["before the entry", "after the entry"])
def test_a_change_that_broke_off_is_made_or_not(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """Killed between two steps: the file that was to come lies beside the old one."""
    case = plain_case("one")

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if moment == "after the entry":
            patch.setattr(settings_changes, "sync_dir", killed)
            patch.setattr(settings_changes, "move", killed)
        else:
            patch.setattr(settings_changes, "settings_hashes", killed)
            (case.path / COMING).write_bytes(b"title = 'x'")
        with pytest.raises(Killed):
            case.add_context("a", "newsroom", "x")
    assert (case.path / COMING).exists()
    assert [one.account_id for one in open_case("one").settings.context] == (
        ["a"] if moment == "after the entry" else []
    )
    assert not (case.path / COMING).exists() and verify(case.path, log=False).ok


def test_a_change_that_cannot_be_logged_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    case = plain_case("one")
    before = (case.path / "case.toml").read_bytes()

    def full(*_: object) -> None:
        raise SpmcError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(case.ledger, "append", full)
        with pytest.raises(SpmcError, match="full"):
            case.add_context("a", "newsroom", "x")
    assert (case.path / "case.toml").read_bytes() == before and not (case.path / COMING).exists()
    assert verify(case.path, log=False).ok


def test_a_held_lock_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from filelock import FileLock

    case = plain_case("one")
    monkeypatch.setattr(settings_changes, "_WAIT_S", 0.3)
    with (
        FileLock(case.path / settings_changes.LOCK),
        pytest.raises(CaseError, match="are being changed by another program"),
    ):
        case.add_context("a", "newsroom", "x")
