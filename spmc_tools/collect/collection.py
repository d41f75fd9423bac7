"""Collect public posts into a case: under its legal basis, within its period, bounded, resumable, all of it logged."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from spmc_tools.case.files.durable import safe_name
from spmc_tools.case.store.retention import require_not_expired
from spmc_tools.collect.gate import BoundReachedError, Gate
from spmc_tools.collect.routes import require_collected
from spmc_tools.collect.spool import State, open_spool
from spmc_tools.collect.target import Limits, Target, checked_server
from spmc_tools.errors import CaseError, ParameterError, quote

if TYPE_CHECKING:
    from collections.abc import Callable

    from spmc_tools.case.store.case import Case
    from spmc_tools.collect.platform_access import Platform
    from spmc_tools.collect.spool import Spool
    from spmc_tools.importers.import_files import FileResult

__all__ = ["Collected", "collect", "require_allowed", "require_installed", "target_of"]

_INDIA = ZoneInfo("Asia/Kolkata")
_NO_BASIS = {"", "-", "none", "nil", "n/a", "na", "no", "test", "tbd", "todo"}


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection came to.

    Attributes
    ----------
    target : Target
        What was asked for.
    posts, requests : int
        Received, and sent for them, since the collection began.
    ended : {"complete", "period", "posts", "requests"}
        Why no more was asked: nothing more there, the case's period is passed, a limit.
    resumed : bool
        Whether it went on from an earlier call.
    more : bool
        Whether the same command goes on from here.
    file : FileResult or None
        What the import made of it; None where nothing was received.
    """

    target: Target
    posts: int
    requests: int
    ended: str
    resumed: bool
    more: bool
    file: FileResult | None


def target_of(source: str, name: str, server: str | None = None) -> Target:
    """Return what is asked for: ``@account`` or ``#tag`` of a platform.

    Parameters
    ----------
    source : str
        Platform.
    name : str
        As typed; without a sign it is an account. Of Mastodon ``@name@server``.
    server : str, optional
        Another server than the platform's own; of Mastodon the one whose tag is meant.

    Raises
    ------
    ParameterError
        Where the platform is not collected (the sentence names the lawful route), or a name or server is none.
    """
    platform = require_collected(source)
    asked = _platform(platform)
    kind = "tag" if name.startswith("#") else "account"
    plain = name.strip().removeprefix("#" if kind == "tag" else "@")
    if platform == "mastodon" and kind == "account" and "@" in plain:
        plain, _, home = plain.partition("@")
        server = server or home
    asked.checked_name(kind, plain)
    place = server or asked.server
    if place is None:
        raise ParameterError(f"Mastodon: {quote(name)} names no server; type --server https://HOST.")
    return Target(platform, kind, plain, checked_server(place))


def collect(  # noqa: PLR0913
    case: Case,
    target: Target,
    *,
    legal_basis: str | None,
    limits: Limits | None = None,
    fresh: bool = False,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Collected:
    """Return what was collected of one target, after it became part of the case as one received file.

    Parameters
    ----------
    case : Case
        Open, not past its date.
    target : Target
        From :func:`target_of`.
    legal_basis : str or None
        The legal basis of ``case.toml``, typed again: collecting is a decision under it.
    limits : Limits, optional
        Of this call.
    fresh : bool
        Begin with the newest post also where an earlier collection stopped at a limit.
    clock, sleep : callable
        Replaced in tests.

    Raises
    ------
    CaseError
        Where the case does not allow it, or another process collects the same.
    ParameterError
        Where the extra is not installed.
    SpmcError
        Where the server refuses or fails: what came before is kept, and the same call goes on from there.

    Notes
    -----
    A page (20 to 100 posts) is the smallest piece: pages that lie wholly outside the case's period are not kept, posts
    outside of it on a kept page are. What a server leaves out (deleted posts, its own ranking of a search, what it
    hides from readers without an account) is not there, and nobody is told.
    """
    require_allowed(case, target, legal_basis)
    require_installed(target)
    platform = _platform(target.source)
    limits = limits or Limits()
    with open_spool(case, target) as spool:
        state, resumed = _begun(case, target, spool, fresh)
        facts = {**target.told(), "legal_basis": case.settings.legal_basis, "resumed": resumed, "cursor": state.cursor}
        bounds = {"posts": limits.posts, "requests": limits.requests, "per_minute": limits.per_minute}
        case.log("collect", facts | {"limits": bounds})
        if state.ended is None:
            gate = Gate(case.log, limits, {urlsplit(target.server).netloc}, clock=clock, sleep=sleep)
            _receive(case, platform, gate, target, spool, state, limits)
        return _finish(case, target, spool, state, resumed)


def require_installed(target: Target) -> None:
    """Refuse where what asks a platform is not installed.

    Raises
    ------
    ParameterError
        It names the extra.
    """
    _platform(target.source).require_installed()


def _platform(name: str) -> Platform:
    """Return a platform that is collected."""
    from importlib import import_module

    found: Platform = import_module(f"spmc_tools.collect.collect_{name}").PLATFORM
    return found


def require_allowed(case: Case, target: Target, legal_basis: str | None) -> None:
    """Refuse where the case gives no ground for collecting.

    Raises
    ------
    CaseError
        Where it names no legal basis, another one was typed, it is about other platforms, or it is past its date.
    """
    basis = case.settings.legal_basis
    if basis.strip().lower() in _NO_BASIS:
        said = f"Case {case.id} names no legal basis ({quote(basis)}), so nothing is collected for it."
        raise CaseError(said, key="collect_no_basis", found=quote(basis))
    if (legal_basis or "").strip() != basis.strip():
        raise CaseError(
            f"Collecting is a decision under the case's legal basis; type --legal-basis {quote(basis, 300)} to take it."
        )
    allowed = case.settings.platforms
    if allowed and target.source not in allowed:
        said = f"Case {case.id} is about {', '.join(allowed)}; {target.source} is not collected for it."
        raise CaseError(said, key="collect_platforms", platforms=", ".join(allowed))
    require_not_expired(case.settings, case.id)


def _begun(case: Case, target: Target, spool: Spool, fresh: bool) -> tuple[State, bool]:
    """Return where the collection stands, and whether it goes on from an earlier call."""
    state = spool.state()
    if state is not None:
        return state, True
    state = State(begun_at=datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"))
    if not fresh:
        target_facts = target.told()
        for entry in case.ledger.entries():
            payload = entry["payload"]
            if entry["kind"] == "collected" and {name: payload.get(name) for name in target_facts} == target_facts:
                state.cursor = payload.get("next")
    spool.begin(state)
    return state, state.cursor is not None


def _period(case: Case) -> tuple[datetime, datetime]:
    """Return the first moment of the case's period, and the first after it."""
    start = datetime.combine(case.settings.date_from, clock_time(), _INDIA)
    end = datetime.combine(case.settings.date_to, clock_time(), _INDIA) + timedelta(days=1)
    return start, end


def _receive(  # noqa: PLR0913, PLR0917 -- the parts of one collection
    case: Case, platform: Platform, gate: Gate, target: Target, spool: Spool, state: State, limits: Limits
) -> None:
    """Ask for page after page and keep each, until there is no more, or a limit or the period ends it."""
    start, end = _period(case)
    before, posts = state.requests, 0
    try:
        for page in platform.pages(gate, target, state.cursor):
            late = page.oldest is not None and page.oldest >= end
            early = page.newest is not None and page.newest < start
            outside = (late or early) and page.posts > 0
            posts += page.posts
            state.cursor, state.requests = page.after, before + gate.requests
            state.outside += outside
            if page.note and page.note not in state.notes:
                state.notes.append(page.note)
            if not outside:
                state.posts += page.posts
                state.pages += 1
            if page.after is None:
                state.ended = "complete"
            elif page.oldest is not None and page.oldest < start:
                state.ended = "period"
            elif posts >= limits.posts:
                state.ended = "posts"
            spool.keep(b"" if outside else page.content, state)
            if state.ended is not None:
                return
        state.ended = "complete"
    except BoundReachedError:
        state.ended = "requests"
    state.requests = before + gate.requests
    spool.save(state)


def _finish(case: Case, target: Target, spool: Spool, state: State, resumed: bool) -> Collected:
    """Import what was received, log the end, and take the folder away."""
    from spmc_tools.importers.import_files import import_files

    platform = _platform(target.source)
    made: FileResult | None = None
    if state.bytes:
        sign = "tag" if target.kind == "tag" else "account"
        name = safe_name(f"{target.source}-{sign}-{target.name}-{state.begun_at}-{state.pages}.jsonl")
        path = spool.finished(name, state)
        where = f"{target.server} ({target.shown}, spmc collect)"
        (made,) = import_files(case, [path], format=platform.format, obtained=platform.obtained, received_from=where)
    more = state.ended in {"posts", "requests"}
    facts: dict[str, Any] = {
        **target.told(), "posts": state.posts, "pages": state.pages, "pages_outside_the_period": state.outside,
        "requests": state.requests, "ended": state.ended, "next": state.cursor if more else None,
        "notes": state.notes, "file": made.name if made else None, "sha256": made.sha256 if made else None,
    }  # fmt: skip
    case.log("collected", facts)
    spool.clear()
    return Collected(target, state.posts, state.requests, str(state.ended), resumed, more, made)
