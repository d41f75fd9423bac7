"""Two investigations of a case, or two periods of one, side by side: what changed since yesterday.

Both pictures have the same positions, so that who stands at one place in both is the same account.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from spmc_tools.case.files.lock_wait import waiting
from spmc_tools.errors import SpmcError, quote
from spmc_tools.findings.result.compared_runs import compared, links_within
from spmc_tools.findings.result.earlier_runs import earlier_looks, look_again
from spmc_tools.network.build import one_row_per_pair
from spmc_tools.show.network.network_view import MOST, NetworkView, bins, bundle, columns
from spmc_tools.show.network.positions import laid_out
from spmc_tools.show.panels.panel import Words
from spmc_tools.show.selection.state import History, Side, Sides
from spmc_tools.show.widgets.period import PeriodChoice, moment, period_of
from spmc_tools.show.widgets.safe_tables import table_html, text_html
from spmc_tools.show.widgets.sentences import sentence_of, waiting_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.earlier_runs import Look
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.show.selection.state import Period

__all__ = ["Comparison", "compare"]

ROWS = 200
"""Accounts that differ, in the table."""

_A_DAY = timedelta(hours=20)
_NOW = 0
_VIEW = ("title", "shown", "none", "by_cluster", "nothing", "stage", "group", "began")


class Comparison:
    """What differs between two sides; ``widget`` is what a notebook shows.

    Attributes
    ----------
    sides : list
        Before and after: each draws what the state says of it.
    result : Compared
        What differs now.
    """

    def __init__(self, case: Case, found: Findings, words: Words, names: Mapping[str, str]) -> None:
        self._case, self.words, self._names = case, words, names
        self._looks: dict[int, Look] = {look.seq: look for look in earlier_looks(case, found)}
        self._found: dict[int, Findings] = {_NOW: found}
        self._stand_in = case.pseudonyms(found.accounts["account_id"])
        self._bins = bins(links_within(found)["first_t"])
        steps = range(len(self._bins.get("counts", [0])) + 1)
        self._moments = [self._bins.get("start", 0) + self._bins.get("step", 1) * step for step in steps]
        self.said = widgets.HTML()
        self.table = widgets.HTML()
        self._history = History(Sides(Side(_yesterday(self._looks)), Side(_NOW)))
        self.sides = [
            _SidePanel(self, "before", self.state.before),
            _SidePanel(self, "after", self.state.after),
        ]
        half = widgets.Layout(min_width="20em", flex="1 1 24em")
        boxes = [widgets.VBox(side.widgets, layout=half) for side in self.sides]
        pair = widgets.HBox(boxes, layout=widgets.Layout(flex_flow="row wrap"))
        note = widgets.HTML(text_html(self.words.say("compare.note")))
        self.widget = widgets.VBox([note, pair, self.said, self.table])
        self.update()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.widget._repr_mimebundle_(**kwargs)

    @property
    def state(self) -> Sides:
        """What is chosen on both sides."""
        return self._history.now

    def change(self, place: str, side: Side) -> None:
        """Show another choice on one side (``before`` or ``after``), and what differs then."""
        self._show(self._history.changed(replace(self.state, **{place: side})))

    def back(self) -> None:
        """Go back to what was compared before; nothing happens at the first step."""
        self._show(self._history.undo())

    def forward(self) -> None:
        """Go forward again to what was compared before :meth:`back`; nothing happens at the last step."""
        self._show(self._history.redo())

    def _show(self, history: History[Sides]) -> None:
        if history is self._history:
            return
        self._history = history
        for panel, side in zip(self.sides, (self.state.before, self.state.after), strict=True):
            panel.draw(side)
        self.update()

    def looks(self) -> list[tuple[str, int]]:
        """Return what a side can show: this look, and the earlier ones that are still kept, newest first."""
        options = [(self.words.say("compare.now"), _NOW)]
        for look in self._looks.values():
            at = self.words.logged_at(look.at)
            options.append((self.words.say("compare.look", at=at, count=look.accounts), look.seq))
        return options

    def moments(self) -> list[tuple[str, int]]:
        """Return the steps of the period, in words and in seconds."""
        return [(self.words.clock(moment(seconds)), seconds) for seconds in self._moments]

    def no_period(self) -> str:
        """Return what is said where no link has a time; empty where there is one."""
        return "" if self._bins else self.words.say("explore.no_period")

    def findings(self, look: int) -> Findings:
        """Return the findings of a look, read once."""
        if look not in self._found:
            self._found[look] = look_again(self._case, self._looks[look])
        return self._found[look]

    def update(self) -> None:
        """Compare what is chosen on both sides; what cannot be read is a sentence."""
        self.said.value = text_html(self.words.say("compare.working"))
        try:
            with waiting(waiting_in(self.said, self.words.say)):
                sides = self.state.before, self.state.after
                found = [self.findings(side.look) for side in sides]
                periods = [side.period for side in sides]
                self.result = compared(found[0], found[1], *periods)
                self._draw(found, periods)
            self._tell()
        except SpmcError as error:
            self.said.value = text_html(sentence_of(error, self.words.wording.say))

    def _draw(self, found: list[Findings], periods: list[Any]) -> None:
        import pandas as pd

        links = [one_row_per_pair(links_within(*pair)) for pair in zip(found, periods, strict=True)]
        both = pd.concat([side_links[["account_a", "account_b", "n_occasions"]] for side_links in links])
        strength = pd.concat([both["account_a"], both["account_b"]]).value_counts()
        kept = set(sorted(strength.index, key=lambda account: (-strength[account], account))[:MOST])
        drawn = both[both["account_a"].isin(kept) & both["account_b"].isin(kept)]
        places = laid_out(drawn, int(found[1].parameters.get("seed", 0)))
        for side, findings, pairs in zip(self.sides, found, links, strict=True):
            inside = pairs[pairs["account_a"].isin(kept) & pairs["account_b"].isin(kept)]
            side.show_graph(columns(inside, _Facts(self, findings), places, self._of_edge, None))

    def _of_edge(self, row: Any) -> str:
        expected = self.words.wording.about(float(row.expected))
        return self.words.say("explore.edge", count=int(row.n_occasions), expected=expected)

    def _tell(self) -> None:
        result = self.result
        lines = [self.words.say("compare.links", **result.links)]
        lines.append(self.words.say("compare.accounts", count=len(result.accounts)))
        if not len(result.accounts) and not _changed(result.groups):
            lines.append(self.words.say("compare.same"))
        self.said.value = text_html("\n".join(lines))
        self.table.value = self._groups() + self._accounts()

    def _groups(self) -> str:
        rows = _changed(self.result.groups)
        if not rows:
            return ""
        header = [self.words.say(f"compare.column.{key}") for key in ("group_before", "group_after", "joined", "left")]
        return table_html(
            header, [[self._group(r, "before"), self._group(r, "after"), r["joined"], r["left"]] for r in rows]
        )

    def _group(self, row: Mapping[str, Any], side: str) -> str:
        number = row[side]
        return "–" if number is None else self.words.say("explore.view.group", group=number, count=row[f"size_{side}"])

    def _accounts(self) -> str:
        if not len(self.result.accounts):
            return ""
        header = [
            self.words.say("explore.column.account"), self.words.say("explore.column.name"),
            self.words.say("compare.column.tier_before"), self.words.say("compare.column.tier_after"),
            self.words.say("compare.column.links_before"), self.words.say("compare.column.links_after"),
        ]  # fmt: skip
        rows = []
        for row in self.result.accounts[:ROWS].to_dict("records"):
            account = str(row["account_id"])
            rows.append([
                self.stand_in(account), self.name(account), row["tier_before"] or "–", row["tier_after"] or "–",
                row["links_before"], row["links_after"],
            ])  # fmt: skip
        more = len(self.result.accounts) - len(rows)
        return table_html(header, rows) + (text_html(self.words.say("compare.more", count=more)) if more else "")

    def name(self, account: str) -> str:
        """Return the name of an account for the screen."""
        return quote(self._names.get(account, account), 60)[1:-1]

    def stand_in(self, account: str) -> str:
        """Return the pseudonym of an account."""
        if account not in self._stand_in:
            self._stand_in[account] = self._case.pseudonym(account)
        return self._stand_in[account]


class _SidePanel:
    """One of the two: which look, which period, and its picture."""

    def __init__(self, owner: Comparison, name: str, side: Side) -> None:
        style = {"description_width": "initial"}
        wide = widgets.Layout(width="98%")
        self._own, self._name, self._drawing = owner, name, False
        self.look = widgets.Dropdown(
            options=owner.looks(),
            value=side.look,
            description=owner.words.say(f"compare.{name}"),
            style=style,
            layout=wide,
        )
        options = owner.moments()
        self.moments = [seconds for _, seconds in options]
        names = owner.words.say("explore.period"), owner.words.say("explore.period_to")
        self.period = PeriodChoice(options, names, owner.no_period())
        self.view: NetworkView | None = None
        if bundle() is not None:
            later = {placeholder: f"{{{placeholder}}}" for placeholder in ("count", "all", "group", "at")}
            words = {key: owner.words.say(f"explore.view.{key}", **later) for key in _VIEW}
            self.view = NetworkView(words=words, small=True)
        shown = self.view if self.view is not None else widgets.HTML(text_html(owner.words.say("explore.not_built")))
        self.widgets = [self.look, self.period, shown]
        for box in (self.look, self.period):
            box.observe(self._chosen, names="value")

    def _chosen(self, _change: Any) -> None:
        """Send what is chosen; not where the widgets follow the state."""
        if self._drawing:
            return
        low, high = self.period.value
        whole = (low, high) == (self.moments[0], self.moments[-1])
        period: Period | None = None if whole else period_of((low, high))
        self._own.change(self._name, Side(self.look.value, period))

    def draw(self, side: Side) -> None:
        """Let the widgets show a choice."""
        self._drawing = True
        try:
            self.look.value = side.look
            ends = () if side.period is None else tuple(int(end.timestamp()) for end in side.period)
            self.period.value = ends if ends and set(ends) <= set(self.moments) else (self.moments[0], self.moments[-1])
        finally:
            self._drawing = False

    def show_graph(self, graph: dict[str, Any]) -> None:
        """Draw a graph."""
        if self.view is not None:
            self.view.graph = graph


class _Facts(dict[str, Any]):
    """What a picture says of an account in one look."""

    def __init__(self, owner: Comparison, found: Findings) -> None:
        super().__init__()
        self.own = owner
        self.tiers = dict(zip(found.accounts["account_id"], found.accounts["tier"], strict=True))
        self.groups = {
            str(account): int(row["cluster_id"])
            for row in found.clusters.to_dict("records")
            for account in row["accounts"]
        }

    def get(self, account: str, default: Any = None) -> Any:
        tier = self.tiers.get(account)
        return {
            "label": self.own.name(account),
            "alias": self.own.stand_in(account),
            "tier": tier if isinstance(tier, str) else "",
            "cluster": self.groups.get(account, 0),
        }


def _changed(groups: Any) -> list[dict[str, Any]]:
    """Return the groups that are new, gone, or have other members, with plain numbers."""
    rows = [{k: None if v is None or v != v else int(v) for k, v in row.items()} for row in _plain(groups)]  # noqa: PLR0124
    return [row for row in rows if row["joined"] or row["left"]]


def _plain(groups: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = groups.astype(object).where(groups.notna(), None).to_dict("records")
    return rows


def _yesterday(looks: Mapping[int, Look]) -> int:
    """Return the newest look that is at least 20 hours old, else the newest other one, else this one."""
    now = datetime.now().astimezone()
    old = [
        look.seq for look in looks.values() if now - datetime.fromisoformat(look.at.replace("Z", "+00:00")) >= _A_DAY
    ]
    return next(iter(old), next(iter(looks), _NOW))


def compare(
    case: Case, found: Findings, wording: Callable[[str], Any], names: Mapping[str, str], language: str = "en"
) -> Comparison:
    """Return two investigations of a case, or two periods, side by side.

    Parameters
    ----------
    case : Case
        Whose earlier investigations are offered, as far as their results are still kept.
    found : Findings
        The look of now.
    wording, names, language : callable, mapping of str to str, {"en", "hi"}
        As for :func:`~spmc_tools.show.explorer.explorer.explore`.

    Notes
    -----
    On the left stands the newest look that is at least 20 hours old. A difference is no event: see
    :mod:`spmc_tools.findings.result.compared_runs`.
    """
    return Comparison(case, found, Words(language, wording(language)), names)
