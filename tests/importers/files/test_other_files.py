"""What holds no rows is named for what it is, with what to do; in the form in the language of the form."""

from __future__ import annotations

import gzip
import html
import io
import tarfile
import zipfile

import pytest

from spmc_tools.importers.files.other_files import OTHER_FILES, OtherFileError
from spmc_tools.importers.import_files import import_files
from spmc_tools.report.words.wording import Wording
from spmc_tools.show.pages.intake_form import IntakeForm


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("posts.csv"), io.BytesIO())
    return out.getvalue()


def old(name: str) -> bytes:
    """Microsoft's old container, as far as it is looked at: its mark, and a name in its directory."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + name.encode("utf-16-le") + bytes(600)


MAIL = (
    b"Delivered-To: cell@example.org\r\nReceived: by 192.0.2.1\r\n\tfor x\r\nFrom: a@example.org\r\nSubject: Notice\r\n"
    b"\r\nPlease find the posts attached.\r\n"
)

FILES = [
    ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "picture"), ("a.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 50, "picture"),
    ("a.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 50, "film"), ("a.heic", b"\0\0\0\x18ftypheic" + b"\0" * 50, "picture"),
    ("a.pdf", b"%PDF-1.7\n", "pdf"), ("a.rar", b"Rar!\x1a\x07\x00 x", "archive"),
    ("a.docx", zipped("[Content_Types].xml", "word/document.xml"), "document"),
    ("a.pptx", zipped("[Content_Types].xml", "ppt/slides/slide1.xml"), "slides"),
    ("a.graphml", b'<?xml version="1.0"?>\n<graphml xmlns="http://example.org/x"></graphml>', "network"),
    ("a.gexf", b'<?xml version="1.0"?><gexf version="1.2"></gexf>', "network"),
    ("a.kml", b'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"></kml>', "map"),
    ("records.html", b"<html><body>Facebook Business Record <div>Account Identifier</div></body></html>", "answer"),
    ("mail.eml", MAIL, "mail"),
    ("mbox", b"From a@example.org Thu Nov  6 10:00:00 2025\nFrom: a@example.org\n\nx\n", "mail"),
    ("mail.msg", old("__substg1.0_0037001F"), "mail"), ("a.doc", old("WordDocument"), "document"),
    ("a.xls", old("Workbook"), "old_workbook"), ("b.xlsx", old("EncryptedPackage"), "locked_workbook"),
    ("c.xls", b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table></table></html>', "old_workbook"),
    ("a.xlsb", zipped("[Content_Types].xml", "xl/workbook.bin"), "old_workbook"),
    ("a.rtf", b"{\\rtf1\\ansi x}", "document"),
    ("a.odt", b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.text", "document"),
    ("page.mhtml", b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/\r\n\r\n--x", "page"),
    ("a.gml", b'Creator "x"\ngraph\n[\n  node [ id 0 ]\n]\n', "network"), ("a.net", b'*Vertices 2\n1 "a"\n', "network"),
    ("a.dot", b"digraph g {\n a -> b;\n}\n", "network"), ("a.tar", tarred(), "archive"),
    ("a.tar.gz", gzip.compress(tarred()), "archive"), ("a.kmz", zipped("doc.kml"), "map"),
    ("a.gpx", b'<?xml version="1.0"?><gpx version="1.1"></gpx>', "map"),
    ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "map"),
    ("a.svg", b'<?xml version="1.0"?>\n<!-- x --><svg></svg>', "picture"),
    ("a.vcf", b"BEGIN:VCARD\r\nFN:A\r\nEND:VCARD\r\n", "contacts"),
    ("a.xml", b'<?xml version="1.0"?><posts><post id="1"/></posts>', "xml"),
    ("msgstore.db.crypt14", bytes(range(256)) * 3, "backup"), ("a.exe", b"MZ" + bytes(300), "binary"),
    ("a.mpg", b"\0\0\x01\xba" + bytes(50), "film"), ("a.wmv", b"0&\xb2u\x8ef\xcf\x11" + bytes(50), "film"),
    ("posts_1.html", b'<html><body><div class="pam _3-95 _2ph- _a6-g noborder"></div></body></html>', "meta_page"),
    ("page.html", b"<!DOCTYPE html><html><body>news</body></html>", "page"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "what"), FILES, ids=[name for name, *_ in FILES])
def test_each_is_named_and_nothing_is_changed(name, content, what, write, case, snapshot):
    path, before = write(name, content), snapshot()
    with pytest.raises(OtherFileError, match=r"attach|import|imported|unpack|ask for") as error:
        import_files(case, [path], dry_run=True)
    assert error.value.what == what and str(error.value) == f'"{name}" {OTHER_FILES[what]}.'
    assert snapshot() == before
    form = IntakeForm(case, str(path), Wording("hi").say)
    form.look_at_file()
    assert str(Wording("hi").say(f"intake.other_file.{what}")) in form.said.value and "--" not in form.said.value


PACKED = [
    ("nested", zipped("inner.zip", "photo.jpg"), {"names": '"inner.zip"'}),
    ("several", zipped("a.csv", "b.csv"), {"count": "2", "names": '"a.csv", "b.csv"'}),
    ("no_data", zipped("photo.jpg"), {}),
]


@pytest.mark.parametrize(("what", "content", "values"), PACKED, ids=[what for what, *_ in PACKED])
def test_an_archive_says_what_is_in_it(what, content, values, write, case):
    path = write("a.zip", content)
    with pytest.raises(OtherFileError, match="unpack it and name") as error:
        import_files(case, [path], dry_run=True)
    assert error.value.what == what and str(error.value) == f'"a.zip" {OTHER_FILES[what].format(**values)}.'
    form = IntakeForm(case, str(path), Wording("hi").say)
    form.look_at_file()
    assert str(Wording("hi").say(f"intake.other_file.{what}", **values)) in html.unescape(form.said.value)


def test_json_that_is_broken_from_the_start(write, case):
    path = write("a.jsonl", "{broken\n{also broken\n")
    with pytest.raises(OtherFileError, match="one whole JSON object") as error:
        import_files(case, [path], dry_run=True)
    assert error.value.what == "broken_json"
    form = IntakeForm(case, str(path), Wording("hi").say)
    form.look_at_file()
    assert str(Wording("hi").say("intake.other_file.broken_json")) in form.said.value and "--" not in form.said.value


def test_packed_twice(write, case):
    for name, content, what in (
        ("a.csv.gz", gzip.compress(gzip.compress(b"a,b\n1,2\n")), "twice"),
        ("b.gz", gzip.compress(zipped("a.csv")), "packed"),
    ):
        with pytest.raises(OtherFileError, match="unpack it once") as error:
            import_files(case, [write(name, content)], dry_run=True)
        assert error.value.what == what


def test_a_zip_with_a_password(write, case):
    """By hand: the flag that says so, set in both places of an archive that the library wrote without it."""
    content = bytearray(zipped("a.csv"))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(
        OtherFileError, match="with a password; unpack it with the password of whoever sent it"
    ) as error:
        import_files(case, [write("a.zip", bytes(content))], dry_run=True)
    assert error.value.what == "locked"


LOOKS_ALIKE = [
    "From,To,Date\na,b,2024-01-13 10:00\n", "graph,node,when\na,b,2024-01-13 10:00\n",
    "Subject: x,who,when\na,b,2024-01-13 10:00\n",
    "digraph,who,when\n{a},b,2024-01-13 10:00\n",
]  # fmt: skip


@pytest.mark.parametrize("text", LOOKS_ALIKE)
def test_a_table_that_looks_a_little_like_one_is_read(text, write, case, tmp_path):
    first, second, third = text.split("\n", 1)[0].split(",")
    mapping = (
        f"[columns]\naccount_id = '{second}'\ncreated_at = '{third}'\ntext = '{first}'\n[constants]\nplatform = 'x'\n"
    )
    (result,) = import_files(case, [write("t.csv", text)], mapping=write("m.toml", mapping), tz="UTC", dry_run=True)
    assert (result.read, result.kept + result.refused) == (1, 1)


def test_the_form_asks_for_a_column_in_its_own_words(write, case):
    """No path of options: neither the option of the command line nor the form of a mapping file is shown."""
    form = IntakeForm(case, str(write("t.csv", "colour,shape\nred,round\nblue,flat\n")), Wording("hi").say)
    form.look_at_file()
    names = form.fields.lacking()
    assert str(Wording("hi").say("intake.field.created_at")) in names
    assert str(Wording("hi").say("intake.lacking", names=", ".join(names))) in html.unescape(form.said.value)
    assert "toml" not in form.said.value and "--" not in form.said.value and form.keep.disabled


def test_what_is_data_is_none_of_these(write, case, bring):
    assert bring("c.txt", "13/01/2024, 10:00 - A: %PDF-\n", tz="UTC").result.kept == 1
