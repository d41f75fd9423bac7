"""The opponents who have read the method, and the network that posts in turn: one row for each world."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.accuracy.opponents.parts import (
    Background,
    Calls,
    Copies,
    Declaration,
    Fandom,
    Part,
    Schedulers,
    Strikes,
    Turns,
)

__all__ = ["OPPONENTS"]

_COMPANY: tuple[Part, ...] = (Calls(), Fandom(members=0))
"""Volunteers with an open call, and a crowd of fans: nobody to be named."""

_REFERENCE = Strikes()
_ROTATING = Strikes(strikes=40, at_once=3)
_EVENING = Strikes(strikes=60, sources=0, when="evening")
_NETWORK = Declaration("turns", "one form by 200 accounts in turn", (Turns(),), Background(scheduled=0.03))

_ALL = (
    Declaration("reference", "14 strikes a week within 60 s, ten authors", (_REFERENCE,)),
    *(
        Declaration(f"jitter {minutes} min", f"strikes of {minutes} min", (replace(_REFERENCE, spread_s=60 * minutes),))
        for minutes in (5, 45, 90, 180)
    ),
    Declaration("rotating 3 of 20", "three members at a time, 40 strikes", (_ROTATING,)),
    Declaration("rotating 5 of 20", "five members at a time, 40 strikes", (replace(_ROTATING, at_once=5),)),
    Declaration("three strikes", "three strikes on three sources, all take part", (Strikes(20, 3, 3, share=1.0),)),
    Declaration("three shifts", "three shifts of 25 posts", (Strikes(20, 75, 25, when="shifts", shifts=3),)),
    Declaration("evening of 60", "one evening, 60 strikes", (_EVENING,)),
    Declaration("evening of 15", "one evening, 15 strikes", (replace(_EVENING, strikes=15),)),
    Declaration("hot night", "60 members, 40 posts at 02 to 05 o'clock", (Strikes(60, 40, 0, when="night"),)),
    Declaration("fan mimicry, 5 stars", "reposts of five stars at publication, among fans", (Fandom(5),)),
    Declaration("fan mimicry, 8 stars", "reposts of eight stars at publication, among fans", (Fandom(8),)),
    Declaration("decoys", "half of the acts at random times on popular posts", (replace(_REFERENCE, decoys=0.5),)),
    Declaration("trends", "strikes on what is most popular at that minute", (replace(_REFERENCE, when="trends"),)),
    Declaration(
        "top of the hour",
        "strikes on second 0 of full hours, when schedulers post",
        (replace(_REFERENCE, when="full hours"), Schedulers(members=100)),
    ),
    Declaration("two platforms", "half of the records elsewhere, under other ids", (_REFERENCE,), platforms=2),
    Declaration(
        "drip", "fours, a quarter of an hour apart, 40 strikes", (Strikes(strikes=40, share=1.0, order="drip"),)
    ),
    Declaration("leader first", "one account before the others", (replace(_REFERENCE, order="leader first"),)),
    Declaration("two halves", "halves that never strike together", (Strikes(strikes=28, order="halves"),)),
    *(
        Declaration(
            f"rewritten {share:.0%}",
            f"one text each strike, {share:.0%} of the words swapped",
            (Copies(swapped=share),),
        )
        for share in (0.2, 0.4, 0.7)
    ),
    Declaration(
        "common minutes",
        "texts of their own on twenty common minutes, second 0",
        (Copies(strikes=20, swapped=None, share=0.9, spread_s=0.0),),
    ),
    Declaration("reference, in company", "the same beside volunteers and fans", (_REFERENCE, *_COMPANY)),
    Declaration("evening of 60, in company", "the same beside volunteers and fans", (_EVENING, *_COMPANY)),
    Declaration("rotating 3 of 20, in company", "the same beside volunteers and fans", (_ROTATING, *_COMPANY)),
    _NETWORK,
    replace(_NETWORK, name="turns, no client", title="the same, without client", client=False),
    replace(_NETWORK, name="turns, minutes", title="the same, times in minutes", precision_s=60),
    replace(_NETWORK, name="turns, 20 left", title="the same, records of 20 are left", parts=(Turns(left=20),)),
)

OPPONENTS: dict[str, Declaration] = {row.name: row for row in _ALL}
"""All opponents by name; their accounts have the role "member"."""
