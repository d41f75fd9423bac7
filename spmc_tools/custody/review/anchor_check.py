"""The log held against anchors that were noted elsewhere: the one thing that shows a log written anew as a whole.

They also tell of the log beside the cases. What differs there is a doubt: it is no part of the case, and a copy of a
case lies beside another one or none.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from spmc_tools.case.log.anchors import ANCHORS, anchors_file, head_words, sound_anchors
from spmc_tools.case.log.outside_log import OUTSIDE_LOG, sound_hashes
from spmc_tools.custody.review.tally import shown, unreadable
from spmc_tools.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from spmc_tools.case.log.anchors import Anchor
    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.custody.review.tally import Tally

__all__ = ["check_anchors"]

DISPOSAL = "disposal"
"""Kind of the last entry of a case that was disposed of."""

RESTORED = "restored"
"""Kind of the first entry of a case that was brought back from a backup."""

_WHOLE = "whether the log was written anew as a whole"


def check_anchors(  # noqa: PLR0913, PLR0917 -- what is compared, and where it lies
    tally: Tally,
    where: str,
    entries: Sequence[Entry],
    given: str | None,
    folder: str | None = None,
    root: Path | None = None,
) -> None:
    """Compare the log with the anchors of its case, and say how far they reach; ``where``: its name in messages.

    ``folder``: what the case is called where it lies; None: a pack. ``root``: where the log beside the cases
    lies, which is compared, too; None: nowhere.

    Raises
    ------
    InputError
        Where the anchors that were given cannot be read.
    """
    own = anchors_file()
    if given is None and (own is None or not own.is_file()):
        why = "no anchor was given (--anchor)" if own is None else f"the file that {ANCHORS} names is not there"
        tally.lack("anchor")
        tally.skip(f"{_WHOLE}: {why}; compare its head with what is noted elsewhere")
        return
    uid = entries[0]["payload"].get("case_uid") if entries else None
    try:
        read, torn = sound_anchors(given or str(own))
    except InputError as error:
        if given is not None:
            raise
        tally.lack("anchor")
        tally.doubt(ANCHORS, str(error).rstrip("."))
        return
    if torn:
        tally.skip(f"{len(torn)} lines among the anchors, the first of them line {torn[0]}: they are no anchors")
    anchors = [one for one in read if one.case_uid in {None, uid}]
    _check_other_logs(tally, where, read, entries, folder)
    if not anchors:
        tally.lack("anchor")
        if given is not None and not tally.doubts:
            what = f"none of the {len(read)} anchors that were given is of this log"
            tally.doubt(where, f"{what}: it was written anew as a whole, or they are of another case")
        elif given is None:
            tally.skip(f"{_WHOLE}: none of the anchors is of this case")
        return
    # a pack ends where it was made, and its own entry and anchor come after that
    after = [one for one in anchors if folder is None and one.length > len(entries) and (one.at or "") >= _end(entries)]
    if after:
        tally.skip(
            f"{len(after)} anchors are of entries after the last one here, the first of entry {after[0].length} on "
            f"{str(after[0].at)[:10]}: the log went on after the pack was made, or its end was cut off"
        )
    anchors = [one for one in anchors if one not in after]
    lost = [one for one in anchors if not _stands(entries, one) and _brought_back(entries, one) is not None]
    for anchor in anchors:
        if anchor not in lost:
            _compare(tally, where, entries, anchor)
    _tell_lost(tally, where, entries, lost)
    if root is not None:
        _check_outside(tally, root, entries, read, [one for one in anchors if one not in lost])
    stand = (anchor.length for anchor in anchors if anchor not in lost)
    _tell_reach(tally, entries, max(stand, default=0))


def _tell_lost(tally: Tally, where: str, entries: Sequence[Entry], lost: Sequence[Anchor]) -> None:
    """Say which entries a restore lost; that of the backup itself was written after the log was copied into it."""
    if not lost:
        return
    back = _brought_back(entries, lost[0])
    seq = 0 if back is None else back["seq"]
    if all(one.why == "backup" and one.length == seq for one in lost):
        tally.note(f"entry {seq} brought the case back from a backup; no anchor is of an entry that was lost by that")
        return
    most = max(one.length for one in lost)
    tally.doubt(
        where,
        f"{len(lost)} anchors are of entries up to {most} that were lost when entry {seq} brought the case back from a "
        "backup",
    )


def _brought_back(entries: Sequence[Entry], anchor: Anchor) -> Entry | None:
    """Return the entry of a restore after the anchor was noted, from a backup that was made before it; None: none."""
    for entry in entries:
        length = entry["seq"] - 1
        from_backup = entry["kind"] == RESTORED and entry["payload"].get("length") == length
        if from_backup and anchor.at is not None and length < anchor.length and anchor.at < entry["at"]:
            return entry
    return None


def _check_outside(
    tally: Tally, root: Path, entries: Sequence[Entry], read: Sequence[Anchor], own: Sequence[Anchor]
) -> None:
    """Compare the log beside the cases with what the anchors of any case noted of it.

    Which log it is, its first entry says. The anchors of this case tell which one lay beside it, since it last came out
    of a backup.
    """
    brought = max((entry["seq"] for entry in entries if entry["kind"] == RESTORED), default=0)
    beside = [one for one in own if one.outside is not None and one.length >= brought]
    try:
        hashes = sound_hashes(root)
    except OSError as error:
        tally.doubt(OUTSIDE_LOG, unreadable(error))
        return
    if brought and any(one.outside is not None and one.length < brought for one in own):
        tally.skip(f"what was noted of the log beside the cases before entry {brought} brought this one back")
    first = hashes[0] if hashes else None
    other = [one.outside for one in beside if one.outside is not None and one.outside[0] != first]
    if other:
        n = max(length for _, length, _ in other)
        what = f"{n:,} entries of another log than this one were noted" if hashes else f"{n:,} entries were noted"
        tally.doubt(OUTSIDE_LOG, f"{what}: it was taken away or written anew, or the case lies elsewhere now")
    noted = sorted({one.outside[1:] for one in read if one.outside is not None and one.outside[0] == first})
    tally.checked += len(noted)
    if noted and noted[-1][0] > len(hashes):
        tally.doubt(OUTSIDE_LOG, f"{len(hashes):,} of its entries follow each other, and {noted[-1][0]:,} were noted")
    changed = [length for length, head in noted if length <= len(hashes) and hashes[length - 1] != head]
    if changed:
        tally.doubt(OUTSIDE_LOG, f"entry {changed[0]} is not the one that was noted: it was written anew")


def _stands(entries: Sequence[Entry], anchor: Anchor) -> bool:
    return anchor.length <= len(entries) and entries[anchor.length - 1]["hash"].startswith(anchor.head)


def _compare(tally: Tally, where: str, entries: Sequence[Entry], anchor: Anchor) -> None:
    tally.checked += 1
    noted = "" if anchor.at is None else f" on {shown(anchor.at[:10])}"
    if anchor.length > len(entries):
        tally.differs(where, f"it has {len(entries)} entries, and {anchor.length} were noted{noted}: it was cut off")
    elif not _stands(entries, anchor):
        tally.differs(
            where, f"entry {anchor.length} is not the one that was noted{noted}: entries up to it were written anew"
        )


def _tell_reach(tally: Tally, entries: Sequence[Entry], last: int) -> None:
    """Say how many entries lie after the last anchor, and what they are."""
    if last > len(entries):  # told: it was cut off
        return
    since = Counter(shown(entry["kind"]) for entry in entries[last:])
    tally.after_anchor = len(entries) - last
    if since:
        tally.lack("after_anchor", since.total())
        kinds = ", ".join(f"{n} {kind}" for kind, n in since.most_common())
        tally.note(
            f"the last anchor is of entry {last} of {len(entries)}: no anchor vouches for the {since.total()} after it "
            f"({kinds})"
        )
    elif entries:
        tally.note(f"the anchors reach to the last entry ({head_words(entries[-1]['hash'])})")


def _end(entries: Sequence[Entry]) -> str:
    """Return the date of the last entry; an anchor that was typed has none and is never after it."""
    return entries[-1]["at"] if entries else "0"


def _check_other_logs(
    tally: Tally, where: str, read: Sequence[Anchor], entries: Sequence[Entry], folder: str | None
) -> None:
    """Say that anchors are of this case and not of this log: its number stands in the log, so it can be exchanged.

    Somebody who writes a log anew under another number can add anchors of it: those of the first log stay.
    """
    made = entries[0]["payload"] if entries else {}
    names = {folder, made.get("case_id")} - {None}
    others: dict[str, list[Anchor]] = {}
    for one in read:
        if one.case in names and one.case_uid != made.get("case_uid"):
            others.setdefault(str(one.case_uid), []).append(one)
    for of_one in others.values():
        last = max(one.at or "" for one in of_one)[:10]
        if of_one[-1].why == DISPOSAL:
            tally.note(f"the anchors tell of a case of this name that was disposed of on {shown(last)}")
            continue
        what = f"{len(of_one)} anchors, the last one of {shown(last)}, are of a case of this name and of another log"
        tally.doubt(where, f"{what}: it was written anew as a whole, or the case was disposed of and made again")
