"""``reports/index.html``: every report of a case, newest first, with its status, what it found and what changed.

The list is written anew after each run from the custody log and the manifests; its hash stands in the log, so that
``spmc verify`` sees a list that somebody else wrote.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.review_entries import reviews_of, withdrawn
from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.case.files.officer_names import name_key
from spmc_tools.report.sections.watch.changes import notebook_of
from spmc_tools.signing.citations import authenticated
from spmc_tools.signing.cited_reports import cited_by, taken_back
from spmc_tools.signing.manifest import MANIFEST, read_manifest
from spmc_tools.signing.report_disposal import disposed_runs
from spmc_tools.signing.twin_reports import FIRST, reports_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from nbformat import NotebookNode

    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.case.store.case import Case
    from spmc_tools.report.sections.watch.changes import Changes

__all__ = [
    "INDEX",
    "JOB_FAILED",
    "KIND",
    "compared_with",
    "index_hash",
    "index_rows",
    "outcome_of",
    "rates_cited",
    "write_index",
]

INDEX = "index.html"
"""Its name in ``reports/``."""

KIND = "index"
"""Kind of the entry in the custody log that holds its hash."""

_NOTHING: dict[str, Any] = {
    "state": None, "groups": None, "accounts": None, "aside": 0, "together": 0,
    "desk": None, "changes": None, "queue": None, "stopped": None, "lacks": [],
}  # fmt: skip

JOB_FAILED = "job_failed"
"""Kind of the entry of a scheduled job that ended without a report."""


_COUNTED: dict[str, Callable[[Any], int]] = {
    "response": lambda values: values.all.n,
    "rumour": lambda values: values.claims.all,
    "referral": lambda values: values.n,
    "awareness": lambda values: values.posts,
    "standing": lambda values: values.platforms,
    "watch_board": lambda values: values.running,
    "dossier": lambda values: 1,
}
"""Sections of desks, and what each is about."""


def outcome_of(node: NotebookNode) -> dict[str, Any]:
    """Return what a run found, what changed and why it is not complete, from what its notebook made.

    ``groups, accounts``; ``state`` of the first page, and how many groups are ``aside`` or ``together`` within hours
    alone; ``kinds`` of the groups in the order of their cards, then of those that are not named
    (``trace, rests``, how many are ``named``, ordinary ``patterns``: numbers and words of this program); ``desk``
    (name of a desk's section, and the number that it is about); ``changes`` (``new, gone, changed``) of groups;
    ``queue`` (``new, grown, gone``) of its rows; ``stopped`` (``cell, name`` of the error); ``lacks``
    (the sections that were not computed). Each only where there is something to tell.
    """
    from spmc_tools.report.page.render import collect

    collected = collect(node)
    sections = collected.sections
    outcome: dict[str, Any] = {}
    if collected.errors:
        outcome["stopped"] = {key: collected.errors[0][key] for key in ("cell", "name")}
    elif collected.missing:
        outcome["lacks"] = list(collected.missing)
    if "summary" in sections and not sections["summary"]["missing"]:
        values = sections["summary"]["values"]
        outcome |= {name: getattr(values, name) for name in ("state", "groups", "accounts", "aside", "together")}
        outcome["kinds"] = _kinds(sections)
    for name, counted in _COUNTED.items():
        if name in sections and not sections[name]["missing"]:
            outcome["desk"] = {"name": name, "n": counted(sections[name]["values"])}
    if "changes" in sections and not sections["changes"]["missing"]:
        changes: Changes = sections["changes"]["values"]
        if changes.before is not None and not changes.lost:
            outcome["changes"] = {
                "new": len(changes.new),
                "gone": len(changes.gone),
                "changed": len(changes.grown) + len(changes.smaller),
            }
        if changes.queue is not None:
            outcome["queue"] = {"new": changes.queue.new, "grown": changes.queue.grown, "gone": changes.queue.gone}
    return outcome


def _kinds(sections: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the kind of each group, without anything that tells whose it is."""
    there = {name: sections[name]["values"] for name in ("findings", "aside") if name in sections}
    there = {name: values for name, values in there.items() if not sections[name]["missing"]}
    cards = there["findings"].cards if "findings" in there else ()
    aside = there["aside"].groups if "aside" in there else ()
    return [
        {
            "trace": card.main_trace,
            "rests": card.story.rests,
            "named": card.named,
            "patterns": list(card.story.patterns),
        }
        for card in cards
    ] + [
        {
            "trace": group.traces[0] if group.traces else "other",
            "rests": "none",
            "named": 0,
            "patterns": [group.context] if group.context else ["newsroom"] if group.newsrooms else [],
        }
        for group in aside
    ]


def compared_with(node: NotebookNode) -> tuple[str, ...]:
    """Return the runs of the reports that an executed notebook compares its own with."""
    from spmc_tools.report.page.render import collect

    section = collect(node).sections.get("changes")
    if section is None or section["missing"]:
        return ()
    changes: Changes = section["values"]
    return changes.compared_with()


def rates_cited(node: NotebookNode) -> list[dict[str, Any] | None]:
    """Return of each card of an executed notebook what it cites of the reviews of this machine; None: nothing yet."""
    from spmc_tools.report.page.render import collect
    from spmc_tools.report.values.section_values import to_json

    section = collect(node).sections.get("findings")
    return [] if section is None or section["missing"] else list(to_json(section["values"].rates))


def index_rows(case: Case) -> list[dict[str, Any]]:
    """Return one row per report that the custody log tells of, newest first.

    ``run``, ``at`` (UTC), ``notebook``, ``status`` (complete, partial, failed, withdrawn, disposed, missing),
    ``edition``, ``reports`` (language, file and bytes of each page that is there), ``superseded`` (when the next
    complete report of the same notebook, edition and parameters was made; None: there is none), ``outcome`` (of
    :func:`outcome_of`), ``there`` (whether the page can be opened), ``reason`` (of a withdrawal, or why a scheduled job
    ended without a report: ``run`` is its name then), ``reviews`` (what each reviewer said last: ``reviewer, verdict,
    at``, and whether an officer's key signed it), ``cites_withdrawn``
    (the reports that it cites and that were withdrawn since, as
    :func:`spmc_tools.signing.cited_reports.taken_back` gives them).
    """
    entries = case.ledger.entries()
    gone = disposed_runs(entries)
    rows = [
        _row(case.path / "reports", entry, gone, entries) if entry["kind"] == "report" else _without_report(entry)
        for entry in entries
        if entry["kind"] in {"report", JOB_FAILED}
    ]
    taken_back = withdrawn(entries)
    later: dict[str, str] = {}
    for row in reversed(rows):
        row["superseded"] = later.get(row["same_as"]) if row["there"] else None
        if row["there"] and row["status"] == "complete" and row["run"] not in taken_back:
            later[row["same_as"]] = row["at"]
    for row in rows:
        row["reviews"] = _reviews(entries, row["run"])
        row.setdefault("reason", None)
        row.setdefault("cites_withdrawn", [])
        if row["run"] in taken_back and row["there"]:
            row |= {"status": "withdrawn", "reason": str(taken_back[row["run"]]["payload"].get("reason"))}
    return rows[::-1]


def _reviews(entries: Sequence[Entry], run_id: str) -> list[dict[str, Any]]:
    """Return what each reviewer said last of a report, in the order of time."""
    last: dict[str, dict[str, Any]] = {}
    for review in reviews_of(entries, run_id):
        last.pop(name_key(review.reviewer), None)
        last[name_key(review.reviewer)] = {
            "reviewer": review.reviewer, "verdict": review.verdict, "at": review.at, "signed": authenticated(review),
        }  # fmt: skip
    return list(last.values())


def _row(reports: Path, entry: Entry, gone: set[str], entries: Sequence[Entry]) -> dict[str, Any]:
    run_id = str(entry["payload"].get("run_id"))
    manifest = _manifest(reports / run_id / MANIFEST)
    facts: Mapping[str, Any] = manifest.get("facts") or {}
    there = (reports / run_id / FIRST).is_file()
    status = str(entry["payload"].get("status"))
    if not there:
        status = "disposed" if run_id in gone else "missing"
    outcome = facts.get("outcome")
    names = reports_of(manifest) or {str(facts.get("language")): FIRST}
    sizes = {code: _size(reports / run_id / name) for code, name in names.items()}
    asked = manifest.get("parameters")
    typed = {key: value for key, value in asked.items() if key != "language"} if isinstance(asked, dict) else {}
    return {
        "run": run_id,
        "at": entry["at"],
        "notebook": notebook_of(run_id) or run_id,
        "status": status,
        "edition": facts.get("edition"),
        "reports": [
            {"language": code, "file": names[code], "bytes": size} for code, size in sizes.items() if size is not None
        ],
        "same_as": json.dumps([notebook_of(run_id) or run_id, facts.get("edition"), typed], sort_keys=True),
        "outcome": {
            **_NOTHING,
            **(outcome if isinstance(outcome, dict) else {}),
        },
        "there": there,
        "cites_withdrawn": taken_back(entries, cited_by(manifest, entries)) if manifest else [],
    }


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _without_report(entry: Entry) -> dict[str, Any]:
    payload = entry["payload"]
    return {
        "run": str(payload.get("job")),
        "at": entry["at"],
        "notebook": str(payload.get("notebook")),
        "status": "failed",
        "edition": None,
        "reports": [],
        "same_as": "",
        "outcome": _NOTHING,
        "there": False,
        "reason": str(payload.get("reason")),
    }


def _manifest(path: Path) -> dict[str, Any]:
    try:
        return read_manifest(path.read_bytes()) or {}
    except OSError:
        return {}


def write_index(case: Case, language: str | None = None) -> Path:
    """Write the list, in the language of the case where none is given, and log its hash; return its path.

    Raises
    ------
    SpmcError
        Where it cannot be written.
    """
    from spmc_tools.report.page.render import bare_page

    values = {"case": case.id, "title": case.settings.title, "rows": index_rows(case)}
    content = bare_page("reports.html.j2", values, language or case.settings.language, sortable=True)
    path = case.path / "reports" / INDEX
    with os_errors(f"The list of reports of case {case.id} cannot be written"):
        write_file(path, content.encode("utf-8", "backslashreplace"))
    case.log(KIND, {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
    return path


def index_hash(entries: Sequence[Entry]) -> str | None:
    """Return the hash of the list as the custody log told it last; None where it tells of none."""
    hashes = [str(entry["payload"].get("sha256")) for entry in entries if entry["kind"] == KIND]
    return hashes[-1] if hashes else None
