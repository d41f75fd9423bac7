"""What is collected: a target on a platform, the limits of a collection, a page of what came back."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["LOCAL_HOSTS", "MOST_ASKED", "Limits", "Page", "Target", "checked_server", "is_tag"]

LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
"""Hosts that are asked without encryption: a server on this machine."""

_TAG_LIMIT = 64
MOST_ASKED = {"posts": 50_000, "requests": 5_000, "per_minute": 60}
"""The highest limits that one call may have."""


@dataclass(frozen=True, slots=True)
class Target:
    """One account, channel or tag on one server.

    Attributes
    ----------
    source : str
        "telegram", "bluesky" or "mastodon".
    kind : {"account", "tag"}
        A channel is an account.
    name : str
        Without ``@`` or ``#``.
    server : str
        Scheme and host that is asked, as ``https://t.me``.
    """

    source: str
    kind: str
    name: str
    server: str

    @property
    def key(self) -> str:
        """The same for the same target, 16 hex digits."""
        return hashlib.sha256(json.dumps(self.told(), sort_keys=True).encode()).hexdigest()[:16]

    @property
    def shown(self) -> str:
        """How it is shown to people: ``telegram @channel``."""
        return f"{self.source} {'#' if self.kind == 'tag' else '@'}{self.name}"

    def told(self) -> dict[str, str]:
        """Return what the log keeps of it."""
        return {"source": self.source, "kind": self.kind, "name": self.name, "server": self.server}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one call collects, and how fast.

    Attributes
    ----------
    posts : int
        After a page that reaches this number nothing more is asked; 1 to 50,000.
    requests : int
        Most requests, repeated ones included; 1 to 5,000.
    per_minute : int
        Most requests in a minute, evenly spaced; 1 to 60.
    """

    posts: int = 1000
    requests: int = 200
    per_minute: int = 20

    def __post_init__(self) -> None:
        """Refuse limits that are none."""
        for name, most in MOST_ASKED.items():
            value = getattr(self, name)
            if not 1 <= value <= most:
                option = name.replace("_", "-")
                raise ParameterError(f"--{option}: found {quote(value)}, wanted a number from 1 to {most:,}.")


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a server.

    Attributes
    ----------
    content : bytes
        What is kept of it: lines of JSON, each with its line's end.
    posts : int
        How many posts it holds.
    newest, oldest : datetime or None
        Time of its first and last post; None where there is none.
    after : str or None
        Where the next page begins, in the server's own terms; None: there is none.
    note : str
        What could not be read beside the posts, or "".
    """

    content: bytes
    posts: int
    newest: datetime | None
    oldest: datetime | None
    after: str | None
    note: str = ""

    def facts(self) -> dict[str, Any]:
        """Return its numbers."""
        return {"posts": self.posts, "after": self.after}


def is_tag(name: str) -> bool:
    """Whether a text can be a tag: letters with their vowel signs, digits, ``_``, joiners; 1 to 64 characters."""
    marks = {"Mn", "Mc"}
    return 1 <= len(name) <= _TAG_LIMIT and all(
        c.isalnum() or c in "_\u200c\u200d" or unicodedata.category(c) in marks for c in name
    )


def checked_server(server: str) -> str:
    """Return scheme and host of a server; encrypted, or on this machine.

    Raises
    ------
    ParameterError
        Where it is no such address.
    """
    text = server if "://" in server else f"https://{server}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    plain = not parts.path.strip("/") and not parts.query and not parts.fragment and "@" not in parts.netloc
    named = host in LOCAL_HOSTS or re.fullmatch(
        r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}", host
    )
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL_HOSTS)
    if not (named and plain and secure):
        raise ParameterError(f"--server: found {quote(server)}, wanted https and a host, as https://mastodon.social.")
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
