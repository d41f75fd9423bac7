"""Archives that another program would unpack to something else than what was checked: told by program and checker."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.custody.archives.zip_readings import hazard_of, tell_collisions
from spmc_tools.custody.records.backup import back_up
from spmc_tools.custody.records.restore import restore
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import FormatError
from spmc_tools.importers.files.unpack import zst_module
from tests.custody.review.test_two_checkers import ALONE, said_by_both, signed_pack  # noqa: F401 -- a fixture
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.custody.review.test_two_checkers import SignedPack

VICTIM = "run/report.html"


def archive(files: dict[str, bytes], **others: Any) -> bytes:
    """A sound archive of these files; ``others``: more of :class:`zipfile.ZipInfo` of the report."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for key, value in others.items() if name == VICTIM else ():
                setattr(info, key, value)
            packed.writestr(info, content)
    return out.getvalue()


def with_name(files: dict[str, bytes], name: str) -> bytes:
    return archive({**files, name: b"forged"})


def header_changed(files: dict[str, bytes], offset: int, value: bytes) -> bytes:
    """The local header of the report, changed: what a program reads that goes through from the front."""
    content = bytearray(archive(files))
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        at = packed.getinfo(VICTIM).header_offset + offset
    assert content[at : at + len(value)] != value
    content[at : at + len(value)] = value
    return bytes(content)


def moved(content: bytes, by: int) -> bytes:
    """An archive whose list tells of places so much further on."""
    end = content.rfind(b"PK\x05\x06")
    (begin,) = struct.unpack_from("<L", content, end + 16)
    changed, at = bytearray(content), begin
    while changed[at : at + 4] == b"PK\x01\x02":
        names, extra, comment = struct.unpack_from("<3H", changed, at + 28)
        (place,) = struct.unpack_from("<L", changed, at + 42)
        struct.pack_into("<L", changed, at + 42, place + by)
        at += 46 + names + extra + comment
    struct.pack_into("<L", changed, end + 16, begin + by)
    return bytes(changed)


def hidden_before(files: dict[str, bytes]) -> bytes:
    """A whole other archive in front, which programs unpack that go through from the front."""
    first = archive({VICTIM: b"forged"})
    front = first[: first.rfind(b"PK\x01\x02")]
    return front + moved(archive(files), len(front))


def hidden_within(files: dict[str, bytes]) -> bytes:
    """A file between the last one and the list, which the list does not tell of."""
    content = archive(files)
    begin = content.find(b"PK\x01\x02")
    more = archive({"run/more.html": b"forged"})
    more = more[: more.find(b"PK\x01\x02")]
    changed = bytearray(content[:begin] + more + content[begin:])
    struct.pack_into("<L", changed, changed.rfind(b"PK\x05\x06") + 16, begin + len(more))
    return bytes(changed)


def two_lists(files: dict[str, bytes]) -> bytes:
    """Another archive behind it, in the comment of the first."""
    content = archive(files)
    return content[:-2] + struct.pack("<H", 100) + b"x" * 100


def another_name_beside(files: dict[str, bytes]) -> bytes:
    extra = struct.pack("<2H", 0x7075, 14) + b"\x01" + struct.pack("<L", 0) + b"../x.html"
    return archive(files, extra=extra)


def duplicate(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(out, "w") as packed:
        for name, content in [*files.items(), (VICTIM, files[VICTIM])]:
            packed.writestr(name, content)
    return out.getvalue()


def another_count(files: dict[str, bytes]) -> bytes:
    content = bytearray(archive(files))
    struct.pack_into("<2H", content, len(content) - 14, len(files) - 1, len(files) - 1)
    return bytes(content)


FORGERIES: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "a name in the header": lambda files: header_changed(files, 30, b"RUN"),
    "a size in the header": lambda files: header_changed(files, 22, b"\x01\0\0\0"),
    "a sum in the header": lambda files: header_changed(files, 14, b"\x01\0\0\0"),
    "a way of packing in the header": lambda files: header_changed(files, 8, b"\0\0"),
    "a date in the header": lambda files: header_changed(files, 10, b"\x01\x02"),
    "another archive in front": hidden_before,
    "bytes in front": lambda files: b"MZ" + archive(files),
    "bytes in front, told": lambda files: b"MZ" + moved(archive(files), 2),
    "a file that is not listed": hidden_within,
    "bytes behind": lambda files: archive(files) + b"x",
    "a comment": two_lists,
    "another name in an addition": another_name_beside,
    "another number of files": another_count,
    "a name twice": duplicate,
    "a link": lambda files: archive(files, external_attr=0o120777 << 16, create_system=3),
    "a device": lambda files: archive(files, external_attr=0o020666 << 16, create_system=3),
    "a link in an addition": lambda files: archive(files, extra=struct.pack("<2H", 0x756E, 4) + b"abcd"),
    "from the root": lambda files: with_name(files, "/etc/x"),
    "upwards": lambda files: with_name(files, "run/../../x"),
    "a drive": lambda files: with_name(files, "C:x"),
    "a stream": lambda files: with_name(files, f"{VICTIM}:x"),
    "a backslash": lambda files: with_name(files, "run\\report.html"),
    "capitals": lambda files: with_name(files, "run/Report.html"),
    "a dot behind": lambda files: with_name(files, f"{VICTIM}."),
    "a file that is a folder": lambda files: with_name(files, f"{VICTIM}/x"),
    "turned letters": lambda files: with_name(files, "run/\u202elmth.x"),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_second_reading_is_told_by_both(signed_pack: SignedPack, tmp_path: Path, what: str) -> None:  # noqa: F811
    """By its own sentence, not for the file being unknown to the list alone."""
    path = tmp_path / "p.zip"
    path.write_bytes(archive(signed_pack[0]))
    assert said_by_both(path)[:2] == ("whole", "whole"), said_by_both(path)
    path.write_bytes(FORGERIES[what](signed_pack[0]))
    program, alone = verify(path).differences, ALONE.Check(str(path)).run().differs
    for said in (program, alone):
        own = [one for one in said if "does not know this file" not in one]
        assert own, said


def test_an_archive_made_on_the_way_out_is_whole(signed_pack: SignedPack, tmp_path: Path) -> None:  # noqa: F811
    """Sizes stand behind each file where the program could not go back, and folders have entries of their own."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.content = b""

        def writable(self) -> bool:
            return True

        def write(self, content: Any) -> int:
            self.content += bytes(content)
            return len(content)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("run/", b"")
        for name, content in signed_pack[0].items():
            packed.writestr(name, content)
    assert pipe.content.count(b"PK\x07\x08") >= len(signed_pack[0])
    path = tmp_path / "p.zip"
    path.write_bytes(pipe.content)
    assert said_by_both(path)[:2] == ("whole", "whole"), said_by_both(path)
    at = pipe.content.find(b"PK\x07\x08", 200) + 4
    path.write_bytes(pipe.content[:at] + b"\x00" + pipe.content[at + 1 :])
    program, alone = verify(path).differences, ALONE.Check(str(path)).run().differs
    assert any("what stands behind" in one for one in program) and any("what stands behind" in one for one in alone)


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a/b.html", True), ("a/", True), ("हिंदी/क्‍ष.html", True), ("..a", True), ("a..b/c", True), ("", False),
     ("a//b", False), ("./a", False), ("a/..", False), ("\\\\host\\x", False), ("c:/x", False), ("a\0b", False)],
)  # fmt: skip
def test_names_by_hand(name: str, safe: bool) -> None:
    assert (hazard_of(name) is None, ALONE.name_fault(name, 0) is None) == (safe, safe)


def test_collisions_by_hand() -> None:
    found: list[str] = []
    tell_collisions(["a/B", "a/b", "c", "C ", "d", "D/e", "f"], lambda name, _: found.append(name))
    assert found == ["a/b", "C ", "d"]


def rewritten(path: Path, target: Path, how: Callable[[bytes], bytes]) -> Path:
    zstd = zst_module()
    target.write_bytes(zstd.compress(how(zstd.decompress(path.read_bytes()))))
    return target


@pytest.mark.parametrize("what", ["behind", "damaged", "no end", "global", "long name"])
def test_a_tar_that_other_programs_read_on_is_refused(tmp_path: Path, what: str) -> None:
    """What stands behind the end is unpacked by programs that go on over zeros (``tar -i``)."""
    import tarfile

    case = plain_case("one")
    out, _, _ = back_up(case, tmp_path / "b.tar.zst")
    plain = zst_module().decompress(out.read_bytes())
    more = io.BytesIO()
    with tarfile.open(fileobj=more, mode="w") as packed:
        packed.addfile(tarfile.TarInfo("../../x"))
    block = more.getvalue()[:512]
    end = len(plain.rstrip(b"\0"))
    end += -end % 512
    if what == "behind":
        changed = plain + block
    elif what == "damaged":
        changed = plain[:end] + b"x" * 512 + bytes(1024)
    elif what == "no end":
        changed = plain[:end]
    elif what == "global":
        told = b"19 path=case/x.toml\n"
        made = tarfile.TarInfo("x")
        made.type, made.size = tarfile.XGLTYPE, len(told)
        changed = made.tobuf() + told.ljust(512, b"\0") + plain
    else:
        made = tarfile.TarInfo("././@LongLink")
        made.type, made.size = tarfile.GNUTYPE_LONGNAME, 12
        changed = made.tobuf() + b"backup.json\0".ljust(512, b"\0") + plain
    target = tmp_path / "bad.tar.zst"
    target.write_bytes(zst_module().compress(changed))
    with pytest.raises(FormatError):
        restore(target, "two")
    assert restore(out, "two").id == "two"


@pytest.mark.parametrize("what", ["a comment", "bytes behind", "a size in the header", "a link"])
def test_a_zip_of_a_case_that_reads_in_two_ways_is_refused(tmp_path: Path, what: str) -> None:
    out, _, _ = back_up(plain_case("one"), tmp_path / "b.zip")
    with zipfile.ZipFile(out) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    at = list(files).index("case/case.toml")
    files = {VICTIM if n == at else name: content for n, (name, content) in enumerate(files.items())}
    content = FORGERIES[what](files).replace(VICTIM.encode(), b"case/case.toml\0"[: len(VICTIM)])
    (tmp_path / "bad.zip").write_bytes(content)
    with pytest.raises(FormatError):
        restore(tmp_path / "bad.zip", "two")
