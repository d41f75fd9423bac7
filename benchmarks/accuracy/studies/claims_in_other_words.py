"""How many posts that say, deny or ask about a claim in other words and scripts are found, and how many others are.

``python -m benchmarks.accuracy.studies.claims_in_other_words [FOLDER]`` prints a table of docs/measured/accuracy.md.
The folder holds ``claims.jsonl`` (``claim_id, text``) and ``posts.jsonl`` (``claim_id`` or null, ``label``: carries,
denies, asks, different or other, ``language, text``); without one the invented set beside this program is taken, which
was written by somebody who knew neither the matching nor its words, before either was there. Intervals are exact, 95 %.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.accuracy.measurement.scoring import clopper_pearson
from spmc_tools.text.claims.claim_carriers import match_claims

__all__ = ["counted", "read"]

INVENTED = Path(__file__).parent.parent / "claims"
OF_A_CLAIM = ("carries", "denies", "asks")


def read(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the claims and the posts of a folder."""
    claims, posts = ([json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]
                     for name in ("claims.jsonl", "posts.jsonl"))  # fmt: skip
    return claims, posts


def counted(claims: list[dict[str, Any]], posts: list[dict[str, Any]]) -> Counter[tuple[str, str, str]]:
    """Return how many posts, by label, language and what came of them.

    That is ``all``, ``match`` and ``look`` (with their own claim; of a post that is of none, with any), ``state`` (a
    match whose state is the label), and ``wrong`` (a match with another claim).
    """
    found = match_claims([post["text"] for post in posts], [claim["text"] for claim in claims])
    by: Counter[tuple[str, str, str]] = Counter()
    for post, match in zip(posts, found, strict=True):
        own = match is not None and (
            post["label"] not in OF_A_CLAIM or claims[match.claim]["claim_id"] == post["claim_id"]
        )
        came = ["all"]
        if match is not None and own:
            came += (
                ["match", "state"]
                if match.sure and match.state == post["label"]
                else ["match" if match.sure else "look"]
            )
        elif match is not None and match.sure:
            came.append("wrong")
        by.update((post["label"], post["language"], what) for what in came)
    return by


def _share(hits: int, draws: int) -> str:
    low, high = clopper_pearson(hits, draws)
    return f"{hits / draws:.3f} [{low:.3f}, {high:.3f}]" if draws else "–"


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else INVENTED
    if not all((folder / name).is_file() for name in ("claims.jsonl", "posts.jsonl")):
        sys.exit(
            f"{folder}: wanted a folder with claims.jsonl and posts.jsonl; give one, or nothing for the invented set."
        )
    by = counted(*read(folder))
    languages = list(dict.fromkeys(language for _, language, _ in by))
    print("| posts | language | posts | matches | matches or to look at | state told right, of matches |")
    print("|---|---|---|---|---|---|")
    for label in (*OF_A_CLAIM, "different", "other"):
        for language in [*languages, "all"]:
            n = Counter[str]()
            for (kind, tongue, what), count in by.items():
                if kind == label and language in (tongue, "all"):
                    n[what] += count
            state = _share(n["state"], n["match"]) if label in OF_A_CLAIM and n["match"] else "–"
            print(f"| {label} | {language} | {n['all']} | {_share(n['match'], n['all'])} | "
                  f"{_share(n['match'] + n['look'], n['all'])} | {state} |")  # fmt: skip
    right = sum(count for (label, _, what), count in by.items() if label in OF_A_CLAIM and what == "match")
    wrong = sum(
        c for (label, _, what), c in by.items() if what == "wrong" or (what == "match" and label not in OF_A_CLAIM)
    )
    print(f"\nPrecision of matches: {_share(right, right + wrong)} ({right} of {right + wrong})")


if __name__ == "__main__":
    main()
