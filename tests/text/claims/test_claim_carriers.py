"""Claims in other words and scripts: what each invented post says of its claim, as a person reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.text.claims.claim_carriers import match_claims
from spmc_tools.text.claims.claim_words import read_words

BRIDGE = "बेतिया के नौरंगिया पुल में दरार आ गई है, पुल बंद कर दिया गया है"
PAPER = "Class 10 science paper leaked on Telegram a night before the exam in Nawada"
GATES = "कोसी बराज के 40 गेट खोल दिए गए, सुपौल में आज रात बाढ़ आएगी"
CLAIMS = [BRIDGE, PAPER, GATES]


@pytest.mark.parametrize(
    ("text", "claim", "state", "sure"),
    [
        ("bettiah me naurangia pul me darar aa gaya, pul bnd h, koi mat jana udhar", BRIDGE, "carries", True),
        ("بیتیا کے نورنگیا پل میں دراڑ آ گئی ہے اور پل بند کر دیا گیا", BRIDGE, "carries", True),
        ("Cracks seen in Naurangia bridge Bettiah, bridge shut for traffic!!", BRIDGE, "carries", True),
        ("बेतियाक नौरंगिया पुल मे दरार आबि गेल अछि, पुल बंद क देल गेल", BRIDGE, "carries", True),
        ("kya sach me bettiah ka naurangia pul me darar aaya hai? koi batao", BRIDGE, "asks", True),
        ("मोतिहारी के नौरंगिया पुल में दरार आ गई है, पुल बंद", BRIDGE, "carries", False),
        ("बेतिया के लौरिया रोड पुल में दरार आ गई, पुल बंद कर दिया गया है", BRIDGE, "carries", False),
        ("नवादा में मैट्रिक विज्ञान का पेपर परीक्षा से एक रात पहले टेलीग्राम पर लीक", PAPER, "carries", True),
        ("nawada me 10th ka maths ka paper leak ho gya telegram pe", PAPER, "carries", False),
        ("No science paper was leaked in Nawada. The Telegram file is fake", PAPER, "denies", True),
        ("20 gates of Kosi barrage opened, Supaul will be flooded tonight", GATES, "carries", False),
        ("کوسی بیراج کے 40 گیٹ کھول دیے گئے سپول میں آج رات سیلاب آئے گا", GATES, "carries", True),
    ],
)  # fmt: skip
def test_what_a_post_says_of_a_claim(text: str, claim: str, state: str, sure: bool) -> None:
    [found] = match_claims([text], CLAIMS)
    assert found is not None
    assert (CLAIMS[found.claim], found.state, found.sure) == (claim, state, sure)


@pytest.mark.parametrize(
    "text", ["कोसी का जलस्तर बढ़ा, सुपौल के लोग सतर्क रहें", "happy birthday to my brother", "", None, "😡😡 112"]
)
def test_other_posts_are_of_no_claim(text: str | None) -> None:
    assert match_claims([text], CLAIMS) == [None]


def test_a_claim_of_two_units_matches_nothing_and_no_claims_are_no_matches() -> None:
    assert match_claims(["पुल टूटा", BRIDGE], ["पुल टूटा"]) == [None, None]
    assert match_claims([BRIDGE], []) == [None]
    assert match_claims([], CLAIMS) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("10 हजार रुपये", [10_000]), ("दस हजार", [10_000]), ("5 lakh rupees", [500_000]), ("२५ लोग", [25]),
        ("पाँच सौ", [500]),
        ("5,000 रुपये", [5_000]), ("do hazar", [2_000]), ("2,50,000", [250_000]), ("pachas log", [50]),
        ("एक आदमी", []), ("booth ۱۱۲", [112]),
    ],
)  # fmt: skip
def test_numbers_of_every_script_and_in_words(text: str, numbers: list[float]) -> None:
    assert [word.number for word in read_words(text) if word.number is not None] == numbers


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("गया में पुल", ["गया"]), ("पुल टूट गया है", []), ("bridge in Gaya", ["गया"]), ("pul toot gaya", []),
        ("مظفر پور میں", ["मुजफ्फरपुर"]), ("Muzaffarpur", ["मुजफ्फरपुर"]), ("पटनाक स्कूल", ["पटना"]),
    ],
)  # fmt: skip
def test_places_of_every_script_and_the_verb_that_is_no_town(text: str, places: list[str]) -> None:
    assert [place for word in read_words(text) for place in sorted(word.places)] == places


@given(st.lists(st.text(max_size=60), max_size=6), st.lists(st.text(max_size=60), max_size=4))
def test_any_texts_and_claims_are_survived_and_their_order_changes_nothing(texts: list[str], claims: list[str]) -> None:
    found = match_claims(texts, claims)
    again = match_claims(texts[::-1], claims)[::-1]
    assert found == again and len(found) == len(texts)
    assert all(one is None or (0 <= one.claim < len(claims) and 0 < one.share <= 1 + 1e-9) for one in found)
