"""The rates of a machine as a page of the app: counted by hand, intervals by the beta distribution, no name in them."""

from __future__ import annotations

import re

import pytest
from scipy.stats import beta

from tests.app.conftest import HOSTILE
from tests.plain_cases import plain_case
from tests.report.rates.test_own_rates import COPIES, FANS, made_case, reported, say
from tests.written_tables import cells

MANY = 25


def reviewed() -> None:
    """Twenty-five groups of copies, three of them not upheld; one of fans that nobody reviewed, and a strange one."""
    first, second = made_case("first"), made_case("second")
    run = reported(first, "20251113T034000Z-election_watch-aa01", [COPIES] * MANY)
    not_so = {group: ("not_upheld", "newsroom" if group < 3 else "fan_club") for group in (1, 2, 3)}
    say(first, run, "upheld", not_so, skip="No time.")
    strange = {"trace": HOSTILE[:60], "rests": "pairs", "named": 0, "patterns": []}
    reported(second, "20251113T034000Z-election_watch-aa02", [FANS, strange])


def test_the_numbers_are_those_of_the_logs(forms) -> None:
    page = forms.get("/rates")
    assert "Nothing yet." in page.plain and "Choose a case first" not in page.plain
    reviewed()
    page = forms.get("/rates")
    low, high = beta.ppf(0.025, 3, MANY - 2), beta.ppf(0.975, 4, MANY - 3)
    share = f"3 of {MANY}: {100 * low:.0f} % – {100 * high:.0f} %"
    rows = cells(page.text, "By kind of group")
    assert [row[:6] for row in rows] == [
        ["All groups", "27", "26", "22", "3", "0"],
        [rows[1][0], "1", "0", "0", "0", "0"],
        ["reposts of the same posts · a group as a whole", "1", "1", "0", "0", "0"],
        ["copies of the same texts · pairs stand out", "25", "25", "22", "3", "0"],
    ], rows
    assert rows[3][6] == share and rows[2][6] == "–" and [one[-1] for one in rows[3][7].split("; ")] == ["1", "2"], (
        rows[3]
    )
    assert "<img src=x" not in page.text and "&lt;img src=x" in rows[1][0]
    patterns = cells(page.text, "By ordinary pattern")
    assert len(patterns) == 2 and {tuple(row[1:6]) for row in patterns} == {("1", "1", "0", "0", "0")}
    assert "R. Devi" not in page.plain and "first" not in page.plain and "2 reports" in page.plain


def test_the_page_is_taken_along_with_any_case_or_none(forms, tmp_path) -> None:
    reviewed()
    answer = forms.act("rates")
    [address] = re.findall(r'href="(/made/_all/rates-[^"]+\.html)"', answer.text)
    assert "Take along" in answer.done() and "spmc rates --out" in answer.text
    assert forms.get(address).status == 200 and f"3 of {MANY}" in forms.get(address).plain
    assert next((tmp_path / "app-made" / "_all").iterdir()).stat().st_mode & 0o077 == 0
    plain_case("gaya")
    forms.post("/case", {"act": "choose", "id": "gaya"})
    assert forms.get(address).status == 200 and forms.act("rates").done()
    for path in ("/made/_all/..%2fcase.toml", "/made/_all/none.html"):
        assert forms.get(path).status == 404


@pytest.mark.browser
@pytest.mark.slow
def test_rates_in_a_browser(forms, walked) -> None:
    reviewed()
    for page, language, say_in in walked():
        page.get_by_role("link", name=say_in("app.rates"), exact=True).click()
        row = page.locator("section", has_text=say_in("own_rates.kinds")).locator("tbody tr", has_text="25").last
        row.wait_for()
        assert "22" in row.inner_text()
        page.get_by_role("button", name=say_in("app.act.rates"), exact=True).click()
        with page.expect_popup() as opened:
            page.locator(".done a").click()
        opened.value.get_by_role("heading", name=say_in("own_rates.title")).wait_for()
        walked.seen(page, f"rates-{language}")
