"""The text of a small piece of HTML, as a reader sees it: for platforms that hand out their posts as HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["seen_text", "text_of_node"]

_BREAKS = {"br": "\n", "p": "\n\n", "div": "\n", "blockquote": "\n", "li": "\n"}
_MARKED = re.compile(r"[<&]")
_MARK = re.compile(r"<[^<>]*>")
_MOST = 1_000_000
"""Longer pieces are not parsed: their marks are taken out, and paragraphs run together."""


def seen_text(html: object) -> str | None:
    """Return the text of a piece of HTML; line breaks and paragraphs are kept, None where nothing is to be read."""
    if not isinstance(html, str) or not html:
        return None
    if not _MARKED.search(html):
        return html
    if len(html) > _MOST:
        return _MARK.sub("", html) or None
    from lxml import etree
    from lxml import html as parser

    try:
        node = parser.fragment_fromstring(html, create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return _MARK.sub("", html) or None
    return text_of_node(node) or None


def text_of_node(node: Any) -> str:
    """Return the text inside a node of lxml, with its line breaks."""
    parts: list[str] = []
    for event, element in _walk(node):
        if event == "start":
            tag = element.tag if isinstance(element.tag, str) else ""
            if tag == "br":
                parts.append("\n")
            elif tag in _BREAKS and element is not node and any(part.strip() for part in parts):
                parts.append(_BREAKS[tag])
            if tag and element.text:
                parts.append(element.text)
        elif element is not node and element.tail:
            parts.append(element.tail)
    return "".join(parts).strip()


def _walk(node: Any) -> Any:
    from lxml import etree

    return etree.iterwalk(node, events=("start", "end"))
