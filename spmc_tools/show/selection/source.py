"""A case and its findings as the explorer reads them: what of them is inside a state, and the posts behind it.

Nothing here draws or speaks: every answer follows from the findings and the state alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import ParameterError, quote
from spmc_tools.findings.clusters.evidence import carrying
from spmc_tools.network.build import one_row_per_pair
from spmc_tools.show.charts.calendar_marks import between, event_of
from spmc_tools.show.network.network_view import bins
from spmc_tools.show.network.positions import Positions
from spmc_tools.show.selection.narrowed import fitting, narrowed, tiers_from
from spmc_tools.show.selection.shared_things import shared_things
from spmc_tools.show.widgets.period import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.show.selection.state import Filters, Selected, State

__all__ = ["POSTS_OF", "TABLE", "Source"]

TABLE = 5000
"""Accounts in the table; who has an edge, a tier or a mark comes first."""

POSTS_OF = 20
"""Posts of at most so many accounts are shown at once."""


class Source:
    """The case, its findings, and what is worked out of them once.

    Attributes
    ----------
    edges : pandas.DataFrame
        The links that carry a finding.
    linked : list of str
        Accounts with such a link, by id.
    things : SharedThings
        What groups without such links have in common, and who touched it.
    alone : list of str
        Accounts with a tier that have neither, by id.
    drawn : frozenset of str
        Accounts that the picture can hold: all of these.
    facts : pandas.DataFrame
        The accounts of the findings, by id.
    pseudonyms : mapping
        Account id -> pseudonym.
    traces : list of str
        Names of the traces that have links, sorted.
    trace_of : dict
        Account id -> place of its trace among these, from 1 on; -1 where it has links in several.
    bins : dict
        Of the timeline, as :func:`spmc_tools.show.network.network_view.bins` makes them; empty where there is no time.
    bands : list of Band
        What the calendar marks in the timeline.
    moments : list of int
        Where a period can begin or end, in seconds since 1970; never empty.
    """

    def __init__(self, case: Case, found: Findings, names: Mapping[str, str]) -> None:
        self.case, self.found, self.names = case, found, names
        self.edges = found.edges[carrying(found.edges)]
        self.linked: list[str] = sorted({*self.edges["account_a"], *self.edges["account_b"]})
        self.facts = found.accounts.set_index("account_id")
        self.pseudonyms = case.pseudonyms(self.facts.index)
        self.seed = int(found.parameters.get("seed", 0))
        self.things = shared_things(found, self.linked)
        touching = set(self.things.links["account_id"])
        with_tier = set(self.facts.index[self.facts["tier"].notna()])
        self.alone: list[str] = sorted(with_tier - touching - set(self.linked))
        self.drawn = frozenset({*self.linked, *touching, *self.alone})
        self.positions = Positions(_ends(self.edges, self.things.links), self.seed, self.alone)
        self.traces = sorted(set(self.edges["trace"]))
        self.trace_of = _trace_of(self.edges, self.traces)
        self.bins = bins(self._times())
        start, step = self.bins.get("start", 0), self.bins.get("step", 1)
        self.moments = [start + step * place for place in range(len(self.bins.get("counts", [0])) + 1)]
        ends = moment(self.moments[0]), moment(self.moments[-1])
        self.bands = between(*ends, event_of(case)) if self.bins else []

    def _times(self) -> pd.Series[Any]:
        """Return when accounts that are drawn posted; where nobody is, when everybody did."""
        records = self.found.read_records().select(["account_id", "created_at"]).to_pandas()
        times: pd.Series[Any] = records["created_at"]
        return times[records["account_id"].isin(self.drawn)] if self.drawn else times

    def name(self, account: str) -> str:
        """Return the name of an account for the screen, what is invisible in it shown, at most 60 characters."""
        return quote(self.names.get(account, account), 60)[1:-1]

    def last_report(self) -> str:
        """Return the id of the last report that rests on these results; empty where there is none."""
        from spmc_tools.case.acts.review_entries import results_at

        if self.found.derived is None:
            return ""
        entries = self.case.ledger.entries()
        if not results_at(entries, self.found.derived):
            return ""
        place = f"derived/{self.found.derived.parent.name}/{self.found.derived.name}"
        looked_at = [entry["payload"] for entry in entries if entry["kind"] == "investigate"]
        runs = {payload.get("run") for payload in looked_at if payload.get("derived") == place}
        reported = [entry["payload"].get("run_id") for entry in entries if entry["kind"] == "report"]
        reports = [str(run) for run in reported if run in runs]
        return reports[-1] if reports else ""

    def texts(self, record_ids: Iterable[str]) -> dict[str, str]:
        """Return the texts of some records, by their ids; those without a text are left out."""
        import pyarrow as pa
        import pyarrow.compute as pc

        records = self.found.read_records()
        if "text" not in records.column_names:
            return {}
        wanted = pa.array(list(record_ids), records["record_id"].type)
        rows = records.filter(pc.is_in(records["record_id"], value_set=wanted)).select(["record_id", "text"])
        return {row["record_id"]: row["text"] for row in rows.to_pylist() if row["text"]}

    # -- what is inside a state ----------------------------------------------------------------------------------

    def selection(self, clicked: Selected) -> Selected:
        """Return what a click chooses: accounts, an edge with its two accounts, or a group with its members.

        Raises
        ------
        ParameterError
            Where there is no such account, edge or group.
        """
        accounts, edge = clicked.accounts, clicked.edge
        if clicked.cluster is not None:
            accounts = tuple(sorted(self.found._members(clicked.cluster)))
        unknown = [account for account in accounts if account not in self.facts.index]
        if unknown:
            raise ParameterError(f"No record of this case is from {quote(unknown[0])}; wanted an account id.")
        if edge is not None:
            edge = self.found._pair(edge)
            accounts = edge if not set(accounts) & set(edge) else accounts
        return replace(clicked, accounts=tuple(accounts), edge=edge)

    def links(self, filters: Filters) -> pd.DataFrame:
        """Return the links inside the filters, whatever the period."""
        return fitting(self.edges, self.found.accounts, filters)

    def inside(self, state: State) -> pd.DataFrame:
        """Return the links inside the filters and the period: of a pair inside the period, every row."""
        edges, period = self.links(state.filters), state.selected.period
        if period is None or not len(edges):
            return edges
        both = edges.groupby(["account_a", "account_b"])
        meets = (both["first_t"].transform("min") <= period[1]) & (both["last_t"].transform("max") >= period[0])
        return edges[meets]

    def pairs(self, filters: Filters) -> pd.DataFrame:
        """Return one row per pair inside the filters, with the times of all its rows."""
        edges = self.links(filters)
        pairs = one_row_per_pair(edges)
        if not len(pairs):
            return pairs
        times = edges.groupby(["account_a", "account_b"], sort=True).agg({"first_t": "min", "last_t": "max"})
        return pairs.drop(columns=["first_t", "last_t"]).merge(times.reset_index(), on=["account_a", "account_b"])

    def stars(self, filters: Filters) -> pd.DataFrame:
        """Return who touched which shared thing inside the filters, whatever the period."""
        return self.things.fitting(self.found.accounts, filters)

    def stars_inside(self, state: State) -> pd.DataFrame:
        """Return who touched which shared thing inside the filters and the period."""
        links, period = self.stars(state.filters), state.selected.period
        if period is None or not len(links):
            return links
        return links[(links["first_t"] <= period[1]) & (links["last_t"] >= period[0])]

    def places(self, pairs: pd.DataFrame, stars: pd.DataFrame, most: int | None) -> Mapping[Any, tuple[int, int]]:
        """Return a position for all ends of these pairs and stars, and for who has neither."""
        return self.positions.of(_ends(pairs, stars), most)

    def accounts_inside(self, state: State, standing: Iterable[str]) -> pd.DataFrame:
        """Return the accounts of the table, and how many partners each has inside the state.

        Those with an edge, a tier or a mark, and others up to 5,000: those with a tier first, group by group, by
        pseudonym. Where links are filtered or a period is chosen: those with a link or a shared thing inside it.

        Parameters
        ----------
        state : State
            With its filters and period.
        standing : iterable of str
            Accounts of which a mark stands.

        Returns
        -------
        pandas.DataFrame
            Rows of ``facts``, with the column ``partners``.
        """
        import pandas as pd

        pairs = self.inside(state)[["account_a", "account_b"]].drop_duplicates()
        partners = pd.concat([pairs["account_a"], pairs["account_b"]]).value_counts()
        first = self.facts[self.facts["tier"].notna() | self.facts.index.isin([*self.linked, *standing])]
        rest = self.facts[~self.facts.index.isin(first.index)].sort_index()
        rows = pd.concat([first, rest[: max(0, TABLE - len(first))]])
        if state.filters.tier is not None:
            rows = rows[rows["tier"].isin(tiers_from(state.filters.tier))]
        if state.narrows():
            rows = rows[rows.index.isin([*partners.index, *self.stars_inside(state)["account_id"]])]
        group = rows["cluster_id"].astype("Int64").fillna(1 << 30).astype(int)
        keys = zip(rows["tier"].isna(), group, rows.index.map(self.pseudonyms), rows.index, strict=True)
        rows = rows.loc[[account for *_, account in sorted(keys)]]
        return rows.assign(partners=[int(partners.get(account, 0)) for account in rows.index])

    def clusters_inside(self, state: State) -> pd.DataFrame:
        """Return the groups by number; where links are filtered or a period is chosen, those with one inside it.

        A link between two members, or a thing that a member touched.
        """
        rows = self.found.clusters.sort_values("cluster_id")
        if not state.narrows():
            return rows
        edges, group = self.inside(state), self.facts["cluster_id"]
        ends = [edges[end].map(group) for end in ("account_a", "account_b")]
        touching = self.stars_inside(state)["account_id"].map(group)
        return rows[rows["cluster_id"].isin({*ends[0][ends[0] == ends[1]].dropna(), *touching.dropna()})]

    def group_of(self, accounts: tuple[str, ...], state: State) -> int | None:
        """Return the group inside the state of which these are all members; None where they are something else."""
        import pandas as pd

        if len(accounts) < 2:
            return None
        group: Any = self.facts.loc[accounts[0], "cluster_id"]
        if pd.isna(group) or int(group) not in set(self.clusters_inside(state)["cluster_id"]):
            return None
        return int(group) if set(accounts) == self.found._members(int(group)) else None

    def spans(self, state: State) -> bool:
        """Say whether a link of what is chosen spans the period, so that it is shown though nothing falls into it."""
        if state.selected.period is None:
            return False
        inside, edge = self.inside(state), state.selected.edge
        a, b = (inside[end].isin(edge or state.selected.accounts) for end in ("account_a", "account_b"))
        return bool((a & b if edge else a | b).any())

    # -- the posts -----------------------------------------------------------------------------------------------

    def posts(self, state: State) -> pd.DataFrame | None:
        """Return the posts behind what is chosen, in time order, inside filters and period; None where nothing is.

        Of one account: its own and those in step with them. Of several: their own, of the first 20 by id.
        """
        import pandas as pd

        about = _about(state.selected)
        if about is None:
            return None
        self.found.read_records()  # once, for what is narrowed too
        asked = state.filters
        found = narrowed(self.found, trace=asked.trace, window_s=asked.window_s, q=asked.q, tier=asked.tier)
        if isinstance(about, list):
            posts = pd.concat([found.evidence(account) for account in about]).drop_duplicates("record_id")
            posts = posts[posts["account_id"].isin(about)].sort_values(["created_at", "record_id"], ignore_index=True)
        else:
            posts = found.evidence(about)
        if state.selected.period is not None:
            posts = posts[posts["created_at"].between(*state.selected.period)].reset_index(drop=True)
        return posts

    def call(self, state: State) -> str:
        """Return the code that gives the posts of what is chosen; empty where nothing is."""
        about = _about(state.selected)
        if about is None:
            return ""
        lines = [
            f"opened = spmc.open_case({self.case.id!r})",
            f"found = spmc.investigate(opened, seed={self.seed})",
        ]
        if asked := state.filters.asked():
            named = ", ".join(f"{name}={value!r}" for name, value in asked.items())
            lines = [
                "from spmc_tools.show.selection.narrowed import narrowed",
                *lines,
                f"found = narrowed(found, {named})",
            ]
        if isinstance(about, list):
            lines = [
                "import pandas as pd",
                *lines,
                f"chosen = {about!r}",
                "posts = pd.concat([found.evidence(one) for one in chosen]).drop_duplicates('record_id')",
                "posts = posts[posts['account_id'].isin(chosen)].sort_values(['created_at', 'record_id'])",
            ]
        else:
            lines.append(f"posts = found.evidence({about!r})")
        if state.selected.period is not None:
            first, last = (end.isoformat() for end in state.selected.period)
            lines.append(f"posts = posts[posts['created_at'].between({first!r}, {last!r})]")
        return "\n".join(lines)


def _about(selected: Selected) -> tuple[str, str] | int | list[str] | str | None:
    """Return what posts are asked for: an edge, a group, several accounts (the first 20 by id), one, or nothing."""
    if selected.edge is not None:
        return selected.edge
    if selected.cluster is not None:
        return selected.cluster
    if len(selected.accounts) > 1:
        return sorted(selected.accounts)[:POSTS_OF]
    return selected.accounts[0] if selected.accounts else None


def _ends(pairs: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Return ``account_a, account_b`` of pairs and, below, of accounts and the things that they touched."""
    import pandas as pd

    spokes = links.rename(columns={"account_id": "account_a", "thing": "account_b"})
    parts = [part[["account_a", "account_b"]] for part in (pairs, spokes) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else pairs[["account_a", "account_b"]]


def _trace_of(edges: pd.DataFrame, traces: list[str]) -> dict[str, int]:
    """Return account -> place of its trace among these, from 1 on; -1 where it has links in several."""
    numbers = {trace: place for place, trace in enumerate(traces, start=1)}
    found: dict[str, int] = {}
    for end in ("account_a", "account_b"):
        for account, trace in edges[[end, "trace"]].drop_duplicates().itertuples(index=False):
            number = numbers[trace]
            found[str(account)] = number if found.get(str(account), number) == number else -1
    return found
