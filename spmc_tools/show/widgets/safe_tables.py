"""Tables in JupyterLab: every cell is escaped, and what is invisible is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from spmc_tools.errors import quote
from spmc_tools.resources import resource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["first_rows", "keeps_its_page", "rendered", "table_html", "text_html"]

CELL = 120
COLUMNS = 24


def rendered(name: str, **values: object) -> str:
    """Return one of the templates for JupyterLab with its values filled in, each escaped."""
    environment = Environment(
        loader=FileSystemLoader(resource("templates", "widgets")), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template(name).render(**values)


def table_html(header: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    """Return a table as HTML: at most 24 columns, each cell cut at 120 characters; None is an empty cell."""
    return rendered(
        "table.html.j2",
        header=[_cell(name) for name in header[:COLUMNS]],
        rows=[[_cell(cell) for cell in row[:COLUMNS]] for row in rows],
    )


def _cell(value: object) -> str:
    return "" if value is None else quote(value, CELL)[1:-1]


def text_html(text: str, code: bool = False) -> str:
    """Return lines of text as HTML, line by line as they are; code in letters of one width."""
    return rendered("text.html.j2", text="\n".join(quote(line, 2000)[1:-1] for line in text.splitlines()), code=code)


def keeps_its_page() -> dict[str, Any]:
    """Return options with which a grid of ``itables`` keeps its page, order and search where its rows come anew.

    They are kept on the table of the page, so that they end with it and no grid takes over those of another.
    """
    from itables import JavascriptFunction

    return {
        "warn_on_undocumented_option": False,  # DataTables knows the two callbacks, the list of itables does not
        "stateSave": True,
        "stateDuration": 0,
        "stateSaveCallback": JavascriptFunction(
            "function (settings, { time, start, length, order, search }) "
            "{ settings.nTable.kept = { time, start, length, order, search } }"
        ),
        "stateLoadCallback": JavascriptFunction("function (settings) { return settings.nTable.kept || null }"),
    }


def first_rows(path: Path, n: int = 5) -> tuple[list[str], list[list[object]]]:
    """Return the column names (or keys) and the first rows of a received file.

    Raises
    ------
    InputError
        Where the file cannot be read.
    """
    from spmc_tools.importers.engine.importer import Options
    from spmc_tools.importers.files.read import JSON_FORMS, Source
    from spmc_tools.importers.files.table_files import open_table
    from spmc_tools.importers.importer_catalogue import sample_of
    from spmc_tools.importers.mapping.same_names import numbered

    with Source(path) as source:
        if source.form.startswith("chat_"):
            with source.text() as stream:
                return ["line"], [[line.strip()] for line, _ in zip(stream, range(n), strict=False)]
        if source.form in JSON_FORMS:
            sample = sample_of(source, Options())
            return list(sample.fields), [[row.get(key) for key in sample.fields] for row in sample.rows[:n]]
        table = open_table(source)
        piece = next(iter(table.pieces()), None)
        columns = [] if piece is None else [list(piece.columns[i][:n]) for i in sorted(piece.columns)]
        return list(numbered(table.header)), [list(row) for row in zip(*columns, strict=False)]
