"""Count who is named in simulated weeks: falsely named accounts per 10,000, and how much of each campaign is found.

Run ``python -m benchmarks.accuracy.studies.naming_check --worlds 20 --accounts 2000``. Each world is simulated twice
from one seed, without and with its two campaigns, and goes through :func:`spmc_tools.assess` as two action tables
(reposts; texts). Volunteers are counted apart: they act together openly. Newsrooms are registered by an officer unless
``--no-context`` is given.

An interval is exact (Clopper and Pearson 1934) and treats accounts, or worlds, as independent draws; accounts of one
world are not quite that, so the line over worlds is the more careful one.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import beta

import spmc_tools as spmc
from benchmarks.sample_case.election_week import actions
from benchmarks.sample_case.election_week.week import simulate
from benchmarks.sample_case.election_week.world import CAMPAIGNS, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

__all__ = ["Tally", "clopper_pearson", "main", "named_roles"]

OPEN_ABOUT_IT = ("volunteer", "volunteer_leader")


@dataclass(frozen=True)
class Seen:
    """One world: named accounts by role, those named by groups alone, a comparison, and average precisions.

    ``counted``: innocent accounts in a pair that shares three objects within 60 s, which a plain count would name.
    """

    named: Counter[str]
    grouped: Counter[str]
    counted: int
    precision: dict[str, float]


@dataclass
class Tally:
    """Named accounts by role, summed over worlds.

    ``found`` holds the named share of a campaign, ``precision`` the average precision of its ranking, world by world;
    ``grouped`` counts the named accounts that no table names by a pair.
    """

    worlds: int = 0
    accounts: int = 0
    named: Counter[str] = field(default_factory=Counter)
    grouped: Counter[str] = field(default_factory=Counter)
    spoiled: int = 0
    fdp: list[float] = field(default_factory=list)
    counted: int = 0
    found: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in CAMPAIGNS})
    precision: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in CAMPAIGNS})
    seconds: float = 0.0

    def add(self, roles: pd.Series, seen: Seen, seconds: float) -> None:
        """Count one world: the roles of its accounts and what was seen of them."""
        named, counted = seen.named, seen.counted
        sizes = roles.value_counts()
        self.worlds += 1
        self.accounts += int(sizes.drop([*CAMPAIGNS, *OPEN_ABOUT_IT], errors="ignore").sum())
        self.named.update(named)
        self.grouped.update(seen.grouped)
        self.spoiled += bool(innocent(named))
        self.fdp.append(innocent(named) / max(1, named.total()))
        self.counted += counted
        self.seconds += seconds
        for name in CAMPAIGNS:
            if name in sizes.index:
                self.found[name].append(named[name] / int(sizes[name]))
                self.precision[name].append(seen.precision[name])

    @property
    def false(self) -> int:
        """Accounts named that belong to no campaign and are no volunteers."""
        return innocent(self.named)


def clopper_pearson(hits: int, draws: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a share, both ends between 0 and 1.

    References
    ----------
    Clopper, C. and Pearson, E. S. (1934), Biometrika 26, 404.
    """
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(beta.ppf(tail, hits, draws - hits + 1))
    high = 1.0 if hits == draws else float(beta.ppf(1 - tail, hits + 1, draws - hits))
    return low, high


def innocent(by_role: Mapping[str, int]) -> int:
    """Return how many of these accounts belong to no campaign and are no volunteers."""
    return sum(n for role, n in by_role.items() if role not in (*CAMPAIGNS, *OPEN_ABOUT_IT))


def average_precision(right: pd.Series) -> float:
    """Return the mean, over the right ones of a ranked list, of the share of right ones down to each."""
    share = right.cumsum() / np.arange(1, len(right) + 1)
    return float(share[right].mean())


def named_roles(settings: Settings, *, registered: float, texts: str = "near") -> tuple[pd.Series, Seen]:
    """Return the role of every account of a world, and what was seen of them in its two tables.

    ``texts``: what one text is, a cluster of copies (``near``), one match key (``exact``), or what was planted as one
    (``planted``, without words). ``registered``: share of newsrooms and wires in the context list, drawn by lot.
    Average precision is that of each campaign in the ranking of its own table, registered accounts left out.
    """
    world = simulate(settings)
    roles = actions.truth(world)
    desks = np.random.default_rng([settings.seed, 3]).permutation(roles.index[roles.isin(["newsroom", "wire"])])
    context = dict.fromkeys(desks[: int(np.ceil(registered * desks.size))], "newsroom")
    named, paired, counted = set[str](), set[str](), set[str]()
    precision = {}
    written = actions.copied_text(world) if texts == "planted" else actions.written_text(world, near=texts == "near")
    tables = {"campaign_amplify": actions.reposts(world), "campaign_copy": written}
    for campaign, table in tables.items():
        accounts = spmc.assess(table, windows_s=(60, 600), context=context, seed=settings.seed).accounts
        named.update(accounts.loc[accounts["named"], "account_id"])
        paired.update(accounts.loc[accounts["named"] & (accounts["kind"] == "pair"), "account_id"])
        ranked = roles[accounts.loc[accounts["context"].isna(), "account_id"]] == campaign
        precision[campaign] = average_precision(ranked.reset_index(drop=True))
        linked = spmc.coactions(table, window_s=60, min_objects=3)
        counted.update(linked["account_a"], linked["account_b"])
    grouped = Counter(roles[sorted(named - paired)])
    return roles, Seen(Counter(roles[sorted(named)]), grouped, innocent(Counter(roles[sorted(counted)])), precision)


def report(title: str, tally: Tally) -> None:
    """Print one block of the table in ``docs/measured/accuracy.md``."""
    low, high = (10_000 * end for end in clopper_pearson(tally.false, tally.accounts))
    few, many = clopper_pearson(tally.spoiled, tally.worlds)
    rate = 10_000 * tally.false / tally.accounts
    pace = tally.seconds / tally.worlds
    print(f"{title}: {tally.worlds} worlds, {tally.accounts:,} innocent accounts, {pace:.1f} s each")
    print(f"  falsely named: {tally.false}, per 10,000 accounts {rate:.2f} [{low:.2f}, {high:.2f}]")
    print(f"  false discovery proportion {np.mean(tally.fdp):.3f}, {max(tally.fdp):.3f} in the worst world")
    print(f"  worlds with anybody falsely named: {tally.spoiled} of {tally.worlds} [{few:.2f}, {many:.2f}]")
    plain = 10_000 * tally.counted / tally.accounts
    print(f"  a plain count (3 shared objects in 60 s) would name {tally.counted}, {plain:.0f} per 10,000")
    print(
        f"  named by role: {dict(sorted(tally.named.items()))}; by groups alone {dict(sorted(tally.grouped.items()))}"
    )
    for name, shares in tally.found.items():
        if shares:
            mean, least = sum(shares) / len(shares), min(shares)
            mean_ap, least_ap = sum(tally.precision[name]) / len(shares), min(tally.precision[name])
            print(f"  {name}: {mean:.2f} named on average, {least:.2f} in the worst world", end="; ")
            print(f"average precision {mean_ap:.3f}, {least_ap:.2f} in the worst")


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, assess and print the counts of organic-only and mixed worlds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=20, help="seeds, each with and without campaigns")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--reposts", type=float, default=8.0, help="mean per ordinary account over the ten days")
    parser.add_argument("--homophily", type=float, default=0.8)
    parser.add_argument("--fandoms", type=int, nargs="*", default=[150], help="fans of each star")
    parser.add_argument("--stars", type=int, default=1, help="stars that each fandom follows")
    parser.add_argument("--star-posts", type=int, default=Settings.star_posts, help="posts of each star")
    parser.add_argument("--verbatim", type=float, default=1.0, help="share of headlines printed as the wire has them")
    parser.add_argument("--copy-texts", type=int, default=Settings.copy_texts, help="texts of the first campaign")
    parser.add_argument("--strikes", type=int, default=Settings.strikes, help="strikes of the second campaign")
    parser.add_argument("--boosted", type=int, default=Settings.boosted, help="accounts that these strikes go round")
    parser.add_argument("--strike-s", type=float, default=Settings.strike_s, help="seconds that a strike lasts")
    parser.add_argument("--fresh", action="store_true", help="all strikes come within ten minutes of the post")
    parser.add_argument("--no-context", action="store_true", help="newsrooms are not registered")
    parser.add_argument(
        "--registered", type=float, default=1.0, help="share of newsrooms and wires that are registered"
    )
    parser.add_argument("--wires", type=int, default=Settings.wires, help="wires, all printed by all newsrooms")
    parser.add_argument("--newsrooms", type=int, default=Settings.newsroom)
    parser.add_argument("--headlines", type=int, default=Settings.headlines, help="headlines of each wire")
    parser.add_argument("--scheduled", action="store_true", help="newsrooms print on second 0 of every fifth minute")
    parser.add_argument("--stories", type=int, default=Settings.stories, help="posts of its own of each newsroom")
    parser.add_argument("--texts", choices=["near", "exact", "planted"], default="near", help="what is one text")
    given = parser.parse_args(arguments)
    mixed = Settings(
        n_accounts=given.accounts,
        reposts=given.reposts,
        homophily=given.homophily,
        fandoms=tuple(given.fandoms),
        stars=given.stars,
        star_posts=given.star_posts,
        verbatim=given.verbatim,
        wires=given.wires,
        newsroom=given.newsrooms,
        headlines=given.headlines,
        scheduled=given.scheduled,
        stories=given.stories,
        copy_texts=given.copy_texts,
        strikes=given.strikes,
        boosted=given.boosted,
        strike_s=given.strike_s,
        old=not given.fresh,
    )
    for title, base in (("organic only", replace(mixed, copy=0, amplify=0)), ("mixed", mixed)):
        tally = Tally()
        for seed in range(given.first_seed, given.first_seed + given.worlds):
            began = time.perf_counter()
            registered = 0.0 if given.no_context else given.registered
            roles, seen = named_roles(replace(base, seed=seed), registered=registered, texts=given.texts)
            tally.add(roles, seen, time.perf_counter() - began)
        report(title, tally)


if __name__ == "__main__":
    main()
