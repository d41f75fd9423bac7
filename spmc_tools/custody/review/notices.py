"""Notices beside reports that cite a withdrawn one: they name no account where the report is a redacted one.

The folder of a redacted run may be handed over, and a notice is laid there after its leak check: the reason of the
withdrawal, which an officer wrote, is masked as the page is.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.report.redaction.run_check import RunCheck
from spmc_tools.report.words.wording import LANGUAGES, Wording
from spmc_tools.signing.cited_reports import CITES_WITHDRAWN, cited_by, noticed, taken_back
from spmc_tools.signing.manifest import MANIFEST, NOTICE_OF_CITED, read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.case.store.case import Case
    from spmc_tools.report.words.wording import Said

__all__ = ["in_every_language", "lay_notices", "said_beside"]


def in_every_language(said: Callable[[str], Said]) -> str:
    """Return a notice in each language, one below the other: it is read by whoever opens the folder."""
    return "\n\n".join(said(language).plain() for language in LANGUAGES)


def said_beside(case: Case, run_id: str, manifest: Mapping[str, Any] | None, reason: str, language: str) -> str:
    """Return the reason of a withdrawal as a notice beside this report may say it: masked beside a redacted one."""
    facts = (manifest or {}).get("facts")
    if not isinstance(facts, dict) or facts.get("edition") != "redacted":
        return reason
    return RunCheck(case, case.path / "reports" / run_id, None, *LANGUAGES).redaction(language).text(reason)


def lay_notices(case: Case, run_id: str) -> list[str]:
    """Lay a notice beside every report that cites this withdrawn one, log each, and return the runs of these reports.

    A notice names every withdrawn report that its report cites. What is there already stays.

    Raises
    ------
    SpmcError
        Where a notice cannot be written.
    """
    citing_runs = []
    entries = case.ledger.entries()
    for run, manifest in _manifests(case, entries):
        cited = cited_by(manifest, entries)
        if run_id not in cited or run == run_id:
            continue
        texts = [
            in_every_language(partial(_told, case=case, run=run, manifest=manifest, gone=gone))
            for gone in taken_back(entries, cited)
        ]
        notice = "\n\n".join(texts) + "\n"
        known = noticed(entries, run)
        if known is None or known["payload"].get("notice") != notice:
            case.log(CITES_WITHDRAWN, {"run_id": run, "cited": run_id, "notice": notice})
        with os_errors(f"The notice of run {run} cannot be written"):
            write_file(case.path / "reports" / run / NOTICE_OF_CITED, notice.encode("utf-8", "backslashreplace"))
        citing_runs.append(run)
    return citing_runs


def _told(language: str, *, case: Case, run: str, manifest: Mapping[str, Any], gone: Mapping[str, Any]) -> Said:
    words = Wording(language)
    reason = said_beside(case, run, manifest, gone["reason"], language)
    at = words.moment(gone["at"])
    return words.say("cited.notice", run=run, cited=gone["run"], at=at, officer=gone["officer"], reason=reason)


def _manifests(case: Case, entries: Sequence[Entry]) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield run and manifest of every report that is there, oldest first."""
    for entry in entries:
        run = str(entry["payload"].get("run_id"))
        if entry["kind"] == "report":
            try:
                manifest = read_manifest((case.path / "reports" / run / MANIFEST).read_bytes())
            except OSError:
                continue
            if manifest is not None:
                yield run, manifest
