"""Posts and names written to attack a report, in a real browser: nothing runs, nothing is fetched, all can be read."""

from __future__ import annotations

import re

import pytest

from spmc_tools.report.browser import find_chromium
from spmc_tools.report.render import page

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
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture
def hostile(make_case, all_sections, as_notebook, a_run):
    case = make_case(TEXTS, MEMBERS, HANDLES)
    case.change_settings(
        "test", title="<script>document.title='owned'</script> {{7*7}}", purpose="</dd><img src=x onerror=alert(1)>"
    )
    sections = all_sections(case)
    return {language: page(as_notebook(sections), a_run, language) for language in ("en", "both")}


def look(browser, path, width=1000):
    """Open a file; return the page with what it asked for, said and opened."""
    tab = browser.new_page(viewport={"width": width, "height": 900})
    seen = {"requests": [], "dialogs": [], "console": []}
    tab.on("request", lambda request: seen["requests"].append(request.url))
    tab.on("dialog", lambda dialog: (seen["dialogs"].append(dialog.message), dialog.dismiss()))
    tab.on("console", lambda message: seen["console"].append(message.text))
    tab.goto(path.as_uri())
    tab.wait_for_timeout(400)
    return tab, seen


@pytest.mark.browser
def test_nothing_runs_and_nothing_is_fetched(browser, hostile, tmp_path) -> None:
    for language, text in hostile.items():
        path = tmp_path / f"{language}.html"
        path.write_bytes(text.encode("utf-8", "backslashreplace"))
        tab, seen = look(browser, path)
        outside = [url for url in seen["requests"] if not url.startswith("data:") and url != path.as_uri()]
        assert outside == [] and seen["dialogs"] == [] and seen["console"] == []
        assert tab.title().startswith("small · ") and tab.url == path.as_uri()
        assert tab.evaluate("document.querySelectorAll('script, iframe, link, svg, form').length") == 0
        assert tab.evaluate("document.querySelectorAll('style').length") == 1
        assert tab.evaluate("getComputedStyle(document.querySelector('main')).display") != "none"
        tab.close()


@pytest.mark.browser
def test_what_was_written_can_be_read(browser, hostile, tmp_path) -> None:
    path = tmp_path / "en.html"
    path.write_bytes(hostile["en"].encode("utf-8", "backslashreplace"))
    tab, _ = look(browser, path)
    shown = tab.evaluate("document.body.innerText")
    posts = tab.evaluate("[...document.querySelectorAll('#findings .post')].map(e => e.innerText)")
    readable = [re.sub(r"hidden character U\+[0-9A-F]{4}", "", post) for post in posts]
    plain = [re.sub("[\u0000\u202a-\u202e\u200b\u2066-\u2069]", "", text) for text in TEXTS]
    assert len(readable) == 3 and set(readable) <= set(plain)
    for handle in HANDLES:
        assert re.sub("\u202e", "hidden character U+202E", handle) in shown
    quoted = tab.evaluate("[...document.querySelectorAll('.said q')].map(e => e.innerText)")
    assert len(quoted) == 1 and any(
        text.startswith(re.sub(r"hidden character U\+[0-9A-F]{4}", "", quoted[0]).removesuffix("…")[:100])
        for text in plain
    )
    assert "{{7*7}}" in shown and "49{" not in shown
    tab.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1000, 390])
def test_a_long_name_breaks_no_page(browser, hostile, tmp_path, width) -> None:
    path = tmp_path / "en.html"
    path.write_bytes(hostile["en"].encode("utf-8", "backslashreplace"))
    tab, _ = look(browser, path, width)
    tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.close()


@pytest.mark.browser
def test_the_policy_stops_a_script_that_was_put_into_the_file(browser, hostile, tmp_path) -> None:
    attack = (
        "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
        "<img src='https://evil.example/x.png'><style>main{display:none}</style>"
    )
    path = tmp_path / "changed.html"
    changed = hostile["en"].replace("</main>", attack + "</main>")
    path.write_bytes(changed.encode("utf-8", "backslashreplace"))
    tab, seen = look(browser, path)
    assert tab.title() != "owned"
    assert tab.evaluate("getComputedStyle(document.querySelector('main')).display") != "none"
    assert sum("Content Security Policy" in text for text in seen["console"]) >= 4
    tab.close()
    # the same file without the policy is owned: the test above is able to fail
    bare = tmp_path / "bare.html"
    bare.write_bytes(
        re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", changed).encode("utf-8", "backslashreplace")
    )
    tab, _ = look(browser, bare)
    assert tab.title() == "owned"
    tab.close()


@pytest.mark.browser
def test_the_lab_shows_a_section_safely_too(browser, make_case, all_sections, tmp_path) -> None:
    case = make_case(TEXTS, MEMBERS, HANDLES)
    html = "<!doctype html><meta charset=utf-8>" + "".join(
        one._repr_mimebundle_()["text/html"] for one in all_sections(case)
    )
    path = tmp_path / "lab.html"
    path.write_bytes(html.encode("utf-8", "backslashreplace"))
    tab, seen = look(browser, path)
    assert [url for url in seen["requests"] if not url.startswith("data:") and url != path.as_uri()] == []
    assert seen["dialogs"] == [] and tab.title() != "owned"
    assert tab.evaluate("document.querySelectorAll('script, iframe').length") == 0
    tab.close()


@pytest.mark.browser
def test_on_a_telephone_ids_and_powers_of_ten_stay_in_one_line(
    browser, small_case, all_sections, as_notebook, a_run, tmp_path
):
    path = tmp_path / "small.html"
    path.write_text(page(as_notebook(all_sections(small_case)), a_run, "en"), encoding="utf-8")
    tab, _ = look(browser, path, 390)
    tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    lines = """selector => [...document.querySelectorAll(selector)].map(one => {
        const range = document.createRange(); range.selectNodeContents(one);
        return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size})"""
    assert tab.evaluate(lines, ".named .id") == [1] * 5
    powers = tab.evaluate(lines, ".card details td[data-label^='P('] > span")
    assert powers and set(powers) == {1}
    wide = "[...document.querySelectorAll('table, img')].filter(e => e.getBoundingClientRect().right > 390).length"
    assert tab.evaluate(wide) == 0
    tab.close()


@pytest.mark.browser
def test_links_at_the_top_lead_to_what_is_there(
    browser, small_case, all_sections, as_notebook, a_run, tmp_path
) -> None:
    path = tmp_path / "small.html"
    path.write_text(page(as_notebook(all_sections(small_case)), a_run, "hi"), encoding="utf-8")
    tab, _ = look(browser, path)
    targets = "[...document.querySelectorAll('.jump a')].map(a => !!document.querySelector(a.getAttribute('href')))"
    there = tab.evaluate(targets)
    assert len(there) > 6 and all(there)
    tab.close()
