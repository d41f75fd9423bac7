"""Files that hold no rows, told by their first bytes: what each is and what to do with it."""

from __future__ import annotations

import re

from spmc_tools.errors import FormatError

__all__ = ["OTHER_FILES", "OtherFileError", "other_file", "other_page"]

OTHER_FILES = {
    "picture": "is a picture, which holds no rows; attach it to its post with spmc attach, or ask for the export as "
    "data",
    "film": "is a film or a sound, which holds no rows; attach it to its post with spmc attach",
    "pdf": "is a PDF, whose tables are not read; ask for the same as CSV, XLSX or JSON, and attach this one to its "
    "post with spmc attach",
    "document": "is a Word document; save the table in it as XLSX or CSV and import that",
    "slides": "is a presentation; save the table in it as XLSX or CSV and import that",
    "archive": "is an archive that is not read (RAR or 7z); unpack it and name the files in it",
    "network": "is a network (GraphML or GEXF): links between accounts, no posts; open it in a program for networks "
    "and ask for the posts it was made of",
    "map": "is a map (KML): places, no posts; it is not imported",
    "answer": "is a platform's answer to a notice, which holds data of persons and no posts; attach it to its post "
    "with spmc attach, and ask for the posts as data",
    "page": "is a saved web page, not data; ask for the export itself, or attach the page to its post with spmc attach",
}
"""What is said of each."""

_MAGIC = (
    (re.compile(rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP|BM.{4}\0\0\0\0|II\*\0|MM\0\*", re.DOTALL),
     "picture"),
    (re.compile(rb"....ftyp(?:heic|heix|mif1|avif)", re.DOTALL), "picture"),
    (re.compile(rb"....ftyp|\x1aE\xdf\xa3|RIFF....(?:AVI |WAVE)|OggS|ID3|\xff[\xf1\xf9\xfb]|#!AMR|FLV\x01", re.DOTALL),
     "film"),
    (re.compile(rb"%PDF-"), "pdf"),
    (re.compile(rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c"), "archive"),
)  # fmt: skip
_NETWORK = re.compile(r"<(?:\w+:)?(?:graphml|gexf)\b")
_MAP = re.compile(r"<(?:\w+:)?kml\b")
_ANSWER = re.compile(
    r"Business Record|Service</|Account Identifier|Records? Creation Date|Target</|ग्राहक विवरण", re.IGNORECASE
)


class OtherFileError(FormatError):
    """A file that holds no rows; ``what`` is one of :data:`OTHER_FILES`."""

    def __init__(self, message: str, what: str = "page") -> None:
        super().__init__(message)
        self.what = what


def other_file(head: bytes, name: str) -> OtherFileError | None:
    """Return what is said of a file with these first bytes; None where it can be data."""
    what = next((found for magic, found in _MAGIC if magic.match(head)), None)
    if what is None and head.startswith(b"PK\x03\x04"):
        what = "document" if b"word/" in head else "slides" if b"ppt/" in head else None
    return None if what is None else OtherFileError(f"{name} {OTHER_FILES[what]}.", what)


def other_page(text: str, name: str) -> OtherFileError:
    """Return what is said of a file of HTML or XML that is no export known here."""
    what = (
        "network" if _NETWORK.search(text[:4000])
        else "map" if _MAP.search(text[:4000])
        else "answer" if len(_ANSWER.findall(text)) > 1
        else "page"
    )  # fmt: skip
    return OtherFileError(f"{name} {OTHER_FILES[what]}.", what)
