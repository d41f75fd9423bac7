"""Public posts of a Mastodon server, by account or tag, through Mastodon.py (extra ``collect``); answers kept as sent.

References
----------
https://docs.joinmastodon.org/methods/accounts/, …/methods/timelines/; https://mastodonpy.readthedocs.io
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from spmc_tools.collect.gate import USER_AGENT, requests_session
from spmc_tools.collect.target import Page, is_tag
from spmc_tools.errors import ParameterError, SpmcError, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spmc_tools.collect.gate import Gate
    from spmc_tools.collect.target import Target

__all__ = ["FORMAT", "OBTAINED", "SERVER", "checked_name", "pages", "require_installed"]

FORMAT = "mastodon"
"""The importer that reads what is kept."""

OBTAINED = "public_api"
SERVER = None
"""There is no one server: it stands in the account's name, or is asked for."""

_NAME = re.compile(r"[A-Za-z0-9_]+(?:[A-Za-z0-9_.-]*[A-Za-z0-9_]+)?")
_PER_PAGE = 40


def require_installed() -> None:
    """Raise :class:`~spmc_tools.errors.ParameterError` where the client library is not installed."""
    try:
        import mastodon  # noqa: F401
    except ImportError:
        raise ParameterError(
            "The client library of Mastodon is not installed; type pip install 'spmc-notebook[collect]'."
        ) from None


def checked_name(kind: str, name: str) -> str:
    """Return an account's name on its server, or a tag.

    Raises
    ------
    ParameterError
        Where it is none.
    """
    if not (_NAME.fullmatch(name) if kind == "account" else is_tag(name)):
        raise ParameterError(
            f"Mastodon: found {quote(name)}, wanted an account as @name@server, or a tag as '#tag' with --server."
        )
    return name


def pages(gate: Gate, target: Target, cursor: str | None) -> Iterator[Page]:
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
    account, before = None, b""
    if target.kind == "account":
        _ask(gate, target, partial(api.account_lookup, target.name))
        account = _account_id(gate.body, target)
        before = gate.body + b"\n" if cursor is None else b""
    while True:
        if account is not None:
            _ask(gate, target, partial(api.account_statuses, account, max_id=cursor, limit=_PER_PAGE))
        else:
            _ask(gate, target, partial(api.timeline_hashtag, target.name, max_id=cursor, limit=_PER_PAGE))
        page = _page(gate.body, before, target)
        yield page
        if page.after is None or page.after == cursor:
            return
        cursor, before = page.after, b""


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
        times = [at for item in items if (at := _time(item)) is not None]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise SpmcError(f"{target.shown}: the server's answer is no page of posts.") from error
    content = before + (body + b"\n" if items else b"")
    oldest = times[-1] if times else None
    return Page(content, len(items), max(times, default=None), oldest, ids[-1] if ids else None)


def _time(item: dict[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(item["created_at"]))
    except ValueError:
        return None
    return at if at.tzinfo else None
