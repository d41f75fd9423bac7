"""Personal data in a text is masked; words that one alone wrote do not leave the office."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.text.personal import MASK, masked, shared_words


@pytest.mark.parametrize(
    "secret",
    [
        "9000012345", "+91 90000 12345", "०९०००० १२३४५६", "1234 5678 9012", "asha.k@post.example", "asha@okbank",
        "@demo_citizen", "https://demo.example/a?b=1", "ABCDE1234F", "BR 01 AB 1234", "ABC1234567", "(0612) 222-3344",
        "९००००/१२३४५", "9०0०0-1२3४5", "90000\u200b12345", "90000–12345", "9.0.0.0.0.1.2.3.4.5", "90 000, 123 45",
        "９００００１２３４５", "৯০০০০১২৩৪৫", "⁹⁰⁰⁰⁰¹²³⁴⁵", "\ufe0f\u20e3".join("9000012345\u20e3"),
        "+91-90000-12345", "00919000012345", "1234-5678-9012", "१२३४ ५६७८ ९०१२", "12345678901234567890123456789",
        "90000 मोबाइल 12345",
        "98 then 76 and 54 or 3210", "9876 (dial) 543 210", "आशा@उदाहरण.भारत", "asha @ post . example",
        "asha (at) post (dot) in", "asha at post dot in", "आशा एट पोस्ट डॉट इन", "asha+9@post.co.in", "t.me/asha_devi",
        "wa.me/919000012345", "facebook.com/asha.devi", "post.example", "＠demo_citizen", "Z1234567", "SBIN0001234",
        "10ABCDE1234F1Z5", "BR01AB1234", "2025-11-05 9000012345", "9000012345 05/11/2025",
    ],
)  # fmt: skip
def test_what_reaches_a_person_is_masked(secret: str) -> None:
    found = masked(f"मेरा {secret} है")
    left = found.replace("2025-11-05", "").replace("05/11/2025", "")
    assert secret not in found and MASK in found and found.startswith("मेरा") and found.endswith("है")
    assert not any(character.isdigit() or character in "@＠" for character in left)
    assert masked(found) == found


@pytest.mark.parametrize("plain", [
    "बूथ 112 पर", "500 रुपये", "5 नवंबर 2025", "helpline 1930", "2025-11-05", "05/11/2025 को", "on 2025-11-05 10:30:00 UTC",
    "12000 से 45000 तक", "15 नवंबर 2025 को 12 बजे", "road.Please mend it", "अंक 1,23,456", "एट और डॉट",
])  # fmt: skip
def test_short_numbers_and_dates_stay(plain: str) -> None:
    assert masked(plain) == plain


def test_only_words_of_all_are_shown() -> None:
    texts = ["I am Asha and the light is out, call 9000012345", "I am Ravi and the light is out, call 9000054321"]
    assert shared_words(texts) == f"I am … and the light is out, call {MASK}"
    assert shared_words(texts[:1]) == "" and shared_words(["one", "two"]) == ""


@given(st.lists(st.text(alphabet="ab c", max_size=12), min_size=2, max_size=4))
def test_no_word_of_one_alone(texts: list[str]) -> None:
    words = set(shared_words(texts).split()) - {"…"}
    assert all(words <= set(text.split()) for text in texts)


@given(
    st.text(alphabet="6789", min_size=1, max_size=1), st.text(alphabet="0123456789", min_size=9, max_size=9),
    st.lists(st.sampled_from(["", " ", "-", ".", "  ", ") (", "\u200d", "/"]), min_size=9, max_size=9),
    st.sampled_from(["0", "०", "০", "０", "٠", "۰"]),
)  # fmt: skip
def test_a_mobile_number_is_masked_in_any_script_and_layout(
    first: str, rest: str, between: list[str], zero: str
) -> None:
    digits = [chr(ord(zero) + int(digit)) for digit in first + rest]
    said = digits[0] + "".join(mark + digit for mark, digit in zip(between, digits[1:], strict=True))
    assert masked(f"call {said} now") == f"call {MASK} now"
