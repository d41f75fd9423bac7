"""Commands that bring material into a case: files, public posts of a platform, captures; and set an import aside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spmc_tools.cli.options import CaseCommand, Reason, on_case
from spmc_tools.errors import quote
from spmc_tools.progress import bars

__all__ = ["attach", "collect", "import_", "set_aside"]


@on_case
def import_(
    command: CaseCommand,
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
) -> None:
    """Bring files into a case. The original is kept byte for byte, and every row is accounted for."""
    from dataclasses import asdict

    from spmc_tools.importers.import_files import import_files

    with bars() as progress:
        results = import_files(
            command.open(),
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
    for file in results:
        name = quote(file.name, 120).strip('"')
        lines.append(
            f"{name} ({file.format}): {file.read:,} rows read = {file.kept:,} kept + "
            f"{file.duplicates:,} duplicates + {file.refused:,} refused; {file.accounts:,} account descriptions"
        )
        lines += [f"  {said}" for said in [*file.differences(), file.note] if said]
    if dry_run:
        lines.append("Nothing was changed (--dry-run).")
    elif obtained is None and any(result.kept for result in results):
        lines.append("How the file was obtained was not said; --obtained and --from put it into the custody log.")
    command.say({"files": [asdict(result) for result in results]}, lines)


@on_case
def collect(
    command: CaseCommand,
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
) -> None:
    """Ask a platform for public posts (off by default). Under the case's legal basis, bounded, each request logged."""
    from dataclasses import asdict

    from spmc_tools.collect.collection import collect as receive
    from spmc_tools.collect.collection import target_of
    from spmc_tools.collect.target import Limits

    target = target_of(source, name, server)
    opened = command.open()
    done = receive(opened, target, legal_basis=legal_basis, limits=Limits(posts, requests, per_minute), fresh=fresh)
    why = {
        "complete": "there are no more",
        "period": "the next lie before the case's period",
        "posts": "--posts is reached; the same command goes on from here",
        "requests": "--requests is reached; the same command goes on from here",
    }[done.ended]
    lines = [f"{target.shown}: {done.posts:,} posts in {done.requests:,} requests to {target.server}; {why}."]
    if (file := done.file) is not None:
        lines.append(
            f"{file.name} ({file.format}): {file.read:,} rows read = {file.kept:,} kept + "
            f"{file.duplicates:,} duplicates + {file.refused:,} refused; {file.accounts:,} account descriptions"
        )
        lines += [f"  {said}" for said in [*file.differences(), file.note] if said]
    result = {
        "case": opened.id, "target": target.told(), "posts": done.posts, "requests": done.requests,
        "ended": done.ended, "more": done.more, "resumed": done.resumed, "file": asdict(file) if file else None,
    }  # fmt: skip
    command.say(result, lines)


@on_case
def attach(
    command: CaseCommand,
    record: Annotated[str, typer.Argument(metavar="RECORD", help="Id of the post, or platform:id.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Screenshot, PDF, web archive or film.")],
    method: Annotated[str, typer.Option(help="screenshot, print, archive or download.")],
    tool: Annotated[str, typer.Option(help="Program it was captured with.")],
    captured_at: Annotated[
        str | None, typer.Option("--captured-at", metavar="TIME", help="As 2025-11-06T10:00+05:30; else now.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="A remark.")] = None,
) -> None:
    """Attach what was captured of a post before it is deleted. It is hashed, kept, and in every later check."""
    from spmc_tools.case.acts.attach import attach as add

    opened = command.open()
    made = add(opened, record, files, method=method, tool=tool, captured_at=captured_at, note=note)
    rows = [{"name": b.source_name, "sha256": b.source_sha256, "batch": b.batch_id} for b in made]
    lines = [f"{quote(b.source_name, 120)} attached as batch {b.batch_id}; SHA-256 {b.source_sha256}" for b in made]
    command.say({"case": opened.id, "record": made[0].details["record_id"], "files": rows}, lines)


@on_case
def set_aside(
    command: CaseCommand,
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="Number of the import, as spmc custody lists it.")],
    reason: Reason,
    undo: Annotated[bool, typer.Option("--undo", help="Use the import again.")] = False,
) -> None:
    """Set a mistaken import aside. Its rows leave every table and count, its file stays; --undo takes it back."""
    from spmc_tools.case.store.set_aside import set_aside as put_aside
    from spmc_tools.case.store.set_aside import take_back

    opened = command.open()
    done = (take_back if undo else put_aside)(opened, batch, reason)
    aside = sorted(opened.set_aside())
    state = "is in use again" if undo else "is set aside; its file stays, and it can be imported again"
    command.say(
        {"case": opened.id, "batch": done.batch_id, "set_aside": aside},
        [f"Batch {done.batch_id} ({quote(done.source_name, 120)}) {state}. {len(aside)} set aside in this case."],
    )
