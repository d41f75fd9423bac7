"""What changed since the last report of the same notebook: groups and rows of the queue, new, gone, grown or smaller.

Groups are matched by their members, as :mod:`spmc_tools.findings.clusters.matched_groups` says; rows of the queue of
posts by the name of their text (:func:`spmc_tools.desks.watch.watch_terms.thing_id`).
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import IntegrityError
from spmc_tools.findings.clusters.matched_groups import Matched, matched
from spmc_tools.report.sections.groups.headline import last_look
from spmc_tools.report.sections.groups.shown_groups import NAMED, groups
from spmc_tools.report.sections.watch.watch_values import queue_changes
from spmc_tools.report.words.notebook_file import MIME
from spmc_tools.signing.cites import cited_in, taken_back
from spmc_tools.signing.manifest import MANIFEST, read_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spmc_tools.case.store.case import Case
    from spmc_tools.report.scope.scope import Scope

__all__ = ["Matched", "changes", "matched", "previous_run"]

NOTEBOOK = "notebook.ipynb"
_SAME = ("traces", "windows_s")
_RUN = re.compile(r"\d{8}T\d{6}Z-(.+)-[0-9a-f]{4}")


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


def changes(case: Case, scope: Scope, found: Any) -> dict[str, Any]:
    """Return what is new, gone, grown or smaller since the last report of this notebook.

    Returns
    -------
    dict
        ``before``: run and time of that report, None where there is none; ``lost``: its results are not there any
        more; ``part``: only a part of the case was looked at, which is not compared; ``new``, ``gone``, ``grown``,
        ``smaller``: rows with ``group`` (its number on this page), ``size`` (accounts that may be named) and
        ``traces``, and of those that changed ``was``, ``joined`` and ``left``; ``same``: groups without a change.
        ``queue``: what :func:`spmc_tools.report.sections.watch.watch_values.queue_changes` says beside the last report
        that holds a
        queue of the same days, with its ``run`` and ``made_at``; None where there is none. ``look``: where the groups
        are those of an earlier look, what :func:`spmc_tools.report.sections.groups.headline.last_look` says.
        ``withdrawn``: the
        reports compared with that were withdrawn, as :func:`spmc_tools.signing.cites.taken_back` gives them.
    """
    made = {**_of_groups(case, found), "queue": _of_queue(case, scope, found), "look": last_look(scope)}
    compared = cited_in([], {"changes": {"values": made}})
    return {**made, "withdrawn": taken_back(case.ledger.entries(), compared)}


def _of_queue(case: Case, scope: Scope, found: Any) -> dict[str, Any] | None:
    """Return what changed in the queue of posts; None where no earlier report can be compared with."""
    notebook = notebook_of(os.environ.get("SPMC_RUN", ""))
    for entry in reversed(case.ledger.entries()):
        run_id = str(entry["payload"].get("run_id"))
        if entry["kind"] != "report" or entry["payload"].get("status") == "failed":
            continue
        if notebook is not None and notebook_of(run_id) != notebook:
            continue
        kept = _section_of(case, run_id, str(entry["payload"].get("manifest_sha256")), "watch")
        made = None if kept is None else queue_changes(case, scope, found, kept)
        if made is not None:
            return {"run": run_id, "made_at": entry["at"], **made}
    return None


def _section_of(case: Case, run_id: str, manifest_sha256: str, name: str) -> dict[str, Any] | None:
    """Return the values of a section of an earlier report; None where it has none, or is not what the log tells of."""
    import hashlib
    import json

    folder = case.path / "reports" / run_id
    try:
        manifest = (folder / MANIFEST).read_bytes()
        content = (folder / NOTEBOOK).read_bytes()
        files = {one["path"]: one["sha256"] for one in (read_manifest(manifest) or {})["files"]}
        if hashlib.sha256(manifest).hexdigest() != manifest_sha256:
            return None
        if hashlib.sha256(content).hexdigest() != files[NOTEBOOK]:
            return None
        for cell in json.loads(content)["cells"]:
            for output in cell.get("outputs", []):
                payload = output.get("data", {}).get(MIME)
                if isinstance(payload, dict) and payload.get("name") == name and not payload.get("missing"):
                    return dict(payload["values"])
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        return None
    return None


def _of_groups(case: Case, found: Any) -> dict[str, Any]:
    """Return what changed among the groups."""
    empty: dict[str, Any] = {"new": [], "gone": [], "grown": [], "smaller": [], "same": 0, "part": False}
    if found.derived is None:
        return {"before": None, "lost": False, **empty, "part": True}
    manifest = previous_run(case, notebook_of(os.environ.get("SPMC_RUN", "")), found.parameters)
    if manifest is None:
        return {"before": None, "lost": False, **empty}
    told = {"run": manifest["run_id"], "at": manifest["at"]["utc"]}
    earlier = _groups_of(case, manifest)
    if earlier is None:
        return {"before": told, "lost": True, **empty}
    later = [{"members": set(one.named), "traces": list(one.row["traces"])} for one in groups(found)]
    pairs = matched([one["members"] for one in earlier], [one["members"] for one in later])
    rows: dict[str, list[dict[str, Any]]] = {"grown": [], "smaller": []}
    same = 0
    for a, b in pairs.same:
        was, now = earlier[a]["members"], later[b]["members"]
        joined, left = len(now - was), len(was - now)
        row: dict[str, Any] = {"group": b + 1, "size": len(now), "was": len(was), "joined": joined, "left": left}
        row["traces"] = later[b]["traces"]
        if not joined and not left:
            same += 1
        else:
            rows["grown" if joined >= left else "smaller"].append(row)
    return {
        "before": told,
        "lost": False,
        "part": False,
        "new": [_row(later[b], b + 1) for b in pairs.new],
        "gone": [_row(earlier[a], None) for a in pairs.gone],
        **rows,
        "same": same,
    }


def _row(one: Mapping[str, Any], number: int | None) -> dict[str, Any]:
    return {"group": number, "size": len(one["members"]), "traces": one["traces"]}


def _groups_of(case: Case, manifest: Mapping[str, Any]) -> list[dict[str, Any]] | None:
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
    found = [{"members": may.intersection(row["accounts"]), "traces": list(row["traces"])} for row in clusters]
    return [one for one in found if one["members"]]


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
