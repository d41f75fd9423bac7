"""Captures of a post: kept byte for byte, logged, checked; a mistake leaves the case as it was."""

from __future__ import annotations

import hashlib
import html
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from spmc_tools.case.acts.attach import attach, picture_hash
from spmc_tools.case.acts.provenance import export_chain, hand_over
from spmc_tools.case.log.outside_log import entries
from spmc_tools.case.store.set_aside import set_aside, take_back
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError, InputError, ParameterError, SpmcError
from spmc_tools.report.page.custody_page import custody_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spmc_tools.case.store.case import Case


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    from PIL import Image

    path = tmp_path / "शॉट.png"
    picture = Image.linear_gradient("L").resize((80, 60))
    picture.paste(255, (5, 5, 30, 20))
    picture.paste(0, (50, 30, 75, 55))
    picture.save(path)
    return path


def test_each_file_is_kept_and_checked(case: Case, add: Callable, shot: Path, tmp_path: Path) -> None:
    add(case, "a.csv", ["1", "2"])
    before = case.inputs_hash()
    page = tmp_path / "page.wacz"
    page.write_bytes(b"PK archive")
    made = attach(
        case, "x:1", [shot, page], method="screenshot", tool="Firefox 140", captured_at="2025-11-06T10:00+05:30"
    )
    rows = case.table("attachments").to_pylist()
    assert [r["name"] for r in rows] == ["शॉट.png", "page.wacz"]
    assert rows[0]["attachment_sha256"] == hashlib.sha256(shot.read_bytes()).hexdigest() == rows[0]["source_sha256"]
    assert rows[0]["captured_at"] == datetime(2025, 11, 6, 4, 30, tzinfo=UTC)
    assert (rows[0]["platform"], rows[0]["record_id"], rows[0]["officer"]) == ("x", "1", case.officer)
    assert len(rows[0]["phash"]) == 16 and rows[1]["phash"] is None
    assert [(case.path / b.source_path).read_bytes() for b in made] == [shot.read_bytes(), page.read_bytes()]
    assert case.inputs_hash() == before and case.records(["record_id"])["record_id"].tolist() == ["1", "2"]
    assert verify(case.path).ok
    kept = case.path / made[0].source_path
    kept.chmod(0o644)
    kept.write_bytes(b"x")
    assert made[0].source_path in str(verify(case.path).first_difference)


def test_one_file_for_two_posts_and_back(case: Case, add: Callable, shot: Path) -> None:
    add(case, "a.csv", ["1", "2"])
    for record in ("1", "2"):
        attach(case, record, [shot], method="screenshot", tool="Firefox")
    with pytest.raises(CaseError, match="attached to this post already"):
        attach(case, "2", [shot], method="screenshot", tool="Firefox")
    set_aside(case, "3", "wrong post")
    assert case.table("attachments")["record_id"].to_pylist() == ["1"]
    take_back(case, "3", "right post")
    assert case.table("attachments")["record_id"].to_pylist() == ["1", "2"] and verify(case.path).ok


@pytest.mark.parametrize(
    ("record", "values", "kind", "said"),
    [
        ("9", {}, CaseError, 'no post "9"'),
        ("1", {"method": "photo"}, ParameterError, "screenshot, print"),
        ("1", {"tool": ""}, CaseError, "--tool is empty"),
        ("1", {"captured_at": "2025-11-06T10:00"}, ParameterError, "names no zone"),
        ("1", {"captured_at": "yesterday"}, ParameterError, "wanted a time"),
        ("1", {"captured_at": "2199-01-01T00:00Z"}, ParameterError, "future"),
    ],
)
def test_a_mistake_changes_nothing(
    case: Case, add: Callable, shot: Path, snapshot: Callable, record: str, values: dict, kind: type, said: str
) -> None:
    add(case, "a.csv", ["1"])
    before = snapshot(case.path.parent)
    with pytest.raises(kind, match=said):
        attach(case, record, [shot], **({"method": "screenshot", "tool": "Firefox"} | values))
    assert snapshot(case.path.parent) == before


def test_a_file_that_cannot_be_read_is_logged(case: Case, add: Callable, tmp_path: Path, snapshot: Callable) -> None:
    add(case, "a.csv", ["1"])
    (tmp_path / "empty.png").touch()
    (tmp_path / "link.png").symlink_to(tmp_path / "empty.png")
    before = snapshot(case.path)
    for name in ("empty.png", "link.png", "absent.png", "."):
        with pytest.raises(InputError):
            attach(case, "1", [tmp_path / name], method="screenshot", tool="Firefox")
    assert snapshot(case.path) == before
    assert [e["payload"]["name"] for e in entries(case.path.parent)][:3] == ["empty.png", "link.png", "absent.png"]


def test_a_full_disk_leaves_the_case_as_it_was(
    case: Case, add: Callable, shot: Path, snapshot: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(case, "a.csv", ["1"])
    before = snapshot(case.path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("copy_hashed", "sync_file", "write_file"):
        with monkeypatch.context() as patch:
            patch.setattr(f"spmc_tools.case.store.batches.{name}", full)
            with pytest.raises(SpmcError, match="full"):
                attach(case, "1", [shot], method="screenshot", tool="Firefox")
        assert snapshot(case.path) == before


def test_pictures_that_look_alike(shot: Path, tmp_path: Path) -> None:
    from PIL import Image

    small, other = tmp_path / "s.jpg", tmp_path / "o.png"
    with Image.open(shot) as picture:
        picture.resize((40, 30)).convert("RGB").save(small, quality=60)
        picture.rotate(90, expand=True).save(other)
    apart = [int(str(picture_hash(p)), 16) ^ int(str(picture_hash(shot)), 16) for p in (small, other)]
    assert apart[0].bit_count() <= 6 < apart[1].bit_count()
    bomb = tmp_path / "bomb.png"
    Image.new("1", (12_000, 12_000)).save(bomb)
    bad = tmp_path / "bad.png"
    bad.write_bytes(shot.read_bytes()[:60])
    assert picture_hash(bomb) is None and picture_hash(bad) is None


def test_the_chain_leaves_whole(case: Case, add: Callable, tmp_path: Path) -> None:
    import json

    add(case, "<b>a<b>.csv", ["1"])
    entry = hand_over(case, "SHO <script>alert(1)</script>", "sealed disk")
    assert entry["payload"]["head"] == case.ledger.rows()[-2][6]
    out = tmp_path / "out" / "chain.jsonl"
    out.parent.mkdir()
    made = export_chain(case, out, lambda rows: custody_page(case, rows))
    prev = "0" * 64
    lines = made[0].read_text().splitlines()
    for line in lines:
        e = json.loads(line)
        told = e.pop("hash")
        assert e["prev"] == prev
        prev = hashlib.sha256(json.dumps(e, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
        assert prev == told
    assert len(lines) == 3
    page = made[1].read_text()
    said = re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", "", page)))
    for sentence in (
        "The case was made.",
        "<b>a<b>.csv was imported: 2 rows read = 1 kept + 0 duplicates + 1 refused.",
    ):
        assert sentence in said
    assert "The case was handed over to SHO <script>alert(1)</script>." in said
    assert page.count("<details>") == len(lines) and "<details open" not in page
    assert "<script>alert" not in page and "&lt;script&gt;" in page and "<b>a<b>" not in page and prev in page
    logged = {e["payload"]["file"]: e["payload"]["sha256"] for e in case.ledger.entries() if e["kind"] == "export"}
    assert logged == {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in made}
    with pytest.raises(CaseError, match="inside the case"):
        export_chain(case, case.path / "chain.jsonl")
    with pytest.raises(ParameterError, match="folder"):
        export_chain(case, out.parent)
