"""Findings in a notebook: counts, what they do not say, what to read next; no account is named."""

from __future__ import annotations

import pandas as pd

from spmc_tools.findings.result.findings_card import Counts, findings_card

ACCOUNTS = pd.DataFrame({"account_id": ["<b>a1</b>", "a2", "a3"], "tier": ["A", "B", None]})


def test_what_was_found_and_what_to_read() -> None:
    counts = Counts(edges=1234, events=1, sessions=3, not_run=2)
    page = findings_card(ACCOUNTS, pd.DataFrame({"cluster_id": [4, 1]}), counts)
    assert page == (
        "<div><p><strong>Findings</strong></p>"
        "<p>3 accounts looked at: 1,234 edges, 2 clusters, 1 event; 2 accounts in tier A or B.</p>"
        "<p>3 groups together within hours: found.sessions. They rank (tier C) and name nobody.</p>"
        "<p>2 not run; found.not_run says why.</p>"
        "<p>Acting together is not evidence of automation, payment, falsity, intent or unlawful conduct.</p>"
        "<p>Next: <code>found.evidence(4)</code></p></div>"
    )
    assert "a1" not in page


def test_nothing_found_is_a_result() -> None:
    page = findings_card(ACCOUNTS.iloc[:0], pd.DataFrame({"cluster_id": []}), Counts(0, 0, 0, 0))
    assert "<p>No group acted together more than chance expects.</p>" in page and "not run" not in page
    assert "within hours" not in page
    assert page.endswith("<p>Next: <code>found.power()</code></p></div>")
