"""A dossier is chosen from a list: marked accounts first; in a run it is the section alone."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from spmc_tools.case.acts.marks import mark
from spmc_tools.case.store.case import create_case
from spmc_tools.errors import ParameterError
from spmc_tools.report.words.wording import Wording
from spmc_tools.show.explorer.account_page import account_page


class Dossier:
    def __init__(self, account: str | None) -> None:
        self.account = account

    def _repr_mimebundle_(self, **_given: object) -> dict[str, str]:
        return {"text/html": f"<p>about {self.account}</p>"}


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.setenv("SPMC_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("SPMC_RUN", raising=False)
    case = create_case(
        "gaya", title="T", purpose="P", legal_basis="L", date_from="2025-11-03", date_to="2025-11-12",
        cases=tmp_path / "cases",
    )  # fmt: skip
    mark(case, "7", "lead", "why")
    accounts = pd.DataFrame({"account_id": list("1237"), "tier": [None, None, "B", None]}, dtype=object)
    return case, SimpleNamespace(accounts=accounts)


def page_of(made, account="3", dossier=Dossier):
    return account_page(*made, account, dossier, words=Wording("en"), names={"3": "<b>asha</b>\u202e"})


def test_the_list_begins_with_marks_then_tiers(made) -> None:
    page = page_of(made)
    assert list(page.choice.options) == ["7", "<b>asha</b>\\u202e · 3", "1", "2"]
    assert page.page.value == "<p>about 3</p>" and page.said.value == ""
    page.choice.value = "7"
    assert page.account == "7" and page.page.value == "<p>about 7</p>"
    assert "widget" in str(page._repr_mimebundle_())


def test_nobody_with_a_tier_and_an_account_that_is_not_there(made) -> None:
    assert "Nobody of this case may be named (tier A or B)" in page_of(made, None).said.value

    def refuses(account):
        raise ParameterError(f"account is {account}: no record of this case is from it")

    page = page_of(made, "3", refuses)
    assert "no record of this case is from it" in page.said.value and page.page.value == ""


def test_in_a_run_it_is_the_section(made, monkeypatch) -> None:
    monkeypatch.setenv("SPMC_RUN", "x")
    assert page_of(made)._repr_mimebundle_() == {"text/html": "<p>about 3</p>"}
