"""Cards of groups that show by a timing match or in one burst, and in no pair."""

from __future__ import annotations

import pandas as pd
import pytest

from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.groups.cards import accounts, findings
from spmc_tools.report.sections.groups.event_values import Events, SignedAccounts, events_of

EVENT = {
    "cluster_id": 1, "event_id": 1, "trace": "copypasta", "n_accounts": 170, "n_records": 386, "p": 1e-20, "q": 1e-18,
    "first_t": pd.Timestamp("2025-11-03T00:00Z"), "last_t": pd.Timestamp("2025-11-05T00:00Z"),
    "signature": ["client", "clock"], "clock_second": 40, "clock_seen": 385, "clock_of": 385, "clock_share": 0.07,
    "client": "Poster <b>Pro</b>", "client_seen": 170, "client_of": 170, "client_share": 0.01, "burst_seen": 2,
    "burst_of": 3, "burst_t": pd.NaT, "repeat_seen": 1, "repeat_of": 170, "repeat_share": 0.11, "n_once": 170,
    "n_twice": 111, "expected_once": 0.2605, "expected_twice": 0.0171,
}  # fmt: skip


@pytest.fixture
def look(small_case, make_findings):
    """Five accounts of which no pair repeats itself; one thing was posted with a timing match."""
    scope = in_period(small_case)
    members = sorted(set(scope.records["account_id"]))
    found = make_findings(scope.records, members, tier="A")
    found.edges = found.edges[:0]
    found.account_traces = found.account_traces[:0]
    found.accounts["q"], found.accounts["event_tier"], found.accounts["n_signed"] = 1.0, "A", 6
    found.clusters["n_sources"] = 0
    found.events = pd.DataFrame([EVENT, EVENT | {"event_id": 2, "cluster_id": 7}])
    return small_case, scope, found


def test_marks_are_those_of_the_signature_in_one_order(look) -> None:
    _, _, found = look
    made = events_of(found, 1)
    (row,) = made.rows
    assert made.all == 1 and [mark.name for mark in row.marks] == ["clock", "client"]
    assert row.once == SignedAccounts(seen=170, expected=0.2605) and row.twice.seen == 111
    assert events_of(found, 3) == Events(all=0, rows=())


def test_accounts_named_by_events_alone_are_counted_and_not_called_weak(look) -> None:
    case, scope, found = look
    (card,) = findings(case, scope, found).cards
    assert card.grounds.event_only == 5 and card.pairs == () and card.others.above == 0
    assert not any("sources" in one.what for one in card.explanations)
    rows = accounts(case, scope, found).rows
    assert {(row.links, row.signed, row.weak) for row in rows} == {(0, 6, False)}
    found.accounts["event_tier"] = "B"
    assert all(row.weak for row in accounts(case, scope, found).rows)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_page_gives_seen_and_expected_and_the_program_as_text(look, shown_alone, language) -> None:
    from spmc_tools.report.page.sections import section

    case, scope, found = look
    page = shown_alone(section("findings", case=case, scope=scope, found=found), language)
    assert "Poster &lt;b&gt;Pro&lt;/b&gt;" in page and "<b>Pro</b>" not in page
    assert ("In 385 of 385 minutes the post stands at second 40" in page) == (language != "hi")
    assert ("सेकंड 40" in page) == (language != "en")
    table = shown_alone(section("accounts", case=case, scope=scope, found=found), language)
    assert ("by timing match or burst, 6 posts" in table) == (language != "hi")
