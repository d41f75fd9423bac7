"""A simulated week: accounts with roles, what each of them posts and reposts, and when.

Everything is drawn with numpy from one seed; the texts come later (:mod:`election_week.texts`), so that worlds of
hundreds of thousands of actions are made in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

__all__ = [
    "CAMPAIGNS",
    "GENRES",
    "PERIOD",
    "ROLES",
    "CampaignSettings",
    "NewsroomSettings",
    "Pile",
    "Settings",
    "World",
    "awake",
    "cast",
    "everyday",
    "rhythm",
]

HOUR = 3600.0
DAY = 24 * HOUR
PERIOD = ("2025-11-03", "2025-11-12")
"""First and last day of the week, Indian time, both inclusive; polls on the 6th and the 11th."""

START_MS = 1_762_108_200_000
"""3 November 2025, 00:00 Indian Standard Time, in milliseconds since 1970 UTC."""

ROLES = (
    "organic",
    "greeting",
    "star",
    "fan",
    "wire",
    "newsroom",
    "volunteer_leader",
    "volunteer",
    "live_desk",
    "match",
    "office_hq",
    "office",
    "boosted",
    "campaign_copy",
    "campaign_amplify",
)
"""What an account is in the world; ``boosted`` are ordinary accounts whose posts the second campaign reposts."""

CAMPAIGNS = ("campaign_copy", "campaign_amplify")

GENRES = (
    "organic", "saying", "festival", "polling", "news", "star", "leader", "live", "office", "copy", "slot", "story",
)  # fmt: skip
"""What kind of text an original is; ``slot`` is a rumour with other words in its slots, ``story`` one of its own."""

_INSTITUTIONS = ("star", "wire", "newsroom", "volunteer_leader", "live_desk", "office_hq", "office")
_HOURS = np.array([1, 0.5, 0.3, 0.3, 0.5, 2, 4, 6, 7, 7, 6, 6, 6, 6, 5, 5, 6, 7, 8, 9, 9, 8, 5, 2.5])
_DAYS = np.array([1, 1, 1, 1.6, 1, 1, 1, 1, 1.6, 1])


@dataclass(frozen=True)
class NewsroomSettings:
    """The newsrooms of a world.

    A newsroom takes each of the ``wires`` at the chance ``subscribed``; each wire has ``headlines``. With ``scheduled``
    they are printed at the next full five minutes, on second 0; with ``own_site`` under a link to the newsroom's site,
    else to the wire's. ``verbatim`` is the chance that a newsroom prints the wire's headline as it is, not under its
    own rubric. ``stories`` is how many posts of its own each newsroom and wire writes.
    """

    newsroom: int = 8
    wires: int = 1
    headlines: int = 36
    subscribed: float = 1.0
    scheduled: bool = False
    own_site: bool = False
    stories: int = 0
    verbatim: float = 1.0


@dataclass(frozen=True)
class CampaignSettings:
    """The two campaigns of a world; ``copy`` and ``amplify`` are their sizes: 0 makes an organic-only world.

    ``copy_stories`` is how many posts of its own each member of the first campaign writes, each with a link to its own
    throw-away site at the chance ``copy_site``; with ``copy_hosted`` the rumours lead there too, and with
    ``copy_slogan`` each holds the same three words. A strike of the second lasts ``strike_s`` seconds; every second one
    is on an old post, unless ``old`` is false.
    """

    copy: int = 24
    copy_texts: int = 14
    copy_stories: int = 0
    copy_site: float = 0.0
    copy_hosted: bool = False
    copy_slogan: bool = False
    amplify: int = 20
    boosted: int = 10
    strikes: int = 14
    strike_s: float = 58
    old: bool = True


@dataclass(frozen=True)
class Settings(NewsroomSettings, CampaignSettings):
    """What a world is made of; counts are accounts unless said otherwise.

    ``fandoms`` holds the sizes of the fandoms, each of which follows ``stars`` stars. ``homophily`` is the share of
    reposts that stay in the reader's own community; ``posts``, ``reposts`` and ``replies`` are means per ordinary
    account over the ten days.
    """

    seed: int = 2025
    n_accounts: int = 2_400
    communities: int = 20
    homophily: float = 0.8
    posts: float = 1.8
    reposts: float = 2.2
    replies: float = 0.35
    fandoms: tuple[int, ...] = (150,)
    stars: int = 1
    star_posts: int = 26
    volunteers: int = 30
    leader_posts: int = 40
    offices: int = 12
    office_posts: int = 20
    match: int = 70
    live_posts: int = 36
    greeters: float = 0.16

    def count(self, role: str) -> int:
        """Return how many accounts have this role; ``organic`` are all that are left."""
        fixed = {
            "greeting": round(self.greeters * self.n_accounts),
            "star": len(self.fandoms) * self.stars,
            "fan": sum(self.fandoms),
            "wire": self.wires,
            "newsroom": self.newsroom,
            "volunteer_leader": 3,
            "volunteer": self.volunteers,
            "live_desk": 2,
            "match": self.match,
            "office_hq": 1,
            "office": self.offices,
            "boosted": self.boosted,
            "campaign_copy": self.copy,
            "campaign_amplify": self.amplify,
        }
        return self.n_accounts - sum(fixed.values()) if role == "organic" else fixed[role]


@dataclass
class Pile:
    """Originals and what refers to them, collected in chunks; times are seconds since the start of the week."""

    originals: list[dict[str, np.ndarray]] = field(default_factory=list)
    references: list[dict[str, np.ndarray]] = field(default_factory=list)
    n: int = 0

    def post(
        self,
        author: np.ndarray,
        t: np.ndarray,
        genre: str,
        number: np.ndarray | int,
        *,
        variant: int = 0,
        weight: float = 0,
    ) -> np.ndarray:
        """Add originals inside the week and return their numbers (those outside are left away)."""
        author, t, number = np.broadcast_arrays(author, t, number)
        inside = (t >= 0) & (t < DAY * len(_DAYS))
        size = int(inside.sum())
        self.originals.append(
            {
                "author": author[inside].astype(np.int64),
                "t": t[inside].astype(np.float64),
                "genre": np.full(size, GENRES.index(genre)),
                "number": number[inside].astype(np.int64),
                "variant": np.full(size, variant),
                "weight": np.full(size, float(weight)),
            }
        )
        self.n += size
        return np.arange(self.n - size, self.n)

    def refer(self, actor: np.ndarray, ref: np.ndarray, t: np.ndarray, kind: str = "repost") -> None:
        """Add reposts, replies or quotes of originals; those after the end of the week are left away."""
        actor, ref, t = np.broadcast_arrays(actor, ref, t)
        inside = (t >= 0) & (t < DAY * len(_DAYS))
        self.references.append(
            {
                "actor": actor[inside].astype(np.int64),
                "ref": ref[inside].astype(np.int64),
                "t": t[inside].astype(np.float64),
                "kind": np.full(int(inside.sum()), ("repost", "reply", "quote").index(kind)),
            }
        )

    def column(self, name: str) -> np.ndarray:
        """Return one column of all originals so far."""
        return np.concatenate([chunk[name] for chunk in self.originals])


@dataclass(frozen=True)
class World:
    """A finished week.

    ``role``, ``community``, ``place`` are per account; ``originals`` (author, t_ms, genre, number, variant) and
    ``references`` (actor, ref, t_ms, kind 0 repost, 1 reply, 2 quote) are columns of equal length, in order of time
    inside each; ``ref`` is a row of ``originals``. An account reposts an original at most once, never its own.
    """

    settings: Settings
    role: np.ndarray
    community: np.ndarray
    place: np.ndarray
    originals: dict[str, np.ndarray]
    references: dict[str, np.ndarray]

    def accounts_of(self, *roles: str) -> np.ndarray:
        """Return the numbers of all accounts with one of these roles, ascending."""
        return np.flatnonzero(np.isin(self.role, [ROLES.index(role) for role in roles]))


@dataclass(frozen=True)
class Cast:
    """Who is who: role, community and district of each account."""

    role: np.ndarray
    community: np.ndarray
    place: np.ndarray

    def members(self, role: str) -> np.ndarray:
        """Return the account numbers of one role, ascending."""
        return np.flatnonzero(self.role == ROLES.index(role))


def cast(settings: Settings, rng: np.random.Generator) -> Cast:
    """Return roles drawn over all accounts: a role says nothing about an account's number.

    Fans of one star come from three communities, volunteers from two, members of the second campaign from three;
    everybody else from all.
    """
    sizes = [settings.count(role) for role in ROLES]
    if sizes[0] < settings.n_accounts // 4:
        raise SystemExit(f"{settings.n_accounts} accounts are too few for these crowds: {sizes[0]} would be organic.")
    role = rng.permutation(np.repeat(np.arange(len(ROLES)), sizes))
    community = rng.integers(settings.communities, size=settings.n_accounts)
    for name, width in (("fan", 3), ("volunteer", 2), ("campaign_amplify", 3)):
        of_role = role == ROLES.index(name)
        homes = rng.choice(settings.communities, size=min(width, settings.communities), replace=False)
        community[of_role] = rng.choice(homes, size=int(of_role.sum()))
    return Cast(role, community, rng.integers(20, size=settings.n_accounts))


def rhythm(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return times of day-long human activity: quiet nights, busy evenings, fuller polling days."""
    day = rng.choice(len(_DAYS), size=size, p=_DAYS / _DAYS.sum())
    hour = rng.choice(24, size=size, p=_HOURS / _HOURS.sum())
    return day * DAY + (hour + rng.random(size)) * HOUR


def awake(rng: np.random.Generator, t: np.ndarray) -> np.ndarray:
    """Return the times with five of six acts between midnight and five moved to the morning after."""
    hour = (t % DAY) / HOUR
    moved = (hour < 5) & (rng.random(t.size) < 5 / 6)
    return np.where(moved, t - t % DAY + 5 * HOUR + rng.exponential(1.5 * HOUR, t.size), t)


def everyday(settings: Settings, people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add what ordinary accounts write: activity is log-normal over accounts, one post in 15 is a saying.

    Sayings are good wishes that many copy, most of them between six and nine in the morning.
    """
    ordinary = ~np.isin(people.role, [ROLES.index(role) for role in _INSTITUTIONS])
    activity = ordinary * rng.lognormal(-0.32, 0.8, settings.n_accounts)
    author = np.repeat(np.arange(settings.n_accounts), rng.poisson(settings.posts * activity))
    saying = rng.random(author.size) < 1 / 15
    t = rhythm(rng, author.size)
    morning = saying & (rng.random(author.size) < 0.7)
    t[morning] = t[morning] - t[morning] % DAY + (6 + 3 * rng.random(int(morning.sum()))) * HOUR
    pile.post(author[~saying], t[~saying], "organic", np.arange(int((~saying).sum())), weight=1)
    pile.post(author[saying], t[saying], "saying", rng.integers(10, size=int(saying.sum())), weight=1)


def spread(settings: Settings, people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add what ordinary accounts repost, answer and quote.

    Popularity of authors is Pareto (1.2), of their posts log-normal on top; a reader stays in the own community
    with the chance ``homophily``; the delay is log-normal with a median of 50 minutes.
    """
    author, t = pile.column("author"), pile.column("t")
    fame = np.minimum(1 + rng.pareto(1.2, settings.n_accounts), 400)
    fame[people.members("boosted")] = 2
    weight = pile.column("weight") * fame[author] * rng.lognormal(0, 1, author.size)
    order = np.argsort(people.community[author], kind="stable")
    total = np.concatenate(([0.0], np.cumsum(weight[order])))
    edge = np.searchsorted(people.community[author][order], np.arange(settings.communities + 1))
    ordinary = ~np.isin(people.role, [ROLES.index(role) for role in _INSTITUTIONS])
    activity = ordinary * rng.lognormal(-0.5, 1.0, settings.n_accounts)
    for kind, mean in (("repost", settings.reposts), ("reply", settings.replies), ("quote", settings.replies / 4)):
        actor = np.repeat(np.arange(settings.n_accounts), rng.poisson(mean * activity))
        home = rng.random(actor.size) < settings.homophily
        low = np.where(home, total[edge[people.community[actor]]], 0.0)
        high = np.where(home, total[edge[people.community[actor] + 1]], total[-1])
        draw = low + rng.random(actor.size) * (high - low)
        ref = order[np.clip(np.searchsorted(total, draw, side="right") - 1, 0, author.size - 1)]
        delay = rng.lognormal(np.log(50 * 60), 1.5, actor.size)
        pile.refer(actor, ref, awake(rng, t[ref] + delay), kind)


def finish(settings: Settings, people: Cast, pile: Pile) -> World:
    """Return the world in order of time, with own and repeated reposts taken out."""
    originals = {name: pile.column(name) for name in ("author", "t", "genre", "number", "variant")}
    references = {name: np.concatenate([c[name] for c in pile.references]) for name in ("actor", "ref", "t", "kind")}
    keep = references["actor"] != originals["author"][references["ref"]]
    references = {name: values[keep] for name, values in references.items()}
    order = np.argsort(references["t"], kind="stable")
    references = {name: values[order] for name, values in references.items()}
    thing = (references["actor"] * originals["t"].size + references["ref"]) * 3 + references["kind"]
    first = np.sort(np.unique(thing, return_index=True)[1])
    references = {name: values[first] for name, values in references.items()}
    order = np.argsort(originals["t"], kind="stable")
    place_of = np.empty(order.size, dtype=np.int64)
    place_of[order] = np.arange(order.size)
    originals = {name: values[order] for name, values in originals.items()}
    references["ref"] = place_of[references["ref"]]
    for table in (originals, references):
        table["t_ms"] = START_MS + np.floor(table.pop("t")).astype(np.int64) * 1000
    return World(settings, people.role, people.community, people.place, originals, references)
