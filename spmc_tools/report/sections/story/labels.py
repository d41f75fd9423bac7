r"""What the posts of a group are about, in their own words: a claim of the register, a tag, or the most telling words.

A claim comes first where at least half of the accounts carry it. Else the tag that at least half of the accounts use,
else up to three words, those that set the posts apart: of the words that at least a third of the accounts use, the ones
with the largest :math:`a \log (s / e)`, where *a* is the share of the group's accounts that use one, *s* the share of
its posts that hold it and *e* that of all posts looked at, one added to the count so that a word which nobody else uses
has a share. A word or tag that is not at least twice as common in the group tells nothing and is left out; so is a
number by itself, which may be somebody's telephone.

Notes
-----
Known errors: the words are those of the posts, not their sense; a group that posts about several things is labelled by
the one that most of its accounts share. Mentions and addresses are no words.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import regex

from spmc_tools.report.sections.story.story_values import CarriedClaim, Label
from spmc_tools.text.match_key import URL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

__all__ = ["CommonWords", "common_words", "label"]

WORDS, MOST_TEXTS = 3, 50_000
TAG_SHARE, WORD_SHARE, CLAIM_SHARE, LEAST_RATIO = 1 / 2, 1 / 3, 1 / 2, 2.0
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]{3,}")
_LETTER = regex.compile(r"\p{L}")
_MENTION = regex.compile(r"[@＠][\w.]+")


class CommonWords:
    """In how many posts each word and each tag stands, of at most 50,000 posts spread evenly over all.

    Attributes
    ----------
    n : int
        Posts that were looked at.
    """

    def __init__(self, records: pd.DataFrame) -> None:
        step = max(1, -(-len(records) // MOST_TEXTS))
        looked_at = records.iloc[::step]
        self.n = len(looked_at)
        self._words: Counter[str] = Counter()
        for text, count in Counter(t for t in looked_at["text"] if isinstance(t, str)).items():
            for word in words_of(text):
                self._words[word] += count
        self._tags = Counter(tag for value in looked_at.get("hashtags", []) for tag in tags_of(value))

    def ratio(self, kind: str, name: str, share: float) -> float:
        """Return how many times as common a word or tag is in a group as in all posts; at least one post counts."""
        counts = self._tags if kind == "tag" else self._words
        return share / (max(1, counts[name]) / max(1, self.n))


def common_words(records: pd.DataFrame) -> CommonWords:
    """Return in how many posts each word stands."""
    return CommonWords(records)


def words_of(text: str) -> set[str]:
    """Return the words of a text in small letters, numbers among them, without mentions and addresses."""
    return {word.casefold() for word in _WORD.findall(_MENTION.sub(" ", URL.sub(" ", text)))}


def says(word: str) -> bool:
    """Tell whether a word may stand in a label: it has a letter; a number by itself may be a telephone."""
    return _LETTER.search(word) is not None


def tags_of(value: Any) -> set[str]:
    """Return the tags of a post in small letters, without their sign."""
    if value is None or isinstance(value, (str, float)):
        return set()
    return {str(tag).casefold().lstrip("#") for tag in value if tag}


def label(evidence: pd.DataFrame, claims: Sequence[CarriedClaim], accounts: int, common: CommonWords) -> Label:
    """Return what the posts of a group are about.

    Parameters
    ----------
    evidence : pandas.DataFrame
        Its posts in step: ``account_id, text``, and ``hashtags`` where there are any.
    claims : sequence of CarriedClaim
        Those that its accounts carry, most accounts first.
    accounts : int
        Its accounts.
    common : CommonWords
        Of all posts.
    """
    if claims and claims[0].accounts >= CLAIM_SHARE * accounts:
        return Label(kind="claim", text=claims[0].text)
    if "hashtags" in evidence:
        tags = _telling("tag", ((a, tags_of(v)) for a, v in _pairs(evidence, "hashtags")), common, TAG_SHARE)
        if tags:
            return Label(kind="tag", text=f"#{tags[0]}")
    texts = _pairs(evidence, "text")
    said = ((a, set(filter(says, words_of(v))) if isinstance(v, str) else set()) for a, v in texts)
    words = _telling("word", said, common, WORD_SHARE)[:WORDS]
    return Label(kind="words", text=" · ".join(words)) if words else Label(kind="none", text=None)


def _pairs(evidence: pd.DataFrame, column: str) -> Iterable[tuple[str, Any]]:
    return zip(evidence["account_id"].tolist(), evidence[column].tolist(), strict=True)


def _telling(kind: str, said: Iterable[tuple[str, set[str]]], common: CommonWords, least: float) -> list[str]:
    """Return the names that at least this share of the accounts use, the most telling first."""
    users: dict[str, set[str]] = {}
    posts: Counter[str] = Counter()
    every: set[str] = set()
    n = 0
    for account, names in said:
        every.add(account)
        n += 1
        posts.update(names)
        for name in names:
            users.setdefault(name, set()).add(account)
    found = []
    for name, who in users.items():
        ratio = common.ratio(kind, name, posts[name] / n)
        if len(who) >= least * len(every) and ratio >= LEAST_RATIO:
            found.append((-len(who) / len(every) * math.log(ratio), name))
    return [name for _, name in sorted(found)]
