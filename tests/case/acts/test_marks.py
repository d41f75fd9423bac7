"""Marks: what stands after any order of acts, held against a plain list; two people at once; the log alone."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spmc_tools.case.acts.marks import MARKS, _replayed, files_known, mark, marks_of, redo, undo
from spmc_tools.case.log.ledger import Entry
from spmc_tools.case.store.case import open_case
from spmc_tools.errors import CaseError, ParameterError


def test_a_mark_is_there_again_when_the_case_is_opened_anew(case) -> None:
    made = mark(case, ["a1", "a2"], "lead", "  same second, 14 times  ", by="Kumari")
    again = marks_of(open_case(case.id))
    assert again.of("a1") == again.of("a2") == made
    assert (made.by, made.reason, made.mark) == ("Kumari", "same second, 14 times", "lead")
    assert again.of("a3") is None and case.ledger.check() is None
    (entry,) = [one for one in case.ledger.entries() if one["kind"] == "mark"]
    assert entry["at"] == made.at and entry["payload"]["after"] == {"a1": 0, "a2": 0}


def test_undo_and_redo_are_entries_and_bring_back_what_stood_before(case) -> None:
    first = mark(case, "a1", "second_look", "one")
    second = mark(case, "a1", "cleared", "two")
    assert undo(case) == second and marks_of(case).of("a1") == first
    assert redo(case) == second and marks_of(case).of("a1") == second
    assert undo(case) == second and undo(case) == first and undo(case) is None
    assert marks_of(case).of("a1") is None and marks_of(case).standing() == {}
    assert redo(case) == first and redo(case) == second and redo(case) is None
    assert [one.mark for one in marks_of(case).history("a1")] == ["second_look", "cleared"]
    kinds = [one["kind"] for one in case.ledger.entries()]
    assert kinds.count("mark") == 2 and kinds.count("mark_undone") == 3 and kinds.count("mark_redone") == 3


def test_a_kernel_that_is_killed_while_it_marks_leaves_whole_marks(case) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from spmc_tools.case.acts.marks import mark\n"
        "from spmc_tools.case.store.case import open_case\n"
        "case = open_case(sys.argv[1], Path(sys.argv[2]))\n"
        "for n in range(10_000):\n"
        "    mark(case, f'a{n}', 'lead', 'why')\n"
        "    sys.stdout.write('.')\n"
        "    sys.stdout.flush()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, case.id, str(case.path.parent)], stdout=subprocess.PIPE, text=True
    ) as kernel:
        told = kernel.stdout.read(3)
        kernel.kill()
        told += kernel.stdout.read()
    again = open_case(case.id)
    made = marks_of(again)
    # every mark that was said to be kept is; the one that was under way is there or not, never in part
    assert len(made.made) in {len(told), len(told) + 1} and again.ledger.check() is None
    assert sorted(made.standing()) == sorted(f"a{n}" for n in range(len(made.made)))
    assert mark(again, "a0", "cleared", "after all").mark == "cleared"


def test_a_new_mark_ends_what_could_be_redone(case) -> None:
    mark(case, "a1", "lead", "one")
    undo(case)
    newer = mark(case, "a1", "cleared", "two")
    assert redo(case) is None and marks_of(case).of("a1") == newer


def test_of_two_people_at_once_the_first_one_s_mark_stands(case) -> None:
    before_both_eyes = marks_of(case)
    first = mark(case, ["a1", "a2"], "cleared", "known volunteer", by="Kumari", seen=before_both_eyes)
    with pytest.raises(CaseError, match='marked by "Kumari" as cleared in the meantime'):
        mark(case, ["a2", "a3"], "lead", "in step", by="Rao", seen=before_both_eyes)
    now = marks_of(case)
    assert now.of("a2") == first and now.of("a3") is None and len(now.not_counted) == 1
    theirs = mark(case, ["a2", "a3"], "lead", "in step", by="Rao", seen=now)
    assert marks_of(case).of("a2") == theirs
    with pytest.raises(CaseError, match="somebody else has marked the same account since"):
        undo(case, by="Kumari")


def test_withdrawn_leaves_nothing_standing(case) -> None:
    mark(case, "a1", "lead", "one", by="Kumari")
    mark(case, "a1", "withdrawn", "an office", by="Rao")
    assert marks_of(case).of("a1") is None and len(marks_of(case).history("a1")) == 2


@pytest.mark.parametrize(
    ("accounts", "what", "reason", "said"),
    [([], "lead", "r", "No account is chosen"), ([""], "lead", "r", "No account"), ("a", "guilty", "r", "no mark"),
     ("a", "lead", "  ", "needs a reason"), ("a", "lead", "x" * 2001, "2,001")],
)  # fmt: skip
def test_bad_input_is_refused_and_not_logged(case, accounts, what, reason, said) -> None:
    before = case.ledger.head()
    with pytest.raises(ParameterError, match=said):
        mark(case, accounts, what, reason)
    assert case.ledger.head() == before


def test_files_known_are_those_that_came_before(case, add) -> None:
    one = add(case, "a.csv", ["1", "2"])
    made = mark(case, "a1", "cleared", "r")
    two = add(case, "b.csv", ["3", "4"])
    assert files_known(case, [made.seq])[made.seq] == {one.source_sha256}
    later = mark(case, "a1", "cleared", "r")
    assert files_known(case, [later.seq])[later.seq] == {one.source_sha256, two.source_sha256}


acts = st.lists(
    st.tuples(
        st.sampled_from(["mark", "undo", "redo"]), st.sampled_from(["K", "R"]),
        st.sets(st.sampled_from("abc"), min_size=1), st.sampled_from(MARKS),
    ),
    max_size=12,
)  # fmt: skip


class Book:
    """A case's log in memory, with what :func:`mark` needs of a case."""

    def __init__(self) -> None:
        self.list: list[Entry] = []
        self.ledger, self.officer = self, "K"

    def entries(self) -> list[Entry]:
        return self.list

    def log(self, kind: str, payload: dict) -> Entry:
        entry = Entry(
            seq=len(self.list) + 1, at=f"t{len(self.list)}", officer="K", kind=kind, payload=payload, prev="", hash=""
        )
        self.list.append(entry)
        return entry


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(acts)
def test_what_stands_is_what_a_plain_list_says(doing) -> None:
    book, plain, undone = Book(), [], []
    for act, who, accounts, what in doing:
        if act == "mark":
            plain.append(mark(book, sorted(accounts), what, "r", by=who))
        elif act == "undo":
            try:
                one = undo(book, by=who)
            except CaseError:
                continue
            if one is not None:
                plain.remove(one)
                undone.append(one)
        elif (one := redo(book, by=who)) is not None:
            undone.remove(one)
            plain.append(one)
    marks = marks_of(book)
    for account in "abc":
        own = [one for one in plain if account in one.accounts]
        expected = own[-1] if own and own[-1].mark != "withdrawn" else None
        assert marks.of(account) == expected
    assert not marks.not_counted and _replayed(book.entries()) == marks
