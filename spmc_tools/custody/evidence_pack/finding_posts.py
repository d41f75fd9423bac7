"""All posts on which the groups of a report rest, as a table, a workbook and a page: what a court asks for first.

Which posts these are stands in the run's own notebook, whose hash its manifest holds; what each says is read again from
the row of the file that it names.
"""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from spmc_tools.findings.result.exports import formula_safe, xml_safe
from spmc_tools.report.page.render import bare_page, collect
from spmc_tools.report.sections.groups.shown_groups import handles
from spmc_tools.report.sections.story.post_figures import FIGURES, captures_of
from spmc_tools.report.words import notebook_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from spmc_tools.case.store.case import Case
    from spmc_tools.report.sections.groups.card_values import Card
    from spmc_tools.report.sections.watch.closing_values import CarryingPost

__all__ = ["FindingPost", "as_page", "as_workbook", "finding_posts"]

IST = ZoneInfo("Asia/Kolkata")
_READ = (
    "source_sha256", "source_row", "record_id", "account_id", "url", "kind", "text", "time_precision_s", "metrics",
    "collected_at",
)  # fmt: skip
_CELL = 32_000


@dataclass(frozen=True, slots=True)
class FindingPost:
    """A post on which a group rests.

    Attributes
    ----------
    group, account_number : int
        On the page of the report.
    time_ist, time_utc : str
        ISO, to the microsecond that the file gives; ``time_precision_s``: the step of its clock.
    url, kind, text, account_id, handle : str or None
        As the case holds them; None where it does not.
    acted_together : str
        How sure it is that its group acted together, as the page says it: very_strong, strong, moderate, weak, unknown.
    ordinary_patterns : str
        Those that explain a trace of half of the group or more; empty: none of those measured fits.
    likes, reposts, replies, views : int or None
        As the file gives them; ``figures_ist``: when its source collected them.
    captures : str
        The files that officers took of it, each with its SHA-256, the first one first; empty where there is none.
    state : {"same", "set_aside", "gone"}
        Whether the case still holds this post at this row of this file.
    """

    group: int
    account_number: int
    account_id: str | None
    handle: str | None
    platform: str | None
    record_id: str | None
    url: str | None
    time_ist: str
    time_utc: str
    time_precision_s: float | None
    kind: str | None
    text: str | None
    trace: str
    file: str | None
    source_sha256: str
    source_row: int | None
    acted_together: str
    ordinary_patterns: str
    likes: int | None
    reposts: int | None
    replies: int | None
    views: int | None
    figures_ist: str | None
    captures: str
    state: str


def finding_posts(case: Case, folder: Path) -> list[FindingPost]:
    """Return the posts on which the groups of a run rest, group by group and by time.

    Parameters
    ----------
    case : Case
        Whose report it is.
    folder : pathlib.Path
        Of the run. Empty where its notebook has no section *provenance*.
    """
    sections = collect(notebook_file.read(folder / "notebook.ipynb")).sections
    section = sections.get("provenance")
    cards = _cards(sections)
    posts: Sequence[CarryingPost] = () if section is None or section["missing"] else section["values"].posts
    held = _held(case, {post.sha256 for post in posts})
    batches = {batch.source_sha256: batch for batch in case.batches(set_aside=True)}
    aside, names, taken = set(case.set_aside()), handles(case), captures_of(case)
    found = []
    for post in posts:
        batch = batches.get(post.sha256)
        row = held.get((post.sha256, post.row, str(post.record)))
        state = "gone" if batch is None or row is None else "set_aside" if batch.batch_id in aside else "same"
        said: dict[str, Any] = row or {}
        counts, collected = said.get("metrics") or {}, said.get("collected_at")
        found.append(
            FindingPost(
                group=post.group,
                account_number=post.n,
                account_id=said.get("account_id"),
                handle=names.get(str(said.get("account_id"))),
                platform=post.platform,
                record_id=post.record,
                url=said.get("url"),
                time_ist=_iso(post.at.astimezone(IST)),
                time_utc=_iso(post.at),
                time_precision_s=said.get("time_precision_s"),
                kind=said.get("kind"),
                text=said.get("text"),
                trace=post.trace,
                file=None if batch is None else batch.source_name,
                source_sha256=post.sha256,
                source_row=post.row,
                acted_together=cards[post.group - 1].story.sure if post.group <= len(cards) else "unknown",
                ordinary_patterns=" ".join(cards[post.group - 1].story.patterns) if post.group <= len(cards) else "",
                **{name: counts.get(name) for name in FIGURES},
                figures_ist=_iso(collected.astimezone(IST)) if counts and collected else None,
                captures="; ".join(
                    f"{one.file} (SHA-256 {one.sha256})" for one in taken.get(f"{post.platform}:{post.record}", ())
                ),
                state=state,
            )
        )
    return found


def _cards(sections: Mapping[str, Any]) -> Sequence[Card]:
    """Return the groups of the page in their order; none where its notebook has no section *findings*."""
    section = sections.get("findings")
    cards: Sequence[Card] = () if section is None or section["missing"] else section["values"].cards
    return cards


def _iso(moment: datetime) -> str:
    return moment.isoformat()


def _held(case: Case, hashes: set[str]) -> dict[tuple[str, int | None, str], dict[str, Any]]:
    """Return the posts of these files by file, row and id; of imports set aside, too."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    found: dict[tuple[str, int | None, str], dict[str, Any]] = {}
    wanted = pa.array(sorted(hashes), pa.string())
    for batch in case.batches(set_aside=True):
        if batch.source_sha256 not in hashes or "records" not in batch.tables:
            continue
        table = pq.read_table(case.path / batch.tables["records"]["path"], columns=list(_READ))
        for row in table.filter(pc.is_in(table["source_sha256"], value_set=wanted)).to_pylist():
            found[row["source_sha256"], row["source_row"], row["record_id"]] = row
    return found


def as_workbook(posts: Sequence[FindingPost]) -> bytes:
    """Return the posts as a workbook of one sheet; ids stay whole, since every text is a cell of text."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("posts")
    sheet.append(list(FindingPost.__dataclass_fields__))
    for post in posts:
        cells = []
        for value in asdict(post).values():
            cell = WriteOnlyCell(
                sheet, value=xml_safe(formula_safe(value))[:_CELL] if isinstance(value, str) else value
            )
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_page(case: Case, run_id: str, posts: Sequence[FindingPost], language: str) -> str:
    """Return the posts as one HTML file to read and print."""
    files = {post.source_sha256: post.file or "–" for post in posts}
    number = {sha256: k for k, sha256 in enumerate(files, start=1)}
    taken = captures_of(case)
    rows = [
        {
            **asdict(post),
            "file_number": number[post.source_sha256],
            "uncounted": [name for name in FIGURES if getattr(post, name) is None],
            "taken": taken.get(f"{post.platform}:{post.record_id}", ()),
        }
        for post in posts
    ]
    groups = {group: list(own) for group, own in groupby(rows, key=lambda row: row["group"])}
    values = {"case": case.id, "run_id": run_id, "n": len(posts), "files": files, "groups": groups}
    return bare_page("posts.html.j2", values, language, heading="posts_list.title")
