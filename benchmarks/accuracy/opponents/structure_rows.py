"""Ordinary structures that act together, nobody registered: one row for each, in three sizes and two tempos."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.accuracy.opponents.parts import (
    Background,
    Calls,
    Challenge,
    Declaration,
    Lag,
    Notices,
    Outage,
    Schedulers,
    ScoreBots,
    Turns,
    resized,
)

__all__ = ["STRUCTURES"]

_BASE = (
    Declaration(
        "newsrooms",
        "newsrooms and their wire",
        (
            Notices(
                "newsroom", 26, "wire", daily=14, share=0.6, lag=Lag("log-normal", 240, 0.8), links=True,
                client="demo planner", client_share=0.4, own_posts=20,
            ),
        ),
    ),
    Declaration(
        "hobby relays",
        "relays of one agency",
        (
            Notices(
                "relay", 12, "agency", daily=10, act="either", share=0.85, lag=Lag("uniform", 60, 240),
                client="demo bot kit",
            ),
        ),
    ),
    Declaration(
        "weather pages",
        "four bulletins a day, with the page's district",
        (Notices("weather_page", 24, at=(6, 10, 14, 18), share=0.9, lag=Lag("uniform", 0, 600), wording="place"),),
    ),
    Declaration(
        "franchise",
        "one offer a day at 10:00:00 by one scheduler",
        (Notices("shop", 50, at=(10,), share=0.95, client="demo planner"),),
    ),
    Declaration(
        "fan pages",
        "ten fan pages call sixty fans at 19:00 each day",
        (Calls("fan_page", 10, "fan", 60, hour=19, days=tuple(range(7)), texts=5, leader_posts=6),),
    ),
    Declaration(
        "forward list",
        "three forwards a day to an open list",
        (Notices("forwarder", 80, daily=3, share=0.35, lag=Lag("log-normal", 600, 1.0), by_hand=True),),
    ),
    Declaration(
        "school pages",
        "twelve notices a week of the department",
        (
            Notices(
                "school", 60, "department", daily=12 / 7, share=0.8, lag=Lag("log-normal", 480, 1.0), between=(9, 18),
                by_hand=True,
            ),
        ),
    ),
    Declaration(
        "greetings",
        "stock greetings in the morning and the evening",
        (
            Notices(
                "greeter", 80, at=(6.5, 20.5), share=0.6, lag=Lag("uniform", 0, 5_400), by_hand=True, habit=True,
                wording="stock", stock=12,
            ),
        ),
    ),
    Declaration(
        "district pages",
        "district pages repost eight headquarters",
        (
            Notices(
                "district_page", 38, "headquarters", 8, daily=2, act="repost", share=0.8,
                lag=Lag("log-normal", 480, 0.9), between=(9, 20),
            ),
        ),
    ),
    Declaration(
        "branches rewrite",
        "branches rewrite what their agency sends, within hours",
        (
            Notices(
                "branch", 24, daily=6, share=0.6, lag=Lag("log-normal", 3_600, 0.8), wording="rewritten", swapped=0.4,
                own_posts=10,
            ),
        ),
    ),
    Declaration("score bots", "bots in a match evening", (ScoreBots(),)),
    Declaration("schedulers", "own words on second 0", (Schedulers(),)),
    Declaration("volunteers", "party volunteers with an open call", (Calls(),)),
    Declaration(
        "power cuts",
        "pages of a power-cut notice service",
        (
            Notices(
                "feeder_page", 30, "utility", daily=6, share=0.6, lag=Lag("uniform", 30, 900), wording="place",
                client="demo bot kit",
            ),
        ),
    ),
    Declaration(
        "prayers",
        "greetings and prayers at the hours of aarti and namaz",
        (
            Notices(
                "devotee", 60, at=(6, 19), share=0.6, lag=Lag("uniform", 0, 1_500), by_hand=True, wording="stock",
                stock=8,
            ),
            Notices(
                "namazi", 60, at=(5, 13.25, 16.75, 18, 19.5), share=0.4, lag=Lag("uniform", 0, 1_200), by_hand=True,
                wording="stock", stock=8,
            ),
        ),
    ),
    Declaration("train outage", "commuters complain while no train runs", (Outage(),)),
    Declaration("challenge", "a phrase to copy and complete", (Challenge(),)),
    Declaration(
        "turns alike",
        "one form every two minutes by accounts in turn, on second 0 or 1, in a crowd that schedules",
        (Turns("stop_page", seconds=(0, 1), forms=1, tags=False, client="demo planner"),),
        Background(scheduled=0.03),
    ),
)  # fmt: skip

_SIZES = (("", 1.0), (", half", 0.5), (", double", 2.0))
_PACES = (("", 1.0), (", slow", 3.0))


def _variants(base: Declaration) -> list[Declaration]:
    """Return a structure in all sizes and tempos; the plain name is the size and tempo as declared."""
    return [
        replace(
            base,
            name=f"{base.name}{size}{pace}",
            title=f"{base.title}{size}{pace}",
            parts=tuple(resized(part, times, slower) for part in base.parts),
        )
        for size, times in _SIZES
        for pace, slower in _PACES
    ]


STRUCTURES: dict[str, Declaration] = {row.name: row for base in _BASE for row in _variants(base)}
"""All structures by name: each as declared, and ", half", ", double", ", slow", ", half, slow", ", double, slow"."""
