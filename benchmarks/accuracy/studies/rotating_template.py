"""Measure the event level on a network that posts one form by accounts in turn, among a crowd that innocently copies.

Run ``python -m benchmarks.accuracy.studies.rotating_template --worlds 10``. Each world has 25,000 accounts and about
70,000 records in three days: everyday posts and reposts, a craze of phrases to complete, greetings, offices that
cross-post their department's notices with one automatic client, newsrooms that schedule the wire's headlines on second
0 with one tool, fans who repost a star at once. The network, 200 accounts with an everyday life: one text every two
minutes from six forms with slots, by accounts in turn, on one second of the minute, with a client that few others use.

The same world is then looked at without clients, at minute precision, without both, with fewer members, and with
clients and seconds permuted over all records (``--draws``).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import beta

from benchmarks.synthetic.copied_texts import corpus
from spmc_tools.coaction.traces.trace_catalogue import TRACES, actions_of
from spmc_tools.findings.events.events import EVENT_TRACES, found_events
from spmc_tools.findings.result.received_records import received

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from spmc_tools.findings.events.events import Events

__all__ = ["World", "clopper_pearson", "made", "main", "outcome", "without"]

DAYS = 3
DAY = 86_400
START = pd.Timestamp("2025-11-03", tz="Asia/Kolkata").timestamp()
MEMBER = "network"
CLIENTS = (
    ("Android", 0.585), ("iPhone", 0.16), ("Web", 0.13), ("Lite", 0.06), ("iPad", 0.02), ("Deck", 0.018),
    ("Planner", 0.008), ("Echo", 0.006), ("Desk Tool", 0.004), ("Poster Pro", 0.003),
)  # fmt: skip
"""Clients and the share of ordinary accounts that mostly use each; the rest have a program of their own."""

PLANNED = {"Planner", "Desk Tool", "Poster Pro"}
"""Clients whose posts are scheduled: seven in ten of them on second 0, the others on any second."""

NETWORK_CLIENT = "Poster Pro"
FORMS = (
    "भाग {n} / {m}: {p} के लोगों ने पाँच साल से सड़क का इंतजार किया है, अब जवाब चाहिए, आवाज उठाइए और आगे भेजिए",
    "Part {n} of {m}: {p}. These places have waited five years for the road they were promised, and nothing was built. "
    "Raise your voice and pass this on #RoadNow",
    "{p} में बिजली हर शाम चार घंटे जाती है, बिल पूरा आता है। हिसाब दो, फिर वोट माँगने आना। {n}/{m} #बिजली_कहाँ_है",
    "{n}/{m} Jal jeevan ka nal lag gaya par paani nahi aaya: {p}. Sarkari kaagaz me sab theek hai, zameen par kuch "
    "nahi. Share karo jab tak jawab na mile",
    "अस्पताल है, डॉक्टर नहीं: {p}. सूची {n} / {m}. पढ़िए, अपने गाँव का नाम जोड़िए और सबको भेजिए ताकि कोई यह न कहे कि पता नहीं था",
    "School buildings without teachers, list {n} of {m}: {p}. Ask every candidate who comes to your door when the "
    "posts will be filled #TeachersNow",
)
HINDI, LATIN = range(2)
_IN = (HINDI, LATIN, HINDI, LATIN, HINDI, LATIN)
PLACES = (
    ("गया", "Gaya"), ("पूर्णिया", "Purnia"), ("सिवान", "Siwan"), ("आरा", "Ara"), ("बक्सर", "Buxar"),
    ("छपरा", "Chhapra"), ("दरभंगा", "Darbhanga"), ("मधुबनी", "Madhubani"), ("सहरसा", "Saharsa"),
    ("कटिहार", "Katihar"), ("अररिया", "Araria"), ("मुंगेर", "Munger"), ("जमुई", "Jamui"), ("नवादा", "Nawada"),
    ("नालंदा", "Nalanda"), ("अरवल", "Arwal"), ("शिवहर", "Sheohar"), ("सुपौल", "Supaul"), ("खगड़िया", "Khagaria"),
    ("बांका", "Banka"), ("भभुआ", "Bhabua"), ("सासाराम", "Sasaram"), ("बेतिया", "Bettiah"), ("मोतिहारी", "Motihari"),
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """``records`` in the project's schema, the role of each account, and the network's client."""

    records: pd.DataFrame
    roles: dict[str, str]
    client: str = NETWORK_CLIENT


class _Pile:
    """Rows that grow, column by column."""

    def __init__(self, rng: np.random.Generator, n_accounts: int) -> None:
        self.rng = rng
        names = [name for name, _ in CLIENTS]
        shares = np.array([share for _, share in CLIENTS])
        drawn = rng.choice(len(names) + 1, n_accounts, p=[*shares, 1 - shares.sum()])
        self.main = [names[i] if i < len(names) else f"own program {n}" for n, i in enumerate(drawn.tolist())]
        self.rows: list[tuple[Any, ...]] = []

    def client_of(self, account: int) -> str:
        return self.main[account] if self.rng.random() < 0.92 else "Web"

    def add(
        self, account: int, second: float, kind: str, text: str | None = None, *, ref: str = "", client: str = ""
    ) -> None:
        client = client or self.client_of(account)
        second = int(second)
        if client in PLANNED and kind == "post" and self.rng.random() < 0.7:
            second -= second % 60
        self.rows.append((account, second, kind, text, ref or None, client))


def _awake(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return times of the three days, most of them between seven and eleven in the evening and around noon."""
    hour = rng.choice(24, size, p=_HOURS / _HOURS.sum())
    return rng.integers(DAYS, size=size) * DAY + hour * 3600 + rng.integers(3600, size=size)


_HOURS = np.array([1, 0.5, 0.3, 0.3, 0.5, 2, 4, 6, 7, 7, 6, 6, 6, 6, 5, 5, 6, 7, 8, 9, 9, 8, 5, 2.5])


def made(
    seed: int,
    *,
    members: int = 200,
    n_accounts: int = 25_000,
    size: int = 68_000,
    network: bool = True,
    client: str = NETWORK_CLIENT,
    jitter_s: int = 0,
) -> World:
    """Return a world; equal seeds give equal worlds.

    Parameters
    ----------
    seed : int
        Of everything.
    members : int
        Accounts of the network.
    n_accounts : int
        All accounts.
    size : int
        Records of everyday life and the crowds, about.
    network : bool
        False: its members live their everyday life only.
    client : str
        What the network posts with.
    jitter_s : int
        Its posts come up to so many seconds after their time.
    """
    rng = np.random.default_rng(seed)
    pile = _Pile(rng, n_accounts)
    roles = ["organic"] * n_accounts
    at = 0
    for role, count in ((MEMBER, members), ("newsroom", 12), ("office", 60), ("fan", 150)):
        roles[at : at + count] = [role] * count
        at += count
    _everyday(pile, rng, roles, size)
    _crazes(pile, rng, n_accounts)
    _offices(pile, rng, _of(roles, "office"))
    _newsrooms(pile, rng, _of(roles, "newsroom"))
    _fans(pile, rng, _of(roles, "fan"))
    if network:
        _network(pile, rng, _of(roles, MEMBER), client, jitter_s)
    return World(_table(pile.rows), {f"a{n:05d}": role for n, role in enumerate(roles)}, client)


def _of(roles: list[str], wanted: str) -> list[int]:
    return [n for n, role in enumerate(roles) if role == wanted]


def _everyday(pile: _Pile, rng: np.random.Generator, roles: list[str], size: int) -> None:
    """Add posts of their own words, and reposts of posts of very different popularity."""
    weight = rng.pareto(1.6, len(roles)) + 0.3
    weight /= weight.sum()
    n_posts = round(0.55 * size)
    words = corpus(n_posts, int(rng.integers(1 << 30)), copied=0.0).texts
    writers = np.concatenate([np.arange(len(roles)), rng.choice(len(roles), n_posts - len(roles), p=weight)])
    for account, second, text in zip(writers.tolist(), _awake(rng, n_posts).tolist(), words, strict=True):
        pile.add(account, second, "post", text)
    n_reposts = round(0.3 * size)
    popular = rng.pareto(1.1, 4_000) + 0.05
    born = _awake(rng, 4_000)
    which = rng.choice(4_000, n_reposts, p=popular / popular.sum())
    pairs = zip(rng.choice(len(roles), n_reposts, p=weight).tolist(), which.tolist(), strict=True)
    for account, post in dict.fromkeys(pairs):  # nobody reposts one post twice
        pile.add(account, born[post] + rng.lognormal(8.0, 1.4), "repost", ref=f"p{post}")


def _crazes(pile: _Pile, rng: np.random.Generator, n_accounts: int) -> None:
    """Add phrases that everybody completes or copies, some of them reminders that many answer within seconds."""
    phrases = corpus(160, int(rng.integers(1 << 30)), copied=0.0).texts
    for phrase in phrases:
        n = int(min(rng.pareto(1.0) * 12 + 8, 500))
        born, spread = _awake(rng, 1)[0], rng.choice([90, 1_800, 7_200, 20_000], p=[0.1, 0.3, 0.4, 0.2])
        for account in rng.choice(n_accounts, n, replace=False).tolist():
            for _ in range(1 + int(rng.random() < 0.06)):
                ending = f" {PLACES[rng.integers(len(PLACES))][int(rng.integers(2))]}" if rng.random() < 0.5 else ""
                pile.add(account, born + rng.exponential(spread), "post", phrase + ending)


def _offices(pile: _Pile, rng: np.random.Generator, offices: list[int]) -> None:
    """Add notices of a department that its offices' automatic client posts again within the hour."""
    for notice in corpus(40, int(rng.integers(1 << 30)), copied=0.0).texts:
        born = _awake(rng, 1)[0]
        for account in offices:
            if rng.random() < 0.35:
                pile.add(account, born + rng.exponential(900), "post", notice, client="Echo")


def _newsrooms(pile: _Pile, rng: np.random.Generator, newsrooms: list[int]) -> None:
    """Add headlines of one wire, each newsroom at a minute of its own, on second 0, with one tool."""
    for headline in corpus(90, int(rng.integers(1 << 30)), copied=0.0).texts:
        born = _awake(rng, 1)[0]
        for account in newsrooms:
            if rng.random() < 0.7:
                minute = int((born + rng.exponential(5_400)) // 60) * 60
                pile.add(account, minute, "post", headline, client="Desk Tool")


def _fans(pile: _Pile, rng: np.random.Generator, fans: list[int]) -> None:
    """Add reposts of a star within seconds of the post."""
    for number, born in enumerate(_awake(rng, 60).tolist()):
        for account in fans:
            if rng.random() < 0.5:
                pile.add(account, born + rng.exponential(60), "repost", ref=f"star{number}")


def _network(pile: _Pile, rng: np.random.Generator, members: list[int], client: str, jitter_s: int) -> None:
    """Add one text every two minutes, by accounts in turn; the second slips by one now and then."""
    second = int(rng.integers(60))
    line: list[int] = []
    for k in range(DAYS * DAY // 120):
        if not line:
            line = rng.permutation(members).tolist()
        form = int(rng.integers(len(FORMS)))
        places = rng.choice(len(PLACES), int(rng.integers(3, 5)), replace=False).tolist()
        text = FORMS[form].format(n=1 + k % 40, m=40, p=", ".join(PLACES[p][_IN[form]] for p in places))
        slip = int(rng.random() < 0.1) + int(rng.integers(jitter_s + 1))
        pile.rows.append((line.pop(), 120 * k + second + slip, "post", text, None, client))


def _table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    account, second, kind, text, ref, client = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "record_id": [f"r{n:06d}" for n in range(len(rows))],
            "platform": "x",
            "account_id": [f"a{n:05d}" for n in account],
            "created_at": pd.to_datetime(START + np.array(second), unit="s", utc=True).astype("datetime64[us, UTC]"),
            "time_precision_s": 1.0,
            "kind": kind,
            "text": pd.Series(text, dtype="str"),
            "ref_record_id": pd.Series(ref, dtype="str"),
            "client": pd.Series(client, dtype="str"),
            "source_sha256": "ab" * 32,
            "source_row": np.arange(1, len(rows) + 1),
        }
    )


# -- what is left of a world ----------------------------------------------------------------------------------------


def without(world: World, *what: str, left: int | None = None, seed: int = 0) -> World:
    """Return a world with less in it.

    Parameters
    ----------
    world : World
        The whole.
    *what : {"client", "second"}
        Columns that are missing: no client at all; times at minute precision.
    left : int, optional
        Only so many members are left; the records of the others are gone.
    seed : int
        Which are left.
    """
    records, roles = world.records, world.roles
    if "client" in what:
        records = records.drop(columns="client")
    if "second" in what:
        records = records.assign(created_at=records["created_at"].dt.floor("min"), time_precision_s=60.0)
    if left is not None:
        members = sorted(account for account, role in roles.items() if role == MEMBER)
        gone = set(np.random.default_rng(seed).permutation(members)[left:].tolist())
        records = records[~records["account_id"].isin(gone)].reset_index(drop=True)
        roles = {account: role for account, role in roles.items() if account not in gone}
    return replace(world, records=records, roles=roles)


def thinned(world: World, share: float, seed: int) -> World:
    """Return a world of which a share of all records was collected; members of whom no form is left are no members."""
    kept = np.random.default_rng(seed).random(len(world.records)) < share
    records = world.records[kept].reset_index(drop=True)
    seen = set(records["account_id"][records["client"] == world.client])
    roles = {account: role for account, role in world.roles.items() if role != MEMBER or account in seen}
    return replace(world, records=records, roles=roles)


def permuted(world: World, seed: int) -> World:
    """Return a world whose clients, and whose seconds of the minute, are dealt anew over all records."""
    rng = np.random.default_rng(seed)
    records = world.records
    seconds = records["created_at"].dt.second.to_numpy()
    dealt = records["created_at"].dt.floor("min") + pd.to_timedelta(rng.permutation(seconds), unit="s")
    return replace(world, records=records.assign(created_at=dealt, client=rng.permutation(records["client"])))


# -- what is found --------------------------------------------------------------------------------------------------


def actions_in(records: pd.DataFrame | pa.Table) -> dict[str, pa.Table]:
    """Return the actions of the traces that have events."""
    table = received(records).table
    found = {}
    for name in EVENT_TRACES:
        needed = [n for n in TRACES[name].needs if n in table.column_names and table[n].null_count < len(table)]
        if len(needed) == len(TRACES[name].needs):
            found[name] = actions_of(table, name)
    return found


def events_of(records: pd.DataFrame | pa.Table, actions: dict[str, pa.Table] | None = None) -> tuple[Events, float]:
    """Return the events of some records, and CPU seconds; times of ``actions`` are not read, so they serve again."""
    table = received(records).table
    actions = actions_in(records) if actions is None else actions
    start = time.process_time()
    events = found_events(table, actions, list(TRACES.values()))
    return events, time.process_time() - start


def outcome(world: World, actions: dict[str, pa.Table] | None = None) -> dict[str, Any]:
    """Return how many of the network are named, in tier A, shown, in one cluster; who else is in A and B; the cost."""
    events, seconds = events_of(world.records, actions)
    members = {account for account, role in world.roles.items() if role == MEMBER}
    shown = {account: facts.tier for account, facts in events.accounts.items()}
    named = {account: tier for account, tier in shown.items() if tier != "C"}
    largest = max((len(members.intersection(c.accounts)) for c in events.clusters), default=0)
    return {
        "members": len(members),
        "named": len(members & set(named)),
        "shown": len(members & set(shown)),
        "A": sum(tier == "A" for account, tier in named.items() if account in members),
        "one_cluster": largest,
        "events": len(events.rows),
        "others_A": Counter(world.roles[a] for a, tier in named.items() if tier == "A" and a not in members),
        "others_B": Counter(world.roles[a] for a, tier in named.items() if tier == "B" and a not in members),
        "seconds": seconds,
    }


def clopper_pearson(k: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a share."""
    tail = (1 - level) / 2
    low = 0.0 if k == 0 else float(beta.ppf(tail, k, n - k + 1))
    return low, 1.0 if k == n else float(beta.ppf(1 - tail, k + 1, n - k))


def real_sets(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the real post tables of a folder in the project's schema: reposts with seconds; posts with minutes."""
    shares = pd.read_parquet(folder / "russian_coord_tweets.parquet")
    reposts = pd.DataFrame(
        {
            "record_id": [f"r{n}" for n in range(len(shares))],
            "account_id": shares["account_id"].astype("str"),
            "created_at": pd.to_datetime(shares["timestamp_share"], unit="s", utc=True),
            "kind": "repost",
            "ref_record_id": shares["object_id"].astype("str"),
        }
    )
    tweets = pd.read_parquet(folder / "ira_2015-11_pseudonymised.parquet")
    posts = pd.DataFrame(
        {
            "record_id": [f"r{n}" for n in range(len(tweets))],
            "account_id": tweets["pid"].astype("str"),
            "created_at": tweets["publish_date"],
            "time_precision_s": 60.0,
            "kind": np.where(tweets["retweet"] == 1, "repost", "post"),
            "text": tweets["content"].astype("str"),
        }
    )
    return {"reposts of 2021": reposts, "posts of November 2015": posts}


def look_at(folder: Path) -> None:
    """Print what the event level finds in real posts: numbers only."""
    for name, records in real_sets(folder).items():
        events, seconds = events_of(records)
        told = {trace: (notes["n_records"], notes["n_objects"]) for trace, notes in events.notes.items()}
        missing = sorted({one["code"] for one in events.not_run})
        print(f"{name}: {len(records)} records, {records['account_id'].nunique()} accounts; records, objects {told}")
        named = sum(facts.tier != "C" for facts in events.accounts.values())
        shown = f"named {named} of {len(events.accounts)} shown"
        print(f"    events {len(events.rows)}, {shown}; {missing}; CPU s {seconds:.1f}")


THINNED = "a tenth of all records"
VARIANTS = (
    ("everything there", (), None),
    ("without client", ("client",), None),
    ("minute precision", ("second",), None),
    ("without both", ("client", "second"), None),
    ("50 members left", (), 50),
    ("20 members left", (), 20),
    ("10 members left", (), 10),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print one line per variant."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=10, help="seeds 1, 2, …")
    parser.add_argument("--draws", type=int, default=20, help="permutations, over the worlds in turn")
    parser.add_argument("--organic", action="store_true", help="worlds without the network only")
    parser.add_argument("--each", action="store_true", help="print the tables after every world too")
    parser.add_argument("--client", default=NETWORK_CLIENT, help="what the network posts with")
    parser.add_argument("--jitter-s", type=int, default=0, help="its posts come up to so many seconds late")
    parser.add_argument("--only", nargs="+", help="only these variants, by their names")
    parser.add_argument("--posts", type=Path, help="folder of real post tables: look at these and at nothing else")
    asked = parser.parse_args(arguments)
    if asked.posts is not None:
        look_at(asked.posts)
        return 0
    lines: dict[str, list[dict[str, Any]]] = {}
    quiet = drawn = 0
    for seed in range(1, asked.worlds + 1):
        if asked.organic:
            lines.setdefault("no network", []).append(outcome(made(seed, network=False)))
            continue
        world = made(seed, client=asked.client, jitter_s=asked.jitter_s)
        actions = actions_in(world.records)
        for name, what, left in VARIANTS:
            if asked.only and name not in asked.only:
                continue
            given = actions if left is None else None
            lines.setdefault(name, []).append(outcome(without(world, *what, left=left, seed=seed), given))
        if not asked.only or THINNED in asked.only:
            lines.setdefault(THINNED, []).append(outcome(thinned(world, 0.1, seed)))
        for draw in range(seed - 1, asked.draws, asked.worlds):
            quiet += not events_of(permuted(world, 1_000 + draw).records, actions)[0].rows
            drawn += 1
        if asked.each:
            _tell(lines, quiet, drawn)
            sys.stdout.flush()
    _tell(lines, quiet, drawn)
    return 0


def _tell(lines: dict[str, list[dict[str, Any]]], quiet: int, drawn: int) -> None:
    for name, found in lines.items():
        _print(name, found)
    if drawn:
        low, high = clopper_pearson(quiet, drawn)
        print(f"permuted clients and seconds: no event in {quiet} of {drawn} draws [{low:.2f}, {high:.2f}]")


def _print(name: str, found: list[dict[str, Any]]) -> None:
    n = sum(one["members"] for one in found)
    print(f"{name}: {len(found)} worlds")
    for key in ("named", "A", "shown", "one_cluster"):
        k = sum(one[key] for one in found)
        low, high = clopper_pearson(k, n)
        worst = min(one[key] / one["members"] for one in found)
        print(f"    {key}: {k}/{n} = {k / n:.3f} [{low:.3f}, {high:.3f}], worst world {worst:.3f}")
    for key in ("others_A", "others_B"):
        print(f"    {key}: {dict(sum((one[key] for one in found), Counter()))}")
    seconds = max(one["seconds"] for one in found)
    events = sum(one["events"] for one in found) / len(found)
    print(f"    events per world {events:.1f}; CPU s of the event level, most: {seconds:.1f}")


if __name__ == "__main__":
    raise SystemExit(main())
