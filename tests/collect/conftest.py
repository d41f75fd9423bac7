"""A server on this machine that answers as t.me, Bluesky and Mastodon do, and a case that allows collecting."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from spmc_tools.case.store.case import Case, create_case
from tests.collect.served import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BASIS = "order 12/2025 of the district magistrate (exercise)"
BEGIN = datetime(2025, 11, 6, 10, 0, tzinfo=UTC)
"""Post n was written n minutes after it."""


def at(number: int) -> datetime:
    return BEGIN + timedelta(minutes=number)


class Platform:
    """What the server holds, and what it was asked.

    ``trouble`` holds answers that are given before the proper ones: (status, headers, body).
    """

    at = staticmethod(at)

    def __init__(self) -> None:
        self.posts = 50
        self.url = ""
        self.asked: list[str] = []
        self.agents: Counter[str] = Counter()
        self.trouble: list[tuple[int, dict[str, str], bytes]] = []
        self.before_answer: Callable[[str], None] = lambda path: None

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.startswith("/xrpc/"):
            return self._bluesky(parts.path.removeprefix("/xrpc/"), query)
        if parts.path.startswith("/api/v1/"):
            return self._mastodon(parts.path.removeprefix("/api/v1/"), query)
        return self._telegram(parts.path, query)

    # -- Telegram: the web page of a channel, twenty posts a page --------------------------------------------------

    def _telegram(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        name = path.removeprefix("/s/").strip("/")
        if name == "closed_channel":
            return (302, {"Location": f"{self.url}/{name}"}, b"") if path.startswith("/s/") else page("<p>closed</p>")
        if not path.startswith("/s/"):
            return page(
                '<img class="tgme_page_photo_image" src="https://example.org/p.jpg">'
                '<div class="tgme_page_extra">12 345 subscribers</div>'
            )
        last = min(int(query.get("before", self.posts + 1)) - 1, self.posts)
        shown = range(max(last - 19, 1), last + 1)
        header = (
            '<div class="tgme_channel_info"><div class="tgme_channel_info_header_title"><span>Exercise</span></div>'
            '<div class="tgme_channel_info_description">made up</div></div>'
        )
        return page(header + "".join(telegram_post(name, n) for n in shown))

    # -- Bluesky ---------------------------------------------------------------------------------------------------

    def _bluesky(self, method: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        author = {"did": "did:plc:exercise", "handle": "exercise.example.org"}
        if method == "app.bsky.actor.getProfile":
            return as_json(author | {"followersCount": 77, "postsCount": self.posts, "createdAt": f"{BEGIN:%FT%TZ}"})
        last = int(query.get("cursor", self.posts))
        shown = range(last, max(last - 20, 0), -1)
        posts = [bluesky_post(author, n) for n in shown]
        more = {"cursor": str(shown[-1] - 1)} if shown and shown[-1] > 1 else {}
        if method == "app.bsky.feed.getAuthorFeed":
            return as_json({"feed": [{"post": one} for one in posts], **more})
        if method == "app.bsky.feed.searchPosts":
            assert query["q"].startswith("#")
            return as_json({"posts": posts, **more})
        return as_json({"error": "MethodNotImplemented"}, 501)

    # -- Mastodon --------------------------------------------------------------------------------------------------

    def _mastodon(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path == "accounts/lookup":
            known = query["acct"] == "exercise"
            return as_json(ACCOUNT) if known else as_json({"error": "Record not found"}, 404)
        last = int(query.get("max_id", self.posts + 1)) - 1
        shown = range(last, max(last - int(query["limit"]), 0), -1)
        return as_json([mastodon_status(n) for n in shown])


ACCOUNT = {
    "id": "900", "username": "exercise", "acct": "exercise", "display_name": "Exercise", "note": "<p>made up</p>",
    "created_at": "2024-01-01T00:00:00.000Z", "followers_count": 5, "following_count": 1, "statuses_count": 50,
    "url": "https://example.org/@exercise", "locked": False, "bot": False,
}  # fmt: skip


def page(content: str) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "text/html; charset=utf-8"}, f"<html><body>{content}</body></html>".encode()


def as_json(value: object, status: int = 200) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(value, ensure_ascii=False).encode()


def telegram_post(channel: str, number: int) -> str:
    return (
        f'<div class="tgme_widget_message js-widget_message" data-post="{channel}/{number}">'
        f'<div class="tgme_widget_message_text js-message_text">सूचना {number} '
        f'<a href="https://example.org/{number}">यहाँ</a></div>'
        f'<div class="tgme_widget_message_footer"><a class="tgme_widget_message_date" '
        f'href="https://t.me/{channel}/{number}"><time datetime="{at(number):%Y-%m-%dT%H:%M:%S+00:00}">t</time></a>'
        "</div></div>"
    )


def bluesky_post(author: dict[str, str], number: int) -> dict:
    record = {
        "$type": "app.bsky.feed.post",
        "text": f"सूचना {number}",
        "createdAt": f"{at(number):%Y-%m-%dT%H:%M:%S.000Z}",
    }
    uri = f"at://{author['did']}/app.bsky.feed.post/{number:04}"
    return {
        "uri": uri, "cid": "bafyreib2rxk3rybk3aobmv5cjuql3bm2twh4jo5uxgf5kpqcsgz7soitae", "author": author,
        "record": record, "likeCount": number, "indexedAt": record["createdAt"],
    }  # fmt: skip


def mastodon_status(number: int) -> dict:
    return {
        "id": str(number), "created_at": f"{at(number):%Y-%m-%dT%H:%M:%S.000Z}", "visibility": "public",
        "account": ACCOUNT, "content": f"<p>सूचना {number}</p>", "favourites_count": number, "reblogs_count": 0,
        "replies_count": 0, "url": f"https://example.org/@exercise/{number}", "uri": f"https://example.org/{number}",
        "tags": [], "mentions": [], "media_attachments": [], "in_reply_to_id": None, "reblog": None, "language": "hi",
        "sensitive": False, "spoiler_text": "", "emojis": [], "in_reply_to_account_id": None,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def servers_of_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let servers on this machine be asked; nothing else lets them."""
    monkeypatch.setenv("SPMC_TEST_LOOPBACK", "1")


@pytest.fixture
def platform() -> Iterator[Platform]:
    held = Platform()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            held.asked.append(self.path)
            held.agents[self.headers.get("User-Agent", "")] += 1
            held.before_answer(self.path)
            status, headers, body = held.trouble.pop(0) if held.trouble else held.answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with served(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as held.url:
        yield held


@pytest.fixture
def case() -> Case:
    return create_case(
        "one", title="Exercise", purpose="to exercise the collection", legal_basis=BASIS, date_from="2025-11-06",
        date_to="2025-11-16", officer="S. I. Kumari",
    )  # fmt: skip


class Clock:
    """A clock that moves only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()
