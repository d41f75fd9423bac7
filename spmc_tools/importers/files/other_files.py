"""Files that hold no rows, told by their first bytes: what each is and what to do with it."""

from __future__ import annotations

import re

from spmc_tools.errors import FormatError

__all__ = [
    "OTHER_FILES",
    "OtherFileError",
    "is_backup",
    "old_container",
    "other_binary",
    "other_file",
    "other_page",
    "other_text",
]

OTHER_FILES = {
    "picture": "is a picture, which holds no rows; attach it to its post with spmc attach, or ask for the export as "
    "data",
    "film": "is a film or a sound, which holds no rows; attach it to its post with spmc attach",
    "pdf": "is a PDF, whose tables are not read; ask for the same as CSV, XLSX or JSON, and attach this one to its "
    "post with spmc attach",
    "document": "is a text document (Word, OpenDocument or RTF); save the table in it as XLSX or CSV and import that",
    "slides": "is a presentation; save the table in it as XLSX or CSV and import that",
    "mail": "is an e-mail; save the files that are attached to it and import those, and attach the e-mail itself to "
    "its post with spmc attach",
    "contacts": "is an address book (vCard): people, no posts; it is not imported",
    "archive": "is an archive that is not read (RAR, 7z or tar); unpack it and name the files in it",
    "nested": "is an archive that holds other archives ({names}); unpack it and name each of them",
    "several": "is a zip archive and holds {count} data files ({names}); unpack it and name the files in it",
    "no_data": "is a zip archive and holds no data file; unpack it and name the files in it",
    "twice": "is compressed twice; unpack it once and import what comes out",
    "packed": "holds another packed file; unpack it once and import what comes out",
    "locked": "is a zip archive with a password; unpack it with the password of whoever sent it and name the files in "
    "it",
    "locked_workbook": "is a password-protected workbook; save it as .xlsx without a password and import that",
    "old_workbook": "is a password-protected workbook or an old .xls, .xlsb or the like; save it as .xlsx without a "
    "password and import that",
    "network": "is a network (GraphML, GEXF, GML, Pajek or DOT): links between accounts, no posts; open it in a "
    "program for networks and ask for the posts it was made of",
    "map": "is a map (KML, KMZ, GPX or GeoJSON): places, no posts; it is not imported",
    "answer": "is a platform's answer to a notice, which holds data of persons and no posts; attach it to its post "
    "with spmc attach, and ask for the posts as data",
    "page": "is a saved web page, not data; ask for the export itself, or attach the page to its post with spmc attach",
    "meta_page": "is a page of a download from Facebook or Instagram as HTML, whose times name no zone; ask for the "
    "same download as JSON, which the platform offers beside it, and import that",
    "xml": "is XML of a form that is not known here; ask for the same as CSV, XLSX or JSON",
    "backup": "is an encrypted backup of a messenger, which is not read; ask for the chat as the app exports it (in "
    "WhatsApp: Export chat)",
    "repository": "is a repository of Bluesky (CAR), which is not read; ask for its posts as JSON, as Bluesky's API "
    "gives them",
    "broken_json": "begins as JSON but none of its first lines or elements holds one whole JSON object ({reason}); ask "
    "for the file again, or for the same as CSV",
    "binary": "holds binary data, neither text nor a table that can be read; ask which program wrote it, and ask for "
    "the same as CSV, XLSX or JSON",
}
"""What is said of each; in braces what was found in it."""

_MAGIC = (
    (re.compile(rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP|BM.{4}\0\0\0\0|II\*\0|MM\0\*", re.DOTALL),
     "picture"),
    (re.compile(rb"....ftyp(?:heic|heix|mif1|avif)", re.DOTALL), "picture"),
    (re.compile(rb"....ftyp|\x1aE\xdf\xa3|RIFF....(?:AVI |WAVE)|OggS|ID3|\xff[\xf1\xf9\xfb]|#!AMR|FLV\x01"
                rb"|\0\0\x01[\xba\xb3]|0&\xb2u\x8ef\xcf\x11", re.DOTALL),
     "film"),
    (re.compile(rb"%PDF-"), "pdf"),
    (re.compile(rb"\{\\rtf"), "document"),
    (re.compile(rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|(?=.{1,99}\0).{257}ustar[\0 ]", re.DOTALL), "archive"),
    (re.compile(rb"bplist0\d.*WebMainResource", re.DOTALL), "page"),
    (re.compile(rb".{1,5}\xa2(?:eroots.{1,60}gversion|gversion\x01eroots)", re.DOTALL), "repository"),
)  # fmt: skip
_PACKED = (
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "document"),
    (b"mimetypeapplication/vnd.oasis.opendocument.presentation", "slides"),
    (b"word/", "document"),
    (b"ppt/", "slides"),
    (b"xl/workbook.bin", "old_workbook"),
)
"""What stands near the beginning of a zip archive that is a document of an office program."""

_OLD = (
    ("EncryptedPackage", "locked_workbook"),
    ("WordDocument", "document"),
    ("PowerPoint Document", "slides"),
    ("__substg1.0_", "mail"),
)
"""Names in the directory of Microsoft's old container."""

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*): ?.*|[ \t]+\S.*|From \S+.*\d{4}")
_OF_MAIL = frozenset(
    {"from", "to", "subject", "date", "received", "mime-version", "return-path", "message-id", "delivered-to"}
)
_LEAST_FIELDS = 3
_NETWORK = re.compile(r"<(?:\w+:)?(?:graphml|gexf)\b")
_MAP = re.compile(r"<(?:\w+:)?(?:kml|gpx)\b")
_PICTURE = re.compile(r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg\b", re.DOTALL)
_SHEET = re.compile(r"urn:schemas-microsoft-com:office:(?:excel|spreadsheet)")
_HTML = re.compile(r"<!doctype html|<html\b|<body\b|<head\b|<div\b|<p\b|<table\b", re.IGNORECASE)
_META = re.compile(r'class="(?:pam _3-95 _2ph- _a6-g|_a706|_3-94 _a6-o)\b')
_ANSWER = re.compile(
    r"Business Record|Service</|Account Identifier|Records? Creation Date|Target</|ग्राहक विवरण", re.IGNORECASE
)
_TEXTS = (
    (re.compile(r"BEGIN:VCARD\s", re.IGNORECASE), "contacts"),
    (re.compile(r"(?:(?:#|Creator|Version|comment)\b[^\n]*\n)*\s*graph\s*\[", re.IGNORECASE), "network"),
    (re.compile(r"\*(?:Vertices\s+\d|Network\s)", re.IGNORECASE), "network"),
    (re.compile(r"(?:strict\s+)?(?:di)?graph\b[^\n{,;\t]*\{"), "network"),
    (re.compile(r'\{\s*"type"\s*:\s*"FeatureCollection"'), "map"),
)
_BACKUP = re.compile(r"\.crypt\d*\b", re.IGNORECASE)


class OtherFileError(FormatError):
    """A file that holds no rows; ``what`` is one of :data:`OTHER_FILES`, ``values`` what its sentence names."""

    def __init__(self, name: str, what: str, **values: object) -> None:
        super().__init__(f"{name} {OTHER_FILES[what].format(**values)}.")
        self.what, self.values = what, values


def other_file(head: bytes, name: str) -> OtherFileError | None:
    """Return what is said of a file with these first bytes; None where it can be data."""
    what = next((found for magic, found in _MAGIC if magic.match(head)), None)
    if what is None and head.startswith(b"PK\x03\x04"):
        what = next((found for mark, found in _PACKED if mark in head), None)
    return None if what is None else OtherFileError(name, what)


def old_container(content: bytes, name: str) -> OtherFileError:
    """Return what is said of a file in Microsoft's old container; its directory names what is in it."""
    what = next((found for mark, found in _OLD if mark.encode("utf-16-le") in content), "old_workbook")
    return OtherFileError(name, what)


def other_binary(name: str) -> OtherFileError:
    """Return what is said of a file that is no text and of no kind known here."""
    return OtherFileError(name, "backup" if is_backup(name) else "binary")


def is_backup(name: str) -> bool:
    """Whether a file is called as WhatsApp calls its encrypted backups; nothing but the name tells them."""
    return bool(_BACKUP.search(name))


def other_text(text: str, name: str) -> OtherFileError | None:
    """Return what is said of a text that begins so; None where it can be data."""
    what = next((found for begins, found in _TEXTS if begins.match(text)), None) or _mail(text)
    return None if what is None else OtherFileError(name, what)


def _mail(text: str) -> str | None:
    """Tell an e-mail, and a web page saved as one: lines of fields, some of them known, before an empty one."""
    names: set[str] = set()
    for line in text.splitlines():
        if not line.strip():
            break
        found = _FIELD.fullmatch(line)
        if found is None:
            return None
        names.add((found[1] or "").lower())
    if "snapshot-content-location" in names:
        return "page"
    least = 1 if text.startswith("From ") else _LEAST_FIELDS
    return "mail" if len(names & _OF_MAIL) >= least else None


def other_page(text: str, name: str) -> OtherFileError:
    """Return what is said of a file of HTML or XML that is no export known here."""
    what = (
        "network" if _NETWORK.search(text[:4000])
        else "map" if _MAP.search(text[:4000])
        else "picture" if _PICTURE.match(text)
        else "old_workbook" if _SHEET.search(text[:4000])
        else "answer" if len(_ANSWER.findall(text)) > 1
        else "meta_page" if _META.search(text)
        else "page" if _HTML.search(text[:4000])
        else "xml"
    )  # fmt: skip
    return OtherFileError(name, what)
