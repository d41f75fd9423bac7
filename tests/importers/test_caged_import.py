"""Files that hang, abort or eat up their reader: one refusal with a sentence, also in the log beside the cases."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spmc_tools.case.acts.attach import attach
from spmc_tools.case.log.outside_log import check, entries
from spmc_tools.case.store.case import open_case
from spmc_tools.errors import FormatError
from spmc_tools.importers import import_files as intake
from spmc_tools.importers.engine.importer import Options
from spmc_tools.importers.files.read import Source
from spmc_tools.importers.import_files import import_files
from spmc_tools.importers.preview import first_records, first_rows, proposed_mapping

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"id": "1", "author_id": "2", "text": "a", "created_at": "2025-11-06T04:05:06.000Z"}
_NS = "urn:oasis:names:tc:opendocument:xmlns"
_HEAD = (
    f'<?xml version="1.0"?><office:document-content xmlns:office="{_NS}:office:1.0" xmlns:table="{_NS}:table:1.0" '
    f'xmlns:text="{_NS}:text:1.0"><office:body><office:spreadsheet><table:table table:name="S"><table:table-row>'
)
_CELL = '<table:table-cell office:value-type="string">'


def ods(xml: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        manifest = f'<m:manifest xmlns:m="{_NS}:manifest:1.0"><m:file-entry m:full-path="content.xml"/></m:manifest>'
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", xml)
    return out.getvalue()


ENDLESS = ods(
    f"{_HEAD}{_CELL}<text:p>id</text:p></table:table-cell>{_CELL}<office:annotation></office:document-content>"
)
"""A comment that is never closed: the library that reads ODS waits for its end for good."""


def state(case) -> dict[str, bytes]:
    return {
        str(p.relative_to(case.path)): p.read_bytes()
        for p in sorted(case.path.rglob("*")) if p.is_file() and p.suffix != ".lock" and p.name != ".lock"
    }  # fmt: skip


def refused_once(case, path: Path, sentence: str, **options) -> None:
    """Import, and see one sentence, one line in the log beside the cases, and the case as it was."""
    before, lines = state(case), len(entries(case.path.parent))
    with pytest.raises(FormatError, match=sentence) as caught:
        import_files(case, [path], **options)
    assert caught.value.exit_code == 2 and "\n" not in str(caught.value)
    more = entries(case.path.parent)[lines:]
    assert [(e["kind"], e["payload"]["name"]) for e in more] == [("refused", path.name)]
    assert more[0]["payload"]["reason"] == str(caught.value)
    assert check(case.path.parent) is None
    assert state(case) == before


@pytest.fixture
def brief(case):
    """The case with a limit of two seconds for a file."""
    case.change_settings("to see it end", read_seconds=2)
    return open_case(case.id)


def test_a_workbook_that_hangs_is_ended(brief, write) -> None:
    assert len(ENDLESS) < 1700
    refused_once(brief, write("t.ods", ENDLESS), r'^"t\.ods" was not read within 2 s; nothing of it was kept\. ')


def test_a_preview_of_it_ends_too(write, monkeypatch) -> None:
    from spmc_tools.importers import preview

    limits = preview.limits_for
    monkeypatch.setattr(preview, "limits_for", lambda size: limits(size, seconds=1))
    path = write("t.ods", ENDLESS)
    for look in (first_rows, lambda p: first_records(p, Options()), lambda p: proposed_mapping(p, Options())):
        with pytest.raises(FormatError, match="was not read within 1 s"):
            look(path)


@pytest.mark.parametrize(
    ("way", "sentence"),
    [
        ("os.abort()", r"break off \(signal 6\)"),
        ("os._exit(3)", "made the program that reads it break off"),
        ("[0] * 10**12", r"needs more than 300 MB of memory"),
        ("1 / 0", "its reader failed at it"),
        ("time.sleep(60)", "was not read within 2 s"),
    ],
)
@pytest.mark.parametrize("at", ["sample_of", "_chunks"])
def test_a_reader_that_dies_anywhere(case, write, tmp_path, monkeypatch, way: str, sentence: str, at: str) -> None:
    """While a file is recognised, and in the middle of its rows: nothing of it stays, and the next file comes in."""
    from spmc_tools.cage import cage as module

    more = "real(*given)" if at == "_chunks" else "None"
    (tmp_path / "spoil.py").write_text(
        "import os, time\nimport spmc_tools.importers.read_received as r\n"
        f"real = r.{at}\n"
        f"def dying(*given):\n    if 'bad' in given[0].name:\n        first = {more}\n"
        + ("        yield next(first)\n" if at == "_chunks" else "")
        + f"        {way}\n    "
        + ("yield from real(*given)\n" if at == "_chunks" else "return real(*given)\n")
        + f"r.{at} = dying\n"
    )
    start = module._START.replace(
        "from spmc_tools", f"sys.path.append({str(tmp_path)!r}); import spoil; from spmc_tools"
    )
    monkeypatch.setattr(module, "_START", start)
    module.end_warden()
    try:
        case.change_settings("to see it end", read_seconds=2, read_memory_mb=300)
        case = open_case(case.id)
        refused_once(case, write("bad.jsonl", [GOOD]), sentence)
        assert import_files(case, [write("good.jsonl", [GOOD])])[0].kept == 1
    finally:
        module.end_warden()


def test_the_cage_answers_in_another_form(case, write, monkeypatch) -> None:
    from spmc_tools.cage.answer_frames import Frame

    path = write("x.jsonl", [GOOD])
    opened = Frame({"opened": {"importer": "x_api_v2", "notes": [], "facts": {}}})
    chunk = {"read": 1, "kept_accounts": 0, "duplicates": 0}
    for frames in (
        [], [Frame({})], [opened], [opened, Frame({"chunk": {}})], [opened, Frame({"chunk": chunk | {"read": -1}})],
        [opened, Frame({"chunk": chunk, "position": 0}, {"records": pa.table({"a": [1]})})],
        [opened, Frame({"chunk": chunk, "position": 0}, {"nonsense": pa.table({"a": [1]})})],
    ):  # fmt: skip
        monkeypatch.setattr(intake, "caged", lambda *_, frames=frames: (frame for frame in frames))
        refused_once(case, path, "made the program that reads it break off")


def test_a_picture_that_ends_its_reader_is_not_attached(case, write, monkeypatch) -> None:
    from spmc_tools.cage.cage import Limits
    from spmc_tools.case.acts import attach as module

    import_files(case, [write("x.jsonl", [GOOD])])
    before, lines = state(case), len(entries(case.path.parent))
    looks = module.looks_of
    monkeypatch.setattr(module, "looks_of", lambda path, name, _: looks(path, name, Limits(0.0, 1 << 30)))
    with pytest.raises(FormatError, match="was not read within 0 s; nothing was attached"):
        attach(case, "1", [write("a.png", b"x")], method="screenshot", tool="x")
    assert len(entries(case.path.parent)) == lines + 1 and state(case) == before


# -- what parsers stumbled over ---------------------------------------------------------------------------------------


def test_a_bad_byte_in_a_name_refuses_its_message_alone(bring) -> None:
    lines = [f"{day}/11/2025, 10:15 - राम {day}: नमस्ते {day}\n".encode() for day in range(13, 28)]
    lines[4] = lines[4].replace("राम".encode(), "रा".encode() + b"\xff")
    found = bring("c.txt", b"".join(lines), tz="Asia/Kolkata")
    assert (found.result.read, found.result.kept, found.result.refused) == (15, 14, 1)
    assert [(row["source_row"], row["reason"]) for row in found.refused] == [
        (5, "the message holds bytes that are not UTF-8")
    ]


@pytest.mark.parametrize("digits", [400, 5000])
def test_counts_of_many_digits(bring, digits: int) -> None:
    many = "9" * digits
    found = bring(
        "t.csv", f"id,user_id,created_at,text,like_count\n1,2,2021-04-08T10:00:00Z,a,{many}\n"
        "2,2,2021-04-08T10:00:00Z,b,3\n", accept_guess=True,
    )  # fmt: skip
    assert [row.get("metrics", {}).get("likes") for row in found.records] == [None, 3]
    spoilt = json.dumps(GOOD | {"id": "2", "public_metrics": {"like_count": 7}}).replace("7}", many + "}")
    found = bring("t.jsonl", json.dumps(GOOD | {"id": "9"}) + "\n" + spoilt + "\n")
    assert (found.result.kept, found.result.refused) == (1, 1)
    page = f"platform,page,observed_at,source,followers\nx,p,2025-11-06T10:00:00+05:30,a,{many}\n"
    assert "1 values of followers cannot be read" in bring("s.csv", page).result.note


@pytest.mark.parametrize("name", ["t.parquet", "t.sqlite"])
def test_a_column_name_that_is_no_utf8(case, write, tmp_path, name: str) -> None:
    made = tmp_path / name
    cells = {"id": "1", "user_id": "2", "created_at": "2021-04-08T10:00:00Z", "text": "a", "likeXX": "3"}
    if name == "t.parquet":
        pq.write_table(pa.table({k: [v] for k, v in cells.items()}), made)
    else:
        with sqlite3.connect(made) as base:
            base.execute(f"CREATE TABLE t ({', '.join(f'{k} TEXT' for k in cells)})")
            base.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?)", list(cells.values()))
        base.close()
    content = made.read_bytes()
    assert b"likeXX" in content
    path = write(name, content.replace(b"likeXX", b"lik\xff\xfe\xff"))
    refused_once(case, path, r"the name of a (table or )?column is no UTF-8", accept_guess=True)


@pytest.mark.parametrize(
    ("line", "twice"),
    [
        ('{"id":"5","id":"6","author_id":"2","text":"a","created_at":"2025-11-06T04:05:06.000Z"}', True),
        ('{"id" :"5", "\\u0069d"  : "6","author_id":"2","text":"a","created_at":"2025-11-06T04:05:06.000Z"}', True),
        # a colon written as an escape makes up for the one that was dropped
        ('{"id":"5","id":"6","author_id":"2","text":"\\u003a","created_at":"2025-11-06T04:05:06.000Z"}', True),
        (
            '{"id":"5","author_id":"2","text":"a","created_at":"2025-11-06T04:05:06Z","entities":{"a":1,"a":1}}',
            True,
        ),
        # the empty list before the full one, as archives of Mastodon have it, says nothing; after it, it would
        ('{"id":"5","author_id":"2","text":"a","x":[],"x":[{"b":1}],"created_at":"2025-11-06T04:05:06.000Z"}', False),
        ('{"a":1,"id":"5","author_id":"2","text":"a","entities":{"a":[1],"a":[]}}', True),
        ('{"id":"5","author_id":"2","text":"a","entities":{"a":{},"a":{"b":1}}}', True),
        ('{"id":"5","author_id":"2","text":"a:\\u003A \\"id\\":","created_at":"2025-11-06T04:05:06.000Z"}', False),
        ('{"id":"5","author_id":"2","text":"a","x":[{"a":1},{"a":2}],"created_at":"2025-11-06T04:05:06.000Z"}', False),
    ],
)
def test_a_key_that_stands_twice_is_refused(bring, line: str, twice: bool) -> None:
    found = bring("x.jsonl", json.dumps(GOOD) + "\n" + line + "\n")
    assert (found.result.kept, found.result.refused) == ((1, 1) if twice else (2, 0))
    key = "a" if "entities" in line else "id"
    assert [row["reason"] for row in found.refused] == [
        f'ambiguous: the key "{key}" stands twice in one object'
    ] * twice  # fmt: skip


# -- finds of soak.imports.mutated_files -------------------------------------------------------------------------------


def spoilt_part(parts: dict[str, str], name: str) -> bytes:
    """Return an archive in which the packed bytes of one part are no such bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in parts.items():
            archive.writestr(part, text)
        begin = archive.getinfo(name).header_offset + 30 + len(name)
        length = archive.getinfo(name).compress_size
    content = bytearray(out.getvalue())
    content[begin : begin + length] = b"\xff" * length
    return bytes(content)


def test_a_spoilt_part_beside_the_posts_of_an_archive(write) -> None:
    account = 'window.YTD.account.part0 = [{"account": {"accountId": "11", "username": "asha"}}]'
    tweets = 'window.YTD.tweets.part0 = [{"tweet": {"id_str": "1", "created_at": "Wed Oct 10 20:19:24 +0000 2018"}}]'
    content = spoilt_part({"data/account.js": account, "data/tweets.js": tweets}, "data/account.js")
    with Source(write("twitter-archive.zip", content)) as source:
        assert source.beside("account.js") is None
        assert source.beside("tweets.js") == tweets.encode()


def test_a_spoilt_list_of_parts_of_a_workbook(case, write, uncaged) -> None:
    parts = {"META-INF/manifest.xml": "<a/>" * 50, "content.xml": "<b/>"}
    with pytest.raises(FormatError, match="is a broken ODS workbook"):
        import_files(case, [write("t.ods", spoilt_part(parts, "META-INF/manifest.xml"))])
