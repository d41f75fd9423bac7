"""The simulated weeks by name: one for each line of the tables in ``docs/measured/accuracy.md``."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.accuracy.worlds.declare import Campaign, Records, World

__all__ = ["WORLDS"]

_TEN = Campaign("ten sources", occasions=10)
_COPY = Campaign("copied texts", how="text", size=25, occasions=10, spread_s=420)
_SLOW = Campaign("slow", size=25, occasions=10, spread_s=2_400)
_USUAL = (
    _TEN,
    Campaign("three sources", size=15, sources=3, occasions=12),
    Campaign("one source", size=15, sources=1, occasions=12, age="fresh"),
    _COPY,
    _SLOW,
)
"""A hundred accounts: .5 % of twenty thousand."""

_CUPS = {"homophily": (0.6, 0.8, 0.95), "communities": (20, 80, 200), "tournament": 5}


def _kinds() -> tuple[Campaign, ...]:
    """Return the kinds beside the usual ones, about 1.2 % of twenty thousand accounts."""
    return (
        Campaign("rotating", size=40, occasions=28, share=0.25),
        *(Campaign(f"camouflage {life:.0%}", size=15, occasions=10, life=life) for life in (0.3, 0.6, 0.9)),
        *(
            Campaign(f"jitter {label}", size=15, occasions=14, spread_s=spread)
            for label, spread in (("10 min", 600), ("1 h", 3_600), ("2 h", 7_200))
        ),
        Campaign("on second 0", size=15, occasions=10, scheduled=True, spread_s=240),
        Campaign("tag push, half deleted", how="tag", size=30, occasions=7, spread_s=600, deleted=0.5),
        Campaign("reply swarm", how="reply", size=20, occasions=10, sources=8, spread_s=600),
        Campaign("shared image", how="image", size=20, occasions=10, spread_s=420),
    )


def _strengths() -> tuple[Campaign, ...]:
    """Return the three main kinds with four to fourteen strikes a week."""
    return tuple(
        replace(kind, kind=f"{kind.kind}, {strikes} strikes", occasions=strikes, sources=min(strikes, 10))
        for kind in (_TEN, _COPY, _SLOW)
        for strikes in (4, 6, 8, 14)
    )


_MIXED = World("mixed", "", campaigns=_USUAL)
_LARGE = replace(
    _MIXED, n_accounts=100_000, homophily=(0.95,), campaigns=tuple(replace(campaign, cells=3) for campaign in _USUAL)
)
_RECORDS = World(
    "records",
    "",
    n_accounts=5_000,
    posts=2.0,
    reposts=5.0,
    fandoms=(30, 150),
    volunteers=60,
    offices=12,
    quoters=20,
    records=Records(),
)
_NETWORK = replace(
    _RECORDS, seeds=5, n_accounts=25_000, posts=0.6, reposts=0.5, fandoms=(30, 150), records=Records(network=200)
)

_ALL = (
    World("organic-20k", "organic only, five-day tournament, 20,000 accounts", seeds=63, **_CUPS),
    World("organic-100k", "the same, 100,000 accounts", seeds=20, n_accounts=100_000, **_CUPS),
    World("organic-stars-3", "organic only, fandoms of three stars", stars=3),
    World("organic-stars-5", "organic only, fandoms of five stars", stars=5),
    World("organic-stars-8", "organic only, fandoms of eight stars", stars=8, seeds=10),
    World("organic-unregistered", "organic only, no newsroom registered", registered=0.0),
    replace(_MIXED, name="mixed-h80", title="mixed, homophily .8", seeds=40, peers=True),
    replace(_MIXED, name="mixed-h95", title="mixed, homophily .95", seeds=40, homophily=(0.95,), peers=True),
    replace(
        _LARGE,
        name="mixed-100k",
        title="mixed, homophily .95, 100,000 accounts, three cells of each kind",
        seeds=10,
    ),
    replace(_LARGE, name="tournament-100k", title="the same with a five-day tournament", tournament=5, seeds=5),
    replace(_MIXED, name="stars-3", title="mixed, fandoms of three stars, homophily .95", stars=3, homophily=(0.95,)),
    replace(
        _MIXED,
        name="at-publication",
        title="strikes within a minute of publication",
        campaigns=tuple(replace(c, age="publication") for c in _USUAL),
    ),
    replace(
        _MIXED,
        name="wires-4",
        title="four wires, half of the newsrooms registered",
        newsrooms=36,
        wires=4,
        registered=0.5,
    ),
    replace(_MIXED, name="wires-8", title="eight wires, half registered", newsrooms=36, wires=8, registered=0.5),
    replace(
        _MIXED,
        name="on-schedule",
        title="a common schedule on second 0, half registered",
        newsrooms=36,
        registered=0.5,
        on_schedule=True,
    ),
    replace(
        _MIXED,
        name="wires-4-unregistered",
        title="four wires, nobody registered",
        newsrooms=36,
        wires=4,
        registered=0.0,
        seeds=10,
    ),
    replace(
        _MIXED,
        name="no-life",
        title="accounts that do nothing but campaign",
        campaigns=tuple(replace(c, life=0.0) for c in _USUAL),
    ),
    replace(
        _MIXED,
        name="at-home",
        title="cells wholly at home, homophily .95",
        homophily=(0.95,),
        campaigns=tuple(replace(c, home=1.0) for c in _USUAL),
    ),
    replace(
        _MIXED,
        name="cells-10",
        title="cells of ten",
        campaigns=tuple(replace(c, size=10, cells=2) for c in _USUAL),
    ),
    replace(
        _MIXED,
        name="one-source-old",
        title="one source, old posts",
        campaigns=tuple(
            Campaign(f"one source, {n} old posts", size=20, sources=1, occasions=n, age="old") for n in (8, 14, 21)
        ),
    ),
    replace(_MIXED, name="kinds", title="other kinds of campaigns", campaigns=_kinds()),
    replace(
        _MIXED,
        name="strengths",
        title="four to fourteen strikes, homophily .95",
        homophily=(0.95,),
        campaigns=_strengths(),
    ),
    replace(_RECORDS, name="records-organic", title="organic only, records with texts, end to end"),
    replace(
        _RECORDS,
        name="records-mixed",
        title="mixed, records with texts, end to end",
        campaigns=tuple(replace(c, size=max(10, c.size // 2)) for c in _USUAL),
    ),
    replace(_NETWORK, name="network", title="template network of 200"),
    replace(_NETWORK, name="network-no-client", title="without client", records=Records(network=200, client=False)),
    replace(_NETWORK, name="network-minutes", title="times in minutes", records=Records(network=200, precision_s=60)),
    replace(
        _NETWORK,
        name="network-neither",
        title="without client, in minutes",
        records=Records(network=200, client=False, precision_s=60),
        seeds=3,
    ),
    replace(_NETWORK, name="network-20", title="20 members left", records=Records(network=20)),
    replace(
        _NETWORK,
        name="network-permuted",
        title="clients and seconds permuted",
        records=Records(network=200, permuted=True),
        seeds=20,
    ),
)

WORLDS: dict[str, World] = {world.name: world for world in _ALL}
"""All weeks by name."""
