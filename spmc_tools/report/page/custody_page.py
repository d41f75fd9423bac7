"""The custody log as a page that can be read and printed: what was done when and by whom, in sentences.

The JSON lines beside it are what is recomputed; every other fact of an entry is folded under its sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.case.store.case import Case

__all__ = ["SENTENCES", "custody_page"]

_LONG, _SAID = 300, 120

SENTENCES: dict[str, tuple[str, ...]] = {
    "account_list": ("reason",), "backup": ("file",), "cites_withdrawn": ("run_id", "cited"),
    "collect": ("target",), "collect_answer": (), "collect_request": ("url",), "collected": (), "created": (),
    "disposal": ("reason",), "export": ("file",), "handover": ("to",),
    "import": ("source_name", "read", "kept", "duplicates", "refused"), "import_repeated": (), "index": (),
    "investigate": (), "job_failed": ("job",), "kept_tables": (), "leak_check": ("run_id",),
    "line_up": ("group", "run_id"), "line_up_answer": ("group", "run_id", "chose", "finding"),
    "log_time_stamp": ("length", "stamped_at"),
    "mark": ("mark", "reason"), "mark_redone": (), "mark_undone": (), "pack": ("run_id", "file"),
    "report": ("run_id",), "restored": (), "review": ("reviewer", "run_id"), "run_disposed": ("run_id", "reason"),
    "search": ("words",), "set_aside": ("batch", "reason"), "set_aside_undone": ("batch",),
    "settings_changed": ("reason",), "time_stamp": ("run_id",), "verify": (), "watch_decision": ("decision", "reason"),
    "watch_term": ("term", "reason"), "watch_term_removed": ("term",), "withdrawn": ("run_id", "reason"),
}  # fmt: skip
"""Kinds of entries that have a sentence, and the facts of the entry that stand in it."""


def custody_page(case: Case, rows: Sequence[Mapping[str, Any]], language: str | None = None) -> str:
    """Return the log as one HTML file.

    Parameters
    ----------
    case : Case
        Whose log.
    rows : sequence of mapping
        Entries with ``payload`` read from its JSON.
    language : {"en", "hi"}, optional
        Of everything but the log itself; None: that of the case.
    """
    from spmc_tools.report.page.render import bare_page

    shown = [
        {
            **{key: row[key] for key in ("seq", "at", "officer", "kind", "hash")},
            "facts": _facts(row["payload"]),
            "said": _said(str(row["kind"]), row["payload"]),
        }
        for row in rows
    ]
    head = str(rows[-1]["hash"]) if rows else ""
    values = {"case": case.id, "title": case.settings.title, "rows": shown, "head": head, "n": len(shown)}
    clocks = [row["payload"].get("clock") for row in rows]
    values["unsynchronised"] = sum(isinstance(one, dict) and one.get("synchronised") is False for one in clocks)
    return bare_page("custody.html.j2", values, language or case.settings.language, heading="custody.title")


def _said(kind: str, payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the facts that the sentence of an entry names; None where its kind has no sentence."""
    from spmc_tools.report.page.drawing import shown

    if kind not in SENTENCES:
        return None
    values = {name: payload.get(name) for name in SENTENCES[kind]}
    return {
        name: value if isinstance(value, int) else shown("–" if value in {None, ""} else value, _SAID)
        for name, value in values.items()
    }


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
