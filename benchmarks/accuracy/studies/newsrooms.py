"""Who is named where newsrooms share wires and none or half of them are registered, and which campaigns look like them.

Run ``python -m benchmarks.accuracy.studies.newsrooms --worlds 10``, or ``--only four-wires imitators``. Each world is
simulated from one seed and goes through :func:`spmc_tools.investigate` as records with their words. *Without the
pattern* counts who would be named if it decided nothing; that comes from the same run. Here an account counts as named
where nothing but the missing second mark (:mod:`spmc_tools.findings.clusters.second_marks`) keeps it from being so: the
question is what the newsroom pattern does.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

import spmc_tools as spmc
from benchmarks.accuracy.studies.naming_check import OPEN_ABOUT_IT, clopper_pearson
from benchmarks.sample_case.election_week import actions
from benchmarks.sample_case.election_week.records import records
from benchmarks.sample_case.election_week.week import simulate
from benchmarks.sample_case.election_week.world import CAMPAIGNS, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["SCENES", "Count", "main", "measure", "together"]

DESKS = ("newsroom", "wire")
TRACES = ("co_repost", "co_url", "copypasta")

_NEWS = Settings(n_accounts=2_000, newsroom=36, stories=40, own_site=True)

SCENES = {
    "one-wire": replace(_NEWS, newsroom=8),
    "four-wires": replace(_NEWS, wires=4),
    "eight-wires": replace(_NEWS, wires=8, headlines=18),
    "own-rubrics": replace(_NEWS, wires=4, verbatim=0.0),
    "on-schedule": replace(_NEWS, wires=4, scheduled=True),
    "wire-links": replace(_NEWS, wires=4, own_site=False),
    "few-stories": replace(_NEWS, wires=4, stories=8),
    "no-stories": replace(_NEWS, newsroom=8, stories=0),
    "camouflage": replace(_NEWS, wires=4, copy_stories=126),
    "imitators": replace(_NEWS, wires=4, copy_stories=40, copy_site=1.0),
    "imitators-slogan": replace(_NEWS, wires=4, copy_stories=40, copy_site=1.0, copy_slogan=True, copy_hosted=True),
    "imitators-hosted": replace(_NEWS, wires=4, copy_stories=40, copy_site=1.0, copy_hosted=True),
}
"""Worlds by name: newsrooms and wires with a life of their own, then campaigns that try to look like them."""


@dataclass
class Count:
    """Sums over worlds.

    ``named`` and ``without`` (the pattern) by role; ``cleared`` by role: its tier was decided by the pattern; ``fdp``
    world by world; ``found`` named share of each campaign; ``sizes`` accounts by role.
    """

    named: Counter[str] = field(default_factory=Counter)
    without: Counter[str] = field(default_factory=Counter)
    cleared: Counter[str] = field(default_factory=Counter)
    sizes: Counter[str] = field(default_factory=Counter)
    fdp: list[float] = field(default_factory=list)
    found: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in CAMPAIGNS})
    seconds: float = 0.0


def together(found: spmc.Findings) -> pd.Series[bool]:
    """Return which accounts are named, or would be by texts alone, in the order of ``found.accounts``."""
    rows = found.ordinary_patterns
    alone = set(rows.loc[rows["pattern"] == "ready_made_alone", "account_id"])
    return found.accounts["tier"].isin(["A", "B"]) | found.accounts["account_id"].isin(alone)


def measure(settings: Settings, count: Count, *, registered: float) -> None:
    """Investigate one world and add what was seen; ``registered`` is the share of its newsrooms in the context list."""
    began = time.perf_counter()
    world = simulate(settings)
    roles = actions.truth(world)
    desks = roles.index[roles.isin(DESKS)]
    rng = np.random.default_rng([settings.seed, 3])
    listed = rng.permutation(desks)[: int(np.ceil(registered * len(desks)))]
    found = spmc.investigate(records(world), traces=TRACES, context=dict.fromkeys(listed, "newsroom"))
    table = found.accounts.assign(role=found.accounts["account_id"].map(roles))
    named = together(found)
    patterns = found.account_patterns
    cleared = table["account_id"].isin(patterns.loc[patterns["decides"], "account_id"])
    strong = cleared & (table["basis"] == "several") & table["context"].isna() & ~named
    count.named.update(table["role"][named])
    count.without.update(table["role"][named | strong])
    count.cleared.update(table["role"][strong])
    count.sizes.update(roles)
    wrong = named & ~table["role"].isin([*CAMPAIGNS, *OPEN_ABOUT_IT])
    count.fdp.append(int(wrong.sum()) / max(1, int(named.sum())))
    for name, shares in count.found.items():
        size = int((roles == name).sum())
        if size:
            shares.append(int((named & (table["role"] == name)).sum()) / size)
    count.seconds += time.perf_counter() - began


def report(title: str, count: Count) -> None:
    """Print one block of the table in ``docs/measured/accuracy.md``."""
    desks = sum(count.sizes[role] for role in DESKS)
    named, without = (sum(by[role] for role in DESKS) for by in (count.named, count.without))
    low, high = clopper_pearson(named, desks)
    others = {r: n for r, n in count.named.items() if r not in (*DESKS, *CAMPAIGNS)}
    print(f"{title}: {len(count.fdp)} worlds, {count.seconds / len(count.fdp):.0f} s each")
    print(f"  newsrooms and wires named {named} of {desks} [{low:.3f}, {high:.3f}], without the pattern {without}")
    print(f"  FDP mean {np.mean(count.fdp):.3f}, worst {max(count.fdp):.3f}; others named {others}")
    for name, shares in count.found.items():
        if shares:
            free = count.cleared[name]
            print(f"  {name}: {np.mean(shares):.2f} named, worst {min(shares):.2f}; let off by the pattern {free}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, investigate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=list(SCENES), default=list(SCENES))
    parser.add_argument("--registered", type=float, nargs="*", default=[0.0, 0.5], help="share of the newsrooms")
    parser.add_argument("--organic", action="store_true", help="no campaigns")
    given = parser.parse_args(arguments)
    for name in given.only:
        base = replace(SCENES[name], copy=0, amplify=0) if given.organic else SCENES[name]
        for share in given.registered:
            count = Count()
            for seed in range(given.first_seed, given.first_seed + given.worlds):
                measure(replace(base, seed=seed), count, registered=share)
            report(f"{name}, {share:.0%} registered", count)


if __name__ == "__main__":
    main()
