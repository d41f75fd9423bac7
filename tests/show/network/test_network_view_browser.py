"""The bundle in a plain page of a real Chromium: mouse, keyboard, pictures, no WebGL, a strict policy, axe."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import struct
import zlib
from xml.etree import ElementTree

import pytest

from spmc_tools.report.words.wording import Wording
from spmc_tools.show.network.network_view import bundle
from spmc_tools.show.panels.network_panel import FILLED_IN, VIEW_WORDS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HOSTILE = '<img src=x onerror="alert(1)">'
NO_WEBGL = """HTMLCanvasElement.prototype.getContext = ((own) => function (kind, ...more)
{ return kind.startsWith('webgl') ? null : own.call(this, kind, ...more); })(HTMLCanvasElement.prototype.getContext);"""


def data(**given) -> dict:
    """Two groups of three and one account beside them, in a square of their own each."""
    words = Wording("en")
    names = {one: "{" + one + "}" for one in FILLED_IN}
    graph = {
        "id": list("abcdefg"), "label": ["@asha", "@bina", HOSTILE, "@dev", "@esha", "@fatima", "@gita"],
        "alias": [f"A-{n}" for n in range(7)], "note": [""] * 7, "x": [0, 1000, 0, 9000, 10000, 10000, 5000],
        "y": [0, 0, 1000, 9000, 9000, 10000, 5000], "cluster": [1, 1, 1, 2, 2, 2, 0],
        "tier": ["A", "B", "B", "", "C", "", ""], "mark": ["", "✓", "", "", "", "", ""],
        "listed": [0, 0, 0, 0, 0, 0, 1],
        "trace": [1, 1, -1, 2, 2, 2, 1], "traces": ["reposts", "links"],
        "a": [0, 0, 1, 3, 3, 4, 2], "b": [1, 2, 2, 4, 5, 5, 6], "n": [9, 5, 4, 6, 3, 2, 1],
        "first": [0, 100, 200, 5000, 6000, 7000, 300], "last": [50, 150, 250, 5500, 6500, 7500, 900],
    }  # fmt: skip
    made = {
        "graph": graph, "bins": {"start": 0, "step": 1000, "counts": [3, 1, 0, 0, 0, 2, 4, 1]}, "names": False,
        "words": {key: str(words.say(f"explore.view.{key}", **names)) for key in VIEW_WORDS} | {"stamp": "Case gaya."},
        "facts": {"case": "gaya", "results": "ab" * 16, "run": "r-1"},
    }  # fmt: skip
    return made | given


@pytest.fixture(scope="module")
def script() -> str:
    if bundle() is None:
        pytest.skip("the network view is not built; type: python js/build.py")
    return bundle().read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser_flags() -> tuple[str, ...]:
    return ("--enable-unsafe-swiftshader",)


@pytest.fixture
def opened(browser, script):
    """Give a page with the view in it; its errors, dialogs and requests are held at the end."""
    pages = []

    def page_of(before: str = "", width: int = 1000, **given):
        page = browser.new_page(viewport={"width": width, "height": 900}, accept_downloads=True)
        page.set_default_timeout(120_000)
        page.seen = []
        page.on("pageerror", lambda error: page.seen.append(str(error)))
        page.on("console", lambda one: page.seen.append(one.text) if one.type == "error" else None)
        page.on("dialog", lambda one: (page.seen.append(one.message), one.dismiss()))
        page.on(
            "request",
            lambda one: None if one.url.startswith(("blob:", "data:", "about:")) else page.seen.append(one.url),
        )
        page.set_content(
            "<!doctype html><html lang=en><title>t</title><main><h1>t</h1><div id=net></div></main></html>"
        )
        if before:
            page.add_script_tag(content=before)
        page.add_script_tag(content=script, type="module")
        page.wait_for_function("() => 'spmcNetworkView' in globalThis")  # a module runs when the browser comes to it
        page.evaluate(
            "given => { globalThis.told = []; globalThis.view = spmcNetworkView.mount(document.getElementById('net'),"
            " given, (key, value) => told.push([key, value])); }",
            data(**given),
        )
        pages.append(page)
        return page

    yield page_of
    for page in pages:
        assert page.seen == []
        page.close()


def chosen(page) -> list[str]:
    return page.evaluate("() => view.get('selected')")


def at(page, share_x: float, share_y: float) -> tuple[float, float]:
    box = page.locator(".spmc-stage").bounding_box()
    return box["x"] + share_x * box["width"], box["y"] + share_y * box["height"]


def test_the_timeline_draws_what_the_calendar_marks_and_nothing_else(opened) -> None:
    marks = [
        {"kind": "silence", "from": 1000, "to": 3000, "label": "silence period"},
        {"kind": "poll", "from": 2000, "to": 3000, "label": "poll"},
        {"kind": "festival", "from": 6000, "to": 9000, "label": "Chhath"},
        {"kind": "festival", "from": 9000, "to": 9500, "label": "after the last bar"},
    ]
    spans = {"start": 0, "step": 1000, "counts": [3, 1, 0, 0, 0, 2, 4, 1]}
    page = opened(bins=spans | {"marks": marks})
    drawn = page.evaluate("""() => [...document.querySelectorAll('.spmc-mark')].map(g => {
        const boxes = [...g.querySelectorAll('rect, line')].map(one => one.getBBox());
        return [g.getAttribute('class').split('-').pop(), g.querySelector('title').textContent, g.children.length - 1,
                Math.min(...boxes.map(b => b.x)), Math.max(...boxes.map(b => b.x + b.width))]})""")
    assert [row[:2] for row in drawn] == [["silence", "silence period"], ["poll", "poll"], ["festival", "Chhath"]]
    assert [row[2] for row in drawn] == [3, 1, 42]  # a shade between two lines, a bar, strokes
    assert [round(edge) for row in drawn[:2] for edge in row[3:]] == [125, 375, 250, 375]
    assert drawn[2][3] >= 748 and drawn[2][4] <= 1002
    assert opened(bins=spans).evaluate("document.querySelectorAll('.spmc-mark').length") == 0


@pytest.mark.parametrize("without", ["", NO_WEBGL])
def test_a_lasso_chooses_who_is_inside_with_and_without_webgl(opened, without) -> None:
    page = opened(without)
    assert page.locator(".spmc-net").get_attribute("data-renderer") == ("canvas" if without else "webgl")
    page.get_by_role("button", name="Lasso").click()
    page.mouse.move(*at(page, 0.02, 0.98))
    page.mouse.down()
    for point in ((0.02, 0.6), (0.45, 0.6), (0.45, 0.98)):
        page.mouse.move(*at(page, *point), steps=3)
    page.mouse.up()
    assert sorted(chosen(page)) == ["a", "b", "c"]
    assert page.locator(".spmc-net img").count() == 0


@pytest.mark.parametrize("without", ["", NO_WEBGL])
def test_the_mouse_finds_the_account_that_lies_under_it(opened, without) -> None:
    page = opened(without)
    card = page.locator(".spmc-card")
    page.mouse.move(*at(page, 0.3, 0.5))
    assert card.is_hidden()
    page.mouse.move(*at(page, 0.5, 0.5))
    page.wait_for_function("() => !document.querySelector('.spmc-card').hidden")
    assert card.inner_text().startswith("◆ @gita")
    page.mouse.click(*at(page, 0.5, 0.5))
    page.wait_for_function("() => view.get('selected').length === 1")
    assert chosen(page) == ["g"]
    # six pixels beside its edge is nobody: a click there chooses nobody
    x, y = at(page, 0.5, 0.5)
    page.wait_for_timeout(400)  # not a double click
    page.mouse.click(x + 20, y)
    page.wait_for_function("() => view.get('selected').length === 0")
    page.mouse.move(x + 20, y + 20)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -400)  # nearer: the same account is larger, and still where it is drawn
    page.wait_for_timeout(600)
    page.keyboard.up("Control")
    page.mouse.move(*at(page, 0.3, 0.5))
    assert card.is_hidden()


@pytest.mark.parametrize("without", ["", NO_WEBGL])
def test_the_wheel_scrolls_the_page_and_zooms_with_ctrl_alone(opened, without) -> None:
    page = opened(without)
    page.evaluate("() => { document.body.style.paddingBottom = '3000px'; }")
    stage = page.locator(".spmc-stage")
    page.mouse.move(*at(page, 0.05, 0.05))  # nobody lies there
    page.wait_for_timeout(300)
    before = stage.screenshot()
    page.mouse.wheel(0, 40)
    page.wait_for_function("() => scrollY === 40")
    page.wait_for_timeout(600)
    assert stage.screenshot() == before
    page.keyboard.down("Control")
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(600)
    page.keyboard.up("Control")
    assert page.evaluate("() => scrollY") == 40 and stage.screenshot() != before


def test_ten_thousand_accounts_come_in_less_than_three_seconds_of_the_processor(browser, script) -> None:
    draw = random.Random(3)
    n, m = 10_000, 50_000
    graph = {
        "id": [f"id{i}" for i in range(n)], "label": [f"@account_{i}" for i in range(n)],
        "x": [draw.randrange(10_001) for _ in range(n)], "y": [draw.randrange(10_001) for _ in range(n)],
        "cluster": [1 + i // 50 for i in range(n)], "a": [draw.randrange(n // 2) for _ in range(m)],
        "b": [n // 2 + draw.randrange(n // 2) for _ in range(m)], "n": [1 + draw.randrange(9) for _ in range(m)],
    }  # fmt: skip
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.set_default_timeout(120_000)
    page.set_content("<!doctype html><div id=net></div>")
    page.add_script_tag(content=script, type="module")
    page.wait_for_function("() => 'spmcNetworkView' in globalThis")
    page.evaluate("given => { globalThis.given = given; }", data(graph=graph))
    session = page.context.new_cdp_session(page)
    session.send(
        "Performance.enable", {"timeDomain": "threadTicks"}
    )  # of the processor: the clock tells of the machine's load

    def busy() -> float:
        told = session.send("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in told if one["name"] == "TaskDuration")

    before = busy()
    page.evaluate(
        "() => new Promise(done => { spmcNetworkView.mount(document.getElementById('net'), given);"
        " requestAnimationFrame(() => requestAnimationFrame(done)); })"
    )
    taken = busy() - before
    net = page.locator(".spmc-net")
    assert (net.get_attribute("data-nodes-shown"), net.get_attribute("data-edges-shown")) == ("10000", "50000")
    assert 0 < taken < 3.0
    page.close()


def test_everything_by_keyboard(opened) -> None:
    page = opened()
    stage = page.locator(".spmc-stage")
    stage.focus()
    for key in ("n", "Enter", "n", " "):
        stage.press(key)
    assert chosen(page) == ["a", "b"]
    stage.press(" ")
    assert chosen(page) == ["a"]
    assert page.locator(".spmc-edges li").count() == 2
    stage.press("f")
    assert page.locator(".spmc-net").get_attribute("data-edges-shown") == "2"
    stage.press("f")
    stage.press("g")
    assert page.locator(".spmc-net").get_attribute("data-nodes-shown") == "3"
    stage.press("g")
    stage.press("n")
    stage.press("c")
    assert page.locator(".spmc-net").get_attribute("data-nodes-shown") == "5"
    stage.press("Escape")
    assert chosen(page) == []
    time = page.locator(".spmc-time")
    time.focus()
    time.press("ArrowRight")
    assert page.evaluate("() => view.get('period')") == [0, 1000]
    time.press("Shift+ArrowRight")
    assert page.evaluate("() => view.get('period')") == [0, 2000]
    time.press("Escape")
    assert page.evaluate("() => view.get('period')") == []


def test_colours_and_their_legend(opened) -> None:
    page = opened()
    legend = page.locator(".spmc-legend")
    for by, words in (
        ("tier", "tier B: 2"),
        ("trace", "several: 1"),
        ("cluster", "group 2: 3"),
        ("first", "from 1 Jan, 06:53: 3"),
    ):
        page.locator("select").select_option(by)
        assert words in legend.inner_text()


def test_the_legend_counts_what_has_a_link_in_the_period_of_all(opened) -> None:
    """The links of group 1 lie before 300 s, the one to the account beside it until 900 s, those of group 2 after."""
    page = opened()
    says, legend = page.locator(".spmc-says"), page.locator(".spmc-legend")
    whole = "Links shown: 7 of 7. Nearness in the picture is no measure."
    assert says.inner_text() == whole and "group 1: 3\n" in legend.inner_text() + "\n"
    for folded in ([], [1, 2]):
        page.evaluate(f"() => view.set('folded', {folded})")
        for period, accounts, one, two, none in (
            ([0, 260], 3, "3", "0 of 3", "0 of 1"),
            ([400, 950], 2, "1 of 3", "0 of 3", "1"),
            ([5000, 5600], 2, "0 of 3", "2 of 3", "0 of 1"),
            ([260, 6200], 5, "1 of 3", "3", "1"),
        ):
            page.evaluate(f"() => view.set('period', {period})")
            wanted = f"Accounts that have a link in what is shown: {accounts} of 7"
            if (folded, period) == ([], [0, 260]):
                shows = [row.strip() for row in legend.inner_text().splitlines() if row.strip()]
                assert shows == ["group 1: 3", "group 2: 0 of 3", "none: 0 of 1"]
            assert wanted in says.inner_text(), (folded, period)
            said = " ".join(legend.inner_text().split())
            assert said == f"group 1: {one} group 2: {two} none: {none}", (folded, period)
        page.evaluate("() => view.set('period', [])")
        assert "Accounts that have" not in says.inner_text()


def test_saved_pictures_hold_their_case_and_no_name(opened) -> None:
    page = opened()
    with page.expect_download() as got:
        page.get_by_role("button", name="Save picture (SVG)").click()
    assert got.value.suggested_filename == "gaya-network.svg"
    content = got.value.path().read_bytes()
    root = ElementTree.fromstring(content)
    told = {one.tag.split("}")[1]: one.text for one in root.find("{http://www.w3.org/2000/svg}metadata")}
    assert told == data()["facts"]
    text = content.decode()
    assert "A-0" in text and "@" not in text and "onerror" not in text and len(root.findall(".//{*}circle")) == 7
    with page.expect_download() as got:
        page.get_by_role("button", name="Save picture (PNG)").click()
    content = got.value.path().read_bytes()
    assert chunks(content) == data()["facts"]
    page.wait_for_function("() => told.filter(one => one[0] === 'message').length === 2")
    messages = [one[1] for one in page.evaluate("() => told") if one[0] == "message"]
    assert [one["file"] for one in messages] == ["gaya-network.svg", "gaya-network.png"]
    assert messages[1]["sha256"] in {hashlib.sha256(content).hexdigest(), ""}


def chunks(png: bytes) -> dict[str, str]:
    """Return the texts of a PNG; each chunk's checksum is held."""
    found, place = {}, 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        body = png[place + 4 : place + 8 + length]
        assert struct.unpack(">I", png[place + 8 + length : place + 12 + length])[0] == zlib.crc32(body)
        if body[:4] == b"iTXt":
            key, *_, value = body[4:].split(b"\0")
            found[key.decode()] = value.decode()
        place += 12 + length
    return found


def test_nothing_to_draw_and_one_account(opened) -> None:
    assert "Nothing to draw" in opened(graph={}).locator(".spmc-stage").inner_text()
    one = opened(graph={"id": ["a"], "label": ["@asha"], "x": [0], "y": [0]})
    one.locator(".spmc-stage").press("n")
    one.locator(".spmc-stage").press("Enter")
    assert chosen(one) == ["a"]


def test_a_narrow_window(opened) -> None:
    page = opened(width=360)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    assert all(one.bounding_box()["width"] > 0 for one in page.locator(".spmc-bar-of-tools button").all())


@pytest.mark.parametrize("without", ["", NO_WEBGL])
def test_a_theme_that_lays_the_page_out_anew_leaves_the_picture(opened, without) -> None:
    """JupyterLab takes its style sheets out while it changes its theme: for that moment the view has no size."""
    page = opened(without, theme="")
    page.evaluate(
        """async () => {
            const frame = () => new Promise((done) => requestAnimationFrame(done));
            const net = document.getElementById("net");
            await frame(); await frame();
            net.style.display = 'none';
            document.body.dataset.jpThemeLight = 'false';
            await Promise.resolve();
            net.style.display = '';
            await frame(); await frame();
        }"""
    )
    assert page.locator(".spmc-net.spmc-dark").count() == 1
    widths = page.locator(".spmc-stage canvas").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().width)"
    )
    assert max(widths) == page.locator(".spmc-stage").bounding_box()["width"] > 0


def test_in_a_sandboxed_frame_with_a_policy_of_hashes(browser, script) -> None:
    read = "JSON.parse(document.getElementById('data').textContent)"
    start = f"spmcNetworkView.mount(document.getElementById('net'), {read});"
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in (script, start)
    )
    held = json.dumps(data(pictures=False)).replace("<", "\\u003c")
    inner = (
        f"<!doctype html><html><head><meta http-equiv='Content-Security-Policy' "
        f"content=\"default-src 'none'; script-src {hashes}\">"
        f"</head><body><div id=net></div><script type=application/json id=data>{held}</script>"
        f"<script type=module>{script}</script><script type=module>{start}</script></body></html>"
    )
    page = browser.new_page()
    seen = []
    page.on("console", lambda one: seen.append(one.text) if one.type == "error" else None)
    page.set_content("<!doctype html><iframe sandbox=allow-scripts style='width:900px;height:700px'></iframe>")
    page.evaluate("text => { document.querySelector('iframe').srcdoc = text; }", inner)
    frame = page.frame_locator("iframe")
    frame.locator(".spmc-net[data-nodes-shown='7']").wait_for(timeout=30_000)
    assert frame.get_by_role("button", name="Save picture").count() == 0
    # the style holds in spite of the policy
    assert frame.locator(".spmc-stage").evaluate("one => getComputedStyle(one).position") == "relative"
    assert seen == []
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(opened, theme) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page = opened(theme=theme)
    page.locator(".spmc-stage").press("n")
    page.locator(".spmc-stage").press("Enter")
    page.locator("input[type=search]").fill("bin")
    found = axe.Axe().run(page).response["violations"]
    bad = [
        (one["id"], [node["html"][:200] for node in one["nodes"]])
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]
    assert bad == []


def starred() -> dict:
    """Three accounts that touched one thing in the middle, one with a tier alone, and a link of two others."""
    return {
        "id": ["a", "b", "c", "d", "e", "f", "\u0001object 1"],
        "label": ["@asha", HOSTILE, "@chand", "@dev", "@esha", "@farid", f"texts · 1 {HOSTILE}"],
        "alias": [*(f"A-{n}" for n in range(6)), "texts · 1"], "note": [*[""] * 6, "3 accounts\n“बूथ 112 बंद है”"],
        "x": [0, 1000, 0, 5000, 9000, 10000, 5000], "y": [0, 0, 1000, 9000, 9000, 10000, 5000],
        "cluster": [1, 1, 1, 0, 2, 2, 1], "tier": ["A", "A", "A", "C", "", "", ""], "mark": [""] * 7,
        "thing": [0, 0, 0, 0, 0, 0, 1], "a": [0, 1, 2, 4], "b": [6, 6, 6, 5], "n": [2, 1, 1, 7],
        "first": [0, 100, 200, 5000], "last": [50, 150, 250, 5500], "says": ["2 records", "", "", ""],
        "covers": "Drawn: 3 of 3.",
    }  # fmt: skip


@pytest.mark.parametrize("without", ["", NO_WEBGL])
def test_a_thing_is_a_square_that_chooses_who_touched_it(opened, without) -> None:
    page = opened(without, graph=starred())
    net, says = page.locator(".spmc-net"), page.locator(".spmc-says")
    assert says.inner_text().startswith("Drawn: 3 of 3. Links shown: 1 of 1.") and "shared (1)" in says.inner_text()
    told = {name: net.get_attribute(f"data-{name}-shown") for name in ("nodes", "edges", "things")}
    assert told == {"nodes": "6", "edges": "1", "things": "1"}
    page.mouse.move(*at(page, 0.5, 0.5))
    page.wait_for_function("() => document.querySelector('.spmc-card').textContent.includes('बूथ 112')")
    page.mouse.click(*at(page, 0.5, 0.5))
    page.wait_for_function("() => view.get('selected').length === 3")
    assert sorted(chosen(page)) == ["a", "b", "c"] and net.get_attribute("data-chosen") == "3"
    assert page.locator(".spmc-net img").count() == 0
    page.evaluate("() => { view.set('selected', ['a']); }")
    row = page.locator(".spmc-edges button")
    assert row.count() == 1 and "2 records" in row.inner_text()
    row.click()
    page.wait_for_function("() => view.get('selected').length === 3")
    page.evaluate("() => { view.set('period', [90, 160]); }")
    assert "Links shown: 0 of 1" in says.inner_text() and "1 of 6" in says.inner_text()
    net.locator("input[type=search]").fill("texts")
    assert page.locator(".spmc-found").inner_text() == "No such name is in this view."
    with page.expect_download() as got:
        page.get_by_role("button", name="Save picture (SVG)").click()
    root = ElementTree.fromstring(got.value.path().read_bytes())
    assert len(root.findall(".//{*}circle")) == 6 and len(root.findall(".//{*}g/{*}rect")) == 1
    drawn = "".join(root.itertext())
    assert "Drawn: 3 of 3." in drawn and "बूथ" not in drawn and "onerror" not in drawn
