"""The explorer without a browser: what is chosen, the code that gives it again, marks, filters, and no bundle."""

from __future__ import annotations

import csv
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime

import networkx as nx
import pytest

from spmc_tools.case.acts import marks as marking
from spmc_tools.case.acts.marks import mark, marks_of
from spmc_tools.errors import ParameterError, SpmcError
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.report.sections.groups.shown_groups import handles
from spmc_tools.report.words.wording import Wording
from spmc_tools.show.explorer import explorer as module
from spmc_tools.show.explorer import other_marks
from spmc_tools.show.explorer.explorer import explore
from spmc_tools.show.network import network_view

pytestmark = pytest.mark.slow


def network_moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.fixture(scope="module")
def found(week_case):
    return investigate(week_case)


@pytest.fixture(autouse=True)
def key(week_case, monkeypatch) -> None:
    monkeypatch.setenv("SPMC_KEYS", str(week_case.path.parent.parent / "keys"))


@pytest.fixture
def shown(week_case, found, monkeypatch, tmp_path):
    """The explorer; the bundle need not be built for what Python does."""
    built = tmp_path / "network_view.js"
    built.write_text("export default {}")
    for place in (module, network_view):
        monkeypatch.setattr(place, "bundle", lambda: built)
    return explore(week_case, found, Wording, handles(week_case), "en")


def test_the_timeline_marks_the_calendar_and_says_it_below(shown, week_case) -> None:
    from spmc_tools.desks.base.calendar import bands, find_event

    assert find_event(week_case.settings.event) is not None
    made = shown.view.bins
    start, end = (network_moment(made["start"] + n * made["step"]) for n in (0, len(made["counts"])))
    wanted = [one for one in bands(start, end, find_event(week_case.settings.event)) if one.where is None]
    assert wanted and [(one["kind"], one["from"], one["to"]) for one in made["marks"]] == [
        (one.what, int(one.start.timestamp()), int(one.end.timestamp())) for one in wanted
    ]
    assert "Marked here:" in shown.calendar.value and all(one["label"] in shown.calendar.value for one in made["marks"])
    shown.language_box.value = "hi"
    assert "यहाँ अंकित:" in shown.calendar.value and "मतदान" in shown.view.bins["marks"][-1]["label"]


def test_what_is_chosen_is_at_hand_and_can_be_had_again_by_code(shown, week_case, monkeypatch) -> None:
    import spmc_tools as spmc

    shown.view.selected = ["901"]
    shown.view.edge = ["903", "901"]
    start = shown.view.bins["start"]
    shown.view.period = [start, start + 20 * 3600]
    assert shown.selected.accounts == ("901",) and shown.selected.edge == ("901", "903")
    posts = shown.posts()
    assert len(posts) == 6 and set(posts["account_id"]) == {"901", "903"}
    monkeypatch.setenv("SPMC_CASES", str(week_case.path.parent))
    names = {"spmc": spmc}
    exec(shown.call(), names)
    assert names["posts"]["record_id"].tolist() == posts["record_id"].tolist()
    assert shown.evidence.value.count("&lt;img src=x") >= 3 and "<img" not in shown.evidence.value
    with pytest.raises(ParameterError, match="no cluster"):
        shown.select(cluster=99)


def test_several_accounts_at_once(shown, week_case, monkeypatch) -> None:
    import spmc_tools as spmc

    shown.view.selected = ["905", "901"]
    assert shown.selected == module.Selected(("905", "901"))
    posts = shown.posts()
    assert set(posts["account_id"]) == {"901", "905"} and len(posts) == 24
    monkeypatch.setenv("SPMC_CASES", str(week_case.path.parent))
    names = {"spmc": spmc}
    exec(shown.call(), names)
    assert names["posts"]["record_id"].tolist() == posts["record_id"].tolist()
    shown.view.selected = [str(901 + n) for n in range(6)]  # as a folded group gives them
    assert shown.selected.cluster == 1 and shown.clusters.selected_rows == [0]
    with pytest.raises(ParameterError, match='No record of this case is from "nobody"'):
        shown.select(("nobody",))


def tiers(shown) -> list:
    return shown._found.accounts[["account_id", "tier"]].astype(str).to_numpy().tolist()


def test_an_own_list_lies_over_the_network(shown, week_case) -> None:
    before = tiers(shown)
    shown.own_list.value = "@MEMBER_0\n903, 150\n<b>nobody</b>"
    shown.keep_list()
    assert "“Reason of the list” is empty" in shown.list_says.value
    shown.list_reason.value = "named in a complaint"
    shown.keep_list()
    listed = dict(zip(shown.view.graph["id"], shown.view.graph["listed"], strict=True))
    assert {one for one, on in listed.items() if on} == {"901", "903"}
    said = shown.list_says.value
    assert "On the list and in this data: 3" in said and "with a link to somebody: 2" in said
    assert "Not in this data: 1. &lt;b&gt;nobody" in said
    assert week_case.ledger.entries()[-1]["payload"]["reason"] == "named in a complaint"
    shown.list_choose.click()
    assert set(shown.selected.accounts) == {"150", "901", "903"} and tiers(shown) == before
    shown.own_list.value, shown.list_reason.value = "", "done"
    shown.keep_list()
    assert not any(shown.view.graph["listed"]) and shown.list_says.value == ""


def test_a_saved_picture_is_logged_and_carries_no_name(shown, week_case) -> None:
    sha = "0f" * 32
    message = {"kind": "saved", "file": "week-network.svg", "sha256": sha, "names": False}
    length = week_case.ledger.head()[0]
    for hostile in ("no dict", {"kind": "other"}, {**message, "file": "../x-network.svg"}, {**message, "sha256": "zz"}):
        shown._picture_saved(hostile)
    assert week_case.ledger.head()[0] == length
    shown._picture_saved(message)
    entry = week_case.ledger.entries()[-1]
    assert (entry["kind"], entry["payload"]["sha256"], entry["payload"]["names"]) == ("export", sha, False)
    graph, facts = shown.view.graph, shown.view.facts
    assert shown.view.names is False and all(re.fullmatch(r"A-\w+", one) for one in graph["alias"])
    assert facts["case"] == "week" and re.fullmatch(r"[0-9a-f]{32}", facts["results"]) and len(facts["ledger"]) == 64
    assert "NOT REVIEWED" in shown.view.words["stamp"] and facts["results"] in shown.view.words["stamp"]


def test_the_colour_of_a_trace(shown) -> None:
    graph, traces = shown.view.graph, {}
    for end in ("account_a", "account_b"):
        for account, trace in zip(shown._edges[end], shown._edges["trace"], strict=True):
            traces.setdefault(account, set()).add(trace)
    for account, number in zip(graph["id"], graph["trace"], strict=True):
        own = [shown._traces[number - 1]] if number > 0 else []
        assert sorted(traces[account]) == own if len(traces[account]) == 1 else number == -1


def test_a_log_that_is_in_use_is_a_sentence(shown, monkeypatch) -> None:
    def busy(*_given, **_named):
        raise SpmcError("ledger.sqlite is in use by another program for more than 30 s; nothing was logged.")

    shown.select(("902",))
    shown.reason.value = "why"
    monkeypatch.setattr(marking, "mark", busy)
    shown.mark()
    assert "in use by another program" in shown.marked.value and shown.reason.value == "why"
    monkeypatch.setattr(marking, "marks_of", busy)
    shown.undo()
    assert "in use by another program" in shown.marked.value


def test_views_follow_each_other(shown) -> None:
    shown.clusters.selected_rows = [0]
    assert shown.selected.cluster == 1 and len(shown.view.selected) == 6 and len(shown.posts()) == 72
    place = shown._table_ids.index("904")
    shown.accounts.selected_rows = [place]
    assert shown.selected == module.Selected(("904",)) and shown.view.selected == ["904"]
    assert shown.clusters.selected_rows == []
    shown.brush.value = (shown._moments[0], shown._moments[3])
    assert shown.view.period == [shown._moments[0], shown._moments[3]] and 0 < len(shown.posts()) < 72
    shown.tier.value = "A"
    assert shown.view.graph["id"] == [] and "Nothing fits these choices" in shown.said.value
    shown.tier.value = ""
    assert len(shown.view.graph["id"]) == 6 and len(shown.view.graph["a"]) == 15


def test_a_period_from_two_lists(shown) -> None:
    low, high = shown.brush.ends
    assert [one for _, one in low.options] == shown._moments and shown.brush.value == (
        shown._moments[0], shown._moments[-1],
    )  # fmt: skip
    low.value = shown._moments[2]
    assert shown.view.period == [shown._moments[2], shown._moments[-1]]
    high.value = shown._moments[1]  # before the beginning: that goes along, and there is a period still
    assert shown.view.period == shown._moments[:2] and low.value == shown._moments[0]
    low.value = shown._moments[3]
    assert shown.view.period == shown._moments[3:5] and high.value == shown._moments[4]
    high.value = shown._moments[0]  # nothing lies before the first moment, nor behind the last
    assert (low.value, high.value) == tuple(shown._moments[:2])
    low.value = shown._moments[-1]
    assert (low.value, high.value) == tuple(shown._moments[-2:])
    shown.view.period = [shown._moments[0], shown._moments[4]]  # as a drag over the bars does
    assert (low.value, high.value) == (shown._moments[0], shown._moments[4])
    shown.view.period = []
    assert shown.selected.period is None and high.value == shown._moments[-1]


def test_whom_a_mark_holds_for_is_said_by_name(shown) -> None:
    """Who is chosen may be in no picture: a filter leaves the choice as it is."""
    shown.select(("901", "902"))
    shown.tier.value = "A"
    names = ", ".join(shown._names[one] for one in ("901", "902"))
    assert shown.view.graph["id"] == [] and f"Accounts chosen: 2 ({names})" in shown.standing.value


def test_the_grid_keeps_page_order_and_search_where_its_rows_come_anew(shown) -> None:
    for grid in (shown.accounts, shown.clusters):
        shown.tier.value = "A" if shown.tier.value == "" else ""
        told = grid._dt_args
        assert told["stateSave"] and ["stateLoadCallback"] in told["keys_to_be_evaluated"]
        assert "select" not in told["stateSaveCallback"]  # the rows are others then


@pytest.mark.parametrize(
    ("language", "said"), [("en", "“Reason of the list” is empty"), ("hi", "“सूची का कारण” खाली है")]
)
def test_a_list_without_a_reason_is_refused_in_the_words_of_the_reader(shown, language, said) -> None:
    shown.language_box.value = language
    shown.own_list.value = "901"
    shown.keep_list()
    assert said in shown.list_says.value
    shown.list_reason.value = "a\u200eb"
    shown.keep_list()
    assert "U+200E" in shown.list_says.value and "holds the invisible" not in shown.list_says.value


def test_what_may_take_a_while_says_so_before_it_begins(shown, monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(shown, "posts", lambda: seen.append(shown.evidence.value))
    shown.select(("901",))
    monkeypatch.setattr(shown, "_filtered", lambda: seen.append(shown.said.value))
    shown.tier.value = "A"
    assert len(seen) == 3 and all("Working" in one for one in seen)


def test_a_filter_that_moves_leaves_tables_that_the_grid_does_not_cut(shown, monkeypatch) -> None:
    """Its own bound of 64 KB would leave a third of 2,400 accounts, with a word of a programmer below."""
    import pandas as pd

    many = pd.DataFrame({"account": [f"A-{n:08d}" for n in range(4_000)], "name": ["x" * 40] * 4_000})
    monkeypatch.setattr(shown, "_account_table", lambda: many)
    shown.tier.value = "A"
    told = shown.accounts._dt_args
    assert "downsampling_warning" not in told or not told["downsampling_warning"]
    assert told.get("filtered_row_count", 0) == 0 and told["data_json"].count("A-0") == 4_000


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_mark_without_account_or_reason_is_refused_in_the_words_of_the_reader(shown, week_case, language) -> None:
    say = Wording(language).say
    shown._words = lambda key, **facts: str(say(key, **facts))
    before = len(marks_of(week_case).made)
    shown.mark()
    assert str(say("explore.mark_choose"))[:20] in shown.marked.value
    shown.select(("901",))
    shown.reason.value = " "
    shown.mark()
    assert str(say("explore.mark_reason"))[:20] in shown.marked.value
    assert len(marks_of(week_case).made) == before


def test_a_mark_says_that_it_works_before_it_asks_the_custody_log(shown, week_case, monkeypatch) -> None:
    """Somebody else may hold the log for seconds."""
    seen = []

    def held(*_given, **_named):
        seen.append(shown.marked.value)
        raise SpmcError("The ledger is locked.")

    monkeypatch.setattr(marking, "mark", held)
    shown.select(("901",))
    shown.reason.value = "seen"
    shown.mark()
    assert len(seen) == 1 and "Working" in seen[0] and "The ledger is locked." in shown.marked.value


def test_where_nothing_was_shared_a_sentence_stands_and_no_count_of_posts(shown, monkeypatch) -> None:
    none = shown._found.read_records().to_pandas().head(0)
    monkeypatch.setattr(shown, "posts", lambda: none)
    monkeypatch.setattr(module, "posts_html", lambda *_given: "")
    shown._show_posts()
    assert "No posts to read" in shown.evidence.value


def test_the_tables_hold_what_has_a_link_inside_what_is_chosen(week_case, shown) -> None:
    """Against a count pair by pair: filters and period in turn, and all of it back at the end."""
    import pandas as pd

    everybody = list(shown._table_ids)
    column = str(Wording("en").say("explore.column.links"))
    assert set(shown._account_rows[column]) == {0, 5} and shown.inside.value.find("a link inside") < 0
    edges = shown._edges.copy()
    start = pd.Timestamp(shown._moments[0], unit="s", tz="UTC")
    for place, row in enumerate(edges.index):  # each pair has its own hours
        later = pd.Timedelta(hours=3 * (place % 15))
        edges.loc[row, ["first_t", "last_t"]] = [start + later, start + later + pd.Timedelta(hours=1)]
        edges.loc[row, "q"] = 0.0005 if place % 2 else 0.005
    shown._edges = edges
    for period in (None, (shown._moments[2], shown._moments[4])):
        for limit in (module._ALL, 0.001):
            shown.q.value = limit
            shown.select(period=None if period is None else module.period_of(period))
            partners = {}
            spans = edges[edges["q"] <= (limit or 1)].groupby(["account_a", "account_b"])
            for (a, b), own in spans:
                first, last = own["first_t"].min().timestamp(), own["last_t"].max().timestamp()
                if period is None or (first <= period[1] and last >= period[0]):
                    partners.setdefault(a, set()).add(b)
                    partners.setdefault(b, set()).add(a)
            told = dict(zip(shown._table_ids, shown._account_rows[column], strict=True))
            if period is None and limit == module._ALL:
                assert list(told) == everybody
            else:
                assert told == {account: len(others) for account, others in partners.items()}
                assert f"inside what is chosen above: {len(told)}" in shown.inside.value
            assert shown._cluster_ids == ([1] if partners else [])
    shown.select(period=module.period_of((0, 1)))
    assert shown._table_ids == [] and shown._cluster_ids == []
    shown.q.value = module._ALL
    shown.select()
    assert shown._table_ids == everybody and shown.inside.value == ""


def test_links_up_to_a_q(shown) -> None:
    edges = shown._edges
    for limit in module.QS:
        shown.q.value = limit
        pairs = {tuple(one) for one in edges.loc[edges["q"] <= limit, ["account_a", "account_b"]].to_numpy().tolist()}
        graph = shown.view.graph
        drawn = {(graph["id"][a], graph["id"][b]) for a, b in zip(graph["a"], graph["b"], strict=True)}
        assert drawn == pairs
    shown.language_box.value = "hi"
    assert shown.q.value == limit  # what is chosen stays in another language
    shown.q.value = ""
    assert len(shown.view.graph["a"]) == 15


def test_a_mark_by_two_people_undo_and_hindi(shown, week_case) -> None:
    shown.select(("902",))
    shown.mark()
    assert "needs a reason" in shown.marked.value
    shown.reason.value = "<b>same second</b>"
    shown.kind.value = "lead"
    shown.mark()
    assert "Kept in the custody log" in shown.marked.value and "&lt;b&gt;same second" in shown.standing.value
    assert shown.view.graph["mark"][shown.view.graph["id"].index("902")] == "➤"
    mark(week_case, "902", "cleared", "a volunteer", by="R. Rao")
    shown.reason.value = "again"
    shown.mark()
    assert "&#34;R. Rao&#34;, marked one of these accounts as “cleared” in the meantime" in shown.marked.value
    assert marks_of(week_case).of("902").by == "R. Rao"
    shown.language_box.value = "hi"
    assert shown.selected.accounts == ("902",) and re.search("[\u0900-\u097f]", shown.keep.description)
    shown.who.value = "R. Rao"
    shown.undo()
    assert marks_of(week_case).of("902").mark == "lead"


def test_a_hundred_thousand_accounts(week_case, found, monkeypatch, tmp_path) -> None:
    import pandas as pd

    built = tmp_path / "network_view.js"
    built.write_text("export default {}")
    for place in (module, network_view):
        monkeypatch.setattr(place, "bundle", lambda: built)
    row = found.accounts.iloc[-1]
    ids = [f"big{n:06d}" for n in range(100_000)]
    accounts = pd.DataFrame([row] * len(ids)).reset_index(drop=True)
    accounts["account_id"], accounts["tier"], accounts["cluster_id"] = ids, None, pd.NA
    edges = pd.concat([found.edges.iloc[:1]] * 8000, ignore_index=True)
    edges["account_a"], edges["account_b"] = ids[:8000], ids[8000:16000]
    big = replace(found, accounts=accounts, edges=edges)
    shown = explore(week_case, big, Wording, {}, "en")
    assert len(shown.view.graph["id"]) == 3000 and len(shown._account_rows) <= max(module.TABLE, 16_000)
    assert "Accounts not drawn: 13,000" in shown.said.value
    said = [one.value for one in shown.tables.children[0].children if isinstance(getattr(one, "value", None), str)]
    assert any("Accounts not in this table: 84,000" in one for one in said)
    shown.whole.value = True
    assert len(shown.view.graph["id"]) == 16_000 and shown.said.value == ""


def test_an_empty_case(week_case, found, shown, monkeypatch) -> None:
    nothing = replace(
        found,
        accounts=found.accounts[:0], edges=found.edges[:0], clusters=found.clusters[:0],
    )  # fmt: skip
    empty = explore(week_case, nothing, Wording, {}, "hi")
    assert empty.view.graph["id"] == [] and re.search("[\u0900-\u097f]", empty.said.value)
    assert empty.posts() is None and empty.call() == ""


def test_without_a_bundle_there_is_a_picture_and_a_sentence(week_case, found, monkeypatch) -> None:
    for place in (module, network_view):
        monkeypatch.setattr(place, "bundle", lambda: None)
    shown = explore(week_case, found, Wording, handles(week_case), "en")
    assert shown.view is None and bytes(shown.still.value).startswith(b"<svg")
    assert any(
        "python js/build.py" in getattr(one, "value", "")
        for one in shown.widget.children
        if isinstance(getattr(one, "value", ""), str)
    )
    shown.select(("901",))
    assert len(shown.posts()) == 72


def test_what_is_saved_carries_pseudonyms(shown, monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    shown.save_tables()
    for name, read in (("graphml", nx.read_graphml), ("gexf", nx.read_gexf)):
        assert {*read(tmp_path / f"week-network.{name}")} == {shown._stand_in[a] for a in shown._linked}
    with (tmp_path / "week-edges.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows and all(row["account_a"].startswith("A-") and row["account_b"].startswith("A-") for row in rows)
    text = (tmp_path / "week-network.graphml").read_text(encoding="utf-8")
    assert "A-" in text and "901" not in re.findall(r'id="([^"]*)"', text) and "member_" not in text
    assert (tmp_path / "week-findings.xlsx").is_file()


def test_posts_follow_what_was_done_together_window_q_and_tier(week_case, found, shown, monkeypatch) -> None:
    """Against posts taken by hand: a text of theirs in step is a text that both posted within the window."""
    import pandas as pd

    import spmc_tools as spmc

    monkeypatch.setenv("SPMC_CASES", str(week_case.path.parent))
    edges = found.edges.copy()
    pair = (edges["account_a"] == "901") & (edges["account_b"] == "902")
    assert pair.any()
    edges.loc[pair, "q"] = 0.02  # of all links of 901 this one alone is less sure
    shown._found = replace(found, edges=edges)
    shown._edges = module.narrowed(shown._found, q=1.0).edges
    records = week_case.records()
    members = records[records["account_id"].isin([str(901 + n) for n in range(6)])]

    def in_step(accounts: set[str]) -> set[str]:
        return set(members.loc[members["account_id"].isin(accounts), "record_id"])

    shown.select(edge=("901", "902"))
    assert (
        set(shown.posts()["record_id"]) == in_step({"901", "902"}) and "Only posts that fit" not in shown.evidence.value
    )
    shown.q.value = 0.01
    assert len(shown.posts()) == 0 and "No posts to read" in shown.evidence.value
    assert "links with q up to 0.01" in shown.evidence.value
    shown.select(("901",))
    assert set(shown.posts()["record_id"]) == in_step({str(901 + n) for n in range(6)} - {"902"})
    names = {"spmc": spmc}
    exec(shown.call(), names)  # the case's own links: all of them are sure
    assert set(names["posts"]["record_id"]) == in_step({str(901 + n) for n in range(6)})
    assert "q=0.01" in shown.call()
    shown.q.value = ""
    traces = sorted(set(shown._edges["trace"]))
    assert len(traces) == 1  # copies of texts: another kind leaves nothing
    shown.trace.value = traces[0]
    assert len(shown.posts()) == 72 and f"{Wording('en').say('trace.' + traces[0])}" in shown.evidence.value
    windows = sorted(set(shown._edges["window_s"]))
    for window in windows:
        shown.window.value = window
        carried = shown._edges[shown._edges["window_s"] == window]
        own = carried[(carried["account_a"] == "901") | (carried["account_b"] == "901")]
        others = {*own["account_a"], *own["account_b"]} - {"901"}
        near = pd.concat([members.assign(key=members["text"].str.split(" <").str[0])])
        mine = near[near["account_id"] == "901"].set_index("key")["created_at"]
        away = (near["created_at"] - near["key"].map(mine)).abs().dt.total_seconds()
        theirs = near[near["account_id"].isin(others) & (away <= window)]
        both = set(near.loc[(near["account_id"] == "901") & near["key"].isin(theirs["key"]), "record_id"])
        assert set(shown.posts()["record_id"]) == both | set(theirs["record_id"]), window
    shown.window.value = ""
    shown.trace.value = ""
    highest = shown._facts.loc["901", "tier"]
    shown.tier.value = "A"
    assert (len(shown.posts()) > 0) == (highest == "A")


def test_a_period_between_two_texts_says_that_the_links_span_it(shown) -> None:
    """The texts come nine hours apart: two hours after the first one there is none, and every link spans them."""
    start = int(shown._edges["first_t"].min().timestamp())
    shown.select(("901",), period=module.period_of((start + 7200, start + 14400)))
    assert len(shown.view.graph["a"]) == 15 and "before and after this period" in shown.evidence.value
    shown.select(edge=("901", "902"), period=shown.selected.period)
    assert "before and after this period" in shown.evidence.value
    shown.tier.value = "A"  # which nobody has here, so no link is left
    assert "No posts to read: inside what is set above" in shown.evidence.value


def test_what_is_not_drawn_is_counted_inside_the_period(week_case, found, monkeypatch, tmp_path) -> None:
    import pandas as pd

    built = tmp_path / "network_view.js"
    built.write_text("export default {}")
    for place in (module, network_view):
        monkeypatch.setattr(place, "bundle", lambda: built)
    monkeypatch.setattr(module, "MOST", 6)
    monkeypatch.setattr(network_view, "MOST", 6)
    ids = [f"big{n:02d}" for n in range(20)]
    accounts = pd.DataFrame([found.accounts.iloc[-1]] * 20).reset_index(drop=True)
    accounts["account_id"], accounts["tier"], accounts["cluster_id"] = ids, None, pd.NA
    edges = pd.concat([found.edges.iloc[:1]] * 10, ignore_index=True)
    edges["account_a"], edges["account_b"] = ids[:10], ids[10:]
    edges["n_occasions"] = range(20, 10, -1)  # big00 to big02 and their partners are drawn
    start = found.edges["first_t"].min().floor("D")
    edges["first_t"] = edges["last_t"] = [start + pd.Timedelta(hours=6 * n) for n in range(10)]
    shown = explore(week_case, replace(found, accounts=accounts, edges=edges), Wording, {}, "en")
    assert "Accounts not drawn: 14;" in shown.said.value
    seconds = int(start.timestamp())
    for hours, missing in (((0, 13), 0), ((6, 24), 4), ((17, 60), 14)):
        shown.select(period=module.period_of((seconds + 3600 * hours[0], seconds + 3600 * hours[1])))
        assert f"not drawn: {missing}; in the whole time 14" in shown.said.value
    shown.select()
    assert "Accounts not drawn: 14;" in shown.said.value


def test_the_mark_of_another_appears_and_is_not_written_over_unseen(shown, week_case) -> None:
    shown.select(("903",))
    mark(week_case, "903", "cleared", "a <b>volunteer</b>", by="R. Rao")
    shown.look_again()
    assert "Accounts with something new: 1" in shown.news.value and "&lt;b&gt;volunteer" in shown.standing.value
    assert shown.view.graph["mark"][shown.view.graph["id"].index("903")] == "✓"
    shown.reason.value = "in step"  # written with R. Rao's mark before their eyes: it counts
    shown.kind.value = "lead"
    shown.mark()
    assert marks_of(week_case).of("903").mark == "lead" and shown.news.value == ""
    shown.reason.value = "begun before"
    mark(week_case, "903", "withdrawn", "spoke to them", by="R. Rao")
    shown.look_again()
    shown.mark()
    assert marks_of(week_case).of("903") is None and "marked one of these accounts as “withdrawn”" in shown.marked.value
    assert shown.reason.value == "begun before"
    shown.mark()  # now it was seen
    assert marks_of(week_case).of("903").mark == "lead"
    before = shown.news.value
    shown.look_again()
    assert shown.news.value == before == ""
    shown.undo()


def test_kept_stands_beside_what_was_kept_and_not_beside_the_next_reason(shown, week_case) -> None:
    shown.select(("905",))
    for begin in (lambda: setattr(shown.reason, "value", "the next"), lambda: shown.select(("904",))):
        shown.reason.value = "in step"
        shown.mark()
        assert "Kept in the custody log" in shown.marked.value
        begin()
        assert shown.marked.value == ""
    shown.reason.value = " "
    shown.mark()
    shown.reason.value = "now there is one"
    assert "needs a reason" in shown.marked.value  # what went wrong stays to be read while it is mended
    for _ in range(2):
        shown.undo()
    assert marks_of(week_case).of("905") is None


def test_marks_of_others_come_in_between_two_acts_and_never_into_one(shown, week_case, monkeypatch) -> None:
    began, goes_on = threading.Event(), threading.Event()
    write = marking.mark

    def slow(*given, **named):
        began.set()
        assert goes_on.wait(20)
        return write(*given, **named)

    monkeypatch.setattr(marking, "mark", slow)
    shown.select(("905",))
    shown.reason.value = "in step"
    beside = threading.Thread(target=shown.keep.click)  # as JupyterLab calls where a cell is at work
    beside.start()
    try:
        assert began.wait(20)
        mark(week_case, "904", "cleared", "a volunteer", by="R. Rao")
        shown.look_again()
        assert shown.news.value == ""
    finally:
        goes_on.set()
        beside.join(20)
    assert marks_of(week_case).of("905").reason == "in step" and shown.reason.value == ""
    mark(week_case, "904", "lead", "seen again", by="R. Rao")
    shown.look_again()
    assert "seen again" in shown.news.value and shown.marks.of("904").reason == "seen again"
    shown.undo()
    for _ in range(2):
        marking.undo(week_case, by="R. Rao")


def test_a_log_that_could_not_be_read_for_a_moment_is_not_said_to_be_so_for_longer(shown, monkeypatch) -> None:
    said = shown.news.value = "<p>what others marked</p>"

    def fails(_known):
        raise SpmcError("ledger.sqlite cannot be read.")

    monkeypatch.setattr(shown._others, "now", fails)
    for _ in range(2):
        shown.look_again()
        assert "cannot be read" in shown.news.value
    monkeypatch.setattr(shown._others, "now", lambda _known: None)
    shown.look_again()
    assert shown.news.value == said
    shown.news.value = ""


def test_a_mark_that_is_written_and_cannot_be_read_yet_is_seen_the_next_time(week_case, monkeypatch) -> None:
    known = marks_of(week_case)
    others = other_marks.MarksOfOthers(week_case)
    mark(week_case, "903", "second_look", "on its way", by="R. Rao")
    monkeypatch.setattr(other_marks, "marks_of", lambda _case: known)  # SQLite lets it be read when it is on the disk
    assert others.now(known) is None
    monkeypatch.undo()
    now = others.now(known)
    assert now is not None and now.of("903").reason == "on its way"
    reads: list[int] = []
    monkeypatch.setattr(other_marks, "marks_of", lambda case: reads.append(1) or marks_of(case))
    assert [others.now(now) for _ in range(4)] == [None] * 4 and len(reads) <= 1
    marking.undo(week_case, by="R. Rao")


def test_a_locked_log_is_said_in_the_form_and_the_mark_is_kept_when_it_is_free(shown, week_case, monkeypatch) -> None:
    import sqlite3
    from contextlib import closing

    from spmc_tools.case.files import lock_wait as waiting
    from spmc_tools.case.log import ledger

    monkeypatch.setattr(waiting, "TRY_S", 0.05)
    told = []
    shown.marked.observe(lambda change: told.append(change["new"]), names="value")
    shown.select(("904",))
    shown.reason.value = "why"
    with closing(sqlite3.connect(week_case.ledger.path, isolation_level=None, check_same_thread=False)) as held:
        held.execute("BEGIN IMMEDIATE")
        freed = threading.Timer(0.4, lambda: held.execute("ROLLBACK"))
        freed.start()
        shown.mark()
        freed.join()
        assert any("Another program is writing into this case" in one for one in told)
        assert "Kept in the custody log" in told[-1] and marks_of(week_case).of("904").reason == "why"
        monkeypatch.setattr(ledger, "_BUSY_S", 0.2)
        held.execute("BEGIN IMMEDIATE")
        shown.reason.value = "again"
        shown.mark()
        assert "nothing is lost" in shown.marked.value and shown.reason.value == "again"
        shown.language_box.value = "hi"
        shown.reason.value = "again"
        shown.mark()
        assert "कुछ भी खोया नहीं है" in shown.marked.value
        held.execute("ROLLBACK")
    assert marks_of(week_case).of("904").reason == "why"
    shown.undo()
