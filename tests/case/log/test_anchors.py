"""Anchors: what is noted of the log where its owner cannot write, as lines of a file, hashes or words."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from spmc_tools.case.acts.provenance import hand_over
from spmc_tools.case.log.anchors import FAILED, head_words, read_anchors
from spmc_tools.case.store.case import open_case
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import InputError
from tests.forgery import Row, forge_case
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spmc_tools.case.store.case import Case


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file on another disk."""
    (tmp_path / "share").mkdir()
    monkeypatch.setenv("SPMC_ANCHORS", str(tmp_path / "share" / "anchors.jsonl"))
    return tmp_path / "share" / "anchors.jsonl"


def lines(share: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in share.read_text().splitlines()]


def test_words_by_a_second_route() -> None:
    """Proquints of the article: 127.0.0.1 is lusab-babad, 63.84.220.193 gutih-tugad, 147.67.119.2 natag-lisaf."""
    head = "7f000001" + "3f54dcc1" + "93437702" + "0" * 40
    assert head_words(head) == "lusab babad gutih tugad natag lisaf"
    assert read_anchors("7 lusab babad gutih-tugad NATAG lisaf")[0].head == head[:24]
    chance = random.Random(1)
    for _ in range(200):
        head = chance.randbytes(32).hex()
        assert read_anchors(f"1:{head_words(head)}")[0].head == head[:24]


@pytest.mark.parametrize(
    "given",
    ["", "12", "12:abc", "x:" + "0" * 64, "12 lusab babad", "12 lusab babad gutih tugad natag rahux", "/nowhere"],
)
def test_what_is_no_anchor_is_one_sentence(given: str) -> None:
    with pytest.raises(InputError, match=r"^--anchor: found [^\n]+, wanted a file of anchors[^\n]+\.$"):
        read_anchors(given)


@pytest.mark.parametrize(
    "line", ["{}", "x", '{"length": 1, "head": "00", "at": "x", "case_uid": "y"}', "[" * 9000, "1"]
)
def test_a_spoilt_file_of_anchors_is_one_sentence(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.jsonl").write_text(line + "\n")
    with pytest.raises(InputError, match=r'^--anchor: "a\.jsonl", line 1 is no anchor'):
        read_anchors(str(tmp_path / "a.jsonl"))


def test_a_line_goes_out_each_day_and_with_what_matters(share: Path, add: Callable, tmp_path: Path) -> None:
    case = plain_case("one")
    case.log("view", {})  # the day began with the entry that made the case
    assert not share.exists()
    hand_over(case, "SHO", "copy")
    add(case, "a.csv", ["1"])
    assert [one["why"] for one in lines(share)] == ["handover"]

    def yesterday(rows: list[Row], _: object) -> None:
        for row in rows:
            row["at"] = "2025-11-01T00:00:00.000000Z"
            row["payload"].pop("clock", None)

    forge_case(case.path, yesterday)
    share.unlink()
    add(open_case("one"), "b.csv", ["2"])  # an import is the first of the day
    open_case("one").log("view", {})
    (line,) = lines(share)
    entries = case.ledger.entries()
    assert (line["why"], line["case"], line["length"]) == ("import", "one", len(entries) - 1)
    assert line["head"] == entries[-2]["hash"] and line["words"] == head_words(entries[-2]["hash"])
    assert share.stat().st_mode & 0o777 == 0o600


def forged(case: Case) -> None:
    """The whole log written anew, every hash made to fit; nothing in the folder shows it."""

    def change(rows: list[Row], _: object) -> None:
        rows[1]["payload"]["note"] = "another"

    forge_case(case.path, change)


def test_a_log_written_anew_as_a_whole_is_seen_by_an_anchor_alone(tmp_path: Path, share: Path) -> None:
    case = plain_case("one")
    case.log("view", {})
    hand_over(case, "SHO", "copy")
    length, head = case.ledger.head()
    typed = [f"{length}:{head}", f"{length}:{head[:16]}", f"{length} {head_words(head)}", str(share)]
    for anchor in typed:
        found = verify(case.path, log=False, anchor=anchor)
        assert found.ok and any("the anchors reach to the last entry" in note for note in found.notes)
    forged(case)
    for anchor in [*typed, None]:
        found = verify(case.path, log=False, anchor=anchor)
        assert "entries up to it were written anew" in str(found.first_difference), anchor
    share.unlink()
    found = verify(case.path, log=False)
    assert found.ok and any("written anew as a whole" in what for what in found.not_checked)  # and it says so


def test_a_log_that_was_cut_off_and_how_far_anchors_reach(share: Path) -> None:
    case = plain_case("one")
    hand_over(case, "SHO", "copy")
    case.log("view", {})
    found = verify(case.path, log=False)
    assert found.ok and "no anchor vouches for 1 entries since" in found.notes[0]
    forge_case(case.path, lambda rows, _: rows.__delitem__(slice(1, None)))
    assert "2 were noted" in str(verify(case.path, log=False).first_difference)


def test_anchors_of_another_case_say_nothing(share: Path) -> None:
    hand_over(plain_case("one"), "SHO", "copy")
    other = plain_case("two")
    found = verify(other.path, log=False)
    assert found.ok and any("none of the anchors is of this case" in what for what in found.not_checked)


def test_a_share_that_is_not_there_stops_nothing_and_is_said(share: Path) -> None:
    share.parent.rmdir()
    case = plain_case("one")
    hand_over(case, "SHO", "copy")
    last = case.ledger.entries()[-1]
    assert (last["kind"], last["payload"]["entry"]) == (FAILED, 2) and "no such file" in last["payload"]["reason"]
    found = verify(case.path, log=False)
    assert any("SPMC_ANCHORS names is not there" in what for what in found.not_checked)
    share.parent.mkdir()
    share.write_text("torn")
    found = verify(case.path, log=False)
    assert found.whole and not found.ok and "line 1 is no anchor" in found.doubts[0]
