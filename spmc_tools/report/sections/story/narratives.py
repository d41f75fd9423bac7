r"""What many posts say: clusters of texts, found through the words that stand together in them.

Copies of one text by one account count once. Of the words that at least five accounts use, at most 1,500, two are
linked where at least three accounts used both in one text and their normalised pointwise mutual information

.. math:: \frac{\log\bigl(n_{ab}\, n / (n_a\, n_b)\bigr)}{\log(n / n_{ab})}

is at least .4; so words that stand everywhere are linked to none. Leiden (igraph, constant Potts model at .3) parts the
words into topics; a text is of the topic of which it holds most, weighted by how rare its words are, and at least two
words. A topic is a narrative where at least five accounts wrote of it. Its defining words are the three with the
largest share of its texts times the logarithm of how many times as common they are in it; its example is the text that
most of its posts repeat.

Notes
-----
The order of the rows changes nothing; the seed is that of the investigation. Known errors: words are taken as written,
without stems, so that one story in two languages is two; a text with two stories is in one of them; texts of one or two
words are in none.

References
----------
Bouma (2009), Normalized pointwise mutual information in collocation extraction, GSCL. Traag, Waltman, van Eck (2019),
Scientific Reports 9, 5233.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spmc_tools.network.communities import leiden
from spmc_tools.report.sections.story.labels import says, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LEAST_ACCOUNTS", "MOST_WORDS", "Narrative", "narratives"]

MOST_WORDS, LEAST_ACCOUNTS, LEAST_TOGETHER, LEAST_NPMI = 1500, 5, 3, 0.4
DENSITY = 0.3
"""Words of one topic are linked to each other at least so closely (resolution of the constant Potts model)."""

WORDS, _AT_ONCE = 3, 20_000


@dataclass(frozen=True, slots=True)
class Narrative:
    """A cluster of texts: its words, its example, and the places of its posts in the table that was given."""

    words: tuple[str, ...]
    example: str
    posts: frozenset[Any]


def narratives(posts: pd.DataFrame, seed: int = 0) -> list[Narrative]:
    """Return the narratives of some posts, the one that most accounts wrote of first.

    Parameters
    ----------
    posts : pandas.DataFrame
        ``account_id, text``.
    seed : int
        Of Leiden.
    """
    said = posts[posts["text"].map(lambda text: isinstance(text, str)).astype(bool)]
    words = {text: frozenset(words_of(text)) for text in sorted(set(said["text"]))}
    pairs = said.assign(words=said["text"].map(words)).drop_duplicates(["account_id", "text"])
    texts = pairs.sort_values(["account_id", "text"], kind="stable", ignore_index=True)
    vocabulary = _vocabulary(texts)
    topic_of = _topics(texts, vocabulary, seed) if len(vocabulary) > 1 else {}
    if not topic_of:
        return []
    rare = {word: math.log(len(texts) / n) for word, n in vocabulary.items()}
    of_text = {text: _topic(held, topic_of, rare) for text, held in words.items()}
    table = said.assign(topic=said["text"].map(of_text))
    found = []
    for topic, own in table[table["topic"].notna()].groupby("topic", sort=True):
        accounts = own["account_id"].nunique()
        named = [word for word, number in topic_of.items() if number == topic and says(word)]
        if accounts >= LEAST_ACCOUNTS and named:
            found.append((-accounts, -len(own), _narrative(own, len(texts), words, named, vocabulary)))
    return [narrative for *_, narrative in sorted(found, key=lambda row: (row[0], row[1], row[2].words))]


def _vocabulary(texts: pd.DataFrame) -> dict[str, int]:
    """Return the words that enough accounts use, with the number of texts that hold each, by word."""
    users: dict[str, set[str]] = {}
    counts: Counter[str] = Counter()
    for account, held in zip(texts["account_id"], texts["words"], strict=True):
        counts.update(held)
        for word in held:
            users.setdefault(word, set()).add(account)
    common = [word for word, who in users.items() if len(who) >= LEAST_ACCOUNTS]
    chosen = sorted(common, key=lambda word: (-len(users[word]), word))[:MOST_WORDS]
    return {word: counts[word] for word in sorted(chosen)}


def _topics(texts: pd.DataFrame, vocabulary: Mapping[str, int], seed: int) -> dict[str, int]:
    """Return the topic of each word that is linked to another."""
    from scipy.sparse import csr_matrix

    place = {word: n for n, word in enumerate(vocabulary)}
    rows = [sorted(place[word] for word in held if word in place) for held in texts["words"]]
    ends = np.cumsum([0, *(len(row) for row in rows)])
    columns = np.array([column for row in rows for column in row], dtype=np.int64)
    held = csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), len(place)))
    accounts, _ = pd.factorize(texts["account_id"], sort=True)
    n_accounts = int(accounts.max()) + 1
    by_account = csr_matrix((np.ones(len(rows)), (accounts, np.arange(len(rows)))), shape=(n_accounts, len(rows)))
    together = (held.T @ held).tocoo()
    counts = np.array(list(vocabulary.values()), dtype="float64")
    upper = together.row < together.col
    a, b, n = together.row[upper], together.col[upper], together.data[upper]
    enough = n >= LEAST_TOGETHER
    a, b, n = a[enough], b[enough], n[enough]
    with np.errstate(divide="ignore", invalid="ignore"):
        npmi = np.log(n * len(rows) / (counts[a] * counts[b])) / np.log(len(rows) / n)
    linked = np.nan_to_num(npmi, nan=0.0, posinf=1.0) >= LEAST_NPMI
    a, b, npmi = a[linked], b[linked], np.minimum(npmi[linked], 1.0)
    by_word = (by_account @ held).tocsc()
    by_word.data[:] = 1.0
    both = [
        by_word[:, a[k : k + _AT_ONCE]].multiply(by_word[:, b[k : k + _AT_ONCE]]) for k in range(0, len(a), _AT_ONCE)
    ]
    users = np.concatenate([np.asarray(part.sum(axis=0)).ravel() for part in both]) if both else np.zeros(0)
    several = users >= LEAST_TOGETHER
    if not several.any():
        return {}
    names = np.array(list(place), dtype=object)
    edges = pd.DataFrame({"account_a": names[a[several]], "account_b": names[b[several]], "weight": npmi[several]})
    return {str(word): number for word, number in sorted(leiden(edges, DENSITY, seed, objective="CPM").items())}


def _topic(held: frozenset[str], topic_of: Mapping[str, int], rare: Mapping[str, float]) -> float:
    """Return the topic of which a text holds most; NaN where it holds two words of none."""
    weight: dict[int, float] = {}
    n: Counter[int] = Counter()
    for word in sorted(held):
        if word in topic_of:
            weight[topic_of[word]] = weight.get(topic_of[word], 0.0) + rare[word]
            n[topic_of[word]] += 1
    able = [topic for topic in weight if n[topic] > 1]
    return float(min(able, key=lambda topic: (-round(weight[topic], 9), topic))) if able else math.nan


def _narrative(
    own: pd.DataFrame,
    n_texts: int,
    words: Mapping[str, frozenset[str]],
    named: list[str],
    vocabulary: Mapping[str, int],
) -> Narrative:
    mine = own.drop_duplicates(["account_id", "text"])
    inside = Counter(word for text in mine["text"] for word in words[text])

    def telling(word: str) -> float:
        share = inside[word] / len(mine)
        return share * math.log(share / (vocabulary[word] / n_texts)) if share else 0.0

    best = sorted((word for word in named if inside[word]), key=lambda word: (-round(telling(word), 9), word))[:WORDS]
    full = own["text"][own["text"].map(lambda text: sum(word in words[text] for word in best) >= min(2, len(best)))]
    counts = (full if len(full) else own["text"]).value_counts()
    example = min(counts.index, key=lambda text: (-counts[text], text))
    return Narrative(words=tuple(best), example=str(example), posts=frozenset(own.index))
