"""A few lines of HTML by which a notebook shows an object: what it is, how many, and what to do next."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["card"]


def card(heading: str, lines: Sequence[str], command: str) -> str:
    """Return HTML with a heading, lines and the next command; every one of them is escaped and shown as it is written.

    Parameters
    ----------
    heading : str
        What it is.
    lines : sequence of str
        Sentences below it; empty: none.
    command : str
        What to type next; ``""``: nothing is proposed.
    """
    paragraphs = [f"<strong>{escape(heading)}</strong>", *map(escape, lines)]
    if command:
        paragraphs.append(f"Next: <code>{escape(command)}</code>")
    return "<div>" + "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs) + "</div>"
