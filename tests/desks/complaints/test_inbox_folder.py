"""A watched folder: each settled file once, what is unfinished waits, what is refused is told, a stop keeps nothing."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from spmc_tools.case.store.case import Case, create_case
from spmc_tools.desks.complaints.inbox_folder import InboxFolder
from spmc_tools.errors import ParameterError

HEAD = "thread_id,record_id,platform,account_id,created_at,direction,text\n"


def sheet(first: int, n: int = 2) -> str:
    rows = (f"t{k},m{k},x,who{k},2025-11-05T10:{k:02d}:00Z,in,light {k} is out\n" for k in range(first, first + n))
    return HEAD + "".join(rows)


@pytest.fixture
def case() -> Case:
    return create_case(
        "one", title="t", purpose="p", legal_basis="l", date_from="2025-11-01", date_to="2025-11-30", officer="First"
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def put(folder: Path, name: str, text: str, age: float = 60) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def look(folder: InboxFolder, case: Case) -> list[tuple[str, str]]:
    return [(one.name, one.outcome) for one in (folder.take(case, path) for path in folder.settled())]


def test_each_file_is_taken_once_the_oldest_first_and_stands_in_the_log(case: Case, place: Path) -> None:
    put(place, "b.csv", sheet(1), age=90)
    put(place, "a.csv", sheet(11), age=30)
    folder = InboxFolder(place, "analytics", "the page's owner")
    assert look(folder, case) == [("b.csv", "imported"), ("a.csv", "imported")]
    assert look(folder, case) == []
    assert [(b.source_name, b.kept, b.details["obtained"]) for b in case.batches()] == [
        ("b.csv", 2, "analytics"), ("a.csv", 2, "analytics"),
    ]  # fmt: skip
    assert case.batches()[0].details["received_from"] == "the page's owner"
    assert sorted(path.name for path in place.iterdir()) == ["a.csv", "b.csv"]
    from spmc_tools.custody.review.pack import verify

    assert verify(case.path).ok


def test_a_file_that_grows_waits_until_it_is_the_same_at_two_looks(case: Case, place: Path) -> None:
    folder = InboxFolder(place, "analytics")
    put(place, "a.csv", HEAD, age=0)
    assert look(folder, case) == []
    put(place, "a.csv", sheet(1), age=0)
    assert look(folder, case) == []
    assert look(folder, case) == [("a.csv", "imported")]


def test_what_is_no_finished_file_is_left_alone(case: Case, place: Path, tmp_path: Path) -> None:
    for name in (".hidden.csv", "a.csv.part", "b.tmp", "c.csv~", "d.csv.crdownload"):
        put(place, name, sheet(1))
    put(place, "empty.csv", "")
    (place / "deeper").mkdir()
    put(place / "deeper", "e.csv", sheet(1))
    (place / "link.csv").symlink_to(put(tmp_path, "outside.csv", sheet(1)))
    assert look(InboxFolder(place, "analytics"), case) == [] and case.batches() == []


def test_a_file_that_the_case_holds_adds_nothing_to_it_or_its_log(case: Case, place: Path) -> None:
    put(place, "a.csv", sheet(1))
    look(InboxFolder(place, "analytics"), case)
    entries = len(case.ledger.entries())
    assert look(InboxFolder(place, "analytics"), case) == [("a.csv", "known")]
    assert len(case.ledger.entries()) == entries


def test_what_is_refused_is_told_and_tried_again_when_it_is_another_file(case: Case, place: Path) -> None:
    put(place, "a.csv", "one,two\n1,2\n")
    folder = InboxFolder(place, "analytics")
    [one] = [folder.take(case, path) for path in folder.settled()]
    assert one.outcome == "refused" and "a.csv" in one.said and case.batches() == []
    assert look(folder, case) == []
    put(place, "a.csv", sheet(1), age=50)
    assert look(folder, case) == [("a.csv", "imported")]


def test_a_stop_keeps_nothing_of_the_file_and_the_next_start_reads_it(case: Case, place: Path) -> None:
    put(place, "a.csv", sheet(1, 40))
    folder = InboxFolder(place, "analytics")
    [path] = folder.settled()
    assert folder.take(case, path, lambda: False).outcome == "stopped"
    assert case.batches() == [] and case.table("messages").num_rows == 0
    assert look(folder, case) == [("a.csv", "imported")] and case.table("messages").num_rows == 40


def test_a_folder_that_is_none_or_goes_away_is_refused_in_one_sentence(place: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path / "file.csv", Path("\0")):
        put(tmp_path, "file.csv", HEAD)
        with pytest.raises(ParameterError, match="no folder that can be opened"):
            InboxFolder(path, "analytics")
    with pytest.raises(ParameterError, match="--obtained"):
        InboxFolder(place, "found it")
    folder = InboxFolder(place, "analytics")
    place.rmdir()
    with pytest.raises(ParameterError, match="no folder"):
        folder.settled()
