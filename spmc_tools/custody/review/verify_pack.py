"""The check of an evidence pack on another machine, without the case: a ZIP file, or the folder it was unpacked to.

Checked: the list of files with its signature, each file with the list, the run with its manifest and signature, the
chain of the custody log, the entry of the run in it, the signatures of the reviews. Nothing is unpacked to the disk.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from spmc_tools.case.log.ledger import EMPTY_HEAD, canonical_json, entry_hash
from spmc_tools.errors import CaseError, quote
from spmc_tools.signing.cited_reports import notices_of
from spmc_tools.signing.manifest import (
    MANIFEST,
    PACK,
    SIDECAR,
    SIGNATURE,
    STAMP,
    UNLISTED,
    files_below,
    read_manifest,
)
from spmc_tools.signing.officer_keys import fingerprint, signature_fits, signed_by
from spmc_tools.signing.time_stamp import read_stamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cryptography.x509 import Certificate

    from spmc_tools.case.log.ledger import Entry

__all__ = ["LEDGER", "PACK_SIGNATURE", "PACK_VERSION", "RUN", "Checked", "check_pack"]

PACK_SIGNATURE, LEDGER, RUN = "pack.sig", "ledger.jsonl", "run/"
PACK_VERSION = 1
MOST_BYTES, MOST_FILES = 1 << 30, 10_000
_FIELDS = ("seq", "at", "officer", "kind", "payload", "prev")


@dataclass
class Checked:
    """What the check of a pack found: ``told`` are the differences, what was not looked at, and what to know."""

    checked: int = 0
    told: tuple[list[str], list[str], list[str]] = field(default_factory=lambda: ([], [], []))

    @property
    def ok(self) -> bool:
        """Nothing differs."""
        return not self.told[0]

    @property
    def first(self) -> str | None:
        """The first difference."""
        return self.told[0][0] if self.told[0] else None

    def differs(self, what: str, how: str) -> None:
        """Add a difference, once."""
        sentence = f"{quote(what, 300)[1:-1]}: {how}"
        if sentence not in self.told[0]:
            self.told[0].append(sentence)


def check_pack(path: Path, roots: Sequence[Certificate] | None = None) -> Checked:
    """Return what differs in a pack from what was recorded in it; ``roots``: of the time-stamp authority.

    Raises
    ------
    CaseError
        Where the path is neither a pack nor the folder of one.
    """
    found = Checked()
    files = _zipped(path, found) if path.is_file() else _unpacked(path, found)
    listed = _list_of(files, found)
    if listed is None:
        return found
    _check_list(files, listed, found)
    manifest = _check_run(files, found)
    if manifest is not None:
        _check_told(listed, manifest, found)
    _check_stamp(files, roots, found)
    entries = _check_ledger(files, listed, found)
    if manifest is not None and entries is not None:
        _check_entries(files, manifest, entries, found)
    originals = listed.get("originals") or []
    found.told[1].append(
        f"the {len(originals)} received files: they are not part of a pack; their hashes are in {PACK}"
    )
    return found


# -- what is there -------------------------------------------------------------------------------------------------


def _zipped(path: Path, found: Checked) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(path) as packed:
            infos = packed.infolist()
            if len(infos) > MOST_FILES or sum(info.file_size for info in infos) > MOST_BYTES:
                raise CaseError(f"{quote(path.name)} is too large for an evidence pack; is it another file?")
            if PACK not in {info.filename for info in infos}:
                raise CaseError(f"{quote(path.name)} is no evidence pack: it holds no {PACK}.")
            for info in infos:
                if info.filename in files:
                    found.differs(info.filename, "it is in the pack twice: it was added afterwards")
                    continue
                try:
                    files[info.filename] = packed.read(info)
                except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
                    files[info.filename] = b""
                    found.differs(info.filename, "its content is not what was recorded (it is damaged)")
    except (zipfile.BadZipFile, OSError, ValueError):
        raise CaseError(
            f"{quote(path.name)} is no ZIP file that can be read; give the file of an evidence pack."
        ) from None
    return {name: content for name, content in files.items() if not name.endswith("/")}


def _unpacked(path: Path, found: Checked) -> dict[str, bytes]:
    files = {}
    for name in files_below(path):
        place = path / name
        if place.is_symlink() or not place.is_file():
            found.differs(name, "it is no regular file")
        elif place.stat().st_size > MOST_BYTES:
            found.differs(name, "it is too large for a file of a pack")
        else:
            files[name] = place.read_bytes()
    return files


def _list_of(files: Mapping[str, bytes], found: Checked) -> dict[str, Any] | None:
    """Return the list of the pack, its signature checked; None where it cannot be used."""
    found.checked += 1
    try:
        listed = json.loads(files[PACK])
        sound = listed["pack_version"] == PACK_VERSION and all(
            isinstance(file["path"], str) and isinstance(file["sha256"], str) for file in listed["files"]
        )
        if not sound or not isinstance(listed["ledger"]["length"], int):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        found.differs(PACK, "it is no list of a pack that this program can read")
        return None
    signer, signature = listed.get("signer"), files.get(PACK_SIGNATURE)
    if isinstance(signer, dict):
        found.checked += 1
        if signature is None:
            found.differs(PACK_SIGNATURE, "it is missing")
        elif not signature_fits(signer, signature, files[PACK]):
            found.differs(PACK, f"{PACK_SIGNATURE} is no signature of it: one of the two was changed")
        _tell_key(signer, "packed and signed by", found)
    elif signature is not None:
        found.differs(PACK_SIGNATURE, f"{PACK} tells of no signature: it was added afterwards")
    else:
        found.told[2].append(
            "this pack is not signed: whoever changes a file and every list together leaves no trace in it"
        )
    made: dict[str, Any] = listed
    return made


def _tell_key(signer: Mapping[str, Any], what: str, found: Checked) -> None:
    try:
        mark = fingerprint(str(signer["public_key"]))
    except (KeyError, ValueError):
        return
    found.told[2].append(
        f"{what} {quote(signer.get('officer'))}, key {mark}: compare it with what the officer tells you"
    )


def _check_list(files: Mapping[str, bytes], listed: Mapping[str, Any], found: Checked) -> None:
    known = {PACK, PACK_SIGNATURE}
    for item in listed["files"]:
        known.add(item["path"])
        found.checked += 1
        content = files.get(item["path"])
        if content is None:
            found.differs(item["path"], "it is missing")
        elif hashlib.sha256(content).hexdigest() != item["sha256"]:
            found.differs(item["path"], "its content is not what was recorded (SHA-256 differs)")
        elif item.get("bytes") != len(content):
            found.differs(PACK, f"the size that it tells of {quote(item['path'])} is another")
    for name in sorted(set(files) - known):
        found.checked += 1
        found.differs(name, f"{PACK} does not know this file: it was added afterwards")


# -- the run and the log -------------------------------------------------------------------------------------------


def _check_run(files: Mapping[str, bytes], found: Checked) -> dict[str, Any] | None:
    content = files.get(RUN + MANIFEST)
    manifest = None if content is None else read_manifest(content)
    if content is None or manifest is None:
        found.differs(RUN + MANIFEST, "it is no manifest that this program can read")
        return None
    found.checked += 1
    if files.get(RUN + SIDECAR) != f"{hashlib.sha256(content).hexdigest()}  {MANIFEST}\n".encode():
        found.differs(RUN + SIDECAR, f"it does not hold the hash of {MANIFEST}: one of the two was changed")
    known = {RUN + name for name in UNLISTED}
    for item in manifest["files"]:
        name = RUN + item["path"]
        known.add(name)
        found.checked += 1
        if name not in files:
            found.differs(name, "it is missing")
        elif hashlib.sha256(files[name]).hexdigest() != item["sha256"]:
            found.differs(name, "its content is not what was recorded (SHA-256 differs)")
    for name in sorted(name for name in files if name.startswith(RUN) and name not in known):
        found.differs(name, "the manifest does not know this file: it was added afterwards")
    signer, signature = manifest.get("signer"), files.get(RUN + SIGNATURE)
    if isinstance(signer, dict):
        found.checked += 1
        if signature is None or not signature_fits(signer, signature, content):
            found.differs(RUN + SIGNATURE, f"it is no signature of {MANIFEST} with the key that the manifest names")
        _tell_key(signer, "the report was signed by", found)
    elif signature is not None:
        found.differs(RUN + SIGNATURE, "the manifest tells of no signature: it was added afterwards")
    return manifest


def _check_told(listed: Mapping[str, Any], manifest: Mapping[str, Any], found: Checked) -> None:
    """Compare what the list says of the run with the manifest; without a signature nothing else holds it."""
    inputs = [{"name": original.get("name"), "sha256": original.get("sha256")} for original in manifest["inputs"]]
    for name, is_told in (("originals", inputs), ("case", manifest.get("case")), ("run_id", manifest.get("run_id"))):
        found.checked += 1
        if listed.get(name) != is_told:
            found.differs(PACK, f"its {quote(name)} is not what {MANIFEST} tells of the run")


def _check_stamp(files: Mapping[str, bytes], roots: Sequence[Certificate] | None, found: Checked) -> None:
    answer, content = files.get(RUN + STAMP), files.get(RUN + MANIFEST)
    if answer is None or content is None:
        return
    found.checked += 1
    stamp = read_stamp(answer, content, roots)
    if stamp is None or stamp.trusted is False:
        about = f"of {MANIFEST}" if stamp is None else "signed under the authority that was given"
        found.differs(RUN + STAMP, f"it is no time stamp {about}")
        return
    found.told[2].append(f"the report has a time stamp of {stamp.at}")
    if stamp.trusted is None:
        found.told[1].append("who signed the time stamp: give the authority's certificate with --authority")


def _check_ledger(files: Mapping[str, bytes], listed: Mapping[str, Any], found: Checked) -> list[dict[str, Any]] | None:
    """Return the entries of the log, payloads read; None where the chain is broken."""
    prev, entries = EMPTY_HEAD, []
    for number, line in enumerate(files.get(LEDGER, b"").splitlines(), start=1):
        found.checked += 1
        try:
            row = json.loads(line)
            values = [row[name] for name in _FIELDS]
            payload = json.loads(row["payload"])
            if not isinstance(payload, dict) or row["seq"] != number or row["prev"] != prev:
                raise ValueError
            if entry_hash(values) != row["hash"]:
                raise ValueError
        except (ValueError, KeyError, TypeError, RecursionError):
            found.differs(LEDGER, f"entry {number} is not what its hash says, or does not follow the one before it")
            return None
        prev = row["hash"]
        entries.append({**row, "payload": payload})
    if len(entries) != listed["ledger"]["length"] or prev != listed["ledger"].get("head"):
        found.differs(LEDGER, f"its length or head is not the one that {PACK} tells of")
    return entries


def _check_entries(
    files: Mapping[str, bytes], manifest: Mapping[str, Any], entries: list[dict[str, Any]], found: Checked
) -> None:
    run_id, length = manifest.get("run_id"), manifest["ledger"]["length"]
    found.checked += 2
    if length > len(entries) or (length and entries[length - 1]["hash"] != manifest["ledger"].get("head")):
        found.differs(LEDGER, "it is not the log that the manifest of the run tells of")
    digest = hashlib.sha256(files[RUN + MANIFEST]).hexdigest()
    reports = [
        logged["payload"]
        for logged in entries
        if logged["kind"] == "report" and logged["payload"].get("run_id") == run_id
    ]
    if not reports or reports[-1].get("manifest_sha256") != digest:
        found.differs(RUN + MANIFEST, "it is not the manifest that the custody log tells of")
    elif reports[-1].get("signed_by") != (manifest.get("signer") or {}).get("public_key"):
        found.differs(RUN + MANIFEST, "the custody log tells of another key than the manifest")
    for entry in entries:
        if entry["kind"] == "review":
            _check_review(entry, found)
    _check_notices(files, run_id, entries, found)


def _check_notices(files: Mapping[str, bytes], run_id: object, entries: list[dict[str, Any]], found: Checked) -> None:
    """Compare the notice of a withdrawn report, and that of one that cites such a report, with the log."""
    for name, entry, said in notices_of(cast("list[Entry]", entries), str(run_id)):
        notice = files.get(RUN + name)
        if entry is not None:
            found.told[2].append(f"this report {said} on {entry['at'][:10]}")
            if notice is None or notice.decode("utf-8", "replace") != entry["payload"].get("notice"):
                found.differs(RUN + name, "it is not the notice that the custody log tells of")
        elif notice is not None:
            found.differs(RUN + name, f"the custody log does not know that this report {said}")


def _check_review(entry: Mapping[str, Any], found: Checked) -> None:
    signed_content = {key: value for key, value in entry["payload"].items() if key != "signature"}
    key, signature = signed_content.get("key"), entry["payload"].get("signature")
    if key is None and signature is None:
        return
    found.checked += 1
    public = key.get("public_key") if isinstance(key, dict) else None
    if not signed_by(public, signature, canonical_json(signed_content).encode()):
        found.differs(LEDGER, f"entry {entry['seq']} (review) carries a signature that does not fit")
