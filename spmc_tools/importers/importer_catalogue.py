"""All importers, and which one fits a file: exactly one, or an error that says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.errors import FormatError, ParameterError, quote
from spmc_tools.importers.engine.importer import Sample
from spmc_tools.importers.fields.values import json_rows
from spmc_tools.importers.files.other_files import OtherFileError
from spmc_tools.importers.files.read import FORMS, JSON_FORMS
from spmc_tools.importers.files.table_files import open_table
from spmc_tools.importers.files.unpack import CutShortError
from spmc_tools.importers.formats.chats.signal_json import SIGNAL
from spmc_tools.importers.formats.chats.telegram_channels import TELEGRAM_CHANNEL
from spmc_tools.importers.formats.chats.telegram_html import TELEGRAM_HTML
from spmc_tools.importers.formats.chats.telegram_json import TELEGRAM_DESKTOP, TELETHON_JSONL
from spmc_tools.importers.formats.chats.whatsapp import WHATSAPP
from spmc_tools.importers.formats.desk.desk_sheets import DESK_SHEET, names_a_desk
from spmc_tools.importers.formats.desk.page_analytics import PAGE_ANALYTICS
from spmc_tools.importers.formats.platforms.bluesky import BLUESKY
from spmc_tools.importers.formats.platforms.bluesky_tables import BLUESKY_HASHED, MINET_BLUESKY, MINET_BLUESKY_PROFILES
from spmc_tools.importers.formats.platforms.crowdtangle_api import CROWDTANGLE_API
from spmc_tools.importers.formats.platforms.facebook_tables import (
    CROWDTANGLE_CSV,
    CROWDTANGLE_PAGES,
    META_CONTENT_LIBRARY,
)
from spmc_tools.importers.formats.platforms.instaloader import INSTALOADER
from spmc_tools.importers.formats.platforms.mastodon import MASTODON
from spmc_tools.importers.formats.platforms.mastodon_archive import MASTODON_ARCHIVE
from spmc_tools.importers.formats.platforms.own_downloads import META_DOWNLOAD, TIKTOK_DOWNLOAD
from spmc_tools.importers.formats.platforms.reddit import REDDIT
from spmc_tools.importers.formats.platforms.tiktok import TIKTOK_RESEARCH_API
from spmc_tools.importers.formats.platforms.video_tables import (
    TIKTOK_TABLE,
    YOUTUBE_COMMENTS,
    YOUTUBE_DATA_TOOLS,
    YOUTUBE_DATA_TOOLS_VIDEOS,
)
from spmc_tools.importers.formats.platforms.youtube_api import YOUTUBE_API, YOUTUBE_COMMENT_DOWNLOADER
from spmc_tools.importers.formats.tools.facepager import FACEPAGER
from spmc_tools.importers.formats.tools.fourcat import FOURCAT_CSV
from spmc_tools.importers.formats.tools.listening_tables import BRANDWATCH, MELTWATER, SPRINKLR, TALKWALKER
from spmc_tools.importers.formats.tools.scraped_tables import APIFY_FACEBOOK, APIFY_INSTAGRAM, COORDINATION_TOOLKIT
from spmc_tools.importers.formats.tools.sharechat import SHARECHAT
from spmc_tools.importers.formats.tools.zeeschuimer import ZEESCHUIMER
from spmc_tools.importers.formats.x.snscrape_jsonl import SNSCRAPE_JSONL
from spmc_tools.importers.formats.x.x_api_v1 import X_API_V1
from spmc_tools.importers.formats.x.x_api_v2 import X_API_V2
from spmc_tools.importers.formats.x.x_archive import X_ARCHIVE
from spmc_tools.importers.formats.x.x_sheets import NODEXL, TAGS
from spmc_tools.importers.formats.x.x_tables import (
    GAZOUILLOIRE_JSONL,
    MINET_X,
    TWARC_CSV,
    TWINT,
    TWITTER_R,
    X_INFORMATION_OPERATIONS,
)
from spmc_tools.importers.mapping.mapped_table import MAPPED_TABLE

if TYPE_CHECKING:
    from typing import Any

    from spmc_tools.importers.engine.importer import Importer, Options
    from spmc_tools.importers.files.read import Source

__all__ = ["IMPORTERS", "choose", "importer", "sample_of"]

IMPORTERS: dict[str, Importer] = {
    entry.name: entry
    for entry in (
        X_API_V2, X_API_V1, X_ARCHIVE, TWARC_CSV, TWINT, MINET_X, GAZOUILLOIRE_JSONL, X_INFORMATION_OPERATIONS,
        TWITTER_R, SNSCRAPE_JSONL, BLUESKY, MINET_BLUESKY, MINET_BLUESKY_PROFILES, BLUESKY_HASHED, MASTODON, REDDIT,
        TELEGRAM_DESKTOP, TELEGRAM_HTML, TELETHON_JSONL, TELEGRAM_CHANNEL, WHATSAPP, CROWDTANGLE_CSV,
        CROWDTANGLE_PAGES, CROWDTANGLE_API, META_CONTENT_LIBRARY, TIKTOK_RESEARCH_API, TIKTOK_TABLE, YOUTUBE_COMMENTS,
        YOUTUBE_DATA_TOOLS, YOUTUBE_DATA_TOOLS_VIDEOS, YOUTUBE_API, YOUTUBE_COMMENT_DOWNLOADER, META_DOWNLOAD,
        TIKTOK_DOWNLOAD, MASTODON_ARCHIVE, APIFY_INSTAGRAM, APIFY_FACEBOOK, COORDINATION_TOOLKIT, BRANDWATCH, MELTWATER,
        FOURCAT_CSV, ZEESCHUIMER, DESK_SHEET, TAGS, NODEXL, INSTALOADER,
        FACEPAGER, TALKWALKER, SPRINKLR, SIGNAL, SHARECHAT,
        PAGE_ANALYTICS, MAPPED_TABLE,
    )
}  # fmt: skip
"""All importers by name; the mapped table is asked last, since any table fits it."""

SAMPLE_ROWS = 20
"""Rows that recognition looks at."""

_SAMPLE_BYTES = 32 * 1024 * 1024
_FIELDS_SHOWN = 40


def importer(name: str) -> Importer:
    """Return the importer of a name.

    Raises
    ------
    ParameterError
        Where there is none; the message lists the known ones.
    """
    if name not in IMPORTERS:
        raise ParameterError(f"There is no format {quote(name)}; known formats: {', '.join(IMPORTERS)}.")
    return IMPORTERS[name]


def sample_of(source: Source, options: Options) -> Sample:
    """Return the first rows of a file, read once.

    Raises
    ------
    FormatError
        Where no row can be read.
    """
    if source.form.startswith("chat_"):
        return Sample(source.form, ())
    if source.form not in JSON_FORMS:
        return Sample(source.form, () if options.mapping else open_table(source).header)
    source.settle_encoding()
    rows: list[dict[str, Any]] = []
    looked = size = 0
    first_reason = ""
    unit = "line" if source.form == "json_lines" else "element"
    try:
        for number, line, whole in source.values():
            looked, size = looked + 1, size + len(line)
            found = json_rows(line, whole)
            if not isinstance(found, str):
                rows += found[:SAMPLE_ROWS]
            elif not first_reason:
                first_reason = f"{unit} {number} is {found}"
            if looked >= SAMPLE_ROWS or size > _SAMPLE_BYTES:
                break
    except CutShortError:
        if not rows:
            raise
    if not rows:
        raise OtherFileError(source.name, "broken_json", reason=first_reason)
    return Sample(source.form, tuple(dict.fromkeys(key for row in rows for key in row)), tuple(rows))


def choose(source: Source, sample: Sample, options: Options, name: str | None) -> Importer:
    """Return the one importer that fits a file, or the one that was asked for.

    Parameters
    ----------
    source, sample : Source, Sample
        The file and its first rows.
    options : Options
        A mapping file asks for ``mapped_table``, for those files of a call that are tables, and for JSON that nothing
        else fits.
    name : str or None
        What ``--format`` said.

    Raises
    ------
    FormatError
        Where none or more than one fits, or the one asked for cannot read this kind of file.
    """
    is_table = source.form in MAPPED_TABLE.forms and source.form not in JSON_FORMS
    if options.mapping is not None and name is None and is_table:
        name = DESK_SHEET.name if names_a_desk(options.mapping) else MAPPED_TABLE.name
    if name is not None:
        wanted = importer(name)
        if source.form not in wanted.forms:
            reads = " or ".join(FORMS[form] for form in wanted.forms)
            raise FormatError(f"{source.name} is {FORMS[source.form]}; the format {wanted.name} is {reads}.")
        return wanted
    reading = [candidate for candidate in IMPORTERS.values() if source.form in candidate.forms]
    fits = [candidate for candidate in reading if candidate is not MAPPED_TABLE and candidate.recognises(sample)]
    fits = fits or [
        candidate
        for candidate in reading
        if candidate.recognises(sample) or (options.mapping and candidate is MAPPED_TABLE)
    ]
    if len(fits) == 1:
        return fits[0]
    seen = ", ".join(quote(name, 40) for name in sample.fields[:_FIELDS_SHOWN]) or "none"
    if fits:
        names = " and ".join(candidate.name for candidate in fits)
        raise FormatError(f"{source.name} fits {names}; say which with --format NAME (fields seen: {seen}).")
    raise FormatError(
        f"{source.name} is {FORMS[source.form]}, but of no format known here (fields seen: {seen}), wanted one of the "
        f"{len(IMPORTERS)} of docs/reference/formats.md: type {_what_to_type(source.form)}."
    )


def _what_to_type(form: str) -> str:
    """Return the options that read a file of no known format."""
    if form in JSON_FORMS:
        return "--map mapping.toml, a mapping of its fields"
    return "--map mapping.toml, a mapping of its columns, or --format mapped_table for a proposal"
