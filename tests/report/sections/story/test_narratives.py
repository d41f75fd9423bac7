"""Narratives and themes: texts that belong together are found, counted by SQL, whatever the order of the rows."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from spmc_tools.report.sections.story.narratives import LEAST_ACCOUNTS, narratives

STORIES = {
    "bridge": "bridge over the kosi cracked, trucks stopped at {n}",
    "exam": "exam centre moved, admit card {n} says gaya",
    "पुल": "पुल टूट गया, गाड़ियाँ रुकी हुई हैं {n}",
}


def posts(accounts: int = 8) -> pd.DataFrame:
    """Three stories of eight accounts each, and words that stand in every text or in one alone."""
    rows = [
        (f"{story}{n}", f"now {text.format(n=chr(97 + n) * 4)}")
        for story, text in STORIES.items()
        for n in range(accounts)
    ]
    rows += [(f"own{n}", f"now thought{n} private{n}") for n in range(10)]
    return pd.DataFrame(rows, columns=["account_id", "text"])


def test_each_story_is_a_narrative_and_others_are_none() -> None:
    table = posts()
    found = narratives(table)
    assert len(found) == 3
    for one in found:
        stories = {table.loc[place, "account_id"].rstrip("0123456789") for place in one.posts}
        assert len(stories) == 1 and len(one.posts) == 8
        (story,) = stories
        assert all(word in STORIES[story] for word in one.words) and len(one.words) == 3
        assert one.example in set(table.loc[list(one.posts), "text"]) and "now" not in one.words


def test_a_number_by_itself_names_no_narrative_and_still_tells_two_apart() -> None:
    table = posts().assign(text=lambda rows: rows["text"].str.replace("admit card", "admit card 9900112233"))
    assert [len(one.posts) for one in narratives(table)] == [8, 8, 8]
    assert not any(word.isdecimal() for one in narratives(table) for word in one.words)


def test_the_order_of_the_rows_changes_nothing() -> None:
    table = posts()
    first = [(one.words, one.example, one.posts) for one in narratives(table, 3)]
    for state in range(4):
        again = narratives(table.sample(frac=1, random_state=state), 3)
        assert [(one.words, one.example, one.posts) for one in again] == first


def test_fewer_than_five_accounts_make_no_narrative_however_often_they_post() -> None:
    assert LEAST_ACCOUNTS == 5
    few = pd.concat([posts(4)] * 5, ignore_index=True)
    assert narratives(few) == []
    assert len(narratives(posts(5))) == 3


def test_the_example_is_the_text_that_most_posts_repeat() -> None:
    table = posts()
    copied = pd.DataFrame({"account_id": [f"c{n}" for n in range(4)], "text": table.loc[2, "text"]})
    found = narratives(pd.concat([table, copied], ignore_index=True))
    assert found[0].example == table.loc[2, "text"] and len(found[0].posts) == 12


@pytest.mark.parametrize("texts", [[], [None, None], ["", " "], ["only one text of words"]])
def test_little_text_is_no_error(texts: list[Any]) -> None:
    assert narratives(pd.DataFrame({"account_id": ["a"] * len(texts), "text": texts})) == []


def test_the_defining_words_are_those_of_the_largest_share_times_the_logarithm_by_hand() -> None:
    """Eight of 58 texts are a story: ln(58/8) = 1.98, ln(58/12) = 1.58, .75 ln(58/8) = 1.49, ln(58/16) = 1.29."""
    story = [(f"s{n}", "river bank floods" + " ahead" * (n < 6) + " again") for n in range(8)]
    others = [(f"o{n}", f"thought{n} private{n}" + " floods" * (n < 4) + " again" * (10 <= n < 18)) for n in range(50)]
    [one] = narratives(pd.DataFrame(story + others, columns=["account_id", "text"]))
    assert len(one.posts) == 8 and one.words == ("bank", "river", "floods")
