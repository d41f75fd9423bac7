"""Backups come back byte for byte; what is hostile or damaged is refused, and nothing is left behind."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import tarfile
import tracemalloc
import zipfile
from typing import TYPE_CHECKING

import pytest

from spmc_tools.case.log.outside_log import check, entries
from spmc_tools.case.store.case import Case, create_case, open_case
from spmc_tools.custody.records.backup import back_up
from spmc_tools.custody.records.case_disposal import CERTIFICATES, dispose_of_case, left_over
from spmc_tools.custody.records.restore import has_key, restore
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError, FormatError, IntegrityError, ParameterError, SpmcError
from spmc_tools.importers.files.unpack import zst_module
from spmc_tools.importers.import_files import import_files
from spmc_tools.signing.manifest import write_manifest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FACTS = {
    "title": "Exercise <b>", "purpose": "to exercise", "legal_basis": "none, synthetic data",
    "date_from": "2025-11-01", "date_to": "2025-11-16", "officer": "S. I. Kumari",
}  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Case:
    made = create_case("gaya", **FACTS)
    path = tmp_path / "पोस्ट.jsonl"
    post = {"id": "1", "text": "नमस्ते", "author_id": "7", "created_at": "2025-11-06T10:00:00.000Z"}
    path.write_text("\n".join(json.dumps(post | {"id": str(n)}) for n in range(5)), encoding="utf-8")
    import_files(made, [path])
    run = made.run_dir("first")
    (run / "report.html").write_text("report")
    write_manifest(made, run)
    return made


def kept(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in {"ledger.sqlite", ".lock"}
    }


def names(folder: Path) -> set[str]:
    """Leave out the list of refused tries beside the cases, to which every refused restore adds a line."""
    return {p.name for p in folder.iterdir() if not p.name.startswith(".attempts.jsonl")}


@pytest.mark.parametrize("suffix", [".zip", ".tar.zst"])
def test_there_and_back(case: Case, tmp_path: Path, suffix: str) -> None:
    rows = case.ledger.rows()
    out, digest, _ = back_up(case, tmp_path / f"b{suffix}")
    assert digest == hashlib.sha256(out.read_bytes()).hexdigest()
    (logged,) = (e["payload"] for e in case.ledger.entries() if e["kind"] == "backup")
    assert logged["sha256"] == digest and logged["length"] == len(rows)
    again = restore(out, "copy")
    assert kept(again.path) == kept(case.path)
    assert again.ledger.rows()[: len(rows)] == rows and again.ledger.entries()[-1]["kind"] == "restored"
    assert verify(again.path).ok and has_key(again) and again.pseudonym("7") == case.pseudonym("7")
    assert (again.path / case.batches()[0].source_path).stat().st_mode & 0o777 == 0o444
    assert again.path.stat().st_mode & 0o777 == 0o700
    assert [e["kind"] for e in entries(case.path.parent)] == ["restored"] and check(case.path.parent) is None
    with pytest.raises(CaseError, match="exists already"):
        restore(out)
    with pytest.raises(ParameterError, match="exists already"):
        back_up(case, out)
    assert not any(n.startswith(".restoring") for n in names(case.path.parent))


def test_what_cannot_be_backed_up(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = names(tmp_path)
    for out, said in ((tmp_path / "b.rar", "ends in neither"), (tmp_path / "no" / "b.zip", "no folder")):
        with pytest.raises(ParameterError, match=said):
            back_up(case, out)
    with pytest.raises(CaseError, match="inside the case"):
        back_up(case, case.path / "b.zip")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("spmc_tools.custody.records.backup.sync_file", full)
        with pytest.raises(SpmcError, match="the disk is full"):
            back_up(case, tmp_path / "b.zip")
    with monkeypatch.context() as patch:  # what is written is not what is read back
        patch.setattr("spmc_tools.custody.records.backup.sync_file", lambda p: p.write_bytes(p.read_bytes()[:-40]))
        with pytest.raises(SpmcError):
            back_up(case, tmp_path / "b.zip")
    table = next(case.path.glob("tables/records/*"))
    table.chmod(0o644)
    table.write_bytes(b"PAR1")
    with pytest.raises(IntegrityError, match="records"):
        back_up(case, tmp_path / "b.zip")
    assert names(tmp_path) == before
    assert not [e for e in case.ledger.entries() if e["kind"] == "backup"]


def rezip(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(source) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


def relist(members: dict[str, bytes], change: Callable[[dict], None]) -> None:
    listed = json.loads(members["backup.json"])
    change(listed)
    members["backup.json"] = json.dumps(listed).encode()


def add_listed(place: str, content: bytes = b"x") -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        one = {"path": place, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        relist(members, lambda listed: listed["files"].append(one))
        members[f"case/{place}"] = content

    return change


HOSTILE = {
    "not listed": lambda m: m.update({"case/extra": b"x"}),
    "out of the case": add_listed("../../evil"),
    "absolute": add_listed("/etc/evil"),
    "dots within": add_listed("reports/a/../../../evil"),
    "backslash": add_listed("reports/a/..\\evil"),
    "a place of no case": add_listed("bin/evil"),
    "no list": lambda m: m.pop("backup.json"),
    "no log": lambda m: m.pop("case/ledger.sqlite"),
    "changed": lambda m: m.update({"case/case.toml": m["case/case.toml"].replace(b"exercise", b"exercisE")}),
    "longer": lambda m: m.update({"case/case.toml": m["case/case.toml"] + b"\n"}),
    "list is no list": lambda m: m.update({"backup.json": b"[" * 100_000}),
    "other version": lambda m: relist(m, lambda listed: listed.update(backup_version=2)),
    "negative": lambda m: relist(m, lambda listed: listed["files"][0].update(bytes=-1)),
    "head": lambda m: relist(m, lambda listed: listed["ledger"].update(head="0" * 64)),
    "bad name": lambda m: relist(m, lambda listed: listed.update(case_id="../x")),
    "unknown report": add_listed("reports/other/report.html"),
    "unknown original": add_listed(f"original/{'a' * 64}/x.csv"),
    "huge": lambda m: relist(m, lambda listed: listed["files"].append(
        {"path": "reports/a/b", "bytes": 10**18, "sha256": "0" * 64})),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_backup_leaves_nothing(case: Case, tmp_path: Path, what: str) -> None:
    out, _, _ = back_up(case, tmp_path / "b.zip")
    bad = rezip(out, tmp_path / "bad.zip", HOSTILE[what])
    before = names(case.path.parent), names(tmp_path)
    with pytest.raises((FormatError, IntegrityError, CaseError)):
        restore(bad, None if what == "bad name" else "copy")
    assert (names(case.path.parent), names(tmp_path)) == before


def as_tar(path: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    with zst_module().ZstdFile(path, "wb") as packed, tarfile.open(fileobj=packed, mode="w|") as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def test_links_bombs_and_other_files(case: Case, tmp_path: Path) -> None:
    out, _, _ = back_up(case, tmp_path / "b.zip")
    with zipfile.ZipFile(out) as archive:
        listed = archive.read("backup.json")
    link = tarfile.TarInfo("case/case.toml")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    zipped = tmp_path / "link.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("backup.json", listed)
        info = zipfile.ZipInfo("case/case.toml")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("backup.json", listed)
        archive.writestr("case/case.toml", bytes(80 << 20))
    (tmp_path / "text.zip").write_text("no archive")
    (tmp_path / "cut.zip").write_bytes(out.read_bytes()[:-200])
    large = (tarfile.TarInfo("case/case.toml"), bytes(80 << 20))
    bad = [
        as_tar(tmp_path / "link.tar.zst", [(tarfile.TarInfo("backup.json"), listed), (link, b"")]),
        as_tar(tmp_path / "bomb.tar.zst", [(tarfile.TarInfo("backup.json"), listed), large]),
        as_tar(tmp_path / "few.tar.zst", [(tarfile.TarInfo("backup.json"), listed)]),
        zipped, bomb, tmp_path / "text.zip", tmp_path / "cut.zip", tmp_path / "absent.zip",
    ]  # fmt: skip
    before = names(case.path.parent)
    for path in bad:
        with pytest.raises((FormatError, IntegrityError)):
            restore(path, "copy")
    assert names(case.path.parent) == before


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_SPARSE, b"V"])
def test_a_long_name_is_not_read_whole(case: Case, tmp_path: Path, kind: bytes) -> None:
    """What stands before a member is bounded, whatever length its header declares."""
    out, _, _ = back_up(case, tmp_path / "b.zip")
    with zipfile.ZipFile(out) as archive:
        listed = archive.read("backup.json")
    head = tarfile.TarInfo("././@LongLink")
    head.type = kind
    words = b"".join(b"%08d path=%s\n" % (n, b"x" * 90) for n in range(500_000))  # 50 MB
    bad = as_tar(tmp_path / "long.tar.zst", [(tarfile.TarInfo("backup.json"), listed), (head, words)])
    tracemalloc.start()
    try:
        with pytest.raises((FormatError, IntegrityError), match=r"nothing was restored|no plain file"):
            restore(bad, "copy")
        assert tracemalloc.get_traced_memory()[1] < 24 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("suffix", [".zip", ".tar.zst"])
def test_damaged_backups_are_one_sentence(case: Case, tmp_path: Path, suffix: str) -> None:
    out, _, _ = back_up(case, tmp_path / f"b{suffix}")
    before, chance = names(case.path.parent), random.Random(5)
    whole, bad = out.read_bytes(), tmp_path / f"bad{suffix}"
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(chance.choice([1, 2, 20])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        if chance.random() < 0.2:
            del content[chance.randrange(len(content)) :]
        bad.write_bytes(content)
        try:
            shutil.rmtree(restore(bad, "copy").path)  # a byte that belongs to nothing
        except SpmcError as error:
            assert "\n" not in str(error)
        logged = {".attempts.jsonl", ".attempts.jsonl.lock"}
        assert {name for name in names(case.path.parent) if name not in logged} == set(before)


def test_no_other_way_of_packing_is_read(case: Case, tmp_path: Path) -> None:
    out, _, _ = back_up(case, tmp_path / "b.zip")
    bad = tmp_path / "lzma.zip"
    with zipfile.ZipFile(out) as archive, zipfile.ZipFile(bad, "w", zipfile.ZIP_LZMA) as other:
        for name in archive.namelist():
            other.writestr(name, archive.read(name))
    with pytest.raises(FormatError, match="packed in a way that no backup is"):
        restore(bad, "copy")


def test_a_full_disk_restores_nothing(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, _, _ = back_up(case, tmp_path / "b.zip")
    before = names(case.path.parent)
    with monkeypatch.context() as patch:
        patch.setattr("spmc_tools.custody.records.restore.free_bytes", lambda _root: 10)
        with pytest.raises(FormatError, match="are free"):
            restore(out, "copy")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("sync_dir", "append"):
        with monkeypatch.context() as patch:
            patch.setattr(f"spmc_tools.custody.records.restore.{name}", full)
            with pytest.raises(SpmcError, match="full"):
                restore(out, "copy")
        assert names(case.path.parent) == before


def test_a_case_is_destroyed_and_the_certificate_tells(case: Case, tmp_path: Path) -> None:
    root, files, head = case.path.parent, kept(case.path), case.ledger.head()
    back_up(case, tmp_path / "b.zip")
    key = case.key_path()
    for confirm in ("", "other"):
        with pytest.raises(CaseError, match="--confirm"):
            dispose_of_case("gaya", "over", confirm)
    with pytest.raises(CaseError, match="reason is empty"):
        dispose_of_case("gaya", " ", "gaya")
    assert case.ledger.head()[0] == head[0] + 1
    path = dispose_of_case("gaya", "period <i>over</i>", "gaya")
    assert not case.path.exists() and not key.exists() and left_over(root) == []
    told = json.loads(path.read_text())
    hashes = {one["path"]: one["sha256"] for one in told["files"]}
    assert {n: hashlib.sha256(c).hexdigest() for n, c in files.items()}.items() <= hashes.items()
    assert told["state"] == "done" and told["disposed_by"] == "S. I. Kumari" and told["verified"]["ok"]
    assert told["rows"] == {"imports": 1, "read": 5, "kept": 5, "duplicates": 0, "refused": 0, "accounts": 0}
    assert [c["file"] for c in told["copies_elsewhere"] if c["kind"] == "backup"] == ["b.zip"]
    page = path.with_suffix(".html").read_text()
    assert "<i>over" not in page and "&lt;i&gt;over" in page and hashes["case.toml"] in page
    begun, done = entries(root)
    assert (begun["kind"], done["kind"]) == ("disposal_begun", "disposed")
    assert done["payload"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(CaseError, match="no case gaya"):
        dispose_of_case("gaya", "again", "gaya")
    again = restore(tmp_path / "b.zip")
    assert not has_key(again) and verify(again.path).ok
    assert dispose_of_case("gaya", "again", "gaya") != path and path.exists()


def test_the_key_of_a_copy_stays(case: Case, tmp_path: Path) -> None:
    out, _, _ = back_up(case, tmp_path / "b.zip")
    restore(out, "copy")
    path = dispose_of_case("copy", "only a copy", "copy")
    assert json.loads(path.read_text())["key_destroyed"] is False
    assert open_case("gaya").pseudonym("7")


def test_a_disposal_that_broke_off_is_finished(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    root = case.path.parent

    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("spmc_tools.custody.records.case_disposal.append", fail)
        with pytest.raises(SpmcError):
            dispose_of_case("gaya", "over", "gaya")
    assert verify(case.path).ok  # not begun: the case is whole
    with monkeypatch.context() as patch:
        patch.setattr("spmc_tools.custody.records.case_disposal.remove_tree", fail)
        with pytest.raises(SpmcError):
            dispose_of_case("gaya", "over", "gaya")
    assert not case.path.exists() and len(left_over(root)) == 1
    path = dispose_of_case("gaya", "over", "gaya")
    assert json.loads(path.read_text())["state"] == "done" and left_over(root) == []
    assert path.parent == root / CERTIFICATES
