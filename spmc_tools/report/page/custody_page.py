"""The custody log as a page that can be read and printed; the JSON lines beside it are what is recomputed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.case.store.case import Case

__all__ = ["custody_page"]

_LONG = 300


def custody_page(case: Case, rows: Sequence[Mapping[str, Any]], language: str = "both") -> str:
    """Return the log as one HTML file.

    Parameters
    ----------
    case : Case
        Whose log.
    rows : sequence of mapping
        Entries with ``payload`` read from its JSON.
    language : {"en", "hi", "both"}
        Of everything but the log itself.
    """
    from spmc_tools.report.page.render import bare_page

    shown = [
        {**{key: row[key] for key in ("seq", "at", "officer", "kind", "hash")}, "facts": _facts(row["payload"])}
        for row in rows
    ]
    head = str(rows[-1]["hash"]) if rows else ""
    values = {"case": case.id, "title": case.settings.title, "rows": shown, "head": head, "n": len(shown)}
    return bare_page("custody.html.j2", values, language, heading="custody.title")


def _facts(payload: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Return what an entry holds as names and texts; lists and what is long are cut, the JSON lines hold them whole."""
    found: list[tuple[str, str]] = []
    for key, value in payload.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            found += _facts(value, f"{name}.")
        elif value is not None:
            text = str(value)
            found.append((name, text if len(text) <= _LONG else f"{text[:_LONG]}…"))
    return found
