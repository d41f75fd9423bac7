"""Commands on a case itself: make it, register accounts, watch for terms, search, extend."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from spmc_tools.cli.options import CaseCommand, CaseId, Cases, Json, on_case
from spmc_tools.cli.output import cases_folder, say
from spmc_tools.errors import quote

__all__ = ["context", "extend", "law_check", "new", "search", "watch_term"]


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
        cases=cases_folder(context, cases),
    )
    if event and find_event(event) is None:
        known = ", ".join(known_event.name for known_event in events())
        typer.echo(f"Note: the calendar has no event {quote(event)}, so no day is marked; it has {known}.", err=True)
    say(
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


@on_case
def context(
    command: CaseCommand,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND", help="newsroom, official, office, volunteer, business, fan_club, public_figure or other."
        ),
    ],
    accounts: Annotated[list[str], typer.Argument(metavar="ACCOUNT...", help="Account ids, as in the records.")],
    reason: Annotated[str, typer.Option(help="Why, for the log: who they are and how you know.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take the accounts off the list again.")] = False,
) -> None:
    """Register newsrooms and official handles. Findings show them with their kind and never name them."""
    opened = command.open()
    if remove:
        opened.remove_context(accounts, kind, reason)
        left = len(opened.settings.context)
        command.say(
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
    command.say(
        {"case": opened.id, "registered": len(accounts), "context": len(opened.settings.context)},
        [f"{len(accounts):,} registered as {kind}; this case lists {len(opened.settings.context):,} accounts."],
    )


@on_case
def watch_term(
    command: CaseCommand,
    term: Annotated[str, typer.Argument(metavar="TERM", help="Word or phrase, in any spelling.")],
    reason: Annotated[str, typer.Option(help="What it has to do with this case, for the log.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take it back.")] = False,
) -> None:
    """Watch for a term in posts of a case. It is the case's own, with a reason, logged and shown in every report."""
    from spmc_tools.desks.watch.watch_terms import add_watch_term, remove_watch_term, watch_terms

    opened = command.open()
    if remove:
        remove_watch_term(opened, term, reason)
    else:
        add_watch_term(opened, term, reason)
    terms = [watched.term for watched in watch_terms(opened)]
    shown = ", ".join(quote(listed_term, 40) for listed_term in terms) or "none"
    command.say({"case": opened.id, "terms": terms}, [f"Terms that case {opened.id} watches for: {shown}"])


@on_case
def law_check(
    command: CaseCommand,
    provisions: Annotated[
        list[str] | None, typer.Argument(metavar="[PROVISION...]", help="Their keys; none: list all with their state.")
    ] = None,
    name: Annotated[str | None, typer.Option("--as", metavar="NAME", help="Name of the law officer.")] = None,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="Day of the check, as 2026-12-01; else today.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the check of these back; with --reason.")] = False,
    reason: Annotated[str, typer.Option(help="Why a check is taken back, for the log.")] = "",
) -> None:
    """Log that a law officer checked provisions. The word "not checked" leaves reports and drafts of the case."""
    from spmc_tools.desks.referrals.law_checks import check_provisions, provisions_of, withdraw_check

    opened = command.open()
    for key in (provisions or []) if withdraw else []:
        withdraw_check(opened, key, reason)
    if provisions and not withdraw:
        check_provisions(opened, provisions, name or "", on)
    lines = provisions_of(opened)
    names = ("key", "checked_on", "checked_by")
    found = [{name: getattr(one, name) for name in names} for one in lines.values()]
    command.say(
        {"case": opened.id, "provisions": found},
        [
            f"{key}  {one.act} {one.section}: "
            + (f"checked on {one.checked_on} by {quote(one.checked_by, 80)[1:-1]}" if one.checked_on else "not checked")
            for key, one in lines.items()
        ],
    )


@on_case
def search(
    command: CaseCommand,
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORDS...", help="All must stand in the post; begin*, OR, NOT, NEAR/8, (…) too."),
    ],
    limit: Annotated[int, typer.Option(help="At most this many.")] = 50,
    account: Annotated[
        str | None, typer.Option(help="Only posts of this account: its id, handle or shown name.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Only post, repost, reply, quote, comment or message.")] = None,
    date_from: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day, as 2025-11-03.")] = None,
    date_to: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day, inclusive.")] = None,
    media: Annotated[bool, typer.Option("--media", help="Only posts with a picture or film.")] = False,
    as_typed: Annotated[bool, typer.Option("--as-typed", help="Not in other scripts and spellings.")] = False,
    order: Annotated[Literal["time", "rarity"], typer.Option(help="Earliest, or rare words, first.")] = "time",
) -> None:
    """Find posts by their words, in any script and way of writing. A search is logged."""
    from spmc_tools.case.store.case_search import PostFilter, typed_day
    from spmc_tools.text.search.word_marks import excerpt, in_marks

    asked = " ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words)
    only = PostFilter(account, kind, typed_day("--from", date_from), typed_day("--to", date_to), media)
    hits = command.open().search(asked, limit, only=only, sound=not as_typed, order=order)
    rows, lines = [], []
    for hit in hits.astype(object).where(hits.notna(), None).to_dict("records"):
        at = hit["time_ist"]
        rows.append({**hit, "created_at": hit["created_at"].isoformat(), "time_ist": at.isoformat()})
        why = {"typed": "", "sound": ", by its sound", "other": ", in a name, id, tag or address"}[hit["how"]]
        lines.append(
            f"{at:%Y-%m-%d %H:%M:%S} IST  {quote(hit['platform'] + ':' + hit['record_id'], 120)[1:-1]}  "
            f"{quote(hit['account_id'])[1:-1]}  ({quote(hit['source_name'], 60)[1:-1]}, row {hit['source_row']}{why})"
        )
        lines.append(f"    {quote(in_marks(*excerpt(hit['text'] or '', hit['places'])), 500)[1:-1]}")
    total, left_out = hits.attrs["total"], hits.attrs["left_out"]
    lines.append(f"{total:,} posts{f', the first {len(rows):,} shown' if total > len(rows) else ''}.")
    lines += [
        f"{quote(word, 40)}: {n:,} rarer ways of writing it were not searched for." for word, n in left_out.items()
    ]
    command.say({"case": command.case, "total": total, "left_out": left_out, "hits": rows}, lines)


@on_case
def extend(
    command: CaseCommand,
    until: Annotated[str, typer.Option("--to", metavar="DATE", help="The new last day, as 2026-12-31.")],
    reason: Annotated[str, typer.Option(help="Why, and by whose order; for the log.")],
) -> None:
    """Give a case a later day on which it expires. After that day nothing is imported into it."""
    opened = command.open()
    before = opened.settings.expires
    opened.extend(until, reason)
    after = opened.settings.expires
    found = {"case": opened.id, "before": str(before), "expires": str(after)}
    command.say(found, [f"Case {opened.id} expires on {after}, not on {before}; logged with the reason."])
