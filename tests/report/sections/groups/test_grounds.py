"""What the named accounts of a group rest on."""

from __future__ import annotations

import math
import re

import pytest

from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.groups.cards import accounts, findings
from spmc_tools.report.sections.groups.grounds import chance_range, grounds, of_accounts
from spmc_tools.report.sections.groups.shown_groups import groups, numbers
from tests.report_fixtures import results, traces_of


def poisson(n: int, mean: float) -> float:
    return math.exp(-mean) * mean**n / math.factorial(n)


@pytest.mark.parametrize("expected", [0.01, 0.3, 0.5, 2.0, 7.5])
def test_the_range_of_chance_holds_99_of_100_cases(expected):
    made = chance_range(expected)
    below = sum(poisson(n, expected) for n in range(made.low))
    until = sum(poisson(n, expected) for n in range(made.high + 1))
    assert below <= 0.005 < below + poisson(made.low, expected)
    assert until >= 0.995 > until - poisson(made.high, expected)
    assert made.one_in == (round(1 / expected) if expected < 0.5 else None)


def test_an_account_may_rest_on_both(small_case, make_findings):
    found = make_findings(in_period(small_case).records, ["a", "b", "c", "d", "e"])
    several = {"basis": "several", "trace": "t"}
    rows = [
        {"account_id": "a", **several, "kind": "pair"},
        {"account_id": "a", **several, "kind": "group"},
        {"account_id": "b", "basis": "few", "kind": "pair", "trace": "t"},
        {"account_id": "c", **several, "kind": None},
        {"account_id": "e", **several, "kind": "pair"},
    ]
    found.account_traces = results("account_traces", rows)
    assert of_accounts(found, list("abcd")) == {"a": {"pair", "group"}, "b": set(), "c": set(), "d": set()}


@pytest.fixture
def by_group(small_case, make_findings):
    """Five accounts of which no pair stands out; a group of nine that they belong to was proven."""
    scope = in_period(small_case)
    members = sorted(set(scope.records["account_id"]))
    found = make_findings(scope.records, members)
    found.edges["q"], found.edges["p_group"] = 0.4, 0.001
    found.accounts["q"] = 1.0
    found.account_traces = traces_of(members, "group")
    told = [
        {
            "account_id": account,
            "n_occasions": 5,
            "company": 3.5,
            "expected_pairs": 0.7,
            "expected": 0.2,
            "p": 2e-6,
            "q": 1e-5,
            "found": True,
        }
        for account in [*members, "somebody else"]
    ]
    told[-1]["found"] = False
    group = {"trace": "copypasta", "size": 14, "n_broad": 7, "n_broad_late": 2, "n_stretches": 9}
    found.proven_groups = results("proven_groups", [{"group_id": 3, "cluster_id": 1, **group}])
    elsewhere = [{"group_id": 4, **member, "n_occasions": 9, "q": 0.5} for member in told]
    found.group_members = results("group_members", [{"group_id": 3, **member} for member in told] + elsewhere)
    return small_case, scope, found


def test_a_group_without_a_pair_that_stands_out_has_its_own_arithmetic(by_group):
    case, scope, found = by_group
    (group,) = groups(found)
    made = grounds(found, group, numbers(found))
    assert (made.pairs, made.group_only) == (0, 5)
    (proven,) = made.groups
    assert (proven.size, proven.n_broad, proven.n_broad_late, proven.least) == (14, 7, 2, 5)
    assert [one.n for one in proven.members] == [1, 2, 3, 4, 5]
    assert {(one.seen, one.expected, one.low, one.high) for one in proven.members} == {(5, 0.2, 0, 2)}
    assert {one.expected * one.company for one in proven.members} == {0.2 * 3.5}  # Λ is 0.7
    (card,) = findings(case, scope, found).cards
    assert card.pairs == () and card.window_s == 60.0 and card.grounds == made


def test_a_member_of_a_group_is_not_marked_weak_for_want_of_pairs(by_group):
    case, scope, found = by_group
    rows = accounts(case, scope, found).rows
    assert {(row.links, row.weak, row.grounds) for row in rows} == {(0, False, ("group",))}
    found.group_members.loc[[0, len(found.group_members) // 2], "q"] = 0.02
    assert [row.weak for row in accounts(case, scope, found).rows] == [True, False, False, False, False]


def test_the_table_of_members_holds_the_number_that_p_is_computed_from(by_group, shown_alone):
    from spmc_tools.report.page.sections import section

    case, scope, found = by_group
    page = re.sub(
        "(?s)<style>.*?</style>", "", shown_alone(section("findings", case=case, scope=scope, found=found), "en")
    )
    note, table = page.split("expected Λ/c", 1)
    assert "Λ/c of them, from which P is computed" in note and "it is not the sum of λ" in note
    cells = re.findall(r"<td[^>]*>([^<]*)", table.split("</tr>")[1])
    assert cells == ["1", "5", "3.5", "0.2", "2\u00a0·\u00a010⁻⁶", "1\u00a0·\u00a010⁻⁵"]


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_card_of_a_group_says_that_no_pair_stands_out(by_group, shown_alone, language):
    from spmc_tools.report.page.sections import section

    case, scope, found = by_group
    page = shown_alone(section("findings", case=case, scope=scope, found=found), language)
    for words, spoken in (
        ("5 accounts are named only as members of this group", "en"),
        ("5 खातों के नाम केवल इस समूह के सदस्यों के रूप में लिए गए हैं", "hi"),
    ):
        assert (words in page) == (language == spoken)
    # each member once in the table of grounds, and once in that of what the accounts did
    counts = [part.count('<tr><td class="head">') for part in page.split("<table")]
    assert [n for n in counts if n] == [5, 5] and "<svg" in page
