"""What stands beside a shown post: its figures as they were received, and the captures that officers took of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.report.values.privacy import Clock, Code, Count, FileName, Time
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.case.store.case import Case

__all__ = ["FIGURES", "Capture", "PostExtras", "PostFigures", "captures_of", "key_of"]

FIGURES = ("likes", "reposts", "replies", "views")
"""Figures of a post, in the order in which a page gives them."""


@section_values
class PostFigures:
    """Likes, reposts, replies and views of a post (None: not in the file), and when the source collected them."""

    likes: Count | None
    reposts: Count | None
    replies: Count | None
    views: Count | None
    at: Time | None


@section_values
class Capture:
    """A file that an officer took of a post: its name, hash, how and when it was captured."""

    file: FileName
    sha256: Code
    method: Code
    at: Clock


class PostExtras:
    """Figures and captures of the posts of a case, by platform and id.

    Parameters
    ----------
    case : Case or None
        None: findings of no case; nothing is known of any post.
    """

    def __init__(self, case: Case | None) -> None:
        self._captures = {} if case is None else captures_of(case)
        names = ["platform", "record_id", "metrics", "collected_at"]
        self._table = None if case is None else case.table("records", names)

    def figures(self, record_ids: Sequence[str]) -> dict[str, PostFigures]:
        """Return the figures of those of these posts that have any, by ``platform:id``."""
        if self._table is None:
            return {}
        wanted = pc.is_in(self._table["record_id"], value_set=pa.array(record_ids, pa.string()))
        rows = self._table.filter(wanted).to_pylist()
        made = {f"{row['platform']}:{row['record_id']}": _figures(row) for row in rows}
        return {key: figures for key, figures in made.items() if figures is not None}

    def captures(self, post: Mapping[Any, Any]) -> tuple[Capture, ...]:
        """Return the captures of a post, given by its row."""
        return self._captures.get(key_of(post), ())


def key_of(post: Mapping[Any, Any]) -> str:
    """Return platform and id of a post, given by its row."""
    return f"{post.get('platform')}:{post['record_id']}"


def _figures(row: Mapping[str, Any]) -> PostFigures | None:
    held = row["metrics"]
    if held is None or all(held.get(name) is None for name in FIGURES):
        return None
    return PostFigures(**{name: held.get(name) for name in FIGURES}, at=row["collected_at"])


def captures_of(case: Case) -> dict[str, tuple[Capture, ...]]:
    """Return the captures of each post by its platform and id (``x:123``), the first one first."""
    rows = case.table(
        "attachments", ["attachment_sha256", "name", "platform", "record_id", "method", "captured_at"]
    ).to_pylist()
    found: dict[str, tuple[Capture, ...]] = {}
    for row in sorted(rows, key=lambda one: (one["captured_at"], one["attachment_sha256"])):
        capture = Capture(
            file=row["name"], sha256=row["attachment_sha256"], method=row["method"], at=row["captured_at"]
        )
        key = f"{row['platform']}:{row['record_id']}"
        found[key] = (*found.get(key, ()), capture)
    return found
