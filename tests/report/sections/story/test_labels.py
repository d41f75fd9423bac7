"""What the posts of a group are about: a claim, a tag or words, against counts by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from spmc_tools.report.sections.story.labels import common_words, label, words_of
from spmc_tools.report.sections.story.story_values import CarriedClaim


def posts(*said: tuple[str, str | None, list[str]]) -> pd.DataFrame:
    return pd.DataFrame(said, columns=["account_id", "text", "hashtags"])


def claim(accounts: int) -> CarriedClaim:
    return CarriedClaim(
        claim_id="R1",
        status="open",
        text="the bridge is shut",
        official_at=None,
        accounts=accounts,
        posts=9,
        after=None,
    )


OTHERS = posts(*[(f"o{n}", "good morning all friends", ["news"]) for n in range(96)])
GROUP = posts(*[(f"g{n}", "bridge shut today friends", []) for n in range(4)])


def test_a_claim_comes_first_where_half_of_the_accounts_carry_it() -> None:
    common = common_words(pd.concat([OTHERS, GROUP]))
    assert label(GROUP, [claim(2)], 4, common).kind == "claim"
    assert label(GROUP, [claim(2)], 4, common).text == "the bridge is shut"
    assert label(GROUP, [claim(1)], 4, common).kind == "words"


def test_the_most_telling_words_are_those_that_others_do_not_use() -> None:
    common = common_words(pd.concat([OTHERS, GROUP]))
    # friends stands in all 100 posts and tells nothing; the others in 4 of 100, so 25 times as often in the group
    assert label(GROUP, [], 4, common).text == "bridge · shut · today"
    assert common.ratio("word", "bridge", 1.0) == pytest.approx(25)
    assert common.ratio("word", "friends", 1.0) == pytest.approx(1)
    mixed = posts(("g1", "bridge river", []), ("g2", "bridge", []), ("g3", "bridge", []), ("g4", "friends", []))
    # three of four use bridge, one of four river: less than a third, though nobody else uses it
    found = label(mixed, [], 4, common_words(pd.concat([OTHERS, mixed])))
    assert found.text == "bridge"


def test_a_tag_of_half_of_the_accounts_comes_before_words() -> None:
    tagged = posts(("g1", "bridge", ["Ferry"]), ("g2", "bridge", ["#ferry"]), ("g3", "bridge", []))
    assert label(tagged, [], 3, common_words(pd.concat([OTHERS, tagged]))).text == "#ferry"
    few = posts(("g1", "bridge", ["Ferry"]), ("g2", "bridge", []), ("g3", "bridge", []))
    assert label(few, [], 3, common_words(pd.concat([OTHERS, few]))).text == "bridge"
    everybody = posts(("g1", "bridge", ["news"]), ("g2", "bridge", ["news"]))
    assert label(everybody, [], 2, common_words(pd.concat([OTHERS, everybody]))).text == "bridge"


def test_mentions_and_addresses_are_no_words() -> None:
    assert words_of("@someone_else पुल टूट गया https://x.example/abc of it") == {"पुल", "टूट", "गया"}


def test_a_number_by_itself_is_in_no_label() -> None:
    """A telephone number that all of a group pass on must not become its headline; a name with a digit may."""
    rung = posts(*[(f"g{n}", "call 9900112233 ९९००११ booth112 now", []) for n in range(4)])
    assert label(rung, [], 4, common_words(pd.concat([OTHERS, rung]))).text == "booth112 · call · now"
    alone = posts(*[(f"g{n}", "9900112233", []) for n in range(4)])
    assert label(alone, [], 4, common_words(pd.concat([OTHERS, alone]))).kind == "none"


def test_where_nothing_sets_the_posts_apart_nothing_is_said() -> None:
    alike = posts(("g1", "good morning all friends", []), ("g2", None, []))
    assert label(alike, [], 2, common_words(pd.concat([OTHERS, alike]))).kind == "none"
    assert label(alike.head(0), [], 2, common_words(OTHERS)).text is None
