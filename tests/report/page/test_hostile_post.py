"""Posts and names written to attack a report, in a real browser: nothing runs, nothing is fetched, all can be read."""

from __future__ import annotations

import re
from html import escape

import pytest

from spmc_tools.report.page.render import page

TEXTS = [
    "<script>document.title='owned'; fetch('https://evil.example/a')</script>",
    "<img src=https://evil.example/b.png onerror=\"document.title='owned'\">"
    "<svg onload=alert(1)><style>*{display:none}</style>",
    "</div></table></script>]]><iframe src='https://evil.example/c'></iframe>"
    "<link rel=stylesheet href=//evil.example/d>",
    "![x](https://evil.example/e.png) [click](javascript:alert(2)) {{7*7}} {% include 'x' %} "
    "{{ cycler.__init__.__globals__ }}",
    '\\input{/etc/passwd} $$\\href{javascript:alert(3)}{x}$$ =HYPERLINK("https://evil.example/f") %s {n} &lt;b&gt;',
    "pay \u202egnp.exe\u202c now\u0000 \u200bhidden\u2066 </style>"
    "<meta http-equiv=refresh content='0;url=https://evil.example/g'>",
]
MEMBERS = [
    "acc<1>",
    "\"><script>document.title='owned'</script>",
    "' onmouseover='alert(1)",
    "{{7*7}}{% raw %}",
    "$x^2$\\alpha\u202e",
]
HANDLES = [
    "</title><script>document.title='owned'</script>",
    "a" * 300,
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    "url(https://evil.example/h)\u202eabc",
]


@pytest.fixture(scope="module")
def hostile(drawn_case, all_sections, as_notebook, a_run):
    """The pages of a case in which everything attacks, and its sections."""
    _, sections, notebook = drawn_case(
        TEXTS,
        MEMBERS,
        HANDLES,
        all_sections,
        as_notebook,
        title="<script>document.title='owned'</script> {{7*7}}",
        purpose="</dd><img src=x onerror=alert(1)>",
    )
    return {language: page(notebook, a_run, language) for language in ("en", "hi")}, sections


@pytest.mark.browser
def test_nothing_runs_and_nothing_is_fetched(look, hostile) -> None:
    for text in hostile[0].values():
        tab, seen = look(text)
        own = tab.url
        frames = tab.locator("iframe")
        for place in range(frames.count()):  # frames are drawn where they come into sight
            frames.nth(place).scroll_into_view_if_needed()
            tab.wait_for_timeout(400)
        assert seen["outside"] == [] and seen["dialogs"] == [] and seen["console"] == []
        assert tab.title().startswith("small · ") and tab.url == own
        assert (
            tab.evaluate("document.querySelectorAll('script, link, form, :not(.drawn, .things li) > svg').length") == 0
        )
        assert tab.evaluate("document.querySelectorAll('style').length") == 1
        assert tab.evaluate("getComputedStyle(document.querySelector('main')).display") != "none"
        inside = tab.frames[1:]
        assert len(inside) == frames.count() >= 1
        for frame in inside:
            assert frame.evaluate("document.querySelectorAll('link, iframe, form, img').length") == 0
            assert "owned" not in frame.title()
            assert frame.evaluate("document.body.classList.contains('running')")


@pytest.mark.browser
def test_names_that_attack_are_text_in_the_frames_too(look, hostile) -> None:
    tab, seen = look(hostile[0]["en"])
    tab.locator("iframe.tables").scroll_into_view_if_needed()
    tab.wait_for_timeout(400)
    shown = tab.frame_locator("iframe.tables").locator("body").inner_text()
    for name in [*HANDLES, *MEMBERS]:
        assert re.sub("\u202e", "hidden character U+202E", name) in shown
    assert seen["dialogs"] == [] and seen["console"] == [] and seen["outside"] == []


@pytest.mark.browser
def test_what_was_written_can_be_read(look, hostile) -> None:
    tab, _ = look(hostile[0]["en"])
    tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    shown = tab.evaluate("document.body.innerText")
    posts = tab.evaluate("[...document.querySelectorAll('#findings .post')].map(e => e.innerText)")
    readable = [re.sub(r"hidden character U\+[0-9A-F]{4}", "", post) for post in posts]
    plain = [re.sub("[\u0000\u202a-\u202e\u200b\u2066-\u2069]", "", text) for text in TEXTS]
    assert len(readable) == 2 and set(readable) <= set(plain)
    for handle in HANDLES:
        assert re.sub("\u202e", "hidden character U+202E", handle) in shown
    quoted = tab.evaluate("[...document.querySelectorAll('#findings .things li span')].map(e => e.innerText)")
    assert quoted and all(
        any(text.startswith(re.sub(r"hidden character U\+[0-9A-F]{4}", "", one).removesuffix("…")) for text in plain)
        for one in quoted
    )
    assert "{{7*7}}" in shown and "49{" not in shown


@pytest.mark.browser
@pytest.mark.parametrize("width", [1000, 390])
def test_a_long_name_breaks_no_page(look, hostile, width) -> None:
    tab, _ = look(hostile[0]["en"], width)
    tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_the_policy_stops_a_script_that_was_put_into_the_file(look, hostile) -> None:
    attack = (
        "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
        "<img src='https://evil.example/x.png'><style>main{display:none}</style>"
        "<iframe srcdoc=\"<script>parent.document.title='owned'</script>\"></iframe>"
    )
    changed = hostile[0]["en"].replace("</main>", attack + "</main>")
    tab, seen = look(changed)
    assert tab.title() != "owned"
    assert tab.evaluate("getComputedStyle(document.querySelector('main')).display") != "none"
    assert sum("Content Security Policy" in text for text in seen["console"]) >= 5
    # the same file without the policy is owned: the test above is able to fail
    tab, _ = look(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", changed))
    assert tab.title() == "owned"


@pytest.mark.browser
def test_a_script_put_into_a_frame_is_stopped_and_reaches_nothing(look, hostile) -> None:
    attack = escape("<script>document.title='owned'; parent.document.title='owned'</script>")
    changed = hostile[0]["en"].replace('&lt;p class="off"', attack + '&lt;p class="off"', 1)
    assert attack in changed
    tab, _ = look(changed)
    tab.locator("iframe").first.scroll_into_view_if_needed()
    tab.wait_for_timeout(300)
    assert "owned" not in {tab.title(), *(frame.title() for frame in tab.frames)}
    # even a frame of ours whose policies are gone cannot reach its page: it has no origin
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", changed)
    bare = re.sub(r'&lt;meta http-equiv="Content-Security-Policy.*?>', "", bare)
    tab, _ = look(bare)
    tab.locator("iframe").first.scroll_into_view_if_needed()
    tab.wait_for_timeout(300)
    assert tab.title() != "owned" and "owned" in {frame.title() for frame in tab.frames}


@pytest.mark.browser
def test_the_lab_shows_a_section_safely_too(look, hostile) -> None:
    html = "<!doctype html><meta charset=utf-8>" + "".join(one._repr_mimebundle_()["text/html"] for one in hostile[1])
    tab, seen = look(html)
    assert seen["outside"] == []
    assert seen["dialogs"] == [] and tab.title() != "owned"
    assert tab.evaluate("document.querySelectorAll('script, iframe').length") == 0


@pytest.mark.browser
def test_on_a_telephone_ids_and_powers_of_ten_stay_in_one_line(look, pages):
    tab, _ = look(pages["en"], 390)
    tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    lines = """([selector, name]) => [...document.querySelectorAll(selector)].filter(one =>
        getComputedStyle(one, '::before').content.startsWith(name)).map(one => {
        const range = document.createRange(); range.selectNodeContents(one);
        return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size})"""
    assert tab.evaluate(lines, [".named .id", ""]) == [1] * 5
    powers = tab.evaluate(lines, [".card details .figures td", '"P('])
    assert powers and set(powers) == {1}
    wide = "[...document.querySelectorAll('table, img')].filter(e => e.getBoundingClientRect().right > 390).length"
    assert tab.evaluate(wide) == 0


@pytest.mark.browser
def test_links_at_the_top_lead_to_what_is_there(look, pages) -> None:
    tab, _ = look(pages["hi"])
    targets = "[...document.querySelectorAll('.jump a')].map(a => !!document.querySelector(a.getAttribute('href')))"
    there = tab.evaluate(targets)
    assert len(there) > 6 and all(there)
