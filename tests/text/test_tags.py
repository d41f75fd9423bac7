"""Tags in any script, in order."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.text.tags import tag_key, tags

CASES = {
    "#चुनाव2024 और #Vote_Bihar": ["चुनाव2024", "Vote_Bihar"],
    "＃बिहार#मिथिला": ["बिहार"],
    "#اردو #صحافت": ["اردو", "صحافت"],
    "#b #a #b": ["b", "a", "b"],
    "देखो https://x.example/#top #सच": ["सच"],
    "a#b &#39;x #1 # #_ ": [],
    "#क्‍या": ["क्‍या"],
    "#पूरा #कट…": ["पूरा"],
    "": [],
}


@pytest.mark.parametrize(("text", "wanted"), CASES.items(), ids=range(len(CASES)))
def test_tags(text: str, wanted: list[str]) -> None:
    assert tags(text) == wanted


def test_no_text_has_no_tags() -> None:
    assert tags(None) == []


def test_tag_keys() -> None:
    assert tag_key("#Vote_BIHAR") == tag_key("vote_bihar") == "vote_bihar"
    assert tag_key("क्\u200dया") == tag_key("क्या")
    assert tag_key("ज\u093c") == tag_key("\u095b")
    assert tag_key("कल") != tag_key("काल")


@given(st.lists(st.from_regex(r"[a-zक-ह][a-z0-9_क-हा-ौ]{0,10}", fullmatch=True), max_size=6))
def test_every_written_tag_comes_back(names: list[str]) -> None:
    assert tags(" ".join(f"#{name}" for name in names)) == names
    assert re.sub(r"\s+", " ", " ".join(tag_key(name) for name in names)) == " ".join(names)
