"""Which claim a text carries, against the sets of runs written out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.text import claim_match
from spmc_tools.text.claim_match import denies, match_claims
from spmc_tools.text.match_key import match_keys

CLAIMS = [
    "Booth number 186 will close two hours early today, go before lunch or you may miss it",
    "कल से पुल दस दिन के लिए पूरी तरह बंद रहेगा और नाव ही चलेगी",
]


def test_copies_edits_and_frames_carry_the_claim() -> None:
    texts = [
        CLAIMS[0], CLAIMS[0].upper() + "!!! 🙏 https://x.example/1", f"My uncle says: {CLAIMS[0]}. Please share.",
        CLAIMS[0].replace("two hours", "three hours"), CLAIMS[1] + " @someone", CLAIMS[0][:60],
    ]  # fmt: skip
    assert [m and m.claim for m in match_claims(texts, CLAIMS)] == [0, 0, 0, 0, 1, 0]


def test_others_do_not() -> None:
    texts = ["Booth queues were short today in the morning", "पुल के पास मेला लगा है", "", None, "booth", "a" * 500]
    assert match_claims(texts, CLAIMS) == [None] * len(texts)
    assert match_claims(["anything"], []) == [None] and match_claims(["fire"], ["fire"]) == [None]


def by_sets(text: str, claims: list[str]) -> int | None:
    def runs(key: str) -> set[str]:
        return {key[i : i + 5] for i in range(len(key) - 4)}

    key, *own = match_keys([text, *claims])
    best: tuple[float, int] | None = None
    for number, one in enumerate(own):
        if len(one) >= 10:
            n = len(runs(one) & runs(key))
            ok = n / len(runs(one)) >= 0.6 or (len(runs(key)) >= 25 and n / len(runs(key)) >= 0.8)
            if ok and n and (best is None or n / len(runs(one)) > best[0]):
                best = (n / len(runs(one)), number)
    return None if best is None else best[1]


@given(
    st.lists(st.text(alphabet="ab ", min_size=0, max_size=60), min_size=1, max_size=4),
    st.text(alphabet="ab ", max_size=80),
)
def test_the_index_finds_what_the_sets_say(claims: list[str], text: str) -> None:
    [found] = match_claims([text], claims)
    assert (found and found.claim) == by_sets(text, claims)


@given(
    st.lists(st.text(alphabet="abक\U0001f525 \ud800", max_size=60), min_size=1, max_size=4),
    st.lists(st.none() | st.text(alphabet="abक\U0001f525 \ud800", max_size=80), max_size=12),
)
def test_many_texts_at_once_carry_what_each_carries_alone(claims: list[str], texts: list[str | None]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claim_match, "AT_ONCE", 3)
        found = match_claims([*texts, claims[0]], claims)
    assert [one and one.claim for one in found] == [by_sets(text or "", claims) for text in [*texts, claims[0]]]


@pytest.mark.parametrize("text", ["यह खबर फर्जी है", "FACT CHECK: no", "That is not true", "पुलिस ने खंडन किया"])
def test_words_that_deny(text: str) -> None:
    assert denies([text, "go to the booth", None], "Booth closes early") == [True, False, False]


def test_a_word_that_the_claim_itself_uses_is_no_denial() -> None:
    claim = "यह अफवाह नहीं है, बूथ बंद है"
    assert denies([claim, claim + " – यह झूठ है"], claim) == [False, True]
