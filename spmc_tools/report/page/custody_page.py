"""The custody log as a page that can be read and printed: what was done when and by whom, in sentences.

The JSON lines beside it are what is recomputed; every other fact of an entry is folded under its sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.case.store.case import Case
    from spmc_tools.report.words.wording import Wording

__all__ = ["SENTENCES", "custody_page"]

_LONG, _SAID = 300, 120

SENTENCES: dict[str, tuple[str, ...]] = {
    "account_list": ("reason",), "anchor_failed": ("reason",), "backup": ("file",),
    "cites_withdrawn": ("run_id", "cited"),
    "collect": ("target",), "collect_answer": (), "collect_request": ("url",), "collected": (), "created": (),
    "disposal": ("reason",), "export": ("file",), "handover": ("to",),
    "import": ("source_name", "read", "kept", "duplicates", "refused"), "import_repeated": (), "index": (),
    "investigate": (), "job_failed": ("job",), "kept_tables": (),
    "key_revoked": ("fingerprint", "reason"), "law_check_withdrawn": ("act", "section", "reason"),
    "law_checked": ("by", "checked_on", "act", "section"), "leak_check": ("run_id",),
    "line_up": ("group", "run_id"), "line_up_answer": ("group", "run_id", "chose", "finding"),
    "log_time_stamp": ("length", "stamped_at"),
    "mark": ("mark", "reason"), "mark_redone": (), "mark_undone": (),
    "officer_key": ("officer", "fingerprint"), "pack": ("run_id", "file"),
    "pattern_decision": ("by", "decision", "reason"),
    "report": ("run_id",), "restored": (), "review": ("reviewer", "run_id"), "run_disposed": ("run_id", "reason"),
    "search": ("words",), "set_aside": ("batch", "reason"), "set_aside_undone": ("batch",),
    "settings_changed": ("reason",), "time_stamp": ("run_id",), "verify": (), "watch_decision": ("decision", "reason"),
    "watch_term": ("term", "reason"), "watch_term_removed": ("term",), "withdrawn": ("run_id", "reason"),
}  # fmt: skip
"""Every kind of entry, and the facts of the entry that stand in its sentence."""


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
    from spmc_tools.report.words.wording import Wording

    words = Wording(language or case.settings.language)
    shown = [
        {
            **{key: row[key] for key in ("seq", "at", "officer", "kind", "hash")},
            "facts": _facts(row["payload"]),
            "said": _said(str(row["kind"]), row["payload"], words),
        }
        for row in rows
    ]
    head = str(rows[-1]["hash"]) if rows else ""
    values = {"case": case.id, "title": case.settings.title, "rows": shown, "head": head, "n": len(shown)}
    clocks = [row["payload"].get("clock") for row in rows]
    values["unsynchronised"] = sum(isinstance(one, dict) and one.get("synchronised") is False for one in clocks)
    return bare_page("custody.html.j2", values, words.language, heading="custody.title")


def _said(kind: str, payload: Mapping[str, Any], words: Wording) -> dict[str, Any] | None:
    """Return the facts that the sentence of an entry names; None where its kind is one of another version."""
    from spmc_tools.report.page.drawing import shown

    if kind not in SENTENCES:
        return None
    values = {name: payload.get(name) for name in SENTENCES[kind]}
    values |= _words_of(kind, payload, words)
    return {
        name: value if isinstance(value, int) else shown("–" if value in {None, ""} else value, _SAID)
        for name, value in values.items()
    }


def _words_of(kind: str, payload: Mapping[str, Any], words: Wording) -> dict[str, str]:
    """Return the facts of an entry that are words of this program, or a day, as the page says them."""
    from spmc_tools.case.acts.marks import MARKS
    from spmc_tools.case.acts.pattern_decisions import DECIDED
    from spmc_tools.case.acts.pattern_decisions import DECISIONS as OF_PATTERNS
    from spmc_tools.desks.watch.watch_terms import DECISIONS

    if kind == "mark" and payload.get("mark") in MARKS:
        return {"mark": words.say(f"explore.mark.{payload['mark']}").plain()}
    if kind == "watch_decision" and payload.get("decision") in DECISIONS:
        return {"decision": words.say(f"watch.decision.{payload['decision']}").plain()}
    if kind == DECIDED and payload.get("decision") in OF_PATTERNS:
        return {"decision": words.say(f"custody.pattern.{payload['decision']}").plain()}
    if kind == "law_checked" and isinstance(payload.get("checked_on"), str):
        return {"checked_on": words.day(payload["checked_on"]).plain()}
    return {}


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
