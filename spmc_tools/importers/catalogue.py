"""All importers, and which one fits a file: exactly one, or an error that says why not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spmc_tools.errors import FormatError, ParameterError, quote
from spmc_tools.importers.declare import Sample
from spmc_tools.importers.mapped import MAPPED_TABLE
from spmc_tools.importers.read import CutShortError
from spmc_tools.importers.snscrape_jsonl import SNSCRAPE_JSONL
from spmc_tools.importers.tables import open_table
from spmc_tools.importers.values import json_row
from spmc_tools.importers.x_api_v2 import X_API_V2

if TYPE_CHECKING:
    from typing import Any

    from spmc_tools.importers.declare import Importer, Options
    from spmc_tools.importers.read import Source

__all__ = ["IMPORTERS", "choose", "importer", "sample_of"]

IMPORTERS: dict[str, Importer] = {one.name: one for one in (X_API_V2, SNSCRAPE_JSONL, MAPPED_TABLE)}
"""All importers by name."""

SAMPLE_ROWS = 20
"""Rows that recognition looks at."""

_SAMPLE_BYTES = 32 * 1024 * 1024
_FIELDS_SHOWN = 40
_LOOKED_AT = 64 * 1024
_TELEGRAM_DESKTOP = re.compile(
    r'\A\{(?=.*"messages"\s*:\s*\[).*?"type"\s*:\s*"(?:personal_chat|bot_chat|saved_messages|(?:private|public)_\w+)"'
    r'|\A\{.*?"chats"\s*:\s*\{.{0,2000}?"list"\s*:\s*\[',
    re.DOTALL,
)
_WHATSAPP = re.compile(
    r"\[?\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4},?\s\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[AaPp]\.?\s?[Mm]\.?)?(?:\]|\s[-–])\s"
)
_FORMS = {
    "json_lines": "one JSON object per line",
    "text_table": "a table as text",
    "xlsx": "an XLSX workbook",
    "parquet": "a Parquet file",
}


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
    if source.form != "json_lines":
        return Sample(source.form, () if options.mapping else open_table(source).header)
    rows: list[dict[str, Any]] = []
    looked = size = 0
    first_reason = ""
    try:
        for number, line, whole in source.lines():
            looked, size = looked + 1, size + len(line)
            found = json_row(line, whole)
            if isinstance(found, dict):
                rows.append(found)
            elif not first_reason:
                first_reason = f"line {number} is {found}"
            if looked >= SAMPLE_ROWS or size > _SAMPLE_BYTES:
                break
    except CutShortError:
        if not rows:
            raise
    if not rows:
        _require_not_foreign(source)
        raise FormatError(
            f"{source.name}: none of its first {looked:,} lines holds one whole JSON object ({first_reason}). "
            f"{_unknown(source.form)}"
        )
    return Sample(source.form, tuple(dict.fromkeys(key for row in rows for key in row)), tuple(rows))


def choose(source: Source, sample: Sample, options: Options, name: str | None) -> Importer:
    """Return the one importer that fits a file, or the one that was asked for.

    Parameters
    ----------
    source, sample : Source, Sample
        The file and its first rows.
    options : Options
        A mapping file asks for ``mapped_table``, for those files of a call that are tables.
    name : str or None
        What ``--format`` said.

    Raises
    ------
    FormatError
        Where none or more than one fits, or the one asked for cannot read this kind of file.
    """
    if options.mapping is not None and name is None and source.form in MAPPED_TABLE.forms:
        name = MAPPED_TABLE.name
    if name is not None:
        wanted = importer(name)
        if source.form not in wanted.forms:
            reads = " or ".join(_FORMS[form] for form in wanted.forms)
            raise FormatError(f"{source.name} is {_FORMS[source.form]}; the format {wanted.name} is {reads}.")
        return wanted
    fits = [one for one in IMPORTERS.values() if source.form in one.forms and one.recognises(sample)]
    if len(fits) == 1:
        return fits[0]
    seen = ", ".join(quote(name, 40) for name in sample.fields[:_FIELDS_SHOWN]) or "none"
    if fits:
        names = " and ".join(one.name for one in fits)
        raise FormatError(f"{source.name} fits {names}; say which with --format NAME (fields seen: {seen}).")
    _require_not_foreign(source)
    raise FormatError(
        f"{source.name} is {_FORMS[source.form]}, but of no format known here; fields seen: {seen}. "
        f"{_unknown(source.form)}"
    )


def _known() -> str:
    return ", ".join(f"{one.name} ({one.title})" for one in IMPORTERS.values())


def _unknown(form: str) -> str:
    """Return the last sentence for a file of no known format: which formats are known, and what can be done."""
    hint = "a table needs --map mapping.toml (docs/formats.md, Mapping file)"
    if form == "json_lines":
        hint = "JSON needs one object per line"
    return f"Its format is not known yet; known formats: {_known()}; {hint}."


def _require_not_foreign(source: Source) -> None:
    """Raise a FormatError where a file was made by a program whose exports are not read yet."""
    if looks_like := _looks_like(source):
        raise FormatError(
            f"{source.name} looks like {looks_like}. This format is not known yet; known formats: {_known()}."
        )


def _looks_like(source: Source) -> str | None:
    """Return what a file of a format that is not read yet was made by, told by its beginning."""
    if source.form not in {"json_lines", "text_table"}:
        return None
    try:
        with source.text() as stream:
            start = stream.read(_LOOKED_AT).lstrip("\ufeff\u200e\u200f\r\n ")
    except (CutShortError, UnicodeError):
        return None
    if _TELEGRAM_DESKTOP.search(start):
        return "an export of Telegram Desktop (JSON)"
    return "a chat exported by WhatsApp (text)" if _WHATSAPP.match(start) else None
