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
    ],
)  # fmt: skip
def test_what_reaches_a_person_is_masked(secret: str) -> None:
    found = masked(f"मेरा {secret} है")
    assert secret not in found and MASK in found and found.startswith("मेरा") and found.endswith("है")


@pytest.mark.parametrize("plain", ["बूथ 112 पर", "500 रुपये", "5 नवंबर 2025", "helpline 1930"])
def test_short_numbers_stay(plain: str) -> None:
    assert masked(plain) == plain


def test_only_words_of_all_are_shown() -> None:
    texts = ["I am Asha and the light is out, call 9000012345", "I am Ravi and the light is out, call 9000054321"]
    assert shared_words(texts) == f"I am … and the light is out, call {MASK}"
    assert shared_words(texts[:1]) == "" and shared_words(["one", "two"]) == ""


@given(st.lists(st.text(alphabet="ab c", max_size=12), min_size=2, max_size=4))
def test_no_word_of_one_alone(texts: list[str]) -> None:
    words = set(shared_words(texts).split()) - {"…"}
    assert all(words <= set(text.split()) for text in texts)
