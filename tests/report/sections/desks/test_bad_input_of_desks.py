"""What goes wrong in an inbox or a register, one test each, from the sheet to the sentence on the page."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.errors import InputError, MappingError
from spmc_tools.importers.import_files import import_files
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.page.sections import section, typed_payload

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from spmc_tools.case.store.case import Case
    from spmc_tools.importers.import_files import FileResult

HEAD = (
    "thread_id,record_id,platform,account_id,created_at,direction,is_automatic,channel,text,edited_at,deleted_seen_at"
)
LONG = "There is no light at the crossing near the old market and nobody has come for five days"


def message(
    thread: str, record: str, at: str, side: str = "in", automatic: str = "", text: str = "q", *, platform: str = "x",
    channel: str = "direct", edited: str = "", deleted: str = "",
) -> str:  # fmt: skip
    who = f"citizen {thread}" if side == "in" else "cell"
    return f"{thread},{record},{platform},{who},{at},{side},{automatic},{channel},{text},{edited},{deleted}"


@pytest.fixture
def inbox(small_case: Case, tmp_path: Path) -> Callable[..., FileResult]:
    def take(rows: Sequence[str], name: str = "inbox.csv", **options: Any) -> FileResult:
        path = tmp_path / name
        path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
        [result] = import_files(small_case, [path], **options)
        assert result.read == result.kept + result.duplicates + result.refused
        return result

    return take


def desk_of(case: Case, as_of: str = "2025-11-05T18:00+05:30") -> tuple[Any, dict[str, int], str]:
    """The desk, what was odd as counts, and the sentences of the page about it."""
    from spmc_tools.desks.complaints.response import response_desk

    desk = response_desk(case, as_of)
    limits = section("response_limits", desk=desk)
    page = html.unescape(re.sub(r"<[^>]+>", " ", fragment(typed_payload(limits.payload()), "en")))
    return desk, {one.what: one.n for one in limits.values.counts}, " ".join(page.split())


def thread(desk: Any, name: str) -> dict[str, Any]:
    [row] = desk.threads[desk.threads["thread_id"] == name].to_dict("records")
    return row


def test_an_answer_before_its_question_is_no_answer(small_case: Case, inbox: Callable[..., FileResult]) -> None:
    inbox([
        message("t", "a", "2025-11-05T09:00+05:30", "out", "false"), message("t", "q", "2025-11-05T10:00+05:30"),
        message("u", "r", "2025-11-05T10:00+05:30"), message("u", "b", "2025-11-05T10:00+05:30", "out", "false"),
    ])  # fmt: skip
    desk, odd, page = desk_of(small_case)
    assert odd == {"before_question": 1} and "before" in page
    assert not thread(desk, "t")["answered"] and thread(desk, "t")["wait_s"] == 8 * 3600
    assert thread(desk, "u")["answered"] and thread(desk, "u")["wait_s"] == 0  # at one moment it is an answer


def test_a_message_without_a_time_is_refused_and_counted(small_case: Case, inbox: Callable[..., FileResult]) -> None:
    result = inbox([
        message("t", "q", ""), message("t", "a", "2025-11-05T11:00+05:30", "out", "false"),
        message("u", "r", "2025-11-05T10:00+05:30"), message("u", "b", "soon", "out", "false"),
    ])  # fmt: skip
    assert (result.kept, result.refused) == (2, 2)
    reasons = small_case.table("refused", ["reason"])["reason"].to_pylist()[-2:]
    assert all("created_at" in one for one in reasons)
    desk, odd, page = desk_of(small_case)
    assert odd == {"no_question": 1} and "no question" in page
    assert desk.threads["thread_id"].tolist() == ["u"] and not thread(desk, "u")["answered"]


def test_an_edited_comment_is_counted_and_keeps_its_time(small_case: Case, inbox: Callable[..., FileResult]) -> None:
    inbox([message("t", "q", "2025-11-05T10:00+05:30", edited="2025-11-05T12:00+05:30"),
           message("t", "a", "2025-11-05T11:00+05:30", "out", "false", edited="2025-11-05T13:00+05:30")])  # fmt: skip
    desk, odd, page = desk_of(small_case)
    assert odd == {"edited": 1} and "1 complaint was edited" in page
    assert thread(desk, "t")["wait_s"] == 3600 and thread(desk, "t")["hour"] == 10


def test_an_edit_that_a_later_file_tells_is_counted(small_case: Case, inbox: Callable[..., FileResult]) -> None:
    inbox([message("t", "q", "2025-11-05T10:00+05:30")])
    again = inbox([message("t", "q", "2025-11-05T10:00+05:30", edited="2025-11-05T12:00+05:30")], "later.csv")
    assert (again.kept, again.duplicates) == (0, 1)
    assert desk_of(small_case)[1] == {"edited": 1}
    inbox([message("t", "q", "2025-11-05T10:00+05:30", deleted="2025-11-05T13:00+05:30")], "last.csv")
    desk, odd, _ = desk_of(small_case)
    assert odd == {"edited": 1, "deleted": 1} and thread(desk, "t")["wait_s"] == 3 * 3600


def test_a_resolution_that_a_later_file_tells_counts_and_doubles_nothing(
    small_case: Case, tmp_path: Path, inbox: Callable[..., FileResult]
) -> None:
    rows = [message("t", "q", "2025-11-05T10:00+05:30"), message("t", "a", "2025-11-05T11:00+05:30", "out", "false")]
    inbox(rows)
    later = tmp_path / "later.csv"
    later.write_text(
        "\n".join([f"{HEAD},resolved_at", f"{rows[0]},", f"{rows[1]},2025-11-05T15:00+05:30"]), encoding="utf-8"
    )
    [again] = import_files(small_case, [later])
    assert (again.read, again.kept, again.duplicates) == (2, 1, 1)
    third = inbox(rows[::-1], "third.csv")  # the first export once more, without the resolution
    assert (third.kept, third.duplicates) == (0, 2)
    desk, odd, _ = desk_of(small_case)
    figures = section("response", desk=desk).values.all
    assert (figures.n, figures.answered, figures.resolved, odd) == (1, 1, 1, {})
    assert (thread(desk, "t")["n_in"], thread(desk, "t")["n_out"]) == (1, 1)


def test_a_deleted_comment_waited_until_then_and_is_in_no_queue(
    small_case: Case, inbox: Callable[..., FileResult]
) -> None:
    inbox([message("t", "q", "2025-11-05T10:00+05:30", deleted="2025-11-05T14:00+05:30"),
           message("u", "r", "2025-11-05T10:00+05:30", deleted="2025-11-05T14:00+05:30"),
           message("u", "b", "2025-11-05T11:00+05:30", "out", "false"),
           message("w", "s", "2025-11-05T10:00+05:30")])  # fmt: skip
    desk, odd, page = desk_of(small_case)
    assert odd == {"deleted": 2} and "2 complaints were deleted" in page
    assert (thread(desk, "t")["withdrawn"], thread(desk, "t")["wait_s"]) == (True, 4 * 3600)
    assert (thread(desk, "u")["withdrawn"], thread(desk, "u")["answered"]) == (False, True)
    queue = section("response_queue", case=small_case, desk=desk).values
    assert (queue.overdue, queue.withdrawn) == (1, 1)
    assert section("response", desk=desk).values.all.n == 3  # nothing is dropped


def test_two_answers_at_once_are_one(small_case: Case, inbox: Callable[..., FileResult]) -> None:
    inbox([message("t", "q", "2025-11-05T10:00+05:30"), message("t", "a", "2025-11-05T11:00+05:30", "out", "false"),
           message("t", "b", "2025-11-05T05:30Z", "out", "false", "the same moment in another zone")])  # fmt: skip
    desk, odd, page = desk_of(small_case)
    assert odd == {"two_at_once": 1} and "two people answered at the same" in page
    assert thread(desk, "t")["wait_s"] == 3600 and section("response", desk=desk).values.all.answered == 1


def test_zones_may_be_mixed_and_a_time_without_one_is_asked_for(
    small_case: Case, inbox: Callable[..., FileResult]
) -> None:
    mixed = [
        message("t", "q", "2025-11-05T10:00:00+05:30"),
        message("t", "a", "2025-11-05T06:00:00+01:00", "out", "false"),
        message("u", "r", "2025-11-05T04:30:00Z"),
    ]
    with pytest.raises(MappingError, match="--tz"):
        inbox([*mixed, message("w", "s", "2025-11-05 10:00:00")], "bare.csv")
    assert small_case.table("messages").num_rows == 0
    inbox(mixed)
    desk, odd, _ = desk_of(small_case)
    assert odd == {} and thread(desk, "t")["wait_s"] == 1800
    assert thread(desk, "t")["asked_at"] == thread(desk, "u")["asked_at"]
    inbox([*mixed, message("w", "s", "2025-11-05 10:00:00")], "bare.csv", tz="Asia/Kolkata")
    assert thread(desk_of(small_case)[0], "w")["asked_at"] == thread(desk, "t")["asked_at"]


def test_one_complaint_on_three_channels_counts_three_and_is_one_group(
    small_case: Case, inbox: Callable[..., FileResult]
) -> None:
    inbox(
        [
            message(
                f"t{n}", f"q{n}", f"2025-11-05T10:0{n}+05:30", text=LONG + "!" * n, platform=platform, channel=channel
            )
            for n, (platform, channel) in enumerate([("x", "mention"), ("facebook", "comment"), ("whatsapp", "direct")])
        ]
    )
    desk, odd, page = desk_of(small_case)
    assert odd == {} and "the same complaint on three channels is counted as three" in page
    got = section("response_alike", desk=desk).values
    [group] = got.groups
    assert (got.looked, got.groups.all, got.threads) == (3, 1, 3)
    assert (group.n_threads, group.n_channels, group.words) == (3, 3, "")  # words from five accounts on
    assert section("response", desk=desk).values.all.n == 3


def test_an_automatic_reply_worded_like_a_persons_is_told_by_its_repetition(
    small_case: Case, inbox: Callable[..., FileResult]
) -> None:
    said = "Yes we are looking at it and will tell you soon."
    rows = [message(f"t{n}", f"q{n}", f"2025-11-05T10:0{n}:00+05:30") for n in range(5)]
    rows += [message(f"t{n}", f"a{n}", f"2025-11-05T10:0{n}:20+05:30", "out", "", said.upper() if n else said)
             for n in range(5)]  # fmt: skip
    inbox([*rows, message("t4", "h", "2025-11-05T11:04:00+05:30", "out", "false", said)])
    desk, odd, page = desk_of(small_case)
    assert odd == {"worded_as_program": 5} and "taken for" in page
    assert section("response", desk=desk).values.all.answered == 1  # the one that the sheet says a person gave
    assert section("response", desk=desk).values.all.automatic_only == 4


def test_a_persons_answer_in_the_words_of_an_automatic_one_counts_and_is_told(
    small_case: Case, inbox: Callable[..., FileResult]
) -> None:
    inbox([message("t", "q", "2025-11-05T10:00+05:30"),
           message("t", "a", "2025-11-05T10:01+05:30", "out", "true", "Thanks"),
           message("t", "h", "2025-11-05T10:09+05:30", "out", "false", " thanks")])  # fmt: skip
    desk, odd, page = desk_of(small_case)
    assert odd == {"worded_as_automatic": 1} and thread(desk, "t")["wait_s"] == 540
    assert page


def test_a_message_whose_record_was_set_aside_is_counted(small_case: Case, inbox: Callable[..., FileResult]) -> None:
    from spmc_tools.case.store.set_aside import set_aside

    rows = [message("t", "q", "2025-11-05T10:00+05:30")]
    inbox(rows)
    inbox([*rows, message("u", "r", "2025-11-05T10:00+05:30")], "more.csv")
    set_aside(small_case, small_case.batches()[-1].batch_id, "a look")
    desk, odd, _ = desk_of(small_case)
    assert odd == {} and desk.threads["thread_id"].tolist() == ["t"]


def test_a_referral_closed_twice_counts_once(small_case: Case, tmp_path: Path) -> None:
    from spmc_tools.desks.referrals.referral import enter_state, referral_desk

    path = tmp_path / "referrals.csv"
    path.write_text(
        "referral_id,state,state_at,officer,category,provision,sent_to\n"
        "F1,flagged,2025-11-03T10:00:00Z,me,cheating,bns_319,\nF1,verified,2025-11-03T11:00:00Z,me,cheating,bns_319,\n"
        "F1,sent,2025-11-03T12:00:00Z,me,cheating,bns_319,platform\nF1,removed,2025-11-04T12:00:00Z,me,,,\n"
        "F1,fir,2025-11-05T12:00:00Z,me,,,\n",
        encoding="utf-8",
    )
    import_files(small_case, [path])
    desk = referral_desk(small_case)
    made = section("referral", case=small_case, desk=desk)
    assert made.values.odd["closed_again"] == 1
    assert {one.state: one.n for one in made.values.states if one.n} == {"removed": 1}
    assert "1 referral is closed twice; the first closing holds" in html.unescape(
        fragment(typed_payload(made.payload()), "en")
    )
    returned = section("referral_return", desk=desk).values
    assert sum(day.removed + day.fir for day in returned.days) == 1
    with pytest.raises(InputError, match="closed as removed since 2025-11-04; nothing follows"):
        enter_state(small_case, "F1", "cleared")
