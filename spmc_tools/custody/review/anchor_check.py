"""The log held against anchors that were noted elsewhere: the one thing that shows a log written anew as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.case.log.anchors import ANCHORS, anchors_file, head_words, read_anchors
from spmc_tools.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spmc_tools.case.log.anchors import Anchor
    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.custody.review.tally import Tally

__all__ = ["check_anchors"]


def check_anchors(
    tally: Tally, where: str, entries: Sequence[Entry], given: str | None, folder: str | None = None
) -> None:
    """Compare the log with the anchors of its case, and say how far they reach; ``where``: its name in messages.

    ``folder``: what the case is called where it lies; None: a pack.

    Raises
    ------
    InputError
        Where the anchors that were given cannot be read.
    """
    own = anchors_file()
    if given is None and (own is None or not own.is_file()):
        why = "no anchor was given (--anchor)" if own is None else f"the file that {ANCHORS} names is not there"
        tally.skip(f"whether the log was written anew as a whole: {why}; compare its head with what is noted elsewhere")
        return
    uid = entries[0]["payload"].get("case_uid") if entries else None
    try:
        read = read_anchors(given or str(own))
    except InputError as error:
        if given is not None:
            raise
        tally.doubt(ANCHORS, str(error).rstrip("."))
        return
    anchors = [one for one in read if one.case_uid in {None, uid}]
    strange = _of_another_log(read, entries, folder, given is not None) if not anchors else None
    if strange is not None:
        tally.doubt(where, strange)
        return
    if not anchors:
        tally.skip("whether the log was written anew as a whole: none of the anchors is of this case")
        return
    # a pack ends where it was made, and its own entry and anchor come after that
    after = [one for one in anchors if folder is None and one.length > len(entries) and (one.at or "") >= _end(entries)]
    if after:
        tally.skip(
            f"{len(after)} anchors are of entries after the last one here, the first of entry {after[0].length} on "
            f"{str(after[0].at)[:10]}: the log went on after the pack was made, or its end was cut off"
        )
    anchors = [one for one in anchors if one not in after]
    for anchor in anchors:
        _compare(tally, where, entries, anchor)
    _tell_reach(tally, entries, max((anchor.length for anchor in anchors), default=0))


def _compare(tally: Tally, where: str, entries: Sequence[Entry], anchor: Anchor) -> None:
    tally.checked += 1
    noted = "" if anchor.at is None else f" on {anchor.at[:10]}"
    if anchor.length > len(entries):
        tally.differs(where, f"it has {len(entries)} entries, and {anchor.length} were noted{noted}: it was cut off")
    elif not entries[anchor.length - 1]["hash"].startswith(anchor.head):
        tally.differs(
            where, f"entry {anchor.length} is not the one that was noted{noted}: entries up to it were written anew"
        )


def _tell_reach(tally: Tally, entries: Sequence[Entry], last: int) -> None:
    if last < len(entries):
        since = [entry for entry in entries[last:] if entry["kind"] != "verify"]
        reports = sum(entry["kind"] == "report" for entry in since)
        more = f", {reports} of them reports" if reports else ""
        if since:
            tally.note(f"the last anchor is of entry {last}: no anchor vouches for {len(since)} entries since{more}")
    elif last == len(entries) and entries:
        tally.note(f"the anchors reach to the last entry ({head_words(entries[-1]['hash'])})")


def _end(entries: Sequence[Entry]) -> str:
    """Return the date of the last entry; an anchor that was typed has none and is never after it."""
    return entries[-1]["at"] if entries else "0"


def _of_another_log(read: Sequence[Anchor], entries: Sequence[Entry], folder: str | None, given: bool) -> str | None:
    """Say that anchors are of this case and not of this log: its number stands in the log, so it can be exchanged."""
    names = {folder, entries[0]["payload"].get("case_id") if entries else None}
    called = [one for one in read if one.case in names]
    if called:
        last = max(one.at or "" for one in called)[:10]
        what = f"{len(called)} anchors, the last one of {last}, are of a case of this name and of another log"
        return f"{what}: it was written anew as a whole, or the case was disposed of and made again"
    if given:
        what = f"none of the {len(read)} anchors that were given is of this log"
        return f"{what}: it was written anew as a whole, or they are of another case"
    return None
