"""Forms with a list: what counts as one, and that copies of a form are one text while slogans stay apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.text.form_key import form_of
from spmc_tools.text.near_duplicates import near_duplicates

LATIN = ["Gaya", "Ara", "Buxar", "Siwan", "Nawada", "Jamui", "Banka", "East Champaran", "Purnia", "Katihar", "Supaul"]
HINDI = ["गया", "आरा", "बक्सर", "सिवान", "नवादा", "जमुई", "बांका", "पूर्वी चंपारण", "पूर्णिया", "कटिहार", "सुपौल"]
URDU = ["گیا", "آرہ", "بکسر", "سیوان", "نوادہ", "جموئی", "بانکا", "پورنیہ", "کٹیہار", "سوپول", "ارریہ"]


@pytest.mark.parametrize(
    ("text", "key", "counted"),
    [
        ("Part 3 of 40: Gaya, Ara, Buxar. No road here", "part zpartz of 40 zlistz no road here", True),
        ("भाग ३/४०: गया, आरा, बक्सर", "भाग zpartz 40 zlistz", True),
        ("40 में से 3: गया, आरा, बक्सर", "40 में से zpartz zlistz", True),
        ("Roads: Gaya | Ara | Buxar | Siwan!", "roads zlistz", False),
        ("Roads:\n- Gaya\n- Ara\n- East Champaran\n- Siwan", "roads zlistz", False),
        ("3/9 #Gaya #Ara #Buxar wake up", "zpartz 9 zlistz wake up", True),
    ],
)
def test_lists_and_parts_become_marks(text: str, key: str, counted: bool) -> None:
    form = form_of(text)
    assert form is not None
    assert (form.key, form.counted) == (key, counted)
    assert form.size == len(key.replace("zlistz", "").replace("zpartz", ""))


@pytest.mark.parametrize(
    "text",
    [
        None, "", "Gaya, Ara, Buxar", "Part 3 of 40: Gaya, Ara", "a plain sentence of many words, with one comma",
        "Kal subah saat baje booth par, pehle matdan phir jalpan, saath me padosi ko, sab log", "1/2/2025 is one",
        "x, y, z, " * 500,
    ],
)  # fmt: skip
def test_other_texts_have_no_form(text: str | None) -> None:
    assert form_of(text) is None


@pytest.mark.parametrize("items", [3, 5, 8, 12])
@pytest.mark.parametrize(
    ("form", "names"),
    [
        ("Part {n} of 40: {p}", LATIN),
        ("{n}/40 {p} #RoadNow", LATIN),
        ("भाग {n} / 40: {p} #सड़क", HINDI),
        ("حصہ {n}/40: {p}۔ سڑک کب بنے گی", URDU),
        ("Part {n} of 40: {p}. These places have waited five years for a road", LATIN),
    ],
)
def test_a_form_is_one_text_however_long_its_list(form: str, names: list[str], items: int) -> None:
    rng = np.random.default_rng(items)
    made = [f"{name}{suffix}" for name in names for suffix in ("", "pur", "ganj", "गढ़", "آباد")]
    texts = [form.format(n=1 + i % 40, p=", ".join(rng.choice(made, items, replace=False))) for i in range(120)]
    labels = near_duplicates([*texts, "Part of the road to Gaya was built last year, and we thank them for it"])
    assert labels[:120].notna().all()
    assert labels[:120].nunique() == 1
    assert labels.isna().iloc[-1]


def test_slogans_with_one_phrase_or_one_list_stay_apart() -> None:
    texts = [
        "सड़क, बिजली, पानी, दवा: पहले मतदान फिर जलपान, अपना फैसला खुद कीजिए और सबको बताइए",
        "बेटी, किताब, स्कूल, बस: पहले मतदान फिर जलपान, इस बार घर से जरूर निकलिए भाइयों",
        "सड़क, बिजली, पानी, दवा: इन पर कोई बात नहीं करता, सब अपनी अपनी कहते रहते हैं यहाँ",
        "#गया #आरा #बक्सर #सिवान पहले मतदान फिर जलपान, मौसम अच्छा है तो टहलते हुए जाइए",
        "3/9 Gaya, Ara, Buxar",
        "3/12 Gaya, Ara, Buxar",
    ]
    assert near_duplicates(texts).isna().all()


def test_short_texts_without_parts_are_no_form() -> None:
    assert near_duplicates(["Roads: Gaya, Ara, Buxar, Siwan", "Roads: Jamui, Banka, Supaul, Katihar"]).isna().all()


def test_a_cluster_has_the_form_of_most_of_its_texts() -> None:
    plain = "These places have waited five years for the road they were promised and nothing was built"
    texts = [f"Part {i} of 9: {p}. {plain}" for i, p in enumerate(["Gaya, Ara, Buxar", "Jamui, Banka, Siwan"], 1)]
    labels = near_duplicates([*texts, plain, plain, f"{plain}!"])
    assert labels.iloc[0] == labels.iloc[1]
    assert labels.iloc[2] == labels.iloc[3] == labels.iloc[4]


WORDS = st.sampled_from(
    [*LATIN, *HINDI, ",", ", ", "\n", "|", "3/40", "Part 2 of 9:", "#tag", "#टैग ", ".", "\x00", "🙏"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=25).map(" ".join))
def test_any_text(text: str) -> None:
    form = form_of(text)
    if form is not None:
        assert "zlistz" in form.key
        assert form.size <= len(form.key)
        assert form_of(text) == form
