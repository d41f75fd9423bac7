"""Accounts that look like newsrooms by what they post are shown with the numbers, and not named."""

from __future__ import annotations

import html
import re

import pandas as pd
import pytest

from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.groups.benign import decided, pattern_rows
from spmc_tools.report.sections.groups.cards import findings
from spmc_tools.report.sections.groups.shown_groups import set_aside
from tests.report_fixtures import results

PATTERN = {
    "decides": True, "pattern": True, "n_own": 41, "own_share": 0.5, "site": "gaya-news.example", "n_links": 60,
    "site_share": 1.0, "own_linked": 1.0, "shared_linked": 0.9, "sole_share": 1.0, "topics": 22.5, "n_days": 9,
    "day_share": 0.9, "n_shared": 40, "outside_share": 0.4, "n_readers": 17,
}  # fmt: skip


def patterns(of: dict[str, dict]):
    return results("account_patterns", [{"account_id": account, **numbers} for account, numbers in of.items()])


@pytest.fixture
def look(small_case, make_findings):
    scope = in_period(small_case)
    members = sorted(set(scope.records["account_id"]))
    return small_case, scope, make_findings(scope.records, members), members


def test_a_group_of_newsrooms_is_set_aside_with_its_numbers(look) -> None:
    _, _, found, members = look
    found.accounts["tier"] = None
    measured = [PATTERN, *([PATTERN | {"site": "a.example"}] * 3), PATTERN | {"decides": False}]
    found.account_patterns = patterns(dict(zip(members, measured, strict=True)))
    (row,) = set_aside(found)
    assert [one.site for one in row.newsrooms] == ["a.example"] * 3 + ["gaya-news.example"]
    assert not hasattr(row.newsrooms[0], "account_id") and row.newsrooms[0].n_own == 41
    assert len(pattern_rows(found, members[:1])) == 1


def test_a_group_set_aside_says_the_pattern_beside_what_its_links_rest_on(look, shown_alone) -> None:
    from spmc_tools.report.page.sections import section

    _, _, found, members = look
    found.accounts["tier"] = None
    half = members[: (len(members) + 1) // 2]
    row = {"trace": "copypasta", "pattern": "one_origin", "share": 0.8, "of_group": True}
    found.ordinary_patterns = results("ordinary_patterns", [{"account_id": account, **row} for account in half])
    (group,) = set_aside(found)
    assert group.patterns == ("one_origin",)
    page = shown_alone(section("aside", found=found), "en")
    assert "Acted together" in page and "on several sources:" in page
    assert "Ordinary pattern" in page and "one origin" in page
    found.ordinary_patterns = found.ordinary_patterns.iloc[: (len(members) - 1) // 2]
    assert set_aside(found)[0].patterns == ()


WORDS_OF_PATTERNS = {
    "en": ("one origin", "none of those measured fits"),
    "hi": ("एक ही मूल", "मापे गए व्यवहार-क्रमों में से कोई लागू नहीं"),
}


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_group_of_the_festival_stands_with_the_pattern_of_half_of_those_who_posted(
    look, shown_alone, language
) -> None:
    from spmc_tools.report.page.sections import section

    case, _, found, members = look
    scope = in_period(case, event="chhath", kind="festival")
    row = {"trace": "copypasta", "pattern": "one_origin", "share": 0.8, "of_group": True}
    pattern, none = WORDS_OF_PATTERNS[language]
    for having, patterns in ((len(members) // 2, ()), (len(members) // 2 + 1, ("one_origin",))):
        found.ordinary_patterns = results(
            "ordinary_patterns", [{"account_id": account, **row} for account in members[:having]]
        )
        made = section("festival", case=case, scope=scope, found=found)
        assert [group.patterns for group in made.values.groups] == [patterns]
        page = shown_alone(made, language)
        assert (pattern in page, none in page) == (bool(patterns), not patterns)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_frame_of_accounts_says_the_patterns_of_each_or_that_none_fits(look, as_notebook, a_run, language) -> None:
    from spmc_tools.report.page.render import page
    from spmc_tools.report.page.sections import section

    case, scope, found, members = look
    row = {"trace": "copypasta", "share": 0.8, "of_group": False}
    having = [(members[0], "one_origin"), (members[1], "one_origin"), (members[1], "appointment")]
    found.ordinary_patterns = results(
        "ordinary_patterns", [{"account_id": account, "pattern": name, **row} for account, name in having]
    )
    names = ["summary", "findings", "accounts"]
    made = [section(name, case=case, scope=scope, found=found) for name in names]
    text = page(as_notebook(made, names), a_run, language)
    (frame,) = re.findall(r"class=\"inside tables\"[^>]*srcdoc='([^']*)'", text)
    frame = html.unescape(frame)
    table = frame[: frame.index("</table>")]
    rows = [re.split(r"<td[^>]*>", line)[1:] for line in table.split("<tr")[2:]]
    told = {cells[2].strip(): re.sub(r"<[^>]*>", "", cells[9]).strip() for cells in rows}
    origin, none = WORDS_OF_PATTERNS[language]
    assert told.pop(members[0]) == origin
    assert set(told.pop(members[1]).split("; ")) == {origin, {"en": "appointment", "hi": "नियत समय"}[language]}
    assert set(told) == set(members[2:]) and set(told.values()) == {none}


@pytest.mark.parametrize("language", ["en", "hi"])
def test_an_account_that_may_be_named_stands_with_its_pattern(look, shown_alone, language) -> None:
    from spmc_tools.report.page.sections import section

    case, scope, found, members = look
    row = {"account_id": members[0], "trace": "copypasta", "pattern": "appointment", "share": 0.8, "of_group": False}
    found.ordinary_patterns = results("ordinary_patterns", [row])
    made = section("accounts", case=case, scope=scope, found=found)
    assert [one.id for one in made.values.rows if one.patterns == ("appointment",)] == [members[0]]
    page = shown_alone(made, language)
    pattern, none = {
        "en": ("appointment", "none of those measured fits"),
        "hi": ("नियत समय", "मापे गए व्यवहार-क्रमों में से कोई लागू नहीं"),
    }[language]
    assert page.count(pattern) >= 1 and page.count(none) >= len(made.values.rows) - 1


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_newsroom_beside_named_accounts_is_counted_and_shown(look, shown_alone, language) -> None:
    from spmc_tools.report.page.sections import section

    case, scope, found, members = look
    found.accounts.loc[0, "tier"] = None
    found.account_patterns = patterns({members[0]: PATTERN})
    (card,) = findings(case, scope, found).cards
    assert (card.others.newsroom, card.others.few, card.others.above) == (1, 0, 0)
    page = shown_alone(section("findings", case=case, scope=scope, found=found), language)
    assert "gaya-news.example" in page
    assert ("1 looks like a newsroom by what it posts" in page) == (language != "hi")
    assert ("समाचार संस्थान जैसा दिखता है" in page) == (language != "en")


def test_nothing_measured_decides_nothing(look) -> None:
    found, members = look[2], look[3]
    assert decided(found) == set() and pattern_rows(found, members) == ()
    found.account_patterns = patterns({members[0]: PATTERN, members[1]: PATTERN | {"decides": False}})
    assert decided(found) == {members[0]} and pattern_rows(found, members[1:]) == ()


def test_a_linked_account_below_the_limit_in_one_kind_is_not_unnamed_for_its_figure(look) -> None:
    """Over all kinds both are above .05; one is below it where it is linked, so that few sources are its reason."""
    case, scope, found, members = look
    low, high, ranked = members[-3:]
    for account in (low, high, ranked):
        found.accounts.loc[found.accounts["account_id"] == account, ["tier", "q"]] = ["C", 0.24]
    kept = found.account_traces[~found.account_traces["account_id"].isin([low, high, ranked])]
    own = [
        {"account_id": low, "trace": "copypasta", "basis": "few", "q": 0.03, "kind": None},
        {"account_id": high, "trace": "copypasta", "basis": "few", "q": 0.05, "kind": None},
        {"account_id": ranked, "trace": "copypasta", "basis": "few", "q": 0.001, "kind": "untimed"},
    ]
    found.account_traces = pd.concat([kept, results("account_traces", own)], ignore_index=True)
    (card,) = findings(case, scope, found).cards
    assert (card.others.n, card.others.few, card.others.above, card.others.q) == (3, 1, 2, 0.24)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_who_is_held_back_by_a_pattern_or_stands_by_an_event_is_not_said_to_rest_on_few_sources(
    look, shown_alone, language
) -> None:
    from spmc_tools.report.page.sections import section

    case, scope, found, members = look
    pattern, event, few = members[-3:]
    at = found.accounts.set_index("account_id").index
    for account, tier in ((pattern, None), (event, "C"), (few, "C")):
        row = at == account
        found.accounts.loc[row, ["tier", "q", "basis", "event_tier"]] = ["C", 0.01, None, None]
        found.accounts.loc[row, "event_tier"] = tier
    found.accounts.loc[at == few, "basis"] = "few"
    row = {"account_id": pattern, "trace": "copypasta", "pattern": "daily_round", "share": 0.8, "of_group": False}
    found.ordinary_patterns = results("ordinary_patterns", [row])
    (card,) = findings(case, scope, found).cards
    others = card.others
    assert (others.n, others.pattern, others.event, others.few, others.above) == (3, 1, 1, 1, 0)
    page = shown_alone(section("findings", case=case, scope=scope, found=found), language)
    for said in {
        "en": ["1 did something that an ordinary pattern explains", "1 stands here only by what many posted at once",
               "1 rests on too few sources to be named, or is in no single kind of activity linked to two others"],
        "hi": ["1 खाते की गतिविधि किसी सामान्य व्यवहार-क्रम से", "1 खाता यहाँ केवल उस वस्तु के कारण है",
               "1 खाता नाम लेने के लिए बहुत कम स्रोतों पर टिका है"],
    }[language]:  # fmt: skip
        assert said in page
