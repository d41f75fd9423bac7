"""The check of an evidence pack on another machine, without the case: a ZIP file, or the folder it was unpacked to.

Checked: the list of files with its signature, each file with the list, and then run and custody log with the same code
as in the case. Nothing is unpacked to the disk, and a file that may be long is never read as a whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import sha256_file
from spmc_tools.case.files.strict_json import read_json
from spmc_tools.case.log.ledger import EMPTY_HEAD, Entry, entry_hash
from spmc_tools.custody.archives.packed_files import Held, Limits, held_in_zip
from spmc_tools.custody.review.anchor_check import check_anchors
from spmc_tools.custody.review.check_run import RunCheck, check_run
from spmc_tools.custody.review.log_check import LogCheck, payload_problem
from spmc_tools.custody.review.run_files import MOST_READ, InPack, read_file
from spmc_tools.custody.review.tally import Tally, Verification, unreadable
from spmc_tools.errors import CaseError, quote
from spmc_tools.signing.enrolment import told_key
from spmc_tools.signing.manifest import MANIFEST, PACK, UNLISTED, files_below, read_manifest
from spmc_tools.signing.officer_keys import fingerprint, signature_fits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cryptography.x509 import Certificate

__all__ = ["LEDGER", "PACK_SIGNATURE", "PACK_VERSION", "RUN", "check_pack"]

PACK_SIGNATURE, LEDGER, RUN, KEYS = "pack.sig", "ledger.jsonl", "run/", "keys/"
PACK_VERSION = 1
MOST_BYTES, MOST_FILES, RATIO = 1 << 30, 10_000, 200
MOST_LEDGER, MOST_LINE, MOST_KEY = 128 << 20, 8 << 20, 4096
_FIELDS = ("seq", "at", "officer", "kind", "payload", "prev")
_REPORT = re.compile(r"run/report(\.[a-z]{2})?\.html")
"""Two reports name each other: both are read."""
_READ = {PACK, PACK_SIGNATURE, *(RUN + name for name in UNLISTED)}


def check_pack(path: Path, roots: list[Certificate] | None = None, anchor: str | None = None) -> Verification:
    """Return what differs in a pack from what was recorded in it; ``roots``: of the time-stamp authority.

    ``anchor``: as for :func:`~spmc_tools.custody.review.verify.verify`.

    Raises
    ------
    CaseError
        Where the path is neither a pack nor the folder of one.
    """
    tally = Tally(roots=roots)
    if path.is_file():
        held = held_in_zip(path, _kept, tally.differs, Limits(MOST_FILES, MOST_BYTES, RATIO))
        if PACK not in held.hashes:
            raise CaseError(f"{quote(path.name)} is no evidence pack: it holds no {PACK}.")
    else:
        held = _unpacked(path, tally)
    kept = held.contents
    listed = _list_of(kept, tally)
    if listed is None:
        return tally.result()
    _check_list(held, listed, tally)
    place = InPack(RUN, held.hashes, kept)
    entries = _check_ledger(kept, listed, tally)
    told = read_manifest(kept.get(RUN + MANIFEST, b""))
    run_id = str((told or listed).get("run_id"))
    manifest = check_run(tally, RunCheck(run_id, place, RUN, entries, LEDGER))
    if manifest is not None:
        _check_told(listed, manifest, tally)
        _tell_key(manifest.get("signer"), "the report was signed by", tally)
    log = LogCheck(tally, LEDGER, lambda run: manifest if manifest is not None and run == run_id else None)
    log.run(entries or [])
    if entries:
        check_anchors(tally, LEDGER, entries, anchor)
    _check_signer(listed, manifest, log, len(entries or []), tally)
    _check_keys(kept, listed, log, tally)
    n = len(listed["originals"])
    tally.lack("received", max(n, 1))
    tally.skip(f"the {n} received files: they are not part of a pack; their hashes are in {PACK}")
    return tally.result()


# -- what is there -------------------------------------------------------------------------------------------------


def _kept(name: str) -> int:
    if name == LEDGER:
        return MOST_LEDGER
    if name.startswith(KEYS):
        return MOST_KEY
    return MOST_READ if name in _READ or _REPORT.fullmatch(name) else 0


def _unpacked(path: Path, tally: Tally) -> Held:
    held = Held()
    names = files_below(path)
    if len(names) > MOST_FILES:
        raise CaseError(f"{quote(path.name)} holds too many files for an evidence pack; is it another folder?")
    for name in names:
        place = path / name
        try:
            held.hashes[name], held.sizes[name] = sha256_file(place), place.stat().st_size
            most = _kept(name)
            if most and held.sizes[name] <= most:
                held.contents[name] = read_file(place, most)
        except OSError as error:
            held.hashes[name] = ""
            tally.differs(name, unreadable(error))
    return held


def _list_of(kept: Mapping[str, bytes], tally: Tally) -> dict[str, Any] | None:
    """Return the list of the pack, its signature checked; None where it cannot be used."""
    tally.checked += 1
    try:
        listed: dict[str, Any] = read_json(kept[PACK])
        sound = listed["pack_version"] == PACK_VERSION and all(
            isinstance(file["path"], str) and isinstance(file["sha256"], str) for file in listed["files"]
        )
        ledger = listed["ledger"]
        sound = sound and isinstance(ledger["length"], int) and isinstance(ledger["head"], str)
        if not sound or not isinstance(listed["originals"], list) or not isinstance(listed["run_id"], str):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        tally.differs(PACK, "it is no list of a pack that this program can read")
        return None
    signer, signature = listed.get("signer"), kept.get(PACK_SIGNATURE)
    if signer is not None:
        tally.checked += 1
        if told_key(signer) is None:
            tally.differs(PACK, "it names no key as the program writes one")
        elif signature is None:
            tally.differs(PACK_SIGNATURE, "it is missing")
        elif not signature_fits(signer, signature, kept[PACK]):
            tally.differs(PACK, f"{PACK_SIGNATURE} is no signature of it: one of the two was changed")
        _tell_key(signer, "packed and signed by", tally)
    elif signature is not None:
        tally.differs(PACK_SIGNATURE, f"{PACK} tells of no signature: it was added afterwards")
    else:
        tally.note("this pack is not signed: whoever changes a file and every list together leaves no trace in it")
    return listed


def _tell_key(signer: object, what: str, tally: Tally) -> None:
    if (told := told_key(signer)) is not None:
        tally.note(f"{what} {quote(told[0])}, key {fingerprint(told[1])}: compare it with what the officer tells you")


def _check_list(held: Held, listed: Mapping[str, Any], tally: Tally) -> None:
    known = {PACK, PACK_SIGNATURE}
    for item in listed["files"]:
        name = item["path"]
        tally.checked += 1
        if name in known:
            tally.differs(PACK, f"it lists {quote(name, 120)} twice, or as a file of its own")
        known.add(name)
        found = held.hashes.get(name)
        if found is None:
            tally.differs(name, "it is missing")
        elif found and found != item["sha256"]:  # a damaged one is told already
            tally.differs(name, "its content is not what was recorded (SHA-256 differs)")
        elif found and item.get("bytes") != held.sizes[name]:
            tally.differs(PACK, f"the size that it tells of {quote(name, 120)} is another")
    for name in sorted(set(held.hashes) - known):
        tally.checked += 1
        tally.differs(name, f"{PACK} does not know this file: it was added afterwards")


# -- the run and the log -------------------------------------------------------------------------------------------


def _check_told(listed: Mapping[str, Any], manifest: Mapping[str, Any], tally: Tally) -> None:
    """Compare what the list says of the run with the manifest; without a signature nothing else holds it."""
    inputs = [{"name": original.get("name"), "sha256": original.get("sha256")} for original in manifest["inputs"]]
    for name, is_told in (("originals", inputs), ("case", manifest.get("case")), ("run_id", manifest.get("run_id"))):
        tally.checked += 1
        if listed.get(name) != is_told:
            tally.differs(PACK, f"its {quote(name)} is not what {MANIFEST} tells of the run")


def _check_ledger(kept: Mapping[str, bytes], listed: Mapping[str, Any], tally: Tally) -> list[Entry] | None:
    """Return the entries of the log, payloads read; None where the chain is broken."""
    prev = EMPTY_HEAD
    entries: list[Entry] = []
    for number, line in enumerate(kept.get(LEDGER, b"").split(b"\n"), start=1):
        if not line:
            continue
        tally.checked += 1
        try:
            row = read_json(line) if len(line) <= MOST_LINE else {}
            values = [row[name] for name in _FIELDS]
            text = all(isinstance(value, str) for value in values[1:])
            if type(row["seq"]) is not int or not text or row["seq"] != number or row["prev"] != prev:
                raise ValueError
            if set(row) != {*_FIELDS, "hash"} or entry_hash(values) != row["hash"]:
                raise ValueError
        except (ValueError, KeyError, TypeError):
            tally.differs(LEDGER, f"entry {number} is not what its hash says, or does not follow the one before it")
            return None
        if (odd := payload_problem([(number, row["payload"])])) is not None:
            tally.differs(LEDGER, odd)
            return None
        prev = row["hash"]
        entries.append(
            Entry(
                seq=number, at=row["at"], officer=row["officer"], kind=row["kind"], prev=row["prev"], hash=prev,
                payload=read_json(row["payload"]),
            )
        )  # fmt: skip
    if len(entries) != listed["ledger"]["length"] or prev != listed["ledger"]["head"]:
        tally.differs(LEDGER, f"its length or head is not the one that {PACK} tells of")
    return entries


def _check_signer(
    listed: Mapping[str, Any], manifest: Mapping[str, Any] | None, log: LogCheck, length: int, tally: Tally
) -> None:
    """Hold who signed the pack against the log: a pack that somebody put in the place of a signed one is seen there."""
    told = told_key(listed.get("signer"))
    if told is not None:
        problem = log.signer("it", told[0], told[1], bound=listed.get("keys_entered") is True, seq=length + 1)
        if problem is not None:
            tally.differs(PACK, problem)
        return
    signs = log.entered(str(listed.get("made_by")))
    report = told_key(None if manifest is None else manifest.get("signer"))
    if signs is None and report is not None and manifest is not None and manifest.get("keys_entered") is True:
        signs = report[1]
    if signs is not None:
        tally.differs(
            PACK, f"it is not signed, and log and report are, with the key {fingerprint(signs)}: a pack of a signed "
            "report is signed, so this one was put in its place"
        )  # fmt: skip


def _check_keys(kept: Mapping[str, bytes], listed: Mapping[str, Any], log: LogCheck, tally: Tally) -> None:
    """Compare the public keys that lie in a pack with those of its log."""
    signer = told_key(listed.get("signer"))
    for name in sorted(name for name in kept if name.startswith(KEYS)):
        tally.checked += 1
        try:
            told = told_key(read_json(kept[name]))
        except ValueError:
            told = None
        if told is None or (told != signer and told[1] not in log.keys.owner):
            tally.differs(name, "it is no key that the custody log of the pack tells of")
