"""The last pages: what they say of the machine's clock, and where a counter-case is asked for."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from spmc_tools.report.page.render import Run, page
from spmc_tools.report.page.sections import section
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.watch import closing

MEMBERS = [f"acct{n}" for n in range(1, 6)]
RUN = Run("r", "small", "election_watch", "2025-11-13T03:40:00+00:00", "complete", "full", 0, True)


@pytest.mark.parametrize(
    ("synchronised", "said"),
    [
        (True, "It said that it follows a time server"),
        (False, "<b>Not synchronised: when this report was made it said that it does not follow a time server."),
        (None, "It does not say whether it follows a time server."),
    ],
)
def test_the_state_of_the_clock_reaches_the_report(
    small_case, make_findings, as_notebook, monkeypatch, synchronised, said
) -> None:
    monkeypatch.setattr(closing, "clock_state", lambda: {"synchronised": synchronised})
    found = make_findings(in_period(small_case).records, MEMBERS)
    made = section("provenance", case=small_case, found=found)
    assert made.values.clock is synchronised
    text = page(as_notebook([made], ["provenance"]), RUN, "en")
    assert said in text and text.count("follow") == 1


@pytest.mark.parametrize(("tier", "boxes"), [("B", 1), ("C", 0)])
def test_a_counter_case_is_asked_for_where_accounts_are_named(
    small_case, make_findings, as_notebook, tier, boxes
) -> None:
    scope = in_period(small_case)
    found = make_findings(scope.records, MEMBERS, tier)
    made = [section("findings", case=small_case, scope=scope, found=found), section("signoff", case=small_case)]
    text = page(as_notebook(made, ["findings", "signoff"]), RUN, "en")
    assert text.count('class="box counter"') == len(re.findall(r"<h3>Group \d\. Counter-case", text)) == boxes
    assert ("A second officer has not yet written the counter-case" in text) is bool(boxes)
    assert "Not reviewed yet." in text and 'class="box decision"' in text


def test_figures_of_pages_ask_for_no_counter_case(small_case, as_notebook) -> None:
    made = [section("standing"), section("signoff", case=small_case)]
    run = replace(RUN, notebook="page_standing", status="partial", n_missing=1)
    text = page(as_notebook(made, ["standing", "signoff"]), run, "en")
    assert "ounter-case" not in text and 'class="box decision"' in text
