"""One name per address, whose it is, and that nothing is asked of the network."""

from __future__ import annotations

import socket

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spmc_tools.text.addresses import Address, address

SAME = [
    [
        "https://www.youtube.com/watch?v=abcdefghijk&feature=share&t=10s",
        "https://youtu.be/abcdefghijk?si=xx",
        "https://m.youtube.com/shorts/abcdefghijk",
    ],
    [
        "https://twitter.com/Foo/status/123?s=20",
        "https://x.com/foo/status/123/photo/1",
        "mobile.twitter.com/foo/status/123",
    ],
    ["https://t.me/s/Chan_nel/12", "https://t.me/chan_nel/12?single", "https://telegram.me/chan_nel/12"],
    ["https://www.instagram.com/reel/AbC-1/?igsh=1", "https://instagram.com/p/AbC-1"],
    [
        "https://www.news.example/a/?utm_source=x&b=2&a=1#top",
        "http://news.example/a?a=1&b=2&fbclid=9",
        "news.example/a?b=2&a=1",
    ],
    ["https://l.facebook.com/l.php?u=https%3A%2F%2Fnews.example%2Fa%3Futm_medium%3Dx&h=1", "https://news.example/a"],
]

SOURCES = {
    "https://www.bbc.co.uk/hindi/articles/x": "bbc.co.uk",
    "https://a.b.gov.in/x": "b.gov.in",
    "http://foo.blogspot.com/x": "foo.blogspot.com",
    "https://x.com/Foo/status/1": "x.com/foo",
    "https://x.com/i/web/status/1": "x.com",
    "https://t.me/chan/12": "t.me/chan",
    "https://t.me/c/123/5": "t.me/c/123",
    "https://www.facebook.com/page.name/posts/12345": "facebook.com/page.name",
    "https://www.facebook.com/permalink.php?story_fbid=12345678&id=987654321": "facebook.com/987654321",
    "https://www.instagram.com/foo/p/AbC-1/": "instagram.com/foo",
    "https://www.tiktok.com/@foo/video/12?lang=en": "tiktok.com/foo",
    "https://youtu.be/abcdefghijk": "youtube.com",
    "https://www.youtube.com/@channel": "youtube.com/channel",
    "https://bit.ly/abc": "bit.ly",
    "http://192.168.1.1:8080/x": "192.168.1.1",
}

NONE = [
    "", "   ", "javascript:alert(1)", "mailto:a@b.example", "data:text/html,x", "http://[::1",
    "http://a.example:99999/x",
    "http://../x", "http://localhost/x", "http://", "ftp://a.example/x", "two words.example/x",
    "a" * 5000 + ".example/x",
    "https://x.example/\x00",
]  # fmt: skip


@pytest.mark.parametrize("urls", SAME, ids=range(len(SAME)))
def test_writings_of_one_address_have_one_key(urls: list[str]) -> None:
    found = {address(url) for url in urls}
    assert None not in found
    assert len({a.key for a in found if a}) == 1


@pytest.mark.parametrize(("url", "source"), SOURCES.items())
def test_source(url: str, source: str) -> None:
    found = address(url)
    assert found is not None
    assert found.source == source


SHORTENED = {
    "https://t.co/AbC1": True, "http://bit.ly/abc": True, "https://www.ow.ly/abc": True, "https://bit.ly/": True,
    "https://youtu.be/abcdefghijk": False, "https://t.me/chan/12": False, "https://news.example/a": False,
    "https://t.co.example/abc": False, "https://l.facebook.com/l.php?u=https%3A%2F%2Fnews.example%2Fa": False,
    "https://l.facebook.com/l.php?u=https%3A%2F%2Fbit.ly%2Fabc": True,
}  # fmt: skip


@pytest.mark.parametrize(("url", "shortened"), SHORTENED.items())
def test_short_links_are_marked(url: str, shortened: bool) -> None:
    found = address(url)
    assert found is not None
    assert found.shortened is shortened


@pytest.mark.parametrize("url", NONE, ids=range(len(NONE)))
def test_what_is_no_web_address(url: str) -> None:
    assert address(url) is None


def test_different_pages_stay_apart() -> None:
    urls = ["news.example/a", "news.example/b", "news.example/a?id=1", "news.example/a?id=2", "other.example/a"]
    urls += ["news.example/login?next=/a", "t.me/chan/1", "t.me/chan/2", "x.com/a/status/1", "x.com/a/status/2"]
    assert len({address(url) for url in urls}) == len(urls)


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert address("https://never-seen-before.example/x") == Address(
        "never-seen-before.example/x", "never-seen-before.example"
    )


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z.:\[\]@/?#&=%0-9]{0,40}", fullmatch=True))
@example("twitter.com/i")
@example("https://t.me/s")
@example("https://www.facebook.com/story.php")
@example("https://a.example/?url=/" + "x?url=/" * 500)
def test_any_text_gives_an_address_or_none(url: str) -> None:
    found = address(url)
    assert found is None or (found.key and found.source)
    if found is not None:
        again = address(found.key)
        assert again is None or again.source
