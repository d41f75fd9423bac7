"""What a simulated week is made of: one frozen declaration, read by the simulator and printed in the docs."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["TRACES", "Campaign", "Records", "World"]

TRACES = ("repost", "text", "tag", "reply", "image")
"""The action tables of a week; :mod:`benchmarks.accuracy.measure` says which windows each is looked at with."""


@dataclass(frozen=True)
class Campaign:
    """One kind of planted campaign; each of its ``cells`` is a campaign of its own.

    Attributes
    ----------
    kind : str
        Its name in truth and tables.
    how : str
        "repost" (others' posts), "text" (copies of a text as own posts), "tag" (one tag sequence), "reply" (to one
        post) or "image" (one picture).
    size, cells : int
        Members of a cell; number of cells.
    occasions : int
        Strikes in the week, spread over its days.
    sources : int
        Accounts whose posts are reposted or replied to, in turn. Texts, tags and images are new ones each time.
    spread_s : float
        A strike lasts this many seconds; the members' times are uniform in it.
    share : float
        Chance that a member takes part in a strike: below .5 the cell rotates.
    age : str
        Of the reposted post at the strike: "fresh" (1 to 10 minutes), "publication" (5 to 60 seconds), "old" (2 to 30
        hours), or "mixed" (every second one old, the others fresh).
    life : float or None
        Share of the members' acts that is everyday life (camouflage); None: they live like anybody else.
    home : float
        Chance that a member or a source belongs to the cell's own community, 1: wholly at home.
    scheduled : bool
        Acts stand on second 0 of a minute.
    deleted : float
        Share of the campaign's acts that are gone before the data are collected.
    edited : float
        Share of the copies with so many edits that they are texts of their own.
    """

    kind: str
    how: str = "repost"
    size: int = 20
    cells: int = 1
    occasions: int = 14
    sources: int = 10
    spread_s: float = 60.0
    share: float = 0.7
    age: str = "mixed"
    life: float | None = None
    home: float = 0.5
    scheduled: bool = False
    deleted: float = 0.0
    edited: float = 0.15

    @property
    def several(self) -> bool:
        """Whether it rests on four sources or more, which is what the package asks of a name."""
        return self.how not in ("repost", "reply") or self.sources >= 4


@dataclass(frozen=True)
class Records:
    """How a week is written as records for :func:`spmc_tools.investigate`, and its rotating template network.

    Attributes
    ----------
    network : int
        Accounts that post one slot-filled template in turn, one every two minutes, from one client, in two
        neighbouring seconds of the minute; 0: none.
    posts : int
        Posts of the network; each account has ``posts / 200`` of them, so that a smaller network posts fewer.
    client : bool
        Whether the export tells the client.
    precision_s : int
        Step of the export's clock: 1 or 60.
    permuted : bool
        Whether clients and seconds of the minute are shuffled over all records: an event would be chance.
    """

    network: int = 0
    posts: int = 2_000
    client: bool = True
    precision_s: int = 1
    permuted: bool = False


@dataclass(frozen=True)
class World:
    """A simulated week; counts are accounts unless said otherwise.

    Attributes
    ----------
    name, title : str
        Name on the command line; words in the table.
    seeds : int
        How many seeds the docs want.
    n_accounts : int
        All accounts.
    homophily, communities : tuple
        Share of reposts that stay in the reader's own community, and how many there are; seeds go round the
        combinations.
    posts, reposts : float
        Means per ordinary account in the week.
    fandoms, stars : tuple of int, int
        Fans of each fandom; stars that each of them follows. A quarter of the fans is on push notification.
    star_posts : int
        Posts of a star in the week.
    matches, tournament : int
        Evenings of a live match with one live desk each; days of a tournament with five desks.
    newsrooms, wires : int
        Newsrooms, and how many wires they all print.
    on_schedule : bool
        Newsrooms print on second 0 of the next five-minute slot.
    registered : float
        Share of the newsrooms that an officer registered; their wires are registered unless this is 0.
    volunteers, offices, quoters : int
        Party volunteers with three leaders; district offices; accounts that post a quotation each morning.
    greeters : float
        Share of all accounts that greet within two hours of the festival.
    campaigns : tuple of Campaign
        None: an organic-only week.
    peers : bool
        Whether the peers are run on it.
    records : Records or None
        None: action tables only.
    """

    name: str
    title: str
    seeds: int = 20
    n_accounts: int = 20_000
    homophily: tuple[float, ...] = (0.8,)
    communities: tuple[int, ...] = (80,)
    posts: float = 1.2
    reposts: float = 8.0
    fandoms: tuple[int, ...] = (30, 150, 500, 2_000)
    stars: int = 1
    star_posts: int = 24
    matches: int = 2
    tournament: int = 0
    newsrooms: int = 12
    wires: int = 1
    on_schedule: bool = False
    registered: float = 0.67
    volunteers: int = 200
    offices: int = 24
    quoters: int = 40
    greeters: float = 0.4
    campaigns: tuple[Campaign, ...] = ()
    peers: bool = False
    records: Records | None = field(default=None)

    def drawn(self, seed: int) -> tuple[float, int]:
        """Return homophily and number of communities of one seed."""
        kinds = [(h, c) for c in self.communities for h in self.homophily]
        return kinds[seed % len(kinds)]
