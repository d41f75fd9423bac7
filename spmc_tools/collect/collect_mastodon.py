"""Public posts of a Mastodon server, by account or tag, through Mastodon.py (extra ``collect``); answers kept as sent.

References
----------
https://docs.joinmastodon.org/methods/accounts/, …/methods/timelines/; https://mastodonpy.readthedocs.io
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from spmc_tools.collect.gate import USER_AGENT, requests_session
from spmc_tools.collect.platform_access import Platform, walk, zoned_time
from spmc_tools.collect.target import Page
from spmc_tools.errors import SpmcError, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spmc_tools.collect.gate import Gate
    from spmc_tools.collect.target import Target

__all__ = ["PLATFORM"]

_NAME = re.compile(r"[A-Za-z0-9_]+(?:[A-Za-z0-9_.-]*[A-Za-z0-9_]+)?")
_PER_PAGE = 40


def _pages(gate: Gate, target: Target, cursor: str | None) -> Iterator[Page]:
    """Give the posts of an account or a tag, newest first, older than the post ``cursor``.

    The first page of an account begins with the account itself.

    Raises
    ------
    SpmcError
        Where the server refuses.
    """
    from mastodon import Mastodon

    api: Any = Mastodon(
        api_base_url=target.server, session=requests_session(gate), user_agent=USER_AGENT, ratelimit_method="throw",
        version_check_mode="none",
    )  # fmt: skip
    api.timeline_is_available = lambda *_, **__: True  # no request before the request: the server says it itself
    account, described = None, b""
    if target.kind == "account":
        _ask(gate, target, partial(api.account_lookup, target.name))
        account, described = _account_id(gate.body, target), gate.body + b"\n"

    def page_from(after: str | None) -> Page:
        if account is not None:
            _ask(gate, target, partial(api.account_statuses, account, max_id=after, limit=_PER_PAGE))
        else:
            _ask(gate, target, partial(api.timeline_hashtag, target.name, max_id=after, limit=_PER_PAGE))
        return _page(gate.body, described if after is None else b"", target)

    yield from walk(page_from, cursor)


def _ask(gate: Gate, target: Target, call: Callable[[], Any]) -> None:
    """Ask through the library; what its types do not know is kept all the same."""
    from mastodon.errors import MastodonAPIError, MastodonError

    body, gate.body = gate.body, b""
    try:
        call()
    except MastodonAPIError as error:
        raise SpmcError(f"{target.shown}: the server refuses ({quote(error, 120)}).") from error
    except MastodonError as error:
        raise gate.problem or SpmcError(f"{target.shown}: the server's answer cannot be read.") from error
    except (TypeError, ValueError, KeyError, AttributeError):
        if not gate.body:
            gate.body = body
            raise


def _account_id(body: bytes, target: Target) -> str:
    try:
        found = orjson.loads(body)["id"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise SpmcError(f"{target.shown}: the server's answer is no account.") from error
    return str(found)


def _page(body: bytes, before: bytes, target: Target) -> Page:
    try:
        items = orjson.loads(body)
        ids = [str(item["id"]) for item in items]
        times = [at for item in items if (at := zoned_time(item["created_at"])) is not None]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise SpmcError(f"{target.shown}: the server's answer is no page of posts.") from error
    content = before + (body + b"\n" if items else b"")
    oldest = times[-1] if times else None
    return Page(content, len(items), max(times, default=None), oldest, ids[-1] if ids else None)


PLATFORM = Platform(
    title="Mastodon", format="mastodon", obtained="public_api", server=None, accounts=_NAME,
    wanted="an account as @name@server, or a tag as '#tag' with --server", pages=_pages, library="mastodon",
)  # fmt: skip
"""Mastodon: there is no one server."""
