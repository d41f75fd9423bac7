"""What a run hands over: the tables for other programs, and what is left out of them, counted."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest
from openpyxl import load_workbook

from spmc_tools.findings import stored
from spmc_tools.findings.investigate import investigate
from spmc_tools.report import handover as subject
from spmc_tools.report.drawing import fragment


@pytest.fixture
def found(small_case, tmp_path, monkeypatch):
    monkeypatch.setenv("SPMC_EXPORTS", str(tmp_path))
    return investigate(small_case, traces=["copypasta"])


def ids(folder, case) -> set[str]:
    """Accounts of the workbook, by their pseudonyms."""
    sheet = load_workbook(folder / "findings.xlsx", read_only=True)["accounts"]
    head, *rows = list(sheet.iter_rows(values_only=True))
    told = {case.pseudonym(f"acc{n}"): f"acc{n}" for n in range(1, 6)}
    return {told[row[head.index("account_id")]] for row in rows}


def test_all_accounts_of_a_small_case_are_handed_over(small_case, found, tmp_path):
    made = subject.exports(found)
    assert made["left_out"] == 0 and ids(tmp_path, small_case) == {f"acc{n}" for n in range(1, 6)}
    assert [one["name"] for one in made["files"]] == list(subject.NAMES)


def test_of_many_accounts_those_of_which_something_is_found_are(small_case, found, tmp_path, monkeypatch):
    monkeypatch.setattr(subject, "MOST", 4)
    accounts = found.accounts.copy()
    accounts["tier"] = pd.Series([None] * 5, dtype=object)
    accounts.loc[accounts["account_id"] == "acc3", "tier"] = "C"
    row = {"detector": "clock_lockstep", "measure": "pair", "account_id": "acc1", "partners": ["acc5"]}
    signals = stored.framed(stored.table_of([{**dict.fromkeys(found.signals.columns), **row}], "signals"))
    told = dataclasses.replace(found, accounts=accounts, signals=signals)
    made = subject.exports(told)
    assert made["left_out"] == 2 and ids(tmp_path, small_case) == {"acc1", "acc3", "acc5"}
    page = fragment({"name": "exports", "values": made, "missing": []}, "both")
    assert "leave out 2 accounts" in page and "2 खाते नहीं रखे गए" in page
    assert len(told.accounts) == 5  # what is shown loses nobody
