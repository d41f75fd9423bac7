"""Findings over all traces: tables, evidence, network, exports."""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools.coaction.traces.trace import observed
from spmc_tools.coaction.traces.trace_catalogue import TRACES, actions_of
from spmc_tools.errors import ParameterError, quote
from spmc_tools.findings import stored_results as stored
from spmc_tools.findings.clusters.clusters import STABLE
from spmc_tools.findings.clusters.evidence import carrying, evidence_records, in_step, widest
from spmc_tools.findings.result import exports
from spmc_tools.findings.result.account_objects import account_objects, in_bursts, in_sessions
from spmc_tools.findings.result.findings_card import Counts, findings_card
from spmc_tools.findings.result.received_records import USED, Received, described, received
from spmc_tools.findings.sessions.rewritten import REWRITTEN, rewritten_actions
from spmc_tools.network.build import build
from spmc_tools.network.over_time import over_time
from spmc_tools.network.roles import most_amplified, roles

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    import pyarrow as pa

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.robustness.power import Power, Progress

__all__ = ["Findings", "case_columns"]

_SHOWN = ("url", "surface_id", "lang", "conversation_id", "deleted_seen_at", "client")


def case_columns() -> list[str]:
    """Return the columns of a case's records that are read: what evidence shows, and what any trace needs."""
    record_traces = (trace for trace in TRACES.values() if trace.table == "records")
    needed = (column for trace in record_traces for need in trace.needs for column in need.split("|"))
    return list(dict.fromkeys([*USED, *_SHOWN, *needed]))


@dataclass(repr=False, eq=False)
class Findings:
    """What :func:`investigate` found.

    Attributes
    ----------
    accounts : pandas.DataFrame
        Every account, by tier, then score, then id: ``account_id, tier, basis, score, q, traces`` (list: those in
        which it has a basis or an event), ``cluster_id, n_records, first_seen, last_seen, context`` (registered kind),
        ``n_sources, q_corroborated, event_tier, n_signed, fdp, n_bursts, burst_q, sessions`` (list: the groups
        within sessions it is in). Only tiers A and B may be named, after review.
    account_traces, account_events, account_patterns : pandas.DataFrame
        What a tier rests on, by account: a row per trace with a basis or a rank; a row per event that speaks for it;
        the newsroom pattern of each member of a cluster that was measured (where it ``decides``, texts and links in
        common give no tier).
    ordinary_patterns : pandas.DataFrame
        The traces of an account that an ordinary pattern explains, or that rest on ready-made posts alone: they show
        the account (tier C) and do not name it.
    edges : pandas.DataFrame
        ``trace`` and the edges of its assessment, by trace, window and ids.
    clusters : pandas.DataFrame
        Clusters of the edges that carry a finding, over all traces, and of events, ranked; ``kind`` says which. One of
        edges only with stability below .8 is listed, but its members' ``cluster_id`` is null.
    proven_groups, group_members : pandas.DataFrame
        The groups, in which no single pair need stand out, behind each cluster, and the figures of each member.
    cluster_patterns : pandas.DataFrame
        How many members of each cluster have the newsroom pattern; no row where no trace was run that it explains.
    events : pandas.DataFrame
        Objects that many accounts posted in one burst or at matching times, with the figures of their marks.
    signed : pandas.DataFrame
        The records that carry the whole signature of an event.
    bursts : pandas.DataFrame
        Seconds in which more accounts acted than chance explains, whatever they posted.
    not_run : list of dict
        ``trace, window_s`` (None: the whole trace), ``reason`` (a sentence), ``code`` and what the code needs.
    sessions : pandas.DataFrame
        Groups that acted together within hours more than chance explains, by trace, and by time alone (trace
        ``moment``); they rank (tier C), and nobody is named by one.
    excluded : pandas.DataFrame
        ``trace`` and the hot objects that were set aside; ``bin_start`` is null where one is set aside for the whole
        period, for the rows of ``edges`` without a window only.
    signals : pandas.DataFrame
        What the detectors of accounts saw: they rank (tier C) or give context, and never name.
    tag_surges, reply_swarms : pandas.DataFrame
        Tags used more than their own past expects; posts that five accounts or more replied to within ten minutes.
        Context.
    notes : dict
        ``records`` (counts and assumptions), ``traces`` (what each assessment rests on), ``context`` and
        ``benign_pattern`` (how many accounts were measured, how many have it; columns that were missing).
    parameters : dict
        With which these findings can be made again.
    derived : pathlib.Path or None
        Where a case keeps them; None for a DataFrame.
    received, actions, case
        What evidence is read from; filled when first needed.
    """

    accounts: pd.DataFrame
    account_traces: pd.DataFrame
    account_events: pd.DataFrame
    account_patterns: pd.DataFrame
    ordinary_patterns: pd.DataFrame
    edges: pd.DataFrame
    clusters: pd.DataFrame
    proven_groups: pd.DataFrame
    group_members: pd.DataFrame
    cluster_patterns: pd.DataFrame
    events: pd.DataFrame
    signed: pd.DataFrame
    bursts: pd.DataFrame
    sessions: pd.DataFrame
    not_run: list[dict[str, Any]]
    excluded: pd.DataFrame
    signals: pd.DataFrame
    tag_surges: pd.DataFrame
    reply_swarms: pd.DataFrame
    notes: dict[str, Any]
    parameters: dict[str, Any]
    derived: Path | None
    received: Received | None = None
    actions: dict[str, pa.Table] = field(default_factory=dict)
    case: Case | None = None

    def __repr__(self) -> str:
        return f"<Findings: {len(self.accounts)} accounts, {len(self.edges)} edges, {len(self.clusters)} clusters>"

    def _repr_html_(self) -> str:
        counts = Counts(len(self.edges), len(self.events), len(self.sessions), len(self.not_run))
        return findings_card(self.accounts, self.clusters, counts)

    def evidence(self, of: int | str | tuple[str, str]) -> pd.DataFrame:
        """Return the records that carry a finding, in time order, each once, with the row of the file they are from.

        Parameters
        ----------
        of : int, str or (str, str)
            A cluster's number: the records in step on the edges between its members that carry it, and those that
            sign its events. An account: those of its edges that carry a finding, and those that sign events which
            speak for it; where there are none, of all its edges; where it has no edge either, those in bursts (trace
            ``burst``). Two accounts: every record of theirs in step within the widest window of each trace that carries
            a finding (within the widest, where none does), and those that sign an event for which both have one.

        Returns
        -------
        pandas.DataFrame
            Columns of the records, then ``trace, object_id, window_s`` (of the first trace that a record carries),
            ``significant, counted, event_id, traces, n_objects``; on a case ``batch``, the import that the row is from.
            Of a trace of the accounts table: the rows of that table, with the handle as ``text`` and the time at which
            it was seen. For a cluster or an account only what is ``counted``; for two accounts also what is in step on
            hot objects only, where ``counted`` is false.

        Raises
        ------
        ParameterError
            Where there is no such cluster, account or pair of accounts.
        """
        import pyarrow as pa

        of = tuple(of) if isinstance(of, list) else of
        edges = widest(self._edges_of(of))
        records = self._records().table
        if any(TRACES[trace].table == "accounts" for trace in edges["trace"]):
            records = pa.concat_tables([records, _as_shown(observed(self._described()))], promote_options="default")
        carried = []
        for trace in dict.fromkeys(edges["trace"]):
            trace_edges = edges[edges["trace"] == trace].reset_index(drop=True)
            hot = self.excluded[self.excluded["trace"] == trace]
            step = in_step(self.trace_actions(trace), trace_edges, hot)
            carried.append((trace, trace_edges, step if isinstance(of, tuple) else step.filter(step["counted"])))
        shown = evidence_records(records, carried, self._beside_edges(of, bool(carried)))
        if self.case is not None and "source_sha256" in shown:
            batches = {batch.source_sha256: batch.batch_id for batch in self.case.batches()}
            shown["batch"] = shown["source_sha256"].map(batches)
        return shown.sort_values(["created_at", "record_id"], kind="stable", ignore_index=True)

    def roles(self, cluster_id: int) -> pd.DataFrame:
        """Return what each member of a cluster did in it, by id; see :mod:`spmc_tools.network.roles`.

        Parameters
        ----------
        cluster_id : int
            As in ``clusters``.

        Returns
        -------
        pandas.DataFrame
            ``account_id, role`` ("earliest in this collection", "bridge", "amplifier" or null), ``n_objects, n_first,
            expected_first, p_first, q_first, participation, strength, core, n_links``; ``attrs["most_amplified"]``
            lists the sources that the members shared most, as dictionaries.

        Raises
        ------
        ParameterError
            Where there is no such cluster.
        """
        members = self._members(cluster_id)
        acts = self._acts_in(cluster_id)
        strong = _between(self.edges[carrying(self.edges)], members)
        table = roles(acts, strong, sorted(members), int(self.parameters.get("seed", 0)))
        table.attrs["most_amplified"] = most_amplified(acts).head(20).to_dict("records")
        return table

    def timeline(self, cluster_id: int, step_s: int | None = None) -> pd.DataFrame:
        """Return when a cluster formed, switched its sources and fell silent; see :mod:`spmc_tools.network.over_time`.

        Parameters
        ----------
        cluster_id : int
            As in ``clusters``.
        step_s : int, optional
            Windows begin every so many seconds and are twice as long; None: one that suits the length of the data.

        Raises
        ------
        ParameterError
            Where there is no such cluster, or the step is no whole number of seconds from 60 on.
        """
        if step_s is not None and (not _is_number(step_s) or step_s < 60):
            raise ParameterError(f"step_s is {quote(step_s)}, wanted whole seconds from 60 on.")
        return over_time(self._acts_in(cluster_id), step_s)

    def network(self, cluster_id: int | None = None) -> nx.Graph[Any]:
        """Return the edges that carry a finding as a graph, one per pair of accounts.

        They are those with q < .05 and the weak edges inside a proven group, whatever their q; the attribute
        ``carried_by`` of each says which (see :mod:`spmc_tools.network.build`).

        Parameters
        ----------
        cluster_id : int, optional
            Only this cluster's members and the edges between them; None: all.

        Raises
        ------
        ParameterError
            Where there is no such cluster.
        """
        edges = self.edges[carrying(self.edges)]
        if cluster_id is not None:
            edges = _between(edges, self._members(cluster_id))
        return build(edges, self.accounts)

    def export(self, path: Path | str, names: bool = False) -> Path:
        """Write the findings to a file and return its path; see :mod:`spmc_tools.findings.result.exports`.

        Parameters
        ----------
        path : path
            Its suffix says how: ``.csv, .parquet`` (edges), ``.xlsx`` (accounts, edges, clusters, events, sessions),
            ``.graphml, .gexf`` (network; ``.objects.graphml``: accounts and things). Beside pseudonyms times are
            rounded down to the hour.
        names : bool
            On a case ids are pseudonyms unless this is True, which needs a reviewed run. On a DataFrame ids are as
            given.

        Raises
        ------
        ParameterError
            Where the suffix is not known, or names are asked for without a review.
        SpmcError
            Where the file cannot be written.
        """
        if not isinstance(path, (str, Path)) or "\0" in str(path):
            raise ParameterError(f"No export to {quote(path)}; wanted the name of a file, as edges.csv.")
        return exports.export(self._exported(), Path(path), names, self.case)

    @property
    def reviewed(self) -> bool:
        """Whether names may leave: a review upholds a report of the case that rests on these very results."""
        return self.case is not None and exports.reviewed(self.derived, self.case)

    def summary(self) -> dict[str, Any]:
        """Return the numbers that a report begins with; no words."""
        strong = self.edges[carrying(self.edges)]
        tiers = self.accounts["tier"].value_counts()
        traces = {
            name: {
                "n_actions": facts["n_actions"],
                "n_edges": int((self.edges["trace"] == name).sum()),
                "n_significant": int((strong["trace"] == name).sum()),
                "n_accounts": int(sum(name in listed for listed in self.accounts["traces"])),
            }
            for name, facts in self.notes["traces"].items()
        }
        return {
            "n_records": self.notes["records"]["n_records"],
            "n_accounts": len(self.accounts),
            "n_duplicates": self.notes["records"].get("duplicate_records_left_out", 0),
            "first_t": self.notes["records"]["first_t"],
            "last_t": self.notes["records"]["last_t"],
            "traces": traces,
            "not_run": len(self.not_run),
            "tiers": {name: int(tiers.get(name, 0)) for name in ("A", "B", "C")},
            "n_context": int(self.accounts["context"].notna().sum()),
            "n_newsroom_pattern": int(self.account_patterns["decides"].sum()),
            "n_clusters": len(self.clusters),
            "n_stable_clusters": int(
                ((self.clusters["stability"] >= STABLE) | (self.clusters["events"].map(len) > 0)).sum()
            ),
            "n_events": len(self.events),
            "n_bursts": len(self.bursts),
            "n_sessions": len(self.sessions),
            "n_excluded": int(self.excluded.loc[self.excluded["bin_start"].notna(), "n_actions"].sum()),
        }

    def tables(self) -> dict[str, pa.Table]:
        """Return the tables as Arrow, as a case keeps them."""
        return {name: stored.table_of(getattr(self, name), name) for name in stored.SCHEMAS}

    def belongs_to(self, case: Case) -> None:
        """Tie the findings to the case whose records they rest on: evidence is read from it, exports are logged."""
        self.case = case

    def read_records(self) -> pa.Table:
        """Return the records that the findings rest on, in time order, under the ids of ``accounts``."""
        return self._records().table

    def trace_actions(self, trace: str) -> pa.Table:
        """Return the actions that a trace of the catalogue, or rewritten texts, rest on in these records."""
        if trace == REWRITTEN:
            return rewritten_actions(self.sessions, self._records().table)
        if trace not in self.actions:
            of_accounts = TRACES[trace].table == "accounts"
            table = self._described() if of_accounts else self._records().table
            self.actions[trace] = actions_of(table, TRACES[trace])
        return self.actions[trace]

    def power(self, effort: str = "usual", *, progress: Progress | None = None) -> Power | None:
        """Return the smallest campaign this data would have shown, per trace.

        Parameters
        ----------
        effort : {"none", "quick", "usual", "thorough"}
            How much is tried; see :data:`~spmc_tools.findings.robustness.power.EFFORTS`. "none": nothing, and None is
            returned.
        progress : callable, optional
            Called with trace, done and total.

        Raises
        ------
        ParameterError
            Where the effort is not known.

        Notes
        -----
        A case keeps the result, as it keeps the findings.
        """
        from spmc_tools.findings.robustness.power import power_of_findings

        return None if effort == "none" else power_of_findings(self, effort, progress)

    def _acts_in(self, cluster_id: int) -> pd.DataFrame:
        """Return ``object_id, source_id, account_id, t`` of what stands behind a cluster, by time."""
        import pandas as pd

        parts = []
        edges = widest(_between(self.edges[carrying(self.edges)], self._members(cluster_id)))
        for trace in dict.fromkeys(edges["trace"]):
            trace_edges = edges[edges["trace"] == trace].reset_index(drop=True)
            actions = self.trace_actions(trace)
            step = in_step(actions, trace_edges, self.excluded[self.excluded["trace"] == trace])
            seen: Any = step.filter(step["counted"]).select(["record_id", "object_id"]).to_pandas().drop_duplicates()
            acts: Any = actions.select(["record_id", "object_id", "source_id", "account_id", "t"]).to_pandas()
            acts = acts.merge(seen, on=["record_id", "object_id"])
            for name in ("object_id", "source_id"):
                acts[name] = acts[name].map(lambda value, trace=trace: f"{trace}:{value}", na_action="ignore")
            parts.append(acts)
        whole: pd.DataFrame = pd.concat(parts, ignore_index=True)
        return whole.sort_values(["t", "record_id", "object_id"], ignore_index=True)

    def _exported(self) -> exports.ExportedTables:
        return exports.ExportedTables(
            accounts=self.accounts,
            account_patterns=self.account_patterns,
            edges=self.edges,
            clusters=self.clusters,
            proven_groups=self.proven_groups,
            cluster_patterns=self.cluster_patterns,
            events=self.events,
            sessions=self.sessions,
            signals=self.signals,
            tag_surges=self.tag_surges,
            reply_swarms=self.reply_swarms,
            ordinary_patterns=self.ordinary_patterns,
            traces=self.notes.get("traces", {}),
            derived=self.derived,
            objects=self.account_objects,
        )

    # -- parts ---------------------------------------------------------------------------------------------------

    def _members(self, cluster_id: int) -> set[str]:
        if not _is_number(cluster_id):
            raise ParameterError(f"There is no cluster {quote(cluster_id)}; wanted a number, as in clusters.")
        cluster_rows = self.clusters[self.clusters["cluster_id"] == int(cluster_id)]
        if not len(cluster_rows):
            raise ParameterError(f"There is no cluster {quote(cluster_id)}; there are {len(self.clusters)}, from 1.")
        return set(cluster_rows["accounts"].iloc[0])

    def _edges_of(self, of: int | str | tuple[str, str]) -> pd.DataFrame:
        edges = self.edges
        strong = edges[carrying(edges)]
        if isinstance(of, tuple):
            a, b = self._pair(of)
            return edges[(edges["account_a"] == a) & (edges["account_b"] == b)]
        if isinstance(of, str):
            if not (self.accounts["account_id"] == of).any():
                raise ParameterError(f"There is no account {quote(of)} in these findings; a cluster is a number.")
            account_edges = strong[(strong["account_a"] == of) | (strong["account_b"] == of)]
            return (
                account_edges
                if len(account_edges) or len(self._signed_of(of))
                else edges[(edges["account_a"] == of) | (edges["account_b"] == of)]
            )
        if not _is_number(of):
            raise ParameterError(f"Evidence of {quote(of)}: wanted a cluster's number, an account or two accounts.")
        return _between(strong, self._members(int(of)))

    def _signed_of(self, of: int | str | tuple[str, str]) -> pd.DataFrame:
        """Return the records that sign the events of a cluster, an account or both of two accounts."""
        signed = self.signed
        if isinstance(of, tuple):
            signing = signed[signed["account_id"].isin(of)]
            both = signing.groupby("event_id")["account_id"].transform("nunique") == len(of)
            signing = signing[both]
        elif isinstance(of, str):
            speaking = self.account_events.loc[self.account_events["account_id"] == of, "event_id"]
            signing = signed[(signed["account_id"] == of) & signed["event_id"].isin(speaking)]
        else:
            events = self.clusters.loc[self.clusters["cluster_id"] == int(of), "events"].iloc[0]
            signing = signed[signed["event_id"].isin(events) & signed["account_id"].isin(self._members(int(of)))]
        return signing.merge(self.events[["event_id", "object_id"]], on="event_id")

    def account_objects(self) -> pd.DataFrame:
        """Return the things behind the tier of every account, one row for each of its records on a thing.

        Returns
        -------
        pandas.DataFrame
            ``account_id, trace, object_id, by`` ("pairs", "event" or "session"), ``record_id``; see
            :mod:`spmc_tools.findings.result.account_objects`.
        """
        shown = self.accounts.loc[self.accounts["tier"].notna(), "account_id"]
        signed = self.signed.merge(self.events[["event_id", "object_id"]], on="event_id")
        return account_objects(self.edges, self.excluded, signed, self.sessions, self.trace_actions, set(shown))

    def _beside_edges(self, of: int | str | tuple[str, str], has_edges: bool) -> pd.DataFrame:
        """Return the records that sign events, and of an account those within sessions; without any those in bursts.

        Sessions and bursts name nobody.
        """
        import pandas as pd

        signed = self._signed_of(of)
        if not isinstance(of, str):
            return signed
        within = in_sessions(self.sessions, self.trace_actions, of).assign(event_id=float("nan"), significant=False)
        beside = [part for part in (signed.assign(significant=True), within) if len(part)]
        if beside or has_edges or not len(self.bursts):
            return pd.concat(beside, ignore_index=True) if beside else signed
        return in_bursts(self.bursts, self._records().table, of)

    def _pair(self, of: tuple[str, ...]) -> tuple[str, str]:
        if len(of) != 2 or not all(isinstance(account, str) for account in of) or of[0] == of[1]:
            raise ParameterError(f"Evidence of {quote(of)}: wanted two different accounts.")
        known = set(self.accounts["account_id"][self.accounts["account_id"].isin(of)])
        for account in of:
            if account not in known:
                raise ParameterError(f"There is no account {quote(account)} in these findings.")
        return min(of), max(of)

    def _records(self) -> Received:
        if self.received is None and self.case is not None:
            self.received = received(self.case.posts(case_columns()))
        assert self.received is not None  # noqa: S101 -- findings of a DataFrame keep their records
        return self.received

    def _described(self) -> pa.Table:
        assert self.case is not None  # noqa: S101 -- only a case has a table of accounts
        return described(self.case.table("accounts"), self._records().table)


def _as_shown(rows: pa.Table) -> pa.Table:
    """Return rows of the accounts table with the columns of records that they have; the handle stands as the text."""
    kept = ["record_id", "platform", "account_id", "created_at", "source_sha256", "source_row"]
    return rows.select([*kept, "handle"]).rename_columns([*kept, "text"])


def _is_number(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _between(edges: pd.DataFrame, accounts: set[str]) -> pd.DataFrame:
    """Return the edges both of whose ends are among some accounts."""
    return edges[edges["account_a"].isin(accounts) & edges["account_b"].isin(accounts)]
