"""The id of a post as it stands in its address, for tables that give the address alone."""

from __future__ import annotations

import re

__all__ = ["post_id_of"]

_SHAPES = (
    re.compile(r"https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/\w{1,20}/status(?:es)?/(?P<id>\d{5,20})(?!\d).*"),
    re.compile(r"https?://(?:www\.|m\.|web\.)?facebook\.com/.*?(?:/posts/|/videos/|/permalink/|/reel/|story_fbid=|fbid=)"
               r"(?P<id>\d{5,20})(?!\d).*"),
    re.compile(r"https?://(?:www\.)?instagram\.com/(?:[\w.]{1,40}/)?(?:p|reel|reels|tv)/(?P<id>[\w-]{5,40})/?.*"),
    re.compile(r"https?://(?:www\.|m\.)?youtube\.com/(?:watch\?(?:.*&)?v=|shorts/|live/)(?P<id>[\w-]{11})(?![\w-]).*"),
    re.compile(r"https?://youtu\.be/(?P<id>[\w-]{11})(?![\w-]).*"),
    re.compile(r"https?://(?:t\.me|telegram\.me)/(?:s/|c/)?(?P<id>\w{3,40}/\d{1,12})(?!\d).*"),
)  # fmt: skip


def post_id_of(address: str | None) -> str | None:
    """Return the id that stands in the address of a post of X, Facebook, Instagram, YouTube or Telegram, else None."""
    if not address:
        return None
    plain = address.strip()
    return next((found["id"] for shape in _SHAPES if (found := shape.fullmatch(plain))), None)
