"""Public Telegram channels, page by page, as snscrape reads the channel's own web page.

The page shows 20 posts; the next begins before the earliest of them. snscrape's own walk ends early where a page
carries no link to the next, so the walk here goes by the numbers of the posts.

References
----------
https://github.com/JustAnotherArchivist/snscrape, snscrape/modules/telegram.py
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any

from spmc_tools.collect.gate import USER_AGENT, requests_session
from spmc_tools.collect.platform_access import Platform, walk
from spmc_tools.collect.target import Page
from spmc_tools.errors import SpmcError, quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.collect.gate import Gate
    from spmc_tools.collect.target import Target

__all__ = ["PLATFORM"]

_SERVER = "https://t.me"
_CHANNEL = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
_UNREADABLE = (AttributeError, KeyError, ValueError, AssertionError, TypeError, IndexError)


def _pages(gate: Gate, target: Target, cursor: str | None) -> Iterator[Page]:
    """Give a channel's pages, newest first, from the post before ``cursor``; the first begins with the channel itself.

    Raises
    ------
    SpmcError
        Where the channel shows no public page, or snscrape cannot read it.
    """
    from spmc_tools.importers.formats.x.snscrape_loader import load

    telegram = load("telegram")

    def page_from(before: str | None) -> Page:
        scraper = _scraper(telegram, gate, target, before)
        items = _items(scraper, target)
        described, note = _channel(scraper) if before is None else (b"", "")
        numbers = [int(str(item.url).rsplit("/", 1)[-1]) for item in items]
        lines = described + b"".join(item.json().encode() + b"\n" for item in items)
        after = str(min(numbers)) if numbers and min(numbers) > 1 else None
        times = [item.date for item in items]
        return Page(lines, len(items), max(times, default=None), min(times, default=None), after, note)

    yield from walk(page_from, cursor)


def _scraper(telegram: Any, gate: Gate, target: Target, cursor: str | None) -> Any:
    """Return snscrape's reader of one page, sending through the gate and naming itself as this program."""
    place = target.name if cursor is None else f"{target.name}?before={cursor}"
    made = telegram.TelegramChannelScraper(place, retries=0)
    reroute = {} if target.server == _SERVER else {_SERVER: target.server}
    requests_session(gate, made._session, reroute)
    made._headers = {"User-Agent": USER_AGENT}
    return made


def _items(scraper: Any, target: Target) -> list[Any]:
    """Return the posts of one page, newest first."""
    scraper_error = _scraper_error()
    try:
        answer, soup = scraper._initial_page()
    except scraper_error as error:
        raise SpmcError(f"{target.shown}: the server refuses ({quote(error, 80)}).") from error
    if "/s/" not in answer.url or soup.find("div", class_="tgme_channel_info") is None:
        raise SpmcError(
            f"{target.shown} has no public page of posts, or Telegram changed its pages so that snscrape cannot read "
            "them; export the channel with Telegram Desktop (JSON) and type spmc import."
        )
    try:
        return list(scraper._soup_to_items(soup, answer.url))
    except _UNREADABLE as error:
        raise SpmcError(
            f"{target.shown}: snscrape cannot read this page ({type(error).__name__}); export the channel with "
            "Telegram Desktop (JSON) and type spmc import."
        ) from error


def _scraper_error() -> type[Exception]:
    from snscrape.base import ScraperException

    return ScraperException  # type: ignore[no-any-return]


def _channel(scraper: Any) -> tuple[bytes, str]:
    """Return the channel itself as a line, and "" or why it could not be read; it costs one more request."""
    try:
        found = scraper.entity
    except (*_UNREADABLE, _scraper_error()):
        return b"", "the description of the channel could not be read"
    if found is None:
        return b"", "the channel shows no description"
    return _channel_line(found), ""


def _channel_line(channel: Any) -> bytes:
    """Return a channel as snscrape writes it; its own writer fails where the page lacks one of the counters."""
    from snscrape.version import __version__

    values = {field.name: getattr(channel, field.name) for field in dataclasses.fields(channel)}
    named = {"_type": f"{type(channel).__module__}.{type(channel).__name__}", **values, "_snscrape": __version__}
    return json.dumps(named, ensure_ascii=False).encode() + b"\n"


PLATFORM = Platform(
    title="Telegram", format="snscrape_jsonl", obtained="open_tool", server=_SERVER, accounts=_CHANNEL,
    wanted="the name of a public channel, as @channel_name", pages=_pages, has_tags=False,
)  # fmt: skip
"""Telegram's public channels; snscrape is always there."""
