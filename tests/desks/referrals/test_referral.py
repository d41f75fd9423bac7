"""The referral register, its rules and its tables, counted again in plain Python."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spmc_tools.desks.referrals.law import (
    CHECKLIST,
    categories,
    provision,
    provisions,
    read_categories,
    read_provisions,
)
from spmc_tools.desks.referrals.referral import (
    CLOSED,
    RETURN,
    STATES,
    daily_return,
    enter_state,
    histories,
    monthly,
    overdue,
    referral_desk,
    states_of,
)
from spmc_tools.errors import InputError
from spmc_tools.schema import REFERRALS
from tests.plain_cases import plain_case
from tests.refused import refuses

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case

START = datetime(2025, 11, 5, 4, 0, tzinfo=UTC)
INDIA = ZoneInfo("Asia/Kolkata")
ANSWERS = dict.fromkeys(CHECKLIST, "answered in words")


@pytest.fixture
def case() -> Case:
    return plain_case("referrals", officer="First")


def table(rows: list[tuple[str, str, float, dict]]):
    base = {"officer": "o", "source_sha256": "0" * 64}
    return REFERRALS.from_rows(
        [
            {**base, "referral_id": name, "state": state, "state_at": START + timedelta(hours=hour), "source_row": n,
             "handle": f"h{name}", **more}
            for n, (name, state, hour, more) in enumerate(rows, start=1)
        ]
    )  # fmt: skip


def test_a_referral_walks_through_its_states(case: Case) -> None:
    enter_state(case, "F1", "flagged", handle="demo", category="impersonation", state_at="2025-11-05T10:00+05:30")
    enter_state(case, "F1", "verified", provision="it_66d", state_at="2025-11-05T11:00+05:30")
    enter_state(
        case,
        "F1",
        "sent",
        sent_to="platform",
        checklist=ANSWERS,
        state_at="2025-11-05T12:00+05:30",
        details={"reach": 7},
    )
    enter_state(case, "F1", "cleared", state_at="2025-11-06T12:00+05:30")
    desk = referral_desk(case)
    assert desk is not None
    [row] = desk.referrals.to_dict("records")
    assert (row["state"], row["closed_as"], row["handle"], row["category"]) == (
        "cleared",
        "cleared",
        "demo",
        "impersonation",
    )
    assert not row["closed_again"] and not row["skipped"] and not row["backwards"]
    assert json.loads(row["details"])["checklist"] == ANSWERS
    with pytest.raises(InputError, match="closed as cleared since 2025-11-06"):
        enter_state(case, "F1", "removed")


@pytest.mark.parametrize(
    ("state", "said", "message"),
    [
        ("sent", {}, "may follow is flagged"),
        ("deleted", {}, "wanted one of flagged"),
        (
            "flagged",
            {"category": "criticism_of_government"},
            "Criticism of the government or the police is no category",
        ),
        ("flagged", {"category": "सरकार की आलोचना"}, "no category"),
        ("flagged", {"category": "other"}, "known: rumour_about_polling"),
        ("flagged", {"provision": "it_66a"}, "66A cannot be chosen: struck down"),
        ("flagged", {"provision": "ipc_1"}, "known: bns_196"),
        ("flagged", {"religion": "x"}, "has no"),
    ],
)
def test_what_may_not_be_is_refused(case: Case, state: str, said: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        enter_state(case, "F1", state, **said)
    assert case.batches() == []


def test_nothing_is_sent_before_every_question_is_answered(case: Case) -> None:
    enter_state(case, "F1", "flagged", category="cheating")
    enter_state(case, "F1", "verified", provision="bns_319")
    for left in CHECKLIST:
        with pytest.raises(InputError, match=f"open: {left}"):
            enter_state(case, "F1", "sent", sent_to="unit", checklist={**ANSWERS, left: " "})
    with pytest.raises(InputError, match="sent_to"):
        enter_state(case, "F1", "sent", checklist=ANSWERS)
    enter_state(case, "F1", "sent", sent_to="unit", checklist=ANSWERS)


ROWS = st.lists(
    st.tuples(
        st.sampled_from("abcd"), st.sampled_from(STATES), st.integers(0, 200),
        st.fixed_dictionaries({"sent_to": st.sampled_from(["platform", "district:Gaya", None]),
                               "synthetic_media": st.booleans(), "provision": st.sampled_from(["it_69a", "it_67"])}),
    ),
    min_size=1, max_size=30,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS)
def test_the_daily_return_is_that_of_counting_by_hand(rows: list) -> None:
    states = states_of(table(rows))
    referrals = histories(states)
    ordered = sorted(rows, key=lambda row: (row[2], STATES.index(row[1])))
    counted: dict = {}
    closed: dict = {}
    for name, state, hour, more in ordered:
        day = (START + timedelta(hours=hour)).astimezone(INDIA).date()
        if state in CLOSED:
            if name in closed:
                continue
            closed[name] = (day, state)
        counted.setdefault((name, day, state), more)
    wanted: Counter = Counter()
    for (_, day, state), more in counted.items():
        wanted[day, {"sent": "sent_platform" if more["sent_to"] == "platform" else "sent_other"}.get(state, state)] += 1
        wanted[day, "fir_synthetic"] += state == "fir" and more["synthetic_media"]
        wanted[day, "proposal_69a"] += state == "sent" and more["provision"] == "it_69a"
    found = daily_return(states, referrals)
    for row in found:
        for name in set(RETURN) - {"watched"}:
            assert row[name] == wanted[row["day"], name], (row["day"], name)
    assert sum(sum(row[name] for name in set(RETURN) - {"watched"}) for row in found) == sum(wanted.values())
    hours = {name: min(row[2] for row in rows if row[0] == name) for name, *_ in rows}
    first = {name: (START + timedelta(hours=hour)).astimezone(INDIA).date() for name, hour in hours.items()}
    for row in found:
        watched = {
            n for n, day in first.items() if day <= row["day"] and (n not in closed or closed[n][0] > row["day"])
        }
        assert row["watched"] == len(watched)


def test_a_referral_closed_twice_counts_once_and_is_told() -> None:
    rows = [("a", s, h, {}) for h, s in enumerate(("flagged", "verified", "sent", "removed"))] + [("a", "fir", 9, {})]
    rows += [("b", "flagged", 0, {}), ("b", "answered", 3, {})]
    found = histories(states_of(table(rows))).set_index("referral_id")
    assert found.loc["a", "closed_as"] == "removed" and found.loc["a", "closed_again"]
    assert found.loc["b", "skipped"] and found.loc["b", "backwards"] and found.loc["b", "state"] == "answered"
    [month] = monthly(found.reset_index(), START + timedelta(hours=9))
    assert (month["flagged"], month["open"], month["removed"], month["fir"]) == (2, 1, 1, 0)
    assert month["median_s"] == 3 * 3600  # one of two is closed after three hours: half of all


def test_the_median_to_a_closing_counts_what_is_open_still() -> None:
    rows = [(n, "flagged", 0, {}) for n in "abcde"] + [("a", "cleared", 2, {}), ("b", "cleared", 4, {})]
    found = histories(states_of(table(rows)))
    [month] = monthly(found, START + timedelta(hours=100))
    assert month["median_s"] is None  # three of five are open: the median of those that closed would say three hours
    rows += [("c", "cleared", 30, {})]
    [month] = monthly(histories(states_of(table(rows))), START + timedelta(hours=100))
    assert month["median_s"] == 30 * 3600


def test_overdue_is_sent_open_and_unanswered_for_too_long() -> None:
    rows = [(n, s, h, {}) for n in "abc" for h, s in enumerate(("flagged", "verified", "sent"))]
    rows += [("b", "answered", 5, {}), ("d", "flagged", 0, {}), ("c", "removed", 9, {})]
    referrals = histories(states_of(table(rows)))
    assert overdue(referrals, START + timedelta(hours=39), 36)["referral_id"].tolist() == ["a"]
    assert len(overdue(referrals, START + timedelta(hours=38), 36)) == 0


def test_what_was_sent_again_after_an_answer_waits_from_then_on() -> None:
    rows = [("a", s, h, {}) for h, s in enumerate(("flagged", "verified", "sent", "answered", "sent"))]
    rows += [("b", s, h, {}) for h, s in enumerate(("flagged", "verified", "sent", "sent"))]
    referrals = histories(states_of(table(rows)))
    late = overdue(referrals, START + timedelta(hours=40.5), 36)
    assert late["referral_id"].tolist() == ["b", "a"]
    assert late["waits_since_at"].tolist() == [START + timedelta(hours=2), START + timedelta(hours=4)]
    assert overdue(referrals, START + timedelta(hours=39), 36)["referral_id"].tolist() == ["b"]


def test_a_moment_before_the_first_state_is_an_empty_register(case: Case) -> None:
    from spmc_tools.report.page.drawing import fragment
    from spmc_tools.report.page.sections import section, typed_payload

    enter_state(case, "F1", "flagged", category="cheating", state_at="2025-11-05T10:00+05:30")
    desk = referral_desk(case, as_of="2025-11-04T10:00+05:30")
    for name in ("referral", "referral_overdue", "referral_return"):
        more = {"case": case} if name == "referral" else {}
        assert fragment(typed_payload(section(name, desk=desk, **more).payload()), "hi")


def test_the_law_is_data_with_sources() -> None:
    assert {"bns_196", "bns_299", "bns_353", "it_79_3_b", "it_66a"} <= set(provisions())
    assert all(one.source and (one.ingredients or not one.selectable) for one in provisions().values())
    unchosen = [name for name, one in provisions().items() if not one.selectable]
    assert unchosen == ["it_rules_3_1_d", "dpdp_17_1_c", "dpdp_rules_retention", "it_66a"]
    added = ("rpa_126", "bns_171", "bns_175", *unchosen[:3])
    assert [provisions()[name].checked_on for name in added] == [None] * len(added)  # no law officer has, yet
    assert provision("bns_299").section == "299" and all(set(t) == {"en", "hi"} for t in categories().values())


def refused_category(path: Path, title: str, key: str) -> None:
    content = f'categories:\n  - {{key: {key}, title: {{en: "{title}", hi: "शीर्षक"}}}}\n'
    refuses(read_categories, path, content, "no category and cannot be made one")


@pytest.mark.parametrize("title", ["criticism of the police", "dissent", "posts against the government"])
def test_criticism_cannot_be_the_title_of_a_category(tmp_path, title: str) -> None:
    refused_category(tmp_path / "categories.yaml", title, "a")


def test_criticism_cannot_be_the_key_of_a_category(tmp_path) -> None:
    refused_category(tmp_path / "categories.yaml", "x", "anti_government")


@pytest.mark.parametrize("section", ["66A", "66-A", "66a"])
def test_section_66a_cannot_be_made_selectable(tmp_path, section: str) -> None:
    path = tmp_path / "provisions.yaml"
    path.write_text(
        "sources: {it: IT Act}\nprovisions:\n  - {key: k, act: IT Act, "
        f'section: "{section}", title: t, source: it, checked_on: null, ingredients: [a]}}\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="struck down"):
        read_provisions(path)


def test_every_provision_has_its_hindi_and_a_list_of_another_length_is_refused(tmp_path) -> None:
    for one in provisions().values():
        assert re.search("[\u0900-\u097f]", one.title_in("hi")) and one.title_in("en") == one.title
        assert len(one.ingredients_in("hi")) == len(one.ingredients)
        assert all(re.search("[\u0900-\u097f]", part) for part in one.ingredients_in("hi"))
    path = tmp_path / "provisions.yaml"
    line = "key: k, act: A, section: '1', title: t, source: it, checked_on: null, ingredients: [a, b]"
    path.write_text(f"sources: {{it: IT}}\nprovisions:\n  - {{{line}}}\n", encoding="utf-8")
    assert read_provisions(path)["k"].ingredients_in("hi") == ("a", "b")
    path.write_text(f"sources: {{it: IT}}\nprovisions:\n  - {{{line}, ingredients_hi: [x]}}\n", encoding="utf-8")
    with pytest.raises(InputError, match="another length"):
        read_provisions(path)
