"""The dossier of one account, figure by figure, against SQL over the same records and edges."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pandas as pd
import pytest

from spmc_tools.case.acts.marks import mark
from spmc_tools.errors import ParameterError
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.watch.dossier import PARTNERS, chosen_account, dossier

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
            " union all select account_a, * from edges where account_b = :who) group by other order by min(p), other",
            {"who": WHO},
        ).fetchall()
        everybody = connection.execute("select count(*) from records").fetchone()[0]
        rows = connection.execute(
            "select source_row, account_id = ? from records order by created_at, record_id limit 40", (WHO,)
        ).fetchall()
    assert [(one.kind, one.n) for one in made.kinds] == kinds
    handle = {f"acct{n}": f"handle_{n}" for n in range(1, 6)}
    assert [(one.name, one.n, one.window_s, one.p) for one in made.partners] == [
        (handle[other], n, window_s, p) for other, n, window_s, p in partners
    ]
    assert made.partners_all == len(partners) == 4 <= PARTNERS
    assert made.posts_all == everybody == len(made.posts)
    assert [(one.row, one.own) for one in made.posts] == [(row, bool(own)) for row, own in rows]
    row = found.accounts.set_index("account_id").loc[WHO]
    assert (made.name, made.tier, made.q, made.records) == ("handle_2", "B", row["q"], row["n_records"])
    (marked,) = made.marks
    assert (marked.mark, marked.by, marked.undone) == ("cleared", "S. I. Kumari", False)
    assert made.explanations


def test_the_page_shows_them_in_both_languages_and_quotes_nothing_as_html(told):
    case, scope, found = told
    page = fragment({"name": "dossier", "values": dossier(case, scope, found, WHO), "missing": []}, "both")
    assert "handle_2" in page and "a volunteer &lt;of&gt; the blood bank" in page
    assert "इसके पीछे की पोस्ट" in page and "अपनी पोस्ट" in page


def test_an_account_is_chosen_by_its_id_or_is_named(told):
    _, _, found = told
    assert chosen_account(found) == "acct1" and chosen_account(found, "acct4") == "acct4"
    with pytest.raises(ParameterError, match="no record of this case"):
        chosen_account(found, "nobody")
    with pytest.raises(ParameterError, match="stands for an id that a spreadsheet destroyed"):
        chosen_account(found, "unknown-0a1b2c3d")
    found.accounts["tier"] = None
    assert chosen_account(found) is None
