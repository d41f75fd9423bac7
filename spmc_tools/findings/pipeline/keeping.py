"""What a case keeps of an investigation: the result that lies there, and the entry of the custody log for it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import IntegrityError
from spmc_tools.findings import stored_results as stored
from spmc_tools.findings.result.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.request import Request

__all__ = ["KeptResult", "keep", "kept_result", "log_result"]

_STAGE = "investigate"


@dataclass(frozen=True, slots=True)
class KeptResult:
    """The folder of one request, and the result in it.

    Attributes
    ----------
    folder : pathlib.Path
        Its name rests on the imports, the request and the code.
    hashes : dict or None
        SHA-256 by name of file; None where the custody log tells of none.
    found : Findings or None
        None where it is to be worked out.
    unsound : str or None
        Why what lay there is not taken; None where nothing lay there, or it is.
    """

    folder: Path
    hashes: dict[str, str] | None
    found: Findings | None
    unsound: str | None = None

    def place(self, case: Case) -> str:
        """Return the folder as the custody log names it."""
        return self.folder.relative_to(case.path).as_posix()


def kept_result(case: Case, request: Request, code: str) -> KeptResult:
    """Return what a case keeps of a request, where its SHA-256 is that of the custody log.

    Parameters
    ----------
    case : Case
        Whose findings are asked for.
    request : Request
        What is looked for.
    code : str
        Digest of what results rest on: a changed rule never meets results of the old one.
    """
    folder = case.derived_dir(_STAGE, {**request.as_json(), "code": code})
    empty = KeptResult(folder, None, None)
    hashes = case.results_logged().get(empty.place(case))
    try:
        content = stored.read(folder, hashes)
    except IntegrityError as change:
        return KeptResult(folder, hashes, None, str(change))
    if content is None:
        return KeptResult(folder, hashes, None)
    tables, notes = content
    frames: dict[str, Any] = {name: stored.framed(table) for name, table in tables.items()}
    return KeptResult(folder, hashes, Findings(**frames, **notes, parameters=request.as_json(), derived=folder))


def keep(found: Findings, kept: KeptResult) -> KeptResult:
    """Put findings into their folder and return what lies there now.

    What is kept knows nothing of marks: accounts that an officer cleared are set aside each time it is read.

    Raises
    ------
    CaseError, SpmcError
        Where the folder cannot be written.
    """
    found.derived = kept.folder
    hashes = stored.kept(kept.folder, found.tables(), {"notes": found.notes, "not_run": found.not_run})
    return KeptResult(kept.folder, hashes, found, kept.unsound)


def log_result(case: Case, kept: KeptResult, times: list[dict[str, Any]], stages: Mapping[str, Any] | None) -> None:
    """Write the entry of an investigation: the SHA-256 of every file, the run it was part of, what each stage took.

    Parameters
    ----------
    case : Case
        Whose custody log it is.
    kept : KeptResult
        With its findings, accounts that were cleared set aside.
    times : list of dict
        As :func:`spmc_tools.progress.timed` gives them.
    stages : mapping or None
        What was kept of stages; None: the result was read.
    """
    assert kept.found is not None  # noqa: S101 -- logged once it is there
    payload = {
        "parameters": kept.found.parameters,
        "reused": stages is None,
        "made_anew": kept.unsound,
        "run": os.environ.get("SPMC_RUN") or None,
        "stages": times,
        **({} if stages is None else {"kept_stages": stages}),
    }
    summary = {"summary": kept.found.summary(), "derived": kept.place(case), "results": dict(kept.hashes or {})}
    case.log("investigate", {**payload, **summary})
