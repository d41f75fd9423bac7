"""The page: one file, no request, a policy on top, every language from one notebook, failure visible."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO

import pytest
from fontTools.ttLib import TTFont
from nbformat import v4

from spmc_tools.report.drawing import shown
from spmc_tools.report.fonts import faces
from spmc_tools.report.render import collect, page, redact, status_of


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in {"meta", "img", "br", "source"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def pages(small_case, all_sections, as_notebook, a_run):
    notebook = as_notebook(all_sections(small_case))
    return {language: page(notebook, a_run, language) for language in ("en", "hi", "both")}


def test_one_file_without_a_request(pages) -> None:
    for text in pages.values():
        tags = Tags(text)
        assert not tags.open
        names = {tag for tag, _ in tags.found}
        assert not names & {"script", "iframe", "link", "object", "embed", "form", "base", "a"}
        for tag, attributes in tags.found:
            assert not any(name.startswith("on") or name == "style" for name in attributes), tag
            for name in ("src", "srcset", "href"):
                assert (attributes.get(name) or "data:").startswith("data:"), (tag, name)
        style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
        assert not re.search(r"@import|url\((?!data:)", style)


def test_the_policy_comes_first_and_fits_the_style(pages) -> None:
    for text in pages.values():
        head = text[text.index("<head>") :]
        assert head.startswith('<head><meta http-equiv="Content-Security-Policy"')
        policy = Tags(text).found[2][1]["content"]
        style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert policy.startswith("default-src 'none';") and f"style-src 'sha256-{digest}'" in policy
        assert "unsafe" not in policy and "script-src" not in policy


def test_languages(pages) -> None:
    words = {name: re.sub(r"base64,[^\"')]+|<[^>]+>", " ", text) for name, text in pages.items()}
    assert "5 accounts posted copies of the same texts in step, on 4 days" in words["en"]
    assert "5 खातों ने 4 दिनों में एक ही पाठ की प्रतियाँ एक साथ पोस्ट कीं" in words["hi"]
    assert "Not reviewed yet" not in words["hi"] and "अभी समीक्षा" not in words["en"]
    assert "5 accounts posted" in words["both"] and "5 खातों ने" in words["both"]
    assert '<html lang="hi">' in pages["hi"]
    assert all(len(text) < 1_000_000 for text in pages.values())


def test_the_arithmetic_stands_on_the_page(pages) -> None:
    assert "P(X ≥ 6 | λ = 0.25) = 2.7 · 10⁻⁷" in pages["en"]
    assert "31 rows read = 30 kept + 0 duplicates + 1 refused" in pages["en"]
    assert "only 29 % belong to the campaign" in pages["en"]


def test_pictures_of_cards_are_small(pages) -> None:
    card = pages["en"][pages["en"].index('<article class="card"') : pages["en"].index("</article>")]
    uris = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', card)
    assert len(uris) == 2
    for uri in uris:
        svg = base64.b64decode(uri).decode()
        assert len(svg) <= 25_000
        assert "<script" not in svg and not re.search(r'href="(?!#)', svg)


def test_a_part_that_is_missing_is_said(small_case, all_sections, as_notebook, a_run) -> None:
    sections = [one for one in all_sections(small_case) if one.name != "limits"]
    notebook = as_notebook(sections)
    assert status_of(notebook, raised=False) == ("partial", 1)
    text = page(notebook, replace(a_run, status="partial", n_missing=1), "en")
    assert "Partial run." in text and "Not part of this report" in text


def test_no_finding_is_as_plain(small_case, all_sections, as_notebook, a_run) -> None:
    text = page(as_notebook(all_sections(small_case, tier="C")), a_run, "both")
    assert "No group of accounts acted together more often than chance expects" in text
    assert "खातों का कोई समूह संयोग से अधिक" in text
    assert "handle_1" not in text and "acc1" not in text


def test_a_failed_run_keeps_what_it_has_and_hides_paths(small_case, all_sections, as_notebook, a_run) -> None:
    done = [one for one in all_sections(small_case) if one.name in {"purpose", "data"}]
    notebook = as_notebook(done)
    trace = [
        'File "/home/officer/secret place/x.py", line 3',
        "\x1b[31mValueError\x1b[0m: <b>no</b> /srv/data/cases/a.csv",
    ]
    notebook.cells.append(
        v4.new_code_cell("boom", outputs=[v4.new_output("error", ename="ValueError", evalue="no", traceback=trace)])
    )
    text = page(notebook, replace(a_run, status="failed"), "en")
    assert 'class="banner failed"' in text and "This run failed." in text
    assert "31 rows read" in text and "ValueError" in text
    assert "/home/officer" not in text and "/srv/data" not in text and "<b>no</b>" not in text
    assert "This run ended before it could say what was found" in text


def test_stray_output_is_text(small_case, all_sections, as_notebook, a_run) -> None:
    notebook = as_notebook(all_sections(small_case))
    notebook.cells.append(
        v4.new_code_cell(
            "x",
            outputs=[
                v4.new_output("stream", text="<script>alert(1)</script>"),
                v4.new_output("display_data", {"text/html": "<img src=x onerror=alert(2)>", "text/plain": "plain"}),
                v4.new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "VBox()"}),
                v4.new_output("display_data", {"application/vnd.spmc.section+json": {"name": "../x", "values": 3}}),
            ],
        )
    )
    found = collect(notebook)
    assert found.stray == ["<script>alert(1)</script>", "plain"]
    text = page(notebook, a_run, "en")
    assert "<script>" not in text and "onerror" not in text and "&lt;script&gt;" in text


def test_shown_makes_the_invisible_visible() -> None:
    assert shown("a\u202eb") == 'a<span class="ctl">U+202E</span>b'
    assert shown("\x00\u200b\ufeff\ud800") == "".join(
        f'<span class="ctl">U+{c}</span>' for c in ("0000", "200B", "FEFF", "D800")
    )
    assert shown("क्\u200dष\u200c") == "क्\u200dष\u200c"
    assert shown("a\r\nb\tc") == "a\nb\tc"
    assert shown("<&\"'") == "&lt;&amp;&#34;&#39;"
    assert shown("abcdef", 3) == "abc…"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/usr/lib/python3/site-packages/a.py:3", "…/a.py:3"),
        (r"C:\Users\officer\case\a.csv", "…/a.csv"),
        ("7 / 2 and and/or", "7 / 2 and and/or"),
        ("https://demo.example/path", "https://demo.example/path"),
    ],
)
def test_redaction_of_paths(text: str, left: str) -> None:
    assert redact(text) == left


def test_fonts_hold_the_letters_and_the_rules_that_join_them() -> None:
    (devanagari,) = faces("क्षत्रिय प्रकरण")
    assert devanagari.family == "Noto Sans Devanagari"
    font = TTFont(BytesIO(base64.b64decode(devanagari.woff2)))
    assert {ord("क"), ord("ष"), 0x094D} <= set(font.getBestCmap())
    features = {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
    assert {"half", "rkrf", "akhn"} <= features
    latin = {face.family: face for face in faces("Case प्रकरण λ 10⁻⁹")}["Noto Sans"]
    font = TTFont(BytesIO(base64.b64decode(latin.woff2)))
    assert {ord("λ"), ord("⁻")} <= set(font.getBestCmap())
    assert 0x0915 not in font.getBestCmap()  # else letters would come from a face that cannot join them
    assert faces("") == []
