"""The explorer without a browser: what is chosen, the code that gives it again, marks, filters, and no bundle."""

from __future__ import annotations

import csv
import json
import os
import random
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
from spmc_tools.show.explorer.explorer import Selected, explore
from spmc_tools.show.network import network_view
from spmc_tools.show.panels import network_panel, posts_panel
from spmc_tools.show.panels.scope_panel import EVERYTHING, QS
from spmc_tools.show.selection import logged, source
from spmc_tools.show.selection.narrowed import narrowed
from spmc_tools.show.widgets.period import period_of
from tests.show.conftest import week

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
    for place in (network_panel, network_view):
        monkeypatch.setattr(place, "bundle", lambda: built)
    return explore(week_case, found, Wording, handles(week_case), "en")


def test_the_timeline_marks_the_calendar_and_says_it_below(shown, week_case) -> None:
    from spmc_tools.desks.base.calendar import bands, find_event

    assert find_event(week_case.settings.event) is not None
    made = shown.network.view.bins
    start, end = (network_moment(made["start"] + n * made["step"]) for n in (0, len(made["counts"])))
    wanted = [one for one in bands(start, end, find_event(week_case.settings.event)) if one.where is None]
    assert wanted and [(one["kind"], one["from"], one["to"]) for one in made["marks"]] == [
        (one.what, int(one.start.timestamp()), int(one.end.timestamp())) for one in wanted
    ]
    assert "Marked here:" in shown.scope.calendar.value and all(
        one["label"] in shown.scope.calendar.value for one in made["marks"]
    )
    shown.scope.language.value = "hi"
    assert "यहाँ अंकित:" in shown.scope.calendar.value and "मतदान" in shown.network.view.bins["marks"][-1]["label"]


def test_what_is_chosen_is_at_hand_and_can_be_had_again_by_code(shown, week_case, monkeypatch) -> None:
    import spmc_tools as spmc

    shown.network.view.selected = ["901"]
    shown.network.view.edge = ["903", "901"]
    start = shown.network.view.bins["start"]
    shown.network.view.period = [start, start + 20 * 3600]
    assert shown.selected.accounts == ("901",) and shown.selected.edge == ("901", "903")
    posts = shown.posts()
    assert len(posts) == 6 and set(posts["account_id"]) == {"901", "903"}
    monkeypatch.setenv("SPMC_CASES", str(week_case.path.parent))
    names = {"spmc": spmc}
    exec(shown.call(), names)
    assert names["posts"]["record_id"].tolist() == posts["record_id"].tolist()
    assert shown.evidence.posts.value.count("&lt;img src=x") >= 3 and "<img" not in shown.evidence.posts.value
    with pytest.raises(ParameterError, match="no cluster"):
        shown.select(cluster=99)


def test_tier_c_says_that_it_rests_on_hours_together(shown) -> None:
    facts = shown.source.facts
    facts["tier"] = facts["tier"].astype(object)
    with_none, in_hours = sorted(facts.index)[:2]
    for account, groups in ((with_none, []), (in_hours, [2])):
        facts.loc[account, "tier"] = "C"
        facts.at[account, "sessions"] = groups
    table = shown.tables.account_table()
    tiers = dict(zip(shown.tables.account_ids, table[shown.tables.words.say("explore.column.tier")], strict=True))
    assert (tiers[with_none], tiers[in_hours]) == ("C", "C · together within hours")


def test_ordinary_patterns_stand_beside_accounts_and_groups(shown) -> None:
    """Acting together and what explains it are two columns; a group has a pattern where half of its members have it."""
    from tests.report_fixtures import results

    found, column = shown.source.found, shown.tables.words.say("explore.column.pattern")
    (members,) = [list(accounts) for accounts in found.clusters["accounts"][:1]]

    def patterns_of(accounts: list[str]) -> tuple[dict[str, str], str]:
        found.ordinary_patterns = results(
            "ordinary_patterns",
            [{"account_id": account, "trace": "copypasta", "pattern": "one_origin"} for account in accounts],
        )
        table = shown.tables.account_table()
        return dict(zip(shown.tables.account_ids, table[column], strict=True)), shown.tables.cluster_table()[column][0]

    some = members[: (len(members) - 1) // 2]
    told, group = patterns_of(some)
    assert {account for account, said in told.items() if said == "one origin"} == set(some) and group == ""
    told, group = patterns_of(members[: (len(members) + 1) // 2])
    assert group == "one origin"


def test_what_chance_says_of_a_group_stands_beside_the_pattern(shown, monkeypatch) -> None:
    """Pairs by their own edges, a proven group by its members, events by theirs; no number of the far tail."""
    from tests.report_fixtures import results

    found = shown.source.found
    monkeypatch.setattr(found, "clusters", found.clusters.copy())
    (number,) = found.clusters["cluster_id"]
    inside = set(found.clusters["accounts"].iloc[0])
    own = found.edges[found.edges["account_a"].isin(inside) & found.edges["account_b"].isin(inside)]
    carried = own[(own["q"] < 0.05) & own["window_s"].notna()]
    of_pairs = {}
    for one in carried.itertuples():
        pair = one.account_a, one.account_b
        of_pairs[pair] = min(one.q, of_pairs.get(pair, 1.0))
    largest = max(of_pairs.values())

    def told(language: str = "en") -> str:
        shown.scope.language.value = language
        table = shown.tables.cluster_table()
        names = list(table)
        here = names.index(Wording(language).say("explore.column.together").plain())
        assert names[here + 1] == Wording(language).say("explore.column.pattern").plain()
        return table.iloc[0, here]

    assert told() == f"pairs, largest q: {Wording('en').tiny(largest).plain()}"
    assert told("hi") == f"जोड़ियाँ, सबसे बड़ा q: {Wording('hi').tiny(largest).plain()}"
    for q, wanted in ((3e-12, "pairs, largest q: below 10⁻⁹"), (0.012, "pairs, largest q: 0.012"), (float("nan"), "")):
        found.clusters["max_q"] = q
        assert told() == wanted
    found.clusters["max_q"] = 0.4
    assert told() == ""  # no group is proven: nothing carries a weaker link
    groups = [{"group_id": g, "cluster_id": number + g - 1} for g in (1, 2)]
    monkeypatch.setattr(found, "proven_groups", results("proven_groups", groups))
    members = [
        {"group_id": 1, "account_id": "901", "q": 0.002, "found": True},
        {"group_id": 1, "account_id": "902", "q": 0.031, "found": True},
        {"group_id": 1, "account_id": "903", "q": 0.8, "found": False},
        {"group_id": 2, "account_id": "904", "q": 0.049, "found": True},
    ]
    monkeypatch.setattr(found, "group_members", results("group_members", members))
    assert told() == "as a group: no single pair stands out; members, largest q: 0.031"
    events = [{"event_id": n, "cluster_id": c, "q": q} for n, c, q in ((1, number, 0.007), (2, number + 1, 0.009))]
    monkeypatch.setattr(found, "events", results("events", events))
    found.clusters["max_q"] = None
    assert told() == "in bursts that carry the same signs, largest q: 0.007"


def test_several_accounts_at_once(shown, week_case, monkeypatch) -> None:
    import spmc_tools as spmc

    shown.network.view.selected = ["905", "901"]
    assert shown.selected == Selected(("905", "901"))
    posts = shown.posts()
    assert set(posts["account_id"]) == {"901", "905"} and len(posts) == 24
    monkeypatch.setenv("SPMC_CASES", str(week_case.path.parent))
    names = {"spmc": spmc}
    exec(shown.call(), names)
    assert names["posts"]["record_id"].tolist() == posts["record_id"].tolist()
    shown.network.view.selected = [str(901 + n) for n in range(6)]  # as a folded group gives them
    assert shown.selected.cluster == 1 and shown.tables.clusters.selected_rows == [0]
    with pytest.raises(ParameterError, match='No record of this case is from "nobody"'):
        shown.select(("nobody",))


def tiers(shown) -> list:
    return shown.source.found.accounts[["account_id", "tier"]].astype(str).to_numpy().tolist()


def test_an_own_list_lies_over_the_network(shown, week_case) -> None:
    before = tiers(shown)
    shown.list_form.accounts.value = "@MEMBER_0\n903, 150\n<b>nobody</b>"
    shown.list_form.keep_list()
    assert "“Reason of the list” is empty" in shown.list_form.said.value
    shown.list_form.reason.value = "named in a complaint"
    shown.list_form.keep_list()
    listed = dict(zip(shown.network.view.graph["id"], shown.network.view.graph["listed"], strict=True))
    assert {one for one, on in listed.items() if on} == {"901", "903"}
    said = shown.list_form.said.value
    assert "On the list and in this data: 3" in said and "in the network: 2" in said
    assert "Not in this data: 1. &lt;b&gt;nobody" in said
    assert week_case.ledger.entries()[-1]["payload"]["reason"] == "named in a complaint"
    shown.list_form.choose.click()
    assert set(shown.selected.accounts) == {"150", "901", "903"} and tiers(shown) == before
    shown.list_form.accounts.value, shown.list_form.reason.value = "", "done"
    shown.list_form.keep_list()
    assert not any(shown.network.view.graph["listed"]) and shown.list_form.said.value == ""


def test_a_saved_picture_is_logged_and_carries_no_name(shown, week_case) -> None:
    sha = "0f" * 32
    message = {"kind": "saved", "file": "week-network.svg", "sha256": sha, "names": False}
    length = week_case.ledger.head()[0]
    for hostile in ("no dict", {"kind": "other"}, {**message, "file": "../x-network.svg"}, {**message, "sha256": "zz"}):
        shown.network.picture_saved(hostile)
    assert week_case.ledger.head()[0] == length
    shown.network.picture_saved(message)
    entry = week_case.ledger.entries()[-1]
    assert (entry["kind"], entry["payload"]["sha256"], entry["payload"]["names"]) == ("export", sha, False)
    graph, facts = shown.network.view.graph, shown.network.view.facts
    assert shown.network.view.names is False and graph["id"]
    assert all(re.fullmatch(r"A-\w+", one) for one in graph["alias"])
    assert facts["case"] == "week" and re.fullmatch(r"[0-9a-f]{32}", facts["results"]) and len(facts["ledger"]) == 64
    assert "NOT REVIEWED" in shown.network.view.words["stamp"] and facts["results"] in shown.network.view.words["stamp"]


def test_everyone_with_a_tier_is_drawn_though_no_link_shows_them(week_case, found, monkeypatch, tmp_path) -> None:
    """The same case as if nobody stood out as a pair: the group within hours is a star around what it shared."""
    built = tmp_path / "network_view.js"
    built.write_text("export default {}")
    for place in (network_panel, network_view):
        monkeypatch.setattr(place, "bundle", lambda: built)
    shown = explore(week_case, replace(found, edges=found.edges[:0]), Wording, handles(week_case), "en")
    graph, tiers = shown.network.view.graph, found.accounts.set_index("account_id")["tier"].dropna()
    drawn = {node for node, thing in zip(graph["id"], graph["thing"], strict=True) if not thing}
    assert len(tiers) == 6 and drawn >= set(tiers.index) and graph["left_out"] == 0
    named = int(tiers.isin(["A", "B"]).sum())
    assert (
        f"(tiers A and B): {named} of {named}; of those that are only shown (tier C): {6 - named} of {6 - named}."
        in (graph["covers"])
    )
    texts = {post["text"].strip() for post in week() if post["author_id"] == "901"}
    notes = [note for note, thing in zip(graph["note"], graph["thing"], strict=True) if thing]
    assert notes and all(any(text[:20] in note for text in texts) for note in notes)
    assert not any(text[:20] in alias for text in texts for alias in graph["alias"])
    spokes = {(graph["id"][a], graph["id"][b]) for a, b in zip(graph["a"], graph["b"], strict=True)}
    assert {a for a, _ in spokes} == set(tiers.index) and len({b for _, b in spokes}) == len(notes)
    # the period keeps who touched something inside it, and the posts of one account are at hand
    start = shown.network.view.bins["start"]
    shown.network.view.period = [start, start + 86400]
    rows = shown.source.accounts_inside(shown.state, ())
    assert set(tiers.index) <= set(rows.index) and len(shown.tables.account_rows) == len(rows) < len(shown.source.facts)
    shown.network.view.selected = ["901"]
    assert "Posts: " in shown.evidence.posts.value
    # where links are filtered only what fits is drawn, and it is said how many are not
    shown.network.view.period = []
    shown.scope.tier.value = "A"
    assert shown.network.view.graph["id"] == [] and f": 0 of {named};" in shown.network.view.graph["covers"]


def test_the_colour_of_a_trace(shown) -> None:
    graph, traces = shown.network.view.graph, {}
    for end in ("account_a", "account_b"):
        for account, trace in zip(shown.source.edges[end], shown.source.edges["trace"], strict=True):
            traces.setdefault(account, set()).add(trace)
    for account, number in zip(graph["id"], graph["trace"], strict=True):
        own = [shown.source.traces[number - 1]] if number > 0 else []
        assert sorted(traces[account]) == own if len(traces[account]) == 1 else number == -1


def test_a_log_that_is_in_use_is_a_sentence(shown, monkeypatch) -> None:
    def busy(*_given, **_named):
        raise SpmcError("ledger.sqlite is in use by another program for more than 30 s; nothing was logged.")

    shown.select(("902",))
    shown.mark_form.reason.value = "why"
    monkeypatch.setattr(marking, "mark", busy)
    shown.mark_form.mark()
    assert "in use by another program" in shown.mark_form.said.value and shown.mark_form.reason.value == "why"
    monkeypatch.setattr(marking, "marks_of", busy)
    shown.mark_form.undo()
    assert "in use by another program" in shown.mark_form.said.value


def test_views_follow_each_other(shown) -> None:
    shown.tables.clusters.selected_rows = [0]
    assert shown.selected.cluster == 1 and len(shown.network.view.selected) == 6 and len(shown.posts()) == 72
    place = shown.tables.account_ids.index("904")
    shown.tables.accounts.selected_rows = [place]
    assert shown.selected == Selected(("904",)) and shown.network.view.selected == ["904"]
    assert shown.tables.clusters.selected_rows == []
    shown.scope.brush.value = (shown.source.moments[0], shown.source.moments[3])
    assert (
        shown.network.view.period == [shown.source.moments[0], shown.source.moments[3]] and 0 < len(shown.posts()) < 72
    )
    shown.scope.tier.value = "A"
    assert shown.network.view.graph["id"] == [] and "Nothing fits these choices" in shown.notice.value
    shown.scope.tier.value = ""
    assert len(shown.network.view.graph["id"]) == 6 and len(shown.network.view.graph["a"]) == 15


def test_a_period_from_two_lists(shown) -> None:
    low, high = shown.scope.brush.ends
    assert [one for _, one in low.options] == shown.source.moments and shown.scope.brush.value == (
        shown.source.moments[0], shown.source.moments[-1],
    )  # fmt: skip
    low.value = shown.source.moments[2]
    assert shown.network.view.period == [shown.source.moments[2], shown.source.moments[-1]]
    high.value = shown.source.moments[1]  # before the beginning: that goes along, and there is a period still
    assert shown.network.view.period == shown.source.moments[:2] and low.value == shown.source.moments[0]
    low.value = shown.source.moments[3]
    assert shown.network.view.period == shown.source.moments[3:5] and high.value == shown.source.moments[4]
    high.value = shown.source.moments[0]  # nothing lies before the first moment, nor behind the last
    assert (low.value, high.value) == tuple(shown.source.moments[:2])
    low.value = shown.source.moments[-1]
    assert (low.value, high.value) == tuple(shown.source.moments[-2:])
    shown.network.view.period = [shown.source.moments[0], shown.source.moments[4]]  # as a drag over the bars does
    assert (low.value, high.value) == (shown.source.moments[0], shown.source.moments[4])
    shown.network.view.period = []
    assert shown.selected.period is None and high.value == shown.source.moments[-1]


def test_whom_a_mark_holds_for_is_said_by_name(shown) -> None:
    """Who is chosen may be in no picture: a filter leaves the choice as it is."""
    shown.select(("901", "902"))
    shown.scope.tier.value = "A"
    names = ", ".join(shown.source.names[one] for one in ("901", "902"))
    assert shown.network.view.graph["id"] == [] and f"Accounts chosen: 2 ({names})" in shown.mark_form.standing.value


def test_the_grid_keeps_page_order_and_search_where_its_rows_come_anew(shown) -> None:
    for grid in (shown.tables.accounts, shown.tables.clusters):
        shown.scope.tier.value = "A" if shown.scope.tier.value == "" else ""
        told = grid._dt_args
        assert told["stateSave"] and ["stateLoadCallback"] in told["keys_to_be_evaluated"]
        assert "select" not in told["stateSaveCallback"]  # the rows are others then


@pytest.mark.parametrize(
    ("language", "said"), [("en", "“Reason of the list” is empty"), ("hi", "“सूची का कारण” खाली है")]
)
def test_a_list_without_a_reason_is_refused_in_the_words_of_the_reader(shown, language, said) -> None:
    shown.scope.language.value = language
    shown.list_form.accounts.value = "901"
    shown.list_form.keep_list()
    assert said in shown.list_form.said.value
    shown.list_form.reason.value = "a\u200eb"
    shown.list_form.keep_list()
    assert "U+200E" in shown.list_form.said.value and "holds the invisible" not in shown.list_form.said.value


def test_what_may_take_a_while_says_so_before_it_begins(shown, monkeypatch) -> None:
    seen = []
    pairs = shown.source.pairs
    monkeypatch.setattr(shown.source, "posts", lambda _state: seen.append(shown.evidence.posts.value))
    shown.select(("901",))
    monkeypatch.setattr(shown.source, "pairs", lambda asked: seen.append(shown.notice.value) or pairs(asked))
    shown.scope.tier.value = "A"
    assert len(seen) == 3 and all("Working" in one for one in seen)


def test_a_filter_that_moves_leaves_tables_that_the_grid_does_not_cut(shown, monkeypatch) -> None:
    """Its own bound of 64 KB would leave a third of 2,400 accounts, with a word of a programmer below."""
    import pandas as pd

    many = pd.DataFrame({"account": [f"A-{n:08d}" for n in range(4_000)], "name": ["x" * 40] * 4_000})
    monkeypatch.setattr(shown.tables, "account_table", lambda: many)
    shown.scope.tier.value = "A"
    told = shown.tables.accounts._dt_args
    assert "downsampling_warning" not in told or not told["downsampling_warning"]
    assert told.get("filtered_row_count", 0) == 0 and told["data_json"].count("A-0") == 4_000


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_mark_without_account_or_reason_is_refused_in_the_words_of_the_reader(shown, week_case, language) -> None:
    say = Wording(language).say
    shown.scope.language.value = language
    before = len(marks_of(week_case).made)
    shown.mark_form.mark()
    assert str(say("explore.mark_choose"))[:20] in shown.mark_form.said.value
    shown.select(("901",))
    shown.mark_form.reason.value = " "
    shown.mark_form.mark()
    assert str(say("explore.mark_reason"))[:20] in shown.mark_form.said.value
    assert len(marks_of(week_case).made) == before


def test_a_mark_says_that_it_works_before_it_asks_the_custody_log(shown, week_case, monkeypatch) -> None:
    """Somebody else may hold the log for seconds."""
    seen = []

    def held(*_given, **_named):
        seen.append(shown.mark_form.said.value)
        raise SpmcError("The ledger is locked.")

    monkeypatch.setattr(marking, "mark", held)
    shown.select(("901",))
    shown.mark_form.reason.value = "seen"
    shown.mark_form.mark()
    assert len(seen) == 1 and "Working" in seen[0] and "The ledger is locked." in shown.mark_form.said.value


def test_where_nothing_was_shared_a_sentence_stands_and_no_count_of_posts(shown, monkeypatch) -> None:
    none = shown.source.found.read_records().to_pandas().head(0)
    monkeypatch.setattr(shown.source, "posts", lambda _state: none)
    monkeypatch.setattr(posts_panel, "posts_html", lambda *_given: "")
    shown.evidence.show_posts()
    assert "No posts to read" in shown.evidence.posts.value


def test_the_tables_hold_what_has_a_link_inside_what_is_chosen(week_case, shown) -> None:
    """Against a count pair by pair: filters and period in turn, and all of it back at the end."""
    import pandas as pd

    everybody = list(shown.tables.account_ids)
    column = str(Wording("en").say("explore.column.links"))
    assert set(shown.tables.account_rows[column]) == {0, 5} and shown.tables.inside.value.find("a link inside") < 0
    edges = shown.source.edges.copy()
    start = pd.Timestamp(shown.source.moments[0], unit="s", tz="UTC")
    for place, row in enumerate(edges.index):  # each pair has its own hours
        later = pd.Timedelta(hours=3 * (place % 15))
        edges.loc[row, ["first_t", "last_t"]] = [start + later, start + later + pd.Timedelta(hours=1)]
        edges.loc[row, "q"] = 0.0005 if place % 2 else 0.005
    shown.source.edges = edges
    for period in (None, (shown.source.moments[2], shown.source.moments[4])):
        for limit in (EVERYTHING, 0.001):
            shown.scope.q.value = limit
            shown.select(period=None if period is None else period_of(period))
            partners = {}
            spans = edges[edges["q"] <= (limit or 1)].groupby(["account_a", "account_b"])
            for (a, b), own in spans:
                first, last = own["first_t"].min().timestamp(), own["last_t"].max().timestamp()
                if period is None or (first <= period[1] and last >= period[0]):
                    partners.setdefault(a, set()).add(b)
                    partners.setdefault(b, set()).add(a)
            told = dict(zip(shown.tables.account_ids, shown.tables.account_rows[column], strict=True))
            if period is None and limit == EVERYTHING:
                assert list(told) == everybody
            else:
                assert told == {account: len(others) for account, others in partners.items()}
                assert f"inside what is chosen above: {len(told)}" in shown.tables.inside.value
            assert shown.tables.cluster_ids == ([1] if partners else [])
    shown.select(period=period_of((0, 1)))
    assert shown.tables.account_ids == [] and shown.tables.cluster_ids == []
    shown.scope.q.value = EVERYTHING
    shown.select()
    assert shown.tables.account_ids == everybody and shown.tables.inside.value == ""


def test_links_up_to_a_q(shown) -> None:
    edges = shown.source.edges
    for limit in QS:
        shown.scope.q.value = limit
        pairs = {tuple(one) for one in edges.loc[edges["q"] <= limit, ["account_a", "account_b"]].to_numpy().tolist()}
        graph = shown.network.view.graph
        drawn = {(graph["id"][a], graph["id"][b]) for a, b in zip(graph["a"], graph["b"], strict=True)}
        assert drawn == pairs
    shown.scope.language.value = "hi"
    assert shown.scope.q.value == limit  # what is chosen stays in another language
    shown.scope.q.value = ""
    assert len(shown.network.view.graph["a"]) == 15


def test_a_mark_by_two_people_undo_and_hindi(shown, week_case) -> None:
    shown.select(("902",))
    shown.mark_form.mark()
    assert "needs a reason" in shown.mark_form.said.value
    shown.mark_form.reason.value = "<b>same second</b>"
    shown.mark_form.kind.value = "lead"
    shown.mark_form.mark()
    assert (
        "Kept in the custody log" in shown.mark_form.said.value
        and "&lt;b&gt;same second" in shown.mark_form.standing.value
    )
    assert shown.network.view.graph["mark"][shown.network.view.graph["id"].index("902")] == "➤"
    mark(week_case, "902", "cleared", "a volunteer", by="R. Rao")
    shown.mark_form.reason.value = "again"
    shown.mark_form.mark()
    assert "&#34;R. Rao&#34;, marked one of these accounts as “cleared” in the meantime" in shown.mark_form.said.value
    assert marks_of(week_case).of("902").by == "R. Rao"
    shown.scope.language.value = "hi"
    assert shown.selected.accounts == ("902",) and re.search("[\u0900-\u097f]", shown.mark_form.keep.description)
    shown.mark_form.who.value = "R. Rao"
    shown.mark_form.undo()
    assert marks_of(week_case).of("902").mark == "lead"


ACCOUNTS = int(os.environ.get("SPMC_ACCOUNTS_SHOWN", "1000"))


def test_a_hundred_thousand_accounts(week_case, found, monkeypatch, tmp_path) -> None:
    """Of n accounts 8 % are tied to another 8 %; 3 % of all are drawn, 5 % at least listed, and the rest is counted.

    With a thousand accounts and limits as small; ``python -m soak.scale.many_in_explorer`` takes all.
    """
    n = ACCOUNTS
    monkeypatch.setattr(network_panel, "MOST", network_panel.MOST * n // 100_000)
    monkeypatch.setattr(source, "TABLE", source.TABLE * n // 100_000)
    import pandas as pd

    built = tmp_path / "network_view.js"
    built.write_text("export default {}")
    for place in (network_panel, network_view):
        monkeypatch.setattr(place, "bundle", lambda: built)
    row = found.accounts.iloc[-1]
    ids = [f"big{number:06d}" for number in range(n)]
    tied = 8 * n // 100
    accounts = pd.DataFrame([row] * n).reset_index(drop=True)
    accounts["account_id"], accounts["tier"], accounts["cluster_id"] = ids, None, pd.NA
    edges = pd.concat([found.edges.iloc[:1]] * tied, ignore_index=True)
    edges["account_a"], edges["account_b"] = ids[:tied], ids[tied : 2 * tied]
    shown = explore(week_case, replace(found, accounts=accounts, edges=edges), Wording, {}, "en")
    assert len(shown.network.view.graph["id"]) == 3 * n // 100
    assert len(shown.tables.account_rows) == 2 * tied
    assert f"Accounts not drawn: {13 * n // 100:,}" in shown.notice.value
    said = [
        one.value for one in shown.tables.widget.children[0].children if isinstance(getattr(one, "value", None), str)
    ]
    assert any(f"Accounts not in this table: {84 * n // 100:,}" in one for one in said)
    shown.scope.whole.value = True
    assert len(shown.network.view.graph["id"]) == 2 * tied and shown.notice.value == ""


def test_an_empty_case(week_case, found, shown, monkeypatch) -> None:
    nothing = replace(
        found,
        accounts=found.accounts[:0], edges=found.edges[:0], clusters=found.clusters[:0],
    )  # fmt: skip
    empty = explore(week_case, nothing, Wording, {}, "hi")
    assert empty.network.view.graph["id"] == [] and re.search("[\u0900-\u097f]", empty.notice.value)
    assert empty.posts() is None and empty.call() == ""


def test_without_a_bundle_there_is_a_picture_and_a_sentence(week_case, found, monkeypatch) -> None:
    for place in (network_panel, network_view):
        monkeypatch.setattr(place, "bundle", lambda: None)
    shown = explore(week_case, found, Wording, handles(week_case), "en")
    assert shown.network.view is None and bytes(shown.network.still.value).startswith(b"<svg")
    assert any(
        "python js/build.py" in getattr(one, "value", "")
        for one in shown.widget.children
        if isinstance(getattr(one, "value", ""), str)
    )
    shown.select(("901",))
    assert len(shown.posts()) == 72


def test_what_is_saved_carries_pseudonyms(shown, monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    shown.tables.save_tables()
    for name, read in (("graphml", nx.read_graphml), ("gexf", nx.read_gexf)):
        assert {*read(tmp_path / f"week-network.{name}")} == {shown.source.pseudonyms[a] for a in shown.source.linked}
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
    shown.source.found = replace(found, edges=edges)
    shown.source.edges = narrowed(shown.source.found, q=1.0).edges
    records = week_case.records()
    members = records[records["account_id"].isin([str(901 + n) for n in range(6)])]

    def in_step(accounts: set[str]) -> set[str]:
        return set(members.loc[members["account_id"].isin(accounts), "record_id"])

    shown.select(edge=("901", "902"))
    assert (
        set(shown.posts()["record_id"]) == in_step({"901", "902"})
        and "Only posts that fit" not in shown.evidence.posts.value
    )
    shown.scope.q.value = 0.01
    assert len(shown.posts()) == 0 and "No posts to read" in shown.evidence.posts.value
    assert "links with q up to 0.01" in shown.evidence.posts.value
    shown.select(("901",))
    assert set(shown.posts()["record_id"]) == in_step({str(901 + n) for n in range(6)} - {"902"})
    names = {"spmc": spmc}
    exec(shown.call(), names)  # the case's own links: all of them are sure
    assert set(names["posts"]["record_id"]) == in_step({str(901 + n) for n in range(6)})
    assert "q=0.01" in shown.call()
    shown.scope.q.value = ""
    traces = sorted(set(shown.source.edges["trace"]))
    assert len(traces) == 1  # copies of texts: another kind leaves nothing
    shown.scope.trace.value = traces[0]
    assert len(shown.posts()) == 72 and f"{Wording('en').say('trace.' + traces[0])}" in shown.evidence.posts.value
    windows = sorted(set(shown.source.edges["window_s"]))
    for window in windows:
        shown.scope.window.value = window
        carried = shown.source.edges[shown.source.edges["window_s"] == window]
        own = carried[(carried["account_a"] == "901") | (carried["account_b"] == "901")]
        others = {*own["account_a"], *own["account_b"]} - {"901"}
        near = pd.concat([members.assign(key=members["text"].str.split(" <").str[0])])
        mine = near[near["account_id"] == "901"].set_index("key")["created_at"]
        away = (near["created_at"] - near["key"].map(mine)).abs().dt.total_seconds()
        theirs = near[near["account_id"].isin(others) & (away <= window)]
        both = set(near.loc[(near["account_id"] == "901") & near["key"].isin(theirs["key"]), "record_id"])
        assert set(shown.posts()["record_id"]) == both | set(theirs["record_id"]), window
    shown.scope.window.value = ""
    shown.scope.trace.value = ""
    highest = shown.source.facts.loc["901", "tier"]
    shown.scope.tier.value = "A"
    assert (len(shown.posts()) > 0) == (highest == "A")


def test_a_period_between_two_texts_says_that_the_links_span_it(shown) -> None:
    """The texts come nine hours apart: two hours after the first one there is none, and every link spans them."""
    start = int(shown.source.edges["first_t"].min().timestamp())
    shown.select(("901",), period=period_of((start + 7200, start + 14400)))
    assert len(shown.network.view.graph["a"]) == 15 and "before and after this period" in shown.evidence.posts.value
    shown.select(edge=("901", "902"), period=shown.selected.period)
    assert "before and after this period" in shown.evidence.posts.value
    shown.scope.tier.value = "A"  # which nobody has here, so no link is left
    assert "No posts to read: inside what is set above" in shown.evidence.posts.value


def test_what_is_not_drawn_is_counted_inside_the_period(week_case, found, monkeypatch, tmp_path) -> None:
    import pandas as pd

    built = tmp_path / "network_view.js"
    built.write_text("export default {}")
    for place in (network_panel, network_view):
        monkeypatch.setattr(place, "bundle", lambda: built)
    monkeypatch.setattr(network_panel, "MOST", 6)
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
    assert "Accounts not drawn: 14;" in shown.notice.value
    seconds = int(start.timestamp())
    for hours, missing in (((0, 13), 0), ((6, 24), 4), ((17, 60), 14)):
        shown.select(period=period_of((seconds + 3600 * hours[0], seconds + 3600 * hours[1])))
        assert f"not drawn: {missing}; in the whole time 14" in shown.notice.value
    shown.select()
    assert "Accounts not drawn: 14;" in shown.notice.value


def test_the_mark_of_another_appears_and_is_not_written_over_unseen(shown, week_case) -> None:
    shown.select(("903",))
    mark(week_case, "903", "cleared", "a <b>volunteer</b>", by="R. Rao")
    shown.look_again()
    assert (
        "Accounts with something new: 1" in shown.mark_form.news.value
        and "&lt;b&gt;volunteer" in shown.mark_form.standing.value
    )
    assert shown.network.view.graph["mark"][shown.network.view.graph["id"].index("903")] == "✓"
    shown.mark_form.reason.value = "in step"  # written with R. Rao's mark before their eyes: it counts
    shown.mark_form.kind.value = "lead"
    shown.mark_form.mark()
    assert marks_of(week_case).of("903").mark == "lead" and shown.mark_form.news.value == ""
    shown.mark_form.reason.value = "begun before"
    mark(week_case, "903", "withdrawn", "spoke to them", by="R. Rao")
    shown.look_again()
    shown.mark_form.mark()
    assert (
        marks_of(week_case).of("903") is None
        and "marked one of these accounts as “withdrawn”" in shown.mark_form.said.value
    )
    assert shown.mark_form.reason.value == "begun before"
    shown.mark_form.mark()  # now it was seen
    assert marks_of(week_case).of("903").mark == "lead"
    before = shown.mark_form.news.value
    shown.look_again()
    assert shown.mark_form.news.value == before == ""
    shown.mark_form.undo()


def test_kept_stands_beside_what_was_kept_and_not_beside_the_next_reason(shown, week_case) -> None:
    shown.select(("905",))
    for begin in (lambda: setattr(shown.mark_form.reason, "value", "the next"), lambda: shown.select(("904",))):
        shown.mark_form.reason.value = "in step"
        shown.mark_form.mark()
        assert "Kept in the custody log" in shown.mark_form.said.value
        begin()
        assert shown.mark_form.said.value == ""
    shown.mark_form.reason.value = " "
    shown.mark_form.mark()
    shown.mark_form.reason.value = "now there is one"
    assert "needs a reason" in shown.mark_form.said.value  # what went wrong stays to be read while it is mended
    for _ in range(2):
        shown.mark_form.undo()
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
    shown.mark_form.reason.value = "in step"
    beside = threading.Thread(target=shown.mark_form.keep.click)  # as JupyterLab calls where a cell is at work
    beside.start()
    try:
        assert began.wait(20)
        mark(week_case, "904", "cleared", "a volunteer", by="R. Rao")
        shown.look_again()
        assert shown.mark_form.news.value == ""
    finally:
        goes_on.set()
        beside.join(20)
    assert marks_of(week_case).of("905").reason == "in step" and shown.mark_form.reason.value == ""
    mark(week_case, "904", "lead", "seen again", by="R. Rao")
    shown.look_again()
    assert "seen again" in shown.mark_form.news.value and shown.marks.of("904").reason == "seen again"
    shown.mark_form.undo()
    for _ in range(2):
        marking.undo(week_case, by="R. Rao")


def test_a_log_that_could_not_be_read_for_a_moment_is_not_said_to_be_so_for_longer(shown, monkeypatch) -> None:
    said = shown.mark_form.news.value = "<p>what others marked</p>"

    def fails(_known):
        raise SpmcError("ledger.sqlite cannot be read.")

    monkeypatch.setattr(shown.mark_form.others, "now", fails)
    for _ in range(2):
        shown.look_again()
        assert "cannot be read" in shown.mark_form.news.value
    monkeypatch.setattr(shown.mark_form.others, "now", lambda _known: None)
    shown.look_again()
    assert shown.mark_form.news.value == said
    shown.mark_form.news.value = ""


def test_a_mark_that_is_written_and_cannot_be_read_yet_is_seen_the_next_time(week_case, monkeypatch) -> None:
    known = marks_of(week_case)
    others = logged.MarksOfOthers(week_case)
    mark(week_case, "903", "second_look", "on its way", by="R. Rao")
    monkeypatch.setattr(logged, "marks_of", lambda _case: known)  # SQLite lets it be read when it is on the disk
    assert others.now(known) is None
    monkeypatch.undo()
    now = others.now(known)
    assert now is not None and now.of("903").reason == "on its way"
    reads: list[int] = []
    monkeypatch.setattr(logged, "marks_of", lambda case: reads.append(1) or marks_of(case))
    assert [others.now(now) for _ in range(4)] == [None] * 4 and len(reads) <= 1
    marking.undo(week_case, by="R. Rao")


def test_a_locked_log_is_said_in_the_form_and_the_mark_is_kept_when_it_is_free(shown, week_case, monkeypatch) -> None:
    import sqlite3
    from contextlib import closing

    from spmc_tools.case.files import lock_wait as waiting
    from spmc_tools.case.log import ledger

    monkeypatch.setattr(waiting, "TRY_S", 0.05)
    told = []
    shown.mark_form.said.observe(lambda change: told.append(change["new"]), names="value")
    shown.select(("904",))
    shown.mark_form.reason.value = "why"
    with closing(sqlite3.connect(week_case.ledger.path, isolation_level=None, check_same_thread=False)) as held:
        held.execute("BEGIN IMMEDIATE")
        freed = threading.Timer(0.4, lambda: held.execute("ROLLBACK"))
        freed.start()
        shown.mark_form.mark()
        freed.join()
        assert any("Another program is writing into this case" in one for one in told)
        assert "Kept in the custody log" in told[-1] and marks_of(week_case).of("904").reason == "why"
        monkeypatch.setattr(ledger, "_BUSY_S", 0.2)
        held.execute("BEGIN IMMEDIATE")
        shown.mark_form.reason.value = "again"
        shown.mark_form.mark()
        assert "nothing is lost" in shown.mark_form.said.value and shown.mark_form.reason.value == "again"
        shown.scope.language.value = "hi"
        shown.mark_form.reason.value = "again"
        shown.mark_form.mark()
        assert "कुछ भी खोया नहीं है" in shown.mark_form.said.value
        held.execute("ROLLBACK")
    assert marks_of(week_case).of("904").reason == "why"
    shown.mark_form.undo()


def seen(shown) -> dict[str, object]:
    """What every panel shows, and what it gives in Python."""
    view, tables, scope = shown.network.view, shown.tables, shown.scope
    boxes = (scope.trace, scope.window, scope.q, scope.tier, scope.whole, scope.language, scope.brush)
    return {
        "state": shown.state,
        "scope": [box.value for box in boxes],
        "network": [view.graph, view.selected, view.edge, view.period, view.color_by, view.folded, view.language],
        "notice": shown.notice.value,
        "tables": [tables.account_rows.to_dict("list"), tables.cluster_rows.to_dict("list"), tables.inside.value],
        "rows": [tables.accounts.selected_rows, tables.clusters.selected_rows],
        "sent": [json.loads(grid._dt_args["data_json"]) for grid in (tables.accounts, tables.clusters)],
        "posts": [shown.evidence.posts.value, shown.evidence.code.value, shown.call()],
        "marks": shown.mark_form.standing.value,
    }


def pressed(shown, draw: random.Random) -> None:
    """Choose something in a panel, as an officer does."""
    members, moments = [str(901 + n) for n in range(6)], shown.source.moments
    view, scope, tables = shown.network.view, shown.scope, shown.tables
    pair = sorted(draw.sample(members, 2))

    def link() -> None:
        with view.hold_trait_notifications():  # both come in one message of the page
            view.selected, view.edge = pair, pair

    draw.choice([
        lambda: setattr(view, "selected", draw.sample(members, draw.randrange(4))),
        lambda: setattr(view, "selected", members),
        link,
        lambda: setattr(view, "edge", []),
        lambda: setattr(view, "period", sorted(draw.sample(moments, 2))),
        lambda: setattr(view, "color_by", draw.choice(["cluster", "trace", "tier", "first"])),
        lambda: setattr(view, "folded", draw.choice([[], [1]])),
        lambda: setattr(scope.brush, "value", tuple(sorted(draw.sample(moments, 2)))),
        lambda: setattr(draw.choice([scope.trace, scope.window, scope.q, scope.tier]), "index", draw.randrange(2)),
        lambda: setattr(scope.whole, "value", draw.choice([True, False])),
        lambda: setattr(scope.language, "value", draw.choice(["en", "hi"])),
        lambda: setattr(tables.accounts, "selected_rows", [0] if tables.account_ids else []),
        lambda: setattr(tables.clusters, "selected_rows", [0] if tables.cluster_ids else []),
        shown.list_form.choose.click,
    ])()  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_steps_back_show_the_first_choice_and_all_forward_the_last(shown, seed) -> None:
    """Whatever was pressed: every panel shows on the way back what it showed on the way there."""
    draw, ways = random.Random(seed), [seen(shown)]
    while len(ways) < 12:
        pressed(shown, draw)
        if shown.state != ways[-1]["state"]:
            ways.append(seen(shown))
    for way in reversed(ways[:-1]):
        shown.back()
        assert seen(shown) == way
    shown.back()
    assert seen(shown) == ways[0]
    for way in ways[1:]:
        shown.forward()
        assert seen(shown) == way
    shown.forward()
    assert seen(shown) == ways[-1]


def test_a_step_back_leaves_the_custody_log_as_it_is(shown, week_case) -> None:
    shown.select(("906",))
    shown.mark_form.reason.value = "in step"
    shown.mark_form.mark()
    shown.back()
    assert shown.selected == Selected() and marks_of(week_case).of("906").reason == "in step"
    assert shown.network.view.graph["mark"][shown.network.view.graph["id"].index("906")] == "?"
    shown.forward()
    assert shown.selected == Selected(("906",)) and "in step" in shown.mark_form.standing.value
    shown.mark_form.undo()


def test_colours_and_folded_groups_stay_in_another_language(shown) -> None:
    shown.network.view.color_by, shown.network.view.folded = "tier", [1]
    before = shown.network.view
    shown.scope.language.value = "hi"
    assert shown.network.view is not before
    assert (shown.network.view.color_by, shown.network.view.folded) == ("tier", [1])


def test_a_control_of_the_page_that_was_there_before_changes_the_choice_of_now(shown) -> None:
    """A click that is still on its way while the page changes its language takes nothing back."""
    old = shown.tables.accounts
    shown.scope.language.value = "hi"
    shown.scope.q.value = 0.01
    old.selected_rows = [0]
    assert shown.state.language == "hi" and shown.state.filters.q == 0.01 and len(shown.selected.accounts) == 1


def test_a_picture_that_was_stopped_on_its_way_is_drawn_with_the_next_choice(shown, monkeypatch) -> None:
    def stopped(_filters):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shown.source, "pairs", stopped)
        with pytest.raises(KeyboardInterrupt):
            shown.scope.tier.value = "A"
    assert len(shown.network.view.graph["id"]) == 6 and shown.state.filters.tier == "A"
    shown.select(("901",))
    assert shown.network.view.graph["id"] == [] and "Nothing fits these choices" in shown.notice.value


def test_posts_that_were_in_use_are_read_again_where_the_same_is_chosen(shown, monkeypatch) -> None:
    def busy():
        raise SpmcError("ledger.sqlite is in use.")

    with monkeypatch.context() as patch:
        patch.setattr(shown.source.case, "batches", busy)
        shown.select(("901",))
        assert "is in use" in shown.evidence.posts.value
    shown.network.view.color_by = "tier"
    assert "is in use" in shown.evidence.posts.value  # nobody asked for the posts
    shown.select(("901",))
    assert "spmc-evidence" in shown.evidence.posts.value and len(shown._history.before) == 2
