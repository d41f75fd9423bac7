"""The key of a repost that does not name the post it repeats: its author and the beginning of its text.

Archives and many tables hold a repost as ``RT @name: text`` alone. All reposts of one post begin alike, so author and
beginning stand in for its id, as ``derived-<hash>``: accounts that repost the same posts are found. It is no id: it
finds no original, and the import says how many there are.

The beginning ends at the first address, since that of a post that was cut off can be cut off, too.

Known false positives: an author who posts one text twice, or several texts that begin with the same 60 letters, counts
as one post. Below 20 letters no key is made: too many posts are one picture and three words.
"""

from __future__ import annotations

import hashlib
import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spmc_tools.importers.fields.rows import Record

__all__ = ["DERIVED_REPOSTS", "begins_as_repost", "repost_keys", "told_of"]

DERIVED_REPOSTS = "derived_reposts"
"""Key of an import's facts that says how many reposts have such a key."""

_HEAD = re.compile(r"RT @(?P<name>\w{1,20}): ?(?P<text>.*)", re.ASCII | re.DOTALL)
_BLANKS = re.compile(r"\s+")
_LETTERS = 60
_LEAST = 20


def begins_as_repost(text: str | None) -> str | None:
    """Return whom a text reposts by its beginning ``RT @name: ``; None where it does not begin so."""
    found = _HEAD.match(text) if text is not None and text.startswith("RT @") else None
    return found["name"] if found else None


def _key(record: Record) -> Record:
    """Return a repost with a key in place of the id that it does not give."""
    found = _HEAD.match(record.text or "")
    if found is None:
        return record
    author = record.ref_account_id or found["name"]
    said = _BLANKS.sub(" ", html.unescape(found["text"])).casefold().strip()
    start = said.split("…")[0].split("http")[0][:_LETTERS].strip()
    if len(start) < _LEAST:
        return record._replace(ref_account_id=author)
    mark = hashlib.sha256(f"{record.platform}\x1f{found['name'].casefold()}\x1f{start}".encode()).hexdigest()[:16]
    return record._replace(ref_record_id=f"derived-{mark}", ref_account_id=author)


def repost_keys(records: list[Record]) -> int:
    """Give each repost that names no post a key, in place; return how many have one."""
    count = 0
    for i, record in enumerate(records):
        if record.ref_record_id is None and record.kind == "repost" and record.text is not None:
            records[i] = made = _key(record)
            count += made.ref_record_id is not None
    return count


def told_of(count: int) -> list[str]:
    """Say how many reposts have a key."""
    if not count:
        return []
    verb = "repost does" if count == 1 else "reposts do"
    return [
        f"{count:,} {verb} not name the post that is repeated: its author and the beginning of its text stand in for "
        "it (derived-…), so that common reposts are found"
    ]
