"""The built documentation: no warning, no request to the network, every anchor there, a search that works from disk."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest

ROOT = Path(__file__).resolve().parent.parent
MISSING = [
    name for name in ("sphinx", "myst_parser", "numpydoc", "pydata_sphinx_theme") if not importlib.util.find_spec(name)
]
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"the extra `docs` is not installed (make docs): no {', '.join(MISSING)}"
)
FETCHED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "embed": "src",
    "object": "data",
}
"""Elements whose address a browser asks for by itself. A link that a reader clicks is none of them."""


class Page(HTMLParser):
    """What a page fetches, where it leads, and the ids in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.fetched, self.leads, self.ids, self.language = path, [], [], set(), ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found["id"]} if "id" in found else set()
        if tag == "html":
            self.language = found.get("lang", "")
        if tag in FETCHED and found.get(FETCHED[tag]):
            self.fetched.append(found[FETCHED[tag]])
        if tag == "link" and found.get("rel") not in ("search", "index", "next", "prev", "canonical"):
            self.fetched.append(found.get("href", ""))
        if tag == "a" and "href" in found:
            self.leads.append(found["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    sphinx = [sys.executable, "-m", "sphinx", "-q", "--fail-on-warning", "--keep-going", "-b", "html"]
    command = [*sphinx, "-d", folder / "doctrees", "-c", ROOT / "docs" / "site", ROOT / "docs", folder / "html"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def pages(site: Path) -> list[Page]:
    return [Page(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]


def outside(address: str) -> bool:
    return bool(re.match(r"(?:[a-z]+:)?//", address))


def test_a_page_for_each_page(site: Path, pages: list[Page]) -> None:
    written = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert written <= {page.path.relative_to(site) for page in pages}


def test_nothing_is_fetched_from_the_network(site: Path, pages: list[Page]) -> None:
    for page in pages:
        assert page.fetched, page.path
        assert [address for address in page.fetched if outside(address)] == [], page.path
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        addresses = re.findall(r"url\(\s*['\"]?([^'\")]+)", text) + re.findall(r"@import\s+['\"]([^'\"]+)", text)
        assert [address for address in addresses if outside(address)] == [], style


def test_what_is_fetched_is_there(site: Path, pages: list[Page]) -> None:
    for page in pages:
        for address in page.fetched:
            if not address.startswith("data:"):
                assert (page.path.parent / unquote(urlsplit(address).path)).is_file(), f"{page.path}: {address}"
    (font,) = re.findall(r'url\("([^"]+)"\)', (site / "_static" / "site.css").read_text(encoding="utf-8"))
    assert (site / "_static" / unquote(font)).is_file()


def test_every_link_inside_leads_to_an_id(pages: list[Page]) -> None:
    ids = {page.path.resolve(): page.ids for page in pages}
    for page in pages:
        for address in page.leads:
            parts = urlsplit(address)
            if parts.scheme or address == "#":
                continue
            there = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path.resolve()
            assert there.is_file(), f"{page.path}: {address}"
            if parts.fragment and there in ids:
                assert unquote(parts.fragment) in ids[there], f"{page.path}: {address}"


def test_public_names_are_described_with_their_parameters(site: Path) -> None:
    import spmc_tools

    page = Page(site / "reference" / "python.html")
    text = re.sub(r"<[^>]+>", "", page.path.read_text(encoding="utf-8"))
    assert {f"spmc_tools.{name}" for name in spmc_tools.__all__} <= page.ids
    assert text.count("Parameters") >= 5 and ":param" not in text and "----" not in text


def test_formulas_are_drawn_without_a_script(site: Path) -> None:
    text = (site / "method.html").read_text(encoding="utf-8")
    assert text.count("<math") > 50 and "$$" not in text
    assert not re.search(r"<script[^>]*mathjax", text, re.IGNORECASE)


def test_hindi_pages_say_that_they_are_hindi(site: Path, pages: list[Page]) -> None:
    for page in pages:
        inside = page.path.relative_to(site).parts[0] == "hi"
        assert page.language == ("hi" if inside else "en"), page.path


@pytest.mark.browser
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("छद्म नाम", "hi/first_report.html"),
        ("लॉक", "glossary.html"),
        ("false-discovery", "glossary.html"),
        ("spmc dispose", "reference/commands.html"),
    ],
)
def test_search_works_from_disk(site: Path, start_chromium, words: str, wanted: str) -> None:
    asked: list[str] = []
    with start_chromium() as browser:
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{(site / 'search.html').as_uri()}?q={quote(words)}")
        page.wait_for_selector("#search-results ul.search li a", timeout=30_000)
        page.wait_for_function("() => /finished|found/i.test(document.querySelector('#search-results').innerText)")
        found = [link.get_attribute("href") or "" for link in page.query_selector_all("#search-results ul.search li a")]
    found = [address.split("?")[0].split("#")[0] for address in found]
    assert any(address.endswith(wanted) for address in found), found
    if not words.isascii():  # a word of Hindi is not found by its letters without their vowel signs
        for address in found:
            text = (site / address).read_text(encoding="utf-8")
            assert all(word in text for word in words.split()), address
    assert asked and [address for address in asked if not address.startswith(("file:", "data:"))] == []


@pytest.mark.browser
@pytest.mark.parametrize(
    "name", ["hi/first_report.html", "glossary.html", "tutorial/tour.html", "tutorial/first_report.html"]
)
def test_hindi_is_drawn_in_the_letters_of_the_site(site: Path, start_chromium, name: str) -> None:
    other = """() => [...document.querySelectorAll('body *')].filter((element) =>
      [...element.childNodes].some((node) => node.nodeType === 3 && /[\u0904-\u0939]/.test(node.data)) &&
      !getComputedStyle(element).fontFamily.startsWith('"Noto Sans Devanagari"')).map((element) => element.outerHTML)"""
    with start_chromium() as browser:
        page = browser.new_page()
        page.goto((site / name).as_uri())
        page.evaluate("document.fonts.ready.then(() => 1)")
        loaded = page.evaluate(
            "[...document.fonts].filter((face) => face.status === 'loaded').map((face) => face.family)"
        )
        assert any("Noto Sans Devanagari" in family for family in loaded)
        assert page.evaluate(other) == []
