"""Rates over all cases: counted by hand, intervals by the beta distribution, and nothing but numbers."""

from __future__ import annotations

import copy
import json
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from scipy.stats import beta

from spmc_tools.case.store.case import Case, create_case
from spmc_tools.custody.review.review import review, withdraw
from spmc_tools.report.page.index import rates_cited
from spmc_tools.report.page.rates_page import rate_lines, rates_page
from spmc_tools.report.page.render import page
from spmc_tools.report.page.sections import section
from spmc_tools.report.rates.own_rates import LEAST, own_rates, rate
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.values.section_values import to_json
from spmc_tools.signing.manifest import write_manifest
from tests.forgery import line_up_by_hand, sha

if TYPE_CHECKING:
    from pathlib import Path

COPIES = {"trace": "copypasta", "rests": "pairs", "named": 5, "patterns": []}
FANS = {"trace": "co_repost", "rests": "group", "named": 2, "patterns": ["followers", "daily_round"]}
WIRE = {"trace": "copypasta", "rests": "none", "named": 0, "patterns": ["newsroom"]}


def made_case(name: str) -> Case:
    return create_case(
        name, title="x", purpose="x", legal_basis="x", date_from="2025-11-03", date_to="2025-11-12",
        officer="Officer One",
    )  # fmt: skip


def reported(case: Case, run: str, kinds: list[dict[str, Any]] | None, results: str = "", **facts: Any) -> str:
    place = f"derived/{sha((results or run).encode())[:32]}/investigate"
    hashes = {"accounts.parquet": sha((results or run).encode())}
    case.log("investigate", {"run": run, "derived": place, "results": hashes, "parameters": {}})
    folder = case.run_dir(run)
    (folder / "report.html").write_text("<!doctype html><title>x</title>")
    outcome: dict[str, Any] = {"groups": sum(kind["named"] > 0 for kind in kinds or []), "kinds": kinds}
    write_manifest(case, folder, notebook="election_watch", **{"edition": "full", "outcome": outcome, **facts})
    return run


def say(
    case: Case, run: str, verdict: str, of_groups: Any = None, name: str = "R. Devi", skip: str | None = None
) -> None:
    review(case, run, reviewer=name, verdict=verdict, counter_case="x", of_groups=of_groups, skip_line_up=skip)


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    first, second = made_case("first"), made_case("second")
    run = reported(first, "20251113T034000Z-election_watch-aa01", [COPIES, FANS, WIRE])
    for group in (1, 2):
        line_up_by_hand(first, run, "R. Devi", group=group)
    say(first, run, "upheld", {2: ("not_upheld", "fan_club")})
    again = reported(second, "20251113T034000Z-election_watch-aa02", [COPIES], results="same")
    say(second, again, "not_upheld", skip="In a hurry.")
    reported(second, "20251114T034000Z-election_watch-aa03", [COPIES], results="same")  # on the same results
    reported(second, "20251115T034000Z-election_watch-aa04", [COPIES], edition="redacted")
    reported(second, "20251116T034000Z-election_watch-aa05", [FANS], status="failed")
    withdraw(second, reported(second, "20251117T034000Z-election_watch-aa06", [FANS]), "Wrong.")
    reported(second, "20251118T034000Z-election_watch-aa07", None)  # as an older version made them
    return tmp_path / "cases"


def test_counted_by_hand(cases: Path) -> None:
    found = own_rates(cases)
    assert (found.cases, found.reports, found.older, found.unread, found.skipped) == (2, 2, 1, 0, 1)
    rows = {(row.trace, row.rests): row for row in (*found.kinds, *found.patterns)}
    said = {
        key: (row.shown, row.named, row.upheld, row.not_upheld, row.needs_more, row.reasons)
        for key, row in rows.items()
    }
    fans = (1, 1, 0, 1, 0, {"fan_club": 1})
    assert said == {
        ("copypasta", "pairs"): (2, 2, 1, 1, 0, {}),
        ("co_repost", "group"): fans,
        ("copypasta", "none"): (1, 0, 0, 0, 0, {}),
        ("followers", "pattern"): fans,
        ("daily_round", "pattern"): fans,
        ("newsroom", "pattern"): (1, 0, 0, 0, 0, {}),
    }
    assert (found.whole.shown, found.whole.named, found.whole.overturned.k, found.whole.overturned.n) == (4, 3, 2, 3)
    assert found.of("co_repost", "group") == rows["co_repost", "group"] and found.of("co_repost", "pairs") is None


def test_line_ups_are_counted_as_they_were_answered(cases: Path) -> None:
    """Panel A was chosen twice; where the finding stood the log tells."""
    log = cases / "first" / "ledger.sqlite"
    with closing(sqlite3.connect(log)) as read:
        rows = read.execute("SELECT payload FROM entries WHERE kind = 'line_up_answer'").fetchall()
    fillers = sum(json.loads(payload)["finding"] != "A" for (payload,) in rows)
    found = own_rates(cases).whole
    assert (found.fillers.k, found.fillers.n, found.unsure) == (fillers, 2, 0)


@pytest.mark.parametrize(("k", "n"), [(0, 20), (1, 20), (20, 20), (7, 31), (3, 5)])
def test_intervals_are_those_of_clopper_and_pearson(k: int, n: int) -> None:
    low = 0.0 if k == 0 else float(beta.ppf(0.025, k, n - k + 1))
    high = 1.0 if k == n else float(beta.ppf(0.975, k + 1, n - k))
    made_rate = rate(k, n)
    assert (made_rate.low, made_rate.high) == pytest.approx((low, high))
    assert made_rate.few == (n < LEAST)


def test_numbers_alone_leave_a_case(cases: Path) -> None:
    said = json.dumps(to_json(own_rates(cases))) + "".join(rate_lines(own_rates(cases)))
    for word in ("first", "second", "Devi", "Officer", "aa01", "hurry", "derived"):
        assert word not in said
    page = re.sub(r"<style>.*?</style>", "", rates_page(own_rates(cases), "en"), flags=re.S)
    for word in ("Devi", "Officer One", "aa01", "hurry"):
        assert word not in page


def test_the_page_says_what_was_counted_and_where_it_is_too_few(cases: Path) -> None:
    text = re.sub(r"<[^>]+>", " ", rates_page(own_rates(cases), "en"))
    for sentence in (
        "Reports showed 4 groups in 2 cases; in 3 somebody was named.",
        "Second officers upheld 1, did not uphold 2, and asked for more on 0.",
        "too few yet (2 of 3)", "1 review skipped its line-up, with a reason.",
        "1 report of an older version does not state the kinds of its groups and is not counted.",
        "Officers are not ranked and not named.", "By ordinary pattern",
        "2 reports, of those on the same results the last one.",
    ):  # fmt: skip
        assert sentence in text, sentence
    (patterns,) = re.findall(r'(?s)<section id="patterns">(.*?)</section>', rates_page(own_rates(cases), "en"))
    bare = " ".join(re.sub(r"<[^>]+>", " ", patterns).split())
    fans = "1 1 0 1 0 too few yet (1 of 1) fans of the same star or team 1"
    assert f"daily round {fans}" in bare and f"followers of the same pages {fans}" in bare
    assert "newsroom 1 0 0 0 0 – – –" in bare
    assert "निर्णय" in rates_page(own_rates(cases), "hi") or "समीक्षाओं ने क्या कहा" in rates_page(own_rates(cases), "hi")


def test_a_case_that_cannot_be_read_is_counted_and_told(cases: Path) -> None:
    (cases / "first" / "ledger.sqlite").write_bytes(b"no log")
    found = own_rates(cases)
    assert (found.cases, found.unread) == (1, 1)
    assert any("1 cases that cannot be read" in line for line in rate_lines(found))
    assert "The custody log of 1 case could not be read." in rates_page(found, "en")


def test_nothing_is_there(tmp_path: Path) -> None:
    found = own_rates(tmp_path / "empty")
    assert found.kinds == () and found.whole.overturned.n == 0
    assert "No report on this machine has groups yet." in rates_page(found, "en")


def test_hostile_manifests_are_no_error(cases: Path) -> None:
    """Whatever stands in an outcome: it is counted as what it is, or not at all."""
    for place, kinds in enumerate(["x", [None, 7, {"trace": ["a"], "named": "b", "patterns": 3}], {"a": 1}]):
        case = Case(cases / "second")
        run = f"2025112{place}T034000Z-election_watch-bb0{place}"
        reported(case, run, [COPIES], outcome={"groups": 1, "kinds": kinds})
    found = own_rates(cases)
    assert found.older == 3 and found.reports == 3


def test_what_a_report_cites_stays_with_its_run(cases, small_case, make_findings, as_notebook, a_run) -> None:
    """Two groups of copies by pairs were decided on, one upheld; a later verdict changes a new run, not this one."""
    scope = in_period(small_case)
    found = make_findings(scope.records, ["acct1", "acct2", "acct3"])
    given = {"case": small_case, "scope": scope, "found": found}
    made = section("findings", **given)
    assert (made.values.cards[0].main_trace, made.values.cards[0].story.rests) == ("copypasta", "pairs")
    node = as_notebook([made], ["findings"])
    said = "On this machine reviews decided on 2 groups like this and did not uphold 1: too few yet."
    before = page(node, a_run, "en")
    assert said in before and "later reviews do not change it here" in before
    (cited,) = rates_cited(node)
    assert (cited["upheld"], cited["not_upheld"], cited["overturned"]["n"]) == (1, 1, 2)
    two = copy.deepcopy(node)
    values = two.cells[-1].outputs[0].data["application/vnd.spmc.section+json"]["values"]
    values["cards"], values["rates"] = values["cards"] * 2, [*values["rates"], None]
    first, _, second = page(two, a_run, "en").partition('id="group-2"')
    assert said in first and said not in second and "no review has decided on a group like this yet" in second
    third = made_case("third")
    run = reported(third, "20251119T034000Z-election_watch-aa08", [COPIES])
    say(third, run, "not_upheld", skip="In a hurry.")
    assert page(node, a_run, "en") == before and rates_cited(node) == [cited]
    anew = page(as_notebook([section("findings", **given)], ["findings"]), a_run, "en")
    assert "decided on 3 groups like this and did not uphold 2: too few yet." in anew


def test_a_kind_that_no_review_met_is_said(small_case, make_findings, as_notebook, a_run) -> None:
    scope = in_period(small_case)
    found = make_findings(scope.records, ["acct1", "acct2", "acct3"])
    node = as_notebook([section("findings", case=small_case, scope=scope, found=found)], ["findings"])
    assert "no review has decided on a group like this yet" in page(node, a_run, "en") and rates_cited(node) == [None]
