"""The check of an evidence pack: whether a report, a case and what they rest on are what was recorded.

A hash shows that nothing changed since it was taken, not that the content is true.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import sha256_file
from spmc_tools.case.log.ledger import Ledger
from spmc_tools.case.log.logged_results import STAGES, results_of, stages_of
from spmc_tools.case.store.batches import STORED, Batch, batches_of, leftovers
from spmc_tools.case.store.case import Case
from spmc_tools.errors import CaseError, IntegrityError, SpmcError, quote
from spmc_tools.report.page.index import INDEX, index_hash
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
    write_manifest,
)
from spmc_tools.signing.officer_keys import signature_fits
from spmc_tools.signing.report_disposal import disposed_runs
from spmc_tools.signing.time_stamp import authorities, logged_stamp, read_stamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cryptography.x509 import Certificate

    from spmc_tools.case.log.ledger import Entry

__all__ = ["BUILDING", "Verification", "verify", "write_manifest"]

BUILDING = ".new-"
"""What the name of a folder begins with in which a run is built."""

_MOST_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check found.

    Attributes
    ----------
    ok : bool
        Nothing differs.
    checked : int
        Files and log entries looked at.
    first_difference : str or None
        The file or log entry, and what differs; None where nothing does.
    differences : tuple of str
        All of them, in the order they were found.
    not_checked : tuple of str
        What could not be looked at here, and why.
    notes : tuple of str
        What a reader must know that is no difference, as a withdrawal.
    """

    ok: bool
    checked: int
    first_difference: str | None
    differences: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class _Tally:
    """What a running check has found so far; ``hashes`` keeps each file's hash, as runs share their inputs."""

    checked: int = 0
    differences: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    hashes: dict[Path, str | None] = field(default_factory=dict)
    roots: list[Certificate] | None = None

    def differs(self, what: str, how: str) -> None:
        sentence = f"{_shown(what)}: {how}"
        if sentence not in self.differences:
            self.differences.append(sentence)

    def skip(self, sentence: str) -> None:
        if sentence not in self.not_checked:
            self.not_checked.append(sentence)

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def file(self, folder: Path, relative: str, sha256: object, shown: str | None = None) -> None:
        """Compare one file with the hash it should have."""
        path = folder / relative
        self.checked += 1
        if path not in self.hashes:
            try:
                self.hashes[path] = sha256_file(path)
            except OSError as error:
                self.hashes[path] = None
                self.differs(shown or relative, _unreadable(error))
        found = self.hashes[path]
        if found is not None and found != sha256:
            self.differs(shown or relative, "its content is not what was recorded (SHA-256 differs)")

    def result(self) -> Verification:
        return Verification(
            ok=not self.differences,
            checked=self.checked,
            first_difference=self.differences[0] if self.differences else None,
            differences=tuple(self.differences),
            not_checked=tuple(self.not_checked),
            notes=tuple(self.notes),
        )


def _shown(path: str) -> str:
    return quote(path, 300)[1:-1]


def _unreadable(error: OSError) -> str:
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return "it is missing"
    if error.errno == errno.ELOOP:
        return "it is a link, not a file"
    return f"it cannot be read ({(error.strerror or 'the system refused').lower()})"


def verify(path: Path | str, *, log: bool = True, authority: Path | None = None) -> Verification:
    """Return what differs from what was recorded in a run folder or a case.

    A run folder is checked against its manifest; where it lies in its case, its received files, tables, settings
    and the custody log are checked, too. A case is checked against its custody log, with all its runs. A copy of a
    run folder can be checked anywhere; ``not_checked`` says what could not be.

    Parameters
    ----------
    path : path
        The folder of a case, or of one run; an evidence pack, as a ZIP file or unpacked.
    log : bool
        Add the check to the custody log, where there is one that is whole and can be written.
    authority : path, optional
        Certificate (PEM) of the time-stamp authority: time stamps are then compared with it, too.

    Raises
    ------
    CaseError
        Where there is no such folder, or it is neither a case nor a run.
    SpmcError
        Where the disk does not let the custody log be read now: that is no difference.

    Notes
    -----
    Not found: log entries cut off at the end that no report, file or other copy tells of; entries rewritten
    together with all hashes after them and all manifests. Keep a printed report or a copy elsewhere for that.
    Results in ``derived/`` that are gone are no difference, since they can be computed anew.
    """
    folder = Path(path).absolute()
    roots = None if authority is None else authorities(authority)
    if folder.is_file() or (folder / PACK).is_file():
        from spmc_tools.custody.review.verify_pack import check_pack

        pack = check_pack(folder, roots)
        differences, not_checked, notes = map(tuple, pack.told)
        return Verification(pack.ok, pack.checked, pack.first, differences, not_checked, notes)
    if not folder.is_dir():
        raise CaseError(f"There is no folder {quote(path, 200)}; give the folder of a case or of a run.")
    tally = _Tally(roots=roots)
    case_dir: Path | None = folder
    if _is_case(folder):
        _check_case(tally, folder)
    elif any((folder / name).exists() for name in UNLISTED) or folder.parent.name == "reports":
        case_dir = folder.parent.parent if folder.parent.name == "reports" and _is_case(folder.parent.parent) else None
        _check_run_and_case(tally, folder, case_dir)
    else:
        raise CaseError(f"{quote(path, 200)} is neither a case (no case.toml) nor a run (no {MANIFEST}).")
    found = tally.result()
    if log and case_dir is not None:
        _log_check(tally, case_dir, folder, found)
    return tally.result()


def _is_case(folder: Path) -> bool:
    return any(os.path.lexists(folder / name) for name in ("case.toml", "ledger.sqlite"))


def _log_check(tally: _Tally, case_dir: Path, folder: Path, found: Verification) -> None:
    """Log that somebody checked, unless the log is what is broken."""
    what = "case" if folder == case_dir else f"reports/{folder.name}"
    payload = {"what": what, "ok": found.ok, "checked": found.checked, "first_difference": found.first_difference}
    try:
        Case(case_dir).log("verify", payload)
    except SpmcError:
        tally.skip("this check could not be written into the custody log")


def _check_ledger(tally: _Tally, case_dir: Path) -> list[Entry] | None:
    """Check the chain; return the entries, or None where they cannot be read."""
    ledger = Ledger(case_dir / "ledger.sqlite")
    problem = ledger.check()
    if problem is not None:
        where, _, what = problem.partition(": ")
        tally.differs(where, what or "it is broken")
    try:
        entries = ledger.entries()
    except SpmcError:
        tally.skip("nothing could be compared with the custody log")
        return None
    tally.checked += len(entries)
    return entries


def _check_settings(tally: _Tally, case_dir: Path, entries: Sequence[Entry]) -> None:
    logged = [e["payload"].get("case_toml_sha256") for e in entries if e["kind"] in {"created", "settings_changed"}]
    if logged:
        tally.file(case_dir, "case.toml", logged[-1])
    else:
        tally.differs("ledger.sqlite", "no entry tells of case.toml")


def _batches(tally: _Tally, entries: Sequence[Entry]) -> list[Batch]:
    try:
        return batches_of(entries)
    except IntegrityError as error:
        where, _, what = str(error).partition(": ")
        tally.differs(where, what.rstrip("."))
        return []


def _check_case(tally: _Tally, case_dir: Path) -> None:
    # in this order, so that an import that ends meanwhile is not taken for a difference: files, plans, log
    present = [f"{part}/{name}" for part in ("original", "tables") for name in files_below(case_dir / part)]
    under_way = leftovers(case_dir)
    runs = _listed_runs(tally, case_dir)
    entries = _check_ledger(tally, case_dir)
    if entries is not None:
        _check_settings(tally, case_dir, entries)
        batches = _batches(tally, entries)
        for batch in batches:
            tally.file(case_dir, batch.source_path, batch.source_sha256)
            for name in STORED:
                if name in batch.tables:
                    tally.file(case_dir, str(batch.tables[name]["path"]), batch.tables[name]["sha256"])
        known = {b.source_path for b in batches} | {str(t["path"]) for b in batches for t in b.tables.values()}
        _check_unknown(tally, case_dir, [p for p in present if p not in known], under_way)
    elif present:
        tally.skip("original/ and tables/ could not be compared with anything")
    kept = {STAGES: stages_of(entries or [])}
    _check_results(tally, case_dir, {**results_of(entries or []), **kept})
    _check_runs(tally, case_dir, runs, entries)
    _check_index(tally, case_dir, entries)


def _check_results(tally: _Tally, case_dir: Path, results: Mapping[str, Mapping[str, str]]) -> None:
    """Compare the results that the custody log tells of, where they are there; what nobody tells of rests nothing."""
    named = {f"{place}/{name}": digest for place, files in results.items() for name, digest in files.items()}
    for relative, digest in named.items():
        if os.path.lexists(case_dir / relative):
            tally.file(case_dir, relative, digest)
    derived = case_dir / "derived"
    if derived.is_symlink():
        tally.differs("derived", "it is a link, not a folder")
    elif any(f"derived/{path}" not in named for path in files_below(derived)):
        tally.skip("files in derived/ that the custody log does not name; no result is read from them")


def _listed_runs(tally: _Tally, case_dir: Path) -> list[str]:
    """Return the folders of runs that are there; whatever else lies among them is a difference."""
    reports = case_dir / "reports"
    if reports.is_symlink():
        tally.differs("reports", "it is a link, not a folder")
        return []
    found = []
    for path in sorted(reports.iterdir()) if reports.is_dir() else []:
        if path.is_symlink():
            tally.differs(f"reports/{path.name}", "it is a link, not the folder of a run")
        elif not path.is_dir():
            if path.name != INDEX:
                tally.differs(f"reports/{path.name}", "the custody log does not know this file")
        elif path.name.startswith(BUILDING):
            tally.skip("a run that is under way or was broken off; it is no report of the case")
        else:
            found.append(path.name)
    return found


def _check_unknown(tally: _Tally, case_dir: Path, unknown: Sequence[str], under_way: set[str]) -> None:
    for path in unknown:
        tally.checked += 1
        if path in under_way or str(PurePosixPath(path).parent) in under_way:
            tally.skip("files of an import that is under way or was broken off; they are not part of the case")
        elif os.path.lexists(case_dir / path):
            tally.differs(path, "the custody log does not know this file")


def _check_runs(tally: _Tally, case_dir: Path, there: Sequence[str], entries: Sequence[Entry] | None) -> None:
    reports = case_dir / "reports"
    logged = {str(e["payload"].get("run_id")) for e in entries or [] if e["kind"] == "report"}
    for name in there:
        run_dir = reports / name
        if name in logged or any(os.path.lexists(run_dir / f) for f in UNLISTED):
            _check_run(tally, run_dir, case_dir, entries, prefix=f"reports/{name}/")
        elif any(files_below(run_dir)) and os.path.lexists(run_dir):
            tally.checked += 1
            tally.differs(f"reports/{name}", "it has no manifest, and the custody log does not know this run")
        else:
            tally.skip(f"reports/{_shown(name)} is empty: the run is not finished, or was broken off")
    for name in sorted(logged - set(there) - disposed_runs(entries or [])):
        under_way = reports / f"{BUILDING}{name}" / name
        if not any(os.path.lexists(place) for place in (reports / name, under_way, reports / name)):
            tally.differs(f"reports/{name}", "the folder of this run is missing")


def _check_index(tally: _Tally, case_dir: Path, entries: Sequence[Entry] | None) -> None:
    """Compare the list of reports with the hash that the custody log tells of; it may be missing, it is made anew."""
    path = case_dir / "reports" / INDEX
    if path.is_symlink() or not path.is_file() or entries is None:
        return
    logged_hash = index_hash(entries)
    if logged_hash is None:
        tally.checked += 1
        tally.differs(f"reports/{INDEX}", "the custody log does not know this file")
    else:
        tally.file(case_dir, f"reports/{INDEX}", logged_hash)


def _check_run_and_case(tally: _Tally, run_dir: Path, case_dir: Path | None) -> None:
    # a changed log entry is told before what follows from it, a changed file of the run before the log
    if case_dir is None:
        _check_run(tally, run_dir, None, None, prefix="")
        tally.skip("the received files, the tables and the custody log: the case is not here")
        return
    entries = _check_ledger(tally, case_dir)
    if run_dir.is_symlink():
        tally.differs(f"reports/{run_dir.name}", "it is a link, not the folder of a run")
    _check_run(tally, run_dir, case_dir, entries, prefix="")
    if entries is not None:
        _check_settings(tally, case_dir, entries)


def _check_run(
    tally: _Tally, run_dir: Path, case_dir: Path | None, entries: Sequence[Entry] | None, prefix: str
) -> None:
    logged = [
        str(e["payload"].get("manifest_sha256"))
        for e in entries or []
        if e["kind"] == "report" and e["payload"].get("run_id") == run_dir.name
    ]
    digest, manifest = _read_manifest(tally, run_dir, prefix, logged[-1] if logged else None)
    if entries is not None and not logged:
        tally.differs(
            "ledger.sqlite",
            f"no entry tells of the report {quote(run_dir.name)}: it was cut off, or the run broke off before that",
        )
    elif logged and digest is not None and digest != logged[-1]:
        tally.differs(prefix + MANIFEST, "it is not the manifest that the custody log tells of")
    if manifest is None:
        return
    _check_files(tally, run_dir, manifest["files"], prefix)
    _check_signature(tally, run_dir, manifest, prefix)
    _check_stamp(tally, run_dir, entries, prefix)
    _check_notice(tally, run_dir, entries, prefix)
    if case_dir is not None and entries is not None:
        _check_head(tally, manifest, entries, prefix)
        places = {batch.source_sha256: batch.source_path for batch in _batches(tally, entries)}
        for item in manifest["inputs"]:
            named = item.get("name") is not None
            tally.file(case_dir, item["path"] if named else places.get(item["sha256"], item["path"]), item["sha256"])
        for item in manifest["tables"]:
            tally.file(case_dir, item["path"], item["sha256"])
        _check_results_of_run(tally, case_dir, manifest, results_of(entries))
        known = [e["payload"].get("case_toml_sha256") for e in entries]
        if manifest["case_toml"]["sha256"] not in known:
            tally.differs(prefix + MANIFEST, "the custody log does not know the case.toml that it names")


def _check_signature(tally: _Tally, run_dir: Path, manifest: Mapping[str, Any], prefix: str) -> None:
    """Check the signature of a manifest that names the key it was signed with."""
    signer, there = manifest.get("signer"), os.path.lexists(run_dir / SIGNATURE)
    if not isinstance(signer, dict):
        if there:
            tally.checked += 1
            tally.differs(prefix + SIGNATURE, "the manifest tells of no signature: it was added afterwards")
        return
    tally.checked += 1
    content, signature = (
        _read(tally, run_dir / MANIFEST, prefix + MANIFEST),
        _read(tally, run_dir / SIGNATURE, prefix + SIGNATURE),
    )
    if content is None or signature is None:
        return
    if not signature_fits(signer, signature, content):
        tally.differs(prefix + SIGNATURE, f"it is no signature of {MANIFEST} with the key that the manifest names")


def _check_stamp(tally: _Tally, run_dir: Path, entries: Sequence[Entry] | None, prefix: str) -> None:
    """Check the time stamp of a run, where it has one or the custody log tells of one."""
    logged = logged_stamp(entries or [], run_dir.name)
    if logged is None and not os.path.lexists(run_dir / STAMP):
        return
    tally.checked += 1
    answer = _read(tally, run_dir / STAMP, prefix + STAMP)
    content = _read(tally, run_dir / MANIFEST, prefix + MANIFEST)
    if answer is None or content is None:
        return
    if entries is not None and logged != hashlib.sha256(answer).hexdigest():
        tally.differs(prefix + STAMP, "it is not the time stamp that the custody log tells of")
        return
    stamp = read_stamp(answer, content, tally.roots)
    if stamp is None or stamp.trusted is False:
        about = f"of {MANIFEST}" if stamp is None else "signed under the authority that was given"
        tally.differs(prefix + STAMP, f"it is no time stamp {about}")
        return
    tally.note(f"run {_shown(run_dir.name)} has a time stamp of {stamp.at}")
    if stamp.trusted is None:
        tally.skip("who signed the time stamp: give the authority's certificate with --authority")


def _check_notice(tally: _Tally, run_dir: Path, entries: Sequence[Entry] | None, prefix: str) -> None:
    """Compare the notices beside a withdrawn report, and beside one that cites such a report, with the log."""
    for name, entry, said in notices_of(entries or [], run_dir.name):
        there = os.path.lexists(run_dir / name)
        if entry is not None:
            tally.checked += 1
            content = _read(tally, run_dir / name, prefix + name)
            if content is not None and content.decode("utf-8", "replace") != entry["payload"].get("notice"):
                tally.differs(prefix + name, "it is not the notice that the custody log tells of")
            tally.note(f"run {_shown(run_dir.name)} {said} on {entry['at'][:10]}")
        elif there and entries is not None:
            tally.checked += 1
            tally.differs(prefix + name, f"the custody log does not know that this report {said}")
        elif there:
            tally.note(f"a notice ({name}) says that this report {said}")


def _check_results_of_run(
    tally: _Tally, case_dir: Path, manifest: Mapping[str, Any], now: Mapping[str, Mapping[str, str]]
) -> None:
    """Compare the results that a run rests on, where they are still there and nobody computed them anew since."""
    for item in manifest.get("results", []):
        place, _, name = item["path"].rpartition("/")
        if not os.path.lexists(case_dir / item["path"]):
            continue
        if now.get(place, {}).get(name, item["sha256"]) != item["sha256"]:
            tally.skip(
                f"results that run {_shown(str(manifest.get('run_id')))} rests on: they were computed anew since"
            )
        else:
            tally.file(case_dir, item["path"], item["sha256"])


def _read_manifest(
    tally: _Tally, run_dir: Path, prefix: str, logged: str | None
) -> tuple[str | None, dict[str, Any] | None]:
    """Check manifest and sidecar against each other; return the manifest's hash and content, None where unusable.

    The log tells which of the two was changed; without it both are named.
    """
    tally.checked += 2
    content = _read(tally, run_dir / MANIFEST, prefix + MANIFEST)
    sidecar = _read(tally, run_dir / SIDECAR, prefix + SIDECAR)
    if content is None:
        return None, None
    digest = hashlib.sha256(content).hexdigest()
    if sidecar is not None and sidecar != f"{digest}  {MANIFEST}\n".encode():
        if logged == digest:
            tally.differs(prefix + SIDECAR, f"it does not hold the hash of {MANIFEST}")
        elif logged is not None and sidecar == f"{logged}  {MANIFEST}\n".encode():
            tally.differs(prefix + MANIFEST, "its content is not what was recorded (SHA-256 differs)")
        else:
            tally.differs(prefix + MANIFEST, f"{SIDECAR} holds another hash: one of the two was changed")
    manifest = read_manifest(content)
    if manifest is None:
        tally.differs(prefix + MANIFEST, "it is no manifest that this program can read")
    return digest, manifest


def _read(tally: _Tally, path: Path, shown: str) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                tally.differs(shown, "it is not a regular file")
                return None
            return stream.read(_MOST_BYTES)
    except OSError as error:
        tally.differs(shown, _unreadable(error))
        return None


def _check_files(tally: _Tally, run_dir: Path, files: Sequence[Mapping[str, Any]], prefix: str) -> None:
    listed = {str(item["path"]) for item in files}
    for item in files:
        tally.file(run_dir, item["path"], item["sha256"], shown=prefix + item["path"])
    for path in files_below(run_dir):
        if path not in listed and path not in UNLISTED:
            tally.checked += 1
            tally.differs(prefix + path, "the manifest does not know this file: it was added afterwards")


def _check_head(tally: _Tally, manifest: Mapping[str, Any], entries: Sequence[Entry], prefix: str) -> None:
    """Compare the log with its length and head at the time of the report."""
    tally.checked += 1
    length, head = manifest["ledger"]["length"], manifest["ledger"].get("head")
    where = f"{prefix}{MANIFEST}" if prefix else f"the manifest of run {_shown(str(manifest.get('run_id')))}"
    if length > len(entries):
        tally.differs(
            "ledger.sqlite", f"it has {len(entries)} entries, but {where} tells of {length}: the rest was cut off"
        )
    elif length and entries[length - 1]["hash"] != head:
        kind = entries[length - 1]["kind"]
        tally.differs(
            "ledger.sqlite",
            f"entry {length} ({_shown(kind)}) is not the one that {where} tells of: "
            f"entries up to {length} were written anew",
        )
