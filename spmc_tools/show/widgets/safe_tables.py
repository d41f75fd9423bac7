"""Tables in JupyterLab: every cell is escaped, and what is invisible is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from spmc_tools.errors import quote
from spmc_tools.resources import resource

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["keeps_its_page", "rendered", "table_html", "text_html"]

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
