"""An officer's own list: the newest holds, with its reason, and what it means is found in the data."""

from __future__ import annotations

import pytest

from spmc_tools.case.acts.account_lists import LISTED, account_list, keep_account_list, matched_accounts
from spmc_tools.case.store.case import create_case
from spmc_tools.errors import CaseError, ParameterError


@pytest.fixture
def case(tmp_path, monkeypatch):
    monkeypatch.setenv("SPMC_KEYS", str(tmp_path / "keys"))
    return create_case(
        "gaya", title="T", purpose="P", legal_basis="L", date_from="2025-11-03", date_to="2025-11-12",
        cases=tmp_path / "cases",
    )  # fmt: skip


def test_the_newest_list_holds_and_an_empty_one_takes_it_away(case) -> None:
    assert account_list(case) is None
    assert keep_account_list(case, [" 901", "@asha", "", "901"], "from a complaint", by="R. Rao") == 2
    keep_account_list(case, ["902"], "from another <b>complaint</b>")
    held = account_list(case)
    assert (held.accounts, held.reason, held.by) == (("902",), "from another <b>complaint</b>", case.officer)
    assert keep_account_list(case, [], "no longer needed") == 0
    assert account_list(case) is None
    assert [e["payload"]["accounts"] for e in case.ledger.entries() if e["kind"] == LISTED] == [
        ["901", "@asha"], ["902"], [],
    ]  # fmt: skip


def test_what_is_refused_is_not_logged(case) -> None:
    length = case.ledger.head()[0]
    with pytest.raises(CaseError, match="reason of the list is empty"):
        keep_account_list(case, ["901"], "  ")
    with pytest.raises(ParameterError, match="Account 2 of the list is longer than 300"):
        keep_account_list(case, ["901", "x" * 301], "why")
    with pytest.raises(ParameterError, match=r"10,001 accounts; at most 10,000"):
        keep_account_list(case, map(str, range(10_001)), "why")
    assert case.ledger.head()[0] == length


def test_ids_and_handles_are_found_whatever_their_form() -> None:
    handles = {"1": "Asha", "2": "ＡＳＨＡ", "3": "बिहार_1", "9": "gone"}
    ids = ["1", "2", "3", "asha_id"]
    assert matched_accounts(["@ASHA", "बिहार_1", "asha_id"], ids, handles) == (
        frozenset({"1", "2", "3", "asha_id"}),
        (),
    )
    assert matched_accounts(["gone", "9", "4"], ids, handles) == (frozenset(), ("gone", "9", "4"))
