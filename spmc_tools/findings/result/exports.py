r"""Findings as files for other programs: safe to open in a spreadsheet, and whole or absent.

=========  ===============================================================================================
suffix     what it holds
=========  ===============================================================================================
.csv       the edges, one row per trace, window and pair; UTF-8 with a byte-order mark, for spreadsheets
.parquet   the edges, with their types
.xlsx      sheets *accounts*, *edges*, *clusters*, *events*, *sessions*, *signals*, *tag_surges*, *reply_swarms*,
           *tests*
.graphml   the network: every account that may be named, and the edges that carry a finding, one per pair of
           accounts; ``carried_by`` says by what, ``basis`` of an account what its tier rests on
.gexf      the same
=========  ===============================================================================================

A name that ends in ``.objects.graphml`` or ``.objects.gexf`` holds accounts and things instead: every account with a
tier, every thing that its finding rests on, and a link where it touched the thing (``n_records``, ``by``: pairs,
event, session). Things are numbered, since a text or the id of a post is close to a name.

Each edge (CSV), the sheet *tests* (XLSX) and the schema's metadata (Parquet) say what q is computed from: ``m_tests``,
the pairs of accounts times windows of its trace; ``n_tested``, the pairs of them with at least three occasions, all
others counting as p = 1; ``n_tested_here``, those of them that stand in the file. With :math:`u` = ``n_tested`` -
``n_tested_here``, and the p of the pairs with three occasions and more that stand here in ascending order,

.. math:: \min_{l \ge k} \frac{m \, p_{(l)}}{l + u} \le q_{(k)} \le \min_{l \ge k} \frac{m \, p_{(l)}}{l},
          \quad \text{at most } 1

with equality where :math:`u = 0`; a pair counts as linked where q < .05. The network files hold, beside these pairs,
the weak edges inside proven groups: ``carried_by`` is *q* or *proven group*. A row without a window belongs to the
layer without times of its trace, which is a family of tests of its own.

The sheets *accounts*, *clusters* and *sessions* answer two questions apart. Whether they acted together: q and basis,
``max_q`` of a cluster's pairs, ``n_met`` beside ``expected_met``. Whether an ordinary pattern explains it:
``ordinary_patterns``, which a trace of the account, or of half of the members, has, and ``newsroom_pattern``; in the
network files ``pattern`` of an account. Accounts stand by tier, group and id: no file holds a score.

On a case the account ids are the case's pseudonyms. The order of the ids would tell something of them: there the two
accounts of an edge, the rows and the members stand in the order of their pseudonyms, and ``n_a_first`` is empty.
So would times: with a platform's own search the second of a post is close to a name. They are rounded down to the hour.
What accounts have in common (a handle, a description), what an event is about and which post was answered stay away
there, and so do accounts that have no pseudonym, as they posted nothing.

On a case each file says inside what it is of: the case, the results it rests on, and the run in which it was written
(empty outside of one). CSV: three last columns; XLSX: a sheet *about*; GraphML: data of the graph; GEXF: its
description; Parquet: metadata of the schema. The SHA-256 of the file stands in the custody log.

Below 10⁻⁹ the size of a probability is not calibrated: the sheets of a workbook say so in place of a number. The edges
keep theirs in every format, as q is computed again from them.

A text that a spreadsheet would read as a formula gets ``'`` in front (CSV, XLSX); control characters, which XML
cannot hold, become "�" (XLSX, GraphML, GEXF).
"""

from __future__ import annotations

import csv
import json
import math
import os
import re
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from spmc_tools.case.files.durable import sha256_file, sync_file, whole_or_absent
from spmc_tools.case.files.scratch import library_files_in
from spmc_tools.chance.statistics.false_discovery import MIN_OCCASIONS, in_far_tail
from spmc_tools.errors import ParameterError, quote
from spmc_tools.findings.clusters.ordinary_patterns import fitting
from spmc_tools.findings.result.exported_networks import accounts_graph, gexf, graphml, objects_graph

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from spmc_tools.case.store.case import Case

__all__ = ["FAR_TAIL", "SUFFIXES", "ExportedTables", "export", "formula_safe", "reviewed", "xml_safe"]

_FORMULA = re.compile(r"^[\s\ufeff\u200b-\u200f\u2060-\u206f\u202a-\u202e]*[=+\-@\t\r\n＝＋－＠﹢﹣﹦﹫−|%]")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x9f]")
TESTS = ("trace", "timed", "m_tests", "n_tested", "n_tested_here")
"""Columns of what q is computed from; ``timed`` is 1, or 0 for the layer without times of a trace."""

_TIMES = {"first_seen", "last_seen", "first_t", "last_t", "burst_t"}
_SHEETS = ("accounts", "edges", "clusters", "events", "sessions", "signals", "tag_surges", "reply_swarms", "tests")
FAR_TAIL = "below 10⁻⁹"
"""What the sheets of a workbook say for a probability of the far tail; the sheet *edges* keeps the numbers."""

_PROBABILITIES = {"p", "q", "max_q", "burst_q", "fdp"}
_SHEET_ROWS = 1_048_575
_CELL = 32_000


def formula_safe(value: str) -> str:
    """Return a text that no spreadsheet reads as a formula: ``'`` stands before what looks like one.

    Looks like one: the first visible character is = + - @ (full-width and small forms too), a minus sign, | or %, or
    the text begins with a tab or a line break.
    """
    return f"'{value}" if _FORMULA.match(value) or value[:1] in {"\t", "\r", "\n"} else value


def xml_safe(value: str) -> str:
    """Return a text that XML 1.0 can hold; each character that it cannot becomes "�"."""
    return _NOT_XML.sub("\ufffd", value)


@dataclass(frozen=True, slots=True, eq=False)
class ExportedTables:
    """What is exported of some findings, under the ids of the accounts.

    Attributes
    ----------
    accounts, account_patterns, edges, clusters, proven_groups, cluster_patterns : pandas.DataFrame
        As in the findings.
    events, sessions, signals, tag_surges, reply_swarms, ordinary_patterns : pandas.DataFrame
        As in the findings.
    traces : mapping
        By trace, what its assessment rests on: ``n_tests, n_pairs_tested``, and the same under ``untimed``.
    derived : pathlib.Path or None
        Folder in which a case keeps the findings; None: none does.
    objects : callable
        Gives ``account_id, trace, object_id, by, record_id``: the things that tiers rest on.
    """

    accounts: pd.DataFrame
    account_patterns: pd.DataFrame
    edges: pd.DataFrame
    clusters: pd.DataFrame
    proven_groups: pd.DataFrame
    cluster_patterns: pd.DataFrame
    events: pd.DataFrame
    sessions: pd.DataFrame
    signals: pd.DataFrame
    tag_surges: pd.DataFrame
    reply_swarms: pd.DataFrame
    ordinary_patterns: pd.DataFrame
    traces: Mapping[str, Mapping[str, Any]]
    derived: Path | None
    objects: Callable[[], pd.DataFrame]

    @property
    def folder(self) -> str | None:
        """Name of the folder of these results in the case."""
        return self.derived.parent.name if self.derived is not None else None


def export(found: ExportedTables, path: Path, names: bool, case: Case | None) -> Path:
    """Write findings in the format that the suffix says; the file is whole or absent. On a case it is logged first.

    Parameters
    ----------
    found : ExportedTables
        What to write.
    path : pathlib.Path
        Suffix in :data:`SUFFIXES`, in any case; an older file is replaced.
    names : bool
        On a case: True asks for account ids in place of pseudonyms, which needs an upheld review of these results.
    case : Case or None
        Whose findings they are.

    Raises
    ------
    ParameterError
        Where the suffix is not known, names are asked for without a review, or a sheet would have too many rows.
    CaseError, SpmcError
        Where the file cannot be written, or the custody log is broken or cannot be written: nothing leaves then.
    """
    write = SUFFIXES.get(path.suffix.lower())
    write = next((of for end, of in _OF_OBJECTS.items() if path.name.lower().endswith(end)), write)
    if write is None:
        raise ParameterError(f"No export for {quote(path.name)}; wanted a name that ends in {', '.join(SUFFIXES)}.")
    if names and case is not None and not reviewed(found.derived, case):
        raise ParameterError(
            f"Names leave case {case.id} only with a reviewed run, and no review upholds a run with these results; "
            "export without names=True, with pseudonyms."
        )
    shown = case.pseudonyms(found.accounts["account_id"]) if case is not None and not names else None
    with whole_or_absent(path) as part:
        if path.is_symlink() or path.is_dir():
            raise ParameterError(f"{quote(path.name)} is a link or a folder; give the name of a file.")
        with nullcontext() if case is None else library_files_in(case.path):
            write(_Shown(found, shown, case), part)
        sync_file(part)
        if case is not None:
            facts = {"format": path.suffix.lower(), "names": names, "derived": found.folder}
            case.log("export", {"file": path.name, "sha256": sha256_file(part), **facts})
    return path


def reviewed(derived: Path | None, case: Case) -> bool:
    """Tell whether a review upholds a report that rests on the very results of the whole case in this folder."""
    from spmc_tools.case.acts.review_entries import results_at, standing, upheld

    if derived is None:
        return False
    entries = case.ledger.entries()
    return upheld(standing(entries, results_at(entries, derived)))


class _Shown:
    """The tables of some findings with the ids that may be shown, and what a file says of itself."""

    def __init__(self, found: ExportedTables, ids: Mapping[str, str] | None, case: Case | None = None) -> None:
        self.found = found
        self.ids = ids
        self.about: dict[str, str] = {}
        if case is not None:
            run = os.environ.get("SPMC_RUN") or ""
            self.about = {"case_id": case.id, "results": found.folder or "", "run_id": run}

    def one(self, account: str) -> str:
        return account if self.ids is None else self.ids[account]

    def _hours(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame whose times are rounded down to the hour where pseudonyms are shown."""
        if self.ids is not None:
            for name in _TIMES & set(frame.columns):
                frame[name] = frame[name].dt.floor("h")
        return frame

    def _patterns(self, members: Iterable[Collection[str]], index: pd.Index) -> pd.Series[Any]:
        """Return which ordinary patterns explain a trace of half of some accounts; empty: none measured fits."""
        rows = self.found.ordinary_patterns
        having = set(rows["account_id"])
        told = [list(fitting(rows, accounts)) if having.intersection(accounts) else [] for accounts in members]
        return pd.Series(told, index=index, dtype=object)

    @property
    def edges(self) -> pd.DataFrame:
        frame = self.found.edges.copy()
        for name in ("account_a", "account_b"):
            frame[name] = pd.Series([self.one(a) for a in frame[name]], index=frame.index, dtype="str")
        if self.ids is not None:
            turned = frame["account_a"] > frame["account_b"]
            for a, b in (("account_a", "account_b"), ("n_actions_a", "n_actions_b")):
                frame.loc[turned, [a, b]] = frame.loc[turned, [b, a]].to_numpy()
            frame["n_a_first"] = pd.array([None] * len(frame), dtype="Int64")
        order = ["trace", "window_s", "account_a", "account_b"]
        return self._hours(frame).sort_values(order, kind="stable", ignore_index=True)

    @property
    def tests(self) -> pd.DataFrame:
        """What q is computed from, one row per family of tests: :data:`TESTS`; counts that are not noted are null."""
        rows = []
        edges = self.found.edges
        for trace, notes in self.found.traces.items():
            for timed, test_notes in ((1, notes), (0, notes.get("untimed"))):
                if test_notes and test_notes.get("n_tests") is not None:
                    trace_edges = edges[(edges["trace"] == trace) & (edges["window_s"].notna() == timed)]
                    here = int((trace_edges["n_occasions"] >= MIN_OCCASIONS).sum())
                    rows.append((trace, timed, int(test_notes["n_tests"]), test_notes.get("n_pairs_tested"), here))
        frame = pd.DataFrame(rows, columns=list(TESTS))
        return frame.astype(dict.fromkeys(TESTS[2:], "Int64"))

    @property
    def edges_with_tests(self) -> pd.DataFrame:
        """The edges, each with what its q is computed from."""
        edges = self.edges
        tests = self.tests
        timed = edges["window_s"].notna().astype("int64")
        joined = edges[["trace"]].assign(timed=timed).merge(tests, how="left", on=["trace", "timed"])
        for name in TESTS[2:]:
            edges[name] = joined[name].to_numpy()
        return edges

    @property
    def accounts(self) -> pd.DataFrame:
        """The accounts by group and id: no rank of persons, and no score, leaves a case."""
        frame = self.found.accounts.drop(columns=["sessions", "score"])
        frame["ordinary_patterns"] = self._patterns([[account] for account in frame["account_id"]], frame.index)
        frame["newsroom_pattern"] = _said(frame["account_id"], self.found.account_patterns)
        frame["account_id"] = pd.Series([self.one(a) for a in frame["account_id"]], index=frame.index, dtype="str")
        return self._hours(frame).sort_values(["cluster_id", "account_id"], kind="stable", ignore_index=True)

    @property
    def clusters(self) -> pd.DataFrame:
        patterns = self.found.cluster_patterns
        frame = self.found.clusters.drop(columns="score")
        frame["ordinary_patterns"] = self._patterns(frame["accounts"], frame.index)
        frame["newsroom_pattern"] = _said(frame["cluster_id"], patterns[patterns["missing"].map(len) == 0])
        by_size = self.found.proven_groups.sort_values("size", ascending=False, kind="stable")
        largest = by_size.drop_duplicates("cluster_id").set_index("cluster_id").reindex(frame["cluster_id"])
        for name, field in (("group_size", "size"), ("n_broad", "n_broad"), ("n_broad_late", "n_broad_late")):
            frame[name] = pd.Series(largest[field].to_numpy(), index=frame.index).astype("Int64")
        members = [sorted(self.one(a) for a in accounts) for accounts in frame["accounts"]]
        frame["accounts"] = pd.Series(members, index=frame.index, dtype=object)
        return self._hours(frame)

    @property
    def events(self) -> pd.DataFrame:
        """Events; beside pseudonyms without what they are about: a text, or the id of a post, is close to a name."""
        shown = self.found.events
        return self._hours(shown.copy() if self.ids is None else shown.drop(columns="object_id"))

    @property
    def sessions(self) -> pd.DataFrame:
        """Groups within hours without what they shared, as for events; members in the order of what is shown."""
        frame = self.found.sessions.drop(columns=["objects", "patterns"])
        frame["ordinary_patterns"] = self._patterns(frame["accounts"], frame.index)
        own = self.found.sessions["patterns"]
        frame["ordinary_patterns"] = frame["ordinary_patterns"].where(own.isna(), own)
        ids = self.ids
        members = [
            sorted(accounts if ids is None else (ids[account] for account in accounts if account in ids))
            for accounts in frame["accounts"]
        ]
        frame["accounts"] = pd.Series(members, index=frame.index, dtype=object)
        return self._hours(frame)

    @property
    def signals(self) -> pd.DataFrame:
        frame, order = self.found.signals.copy(), ["detector", "measure", "account_id"]
        if self.ids is None:
            return frame.sort_values(order, kind="stable", ignore_index=True)
        ids = self.ids
        frame = frame[frame["account_id"].isin(list(ids))].reset_index(drop=True)
        partners = [sorted(ids[a] for a in accounts if a in ids) for accounts in frame["partners"]]
        frame["account_id"] = pd.Series([ids[a] for a in frame["account_id"]], index=frame.index, dtype="str")
        frame["partners"] = pd.Series(partners, index=frame.index, dtype=object)
        frame["value"] = pd.Series([None] * len(frame), index=frame.index, dtype="str")
        return frame.sort_values(order, kind="stable", ignore_index=True)

    @property
    def tag_surges(self) -> pd.DataFrame:
        return self._hours(self.found.tag_surges.copy())

    @property
    def reply_swarms(self) -> pd.DataFrame:
        frame = self._hours(self.found.reply_swarms.copy())
        if self.ids is not None:
            for name in ("object_id", "source_id"):
                frame[name] = pd.Series([None] * len(frame), index=frame.index, dtype="str")
        return frame.sort_values(["first_t", "n_accounts"], kind="stable", ignore_index=True)


def _said(ids: pd.Series[Any], patterns: pd.DataFrame) -> pd.Series[Any]:
    """Return 1 where the newsroom pattern decides, else 0; null: not measured. No site leaves: it can be a name."""
    decides = dict(zip(patterns[str(ids.name)], patterns["decides"], strict=True))
    values = [int(decides[number]) if number in decides else None for number in ids]
    return pd.Series(values, index=ids.index, dtype="Int64")


def _cell(value: Any) -> Any:
    """Return what a cell may hold: a number, a safe text, or None for nothing."""
    if isinstance(value, (list, tuple)):
        return formula_safe(xml_safe(" ".join(str(item) for item in value)))[:_CELL]
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if isinstance(value, str):
        return formula_safe(xml_safe(value))[:_CELL]
    return value.item() if hasattr(value, "item") else value


def _for_people(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of a workbook in which no probability of the far tail stands as a number."""
    probabilities = [name for name in frame.columns if name in _PROBABILITIES or name.startswith(("p_", "q_"))]
    words = {
        name: pd.Series([FAR_TAIL if in_far_tail(p) else p for p in frame[name]], index=frame.index, dtype=object)
        for name in probabilities
    }
    return frame.assign(**words)


def _csv(shown: _Shown, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        frame, about = shown.edges_with_tests, shown.about
        writer.writerow([*frame.columns, *about])
        writer.writerows([*map(_cell, row), *about.values()] for row in frame.itertuples(index=False))


def _parquet(shown: _Shown, path: Path) -> None:
    import pyarrow.parquet as pq

    from spmc_tools.findings.stored_results import table_of

    table = table_of(shown.edges, "edges")
    metadata = {"tests": json.dumps(shown.tests.to_dict("records"), default=int)}
    pq.write_table(table.replace_schema_metadata({**metadata, **shown.about}), path)


def _xlsx(shown: _Shown, path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)

    def text(value: str) -> Any:
        """Return a cell that is a text, whatever it looks like."""
        cell = WriteOnlyCell(sheet, value=value)
        cell.data_type = "s"
        return cell

    for name in _SHEETS:
        frame: pd.DataFrame = getattr(shown, name)
        if name != "edges":
            frame = _for_people(frame)
        if len(frame) > _SHEET_ROWS:
            raise ParameterError(f"{len(frame):,} {name} do not fit into a sheet; export to .csv or .parquet.")
        sheet = book.create_sheet(name)
        sheet.append(list(frame.columns))
        for row in frame.itertuples(index=False):
            sheet.append([text(value) if isinstance(value, str) else value for value in map(_cell, row)])
    if shown.about:
        sheet = book.create_sheet("about")
        for pair in shown.about.items():
            sheet.append(list(pair))
    book.save(path)


def _network(
    write: Callable[[Any, Path], None], graph: Callable[[ExportedTables, Callable[[str], str], Mapping[str, str]], Any]
) -> Callable[[_Shown, Path], None]:
    return lambda shown, path: write(
        graph(shown.found, lambda account: xml_safe(shown.one(account)), shown.about), path
    )


SUFFIXES: dict[str, Callable[[_Shown, Path], None]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
    ".graphml": _network(graphml, accounts_graph),
    ".gexf": _network(gexf, accounts_graph),
}
"""What writes a file of each suffix."""

_OF_OBJECTS: dict[str, Callable[[_Shown, Path], None]] = {
    ".objects.graphml": _network(graphml, objects_graph),
    ".objects.gexf": _network(gexf, objects_graph),
}
