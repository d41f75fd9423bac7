"""All posts of the findings as a table beside the report: what a card shows a few of, and a court asks for whole.

The table belongs to the full edition, which names accounts for the officers of the case; the redacted edition has none.
"""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING, Any

from spmc_tools.desks.base.calendar import IST
from spmc_tools.findings.result.exports import formula_safe
from spmc_tools.report.scope.exports_folder import EDITION, exports_folder
from spmc_tools.report.sections.groups.cards import carried, files_of, of_named
from spmc_tools.report.sections.groups.shown_groups import groups, handles, numbers
from spmc_tools.report.sections.story.post_figures import FIGURES, PostExtras, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    from spmc_tools.findings.result.findings import Findings

__all__ = ["ANNEX", "COLUMNS", "QUEUE", "QUEUE_COLUMNS", "write_posts", "write_queue"]

ANNEX = "posts_of_findings.csv"

QUEUE = "posts_to_look_at.csv"

QUEUE_COLUMNS = (
    "subject", "thing", "text", "posts", "accounts", "reposts", "last_hour", "views", "first_seen", "last_seen",
    "reasons", "terms", "claims", "groups", "record_id", "decision",
)  # fmt: skip
"""``subject``: what the row stands under on the page; times are IST; ``record_id``: its first post."""

COLUMNS = (
    "group", "account", "account_id", "handle", "platform", "record_id", "address", "created_at", "kind", "text", "did",
    "shared_object", "file", "row", "sha256", *FIGURES, "figures_at", "captures",
)  # fmt: skip
"""``group`` and ``account`` are the numbers of the report; times are IST; ``row`` is that of the received ``file``,
whose hash is ``sha256``; ``did`` is the kind of acting together; figures are those received; of ``captures`` each name
and hash."""


def write_posts(found: Findings, folder: Path) -> int:
    """Write the posts in step of the accounts that may be named, of all groups, and return how many there are.

    By group and time; UTF-8 with the mark at its beginning that spreadsheets look for. A text that a spreadsheet would
    read as a formula has ``'`` in front.
    """
    n = 0
    with (folder / ANNEX).open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for row in _rows(found):
            writer.writerow([formula_safe(value) if isinstance(value, str) else value for value in row])
            n += 1
    return n


def write_queue(table: pd.DataFrame, subjects: list[str], decided: Mapping[str, Mapping[str, str]]) -> int | None:
    """Write the whole queue of posts to look at, and return its rows; None where the run is not of the full edition.

    ``subjects``: of each row, as the page groups them; ``decided``: what an officer decided, by the name of the row.
    """
    folder = exports_folder()
    if folder is None or os.environ.get(EDITION) != "full":
        return None
    with (folder / QUEUE).open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(QUEUE_COLUMNS)
        for post, subject in zip(table.to_dict("records"), subjects, strict=True):
            row = post | {
                "subject": subject,
                "groups": post["clusters"],
                "first_seen": post["first_seen"].tz_convert(IST).isoformat(),
                "last_seen": post["last_seen"].tz_convert(IST).isoformat(),
                "decision": decided.get(post["thing"], {}).get("decision"),
            }
            cells = [row[name] for name in QUEUE_COLUMNS]
            cells = [", ".join(map(str, cell)) if isinstance(cell, (list, tuple)) else _plain(cell) for cell in cells]
            writer.writerow([formula_safe(cell) if isinstance(cell, str) else cell for cell in cells])
    return len(table)


def _rows(found: Findings) -> Iterator[list[Any]]:
    case, number = found.case, numbers(found)
    names = handles(case) if case is not None else {}
    files = files_of(case) if case is not None else {}
    extras = PostExtras(case)
    for place, group in enumerate(groups(found), start=1):
        posts = of_named(carried(found, group), group)
        figures_of = extras.figures(posts["record_id"].tolist())
        for post in posts.to_dict("records"):
            account = post["account_id"]
            figures = figures_of.get(key_of(post))
            row = {
                "group": place,
                "account": number[account],
                "account_id": account,
                "handle": names.get(account),
                "address": post.get("url"),
                "created_at": post["created_at"].tz_convert(IST).isoformat(),
                "did": post["trace"],
                "shared_object": post["object_id"],
                "file": files.get(str(post.get("source_sha256"))),
                "row": post.get("source_row"),
                "sha256": post.get("source_sha256"),
                **{name: getattr(figures, name, None) for name in FIGURES},
                "figures_at": None if figures is None or figures.at is None else figures.at.isoformat(),
                "captures": "; ".join(f"{one.file} {one.sha256}" for one in extras.captures(post)),
            }
            yield [_plain(row.get(name, post.get(name))) for name in COLUMNS]


def _plain(value: Any) -> Any:
    """Return what stands in a cell: nothing where a value is missing."""
    missing = value is None or (isinstance(value, float) and value != value)  # noqa: PLR0124 -- NaN
    return "" if missing or type(value).__name__ in {"NAType", "NaTType"} else value
