"""Write what findings turned out to be in simulated weeks: of findings like this, how many were planted, how many not.

Run ``python -m benchmarks.accuracy.studies.findings_like_this --worlds 20 --out
data/accuracy/findings_like_this.json``. Each set of worlds is simulated without and with its two campaigns from the
same seeds, and goes through :func:`spmc_tools.assess` as two action tables (reposts; texts). A finding is a cluster
with at least one named account. It counts as *planted* if more than half of its named accounts belong to a campaign, as
*open* if more than half are volunteers, who act together openly, else as *benign*. What it rests on is what names more
of its accounts, pairs or a group.

The sets are fixed here, hard ones among them on purpose: newsrooms that nobody registered, and fans of six and eight
stars. The shares are those of these sets and of no other data; a report prints them with that sentence.

The file: ``schema`` (1), ``date``, ``command``, ``sets`` (``name``, ``seeds``, ``worlds``, ``accounts`` of one world,
``settings`` that differ from the simulator's own, ``registered``) and ``rows``: ``set, trace, basis, kind, planted,
open, benign`` (findings) and ``benign_roles`` (named accounts of benign findings by role). Whatever another benchmark
measures can be written in this form and is read by the reports in the same way.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import spmc_tools as spmc
from benchmarks.sample_case.election_week import actions
from benchmarks.sample_case.election_week.week import simulate
from benchmarks.sample_case.election_week.world import CAMPAIGNS, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from spmc_tools.findings.assessment.assess import Assessment

__all__ = ["SETS", "WorldSet", "main", "turned_out"]

COMMAND = "python -m benchmarks.accuracy.studies.findings_like_this"
OPEN = ("volunteer", "volunteer_leader")
ACCOUNTS, REPOSTS = 2_000, 8.0


@dataclass(frozen=True)
class WorldSet:
    """Worlds of one kind: the settings that differ from the simulator's own, and whether newsrooms are registered."""

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    registered: bool = True


SETS = (
    WorldSet("usual"),
    WorldSet("alike", {"homophily": 0.95}),
    WorldSet("newsrooms_not_registered", registered=False),
    WorldSet("slow", {"strike_s": 2_400}),
    WorldSet("six_stars", {"fandoms": (30, 150), "stars": 6}),
    WorldSet("eight_stars", {"fandoms": (30, 150), "stars": 8, "star_posts": 10}),
)
"""The worlds that are simulated."""


def turned_out(result: Assessment, roles: pd.Series) -> list[tuple[str, str, Counter[str]]]:
    """Return of each finding its kind, what it turned out to be, and its named accounts by role.

    Parameters
    ----------
    result : Assessment
        Of one table of a world.
    roles : pandas.Series
        Role of every account, by id.
    """
    accounts = result.accounts.set_index("account_id")
    found = []
    for members in result.clusters.loc[result.clusters["n_named"] > 0, "accounts"]:
        own = accounts.loc[members]
        own = own[own["named"]]
        by_role = Counter(roles[own.index])
        by_pair = int((own["kind"] == "pair").sum())
        kind = "pair" if 2 * by_pair >= len(own) else "group"
        campaign, openly = (sum(by_role[role] for role in some) for some in (CAMPAIGNS, OPEN))
        what = "planted" if 2 * campaign > len(own) else "open" if 2 * openly > len(own) else "benign"
        found.append((kind, what, by_role))
    return found


def measured(one: WorldSet, seeds: range) -> list[dict[str, Any]]:
    """Return the rows of one set of worlds."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    roles_of: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    base = replace(Settings(n_accounts=ACCOUNTS, reposts=REPOSTS), **one.settings)
    for seed in seeds:
        for settings in (replace(base, copy=0, amplify=0, seed=seed), replace(base, seed=seed)):
            world = simulate(settings)
            roles = actions.truth(world)
            newsrooms = roles.index[roles.isin(["newsroom", "wire"])]
            context = dict.fromkeys(newsrooms, "newsroom") if one.registered else None
            tables = {"co_repost": actions.reposts(world), "copypasta": actions.written_text(world, near=True)}
            for trace, table in tables.items():
                result = spmc.assess(table, windows_s=(60, 600), context=context, seed=seed)
                for kind, what, by_role in turned_out(result, roles):
                    counts[trace, kind][what] += 1
                    if what == "benign":
                        roles_of[trace, kind].update(by_role)
        print(f"{one.name}: seed {seed}", flush=True)
    return [
        {
            "set": one.name,
            "trace": trace,
            "basis": "several",
            "kind": kind,
            **{what: counts[trace, kind][what] for what in ("planted", "open", "benign")},
            "benign_roles": dict(sorted(roles_of[trace, kind].items())),
        }
        for trace, kind in sorted(counts)
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate all sets and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=20, help="seeds of each set, each with and without campaigns")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    given = parser.parse_args(arguments)
    seeds = range(given.first_seed, given.first_seed + given.worlds)
    told = {
        "schema": 1,
        "date": datetime.now(UTC).date().isoformat(),
        "command": f"{COMMAND} --worlds {given.worlds} --first-seed {given.first_seed}",
        "sets": [
            {
                "name": one.name,
                "seeds": [seeds.start, seeds.stop - 1],
                "worlds": 2 * len(seeds),
                "accounts": ACCOUNTS,
                "settings": {"reposts": REPOSTS, **one.settings},
                "registered": one.registered,
            }
            for one in SETS
        ],
        "rows": [row for one in SETS for row in measured(one, seeds)],
    }
    given.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
