"""One name for every way of writing an address, and whose address it is. Nothing is fetched.

Tracking parameters, ``www.``, mobile and AMP forms go, redirect links of platforms are read, and the ids of posts on
platforms are unified (``youtu.be/ID`` is ``youtube.com/watch?v=ID``). The rules and the list of public suffixes come
with the library ``ural``, and so does the list of shorteners; no network is used. Short links (``bit.ly/…``) cannot be
followed offline: they keep their own name, and are marked, since a shortener is nobody's site.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

import regex

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Address", "address"]

LONGEST = 4096
"""An address with more characters is not read."""

_SCHEME = regex.compile(r"^[a-z][a-z0-9+.-]*:(?!\d)", regex.IGNORECASE)
_TRACKING = regex.compile(
    r"^(?:ref_(?:src|url)|igsh|igshid|si|srsltid|gbraid|wbraid|gad_.+|msclkid|yclid|_openstat|share_id|__cft__.*"
    r"|_rdc|_rdr|notif_.+|ved|usg|rdid|share_url)$"
)
_X = regex.compile(r"^/(?:i/web|i|(?P<name>[a-z0-9_]{1,50}))/status(?:es)?/(?P<id>\d+)", regex.IGNORECASE)
_X_HOSTS = {"x.com", "twitter.com", "fxtwitter.com", "vxtwitter.com", "fixupx.com", "nitter.net"}
_NAME = regex.compile(r"^/@?(?P<name>[a-z0-9_.]{1,80})(?:/|$)", regex.IGNORECASE)
_TELEGRAM = regex.compile(r"^/(?:s/)?(?P<name>c/\d+|[a-z0-9_]{3,64})(?:/(?:\d+/)?(?P<id>\d+))?/?$", regex.IGNORECASE)
_INSTAGRAM = regex.compile(r"^/(?:(?P<name>[a-z0-9_.]+)/)?(?:p|reels?|tv)/(?P<id>[a-z0-9_-]+)", regex.IGNORECASE)
_FACEBOOK = regex.compile(
    r"^/(?P<name>groups/[^/]+|(?!watch|photo|story|permalink|profile|share|sharer|reel|events|hashtag)[^/?]{3,})(?:/|$)",
    regex.IGNORECASE,
)
_FACEBOOK_ID = regex.compile(r"(?:^|&)id=(\d+)")
_NOT_A_NAME = {
    "i", "home", "explore", "search", "hashtag", "settings", "share", "intent", "watch", "results", "feed", "playlist",
    "stories", "accounts", "joinchat", "s", "c", "addstickers", "proxy", "iv",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """An address under its one name.

    ``key``: the one name. ``source``: its registrable domain; on platforms the account or channel. ``shortened``: it is
    a short link, whose source is the shortener, and where it leads is not known.
    """

    key: str
    source: str
    shortened: bool = False


def _x(parts: SplitResult) -> Address | None:
    post = _X.match(parts.path)
    if post:
        name = post["name"]
        known = name and name.lower() not in _NOT_A_NAME
        return Address(f"x.com/status/{post['id']}", f"x.com/{name.lower()}" if known else "x.com")
    return _profile("x.com", parts)


def _profile(site: str, parts: SplitResult) -> Address | None:
    name = _NAME.match(parts.path)
    if not name or name["name"].lower() in _NOT_A_NAME:
        return None
    source = f"{site}/{name['name'].lower()}"
    rest = parts.path.strip("/").partition("/")[2]
    return Address(f"{source}/{rest}" if rest else source, source)


def _telegram(parts: SplitResult) -> Address | None:
    post = _TELEGRAM.match(parts.path)
    if not post or post["name"].lower() in _NOT_A_NAME:
        return None
    source = f"t.me/{post['name'].lower()}"
    return Address(f"{source}/{post['id']}" if post["id"] else source, source)


def _instagram(parts: SplitResult) -> Address | None:
    post = _INSTAGRAM.match(parts.path)
    if post:
        name = post["name"]
        return Address(f"instagram.com/p/{post['id']}", f"instagram.com/{name.lower()}" if name else "instagram.com")
    return _profile("instagram.com", parts)


def _facebook(parts: SplitResult) -> Address | None:
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    page = _FACEBOOK.match(parts.path)
    by_id = _FACEBOOK_ID.search(parts.query)
    if page and page["name"].lower() not in _NOT_A_NAME and not page["name"].lower().endswith(".php"):
        return Address(f"facebook.com{path}", f"facebook.com/{page['name'].lower()}")
    return Address(f"facebook.com{path}", f"facebook.com/{by_id[1]}" if by_id else "facebook.com")


def _tiktok(parts: SplitResult) -> Address | None:
    return _profile("tiktok.com", parts) if parts.path.startswith("/@") else None


_PLATFORMS: dict[str, Callable[[SplitResult], Address | None]] = {
    **dict.fromkeys(_X_HOSTS, _x),
    **dict.fromkeys(("t.me", "telegram.me", "telegram.dog"), _telegram),
    "instagram.com": _instagram,
    "facebook.com": _facebook,
    "tiktok.com": _tiktok,
}


def _youtube(url: str) -> Address | None:
    from ural.youtube import is_youtube_url, parse_youtube_url

    if not is_youtube_url(url):
        return None
    found = parse_youtube_url(url)
    kind = type(found).__name__
    if kind in {"YoutubeVideo", "YoutubeShort"}:
        return Address(f"youtube.com/watch?v={found.id}", "youtube.com")
    if kind in {"YoutubeChannel", "YoutubeUser"} and (found.id or found.name):
        source = f"youtube.com/{'channel/' + found.id if found.id else found.name.lower()}"
        return Address(source, source)
    return None


def _target(url: str) -> str:
    """Return where a redirect link says that it leads, where that is another site; else the address itself."""
    from ural import infer_redirection

    for _ in range(3):
        target = infer_redirection(url, recursive=False)
        if target == url or not target.startswith(("http://", "https://")):
            break
        if urlsplit(target).hostname == urlsplit(url).hostname:
            break
        url = target
    return url


def _read(url: str) -> Address | None:
    from ural import get_domain_name, is_shortened_url, normalize_url

    url = _target(url)
    video = _youtube(url)
    if video:
        return video
    key = str(normalize_url(url, infer_redirection=False, platform_aware=True, query_item_filter=_kept))
    parts = urlsplit(f"http://{key}")
    host = parts.hostname or ""
    if "." not in host.strip("."):
        return None
    platform = _PLATFORMS.get(host)
    platform_address = platform(parts) if platform else None
    if platform_address:
        return platform_address
    shortened = is_shortened_url(f"http://{host}/a") or is_shortened_url(f"http://{key}")
    return Address(key, str(get_domain_name(f"http://{host}") or host), bool(shortened))


def _kept(name: str, _: str | None) -> bool:
    return not _TRACKING.match(name)


@functools.lru_cache(maxsize=1 << 18)
def address(url: str) -> Address | None:
    """Return the one name of an address and whose it is; None for what is no web address.

    Parameters
    ----------
    url : str
        An address as received, with or without ``http://``. Other schemes (``mailto:``, ``javascript:``) give None.

    Returns
    -------
    Address or None
        ``key`` without scheme; ``source`` the registrable domain by the public suffix list, the host where it has
        none (an IP address), or on X, Telegram, Facebook, Instagram, TikTok and YouTube the account or channel.

    Notes
    -----
    The address of a YouTube video or of an Instagram post does not tell whose it is: the source is then the
    platform. That counts all of them as one source, so accounts that share the videos of many channels look less
    linked than they are; the other choice would count fans of one channel once per video.
    """
    text = url.strip()
    if not text or len(text) > LONGEST or regex.search(r"[\s\p{Cc}]", text):
        return None
    scheme = _SCHEME.match(text)
    if scheme and scheme[0].lower() not in {"http:", "https:"}:
        return None
    try:
        return _read(text)
    except (ValueError, TypeError, IndexError, AttributeError, RecursionError):  # ural meets an address it cannot split
        return None
