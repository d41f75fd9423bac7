"""What can be collected and what cannot: for every other platform the lawful route is named."""

from __future__ import annotations

from spmc_tools.errors import ParameterError, quote

__all__ = ["COLLECTED", "LAWFUL_ROUTES", "require_collected"]

COLLECTED = ("telegram", "bluesky", "mastodon")
"""Platforms whose public posts can be asked for without an account."""

_NOTICE = "an order to produce under section 94 BNSS, through the platform's own channel for law enforcement"
_META = "Meta Content Library, where your office is admitted"
_IMPORT = "type spmc import CASE FILE with --obtained for what you get"

LAWFUL_ROUTES = {
    "x": f"{_NOTICE}; X's paid API with an account of the office; the statistics of your own account; {_IMPORT}",
    "facebook": f"{_NOTICE}; {_META}; the statistics of your own pages; {_IMPORT}",
    "instagram": f"{_NOTICE}; {_META}; the statistics of your own account; {_IMPORT}",
    "reddit": f"{_NOTICE}; Reddit's API with an account of the office; {_IMPORT}",
    "youtube": f"{_NOTICE}; YouTube's Data API with a key of the office; statistics of your own channel; {_IMPORT}",
    "tiktok": f"{_NOTICE}; {_IMPORT}",
    "whatsapp": f"only chats of your own groups, or that a complainant exports and hands over; {_IMPORT}",
    "vkontakte": f"{_NOTICE}; {_IMPORT}",
    "weibo": f"{_NOTICE}; {_IMPORT}",
}
"""Platforms where snscrape no longer works, or never did -> how their posts are got lawfully."""

_ALSO = {"twitter": "x", "fb": "facebook", "meta": "facebook", "vk": "vkontakte"}


def require_collected(source: str) -> str:
    """Return the platform's name where it can be collected.

    Raises
    ------
    ParameterError
        Where it cannot; the sentence names the lawful route.
    """
    name = source.strip().lower()
    name = _ALSO.get(name, name)
    if name in COLLECTED:
        return name
    if name in LAWFUL_ROUTES:
        why = (
            "snscrape no longer works there"
            if name not in {"youtube", "tiktok", "whatsapp"}
            else "no tool here does it"
        )
        raise ParameterError(f"{name} is not collected: {why}. The lawful routes: {LAWFUL_ROUTES[name]}.")
    raise ParameterError(f"Nothing is collected from {quote(source)}; known: {', '.join(COLLECTED)}.")
