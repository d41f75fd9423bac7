"""The explorer: timeline, network, accounts, groups and posts that filter together, and the marks of an officer.

Every choice is at hand in Python (:attr:`Explorer.selected`), and :meth:`Explorer.call` is the code that gives the same
posts again. Names on the screen are for the case's own officers; what is saved to a file carries pseudonyms.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from spmc_tools.case.acts import marks as marking
from spmc_tools.case.acts.account_lists import account_list, keep_account_list, matched_accounts
from spmc_tools.case.files.lock_wait import waiting
from spmc_tools.coaction.traces.trace_catalogue import TRACES
from spmc_tools.errors import ParameterError, SpmcError, quote
from spmc_tools.findings.clusters.evidence import carrying
from spmc_tools.network.build import one_row_per_pair
from spmc_tools.show.charts import charts
from spmc_tools.show.charts.calendar_marks import between, event_of, told
from spmc_tools.show.charts.calendar_marks import marks as marks_in
from spmc_tools.show.explorer.narrowed import narrowed, tiers_from
from spmc_tools.show.explorer.other_marks import MarksOfOthers, look_often, news_of
from spmc_tools.show.network.network_view import MOST, NetworkView, bins, bundle, columns
from spmc_tools.show.network.positions import Positions
from spmc_tools.show.widgets.period import PeriodChoice, moment, period_of
from spmc_tools.show.widgets.posts import posts_html
from spmc_tools.show.widgets.safe_tables import keeps_its_page, text_html
from spmc_tools.show.widgets.sentences import sentence_of, waiting_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.found import Findings

__all__ = ["Explorer", "Selected", "explore"]

TABLE = 5000
"""Accounts in the table; who has an edge, a tier or a mark comes first."""

QS = (0.01, 0.001, 0.0001)
"""What a link's q may be at most: the expected share of chance links among those that are at least as sure."""

_ALL = ""
_SIGNS = {marking.LEAD: "➤", marking.CLEARED: "✓", marking.SECOND_LOOK: "?"}
_NOT_LOOKED_AT = {"lacks_column", "nothing_to_look_at", "needs_accounts", "one_account"}
_NEWS = 5
"""Marks of others that are told in words at once, the newest."""

_MANY = 20
"""Posts of at most so many accounts are shown at once."""

_FILES = ("findings.xlsx", "edges.csv", "network.graphml", "network.gexf")
_PICTURE, _SHA = re.compile(r"[a-z0-9_-]{1,64}-network\.(png|svg)"), re.compile(r"[0-9a-f]{64}|")
_VIEW = (
    "title", "search", "focus", "lasso", "fold", "fit", "larger", "smaller", "png", "svg", "color", "by_cluster",
    "by_trace", "by_tier", "by_first", "none", "several", "until", "from", "began", "group", "timeline", "not_found",
    "nothing", "stage", "shown", "shown_accounts", "of",
)  # fmt: skip
_LATER = ("count", "all", "group", "until", "from", "at")
"""What JavaScript fills in."""


@dataclass(frozen=True, slots=True)
class Selected:
    """What is chosen: ids of accounts, the two ids of an edge, a group's number, and a period in UTC (None: all)."""

    accounts: tuple[str, ...] = ()
    edge: tuple[str, str] | None = None
    cluster: int | None = None
    period: tuple[pd.Timestamp, pd.Timestamp] | None = None


class Explorer:
    """The explorer of one case; ``widget`` is what a notebook shows.

    Attributes
    ----------
    widget : ipywidgets.VBox
        All views and controls.
    view : NetworkView or None
        The network and timeline; None where its bundle was not built.
    marks : Marks
        As they stood when they were read last. Those of others appear within seconds; a mark is refused where one of
        theirs came while its reason was being written.
    """

    def __init__(
        self, case: Case, found: Findings, wording: Callable[[str], Any], names: Mapping[str, str], language: str
    ) -> None:
        self._case, self._found, self._wording = case, found, wording
        self._names = names
        self._edges = found.edges[carrying(found.edges)]
        self._linked = sorted({*self._edges["account_a"], *self._edges["account_b"]})
        self._facts = found.accounts.set_index("account_id")
        self._stand_in = case.pseudonyms(self._facts.index)
        self._seed = int(found.parameters.get("seed", 0))
        self._places = Positions(self._edges, self._seed)
        self._traces = sorted(set(self._edges["trace"]))
        self._trace_of = _trace_of(self._edges, self._traces)
        self._filter: dict[str, Any] = {"trace": _ALL, "window": _ALL, "q": _ALL, "tier": _ALL, "all": False}
        self._chosen: Selected = Selected()
        self._busy = False
        self._turn = threading.RLock()
        self._others = MarksOfOthers(case)
        self.marks = marking.marks_of(case)
        self._before: marking.Marks | None = None
        self._unread: str | None = None
        self._read_list()
        self.widget = widgets.VBox([])
        self._speak(language)
        self._looks = look_often(self.look_again)

    def _repr_mimebundle_(self, **given: Any) -> Any:
        return self.widget._repr_mimebundle_(**given)

    # -- what is chosen ------------------------------------------------------------------------------------------

    @property
    def selected(self) -> Selected:
        """What is chosen now."""
        return self._chosen

    def select(
        self,
        accounts: tuple[str, ...] = (),
        edge: tuple[str, str] | None = None,
        cluster: int | None = None,
        period: tuple[Any, Any] | None = None,
    ) -> None:
        """Choose, as a click does: accounts, an edge (then its two accounts), or a group; every view follows.

        Raises
        ------
        ParameterError
            Where there is no such account, edge or group.
        """
        if cluster is not None:
            accounts = tuple(sorted(self._found._members(cluster)))
        unknown = [one for one in accounts if one not in self._facts.index]
        if unknown:
            raise ParameterError(f"No record of this case is from {quote(unknown[0])}; wanted an account id.")
        if edge is not None:
            edge = self._found._pair(edge)
            accounts = edge if not set(accounts) & set(edge) else accounts
        another_period = period != self._chosen.period
        if set(accounts) != set(self._chosen.accounts):
            self._before, self.marked.value = None, ""
        self._chosen = Selected(tuple(accounts), edge, cluster, period)
        self.look_again()
        if another_period:
            self._update_tables()
            self._say_drawn()
        self._show_chosen()

    def call(self) -> str:
        """Return the code that gives the posts of what is chosen; empty where nothing is."""
        of = self._of()
        if of is None:
            return ""
        lines = [
            f"opened = spmc.open_case({self._case.id!r})",
            f"found = spmc.investigate(opened, seed={self._seed})",
        ]
        if asked := self._asked():
            told = ", ".join(f"{name}={value!r}" for name, value in asked.items())
            lines = [
                "from spmc_tools.show.explorer.narrowed import narrowed",
                *lines,
                f"found = narrowed(found, {told})",
            ]
        if isinstance(of, list):
            lines = [
                "import pandas as pd",
                *lines,
                f"chosen = {of!r}",
                "posts = pd.concat([found.evidence(one) for one in chosen]).drop_duplicates('record_id')",
                "posts = posts[posts['account_id'].isin(chosen)].sort_values(['created_at', 'record_id'])",
            ]
        else:
            lines.append(f"posts = found.evidence({of!r})")
        if self._chosen.period is not None:
            first, last = (one.isoformat() for one in self._chosen.period)
            lines.append(f"posts = posts[posts['created_at'].between({first!r}, {last!r})]")
        return "\n".join(lines)

    def posts(self) -> pd.DataFrame | None:
        """Return the posts behind what is chosen, in time order, inside filters and period; None where nothing is.

        Of one account: its own and those in step with them. Of several: their own, of the first 20 by id.
        """
        import pandas as pd

        of = self._of()
        if of is None:
            return None
        self._found.read_records()  # once, for what is narrowed too
        found = narrowed(self._found, **self._asked())
        if isinstance(of, list):
            posts = pd.concat([found.evidence(one) for one in of]).drop_duplicates("record_id")
            posts = posts[posts["account_id"].isin(of)].sort_values(["created_at", "record_id"], ignore_index=True)
        else:
            posts = found.evidence(of)
        if self._chosen.period is not None:
            posts = posts[posts["created_at"].between(*self._chosen.period)].reset_index(drop=True)
        return posts

    def _asked(self) -> dict[str, Any]:
        """Return what the filters ask for, as :func:`spmc_tools.show.explorer.narrowed.narrowed` takes it."""
        names = {"trace": "trace", "window": "window_s", "q": "q", "tier": "tier"}
        return {called: self._filter[name] for name, called in names.items() if self._filter[name] != _ALL}

    def _of(self) -> Any:
        chosen = self._chosen
        if chosen.edge is not None:
            return chosen.edge
        if chosen.cluster is not None:
            return chosen.cluster
        if len(chosen.accounts) > 1:
            return sorted(chosen.accounts)[:_MANY]
        return chosen.accounts[0] if chosen.accounts else None

    # -- the widgets ---------------------------------------------------------------------------------------------

    def _words(self, key: str, **values: Any) -> str:
        return str(self._spoken.say(key, **values))

    def _speak(self, language: str) -> None:
        """Build every widget anew in a language; what is chosen stays."""
        self.language = language
        self._spoken = self._wording(language)
        old = getattr(self, "view", None)
        if old is not None:
            old.close()
        self.view = self._network() if bundle() is not None else None
        self.still = widgets.Image(format="svg+xml", value=b"<svg xmlns='http://www.w3.org/2000/svg'/>")
        self._controls()
        self._lists()
        self._mark_form()
        self._list_form()
        network = [self.view] if self.view is not None else [_text(self._words("explore.not_built")), self.still]
        reviewed = "" if self._found.reviewed else self._words("explore.not_reviewed")
        self.widget.children = [
            widgets.HTML(text_html(reviewed)) if reviewed else widgets.HTML(),
            self.controls,
            self.said,
            *network,
            self.brush,
            self.calendar,
            widgets.HTML(text_html(self._words("explore.evidence"))),
            self.evidence,
            self.marking,
            self.tables,
            widgets.Accordion(
                [self.listing, self.code], titles=[self._words("explore.list"), self._words("explore.call")]
            ),
        ]
        self._filtered()
        self._show_chosen()

    def _network(self) -> NetworkView:
        folder = self._found.derived
        facts = {"case": self._case.id, "results": "" if folder is None else folder.parent.name}
        reviewed = self._found.reviewed
        stamp = self._words("explore.view.stamp" if not reviewed else "explore.view.stamp_reviewed", **facts)
        words = {key: self._words(f"explore.view.{key}", **{name: f"{{{name}}}" for name in _LATER}) for key in _VIEW}
        facts["run"], facts["ledger"] = self._run(), self._case.ledger.head()[1]
        made = NetworkView(
            words={**words, "stamp": stamp},
            facts=facts,
            names=reviewed,
            language="hi" if self.language == "hi" else "en",
        )
        made.on_msg(lambda _view, message, _buffers: self._picture_saved(message))
        return made

    def _run(self) -> str:
        """Return the last report that rests on these results; empty where there is none."""
        from spmc_tools.case.acts.review_entries import results_at

        if self._found.derived is None:
            return ""
        entries = self._case.ledger.entries()
        if not results_at(entries, self._found.derived):
            return ""
        place = f"derived/{self._found.derived.parent.name}/{self._found.derived.name}"
        runs = {
            e["payload"].get("run")
            for e in entries
            if e["kind"] == "investigate" and e["payload"].get("derived") == place
        }
        made = [
            str(e["payload"].get("run_id"))
            for e in entries
            if e["kind"] == "report" and e["payload"].get("run_id") in runs
        ]
        return made[-1] if made else ""

    def _picture_saved(self, message: Any) -> None:
        """Write into the custody log that the browser was given a picture; a message of another form is left out."""
        if not isinstance(message, dict) or message.get("kind") != "saved":
            return
        name, sha = str(message.get("file")), str(message.get("sha256"))
        if not _PICTURE.fullmatch(name) or not _SHA.fullmatch(sha):
            return
        folder = self._found.derived
        facts = {"names": bool(message.get("names")), "derived": None if folder is None else folder.parent.name}
        self._try(
            lambda: self._case.log("export", {"file": name, "sha256": sha, "format": f".{name[-3:]}", **facts}),
            self.said,
        )

    def _try(self, act: Callable[[], Any], place: widgets.HTML) -> Any:
        """Return what an act gives; a wait is said in a place of the page, what went wrong too, and gives None."""
        try:
            with waiting(waiting_in(place, self._words)):
                return act()
        except KeyboardInterrupt:
            place.value = text_html(self._words("explore.stopped"))
        except SpmcError as error:
            mark = error.facts.get("mark")
            said = {"mark": self._spoken.say(f"explore.mark.{mark}")} if mark in marking.MARKS else {}
            if "field" in error.facts and place is self.list_says:
                said["field"] = self._words("explore.list.reason")
            place.value = text_html(sentence_of(error, self._spoken.say, **said))
        return None

    def _controls(self) -> None:
        edges = self._edges
        everything = (self._words("explore.all"), _ALL)
        traces = [(str(self._spoken.say(f"trace.{one}")), one) for one in sorted(set(edges["trace"]))]
        windows = [
            (str(self._spoken.lasting(float(one))), float(one)) for one in sorted(set(edges["window_s"].dropna()))
        ]
        drop = partial(widgets.Dropdown, style={"description_width": "initial"}, layout={"max_width": "98%"})
        self.language_box = drop(
            options=[("English", "en"), ("हिन्दी", "hi"), ("English · हिन्दी", "both")],
            value=self.language,
            description=self._words("explore.language"),
        )
        self.trace = drop(
            options=[everything, *traces], description=self._words("explore.trace"), value=self._filter["trace"]
        )
        self.window = drop(
            options=[everything, *windows], description=self._words("explore.window"), value=self._filter["window"]
        )
        limits = [everything, *((f"{one:g}", one) for one in QS)]
        self.q = drop(options=limits, description=self._words("explore.q"), value=self._filter["q"])
        tiers = [everything, *((self._words("explore.tier_from", tier=one), one) for one in ("A", "B", "C"))]
        self.tier = drop(options=tiers, description=self._words("explore.tier"), value=self._filter["tier"])
        self.whole = widgets.Checkbox(value=self._filter["all"], description=self._words("explore.whole"), indent=False)
        self.said = widgets.HTML()
        self.controls = widgets.HBox(
            [self.trace, self.window, self.q, self.tier, self.whole, self.language_box],
            layout=widgets.Layout(flex_flow="wrap"),
        )
        for name, box in (
            ("trace", self.trace),
            ("window", self.window),
            ("q", self.q),
            ("tier", self.tier),
            ("all", self.whole),
        ):
            box.observe(self._in_turn(partial(self._filter_changed, name)), names="value")
        self.language_box.observe(self._in_turn(lambda change: self._speak(change["new"])), names="value")
        self._timeline()

    def _timeline(self) -> None:
        """Make the lists that choose a period by keyboard, and tie the view's timeline to it."""
        records = self._found.read_records().select(["account_id", "created_at"]).to_pandas()
        own = records[records["account_id"].isin(self._linked)] if self._linked else records
        self._bins = bins(own["created_at"])
        bands = self._bands()
        self.calendar = widgets.HTML(text_html(str(self._spoken.sentences(told(self._spoken, bands)))) if bands else "")
        if bands:
            self._bins["marks"] = [
                {"kind": kind, "label": label, "from": int(start.timestamp()), "to": int(end.timestamp())}
                for kind, label, start, end in marks_in(self._spoken, bands, str)
            ]
        steps = range(len(self._bins.get("counts", [0])) + 1)
        self._moments = [self._bins.get("start", 0) + self._bins.get("step", 1) * one for one in steps]
        options = [(str(self._spoken.clock(moment(one))), one) for one in self._moments]
        nothing = "" if self._bins else self._words("explore.no_period")
        names = self._words("explore.period"), self._words("explore.period_to")
        self.brush = PeriodChoice(options, names, nothing)
        self.brush.observe(self._in_turn(self._brushed), names="value")
        if self.view is not None:
            self.view.bins = self._bins
            self.view.observe(self._in_turn(self._view_brushed), names="period")
            self.view.observe(self._in_turn(self._view_chose), names=["selected", "edge"])

    def _bands(self) -> list[dict[str, Any]]:
        """Return what the calendar marks in the timeline."""
        if not self._bins:
            return []
        start, step = self._bins["start"], self._bins["step"]
        first, end = moment(start), moment(start + step * len(self._bins["counts"]))
        return between(first, end, event_of(self._case))

    def _lists(self) -> None:
        from itables.widget import ITable

        options: dict[str, Any] = {
            "select": "single",
            "showIndex": False,
            "maxBytes": 0,
            "allow_html": False,
            "pageLength": 10,
            "lengthMenu": [10, 25, 100],
            "language": {
                "search": self._words("explore.table.search"),
                "lengthMenu": self._words("explore.table.length"),
                "info": self._words("explore.table.info"),
                "infoFiltered": self._words("explore.table.filtered"),
                "infoEmpty": self._words("explore.table.empty"),
                "emptyTable": self._words("explore.table.empty"),
                "zeroRecords": self._words("explore.table.empty"),
                "select": {"rows": {"_": self._words("explore.table.chosen"), "0": ""}},
            },
            "classes": "display compact nowrap",
            "style": "width:100%;margin:0",
            **keeps_its_page(),
        }
        self._account_rows, self._cluster_rows = self._account_table(), self._cluster_table()
        self._table_options = options  # ITable.update forgets what it is not told again, the bound of 64 KB among it
        self.accounts = ITable(self._account_rows, **options)
        self.clusters = ITable(self._cluster_rows, **options)
        self.accounts.observe(self._in_turn(self._account_chosen), names="selected_rows")
        self.clusters.observe(self._in_turn(self._cluster_chosen), names="selected_rows")
        self.inside = widgets.HTML()
        self._say_inside()
        saves = self._words("explore.save")
        self.save = widgets.Button(description=saves, tooltip=saves, layout=widgets.Layout(width="auto"))
        self.save.on_click(self._in_turn(lambda _button: self.save_tables()))
        self.tables = widgets.Tab(
            [widgets.VBox([self.inside, self.accounts, self.save]), widgets.VBox([self.inside, self.clusters])],
            titles=[self._words("explore.accounts"), self._words("explore.clusters")],
        )
        self.evidence, self.code = widgets.HTML(), widgets.HTML()

    def _mark_form(self) -> None:
        wide = widgets.Layout(width="34em", max_width="98%")
        style = {"description_width": "10em"}
        kinds = [(self._words(f"explore.mark.{one}"), one) for one in marking.MARKS]
        self.kind = widgets.Dropdown(
            options=kinds, value=marking.SECOND_LOOK, description=self._words("explore.mark"), style=style,
            layout={"max_width": "98%"},
        )  # fmt: skip
        self.who = widgets.Text(
            value=self._case.officer, description=self._words("explore.who"), style=style, layout=wide
        )
        self.reason = widgets.Textarea(description=self._words("explore.reason"), style=style, layout=wide, rows=2)
        self.reason.observe(self._in_turn(self._reason_begun), names="value")
        self.keep, self.back, self.again = (
            widgets.Button(description=self._words(f"explore.{key}"), layout={"width": "auto"})
            for key in ("keep", "undo", "redo")
        )
        self.keep.on_click(self._in_turn(lambda _button: self.mark()))
        self.back.on_click(self._in_turn(lambda _button: self.undo()))
        self.again.on_click(self._in_turn(lambda _button: self.redo()))
        self.standing, self.news, self.marked = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.marking = widgets.VBox(
            [
                self.news,
                self.standing,
                self.kind,
                self.who,
                self.reason,
                widgets.HBox([self.keep, self.back, self.again], layout=widgets.Layout(flex_flow="row wrap")),
                self.marked,
            ]
        )

    def _list_form(self) -> None:
        wide, style = widgets.Layout(width="34em", max_width="98%"), {"description_width": "10em"}
        self.own_list = widgets.Textarea(
            value="\n".join(self._list.accounts) if self._list else "",
            description=self._words("explore.list.accounts"), style=style, layout=wide, rows=4,
        )  # fmt: skip
        self.list_reason = widgets.Text(description=self._words("explore.list.reason"), style=style, layout=wide)
        self.list_keep = widgets.Button(
            description=self._words("explore.list.keep"), layout=widgets.Layout(width="auto")
        )
        self.list_keep.on_click(self._in_turn(lambda _button: self.keep_list()))
        self.list_choose = widgets.Button(
            description=self._words("explore.list.choose"), layout=widgets.Layout(width="auto")
        )
        self.list_choose.on_click(self._in_turn(lambda _button: self.select(tuple(sorted(self._listed)))))
        self.list_says = widgets.HTML()
        buttons = widgets.HBox([self.list_keep, self.list_choose])
        note = _text(self._words("explore.list.note"))
        self.listing = widgets.VBox([note, self.own_list, self.list_reason, buttons, self.list_says])
        self._say_list()

    def _read_list(self) -> None:
        self._list = account_list(self._case)
        typed = self._list.accounts if self._list else ()
        self._listed, self._unmatched = matched_accounts(typed, self._facts.index, self._names)

    def _say_list(self) -> None:
        if self._list is None:
            self.list_says.value = ""
            return
        who = {"who": quote(self._list.by, 60)[1:-1], "reason": quote(self._list.reason, 300)[1:-1]}
        when = self._spoken.moment(self._list.at.replace("Z", "+00:00"))
        lines = [self._words("explore.list.holds", count=len(self._listed), when=when, **who)]
        drawn = len(self._listed & set(self._linked))
        lines.append(self._words("explore.list.drawn", count=drawn))
        if self._unmatched:
            shown = ", ".join(quote(one, 60)[1:-1] for one in self._unmatched[:20])
            lines.append(self._words("explore.list.missing", count=len(self._unmatched), names=shown))
        self.list_says.value = text_html("\n".join(lines))

    def keep_list(self) -> None:
        """Lay the list of the form over the network; it stands in the custody log with its reason."""
        typed = re.split(r"[\n,;]", self.own_list.value)
        reason, who = self.list_reason.value, self.who.value
        if self._try(lambda: keep_account_list(self._case, typed, reason, by=who), self.list_says) is None:
            return
        self._read_list()
        self.list_reason.value = ""
        self._say_list()
        self._filtered()

    # -- tables --------------------------------------------------------------------------------------------------

    def _name(self, account: str) -> str:
        return quote(self._names.get(account, account), 60)[1:-1]

    def _sign(self, account: str) -> str:
        one = self.marks.of(account)
        return "" if one is None else f"{_SIGNS[one.mark]} {self._words(f'explore.mark.{one.mark}')}"

    def _account_table(self) -> pd.DataFrame:
        """Return the accounts with an edge, a tier or a mark, and others: those with a tier first, group by group.

        Where links are filtered or a period is chosen: those with a link inside it, and how many each has there.
        """
        import pandas as pd

        standing = set(self.marks.standing())
        pairs = self._inside()[["account_a", "account_b"]].drop_duplicates()
        partners = pd.concat([pairs["account_a"], pairs["account_b"]]).value_counts()
        own = self._facts[self._facts["tier"].notna() | self._facts.index.isin([*self._linked, *standing])]
        rest = self._facts[~self._facts.index.isin(own.index)].sort_index()
        chosen = pd.concat([own, rest[: max(0, TABLE - len(own))]])
        if self._filter["tier"] != _ALL:
            chosen = chosen[chosen["tier"].isin(tiers_from(self._filter["tier"]))]
        if self._narrowed():
            chosen = chosen[chosen.index.isin(partners.index)]
        group = chosen["cluster_id"].astype("Int64").fillna(1 << 30).astype(int)
        keys = zip(chosen["tier"].isna(), group, chosen.index.map(self._stand_in), chosen.index, strict=True)
        chosen = chosen.loc[[account for *_, account in sorted(keys)]]
        self._table_ids = [str(one) for one in chosen.index]
        words = {
            key: self._words(f"explore.column.{key}")
            for key in ("account", "name", "tier", "group", "posts", "links", "mark")
        }
        return pd.DataFrame(
            {
                words["account"]: [self._stand_in[one] for one in self._table_ids],
                words["name"]: [self._name(one) for one in self._table_ids],
                words["tier"]: chosen["tier"].astype(object).where(chosen["tier"].notna(), "").tolist(),
                words["group"]: ["" if pd.isna(one) else str(one) for one in chosen["cluster_id"]],
                words["posts"]: chosen["n_records"].astype(int).tolist(),
                words["links"]: [int(partners.get(one, 0)) for one in self._table_ids],
                words["mark"]: [self._sign(one) for one in self._table_ids],
            }
        )

    def _cluster_table(self) -> pd.DataFrame:
        """Return the groups; where links are filtered or a period is chosen, those with a link inside it."""
        import pandas as pd

        rows = self._found.clusters.sort_values("cluster_id")
        if self._narrowed():
            edges, group = self._inside(), self._facts["cluster_id"]
            one, two = (edges[end].map(group) for end in ("account_a", "account_b"))
            rows = rows[rows["cluster_id"].isin(one[one == two].dropna())]
        self._cluster_ids = [int(one) for one in rows["cluster_id"]]
        traces = [", ".join(str(self._spoken.say(f"trace.{one}")) for one in listed) for listed in rows["traces"]]
        words = [
            self._words(f"explore.column.{key}") for key in ("group", "members", "named", "traces", "first", "last")
        ]
        return pd.DataFrame(
            dict(
                zip(
                    words,
                    [
                        self._cluster_ids,
                        rows["size"].astype(int).tolist(),
                        rows["n_named"].astype(int).tolist(),
                        traces,
                        [str(self._spoken.clock(one)) for one in rows["first_t"]],
                        [str(self._spoken.clock(one)) for one in rows["last_t"]],
                    ],
                    strict=True,
                )
            )
        )

    # -- what follows what ---------------------------------------------------------------------------------------

    def _narrowed(self) -> bool:
        """Tell whether not all links are inside what is chosen: a kind, a window, a q, a tier or a period."""
        asked = any(self._filter[name] != _ALL for name in ("trace", "window", "q", "tier"))
        return asked or self._chosen.period is not None

    def _inside(self) -> pd.DataFrame:
        """Return the links inside the filters and the period: of a pair inside the period, every row."""
        edges = self._links()
        if self._chosen.period is None or not len(edges):
            return edges
        first, last = self._chosen.period
        both = edges.groupby(["account_a", "account_b"])
        meets = (both["first_t"].transform("min") <= last) & (both["last_t"].transform("max") >= first)
        return edges[meets]

    def _links(self) -> pd.DataFrame:
        """Return the links inside the filters, whatever the period."""
        edges = self._edges
        if self._filter["trace"] != _ALL:
            edges = edges[edges["trace"] == self._filter["trace"]]
        if self._filter["window"] != _ALL:
            edges = edges[edges["window_s"] == self._filter["window"]]
        if self._filter["q"] != _ALL:
            edges = edges[edges["q"] <= self._filter["q"]]
        if self._filter["tier"] != _ALL:
            shown = set(self._facts.index[self._facts["tier"].isin(tiers_from(self._filter["tier"]))])
            edges = edges[edges["account_a"].isin(shown) & edges["account_b"].isin(shown)]
        return edges

    def _pairs(self) -> pd.DataFrame:
        """Return one row per pair inside the filters, with the times of all its rows."""
        edges = self._links()
        pairs = one_row_per_pair(edges)
        if not len(pairs):
            return pairs
        times = edges.groupby(["account_a", "account_b"], sort=True).agg({"first_t": "min", "last_t": "max"})
        return pairs.drop(columns=["first_t", "last_t"]).merge(times.reset_index(), on=["account_a", "account_b"])

    def _filtered(self) -> None:
        """Send the graph that the filters leave; say what is not in it."""
        pairs = self._pairs()
        most = None if self._filter["all"] else MOST
        graph = columns(pairs, _Facts(self), self._places.of(pairs, most), self._of_edge, most)
        graph["traces"] = [str(self._spoken.say(f"trace.{one}")) for one in self._traces]
        self._drawn, self._left_out = frozenset(graph["id"]), graph["left_out"]
        self._say_drawn()
        if self.view is not None:
            self.view.graph = graph
        else:
            self.still.value = charts.network(_picture(graph), 6.0).encode()

    def _say_drawn(self) -> None:
        """Say what the picture lacks: nothing to draw and why, and how many are not drawn, in the period too."""
        lines = [] if self._drawn else [self._words("explore.empty") if self._linked else self._no_edges()]
        lines += self._lacking() if len(self._facts) and not self._linked else []
        if self._left_out and self._chosen.period is None:
            lines.append(self._words("explore.view_left_out", count=self._left_out, most=MOST))
        elif self._left_out:
            inside = self._inside()
            missing = len({*inside["account_a"], *inside["account_b"]} - self._drawn)
            facts = {"count": missing, "all": self._left_out, "most": MOST}
            lines.append(self._words("explore.view_left_out_of_period", **facts))
        self.said.value = text_html("\n".join(lines)) if lines else ""

    def _no_edges(self) -> str:
        """Say that nobody was in step; where no trace could be looked at, that nobody knows."""
        if not len(self._facts):
            return self._words("explore.no_records")
        left_out = {one["trace"] for one in self._found.not_run if one.get("code") in _NOT_LOOKED_AT}
        asked = {one for one in self._found.parameters.get("traces", []) if one in TRACES}
        if asked and asked <= left_out:
            return self._words("explore.nothing_looked_at")
        return self._words("explore.no_edges")

    def _lacking(self) -> list[str]:
        """Return a sentence on the traces that were not looked at as the data lacks their columns."""
        rows = [one for one in self._found.not_run if one.get("code") == "lacks_column" and one["trace"] in TRACES]
        told = [
            f"{self._words('trace.' + one['trace'])} ({', '.join(one['columns']).replace(' or ', ' / ')})"
            for one in rows
        ]
        return [self._words("explore.lacking", what="; ".join(told))] if told else []

    def _of_edge(self, row: Any) -> str:
        expected = self._spoken.about(float(row.expected))
        return self._words("explore.edge", count=int(row.n_occasions), expected=expected)

    def _filter_changed(self, name: str, change: Any) -> None:
        self._filter[name] = change["new"]
        self.said.value = text_html(self._words("explore.working"))
        self._filtered()
        if name != "all":
            self._update_tables()
            self._show_chosen()

    def _update_tables(self) -> None:
        self._account_rows, self._cluster_rows = self._account_table(), self._cluster_table()
        accounts, groups = self._chosen_rows()
        with self._quiet():
            self.accounts.update(self._account_rows, selected_rows=accounts, **self._table_options)
            self.clusters.update(self._cluster_rows, selected_rows=groups, **self._table_options)
        self._say_inside()

    def _chosen_rows(self) -> tuple[list[int], list[int]]:
        """Return the row of the one account that is chosen, and of the group."""
        own = [n for n, one in enumerate(self._table_ids) if one in self._chosen.accounts]
        groups = [n for n, one in enumerate(self._cluster_ids) if one == self._chosen.cluster]
        return own if len(own) == 1 else [], groups

    def _say_inside(self) -> None:
        """Say above the tables whom they hold where not everybody is in them."""
        lines = [self._words("explore.inside", count=len(self._account_rows))] if self._narrowed() else []
        left = len(self._facts) - len(self._account_rows)
        lines += [self._words("explore.left_out", count=left)] if left and not lines else []
        self.inside.value = text_html("\n".join(lines)) if lines else ""

    def _in_turn(self, does: Callable[[Any], object]) -> Callable[[Any], None]:
        """Return what a control calls: one after the other, though JupyterLab may call from a thread of its own."""

        def act(given: Any) -> None:
            with self._turn:
                does(given)

        return act

    def _quiet(self) -> _Quiet:
        return _Quiet(self)

    def _brushed(self, change: Any) -> None:
        if not self._busy:
            low, high = change["new"]
            self._choose_period(None if (low, high) == (self._moments[0], self._moments[-1]) else (low, high))

    def _view_brushed(self, change: Any) -> None:
        if not self._busy:
            self._choose_period(tuple(change["new"]) if len(change["new"]) == 2 else None)

    def _choose_period(self, period: tuple[int, int] | None) -> None:
        chosen = self._chosen
        moments = None if period is None else period_of(period)
        self.select(chosen.accounts, chosen.edge, chosen.cluster, moments)

    def _view_chose(self, _change: Any) -> None:
        if self._busy or self.view is None:
            return
        known = set(self._facts.index)
        accounts = tuple(one for one in self.view.selected if one in known)
        group = self._group_of(accounts)
        if group is not None and not self.view.edge:
            self.select((), None, group, self._chosen.period)
            return
        edge = tuple(self.view.edge) if len(self.view.edge) == 2 and set(self.view.edge) <= known else None
        self.select(accounts, edge, None, self._chosen.period)  # type: ignore[arg-type]

    def _group_of(self, accounts: tuple[str, ...]) -> int | None:
        """Return the group of which these are all members; None where they are something else."""
        import pandas as pd

        if len(accounts) < 2:
            return None
        group: Any = self._facts.loc[accounts[0], "cluster_id"]
        if pd.isna(group) or int(group) not in self._cluster_ids:
            return None
        return int(group) if set(accounts) == self._found._members(int(group)) else None

    def _account_chosen(self, change: Any) -> None:
        if not self._busy:
            self.select(tuple(self._table_ids[one] for one in change["new"]), None, None, self._chosen.period)

    def _cluster_chosen(self, change: Any) -> None:
        if not self._busy:
            numbers = [self._cluster_ids[one] for one in change["new"]]
            self.select((), None, numbers[0] if numbers else None, self._chosen.period)

    def _show_chosen(self) -> None:
        """Let every view show what is chosen."""
        chosen = self._chosen
        span = None if chosen.period is None else [int(one.timestamp()) for one in chosen.period]
        with self._quiet():
            if self.view is not None:
                self.view.selected = list(chosen.accounts)
                self.view.edge = list(chosen.edge or ())
                self.view.period = span or []
            inside = span if span is not None and set(span) <= set(self._moments) else None
            self.brush.value = tuple(inside) if inside else (self._moments[0], self._moments[-1])
            self.accounts.selected_rows, self.clusters.selected_rows = self._chosen_rows()
        call = self.call()
        self.code.value = text_html(call or self._words("explore.choose"), code=bool(call))
        self._show_posts()
        self._show_marks()

    def _show_posts(self) -> None:
        if self._of() is not None:
            self.evidence.value = text_html(self._words("explore.working"))
        read = self._try(lambda: (self.posts(), self._case.batches()), self.evidence)
        if read is None:
            return
        posts, batches = read
        if posts is None:
            self.evidence.value = text_html(self._words("explore.choose"))
            return
        files = {batch.source_sha256: batch.source_name for batch in batches}
        shown = posts_html(posts, self._name, files, self._spoken)
        if not len(posts):
            none = self._words("explore.no_posts_between") if self._spanned() else self._words("explore.no_posts")
            shown = text_html(none)
        if choices := self._choices():
            shown = text_html(self._words("explore.posts_inside", choices="; ".join(choices))) + shown
        several = self._chosen.edge is None and self._chosen.cluster is None and len(self._chosen.accounts) > _MANY
        note = self._words("explore.posts_of_first", count=_MANY, all=len(self._chosen.accounts)) if several else ""
        self.evidence.value = (text_html(note) if note else "") + shown

    def _spanned(self) -> bool:
        """Tell whether a link of what is chosen spans the period, so that it is shown though nothing falls into it."""
        if self._chosen.period is None:
            return False
        inside, accounts = self._inside(), self._chosen.edge or self._chosen.accounts
        own = [inside[end].isin(accounts) for end in ("account_a", "account_b")]
        return bool((own[0] & own[1] if self._chosen.edge else own[0] | own[1]).any())

    def _choices(self) -> list[str]:
        """Return what the filters and the period ask for, in words."""
        asked, told = self._asked(), []
        if "trace" in asked:
            told.append(str(self._spoken.say(f"trace.{asked['trace']}")))
        if "window_s" in asked:
            told.append(self._words("explore.inside_window", lasting=self._spoken.lasting(float(asked["window_s"]))))
        if "q" in asked:
            told.append(self._words("explore.inside_q", q=f"{asked['q']:g}"))
        if "tier" in asked:
            told.append(self._words("explore.inside_tier", tier=asked["tier"]))
        if self._chosen.period is not None:
            told.append(" – ".join(str(self._spoken.clock(one)) for one in self._chosen.period))
        return told

    # -- marks ---------------------------------------------------------------------------------------------------

    def look_again(self) -> None:
        """Show and say what others marked meanwhile; do nothing where the log did not grow or a control is at work."""
        if self._turn.acquire(blocking=False):
            try:
                self._look_again()
            finally:
                self._turn.release()

    def _look_again(self) -> None:
        said = self.news.value
        read = self._try(lambda: (self._others.now(self.marks),), self.news)
        if read is None:
            self._unread = said if self._unread is None else self._unread
            return
        if self._unread is not None:  # the log can be read again: what went wrong no longer stands
            self.news.value, self._unread = self._unread, None
        (now,) = read
        if now is None:
            return
        accounts, new, moved = news_of(self.marks, now)
        if self._before is None and self.reason.value.strip() and accounts & set(self._chosen.accounts):
            self._before = self.marks  # the writer has not seen these: refused once, with whose mark it is
        self.marks = now
        lines = [self._words("explore.news", count=len(accounts))] + [self._told(one) for one in new[-_NEWS:]]
        lines += [self._words("explore.news_moved", count=moved)] if moved else []
        self.news.value = text_html("\n".join(lines))
        self._show_marks()
        self._filtered()
        self._update_tables()

    def _told(self, one: marking.Mark, account: str | None = None) -> str:
        """Return a mark in words; without an account: of those that it is about, the first."""
        facts = {"who": quote(one.by, 60)[1:-1], "reason": quote(one.reason, 300)[1:-1]}
        facts["when"] = str(self._spoken.moment(one.at.replace("Z", "+00:00")))
        about = self._name(one.accounts[0] if account is None else account)
        if account is None and len(one.accounts) > 1:
            about = self._words("explore.news_more", account=about, count=len(one.accounts) - 1)
        return self._words("explore.marked", account=about, mark=self._words(f"explore.mark.{one.mark}"), **facts)

    def _show_marks(self) -> None:
        accounts = self._chosen.accounts
        lines = [self._marking_whom() if accounts else self._words("explore.mark_choose")]
        for account in accounts[:20]:
            for one in self.marks.history(account):
                undone = self._words("explore.undone") if one.seq in self.marks.undone else ""
                lines.append(f"{self._told(one, account)} {undone}".strip())
        self.standing.value = text_html("\n".join(lines))

    def _marking_whom(self) -> str:
        """Return whom a mark would hold for, by name: who is chosen need not be in the picture."""
        accounts = self._chosen.accounts
        names = ", ".join(self._name(one) for one in accounts[:_MANY])
        if len(accounts) > _MANY:
            names = self._words("explore.news_more", account=names, count=len(accounts) - _MANY)
        return self._words("explore.marking", count=len(accounts), names=names)

    def mark(self) -> None:
        """Mark the chosen accounts as the form says; what went wrong is said in the form."""
        if not self._chosen.accounts:
            self.marked.value = text_html(self._words("explore.mark_choose"))
            return
        if not self.reason.value.strip():
            self.marked.value = text_html(self._words("explore.mark_reason"))
            return
        self._marking(
            lambda: marking.mark(
                self._case,
                self._chosen.accounts,
                self.kind.value,
                self.reason.value,
                by=self.who.value,
                seen=self._before or self.marks,
            ),
            "kept",
        )

    def _reason_begun(self, change: Any) -> None:
        """Take back that a mark was kept once a reason is written that is not."""
        if change["new"].strip() and self.marked.value == text_html(self._words("explore.kept")):
            self.marked.value = ""

    def undo(self) -> None:
        """Undo the last mark of whoever stands in the form."""
        self._marking(lambda: marking.undo(self._case, by=self.who.value), "was_undone")

    def redo(self) -> None:
        """Put back the mark that whoever stands in the form undid last."""
        self._marking(lambda: marking.redo(self._case, by=self.who.value), "was_redone")

    def _marking(self, act: Callable[[], Any], done: str) -> None:
        self.marked.value = text_html(self._words("explore.working"))  # another program may be writing into the log
        made = self._try(lambda: (act(),), self.marked)
        if made is not None:
            said = self._words(f"explore.{done}") if made[0] is not None else self._words("explore.nothing_to_do")
            if made[0] is not None and done == "kept":
                self.reason.value = ""  # before it is said: what is written after that is of the next mark
            self.marked.value = text_html(said)
        self._before, self._unread, self.news.value = None, None, ""
        self.marks = self._try(lambda: marking.marks_of(self._case), self.marked) or self.marks
        self._show_marks()
        self._filtered()
        self._update_tables()

    def save_tables(self) -> None:
        """Write the findings and the network beside the notebook, and say where; with pseudonyms until reviewed."""
        from pathlib import Path

        names = self._found.reviewed

        def written() -> list[Path]:
            return [self._found.export(Path(f"{self._case.id}-{name}"), names=names) for name in _FILES]

        self.said.value = text_html(self._words("explore.saving"))
        paths = self._try(written, self.said)
        if paths is not None:
            listed = ", ".join(path.name for path in paths)
            self.said.value = text_html(
                self._words("explore.saved", files=listed, folder=str(paths[0].resolve().parent))
            )


class _Quiet:
    """While it is open, what is set in one view starts nothing in another."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer

    def __enter__(self) -> None:
        self.before, self.explorer._busy = self.explorer._busy, True

    def __exit__(self, *_error: object) -> None:
        self.explorer._busy = self.before


class _Facts(dict[str, Any]):
    """What the network says of an account, worked out when it is asked for."""

    def __init__(self, explorer: Explorer) -> None:
        super().__init__()
        self.explorer = explorer

    def get(self, account: str, default: Any = None) -> Any:
        import pandas as pd

        own = self.explorer
        if account not in own._facts.index:
            return default
        row: Any = own._facts.loc[account]
        mark = own.marks.of(account)
        return {
            "label": own._name(account),
            "alias": own._stand_in[account],
            "listed": account in own._listed,
            "trace": own._trace_of.get(account, 0),
            "note": own._words("explore.note", account=own._stand_in[account], count=int(row["n_records"])),
            "cluster": 0 if pd.isna(row["cluster_id"]) else int(row["cluster_id"]),
            "tier": "" if pd.isna(row["tier"]) else row["tier"],
            "mark": "" if mark is None else _SIGNS[mark.mark],
        }


def _text(text: str) -> widgets.HTML:
    return widgets.HTML(text_html(text))


def _trace_of(edges: pd.DataFrame, traces: list[str]) -> dict[str, int]:
    """Return account -> place of its trace among these, from 1 on; -1 where it has links in several."""
    numbers = {trace: place for place, trace in enumerate(traces, start=1)}
    found: dict[str, int] = {}
    for end in ("account_a", "account_b"):
        for account, trace in edges[[end, "trace"]].drop_duplicates().itertuples(index=False):
            own = numbers[trace]
            found[str(account)] = own if found.get(str(account), own) == own else -1
    return found


def _picture(graph: Mapping[str, Any]) -> dict[str, Any]:
    """Return a graph as the chart of a report takes it: who has a tier gets a number."""
    numbers = iter(range(1, len(graph["id"]) + 1))
    nodes = [
        {"x": x / 10_000, "y": y / 10_000, "n": next(numbers) if tier else None}
        for x, y, tier in zip(graph["x"], graph["y"], graph["tier"], strict=True)
    ]
    return {"nodes": nodes, "lines": list(zip(graph["a"], graph["b"], strict=True))}


def explore(
    case: Case, found: Findings, wording: Callable[[str], Any], names: Mapping[str, str], language: str = "en"
) -> Explorer:
    """Return the explorer of a case.

    Parameters
    ----------
    case : Case
        Whose ledger keeps the marks.
    found : Findings
        Of this case.
    wording : callable
        Language -> words, as :class:`spmc_tools.report.words.wording.Wording`.
    names : mapping
        Account id -> handle, as :func:`spmc_tools.report.sections.groups.shown_groups.handles` gives them.
    language : {"en", "hi", "both"}
        To begin with.

    Notes
    -----
    The network shows who, never how sure: nearness in it is no measure. Links whose common actions lie between their
    first and last time are shown for every period that meets that span, also where none of them falls into it.
    """
    return Explorer(case, found, wording, names, language)
