"""The command line: cases, imports, investigations, reports, reviews, packs, keys, schedules.

Each command says what it did in a few lines, or with ``--json`` as one object on standard output. What went wrong
goes to standard error as one sentence; the exit code is 2 for bad input, 1 for a failed run, 0 otherwise. Nothing
heavy is imported before a command needs it.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from spmc_tools.errors import ParameterError, SpmcError, quote

__all__ = ["app", "main"]

app = typer.Typer(
    name="spmc",
    help="Find accounts that act together, show the evidence and what chance expects, write one report.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

CaseId = Annotated[str, typer.Argument(metavar="CASE", help="Name of the case: small letters, digits, - and _.")]
Cases = Annotated[
    Path | None,
    typer.Option("--cases", metavar="DIR", help="Where cases live; else SPMC_CASES, else data/cases."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]


def _where(context: typer.Context, cases: Path | None) -> Path | None:
    """Return the folder of cases that was asked for, before or after the command's name."""
    given = cases or context.find_root().obj["cases"]
    return Path(given) if given else None


def _say(context: typer.Context, as_json: bool, result: dict[str, Any], lines: list[str]) -> None:
    """Print a result: one JSON object, or lines for a person."""
    if as_json or context.find_root().obj["json"]:
        import json

        typer.echo(json.dumps(result, ensure_ascii=False, default=str))
    else:
        for line in lines:
            typer.echo(line)


def _with_progress() -> Any:
    from spmc_tools.progress import bars

    return bars()


@app.callback()
def common(
    context: typer.Context,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Find accounts that act together, show the evidence and what chance expects, write one report."""
    context.obj = {"cases": cases, "json": as_json}


@app.command()
def new(
    context: typer.Context,
    case: CaseId,
    title: Annotated[str, typer.Option(help="What the case is called.")],
    purpose: Annotated[str, typer.Option(help="What it is for.")],
    legal_basis: Annotated[str, typer.Option("--legal-basis", help="The provision or order it rests on.")],
    date_from: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, as 2025-11-03.")],
    date_to: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, inclusive.")],
    event: Annotated[str | None, typer.Option(help="Name of an event of the calendar.")] = None,
    language: Annotated[str, typer.Option(help="hi or en.")] = "en",
    officer: Annotated[str | None, typer.Option(help="Who prepares the case; else the name at log-in.")] = None,
    expires: Annotated[str | None, typer.Option(metavar="DATE", help="When the case must be disposed of.")] = None,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Make a case. Title, purpose, legal basis and period come before any data."""
    from spmc_tools.case.store.case import create_case
    from spmc_tools.case.store.retention import expired
    from spmc_tools.desks.base.calendar import events, find_event

    made = create_case(
        case,
        title=title,
        purpose=purpose,
        legal_basis=legal_basis,
        date_from=date_from,
        date_to=date_to,
        event=event,
        language=language,
        officer=officer,
        expires=expires,
        cases=_where(context, cases),
    )
    if event and find_event(event) is None:
        known = ", ".join(one.name for one in events())
        typer.echo(f"Note: the calendar has no event {quote(event)}, so no day is marked; it has {known}.", err=True)
    _say(
        context,
        as_json,
        {"case": made.id, "path": str(made.path.resolve())},
        [
            f"Case {made.id} made in {made.path.resolve()}",
            f"It expired on {made.settings.expires}, so nothing comes into it before it is extended: "
            f'spmc extend {made.id} --to DATE --reason "…"'
            if expired(made.settings)
            else f"Next: spmc import {made.id} FILE",
        ],
    )


@app.command("import")
def import_(
    context: typer.Context,
    case: CaseId,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Export files as they were received.")],
    format_: Annotated[str | None, typer.Option("--format", metavar="NAME", help="Importer to use.")] = None,
    mapping: Annotated[Path | None, typer.Option("--map", metavar="FILE", help="Mapping of columns, as TOML.")] = None,
    tz: Annotated[str | None, typer.Option(metavar="ZONE", help="Zone of times without one: Asia/Kolkata.")] = None,
    date_order: Annotated[str | None, typer.Option(metavar="ORDER", help="dmy, mdy or ymd.")] = None,
    accept_guess: Annotated[bool, typer.Option("--accept-guess", help="Use the mapping that is proposed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count, change nothing.")] = False,
    obtained: Annotated[
        str | None,
        typer.Option(metavar="HOW", help="How you got it: notice, analytics, public_api, open_tool or complainant."),
    ] = None,
    received_from: Annotated[str | None, typer.Option("--from", metavar="TEXT", help="Who it came from.")] = None,
    media: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Pictures and films that came with the export: hashed, not copied."),
    ] = None,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Bring files into a case. The original is kept byte for byte, and every row is accounted for."""
    from dataclasses import asdict

    from spmc_tools.case.store.case import open_case
    from spmc_tools.importers.import_files import import_files

    opened = open_case(case, cases=_where(context, cases))
    with _with_progress() as progress:
        results = import_files(
            opened,
            files,
            format=format_,
            mapping=mapping,
            tz=tz,
            date_order=date_order,
            accept_guess=accept_guess,
            dry_run=dry_run,
            obtained=obtained,
            received_from=received_from,
            media=media,
            progress=progress,
        )
    lines = []
    for one in results:
        name = quote(one.name, 120).strip('"')
        lines.append(
            f"{name} ({one.format}): {one.read:,} rows read = {one.kept:,} kept + {one.duplicates:,} duplicates "
            f"+ {one.refused:,} refused; {one.accounts:,} account descriptions"
        )
        lines += [f"  {said}" for said in [*one.differences(), one.note] if said]
    if dry_run:
        lines.append("Nothing was changed (--dry-run).")
    elif obtained is None and any(one.kept for one in results):
        lines.append("How the file was obtained was not said; --obtained and --from put it into the custody log.")
    _say(context, as_json, {"files": [asdict(one) for one in results]}, lines)


@app.command()
def collect(
    context: typer.Context,
    case: CaseId,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="telegram, bluesky or mastodon.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="@account, @channel, @name@server, or '#tag'.")],
    legal_basis: Annotated[
        str | None, typer.Option("--legal-basis", help="The case's legal basis, typed again: you decide under it.")
    ] = None,
    server: Annotated[str | None, typer.Option(metavar="URL", help="Another server than the platform's own.")] = None,
    posts: Annotated[int, typer.Option(help="Stop after the page that reaches this number.")] = 1000,
    requests: Annotated[int, typer.Option(help="Most requests of this call.")] = 200,
    per_minute: Annotated[int, typer.Option("--per-minute", help="Most requests in a minute.")] = 20,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin with the newest post, not where a limit stopped the last call.")
    ] = False,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Ask a platform for public posts (off by default). Under the case's legal basis, bounded, each request logged."""
    from dataclasses import asdict

    from spmc_tools.case.store.case import open_case
    from spmc_tools.collect.collection import collect as receive
    from spmc_tools.collect.collection import target_of
    from spmc_tools.collect.target import Limits

    target = target_of(source, name, server)
    opened = open_case(case, cases=_where(context, cases))
    done = receive(opened, target, legal_basis=legal_basis, limits=Limits(posts, requests, per_minute), fresh=fresh)
    why = {
        "complete": "there are no more",
        "period": "the next lie before the case's period",
        "posts": "--posts is reached; the same command goes on from here",
        "requests": "--requests is reached; the same command goes on from here",
    }[done.ended]
    lines = [f"{target.shown}: {done.posts:,} posts in {done.requests:,} requests to {target.server}; {why}."]
    if (one := done.file) is not None:
        lines.append(
            f"{one.name} ({one.format}): {one.read:,} rows read = {one.kept:,} kept + {one.duplicates:,} duplicates "
            f"+ {one.refused:,} refused; {one.accounts:,} account descriptions"
        )
        lines += [f"  {said}" for said in [*one.differences(), one.note] if said]
    result = {
        "case": opened.id, "target": target.told(), "posts": done.posts, "requests": done.requests,
        "ended": done.ended, "more": done.more, "resumed": done.resumed, "file": asdict(one) if one else None,
    }  # fmt: skip
    _say(context, as_json, result, lines)


@app.command()
def context(
    context: typer.Context,
    case: CaseId,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND", help="newsroom, official, office, volunteer, business, fan_club, public_figure or other."
        ),
    ],
    accounts: Annotated[list[str], typer.Argument(metavar="ACCOUNT...", help="Account ids, as in the records.")],
    reason: Annotated[str, typer.Option(help="Why, for the log: who they are and how you know.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take the accounts off the list again.")] = False,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Register newsrooms and official handles. Findings show them with their kind and never name them."""
    from spmc_tools.case.store.case import open_case

    opened = open_case(case, cases=_where(context, cases))
    if remove:
        opened.remove_context(accounts, kind, reason)
        left = len(opened.settings.context)
        _say(
            context,
            as_json,
            {"case": opened.id, "removed": len(accounts), "context": left},
            [f"{len(accounts):,} taken off the list; this case lists {left:,} accounts."],
        )
        return
    opened.add_context(accounts, kind, reason)
    pairs = opened.table("records", ["platform", "account_id"]).group_by(["platform", "account_id"]).aggregate([])
    rows = [(row["platform"], row["account_id"]) for row in pairs.to_pylist()]
    there = {name for platform, account in rows for name in (account, f"{platform}:{account}")}
    absent = [account for account in accounts if account not in there]
    if absent:
        shown = ", ".join(quote(account, 40) for account in absent[:10])
        typer.echo(
            f"Note: no record of this case is from {shown}{', …' if len(absent) > 10 else ''}; "
            "ids are wanted as in the records, not handles.",
            err=True,
        )
    _say(
        context,
        as_json,
        {"case": opened.id, "registered": len(accounts), "context": len(opened.settings.context)},
        [f"{len(accounts):,} registered as {kind}; this case lists {len(opened.settings.context):,} accounts."],
    )


@app.command("watch-term")
def watch_term(
    context: typer.Context,
    case: CaseId,
    term: Annotated[str, typer.Argument(metavar="TERM", help="Word or phrase, in any spelling.")],
    reason: Annotated[str, typer.Option(help="What it has to do with this case, for the log.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take it back.")] = False,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Watch for a term in posts of a case. It is the case's own, with a reason, logged and shown in every report."""
    from spmc_tools.case.store.case import open_case
    from spmc_tools.desks.watch.watch_terms import add_watch_term, remove_watch_term, watch_terms

    opened = open_case(case, cases=_where(context, cases))
    if remove:
        remove_watch_term(opened, term, reason)
    else:
        add_watch_term(opened, term, reason)
    terms = [one.term for one in watch_terms(opened)]
    shown = ", ".join(quote(one, 40) for one in terms) or "none"
    _say(context, as_json, {"case": opened.id, "terms": terms}, [f"Terms that case {opened.id} watches for: {shown}"])


@app.command()
def investigate(
    context: typer.Context,
    case: CaseId,
    seed: Annotated[int, typer.Option(help="Seed of everything that is drawn.")] = 0,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Look for accounts that acted together beyond chance. What is found is kept in the case for reports."""
    from spmc_tools.case.store.case import open_case
    from spmc_tools.findings.pipeline.investigate import investigate as look

    opened = open_case(case, cases=_where(context, cases))
    with _with_progress() as progress:
        found = look(opened, seed=seed, progress=progress)
    counts = {"accounts": len(found.accounts), "edges": len(found.edges), "clusters": len(found.clusters)}
    named = int(found.accounts["tier"].isin(["A", "B"]).sum()) if len(found.accounts) else 0
    apart = opened.n_not_compared()
    lines = [
        f"{counts['accounts']:,} accounts looked at, {counts['edges']:,} edges, {counts['clusters']:,} clusters; "
        f"{named:,} accounts in tier A or B",
        *([f"{apart:,} posts whose account is not certain, kept for reading, not compared"] if apart else []),
        *(
            (f"Not run: {row['trace']}: {row['reason']}" for row in found.not_run)
            if len(found.accounts)
            else ["Nothing was run: there is no post that could be compared with others."]
        ),
        f"Next: spmc report {opened.id} election_watch"
        if len(found.accounts)
        else f"Next: spmc import {opened.id} FILE",
    ]
    _say(
        context,
        as_json,
        {
            **counts,
            "not_compared": apart,
            "not_run": found.not_run,
            "derived": str(found.derived and found.derived.resolve()),
        },
        lines,
    )


def _pairs(values: list[str]) -> dict[str, str]:
    """Split ``name=value`` options."""
    pairs: dict[str, str] = {}
    for value in values:
        name, sign, text = value.partition("=")
        if not sign:
            raise ParameterError(f"-p: found {quote(value)}, wanted name=value; type for example -p seed=1.")
        if name in pairs:
            raise ParameterError(f"-p: the parameter {name!r} is given twice; type it once.")
        pairs[name] = text
    return pairs


@app.command()
def report(
    context: typer.Context,
    case: CaseId,
    notebook: Annotated[str, typer.Argument(metavar="NOTEBOOK", help="Name in notebooks/, or a path to an .ipynb.")],
    parameters: Annotated[
        list[str] | None, typer.Option("-p", metavar="NAME=VALUE", help="Parameter of the notebook; may be repeated.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="en, hi or both; else the language of the case.")] = None,
    edition: Annotated[str, typer.Option(help="full or redacted.")] = "full",
    pdf: Annotated[bool, typer.Option("--pdf", help="Print a PDF too, with the system's Chromium.")] = False,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Run a notebook on a case and write one HTML file. Its path is the last line."""
    from spmc_tools.case.store.case import open_case
    from spmc_tools.report.running.run import run_notebook

    opened = open_case(case, cases=_where(context, cases))
    with _with_progress() as progress:
        done = run_notebook(
            opened,
            notebook,
            _pairs(parameters or []),
            language=lang or opened.settings.language,
            edition=edition,
            pdf=pdf,
            signer=_signer(opened.officer),
            progress=progress,
        )
    _show_run(context, as_json, done)


def _show_run(context: typer.Context, as_json: bool, done: Any) -> None:
    """Print a run; a failed one ends with exit code 1 after its report was written."""
    page = done.report.resolve()
    result = {"run_id": done.run_id, "status": done.status, "report": str(page)}
    _say(context, as_json, result, [f"Run {done.run_id}: {done.status}", str(page)])
    if done.status == "failed":
        typer.echo(f"The run failed; what it computed and why it stopped stand in {page}.", err=True)
        raise typer.Exit(1)


@app.command()
def verify(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A case, the folder of one run, or an evidence pack.")],
    authority: Annotated[
        Path | None, typer.Option(metavar="FILE.pem", help="Certificate of the authority behind time stamps.")
    ] = None,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Recompute every hash of a case, a run or an evidence pack. The first thing that differs is named."""
    from spmc_tools.case.store.case import cases_dir
    from spmc_tools.custody.review.pack import verify as recompute

    named = cases_dir(_where(context, cases)) / path
    if not path.exists() and ".." not in path.parts and named.is_dir():
        path = named
    result = recompute(path, authority=authority)
    lines = [f"Differs: {what}." for what in result.differences]
    lines += [f"Not checked: {what}." for what in result.not_checked]
    lines += [f"Note: {what}." for what in result.notes]
    lines.append(f"{result.checked:,} things checked: {'nothing differs' if result.ok else 'something differs'}.")
    found = {
        "ok": result.ok,
        "checked": result.checked,
        "first_difference": result.first_difference,
        "differences": list(result.differences),
        "not_checked": list(result.not_checked),
        "notes": list(result.notes),
    }
    _say(context, as_json, found, lines)
    if not result.ok:
        raise typer.Exit(1)


@app.command()
def attach(
    context: typer.Context,
    case: CaseId,
    record: Annotated[str, typer.Argument(metavar="RECORD", help="Id of the post, or platform:id.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Screenshot, PDF, web archive or film.")],
    method: Annotated[str, typer.Option(help="screenshot, print, archive or download.")],
    tool: Annotated[str, typer.Option(help="Program it was captured with.")],
    captured_at: Annotated[
        str | None, typer.Option("--captured-at", metavar="TIME", help="As 2025-11-06T10:00+05:30; else now.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="A remark.")] = None,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Attach what was captured of a post before it is deleted. It is hashed, kept, and in every later check."""
    from spmc_tools.case.acts.attach import attach as add
    from spmc_tools.case.store.case import open_case

    opened = open_case(case, cases=_where(context, cases))
    made = add(opened, record, files, method=method, tool=tool, captured_at=captured_at, note=note)
    rows = [{"name": b.source_name, "sha256": b.source_sha256, "batch": b.batch_id} for b in made]
    lines = [f"{quote(b.source_name, 120)} attached as batch {b.batch_id}; SHA-256 {b.source_sha256}" for b in made]
    _say(context, as_json, {"case": opened.id, "record": made[0].details["record_id"], "files": rows}, lines)


@app.command("set-aside")
def set_aside(
    context: typer.Context,
    case: CaseId,
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="Number of the import, as spmc custody lists it.")],
    reason: Annotated[str, typer.Option(help="Why, for the log.")],
    undo: Annotated[bool, typer.Option("--undo", help="Use the import again.")] = False,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Set a mistaken import aside. Its rows leave every table and count, its file stays; --undo takes it back."""
    from spmc_tools.case.store.case import open_case
    from spmc_tools.case.store.set_aside import set_aside as put_aside
    from spmc_tools.case.store.set_aside import take_back

    opened = open_case(case, cases=_where(context, cases))
    done = (take_back if undo else put_aside)(opened, batch, reason)
    aside = sorted(opened.set_aside())
    state = "is in use again" if undo else "is set aside; its file stays, and it can be imported again"
    _say(
        context,
        as_json,
        {"case": opened.id, "batch": done.batch_id, "set_aside": aside},
        [f"Batch {done.batch_id} ({quote(done.source_name, 120)}) {state}. {len(aside)} set aside in this case."],
    )


@app.command()
def handover(
    context: typer.Context,
    case: CaseId,
    to: Annotated[str, typer.Option(metavar="NAME", help="Who takes it: name, rank, office.")],
    reason: Annotated[str, typer.Option(help="Why, for the log.")],
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Log that the case, or a copy, is handed to somebody. Note the hash that is printed in the case diary."""
    from spmc_tools.case.acts.provenance import hand_over
    from spmc_tools.case.store.case import open_case

    entry = hand_over(open_case(case, cases=_where(context, cases)), to, reason)
    result = {"case": case, "entry": entry["seq"], "hash": entry["hash"]}
    _say(context, as_json, result, [f"Entry {entry['seq']} of the custody log, hash {entry['hash']}"])


@app.command()
def custody(
    context: typer.Context,
    case: CaseId,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the log: JSON lines, and a page.")] = None,
    lang: Annotated[str, typer.Option(help="en, hi or both, of the page.")] = "both",
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """List what was received and how. With --out the whole chain is written as JSON lines and as a page beside it."""
    from spmc_tools.case.acts.provenance import export_chain
    from spmc_tools.case.store.batches import duplicates_differ
    from spmc_tools.case.store.case import open_case
    from spmc_tools.report.page.custody_page import custody_page

    opened = open_case(case, cases=_where(context, cases))
    aside, lines, rows = opened.set_aside(), [], []
    for one in opened.batches(set_aside=True):
        how = one.details.get("obtained")
        differ = duplicates_differ(one)
        rows.append({
            "batch": one.batch_id, "name": one.source_name, "sha256": one.source_sha256, "format": one.format,
            "read": one.read, "kept": one.kept, "duplicates": one.duplicates, "refused": one.refused,
            "imported_at": one.imported_at.isoformat(), "officer": one.officer, "obtained": how,
            "received_from": one.details.get("received_from"), "set_aside": one.batch_id in aside, **differ,
        })  # fmt: skip
        lines.append(
            f"{one.batch_id}  {quote(one.source_name, 80)} ({one.format}): {one.kept:,} of {one.read:,} rows kept; "
            f"obtained: {how or 'not said'}{'; SET ASIDE' if one.batch_id in aside else ''}"
            + "".join(f"; duplicates with {what.replace('_', ' ')}: {n:,}" for what, n in differ.items() if n)
        )
    made = export_chain(opened, out, lambda found: custody_page(opened, found, lang)) if out is not None else []
    length, head = opened.ledger.head()
    lines += [*(str(path.resolve()) for path in made), f"{length:,} entries; head of the chain {head}"]
    found = {"batches": rows, "length": length, "head": head, "written": [str(path.resolve()) for path in made]}
    _say(context, as_json, found, lines)


@app.command()
def provenance(
    context: typer.Context,
    case: CaseId,
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="Id of a finished run: the name of its folder in reports/.")
    ],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it: .html with the picture, or .csv.")] = None,
    lang: Annotated[str, typer.Option(help="en, hi or both, of the page.")] = "both",
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Lead every post of a report back to its file and row. It says how the file was obtained, too."""
    from dataclasses import asdict

    from spmc_tools.case.store.case import open_case
    from spmc_tools.custody.evidence_pack.provenance_tree import provenance_steps, write_provenance

    opened = open_case(case, cases=_where(context, cases))
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
    _say(context, as_json, found, lines)


@app.command()
def search(
    context: typer.Context,
    case: CaseId,
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="All must stand in the post; begin* too.")],
    limit: Annotated[int, typer.Option(help="At most this many.")] = 50,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Find posts by their words, in any way of writing them. A search is logged."""
    from spmc_tools.case.store.case import open_case

    asked = " ".join(f'"{word}"' if " " in word else word for word in words)
    hits = open_case(case, cases=_where(context, cases)).search(asked, limit)
    rows, lines = [], []
    for hit in hits.astype(object).where(hits.notna(), None).to_dict("records"):
        at = hit["time_ist"]
        rows.append({**hit, "created_at": hit["created_at"].isoformat(), "time_ist": at.isoformat()})
        lines.append(
            f"{at:%Y-%m-%d %H:%M:%S} IST  {quote(hit['platform'] + ':' + hit['record_id'], 120)[1:-1]}  "
            f"{quote(hit['account_id'])[1:-1]}  ({quote(hit['source_name'], 60)[1:-1]}, row {hit['source_row']})"
        )
        lines.append(f"    {quote(hit['text'] or '', 300)[1:-1]}")
    total = hits.attrs["total"]
    lines.append(f"{total:,} posts{f', the first {len(rows):,} shown' if total > len(rows) else ''}.")
    _say(context, as_json, {"case": case, "total": total, "hits": rows}, lines)


@app.command()
def backup(
    context: typer.Context,
    case: CaseId,
    out: Annotated[Path, typer.Option(metavar="FILE", help="A new file: .zip or .tar.zst.")],
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Write a case into one file and read it back. Every hash and the chain are compared before it is called done."""
    from spmc_tools.case.store.case import open_case
    from spmc_tools.custody.records.backup import back_up

    opened = open_case(case, cases=_where(context, cases))
    path, sha256, files = back_up(opened, out)
    result = {"case": opened.id, "path": str(path.resolve()), "sha256": sha256, "files": files}
    lines = [
        f"{path.resolve()}: {files:,} files, read back and compared",
        f"SHA-256 {sha256}; note it where the file is not.",
        f"The key of the pseudonyms is not in it; keep a copy of {opened.key_path()} in a safe place.",
        "Done.",
    ]
    _say(context, as_json, result, lines)


@app.command()
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

    made = bring_back(file, name, _where(context, cases))
    length, head = made.ledger.head()
    keyed = has_key(made)
    lines = [f"Case {made.id} in {made.path.resolve()}: every hash and the chain compared ({length:,} entries)"]
    if not keyed:
        lines.append(f"The key of its pseudonyms is not on this machine: exports need {made.key_path()}.")
    result = {"case": made.id, "path": str(made.path.resolve()), "length": length, "head": head, "key": keyed}
    _say(context, as_json, result, [*lines, "Done."])


@app.command()
def extend(
    context: typer.Context,
    case: CaseId,
    until: Annotated[str, typer.Option("--to", metavar="DATE", help="The new last day, as 2026-12-31.")],
    reason: Annotated[str, typer.Option(help="Why, and by whose order; for the log.")],
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Give a case a later day on which it expires. After that day nothing is imported into it."""
    from spmc_tools.case.store.case import open_case
    from spmc_tools.case.store.retention import extend as extend_case

    opened = open_case(case, cases=_where(context, cases))
    before = opened.settings.expires
    extend_case(opened, until, reason)
    after = opened.settings.expires
    found = {"case": opened.id, "before": str(before), "expires": str(after)}
    _say(context, as_json, found, [f"Case {opened.id} expires on {after}, not on {before}; logged with the reason."])


@app.command()
def dispose(
    context: typer.Context,
    case: CaseId,
    reason: Annotated[str, typer.Option(help="Why; on the certificate.")],
    confirm: Annotated[str, typer.Option(metavar="CASE", help="The name of the case once more.")] = "",
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Delete a case for good. A certificate of what was destroyed is written outside of it."""
    from spmc_tools.custody.records.case_disposal import dispose_of_case

    path = dispose_of_case(case, reason, confirm, _where(context, cases)).resolve()
    page = path.with_suffix(".html")
    lines = [f"Case {case} is destroyed; the certificate:", str(path), str(page)]
    _say(context, as_json, {"case": case, "certificate": str(path), "page": str(page)}, lines)


RunId = Annotated[str, typer.Argument(metavar="RUN", help="Id of a finished run: the name of its folder in reports/.")]
Officer = Annotated[str, typer.Option("--as", metavar="NAME", help="Name of the officer.")]


@app.command()
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

    opened = open_case(case, cases=_where(context, cases))
    made = log_review(
        opened, run, reviewer=name, verdict=verdict, counter_case=counter_case, signer=_signer(name, needed=True)
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
    _say(context, as_json, {"run_id": run, "reviews": rows}, lines)


@app.command()
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

    notice = take_back(open_case(case, cases=_where(context, cases)), run, reason)
    _say(context, as_json, {"run_id": run, "notice": str(notice.resolve())}, [f"Run {run} is withdrawn.", str(notice)])


@app.command(name="time-stamp")
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

    stamp = stamp_run(open_case(case, cases=_where(context, cases)), run, server, authority)
    lines = [f"Run {run}: time stamp of {stamp.at}."]
    if stamp.trusted is None:
        lines.append("Who signed it was not compared with anybody; give --authority to verify.")
    _say(context, as_json, {"run_id": run, "at": stamp.at, "serial": str(stamp.serial)}, lines)


@app.command()
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

    opened = open_case(case, cases=_where(context, cases))
    made = write_pack(opened, run, out, _signer(opened.officer))
    result = {"run_id": run, "pack": str(made.resolve()), "sha256": sha256_file(made)}
    _say(context, as_json, result, [f"SHA-256 {result['sha256']}", result["pack"]])


keys = typer.Typer(
    no_args_is_help=True,
    help="Make, show and rotate the keys with which officers sign. One each, locked with a passphrase.",
)
app.add_typer(keys, name="key")


@keys.command("new")
def key_new(context: typer.Context, name: Officer, as_json: Json = False) -> None:
    """Make an officer's key. The passphrase is asked for, or read from SPMC_KEY_PASSPHRASE."""
    from spmc_tools.signing.officer_keys import make_key

    _say_key(context, as_json, make_key(name, _passphrase(f"New passphrase for the key of {name}", twice=True)))


@keys.command("show")
def key_show(context: typer.Context, name: Officer, as_json: Json = False) -> None:
    """Say the fingerprint of an officer's public key. Others compare it."""
    from spmc_tools.signing.officer_keys import read_key

    found = read_key(name)
    if found is None:
        raise ParameterError(f"{quote(name)} has no key here; type spmc key new --as NAME to make one.")
    _say_key(context, as_json, found)


@keys.command("rotate")
def key_rotate(context: typer.Context, name: Officer, as_json: Json = False) -> None:
    """Replace an officer's key. The new passphrase is asked for, or read from SPMC_NEW_KEY_PASSPHRASE."""
    from spmc_tools.signing.officer_keys import rotate_key

    old = _passphrase(f"Passphrase of the key of {name}")
    new = _passphrase("Passphrase of the new key", twice=True, variable="SPMC_NEW_KEY_PASSPHRASE")
    _say_key(context, as_json, rotate_key(name, old, new))


def _say_key(context: typer.Context, as_json: bool, key: Any) -> None:
    result = {**key.told(), "made_at": key.made_at, "path": str(key.path)}
    _say(context, as_json, result, [f"{key.officer}: {key.fingerprint}", f"Public key {key.public_key}", str(key.path)])


def _passphrase(what: str, twice: bool = False, variable: str = "SPMC_KEY_PASSPHRASE") -> str:
    """Return a passphrase from the environment, or ask for it on the terminal."""
    told = os.environ.get(variable)
    if told:
        return told
    if not sys.stdin.isatty():
        raise ParameterError(f"A passphrase is needed and nobody can be asked; set {variable}.")
    return str(typer.prompt(what, hide_input=True, confirmation_prompt=twice, err=True))


def _signer(name: str, needed: bool = False) -> Any:
    """Return an officer's unlocked key; None where there is none, or, unless needed, nobody can be asked."""
    from spmc_tools.case.files.officer_names import name_key
    from spmc_tools.signing.officer_keys import PASSPHRASE, read_key, unlock

    if not name_key(name) or read_key(name) is None:
        return None
    if not needed and not os.environ.get(PASSPHRASE) and not sys.stdin.isatty():
        typer.echo(
            f"Note: the key of {quote(name)} is locked and {PASSPHRASE} is not set, so nothing is signed.", err=True
        )
        return None
    return unlock(name, _passphrase(f"Passphrase of the key of {name}"))


schedules = typer.Typer(no_args_is_help=True, help="Run reports when they are due. One TOML file holds [[job]] tables.")
app.add_typer(schedules, name="schedule")

ScheduleFile = Annotated[Path, typer.Argument(metavar="FILE.toml", help="Schedule; see docs/schedule.md.")]


@schedules.command("run")
def schedule_run(context: typer.Context, file: ScheduleFile, cases: Cases = None, as_json: Json = False) -> None:
    """Run the jobs that are due, one after the other. A job that never ran is due at once."""
    from spmc_tools.schedule.schedule import run_due
    from spmc_tools.schedule.schedule_file import read_schedule

    quiet = as_json or context.find_root().obj["json"]
    done = run_due(
        read_schedule(file, whole=False),
        _where(context, cases),
        say=None if quiet else lambda line: typer.echo(line, err=True),
    )
    for problem in done.hooks:
        typer.echo(problem, err=True)
    for name, why in done.failed.items():
        typer.echo(f"{name} failed: {_sentence(why)}", err=True)
    result = {
        "due": done.due,
        "done": done.done,
        "failed": list(done.failed),
        "reasons": done.failed,
        "elsewhere": done.elsewhere,
        "reports": done.reports,
        "hooks": done.hooks,
    }
    _say(context, as_json, result, [f"{len(done.due)} due, {len(done.done)} done, {len(done.failed)} failed"])
    if done.failed:
        raise typer.Exit(1)


@schedules.command("list")
def schedule_list(context: typer.Context, file: ScheduleFile, cases: Cases = None, as_json: Json = False) -> None:
    """Say of each job when it ran, how that ended, and when it is due."""
    from spmc_tools.desks.base.calendar import IST
    from spmc_tools.schedule.schedule import due_jobs
    from spmc_tools.schedule.schedule_file import read_schedule

    def hour(moment: Any) -> str:
        return f"{moment.astimezone(IST):%Y-%m-%d %H:%M} IST" if moment is not None else "never"

    rows = due_jobs(read_schedule(file), _where(context, cases))
    lines = []
    for row in rows:
        last = f"{row.last.status} {hour(row.last.started_at)}" if row.last is not None else "never ran"
        if row.last is not None and row.last.ended_at is not None and row.last.ended_at >= row.last.started_at:
            last += f", took {(row.last.ended_at - row.last.started_at).total_seconds():.0f} s"
        due = "due now" if row.due_at is not None else f"due {hour(row.next_at)}"
        lines.append(f"{row.job.name}: {due}; last: {last}" + (f"; {_sentence(row.problem)}" if row.problem else ""))
        if row.last is not None and row.last.reason:
            lines.append(f"  {row.last.reason}")
    ended = [(row.job.name, row.last.status) for row in rows if row.last is not None]
    result = {
        "due": [row.job.name for row in rows if row.due_at is not None],
        "done": [name for name, status in ended if status in {"complete", "partial"}],
        "failed": [name for name, status in ended if status in {"failed", "killed", "refused"}],
        "next": {row.job.name: row.next_at.isoformat() if row.next_at else None for row in rows},
        "problems": {row.job.name: row.problem for row in rows if row.problem},
    }
    _say(context, as_json, result, lines)


@schedules.command("install")
def schedule_install(
    context: typer.Context,
    file: ScheduleFile,
    kind: Annotated[str, typer.Option(help="systemd, cron or windows.")] = "systemd",
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the files are written.")] = Path(),
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Write the files that start the schedule every five minutes. You put them in place."""
    from spmc_tools.case.files.durable import write_file
    from spmc_tools.case.store.case import cases_dir
    from spmc_tools.schedule.schedule_file import read_schedule
    from spmc_tools.schedule.timers import timer_files

    plan = read_schedule(file)
    program = [sys.executable, "-c", "from spmc_tools.cli import main; main()"]
    root = cases_dir(_where(context, cases) or plan.cases).resolve()
    made = timer_files(kind, program, plan.path, root)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            write_file(out / name, text.encode())
    except OSError as error:
        raise ParameterError(f"--out: {quote(out)} cannot be written: {error.strerror or error}.") from None
    paths = [str((out / name).resolve()) for name in made]
    unit = next(iter(made)).removesuffix(".service")
    after = {
        "systemd": f"Next: copy them to ~/.config/systemd/user/, then systemctl --user enable --now {unit}.timer",
        "cron": "Next: add the line to crontab -e",
        "windows": f"Next: schtasks /Create /TN SPMC /XML {paths[0]}",
    }[kind]
    _say(context, as_json, {"due": [], "done": [], "failed": [], "written": paths}, [*paths, after])


@app.command()
def lab(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Work folder of the notebooks; else lab beside the cases.")
    ] = None,
    port: Annotated[int | None, typer.Option(metavar="N", help="Port on 127.0.0.1; else the first free one.")] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Open JupyterLab on this machine alone. The notebooks and the sample case are ready; Ctrl-C stops it."""
    from spmc_tools.demo import sample_case
    from spmc_tools.lab import prepare, run_lab

    where = _where(context, cases)
    with _with_progress() as progress:
        sample_case(where, progress)
    ready = prepare(folder, where, port, browser)
    lines = [f"Notebooks in {ready.folder}", "Open this address in the browser of this machine; Ctrl-C here stops it:"]
    _say(context, as_json, {"url": ready.url, "folder": str(ready.folder)}, [*lines, ready.url])
    code = run_lab(ready)
    if code:
        typer.echo(f"JupyterLab ended with code {code}; what it said stands above.", err=True)
        raise typer.Exit(1)


@app.command()
def demo(context: typer.Context, cases: Cases = None, as_json: Json = False) -> None:
    """Take the synthetic sample case from files to report. The path of the report is the last line."""
    from spmc_tools.demo import run_demo

    quiet = as_json or context.find_root().obj["json"]
    with _with_progress() as progress:
        done = run_demo(
            _where(context, cases), say=None if quiet else lambda line: typer.echo(line, err=True), progress=progress
        )
    _show_run(context, as_json, done)


@app.command()
def doctor(
    context: typer.Context,
    cases: Cases = None,
    profile_of: Annotated[
        str | None,
        typer.Option("--profile", metavar="CASE", help="Also: where time and memory went in its last investigation."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what this machine lacks and which cases need care. These are past their date or have a broken chain."""
    from spmc_tools.doctor import examine, kept_stages, profile

    where = _where(context, cases)
    kept = kept_stages(where)
    stages = profile(profile_of, where) if profile_of is not None else None
    found = examine(where)
    lines = [f"Problem: {p['what']} {p['do']}".rstrip() for p in found["problems"]]
    lines += [f"Note: {n['what']} {n['do']}".rstrip() for n in found["notes"]]
    lines += [f"Case {k['case']} keeps {k['files']} stages, {k['bytes'] / 1e6:,.1f} MB." for k in kept]
    lines.append(f"{len(found['problems'])} problems." if found["problems"] else "No problems.")
    if stages is not None:
        lines += [_stage_line(stage) for stage in stages] or [f"{profile_of}: no investigation was logged with times."]
    told = {**found, "kept_stages": kept, **({} if stages is None else {"profile": stages})}
    _say(context, as_json, told, lines)


def _stage_line(stage: dict[str, Any]) -> str:
    peak = "" if stage["peak_mb"] is None else f", {stage['peak_mb']:,} MB at most so far"
    return f"{stage['stage']}: {stage['cpu_s']:.1f} s of processor, {stage['wall_s']:.1f} s by the clock{peak}"


def _sentence(message: str) -> str:
    """Return a message that ends like a sentence; a block below it (a proposed mapping) stays as it is."""
    text = message.strip()
    return text if "\n" in text or text.endswith((".", "?", "!")) else f"{text}."


def _wrong_use(error: typer.TyperException) -> int:
    """Say in one sentence what is wrong with the command as it was typed; return the exit code."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message(), err=True)
    else:
        command = context.command_path if context is not None else "spmc"
        typer.echo(f"{_sentence(' '.join(error.format_message().split()))} Type: {command} --help", err=True)
    return 2


def _unexpected(error: BaseException) -> str:
    """Write the details of an error nobody foresaw to a file, and return the sentence that names it."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="spmc-", suffix=".log", delete=False, encoding="utf-8") as log:
        traceback.print_exception(error, file=log)
    return f"spmc stopped unexpectedly ({type(error).__name__}); the details are in {log.name}."


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0, 1 for a failed run, 2 for bad input."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file name may hold bytes that are no text
    code = 0
    try:
        returned = app(args=arguments, prog_name="spmc", standalone_mode=False)
        code = returned if isinstance(returned, int) else 0
    except typer.TyperException as error:
        code = _wrong_use(error)
    except typer.Exit as error:
        code = error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("Stopped; what was finished before is kept.", err=True)
        code = 130
    except SpmcError as error:
        typer.echo(_sentence(str(error)), err=True)
        code = error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 1
    except Exception as error:
        if os.environ.get("SPMC_DEBUG"):
            raise
        typer.echo(_unexpected(error), err=True)
        code = 1
    sys.exit(code)
