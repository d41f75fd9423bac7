"""The check of one run, in its case, alone, or in a pack: manifest, files, signature, time stamp, notices, log."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spmc_tools.case.log.anchors import printed_anchors
from spmc_tools.custody.review.tally import shown, unreadable
from spmc_tools.errors import quote
from spmc_tools.signing.cited_reports import notices_of
from spmc_tools.signing.enrolment import told_key
from spmc_tools.signing.manifest import MANIFEST, SIDECAR, SIGNATURE, STAMP, UNLISTED, read_manifest
from spmc_tools.signing.officer_keys import signature_fits
from spmc_tools.signing.time_stamp import KIND as STAMPED
from spmc_tools.signing.time_stamp import differs_from_asked, read_stamp, unsound
from spmc_tools.signing.twin_reports import hash_without_line, reports_of, twins_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.custody.review.run_files import Place
    from spmc_tools.custody.review.tally import Tally

__all__ = ["RunCheck", "check_run"]


@dataclass(frozen=True)
class RunCheck:
    """What is checked: a run, where it lies, how its files are called, and the log (None: it is not here)."""

    run_id: str
    place: Place
    prefix: str
    entries: Sequence[Entry] | None
    log_name: str = "ledger.sqlite"


def check_run(tally: Tally, run: RunCheck) -> dict[str, Any] | None:
    """Check a run against its manifest and the log; return the manifest, None where it cannot be used."""
    reports = [
        entry["payload"]
        for entry in run.entries or []
        if entry["kind"] == "report" and entry["payload"].get("run_id") == run.run_id
    ]
    logged = str(reports[-1].get("manifest_sha256")) if reports else None
    content = _manifest(tally, run, logged)
    digest = None if content is None else hashlib.sha256(content).hexdigest()
    if run.entries is not None and not reports:
        tally.differs(
            run.log_name,
            f"no entry tells of the report {quote(run.run_id)}: it was cut off, or the run broke off before that",
        )
    elif logged is not None and digest is not None and digest != logged:
        tally.differs(run.prefix + MANIFEST, "it is not the manifest that the custody log tells of")
    manifest = None if content is None else read_manifest(content)
    if content is None or manifest is None:
        if content is not None:
            tally.differs(run.prefix + MANIFEST, "it is no manifest that this program can read")
        return None
    if manifest.get("run_id") != run.run_id and run.entries is not None:
        tally.differs(run.prefix + MANIFEST, f"it is the manifest of run {quote(manifest.get('run_id'), 120)}")
    _check_files(tally, run, manifest["files"])
    _check_twins(tally, run, manifest, reports[-1] if reports else {})
    _check_printed(tally, run, manifest)
    public = _check_signature(tally, run, manifest, content)
    if reports and digest == logged and reports[-1].get("signed_by") != public:
        tally.differs(run.prefix + MANIFEST, "the custody log tells of another key than the manifest")
    _check_stamp(tally, run, content)
    _check_notices(tally, run)
    if run.entries is not None:
        _check_head(tally, run, manifest)
    return manifest


def _content(tally: Tally, run: RunCheck, name: str) -> bytes | None:
    try:
        return run.place.content(name)
    except OSError as error:
        tally.differs(run.prefix + name, unreadable(error))
        return None


def _manifest(tally: Tally, run: RunCheck, logged: str | None) -> bytes | None:
    """Check manifest and sidecar against each other; the log tells which was changed, without it both are named."""
    tally.checked += 2
    content, sidecar = _content(tally, run, MANIFEST), _content(tally, run, SIDECAR)
    if content is None:
        return None
    digest = hashlib.sha256(content).hexdigest()
    if sidecar is not None and sidecar != f"{digest}  {MANIFEST}\n".encode():
        if logged == digest:
            tally.differs(run.prefix + SIDECAR, f"it does not hold the hash of {MANIFEST}")
        elif logged is not None and sidecar == f"{logged}  {MANIFEST}\n".encode():
            tally.differs(run.prefix + MANIFEST, "its content is not what was recorded (SHA-256 differs)")
        else:
            tally.differs(run.prefix + MANIFEST, f"{SIDECAR} holds another hash: one of the two was changed")
    return content


def _check_files(tally: Tally, run: RunCheck, files: Sequence[Mapping[str, Any]]) -> None:
    listed = {str(item["path"]) for item in files}
    for item in files:
        tally.checked += 1
        try:
            found = run.place.sha256(item["path"])
        except OSError as error:
            tally.differs(run.prefix + item["path"], unreadable(error))
            continue
        if found != item["sha256"]:
            tally.differs(run.prefix + item["path"], "its content is not what was recorded (SHA-256 differs)")
    for path in run.place.names():
        if path not in listed and path not in UNLISTED:
            tally.checked += 1
            tally.differs(run.prefix + path, "the manifest does not know this file: it was added afterwards")


def _check_twins(tally: Tally, run: RunCheck, manifest: Mapping[str, Any], logged: Mapping[str, Any]) -> None:
    """Check that each of two reports names the other and its hash, and that the log tells of the same files."""
    listed = {str(item["path"]): item["sha256"] for item in manifest["files"]}
    if isinstance(told := logged.get("reports"), dict) and told:
        tally.checked += 1
        if any(listed.get(name) != digest for name, digest in told.items()):
            tally.differs(run.prefix + MANIFEST, "the custody log tells of other reports than the manifest")
    names = list(reports_of(manifest).values())
    if len(names) != 2:
        return
    pages = {name: _content(tally, run, name) for name in names}
    for name, other in zip(names, reversed(names), strict=True):
        page, twin = pages[name], pages[other]
        tally.checked += 1
        if page is None or twin is None:  # told already
            continue
        if twins_named(page) != [(other, hash_without_line(twin))]:
            tally.differs(run.prefix + name, f"it does not name {quote(other, 120)} with its hash, as its twin")


def _check_printed(tally: Tally, run: RunCheck, manifest: Mapping[str, Any]) -> None:
    """Compare the first and the last entry of the log that each report prints with manifest and log."""
    length, head = manifest["ledger"]["length"], manifest["ledger"].get("head")
    for name in reports_of(manifest).values():
        page = _content(tally, run, name) if run.place.there(name) else None
        if page is None:  # told already
            continue
        printed = printed_anchors(page)
        if manifest.get("log_printed") is True:
            tally.checked += 1
            if len(printed) != 2 or printed[0].length != 1 or printed[1].length > length:
                tally.differs(run.prefix + name, "it does not print the first and the last entry of its custody log")
        for one in printed:
            known = None if run.entries is None else [entry["hash"] for entry in run.entries[one.length - 1 :][:1]]
            if known is None:
                known = [head] if one.length == length else [one.head]
            if known != [one.head]:
                tally.differs(
                    run.prefix + name,
                    f"the entry {one.length} that it prints is not that of the custody log",
                )


def _check_signature(tally: Tally, run: RunCheck, manifest: Mapping[str, Any], content: bytes) -> object:
    """Check the signature of a manifest that names the key it was signed with; return the public key, None: none."""
    signer = manifest.get("signer")
    if signer is None:
        if run.place.there(SIGNATURE):
            tally.checked += 1
            tally.differs(run.prefix + SIGNATURE, "the manifest tells of no signature: it was added afterwards")
        return None
    tally.checked += 1
    told = told_key(signer)
    if told is None:
        tally.differs(run.prefix + MANIFEST, "it names no key as the program writes one")
        return None
    signature = _content(tally, run, SIGNATURE)
    if signature is not None and not signature_fits(signer, signature, content):
        tally.differs(run.prefix + SIGNATURE, f"it is no signature of {MANIFEST} with the key that the manifest names")
    return told[1]


def _check_stamp(tally: Tally, run: RunCheck, content: bytes) -> None:
    """Check the time stamp of a run, where it has one or the custody log tells of one."""
    told = [
        entry["payload"]
        for entry in run.entries or []
        if entry["kind"] == STAMPED and entry["payload"].get("run_id") == run.run_id
    ]
    if not told and not run.place.there(STAMP):
        return
    tally.checked += 1
    answer = _content(tally, run, STAMP)
    if answer is None:
        return
    name = run.prefix + STAMP
    if run.entries is not None and (not told or told[-1].get("answer_sha256") != hashlib.sha256(answer).hexdigest()):
        tally.differs(name, "it is not the time stamp that the custody log tells of")
        return
    stamp = read_stamp(answer, content, tally.roots)
    wrong = unsound(stamp, MANIFEST)
    if stamp is None or wrong is not None:
        tally.differs(name, f"it is {wrong}")
        return
    if told and (what := differs_from_asked(stamp, told[-1])) is not None:
        tally.differs(name, f"it is the answer to {what} than the custody log tells of")
    if told and told[-1].get("stamped_at") != stamp.at:
        tally.differs(run.log_name, f"it tells of another time than {shown(name)} says")
    tally.note(f"run {shown(run.run_id)} has a time stamp of {stamp.at}")
    if stamp.trusted is None:
        tally.lacking["authority"] = 1
        tally.skip("who signed the time stamp: give the authority's certificate with --authority")


def _check_notices(tally: Tally, run: RunCheck) -> None:
    """Compare the notices beside a withdrawn report, and beside one that cites such a report, with the log."""
    for name, entry, said in notices_of(run.entries or [], run.run_id):
        there = run.place.there(name)
        if entry is not None:
            tally.checked += 1
            content = _content(tally, run, name)
            if content is not None and content.decode("utf-8", "replace") != entry["payload"].get("notice"):
                tally.differs(run.prefix + name, "it is not the notice that the custody log tells of")
            tally.note(f"run {shown(run.run_id)} {said} on {entry['at'][:10]}")
        elif there and run.entries is not None:
            tally.checked += 1
            tally.differs(run.prefix + name, f"the custody log does not know that this report {said}")
        elif there:
            tally.note(f"a notice ({name}) says that this report {said}")


def _check_head(tally: Tally, run: RunCheck, manifest: Mapping[str, Any]) -> None:
    """Compare the log with its length and head at the time of the report."""
    entries = run.entries or []
    tally.checked += 1
    length, head = manifest["ledger"]["length"], manifest["ledger"].get("head")
    where = f"{run.prefix}{MANIFEST}" if run.prefix else f"the manifest of run {shown(run.run_id)}"
    if length > len(entries):
        tally.differs(
            run.log_name, f"it has {len(entries)} entries, but {where} tells of {length}: the rest was cut off"
        )
    elif length and entries[length - 1]["hash"] != head:
        kind = entries[length - 1]["kind"]
        tally.differs(
            run.log_name,
            f"entry {length} ({shown(kind)}) is not the one that {where} tells of: "
            f"entries up to {length} were written anew",
        )
