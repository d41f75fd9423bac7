"""Method, parameters and error rates: every number that the page states is the one that the program works with."""

from __future__ import annotations

import copy
import html
import itertools
import re

import numpy as np
import pandas as pd
import pytest

from spmc_tools.chance.groups import broad_occasions
from spmc_tools.chance.pairs import listed_pairs, occasions
from spmc_tools.chance.statistics import false_discovery as fdr
from spmc_tools.findings.assessment import weak_edge_groups as groups
from spmc_tools.findings.clusters.evidence import carrying
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.findings.tiers import basis
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.page.sections import section
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.groups import cards
from spmc_tools.report.sections.watch import closing
from spmc_tools.report.words.wording import Wording
from spmc_tools.resources import resource

WORDS = {
    2: ("two", "दो"), 3: ("three", "तीन"), 4: ("four", "चार"), 6: ("six", "छह"), 7: ("seven", "सात"),
    8: ("eight", "आठ"), 10: ("ten", "दस"), 40: ("forty", "चालीस"),
}  # fmt: skip

STATED = [
    ("method.rule", fdr.MIN_OCCASIONS, "from {} occasions on", "{} अवसरों से जोड़ी"),
    ("method.count", occasions.GAP_US / 3_600e6, "at least {} hours after", "{} घंटे"),
    ("method.rule", basis.SEVERAL, "at least {} sources", "कम से कम {} स्रोतों"),
    ("method.rule", basis.MANY, "on at least {},", "कम से कम {} स्रोत चाहिए"),
    ("method.rule", basis.ENOUGH, "or on {} where both come back", "लौटते हैं वहाँ {}"),
    ("method.rule", groups.MIN_SIZE, "a group of {} or more", "{} या अधिक खातों"),
    ("method.rule", broad_occasions.MIN_NEW_LATE, "at least {} to seven", "कम से कम {} से सात"),
    ("method.rule", broad_occasions.MIN_BROAD_SMALL, "at least four to {} separate", "चार से {} अलग-अलग"),
    ("not_yet", groups.WIDE_S / 60, "more than {} minutes", "{} मिनट से अधिक"),
    ("limits.small", fdr.MIN_OCCASIONS, "fewer than {} separate occasions", "{} से कम अलग-अलग अवसर"),
    ("limits.small", basis.SEVERAL, "fewer than {} sources", "{} से कम स्रोतों"),
]


@pytest.mark.parametrize(("key", "number", "english", "hindi"), STATED)
def test_the_limits_on_the_page_are_those_of_the_program(key, number, english, hindi) -> None:
    for language, phrase, word in zip(("en", "hi"), (english, hindi), WORDS[int(number)], strict=True):
        said = Wording(language).say(key).plain()
        assert number == int(number) and phrase.format(word) in said, (language, key)


def test_the_level_on_the_page_is_that_of_the_program() -> None:
    assert fdr.LEVEL == cards.LEVEL == 0.05 and listed_pairs.FRESH_US == 3_600_000_000
    for key in ("method.rule", "method.q", "pairs.note", "exports.q"):
        assert all("0.05" in Wording(language).say(key).plain() for language in ("en", "hi")), key
    # linked to at least two others: in the 2-core of the significant edges
    nothing = np.zeros(3)
    held = basis.Links(np.array([0.04, 0.04, 0.05]), np.array([1, 2, 2]), np.array([9, 9, 9]), nothing, nothing).holds
    assert held.tolist() == [False, True, False]


def test_which_rows_of_an_exported_table_link_is_said_beside_the_recipe_of_q() -> None:
    edges = pd.DataFrame({
        "q": [0.04, 0.05, 0.3, 0.04], "p_group": [1.0, 1.0, 0.2, 1.0], "window_s": [600.0, 600.0, 600.0, np.nan],
    })  # fmt: skip
    assert carrying(edges).tolist() == [True, False, True, False]  # linked, not, inside a group, without times
    for language, words in (
        ("en", ("empty window_s", "link nobody", "p_group below 1")),
        ("hi", ("window_s खाली", "जुड़ी नहीं मानी जाती", "p_group 1 से कम")),
    ):
        said = Wording(language).say("exports.q").plain()
        assert all(one in said for one in words), language


@pytest.fixture(scope="module")
def real(drawn_case, all_sections, as_notebook):
    """An investigation as the program makes it, of the small case."""
    from tests.report_fixtures import MEMBERS, TEXTS

    case, _, _ = drawn_case(TEXTS, MEMBERS, [f"handle_{n}" for n in range(1, 6)], all_sections, as_notebook)
    return case, investigate(in_period(case).records)


def shown(payload: dict, language: str = "en") -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", fragment(payload, language)).split()))


def test_every_count_of_tests_is_the_number_of_pairs_and_windows(real) -> None:
    case, found = real
    made = section("method", found=found, language="en")
    accounts = sorted(set(in_period(case).records["account_id"]))
    pairs = len(list(itertools.combinations(accounts, 2)))
    [one] = [row for row in made.values.traces if row.trace == "copypasta"]
    assert (one.n_accounts, one.n_tests) == (len(accounts), pairs * len(one.windows_s)) == (5, 20)
    assert made.values.accounts == len(accounts)
    for language in ("en", "hi"):
        assert re.search(r"60 \S+, 10 \S+ 5 30 20\b", shown(made.payload(), language)), language


def test_every_parameter_stands_on_the_page_with_its_value(real) -> None:
    case, found = real
    text = shown(section("method", found=found, language="en").payload())
    for name, value in found.parameters.items():
        if value is None:
            continue
        if name == "seed":
            assert f"Seed {value}" in shown(section("provenance", case=case, found=found, language="en").payload())
        elif name == "context":  # registered accounts, by kind, under purpose and legal basis
            assert name in closing.ELSEWHERE
        else:
            told = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
            assert f"{name} {told}" in text, name


def test_the_example_of_the_base_rate_adds_up(real) -> None:
    text = shown(section("method", found=real[1], language="en").payload())
    example = text[text.index("of 10,000 accounts") : text.index("For this report the corresponding")]
    numbers = [float(one.replace(",", "")) for one in re.findall(r"\d[\d,]*(?:\.\d+)?", example)]
    everybody, share, members, recall, caught, rate, wrong, right = numbers
    assert members == everybody * share / 100 and caught == members * recall / 100
    assert wrong == pytest.approx((everybody - members) * rate / 100, abs=1)
    assert right == round(100 * caught / (caught + wrong))


def test_what_is_said_of_made_up_weeks_stands_where_the_page_says(real) -> None:
    text = shown(section("method", found=real[1], language="en").payload())
    assert "docs/measured/accuracy.md of the program" in text and "docs/method.md of the program" in text
    accuracy = resource("docs", "measured", "accuracy.md").read_text(encoding="utf-8")
    assert "eight stars" in accuracy and re.search(r"without a campaign|without campaigns", accuracy)
    assert "On real posts its error has not been measured" in text


@pytest.mark.parametrize("stored", list(itertools.permutations(["copypasta", "co_url", "co_repost"])))
def test_traces_stand_in_the_order_asked_for_also_of_a_stored_result(real, stored) -> None:
    """Its notes are sorted by name, so that the table of the second run was in another order than that of the first."""
    _, made = real
    row = next(iter(made.notes["traces"].values()))
    found = copy.copy(made)
    found.parameters = {**made.parameters, "traces": ["co_repost", "co_url", "copypasta"]}
    found.notes = {**made.notes, "traces": dict.fromkeys(stored, row)}
    assert [one.trace for one in closing.method(found).traces] == ["co_repost", "co_url", "copypasta"]
