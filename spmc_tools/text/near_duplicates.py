"""Texts that are copies of each other, edited or not: one leader for every text, one cluster for every leader.

Match keys, each once, the most used first, look for the most similar leader so far and join it, or lead. A text is
only ever compared with leaders: what joins a cluster must be like its leader, not like some other member, so clusters
do not grow into chains.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from spmc_tools.errors import ParameterError, TableError, quote
from spmc_tools.text import minhash
from spmc_tools.text.form_key import read_form, written_form
from spmc_tools.text.match_key import match_key
from spmc_tools.text.text_cache import remembered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

__all__ = ["leader_keys", "leaders_of", "near_duplicates", "settled"]

ALIKE = 0.7
"""Jaccard similarity of runs of five characters from which on two texts are copies."""

EDITED = (0.45, 0.87)
"""They are also copies at this Jaccard similarity and this Levenshtein similarity: many small edits."""

FILLED = (0.8, 0.75)
"""... and where this share of the runs of one lies in the other and this share of its words has the same order."""

FORM = (0.45, 0.75, 12)
"""... and at this Jaccard similarity where this share of the words of *both* have the same order, and at least so many:
a form whose slots are filled with something else (one of its words in four)."""

LONGEST_COMPARED = 10_000
"""Keys with more characters are compared by runs only."""

_AT_ONCE = 20_000


def near_duplicates(texts: Iterable[str | None], min_chars: int = 30) -> pd.Series:
    r"""Return one cluster id per text: texts with one id are copies of one text, edited or not.

    Parameters
    ----------
    texts : iterable of str or None
        Texts as received, in any order; a pandas Series keeps its index. Null texts have no cluster.
    min_chars : int
        Texts whose match key has fewer characters share an id only where the keys are equal.

    Returns
    -------
    pandas.Series
        One row per text: text of 16 hexadecimal digits, made from the cluster's leader, and so the same in every
        order of the texts and in every collection where the same text leads; null where a text is alone, or where
        nothing of it is left to compare (only pictures, addresses, mentions).

    Raises
    ------
    ParameterError
        Where ``min_chars`` is no whole number from 0 on, or ``texts`` is one text.
    TableError
        Where something among the texts is neither text nor null; the sentence names its place.

    Notes
    -----
    Two texts are compared by their match keys (:func:`~spmc_tools.text.match_key.match_key`), as sets of runs of five
    characters. A key joins the most similar leader with

    * Jaccard similarity :math:`J \ge .7`, or
    * :math:`J \ge .45` and Levenshtein similarity :math:`1 - d / \max(|a|, |b|) \ge .87`, or
    * at least .8 of the smaller set inside the larger, and at least .75 of the words of the text with fewer words in
      the same order in the other (longest common subsequence), or
    * :math:`J \ge .45` and at least twelve words, and .75 of the words of each, in the same order in both: a form whose
      slots are filled otherwise.

    Texts with a list of short items, and a number of their part in front, are compared once more without these
    (:mod:`spmc_tools.text.form_key`): clusters of one form are one, however long the lists.

    No two members need to be this alike, only member and leader. Known errors: forms ("Booth 12 in Gaya is open") are
    joined whatever stands in their slots; a denial that adds one word to a rumour is joined with it; forms of few words
    with long slots that are no list, and texts told in other words or another script, are not joined. A leader is found
    by its signature: at :math:`J = .7` two in 10,000 are missed, at .5 one in eight. Where *every* copy has its own
    small edits, and none is as it was, clusters break into parts. Keys of more than 10,000 characters are compared by
    the first rule only.

    References
    ----------
    Broder (1997), On the resemblance and containment of documents, SEQUENCES.
    """
    import pandas as pd

    least = _whole(min_chars)
    listed_texts = _listed(texts)
    uses = Counter(text for text in listed_texts if text is not None)
    leaders = leaders_of(uses, least)
    sizes = Counter[str]()
    for text, count in uses.items():
        sizes[leaders[text]] += count
    names = {leader: _name(leader) for leader, size in sizes.items() if size > 1 and leader}
    of_text = {text: names.get(leader) for text, leader in leaders.items()}
    index = texts.index if isinstance(texts, pd.Series) else None
    found = [None if text is None else of_text[text] for text in listed_texts]
    return pd.Series(found, index=index, dtype="str", name="near_duplicate")


def leaders_of(uses: Mapping[str, int], min_chars: int = 30, keys: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the leader of each text: the match key that its cluster goes by, "" where nothing is left to compare.

    Parameters
    ----------
    uses : mapping of str to int
        Texts as received, and how often each is used.
    min_chars : int
        As :func:`near_duplicates` takes it.
    keys : mapping of str to str, optional
        The match key of each text, where the caller has them already.

    Notes
    -----
    Clusters of match keys whose texts have one form (:mod:`spmc_tools.text.form_key`) are one, and go by the leader
    that is used most. A cluster has the form that most of its texts have, so no cluster joins two forms.
    """
    if keys is None:
        match_keys = remembered("match_key", list(uses), match_key)
        keys = {text: key or "" for text, key in zip(uses, match_keys, strict=True)}
    counts = Counter[str]()
    for text, count in uses.items():
        counts[keys[text]] += count
    counts.pop("", None)
    leaders = leader_keys(counts, min_chars)
    leaders[""] = ""
    heads = _one_per_form(uses, {text: leaders[key] for text, key in keys.items()}, min_chars)
    return {text: heads.get(leaders[key], leaders[key]) for text, key in keys.items()}


def _one_per_form(uses: Mapping[str, int], leader_of: Mapping[str, str], min_chars: int) -> dict[str, str]:
    """Return for each leader whose texts have a form the leader that all texts of this form go by."""
    written = zip(uses, remembered("form", list(uses), written_form), strict=True)
    read = {text: read_form(line) for text, line in written if line is not None}
    forms = {text: form for text, form in read.items() if form is not None}
    if len(forms) < 2:
        return {}
    long = Counter[str]()
    for text, form in forms.items():
        if form.size >= min_chars:
            long[form.key] += uses[text]
    short = {form.key: form.key for form in forms.values() if form.counted and form.size < min_chars}
    form_leaders = leader_keys(long, min_chars) | short
    votes: dict[str, Counter[str]] = {}
    sizes = Counter[str]()
    for text, count in uses.items():
        leader = leader_of[text]
        sizes[leader] += count
        own_form = forms.get(text)
        if own_form is not None and own_form.key in form_leaders and len(leader) >= min_chars:
            votes.setdefault(leader, Counter())[form_leaders[own_form.key]] += count
    chosen = {
        leader: min(cast, key=lambda form: (-cast[form], form))
        for leader, cast in votes.items()
        if 2 * cast.total() > sizes[leader]
    }
    most: dict[str, str] = {}
    for leader in sorted(chosen, key=lambda leader: (-sizes[leader], leader)):
        most.setdefault(chosen[leader], leader)
    return {leader: most[form] for leader, form in chosen.items()}


def leader_keys(counts: Mapping[str, int], min_chars: int = 30) -> dict[str, str]:
    """Return the leader of each match key; a key that leads is its own.

    Parameters
    ----------
    counts : mapping of str to int
        How often each key is used. Keys are taken in descending order of use, then by code points.
    min_chars : int
        Keys with fewer characters are their own leaders and lead nobody else.
    """
    leaders = {key: key for key in counts}
    order = sorted((key for key in counts if len(key) >= min_chars), key=lambda key: (-counts[key], key))
    if len(order) < 2:
        return leaders
    index = minhash.empty_index(len(order), sum(map(len, order)), max(map(len, order)))
    heads: list[str] = []
    for low in range(0, len(order), _AT_ONCE):
        part = order[low : low + _AT_ONCE]
        leaders.update(zip(part, settled(index, part, heads), strict=True))
    return leaders


def settled(index: minhash.Index, keys: Sequence[str], heads: list[str]) -> list[str]:
    """Return the leader of each key, taken one after another against the leaders so far.

    Parameters
    ----------
    index : minhash.Index
        Of the leaders so far; it grows.
    keys : sequence of str
        Match keys, the most frequent first.
    heads : list of str
        The leaders in the index, in its order; it grows.
    """
    points, begins = minhash.encoded(keys)
    numbers = np.full(len(keys), -1, np.int64)
    limits = (ALIKE, EDITED[0], FILLED[0])
    at = 0
    while True:
        reached = minhash.settle(index, points, begins, at, limits, numbers)
        for i in range(at, reached):
            if numbers[i] == len(heads):
                heads.append(keys[i])
        if reached == len(keys):
            return [heads[number] for number in numbers]
        key, close = keys[reached], minhash.near(index)
        found = next(
            (candidate.leader for candidate in close if _copies(key, heads[candidate.leader], candidate)), None
        )
        if found is None:
            found = minhash.lead(index)
            heads.append(key)
        numbers[reached] = found
        at = reached + 1


def _copies(key: str, other: str, near: minhash.Near) -> bool:
    """Return whether two keys that are less alike than :data:`ALIKE` are copies all the same."""
    from rapidfuzz.distance import LCSseq, Levenshtein

    if max(len(key), len(other)) > LONGEST_COMPARED:
        return False
    if near.jaccard >= EDITED[0] and Levenshtein.normalized_similarity(key, other, score_cutoff=EDITED[1]) > 0:
        return True
    words, others = key.split(), other.split()
    shorter, longer = sorted((len(words), len(others)))
    in_order = LCSseq.similarity(words, others)
    filled = near.containment >= FILLED[0] and in_order >= FILLED[1] * shorter
    return filled or (near.jaccard >= FORM[0] and in_order >= max(FORM[1] * longer, FORM[2]))


def _name(leader: str) -> str:
    return hashlib.blake2b(leader.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _whole(min_chars: Any) -> int:
    if isinstance(min_chars, bool) or not isinstance(min_chars, int | np.integer) or min_chars < 0:
        raise ParameterError(f"min_chars is {quote(min_chars)}; wanted: a whole number of characters, 0 or more.")
    return int(min_chars)


def _listed(texts: Any) -> list[str | None]:
    """Return the texts as a list, nulls of any kind as None."""
    if isinstance(texts, str | bytes) or not hasattr(texts, "__iter__"):
        raise ParameterError(f"texts is {quote(texts)}; wanted: a column or list of texts.")
    values = texts.to_pylist() if hasattr(texts, "to_pylist") else list(texts)
    if not all(text is None or isinstance(text, str) for text in values):
        _refuse_others(values)
    return [text if isinstance(text, str) else None for text in values]


def _refuse_others(values: Sequence[Any]) -> None:
    """Refuse what is neither text nor a null of pandas or numpy.

    Raises
    ------
    TableError
        With the first place.
    """
    import pandas as pd

    for row, value in enumerate(values):
        if not (isinstance(value, str) or (pd.api.types.is_scalar(value) and pd.isna(value))):
            raise TableError(f"texts, row {row}: found {quote(value)} ({type(value).__name__}); wanted: text or null.")
