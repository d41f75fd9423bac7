"""A line-up drawn from what a report rests on: its groups, the posts of its files, ordinary accounts of its case."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from spmc_tools.case.acts.line_up_entries import PANELS, permuted
from spmc_tools.case.acts.marks import marks_of
from spmc_tools.case.log.ledger import canonical_json
from spmc_tools.custody.lineup.fillers import draw
from spmc_tools.custody.lineup.panels import Panel, panels, things_of
from spmc_tools.desks.base.calendar import IST, find_event
from spmc_tools.errors import CaseError, IntegrityError
from spmc_tools.findings.result.received_records import received
from spmc_tools.report.scope.scope import compared_records
from spmc_tools.report.sections.groups.shown_groups import NAMED

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    import pyarrow as pa

    from spmc_tools.case.store.case import Case

__all__ = ["CasePanels", "LinedUp", "whole_days"]


@dataclass(frozen=True, slots=True)
class LinedUp:
    """The line-up of one group.

    Attributes
    ----------
    group : int
        Its place in the report.
    panels : tuple of Panel
        In the order in which they are shown; empty where none could be drawn.
    why : str or None
        Why none could be drawn.
    digest : str
        Over the accounts of each panel, by which the draw can be told again.
    """

    group: int
    panels: tuple[Panel, ...]
    why: str | None
    digest: str


def whole_days(first: datetime, last: datetime) -> tuple[datetime, datetime]:
    """Return the ends of an axis on which no post of the group stands at an end: whole days (IST), or whole hours.

    An axis from the first to the last post of the group would tell it.
    """
    step = timedelta(hours=1) if last - first < timedelta(hours=12) else timedelta(days=1)
    start = first.astimezone(IST)
    start = start.replace(minute=0, second=0, microsecond=0) if step < timedelta(days=1) else _midnight(start)
    parts = (last.astimezone(IST) - start) // step + 1
    return start.astimezone(UTC), (start + parts * step).astimezone(UTC)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


class CasePanels:
    """What line-ups of one report are drawn from, read once.

    Parameters
    ----------
    case : Case
        Whose report it is.
    manifest : mapping
        Of the report, compared with the custody log before.

    Raises
    ------
    CaseError
        Where the results that the report rests on are not there any more.
    IntegrityError
        Where they are not what its manifest says.
    """

    def __init__(self, case: Case, manifest: Mapping[str, Any]) -> None:
        self._case, self._manifest = case, manifest
        self._read: pd.DataFrame | None = None
        clusters, accounts = (self._result(name).to_pandas() for name in ("clusters", "accounts"))
        may = set(accounts.loc[accounts["tier"].isin(NAMED), "account_id"])
        self._groups = [row for row in clusters.to_dict("records") if may & set(row["accounts"])]
        self._may = may
        looked_at = set(accounts.loc[accounts["tier"].notna(), "account_id"])
        listed = {entry.account_id for entry in case.settings.context} | set(marks_of(case).standing())
        self._apart = {account for row in clusters["accounts"] for account in row} | looked_at | listed

    def _result(self, name: str) -> pa.Table:
        import pyarrow.parquet as pq

        listed = [item for item in self._manifest.get("results", []) if str(item["path"]).endswith(f"/{name}.parquet")]
        if not listed:
            raise CaseError(f"Run {self._manifest.get('run_id')} rests on no results, so no group of it is lined up.")
        try:
            content = (self._case.path / str(listed[-1]["path"])).read_bytes()
        except OSError:
            raise CaseError(
                f"The results that run {self._manifest.get('run_id')} rests on are not there any more; make the report "
                "again and review that one, or skip the line-up with a reason."
            ) from None
        if hashlib.sha256(content).hexdigest() != listed[-1]["sha256"]:
            raise IntegrityError(f"{listed[-1]['path']} is not what run {self._manifest.get('run_id')} rests on.")
        return pq.read_table(io.BytesIO(content))

    def _posts(self) -> pd.DataFrame:
        """Return the posts of the files that the report rests on, under the ids of its accounts."""
        if self._read is None:
            sources = {str(item["sha256"]) for item in self._manifest["inputs"]}
            records = self._case.records(posts_only=True)
            known = compared_records(self._case, records[records["source_sha256"].isin(sources)])
            self._table = received(known).table
            self._read = self._table.to_pandas()
        return self._read

    def lined_up(self, group: int, seed: str) -> LinedUp:
        """Return the line-up of the group at this place, from 1, as this seed draws it."""
        row = self._groups[group - 1]
        lot = np.random.default_rng(np.frombuffer(hashlib.sha256(f"draw {seed}".encode()).digest(), "uint32"))
        posts = self._posts()
        first, last = whole_days(row["first_t"].to_pydatetime(), row["last_t"].to_pydatetime())
        within = posts[(posts["created_at"] >= first) & (posts["created_at"] < last)]
        members = sorted(self._may & set(row["accounts"]))
        drawn = draw(within, members, self._apart, lot)
        digest = hashlib.sha256(canonical_json([sorted(accounts) for accounts in drawn.panels]).encode()).hexdigest()
        if drawn.why is not None:
            return LinedUp(group, (), drawn.why, digest)
        order = [drawn.panels[place] for place in permuted(seed)]
        shown = within[within["account_id"].isin({account for accounts in order for account in accounts})]
        wanted = pc.is_in(self._table["record_id"], value_set=pc.cast(shown["record_id"].tolist(), "string"))
        things = things_of(self._table.filter(wanted), [str(name) for name in row["traces"]])
        event = find_event(self._case.settings.event)
        made = panels(shown, order, things, (first, last), event, lot)
        return LinedUp(
            group,
            tuple(
                Panel(name=name, picture=picture, posts=listed)
                for name, (picture, listed) in zip(PANELS, made, strict=True)
            ),
            None,
            digest,
        )
