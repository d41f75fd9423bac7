"""The id of a post as it stands in its address, for tables that give the address alone."""

from __future__ import annotations

import re

__all__ = ["author_of", "platform_of", "post_id_of"]

_SHAPES = (
    re.compile(r"https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/\w{1,20}/status(?:es)?/(?P<id>\d{5,20})(?!\d).*"),
    re.compile(r"https?://(?:www\.|m\.|web\.)?facebook\.com/.*?(?:/posts/|/videos/|/permalink/|/reel/|story_fbid=|fbid=)"
               r"(?P<id>\d{5,20})(?!\d).*"),
    re.compile(r"https?://(?:www\.)?instagram\.com/(?:[\w.]{1,40}/)?(?:p|reel|reels|tv)/(?P<id>[\w-]{5,40})/?.*"),
    re.compile(r"https?://(?:www\.|m\.)?youtube\.com/(?:watch\?(?:.*&)?v=|shorts/|live/)(?P<id>[\w-]{11})(?![\w-]).*"),
    re.compile(r"https?://youtu\.be/(?P<id>[\w-]{11})(?![\w-]).*"),
    re.compile(r"https?://(?:t\.me|telegram\.me)/(?:s/|c/)?(?P<id>\w{3,40}/\d{1,12})(?!\d).*"),
    re.compile(r"https?://(?:www\.|m\.)?tiktok\.com/@[\w.]{1,40}/(?:video|photo)/(?P<id>\d{5,20})(?!\d).*"),
)  # fmt: skip

_AUTHORS = (
    re.compile(r"https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/(?P<who>(?!i/)\w{1,20})/status(?:es)?/\d.*"),
    re.compile(r"https?://(?:www\.|m\.)?tiktok\.com/@(?P<who>[\w.]{1,40})/(?:video|photo)/\d.*"),
    re.compile(r"https?://(?:t\.me|telegram\.me)/(?:s/)?(?P<who>(?!c/)[A-Za-z]\w{2,39})/\d.*"),
)

_PLATFORMS = (
    ("x", re.compile(r"https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/")),
    ("facebook", re.compile(r"https?://(?:www\.|m\.|web\.)?(?:facebook\.com|fb\.watch|fb\.com)/")),
    ("instagram", re.compile(r"https?://(?:www\.)?instagram\.com/")),
    ("youtube", re.compile(r"https?://(?:(?:www\.|m\.)?youtube\.com|youtu\.be)/")),
    ("telegram", re.compile(r"https?://(?:t\.me|telegram\.me)/")),
    ("tiktok", re.compile(r"https?://(?:www\.|m\.|vm\.)?tiktok\.com/")),
    ("reddit", re.compile(r"https?://(?:www\.|old\.)?reddit\.com/")),
    ("bluesky", re.compile(r"https?://bsky\.app/")),
)


def post_id_of(address: str | None) -> str | None:
    """Return the id in the address of a post of X, Facebook, Instagram, YouTube, Telegram or TikTok, else None."""
    if not address:
        return None
    plain = address.strip()
    return next((found["id"] for shape in _SHAPES if (found := shape.fullmatch(plain))), None)


def author_of(address: str | None) -> str | None:
    """Return the user name that stands in the address of a post of X, TikTok or a Telegram channel, else None."""
    plain = (address or "").strip()
    return next((found["who"] for shape in _AUTHORS if (found := shape.fullmatch(plain))), None)


def platform_of(address: str) -> str | None:
    """Return the platform that an address belongs to, else None."""
    return next((name for name, shape in _PLATFORMS if shape.match(address.strip())), None)
