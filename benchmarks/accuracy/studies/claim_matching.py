"""How often a post that carries a known claim is matched with it, and how often another post is: on made-up texts.

``python -m benchmarks.accuracy.studies.claim_matching --seed 1`` prints a table of docs/measured/accuracy.md. The
register holds half of the forms of rumours of the simulated week. Carriers are copies that a match key folds, copies
with another booth and place, copies in a frame, cut copies, and copies in which words were left out or changed places.
Others are everyday posts, and rumours whose forms are not in the register. Denials are counted apart.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.sample_case.election_week.texts import copy_of, crowd_text, organic, slot_copy_of
from spmc_tools.desks.base.rates import wilson
from spmc_tools.text.claim_match import denies, match_claims

if TYPE_CHECKING:
    from collections.abc import Callable

FRAMES = ("मेरे चाचा ने बताया: {} सब लोग ध्यान दें।", "Got this from a friend just now: {} Please tell everyone you know.")
DENIALS = (
    "यह खबर फर्जी है: {}", "Fact check: {} This is not true.", "अफवाह पर ध्यान न दें। {}", "पुलिस ने इसका खंडन किया है: {}",
    "Please ignore this: {}", "ऐसा कुछ नहीं हुआ: {}",
)  # fmt: skip
IN_REGISTER = 7


def dropped(rng: np.random.Generator, text: str, share: float) -> str:
    """Return a text without about this share of its words."""
    words = text.split()
    kept = [word for word in words if rng.random() >= share]
    return " ".join(kept or words)


def swapped(rng: np.random.Generator, text: str) -> str:
    """Return a text whose two halves changed places, and two of whose words did."""
    words = text.split()
    middle = len(words) // 2
    words = words[middle:] + words[:middle]
    a, b = rng.integers(0, len(words), 2)
    words[a], words[b] = words[b], words[a]
    return " ".join(words)


def seeded(description: str | None, each: int) -> argparse.Namespace:
    """Return what the command line says: ``seed``, and how many claims ``each`` kind gets."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=each)
    return parser.parse_args()


def main() -> None:
    """Print one line per kind of post."""
    given = seeded(main.__doc__, each=700)
    rng = np.random.default_rng(given.seed)
    claims = [crowd_text("copy", number, 0)[0] for number in range(IN_REGISTER)]
    kinds: dict[str, Callable[[int], str]] = {
        "copy (emoji, digits, case, link, mention)": lambda n: copy_of(rng, n),
        "another booth and place": lambda n: slot_copy_of(rng, n),
        "in a frame of other words": lambda n: FRAMES[n % 2].format(copy_of(rng, n)),
        "first two thirds": lambda n: (text := copy_of(rng, n))[: len(text) * 2 // 3],
        "a tenth of the words left out": lambda n: dropped(rng, copy_of(rng, n), 0.1),
        "a quarter of the words left out": lambda n: dropped(rng, copy_of(rng, n), 0.25),
        "halves and two words changed places": lambda n: swapped(rng, copy_of(rng, n)),
    }
    right = 0
    for name, make in kinds.items():
        numbers = rng.integers(0, IN_REGISTER, given.each).tolist()
        found = match_claims([make(n) for n in numbers], claims)
        k = sum(m is not None and m.claim == n for m, n in zip(found, numbers, strict=True))
        right += k
        line(f"carried: {name}", k, given.each)
    others = [organic(rng, int(rng.integers(0, 20)))[0] for _ in range(20_000)]
    wrong = sum(m is not None for m in match_claims(others, claims))
    line("not carried: everyday posts", wrong, len(others))
    unknown = [slot_copy_of(rng, int(n)) for n in rng.integers(IN_REGISTER, 14, given.each)]
    wrong_other = sum(m is not None for m in match_claims(unknown, claims))
    line("not carried: rumours of other forms", wrong_other, len(unknown))
    wrong += wrong_other
    line("precision of all matches above", right, right + wrong)
    denied = [
        (n, DENIALS[int(rng.integers(len(DENIALS)))].format(claims[n]))
        for n in rng.integers(0, IN_REGISTER, given.each).tolist()
    ]
    line("denials told by their words", sum(denies([text], claims[n])[0] for n, text in denied), len(denied))
    told = sum(any(denies([copy_of(rng, n)], claims[n])) for n in rng.integers(0, IN_REGISTER, given.each).tolist())
    line("copies taken for denials", told, given.each)


def line(name: str, k: int, n: int) -> None:
    """Print a share with its Wilson interval, as a row of a table."""
    low, high = wilson(k, n) or (0.0, 1.0)
    print(f"| {name} | {k:,} of {n:,} | {k / max(n, 1):.3f} | {low:.3f}–{high:.3f} |")


if __name__ == "__main__":
    main()
