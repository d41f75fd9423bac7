"""The process of one job: reads it as JSON from standard input, tells line by line how far it is and what it gave."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import SpmcError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spmc_tools.case.store.case import Case

__all__ = ["COLLECT", "INVESTIGATE", "REPORT", "SCHEDULE", "command_of", "main", "schedule_file"]

COLLECT, INVESTIGATE, REPORT, SCHEDULE = "collect", "investigate", "report", "schedule"
Progress = Callable[[str, int, int], None]


def schedule_file(cases: Path) -> Path:
    """Return where the app looks for the schedule: ``schedule.toml`` beside the folder of cases."""
    return cases.parent / "schedule.toml"


def command_of(kind: str, case: str, told: Mapping[str, Any]) -> str:
    """Return what does the same on the command line."""
    import shlex

    if kind == INVESTIGATE:
        return shlex.join(["spmc", "investigate", case])
    if kind == SCHEDULE:
        return "spmc schedule run schedule.toml"
    if kind == COLLECT:
        server = ["--server", told["server"]] if told["server"] else []
        bounds = [part for name, n in told["bounds"].items() for part in (f"--{name.replace('_', '-')}", str(n))]
        fresh = ["--fresh"] if told["fresh"] else []
        basis = ["--legal-basis", told["legal_basis"]]
        return shlex.join(["spmc", "collect", case, told["source"], told["name"], *basis, *server, *bounds, *fresh])
    parameters = [part for name, value in told.get("parameters", {}).items() for part in ("-p", f"{name}={value}")]
    more = ["--lang", told["language"], "--edition", told["edition"]]
    return shlex.join(["spmc", "report", case, told["notebook"], *parameters, *more])


def _case(told: Mapping[str, Any]) -> Case:
    from spmc_tools.case.store.case import open_case

    return open_case(told["case"], Path(told["cases"]))


def _investigate(told: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    from spmc_tools.findings.pipeline.investigate import investigate

    found = investigate(_case(told), progress=progress)
    named = int(found.accounts["tier"].isin(["A", "B"]).sum()) if len(found.accounts) else 0
    return {"accounts": len(found.accounts), "groups": len(found.clusters), "named": named}


def _report(told: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    from spmc_tools.report.running.run import run_notebook
    from spmc_tools.signing.officer_keys import unlock

    case, secret = _case(told), told.get("secret")
    done = run_notebook(
        case,
        told["notebook"],
        told.get("parameters", {}),
        language=told["language"],
        edition=told["edition"],
        progress=progress,
        signer=unlock(case.officer, secret) if secret else None,
    )
    return {"run": done.run_id, "status": done.status, "reports": {code: p.name for code, p in done.reports.items()}}


def _schedule(told: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    from spmc_tools.schedule.schedule import run_due
    from spmc_tools.schedule.schedule_file import read_schedule

    cases = Path(told["cases"])
    plan = read_schedule(schedule_file(cases), whole=False)
    # a line begins with the name of its job, which is all of it that has no language
    done = run_due(plan, cases, say=lambda line: progress(line.partition(":")[0], 0, 0))
    return {"due": len(done.due), "ran": len(done.done), "broken": ", ".join(done.failed) or "–"}


def _collect(told: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
    from spmc_tools.collect.collection import collect, target_of
    from spmc_tools.collect.target import Limits

    target = target_of(told["source"], told["name"], told["server"])
    case = _case(told)
    try:
        done = collect(
            case, target, legal_basis=told["legal_basis"], limits=Limits(**told["bounds"]), fresh=told["fresh"]
        )
    except SpmcError as error:
        if error.key is not None:
            raise
        raise SpmcError(str(error), key="collect_stopped", why=str(error)) from None
    made = [] if done.file is None else [one for one in case.batches() if one.source_sha256 == done.file.sha256]
    kept = sum(int(one.tables.get("records", {}).get("rows", 0)) for one in made)  # a row may be of an account
    return {"received": done.posts, "requests": done.requests, "kept": kept, "ended": done.ended}


_WORK = {COLLECT: _collect, INVESTIGATE: _investigate, REPORT: _report, SCHEDULE: _schedule}


def main() -> int:
    """Do the job; return the exit code."""
    from spmc_tools.report.words.wording import Wording
    from spmc_tools.show.widgets.sentences import sentence_of

    told = json.loads(sys.stdin.read())
    out, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no answer

    def say(line: dict[str, Any]) -> None:
        out.write(json.dumps(line) + "\n")
        out.flush()

    def progress(stage: str, done: int, total: int) -> None:
        say({"stage": stage, "done": done, "total": total})

    try:
        say({"result": _WORK[told["kind"]](told, progress)})
    except KeyboardInterrupt:
        return 130
    except SpmcError as error:
        say({"error": sentence_of(error, Wording(told["spoken"]).say)})
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
