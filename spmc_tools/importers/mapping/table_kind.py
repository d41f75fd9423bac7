"""What a row of an unknown table is, by the names of its columns and their values, and what about it is doubtful.

A mapping makes posts. A list of profiles, of links between accounts, of daily figures has columns that sound alike, and
posts made of it would be posts that nobody wrote; so the kind of a table is said with every proposal, and what is not
told by names *and* values is asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "DOUBTS",
    "TABLE_KINDS",
    "can_be_account",
    "can_be_time",
    "is_enumeration",
    "is_numbering",
    "is_time_like",
    "kind_of",
]

TABLE_KINDS = ("posts", "profiles", "edges", "figures", "desk", "unknown")
"""What a row can be: a post, an account, a link of two, a figure, a row of a desk's sheet, nothing known here."""

DOUBTS = ("account", "time", "kind")
"""What a proposal can leave to a person."""

_TIME = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([ T].*)?|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}([ ,T].*)?|1[0-9]{9}(\.\d+)?|1[0-9]{12}"
    r"|\w{3} \w{3} \d{1,2} \d{2}:\d{2}:\d{2} .{5} \d{4}|\d{1,2}[ -][^\W\d]{3,12}[ ,.-]+\d{2,4}([ ,T].*)?"
    r"|[^\W\d]{3,9}\.? \d{1,2},? \d{4}([ ,T].*)?"
)
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}([ ,T].*)?|\w{3} \w{3} \d{1,2} .*\d{4}"
    r"|\d{1,2}[ -][^\W\d]{3,12}[ -,]+\d{2,4}.*"
)
_NUMBER = re.compile(r"[-+]?[\d,]*\.?\d+%?")
_DIGITS = re.compile(r"\d.*\d")
_WORDS = frozenset(
    {
        "true", "false", "yes", "no", "0", "1", "photo", "photos", "video", "videos", "status", "link", "links",
        "text", "image", "images", "tweet", "retweet", "reply", "quote", "post", "repost", "comment", "story",
        "reel", "album", "event", "share", "shared", "original", "none", "positive", "negative", "neutral",
        "male", "female",
    }
)  # fmt: skip
_PROFILE = frozenset(
    {
        "followers", "followerscount", "followercount", "following", "followingcount", "friendscount",
        "friends", "statusescount", "listedcount", "favouritescount", "bio", "userdescription", "userbio",
        "verified", "protected", "isprivate", "joined", "joineddate", "accountcreatedat", "accountcreationdate",
        "usercreatedat", "profileimageurl", "profileimage", "profileurl", "profilepicurl", "avatar", "website",
        "birthday", "tweets", "tweetcount", "mediacount", "userlocation", "userreportedlocation",
        "defaultprofile",
    }
)  # fmt: skip
_POST = frozenset(
    {
        "text", "fulltext", "tweettext", "tweet", "message", "posttext", "content", "body", "caption",
        "rawcontent", "tweetid", "postid", "statusid", "messageid", "commentid", "retweetcount", "replycount",
        "quotecount", "inreplytostatusid", "retweetedstatusid", "conversationid", "संदेश", "पाठ", "पोस्ट",
    }
)  # fmt: skip
_ENDS = (
    ("source", "target"), ("from", "to"), ("vertex1", "vertex2"), ("node1", "node2"), ("account1", "account2"),
    ("accountid", "accountidy"), ("user1", "user2"), ("sourceid", "targetid"), ("from", "target"),
)  # fmt: skip
_DESK = frozenset(
    {
        "complaintid", "complaintno", "ticketid", "ticketno", "threadid", "grievanceno", "referralid",
        "claimid", "shift", "resolvedat", "district", "assignedto", "शिकायतसंख्या", "शिकायतआईडी",
        "शिकायतक्रमांक", "जिला", "निस्तारण",
    }
)  # fmt: skip
_MOSTLY = 0.9
_HALF = 0.5
_MANY_ROWS = 20
_FEW = 0.05


def is_time_like(value: str) -> bool:
    """Whether a cell has the form of a time or of seconds since 1970."""
    return _TIME.fullmatch(value) is not None


def _share(fits: Callable[[str], object], values: Sequence[str]) -> float:
    return sum(bool(fits(value)) for value in values) / len(values) if values else 0.0


def _filled(values: Sequence[str] | None) -> list[str]:
    return [value.strip() for value in values or () if value.strip()]


def is_enumeration(values: Sequence[str]) -> bool:
    """Whether cells are a few words for kinds of things: ``Photo``, ``Video``, ``yes``."""
    plain = {value.casefold() for value in values}
    if plain and plain <= _WORDS:
        return True
    few = len(plain) <= max(2, _FEW * len(values))
    return len(values) >= _MANY_ROWS and few and not any(re.search(r"[\d@_]", value) for value in plain)


def is_numbering(values: Sequence[str]) -> bool:
    """Whether cells are 1, 2, 3 and so on: the numbers of the rows, which every sheet has, and no ids of posts."""
    found = _filled(values)
    if len(found) < 2 or found[0] not in {"0", "1", "1.", "1.0"}:
        return False
    numbers = [value.removesuffix(".0").rstrip(".") for value in found]
    first = int(numbers[0])
    return all(number.isdecimal() and int(number) == n for n, number in enumerate(numbers, first))


def _is_free_text(values: Sequence[str]) -> bool:
    spaced = _share(lambda value: value.count(" ") > 2, values)
    return spaced > _HALF and sum(map(len, values)) / max(len(values), 1) > 40


def can_be_account(values: Sequence[str] | None) -> bool:
    """Whether cells can name accounts: they are no dates, no running text, no kinds of things. Unknown cells can."""
    found = _filled(values)
    if not found:
        return True
    return not (
        _share(_DATE.fullmatch, found) >= _HALF
        or _is_free_text(found)
        or {value.casefold() for value in found} <= _WORDS
    )


def can_be_time(values: Sequence[str] | None) -> bool:
    """Whether cells can be times: most hold several digits and are no running text. Unknown cells can."""
    found = _filled(values)
    return not found or (_share(_DIGITS.search, found) >= _HALF and not _is_free_text(found))


def kind_of(names: Sequence[str], cells: Mapping[str, Sequence[str]], columns: Mapping[str, Sequence[str]]) -> str:
    """Return the kind of a table, one of :data:`TABLE_KINDS`.

    Parameters
    ----------
    names : sequence of str
        The headers, plain: lower case, letters and digits alone.
    cells : dict
        Some values per header as it stands in the file.
    columns : dict
        The columns of the mapping that its names suggest.
    """
    there = set(names)
    if any({a, b} <= there for a, b in _ENDS) and not there & _POST:
        return "edges"
    if len(there & _DESK) >= 2:
        return "desk"
    unique = _one_row_each(cells, columns)
    if len(there & _PROFILE) >= 2 and not there & _POST and unique:
        return "profiles"
    numbers = [name for name, values in cells.items() if _share(_NUMBER.fullmatch, _filled(values)) >= _MOSTLY]
    if not {"text", "url", "account_id"} & columns.keys() and len(numbers) * 2 > len(cells):
        return "figures" if "created_at" in columns else "unknown"
    if not {"text", "url", "record_id", "ref_record_id", "urls"} & columns.keys():
        return "unknown"
    return "posts" if {"account_id", "created_at"} & columns.keys() or there & _POST else "unknown"


def _one_row_each(cells: Mapping[str, Sequence[str]], columns: Mapping[str, Sequence[str]]) -> bool:
    """Whether no account stands in two rows; true where nothing shows it."""
    for field in ("account_id", "record_id"):
        values = [value for name in columns.get(field, ()) for value in _filled(cells.get(name))]
        if values and len(set(values)) < len(values):
            return False
    return True
