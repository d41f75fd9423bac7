"""Measure the post watch on a day of 500 posts a minute: 720,000 posts in words of the simulator.

``python -m benchmarks.speed.desks.watch_day`` prints CPU seconds and peak memory of each step: reading tags and texts
(with their copies), what rose, and the queue with three terms, a claim, 500 accounts of findings and two complaints.
Reading the case and the investigation are not in it.
"""

from __future__ import annotations

import resource
import time
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from benchmarks.sample_case.election_week import festival, texts
from benchmarks.speed.process import whole_numbers
from spmc_tools.desks.watch import watch
from spmc_tools.desks.watch.watch_terms import WatchTerm
from spmc_tools.text.match_key import match_key

if TYPE_CHECKING:
    from collections.abc import Callable

_Made = TypeVar("_Made")

ACCOUNTS, KINDS, SHARES = 150_000, ("post", "repost", "reply", "quote"), (0.35, 0.5, 0.1, 0.05)
FILLERS = ("एक", "दो", "बात", "aur", "now", "then")


def day(n: int, seed: int, seconds: float = 86_400) -> pd.DataFrame:
    """Return ``n`` posts from 14 November 2025 in IST on; half of the originals end in a number of their own."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2025-11-13T18:30:00Z")
    account = np.minimum(rng.pareto(1.0, n) * 3000, ACCOUNTS - 1).astype(int)
    kind = np.array(KINDS)[rng.choice(4, size=n, p=SHARES)]
    said = [None if one == "repost" else _said(rng, who) for one, who in zip(kind, account.tolist(), strict=True)]
    originals = np.flatnonzero(kind != "repost")
    ref = originals[(rng.random(n) ** 3 * originals.size).astype(int)]
    return pd.DataFrame(
        {
            "record_id": [f"91{number:08d}" for number in range(n)],
            "account_id": [f"a{one:06d}" for one in account],
            "created_at": start + pd.to_timedelta(np.sort(rng.random(n)) * seconds, unit="s"),
            "kind": kind,
            "text": said,
            "ref_record_id": [f"91{r:08d}" if k == "repost" else None for k, r in zip(kind, ref, strict=True)],
            "metrics": [{"views": int(v)} if v < 1000 else None for v in rng.integers(0, 2000, n)],
        }
    )


def _said(rng: np.random.Generator, account: int) -> str:
    if rng.random() < 0.08:
        return texts.varied(rng, texts.SAYINGS[int(rng.integers(len(texts.SAYINGS)))])
    text = texts.organic(rng, account % 20)[0]
    if rng.random() < 0.25:
        text += f" #{texts.TAGS['organic'][int(rng.integers(10))]}"
    return f"{text} {rng.integers(10**6)} {FILLERS[int(rng.integers(6))]}" if rng.random() < 0.5 else text


def timed(name: str, work: Callable[[], _Made]) -> _Made:
    """Do the work and print what it cost."""
    began = time.process_time()
    made = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name}: {time.process_time() - began:.1f} CPU s, peak {peak:,.0f} MB", flush=True)
    return made


def main() -> None:
    """Make the day and measure."""
    given = whole_numbers(__doc__, n=720_000, seed=1)
    records = day(given.n, given.seed)
    terms = [WatchTerm(one, match_key(one), "", "", "") for one in ("पीपा पुल", "मरम्मत का काम", "ग्यारह लोगों को")]
    clusters = dict.fromkeys(records["account_id"].unique()[:500], 1)
    watch.things_of(records.head(200))  # compiled once
    things = timed("tags and texts", lambda: watch.things_of(records))
    timed("what rose", lambda: watch.risen(records, things, {date(2025, 11, 14)}, clusters))
    queue = timed(
        "queue",
        lambda: watch.post_watch(
            records, things, terms=terms, claims={"c": festival.RUMOUR}, cluster_of=clusters,
            complained=records["record_id"].head(2).tolist(), most=None,
        ),
    )  # fmt: skip
    print(f"{len(records):,} posts, {len(queue):,} texts with a reason")


if __name__ == "__main__":
    main()
