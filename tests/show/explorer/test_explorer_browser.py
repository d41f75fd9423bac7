"""The explorer in a real JupyterLab and Chromium: from the timeline to a mark that outlives the kernel."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.network_views.in_lab import served
from spmc_tools.case.acts.marks import marks_of
from spmc_tools.case.store.case import open_case
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.lab import prepare
from spmc_tools.report.words.wording import Wording
from spmc_tools.show.network.network_view import bundle
from tests.interrupted import port_of_its_own

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOTS = os.environ.get("SPMC_SHOTS")


@pytest.fixture(scope="module")
def week_case(made_week):
    """A case of these tests alone: they leave marks in it."""
    with made_week() as case:
        yield case


@pytest.fixture(scope="module")
def lab(week_case, tmp_path_factory):
    """A running lab whose notebooks are about the case, with its findings kept."""
    if bundle() is None:
        pytest.skip("the network view is not built; type: python js/build.py")
    cases = week_case.path.parent
    folder = tmp_path_factory.mktemp("l")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPMC_KEYS", str(cases.parent / "keys"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "r"))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]))
        investigate(week_case)
        made = prepare(folder / "w", cases, port=port_of_its_own(), browser=False)
        for path in made.folder.glob("*.ipynb"):
            path.write_text(path.read_text(encoding="utf-8").replace('case = \\"sample\\"', 'case = \\"week\\"'))
        address = f"http://127.0.0.1:{made.port}/api"
        with served(made.command(), made.environment(), address, end=signal.SIGINT):
            yield made


@pytest.fixture
def tab(lab, start_chromium):
    with start_chromium("--enable-unsafe-swiftshader", "--use-gl=swiftshader") as chromium:
        page = chromium.new_page(viewport={"width": 1400, "height": 1300})
        page.set_default_timeout(120_000)
        page.seen = {"outside": [], "dialogs": [], "errors": [], "console": []}
        ours = f"http://127.0.0.1:{lab.port}/"
        page.on(
            "request",
            lambda one: None if one.url.startswith((ours, "data:", "blob:")) else page.seen["outside"].append(one.url),
        )
        page.on(
            "console",
            lambda one: page.seen["console"].append(one.text) if one.type == "error" and of_ours(one.text) else None,
        )
        page.on("dialog", lambda one: (page.seen["dialogs"].append(one.message), one.dismiss()))
        page.on("pageerror", lambda error: page.seen["errors"].append(str(error)) if of_ours(str(error)) else None)
        yield page
        shot(page, "last")


def of_ours(text: str) -> bool:
    """Leave out JupyterLab's own words for a question to a kernel that was restarted meanwhile, or is not there yet.

    "Comm not found": a last message of a widget of the kernel that is gone, which the new one's page has closed.
    """
    return not any(own in text for own in ("Canceled future", "No kernel to restart", "Comm not found for comm id"))


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def run_all(page, lab, name: str) -> None:
    page.goto(lab.url.replace("00_start_here.ipynb", name))
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    restart(page)


def restart(page, ends: bool = True) -> None:
    """Restart the kernel and run everything, as the button does; the first cell ends soon, or does not."""
    shown = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    joined(page, shown)
    # a click while the kernel is still being joined restarts it and runs nothing, or leaves the page at [*] without an
    # answer (docs/howto/explorer.md): the button is pressed again then, as the page says
    answered = re.compile(r"\[\d+\]" if ends else r"\[(\*|\d+)\]")
    for _ in range(3):
        button = shown.get_by_role("button", name="Restart the kernel and run all cells")
        try:
            button.click(timeout=15_000)
        except playwright_timeout():  # JupyterLab's toolbar goes on moving its buttons into its menu and back
            button.evaluate("button => button.click()")
        try:
            page.locator(".jp-Dialog button.jp-mod-accept").click(timeout=15_000)
            shown.locator(".jp-InputPrompt", has_text=answered).first.wait_for(timeout=20_000 if ends else 8000)
        except playwright_timeout():
            joined(page, shown)
            continue
        return
    pytest.fail(f"The notebook did not run after three restarts; the page says: {shown.inner_text()[:2000]}")


def joined(page, shown) -> None:
    """Wait until the page and its kernel have met; a page that missed the kernel's first word is loaded again."""
    idle = shown.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    for _ in range(3):
        try:
            idle.wait_for(state="attached", timeout=40_000)
        except playwright_timeout():
            page.reload()
            page.wait_for_selector(".jp-Notebook .jp-Cell")
            continue
        return
    pytest.fail(f"The page and its kernel did not meet in three loads; the page says: {shown.inner_text()[:2000]}")


def playwright_timeout() -> type[Exception]:
    from playwright.sync_api import TimeoutError as TimedOut

    return TimedOut


def settled(page) -> None:
    page.wait_for_selector(".spmc-net[data-renderer]")
    page.locator(".spmc-net").first.scroll_into_view_if_needed()


def test_from_the_timeline_to_a_mark_that_outlives_the_kernel(tab, lab, week_case) -> None:
    run_all(tab, lab, "20_network.ipynb")
    settled(tab)
    shot(tab, "network")
    net = tab.locator(".spmc-net").first
    assert net.get_attribute("data-edges-shown") == "15"
    # a drag over the first part of the timeline leaves out nothing: each link spans the whole week; the posts it does
    net.locator("input[type=search]").fill("member_0")
    net.locator("input[type=search]").press("Enter")
    tab.wait_for_selector(".spmc-edges li")
    assert net.locator(".spmc-edges li").count() == 5
    tab.wait_for_selector(".spmc-evidence")
    every = int(re.search(r"\d+", tab.locator(".spmc-evidence strong").first.inner_text())[0])
    assert every == 72
    box = net.locator(".spmc-time").bounding_box()
    tab.mouse.move(box["x"] + 2, box["y"] + 20)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20, steps=4)
    tab.mouse.up()
    # while the posts are read the place says "Working …"
    tab.wait_for_function(
        "n => document.querySelector('.spmc-evidence strong')?.innerText.includes(n) === false", arg=str(every)
    )
    few = int(re.search(r"\d+", tab.locator(".spmc-evidence strong").first.inner_text())[0])
    assert 0 < few < every and few % 6 == 0
    net.locator(".spmc-edges button").first.click()
    tab.wait_for_function("() => document.querySelectorAll('.spmc-edges button[aria-pressed=true]').length === 1")
    tab.wait_for_function(
        "n => document.querySelector('.spmc-evidence strong')?.innerText.includes(n)", arg=str(few // 3)
    )
    shot(tab, "edge")
    tab.get_by_label("Reason", exact=True).fill("in step on each text <b>bold</b>")
    tab.get_by_role("button", name="Keep the mark").click()
    tab.wait_for_selector("text=Kept in the custody log")
    shot(tab, "marked")
    assert marks_of(open_case("week", week_case.path.parent)).of("901").mark == "second_look"
    restart(tab)
    tab.wait_for_function("() => !document.querySelector('.spmc-net')")
    settled(tab)
    tab.wait_for_function("() => document.querySelector('.spmc-net').dataset.edgesShown === '15'")
    net.locator("input[type=search]").fill("member_0")
    net.locator("input[type=search]").press("Enter")
    tab.wait_for_selector("text=in step on each text <b>bold</b>")
    tab.get_by_role("button", name="Undo").click()
    tab.wait_for_selector("text=The last mark was undone")
    assert marks_of(open_case("week", week_case.path.parent)).of("901") is None
    # the same by keyboard alone, which JupyterLab would like to have for itself
    net.locator(".spmc-stage").focus()
    for key in ("Escape", "n", "n", "Enter"):
        tab.keyboard.press(key)
    tab.wait_for_selector(".spmc-evidence")
    net.locator(".spmc-edges button").nth(1).focus()
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".spmc-edges li:nth-child(2) button[aria-pressed=true]")
    tab.wait_for_function("() => document.querySelector('.spmc-evidence strong')?.innerText.includes('24')")
    net.locator(".spmc-time").focus()
    tab.keyboard.press("ArrowRight")
    tab.wait_for_function("() => document.querySelector('.spmc-evidence strong')?.innerText.includes('24') === false")
    tab.keyboard.press("Escape")
    tab.wait_for_function("() => document.querySelector('.spmc-evidence strong')?.innerText.includes('24')")
    assert serious(tab) == []
    # a hostile name is text wherever it stands, and nothing left the machine
    assert "<img src=x" in net.locator(".spmc-edges").inner_text()
    assert tab.locator("img[src=x]").count() == 0
    # in a narrow window nothing is cut off but the longest button, whose words stand in its title then
    tab.set_viewport_size({"width": 640, "height": 1300})
    tab.wait_for_function("() => document.querySelector('.spmc-net').clientWidth < 400")
    cut = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)"
    form = tab.locator(".jp-OutputArea-output:has(.spmc-net)").first
    for kind in ("button:visible", ".widget-dropdown"):
        assert form.locator(kind).count() > 5
        assert set(form.locator(kind).evaluate_all(cut)) <= {"Save tables and network, with pseudonyms"}
    assert form.get_by_title("Save tables and network, with pseudonyms").count() == 1
    assert tab.seen == {"outside": [], "dialogs": [], "errors": [], "console": []}


def choose(page, name: str) -> None:
    find = page.locator(".spmc-net").first.locator("input[type=search]")
    find.fill(name)
    find.press("Enter")
    page.wait_for_selector(".spmc-edges li")


def keep(page, reason: str) -> None:
    page.get_by_label("Reason", exact=True).fill(reason)
    page.get_by_role("button", name="Keep the mark").click()


def wait_for_mark(page, case, account: str, reason: str) -> None:
    """Wait until the custody log holds a mark; a form that said so before says so still."""
    for _ in range(200):
        mark = marks_of(open_case(case.id, case.path.parent)).of(account)
        if mark is not None and mark.reason == reason:
            return
        page.wait_for_timeout(200)
    said = page.locator(".jp-OutputArea-output:has(.spmc-net)").first.inner_text()
    pytest.fail(f"after 40 s the log holds no mark “{reason}” of {account}; the page says: {said[-1500:]}")


ORDER = """() => {
  window.order = [];
  const told = () => {
    const text = document.body.innerText;
    if (text.includes('Another program is writing')) return 'waits';
    return text.includes('Kept in the custody log') ? 'kept' : '';
  };
  let before = told();
  addEventListener('click', () => { order.push('clicked'); }, true);
  new MutationObserver(() => {
    const now = told();
    if (now && now !== before) order.push(now);
    before = now;
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
"""What the page says from now on, in order, and when something is clicked."""


def test_two_people_at_once_lose_nothing_and_a_wait_is_said(tab, lab, week_case) -> None:
    """Two notebooks, each with a kernel of its own, on one case."""
    before = {entry["seq"] for entry in week_case.ledger.entries()}
    (lab.folder / "second.ipynb").write_bytes((lab.folder / "20_network.ipynb").read_bytes())
    small = {"width": 1000, "height": 700}  # both pages draw all the time
    tab.set_viewport_size(small)
    other = tab.context.browser.new_page(viewport=small)
    other.set_default_timeout(120_000)
    run_all(tab, lab, "20_network.ipynb")
    other.goto(lab.url.replace("00_start_here.ipynb", "second.ipynb").replace("/lab/", "/lab/workspaces/other/"))
    other.wait_for_selector(".jp-Notebook .jp-Cell")
    restart(other)
    for page in (tab, other):
        settled(page)
        page.locator(".spmc-net[data-edges-shown='15']").first.wait_for(state="attached")
    other.get_by_label("Who marks").fill("R. Rao")
    # different accounts at the same moment: both stand
    choose(tab, "member_3")
    choose(other, "member_4")
    for page in (tab, other):
        page.get_by_label("Reason", exact=True).fill("in step")
    for page in (tab, other):
        page.get_by_role("button", name="Keep the mark").click()
    for page in (tab, other):
        page.wait_for_selector("text=Kept in the custody log")
    standing = marks_of(open_case("week", week_case.path.parent)).standing()
    assert (standing["904"].by, standing["905"].by) == ("S. I. Kumari", "R. Rao")
    # the same account: who writes while the other's mark comes in is told whose it is, and sees it
    tab.get_by_label("Reason", exact=True).fill("begun first")
    tab.get_by_text("Kept in the custody log").wait_for(state="hidden")  # the kernel knows of the reason
    for page in (tab, other):
        choose(page, "member_5")
        page.get_by_text(re.compile(r"Accounts chosen: 1 \(.*member_5.*\)\.")).wait_for()
    keep(other, "a volunteer of the office")
    wait_for_mark(other, week_case, "906", "a volunteer of the office")
    tab.wait_for_selector("text=R. Rao: a volunteer of the office")
    news = re.compile(r"Others have marked meanwhile\. Accounts with something new: [12]\.")
    assert tab.get_by_text(news).is_visible()
    shot(tab, "others")
    tab.get_by_role("button", name="Keep the mark").click()
    tab.wait_for_selector("text=marked one of these accounts as “needs a second look” in the meantime")
    assert marks_of(open_case("week", week_case.path.parent)).of("906").by == "R. Rao"
    tab.get_by_role("button", name="Keep the mark").click()
    wait_for_mark(tab, week_case, "906", "begun first")
    other.wait_for_selector("text=S. I. Kumari: begun first")
    marks = marks_of(open_case("week", week_case.path.parent))
    assert marks.of("906").reason == "begun first" and [one.by for one in marks.history("906")][-2:] == [
        "R. Rao",
        "S. I. Kumari",
    ]
    written = [one for one in week_case.ledger.entries() if one["seq"] not in before and one["kind"] == "mark"]
    assert len(written) == 5 and len(marks.not_counted) >= 1 and week_case.ledger.check() is None
    # another program holds the log: it is said, and the mark is kept when it is free
    tab.get_by_label("Reason", exact=True).fill("why")
    with closing(sqlite3.connect(week_case.ledger.path, isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        tab.evaluate(ORDER)
        tab.get_by_role("button", name="Keep the mark").click()
        tab.wait_for_selector("text=Another program is writing into this case")
        assert tab.evaluate("() => order") == ["clicked", "waits"]  # it is said while the other program still writes
        shot(tab, "waits")
        assert marks_of(open_case("week", week_case.path.parent)).of("906").reason == "begun first"
        held.execute("ROLLBACK")
    tab.wait_for_selector("text=Kept in the custody log")
    assert tab.evaluate("() => order") == ["clicked", "waits", "kept"]
    assert marks_of(open_case("week", week_case.path.parent)).of("906").reason == "why"


def serious(page) -> list[tuple[str, list[str]]]:
    """What axe finds in all that the cells show, forms and tables too: JupyterLab around it is not ours."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    found = axe.Axe().run(page, context=".jp-OutputArea-output:has(.jupyter-widgets)").response["violations"]
    grave = [one for one in found if one["impact"] in {"serious", "critical"}]
    return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in grave]


def test_the_first_page_chooses_a_case_and_a_report_is_stopped(tab, lab, week_case) -> None:
    tab.goto(lab.url)
    tab.wait_for_selector(".jp-Notebook .jp-Cell")
    restart(tab)
    tab.get_by_role("button", name=re.compile("Work on this case")).click()
    tab.wait_for_selector("text=Case week: 792 records")
    shot(tab, "start")
    assert serious(tab) == []
    tab.get_by_role("button", name="Save and create checkpoint").click()
    tab.wait_for_selector(".lm-DockPanel-tabBar .lm-mod-current:not(.jp-mod-dirty), .jp-Dialog")
    assert tab.locator(".jp-Dialog").count() == 0  # no question whether the file on the disk is to be overwritten
    before = set(week_case.path.rglob("report.html"))
    tab.get_by_role("button", name="Write the report").click()
    tab.wait_for_selector("text=/Step [123] of 3/")
    tab.get_by_role("button", name="Interrupt the kernel").click()
    tab.wait_for_selector("text=Stopped. No report was kept")
    assert set(week_case.path.rglob("report.html")) == before
    assert tab.seen == {"outside": [], "dialogs": [], "errors": [], "console": []}


LONG = """
import time
from spmc_tools import progress
from spmc_tools.report.words.wording import Wording
from spmc_tools.show.widgets.sentences import errors_as_sentences
errors_as_sentences(Wording("hi"))
with progress.bars() as tell:
    for step in range(600):
        tell("co_repost" if step < 10 else "clusters", step, 600)
        time.sleep(0.1)
"""


def test_long_work_shows_how_far_it_is_and_can_be_stopped(lab_with_cell, start_chromium) -> None:
    with lab_with_cell(LONG) as address, start_chromium() as chromium:
        page = chromium.new_page()
        page.set_default_timeout(120_000)
        page.goto(address)
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        restart(page, ends=False)
        words = Wording("hi")
        bar = page.locator(".jp-OutputArea-output pre", has_text=str(words.say("progress.clusters")))
        bar.first.wait_for(timeout=240_000)  # a kernel starts before it
        said = bar.first.inner_text()
        assert re.search(r"\b\d+/600 +0:00:\d\d\b", said) and str(words.say("trace.co_repost")) not in said
        page.get_by_role("button", name="Interrupt the kernel").click()
        page.get_by_text(str(words.say("stopped"))).first.wait_for()
        bar.first.wait_for(state="detached")
        assert "Traceback" not in page.locator(".jp-Notebook").inner_text()
