r"""Which known claim a text carries: by the runs of five characters that both share.

For a claim with runs :math:`C` and a text with runs :math:`P` (of their match keys), the text carries the claim where

* :math:`|C \cap P| / |C| \ge .6`: most of the claim stands in the text, whatever stands around it, or
* :math:`|C \cap P| / |P| \ge .8` and :math:`|P| \ge 25`: the text is a piece of the claim.

The claim with the largest share of its runs wins. Known errors: the same claim told in other words, or in another
script, is missed; two claims that are one form with different slots ("booth 12", "booth 14") are taken for each other;
a text that denies a claim carries its words, too: :func:`denies` marks most of these by their words, and a text that
denies it in other words is counted as carrying it. The measured recall and precision stand in
``docs/measured/accuracy.md``.

References
----------
Broder (1997), On the resemblance and containment of documents, SEQUENCES.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from spmc_tools.text.match_key import match_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Match", "claims_in_keys", "denies", "match_claims"]

RUN = 5
INSIDE = 0.6
PIECE, PIECE_RUNS = 0.8, 25
AT_ONCE = 20_000
"""Texts that are looked at together: what is worked out for them fits into a few megabytes."""

_PLACES = tuple(slice(i, i + RUN) for i in range(2_000))

_DENIALS = re.compile(
    r"फर्जी|फ़र्ज़ी|झूठ|अफवाह|अफ़वाह|भ्रामक|खंडन|असत्य|गलत (?:सूचना|खबर|ख़बर)|सच नहीं|पुष्टि नहीं"
    r"|\bfake\b|\bfalse\b|\brumou?rs?\b|fact.?check|misleading|not true|debunk|no such|is wrong",
    re.IGNORECASE,
)


class Match(NamedTuple):
    """The place of the claim among those given, and the share of its runs that stand in the text."""

    claim: int
    share: float


def match_claims(texts: Sequence[str | None], claims: Sequence[str]) -> list[Match | None]:
    """Return the claim that each text carries; None where it carries none.

    Parameters
    ----------
    texts : sequence of str or None
        Posts, in any language.
    claims : sequence of str
        The claims, in their own words; one whose match key has fewer than ten characters matches nothing.
    """
    return claims_in_keys(match_keys(list(texts)), claims)


def claims_in_keys(keys: Sequence[str], claims: Sequence[str]) -> list[Match | None]:
    """Return the same as :func:`match_claims` for texts whose match keys are known already."""
    claim_runs = [_runs(key) if len(key) >= 2 * RUN else frozenset() for key in match_keys(list(claims))]
    where: dict[str, list[int]] = {}
    for number, runs in enumerate(claim_runs):
        for run in runs:
            where.setdefault(run, []).append(number)
    if not where:
        return [None] * len(keys)
    least = INSIDE * min((len(runs) for runs in claim_runs if runs), default=0)
    known: dict[str, Match | None] = dict.fromkeys(keys)
    different = list(known)
    for first in range(0, len(different), AT_ONCE):
        part = different[first : first + AT_ONCE]
        for place in _promising(part, where, min(least, PIECE * PIECE_RUNS)):
            known[part[place]] = _best(part[place], claim_runs, where, least)
    return [known[key] for key in keys]


def _promising(keys: Sequence[str], runs: Iterable[str], least: float) -> list[int]:
    """Return the places of the keys that may hold so many of the runs: never too few, now and then one too many.

    Runs are looked up by a hash of 20 bits, so that one that is no claim's may count as one that is.
    """
    import numpy as np

    known = np.zeros(1 << 20, dtype=bool)
    known[_hashes("".join(runs))[::RUN]] = True
    starts = np.cumsum([0, *(len(key) + 1 for key in keys[:-1])])
    found = np.add.reduceat(known[_hashes("\n".join([*keys, "\n" * RUN]))].astype(np.int64), starts)
    return [int(place) for place in np.flatnonzero(found >= least - 1e-9)]


def _hashes(text: str) -> NDArray[np.uint64]:
    """Return a number below 2**20 for each run of a text, in order of their places."""
    import numpy as np

    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    mixed = np.zeros(max(0, len(points) - RUN + 1), dtype=np.uint64)
    for place in range(RUN):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + points[place : len(points) - RUN + 1 + place]
    mixed ^= mixed >> np.uint64(29)
    return (mixed * np.uint64(0xBF58476D1CE4E5B9)) >> np.uint64(44)


def _runs(key: str) -> frozenset[str]:
    return frozenset(_run_by_run(key))


def _run_by_run(key: str) -> Iterable[str]:
    n = max(0, len(key) - RUN + 1)
    places = _PLACES if n <= len(_PLACES) else [slice(i, i + RUN) for i in range(n)]
    return map(key.__getitem__, islice(places, n))


def _best(key: str, claim_runs: Sequence[frozenset[str]], where: dict[str, list[int]], least: float) -> Match | None:
    shared_places = sum(map(where.__contains__, _run_by_run(key)))
    if shared_places < least - 1e-9 and shared_places < PIECE * PIECE_RUNS - 1e-9:  # with no claim can it share enough
        return None
    runs = _runs(key)
    common = [run for run in runs if run in where]
    if len(common) < least - 1e-9 and len(common) < PIECE * len(runs) - 1e-9:
        return None
    shared = Counter(chain.from_iterable(map(where.__getitem__, common)))
    found: Match | None = None
    for number, n in sorted(shared.items()):
        share = n / len(claim_runs[number])
        carries = share >= INSIDE or (len(runs) >= PIECE_RUNS and n / len(runs) >= PIECE)
        if carries and (found is None or share > found.share):
            found = Match(number, share)
    return found


def denies(texts: Iterable[str | None], claim: str) -> list[bool]:
    """Return which texts speak of a claim as untrue, by words that the claim itself does not use."""
    used = {word.casefold() for word in _DENIALS.findall(claim)}
    known: dict[str | None, bool] = {}
    found = []
    for text in texts:
        if text not in known:
            known[text] = bool({word.casefold() for word in _DENIALS.findall(text or "")} - used)
        found.append(known[text])
    return found
