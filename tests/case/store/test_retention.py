"""The last day of a case: nothing comes in after it; it is extended with a reason, which is logged."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from spmc_tools.case.acts.attach import attach
from spmc_tools.case.store import retention
from spmc_tools.case.store.case import create_case, open_case
from spmc_tools.errors import CaseError
from spmc_tools.importers.import_files import import_files

TODAY = date(2026, 3, 31)
POST = {"id": "1", "author_id": "11", "text": "मतदान", "created_at": "2025-11-06T04:05:06.000Z"}


@pytest.fixture(autouse=True)
def _at(monkeypatch):
    monkeypatch.setattr(retention, "_today", lambda: TODAY)


@pytest.fixture
def making():
    def make(expires):
        facts = {"title": "t", "purpose": "p", "legal_basis": "l", "date_from": "2025-11-01", "date_to": "2025-11-30"}
        return create_case("gaya", **facts, expires=expires)

    return make


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(POST) + "\n")
    return path


def test_nothing_comes_into_a_case_that_expired(making, export):
    case = making(TODAY - timedelta(days=1))
    for dry_run in (True, False):
        with pytest.raises(CaseError) as caught:
            import_files(case, [export], dry_run=dry_run)
        assert str(caught.value) == (
            "Case gaya expired on 2026-03-30, so nothing is added to it; extend it with a reason: spmc extend gaya "
            '--to DATE --reason "…", or dispose of it: spmc dispose gaya --confirm gaya --reason "…".'
        )
    lines = (case.path.parent / ".attempts.jsonl").read_text().splitlines()  # the dry run is a refused look
    assert len(lines) == 2 and all("expired on 2026-03-30" in line and "x.jsonl" in line for line in lines)
    assert case.batches() == []


def test_nor_does_a_capture(making, export, monkeypatch):
    case = making(TODAY)
    import_files(case, [export])  # the last day still counts
    monkeypatch.setattr(retention, "_today", lambda: TODAY + timedelta(days=1))
    with pytest.raises(CaseError, match="expired on 2026-03-31"):
        attach(case, "1", [export], method="screenshot", tool="x")
    assert len(case.batches()) == 1 and case.table("records").num_rows == 1  # what is there can be read


def test_it_is_extended_with_a_reason(making, export):
    case = making(TODAY - timedelta(days=1))
    case.extend("2026-06-30", "order 12 of the SP")
    assert open_case("gaya").settings.expires == date(2026, 6, 30)
    entry = case.ledger.entries()[-1]
    assert entry["kind"] == "settings_changed" and entry["payload"]["reason"] == "order 12 of the SP"
    assert entry["payload"]["changes"] == {"expires": ["2026-03-30", "2026-06-30"]}
    [result] = import_files(case, [export])
    assert result.kept == 1


def refused_extension(case, until, reason, sentence):
    before = (case.path / "case.toml").read_bytes()
    with pytest.raises(CaseError, match=sentence):
        case.extend(until, reason)
    assert (case.path / "case.toml").read_bytes() == before and len(case.ledger.entries()) == 1


def test_a_day_that_extends_nothing_changes_nothing(making):
    case = making(TODAY - timedelta(days=1))
    refused_extension(case, "30.6.2026", "why", 'found "30.6.2026", wanted a day')
    for until in ("2026-03-29", "2026-03-30"):
        refused_extension(case, until, "why", "wanted a day from today on and after 2026-03-30")


def test_an_extension_without_a_reason_changes_nothing(making):
    refused_extension(making(TODAY - timedelta(days=1)), "2026-06-30", " ", "reason")


def test_a_case_without_a_day_never_expires(making, export):
    case = making(None)
    assert import_files(case, [export])[0].kept == 1
    with pytest.raises(CaseError, match="has no day on which it expires"):
        case.extend("2026-06-30", "why")
