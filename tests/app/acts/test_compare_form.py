"""Two looks by a form: six accounts that came with a second file, counted by hand; saved without a name."""

from __future__ import annotations

import csv
import io
import re
import shutil
from datetime import datetime
from itertools import combinations

import pytest

from spmc_tools.case.store.case import open_case
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.importers.import_files import import_files
from tests.app.conftest import HOSTILE, made_up_table
from tests.plain_cases import plain_case
from tests.written_tables import cells

SIX = [f"milkar_{n}{HOSTILE}" for n in range(6)]


def looked_at_twice(tmp_path) -> None:
    """A case that was looked at without the six, and then with them."""
    case = plain_case("gaya", officer="A. Officer")
    with made_up_table(tmp_path / "all.csv", hostile=True).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for name, own in (("one.csv", False), ("two.csv", True)):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["record_id", "account_id", "created_at", "text", "platform"])
            for row in rows:
                if row["Handle"].startswith("milkar") == own:
                    at = datetime.strptime(row["Posted (IST)"], "%d-%m-%Y %H:%M:%S").isoformat() + "+05:30"  # noqa: DTZ007
                    writer.writerow([row["Sl"], row["Handle"], at, row["Message"], "x"])
        import_files(case, [tmp_path / name], accept_guess=True)
        investigate(open_case("gaya"))


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory):
    """The folder of such a case and its key; made once."""
    made = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPMC_CASES", str(made / "cases"))
        patch.setenv("SPMC_KEYS", str(made / "keys"))
        looked_at_twice(made)
    return made


@pytest.fixture
def two_looks(looked_at, forms, tmp_path) -> None:
    """The case of this test, and nobody else's."""
    for name in ("cases", "keys"):
        shutil.copytree(looked_at / name, tmp_path / name, dirs_exist_ok=True)
    forms.post("/case", {"act": "choose", "id": "gaya"})


@pytest.mark.slow
def test_who_came_with_the_second_file(forms, two_looks) -> None:
    page = forms.get("/compare").text
    [earlier] = [value for value in re.findall(r'<option value="(\d+)"', page) if value != "0"][:1]
    assert f'<option value="{earlier}" selected' in page  # the older one stands on the left by itself
    answer = forms.act("compare", before_look=earlier, after_look="0", before_last="1-1-25", before_first="2-1-25")
    assert answer.wrong() == {"before_last"}
    assert forms.act("compare", before_look="0", after_look="0").wrong() == {"after_look"}
    assert forms.act("compare", before_look="77", after_look="").wrong() == {"before_look", "after_look"}
    answer = forms.act("compare", before_look=earlier, after_look="0")
    pairs = len(list(combinations(SIX, 2)))
    assert f"Links before: 0, after: {pairs}, in both: 0." in answer.done(), answer.done()
    shown = cells(answer.text, "Accounts that differ")
    assert [row[1].replace("&lt;", "<").replace("&gt;", ">") for row in shown] == SIX
    assert "<img src=x" not in answer.text
    assert {tuple(row[2:]) for row in shown} == {("–", "C", "0", "5")}
    assert cells(answer.text, "Groups that differ") == [["–", "group 1: 6", "6", "0"]]
    pseudonyms = open_case("gaya").pseudonyms(SIX)
    assert [row[0] for row in shown] == [pseudonyms[one] for one in SIX]
    answer = forms.post("/save/compare/accounts", {})
    [name] = re.findall(r"/made/gaya/(accounts-[^\"]+\.csv)", answer.text)
    saved = forms.get(f"/made/gaya/{name}").text
    assert "milkar" not in saved
    rows = list(csv.reader(io.StringIO(saved.lstrip("\ufeff"))))
    assert [row[:2] for row in rows[1:]] == [[pseudonyms[one], "–"] for one in SIX]


@pytest.mark.slow
def test_two_periods_of_one_look(forms, two_looks) -> None:
    """All was written from 3 to 8 November: before that is nothing, and a period of these days holds everything."""
    answer = forms.act("compare", before_look="0", before_last="02-11-2025", after_look="0", after_first="3/11/25")
    assert "Links before: 0, after: 15, in both: 0." in answer.done()
    assert "(… – 2 November 2025)" in answer.done() and "(3 November 2025 – …)" in answer.done()
    answer = forms.act("compare", before_look="0", after_look="0", after_first="3/11/25", after_last="30-11-25")
    assert "Links before: 15, after: 15, in both: 15." in answer.done() and "Nothing differs" in answer.done()


@pytest.mark.browser
@pytest.mark.slow
def test_compared_in_a_browser(forms, two_looks, walked) -> None:
    for page, language, say in walked():
        page.get_by_role("link", name=str(say("app.compare")), exact=True).click()
        page.get_by_role("button", name=str(say("app.act.compare")), exact=True).click()
        page.locator(".done", has_text="15").wait_for()
        assert page.locator("section", has_text=str(say("app.table.accounts_differ"))).locator("tbody tr").count() == 6
        walked.seen(page, f"compare-{language}")
