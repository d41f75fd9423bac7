"""Packed files: gz, bz2, xz, zst and zip read like the plain file; damage, bombs and tricks of archives are said."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
import zlib

import pytest

from spmc_tools.errors import FormatError, InputError
from spmc_tools.importers.files import unpack


def zst(content: bytes) -> bytes:
    zstd = unpack.zst_module()
    return zstd.compress(content, options={zstd.CompressionParameter.checksum_flag: 1})


def zipped(*members: tuple[str, bytes], **more) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **more) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


PACKED = {
    "gz": lambda c: gzip.compress(c, mtime=0), "bz2": bz2.compress, "xz": lzma.compress, "zst": zst,
    "zip": lambda c: zipped(("x.txt", c)),
}  # fmt: skip


def tweets(n: int) -> bytes:
    line = {"author_id": "1", "text": "मतदान", "created_at": "2025-11-06T04:05:06Z"}
    return "".join(json.dumps({"id": str(i), **line}) + "\n" for i in range(n)).encode()


def noise(n: int) -> bytes:
    import random

    made = random.Random(0)
    return "".join(
        json.dumps(
            {"id": str(i), "author_id": "1", "text": made.randbytes(40).hex(), "created_at": "2025-11-06T04:05:06Z"}
        )
        + "\n"
        for i in range(n)
    ).encode()


@pytest.mark.parametrize("kind", PACKED)
def test_lines_documents_tables_and_chats(kind, bring):
    pack = PACKED[kind]
    found = bring(f"x.jsonl.{kind}", pack(tweets(3)))
    assert (found.result.format, found.result.kept) == ("x_api_v2", 3)
    document = json.dumps([json.loads(line) for line in tweets(3).splitlines()], indent=1).encode()
    assert bring(f"x.json.{kind}", pack(document), dry_run=True).result.read == 3
    table = "COMMENT_ID,AUTHOR,DATE,CONTENT\nz,a,2013-11-07T06:20:48Z,पाठ\n"
    for encoding in ("utf-8", "utf-16", "utf-8-sig"):
        assert bring(f"y-{encoding}.csv.{kind}", pack(table.encode(encoding))).result.read == 1
    chat = "[13/01/2024, 10:00] A: पाठ\n".encode()
    assert bring(f"c.txt.{kind}", pack(chat), tz="UTC").result.kept == 1


@pytest.mark.parametrize("kind", PACKED)
def test_damage_is_said_and_nothing_is_kept(kind, write, case, snapshot):
    from spmc_tools.importers.import_files import import_files

    before, whole = snapshot(), PACKED[kind](noise(3000))
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    for content in (whole[: len(whole) // 2], whole[:-4], bytes(flipped)):
        with pytest.raises(FormatError, match=r"cut short or damaged|broken zip archive"):
            import_files(case, [write(f"x.jsonl.{kind}", content)])
    assert snapshot() == before


@pytest.mark.parametrize("kind", PACKED)
def test_a_bomb_is_refused(kind, write, case, monkeypatch, uncaged):
    from spmc_tools.importers.import_files import import_files

    monkeypatch.setattr(unpack, "RATIO_FROM", 1024 * 1024)
    with pytest.raises(FormatError, match=r"may expand 250 times and to 64 GB; unpack it yourself if you trust it"):
        import_files(case, [write(f"x.jsonl.{kind}", PACKED[kind](tweets(1) + b" " * 20_000_000))])


def test_several_frames_are_one_text(bring):
    parts = [tweets(2), noise(4)[len(noise(2)) :]]
    for kind in ("gz", "bz2", "xz", "zst"):
        content = b"".join(PACKED[kind](part) for part in parts)
        assert bring(f"x.jsonl.{kind}", content, dry_run=True).result.kept == 4


def greedy_xz(content: bytes) -> bytes:
    """An xz file whose header asks for a dictionary of nearly 4 GiB (the largest there is), with its checksum right."""
    packed = bytearray(lzma.compress(content))
    end = 12 + 4 * (packed[12] + 1)
    packed[packed.index(b"\x21\x01", 12, end) + 2] = 40
    packed[end - 4 : end] = zlib.crc32(packed[12 : end - 4]).to_bytes(4, "little")
    assert lzma.decompress(packed) == content
    return bytes(packed)


@pytest.mark.parametrize("before", [b"", lzma.compress(tweets(1))])
def test_an_xz_file_that_wants_all_memory_is_refused(before, write, case, snapshot):
    from spmc_tools.importers.import_files import import_files

    was = snapshot()
    with pytest.raises(FormatError, match=r"takes more than 512 MB of memory; unpack it yourself if you trust it"):
        import_files(case, [write("x.jsonl.xz", before + greedy_xz(tweets(3)))])
    assert snapshot() == was


@pytest.mark.parametrize("preset", [0, 6, 9 | lzma.PRESET_EXTREME])
def test_every_usual_xz_file_is_read(preset, bring):
    lines = noise(5).splitlines(keepends=True)
    streams = (b"".join(lines[:2]), b"", b"".join(lines[2:]))
    content = b"".join(lzma.compress(part, preset=preset) + bytes(4) for part in streams)
    assert bring("x.jsonl.xz", content, dry_run=True).result.kept == 5


def link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        one = zipfile.ZipInfo("x.jsonl")
        one.external_attr = 0o120777 << 16
        archive.writestr(one, "/etc/passwd")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (zipped(("../../x.jsonl", b"{}")), "names a place outside of itself"),
        (zipped(("/etc/x.jsonl", b"{}")), "names a place outside of itself"),
        (zipped(("C:\\x.jsonl", b"{}")), "names a place outside of itself"),
        (link(), "with a link in it"),
        (zipped(("a.csv", b"a,b\n"), ("b.csv", b"a,b\n")), 'holds 2 data files ("a.csv", "b.csv"); unpack it'),
        (zipped(("a.jpg", b"x")), "holds no data file; unpack it"),
        (zipped(("a.json", zipped(("b.json", b"{}")))), "holds another packed file"),
        (zipped(("a.csv", b"PAR1" + bytes(100))), "is named .csv but holds PARQUET"),
        (zipped(("a.csv", b"a,b\n"))[:60], "is a broken zip archive"),
    ],
)
def test_tricks_of_archives(content, sentence, write, case, snapshot):
    from spmc_tools.importers.import_files import import_files

    before = snapshot()
    with pytest.raises(FormatError) as told:
        import_files(case, [write("x.zip", content)])
    assert sentence in str(told.value) and "\n" not in str(told.value)
    assert snapshot() == before


def test_an_archive_with_a_password(write, case):
    from spmc_tools.importers.import_files import import_files

    content = bytearray(zipped(("x.jsonl", tweets(1))))
    content[6] |= 1
    content[content.find(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(FormatError, match="is a zip archive with a password; unpack it"):
        import_files(case, [write("x.zip", bytes(content))])


def test_the_one_file_that_holds_the_posts_is_found(bring):
    content = zipped(
        ("a/result.json", tweets(2)), ("a/lists.json", b"{}"), ("__MACOSX/._x.csv", b"x"), ("a/p.jpg", b"x")
    )
    assert bring("export.zip", content).result.kept == 2


def test_a_workbook_with_a_password_is_named(write, case):
    from spmc_tools.importers.import_files import import_files

    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000) + "EncryptedPackage".encode("utf-16-le") + bytes(200)
    with pytest.raises(
        InputError, match=r'"a\.xlsx" is a password-protected workbook; save it as \.xlsx without a password'
    ):
        import_files(case, [write("a.xlsx", content)])
