"""The sample case from its files to its report, in one call: what ``make demo`` runs."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from spmc_tools.resources import resource

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spmc_tools.case.store import Case
    from spmc_tools.report.run import RunResult

__all__ = ["run_demo"]

SAMPLE = "sample"


def _open_sample(cases: Path | None, facts: dict[str, Any]) -> Case:
    """Return the sample case; it is made where it is not there yet."""
    from spmc_tools.case.store import cases_dir, create_case, open_case

    if (cases_dir(cases) / SAMPLE).exists():
        return open_case(SAMPLE, cases=cases)
    wanted = ("title", "purpose", "legal_basis", "event", "date_from", "date_to", "language", "officer")
    return create_case(SAMPLE, cases=cases, **{key: facts[key] for key in wanted if key in facts})


def run_demo(
    cases: Path | None = None,
    say: Callable[[str], None] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> RunResult:
    """Return the run of ``election_watch`` on the synthetic sample case, in English and Hindi.

    Parameters
    ----------
    cases : Path, optional
        Where cases live; None as in :func:`spmc_tools.case.store.cases_dir`.
    say : callable, optional
        Gets one line before each step.
    progress : callable, optional
        Called with stage, done and total.
    """
    from spmc_tools.findings.investigate import investigate
    from spmc_tools.importers.intake import import_files
    from spmc_tools.report.run import run_notebook

    tell = say or (lambda _line: None)
    facts = tomllib.loads(resource("data", "sample", "case.toml").read_text(encoding="utf-8"))
    case = _open_sample(cases, facts)
    tell(f"1/3 Importing the synthetic sample into {case.path}")
    for file in facts["files"]:
        mapping = file.get("map")
        results = import_files(
            case,
            [resource("data", "sample", file["name"])],
            format=file.get("format"),
            mapping=resource("data", "sample", mapping) if mapping else None,
            tz=file.get("tz"),
            progress=progress,
        )
        for one in results:
            tell(
                f"    {one.name}: {one.read:,} rows read = {one.kept:,} kept + {one.duplicates:,} duplicates "
                f"+ {one.refused:,} refused"
            )
    listed = {entry.account_id for entry in case.settings.context}
    for entry in facts.get("context", []):
        if entry["account_id"] not in listed:
            case.add_context(entry["account_id"], entry["kind"], entry["reason"])
    tell("2/3 Investigating: who acted together more than chance expects")
    found = investigate(case, progress=progress)
    tell(f"    {len(found.accounts):,} accounts, {len(found.edges):,} edges, {len(found.clusters):,} clusters")
    tell("3/3 Rendering the report in English and Hindi")
    return run_notebook(case, "election_watch", {}, language="both", edition="full", pdf=False, progress=progress)
