"""Entries of a line-up with an odd value at each place are findings, whatever the value is."""

from __future__ import annotations

from typing import Any

import pytest

from spmc_tools.custody.lineup import line_up_check
from spmc_tools.custody.lineup.line_up_check import committed
from tests.custody.review.mutated_packs import ODD

SHOWN: dict[str, Any] = {
    "run_id": "r", "manifest_sha256": "0" * 64, "group": 1, "why": None, "commitment": committed("1"),
}  # fmt: skip
ANSWER: dict[str, Any] = {
    "run_id": "r", "manifest_sha256": "0" * 64, "group": 1, "shown": 1, "seed": "1", "chose": "A", "finding": "A",
    "ordinary": {"A": "no_reason", "B": "fan_club", "C": "occasion"},
}  # fmt: skip


def entry(seq: int, payload: dict[str, Any]) -> Any:
    return {"seq": seq, "officer": "R. Devi", "kind": "x", "payload": payload, "at": "", "prev": "", "hash": ""}


def said(shown: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    found: list[str] = []
    kind = next(v for v in vars(line_up_check).values() if isinstance(v, type) and hasattr(v, "answered"))
    check = kind(lambda _, what: found.append(what))
    check.shown(entry(1, shown))
    check.answered(entry(2, answer))
    return found


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_an_odd_value_is_a_finding(value: Any) -> None:
    for key in ("why", "commitment"):
        if value != SHOWN[key]:
            assert said(SHOWN | {key: value}, ANSWER), key
    for key in ("shown", "seed", "chose", "finding", "ordinary"):
        if value != ANSWER[key] and not (key == "shown" and value is True):
            assert said(SHOWN, ANSWER | {key: value}), key
    if value != "no_reason":
        assert said(SHOWN, ANSWER | {"ordinary": ANSWER["ordinary"] | {"A": value}})
