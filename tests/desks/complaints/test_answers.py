"""Answers entered by hand count as a person's, at their moment; what cannot be is refused and not kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from spmc_tools.custody.review.verify import verify
from spmc_tools.desks.complaints.answers import enter_answer
from spmc_tools.desks.complaints.response import response_desk
from spmc_tools.errors import InputError, ParameterError
from spmc_tools.importers.import_files import import_files
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case

INBOX = """thread_id,record_id,platform,account_id,created_at,direction,is_automatic,channel,subject,district,text
T1,q1,x,citizen-1,2025-11-05T10:00:00+05:30,in,,direct,theft,Gaya,मेरी साइकिल चोरी हुई
T1,p1,x,cell-x,2025-11-05T10:00:05+05:30,out,true,direct,theft,Gaya,Thank you
T2,q2,facebook,citizen-2,2025-11-05T11:00:00+05:30,in,,comment,polling,Patna,Where is booth 7?
"""


@pytest.fixture
def case(tmp_path: Path) -> Case:
    made = plain_case("gaya", officer="A. Officer")
    (tmp_path / "inbox.csv").write_text(INBOX, encoding="utf-8")
    import_files(made, [tmp_path / "inbox.csv"])
    return made


def thread(case: Case, name: str) -> dict[str, object]:
    desk = response_desk(case, as_of="2025-11-05T12:30:00+05:30")
    assert desk is not None
    [row] = desk.threads[desk.threads["thread_id"] == name].to_dict("records")
    return {str(key): value for key, value in row.items()}


def test_a_reply_counts_as_that_of_a_person_and_closes(case: Case) -> None:
    assert not thread(case, "T1")["answered"]
    batch = enter_answer(case, "T1", "The station has been told.", closed=True, at="2025-11-05T11:30:00+05:30")
    assert (batch.read, batch.kept, batch.tables["records"]["rows"], batch.tables["messages"]["rows"]) == (2, 2, 1, 2)
    row = thread(case, "T1")
    half_past = datetime(2025, 11, 5, 6, 0, tzinfo=UTC)
    assert row["answered"] and row["wait_s"] == 90 * 60 and (row["n_in"], row["n_out"]) == (1, 2)
    assert (row["first_human_at"], row["resolved_at"]) == (half_past, half_past)
    [kept] = [one for one in case.inbox(["account_id", "text", "platform"]).to_pylist() if "station" in one["text"]]
    assert kept == {"account_id": "cell-x", "text": "The station has been told.", "platform": "x"}
    assert len(case.records(posts_only=True)) == 0  # who writes to the centre, and its answers, are no posts
    assert not thread(case, "T2")["answered"] and verify(case.path, log=False).ok


def test_a_complaint_is_closed_without_a_reply(case: Case) -> None:
    enter_answer(case, "T2", closed=True, at="2025-11-05T12:00:00+05:30")
    row = thread(case, "T2")
    assert not row["answered"] and row["resolved_at"] == datetime(2025, 11, 5, 6, 30, tzinfo=UTC)
    assert (row["n_in"], row["n_out"]) == (1, 0)


@pytest.mark.parametrize(
    ("thread_id", "reply", "more", "says"),
    [
        ("T9", "x", {}, "no complaint"),
        ("T1", " ", {}, "Nothing is answered"),
        ("T1", "x", {"at": "2025-11-05T09:59:59+05:30"}, "before the complaint"),
        ("T1", "x", {"at": "2025-11-05 12:00"}, "with its zone"),
        ("T1", "x" * 20_001, {}, "at most 20,000"),
    ],
)
def test_what_cannot_be_is_refused(case: Case, thread_id, reply, more, says) -> None:
    before = len(case.ledger.entries())
    with pytest.raises((InputError, ParameterError), match=says):
        enter_answer(case, thread_id, reply, **more)
    assert len(case.ledger.entries()) == before
