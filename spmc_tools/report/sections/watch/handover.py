"""The tables of a run for other programs, into its own folder: under pseudonyms until a review upholds the results."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "exports"]

FOLDER = "SPMC_EXPORTS"
"""Environment variable of a run: where its exports go. Outside a run nothing is written."""

EDITION = "SPMC_EDITION"
"""Environment variable of a run: its edition."""

NAMES = ("findings.xlsx", "edges.csv", "network.graphml")
MOST = 20_000
"""Of more accounts, those of which nothing is found are left out of the files."""

LINKS = 5_000
"""Links that the workbook holds; a sheet of all the links of a large case takes longer to write than the page."""


def exports(found: Any) -> dict[str, Any]:
    """Return what was exported, by name and size; ``why`` says why nothing was.

    ``why`` is ``no_run`` outside a run, ``period`` where only a part of the case was looked at (pseudonyms belong to
    findings of the whole case), else None. ``names``: they hold account ids, as a review upholds these results and the
    edition is the full one. ``left_out``: accounts that stand in no file, since nothing is found of them and there are
    more than :data:`MOST`. ``links_left_out``: of more than :data:`LINKS` links, those that stand in the table of edges
    and not in the workbook: it has the links that chance explains least, and their accounts.
    """
    folder = os.environ.get(FOLDER)
    if not folder:
        return {"files": [], "why": "no_run", "names": False, "left_out": 0, "links_left_out": 0}
    if found.derived is None:
        return {"files": [], "why": "period", "names": False, "left_out": 0, "links_left_out": 0}
    names = os.environ.get(EDITION) == "full" and getattr(found, "reviewed", False)
    if os.environ.get(EDITION) == "redacted":
        found = dataclasses.replace(found, tag_surges=found.tag_surges.iloc[:0])  # a tag can be somebody's name
    everybody = len(found.accounts)
    if everybody > MOST:
        found = dataclasses.replace(found, accounts=_with_something(found))
    files, short = [], _with_fewer_links(found, everybody > MOST)
    for name in NAMES:
        told, path = short if name.endswith(".xlsx") else found, Path(folder) / name
        path = told.export(path, names=names) if names else told.export(path)
        files.append({"name": path.name, "bytes": path.stat().st_size})
    left_out = {"left_out": everybody - len(found.accounts), "links_left_out": len(found.edges) - len(short.edges)}
    return {"files": files, "why": None, "names": names, **left_out}


def _with_fewer_links(found: Any, many: bool) -> Any:
    """Return findings with the links that chance explains least; of many accounts, those that have one or a finding."""
    if len(found.edges) <= LINKS:
        return found
    surest = found.edges.sort_values(["q", "p"], kind="stable").index[:LINKS]
    short = dataclasses.replace(found, edges=found.edges.loc[surest.sort_values()].reset_index(drop=True))
    return dataclasses.replace(short, accounts=_with_something(short)) if many else short


def _with_something(found: Any) -> Any:
    """Return the rows of the accounts that have a tier, or stand in a group, a link or a signal."""
    accounts = found.accounts
    seen = {*found.edges["account_a"], *found.edges["account_b"], *found.signals["account_id"]}
    for column in (found.clusters["accounts"], found.signals["partners"]):
        seen.update(account for members in column for account in members)
    kept = accounts["tier"].notna() | accounts["cluster_id"].notna() | accounts["account_id"].isin(seen)
    return accounts[kept].reset_index(drop=True)
