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
from scipy.stats import poisson

from spmc_tools.report.figures.frames import own_scripts
from spmc_tools.report.page.drawing import shown
from spmc_tools.report.page.render import collect, page, redact, status_of
from spmc_tools.report.page.sections import SECTIONS, section
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.groups.card_values import Cards
from spmc_tools.report.values.section_values import from_json, to_json
from spmc_tools.report.words.fonts import NASTALIQ, _whole, faces, has_nastaliq

ENDED_BY = {"td": ("td",), "tr": ("td", "tr"), "/tr": ("td",), "/tbody": ("td", "tr")}


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.end_of(ENDED_BY.get(tag, ()))
        if tag not in {"meta", "img", "br", "source"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        self.end_of(ENDED_BY.get(f"/{tag}", ()))
        assert self.open.pop() == tag

    def end_of(self, tags):
        """A cell and a row may end without saying so."""
        while self.open and self.open[-1] in tags:
            self.open.pop()


def test_one_file_without_a_request(pages) -> None:
    for text in pages.values():
        tags = Tags(text)
        assert not tags.open
        names = {tag for tag, _ in tags.found}
        assert not names & {"script", "link", "object", "embed", "form", "base"}
        for tag, attributes in tags.found:
            assert not any(name.startswith("on") or name == "style" for name in attributes), tag
            if tag == "iframe":
                assert attributes["sandbox"] == "allow-scripts allow-downloads" and not attributes.get("src")
            for name in ("src", "srcset", "href"):
                inside = "#" if tag in {"a", "use"} else "data:"
                assert (attributes.get(name) or inside).startswith(inside), (tag, name)
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
        assert "unsafe" not in policy and "http" not in policy
        inside = [Tags(attributes["srcdoc"]) for tag, attributes in Tags(text).found if tag == "iframe"]
        for frame in (frame.found[2][1]["content"] for frame in inside):
            assert frame.startswith("default-src 'none'; script-src 'sha256-") and "unsafe" not in frame
            script = re.search(r"script-src ('sha256-[^']+')", frame)[1]
            assert script in policy  # a frame stands under the policy of its page as well


def test_languages(pages) -> None:
    words = {name: re.sub(r"base64,[^\"')]+|<[^>]+>", " ", text) for name, text in pages.items()}
    assert "5 accounts posted copies of the same texts in step, on 4 days" in words["en"]
    assert "5 खातों ने 4 दिनों में एक ही पाठ की प्रतियाँ एक साथ पोस्ट कीं" in words["hi"]
    assert "Not reviewed yet" not in words["hi"] and "अभी समीक्षा" not in words["en"]
    assert "5 accounts posted" not in words["hi"] and "5 खातों ने" not in words["en"]
    assert '<html lang="hi">' in pages["hi"]
    assert all(len(text) < 1_100_000 for text in pages.values())


def test_the_arithmetic_stands_on_the_page(pages) -> None:
    card = re.sub(r"<[^>]+>", " ", pages["en"][pages["en"].index("<article") : pages["en"].index("</article>")])
    folded = card[card.index("P(X ≥ n | λ)") :]
    n, expected, p = re.search(
        r"1 – 2 .*?seconds\s+(\d+)\s+([\d.]+)\s+([\d.]+\u00a0·\u00a010[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", folded
    ).groups()
    power = int(p.split("10")[-1].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))
    printed = float(p.split("\u00a0")[0]) * 10.0**power
    assert poisson.sf(int(n) - 1, float(expected)) == pytest.approx(printed, rel=0.03)
    assert "P(X" not in card[: card.index("The arithmetic")] and "how likely it is that an account is innocent" in card
    assert "31 rows read = 30 kept + 0 duplicates + 1 refused" in pages["en"]
    example = pages["en"][pages["en"].index('class="example"') :]
    assert "only 29 % belong to the campaign" in example[: example.index("</div>")]
    assert example.index("Invented example, not this report") < example.index("29 %")


def test_scripts_stand_in_frames_alone_and_are_ours(pages) -> None:
    for text in pages.values():
        frames = [attributes["srcdoc"] for tag, attributes in Tags(text).found if tag == "iframe"]
        assert frames and "<script" not in text
        for frame in frames:
            scripts = re.findall(r'<script(?: type="module")?>(.*?)</script>', frame, re.DOTALL)
            assert len(scripts) == 1 and scripts[0] in own_scripts()


def test_pictures_of_cards_are_small(pages) -> None:
    card = pages["en"][pages["en"].index('<article class="card"') : pages["en"].index("</article>")]
    drawings = re.findall(r"<svg.*?</svg>", card, re.DOTALL)
    marks = [svg for svg in drawings if svg.startswith('<svg width="10"')]
    assert len(marks) == 6  # the colours of the six things that the group shared
    assert len(drawings) == 8  # and the posts over time, for a page and a telephone: who was linked is a ball of lines
    for svg in drawings:
        assert len(svg) <= 25_000
        assert "<script" not in svg and " style=" not in svg and not re.search(r'href="(?!#)', svg)
    names = re.findall(r' id="([pq][0-9a-f]{8}[a-z0-9]*)"', pages["en"])
    assert len(names) == len(set(names))  # no drawing borrows the frame of another one


def test_a_part_that_is_missing_is_said(small_sections, as_notebook, a_run) -> None:
    sections = [one for one in small_sections if one.name != "limits"]
    notebook = as_notebook(sections)
    assert status_of(notebook, raised=False) == ("partial", 1)
    text = page(notebook, replace(a_run, status="partial", n_missing=1), "en")
    assert "Partial run." in text
    assert '<section class="missing" id="limits"><h2>What this data could not have shown' in text
    assert text.count('class="missing"') == text.count("Not part of this report") == 1


NO_GROUP = {
    "nothing": (
        "No group of accounts acted together more often than chance expects",
        "खातों का कोई समूह संयोग की अपेक्षा अधिक",
    ),
    "aside": ("1 group was in step, but nobody in it may be named", "1 समूह एक साथ सक्रिय दिखा"),
    "insufficient": ("Insufficient data: nothing can be said", "डेटा अपर्याप्त है"),
}


@pytest.mark.parametrize("state", NO_GROUP)
def test_a_page_without_a_named_group_says_which_of_three_it_is(
    small_case, make_findings, as_notebook, a_run, state
) -> None:
    scope = in_period(small_case)
    found = make_findings(scope.records, sorted(set(scope.records["account_id"])), "C")
    if state != "insufficient":
        found.notes = {"traces": {"copypasta": {"evidence": "sufficient"}}}
    if state == "nothing":
        found.clusters = found.clusters.head(0)
    given = {"case": small_case, "scope": scope, "found": found}
    able = {
        name: one
        for name, one in SECTIONS.items()
        if set(one.needs) <= set(given) and name not in {"tour", "referral_limits"}
    }
    made = [section(name, **{need: given[need] for need in one.needs}) for name, one in able.items()]
    assert made[0].values.state == state
    text = "".join(page(as_notebook(made), a_run, language) for language in ("en", "hi"))
    assert all(words in text for words in NO_GROUP[state])
    others = [words for name, both in NO_GROUP.items() if name != state for words in both]
    assert not any(words in text for words in others)
    assert ("No group of accounts needs a decision." in text) is (state == "nothing")
    assert "handle_1" not in text and "acct1" not in text
    watch = next(one for one in made if one.name == "watch")
    for n in (0, 3):
        waiting = replace(watch, values=replace(watch.values, waiting=n))
        node = as_notebook([waiting if one is watch else one for one in made])
        text = "".join(page(node, a_run, language) for language in ("en", "hi"))
        assert (f"{n} texts wait for a decision" in text) is (f"{n} पाठों पर निर्णय होना शेष है" in text) is (n > 0)


def test_a_failed_run_keeps_what_it_has_and_hides_paths(small_sections, as_notebook, a_run) -> None:
    done = [one for one in small_sections if one.name in {"purpose", "data"}]
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


def test_stray_output_is_text(small_sections, as_notebook, a_run) -> None:
    notebook = as_notebook(small_sections)
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
    assert shown("a\u200bb", hidden="hidden character") == 'a<span class="ctl">hidden character U+200B</span>b'
    assert shown("\U0001f4e2!") == '<span class="ctl">[public address loudspeaker]</span>!'
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


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("Noto Sans Devanagari", "प्रतिवेदन क्षत्रिय कार्रवाई श्रृंखला ज्ञात द्वारा अर्थ हिन्दी ट्विटर ऱ्य"),
        ("Noto Sans Arabic", "انتخابات میں پولنگ بوتھ پر ٹھہریں ڈھاکہ کی گاڑی نہیں لا إله"),
        ("Noto Sans", "Wi-Fi office fjord λ ≥ 10⁻⁹ AVATAR"),
        ("Noto Nastaliq Urdu", "انتخابات میں پولنگ بوتھ پر ٹھہریں، ڈھاکہ کی گاڑی نہیں۔ شیخ نے مجھے بتایا"),
    ],
)
def test_words_are_shaped_alike_by_the_cut_font(family: str, words: str) -> None:
    import uharfbuzz as hb

    if family == NASTALIQ and not has_nastaliq():
        pytest.skip("the font of Urdu is not built; type: python js/build.py")
    face = next(one for one in faces(f'<p lang="ur">{words}</p>') if one.family == family)
    font = TTFont(BytesIO(base64.b64decode(face.woff2)))
    font.flavor = None
    plain_font = BytesIO()
    font.save(plain_font)
    name = family.lower().replace(" ", "-")

    def shaped(data: bytes) -> list[tuple[int, int, int, int]]:
        told = hb.Font(hb.Face(data))
        told.set_variations({"wght": 400, "wdth": 100})
        run = hb.Buffer()
        run.add_str(words)
        run.guess_segment_properties()
        hb.shape(told, run)
        return [
            (one.x_advance, one.x_offset, one.y_offset, info.cluster)
            for info, one in zip(run.glyph_infos, run.glyph_positions, strict=True)
        ]

    assert shaped(plain_font.getvalue()) == shaped(_whole(NASTALIQ if family == NASTALIQ else name))


def in_urdu(findings, lang, text):
    """The section with this text, of this language, in place of each of its posts."""
    made = to_json(findings.values)
    for block in made["cards"][0]["posts"]:
        block["same"] = False
        for post in block["posts"]:
            post |= {"lang": lang, "parts": [(text, False)]}
    return replace(findings, values=from_json(Cards, made))


def test_posts_in_urdu_stand_in_nastaliq_and_nothing_else_does(small_sections, as_notebook, a_run) -> None:
    if not has_nastaliq():
        pytest.skip("the font of Urdu is not built; type: python js/build.py")
    family = 'font-family:"Noto Nastaliq Urdu";'
    assert family not in page(as_notebook(small_sections), a_run, "en")
    for said, text, seen in (
        ("ur", "ووٹ", True),  # the data says so
        (None, "نام دیکھ لیں", True),  # letters that Urdu alone has
        (None, "لا إله", False),
        ("ar", "نہیں", False),  # the data's word counts, not the letters
        (None, "मतदान", False),
    ):
        sections = [in_urdu(one, said, text) if one.name == "findings" else one for one in small_sections]
        drawn = page(as_notebook(sections), a_run, "en")
        assert (family in drawn) == seen, (said, text)
        assert ('dir="auto" lang="ur">' in drawn) == seen


def test_without_the_font_of_urdu_posts_keep_upright_letters(monkeypatch) -> None:
    from spmc_tools.errors import SpmcError
    from spmc_tools.report.words import fonts

    def lacking(*_parts):
        raise SpmcError("lacks")

    monkeypatch.setattr(fonts, "resource", lacking)
    assert [one.family for one in faces('<p lang="ur">نہیں</p>')] == ["Noto Sans", "Noto Sans Arabic"]


def plain(text: str) -> str:
    text = re.sub(r"<style>.*?</style>", " ", text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def part(text: str, start: str, end: str) -> str:
    return text[text.index(start) : text.index(end, text.index(start))]


def test_a_card_names_the_file_of_its_rows_and_its_hash(pages) -> None:
    card = part(pages["en"], "<article", "</article>")
    named = re.findall(
        r'<bdi class="handle">([^<]+)</bdi>, SHA-256 <span class="mono long">([0-9a-f]{64})</span>', pages["en"]
    )
    received = plain(part(pages["en"], '<section id="provenance"', "</section>"))
    assert named and all(name in received and sha256 in received for name, sha256 in named)
    assert re.search(r"row \d", plain(card))


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_drawn_parts_come_in_order_and_the_head_of_the_log_is_among_them(pages, language) -> None:
    drawn = re.findall(r'<section[^>]* id="([^"]+)"', pages[language])
    order = [
        "summary",
        "findings",
        "limits",
        "signoff",
        "purpose",
        "data",
        "volume",
        "accounts",
        "method",
        "provenance",
    ]
    assert [name for name in drawn if name in order] == order
    assert pages[language].index('class="banner') < pages[language].index('<section id="purpose"')
    told = part(pages[language], '<section id="provenance"', "</section>")
    assert len(set(re.findall(r">([0-9a-f]{64})<", told))) >= 3  # a received file, all of them, the head of the log


def test_the_first_page_and_the_cards_say_the_same_of_the_pairs(pages) -> None:
    first = plain(part(pages["en"], '<section id="summary"', "</section>"))
    card = plain(part(pages["en"], "<article", "</article>"))
    assert "median pair 6 ×, chance 0.2" in first  # of the edges: six occasions, 0.25 expected
    assert (
        "10 linked pairs: half of them were in step on 6 separate occasions or more, where chance expects 0.2" in card
    )
    assert "Accounts 1 and 2: 6 occasions seen; the chance model expects one occasion in about 4" in card
    for text in (first, card):
        assert "none of those measured fits" in text and "weak" in text


def test_what_the_body_rests_on_is_folded_behind_it(pages) -> None:
    body, folded = pages["en"].split('<h2 class="annexes">')
    parts = re.findall(r'<details class="annex"><summary>([^<]+)</summary>\s*<section[^>]* id="([^"]+)"', folded)
    assert len(parts) >= 8 and {"purpose", "data", "accounts", "method", "provenance"} <= {name for _, name in parts}
    assert [name for _, name in parts] == re.findall(r'<section[^>]* id="([^"]+)"', folded)
    assert {"summary", "findings", "limits", "signoff"} <= set(re.findall(r'<section[^>]* id="([^"]+)"', body))


def test_ordinary_explanations_come_before_the_posts_and_never_say_nothing(pages) -> None:
    card = part(pages["en"], "<article", "</article>")
    assert card.index("Points to an ordinary explanation") < card.index("The posts, side by side")
    assert "Nothing in this data" not in card and "The program does not know who these people are" in card


def test_the_warning_stands_above_the_names_and_on_every_printed_page(pages) -> None:
    table = part(pages["en"], '<section id="accounts"', "</section>")
    assert table.index("names not to be circulated") < table.index("handle_1")
    style = part(pages["hi"], "<style>", "</style>")
    assert "समीक्षा नहीं हुई – नाम प्रसारित न करें" in part(style, "@page", "}}")


def test_the_page_contradicts_itself_nowhere(pages) -> None:
    said = plain(pages["en"])
    assert "Every part" not in said and "Every check was made" not in said
    assert "All parts of this edition were computed." in said
    assert said.count("How often the chance model errs was measured on simulated weeks") == 2  # first page and method
    assert "tier B" not in part(said, "Groups seen", "exported tables")


def test_every_group_has_room_for_its_counter_case_and_there_is_one_decision(pages) -> None:
    assert pages["en"].count('class="box counter"') == pages["en"].count("<article") == 1
    decision = plain(part(pages["en"], 'class="box decision"', "</section>"))
    assert all(word in decision for word in ("Close", "Further facts", "Names may be used in this case", "Other"))


def test_a_reason_in_english_has_a_lead_in_on_a_hindi_page(pages) -> None:
    data = part(pages["hi"], '<section id="data"', "</section>")
    assert data.index("मूल अंग्रेज़ी में कारण") < data.index('<span lang="en">no time</span>')


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("shown", "Smallest group, active over the whole time, that this data would have shown: 12 accounts"),
        ("not_shown", "None of the groups, active over the whole time, that were tried would have been"),
    ],
)
def test_a_page_without_a_group_says_under_its_headline_what_would_have_been_seen(
    small_case, all_sections, as_notebook, a_run, state, words
) -> None:
    made = {one.name: one for one in all_sections(small_case, tier=None)}
    power = made["power"].values
    smallest = replace(power.smallest, n_accounts=12, n_objects=6, trace="copypasta")
    made["power"] = replace(made["power"], values=replace(power, state=state, smallest=smallest))
    text = page(as_notebook(list(made.values())), a_run, "en")
    assert words in text[: text.index('class="jump"')]


@pytest.mark.parametrize(
    ("names", "label", "mark"),
    [
        (("purpose", "data", "power", "method"), "for use in the office", "For use in the office"),
        (("purpose", "rates", "check"), "for use in the office", "For use in the office"),
        (("purpose", "watch"), "it quotes posts", "it quotes posts"),
        (("purpose", "findings"), "it contains account names", "NOT REVIEWED – names not to be circulated"),
        (("accounts",), "it contains account names", "NOT REVIEWED – names not to be circulated"),
    ],
)
def test_a_page_says_that_it_names_accounts_only_where_it_does(
    small_sections, as_notebook, a_run, names, label, mark
) -> None:
    text = page(as_notebook([one for one in small_sections if one.name in names], list(names)), a_run, "en")
    header = plain(part(text, "<header", "</header>"))
    assert label in header and mark in part(text, "@page", "}}")
    assert ("account names" in header) is (label == "it contains account names")
    body = plain(part(text, "<header", "</body>"))
    assert ("This edition contains account names" in body) is (label == "it contains account names")
    assert ("names no account" in body) is (label == "it quotes posts")
    # what somebody else's notebook holds nobody knows
    strange = page(as_notebook([], ["purpose"]), replace(a_run, known_notebook=False, notebook="own"), "en")
    assert "it contains account names" in strange
