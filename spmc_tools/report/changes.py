"""What changed since the last report of the same notebook: groups that are new, gone, grown or smaller.

Groups are matched by their members, as :mod:`spmc_tools.findings.matched_groups` says.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import IntegrityError
from spmc_tools.findings.matched_groups import Matched, matched
from spmc_tools.report.groups import NAMED, groups
from spmc_tools.report.manifest import MANIFEST, read_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spmc_tools.case.store import Case

__all__ = ["Matched", "changes", "matched", "previous_run"]

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


def changes(case: Case, found: Any) -> dict[str, Any]:
    """Return what is new, gone, grown or smaller since the last report of this notebook.

    Returns
    -------
    dict
        ``before``: run and time of that report, None where there is none; ``lost``: its results are not there any
        more; ``part``: only a part of the case was looked at, which is not compared; ``new``, ``gone``, ``grown``,
        ``smaller``: rows with ``group`` (its number on this page), ``size`` (accounts that may be named) and
        ``traces``, and of those that changed ``was``, ``joined`` and ``left``; ``same``: groups without a change.
    """
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
