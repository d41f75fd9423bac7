"""From a file of no known format to a report in Chromium by buttons alone, in both languages; markup in every field."""

from __future__ import annotations

import os
import urllib.error
import urllib.request

import pytest

from spmc_tools.report.words.wording import Wording
from spmc_tools.show.network.network_view import bundle
from tests.app.conftest import HOSTILE, OPENER, made_up_table

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOTS = os.environ.get("SPMC_SHOTS")
MOST_CLICKS, MOST_FIELDS = 16, 8
LONG = 240_000


class Walk:
    """A tab that counts what an officer does in it."""

    def __init__(self, page, language: str) -> None:
        self.page, self.say = page, Wording(language).say
        self.clicks = self.fields = 0

    def click(self, place) -> None:
        self.clicks += 1
        (self.page.locator(place) if isinstance(place, str) else place).click()

    def choose(self, label: str, option: str) -> None:
        self.clicks += 1
        place = f"label:has(span:text-is('{self.say(label)}')) select"
        self.page.locator(place).select_option(label=str(self.say(option)))

    def fill(self, place: str, text: str) -> None:
        self.fields += 1
        self.page.locator(place).fill(text)

    def button(self, key: str):
        return self.page.locator("main").get_by_role("button", name=str(self.say(key)), exact=True)

    def shot(self, name: str) -> None:
        if SHOTS:
            self.page.screenshot(path=f"{SHOTS}/app-{name}.png")


@pytest.mark.parametrize(("language", "hostile"), [("hi", True), ("en", False)])
def test_from_a_file_to_a_report(language, hostile, served_app, start_chromium, tmp_path) -> None:
    if bundle() is None:
        pytest.skip("the network view is not built; type: python js/build.py")
    table = made_up_table(tmp_path / "posts.csv", hostile)
    bad = HOSTILE if hostile else ""
    gl = ("--enable-unsafe-swiftshader", "--use-gl=swiftshader")
    with served_app(language) as (url, cases, _server), start_chromium(*gl) as chromium:
        page = chromium.new_context(viewport={"width": 1366, "height": 768}).new_page()
        page.set_default_timeout(120_000)
        outside, wrong, ours = [], [], url.split("/case")[0]
        page.context.on(
            "request", lambda one: None if one.url.startswith((ours, "data:", "blob:")) else outside.append(one.url)
        )
        page.on("dialog", lambda one: (wrong.append(one.message), one.dismiss()))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        walk = Walk(page, language)
        page.goto(url)
        assert "token" not in page.url and page.locator("html").get_attribute("lang") == language
        for name, text in {
            "id": "gaya-2025", "title": f"G{bad}", "purpose": f"P{bad}", "legal_basis": f"L{bad}",
            "date_from": "01-11-2025", "date_to": "30/11/25",
        }.items():  # fmt: skip
            walk.fill(f"input[name={name}]", text)
        walk.shot(f"case-{language}")
        walk.click(walk.button("start.make"))
        page.wait_for_url("**/bring")
        assert page.locator("header .case").inner_text() == f"G{bad}"
        walk.clicks += 1  # the file is dropped or chosen
        page.set_input_files("input[type=file]", str(table))
        page.wait_for_selector("input[name=revision]", state="attached")
        assert walk.button("intake.import").is_disabled()
        walk.choose("intake.obtained", "intake.obtained.complainant")
        walk.fill(f"label:has(span:text-is('{walk.say('intake.zone')}')) input", "Asia/Kolkata")
        walk.choose("intake.order", "intake.order.dmy")
        for tick in page.locator("main .tick input[type=checkbox]").all():
            walk.click(tick)
        walk.click(walk.button("intake.preview"))
        page.wait_for_selector("button:enabled >> text=" + str(walk.say("intake.import")))
        shown = page.locator("main").inner_text()
        assert "2025-11-03 09:00:07 IST" in shown and f"milkar_1{bad}" in shown
        walk.shot(f"bring-{language}")
        walk.click(walk.button("intake.import"))
        walk.click("a.next")
        page.wait_for_url("**/investigate")
        assert str(walk.say("app.posts_kept", count=472)) in page.locator("main").inner_text()
        walk.click(walk.button("app.start"))
        page.goto(f"{ours}/case")  # the page is left and come back to: the work goes on
        page.goto(f"{ours}/investigate")
        page.wait_for_selector("#jobs [data-state=done]", timeout=LONG)
        walk.click("a.next")
        page.wait_for_selector("#picture canvas, #picture svg")
        row = page.locator("#below .grid button.link").first
        row.wait_for()
        walk.click(row)
        page.locator("#beside", has_text="posts.csv").wait_for()
        walk.shot(f"network-{language}")
        assert page.locator("img[src=x], main script").count() == 0
        walk.click("nav a[href='/report']")
        walk.click(walk.button("start.report"))
        page.wait_for_selector(".reports a", timeout=LONG)
        walk.shot(f"report-{language}")
        with page.expect_popup() as opened:
            walk.click(".reports a >> nth=0")
        opened.value.wait_for_selector("h1")
        assert opened.value.locator("img[src=x]").count() == 0
        assert walk.clicks <= MOST_CLICKS and walk.fields <= MOST_FIELDS, (walk.clicks, walk.fields)
        assert (cases / "gaya-2025" / "reports").is_dir()
        assert (outside, wrong) == ([], [])
        _another_case(walk, page, chromium, ours)


def _another_case(walk, page, chromium, ours: str) -> None:
    """A page of the case before says so and can write nothing; nor can what comes without the token or from outside."""
    page.goto(f"{ours}/report")
    sends = {
        "case": "gaya-2025", "_xsrf": page.locator("main input[name=_xsrf]").first.get_attribute("value"),
        "pages": "en", "edition": "full",
    }  # fmt: skip
    second = page.context.new_page()
    second.goto(f"{ours}/case")
    for name, text in {
        "id": "patna", "title": "T", "purpose": "P", "legal_basis": "L", "date_from": "1-1-25", "date_to": "2-1-25",
    }.items():  # fmt: skip
        second.fill(f"input[name={name}]", text)
    second.get_by_role("button", name=str(walk.say("start.make")), exact=True).click()
    second.wait_for_url("**/bring")
    page.wait_for_selector("#other:visible")
    assert page.locator("main section").first.evaluate("one => one.inert")
    said = page.context.request.post(f"{ours}/report", form=sends, headers={"Origin": ours})
    assert said.status == 409
    assert page.context.request.post(f"{ours}/report", form=sends, headers={"Origin": "http://e.org"}).status == 403
    assert page.context.request.post(f"{ours}/report", form={"case": "patna"}, headers={"Origin": ours}).status == 403
    assert page.context.request.get(f"{ours}/state", headers={"Host": "e.org"}).status == 403
    with pytest.raises(urllib.error.HTTPError) as refused:
        OPENER.open(f"{ours}/state", timeout=20)
    refused.value.close()
    assert refused.value.code == 403
