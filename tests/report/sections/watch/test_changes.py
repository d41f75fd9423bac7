"""What is new, gone, grown or smaller since the last report, and the list of a case's reports."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.custody.review.review import withdraw
from spmc_tools.custody.review.verify import verify
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.report.figures.frames import table_script
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.page.index import INDEX, index_rows, write_index
from spmc_tools.report.running.run import run_notebook
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.watch.changes import Changes, changes, matched, notebook_of, previous_run
from spmc_tools.report.sections.watch.watch_values import queue
from spmc_tools.report.values.section_values import from_json, to_json
from spmc_tools.report.words.notebook_file import MIME
from tests.report.running.test_last_look import more


def test_groups_are_matched_by_their_members():
    made = matched([{"a", "b", "c"}, {"x", "y"}, {"p", "q", "r", "s"}], [{"p", "q"}, {"a", "b", "c", "d"}, {"m", "n"}])
    assert made.same == ((2, 0), (0, 1)) and made.gone == (1,) and made.new == (2,)


def test_one_shared_account_makes_no_match_and_the_largest_overlap_wins():
    assert matched([{"a", "b"}], [{"a", "c"}]).same == ()
    made = matched([{"a", "b", "c", "d"}], [{"a", "b"}, {"b", "c", "d"}])
    assert made.same == ((0, 1),) and made.new == (0,)


members = st.lists(st.sets(st.integers(0, 30).map(str), min_size=1, max_size=8), max_size=6)


@given(members, members)
def test_every_group_is_matched_once_or_told(before, after):
    made = matched(before, after)
    assert sorted([a for a, _ in made.same] + list(made.gone)) == list(range(len(before)))
    assert sorted([b for _, b in made.same] + list(made.new)) == list(range(len(after)))
    assert all(len(set(before[a]) & set(after[b])) >= 2 for a, b in made.same)


@given(members)
def test_nothing_changed_where_nothing_did(groups):
    distinct = [{f"{place}:{one}" for one in own} | {f"{place}:x"} for place, own in enumerate(groups)]
    made = matched(distinct, distinct)
    assert all(a == b for a, b in made.same)
    assert {a for a, _ in made.same} == {place for place, own in enumerate(distinct) if len(own) >= 2}


def test_the_notebook_is_read_from_the_id_of_a_run():
    assert notebook_of("20251113T034000Z-election_watch-00ff") == "election_watch"
    assert notebook_of("20251113T034000Z-a-b_c-00ff") == "a-b_c" and notebook_of("something else") is None


def store(case, found, run_id: str, executed: dict | None = None) -> None:
    """Keep findings, and the executed notebook, as an investigation of a run does."""
    from spmc_tools.custody.review.verify import write_manifest
    from spmc_tools.findings import stored_results as stored

    folder = case.derived_dir("investigate", {"run": run_id})
    tables = {
        "accounts": stored.table_of(found.accounts.to_dict("records"), "accounts"),
        "clusters": stored.table_of(found.clusters.to_dict("records"), "clusters"),
    }
    hashes = stored.kept(folder, tables, {})
    place = folder.relative_to(case.path).as_posix()
    asked = {"traces": found.parameters["traces"], "windows_s": None}
    case.log("investigate", {"parameters": asked, "run": run_id, "derived": place, "results": hashes})
    run = case.run_dir(run_id)
    (run / "report.html").write_text("made up", encoding="utf-8")
    notebook = run / "notebook.ipynb"
    notebook.write_text(json.dumps(executed or {}), encoding="utf-8")
    write_manifest(case, run, notebook=notebook, status="complete", edition="full", language="en")


FIRST, SECOND = "20251113T034000Z-election_watch-0001", "20251114T034000Z-election_watch-0002"


@pytest.fixture
def two_looks(small_case, make_findings):
    """An earlier report with one group of five; now four of them with a new one, and a group of two beside."""
    scope = in_period(small_case)
    accounts = sorted(set(scope.records["account_id"]))
    store(small_case, make_findings(scope.records, accounts), FIRST)
    now = make_findings(scope.records, [*accounts[:4], "fresh"])
    other = make_findings(scope.records, ["m", "n"])
    other.clusters["cluster_id"] = 2
    now.clusters = pd.concat([now.clusters, other.clusters], ignore_index=True)
    now.accounts = pd.concat([now.accounts, other.accounts], ignore_index=True)
    return small_case, now


def test_what_changed_is_told_in_numbers(two_looks):
    case, now = two_looks
    made = changes(case, in_period(case), now)
    assert made.before.run == FIRST and not made.lost and made.gone == ()
    assert to_json(made.new) == [{"group": 2, "size": 2, "traces": ["copypasta"]}]
    (grown,) = made.grown
    assert (grown.group, grown.size, grown.was, grown.joined, grown.left) == (1, 5, 5, 1, 1)
    assert made.smaller == () and made.same == 0


def test_a_report_compared_with_that_was_withdrawn_is_said(two_looks):
    case, now = two_looks
    assert changes(case, in_period(case), now).withdrawn == ()
    withdraw(case, FIRST, "The file was <another> case's.")
    made = changes(case, in_period(case), now)
    [told] = made.withdrawn
    assert (told.run, told.reason) == (FIRST, "The file was <another> case's.")
    values = from_json(Changes, json.loads(json.dumps(to_json(made))))
    text = fragment({"name": "changes", "missing": [], "values": values})
    assert "The report compared with was withdrawn on" in text and "The file was &lt;another&gt; case" in text


def test_a_changed_result_is_not_compared_with(two_looks):
    case, now = two_looks
    path = next((case.path / "derived").glob("*/investigate/accounts.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    made = changes(case, in_period(case), now)
    assert made.lost and made.before.run == FIRST


def test_other_choices_and_parts_of_a_case_are_not_compared(two_looks):
    case, now = two_looks
    now.parameters = now.parameters | {"traces": ["co_repost"]}
    assert changes(case, in_period(case), now).before is None
    now.derived = None
    assert changes(case, in_period(case), now).part is True
    assert previous_run(case, "festival_watch") is None and previous_run(case)["run_id"] == FIRST


def test_the_list_of_reports_tells_status_and_outcome(small_case):
    first = run_notebook(small_case, "election_watch", {})
    second = run_notebook(small_case, "election_watch", {}, language="hi")
    rows = index_rows(small_case)
    assert [row["run"] for row in rows] == [second.run_id, first.run_id]
    assert [row["status"] for row in rows] == ["complete", "complete"]
    assert [row["superseded"] for row in rows] == [None, rows[0]["at"]]
    assert rows[1]["outcome"]["groups"] == 0 and rows[1]["outcome"]["changes"] is None
    assert rows[0]["outcome"]["changes"] == {"new": 0, "gone": 0, "changed": 0}
    assert rows[0]["outcome"]["queue"] == {"new": 0, "grown": 0, "gone": 0} and rows[1]["outcome"]["queue"] is None
    page = (small_case.path / "reports" / INDEX).read_text(encoding="utf-8")
    assert f'href="{second.run_id}/report.html"' in page and page.index(second.run_id) < page.index(first.run_id)
    assert "Content-Security-Policy" in page and page.count("<script") == 1 and table_script() in page
    newer = page[page.index(second.run_id) : page.index(first.run_id)]
    assert "Nothing changed." in newer and "Nothing changed." not in page[page.index(first.run_id) :]
    assert verify(small_case.path).ok


def test_a_list_that_somebody_else_wrote_is_found(small_case, make_findings):
    store(small_case, make_findings(in_period(small_case).records, ["acct1", "acct2"]), FIRST)
    path = write_index(small_case)
    assert verify(small_case.path).ok
    path.write_text("<p>all is well</p>", encoding="utf-8")
    assert verify(small_case.path).first_difference.startswith(f"reports/{INDEX}")


def test_failed_and_vanished_reports_show(small_case, make_findings):
    import shutil

    from spmc_tools.signing.report_disposal import dispose_of_run

    found = make_findings(in_period(small_case).records, ["acct1", "acct2"])
    for run_id in (FIRST, SECOND):
        store(small_case, found, run_id)
    dispose_of_run(small_case, FIRST, "an exercise")
    shutil.rmtree(small_case.path / "reports" / SECOND)
    assert [(row["status"], row["there"]) for row in index_rows(small_case)] == [
        ("missing", False), ("disposed", False),
    ]  # fmt: skip
    text = write_index(small_case, "en").read_text(encoding="utf-8")
    assert "folder missing" in text and "disposed of" in text and json.dumps(FIRST)[1:-1] in text


def test_the_queue_is_compared_with_the_last_report_that_is_whole(small_case, tmp_path):
    asked = {"power": "none", "traces": "copypasta"}
    first = run_notebook(small_case, "election_watch", asked)
    second = run_notebook(small_case, "election_watch", asked)
    more(small_case, tmp_path, 3)  # five posts of one text in an hour of their own: it rises, the others no longer do
    third = run_notebook(small_case, "election_watch", asked)
    told = {row["run"]: row["outcome"]["queue"] for row in index_rows(small_case)}
    assert told[first.run_id] is None and told[second.run_id] == {"new": 0, "grown": 0, "gone": 0}
    assert told[third.run_id] == {"new": 1, "grown": 0, "gone": 1}
    page = third.report.read_text(encoding="utf-8")
    assert "new: 1, grown: 0, gone: 1, as before: 0" in page and "No group changed." in page
    listed = (small_case.path / "reports" / INDEX).read_text(encoding="utf-8")
    assert "posts: 1 new, 0 grown, 1 gone" in listed
    assert "पोस्ट: 1 नई, 0 बढ़ी, 1 अब नहीं" in write_index(small_case, "hi").read_text(encoding="utf-8")
    notebook = small_case.path / "reports" / third.run_id / "notebook.ipynb"
    notebook.chmod(0o600)
    notebook.write_text(notebook.read_text(encoding="utf-8") + " ", encoding="utf-8")  # no longer the one of the log
    compared = changes(small_case, in_period(small_case), investigate(small_case, traces=["copypasta"])).queue
    assert compared.run == second.run_id and (compared.new, compared.gone) == (1, 1)


@pytest.mark.parametrize("lacks", [(), ("told",), ("rows", "days")])
def test_a_queue_that_an_older_version_wrote_is_not_compared_with(small_case, make_findings, lacks):
    scope = in_period(small_case)
    found = make_findings(scope.records, sorted(set(scope.records["account_id"])))
    values = {name: held for name, held in to_json(queue(small_case, scope, found)).items() if name not in lacks}
    output = {"data": {MIME: {"name": "watch", "missing": [], "values": values}}}
    store(small_case, found, FIRST, {"cells": [{"outputs": [output]}]})
    made = changes(small_case, scope, found)
    assert (made.queue is None) == bool(lacks) and made.before.run == FIRST
    assert made.compared_with() == ((FIRST,) if lacks else (FIRST, FIRST))
