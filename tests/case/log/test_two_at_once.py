"""Commands that run at the same time wait for each other or leave each other alone: nothing is lost or doubled."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from spmc_tools.case.acts.attach import attach
from spmc_tools.case.acts.provenance import hand_over
from spmc_tools.case.store.case import open_case
from spmc_tools.case.store.set_aside import set_aside, take_back
from spmc_tools.custody.records.backup import back_up
from spmc_tools.custody.records.restore import restore
from spmc_tools.custody.review.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spmc_tools.case.store.case import Case


def test_everything_at_once(case: Case, add: Callable, tmp_path: Path) -> None:
    add(case, "a.csv", ["1", "2"])
    shots = []
    for n in range(3):
        shots.append(tmp_path / f"{n}.wacz")
        shots[-1].write_text(f"capture {n}")
    (tmp_path / "out").mkdir()
    failed: list[BaseException] = []

    def toggles() -> None:
        own = open_case("one")
        for _ in range(3):
            set_aside(own, "1", "off")
            take_back(own, "1", "on")

    def captures() -> None:
        attach(open_case("one"), "2", [shots[2]], method="archive", tool="t")

    def imports() -> None:
        add(open_case("one"), "b.csv", ["8", "9"])

    def backups() -> None:
        back_up(open_case("one"), tmp_path / "out" / "b.zip")

    def hands() -> None:
        for _ in range(3):
            hand_over(open_case("one"), "SHO", "copy")

    attach(case, "1", shots[:2], method="archive", tool="t")
    add(case, "c.csv", ["1", "2"])  # so that post 2 stays in use while the first file is aside

    def guarded(action: Callable[[], None]) -> None:
        try:
            action()
        except BaseException as error:
            failed.append(error)

    running = [threading.Thread(target=guarded, args=(one,)) for one in (toggles, imports, backups, hands)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    captures()
    assert failed == []
    assert sorted(case.records(["record_id"])["record_id"]) == ["1", "2", "8", "9"]
    assert case.table("attachments").num_rows == 3
    assert verify(case.path).ok and verify(restore(tmp_path / "out" / "b.zip", "copy").path).ok
