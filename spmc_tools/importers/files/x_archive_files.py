"""The files of the archive that X hands to an account: which hold posts, which are left out and why.

The archive of today keeps posts in ``data/tweets.js`` with its parts, deleted ones and long ones beside it; that of
before 2019 ("Grailbird") has one file for each month. Everything else in it is of no use here or is not for us to read:
private messages are other people's, too.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ARCHIVE_HEAD", "left_out_of", "members_with_posts", "why_no_posts"]

ARCHIVE_HEAD = re.compile(
    r"\s*(?:window\.YTD\.(?P<what>\w{1,60})\.part\d{1,4}|Grailbird\.data\.tweets_\d{4}_\d{2})\s*=\s*"
)
"""What stands before the JSON of such a file."""

_MAIN = re.compile(r"(?P<folder>(?:.*/)?(?:data/)?)tweets?\.js")
_MORE = re.compile(
    r"(?:tweets?-part\d{1,4}|deleted-tweets?(?:-part\d{1,4})?|note-tweets?(?:-part\d{1,4})?"
    r"|community-tweets?(?:-part\d{1,4})?)\.js"
)
_MONTH = re.compile(r"(?:.*/)?data/js/tweets/\d{4}_\d{2}\.js")

_POSTS = frozenset(
    {"tweet", "tweets", "deleted_tweet", "deleted_tweets", "note_tweet", "note_tweets", "community_tweet"}
)
_PRIVATE = "private messages, of other people too; they are not imported"
_KINDS = (
    (re.compile(r"direct.messages?.*|dm.*|grok.chat.*"), "direct messages", _PRIVATE),
    (re.compile(r"likes?"), "likes", "X does not say when; no post of the account"),
    (re.compile(r"ad.*|personalization|twitter.(?:shop|article).*"), "advertising", "what X showed and guessed"),
    (re.compile(r"follow(?:er|ing)|block|mute|lists.*|contact|address.*"), "lists of other accounts", "no posts"),
    (
        re.compile(
            r"account.*|profile|ageinfo|device.*|ip.audit|phone.*|email.*|key.registry|ni.devices|sso|verified.*"
        ),
        "the account itself, its devices and addresses",
        "no posts; the whole archive as a zip tells whose it is",
    ),
)


def members_with_posts(names: Sequence[str]) -> tuple[str, ...]:
    """Return the files of an archive that hold posts, the main one first, long texts last; () where none is of X."""
    mains = [found for name in names if (found := _MAIN.fullmatch(name))]
    if len(mains) == 1:
        folder = mains[0]["folder"]
        more = [name for name in names if name.startswith(folder) and _MORE.fullmatch(name[len(folder) :])]
        return (mains[0].string, *sorted(more, key=lambda name: ("note-tweet" in name, name)))
    return () if mains else tuple(sorted(name for name in names if _MONTH.fullmatch(name)))


def left_out_of(names: Sequence[str], taken: Sequence[str]) -> list[str]:
    """Say which files of an archive of X are not imported, by what they hold, and why."""
    counts: Counter[tuple[str, str]] = Counter()
    for name in names:
        stem = name.rsplit("/", 1)[-1].removesuffix(".js")
        if name in taken or not name.endswith(".js") or stem in {"manifest", "account", "tweet_index"}:
            continue
        if (kind := _kind_of(re.sub(r"-part\d+$", "", stem))) is not None:
            counts[kind] += 1
    return [f"not imported: {what} ({n} {'file' if n == 1 else 'files'}: {why})" for (what, why), n in counts.items()]


def why_no_posts(what: str) -> str | None:
    """Return why a file of an archive is not read, by the name that stands before its JSON; None where it is."""
    if what in _POSTS:
        return None
    kind = _kind_of(what.replace("_", "-"))
    return f"{kind[0]} out of an archive of X: {kind[1]}" if kind else f"{what!r} out of an archive of X, not its posts"


def _kind_of(stem: str) -> tuple[str, str] | None:
    return next(((what, why) for shape, what, why in _KINDS if shape.fullmatch(stem)), None)
