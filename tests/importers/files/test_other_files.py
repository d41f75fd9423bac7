"""What holds no rows is named for what it is, with what to do; in the form in the language of the form."""

from __future__ import annotations

import io
import zipfile

import pytest

from spmc_tools.errors import FormatError
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


def test_an_archive_in_an_archive(write, case):
    with pytest.raises(FormatError, match=r'holds other archives \("inner.zip"\); unpack it and name each of them'):
        import_files(case, [write("a.zip", zipped("inner.zip", "photo.jpg"))], dry_run=True)


def test_what_is_data_is_none_of_these(write, case, bring):
    assert bring("c.txt", "13/01/2024, 10:00 - A: %PDF-\n", tz="UTC").result.kept == 1
