"""A received file, opened once: its hash, its container, its encoding, its lines or elements, all within limits.

What a file is (:data:`FORMS`) is told by its first bytes; a name that says otherwise is refused, since then somebody is
mistaken about the file.
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

import orjson

from spmc_tools.errors import FormatError, quote
from spmc_tools.importers.files.documents import elements
from spmc_tools.importers.files.other_files import (
    OtherFileError,
    is_backup,
    old_container,
    other_binary,
    other_file,
    other_page,
    other_text,
)
from spmc_tools.importers.files.received_file import BLOCK, ReceivedFile
from spmc_tools.importers.files.unpack import ENDINGS, CutShortError, damages, expanded, members_of, packing
from spmc_tools.importers.files.x_archive_files import ARCHIVE_HEAD, why_no_posts

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FORMS", "JSON_FORMS", "LINE_LIMIT", "Source", "is_utf8"]

JSON_FORMS = ("json_lines", "json_document")
FORMS = {
    "json_lines": "one JSON object per line",
    "json_document": "a JSON document",
    "text_table": "a table as text",
    "xlsx": "an XLSX workbook",
    "ods": "an ODS workbook",
    "parquet": "a Parquet file",
    "sqlite": "an SQLite database",
    "chat_text": "a chat as text",
    "chat_html": "a chat as a web page",
}
"""What a file can be, and how messages say it."""

LINE_LIMIT = 16 * 1024 * 1024
"""Longest line in bytes; a longer one is refused as a row."""

_OLD_LIMIT = 256 * 1024 * 1024
_HEAD = 64 * 1024
_LOOKED_AT_LINES = 20
_JSON_NAMES = {".json", ".jsonl", ".ndjson", ".jsonlines", ".js"}
_TEXT_NAMES = {".csv", ".tsv", ".txt", ".tab", *_JSON_NAMES}
_CONTAINER_NAMES = {"parquet": ".parquet", "xlsx": ".xlsx", "ods": ".ods", "sqlite": ".sqlite"}
_CHAT_LINE = re.compile(
    r"[\u200e\u200f\u202a-\u202e]*\[?\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4},?\s\d{1,2}[:.]\d{2}(?:[:.]\d{2})?"
    r"(?:\s?(?:[AaPp]\.?\s?[Mm]\.?|पूर्वाह्न|अपराह्न))?(?:\]|\s[-–])\s"
)
"""How a line begins that a messenger writes: date, time, and a bracket or a dash."""

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Source(ReceivedFile):
    """A received file, open from its first look to its last; use it in a ``with`` block.

    Attributes
    ----------
    path, name, size, sha256
        As of :class:`~spmc_tools.importers.files.received_file.ReceivedFile`.
    packing : str or None
        ``gz``, ``bz2``, ``xz``, ``zst`` or ``zip``: the layer that is taken off.
    member : str or None
        Of a zip archive: which file of it is read.
    more, beside_it : tuple of str
        Of a zip archive: what is read after that file, and the names of all files in it.
    form : str
        A key of :data:`FORMS`.
    encoding : str
        Of a text: ``utf-8``, ``utf-8-sig``, ``utf-16``, ``utf-16-le``, ``utf-16-be`` or ``cp1252``.
    rows_seen : int
        Lines or records handed out by the latest pass.

    Raises
    ------
    FormatError
        Where the file is missing, no regular file, empty, or nothing that can be read.
    """

    def __init__(self, path: Path, sha256: str | None = None) -> None:
        super().__init__(path, sha256)
        self.rows_seen = 0
        self.encoding = "utf-8"
        self._settled: str | None = None
        try:
            self.more: tuple[str, ...] = ()
            self.beside_it: tuple[str, ...] = ()
            self.packing, self.member = self._packing()
            self.form = self._form()
        except BaseException:
            self.rest()
            raise

    def __enter__(self) -> Source:
        return self

    def _packing(self) -> tuple[str | None, str | None]:
        """Return how the bytes on disk are packed, and of an archive which file of it is read."""
        self._handle.seek(0)
        head = self._handle.read(_HEAD) or b""
        if not head.startswith(b"PK\x03\x04"):
            return packing(head), None
        if other := other_file(head, self.name):
            raise other
        is_workbook = b"xl/" in head or b"[Content_Types].xml" in head or _is_ods(head)
        if is_workbook or self.path.suffix.lower() in {".xlsx", ".ods"}:
            return None, None
        with self.disk() as disk:
            (first, *more), self.beside_it = members_of(disk, self.name)
        self.more = tuple(more)
        return "zip", first

    def beside(self, ending: str, limit: int = 1024 * 1024) -> bytes | None:
        """Return a small file that lies in the same archive, by the end of its name; None where there is none."""
        if self.packing != "zip":
            return None
        try:
            with self.disk() as disk, zipfile.ZipFile(disk) as archive:
                for member in archive.infolist():
                    if member.filename.endswith(ending) and member.file_size <= limit:
                        with archive.open(member) as stream:
                            return stream.read(limit)
        except damages():
            return None
        return None

    def data(self, member: str | None = None) -> BinaryIO:
        """Return a new stream over the bytes without the packing, from the start; of a zip, of this file in it."""
        disk = self.disk()
        if self.packing is None:
            return disk
        return expanded(disk, self.packing, member or self.member, self.name, self.size)

    def text(self, newline: str = "", member: str | None = None) -> TextIO:
        """Return a new stream over the decoded text, line ends untouched; ``newline`` as :func:`open` takes it.

        Bytes that are not of the encoding come through as lone surrogates, so that a caller can refuse just those
        rows.
        """
        errors = {"utf-8": "surrogateescape", "utf-8-sig": "surrogateescape", "cp1252": "strict"}
        how = errors.get(self.encoding, "surrogatepass")
        return io.TextIOWrapper(self.data(member), encoding=self.encoding, errors=how, newline=newline)

    def values(self) -> Iterator[tuple[int, bytes, bool]]:
        """Give each JSON value: the number of its line or element from 1, its bytes as UTF-8, whether it is whole."""
        if self.form == "json_lines":
            yield from self.lines()
            return
        self.rows_seen = 0
        for member in (self.member, *self.more):
            for element in elements(self._blocks(member), self.name):
                self.rows_seen += 1
                yield self.rows_seen, element, True

    def _blocks(self, member: str | None) -> Iterator[bytes]:
        """Give the document as UTF-8 in pieces, without its mark and without what an archive writes before it."""
        with self.text(member=member) as stream:
            try:
                first = stream.read(_HEAD)
                if found := ARCHIVE_HEAD.match(first):
                    first = first[found.end() :]
                errors = "surrogateescape" if self.encoding.startswith("utf-8") else "surrogatepass"
                while first:
                    yield first.encode("utf-8", errors)
                    first = stream.read(BLOCK)
            except UnicodeError as error:
                raise FormatError(f"{self.name}: begins as UTF-16 but is not UTF-16 to its end.") from error

    def lines(self) -> Iterator[tuple[int, bytes, bool]]:
        """Give each line that is not blank: its number from 1, its bytes as UTF-8, and whether it is whole.

        A line above :data:`LINE_LIMIT` comes as its beginning, with False; it is read to its end but not kept.
        """
        self.rows_seen = 0
        number = 0
        for line, whole in self._utf8_lines() if self.encoding.startswith("utf-8") else self._decoded_lines():
            number += 1
            if line.isspace() or not line:
                continue
            self.rows_seen += 1
            yield number, line, whole

    def _utf8_lines(self) -> Iterator[tuple[bytes, bool]]:
        with self.data() as stream:
            if self.encoding == "utf-8-sig":
                stream.read(len(codecs.BOM_UTF8))
            while line := stream.readline(LINE_LIMIT + 1):
                whole = len(line) <= LINE_LIMIT
                if not whole and not line.endswith(b"\n"):
                    while (rest := stream.readline(BLOCK)) and not rest.endswith(b"\n"):
                        continue
                yield line if whole else line[:_HEAD], whole

    def _decoded_lines(self) -> Iterator[tuple[bytes, bool]]:
        with self.text() as stream:
            try:
                while line := stream.readline(LINE_LIMIT + 1):
                    whole = len(line) <= LINE_LIMIT
                    if not whole and not line.endswith("\n"):
                        while (rest := stream.readline(BLOCK)) and not rest.endswith("\n"):
                            continue
                    yield (line if whole else line[:_HEAD]).encode("utf-8", "surrogatepass"), whole
            except UnicodeError as error:
                raise FormatError(f"{self.name}: begins as UTF-16 but is not UTF-16 to its end.") from error

    def _form(self) -> str:
        head = self._head()
        if other := None if head.startswith(b"PK\x03\x04") else other_file(head, self.name):
            raise other
        if self.packing and (packing(head) or head.startswith(b"PK\x03\x04")):
            raise OtherFileError(self.name, "twice" if self.packing == packing(head) else "packed")
        if _is_utf32(head):
            raise FormatError(f"{self.name} is text in UTF-32, which is not read; save it as UTF-8.")
        suffixes = [s.lower() for s in Path(self.member or self.path.name).suffixes]
        suffix = next((s for s in reversed(suffixes) if s not in ENDINGS.values()), "")
        if container := self._container(head):
            if suffix in _TEXT_NAMES:
                raise FormatError(
                    f"{self.name} is named {suffix} but holds {container.upper()}; "
                    f"if that is right, give it the ending {_CONTAINER_NAMES[container]}."
                )
            if self.packing:
                packed = "gzipped" if self.packing == "gz" else f"{self.packing}-packed"
                raise FormatError(f"{self.name} is a {packed} {container.upper()} file; unpack it first.")
            return container
        return self._text_form(head, suffix)

    def _head(self) -> bytes:
        """Return the first bytes without the gzip layer; of a damaged file as many as come out."""
        head = b""
        with self.data() as stream:
            try:
                while len(head) < _HEAD and (piece := stream.read1(_HEAD)):  # type: ignore[attr-defined]
                    head += piece
            except CutShortError:
                if not head:
                    raise
        if not head:
            raise FormatError(f"{self.name} is empty.")
        return head

    def _container(self, head: bytes) -> str | None:
        if head.startswith(b"PAR1"):
            return "parquet"
        if head.startswith(b"SQLite format 3\x00"):
            return "sqlite"
        if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
            with self.data() as stream:
                raise old_container(stream.read(_OLD_LIMIT), self.name)
        if head.startswith(b"PK\x03\x04") and self.packing is None:
            return "ods" if _is_ods(head) or self.path.suffix.lower() == ".ods" else "xlsx"
        return None

    def _text_form(self, head: bytes, suffix: str) -> str:
        self.encoding = self._guess_encoding(head)
        text = head.decode(self.encoding, "ignore").lstrip()
        if not text:
            raise FormatError(f"{self.name} holds no rows{', only blanks' if head.strip(bytes([0])) else ''}.")
        if is_backup(self.name) or (self.encoding == "utf-8" and head.count(0) > max(64, len(head) // 100)):
            raise other_binary(self.name)
        if text.startswith("<"):
            return self._page_form(text)
        if other := other_text(text, self.name):
            raise other
        if found := ARCHIVE_HEAD.match(text):
            if found["what"] and (why := why_no_posts(found["what"])):
                raise FormatError(f"{self.name} holds {why}; the posts are in tweets.js, or import the whole zip.")
            return "json_document"
        if _CHAT_LINE.match(text.lstrip("\ufeff")):
            return "chat_text"
        if text[0] in "{[":
            return _json_form(text)
        if suffix in _JSON_NAMES:
            raise FormatError(f"{self.name} is named {suffix} but does not begin as JSON: {quote(text, 40)}.")
        if suffix in _CONTAINER_NAMES.values():
            raise FormatError(
                f"{self.name} is named {suffix} but is a text file; its ending is wrong or it is damaged."
            )
        return "text_table"

    def _page_form(self, text: str) -> str:
        """Return the form of a web page, where it is an export itself."""
        if 'class="page_wrap"' in text and 'class="history"' in text:
            return "chat_html"
        raise other_page(text, self.name)

    @staticmethod
    def _guess_encoding(head: bytes) -> str:
        for bom, name in _BOMS:
            if head.startswith(bom):
                return name
        even, odd = head[0::2].count(0), head[1::2].count(0)
        half = max(len(head) // 2, 1)
        if odd * 10 > half * 3 and even * 5 < odd:
            return "utf-16-le"
        if even * 10 > half * 3 and odd * 5 < even:
            return "utf-16-be"
        return "utf-8"

    def settle_encoding(self) -> str | None:
        """Decide between UTF-8 and Windows-1252 over the whole text; return a remark where it is not UTF-8.

        Bytes that are not UTF-8 in a text that holds more proper UTF-8 letters than such bytes are damage: it stays
        UTF-8, and the rows with those bytes are refused. Otherwise the text is Windows-1252.

        Raises
        ------
        FormatError
            Where it is neither; JSON stays UTF-8 then, and the rows with those bytes are refused.
        """
        if self._settled is None:
            self._settled = self._settle_json() if self.form in JSON_FORMS else self._settle()
        return self._settled or None

    def _settle_json(self) -> str:
        """As :meth:`_settle`; JSON that is UTF-8 is read once and fast, and what is neither stays UTF-8."""
        if self.encoding.startswith("utf-16"):
            return f"read as {self.encoding.upper()}"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            with self.data() as stream:
                while block := stream.read(BLOCK):
                    decoder.decode(block)
            decoder.decode(b"", final=True)
        except CutShortError:  # said with the number of rows when they are read
            return ""
        except UnicodeDecodeError:
            before = self.encoding
            try:
                return self._settle()
            except FormatError:
                self.encoding = before
        return ""

    def _settle(self) -> str:
        if self.encoding.startswith("utf-16"):
            self._require_decodable(f"{self.name} begins as UTF-16 but is not UTF-16 to its end.")
            return f"read as {self.encoding.upper()}"
        proper = wrong = 0
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        with self.data() as stream:
            while block := stream.read(BLOCK):
                text = decoder.decode(block)
                if not text.isascii():
                    letters = len(text) - len(text.encode("ascii", "ignore"))
                    bad = sum("\udc80" <= c <= "\udcff" for c in text) if not is_utf8(text) else 0
                    proper, wrong = proper + letters - bad, wrong + bad
        wrong += len(decoder.decode(b"", final=True))
        if wrong <= proper:
            return ""
        self.encoding = "cp1252"
        self._require_decodable(f"{self.name} is neither UTF-8, UTF-16 nor Windows-1252; save it again as UTF-8.")
        return "read as Windows-1252, since it is not UTF-8"

    def _require_decodable(self, otherwise: str) -> None:
        """Read the whole text; raise a FormatError with the sentence ``otherwise`` where it cannot be decoded."""
        try:
            with self.text() as stream:
                while stream.read(BLOCK):
                    pass
        except UnicodeError as error:
            raise FormatError(otherwise) from error


def _is_ods(head: bytes) -> bool:
    return b"application/vnd.oasis.opendocument.spreadsheet" in head[:200]


def _json_form(text: str) -> str:
    """Tell lines from a document: an object that ends with its line is a line."""
    if text[0] == "[":
        return "json_document"
    lines = [line for line in text.split("\n")[: 4 * _LOOKED_AT_LINES] if line.strip()][:_LOOKED_AT_LINES]
    cut = len(text) >= _HEAD // 4 and len(lines) < _LOOKED_AT_LINES
    if cut and len(lines) == 1:
        return "json_lines"
    for line in lines:
        try:
            if line.startswith("{") and isinstance(orjson.loads(line), dict):
                return "json_lines"
        except (orjson.JSONDecodeError, UnicodeError):
            continue
    return "json_lines" if all(line.startswith("{") for line in lines) else "json_document"


def _is_utf32(head: bytes) -> bool:
    """Whether bytes begin as UTF-32, with or without its mark: of four bytes two are 0 and one is not."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return True
    fours = len(head) // 4
    zeros = [head[i : fours * 4 : 4].count(0) for i in range(4)]
    little = zeros[2] == zeros[3] == fours and zeros[0] * 10 < fours
    return fours > 1 and (little or (zeros[0] == zeros[1] == fours and zeros[3] * 10 < fours))


def is_utf8(text: str) -> bool:
    """Whether a text can be written as UTF-8: it holds no half of a surrogate pair."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
