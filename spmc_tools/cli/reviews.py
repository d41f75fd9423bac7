"""Commands on a finished run: review it, withdraw it, have it time-stamped, pack it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spmc_tools.cli.keys import signer_of
from spmc_tools.cli.options import CaseId, Cases, Json, RunId
from spmc_tools.cli.output import cases_folder, say

__all__ = ["pack", "review", "time_stamp", "withdraw"]


def review(
    context: typer.Context,
    case: CaseId,
    run: RunId,
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="The reviewer; not the preparer.")],
    verdict: Annotated[str, typer.Option(help="upheld, not_upheld or needs_more.")],
    counter_case: Annotated[str, typer.Option("--counter-case", help="What ordinary reason this may have.")],
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Log a second officer's review with its counter-case. The next report on the same results cites it."""
    from spmc_tools.case.store.case import open_case
    from spmc_tools.custody.review.review import review as log_review
    from spmc_tools.signing.citations import authenticated

    opened = open_case(case, cases=cases_folder(context, cases))
    made = log_review(
        opened, run, reviewer=name, verdict=verdict, counter_case=counter_case, signer=signer_of(name, needed=True)
    )
    rows = [
        {
            "reviewer": one.reviewer,
            "verdict": one.verdict,
            "counter_case": one.counter_case,
            "at": one.at,
            "authenticated": authenticated(one),
        }
        for one in made
    ]
    lines = [f"Review of {run} logged: {verdict}."]
    if not rows[-1]["authenticated"]:
        lines.append("The reviewer is not authenticated: no key of that name is here (spmc key new --as NAME).")
    lines.append("Next: spmc report with the same notebook and parameters; the new run cites this review.")
    say(context, as_json, {"run_id": run, "reviews": rows}, lines)


def withdraw(
    context: typer.Context,
    case: CaseId,
    run: RunId,
    reason: Annotated[str, typer.Option(help="Why; it stands in the notice and in the list of reports.")],
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Withdraw a report. A notice stands beside it and in the list; the report itself is not changed."""
    from spmc_tools.case.store.case import open_case
    from spmc_tools.custody.review.review import withdraw as take_back

    notice = take_back(open_case(case, cases=cases_folder(context, cases)), run, reason)
    say(context, as_json, {"run_id": run, "notice": str(notice.resolve())}, [f"Run {run} is withdrawn.", str(notice)])


def time_stamp(
    context: typer.Context,
    case: CaseId,
    run: RunId,
    server: Annotated[str, typer.Option(metavar="URL", help="Address of a time-stamp server (RFC 3161).")],
    authority: Annotated[
        Path | None, typer.Option(metavar="FILE.pem", help="Its certificate: another's answer is refused.")
    ] = None,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Have an outside authority put its time on a report. It gets the hash of the manifest and nothing else."""
    from spmc_tools.case.store.case import open_case
    from spmc_tools.signing.time_stamp import stamp_run

    stamp = stamp_run(open_case(case, cases=cases_folder(context, cases)), run, server, authority)
    lines = [f"Run {run}: time stamp of {stamp.at}."]
    if stamp.trusted is None:
        lines.append("Who signed it was not compared with anybody; give --authority to verify.")
    say(context, as_json, {"run_id": run, "at": stamp.at, "serial": str(stamp.serial)}, lines)


def pack(
    context: typer.Context,
    case: CaseId,
    run: RunId,
    out: Annotated[Path, typer.Option(metavar="FILE.zip", help="A new file.")],
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Write the evidence pack of a run. It is one ZIP file that spmc verify checks on another machine."""
    from spmc_tools.case.files.durable import sha256_file
    from spmc_tools.case.store.case import open_case
    from spmc_tools.custody.evidence_pack.evidence_pack import write_pack

    opened = open_case(case, cases=cases_folder(context, cases))
    made = write_pack(opened, run, out, signer_of(opened.officer))
    result = {"run_id": run, "pack": str(made.resolve()), "sha256": sha256_file(made)}
    say(context, as_json, result, [f"SHA-256 {result['sha256']}", result["pack"]])
