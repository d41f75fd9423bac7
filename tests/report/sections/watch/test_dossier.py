"""The dossier of one account, figure by figure, against SQL over the same records and edges."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace

import pandas as pd
import pytest

from spmc_tools.case.acts.marks import mark
from spmc_tools.errors import ParameterError
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.page.render import Run, page
from spmc_tools.report.page.sections import section
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.watch.dossier import PARTNERS, chosen_account, dossier
from tests.report_fixtures import results

WHO = "acct2"


@pytest.fixture
def told(small_case, make_findings):
    scope = in_period(small_case)
    found = make_findings(scope.records, [f"acct{n}" for n in range(1, 6)])
    edges = found.edges
    edges["n_occasions"] = range(3, 3 + len(edges))
    edges["p"] = [10.0 ** -(3 + n % 4) for n in range(len(edges))]
    slower = edges.assign(trace="co_repost", window_s=600.0, p=edges["p"] * 10)
    found.edges = pd.concat([edges, slower], ignore_index=True)
    mark(small_case, WHO, "cleared", "a volunteer <of> the blood bank", by="S. I. Kumari")
    return small_case, scope, found


def test_the_figures_are_those_of_sql(told):
    case, scope, found = told
    made = dossier(case, scope, found, WHO)
    with closing(sqlite3.connect(":memory:")) as connection:
        records = scope.records[["record_id", "account_id", "kind", "created_at", "source_row"]]
        records.assign(created_at=records["created_at"].astype(str)).to_sql("records", connection, index=False)
        found.edges[["trace", "account_a", "account_b", "window_s", "n_occasions", "expected", "p"]].to_sql(
            "edges", connection, index=False
        )
        kinds = connection.execute(
            "select kind, count(*) from records where account_id = ? group by kind order by kind", (WHO,)
        ).fetchall()
        partners = connection.execute(
            "select other, n_occasions, window_s, min(p) from ("
            " select account_b as other, * from edges where account_a = :who"
            " union all select account_a, * from edges where account_b = :who) group by other order by other",
            {"who": WHO},
        ).fetchall()
        everybody = connection.execute("select count(*) from records").fetchone()[0]
        rows = connection.execute(
            "select source_row, account_id = ? from records order by created_at, record_id limit 40", (WHO,)
        ).fetchall()
    assert [(one.kind, one.n) for one in made.kinds] == kinds
    handle = {f"acct{n}": f"handle_{n}" for n in range(1, 6)}
    assert [(one.name, one.n, one.window_s, one.p) for one in made.partners] == [
        (name, n, window_s, p) for name, n, window_s, p in sorted((handle[who], *rest) for who, *rest in partners)
    ]
    assert made.partners.all == len(partners) == 4 <= PARTNERS
    assert made.posts.all == everybody == len(made.posts)
    assert [(one.row, one.own) for one in made.posts] == [(row, bool(own)) for row, own in rows]
    row = found.accounts.set_index("account_id").loc[WHO]
    assert (made.name, made.tier, made.q, made.records) == ("handle_2", "B", row["q"], row["n_records"])
    (marked,) = made.marks
    assert (marked.mark, marked.by, marked.undone) == ("cleared", "S. I. Kumari", False)
    assert made.explanations
    assert [(one.trace, one.kind) for one in made.grounds] == [("copypasta", "pair")]
    assert (made.events, made.bursts, made.sessions) == ((), 0, 0)
    assert (made.group.place, made.group.size, made.group.named) == (1, 5, 5)


def test_the_ordinary_patterns_of_the_account_stand_beside_what_it_did(told):
    case, scope, found = told
    rows = [(WHO, "one_origin"), (WHO, "daily_round"), ("acct1", "followers")]
    found.ordinary_patterns = results(
        "ordinary_patterns", [{"account_id": who, "trace": "copypasta", "pattern": name} for who, name in rows]
    )
    made = section("dossier", case=case, scope=scope, found=found, account=WHO)
    assert made.values.patterns == ("daily_round", "one_origin")
    text = fragment({**made.payload(), "values": made.values}, "en")
    assert "One origin: most of these posts" in text and "Daily round:" in text and "Followers of" not in text


def test_it_says_what_named_an_account_without_a_partner(told):
    """An account in tier A by two events, in bursts and sessions, and no pair: each is said, by its own figures."""
    case, scope, found = told
    at = scope.records["created_at"].min()
    found.edges = found.edges[found.edges["account_a"] == "nobody"]
    found.accounts["tier"], found.accounts["n_bursts"], found.accounts["burst_q"] = "A", 4, 0.01
    found.accounts["sessions"] = [[1, 2]] * len(found.accounts)
    events = [(1, 7, 3, 0.004), (2, 30, 1, None), (3, 9, 9, 0.5)]
    found.events = results(
        "events",
        [
            {
                "event_id": n,
                "trace": "copypasta",
                "n_accounts": many,
                "first_t": at + pd.Timedelta(hours=-n),
                "last_t": at,
            }
            for n, many, _, _ in events
        ],
    )
    found.account_events = results(
        "account_events",
        [
            {
                "account_id": WHO if n < 3 else "acct1",
                "event_id": n,
                "trace": "copypasta",
                "n_signed": signed,
                "q_own": q,
            }
            for n, _, signed, q in events
        ],
    )
    found.account_traces = results(
        "account_traces",
        [
            {"account_id": WHO, "trace": "copypasta", "basis": "several", "kind": "group", "n_sources": 6},
            {"account_id": WHO, "trace": "co_url", "basis": "one", "n_sources": 1},
            {"account_id": "acct1", "trace": "co_reply", "basis": "several", "kind": "pair", "n_sources": 5},
        ],
    )  # fmt: skip
    made = dossier(case, scope, found, WHO)
    assert [(one.signed, one.accounts, one.q) for one in made.events] == [(1, 30, None), (3, 7, 0.004)]
    assert [(one.trace, one.kind, one.sources) for one in made.grounds] == [
        ("co_url", "one", 1),
        ("copypasta", "group", 6),
    ]
    assert (made.bursts, made.sessions, made.partners.rows) == (4, 2, ())
    page = re.sub("<[^>]*>", "", fragment({"name": "dossier", "values": made, "missing": []}, "en"))
    assert "3 of its posts are part of an event: 7 accounts posted the same" in page
    assert "4 of its records lie in moments" in page and "It is in 2 groups that acted together within hours" in page
    assert "on 6 different sources" in page and "in step with nobody" not in page
    found.accounts["burst_q"] = 0.05
    assert dossier(case, scope, found, WHO).bursts == 0


@pytest.mark.parametrize(
    ("tier", "said"), [("A", "One account, tier A: what it did"), (None, "One account: nothing here names it")]
)
def test_the_page_of_a_finished_run_is_headed_by_what_was_found(told, as_notebook, tier, said):
    case, scope, found = told
    found.accounts["tier"] = tier
    made = section("dossier", case=case, scope=scope, found=found, account=WHO)
    run = Run("r", "small", "30_account_dossier", "2025-11-13T03:40:00+00:00", "complete", "full", 0, True)
    (heading,) = re.findall("<h1>(.*?)</h1>", page(as_notebook([made], ["dossier"]), run, "en"))
    assert heading.startswith(said)
    without = section("dossier", case=case, scope=scope, found=found, account=None)
    (heading,) = re.findall(
        "<h1>(.*?)</h1>", page(as_notebook([without], ["dossier"]), replace(run, status="partial"), "en")
    )
    assert heading == "No account was chosen, and nobody in this case may be named"
    received = section("data", case=case, scope=scope)
    run = replace(run, notebook="10_intake")
    (heading,) = re.findall("<h1>(.*?)</h1>", page(as_notebook([received], ["data"]), run, "en"))
    assert "ended before" not in heading
    (heading,) = re.findall(
        "<h1>(.*?)</h1>", page(as_notebook([received], ["data"]), replace(run, status="failed"), "en")
    )
    assert heading == "This run ended before it could say what was found"


def test_the_page_shows_them_in_both_languages_and_quotes_nothing_as_html(told):
    case, scope, found = told
    payload = {"name": "dossier", "values": dossier(case, scope, found, WHO), "missing": []}
    page = "".join(fragment(payload, language) for language in ("en", "hi"))
    assert "handle_2" in page and "a volunteer &lt;of&gt; the blood bank" in page
    assert "इसके पीछे की पोस्ट" in page and "मूल पोस्ट" in page


def test_an_account_is_chosen_by_its_id_or_is_named(told):
    _, _, found = told
    assert chosen_account(found) == "acct1" and chosen_account(found, "acct4") == "acct4"
    with pytest.raises(ParameterError, match="no record of this case"):
        chosen_account(found, "nobody")
    with pytest.raises(ParameterError, match="stands for an id that a spreadsheet destroyed"):
        chosen_account(found, "unknown-0a1b2c3d")
    found.accounts["tier"] = None
    assert chosen_account(found) is None
