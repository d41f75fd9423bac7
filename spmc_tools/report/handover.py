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


def exports(found: Any) -> dict[str, Any]:
    """Return what was exported, by name and size; ``why`` says why nothing was.

    ``why`` is ``no_run`` outside a run, ``period`` where only a part of the case was looked at (pseudonyms belong to
    findings of the whole case), else None. ``names``: they hold account ids, as a review upholds these results and the
    edition is the full one. ``left_out``: accounts that stand in no file, since nothing is found of them and there are
    more than :data:`MOST`.
    """
    folder = os.environ.get(FOLDER)
    if not folder:
        return {"files": [], "why": "no_run", "names": False, "left_out": 0}
    if found.derived is None:
        return {"files": [], "why": "period", "names": False, "left_out": 0}
    names = os.environ.get(EDITION) == "full" and getattr(found, "reviewed", False)
    if os.environ.get(EDITION) == "redacted":
        found = dataclasses.replace(found, tag_surges=found.tag_surges.iloc[:0])  # a tag can be somebody's name
    everybody = len(found.accounts)
    if everybody > MOST:
        found = dataclasses.replace(found, accounts=_with_something(found))
    files = []
    for name in NAMES:
        path = found.export(Path(folder) / name, names=names) if names else found.export(Path(folder) / name)
        files.append({"name": path.name, "bytes": path.stat().st_size})
    return {"files": files, "why": None, "names": names, "left_out": everybody - len(found.accounts)}


def _with_something(found: Any) -> Any:
    """Return the rows of the accounts that have a tier, or stand in a group, a link or a signal."""
    accounts = found.accounts
    seen = {*found.edges["account_a"], *found.edges["account_b"], *found.signals["account_id"]}
    for column in (found.clusters["accounts"], found.signals["partners"]):
        seen.update(account for members in column for account in members)
    kept = accounts["tier"].notna() | accounts["cluster_id"].notna() | accounts["account_id"].isin(seen)
    return accounts[kept].reset_index(drop=True)
