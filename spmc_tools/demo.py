"""The sample case from its files to its report, in one call: what ``make demo`` runs."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from spmc_tools.progress import unheard
from spmc_tools.resources import resource

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spmc_tools.case.store.case import Case
    from spmc_tools.importers.import_files import FileResult
    from spmc_tools.report.running.run import RunResult

__all__ = ["run_demo", "sample_case", "sample_facts"]

SAMPLE = "sample"
_ADDED = frozenset({"files", "context", "watch_term"})


def sample_facts() -> dict[str, Any]:
    """Return what ``data/sample/case.toml`` says: facts of the case, files, registered accounts, watch terms."""
    return tomllib.loads(resource("data", "sample", "case.toml").read_text(encoding="utf-8"))


def sample_case(
    cases: Path | None = None, progress: Callable[[str, int, int], None] | None = None
) -> tuple[Case, list[FileResult]]:
    """Return the sample case with everything that belongs to it, and what became of each file.

    A case that is there already is used as it is: files it holds add nothing, accounts it lists are not listed again.
    """
    from spmc_tools.case.store.case import create_case, open_case
    from spmc_tools.case.store.case_folder import cases_dir
    from spmc_tools.desks.watch.watch_terms import add_watch_term, watch_terms
    from spmc_tools.importers.import_files import import_files

    facts = sample_facts()
    if (cases_dir(cases) / SAMPLE).exists():
        case = open_case(SAMPLE, cases=cases)
    else:
        case = create_case(SAMPLE, cases=cases, **{k: v for k, v in facts.items() if k not in _ADDED})
    results: list[FileResult] = []
    for file in facts["files"]:
        mapping = resource("data", "sample", file["map"]) if "map" in file else None
        path = resource("data", "sample", file["name"])
        results += import_files(
            case, [path], format=file.get("format"), mapping=mapping, tz=file.get("tz"), progress=progress
        )
    listed = {entry.account_id for entry in case.settings.context}
    for entry in facts.get("context", []):
        if entry["account_id"] not in listed:
            case.add_context(entry["account_id"], entry["kind"], entry["reason"])
    watched = {watch_term.term for watch_term in watch_terms(case)}
    for entry in facts.get("watch_term", []):
        if entry["term"] not in watched:
            add_watch_term(case, entry["term"], entry["reason"])
    return case, results


def run_demo(
    cases: Path | None = None,
    say: Callable[[str], None] | None = None,
    progress: Callable[[str, int, int], None] = unheard,
) -> RunResult:
    """Return the run of ``election_watch`` on the synthetic sample case, in English and Hindi.

    Parameters
    ----------
    cases : Path, optional
        Where cases live; None as in :func:`spmc_tools.case.store.case_folder.cases_dir`.
    say : callable, optional
        Gets one line for each step.
    progress : callable
        Called with stage, done and total.
    """
    from spmc_tools.findings.pipeline.investigate import investigate
    from spmc_tools.report.running.run import run_notebook

    tell = say or (lambda _line: None)
    tell("1/3 Importing the synthetic sample case")
    case, results = sample_case(cases, progress)
    for result in results:
        tell(
            f"    {result.name}: {result.read:,} rows read = {result.kept:,} kept + {result.duplicates:,} duplicates "
            f"+ {result.refused:,} refused"
        )
    tell("2/3 Investigating: who acted together more than chance expects")
    found = investigate(case, progress=progress)
    tell(f"    {len(found.accounts):,} accounts, {len(found.edges):,} edges, {len(found.clusters):,} clusters")
    tell("3/3 Rendering the report in English and Hindi")
    return run_notebook(case, "election_watch", {}, language="both", edition="full", pdf=False, progress=progress)
