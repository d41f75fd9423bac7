"""What a run hands over: the tables for other programs, and what is left out of them, counted."""

from __future__ import annotations

import dataclasses
from contextlib import closing

import pandas as pd
import pytest
from openpyxl import load_workbook

from spmc_tools.findings import stored_results as stored
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.sections.watch import handover as subject


@pytest.fixture
def found(small_case, tmp_path, monkeypatch):
    monkeypatch.setenv("SPMC_EXPORTS", str(tmp_path))
    return investigate(small_case, traces=["copypasta"])


def ids(folder, case) -> set[str]:
    """Accounts of the workbook, by their pseudonyms."""
    with closing(load_workbook(folder / "findings.xlsx", read_only=True)) as book:
        head, *rows = list(book["accounts"].iter_rows(values_only=True))
    told = {case.pseudonym(f"acct{n}"): f"acct{n}" for n in range(1, 6)}
    return {told[row[head.index("account_id")]] for row in rows}


def test_all_accounts_of_a_small_case_are_handed_over(small_case, found, tmp_path):
    made = subject.exports(found)
    assert made.left_out == 0 and ids(tmp_path, small_case) == {f"acct{n}" for n in range(1, 6)}
    assert [one.name for one in made.files] == list(subject.NAMES)


def test_of_many_accounts_those_of_which_something_is_found_are(small_case, found, tmp_path, monkeypatch):
    monkeypatch.setattr(subject, "MOST", 4)
    accounts = found.accounts.copy()
    accounts["tier"] = pd.Series([None] * 5, dtype=object)
    accounts.loc[accounts["account_id"] == "acct3", "tier"] = "C"
    row = {"detector": "clock_lockstep", "measure": "pair", "account_id": "acct1", "partners": ["acct5"]}
    signals = stored.framed(stored.table_of([{**dict.fromkeys(found.signals.columns), **row}], "signals"))
    told = dataclasses.replace(found, accounts=accounts, signals=signals)
    made = subject.exports(told)
    assert made.left_out == 2 and ids(tmp_path, small_case) == {"acct1", "acct3", "acct5"}
    page = "".join(fragment({"name": "exports", "values": made, "missing": []}, language) for language in ("en", "hi"))
    assert "leave out 2 accounts" in page and "2 खाते नहीं रखे गए" in page
    assert len(told.accounts) == 5  # what is shown loses nobody


@pytest.mark.parametrize("most", [4, 20])
def test_of_many_links_the_workbook_holds_the_surest_and_the_table_of_edges_all(
    small_case, found, tmp_path, monkeypatch, most
):
    qs = {("acct1", "acct2"): 0.04, ("acct1", "acct3"): 0.01, ("acct2", "acct4"): 0.03, ("acct3", "acct5"): 0.02}
    moment, empty = pd.Timestamp("2025-11-03T04:00Z"), dict.fromkeys(found.edges.columns)
    drawn = [
        {**empty, "trace": "copypasta", "account_a": a, "account_b": b, "window_s": 60.0, "first_t": moment,
         "last_t": moment, "p": q, "q": q, "n_occasions": 4, "n_sources": 4, "expected": 0.1}
        for (a, b), q in qs.items()
    ]  # fmt: skip
    edges = stored.framed(stored.table_of(drawn, "edges"))
    monkeypatch.setattr(subject, "MOST", most)
    monkeypatch.setattr(subject, "LINKS", 2)
    accounts = found.accounts.assign(tier=pd.Series([None] * 5, dtype=object), cluster_id=pd.array([None] * 5, "Int64"))
    told = dataclasses.replace(found, edges=edges, accounts=accounts)
    made = subject.exports(told)
    assert made.links_left_out == len(edges) - 2 > 1
    with closing(load_workbook(tmp_path / "findings.xlsx", read_only=True)) as book:
        head, *rows = list(book["edges"].iter_rows(values_only=True))
    assert sorted(row[head.index("q")] for row in rows) == sorted(edges["q"])[:2]
    ends = {row[head.index(name)] for row in rows for name in ("account_a", "account_b")}
    shown = ids(tmp_path, small_case)
    assert shown == ({one for one in told.accounts["account_id"] if small_case.pseudonym(one) in ends} if most == 4
                     else {f"acct{n}" for n in range(1, 6)})  # fmt: skip
    assert len((tmp_path / "edges.csv").read_text(encoding="utf-8-sig").splitlines()) == 1 + len(edges)
    page = "".join(fragment({"name": "exports", "values": made, "missing": []}, language) for language in ("en", "hi"))
    n = len(edges) - 2
    assert f"{n} more links stand in edges.csv alone" in page and f"{n} और संबंध केवल edges.csv में हैं" in page
