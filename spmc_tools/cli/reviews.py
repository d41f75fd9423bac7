"""Commands of a second look: decide of patterns; review, withdraw, time-stamp and pack a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spmc_tools.cli.keys import signer_of
from spmc_tools.cli.options import CaseCommand, Officer, Reason, RunId, on_case
from spmc_tools.errors import ParameterError, quote
from spmc_tools.progress import bars

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case

__all__ = ["decide", "key_revoke", "pack", "review", "time_stamp", "withdraw"]


@on_case
def review(
    command: CaseCommand,
    run: RunId,
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="The reviewer; not the preparer.")],
    line_up: Annotated[
        Path | None, typer.Option("--line-up", metavar="FILE.html", help="First: write the line-up, and log it.")
    ] = None,
    group: Annotated[int | None, typer.Option(metavar="K", help="Then: the group that --chose answers for.")] = None,
    chose: Annotated[str | None, typer.Option(help="Which panel acted together: A, B, C or none.")] = None,
    ordinary: Annotated[
        list[str] | None,
        typer.Option("--ordinary", metavar="PANEL=REASON", help="What ordinary reason each may have, three times."),
    ] = None,
    verdict: Annotated[str | None, typer.Option(help="Last: upheld, not_upheld or needs_more.")] = None,
    counter_case: Annotated[
        str | None, typer.Option("--counter-case", help="What ordinary reason this may have, in words.")
    ] = None,
    of_group: Annotated[
        list[str] | None,
        typer.Option("--of-group", metavar="K=VERDICT:REASON", help="A verdict of its own for one group."),
    ] = None,
    skip_line_up: Annotated[
        str | None, typer.Option("--skip-line-up", metavar="REASON", help="Why there is none; the report shows it.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="Of the line-up: en, hi or both; else that of the case.")] = None,
) -> None:
    """Review a report as its second officer. First the line-up, then its answer, last the verdict and counter-case."""
    from spmc_tools.custody.review.review import review as log_review
    from spmc_tools.report.page.index import write_index
    from spmc_tools.signing.citations import authenticated

    steps = [given for given in (line_up, chose, verdict) if given is not None]
    if len(steps) != 1:
        raise ParameterError(
            "A review is three steps, one a command: --line-up FILE.html, then --group K --chose PANEL with three "
            "--ordinary PANEL=REASON, last --verdict with --counter-case."
        )
    opened = command.open()
    if line_up is not None:
        _write_line_up(command, opened, run, name, line_up, lang)
        return
    if chose is not None:
        _answer(command, opened, run, name, group, chose, ordinary)
        return
    if counter_case is None:
        raise ParameterError(
            "A verdict needs its counter-case: say with --counter-case what ordinary reason it may have."
        )
    made = log_review(
        opened, run, reviewer=name, verdict=str(verdict), counter_case=counter_case,
        signer=signer_of(name, needed=True), skip_line_up=skip_line_up, of_groups=_of_groups(of_group or []),
    )  # fmt: skip
    write_index(opened)
    rows = [
        {
            "reviewer": logged_review.reviewer,
            "verdict": logged_review.verdict,
            "counter_case": logged_review.counter_case,
            "at": logged_review.at,
            "authenticated": authenticated(logged_review),
        }
        for logged_review in made
    ]
    lines = [f"Review of {run} logged: {verdict}."]
    if not rows[-1]["authenticated"]:
        lines.append("The reviewer is not authenticated: no key of that name is here (spmc key new --as NAME).")
    lines.append("Next: spmc report with the same notebook and parameters; the new run cites this review.")
    command.say({"run_id": run, "reviews": rows}, lines)


def _write_line_up(command: CaseCommand, case: Case, run: str, name: str, path: Path, lang: str | None) -> None:
    from spmc_tools.case.files.durable import os_errors, write_file
    from spmc_tools.custody.review.line_up import page_of, show
    from spmc_tools.custody.review.review import report_of

    if path.exists():
        raise ParameterError(f"{quote(path.name)} exists already; give a new file for the line-up.")
    shown = show(report_of(case, run), name)
    content = page_of(case, run, shown, lang or case.settings.language)
    with os_errors(f"The line-up cannot be written to {quote(path.name)}"):
        write_file(path, content.encode("utf-8", "backslashreplace"))
    drawn = [one.group for one in shown if one.panels]
    lines = [
        f"Group {one.group}: no line-up can be drawn ({one.why}); go on with the verdict." for one in shown if one.why
    ]
    if drawn:
        lines.append(f"Line-up of group {', '.join(map(str, drawn))} written; its posts are real, keep the file apart.")
        lines.append(f"Next: spmc review {command.case} {run} --as NAME --group K --chose PANEL --ordinary A=REASON …")
    result = {
        "run_id": run,
        "line_up": str(path.resolve()),
        "groups": drawn,
        "none": {o.group: o.why for o in shown if o.why},
    }
    command.say(result, [*lines, str(path.resolve())])


def _answer(
    command: CaseCommand, case: Case, run: str, name: str, group: int | None, chose: str, ordinary: list[str] | None
) -> None:
    from spmc_tools.custody.review.line_up import answer
    from spmc_tools.custody.review.review import report_of

    if group is None:
        raise ParameterError("An answer needs --group K: the number of the group on the line-up's page.")
    reasons: dict[str, str] = {}
    for typed in ordinary or []:
        panel, sign, reason = typed.partition("=")
        if not sign or panel in reasons:
            raise ParameterError(f"--ordinary: found {quote(typed)}, wanted each panel once, as A=fan_club.")
        reasons[panel] = reason
    signer = signer_of(name, needed=True)
    made = answer(report_of(case, run), group, officer=name, chose=chose, ordinary=reasons, signer=signer)
    said = "It is logged; which panel was the finding stands in the log (spmc custody) and beside the verdict."
    result = {"run_id": run, "group": group, "chose": chose, "entry": made.done}
    command.say(result, [f"Answer for group {group} logged: {chose}.", said])


def _of_groups(typed: list[str]) -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    for one in typed:
        place, sign, said = one.partition("=")
        verdict, colon, reason = said.partition(":")
        if not (sign and colon and place.isascii() and place.isdigit()) or int(place) in found:
            raise ParameterError(f"--of-group: found {quote(one)}, wanted each group once, as 2=not_upheld:fan_club.")
        found[int(place)] = (verdict, reason)
    return found


@on_case
def decide(
    command: CaseCommand,
    group: Annotated[
        str | None,
        typer.Argument(metavar="GROUP", help="As listed, 6 characters or more; none: list them."),
    ] = None,
    decision: Annotated[str | None, typer.Option(help="clear, name or withdraw.")] = None,
    name: Annotated[str | None, typer.Option("--as", metavar="NAME", help="Name of the officer.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, for the log and the report.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the groups, as of spmc investigate.")] = 0,
) -> None:
    """Clear a group that an ordinary pattern explains, or name it. One officer clears; naming takes two."""
    from spmc_tools.custody.review.decide import decide as log_decision
    from spmc_tools.custody.review.decide import group_of
    from spmc_tools.findings.pipeline.investigate import investigate as look
    from spmc_tools.findings.result.decided_patterns import decided

    opened = command.open()
    options = {"--decision": decision, "--as": name, "--reason": reason}
    missing = [option for option, typed in options.items() if typed is None]
    if group is None and len(missing) < len(options):
        raise ParameterError(f"A decision needs the GROUP that it is about; spmc decide {opened.id} lists them.")
    if group is not None and missing:
        raise ParameterError(f"A decision needs {', '.join(missing)} as well.")
    with bars() as progress:
        found = look(opened, seed=seed, progress=progress)
    groups = decided(found)
    if group is not None and decision is not None and name is not None and reason is not None:
        chosen = group_of(groups, group)
        signer = signer_of(name, needed=True)
        state = log_decision(opened, chosen, decision, reason, officer=name, signer=signer)
        lines = [f"Group {chosen.digest[:12]}: {_STATES[state]}."]
        if signer is None:
            lines.append("The officer is not authenticated: no key of that name is here (spmc key new --as NAME).")
        command.say({"group": chosen.digest, "state": state, "authenticated": signer is not None}, lines)
        return
    rows = [
        {
            "group": one.digest, "cluster": one.cluster_id, "accounts": list(one.accounts), "shown": len(one.shown),
            "traces": list(one.traces), "patterns": list(one.patterns), "state": one.state,
            "decisions": [{"decision": act.decision, "by": act.by, "at": act.at, "reason": act.reason,
                           "entry": act.seq, "signed": act.public_key is not None} for act in one.acts],
        }
        for one in groups
    ]  # fmt: skip
    lines = []
    for one in groups:
        cluster = "in no cluster" if one.cluster_id is None else f"cluster {one.cluster_id}"
        lines.append(
            f"{one.digest[:12]}  {len(one.shown):,} of {len(one.accounts):,} accounts ({cluster}); "
            f"{', '.join(one.traces)}; pattern: {', '.join(one.patterns)}; {_STATES[one.state]}"
        )
        lines += [f"  {act.decision} by {quote(act.by)} on {act.at[:10]}: {quote(act.reason, 300)}" for act in one.acts]
    command.say({"groups": rows}, lines or ["No group is shown without names for an ordinary pattern."])


_STATES = {
    "open": "shown without names",
    "cleared": "cleared by an officer",
    "one_officer": "one officer names it, a second one is missing; shown without names",
    "named": "named by two officers",
    "lapsed": "what was decided no longer holds: posts came after it; shown without names",
}


@on_case
def withdraw(
    command: CaseCommand,
    run: RunId,
    reason: Annotated[str, typer.Option(help="Why; it stands in the notice and in the list of reports.")],
) -> None:
    """Withdraw a report. A notice stands beside it and in the list; the report itself is not changed."""
    from spmc_tools.custody.review.review import withdraw as take_back

    notice = take_back(command.open(), run, reason)
    command.say({"run_id": run, "notice": str(notice.resolve())}, [f"Run {run} is withdrawn.", str(notice)])


@on_case
def time_stamp(
    command: CaseCommand,
    run: RunId,
    server: Annotated[str, typer.Option(metavar="URL", help="Address of a time-stamp server (RFC 3161).")],
    authority: Annotated[
        Path | None, typer.Option(metavar="FILE.pem", help="Its certificate: another's answer is refused.")
    ] = None,
) -> None:
    """Have an outside authority put its time on a report. It gets the hash of the manifest and nothing else."""
    from spmc_tools.signing.time_stamp import stamp_run

    stamp = stamp_run(command.open(), run, server, authority)
    lines = [f"Run {run}: time stamp of {stamp.at}."]
    if stamp.trusted is None:
        lines.append("Who signed it was not compared with anybody; give --authority to verify.")
    command.say({"run_id": run, "at": stamp.at, "serial": str(stamp.serial)}, lines)


@on_case
def pack(
    command: CaseCommand,
    run: RunId,
    out: Annotated[Path, typer.Option(metavar="FILE.zip", help="A new file.")],
) -> None:
    """Write the evidence pack of a run. It is one ZIP file that spmc verify checks on another machine."""
    from spmc_tools.case.files.durable import sha256_file
    from spmc_tools.custody.evidence_pack.evidence_pack import write_pack

    opened = command.open()
    made = write_pack(opened, run, out, signer_of(opened.officer))
    result = {"run_id": run, "pack": str(made.resolve()), "sha256": sha256_file(made)}
    command.say(result, [f"SHA-256 {result['sha256']}", result["pack"]])


@on_case
def key_revoke(
    command: CaseCommand,
    whose: Annotated[str, typer.Option("--of", metavar="NAME", help="Whose key ends in this case, as a lost one.")],
    name: Officer,
    reason: Reason,
) -> None:
    """End an officer's key in a case, as a lost one. What it signed before stays; another officer's key signs that."""
    from spmc_tools.case.files.officer_names import name_key
    from spmc_tools.signing.enrolment import KeyBook, revoke
    from spmc_tools.signing.officer_keys import fingerprint

    opened, signer = command.open(), signer_of(name, needed=True)
    public = KeyBook.of(opened.ledger.entries()).current.get(name_key(whose))
    if signer is None or public is None:
        missing = f"{quote(name)} has no key here" if signer is None else f"{quote(whose)} has no key that signs there"
        raise ParameterError(f"{missing}; nothing was revoked. See spmc key show --as NAME.")
    entry = revoke(opened, public, reason, signer)
    result = {"case": command.case, "entry": entry["seq"], "fingerprint": fingerprint(public)}
    command.say(result, [f"The key {fingerprint(public)} of {whose} no longer signs in {command.case}."])
