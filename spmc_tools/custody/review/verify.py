"""The check of an evidence pack: whether a report, a case and what they rest on are what was recorded.

A hash shows that nothing changed since it was taken, not that the content is true.
"""

from __future__ import annotations

import os
from contextlib import nullcontext, suppress
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from spmc_tools.cage.answer_frames import Frame
from spmc_tools.cage.cage import Limits, answer_of, limits_for
from spmc_tools.case.log.anchors import read_anchors
from spmc_tools.case.log.ledger import Ledger
from spmc_tools.case.log.logged_results import STAGES, results_of, stages_of
from spmc_tools.case.log.outside_log import refusals_noted
from spmc_tools.case.log.settings_changes import finish_change
from spmc_tools.case.store.batches import STORED, Batch, batches_of, leftovers
from spmc_tools.case.store.case import Case
from spmc_tools.case.store.case_folder import cases_dir
from spmc_tools.custody.review.anchor_check import check_anchors
from spmc_tools.custody.review.check_run import RunCheck, check_run
from spmc_tools.custody.review.log_check import LogCheck, payload_problem
from spmc_tools.custody.review.run_files import InFolder, read_file
from spmc_tools.custody.review.tally import Tally, Verification, shown
from spmc_tools.errors import CaseError, IntegrityError, SpmcError, quote
from spmc_tools.report.page.index import INDEX, index_hash
from spmc_tools.signing.automatic_stamps import stamp_server
from spmc_tools.signing.manifest import MANIFEST, PACK, UNLISTED, files_below, read_manifest, write_manifest
from spmc_tools.signing.report_disposal import KIND as DISPOSED
from spmc_tools.signing.report_disposal import disposed_runs
from spmc_tools.signing.time_stamp import authorities

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from spmc_tools.case.log.ledger import Entry

__all__ = ["BUILDING", "Verification", "recompute", "verify", "write_manifest"]

BUILDING = ".new-"
"""What the name of a folder begins with in which a run is built."""

_ASKED = ("SPMC_ANCHORS", "SPMC_OFFICER_KEYS", "SPMC_KEYS", "HOME", "USERPROFILE", "XDG_CONFIG_HOME")
_PARTS = {"case.toml", "original", "tables", "derived", "reports"} | {
    f"ledger.sqlite{end}" for end in ("", "-wal", "-shm", "-journal")
}
_CHECK_S, _CHECK_BYTES = 120.0, 5 << 20
_CHECK_MEMORY = 4 << 30


def verify(
    path: Path | str,
    *,
    log: bool = True,
    authority: Path | None = None,
    anchor: str | None = None,
    anchored: bool = True,
) -> Verification:
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
        Certificate (PEM) of the time-stamp authority: time stamps are then compared with it, too. None: the one of
        the file that ``SPMC_ANCHOR_TSA`` names.
    anchor : str, optional
        What was noted of the log elsewhere (:func:`~spmc_tools.case.log.anchors.read_anchors`); None: the file that
        ``SPMC_ANCHORS`` names.
    anchored : bool
        False: no anchor is compared, as while a case comes out of its backup, whose log has no entry of that yet.

    Raises
    ------
    CaseError
        Where there is no such folder, or it is neither a case nor a run.
    SpmcError
        Where the disk does not let the custody log be read now: that is no difference.

    Notes
    -----
    Not found without an anchor: log entries cut off at the end that no report, file, signature or other copy tells of;
    entries that no signature holds, rewritten together with all hashes after them and all manifests.
    Results in ``derived/`` that are gone are no difference, since they can be computed anew.
    """
    folder = Path(path).absolute()
    packed = _is_pack(folder)
    if not packed and not folder.is_dir():
        raise CaseError(f"There is no folder {quote(path, 200)}; give the folder of a case or of a run.")
    case_dir = None if packed else _case_of(folder, path)
    if log and case_dir == folder:
        finish_change(folder, Ledger(folder / "ledger.sqlite"))
    authority = authority or _known_authority()
    asked = _ASKED if anchored else _ASKED[1:]
    known = {name: os.environ[name] for name in asked if name in os.environ}
    arguments = {"path": str(folder), "authority": None if authority is None else str(authority.absolute())}
    limits = (
        limits_for(folder.stat().st_size) if folder.is_file() else _limits_of(folder if packed else case_dir or folder)
    )
    if anchor is not None:
        read_anchors(anchor)  # what was typed wrongly is no refusal of the file
    root = cases_dir() if case_dir is None else case_dir.parent
    with refusals_noted(root, folder, "verify") if log else nullcontext():
        told = answer_of(
            "spmc_tools.custody.review.verify:recompute",
            arguments | {"anchor": anchor, "known": known},
            limits,
            quote(folder.name, 120),
            "the check is not done, and nothing was changed. Ask for it again from whoever keeps it.",
        )
    tally = Tally(int(told["checked"]), notes=_said(told, "notes"), doubts=_said(told, "doubts"))
    tally.differences, tally.not_checked = _said(told, "differences"), _said(told, "not_checked")
    tally.lacking = {str(kind): int(number) for kind, number in told["lacks"]}
    tally.after_anchor = None if told["after_anchor"] is None else int(told["after_anchor"])
    if log and case_dir is not None:
        _log_check(tally, case_dir, folder, tally.result())
    return tally.result()


def _known_authority() -> Path | None:
    """Return the certificate of the authority that this machine asks by itself."""
    with suppress(SpmcError):
        asked = stamp_server()
        return None if asked is None or asked.authority is None or not asked.authority.is_file() else asked.authority
    return None


def recompute(path: str, authority: str | None, anchor: str | None, known: dict[str, str]) -> Iterator[Frame]:
    """Give what :func:`verify` returns; done in the cage. ``known``: what the program was told by its surroundings."""
    os.environ |= known
    folder = Path(path)
    roots = None if authority is None else authorities(Path(authority))
    if _is_pack(folder):
        from spmc_tools.custody.review.verify_pack import check_pack

        yield Frame(asdict(check_pack(folder, roots, anchor)))
        return
    tally = Tally(roots=roots, anchor=anchor)
    case_dir = _case_of(folder, folder)
    if case_dir == folder:
        _check_case(tally, folder)
    else:
        _check_run_and_case(tally, folder, case_dir)
    yield Frame(asdict(tally.result()))


def _is_pack(path: Path) -> bool:
    """Whether it is checked as a pack: a list of one that somebody laid into a case or a run makes none of it."""
    if path.is_file():
        return True
    of_a_run = path.parent.name == "reports" or any(os.path.lexists(path / name) for name in UNLISTED)
    return (path / PACK).is_file() and not _is_case(path) and not of_a_run


def _case_of(folder: Path, path: Path | str) -> Path | None:
    """Return the case that a folder is, or in which a run lies; None for a run elsewhere."""
    if _is_case(folder):
        return folder
    if any((folder / name).exists() for name in UNLISTED) or folder.parent.name == "reports":
        return folder.parent.parent if folder.parent.name == "reports" and _is_case(folder.parent.parent) else None
    raise CaseError(f"{quote(path, 200)} is neither a case (no case.toml) nor a run (no {MANIFEST}).")


def _said(told: Mapping[str, Any], name: str) -> list[str]:
    return [str(sentence) for sentence in told[name]]


def _limits_of(folder: Path) -> Limits:
    """Return what checking a folder may take: it is read to its end, its log and lists into memory."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += Path(place, name).lstat().st_size
    return Limits(_CHECK_S + size / _CHECK_BYTES, _CHECK_MEMORY + size // 4, writes=True)


def _is_case(folder: Path) -> bool:
    return any(os.path.lexists(folder / name) for name in ("case.toml", "ledger.sqlite"))


def _log_check(tally: Tally, case_dir: Path, folder: Path, found: Verification) -> None:
    """Log that somebody checked, unless the log is what is broken."""
    what = "case" if folder == case_dir else f"reports/{folder.name}"
    payload = {"what": what, "ok": found.ok, "checked": found.checked, "first_difference": found.first_difference}
    try:
        Case(case_dir).log("verify", payload)
    except SpmcError:
        tally.skip("this check could not be written into the custody log")


def _check_ledger(tally: Tally, case_dir: Path) -> list[Entry] | None:
    """Check the chain; return the entries, or None where they cannot be read."""
    ledger = Ledger(case_dir / "ledger.sqlite")
    for end in ("", "-wal"):
        if (case_dir / f"ledger.sqlite{end}").is_symlink():
            tally.differs(f"ledger.sqlite{end}", "it is a link, not a file: what it leads to can be exchanged")
    problem = ledger.check()
    if problem is not None:
        where, _, what = problem.partition(": ")
        tally.differs(where, what or "it is broken")
    try:
        entries = ledger.entries()
        odd = payload_problem((seq, text) for seq, _, _, _, text, _, _ in ledger.rows()) if problem is None else None
    except SpmcError:
        tally.skip("nothing could be compared with the custody log")
        return None
    tally.checked += len(entries)
    if odd is not None:
        tally.differs(ledger.path.name, odd)
    if problem is None:
        LogCheck(tally, ledger.path.name, lambda run_id: _manifest_of(case_dir, run_id)).run(entries)
        check_anchors(tally, ledger.path.name, entries, tally.anchor, case_dir.name, case_dir.parent)
    return entries


def _manifest_of(case_dir: Path, run_id: str) -> dict[str, Any] | None:
    """Return the manifest of a run of a case; None where there is none that can be read."""
    if "/" in run_id or "\0" in run_id or run_id.startswith("."):
        return None
    try:
        return read_manifest(read_file(case_dir / "reports" / run_id / MANIFEST))
    except (OSError, ValueError):
        return None


def _check_settings(tally: Tally, case_dir: Path, entries: Sequence[Entry]) -> None:
    logged = [e["payload"].get("case_toml_sha256") for e in entries if e["kind"] in {"created", "settings_changed"}]
    if logged:
        tally.file(case_dir, "case.toml", logged[-1])
    else:
        tally.differs("ledger.sqlite", "no entry tells of case.toml")


def _batches(tally: Tally, entries: Sequence[Entry]) -> list[Batch]:
    try:
        return batches_of(entries)
    except IntegrityError as error:
        where, _, what = str(error).partition(": ")
        tally.differs(where, what.rstrip("."))
        return []


def _check_case(tally: Tally, case_dir: Path) -> None:
    # in this order, so that an import that ends meanwhile is not taken for a difference: files, plans, log
    _check_folders(tally, case_dir)
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


def _check_folders(tally: Tally, case_dir: Path) -> None:
    """Say which of the folders of a case, or of those in them, is a link, and that others lie beside them."""
    for part in ("original", "tables", "derived"):
        if (case_dir / part).is_symlink():
            tally.differs(part, "it is a link, not a folder")
        for place, folders, _ in os.walk(case_dir / part, followlinks=False):
            for path in (Path(place, name) for name in sorted(folders)):
                if path.is_symlink():
                    tally.differs(path.relative_to(case_dir).as_posix(), "it is a link, not a folder")
    other = sorted(path.name for path in case_dir.iterdir() if path.name[0] != "." and path.name not in _PARTS)
    if other:
        tally.skip(f"{len(other)} names in the folder of the case that are no part of it, as {quote(other[0], 120)}")


def _check_results(tally: Tally, case_dir: Path, results: Mapping[str, Mapping[str, str]]) -> None:
    """Compare the results that the custody log tells of, where they are there; what nobody tells of rests nothing."""
    named = {f"{place}/{name}": digest for place, files in results.items() for name, digest in files.items()}
    for relative, digest in named.items():
        if os.path.lexists(case_dir / relative):
            tally.file(case_dir, relative, digest)
    if any(f"derived/{path}" not in named for path in files_below(case_dir / "derived")):
        tally.skip("files in derived/ that the custody log does not name; no result is read from them")


def _listed_runs(tally: Tally, case_dir: Path) -> list[str]:
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


def _check_unknown(tally: Tally, case_dir: Path, unknown: Sequence[str], under_way: set[str]) -> None:
    for path in unknown:
        tally.checked += 1
        if path in under_way or str(PurePosixPath(path).parent) in under_way:
            tally.skip("files of an import that is under way or was broken off; they are not part of the case")
        elif os.path.lexists(case_dir / path):
            tally.differs(path, "the custody log does not know this file")


def _check_runs(tally: Tally, case_dir: Path, there: Sequence[str], entries: Sequence[Entry] | None) -> None:
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
            tally.skip(f"reports/{shown(name)} is empty: the run is not finished, or was broken off")
    disposed = disposed_runs(entries or [])
    gone = [e["at"][:10] for e in entries or [] if e["kind"] == DISPOSED]
    if gone:
        tally.note(f"{len(gone)} runs were taken away as the log says, the last one on {shown(gone[-1])}")
    for name in sorted(logged - set(there) - disposed):
        under_way = reports / f"{BUILDING}{name}" / name
        if not any(os.path.lexists(place) for place in (reports / name, under_way, reports / name)):
            tally.differs(f"reports/{name}", "the folder of this run is missing")


def _check_index(tally: Tally, case_dir: Path, entries: Sequence[Entry] | None) -> None:
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


def _check_run_and_case(tally: Tally, run_dir: Path, case_dir: Path | None) -> None:
    # a changed log entry is told before what follows from it, a changed file of the run before the log
    if case_dir is None:
        _check_run(tally, run_dir, None, None, prefix="")
        tally.lack("case")
        tally.skip("the received files, the tables and the custody log: the case is not here")
        return
    entries = _check_ledger(tally, case_dir)
    if run_dir.is_symlink():
        tally.differs(f"reports/{run_dir.name}", "it is a link, not the folder of a run")
    _check_run(tally, run_dir, case_dir, entries, prefix="")
    if entries is not None:
        _check_settings(tally, case_dir, entries)


def _check_run(
    tally: Tally, run_dir: Path, case_dir: Path | None, entries: Sequence[Entry] | None, prefix: str
) -> None:
    manifest = check_run(tally, RunCheck(run_dir.name, InFolder(run_dir, tally.hashes), prefix, entries))
    if manifest is None or case_dir is None or entries is None:
        return
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


def _check_results_of_run(
    tally: Tally, case_dir: Path, manifest: Mapping[str, Any], now: Mapping[str, Mapping[str, str]]
) -> None:
    """Compare the results that a run rests on, where they are still there and nobody computed them anew since."""
    for item in manifest.get("results", []):
        place, _, name = item["path"].rpartition("/")
        if not os.path.lexists(case_dir / item["path"]):
            continue
        if now.get(place, {}).get(name, item["sha256"]) != item["sha256"]:
            tally.skip(f"results that run {shown(str(manifest.get('run_id')))} rests on: they were computed anew since")
        else:
            tally.file(case_dir, item["path"], item["sha256"])
