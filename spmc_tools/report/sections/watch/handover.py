"""The tables of a run for other programs, into its own folder: under pseudonyms until a review upholds the results."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from spmc_tools.report.scope.exports_folder import EDITION, exports_folder
from spmc_tools.report.sections.groups.shown_groups import groups
from spmc_tools.report.sections.watch.posts_annex import write_posts
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.privacy import Code, Count, Flag
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.findings.result.findings import Findings

__all__ = ["SECTIONS", "ExportedFile", "Exports", "exports"]

NAMES = ("findings.xlsx", "edges.csv", "network.graphml")
MOST = 20_000
"""Of more accounts, those of which nothing is found are left out of the files."""

LINKS = 5_000
"""Links that the workbook holds; a sheet of all the links of a large case takes longer to write than the page."""


@section_values
class ExportedFile:
    """A file in the folder of the exports and its size; its name is ours."""

    name: Code
    bytes: Count


@section_values
class Exports:
    """What was exported; ``why`` says why nothing was.

    ``why`` is ``no_run`` outside a run, ``period`` where only a part of the case was looked at (pseudonyms belong to
    findings of the whole case), else None. ``names``: they hold account ids, as a review upholds these results and the
    edition is the full one. ``left_out``: accounts that stand in no file, since nothing is found of them and there are
    more than :data:`MOST`. ``links_left_out``: of more than :data:`LINKS` links, those that stand in the table of edges
    and not in the workbook: it has the links that chance explains least, and their accounts. ``posts``: those of the
    findings in the annex of the full edition; None: there is no annex.
    """

    files: tuple[ExportedFile, ...] = ()
    why: Code | None = None
    names: Flag = False
    left_out: Count = 0
    links_left_out: Count = 0
    posts: Count | None = None


def exports(found: Findings) -> Exports:
    """Return what was exported into the folder of the run, by name and size."""
    folder = exports_folder()
    if folder is None:
        return Exports(why="no_run")
    posts = write_posts(found, Path(folder)) if os.environ.get(EDITION) == "full" and groups(found) else None
    if found.derived is None:
        return Exports(why="period", posts=posts)
    names = os.environ.get(EDITION) == "full" and getattr(found, "reviewed", False)
    if os.environ.get(EDITION) == "redacted":
        found = dataclasses.replace(found, tag_surges=found.tag_surges.iloc[:0])  # a tag can be somebody's name
    everybody = len(found.accounts)
    if everybody > MOST:
        found = dataclasses.replace(found, accounts=_with_something(found))
    files, short = [], _with_fewer_links(found, everybody > MOST)
    for name in NAMES:
        exported, path = short if name.endswith(".xlsx") else found, Path(folder) / name
        path = exported.export(path, names=names) if names else exported.export(path)
        files.append(ExportedFile(name=path.name, bytes=path.stat().st_size))
    return Exports(
        files=tuple(files),
        names=names,
        left_out=everybody - len(found.accounts),
        posts=posts,
        links_left_out=len(found.edges) - len(short.edges),
    )


def _with_fewer_links(found: Findings, many: bool) -> Findings:
    """Return findings with the links that chance explains least; of many accounts, those that have one or a finding."""
    if len(found.edges) <= LINKS:
        return found
    surest = found.edges.sort_values(["q", "p"], kind="stable").index[:LINKS]
    short = dataclasses.replace(found, edges=found.edges.loc[surest.sort_values()].reset_index(drop=True))
    return dataclasses.replace(short, accounts=_with_something(short)) if many else short


def _with_something(found: Findings) -> pd.DataFrame:
    """Return the rows of the accounts that have a tier, or stand in a group, a link or a signal."""
    accounts = found.accounts
    seen = {*found.edges["account_a"], *found.edges["account_b"], *found.signals["account_id"]}
    for column in (found.clusters["accounts"], found.signals["partners"]):
        seen.update(account for members in column for account in members)
    kept = accounts["tier"].notna() | accounts["cluster_id"].notna() | accounts["account_id"].isin(seen)
    rows: pd.DataFrame = accounts[kept].reset_index(drop=True)
    return rows


SECTIONS = (Declaration("exports", ("found",), exports, Exports),)
"""The sections that stand in this module."""
