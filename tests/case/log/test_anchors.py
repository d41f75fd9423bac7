"""Anchors: what is noted of the log where its owner cannot write, as lines of a file, hashes or words."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from typing import TYPE_CHECKING

import pytest

from spmc_tools.case.acts.provenance import hand_over
from spmc_tools.case.log.anchors import FAILED, head_words, nothing_goes_out, read_anchors
from spmc_tools.case.log.outside_log import OUTSIDE_LOG, append
from spmc_tools.case.store.case import Case, open_case
from spmc_tools.custody.records.backup import back_up
from spmc_tools.custody.records.case_disposal import dispose_of_case
from spmc_tools.custody.records.restore import restore
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import InputError, IntegrityError
from tests.forgery import Row, forge_case
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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


def test_a_line_goes_out_each_day_and_with_each_change(share: Path, add: Callable) -> None:
    """What only looks waits for the next entry that changes something."""
    case = plain_case("one")
    case.log("search", {})
    hand_over(case, "SHO", "copy")
    case.log("verify", {})
    add(case, "a.csv", ["1"])
    case.change_settings("wrong", title="u")
    assert [one["why"] for one in lines(share)] == ["created", "handover", "import", "settings_changed"]
    by_hand = [(row[0], row[6]) for row in case.ledger.rows() if row[3] not in {"search", "verify"}]
    assert [(one["length"], one["head"]) for one in lines(share)] == by_hand

    def yesterday(rows: list[Row], _: object) -> None:
        for row in rows:
            row["at"] = "2025-11-01T00:00:00.000000Z"
            row["payload"].pop("clock", None)

    forge_case(case.path, yesterday)
    share.unlink()
    open_case("one").log("search", {})  # the first of the day
    open_case("one").log("search", {})
    (line,) = lines(share)
    entries = case.ledger.entries()
    assert (line["why"], line["case"], line["length"]) == ("search", "one", len(entries) - 1)
    assert line["head"] == entries[-2]["hash"] and line["words"] == head_words(entries[-2]["hash"])
    assert share.stat().st_mode & 0o777 == 0o600


def test_no_case_of_a_moment_sends_anchors(share: Path) -> None:
    with nothing_goes_out():
        plain_case("one")
    assert not share.exists()
    plain_case("two")
    assert len(lines(share)) == 1


def test_a_line_that_broke_off_spoils_no_other(share: Path) -> None:
    case = plain_case("one")
    hand_over(case, "SHO", "copy")
    share.write_bytes(share.read_bytes() + b'{"case": "one", "len')  # the disk was full
    hand_over(case, "SHO", "copy")
    found = verify(case.path, log=False)
    assert found.ok and found.after_anchor == 0
    assert "1 lines among the anchors, the first of them line 3: they are no anchors" in found.not_checked
    forged(case)
    assert "entry 2 is not the one that was noted" in str(verify(case.path, log=False).first_difference)


def test_a_forged_case_adds_anchors_under_another_number(share: Path) -> None:
    """Whoever runs the program on it adds to the file; what stood there before stays."""
    case = plain_case("one")
    hand_over(case, "SHO", "copy")
    forge_case(case.path, lambda rows, _: rows[0]["payload"].update(case_uid="0" * 16))
    hand_over(Case(case.path), "SHO", "copy")
    found = verify(case.path, log=False)
    assert found.whole and len(lines(share)) == 3
    assert "2 anchors, the last one of " in found.doubts[0] and "of another log" in found.doubts[0]


def test_a_case_that_was_disposed_of_and_made_again_is_said(share: Path) -> None:
    plain_case("one")
    dispose_of_case("one", "over", "one")
    found = verify(plain_case("one").path, log=False)
    assert found.ok and any("a case of this name that was disposed of on" in note for note in found.notes)


def test_a_case_that_came_back_from_an_older_backup_is_a_doubt(share: Path, tmp_path: Path) -> None:
    """The entries since the backup are lost, and the anchors say so; it can be worked in."""
    case = plain_case("one")
    back_up(case, tmp_path / "b.zip")
    shutil.copytree(case.path, tmp_path / "kept")
    shutil.rmtree(case.path)
    found = verify(restore(tmp_path / "b.zip").path, log=False)
    assert found.ok and any(note.startswith("entry 2 brought the case back from a backup;") for note in found.notes)
    shutil.rmtree(case.path)
    share.write_text("".join(share.read_text().splitlines(keepends=True)[:2]))
    shutil.copytree(tmp_path / "kept", case.path)
    hand_over(Case(case.path), "SHO", "copy")
    shutil.rmtree(case.path)
    back = restore(tmp_path / "b.zip")
    found = verify(back.path, log=False)
    assert found.whole and len(found.doubts) == 1
    assert "2 anchors are of entries up to 3 that were lost when entry 2 brought the case back" in found.doubts[0]
    hand_over(back, "SHO", "copy")  # work goes on
    assert verify(back.path, log=False).after_anchor == 0
    forge_case(back.path, lambda rows, _: rows[1].update(kind="handover"))  # cut off, and nothing says why
    assert "entry 2 is not the one that was noted" in str(verify(back.path, log=False).first_difference)


def test_a_backup_of_a_log_that_was_written_anew_is_not_restored(
    share: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = plain_case("one")
    hand_over(case, "SHO", "copy")
    forged(case)
    monkeypatch.delenv("SPMC_ANCHORS")
    back_up(Case(case.path), tmp_path / "b.zip")
    shutil.rmtree(case.path)
    monkeypatch.setenv("SPMC_ANCHORS", str(share))
    with pytest.raises(IntegrityError, match=r"entry 2 is not the one that was noted.*nothing was restored"):
        restore(tmp_path / "b.zip")
    assert not case.path.exists()


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
    case.log("search", {})
    case.log("verify", {})
    found = verify(case.path, log=False)
    assert found.ok and found.after_anchor == 2
    assert (
        "the last anchor is of entry 2 of 4: no anchor vouches for the 2 after it (1 search, 1 verify)" in found.notes
    )
    forge_case(case.path, lambda rows, _: rows.__delitem__(slice(1, None)))
    assert "2 were noted" in str(verify(case.path, log=False).first_difference)


def test_anchors_of_another_case_say_nothing(share: Path) -> None:
    hand_over(plain_case("one"), "SHO", "copy")
    with nothing_goes_out():
        other = plain_case("two")
    found = verify(other.path, log=False)
    assert found.ok and any("none of the anchors is of this case" in what for what in found.not_checked)


def test_a_share_that_is_not_there_stops_nothing_and_is_said(share: Path) -> None:
    share.parent.rmdir()
    case = plain_case("one")
    hand_over(case, "SHO", "copy")
    last = case.ledger.entries()[-1]
    assert (last["kind"], last["payload"]["entry"]) == (FAILED, 3) and "no such file" in last["payload"]["reason"]
    for _ in range(3):  # said once a day, and with what matters
        case.change_settings("x", title="u")
    assert [entry["kind"] for entry in case.ledger.entries()].count(FAILED) == 2
    found = verify(case.path, log=False)
    assert any("SPMC_ANCHORS names is not there" in what for what in found.not_checked)
    share.parent.mkdir()
    share.write_text("torn")
    found = verify(case.path, log=False)
    assert found.whole and not found.ok and "line 1 is no anchor" in found.doubts[0]


def outside_lines(root: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (root / OUTSIDE_LOG).read_text().splitlines()]


def rewritten(root: Path, lines_: list[dict[str, object]]) -> None:
    """The log beside the cases written anew, every hash made to fit: by hand, as somebody with the source does it."""
    prev, out = "0" * 64, ""
    for seq, line in enumerate(lines_, start=1):
        told = {key: value for key, value in line.items() if key != "hash"} | {"seq": seq, "prev": prev}
        prev = hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
        out += json.dumps(told | {"hash": prev}, sort_keys=True, separators=(",", ":")) + "\n"
    (root / OUTSIDE_LOG).write_text(out)


def test_each_anchor_notes_the_log_beside_the_cases(share: Path) -> None:
    case = plain_case("one")
    root = case.path.parent
    for name in ("a", "b"):
        append(root, "refused", {"name": name}, "A")
        hand_over(case, "SHO", "copy")
    first, second = outside_lines(root)
    noted = [one.get("outside") for one in lines(share)]
    assert noted == [
        None,
        {"first": first["hash"], "length": 1, "head": first["hash"]},
        {"first": first["hash"], "length": 2, "head": second["hash"]},
    ]
    assert verify(case.path, log=False).ok
    append(root, "refused", {"name": "c"}, "A")  # it grows
    (root / OUTSIDE_LOG).write_bytes((root / OUTSIDE_LOG).read_bytes() + b'{"seq": 4, "at"')  # a write broke off
    append(root, "refused", {"name": "d"}, "A")
    hand_over(case, "SHO", "copy")
    assert lines(share)[-1]["outside"]["length"] == 4 and verify(case.path, log=False).ok  # type: ignore[index]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda root, rows: rewritten(root, rows[:2]), "2 of its entries follow each other, and 3 were noted"),
        (lambda root, rows: rewritten(root, [rows[0], {**rows[1], "officer": "B"}, rows[2]]), "entry 2 is not the one"),
        (lambda root, rows: rewritten(root, [rows[0], rows[2]]), "2 of its entries follow each other"),
        (lambda root, rows: rewritten(root, [{**rows[0], "officer": "B"}, *rows[1:]]), "3 entries of another log than"),
        (lambda root, rows: rewritten(root, rows[1:]), "3 entries of another log than"),
        (lambda root, _: (root / OUTSIDE_LOG).unlink(), "3 entries were noted: it was taken away"),
        (lambda root, _: (root / OUTSIDE_LOG).write_text(""), "3 entries were noted: it was taken away"),
        (
            lambda root, _: (root / OUTSIDE_LOG).write_text(
                (root / OUTSIDE_LOG).read_text().replace('\\"n\\":1', '\\"n\\":7')
            ),
            "1 of its entries follow each other, and 3 were noted",
        ),
    ],
)
def test_a_forged_log_beside_the_cases_is_told_by_the_anchors(
    share: Path, harm: Callable, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made to fit, the log beside the cases is whole for itself; where nothing vouches for it the check is silent."""
    case, other = plain_case("one"), plain_case("two")
    root = case.path.parent
    for n in range(3):
        append(root, "refused", {"n": n}, "A")
        hand_over(case, "SHO", "copy")
    hand_over(other, "SHO", "copy")
    assert verify(case.path, log=False).ok and verify(other.path, log=False).ok
    kept = share.read_text()
    harm(root, outside_lines(root))
    for one in (case, other):
        found = verify(one.path, log=False)
        assert found.whole and not found.ok and any(said in doubt for doubt in found.doubts), found.doubts
        assert all(doubt.startswith(OUTSIDE_LOG) for doubt in found.doubts)
    share.rename(share.with_name("kept.jsonl"))
    assert not verify(case.path, log=False, anchor=str(share.with_name("kept.jsonl"))).ok
    assert verify(case.path, log=False).ok  # without an anchor nothing shows it
    share.write_text(kept)
    monkeypatch.setattr("spmc_tools.case.log.anchors.ends_of", lambda _: None)
    hand_over(case, "SHO", "copy")  # anchors that came afterwards and name none change nothing
    assert not verify(case.path, log=False).ok


def test_a_log_that_is_begun_anew_stays_told(share: Path) -> None:
    case = plain_case("one")
    root = case.path.parent
    append(root, "refused", {"n": 0}, "A")
    hand_over(case, "SHO", "copy")
    (root / OUTSIDE_LOG).unlink()
    append(root, "refused", {"n": 1}, "A")
    hand_over(case, "SHO", "copy")
    found = verify(case.path, log=False)
    assert found.whole and "1 entries of another log than this one were noted" in found.doubts[0]


def test_a_case_that_came_back_elsewhere_lies_beside_another_log(
    share: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = plain_case("one")
    append(case.path.parent, "refused", {"n": 0}, "A")
    hand_over(case, "SHO", "copy")
    back_up(case, tmp_path / "b.zip")
    (tmp_path / "elsewhere").mkdir()
    shutil.copytree(case.path, tmp_path / "elsewhere" / "one")
    found = verify(tmp_path / "elsewhere" / "one", log=False)
    assert found.whole and "or the case lies elsewhere now" in found.doubts[0]
    shutil.rmtree(tmp_path / "elsewhere")
    monkeypatch.setenv("SPMC_CASES", str(tmp_path / "elsewhere"))
    found = verify(restore(tmp_path / "b.zip").path, log=False)
    assert found.ok, found
    assert "what was noted of the log beside the cases before entry 3 brought this one back" in found.not_checked


@pytest.mark.parametrize(
    "odd",
    ["x", {}, {"first": "0" * 64, "length": True, "head": "0" * 64}, {"first": "x", "length": 1, "head": "0" * 64}],
)
def test_odd_notes_of_the_log_beside_the_cases_note_nothing(share: Path, odd: object) -> None:
    case = plain_case("one")
    share.write_text("".join(json.dumps({**line, "outside": odd}) + "\n" for line in lines(share)))
    assert verify(case.path, log=False).ok and read_anchors(str(share))[0].outside is None
