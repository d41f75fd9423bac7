"""Decisions about ordinary patterns as a log tells of them: one clears, two name, any withdraws, no more counts."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from spmc_tools.case.acts.pattern_decisions import decisions_of, group_digest

PARTS: dict[str, list[str]] = {"accounts": ["b", "a"], "traces": ["copypasta"], "patterns": ["one_origin"]}
GROUP = hashlib.sha256(b'{"accounts":["a","b"],"patterns":["one_origin"],"traces":["copypasta"]}').hexdigest()


class Log:
    """Entries as a custody log holds them; each names the last one of the group unless told otherwise."""

    def __init__(self) -> None:
        self.entries: list[Any] = []

    def say(self, decision: str, by: str, key: str | None = None, **changed: Any) -> Log:
        seq = len(self.entries) + 1
        last = {"seq": seq - 1, "hash": f"hash {seq - 1}"} if self.entries else None
        payload = {
            **PARTS, "group": GROUP, "decision": decision, "reason": "r", "by": by, "after": last,
            "key": None if key is None else {"public_key": key}, **changed,
        }  # fmt: skip
        self.entries.append(
            {"seq": seq, "at": "t", "officer": by, "kind": "pattern_decision", "payload": payload,
             "prev": "", "hash": f"hash {seq}"}
        )  # fmt: skip
        return self

    @property
    def state(self) -> str:
        return decisions_of(self.entries).state(GROUP)

    @property
    def faults(self) -> dict[int, str]:
        return decisions_of(self.entries).faults


def test_the_digest_is_that_of_the_sorted_content() -> None:
    assert group_digest(["b", "a"], ["copypasta"], ["one_origin"]) == GROUP
    others = [(["a"], ["copypasta"], ["one_origin"]), (["a", "b"], ["co_url"], ["one_origin"]),
              (["a", "b"], ["copypasta"], ["daily_round"]),
              (["a", "b", "c"], ["copypasta"], ["one_origin"])]  # fmt: skip
    assert len({GROUP, *(group_digest(*other) for other in others)}) == 5


def test_one_officer_clears_and_two_name() -> None:
    assert Log().state == "open"
    assert Log().say("clear", "A. Rao").state == "cleared"
    log = Log().say("name", "A. Rao")
    assert log.state == "one_officer"
    assert log.say("name", "B. Devi").state == "named" and not log.faults
    assert log.say("withdraw", "C. Khan").state == "open"
    assert log.say("clear", "A. Rao").state == "cleared" and not log.faults
    assert Log().say("name", "A. Rao").say("name", "B. Devi").say("clear", "C. Khan").state == "cleared"
    assert Log().say("name", "A. Rao").say("withdraw", "A. Rao").say("name", "B. Devi").state == "one_officer"


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (("A. Rao", None), ("rao A", None), "no second officer"),
        (("A. Rao", "01"), ("B. Devi", "01"), "key of the first officer"),
        (("A. Rao", "01"), ("B. Devi", None), "not both signed"),
        (("A. Rao", None), ("B. Devi", "02"), "not both signed"),
    ],
)
def test_the_second_is_another_by_name_and_by_key(
    first: tuple[str, str | None], second: tuple[str, str | None], why: str
) -> None:
    log = Log().say("name", *first).say("name", *second)
    assert log.state == "one_officer" and why in log.faults[2]
    assert Log().say("name", "A. Rao", "01").say("name", "B. Devi", "02").state == "named"


@pytest.mark.parametrize(
    ("before", "decision", "why"),
    [([], "withdraw", "none stands"), (["clear"], "clear", "cleared already"), (["clear"], "name", "cleared already"),
     (["name", "name"], "name", "named already")],
)  # fmt: skip
def test_what_the_state_does_not_allow(before: list[str], decision: str, why: str) -> None:
    log = Log()
    for officer, one in zip("AB", before, strict=False):
        log.say(one, officer * 3)
    state = log.state
    assert log.say(decision, "Cee").state == state and why in log.faults[len(before) + 1]


@pytest.mark.parametrize(
    "changed",
    [{"accounts": ["a", "b", "c"]}, {"traces": ["co_url"]}, {"patterns": []}, {"group": "0" * 64}, {"reason": " "},
     {"decision": "guilty"}, {"by": "..."}, {"accounts": "ab"}, {"traces": [1]}, {"group": None}],
    ids=json.dumps,
)  # fmt: skip
def test_what_is_not_whole_does_not_count(changed: dict[str, Any]) -> None:
    log = Log().say("clear", "A. Rao")
    assert log.state == "cleared"
    log.entries[0]["payload"].update(changed)
    assert log.state == "open" and log.faults


def test_whoever_had_not_seen_the_newest_does_not_count_and_nobody_follows_what_is_not_there() -> None:
    log = Log().say("name", "A. Rao").say("name", "B. Devi", after=None)
    assert log.state == "one_officer" and not log.faults  # an honest race
    assert decisions_of(log.entries).overtaken == {2: 1}
    log = Log().say("name", "A. Rao").say("name", "B. Devi", after={"seq": 1, "hash": "another"})
    assert log.state == "one_officer" and "not in the log" in log.faults[2]
    log = Log().say("name", "A. Rao").say("name", "B. Devi")
    del log.entries[0]
    assert log.state == "open" and "not in the log" in log.faults[2]
