"""What speaks for each named account of a run: the part of an evidence pack that the defence needs.

It is read from the results that the run rests on, whose hashes its manifest holds, and from the run's own notebook.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.marks import CLEARED, marks_of
from spmc_tools.errors import IntegrityError
from spmc_tools.report.sections.groups.shown_groups import NAMED
from spmc_tools.report.values.section_values import to_json
from spmc_tools.report.words import notebook_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from spmc_tools.case.store.case import Case
    from spmc_tools.report.sections.groups.account_values import NamedAccount
    from spmc_tools.report.sections.groups.card_values import Card

__all__ = ["innocence"]


def innocence(case: Case, folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return per named account what speaks for innocence, and what the whole run could not show.

    Returns
    -------
    dict
        ``accounts``: one row each with ``account_id``, ``name``, ``number`` (on the page), ``tier``, ``basis``,
        ``traces`` (that link it), ``silent`` (traces that were run and do not), ``signals`` (detectors that saw it),
        ``records`` and ``in_step`` (its posts, and those in step), ``weak`` (rests on little more than the limit),
        ``newsroom`` (the measured pattern), ``ordinary`` (what points to an ordinary explanation, of its group),
        ``patterns`` (ordinary patterns that fit most of its group) and ``marks`` (the mark *cleared* that stands:
        number of its entry in the custody log, when, who, why). ``not_run``: what was not looked at. ``cleared``:
        registered accounts, which no finding names. ``marked``: accounts that an
        officer marked as cleared and this run does not name. ``why``: ``no_results`` where the run rests on none,
        ``lost`` where they are not there any more, else None.
    """
    marks = _marks(case)
    evidence: dict[str, Any] = {"accounts": [], "not_run": [], "cleared": _cleared(case), "why": None}
    evidence["marked"] = [{"account_id": account, **mark} for account, mark in marks.items()]
    if not manifest.get("results"):
        return {**evidence, "why": "no_results"}
    try:
        tables = _tables(case, manifest)
        notes = json.loads(_content(case, manifest, "notes.json"))
    except (KeyError, OSError, ValueError, IntegrityError):
        return {**evidence, "why": "lost"}
    sections = _sections(folder)
    listed = {row.id: row for row in sections["accounts"].rows} if "accounts" in sections else {}
    cards = sections["findings"].cards if "findings" in sections else ()
    ran = sorted((notes.get("notes") or {}).get("traces") or {})
    known = _Known(marks, ran, tables["signals"], _patterns(tables), cards)
    for row in tables["accounts"]:
        shown = listed.get(row["account_id"])
        if row["tier"] in NAMED or (row["tier"] == "C" and shown is not None and _by_officers(shown, cards)):
            evidence["accounts"].append(_account(row, shown, known))
    evidence["accounts"].sort(key=lambda entry: (entry["number"] is None, entry["number"] or 0, entry["account_id"]))
    named = {entry["account_id"] for entry in evidence["accounts"]}
    evidence["marked"] = [mark for mark in evidence["marked"] if mark["account_id"] not in named]
    evidence["not_run"] = to_json(sections["aside"].not_run) if "aside" in sections else []
    return evidence


@dataclass(frozen=True)
class _Known:
    """What every account is held against: marks that clear it, traces that ran, detectors, patterns, the page."""

    marks: dict[str, dict[str, Any]]
    ran: list[str]
    signals: list[dict[str, Any]]
    patterns: dict[str, dict[str, Any]]
    cards: tuple[Card, ...]


def _account(row: Mapping[str, Any], listed: NamedAccount | None, known: _Known) -> dict[str, Any]:
    """Return what speaks for an account; ``listed``: its row on the page, None where it stands on none."""
    account, traces = str(row["account_id"]), list(row["traces"] or [])
    card = None if listed is None else _card(listed.n, known.cards)
    return {
        "account_id": account,
        "name": None if listed is None else listed.name,
        "number": None if listed is None else listed.n,
        "tier": row["tier"] if row["tier"] in NAMED else "B",
        "basis": row["basis"],
        "traces": traces,
        "silent": [name for name in known.ran if name not in traces],
        "signals": sorted({str(signal["detector"]) for signal in known.signals if signal["account_id"] == account}),
        "records": row["n_records"],
        "in_step": None if listed is None else listed.in_step,
        "weak": None if listed is None else listed.weak,
        "newsroom": known.patterns.get(account),
        "ordinary": [] if card is None else [to_json(reason) for reason in card.explanations if reason.side == "for"],
        "patterns": [] if card is None else list(card.story.patterns),
        "marks": [known.marks[account]] if account in known.marks else [],
    }


def _by_officers(listed: NamedAccount, cards: tuple[Card, ...]) -> bool:
    """Tell whether two officers named a listed account against its pattern: the results still hold it as shown only."""
    card = _card(listed.n, cards)
    return listed.group is None if card is None else card.story.decided is not None


def _card(number: int, cards: tuple[Card, ...]) -> Card | None:
    """Return the card of the group of the account with this number on the page."""
    return next((candidate for candidate in cards if number in {member.n for member in candidate.members}), None)


def _marks(case: Case) -> dict[str, dict[str, Any]]:
    """Return account -> the mark *cleared* that stands now; one that was undone or withdrawn does not."""
    return {
        account: {"seq": mark.seq, "at": mark.at, "officer": mark.by, "note": mark.reason}
        for account, mark in marks_of(case).standing().items()
        if mark.mark == CLEARED
    }


def _cleared(case: Case) -> list[dict[str, Any]]:
    return [
        {
            "account_id": entry.account_id,
            "kind": entry.kind,
            "reason": entry.reason,
            "by": entry.by,
            "at": entry.at.isoformat(),
        }
        for entry in case.settings.context
    ]


def _content(case: Case, manifest: Mapping[str, Any], name: str) -> bytes:
    """Return a file of the results with the hash of the manifest; what is compared is what is read."""
    item = next(file for file in reversed(manifest["results"]) if str(file["path"]).endswith("/" + name))
    content = (case.path / str(item["path"])).read_bytes()
    if hashlib.sha256(content).hexdigest() != item["sha256"]:
        raise IntegrityError(f"{item['path']} is not the file of that report")
    return content


def _patterns(tables: Mapping[str, list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Return the newsroom pattern of each account that was measured; older results hold it with the accounts."""
    if "account_patterns" not in tables:
        return {row["account_id"]: row["benign"] for row in tables["accounts"] if row.get("benign") is not None}
    return {
        row["account_id"]: {name: value for name, value in row.items() if name != "account_id"}
        for row in tables["account_patterns"]
    }


def _tables(case: Case, manifest: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = ["accounts", "signals"]
    if any(str(file["path"]).endswith("/account_patterns.parquet") for file in manifest["results"]):
        names.append("account_patterns")
    try:
        return {
            name: pq.read_table(pa.BufferReader(_content(case, manifest, f"{name}.parquet"))).to_pylist()
            for name in names
        }
    except (StopIteration, pa.ArrowException):
        raise IntegrityError("the results of that report cannot be read") from None


def _sections(folder: Path) -> dict[str, Any]:
    """Return the values of each section that the run's notebook holds, by its name."""
    from spmc_tools.report.page.render import collect

    found = collect(notebook_file.read(folder / "notebook.ipynb")).sections
    return {name: section["values"] for name, section in found.items() if not section["missing"]}
