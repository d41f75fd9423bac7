"""Whether something that is to leave holds a raw handle, display name, id or address of the case.

Each handle, display name, account id, record id and address is taken apart into words (letters, digits, marks and ``_``
of any script; full-width and styled letters folded, capitals folded, invisible characters left out). A text is taken
apart the same way, once, and each of its words is looked up: the check takes time by the length of what leaves, not by
the number of names. It finds whole words, so ``ravi`` is not found in ``ravinder``.

Not looked for: what has fewer than 4 letters and digits; numbers below 100,000, which no reader can tell from a count;
and display names of one word or of fewer than 8 letters, which are words of the language as often as names. All three
are counted. What also occurs in our own words (the report of an empty case, the catalogues) is no finding,
and is listed.

Notes
-----
Not found: a name that somebody wrote differently, a person described in words, letters drawn as
outlines in a picture.
"""

from __future__ import annotations

import base64
import json
import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import regex

from spmc_tools.errors import SpmcError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from spmc_tools.case.store.case import Case

__all__ = ["Hit", "Leak", "LeakError", "RawNames", "check_folder", "check_text", "raw_names", "texts_of"]

SHORTEST = 4
SHORTEST_DISPLAY_NAME = 8
LEAST_NUMBER = 100_000
MOST_UNPACKED = 512 << 20
_WORD = regex.compile(r"(?V1)(?<![\w.])\d+\.\d+(?![\w.])|[[\w\p{Cf}\p{Cc}]--[\s]]+")
_KEPT = regex.compile(r"[^\w]")
_SCHEME = frozenset({"http", "https", "www"})
_INLINE = frozenset(
    {"a", "b", "bdi", "code", "em", "i", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "u"}
)
_DATA_URI = re.compile(r"data:([a-z0-9.+/-]*)(?:;[a-z0-9=-]+)*?(;base64)?,([^\s\"')]+)", re.IGNORECASE)
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)

KINDS = {
    "account_id": "account", "ref_account_id": "account", "handle": "handle", "mentions": "handle",
    "display_name": "name", "actor": "name", "affected": "name",
    "record_id": "record", "ref_record_id": "record", "conversation_id": "record", "thread_id": "record",
    "surface_id": "surface", "url": "address", "urls": "address", "media": "address",
}  # fmt: skip
"""Columns of a case's tables that hold what must not leave, and what it is."""


class LeakError(SpmcError):
    """Something that was to leave holds a raw name of the case."""

    def __init__(self, leaks: list[Leak]) -> None:
        self.leaks = leaks
        places = list(dict.fromkeys(leak.place for leak in leaks))
        shown = ", ".join(places[:5]) + (", …" if len(places) > 5 else "")
        super().__init__(
            f"The redacted edition would hold {len(leaks)} raw names, ids, addresses or texts of others (in {shown}), "
            "so nothing of it was kept; the custody log names them in its entry leak_check."
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a raw name stands in a text (``end`` exclusive), what it is, and how the case writes it."""

    start: int
    end: int
    kind: str
    raw: str


@dataclass(frozen=True, slots=True)
class Leak:
    """A place of what leaves (a file, the name of one), and the raw name that it holds."""

    place: str
    kind: str
    raw: str


def _words(text: str) -> list[tuple[int, int, str]]:
    """Return the words of a text as start, end (exclusive) and the form in which they are compared."""
    found = []
    for match in _WORD.finditer(text):
        word = match[0]
        plain = word.casefold() if word.isascii() else unicodedata.normalize("NFKC", word).casefold()
        if "." not in plain and not (plain.isascii() and plain.isalnum()):  # a decimal number is one word
            plain = _KEPT.sub("", plain)
        if plain:
            found.append((match.start(), match.end(), plain))
    return found


@dataclass
class RawNames:
    """What must not leave, by its first word.

    Attributes
    ----------
    n : int
        How many are looked for.
    skipped : int
        How many are too short, or a number that cannot be told from a count.
    """

    by_word: dict[str, list[tuple[tuple[str, ...], str, str]]] = field(default_factory=dict)
    wordless: set[str] = field(default_factory=set)
    n: int = 0
    skipped: int = 0
    _known: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, raw: str, kind: str) -> None:
        """Add one name as the case writes it."""
        words = tuple(word for _, _, word in _words(raw))
        while kind == "address" and len(words) > 1 and words[0] in _SCHEME:
            words = words[1:]
        if not words:
            if len(raw.strip()) >= SHORTEST:
                self.wordless.add(raw.strip())
                self.n += 1
            else:
                self.skipped += bool(raw.strip())
            return
        if words in self._known:
            return
        self._known.add(words)
        whole = "".join(words)
        if kind == "name" and (len(words) < 2 or len(whole) < SHORTEST_DISPLAY_NAME):
            self.skipped += 1
            return
        if len(whole) < SHORTEST or (whole.isdecimal() and int(whole) < LEAST_NUMBER):
            self.skipped += 1
            return
        self.n += 1
        self.by_word.setdefault(words[0], []).append((words[1:], kind, raw))

    def find(self, text: str) -> Iterator[Hit]:
        """Yield each raw name in a text, the longest at each place, without overlap."""
        words = _words(text)
        place = 0
        while place < len(words):
            best: tuple[int, str, str] | None = None
            for rest, kind, raw in self.by_word.get(words[place][2], ()):
                length = len(rest) + 1
                if (best is None or length > best[0]) and rest == tuple(
                    word for _, _, word in words[place + 1 : place + length]
                ):
                    best = (length, kind, raw)
            if best is None:
                place += 1
                continue
            yield Hit(words[place][0], words[place + best[0] - 1][1], best[1], best[2])
            place += best[0]
        for raw in self.wordless:
            start = text.find(raw)
            while start >= 0:
                yield Hit(start, start + len(raw), "handle", raw)
                start = text.find(raw, start + len(raw))


def raw_names(case: Case) -> RawNames:
    """Return every raw handle, account id, record id and address that the tables of a case hold.

    Raises
    ------
    IntegrityError
        Where a table is not the one that was imported.
    """
    from spmc_tools.case.store.batches import STORED
    from spmc_tools.schema import TABLES

    found = RawNames()
    for table in STORED:
        columns = [name for name in TABLES[table].schema.names if name in KINDS and table != "refused"]
        if not columns:
            continue
        arrow = case.table(table, columns)
        for column in columns:
            for raw in _distinct(arrow[column]):
                found.add(raw, KINDS[column])
    for entry in case.settings.context:
        found.add(entry.account_id, "account")
    return found


def _distinct(column: Any) -> Iterator[str]:
    """Yield the different texts of a column; of lists their items, of structures their addresses."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.list_flatten(column)
    if pa.types.is_struct(column.type):
        if not any(field.name == "url" for field in column.type):
            return
        column = pc.struct_field(column, "url")
    for value in pc.unique(column).to_pylist():
        if isinstance(value, str):
            yield value


def check_text(names: RawNames, own_words: Iterable[str], text: str, place: str) -> list[Leak]:
    """Return the raw names in one text that are no words of our own, each once."""
    mine = set(own_words)
    found = {hit.raw: Leak(place, hit.kind, hit.raw) for hit in names.find(text) if hit.raw not in mine}
    return list(found.values())


def check_folder(
    names: RawNames,
    own_words: Iterable[str],
    folder: Path,
    files: Iterable[str],
    also: Callable[[str, str], None] | None = None,
) -> list[Leak]:
    """Return the raw names in the files of a folder and in their names.

    Parameters
    ----------
    names : RawNames
        What must not leave.
    own_words : iterable of str
        What also occurs in our own words.
    folder : pathlib.Path
        Its name is looked at, too.
    files : iterable of str
        Paths in it.
    also : callable, optional
        Gets each text and its place, for another check.

    Raises
    ------
    SpmcError
        Where a file is of a kind that cannot be looked into: it must not leave unseen.
    """
    mine = set(own_words)
    found: dict[tuple[str, str], Leak] = {}
    places = [("the name of the run", folder.name)]
    for number, relative in enumerate(files, start=1):
        shown = relative if not check_text(names, mine, relative, "") else f"file {number}"
        places.append((f"the name of {shown}", relative))
        places += [(shown, text) for text in texts_of((folder / relative).read_bytes(), relative)]
    for place, text in places:
        if also is not None:
            also(text, place)
        for leak in check_text(names, mine, text, place):
            found.setdefault((leak.place, leak.raw), leak)
    return list(found.values())


# -- what a file says ----------------------------------------------------------------------------------------------


def texts_of(content: bytes, name: str) -> Iterator[str]:
    """Yield every text that a file holds, by what its name says it is; numbers in tables are left out.

    Raises
    ------
    SpmcError
        Where the kind of file is not known, or the file is not what its name says.
    """
    suffix = PurePosixPath("_" + PurePosixPath(name).name).suffix.lower()  # a DOCX holds a file named .rels
    reader = READERS.get(suffix)
    if reader is None:
        raise SpmcError(
            f"The leak check cannot look into a file that ends in {suffix or 'nothing'}, so the redacted edition "
            "was not made; export to .csv, .xlsx, .graphml, .gexf or .parquet."
        )
    try:
        yield from reader(content)
    except (ValueError, KeyError, OSError, zipfile.BadZipFile, zlib.error, SyntaxError) as error:
        raise SpmcError(
            f"The leak check cannot read an export that ends in {suffix} ({type(error).__name__}), so the redacted "
            "edition was not made."
        ) from None


def _plain(content: bytes) -> Iterator[str]:
    yield content.decode("utf-8", "replace")


def _json(content: bytes) -> Iterator[str]:
    yield from _strings(json.loads(content))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield from _embedded(value)
    elif isinstance(value, list):
        if all(isinstance(part, str) for part in value):  # lines of a cell, or parts of one text
            yield "".join(value)
        for child in value:
            yield from _strings(child)
    elif isinstance(value, dict):
        for key, child in value.items():
            yield str(key)
            yield from _strings(child)


def _html(content: bytes) -> Iterator[str]:
    from html import unescape

    from lxml import etree, html

    from spmc_tools.report.figures.frames import own_scripts

    text = content.decode("utf-8", "replace").replace("\0", " ")
    for script in own_scripts():  # as it stands in a frame's own document
        text = text.replace(script, " ")
    written = unescape(text)
    for script in own_scripts():  # as it stands in the page around it
        written = written.replace(script, " ")
    yield _DATA_URI.sub(" ", written)  # as it is written, with tags, comments and style
    root = html.document_fromstring(text, html.HTMLParser(huge_tree=True))
    for mark in root.xpath("//span[@class='ctl']"):
        mark.text = (
            " " if mark.text_content().startswith("[") else ""
        )  # a picture ends a word, a hidden character does not
        for child in list(mark):
            mark.remove(child)
    for held in root.xpath("//script[@type='application/json']"):
        yield from _json((held.text or "").encode())
    joined: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end", "comment")):
        inline = event != "comment" and element.tag in _INLINE
        if event == "end":
            joined.append(("" if inline else " ") + (element.tail or ""))
            continue
        joined.append(("" if inline else " ") + (element.text or ""))
        if event == "comment":
            joined.append(" " + (element.tail or ""))
            continue
        for name, value in element.attrib.items():
            if name == "srcdoc":  # a document inside the page
                yield from _html(value.encode())
                continue
            yield _DATA_URI.sub(" ", value)
            yield from _embedded(value)
    yield "".join(joined)
    yield " ".join(str(text) for text in root.itertext())


def _embedded(value: str) -> Iterator[str]:
    """Yield what stands in the data addresses of a text."""
    for kind, coded, data in _DATA_URI.findall(value):
        suffix = {"image/svg+xml": ".svg", "text/html": ".html", "application/json": ".json"}.get(kind.lower())
        if suffix is None and kind.lower().startswith("image/"):
            suffix = ".png"
        if suffix is None:
            continue  # fonts
        from urllib.parse import unquote_to_bytes

        content = base64.b64decode(data) if coded else unquote_to_bytes(data)
        yield from READERS[suffix](content)


def _xml(content: bytes) -> Iterator[str]:
    """Yield texts, comments and attributes of an XML file; of a drawing or a network no numbers."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=False, huge_tree=True)
    root = etree.fromstring(content, parser)
    numbers = {
        declaration.get("id")
        for declaration in root.iter("{*}key", "{*}attribute")
        if (declaration.get("attr.type") or declaration.get("type") or "string") != "string"
    }
    drawn = etree.QName(root).localname == "svg"
    geometry = {"d", "points", "transform", "viewBox", "style", "x", "y", "width", "height"}
    for element in root.iter():
        if element.get("key") in numbers or element.get("for") in numbers:
            continue
        yield element.text or ""
        yield element.tail or ""
        for key, value in element.attrib.items():
            if not (drawn and key in geometry):
                yield value
                yield from _embedded(value)


def _csv(content: bytes) -> Iterator[str]:
    import csv
    from io import StringIO

    rows = csv.reader(StringIO(content.decode("utf-8-sig", "replace"), newline=""))
    head = next(rows, [])
    numeric = {place for place, name in enumerate(head) if name in _numeric_columns()}
    yield "\n".join(head)
    for row in rows:
        yield "\n".join(cell for place, cell in enumerate(row) if place not in numeric)


def _numeric_columns() -> set[str]:
    import pyarrow as pa

    from spmc_tools.schema import RESULTS, TABLES

    kinds: dict[str, list[bool]] = {}
    for table in (*TABLES.values(), *RESULTS.values()):
        for column in table.schema:
            number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
            kinds.setdefault(column.name, []).append(bool(number))
    return {name for name, flags in kinds.items() if all(flags)}


def _xlsx(content: bytes) -> Iterator[str]:
    from openpyxl import load_workbook

    book = load_workbook(BytesIO(content), read_only=True)
    for sheet in book.worksheets:
        yield sheet.title
        for row in sheet.iter_rows(values_only=True):
            yield "\n".join(cell for cell in row if isinstance(cell, str))
    book.close()
    with zipfile.ZipFile(BytesIO(content)) as packed:
        for info in packed.infolist():
            yield info.filename
            if info.filename.startswith(("docProps/", "xl/comments")):
                yield from _xml(packed.read(info))


def _zip(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        if sum(info.file_size for info in packed.infolist()) > MOST_UNPACKED:
            raise ValueError("too large")
        for info in packed.infolist():
            yield info.filename
            if not info.is_dir():
                yield from texts_of(packed.read(info), info.filename)


def _parquet(content: bytes) -> Iterator[str]:
    import pyarrow.parquet as pq

    table = pq.read_table(BytesIO(content))
    for key, value in (table.schema.metadata or {}).items():
        yield (key + b" " + value).decode("utf-8", "replace")
    for name in table.column_names:
        yield name
        for value in table[name].to_pylist():
            yield from _strings(value if isinstance(value, (str, list, dict)) else None)


def _image(content: bytes) -> Iterator[str]:
    """Yield what is written beside a picture: its comments, its EXIF and XMP."""
    from PIL import Image

    with Image.open(BytesIO(content)) as picture:
        picture.load()
        for key, value in picture.info.items():
            yield f"{key} {value.decode('utf-8', 'replace') if isinstance(value, bytes) else value}"
        for value in picture.getexif().values():
            yield value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _pdf(content: bytes) -> Iterator[str]:
    """Yield the plain parts of a PDF and of its packed streams; letters drawn by number are not read."""
    yield content.decode("latin-1")
    for stream in _STREAM.findall(content):
        try:
            yield zlib.decompressobj().decompress(stream, MOST_UNPACKED).decode("latin-1")
        except zlib.error:
            continue


READERS: Mapping[str, Callable[[bytes], Iterator[str]]] = {
    ".html": _html, ".htm": _html, ".ipynb": _json, ".json": _json, ".csv": _csv, ".txt": _plain, ".md": _plain,
    ".sha256": _plain, ".sig": _json, ".xlsx": _xlsx, ".docx": _zip, ".zip": _zip, ".rels": _xml, ".xml": _xml,
    ".graphml": _xml, ".gexf": _xml, ".svg": _xml, ".parquet": _parquet, ".pdf": _pdf,
    ".png": _image, ".jpg": _image, ".jpeg": _image, ".gif": _image, ".webp": _image,
}  # fmt: skip
"""What reads a file of each suffix."""
