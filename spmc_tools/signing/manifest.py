"""The manifest of a run: the hash of everything the report consists of and rests on.

``manifest.json`` holds the SHA-256 of every file of the run, of every received file and table of the case, of the
results that its notebook asked for, of ``case.toml``, of the notebook and of ``requirements.lock``, and the length and
head of the custody log. ``manifest.sha256`` holds the hash of the manifest (``sha256sum -c manifest.sha256`` checks
it), and the custody log holds that hash once more, in its entry ``report``. ``manifest.sig`` holds the signature of the
manifest where the officer has a key. Of a redacted run the manifest names received files by their hash alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import sqlite3
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from spmc_tools.case.files.durable import os_errors, sha256_file, write_file
from spmc_tools.case.files.strict_json import read_json
from spmc_tools.case.log.anchors import printed_anchors
from spmc_tools.case.log.logged_results import results_of
from spmc_tools.errors import CaseError, IntegrityError, SpmcError, quote
from spmc_tools.resources import resource
from spmc_tools.schema import SCHEMA_VERSION
from spmc_tools.signing.enrolment import enrol
from spmc_tools.signing.officer_keys import signature_file
from spmc_tools.signing.twin_reports import reports_of
from spmc_tools.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from spmc_tools.case.store.case import Case
    from spmc_tools.signing.officer_keys import Signer

__all__ = [
    "MANIFEST",
    "NOTICE",
    "NOTICE_OF_CITED",
    "PACK",
    "SIDECAR",
    "SIGNATURE",
    "STAMP",
    "UNLISTED",
    "files_below",
    "read_manifest",
    "results_of_run",
    "run_folder",
    "write_manifest",
]

MANIFEST = "manifest.json"
"""Its name in the run folder."""

SIDECAR = "manifest.sha256"
"""The file that holds its hash."""

SIGNATURE = "manifest.sig"
"""The file that holds its Ed25519 signature, where it was signed."""

STAMP = "manifest.tsr"
"""The time stamp of an outside authority on it, where one was asked for."""

PACK = "pack.json"
"""The list of what an evidence pack holds."""

NOTICE = "WITHDRAWN.txt"
"""The file that says that a report was withdrawn."""

NOTICE_OF_CITED = "CITES_WITHDRAWN.txt"
"""The file that says that a report which this one cites was withdrawn."""

UNLISTED = (MANIFEST, SIDECAR, SIGNATURE, STAMP, NOTICE, NOTICE_OF_CITED)
"""The files of a run that its manifest does not list."""

_VERSION = 1
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LIBRARIES = (
    "pandas", "pyarrow", "numpy", "scipy", "numba", "duckdb", "ibis-framework", "igraph", "networkx", "matplotlib",
    "papermill", "nbconvert",
)  # fmt: skip


def write_manifest(  # noqa: PLR0913 -- every fact is given by its name
    case: Case,
    run_dir: Path,
    *,
    notebook: Path | str | None = None,
    parameters: Mapping[str, Any] | None = None,
    status: str = "complete",
    seed: int | None = None,
    signer: Signer | None = None,
    inspect: Callable[[str], None] | None = None,
    **facts: Any,
) -> Path:
    """Return the path of the manifest of a finished run; it is written, hashed and logged. Call it last.

    Parameters
    ----------
    case : Case
        The case the run looked at.
    run_dir : pathlib.Path
        Its folder; every file in it is hashed, and nothing may be added afterwards.
    notebook : path or str, optional
        The notebook that was run, or its name in ``notebooks/``.
    parameters : mapping, optional
        What it was run with.
    status : str
        ``complete``, ``partial`` or ``failed``.
    seed : int, optional
        Seed of everything that was drawn.
    signer : Signer, optional
        The preparer's key.
    inspect : callable, optional
        Called with the text of the manifest before anything is written; what it raises stops it.
    **facts
        More that the manifest should hold; anything JSON can hold. ``edition="redacted"`` leaves out the names of the
        received files.

    Raises
    ------
    IntegrityError
        Where the custody log is broken, or a link lies in the run folder.
    SpmcError
        Where it cannot be written; the custody log then has no entry for the run.
    """
    if signer is not None:
        enrol(case, signer)
    with os_errors(f"The manifest of run {run_dir.name} cannot be written"):
        files = [_described(run_dir, relative) for relative in files_below(run_dir) if relative not in UNLISTED]
        length, head = case.ledger.head()
        content = {
            "manifest_version": _VERSION,
            "schema_version": SCHEMA_VERSION,
            "case": case.id,
            "run_id": run_dir.name,
            "status": status,
            "at": _times(),
            "officer": case.officer,
            "host": {"workstation": platform.node(), "platform": platform.platform(), "machine": platform.machine()},
            "versions": _versions(),
            "parameters": _plain(parameters or {}),
            "seed": seed,
            "facts": _plain(facts),
            "ledger": {"length": length, "head": head},
            "files": files,
            "results": results_of_run(case, run_dir.name),
            "signer": None if signer is None else signer.key.told(),
            "keys_entered": True,
            "line_up": True,
            "log_printed": _prints_log(run_dir, list(reports_of({"facts": _plain(facts)}).values())),
            **_inputs(case, named=facts.get("edition") != "redacted"),
            "notebook": _notebook(notebook),
            "lock": _lock(),
        }
        text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"
        digest = hashlib.sha256(text.encode()).hexdigest()
        if inspect is not None:
            inspect(text)
        write_file(run_dir / MANIFEST, text.encode())
        write_file(run_dir / SIDECAR, f"{digest}  {MANIFEST}\n".encode())
        if signer is not None:
            write_file(run_dir / SIGNATURE, signature_file(signer.key.told(), signer.sign(text.encode())))
    key = None if signer is None else signer.key.public_key
    sha256 = {str(file["path"]): str(file["sha256"]) for file in files}
    try:
        case.log(
            "report",
            {
                "run_id": run_dir.name,
                "status": status,
                "manifest_sha256": digest,
                "signed_by": key,
                "reports": {name: sha256[name] for name in reports_of(content).values() if name in sha256},
            },
        )
    except BaseException:
        for name in UNLISTED:
            (run_dir / name).unlink(missing_ok=True)
        raise
    return run_dir / MANIFEST


def run_folder(case: Case, run_id: str) -> Path:
    """Return the folder of a finished run.

    Raises
    ------
    CaseError
        Where the case has no such report.
    """
    folder = case.path / "reports" / run_id
    plain = not ({"/", "\\", "\0"} & set(run_id)) and not run_id.startswith(".")
    if not plain or folder.is_symlink() or not (folder / MANIFEST).is_file():
        known = [str(e["payload"].get("run_id")) for e in case.ledger.entries() if e["kind"] == "report"]
        there = f"the last one is {known[-1]}" if known else "it has none yet"
        raise CaseError(f"Case {case.id} has no report {quote(run_id)}; {there}.")
    return folder


def files_below(folder: Path) -> list[str]:
    """Return the paths of all files below a folder, relative and sorted; links are listed and not followed."""
    found = []
    for parent, folders, names in os.walk(folder, followlinks=False):
        names += [name for name in folders if (Path(parent) / name).is_symlink()]
        found += [(Path(parent) / name).relative_to(folder).as_posix() for name in names]
    return sorted(found)


def _prints_log(run_dir: Path, pages: list[str]) -> bool:
    """Whether the reports of a run print entries of the custody log; the check then wants them to."""
    return bool(pages) and all(
        (run_dir / name).is_file() and printed_anchors((run_dir / name).read_bytes()) for name in pages
    )


def _described(folder: Path, relative: str) -> dict[str, Any]:
    path = folder / relative
    if path.is_symlink():
        raise IntegrityError(f"{quote(relative)} in {quote(folder.name)} is a link; a pack holds files only.")
    return {"path": relative, "bytes": path.stat().st_size, "sha256": sha256_file(path)}


def _times() -> dict[str, str]:
    now = datetime.now(UTC).replace(microsecond=0)
    return {"utc": now.isoformat(), "ist": now.astimezone(ZoneInfo("Asia/Kolkata")).isoformat()}


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "spmc-notebook": __version__, "sqlite": sqlite3.sqlite_version}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold, without the name of anybody's home folder."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in (sorted(value, key=str) if isinstance(value, (set, frozenset)) else value)]
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float) and value - value == 0:  # finite
        return value
    text = str(value)
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text


def results_of_run(case: Case, run_id: str) -> list[dict[str, str]]:
    """Return the files of the results that the notebook of this run asked for, as the custody log tells of them."""
    investigations = [
        e for e in case.ledger.entries() if e["kind"] == "investigate" and e["payload"].get("run") == run_id
    ]
    return [
        {"path": f"{place}/{name}", "sha256": digest}
        for place, files in sorted(results_of(investigations).items())
        for name, digest in sorted(files.items())
    ]


def _inputs(case: Case, named: bool) -> dict[str, Any]:
    """Return what the run rests on: received files, tables, settings, rows; names of files only where asked."""
    batches = case.batches()
    rows = {name: sum(getattr(b, name) for b in batches) for name in _COUNTS}
    return {
        "inputs": [
            {
                "path": b.source_path if named else f"original/{b.source_sha256}",
                "name": b.source_name if named else None,
                "bytes": b.source_bytes,
                "sha256": b.source_sha256,
                "batch": b.batch_id,
                "format": b.format,
                "rows": {name: getattr(b, name) for name in _COUNTS},
            }
            for b in batches
        ],
        "tables": [dict(table) for b in batches for table in b.tables.values()],
        "rows": rows,
        "case_toml": _described(case.path, "case.toml"),
    }


_COUNTS = ("read", "kept", "duplicates", "refused", "accounts")


def _notebook(notebook: Path | str | None) -> dict[str, Any] | None:
    if notebook is None:
        return None
    path = Path(notebook)
    if not path.is_file():
        path = resource("notebooks", f"{notebook}.ipynb")
    return _described(path.parent, path.name)


def _lock() -> dict[str, Any] | None:
    try:
        path = resource("requirements.lock")
    except SpmcError:
        return None
    return _described(path.parent, path.name)


def _listed(items: object) -> Iterator[bool]:
    """Whether each item of a manifest's list is a plain relative path with a hash."""
    if not isinstance(items, list):
        yield False
        return
    for item in items:
        path, digest = (item.get("path"), item.get("sha256")) if isinstance(item, dict) else (None, None)
        plain = isinstance(path, str) and "\x00" not in path and path.strip("/") == path != ""
        inside = plain and ".." not in str(path).split("/")
        yield bool(inside and isinstance(digest, str) and _SHA256.fullmatch(digest))


def read_manifest(content: bytes) -> dict[str, Any] | None:
    """Return the manifest, or None where it lacks what the check needs, or names a path outside."""
    try:
        found = read_json(content)
    except ValueError:
        return None
    if not isinstance(found, dict) or found.get("manifest_version") != _VERSION:
        return None
    ledger = found.get("ledger")
    if not isinstance(ledger, dict) or not isinstance(ledger.get("length"), int) or ledger["length"] < 0:
        return None
    names = ("files", "inputs", "tables")
    lists = (*(found.get(name) for name in names), found.get("results", []), [found.get("case_toml")])
    return found if all(sound for items in lists for sound in _listed(items)) else None
