"""What a small world is made of: frozen declarations, read by the generators that carry the same names."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = [
    "Background",
    "Calls",
    "Challenge",
    "Copies",
    "Declaration",
    "Fandom",
    "Lag",
    "Notices",
    "Outage",
    "Part",
    "Schedulers",
    "ScoreBots",
    "Strikes",
    "Turns",
    "resized",
]


@dataclass(frozen=True)
class Background:
    """The ordinary people of a week, role "ordinary".

    Attributes
    ----------
    people : int
        Their number; the accounts of the parts come on top and live like them.
    posts, reposts : float
        Means per account that are drawn for the week; a fifth of the reposts falls behind its end, or comes twice.
    communities : int
        Circles of unequal size.
    homophily : float
        Share of what is read that comes from the own circle.
    scheduled : float
        Share of the everyday posts that stand on second 0 or 1 of a minute by a scheduler, beside chance.
    """

    people: int = 5_000
    posts: float = 1.6
    reposts: float = 9.8
    communities: int = 20
    homophily: float = 0.8
    scheduled: float = 0.02


@dataclass(frozen=True)
class Lag:
    """How long after the occasion an account acts.

    "uniform": between ``a`` and ``b`` seconds; "log-normal": median ``a`` seconds, sigma ``b``; "none": at once.
    """

    kind: str = "none"
    a: float = 0.0
    b: float = 0.0


# -- opponents ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Strikes:
    """Members repost one post together, again and again.

    Attributes
    ----------
    members, strikes : int
        Accounts; strikes in the week.
    sources : int
        Authors of the posts, in turn; 0: another author for each strike.
    share : float
        Chance that a member takes part in a strike.
    at_once : int
        Exactly so many members take part, drawn anew for each strike; 0: ``share`` decides.
    spread_s : float
        A strike lasts this many seconds.
    when : str
        "week" (8 to 23 o'clock, evenly), "shifts" (``shifts`` spans of two hours on different days), "evening" (one, of
        2.9 hours), "night" (one, 02 to 05 o'clock), "full hours" (all acts on second 0 of minute 0) or "trends" (on
        the post that was reposted most in the hour before).
    shifts : int
        Number of shifts.
    order : str
        "together", "drip" (fours, a quarter of an hour apart), "leader first" (one account, ten seconds or more before
        the others, always the same) or "halves" (two halves of the members in turn).
    decoys : float
        Share of a member's acts that are reposts of popular posts at random times.
    """

    members: int = 20
    strikes: int = 14
    sources: int = 10
    share: float = 0.7
    at_once: int = 0
    spread_s: float = 60.0
    when: str = "week"
    shifts: int = 0
    order: str = "together"
    decoys: float = 0.0


@dataclass(frozen=True)
class Fandom:
    """Stars, their fans on push notification, and members who repost each post of the stars within a minute.

    ``posts`` of each star in the week. Half of the fans are on push notification: they repost seven of ten posts,
    median 35 s; the others three of ten, median 8 min.
    """

    stars: int = 5
    fans: int = 300
    posts: int = 14
    members: int = 20


@dataclass(frozen=True)
class Copies:
    """Members post texts of their own at the same time.

    Attributes
    ----------
    members, strikes : int
        Accounts; occasions in the week.
    swapped : float or None
        Each member exchanges this share of the words of the occasion's text; None: every text has its own words.
    share : float
        Chance that a member takes part.
    spread_s : float
        An occasion lasts this many seconds; 0: all on second 0 of its minute.
    """

    members: int = 20
    strikes: int = 14
    swapped: float | None = 0.2
    share: float = 0.7
    spread_s: float = 60.0


@dataclass(frozen=True)
class Turns:
    """One form with slots, posted by accounts in turn.

    Attributes
    ----------
    role : str
        Of the accounts.
    members, per_member : int
        Accounts; posts of each, as far as the week holds them.
    step_s : float
        From one post to the next.
    seconds : tuple of int
        Neighbouring seconds of the minute on which they stand.
    on_time : float
        Share that does; the others stand anywhere in the minute.
    forms : int
        Forms that are used in turn.
    tags : bool
        Whether a post has tags, that change every two hours.
    client : str
        Program of the posts; empty: each account's own.
    left : int
        Of how many members records are left; 0: of all.
    """

    role: str = "member"
    members: int = 200
    per_member: int = 11
    step_s: float = 120.0
    seconds: tuple[int, ...] = (17, 18)
    on_time: float = 0.9
    forms: int = 4
    tags: bool = True
    client: str = "demo relay"
    left: int = 0


# -- structures -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Notices:
    """Pages, offices or people who pass on items: from a source account, or from where nobody sees it.

    Attributes
    ----------
    role, members : str, int
        Who passes on.
    source, sources : str, int
        Role and number of the accounts that publish the items; empty: the items come from outside of the records.
    daily : float
        Items a day, of each source.
    between : tuple of float
        Hours of the day between which these items come.
    at : tuple of float
        Fixed hours of the day, one item each, instead.
    act : str
        "paste", "repost" or "either", a choice of each account for the whole week.
    share : float
        Chance that an account passes an item on.
    lag : Lag
        How long after it.
    wording : str
        "same", "place" (with a name of the account's own), "stock" (one of ``stock`` texts of that hour, that stay
        the same all week) or "rewritten" (each account exchanges ``swapped`` of the words for others of its own).
    stock : int
        Texts in stock for each hour.
    swapped : float
        Share of the words that a rewritten copy exchanges.
    by_hand : bool
        Whether half of the copies differ as keyboards and apps make them differ (:func:`copied_texts.surface`).
    habit : bool
        Whether each account keeps its own lag all week, give or take three minutes.
    links : bool
        Whether each account adds an address of its own.
    client, client_share : str, float
        Program with which this share of the accounts passes on.
    own_posts : float
        Mean number of further own posts of a member in the week, beside everyday life.
    pace : float
        Factor of all lags; acts without a lag are parted over so many slots, a quarter of an hour apart.
    """

    role: str
    members: int
    source: str = ""
    sources: int = 1
    daily: float = 3.0
    between: tuple[float, float] = (7.0, 22.0)
    at: tuple[float, ...] = ()
    act: str = "paste"
    share: float = 0.8
    lag: Lag = Lag()
    wording: str = "same"
    stock: int = 1
    swapped: float = 0.4
    by_hand: bool = False
    habit: bool = False
    links: bool = False
    client: str = ""
    client_share: float = 1.0
    own_posts: float = 0.0
    pace: float = 1.0


@dataclass(frozen=True)
class Calls:
    """Leaders who call openly for a tag at an hour, with texts to paste, and those who follow the call.

    Attributes
    ----------
    leader, leaders, role, members : str, int, str, int
        Roles and numbers.
    hour : float
        Of the day; the call is published ten minutes before.
    days : tuple of int
        Days of the week, from 0, with a call.
    share : float
        Chance that an account follows a call.
    texts : int
        Texts to paste, new ones with each call.
    within_s : float
        Accounts follow within this time after the hour.
    leader_posts : int
        Other posts of each leader, of which the followers repost four of ten, median 5 min.
    pace : float
        Factor of all lags.
    """

    leader: str = "volunteer_leader"
    leaders: int = 3
    role: str = "volunteer"
    members: int = 60
    hour: float = 18.0
    days: tuple[int, ...] = (1, 3, 5)
    share: float = 0.7
    texts: int = 8
    within_s: float = 900.0
    leader_posts: int = 14
    pace: float = 1.0


@dataclass(frozen=True)
class Schedulers:
    """Accounts that post words of their own on second 0, by a scheduler.

    ``daily`` posts each. ``grid_min``: minutes between the slots, 60 for full hours. ``pace``: so many times fewer.
    """

    role: str = "scheduler"
    members: int = 50
    daily: float = 4.0
    grid_min: int = 60
    pace: float = 1.0


@dataclass(frozen=True)
class ScoreBots:
    """Bots that tell the score of one match evening, each in a form of its own.

    ``updates`` in three and a half hours, from 19:00; a bot follows within a quarter of a minute, times ``pace``.
    """

    role: str = "score_bot"
    members: int = 20
    updates: int = 42
    pace: float = 1.0


@dataclass(frozen=True)
class Outage:
    """Commuters who complain while no train runs: the same two tags and one mention, words of their own.

    The outage begins at 8:10 on the third day and lasts ``hours``, times ``pace``; each complains once to three times,
    half of them repost the one report about it.
    """

    role: str = "commuter"
    members: int = 150
    hours: float = 2.5
    pace: float = 1.0


@dataclass(frozen=True)
class Challenge:
    """A phrase that is copied and completed with a name, from one hand to the next.

    Each hand takes it from one that had it, log-normal with a median of two hours times ``pace``.
    """

    role: str = "challenger"
    members: int = 120
    pace: float = 1.0


Part = Strikes | Fandom | Copies | Turns | Notices | Calls | Schedulers | ScoreBots | Outage | Challenge


@dataclass(frozen=True)
class Declaration:
    """A small world.

    Attributes
    ----------
    name, title : str
        Key in its registry; words in a table.
    parts : tuple
        What there is beside the background.
    background : Background
        The ordinary people.
    client : bool
        Whether the export tells the program.
    precision_s : int
        Step of the export's clock, 1 or 60.
    platforms : int
        2: half of all posts, with what is done to them, are on another platform, where everybody has another id.
    """

    name: str
    title: str
    parts: tuple[Part, ...] = ()
    background: Background = Background()
    client: bool = True
    precision_s: int = 1
    platforms: int = 1


def resized(part: Part, size: float, pace: float) -> Part:
    """Return an innocent part with so many times the accounts, so many times slower.

    Fan pages and leaders grow with those who follow them; wires, agencies, departments and headquarters do not.
    """
    members = max(2, round(part.members * size))
    if isinstance(part, Notices):
        return replace(part, members=members, pace=pace)
    if isinstance(part, Calls):
        return replace(part, members=members, leaders=max(1, round(part.leaders * size)), pace=pace)
    if isinstance(part, Turns):
        return replace(part, members=members, step_s=part.step_s * pace)
    if isinstance(part, Schedulers | ScoreBots | Outage | Challenge):
        return replace(part, members=members, pace=pace)
    raise TypeError(f"{type(part).__name__} is no innocent structure: it has no sizes and paces.")
