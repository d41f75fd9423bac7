"""What a senior acts on stands on the first page of the paper, in either language and edition."""

from __future__ import annotations

import copy
import html
import re
from dataclasses import replace
from typing import Any

import pytest

from spmc_tools.report.page.render import page
from spmc_tools.report.sections.groups.headline import SAID

MILLIMETRE = 96 / 25.4
WIDTH, HEIGHT = int((210 - 2 * 16) * MILLIMETRE), (297 - 17 - 15) * MILLIMETRE
"""What the margins of the page leave of A4, in pixels of the style sheet."""


TOO_WIDE = """[...document.querySelectorAll('main table, main figure, main pre')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => `${e.closest('section').id}: ${e.className} ${e.textContent.slice(0, 60)}`)"""


SMALLEST = """Math.min(...['header.top *', '.banner *', '#summary *']
    .flatMap(css => [...document.querySelectorAll(css)])
    .filter(e => !e.closest('svg') && e.offsetHeight && [...e.childNodes].some(n => n.nodeType == 3 && n.data.trim()))
    .map(e => Math.round(parseFloat(getComputedStyle(e).fontSize) * 75) / 100))"""


def laid_out(look, text: str) -> dict[str, Any]:
    """Return where the first page ends, and what is wider than the paper, as the page is laid out for it."""
    tab, _ = look(text, width=WIDTH)
    tab.emulate_media(media="print")
    tab.wait_for_timeout(200)
    return {
        "first page": tab.evaluate("document.querySelector('#summary').getBoundingClientRect().bottom"),
        "too wide": tab.evaluate(TOO_WIDE),
        "width": tab.evaluate("document.documentElement.scrollWidth"),
        "asks": tab.evaluate("document.querySelectorAll('#summary .ask li').length"),
        "marks": tab.evaluate("document.querySelectorAll('#summary figure.barcode').length"),
        "smallest": tab.evaluate(SMALLEST),
    }


RUMOUR = "मतदान केंद्र पर लंबी कतार है, सब लोग जल्दी पहुँचें। " * 4


def at_its_longest(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a first page with as much on it as there can be: three groups, two aside, every sentence."""
    [one] = values["said"]
    like = {"trace": "copypasta", "kind": "group", "n": 80, "planted": 60, "benign": 20, "open": 0,
            "low": 0.17, "high": 0.36, "ordinary_low": 0.17, "ordinary_high": 0.36, "worlds": 80,
            "sets": []}  # fmt: skip
    claims = [
        {"claim_id": f"R{n}", "status": "refuted", "text": RUMOUR, "official_at": "2025-11-03T06:02:15Z",
         "accounts": 120, "posts": 240, "after": 80}
        for n in range(7)
    ]  # fmt: skip
    story = one["story"] | {
        "label": {"kind": "claim", "text": RUMOUR}, "claims": claims, "patterns": ["daily_round", "one_origin"],
        "reach": {"followers": 1_234_567, "known": 110, "of": 120}, "sure": "moderate", "seen": 12.5, "expected": 0.13,
    }  # fmt: skip
    aside = {
        "size": 1234, "trace": "copypasta", "days": 12, "first": one["first"], "last": one["last"],
        "label": {"kind": "words", "text": "मतदान · केंद्र · जल्दी"}, "context": "newsroom", "newsrooms": 0,
        "patterns": [], "few": 0,
    }  # fmt: skip
    return {
        "said": [{**one, "group": n, "named": 120, "like": like, "story": story} for n in range(1, SAID + 1)],
        "rows_aside": [aside, {**aside, "context": None, "patterns": ["daily_round"]}], "groups": 9, "more_said": 6,
        "aside": 5, "aside_not_registered": 4, "accounts": 12345, "no_room": 2,
        "picture": values["picture"] | {
            "labels": [str(n) for n in range(1, 25)], "all": 120, "beside_rows": 24,
            "not_drawn": {"outside": 3, "thinned": 70}, "answers": [values["picture"]["start"]],
        },
        "unanswered": [{"claim_id": f"BIHAR-2025-R{n}"} for n in range(6)],
    }  # fmt: skip


@pytest.mark.parametrize("edition", ["full", "redacted"])
@pytest.mark.parametrize("language", ["en", "hi"])
def test_what_a_senior_acts_on_fits_on_one_page(small_sections, as_notebook, a_run, look, language, edition) -> None:
    node = as_notebook(copy.deepcopy(small_sections))
    for cell in node.cells:
        for output in cell.outputs:
            payload = output.data["application/vnd.spmc.section+json"]
            if payload["name"] == "watch":
                payload["values"]["waiting"] = 1234
            if payload["name"] == "summary":
                payload["values"] |= at_its_longest(payload["values"])
    text = page(node, replace(a_run, edition=edition), language)
    found = laid_out(look, text)
    assert found["first page"] <= HEIGHT
    # a table wider than the paper would make Chromium print the whole report smaller
    assert found["too wide"] == [] and found["width"] <= WIDTH
    assert found["asks"] == 3 and found["marks"] == 1
    assert found["smallest"] >= 10  # points, of everything but the letters of the picture


def test_the_first_page_says_what_when_how_far_how_sure_and_what_is_open(pages) -> None:
    first = pages["en"][: pages["en"].index('<section id="findings"')]
    said = re.sub(
        r"\s+", " ", html.unescape(re.sub(r"<svg.*?</svg>|<style>.*?</style>|<[^>]+>", " ", first, flags=re.S))
    )
    for words in (
        "Bihar assembly election 2025", "3 November 2025 to 12 November 2025",
        "5 accounts posted copies of the same texts in step, on 4 days", "posts in step", "followers are in no file",
        "on a scale of four", "such simulated groups ordinary (95 %: ",
        "none of those measured fits",
        "What is asked of you",
        "That is not evidence of automation, payment, falsity, intent or unlawful conduct",
    ):  # fmt: skip
        assert words in said, words
    assert "score" not in said.casefold() and "handle_1" not in said


@pytest.mark.parametrize(
    ("language", "pointer", "scale"), [("en", "on a scale of four", "How sure:"), ("hi", "चार स्तरों", "कितना निश्चित:")]
)
def test_the_scale_is_where_the_first_page_says(pages, language, pointer, scale) -> None:
    """The part that first page and card point at by its name has that heading, and defines the scale."""
    whole = html.unescape(pages[language])
    pointed = re.findall(rf"{pointer}[^(]*\([^“]*“([^”]+)”\)", whole)
    assert len(pointed) >= 2 and len(set(pointed)) == 1  # of the first page, and of the card
    parts = re.findall(r'<section id="\w+"[^>]*><h2>([^<]+)</h2>(.*?)</section>', whole, re.S)
    assert [scale in text for heading, text in parts if heading == pointed[0]] == [True]


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_heads_of_the_queue_do_not_run_into_each_other(small_sections, as_notebook, a_run, look, language) -> None:
    node = as_notebook(copy.deepcopy(small_sections))
    row = {"text": "सुना है कि पुल टूट गया है", "thing": "9051998a49d8", "first_seen": "2025-10-27T08:40:00Z",
           "reasons": ["wide", "complaint"], "terms": [], "claims": [], "clusters": [], "posts": 4100, "accounts": 4100,
           "reposts": 6800, "last_hour": 1200, "views": 2736, "decision": None, "named_text": None,
           "last_seen": "2025-10-27T08:40:00Z", "before_per_hour": 1.0, "p_rising": 1.0, "record_id": "1"}  # fmt: skip
    for cell in node.cells:
        for output in cell.outputs:
            payload = output.data["application/vnd.spmc.section+json"]
            if payload["name"] == "watch":
                subject = {"kind": "asked", "claim": None, "groups": [], "words": None, "texts": 1, "posts": 4100,
                           "reposts": 6800, "open": 1, "rows": [0]}  # fmt: skip
                payload["values"] |= {"rows": [row], "texts": True, "open": 1, "more": 0, "subjects": [subject]}
    tab, _ = look(page(node, a_run, language), width=WIDTH)
    tab.emulate_media(media="print")
    tab.wait_for_timeout(200)
    cut = (
        "[...document.querySelectorAll('#watch th')].filter(t => t.scrollWidth > t.clientWidth).map(t => t.textContent)"
    )
    assert tab.evaluate("document.querySelectorAll('#watch th').length") == 16 and tab.evaluate(cut) == []


TEN = {
    "when": {"en": "3 November 2025 to 12 November 2025", "hi": "3 नवंबर 2025 से 12 नवंबर 2025 तक"},
    "which event": {"en": "Bihar assembly election 2025", "hi": "बिहार विधानसभा चुनाव 2025"},
    "who acted together, and on how many days": {
        "en": "120 accounts posted copies of the same texts in step, on 4 days",
        "hi": "120 खातों ने 4 दिनों में एक ही पाठ की प्रतियाँ एक साथ पोस्ट कीं",
    },
    "what did they post": {"en": "“मतदान केंद्र पर लंबी कतार है", "hi": "“मतदान केंद्र पर लंबी कतार है"},
    "was it refuted, and when": {
        "en": "It was refuted on 3 November 2025 11:32; 80 of their 240 posts of it came after that.",
        "hi": "इसका खंडन 3 नवंबर 2025 11:32 को हुआ; इस दावे की उनकी 240 पोस्टों में से 80 उसके बाद आईं।",
    },
    "how far did it go": {
        "en": "12.35 lakh followers of 110 of 120 accounts",
        "hi": "12.35 लाख फ़ॉलोअर, 120 में से 110 खातों का योग",
    },
    "how sure": {
        "en": "moderate on a scale of four (“What this data could not have shown”); "
        "20 of 80 such simulated groups ordinary",
        "hi": "मध्यम चार स्तरों का पैमाना",
    },
    "what innocent reason fits": {"en": "daily round; one origin", "hi": "दैनिक क्रम; एक ही मूल"},
    "who reviewed it": {
        "en": "Not reviewed yet. A second officer has not yet written the counter-case.",
        "hi": "अभी समीक्षा नहीं हुई है।",
    },
    "what is asked of me": {
        "en": "What is asked of you Name a second officer to write the counter-case",
        "hi": "आगे की कार्रवाई दूसरे अधिकारी को नामित करें",
    },
}
"""What a judge, or a senior with five minutes, asks; and where page one answers, in English and in Hindi."""


@pytest.mark.parametrize("language", ["en", "hi"])
def test_page_one_answers_ten_questions(small_sections, as_notebook, a_run, language) -> None:
    node = as_notebook(copy.deepcopy(small_sections))
    for cell in node.cells:
        for output in cell.outputs:
            payload = output.data["application/vnd.spmc.section+json"]
            if payload["name"] == "summary":
                payload["values"] |= at_its_longest(payload["values"])
    whole = page(node, a_run, language)
    first = re.sub(
        r"<svg.*?</svg>|<style>.*?</style>|<[^>]+>", " ", whole[: whole.index('<section id="findings"')], flags=re.S
    )
    said = re.sub(r" (?=[,.;”])|(?<=“) ", "", re.sub(r"\s+", " ", html.unescape(first)))
    wanted = {question: answers[language] for question, answers in TEN.items()}
    assert {question: answer for question, answer in wanted.items() if answer not in said} == {}, said
    assert len(TEN) == 10


SCREEN = 844
"""Height of a telephone that is 390 wide, in pixels of the style sheet."""


@pytest.mark.parametrize("notebook", ["election_watch", "festival_watch", "group_look"])
@pytest.mark.parametrize("edition", ["full", "redacted"])
@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_first_page_is_a_screen_and_a_half_of_a_telephone(
    small_sections, as_notebook, a_run, look, language, edition, notebook
) -> None:
    """With a claim, three asks and three rows, as the sample has them; the longest page there can be is longer."""
    node = as_notebook(copy.deepcopy(small_sections))
    for cell in node.cells:
        for output in cell.outputs:
            payload = output.data["application/vnd.spmc.section+json"]
            if payload["name"] == "summary":
                longest = at_its_longest(payload["values"])
                one = longest["said"][0]
                claims = [{**claim, "text": RUMOUR[:90]} for claim in one["story"]["claims"][:2]]
                story = {**one["story"], "claims": claims, "label": {"kind": "claim", "text": RUMOUR[:90]}}
                payload["values"] |= longest | {
                    "said": [{**one, "story": story}, {**one, "group": 2, "story": {**story, "patterns": []}}],
                    "rows_aside": longest["rows_aside"][:1], "aside": 1, "more_said": 0, "no_room": 0, "groups": 2,
                }  # fmt: skip
    tab, _ = look(page(node, replace(a_run, edition=edition, notebook=notebook), language), width=390)
    bottom = tab.evaluate("document.querySelector('#summary').getBoundingClientRect().bottom + scrollY")
    assert bottom <= 1.5 * SCREEN
    assert tab.evaluate(SMALLEST) >= 10
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert tab.evaluate("document.querySelectorAll('#summary .ask li').length") == 3
