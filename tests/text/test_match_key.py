"""Match keys: pairs that must meet, pairs that must not, and what never changes a key."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spmc_tools.text.match_key import match_key, match_keys

SAME = {
    "nukta, composed and with a sign": ("ज़िंदगी", "ज\u093cिंदगी", "जिंदगी"),
    "nukta letters that NFC composes": ("ऩयार", "न\u093cयार", "नयार"),
    "joiners": ("क्‍या हाल", "क्या हाल", "क्\u200cया हाल"),
    "nasal before a stop": ("सम्बन्ध हिन्दी पञ्च गङ्गा घण्टा", "संबंध हिंदी पंच गंगा घंटा"),
    "chandrabindu": ("चाँद पर पाँव", "चांद पर पांव"),
    "danda": ("मतदान करें। जय बिहार॥", "मतदान करें. जय बिहार", "मतदान करें | जय बिहार!"),
    "digits": ("६ नवंबर २०२५", "6 नवंबर 2025", "۶ नवंबर ۲۰۲۵", "６ नवंबर 2025"),
    "Urdu keyboards": ("کیا یہ سچ ہے", "كيا يه سچ هے"),
    "Urdu vowel signs and tatweel": ("اُردُو زبان", "اردو زبان", "اردو زبــان"),
    "Urdu presentation forms": ("ﺳﻼم", "سلام"),
    "Bhojpuri": ("रउआ सभे बूथ पर चलीं, भोट दीं!", "रउआ सभे बूथ पर चलीं भोट दीं"),
    "code-mixed": ("Kal VOTE dena है भाई", "kal vote dena है भाई", "ＫＡＬ vote dena है, भाई…!"),
    "HTML entities": ("रोटी &amp; कपड़ा", "रोटी & कपड़ा", "रोटी कपडा"),
    "repost prefix": ("RT @x: सच यही है", "सच यही है", "RT @a: RT @b_1: सच यही है"),
    "addresses": ("देखो https://t.co/aB1 यह", "देखो यह", "देखो www.x.example/क यह", "देखो x.example/a?b=1 यह"),
    "address glued to a danda": ("सच https://t.co/aB1। नमस्ते", "सच नमस्ते"),
    "mentions": ("@a @b@social.example नमस्ते", "नमस्ते"),
    "emoji": ("नमस्ते 🙏🏽 👨‍👩‍👧 🇮🇳 1️⃣ ❤️", "नमस्ते"),
    "stretched": ("जीतेगाााा sooooo", "जीतेगाा soo"),
    "cut-off word": ("यह सच है और हम कह…", "यह सच है और हम"),
    "cut-off address": ("यह सच है https://t.co/ab…", "यह सच है", "यह सच है htt…", "यह सच है ht… https://t.co/z"),
    "tags as words": ("#बिहार_चुनाव जीत", "बिहार चुनाव जीत"),
    "case folding": ("STRASSE", "straße"),
}

DIFFERENT = [
    ("कन्या", "कंया"),  # a nasal before य is no anusvara
    ("पहले मतदान फिर जलपान", "पहले जलपान फिर मतदान"),
    ("बूथ 12 पर चलें", "बूथ 21 पर चलें"),
    ("₹1000 मिलेगा", "₹10000 मिलेगा"),
    ("बिहार आगे बढ़ेगा", "बिहार पीछे हटेगा"),
    ("vote for change", "vote for the change"),
    ("कल", "काल"),
    ("آپ", "اپ"),
]


@pytest.mark.parametrize("texts", SAME.values(), ids=SAME)
def test_one_text_in_several_writings_has_one_key(texts: tuple[str, ...]) -> None:
    assert len({match_key(text) for text in texts}) == 1
    assert match_key(texts[0])


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_different_texts_stay_apart(a: str, b: str) -> None:
    assert match_key(a) != match_key(b)


def test_keys_by_hand() -> None:
    assert match_key("RT @x: सम्बन्ध ज़रूरी है। https://t.co/1 🙏 #मतदान२०२५") == "संबंध जरूरी है मतदान2025"
    assert match_key("सच #मतदान2025 #जय_बिहार यही", keep_tags=False) == "सच यही"
    assert match_key("") == match_key(None) == match_key("🙏🙏 @a https://t.co/x") == ""


def test_keys_of_many_are_the_keys_of_each() -> None:
    texts = ["क", None, "क", "", "A b", "#क"]
    assert match_keys(texts) == [match_key(text) for text in texts]
    assert match_keys(texts, keep_tags=False) == [match_key(text, keep_tags=False) for text in texts]


ALPHABET = st.one_of(
    st.sampled_from("कखनमण्ंँ़ाीयरािe E…#@_/.:1१।\u200d🙏ßکيه\u064eİ\u0345\n&;") | st.characters(),
    st.sampled_from(["https://", "t.co/", "RT @x: ", "&amp;", "www.", " ", "1️⃣", "ﷺ", "ǆ", "ΐ"]),
)
TEXTS = st.lists(ALPHABET, max_size=40).map("".join)
UNSEEN = st.sampled_from(["\u200d", "\u200c", "\ufeff", "\u202e", "\ufe0f", "\u00ad"])
BESIDE = st.sampled_from(["🙏", "👨‍👩‍👧", "🇮🇳", "1️⃣", "https://t.co/Ab1", "https://x.example/क?y=1", "@some_one"])


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.booleans())
def test_a_key_is_its_own_key(text: str, keep_tags: bool) -> None:
    key = match_key(text, keep_tags)
    assert match_key(key, keep_tags) == key
    assert key == unicodedata.normalize("NFC", key) == " ".join(key.split())


@settings(max_examples=100, deadline=None)
@given(TEXTS, UNSEEN, st.integers(0, 200))
def test_invisible_characters_change_nothing(text: str, unseen: str, at: int) -> None:
    at = min(at, len(text))
    assert match_key(text[:at] + unseen + text[at:]) == match_key(text)


WORDS = st.lists(
    st.sampled_from(["मतदान", "करें", "सम्बन्ध", "vote", "कल", "#चुनाव", "RT", "है।", "2025", "یہ", "trunca…"]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=100, deadline=None)
@given(WORDS, BESIDE, st.integers(0, 12))
def test_pictures_addresses_and_mentions_beside_words_change_nothing(words: list[str], extra: str, at: int) -> None:
    assume(not (extra.startswith("@") and at and set(words[:at]) == {"RT"}))  # that makes a repost of it
    assert match_key(" ".join([*words[:at], extra, *words[at:]])) == match_key(" ".join(words))
