"""Deciding of groups with an ordinary pattern: who may, with which key; forgeries are told by program and checker."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.case.acts.pattern_decisions import decisions_of
from spmc_tools.custody.review.decide import decide, group_of
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError, ParameterError
from spmc_tools.findings.result.decided_patterns import PatternGroup
from spmc_tools.signing.enrolment import enrol, revoke
from spmc_tools.signing.officer_keys import make_key, unlock
from tests.custody.review.test_damaged_packs import RUN, pack_of
from tests.custody.review.test_two_checkers import said_by_both
from tests.forgery import forge_case, signed, the, zipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spmc_tools.case.store.case import Case
    from spmc_tools.signing.officer_keys import Signer
    from tests.forgery import Row

SECRET = "correct horse battery"
GROUP = PatternGroup(("a", "b", "c"), ("copypasta",), ("one_origin",), ("a", "b"), 1)
OTHER = replace(GROUP, accounts=("a", "b", "c", "d"))


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Signer]:
    """The unlocked key of an officer, made where there is none."""
    monkeypatch.setenv("SPMC_OFFICER_KEYS", str(tmp_path / "officers"))
    made: dict[str, Signer] = {}

    def of(name: str) -> Signer:
        if name not in made:
            make_key(name, SECRET)
            made[name] = unlock(name, SECRET)
        return made[name]

    return of


def state(case: Case) -> str:
    return decisions_of(case.ledger.entries()).state(GROUP.digest)


def n_entries(case: Case) -> int:
    return len(case.ledger.entries())


def test_names_alone_where_nobody_has_a_key(small_case: Case) -> None:
    assert decide(small_case, GROUP, "name", "one day", officer="A. Rao") == "one_officer"
    before = n_entries(small_case)
    with pytest.raises(ParameterError, match=r'takes two officers.*"A. Rao" named it first.*no second officer'):
        decide(small_case, GROUP, "name", "again", officer="rao, a")
    assert n_entries(small_case) == before
    assert decide(small_case, OTHER, "name", "another group", officer="A. Rao") == "one_officer"
    assert decide(small_case, GROUP, "name", "seen, too", officer="B. Devi") == "named"
    found = verify(small_case.path, log=False)
    assert found.ok and sum("rests on the name alone" in note for note in found.notes) == 3
    assert decide(small_case, GROUP, "withdraw", "a school", officer="C. Khan") == "open"
    assert decide(small_case, GROUP, "clear", "a school", officer="C. Khan") == "cleared"
    assert verify(small_case.path, log=False).ok


def test_keys_where_keys_are_entered(small_case: Case, key: Callable[[str], Signer]) -> None:
    rao, devi = key("A. Rao"), key("B. Devi")
    decide(small_case, GROUP, "name", "r", officer="A. Rao", signer=rao)
    before = n_entries(small_case)
    for officer, signer, why in (
        ("B. Devi", None, "sign in this case by key"),
        ("A. Rao", None, "decide where that key is"),
        ("B. Devi", rao, "The key is that of"),
        ("A. Rao", rao, "no second officer"),
    ):
        with pytest.raises(ParameterError, match=why):
            decide(small_case, GROUP, "name", "r", officer=officer, signer=signer)
    assert n_entries(small_case) == before and state(small_case) == "one_officer"
    renamed = replace(rao, key=replace(rao.key, officer="B. Devi"))  # one key, two names
    with pytest.raises(ParameterError, match="key of the first officer"):
        decide(small_case, GROUP, "name", "r", officer="B. Devi", signer=renamed)
    assert decide(small_case, GROUP, "name", "r", officer="B. Devi", signer=devi) == "named"
    assert verify(small_case.path, log=False).ok
    assert decide(small_case, GROUP, "clear", "a school", officer="C. Khan") == "cleared"  # one officer and a reason
    assert verify(small_case.path, log=False).ok


def test_an_invented_first_officer_is_not_enough(small_case: Case, key: Callable[[str], Signer]) -> None:
    enrol(small_case, key("B. Devi"))
    with pytest.raises(ParameterError, match="both who name"):
        decide(small_case, GROUP, "name", "r", officer="Nobody Known")
    decide(small_case, GROUP, "name", "r", officer="B. Devi", signer=key("B. Devi"))
    revoke(small_case, key("B. Devi").key.public_key, "lost", key("B. Devi"))
    with pytest.raises(ParameterError, match="not both signed"):  # nobody signs now: the first one did
        decide(small_case, GROUP, "name", "r", officer="Nobody Known")


def test_what_does_not_fit_is_a_sentence(small_case: Case) -> None:
    before = n_entries(small_case)
    with pytest.raises(ParameterError, match="not known; wanted one of clear, name, withdraw"):
        decide(small_case, GROUP, "guilty", "r", officer="A")
    with pytest.raises(CaseError, match="The reason is empty"):
        decide(small_case, GROUP, "clear", "  ", officer="A")
    with pytest.raises(CaseError, match="Nothing stands"):
        decide(small_case, GROUP, "withdraw", "r", officer="A")
    assert n_entries(small_case) == before
    decide(small_case, GROUP, "clear", "r", officer="Abc")
    for decision in ("clear", "name"):
        with pytest.raises(CaseError, match=r'is cleared already, by "Abc" on'):
            decide(small_case, GROUP, decision, "r", officer="Bcd")
    with pytest.raises(CaseError, match="Posts came after"):
        decide(small_case, replace(GROUP, state="lapsed"), "clear", "r", officer="Bcd")
    assert group_of([GROUP, OTHER], GROUP.digest[:6].upper()) is GROUP
    for typed, why in ((GROUP.digest[:5], "no group"), ("zzzzzz", "no group"), ("", "no group")):
        with pytest.raises(ParameterError, match=why):
            group_of([GROUP, OTHER], typed)
    with pytest.raises(ParameterError, match="2 groups begin so"):
        group_of([GROUP, GROUP], GROUP.digest)


def test_of_two_at_once_the_first_stands(small_case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    log, raced = small_case.log, []

    def overtaken(kind: str, payload: Any, **told: Any) -> Any:
        if not raced:
            raced.append(1)
            decide(small_case, GROUP, "clear", "a school", officer="B. Devi")
        return log(kind, payload, **told)

    monkeypatch.setattr(small_case, "log", overtaken)
    with pytest.raises(CaseError, match="in the meantime; that stands"):
        decide(small_case, GROUP, "name", "r", officer="A. Rao")
    assert state(small_case) == "cleared"
    found = verify(small_case.path, log=False)
    assert found.ok and any("does not count: its officer had not seen entry" in note for note in found.notes)


# -- forgeries: the chain is written anew so that every hash fits --------------------------------------------------


def second_officer_made_up(rows: list[Row]) -> None:
    """One officer named it with his key; somebody adds a second one without."""
    row = copy.deepcopy(the(rows, "pattern_decision", 0))
    row["officer"] = "V. Fourth"
    after = {"seq": rows[-1]["seq"], "hash": rows[-1]["hash"]}
    row["payload"].update(by="V. Fourth", key=None, signature=None, after=after)
    rows[:] = [*rows, row]


def signature_taken_away(rows: list[Row]) -> None:
    the(rows, "pattern_decision", -1)["payload"].update(key=None, signature=None)


def another_reason(rows: list[Row]) -> None:
    the(rows, "pattern_decision", -1)["payload"]["reason"] = "Ordered from above."


def other_accounts(rows: list[Row]) -> None:
    the(rows, "pattern_decision", -1)["payload"]["accounts"].append("e")


def clearing_turned_into_a_name(rows: list[Row]) -> None:
    the(rows, "pattern_decision", -1)["payload"]["decision"] = "name"


def first_taken_out(rows: list[Row]) -> None:
    rows.remove(the(rows, "pattern_decision", 0))


def second_put_in_once_more(rows: list[Row]) -> None:
    rows.append(copy.deepcopy(the(rows, "pattern_decision", -1)))


def in_another_name(rows: list[Row]) -> None:
    the(rows, "pattern_decision", -1)["officer"] = "S. Third"


FORGERIES = {
    second_officer_made_up: r"entry \d+ \(pattern_decision\) names a group and is not signed, though officers sign",
    signature_taken_away: r'entry \d+ \(pattern_decision\) is not signed, and "\w\. \w+" signs here with the key',
    another_reason: r"entry \d+ \(pattern_decision\) carries a signature that does not fit",
    other_accounts: r"entry \d+ \(pattern_decision\) is about another group than its accounts, traces and patterns",
    clearing_turned_into_a_name: r"entry \d+ \(pattern_decision\) carries a signature that does not fit",
    first_taken_out: r"entry \d+ \(pattern_decision\) follows a decision about its group that is not in the log",
    second_put_in_once_more: r"entry \d+ \(pattern_decision\) carries the signature of entry \d+: it was put in",
    in_another_name: r"entry \d+ \(pattern_decision\) is not by the officer whom it names",
}


@pytest.mark.parametrize("change", FORGERIES, ids=lambda change: change.__name__)
def test_a_forged_decision_is_told_by_both_checkers(
    small_case: Case, key: Callable[[str], Signer], tmp_path: Path, change: Callable[[list[Row]], None]
) -> None:
    whole_run(small_case)
    made = [("name", "A. Rao")]
    made += [("clear", "B. Devi")] if change is clearing_turned_into_a_name else [("name", "B. Devi")]
    for decision, officer in made[: 1 if change is second_officer_made_up else 2]:
        decide(small_case, GROUP, decision, "r", officer=officer, signer=key(officer))
    assert both(small_case, tmp_path)[:2] == ("whole", "whole")
    forge_case(small_case.path, lambda rows, _: change(rows))
    told = verify(small_case.path, log=False).differences
    assert any(re.search(FORGERIES[change], sentence) for sentence in told), told
    program, alone, why = both(small_case, tmp_path)
    assert program == alone == "differs", why


def test_one_key_under_two_names_is_no_second_officer(
    small_case: Case, key: Callable[[str], Signer], tmp_path: Path
) -> None:
    """Whoever has one officer's key and writes the log anew cannot make two officers of it."""
    whole_run(small_case)
    rao = key("A. Rao")
    decide(small_case, GROUP, "name", "r", officer="A. Rao", signer=rao)

    def change(rows: list[Row], _: Any) -> None:
        row = copy.deepcopy(rows[-1])
        told = {**rao.key.told(), "officer": "B. Devi"}
        after = {"seq": rows[-1]["seq"], "hash": rows[-1]["hash"]}
        row["officer"] = "B. Devi"
        place = {"length": rows[-1]["seq"], "head": rows[-1]["hash"]}
        row["payload"] = signed(
            {**row["payload"], "by": "B. Devi", "key": told, "after": after, "ledger": place}, rao.sign
        )
        rows.append(row)

    forge_case(small_case.path, change)
    told = verify(small_case.path, log=False).differences
    assert any("is signed with the key of the first officer: there was no second officer" in one for one in told), told
    assert state(small_case) == "one_officer"
    assert both(small_case, tmp_path)[:2] == ("differs", "differs")


def test_a_withdrawal_taken_out_is_told_by_the_signed_report_after_it(
    small_case: Case, key: Callable[[str], Signer]
) -> None:
    for decision, officer in (("name", "A. Rao"), ("name", "B. Devi"), ("withdraw", "C. Khan")):
        decide(small_case, GROUP, decision, "r", officer=officer)
    whole_run(small_case, key("Officer One"))
    assert verify(small_case.path, log=False).ok
    forge_case(small_case.path, lambda rows, _: rows.remove(the(rows, "pattern_decision", -1)))
    assert state(small_case) == "named"
    told = verify(small_case.path, log=False).differences
    assert any("entries up to" in one and "were written anew" in one for one in told), told


def whole_run(case: Case, signer: Signer | None = None) -> None:
    from spmc_tools.signing.manifest import write_manifest

    run = case.run_dir(RUN)
    (run / "report.html").write_text("<!doctype html><title>x</title>")
    write_manifest(case, run, signer=signer, edition="full")


def both(case: Case, tmp_path: Path) -> tuple[str, str, object]:
    files = pack_of(case)
    assert json.loads(files["pack.json"])["ledger"]["length"] == n_entries(case)
    return said_by_both(zipped(tmp_path / "p.zip", files))
