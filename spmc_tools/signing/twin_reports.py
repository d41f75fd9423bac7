"""Two reports of one run, each in one language, and how each names the other by file and hash.

Neither file can hold the SHA-256 of the other as it is: that hash would change with the one that it is compared with.
Each holds, on a line of its own, the SHA-256 of the other *without that line*; the manifest holds both as they are.
``sed '/^<span class="mono long" data-twin=/d' report.hi.html | sha256sum`` gives the hash that ``report.html`` tells
of. Nothing from a post can look like such a line: a ``<`` of a text is written ``&lt;``.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "BOTH", "FIRST", "MARK", "Twin", "asked_for", "bound", "file_names", "hash_without_line", "reports_of",
    "twins_named",
]  # fmt: skip

BOTH = "both"
"""What is asked for where a run is told in every language, each in a file of its own."""

FIRST = "report.html"
"""File of the first language of a run, or of its only one."""

MARK = b"<!-- next line: SHA-256 of the twin -->\n"
"""Stands in a drawn page, once, where the line with the hash goes in."""

_LINE = re.compile(rb'^<span class="mono long" data-twin="([A-Za-z0-9.]+)">([0-9a-f]{64})</span>\n', re.M)


@dataclass(frozen=True, slots=True)
class Twin:
    """The other report of a run: its language and its file."""

    language: str
    file: str


def asked_for(language: str, known: Iterable[str], first: str) -> tuple[str, ...]:
    """Return the languages that a run is told in, the one of the case first where it is every one.

    Raises
    ------
    ParameterError
        Where the language is neither known nor ``both``.
    """
    languages = tuple(known)
    if language == BOTH:
        return tuple(sorted(languages, key=lambda one: one != first))
    if language not in languages:
        wanted = ", ".join((*languages, BOTH))
        raise ParameterError(f"The language {quote(language)} is not known; known languages: {wanted}.")
    return (language,)


def file_names(languages: Iterable[str], ending: str = "html") -> dict[str, str]:
    """Return the file of each language: ``report.html`` for the first, ``report.hi.html`` for another one."""
    return {code: f"report.{ending}" if not n else f"report.{code}.{ending}" for n, code in enumerate(languages)}


def reports_of(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return language -> file of the reports that a manifest tells of, first one first; empty where it tells badly."""
    facts = manifest.get("facts")
    told = facts.get("reports") if isinstance(facts, dict) else None
    if not isinstance(told, dict) or not all(isinstance(name, str) for name in told.values()):
        return {}
    return dict(sorted(told.items(), key=lambda one: (one[1] != FIRST, one[1])))


def bound(pages: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return drawn pages, by file name, with the hash of the other in each; a page that is alone stays as it is."""
    if len(pages) == 1:
        return dict(pages)
    (a, first), (b, second) = pages.items()
    return {a: _with_line(first, b, second), b: _with_line(second, a, first)}


def _with_line(content: bytes, twin: str, of: bytes) -> bytes:
    before, mark, after = content.partition(MARK)
    line = f'<span class="mono long" data-twin="{twin}">{hashlib.sha256(of).hexdigest()}</span>\n'
    return before + mark + line.encode() + after


def twins_named(content: bytes) -> list[tuple[str, str]]:
    """Return file and hash of every line of a report that names its twin."""
    return [(file.decode(), digest.decode()) for file, digest in _LINE.findall(content)]


def hash_without_line(content: bytes) -> str:
    """Return the SHA-256 of a report without the line that names its twin."""
    return hashlib.sha256(_LINE.sub(b"", content)).hexdigest()
