"""Custody beyond the import: how a file was obtained, who a case was handed to, the chain as a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import sha256_file, sync_file, whole_or_absent
from spmc_tools.case.files.typed_text import typed_line
from spmc_tools.case.log.ledger import canonical_json
from spmc_tools.errors import CaseError, IntegrityError, ParameterError, quote

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.case.store.case import Case

__all__ = ["OBTAINED", "chain_rows", "export_chain", "hand_over", "obtained_facts", "whole_file"]

OBTAINED = ("notice", "analytics", "public_api", "open_tool", "complainant")
"""How a file can have been obtained: a platform's answer to a notice, the statistics of the centre's own pages, a
public interface, a tool that reads what is public, a complainant."""


def obtained_facts(obtained: str | None, received_from: str | None) -> dict[str, str]:
    """Return what the log keeps of how a file was obtained; empty where nothing was said.

    Raises
    ------
    ParameterError
        Where the way is not one of :data:`OBTAINED`.
    CaseError
        Where the text of whom it came from cannot be kept.
    """
    facts = {}
    if obtained is not None:
        if obtained not in OBTAINED:
            raise ParameterError(f"--obtained: found {quote(obtained)}, wanted one of {', '.join(OBTAINED)}.")
        facts["obtained"] = obtained
    if received_from is not None:
        facts["received_from"] = typed_line(received_from, "--from", 300)
    return facts


def hand_over(case: Case, to: str, reason: str) -> Entry:
    """Log that a case, or a copy of it, is handed to somebody; the head of the chain at that moment stands in it.

    Raises
    ------
    CaseError
        Where a value is empty or cannot be kept.
    IntegrityError
        Where the custody log is broken.
    """
    length, head = case.ledger.head()
    facts = {
        "to": typed_line(to, "--to", 300),
        "reason": typed_line(reason, "The reason"),
        "length": length,
        "head": head,
    }
    return case.log("handover", facts)


def chain_rows(case: Case) -> list[dict[str, Any]]:
    """Return every entry of the custody log as stored: ``payload`` is the text that was hashed."""
    names = ("seq", "at", "officer", "kind", "payload", "prev", "hash")
    return [dict(zip(names, row, strict=True)) for row in case.ledger.rows()]


def export_chain(case: Case, out: Path, table: Callable[[list[dict[str, Any]]], str] | None = None) -> list[Path]:
    """Write the custody log as JSON lines, and as a page beside it; return the paths.

    Parameters
    ----------
    case : Case
        Whose log.
    out : pathlib.Path
        The file of JSON lines; one entry a line, as stored, so that anybody can recompute the chain from it.
    table : callable, optional
        Rows of :func:`chain_rows` -> the page, as HTML.

    Raises
    ------
    ParameterError
        Where the path is a link, a folder, or cannot be written.
    IntegrityError
        Where the chain is broken: nothing is written as if it were whole.
    """
    if case.chain_problem is not None:
        raise IntegrityError(f"The custody log of case {case.id} is broken: {case.chain_problem}.")
    rows = chain_rows(case)
    content = "".join(canonical_json(row) + "\n" for row in rows)
    made = [whole_file(case, out, content.encode(), {"what": "custody", "entries": len(rows)})]
    if table is not None:
        page = table([row | {"payload": json.loads(row["payload"])} for row in rows]).encode(
            "utf-8", "backslashreplace"
        )
        made.append(whole_file(case, out.with_suffix(".html"), page, {"what": "custody", "entries": len(rows)}))
    return made


def whole_file(case: Case, out: Path, content: bytes, facts: dict[str, Any]) -> Path:
    """Write a file that leaves the case: logged with its hash before it appears, whole or not at all.

    Raises
    ------
    ParameterError
        Where the path is a link or a folder.
    CaseError, SpmcError
        Where it cannot be written, or not be logged.
    """
    if out.is_symlink() or out.is_dir():
        raise ParameterError(f"{quote(out.name)} is a link or a folder; give the name of a file.")
    if out.resolve().is_relative_to(case.path.resolve()):
        raise CaseError(f"{quote(out.name)} would lie inside the case; give a place outside of it.")
    with whole_or_absent(out) as part:
        part.write_bytes(content)
        sync_file(part)
        case.log("export", {"file": out.name, "sha256": sha256_file(part), **facts})
    return out
