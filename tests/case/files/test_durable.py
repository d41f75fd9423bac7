"""Names, hashes and writes: whole or absent."""

from __future__ import annotations

import errno
import hashlib
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.case.files import durable
from spmc_tools.errors import CaseError, InputError, SpmcError


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("export.csv", "export.csv"),
        ("चुनाव 2025.csv", "चुनाव 2025.csv"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        ("a\x00b\n.csv", "a_b_.csv"),
        ("invoice\u202egnp.exe", "invoice_gnp.exe"),
        ("C:\\x\\y.csv", "C__x_y.csv"),
        ("a" * 400 + ".jsonl.gz", "a" * 147 + ".gz"),
        ("\udce9.csv", "_.csv"),
    ],
)
def test_names_are_made_safe(given_name: str, kept: str) -> None:
    assert durable.safe_name(given_name) == kept


@given(st.text(max_size=300))
def test_any_name_is_safe(name: str) -> None:
    kept = durable.safe_name(name)
    assert kept
    assert kept not in {".", ".."}
    assert len(kept.encode()) <= 150
    assert not set(kept) & set('/\\:*?"<>|')
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in kept)
    assert durable.safe_name(kept) == kept


def test_hash_is_that_of_the_file(tmp_path: Path) -> None:
    content = os.urandom(3_000_001)
    (tmp_path / "a").write_bytes(content)
    assert durable.sha256_file(tmp_path / "a") == hashlib.sha256(content).hexdigest()


def test_links_folders_and_pipes_are_not_hashed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "."):
        with pytest.raises(OSError, match=r".+"):
            durable.sha256_file(tmp_path / name)


def test_copy_is_the_same_bytes_and_read_only(tmp_path: Path) -> None:
    content = os.urandom(2_500_000)
    (tmp_path / "a").write_bytes(content)
    digest, size = durable.copy_hashed(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == content
    assert (digest, size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o444


@pytest.mark.parametrize("kind", ["missing", "folder", "device"])
def test_only_readable_files_are_copied(tmp_path: Path, kind: str) -> None:
    source = {"missing": tmp_path / "none", "folder": tmp_path, "device": Path(os.devnull)}[kind]
    with pytest.raises(InputError, match=r"^\"[^\n]+\.$"):
        durable.copy_hashed(source, tmp_path / "b")


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    durable.write_file(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable.write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["a"]


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, SpmcError, "the disk is full"),
        (errno.EROFS, CaseError, "the disk is read-only"),
        (errno.EACCES, CaseError, "not allowed"),
        (errno.ENOTDIR, CaseError, "not a directory"),
        (errno.EEXIST, CaseError, "exists"),
        (errno.ETIMEDOUT, SpmcError, "timed out"),
    ],
)
def test_errors_of_the_system_become_one_sentence(number: int, kind: type[SpmcError], words: str) -> None:
    with pytest.raises(kind, match=words) as caught, durable.os_errors("It cannot be done"):
        raise OSError(number, os.strerror(number), "/some/where")
    assert str(caught.value).startswith("It cannot be done: ")
    assert "/some/where" not in str(caught.value)
    assert type(caught.value) is kind


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.XLSX"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError), durable.whole_or_absent(path) as part:
        part.write_bytes(b"half")
        assert path.read_bytes() == b"old" and part.suffix == ".xlsx" and part.parent == tmp_path
        raise RuntimeError
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("out.XLSX", b"old")]
    with durable.whole_or_absent(path) as part:
        assert part.stat().st_mode & 0o777 == 0o600, "nobody else reads it while it is written"
        part.write_bytes(b"new")
        assert part.stat().st_mode & 0o777 == 0o600
        part.chmod(0o666)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("out.XLSX", b"new")]
    assert path.stat().st_mode & 0o777 == 0o600
    with (
        pytest.raises(CaseError, match=r"^\"out\.csv\" cannot be written: .*nothing was changed"),
        durable.whole_or_absent(tmp_path / "none" / "out.csv") as part,
    ):
        part.write_bytes(b"new")
