"""The panel of the two tables, accounts and groups, and what is saved of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from spmc_tools.chance.statistics.false_discovery import LEVEL
from spmc_tools.findings.clusters.ordinary_patterns import PATTERNS
from spmc_tools.findings.result.decided_patterns import decided
from spmc_tools.show.panels.network_panel import SIGNS
from spmc_tools.show.panels.panel import Panel
from spmc_tools.show.selection.state import Selected
from spmc_tools.show.widgets.safe_tables import keeps_its_page, text_html

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from spmc_tools.show.panels.panel import Page

__all__ = ["TablesPanel"]

_FILES = ("findings.xlsx", "edges.csv", "network.graphml", "network.gexf")


class TablesPanel(Panel):
    """Accounts and groups inside what is chosen; a row chooses its account or group.

    Attributes
    ----------
    widget : ipywidgets.Tab
        All of it.
    accounts, clusters : ITable
        The tables.
    account_rows, cluster_rows : pandas.DataFrame
        What they hold.
    account_ids, cluster_ids : list
        Which account, which group each row is.
    inside : ipywidgets.HTML
        Whom they hold where not everybody is in them.
    """

    def __init__(self, page: Page) -> None:
        from itables.widget import ITable

        super().__init__(page)
        say = self.words.say
        self._read_rows()
        self._options = self._table_options()  # ITable.update forgets what it is not told again
        self.accounts = ITable(self.account_rows, **self._options)
        self.clusters = ITable(self.cluster_rows, **self._options)
        self.inside = widgets.HTML()
        self.save = widgets.Button(
            description=say("explore.save"), tooltip=say("explore.save"), layout=widgets.Layout(width="auto")
        )
        self.widget = widgets.Tab(
            [widgets.VBox([self.inside, self.accounts, self.save]), widgets.VBox([self.inside, self.clusters])],
            titles=[say("explore.accounts"), say("explore.clusters")],
        )
        self._say_inside()
        self._on_choice(self.accounts, "selected_rows", self._account_chosen)
        self._on_choice(self.clusters, "selected_rows", self._cluster_chosen)
        self._on_press(self.save, self.save_tables)

    def _table_options(self) -> dict[str, Any]:
        say = self.words.say
        return {
            "select": "single",
            "showIndex": False,
            "maxBytes": 0,
            "allow_html": False,
            "pageLength": 10,
            "lengthMenu": [10, 25, 100],
            "language": {
                "search": say("explore.table.search"),
                "lengthMenu": say("explore.table.length"),
                "info": say("explore.table.info"),
                "infoFiltered": say("explore.table.filtered"),
                "infoEmpty": say("explore.table.empty"),
                "emptyTable": say("explore.table.empty"),
                "zeroRecords": say("explore.table.empty"),
                "select": {"rows": {"_": say("explore.table.chosen"), "0": ""}},
            },
            "classes": "display compact nowrap",
            "style": "width:100%;margin:0",
            **keeps_its_page(),
        }

    def _account_chosen(self, change: Any) -> None:
        self.page.change(self.state.selecting(tuple(self.account_ids[row] for row in change["new"])))

    def _cluster_chosen(self, change: Any) -> None:
        number = self.cluster_ids[change["new"][0]] if change["new"] else None
        accounts = () if number is None else self.source.selection(Selected(cluster=number)).accounts
        self.page.change(self.state.selecting(accounts, None, number))

    # -- what they hold ------------------------------------------------------------------------------------------

    def _rests(self) -> tuple[object, ...]:
        return self.state.filters, self.state.selected.period, self.logged.marks

    def _read_rows(self) -> None:
        self._differs("rows", *self._rests())
        self.account_rows, self.cluster_rows = self.account_table(), self.cluster_table()

    def _draw(self) -> None:
        if not self._differs("rows", *self._rests()):
            self.accounts.selected_rows, self.clusters.selected_rows = self._chosen_rows()
            return
        self._read_rows()
        accounts, groups = self._chosen_rows()
        self.accounts.update(self.account_rows, selected_rows=accounts, **self._options)
        self.clusters.update(self.cluster_rows, selected_rows=groups, **self._options)
        self._say_inside()

    def _chosen_rows(self) -> tuple[list[int], list[int]]:
        """Return the row of the one account that is chosen, and of the group."""
        chosen, cluster = set(self.state.selected.accounts), self.state.selected.cluster
        accounts = [row for row, account in enumerate(self.account_ids) if account in chosen]
        groups = [row for row, number in enumerate(self.cluster_ids) if number == cluster]
        return accounts if len(accounts) == 1 else [], groups

    def _say_inside(self) -> None:
        """Say above the tables whom they hold where not everybody is in them."""
        say = self.words.say
        lines = [say("explore.inside", count=len(self.account_rows))] if self.state.narrows() else []
        left = len(self.source.facts) - len(self.account_rows)
        lines += [say("explore.left_out", count=left)] if left and not lines else []
        self.inside.value = text_html("\n".join(lines)) if lines else ""

    def account_table(self) -> pd.DataFrame:
        """Return the accounts inside the state, one a row, and keep their ids."""
        import pandas as pd

        rows = self.source.accounts_inside(self.state, self.logged.marks.standing())
        self.account_ids = [str(account) for account in rows.index]
        patterns = self._pattern_rows()
        held = {
            "account": [self.source.pseudonyms[account] for account in self.account_ids],
            "name": [self.source.name(account) for account in self.account_ids],
            "tier": [self._tier(account) for account in self.account_ids],
            "pattern": ["; ".join(self._patterns([account], patterns)) for account in self.account_ids],
            "group": ["" if pd.isna(number) else str(number) for number in rows["cluster_id"]],
            "posts": rows["n_records"].astype(int).tolist(),
            "links": rows["partners"].tolist(),
            "mark": [self._sign(account) for account in self.account_ids],
        }
        return pd.DataFrame({self.words.say(f"explore.column.{key}"): cells for key, cells in held.items()})

    def _tier(self, account: str) -> str:
        """Return the tier of an account; C with the groups within hours as the reason, where it is in any."""
        row: Any = self.source.facts.loc[account]
        tier = row["tier"] if isinstance(row["tier"], str) else ""
        if tier != "C" or not len(row.get("sessions", ())):
            return tier
        why = self.words.say("explore.in_hours")
        return f"{tier} · {why}"

    def _pattern_rows(self) -> dict[str, set[str]]:
        """Return the ordinary patterns of each account that has any."""
        rows = self.source.found.ordinary_patterns
        found: dict[str, set[str]] = defaultdict(set)
        for account, pattern in zip(rows["account_id"], rows["pattern"], strict=True):
            found[account].add(pattern)
        return found

    def _patterns(self, accounts: Sequence[str], of: Mapping[str, set[str]]) -> list[str]:
        """Return in words the ordinary patterns that at least half of some accounts have."""
        having = Counter(pattern for account in accounts for pattern in of.get(account, ()))
        half = max(1.0, len(accounts) / 2)
        return [self.words.say(f"first.pattern.{name}") for name in PATTERNS if having[name] >= half]

    def _decided(self, cluster: int) -> list[str]:
        """Return in words what officers decided of a group with an ordinary pattern."""
        groups = [group for group in decided(self.source.found) if group.cluster_id == cluster and group.acts]
        return [self.words.say(f"pattern.state.{group.state}") for group in groups]

    def _together(self, cluster: int, largest: float) -> str:
        """Return in words what chance says of a group: of its pairs, or of it as a whole, and of its events."""
        import pandas as pd

        found = self.source.found
        told = []
        if pd.notna(largest) and largest < LEVEL:
            told.append(self.words.say("explore.together.pairs", q=self.words.tiny(float(largest))))
        elif pd.notna(largest):  # a weaker link inside a proven group carries it
            own = found.proven_groups.loc[found.proven_groups["cluster_id"] == cluster, "group_id"]
            members = found.group_members[found.group_members["group_id"].isin(own) & found.group_members["found"]]
            if len(members):
                told.append(self.words.say("explore.together.group", q=self.words.tiny(float(members["q"].max()))))
        events = found.events.loc[found.events["cluster_id"] == cluster, "q"]
        if len(events):
            told.append(self.words.say("explore.together.events", q=self.words.tiny(float(events.max()))))
        return "; ".join(told)

    def _sign(self, account: str) -> str:
        mark = self.logged.marks.of(account)
        return "" if mark is None else f"{SIGNS[mark.mark]} {self.words.mark(mark.mark)}"

    def cluster_table(self) -> pd.DataFrame:
        """Return the groups inside the state, one a row, and keep their numbers."""
        import pandas as pd

        rows = self.source.clusters_inside(self.state)
        self.cluster_ids = [int(number) for number in rows["cluster_id"]]
        patterns = self._pattern_rows()
        held = {
            "group": self.cluster_ids,
            "members": rows["size"].astype(int).tolist(),
            "named": rows["n_named"].astype(int).tolist(),
            "together": [
                self._together(number, largest) for number, largest in zip(self.cluster_ids, rows["max_q"], strict=True)
            ],
            "pattern": [
                "; ".join([*self._patterns(accounts, patterns), *self._decided(number)])
                for accounts, number in zip(rows["accounts"], self.cluster_ids, strict=True)
            ],
            "traces": [", ".join(self.words.trace(trace) for trace in traces) for traces in rows["traces"]],
            "first": [self.words.clock(moment) for moment in rows["first_t"]],
            "last": [self.words.clock(moment) for moment in rows["last_t"]],
        }
        return pd.DataFrame({self.words.say(f"explore.column.{key}"): cells for key, cells in held.items()})

    def save_tables(self) -> None:
        """Write the findings and the network beside the notebook, and say where; with pseudonyms until reviewed."""
        found, notice, case = self.source.found, self.page.notice, self.source.case

        def written() -> list[Path]:
            return [found.export(Path(f"{case.id}-{name}"), names=found.reviewed) for name in _FILES]

        notice.value = text_html(self.words.say("explore.saving"))
        paths = self._attempt(written, notice)
        if paths is not None:
            files, folder = ", ".join(path.name for path in paths), str(paths[0].resolve().parent)
            notice.value = text_html(self.words.say("explore.saved", files=files, folder=folder))
