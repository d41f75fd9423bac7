"""What this machine lacks, and which cases need somebody: what ``spmc doctor`` prints."""

from __future__ import annotations

import importlib
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import SpmcError
from spmc_tools.operating_system import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["examine", "kept_stages", "profile"]

REQUIRED = (
    "duckdb", "ibis", "igraph", "ipywidgets", "jupyterlab", "matplotlib", "nbconvert", "networkx", "numba",
    "openpyxl", "orjson", "pandas", "papermill", "pyarrow", "regex", "scipy", "ural",
)  # fmt: skip
FONTS = ("Noto Sans", "Noto Sans Devanagari")
LEAST_FREE_BYTES = 2 * 10**9


def examine(cases: Path | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return what is wrong (``problems``) and what is only missing for an extra (``notes``).

    Parameters
    ----------
    cases : Path, optional
        Where cases live; None as in :func:`spmc_tools.case.store.case_folder.cases_dir`.

    Returns
    -------
    dict
        ``problems`` and ``notes``: lists of ``{"what": sentence, "do": sentence}``.
    """
    problems: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []

    def problem(what: str, do: str) -> None:
        problems.append({"what": what, "do": do})

    def note(what: str, do: str) -> None:
        notes.append({"what": what, "do": do})

    _packages(problem)
    _cage(problem, note)
    _snscrape(note)
    _fonts(problem)
    _programs(note)
    _cases(cases, problem, note)
    return {"problems": problems, "notes": notes}


def profile(case_id: str, cases: Path | None = None) -> list[dict[str, Any]]:
    """Return where time and memory went in the last investigation of a case that computed anything.

    Parameters
    ----------
    case_id : str
        Name of the case.
    cases : Path, optional
        As for :func:`examine`.

    Returns
    -------
    list of dict
        For each stage, in order: ``stage``, ``cpu_s``, ``wall_s``, ``peak_mb`` (of the process by the end of the stage,
        MB or None) and ``at`` (when it was logged, UTC). Empty: none was logged.

    Raises
    ------
    CaseError
        Where there is no such case.
    """
    from spmc_tools.case.store.case import open_case

    for entry in reversed(open_case(case_id, cases=cases).ledger.entries()):
        payload = entry["payload"]
        if entry["kind"] == "investigate" and payload.get("stages") and not payload.get("reused"):
            return [{**stage, "at": entry["at"]} for stage in payload["stages"]]
    return []


def kept_stages(cases: Path | None = None) -> list[dict[str, Any]]:
    """Return how much each case keeps of the stages of its investigations, in the order of their names.

    Returns
    -------
    list of dict
        ``case``, ``files``, ``bytes``; cases that keep nothing are left out. It may be taken away at any time.
    """
    from spmc_tools.case.store.case import open_case
    from spmc_tools.case.store.case_folder import cases_dir
    from spmc_tools.findings.pipeline.stage_cache import usage

    root = cases_dir(cases)
    found = []
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if not (folder / "case.toml").is_file():
            continue
        try:
            files, size = usage(open_case(folder.name, cases=cases))
        except SpmcError:  # examine() tells of it
            continue
        if files:
            found.append({"case": folder.name, "files": files, "bytes": size})
    return found


def _packages(problem: Callable[[str, str], None]) -> None:
    for name in REQUIRED:
        try:
            importlib.import_module(name)
        except Exception as error:  # a broken binary package raises all sorts of things
            problem(f"The package {name} does not load ({type(error).__name__}).", "Type: make setup")


def _cage(problem: Callable[[str, str], None], note: Callable[[str, str], None]) -> None:
    from spmc_tools.cage.cage import held

    try:
        found = set(held())
    except OSError as error:
        problem(f"Received files cannot be read apart ({str(error)[:80]}).", "Type: make setup")
        return
    if not {"own_network", "filter"} & found:
        note(
            "Received files are read in a process of their own, with limits, but this system does not keep it from the "
            "network.",
            "Take the machine off the network, or use Linux, where files of unknown origin are imported.",
        )
    if lacking := sorted({"memory", "processor", "files"} - found):
        note(f"The process that reads received files has no limit of {', '.join(lacking)} here.", "Use Linux.")


def _snscrape(note: Callable[[str, str], None]) -> None:
    from spmc_tools.importers.formats.x.snscrape_loader import load

    for name in ("telegram", "twitter"):
        try:
            load(name)
        except Exception as error:
            python = ".".join(map(str, sys.version_info[:2]))
            note(
                f"snscrape's module {name} does not load on Python {python} ({type(error).__name__}).",
                "Its JSONL files can be imported all the same.",
            )


def _fonts(problem: Callable[[str, str], None]) -> None:
    import fontpkg

    for family in FONTS:
        try:
            fontpkg.path(family)
        except Exception:
            problem(f"The font {family} is missing: Hindi would not be drawn.", "Type: make setup")


def _programs(note: Callable[[str, str], None]) -> None:
    from spmc_tools.coaction.engines.spark_engine import what_spark_lacks
    from spmc_tools.report.page.browser import find_chromium

    if find_chromium() is None:
        note("No Chromium here: reports are written as HTML, not as PDF.", "Install Chromium, Chrome or Edge.")
    lacks = what_spark_lacks()
    if lacks is not None:
        what, do = lacks
        note(f'{what}; only engine="spark" needs it.', f"{do[0].upper()}{do[1:]}.")


def _heads(root: Path, note: Callable[[str, str], None]) -> None:
    """Say where the heads of the logs do not go out each day: only a schedule that is called sends them by itself."""
    from spmc_tools.case.log.anchors import ANCHORS, anchors_file
    from spmc_tools.case.log.mailed_anchors import MAIL, last_day, mail_is_set

    if anchors_file() is None and not mail_is_set():
        note(
            "No anchor goes out: a log that is written anew as a whole would not be noticed.",
            f"Name a file on another disk or share in {ANCHORS}, or a mail server in {MAIL}; docs/howto/custody.md.",
        )
        return
    last = last_day(root)
    if last is None or last < f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}":
        note(
            "The heads of the logs do not go out each day by themselves, only with what is done in a case "
            f"({f'last on {last}' if last else 'they never did'}).",
            "Let spmc schedule run be called: spmc schedule install FILE.toml --kind systemd|cron|windows --out DIR",
        )


def _cases(cases: Path | None, problem: Callable[[str, str], None], note: Callable[[str, str], None]) -> None:
    from spmc_tools.case.log.mailed_anchors import waiting
    from spmc_tools.case.log.outside_log import OUTSIDE_LOG
    from spmc_tools.case.log.outside_log import check as check_outside
    from spmc_tools.case.store.case import open_case
    from spmc_tools.case.store.case_folder import cases_dir
    from spmc_tools.case.store.retention import expired
    from spmc_tools.custody.records.case_disposal import left_over

    root = cases_dir(cases)
    if WINDOWS and not root.resolve().is_relative_to(Path.home().resolve()):
        note(
            f"Cases lie outside your own folder ({root}): on Windows other users of this machine may read them there.",
            "Set SPMC_CASES to a folder of your own, or let only yourself in (Properties, Security).",
        )
    if not root.is_dir():
        note(f"There is no case yet in {root}.", "Type: spmc demo")
        return
    if (free := shutil.disk_usage(root).free) < LEAST_FREE_BYTES:
        problem(f"Only {free / 1e9:.1f} GB are free where cases live ({root}).", "Make room before the next import.")
    if broken := check_outside(root):
        problem(f"The log of refused files is broken: {broken}.", f"Keep a copy of {root / OUTSIDE_LOG} and report it.")
    if (unsent := waiting(root))[0]:
        problem(f"{unsent[0]:,} anchors wait to be mailed: {unsent[1] or 'not tried yet'}", "They are tried again.")
    if any(root.glob("[!.]*/ledger.sqlite")):
        _heads(root, note)
    for name in left_over(root):
        problem(f"The disposal of a case was broken off ({name}).", "Type its spmc dispose again.")
    for folder in sorted(root.iterdir()):
        if not (folder / "case.toml").is_file():
            continue
        try:
            case = open_case(folder.name, cases=cases)
        except SpmcError as error:
            problem(f"The case {folder.name} does not open: {error}", "")
            continue
        if broken := case.ledger.check():
            problem(f"The ledger of case {folder.name} is broken: {broken}.", f"Type: spmc verify {folder}")
        if expired(case.settings):
            what = (
                f"Dispose of it: spmc dispose {folder.name} --confirm {folder.name} --reason TEXT; or extend it: "
                f"spmc extend {folder.name} --to DATE --reason TEXT"
            )
            problem(f"The case {folder.name} expired on {case.settings.expires}.", what)
