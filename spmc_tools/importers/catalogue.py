"""All importers, and which one fits a file: exactly one, or an error that says why not."""

from __future__ import annotations

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
        raise FormatError(
            f"{source.name}: none of its first {looked:,} lines holds one whole JSON object ({first_reason}); "
            "known formats have one object per line, this is perhaps one document over many lines."
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
    raise FormatError(
        f"{source.name} is {_FORMS[source.form]}, but of no format known here; fields seen: {seen}; "
        f"known formats: {', '.join(IMPORTERS)}; a table needs --map mapping.toml (docs/formats.md, Mapping file)."
    )
