"""Public posts of Bluesky, by account or tag, through its own client library (extra ``collect``); answers kept as sent.

References
----------
https://docs.bsky.app/docs/api/app-bsky-feed-get-author-feed, …/app-bsky-feed-search-posts; https://atproto.blue
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from spmc_tools.collect.gate import USER_AGENT, httpx_client_options
from spmc_tools.collect.platform_access import Platform, walk, zoned_time
from spmc_tools.collect.target import Page
from spmc_tools.errors import SpmcError, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from spmc_tools.collect.gate import Gate
    from spmc_tools.collect.target import Target

__all__ = ["PLATFORM"]

_NAME = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z][A-Za-z0-9-]{0,62}|did:[a-z]+:[A-Za-z0-9._:%-]{1,200}")
_PER_PAGE = 100


def _pages(gate: Gate, target: Target, cursor: str | None) -> Iterator[Page]:
    """Give the posts of an account or a tag, newest first, from the server's own mark ``cursor``.

    The first page of an account begins with its profile.

    Raises
    ------
    SpmcError
        Where the server refuses.
    """
    from atproto_client import Client
    from atproto_client.request import Request

    door = Request(**httpx_client_options(gate))
    door.add_additional_header("User-Agent", USER_AGENT)
    client = Client(base_url=target.server, request=door)
    feed = client.app.bsky.feed

    def page_from(after: str | None) -> Page:
        before = b""
        if target.kind == "account" and after is None:
            _ask(gate, target, partial(client.app.bsky.actor.get_profile, {"actor": target.name}))
            before = _line(gate.body)
        asked = {"limit": _PER_PAGE} | ({"cursor": after} if after else {})
        if target.kind == "account":
            _ask(gate, target, partial(feed.get_author_feed, {"actor": target.name, **asked}))
        else:
            query = {"q": f"#{target.name}", "sort": "latest"}
            _ask(gate, target, partial(feed.search_posts, query | asked))
        return _page(gate.body, before, target)

    try:
        yield from walk(page_from, cursor)
    finally:
        client.request.close()


def _ask(gate: Gate, target: Target, call: Callable[[], Any]) -> None:
    """Ask through the library; an answer that its models do not know is kept all the same."""
    from atproto_client.exceptions import AtProtocolError, ModelError, RequestErrorBase
    from httpx import TooManyRedirects

    try:
        call()
    except ModelError:
        return
    except RequestErrorBase as error:
        if gate.problem is not None:
            raise gate.problem from error
        status = getattr(error.response, "status_code", None)
        why = "it wants a log-in, which this program does not do" if status in {401, 403} else f"status {status}"
        raise SpmcError(f"{target.shown}: the server refuses ({why}).") from error
    # the library foresees neither an answer that is no JSON nor a circle of redirects
    except (AtProtocolError, TooManyRedirects, ValueError) as error:
        raise SpmcError(f"{target.shown}: the server's answer cannot be read ({quote(error, 80)}).") from error


def _line(body: bytes) -> bytes:
    """Return an answer as one line; a line's end in JSON stands between values only."""
    return body.replace(b"\r", b" ").replace(b"\n", b" ").strip() + b"\n"


def _page(body: bytes, before: bytes, target: Target) -> Page:
    try:
        answer = orjson.loads(body)
        items = answer["feed" if target.kind == "account" else "posts"]
        times = [_time(item) for item in items]
        after = answer.get("cursor")
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise SpmcError(f"{target.shown}: the server's answer is no page of posts.") from error
    known = [at for at in times if at is not None]
    content = before + (_line(body) if items else b"")
    cursor = after if isinstance(after, str) and after and items else None
    return Page(content, len(items), max(known, default=None), known[-1] if known else None, cursor)


def _time(item: dict[str, Any]) -> datetime | None:
    """Return the time that a feed is ordered by: of the repost, else of the post; None for a pinned one."""
    reason = item.get("reason") or {}
    if str(reason.get("$type", "")).endswith("#reasonPin"):
        return None
    said = reason.get("indexedAt") or item.get("post", item).get("indexedAt")
    return zoned_time(said)


PLATFORM = Platform(
    title="Bluesky", format="bluesky", obtained="public_api", server="https://public.api.bsky.app", accounts=_NAME,
    wanted="an account as @name.bsky.social, or a tag as '#tag'", pages=_pages, library="atproto_client",
)  # fmt: skip
"""Bluesky, by its server of what is public, without log-in."""
