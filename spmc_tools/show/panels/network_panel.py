"""The panel of the network, with the timeline that is drawn above it; a still picture where the view is not built."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from spmc_tools.case.acts.marks import CLEARED, LEAD, SECOND_LOOK
from spmc_tools.coaction.traces.trace_catalogue import TRACES
from spmc_tools.errors import quote
from spmc_tools.show.charts import calendar_marks, charts
from spmc_tools.show.network.network_view import MOST, NetworkView, Stars, bundle, columns
from spmc_tools.show.panels.panel import Panel
from spmc_tools.show.selection.shared_things import GROUP, OBJECT, SECOND
from spmc_tools.show.selection.state import Selected
from spmc_tools.show.widgets.period import period_of
from spmc_tools.show.widgets.safe_tables import text_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from spmc_tools.show.panels.panel import Page, Words
    from spmc_tools.show.selection.logged import Logged
    from spmc_tools.show.selection.source import Source

__all__ = ["FILLED_IN", "SIGNS", "VIEW_WORDS", "NetworkPanel"]

SIGNS = {LEAD: "➤", CLEARED: "✓", SECOND_LOOK: "?"}
"""How a mark is drawn."""

VIEW_WORDS = (
    "title", "search", "focus", "lasso", "fold", "fit", "larger", "smaller", "png", "svg", "color", "by_cluster",
    "by_trace", "by_tier", "by_first", "none", "several", "until", "from", "began", "group", "timeline", "not_found",
    "nothing", "stage", "shown", "shown_accounts", "of", "things",
)  # fmt: skip
"""Messages that the view shows, without ``explore.view.``."""

FILLED_IN = ("count", "all", "group", "until", "from", "at")
"""What JavaScript fills into them."""

_NOT_LOOKED_AT = {"lacks_column", "nothing_to_look_at", "needs_accounts", "one_account"}
_PICTURE, _SHA = re.compile(r"[a-z0-9_-]{1,64}-network\.(png|svg)"), re.compile(r"[0-9a-f]{64}|")


class NetworkPanel(Panel):
    """The network and what is said of what it lacks.

    Attributes
    ----------
    view : NetworkView or None
        Network and timeline; None where the bundle was not built.
    still : ipywidgets.Image
        The network as a picture, in place of the view.
    widgets : list of Widget
        What is shown of both, from above.
    """

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.view = self._made_view() if bundle() is not None else None
        self.still = widgets.Image(format="svg+xml", value=b"<svg xmlns='http://www.w3.org/2000/svg'/>")
        not_built = widgets.HTML(text_html(self.words.say("explore.not_built")))
        self.widgets = [self.view] if self.view is not None else [not_built, self.still]
        self._drawn: frozenset[str] = frozenset()
        self._left_out = 0

    def _made_view(self) -> NetworkView:
        say, case, found = self.words.say, self.source.case, self.source.found
        facts = {"case": case.id, "results": "" if found.derived is None else found.derived.parent.name}
        stamp = say("explore.view.stamp_reviewed" if found.reviewed else "explore.view.stamp", **facts)
        spoken = {key: say(f"explore.view.{key}", **{name: f"{{{name}}}" for name in FILLED_IN}) for key in VIEW_WORDS}
        facts["run"], facts["ledger"] = self.source.last_report(), case.ledger.head()[1]
        view = NetworkView(
            words={**spoken, "stamp": stamp},
            facts=facts,
            names=found.reviewed,
            language="hi" if self.words.language == "hi" else "en",
            bins=self._bins(),
        )
        view.on_msg(lambda _view, message, _buffers: self.picture_saved(message))
        self._on_choice(view, "period", self._brushed)
        self._on_choice(view, ["selected", "edge"], self._chosen)
        self._on_choice(view, "color_by", lambda change: self._send(color_by=change["new"]))
        self._on_choice(view, "folded", lambda change: self._send(folded=tuple(change["new"])))
        return view

    def _bins(self) -> dict[str, Any]:
        """Return the bars of the timeline with what the calendar marks in it."""
        if not self.source.bands:
            return self.source.bins
        bands = calendar_marks.marks(self.words.wording, self.source.bands, str)
        return self.source.bins | {
            "marks": [
                {"kind": kind, "label": label, "from": int(start.timestamp()), "to": int(end.timestamp())}
                for kind, label, start, end in bands
            ]
        }

    def picture_saved(self, message: Any) -> None:
        """Write into the custody log that the browser was given a picture; a message of another form is left out."""
        if not isinstance(message, dict) or message.get("kind") != "saved":
            return
        name, sha = str(message.get("file")), str(message.get("sha256"))
        if not _PICTURE.fullmatch(name) or not _SHA.fullmatch(sha):
            return
        folder, case = self.source.found.derived, self.source.case
        facts = {"names": bool(message.get("names")), "derived": None if folder is None else folder.parent.name}
        self._attempt(
            lambda: case.log("export", {"file": name, "sha256": sha, "format": f".{name[-3:]}", **facts}),
            self.page.notice,
        )

    # -- what is chosen in it ------------------------------------------------------------------------------------

    def _send(self, **changes: Any) -> None:
        self.page.change(replace(self.state, **changes))

    def _brushed(self, change: Any) -> None:
        self.page.change(self.state.within(period_of(tuple(change["new"])) if len(change["new"]) == 2 else None))

    def _chosen(self, change: Any) -> None:
        view, known = change["owner"], set(self.source.facts.index)
        accounts = tuple(account for account in view.selected if account in known)
        edge = tuple(view.edge) if len(view.edge) == 2 and set(view.edge) <= known else None
        group = None if view.edge else self.source.group_of(accounts, self.state)
        period = self.state.selected.period
        self._send(selected=self.source.selection(Selected(accounts, edge, group, period)))

    # -- what is drawn -------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        state, selected = self.state, self.state.selected
        another_graph = self._differs("graph", state.filters, state.all_accounts, self.logged)
        if another_graph:
            self.draw_graph()
        if self._differs("notice", selected.period) or another_graph:
            self._say_what_is_lacking()
        if self.view is None:
            return
        self.view.selected = list(selected.accounts)
        self.view.edge = list(selected.edge or ())
        self.view.period = [] if selected.period is None else [int(end.timestamp()) for end in selected.period]
        self.view.color_by, self.view.folded = state.color_by, list(state.folded)

    def draw_graph(self) -> None:
        """Send the graph that the filters leave; until it is there a word says that it is worked on."""
        self.page.notice.value = text_html(self.words.say("explore.working"))
        pairs = self.source.pairs(self.state.filters)
        most = None if self.state.all_accounts else MOST
        facts = _Facts(self.source, self.words, self.logged)
        links = self.source.stars(self.state.filters)
        places = self.source.places(pairs, links, most)
        graph = columns(pairs, facts, places, self._said_of, most, self._stars(links))
        graph["traces"] = [self.words.trace(trace) for trace in self.source.traces]
        graph["covers"] = self._covers(graph["tier"])
        accounts = [node for node, thing in zip(graph["id"], graph["thing"], strict=True) if not thing]
        self._drawn, self._left_out = frozenset(accounts), graph["left_out"]
        if self.view is not None:
            self.view.graph = graph
        else:
            self.still.value = charts.network(_picture(graph), 6.0).encode()

    def _said_of(self, row: Any) -> str:
        expected = self.words.wording.about(float(row.expected))
        return self.words.say("explore.edge", count=int(row.n_occasions), expected=expected)

    def _stars(self, links: pd.DataFrame) -> Stars:
        """Return what is drawn besides the pairs; who has neither link nor shared thing, where nothing is filtered."""
        filters, say = self.state.filters, self.words.say
        return Stars(
            links=links,
            facts=self._things(set(links["thing"])),
            says=lambda row: say("explore.star", n=int(row.n_records)),
            alone=() if filters.asked() else self.source.alone,
        )

    def _things(self, drawn: set[str]) -> dict[str, dict[str, Any]]:
        """Return what the network says of each shared thing; its words stand on the screen, in no saved picture."""
        things = self.source.things.things
        things = things[things["thing"].isin(drawn)]
        texts = self.source.texts(things.loc[things["kind"] == OBJECT, "record_id"])
        say = self.words.say
        found: dict[str, dict[str, Any]] = {}
        rows: list[Any] = list(things.itertuples(index=False))
        for row in rows:
            clock = self.words.clock(row.first_t)
            if row.kind == OBJECT:
                named = say("explore.thing.object", what=self.words.trace(row.trace), number=row.number)
            elif row.kind == SECOND:
                named = say("explore.thing.second", at=clock)
            elif row.kind == GROUP:
                named = say("explore.thing.group", number=row.object_id)
            else:
                named = say("explore.thing.moment", number=row.number)
            note = say("explore.thing.note", n=int(row.n_accounts), at=clock)
            quoted = quote(texts[row.record_id], 160) if row.record_id in texts else ""
            found[row.thing] = {
                "label": named,
                "alias": named,
                "note": f"{note}\n{quoted}".strip(),
                "cluster": row.cluster,
            }
        return found

    def _covers(self, tiers: list[str]) -> str:
        """Say how many of the accounts that have a tier are drawn."""
        all_tiers = Counter(self.source.facts["tier"].dropna())
        here = Counter(tiers)
        return self.words.say(
            "explore.covers",
            named=here["A"] + here["B"],
            all=all_tiers["A"] + all_tiers["B"],
            shown=here["C"],
            rest=all_tiers["C"],
        )

    def _say_what_is_lacking(self) -> None:
        """Say what the picture lacks: nothing to draw and why, and how many are not drawn, in the period too."""
        say, source = self.words.say, self.source
        lines = [] if self._drawn else [say("explore.empty") if source.linked else self._no_edges()]
        lines += self._lacking() if len(source.facts) and not source.linked else []
        if self._left_out and self.state.selected.period is None:
            lines.append(say("explore.view_left_out", count=self._left_out, most=MOST))
        elif self._left_out:
            inside = source.inside(self.state)
            touching = self.source.stars_inside(self.state)["account_id"]
            missing = len({*inside["account_a"], *inside["account_b"], *touching} - self._drawn)
            lines.append(say("explore.view_left_out_of_period", count=missing, all=self._left_out, most=MOST))
        self.page.notice.value = text_html("\n".join(lines)) if lines else ""

    def _no_edges(self) -> str:
        """Say that nobody was in step; where no trace could be looked at, that nobody knows."""
        if not len(self.source.facts):
            return self.words.say("explore.no_records")
        found = self.source.found
        left_out = {row["trace"] for row in found.not_run if row.get("code") in _NOT_LOOKED_AT}
        asked = {trace for trace in found.parameters.get("traces", []) if trace in TRACES}
        if asked and asked <= left_out:
            return self.words.say("explore.nothing_looked_at")
        return self.words.say("explore.no_edges")

    def _lacking(self) -> list[str]:
        """Return a sentence on the traces that were not looked at as the data lacks their columns."""
        not_run = self.source.found.not_run
        rows = [row for row in not_run if row.get("code") == "lacks_column" and row["trace"] in TRACES]
        named = [
            f"{self.words.trace(row['trace'])} ({', '.join(row['columns']).replace(' or ', ' / ')})" for row in rows
        ]
        return [self.words.say("explore.lacking", what="; ".join(named))] if named else []


class _Facts(dict[str, Any]):
    """What the network says of an account, worked out when it is asked for."""

    def __init__(self, source: Source, words: Words, logged: Logged) -> None:
        super().__init__()
        self.source, self.words, self.logged = source, words, logged

    def get(self, account: str, default: Any = None) -> Any:
        import pandas as pd

        if account not in self.source.facts.index:
            return default
        row: Any = self.source.facts.loc[account]
        mark, alias = self.logged.marks.of(account), self.source.pseudonyms[account]
        return {
            "label": self.source.name(account),
            "alias": alias,
            "listed": account in self.logged.listed.accounts,
            "trace": self.source.trace_of.get(account, 0),
            "note": self.words.say("explore.note", account=alias, count=int(row["n_records"])),
            "cluster": 0 if pd.isna(row["cluster_id"]) else int(row["cluster_id"]),
            "tier": "" if pd.isna(row["tier"]) else row["tier"],
            "mark": "" if mark is None else SIGNS[mark.mark],
        }


def _picture(graph: Mapping[str, Any]) -> dict[str, Any]:
    """Return the accounts of a graph as the chart of a report takes them: who has a tier gets a number."""
    accounts = graph["thing"].count(0)  # things come last
    numbers = iter(range(1, accounts + 1))
    nodes = [
        {"x": x / 10_000, "y": y / 10_000, "n": next(numbers) if tier else None}
        for x, y, tier in zip(graph["x"][:accounts], graph["y"], graph["tier"], strict=False)
    ]
    lines = [pair for pair in zip(graph["a"], graph["b"], strict=True) if max(pair) < accounts]
    return {"nodes": nodes, "lines": lines}
