"""What platforms export about a page of one's own: X content and overview, Facebook, Instagram, YouTube Studio.

One row of such a file holds several figures of a post (or of a page on a day); each becomes a row of ``post_metrics``
(or ``page_metrics``). Headers are matched whatever their case, blanks and punctuation, in English and in Hindi; a blank
or ``<10`` is a figure that the platform hides: null, and counted. A row of totals is no post and is left out, counted
as
refused. What a platform calls *views* since late 2024 it called *impressions* before: these are two metrics here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import FormatError
from spmc_tools.importers.engine.importer import Chunk, Family, Field, Importer, LeftOut, Plan
from spmc_tools.importers.fields.amounts import amount
from spmc_tools.importers.fields.rows import Refusal
from spmc_tools.importers.fields.times import Survey, TimeRule, read_time, zone_of
from spmc_tools.importers.files.cells import cell_id, cell_text, not_utf8, remembering
from spmc_tools.importers.files.read import JSON_FORMS
from spmc_tools.importers.files.table_files import TABLE_FORMS, open_table
from spmc_tools.importers.mapping.table_rows import raw_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spmc_tools.importers.engine.importer import Options, Sample
    from spmc_tools.importers.files.pieces import Piece, Table
    from spmc_tools.importers.files.read import Source

__all__ = ["EXPORTS", "OWN", "PAGE_ANALYTICS", "Export", "export_of", "header_key"]

OWN = "own"
"""Page of an export that does not name it."""

DAY_US = 86_400_000_000
HIDDEN = ("", "-", "–", "—", "n/a", "na", "null", "none", "hidden", "उपलब्ध नहीं")
TOTALS = ("total", "totals", "कुल", "कुल योग", "योग")


@dataclass(frozen=True, slots=True)
class Export:
    """One export: the headers that tell it, which header is what, which are figures; all as :func:`header_key`.

    ``post`` is None where a row is a day of a page. ``figures`` are metric, unit and headers, the first filled counts.
    """

    name: str
    platform: str
    tells: tuple[tuple[str, ...], ...]
    time: tuple[str, ...]
    figures: tuple[tuple[str, str, tuple[str, ...]], ...]
    post: tuple[str, ...] | None = None
    page: tuple[str, ...] = ()
    link: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    form: tuple[str, ...] = ()


_IMPRESSIONS = ("impressions", "इंप्रेशन", "इम्प्रेशन", "इंप्रेशंस")
_VIEWS = ("views", "व्यू", "व्यूज", "देखे जाने की संख्या")
_REACH = ("reach", "पहुँच", "पहुंच", "रीच")
_LIKES = ("likes", "पसंद", "लाइक")
_SHARES = ("shares", "शेयर")
_COMMENTS = ("comments", "टिप्पणियाँ", "टिप्पणियां", "कमेंट")
_DATE = ("date", "तारीख", "दिनांक")
_PUBLISHED = ("publish time", "प्रकाशन का समय", "प्रकाशित करने का समय")
_POST = ("post id", "पोस्ट id", "पोस्ट आईडी")
_TYPE = ("post type", "पोस्ट का प्रकार", "पोस्ट प्रकार")
_X = (
    ("impressions", "views", _IMPRESSIONS),
    ("engagements", "actions", ("engagements", "एंगेजमेंट", "सहभागिता")),
    ("likes", "actions", _LIKES),
    ("replies", "actions", ("replies", "जवाब")),
    ("reposts", "actions", ("reposts", "retweets", "रीपोस्ट")),
    ("shares", "actions", _SHARES),
    ("bookmarks", "actions", ("bookmarks", "बुकमार्क")),
    ("follows", "accounts", ("new follows", "नए फॉलो")),
)

EXPORTS = (
    Export(
        "x_content", "x", (_POST, _DATE, _IMPRESSIONS, ("post link", "पोस्ट लिंक")), _DATE,
        (*_X, ("link_clicks", "actions", ("url clicks",))), post=_POST, link=("post link", "पोस्ट लिंक"),
    ),
    Export(
        "x_overview", "x", (_DATE, _IMPRESSIONS, ("unfollows", "अनफॉलो")), _DATE,
        (*_X, ("unfollows", "accounts", ("unfollows", "अनफॉलो")), ("profile_visits", "visits", ("profile visits",)),
         ("video_views", "views", ("video views",))),
    ),
    Export(
        "facebook_posts", "facebook", (_POST, ("page id", "पेज id", "पेज आईडी"), _PUBLISHED), _PUBLISHED,
        (
            ("impressions", "views", _IMPRESSIONS), ("views", "views", _VIEWS), ("reach", "accounts", _REACH),
            ("interactions", "actions", ("reactions comments and shares", "प्रतिक्रियाएँ टिप्पणियाँ और शेयर")),
            ("reactions", "actions", ("reactions", "प्रतिक्रियाएँ", "प्रतिक्रियाएं")), ("comments", "actions", _COMMENTS),
            ("shares", "actions", _SHARES), ("link_clicks", "actions", ("link clicks",)),
            ("seconds_viewed", "seconds", ("seconds viewed",)),
        ),
        post=_POST, page=("page name", "पेज का नाम", "page id"), language=("languages", "भाषाएँ"), form=_TYPE,
    ),
    Export(
        "instagram_posts", "instagram", (_POST, ("account username", "खाते का यूज़रनेम"), _PUBLISHED), _PUBLISHED,
        (
            ("impressions", "views", _IMPRESSIONS), ("views", "views", _VIEWS), ("reach", "accounts", _REACH),
            ("likes", "actions", _LIKES), ("comments", "actions", _COMMENTS), ("shares", "actions", _SHARES),
            ("saves", "actions", ("saves", "सेव")), ("follows", "accounts", ("follows", "फॉलो")),
        ),
        post=_POST, page=("account username", "खाते का यूज़रनेम"), form=_TYPE,
    ),
    Export(
        "youtube_videos", "youtube",
        (("content", "सामग्री", "कॉन्टेंट"), ("video title", "वीडियो का शीर्षक", "वीडियो का टाइटल"), _VIEWS),
        ("video publish time", "वीडियो पब्लिश होने का समय"),
        (
            ("views", "views", _VIEWS), ("watch_hours", "hours", ("watch time hours", "वीडियो देखने का समय घंटे")),
            ("follows", "accounts", ("subscribers", "सदस्य")), ("likes", "actions", _LIKES),
            ("comments", "actions", ("comments added", "comments")), ("shares", "actions", _SHARES),
            ("thumbnail_impressions", "views", ("impressions", "thumbnail impressions", "थंबनेल इंप्रेशन")),
        ),
        post=("content", "सामग्री", "कॉन्टेंट"),
    ),
)  # fmt: skip
"""The exports that are known; exactly one may fit."""


def header_key(header: str) -> str:
    """Return a header for comparison: composed, small letters, one blank for punctuation and blanks, no BOM."""
    text = unicodedata.normalize("NFC", header.replace("\ufeff", "")).casefold()
    return re.sub(r"(?:[^\w\u0900-\u097f]|_)+", " ", text).strip()


def export_of(fields: Sequence[str]) -> Export | None:
    """Return the export whose telling headers are all there; None where none fits, or two do."""
    seen = {header_key(field) for field in fields}
    fits = [export for export in EXPORTS if all(seen & {header_key(name) for name in names} for names in export.tells)]
    return fits[0] if len(fits) == 1 else None


def _places(header: Sequence[str], names: Sequence[str]) -> list[int]:
    wanted = [header_key(name) for name in names]
    keys = [header_key(name) for name in header]
    return [keys.index(name) for name in wanted if name in keys]


def _plan(source: Source, sample: Sample, options: Options) -> Plan:
    """Settle which export it is and how its times are read; a time without a zone needs ``--tz``."""
    table = open_table(source, fields=list(sample.fields) if source.form in JSON_FORMS else [])
    export = export_of(table.header)
    if export is None:
        known_exports = "; ".join(
            f"{known_export.name}: {', '.join(names[0] for names in known_export.tells)}" for known_export in EXPORTS
        )
        raise FormatError(
            f"{source.name} has not the headers of an export of page statistics that is known ({known_exports})."
        )
    rule, latest = _times(source, table, export, options)
    notes = [*table.notes]

    def chunks() -> Iterator[Chunk]:
        reader = _Reader(table, export, rule, latest)
        for piece in table.pieces():
            yield reader.chunk(piece)
        notes.extend(note for note in [*table.notes, *reader.remarks()] if note not in notes)

    return Plan(chunks, notes, {"export": export.name, **({"tz": options.tz} if options.tz else {})})


def _times(source: Source, table: Table, export: Export, options: Options) -> tuple[TimeRule, int | None]:
    """Return how the column of times is read, and the latest time in it, in µs."""
    places = _places(table.header, export.time)
    if not places:
        return TimeRule(), None
    survey, cells = Survey(table.header[places[0]]), []
    for piece in table.pieces(places[:1]):
        found = [None if _hidden(cell) else cell for cell in piece.columns[places[0]]]
        survey.add(found)
        cells.append(set(found) if piece.all_text else found)
    zone = zone_of(options.tz) if options.tz else None
    rule = survey.decide(zone, order=options.date_order, unit=None, where=f"{source.name}, ")
    read = (read_time(cell, rule) for part in cells for cell in part if cell is not None)
    return rule, max((found[0] for found in read if isinstance(found, tuple)), default=None)


def _hidden(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and cell.strip().casefold() in HIDDEN)


class _Reader:
    """Turns pieces of one export into rows of figures; counts what the platform hides."""

    def __init__(self, table: Table, export: Export, rule: TimeRule, latest: int | None) -> None:
        self._export, self._latest = export, latest
        self._is_post = export.post is not None
        at = {name: _places(table.header, getattr(export, name) or ()) for name in _ROLES}
        self._at = {name: places[0] for name, places in at.items() if places}
        figures = [(metric, unit, _places(table.header, names)) for metric, unit, names in export.figures]
        self._figures = [(metric, unit, places[0]) for metric, unit, places in figures if places]
        self._moment = remembering(lambda cell: _moment(cell, rule))
        self._amount = remembering(amount)
        self._hidden: Counter[str] = Counter()

    def remarks(self) -> list[str]:
        """Say of how many posts or days the platform hides a figure."""
        what = "posts" if self._is_post else "days"
        return [f"{n:,} {what} without {metric}: blank or hidden, left empty" for metric, n in self._hidden.items()]

    def chunk(self, piece: Piece) -> Chunk:
        """Return a piece as rows of figures; each good row of the file gives at least one."""
        bad, rows = not_utf8(piece.columns.values()), []
        refused = dict.fromkeys(bad, "the row holds bytes that are not UTF-8")
        for i in range(len(piece.numbers)):
            if i in bad:
                continue
            common = self._common(piece, i)
            if isinstance(common, str):
                refused[i] = common
                continue
            common["source_row"] = piece.numbers[i]
            rows += self._of_row(piece, i, common)
        name = "post_metrics" if self._is_post else "page_metrics"
        left = [Refusal(piece.numbers[i], refused[i], raw_row(piece, i)) for i in sorted(refused)]
        return Chunk(read=piece.read, refused=[*piece.refused, *left], desk={name: rows})

    def _cell(self, piece: Piece, i: int, role: str) -> Any:
        return piece.columns[self._at[role]][i] if role in self._at else None

    def _common(self, piece: Piece, i: int) -> dict[str, Any] | str:
        """Return what all figures of a row share, or why it is refused."""
        first = next((cell for _, cell in sorted((p, c[i]) for p, c in piece.columns.items() if p < 2)), None)
        if isinstance(first, str) and header_key(first) in TOTALS:
            return "a row of totals, no post or day of its own"
        cell = self._cell(piece, i, "time")
        moment = None if _hidden(cell) else self._moment(cell)
        row: dict[str, Any] = {"platform": self._export.platform}
        if not self._is_post:
            if moment is None:
                return "the row has no day that can be read"
            return {**row, "page": OWN, "day": moment, "days": 1}
        row["record_id"] = cell_id(self._cell(piece, i, "post"))
        if row["record_id"] is None:
            return "the row has no id of a post that is exact"
        link = cell_text(self._cell(piece, i, "link"))
        named = re.search(r"^https?://(?:www\.)?(?:x|twitter)\.com/(\w{1,30})/status/", link or "")
        row["page"] = named[1] if named else cell_text(self._cell(piece, i, "page")) or OWN
        form, language = cell_text(self._cell(piece, i, "form")), cell_text(self._cell(piece, i, "language"))
        row |= {"form": form.strip().casefold() if form else None, "language": language}
        return {**row, "posted_at": moment, "observed_at": self._latest}

    def _of_row(self, piece: Piece, i: int, common: dict[str, Any]) -> list[dict[str, Any]]:
        made = []
        for metric, unit, place in self._figures:
            value = self._amount(piece.columns[place][i])
            if value is None or value < 0:
                value = None
                self._hidden[metric] += 1
            made.append({**common, "metric": metric, "unit": unit, "value": value})
        return made


_ROLES = ("post", "time", "page", "link", "language", "form")


def _moment(cell: Any, rule: TimeRule) -> int | None:
    found = read_time(cell, rule)
    return found[0] if isinstance(found, tuple) else None


PAGE_ANALYTICS = Importer(
    name="page_analytics",
    title="statistics of one's own pages: X content and overview, Facebook, Instagram, YouTube Studio",
    forms=TABLE_FORMS,
    recognised_by="the headers of one of these exports, in English or Hindi: "
    + "; ".join(f"{export.name}: {', '.join(names[0] for names in export.tells)}" for export in EXPORTS),
    recognises=lambda sample: export_of(sample.fields) is not None, plan=_plan, options=("--tz", "--date-order"),
    family=Family(
        zone="as --tz says: these exports name no zone", precision="a day or a minute, as the export writes it",
        documentation="docs/howto/desks.md", licence="none named: exports of the page's owner",
    ),
    fields=(
        Field("post id, content", "post_metrics", "record_id"),
        Field("page name, account username, page id; the name in post link", "post_metrics", "page; else own"),
        Field("date, publish time", "post_metrics", "posted_at; observed_at: the latest of the file"),
        Field("languages; post type", "post_metrics", "language, form"),
        Field("date", "page_metrics", "day, days; page: own"),
        *(
            Field(names[0], "post_metrics" if export.post else "page_metrics", f"{export.name}: {metric}, in {unit}")
            for export in EXPORTS
            for metric, unit, names in export.figures
        ),
    ),
    left_out=(
        LeftOut("texts, titles and descriptions", "the desk that measures reads figures alone"),
        LeftOut("click-through rate, average view duration", "means of means cannot be added up again"),
    ),
)  # fmt: skip
