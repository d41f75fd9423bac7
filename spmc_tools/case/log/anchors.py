"""Anchors: number and hash of an entry of the custody log, noted where whoever owns the case folder cannot write.

Somebody who owns the folder can write the whole log anew, every hash made to fit; only a note elsewhere shows that.
Where ``SPMC_ANCHORS`` names a file, on another disk or a share, each case adds a line to it with its first entry of a
day and with every entry that changes something; those that only tell that somebody looked wait for the next one. An
anchor can also be read from a printed report, or told over the telephone: six words of five letters stand for the
first 96 bits of the hash (proquints, arXiv:0901.4016; they can be spoken in Hindi as in English). The first entry of a
day and what matters, as a report, review, decision, withdrawal, pack or hand-over, goes out by mail where that is set
(:mod:`spmc_tools.case.log.mailed_anchors`), and the schedule sends the head of every case once a day. Each line that
goes out also names the last entry of the log beside the cases (:mod:`spmc_tools.case.log.outside_log`).
"""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.strict_json import read_json
from spmc_tools.case.log.mailed_anchors import due_today, mail_anchors, mail_is_set
from spmc_tools.case.log.outside_log import ends_of
from spmc_tools.errors import InputError, SpmcError, quote
from spmc_tools.operating_system import open_descriptor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.case.log.ledger import Entry, Ledger

__all__ = [
    "ANCHORS", "FAILED", "Anchor", "anchors_file", "first_and_last", "head_words", "nothing_goes_out",
    "printed_anchors", "read_anchors", "send_anchor", "send_heads", "sound_anchors",
    "typed_anchor",
]  # fmt: skip

ANCHORS = "SPMC_ANCHORS"
"""Environment variable that names the file."""

FAILED = "anchor_failed"
"""Kind of the entry that says that an anchor could not be written."""

_IS_MAILED = {
    "created", "report", "review", "withdrawn", "pack", "backup", "handover", "pattern_decision", "key_revoked",
    "set_aside", "set_aside_undone", "run_disposed", "restored", "disposal",
}  # fmt: skip
_CHANGES_NOTHING = {"verify", "search", "collect_request", "collect_answer", FAILED}
"""Entries that wait for the next one: somebody looked, or a step of a collection, whose end goes out."""

_QUIET: ContextVar[bool] = ContextVar("no anchor goes out", default=False)
_WORDS = 6
_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aiou"
_WORD = rf"[{_CONSONANTS}][{_VOWELS}][{_CONSONANTS}][{_VOWELS}][{_CONSONANTS}]"
_TYPED = re.compile(rf"\s*([0-9]{{1,9}})\s*[:,\s]\s*([0-9a-f]{{16,64}}|{_WORD}(?:[\s-]+{_WORD}){{{_WORDS - 1}}})\s*")
_HASH = re.compile(r"[0-9a-f]{64}")
_OUTSIDE = ("first", "length", "head")
_MOST_BYTES = 64 << 20
_PRINTED = re.compile(rb'^<span class="mono long" data-entry="([1-9][0-9]{0,8})">([0-9a-f]{64})</span>$', re.M)


@dataclass(frozen=True, slots=True)
class Anchor:
    """What was noted: the number of an entry, the begin of its hash (hex), when, of which case (None: not said).

    ``case_uid`` is the number of the case that stands in its log, ``case`` its name, ``why`` the kind of the entry;
    ``outside`` what was noted of the log beside the cases: hash of its first entry, number and hash of its last one.
    """

    length: int
    head: str
    at: str | None = None
    case_uid: str | None = None
    case: str | None = None
    why: str | None = None
    outside: tuple[str, int, str] | None = None


def head_words(head: str) -> str:
    """Return the words that stand for the first 96 bits of a hash."""
    return " ".join(_word(int(head[at : at + 4], 16)) for at in range(0, 4 * _WORDS, 4))


def _word(n: int) -> str:
    return (
        _CONSONANTS[n >> 12]
        + _VOWELS[n >> 10 & 3]
        + _CONSONANTS[n >> 6 & 15]
        + _VOWELS[n >> 4 & 3]
        + _CONSONANTS[n & 15]
    )


def _hex(word: str) -> str:
    n = 0
    for at, letter in enumerate(word):
        n = n << 2 | _VOWELS.index(letter) if at % 2 else n << 4 | _CONSONANTS.index(letter)
    return f"{n:04x}"


def anchors_file() -> Path | None:
    """Return the file that ``SPMC_ANCHORS`` names; None where it names none."""
    named = os.environ.get(ANCHORS)
    return Path(named) if named else None


@contextmanager
def nothing_goes_out() -> Iterator[None]:
    """Send no anchor from within the block: for a case that is made to be thrown away."""
    token = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(token)


def send_anchor(entry: Entry, ledger: Ledger) -> None:
    """Note this entry elsewhere where it is one that goes out: in the file of anchors, and by mail.

    What was done stays done: a share or server that is not there stops no work, and stands in the log (:data:`FAILED`),
    once a day and with what would go out by mail, too.
    """
    kind = entry["kind"]
    if (anchors_file() is None and not mail_is_set()) or _QUIET.get():
        return
    weighty = kind in _IS_MAILED or _first_of_day(entry, ledger)
    if not weighty and kind in _CHANGES_NOTHING:
        return
    for way, why in _sent(entry, kind, ledger, mailed=weighty).items():
        if weighty or not _failed_today(entry, ledger, way):
            ledger.append(FAILED, {"entry": entry["seq"], "reason": why, "by": way}, entry["officer"])


def _failed_today(entry: Entry, ledger: Ledger, way: str) -> bool:
    failed = (one for one in ledger.entries() if one["kind"] == FAILED and one["payload"].get("by") == way)
    return any(one["at"][:10] == entry["at"][:10] for one in failed)


def send_heads(root: Path, today: str | None = None) -> list[str]:
    """Note the head of every case elsewhere, once a day, and try again what waits; return what did not get through.

    Parameters
    ----------
    root : pathlib.Path
        Where cases live.
    today : str, optional
        The day (UTC), as 2025-11-06; None: the clock of this machine.
    """
    if anchors_file() is None and not mail_is_set():
        return []
    from spmc_tools.case.log.ledger import Ledger

    ledgers = {path.parent.name: Ledger(path) for path in sorted(root.glob("[!.]*/ledger.sqlite"))}
    heads: dict[str, Entry] = {}
    uids = {}
    for name, ledger in ledgers.items():
        with suppress(SpmcError):
            entries = ledger.entries()
            if entries:
                heads[name], uids[name] = entries[-1], str(entries[0]["payload"].get("case_uid"))
    problems = []
    for name in due_today(root, uids, today or f"{datetime.now(UTC):%Y-%m-%d}"):
        found = _sent(heads[name], "day", ledgers[name])
        for way, problem in found.items():
            problems.append(f"{name}: {problem}")
            with suppress(SpmcError):
                facts = {"entry": heads[name]["seq"], "reason": problem, "by": way}
                ledgers[name].append(FAILED, facts, heads[name]["officer"])
    unsent = mail_anchors(root, []) if mail_is_set() and not problems else None
    return problems if unsent is None else [unsent]


def _sent(entry: Entry, why: str, ledger: Ledger, *, mailed: bool = True) -> dict[str, str]:
    """Send one anchor every way that is set; return way -> why it did not get through."""
    made = ledger.entries()[0]["payload"]
    line: dict[str, Any] = {"case": made.get("case_id"), "case_uid": made.get("case_uid"), "at": entry["at"]}
    line |= {"length": entry["seq"], "head": entry["hash"], "words": head_words(entry["hash"]), "why": why}
    root = ledger.path.parent.parent
    outside = ends_of(root)
    if outside is not None:
        line["outside"] = dict(zip(_OUTSIDE, outside, strict=True))
    path = anchors_file()
    said = {
        "file": None if path is None else _written(path, line),
        "mail": mail_anchors(root, [line]) if mailed and mail_is_set() else None,
    }
    return {way: problem for way, problem in said.items() if problem is not None}


def _written(path: Path, line: dict[str, Any]) -> str | None:
    """Add the line; return why it cannot be written."""
    try:
        torn = _ends_torn(path)
        descriptor = open_descriptor(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            content = ("\n" * torn + json.dumps(line, ensure_ascii=True) + "\n").encode()
            if os.write(descriptor, content) != len(content):
                raise OSError(28, "No space left on device")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        return (error.strerror or "the system refused").lower()
    return None


def _ends_torn(path: Path) -> bool:
    """Whether a write broke off at the end of the file; a share that cannot be read counts as whole."""
    with suppress(OSError), path.open("rb") as stream:
        if stream.seek(0, os.SEEK_END):
            stream.seek(-1, os.SEEK_END)
            return stream.read(1) != b"\n"
    return False


def _first_of_day(entry: Entry, ledger: Ledger) -> bool:
    before = ledger.rows(since=entry["seq"] - 1)[0] if entry["seq"] > 1 else None
    return before is None or str(before[1])[:10] != entry["at"][:10]


def first_and_last(ledger: Ledger) -> tuple[tuple[int, str], ...]:
    """Return number and hash of the first and of the last entry of a log; nothing where it cannot be read."""
    with suppress(SpmcError):
        rows = ledger.rows()
        return tuple((int(row[0]), str(row[6])) for row in ((rows[0], rows[-1]) if rows else ()))
    return ()


def printed_anchors(page: bytes) -> list[Anchor]:
    """Return the entries of the log that a report prints with their hashes; a ``<`` of a text is never one."""
    return [Anchor(int(length), head.decode()) for length, head in _PRINTED.findall(page)]


def typed_anchor(given: str) -> Anchor | None:
    """Return the anchor that was typed: ``12:3f2a…`` or ``12 lusab babad …``; None where it is none."""
    typed = _TYPED.fullmatch(given.lower())
    if typed is None:
        return None
    length, head = typed.groups()
    words = re.split(r"[\s-]+", head)
    return Anchor(int(length), head if len(words) == 1 else "".join(map(_hex, words)))


def read_anchors(given: str) -> list[Anchor]:
    """Return the anchors of a file, or the one that was typed: ``12:3f2a…`` or ``12 lusab babad …``.

    The file holds lines as :func:`send_anchor` writes them, or is a report that was kept elsewhere. Lines that are no
    anchors are left out (:func:`sound_anchors` counts them).

    Raises
    ------
    InputError
        Where it is neither.
    """
    return sound_anchors(given)[0]


def sound_anchors(given: str) -> tuple[list[Anchor], list[int]]:
    """Return the anchors as :func:`read_anchors`, and the numbers of the lines of a file that are none.

    Raises
    ------
    InputError
        Where it is neither, no line is an anchor, or the file is too long.
    """
    typed = typed_anchor(given)
    if typed is not None:
        return [typed], []
    wanted = "wanted a file of anchors, or an entry's number with its hash or its six words, as 12:3f2a… or 12 lusab …"
    try:
        with Path(given).open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
    except (OSError, ValueError):
        raise InputError(f"--anchor: found {quote(given, 120)}, {wanted}.") from None
    name = quote(Path(given).name, 120)
    if len(content) > _MOST_BYTES:
        raise InputError(f"--anchor: {name} is longer than {_MOST_BYTES >> 20} MB; begin a new file of anchors.")
    found = printed_anchors(content)
    if found:
        return found, []
    lines = content.splitlines()
    read = [_anchor(line) for line in lines]
    torn = [number for number, (line, one) in enumerate(zip(lines, read, strict=True), 1) if line and one is None]
    found = [one for one in read if one is not None]
    if torn and not found:
        raise InputError(f"--anchor: {name}, line {torn[0]} is no anchor; {wanted}.")
    return found, torn


def _anchor(line: bytes) -> Anchor | None:
    try:
        row = read_json(line)
        anchor = Anchor(row["length"], row["head"], str(row["at"]), str(row["case_uid"]), str(row.get("case")))
        sound = type(anchor.length) is int and anchor.length >= 1 and _HASH.fullmatch(anchor.head)
        return replace(anchor, why=str(row.get("why")), outside=_outside(row.get("outside"))) if sound else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _outside(said: object) -> tuple[str, int, str] | None:
    """Return what a line notes of the log beside the cases; None where it notes nothing, or something odd."""
    if not isinstance(said, dict):
        return None
    first, length, head = (said.get(name) for name in _OUTSIDE)
    hashes = [one for one in (first, head) if isinstance(one, str) and _HASH.fullmatch(one)]
    return (hashes[0], length, hashes[1]) if len(hashes) == 2 and type(length) is int and length >= 1 else None
