"""Commands of the chain of custody: verify, hand over, list, trace a post, back up, restore, dispose."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spmc_tools.cli.options import CaseCommand, Cases, Json, Reason, on_case
from spmc_tools.cli.output import cases_folder, say
from spmc_tools.errors import quote

__all__ = ["backup", "custody", "dispose", "handover", "provenance", "restore", "verify"]


_LACKS = {
    "anchor": "whether the log is the one that was written (no anchor)",
    "after_anchor": "the {n} entries after the last anchor",
    "time_stamp": "when it was written, by an outside authority (no time stamp)",
    "authority": "whose certificate signed the time stamps (no --authority)",
    "signature": "who wrote it (nobody signed)",
    "keys": "whose keys signed ({n} of which this machine has none: compare the fingerprints)",
    "case": "received files, tables and log (the case is not here)",
    "received": "the {n} received files (a pack holds none)",
}


def verify(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A case, the folder of one run, or an evidence pack.")],
    authority: Annotated[
        Path | None, typer.Option(metavar="FILE.pem", help="Certificate of the authority behind time stamps.")
    ] = None,
    anchor: Annotated[
        str | None,
        typer.Option(metavar="ANCHOR", help="What was noted elsewhere: a file, 12:HASH, or 12 and six words."),
    ] = None,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Recompute every hash of a case, a run or an evidence pack. The first thing that differs is named."""
    from spmc_tools.case.store.case_folder import cases_dir
    from spmc_tools.custody.review.verify import verify as recompute

    named = cases_dir(cases_folder(context, cases)) / path
    if not path.exists() and ".." not in path.parts and named.is_dir():
        path = named
    result = recompute(path, authority=authority, anchor=anchor)
    lines = [f"Differs: {what}." for what in result.differences]
    lines += [f"Doubt: {what}." for what in result.doubts]
    lines += [f"Not checked: {what}." for what in result.not_checked]
    lines += [f"Note: {what}." for what in result.notes]
    said = (
        "nothing differs"
        if result.ok
        else "nothing differs, and something is in doubt"
        if result.whole
        else "something differs"
    )
    where = path.resolve()
    lacks = "; ".join(_LACKS[kind].format(n=number) for kind, number in result.lacks) or "nothing that it can show"
    lines.append(f"{result.checked:,} things checked in {quote(where, 300)}: {said}. Not shown: {lacks}.")
    found = {
        "path": str(where),
        "ok": result.ok,
        "checked": result.checked,
        "first_difference": result.first_difference,
        "differences": list(result.differences),
        "not_checked": list(result.not_checked),
        "notes": list(result.notes),
        "doubts": list(result.doubts),
        "lacks": dict(result.lacks),
        "after_anchor": result.after_anchor,
    }
    say(context, as_json, found, lines)
    if not result.ok:
        raise typer.Exit(1)


@on_case
def handover(
    command: CaseCommand,
    to: Annotated[str, typer.Option(metavar="NAME", help="Who takes it: name, rank, office.")],
    reason: Reason,
) -> None:
    """Log that the case, or a copy, is handed to somebody. Note the hash that is printed in the case diary."""
    from spmc_tools.case.acts.provenance import hand_over
    from spmc_tools.case.log.anchors import head_words

    entry = hand_over(command.open(), to, reason)
    words = head_words(entry["hash"])
    result = {"case": command.case, "entry": entry["seq"], "hash": entry["hash"], "words": words}
    lines = [f"Entry {entry['seq']} of the custody log, hash {entry['hash']}", f"As words: {entry['seq']} {words}"]
    command.say(result, lines)


@on_case
def custody(
    command: CaseCommand,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the log: JSON lines, and a page.")] = None,
    lang: Annotated[str | None, typer.Option(help="en or hi, of the page; else the language of the case.")] = None,
) -> None:
    """List what was received and how. With --out the whole chain is written as JSON lines and as a page beside it."""
    from spmc_tools.case.acts.provenance import export_chain
    from spmc_tools.case.log.anchors import head_words
    from spmc_tools.case.log.mailed_anchors import waiting
    from spmc_tools.case.store.batches import duplicates_differ
    from spmc_tools.report.page.custody_page import custody_page

    opened = command.open()
    aside, lines, rows = opened.set_aside(), [], []
    for batch in opened.batches(set_aside=True):
        how = batch.details.get("obtained")
        differ = duplicates_differ(batch)
        rows.append({
            "batch": batch.batch_id, "name": batch.source_name, "sha256": batch.source_sha256, "format": batch.format,
            "read": batch.read, "kept": batch.kept, "duplicates": batch.duplicates, "refused": batch.refused,
            "imported_at": batch.imported_at.isoformat(), "officer": batch.officer, "obtained": how,
            "received_from": batch.details.get("received_from"), "set_aside": batch.batch_id in aside, **differ,
        })  # fmt: skip
        lines.append(
            f"{batch.batch_id}  {quote(batch.source_name, 80)} ({batch.format}): "
            f"{batch.kept:,} of {batch.read:,} rows kept; "
            f"obtained: {how or 'not said'}{'; SET ASIDE' if batch.batch_id in aside else ''}"
            + "".join(f"; duplicates with {what.replace('_', ' ')}: {n:,}" for what, n in differ.items() if n)
        )
    made = export_chain(opened, out, lambda found: custody_page(opened, found, lang)) if out is not None else []
    length, head = opened.ledger.head()
    words = head_words(head)
    lines += [*(str(path.resolve()) for path in made), f"{length:,} entries; head of the chain {head}"]
    unsent, why = waiting(opened.path.parent)
    if unsent:
        lines.append(f"{unsent:,} anchors wait to be mailed, and are tried again: {why or 'not tried yet'}")
    lines.append(f"Note it elsewhere, or read it over the telephone: {length} {words}")
    found = {
        "batches": rows,
        "length": length,
        "head": head,
        "words": words,
        "anchors_waiting": unsent,
        "written": [str(path.resolve()) for path in made],
    }
    command.say(found, lines)


@on_case
def provenance(
    command: CaseCommand,
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="Id of a finished run: the name of its folder in reports/.")
    ],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it: .html with the picture, or .csv.")] = None,
    lang: Annotated[str | None, typer.Option(help="en or hi, of the page; else the language of the case.")] = None,
) -> None:
    """Lead every post of a report back to its file and row. It says how the file was obtained, too."""
    from dataclasses import asdict

    from spmc_tools.custody.evidence_pack.provenance_tree import provenance_steps, write_provenance

    opened = command.open()
    steps = provenance_steps(opened, run) if out is None else write_provenance(opened, run, out, lang)
    lines, before = [], None
    for step in steps:
        if (step.section, step.group) != before:
            before = (step.section, step.group)
            lines.append(step.section if step.group is None else f"group {step.group}")
        lines.append(
            f"  {quote(step.record_id or '', 80)[1:-1]}  {quote(step.file or step.source_sha256, 80)[1:-1]}, row "
            f"{step.source_row}; obtained: {step.obtained or 'not said'}; entry {step.entry}; {step.state}"
        )
    lines.append(f"{len(steps):,} posts shown, {sum(step.state == 'same' for step in steps):,} found at their rows.")
    lines += [str(out.resolve())] if out is not None else []
    found = {"run_id": run, "rows": [asdict(step) for step in steps], "written": str(out.resolve()) if out else None}
    command.say(found, lines)


@on_case
def backup(
    command: CaseCommand,
    out: Annotated[Path, typer.Option(metavar="FILE", help="A new file: .zip or .tar.zst.")],
) -> None:
    """Write a case into one file and read it back. Every hash and the chain are compared before it is called done."""
    from spmc_tools.custody.records.backup import back_up

    opened = command.open()
    path, sha256, files = back_up(opened, out)
    result = {"case": opened.id, "path": str(path.resolve()), "sha256": sha256, "files": files}
    lines = [
        f"{path.resolve()}: {files:,} files, read back and compared",
        f"SHA-256 {sha256}; note it where the file is not.",
        f"The key of the pseudonyms is not in it; keep a copy of {opened.key_path()} in a safe place.",
        "Done.",
    ]
    command.say(result, lines)


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup: .zip or .tar.zst.")],
    name: Annotated[str | None, typer.Option("--as", metavar="NAME", help="Another name for the case.")] = None,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Bring a case back from its backup. It is compared whole first, then there at one moment."""
    from spmc_tools.custody.records.restore import has_key
    from spmc_tools.custody.records.restore import restore as bring_back

    made = bring_back(file, name, cases_folder(context, cases))
    length, head = made.ledger.head()
    keyed = has_key(made)
    lines = [f"Case {made.id} in {made.path.resolve()}: every hash and the chain compared ({length:,} entries)"]
    if not keyed:
        lines.append(f"The key of its pseudonyms is not on this machine: exports need {made.key_path()}.")
    result = {"case": made.id, "path": str(made.path.resolve()), "length": length, "head": head, "key": keyed}
    say(context, as_json, result, [*lines, "Done."])


@on_case
def dispose(
    command: CaseCommand,
    reason: Annotated[str, typer.Option(help="Why; on the certificate.")],
    confirm: Annotated[str, typer.Option(metavar="CASE", help="The name of the case once more.")] = "",
) -> None:
    """Delete a case for good. A certificate of what was destroyed is written outside of it."""
    from spmc_tools.custody.records.case_disposal import dispose_of_case

    path = dispose_of_case(command.case, reason, confirm, command.folder()).resolve()
    page = path.with_suffix(".html")
    lines = [f"Case {command.case} is destroyed; the certificate:", str(path), str(page)]
    command.say({"case": command.case, "certificate": str(path), "page": str(page)}, lines)
