"""What was captured of the posts that a report shows (``spmc attach``), for its evidence pack: the files, and a list.

A received export holds everybody's posts and stays in the case; a capture is of one post, and where that post is gone
it is all that shows it. Captures of other posts are not handed over.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from spmc_tools.case.files.durable import safe_name
from spmc_tools.custody.evidence_pack.sheets import inert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spmc_tools.case.store.case import Case

__all__ = ["LIST", "MOST_BYTES", "captures_of"]

LIST = "captures.csv"
MOST_BYTES = 256 << 20
"""All captures in one pack; what goes beyond stays in the case, and the list says so."""

_COLUMNS = (
    "platform", "record_id", "name", "sha256", "bytes", "method", "tool", "officer", "captured_at", "note", "batch",
    "file",
)  # fmt: skip


def captures_of(case: Case, posts: Iterable[tuple[str, str]]) -> dict[str, bytes]:
    """Return the captures of these posts by their place in the pack, and their list; nothing where there are none.

    Parameters
    ----------
    case : Case
        With the captures; those that were set aside are left out.
    posts : iterable of (str, str)
        Platform and record id.

    Returns
    -------
    dict of bytes
        ``captures/<hash>-<name>`` per file, and :data:`LIST`: one line per post and capture, whose column ``file`` is
        the place in the pack, empty where the file is beyond :data:`MOST_BYTES` and its hash alone is told.

    Raises
    ------
    IntegrityError
        Where a capture is not the file that was attached.
    """
    wanted = set(posts)
    rows = [row for row in case.table("attachments").to_pylist() if (row["platform"], row["record_id"]) in wanted]
    if not rows:
        return {}
    batches = {batch.source_sha256: batch for batch in case.batches()}
    files: dict[str, bytes] = {}
    left = MOST_BYTES
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in sorted(rows, key=lambda file: (file["platform"], file["record_id"], file["captured_at"], file["name"])):
        batch = batches[row["source_sha256"]]
        place = f"captures/{row['attachment_sha256'][:16]}-{safe_name(row['name'])}"
        if place not in files and batch.source_bytes <= left:
            left -= batch.source_bytes
            files[place] = case.received_file(batch).read_bytes()
        capture = {
            **row, "sha256": row["attachment_sha256"], "bytes": batch.source_bytes, "batch": batch.batch_id,
            "captured_at": row["captured_at"].isoformat(), "file": place if place in files else "",
        }  # fmt: skip
        writer.writerow({name: inert(capture[name]) for name in _COLUMNS})
    files[LIST] = out.getvalue().encode("utf-8-sig", "replace")
    return files
