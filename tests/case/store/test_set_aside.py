"""An import that is set aside leaves tables and counts, not the case; it comes back, and its file can come again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from spmc_tools.case.store.set_aside import set_aside, take_back
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spmc_tools.case.store.case import Case


def ids(case: Case) -> list[str]:
    return case.records(["record_id"])["record_id"].tolist()


def test_rows_go_and_come_back(case: Case, add: Callable, snapshot: Callable) -> None:
    add(case, "a.csv", ["1", "2"])
    add(case, "b.csv", ["3"])
    before, files = case.inputs_hash(), {k: v for k, v in snapshot(case.path).items() if k.startswith(("or", "ta"))}
    assert set_aside(case, "1", "wrong mapping").batch_id == "000001"
    assert ids(case) == ["3"] and [b.batch_id for b in case.batches()] == ["000002"]
    assert case.table("accounts").num_rows == case.table("refused").num_rows == 1
    assert case.inputs_hash() != before
    assert case.set_aside()["000001"]["payload"]["reason"] == "wrong mapping"
    assert {k: v for k, v in snapshot(case.path).items() if k.startswith(("or", "ta"))} == files
    assert verify(case.path).ok
    take_back(case, "000001", "it was right")
    assert ids(case) == ["1", "2", "3"] and case.inputs_hash() == before


def test_the_same_file_again(case: Case, add: Callable) -> None:
    first = add(case, "a.csv", ["1", "2"])
    with pytest.raises(CaseError, match="imported already"):
        add(case, "a.csv", ["1", "2"])
    set_aside(case, "000001", "wrong mapping")
    second = add(case, "a.csv", ["1", "2"])
    assert (second.batch_id, second.source_path) == ("000002", first.source_path)
    assert ids(case) == ["1", "2"] and verify(case.path).ok
    with pytest.raises(CaseError, match="again as batch 000002"):
        take_back(case, "000001", "back")
    set_aside(case, "000002", "no")
    take_back(case, "000001", "back")
    assert ids(case) == ["1", "2"] and verify(case.path).ok


@pytest.fixture
def refused(case: Case, add: Callable, snapshot: Callable) -> Callable:
    """Neither setting an import aside nor taking it back is done, and nothing in the case is changed."""

    def check(batch: str, reason: str, said: str) -> None:
        add(case, "a.csv", ["1"])
        before = snapshot(case.path)
        with pytest.raises(CaseError, match=said):
            set_aside(case, batch, reason)
        with pytest.raises(CaseError):
            take_back(case, batch, reason)
        assert snapshot(case.path) == before

    return check


@pytest.mark.parametrize("batch", ["9", "../1"])
def test_an_import_that_is_not_there_changes_nothing(refused: Callable, batch: str) -> None:
    refused(batch, "why", f'no batch "{batch}"')


@pytest.mark.parametrize(("reason", "said"), [(" ", "reason is empty"), ("a\u202eb", "U\\+202E")])
def test_a_reason_that_nobody_can_read_changes_nothing(refused: Callable, reason: str, said: str) -> None:
    refused("1", reason, said)


def test_a_changed_original_is_not_used_again(case: Case, add: Callable, tmp_path: Path) -> None:
    from spmc_tools.errors import IntegrityError

    first = add(case, "a.csv", ["1"])
    set_aside(case, "1", "wrong")
    path = case.path / first.source_path
    path.chmod(0o644)
    path.write_text("other")
    with pytest.raises(IntegrityError, match="SHA-256 differs"):
        add(case, "a.csv", ["1"])
