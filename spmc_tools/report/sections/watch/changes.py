"""What changed since the last report of the same notebook: groups and rows of the queue, new, gone, grown or smaller.

Groups are matched by their members, as :mod:`spmc_tools.findings.clusters.matched_groups` says; rows of the queue of
posts by the name of their text (:func:`spmc_tools.desks.watch.watch_terms.thing_id`).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import IntegrityError, TableError
from spmc_tools.findings.clusters.matched_groups import Matched, matched
from spmc_tools.report.sections.groups.headline import last_look
from spmc_tools.report.sections.groups.headline_values import LastRun
from spmc_tools.report.sections.groups.shown_groups import NAMED, groups
from spmc_tools.report.sections.watch.watch_rows import Queue, QueueChanges
from spmc_tools.report.sections.watch.watch_values import EarlierQueue, queue_changes
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.privacy import Clock, Code, Count, Flag, Time, Wording
from spmc_tools.report.values.section_values import from_json, section_values
from spmc_tools.report.words.notebook_file import MIME
from spmc_tools.signing.cited_reports import taken_back
from spmc_tools.signing.manifest import MANIFEST, read_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.report.scope.scope import Scope

__all__ = [
    "SECTIONS",
    "ChangedGroup",
    "Changes",
    "EarlierReport",
    "GroupSize",
    "Matched",
    "WithdrawnReport",
    "changes",
    "matched",
    "previous_run",
]

NOTEBOOK = "notebook.ipynb"
_SAME = ("traces", "windows_s")
_RUN = re.compile(r"\d{8}T\d{6}Z-(.+)-[0-9a-f]{4}")


@section_values
class EarlierReport:
    """The report that groups are compared with: its run and when it was made."""

    run: Code
    at: Clock


@section_values
class GroupSize:
    """A group: its number on the page (None: it is not there any more), accounts that may be named, what they did."""

    group: Count | None
    size: Count
    traces: tuple[Code, ...]


@section_values
class ChangedGroup:
    """A group of the page whose accounts changed: how many they were, joined and left."""

    group: Count
    size: Count
    was: Count
    joined: Count
    left: Count
    traces: tuple[Code, ...]


@section_values
class WithdrawnReport:
    """A report that was withdrawn: when (outside the office the hour), by whom and why."""

    run: Code
    at: Time
    officer: Wording
    reason: Wording


@section_values
class Changes:
    """What is new, gone, grown or smaller since the last report of this notebook.

    ``before``: None where there is none; ``lost``: its results are not there any more; ``part``: only a part of the
    case was looked at, which is not compared; ``same``: groups without a change; ``queue``: what changed beside the
    last report that holds a queue of the same days; ``withdrawn``: those of the reports compared with that were
    withdrawn since.
    """

    before: EarlierReport | None
    lost: Flag
    part: Flag
    new: tuple[GroupSize, ...]
    gone: tuple[GroupSize, ...]
    grown: tuple[ChangedGroup, ...]
    smaller: tuple[ChangedGroup, ...]
    same: Count
    queue: QueueChanges | None
    look: LastRun | None
    withdrawn: tuple[WithdrawnReport, ...] = ()

    def compared_with(self) -> tuple[str, ...]:
        """Return the runs of the reports that this one is compared with."""
        return tuple(report.run for report in (self.before, self.queue) if report is not None)


def notebook_of(run_id: str) -> str | None:
    """Return the name of the notebook that a run's id holds."""
    found = _RUN.fullmatch(run_id)
    return found[1] if found else None


def previous_run(
    case: Case, notebook: str | None = None, asked: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """Return the manifest of the last finished report with results; None where there is none.

    Parameters
    ----------
    case : Case
        Of whose reports.
    notebook : str, optional
        Only its reports; None: any.
    asked : mapping, optional
        Parameters of the investigation; only reports that asked for the same traces and windows count. None: any.
    """
    entries = case.ledger.entries()
    wanted = {name: (asked or {}).get(name) for name in _SAME}
    fitting = {
        entry["payload"].get("run")
        for entry in entries
        if entry["kind"] == "investigate"
        and (asked is None or {name: entry["payload"]["parameters"].get(name) for name in _SAME} == wanted)
    }
    for entry in reversed(entries):
        run_id = str(entry["payload"].get("run_id"))
        if entry["kind"] != "report" or entry["payload"].get("status") == "failed" or run_id not in fitting:
            continue
        if notebook is not None and notebook_of(run_id) != notebook:
            continue
        try:
            manifest = read_manifest((case.path / "reports" / run_id / MANIFEST).read_bytes())
        except OSError:
            continue
        if manifest is not None and manifest.get("results"):
            return manifest
    return None


def changes(case: Case, scope: Scope, found: Findings) -> Changes:
    """Return what is new, gone, grown or smaller since the last report of this notebook."""
    made = replace(_of_groups(case, found), queue=_of_queue(case, scope, found), look=last_look(scope))
    gone = taken_back(case.ledger.entries(), made.compared_with())
    withdrawn = tuple(
        WithdrawnReport(
            run=entry["run"], at=datetime.fromisoformat(entry["at"]), officer=entry["officer"], reason=entry["reason"]
        )
        for entry in gone
    )
    return replace(made, withdrawn=withdrawn)


def _of_queue(case: Case, scope: Scope, found: Findings) -> QueueChanges | None:
    """Return what changed in the queue of posts; None where no earlier report can be compared with."""
    notebook = notebook_of(os.environ.get("SPMC_RUN", ""))
    for entry in reversed(case.ledger.entries()):
        run_id = str(entry["payload"].get("run_id"))
        if entry["kind"] != "report" or entry["payload"].get("status") == "failed":
            continue
        if notebook is not None and notebook_of(run_id) != notebook:
            continue
        kept = _queue_of(case, run_id, str(entry["payload"].get("manifest_sha256")))
        if kept is None:
            continue
        before = EarlierQueue(kept, run_id, datetime.fromisoformat(entry["at"]))
        made = queue_changes(case, scope, found, before)
        if made is not None:
            return made
    return None


def _queue_of(case: Case, run_id: str, manifest_sha256: str) -> Queue | None:
    """Return the queue of an earlier report; None where it has none, or is not what the log tells of."""
    import hashlib
    import json

    folder = case.path / "reports" / run_id
    try:
        manifest = (folder / MANIFEST).read_bytes()
        content = (folder / NOTEBOOK).read_bytes()
        files = {file["path"]: file["sha256"] for file in (read_manifest(manifest) or {})["files"]}
        if hashlib.sha256(manifest).hexdigest() != manifest_sha256:
            return None
        if hashlib.sha256(content).hexdigest() != files[NOTEBOOK]:
            return None
        for cell in json.loads(content)["cells"]:
            for output in cell.get("outputs", []):
                payload = output.get("data", {}).get(MIME)
                if isinstance(payload, dict) and payload.get("name") == "watch" and not payload.get("missing"):
                    return from_json(Queue, payload["values"])
    except (OSError, KeyError, TypeError, ValueError, AttributeError, TableError):
        return None
    return None


@dataclass(frozen=True)
class _Members:
    """A group of this report or of an earlier one: its accounts that may be named, and what they did."""

    accounts: frozenset[str]
    traces: tuple[str, ...]

    def size(self, number: int | None) -> GroupSize:
        """Return the group by its number on the page."""
        return GroupSize(group=number, size=len(self.accounts), traces=self.traces)


_NOTHING = Changes(
    before=None, lost=False, part=False, new=(), gone=(), grown=(), smaller=(), same=0, queue=None, look=None
)


def _of_groups(case: Case, found: Findings) -> Changes:
    """Return what changed among the groups."""
    if found.derived is None:
        return replace(_NOTHING, part=True)
    manifest = previous_run(case, notebook_of(os.environ.get("SPMC_RUN", "")), found.parameters)
    if manifest is None:
        return _NOTHING
    before = EarlierReport(run=manifest["run_id"], at=datetime.fromisoformat(manifest["at"]["utc"]))
    earlier = _groups_of(case, manifest)
    if earlier is None:
        return replace(_NOTHING, before=before, lost=True)
    later = [_Members(frozenset(group.named), tuple(group.row["traces"])) for group in groups(found)]
    pairs = matched([members.accounts for members in earlier], [members.accounts for members in later])
    both = [_changed(earlier[a].accounts, later[b], b + 1) for a, b in pairs.same]
    moved = [group for group in both if group.joined or group.left]
    return replace(
        _NOTHING,
        before=before,
        new=tuple(later[b].size(b + 1) for b in pairs.new),
        gone=tuple(earlier[a].size(None) for a in pairs.gone),
        grown=tuple(group for group in moved if group.joined >= group.left),
        smaller=tuple(group for group in moved if group.joined < group.left),
        same=len(both) - len(moved),
    )


def _changed(was: frozenset[str], now: _Members, number: int) -> ChangedGroup:
    """Return a group that was there before, with how many accounts joined and left."""
    return ChangedGroup(
        group=number,
        size=len(now.accounts),
        was=len(was),
        joined=len(now.accounts - was),
        left=len(was - now.accounts),
        traces=now.traces,
    )


def _groups_of(case: Case, manifest: Mapping[str, Any]) -> list[_Members] | None:
    """Return the groups with accounts that may be named of an earlier report; None where its results are gone."""
    tables = {}
    for item in manifest["results"]:
        name = str(item["path"]).rpartition("/")[2]
        if name in {"accounts.parquet", "clusters.parquet"}:
            tables[name] = item
    try:
        accounts = _read(case, tables["accounts.parquet"], ["account_id", "tier"])
        clusters = _read(case, tables["clusters.parquet"], ["accounts", "traces"])
    except (KeyError, OSError, ValueError, IntegrityError):
        return None
    may = {row["account_id"] for row in accounts if row["tier"] in NAMED}
    found = [_Members(frozenset(may.intersection(row["accounts"])), tuple(row["traces"])) for row in clusters]
    return [members for members in found if members.accounts]


def _read(case: Case, item: Mapping[str, Any], columns: list[str]) -> list[dict[str, Any]]:
    """Return rows of a result whose hash is the one of the manifest; what is compared is what is read."""
    import hashlib

    import pyarrow as pa
    import pyarrow.parquet as pq

    content = (case.path / str(item["path"])).read_bytes()
    if hashlib.sha256(content).hexdigest() != item["sha256"]:
        raise IntegrityError(f"{item['path']} is not the file of that report")
    rows: list[dict[str, Any]] = pq.read_table(pa.BufferReader(content), columns=columns).to_pylist()
    return rows


SECTIONS = (Declaration("changes", ("case", "scope", "found"), changes, Changes),)
"""The sections that stand in this module."""
