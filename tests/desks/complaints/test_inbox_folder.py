"""A watched folder: each settled file once, what is unfinished waits, what is refused is told, a stop keeps nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from spmc_tools.desks.complaints.inbox_folder import InboxFolder
from spmc_tools.errors import ParameterError
from tests.plain_cases import plain_case, put_aged

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case

HEAD = "thread_id,record_id,platform,account_id,created_at,direction,text\n"


def sheet(first: int, n: int = 2) -> str:
    rows = (f"t{k},m{k},x,who{k},2025-11-05T10:{k:02d}:00Z,in,light {k} is out\n" for k in range(first, first + n))
    return HEAD + "".join(rows)


@pytest.fixture
def case() -> Case:
    return plain_case("one", officer="First")


def look(folder: InboxFolder, case: Case) -> list[tuple[str, str]]:
    return [(one.name, one.outcome) for one in (folder.take(case, path) for path in folder.settled())]


def test_each_file_is_taken_once_the_oldest_first_and_stands_in_the_log(case: Case, inbox: Path) -> None:
    put_aged(inbox, "b.csv", sheet(1), age_s=90)
    put_aged(inbox, "a.csv", sheet(11), age_s=30)
    folder = InboxFolder(inbox, "analytics", "the page's owner")
    assert look(folder, case) == [("b.csv", "imported"), ("a.csv", "imported")]
    assert look(folder, case) == []
    assert [(b.source_name, b.kept, b.details["obtained"]) for b in case.batches()] == [
        ("b.csv", 2, "analytics"), ("a.csv", 2, "analytics"),
    ]  # fmt: skip
    assert case.batches()[0].details["received_from"] == "the page's owner"
    assert sorted(path.name for path in inbox.iterdir()) == ["a.csv", "b.csv"]
    from spmc_tools.custody.review.verify import verify

    assert verify(case.path).ok


def test_a_file_that_grows_waits_until_it_is_the_same_at_two_looks(case: Case, inbox: Path) -> None:
    folder = InboxFolder(inbox, "analytics")
    put_aged(inbox, "a.csv", HEAD, age_s=0)
    assert look(folder, case) == []
    put_aged(inbox, "a.csv", sheet(1), age_s=0)
    assert look(folder, case) == []
    assert look(folder, case) == [("a.csv", "imported")]


def test_what_is_no_finished_file_is_left_alone(case: Case, inbox: Path, tmp_path: Path) -> None:
    for name in (".hidden.csv", "a.csv.part", "b.tmp", "c.csv~", "d.csv.crdownload"):
        put_aged(inbox, name, sheet(1))
    put_aged(inbox, "empty.csv", "")
    (inbox / "deeper").mkdir()
    put_aged(inbox / "deeper", "e.csv", sheet(1))
    (inbox / "link.csv").symlink_to(put_aged(tmp_path, "outside.csv", sheet(1)))
    assert look(InboxFolder(inbox, "analytics"), case) == [] and case.batches() == []


def test_a_file_that_the_case_holds_adds_nothing_to_it_or_its_log(case: Case, inbox: Path) -> None:
    put_aged(inbox, "a.csv", sheet(1))
    look(InboxFolder(inbox, "analytics"), case)
    entries = len(case.ledger.entries())
    assert look(InboxFolder(inbox, "analytics"), case) == [("a.csv", "known")]
    assert len(case.ledger.entries()) == entries


def test_what_is_refused_is_told_and_tried_again_when_it_is_another_file(case: Case, inbox: Path) -> None:
    put_aged(inbox, "a.csv", "one,two\n1,2\n")
    folder = InboxFolder(inbox, "analytics")
    [one] = [folder.take(case, path) for path in folder.settled()]
    assert one.outcome == "refused" and "a.csv" in one.said and case.batches() == []
    assert look(folder, case) == []
    put_aged(inbox, "a.csv", sheet(1), age_s=50)
    assert look(folder, case) == [("a.csv", "imported")]


def test_a_stop_keeps_nothing_of_the_file_and_the_next_start_reads_it(case: Case, inbox: Path) -> None:
    put_aged(inbox, "a.csv", sheet(1, 40))
    folder = InboxFolder(inbox, "analytics")
    [path] = folder.settled()
    assert folder.take(case, path, lambda: False).outcome == "stopped"
    assert case.batches() == [] and case.table("messages").num_rows == 0
    assert look(folder, case) == [("a.csv", "imported")] and case.table("messages").num_rows == 40


def test_a_folder_that_is_none_or_goes_away_is_refused_in_one_sentence(inbox: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path / "file.csv", Path("\0")):
        put_aged(tmp_path, "file.csv", HEAD)
        with pytest.raises(ParameterError, match="no folder that can be opened"):
            InboxFolder(path, "analytics")
    with pytest.raises(ParameterError, match="--obtained"):
        InboxFolder(inbox, "found it")
    folder = InboxFolder(inbox, "analytics")
    inbox.rmdir()
    with pytest.raises(ParameterError, match="no folder"):
        folder.settled()
