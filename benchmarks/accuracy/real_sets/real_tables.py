"""The real tables that lie outside the project: records, and which accounts are labelled."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.accuracy.measurement.results import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CROWDS", "LABELLED", "RealDataMissing", "RealTable", "real_folder", "real_tables", "table_of"]

LABELLED = ("deleting_bots_300", "attributed_2015")
CROWDS = ("crowd_demonetisation", "crowd_airline", "crowd_hk")
"""Nobody there may be named."""

COMMON_SHARE = 0.01


class RealDataMissing(Exception):  # noqa: N818 -- what is said is that it is not there
    """The real tables are not on this machine; the sentence says where they were looked for."""


@dataclass(frozen=True, slots=True)
class RealTable:
    """Records of real accounts, some of them labelled.

    Attributes
    ----------
    name : str
    records : pandas.DataFrame
        Columns of ``RECORDS``; the label is no column of it.
    labelled : pandas.Series of bool
        By account id, ascending; False throughout for a crowd.
    """

    name: str
    records: pd.DataFrame
    labelled: pd.Series

    @property
    def n_posts(self) -> pd.Series:
        """Number of records by account id, ascending: the order of ``labelled``."""
        return self.records.groupby("account_id").size().reindex(self.labelled.index, fill_value=0)

    @property
    def bin_s(self) -> int:
        """Width of a common bin in seconds: 2, or 60 where times are known to the minute."""
        return 60 if self.records["time_precision_s"].max() >= 60 else 2

    def common_days(self) -> list[pd.Timestamp]:
        """Return the days (UTC) on which labelled and other accounts each have at least 1 % of their records."""
        labelled = self.records["account_id"].map(self.labelled).to_numpy(bool)
        day = self.records["created_at"].dt.floor("D")
        shares = [day[kind].value_counts(normalize=True) for kind in (labelled, ~labelled)]
        both = pd.concat(shares, axis=1, sort=False).fillna(0.0).min(axis=1)
        return sorted(both.index[both >= COMMON_SHARE])

    def on_days(self, days: list[pd.Timestamp]) -> RealTable:
        """Return the table with the records of these days (UTC) and the accounts that have any."""
        records = self.records[self.records["created_at"].dt.floor("D").isin(days)].reset_index(drop=True)
        return RealTable(self.name, records, self.labelled[self.labelled.index.isin(records["account_id"])])


def table_of(name: str, rows: pd.DataFrame) -> RealTable:
    """Return the table of these rows; ``label`` is 1 for labelled accounts and 0 or absent for others."""
    label = rows["label"] if "label" in rows.columns else pd.Series(np.zeros(len(rows), int), rows.index)
    labelled = label.groupby(rows["account_id"]).max().astype(bool).sort_index()
    return RealTable(name, rows.drop(columns="label", errors="ignore"), labelled)


def real_folder() -> Path:
    """Return the folder ``real`` of the shared data: under ``SPMC_SHARED_DATA``, else beside the project."""
    return Path(os.environ.get("SPMC_SHARED_DATA", ROOT.parent / "shared" / "data")) / "real"


def real_tables(folder: Path) -> Iterator[RealTable]:
    """Yield the labelled tables, then the crowds.

    Raises
    ------
    RealDataMissing
        Before any is read, where one of the files is not there; the sentence names all that are missing.
    """
    paths = [folder / f"{name}.parquet" for name in (*LABELLED, *CROWDS)]
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        raise RealDataMissing(
            f"Real tables: {len(missing)} of {len(paths)} files are not in {folder} ({', '.join(missing)}); they are "
            "other people's posts and no part of the project. Set SPMC_SHARED_DATA to the folder that holds real/."
        )
    return (table_of(path.stem, pd.read_parquet(path)) for path in paths)
