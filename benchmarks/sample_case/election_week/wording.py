"""The posts of a simulated week with their words, tags and links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.sample_case.election_week import stories, texts
from benchmarks.sample_case.election_week.world import GENRES

if TYPE_CHECKING:
    import numpy as np

    from benchmarks.sample_case.election_week.world import Settings, World

__all__ = ["Words", "originals", "remark"]

PAGES = ("demo-weather", "demo-jobs", "demo-trains", "demo-scores", "demo-notices", "demo-maps")
_TAGGED = {"festival": 0.7, "polling": 0.7, "leader": 0.8, "live": 0.5}


@dataclass(frozen=True)
class Words:
    """A text with its language; ``links`` maps each short address in the text to the full one."""

    text: str
    lang: str
    links: dict[str, str]


def originals(world: World, rng: np.random.Generator) -> list[Words]:
    """Return the words of every original of the week, in its order."""
    columns = zip(*(world.originals[name].tolist() for name in ("author", "genre", "number", "variant")), strict=True)
    return [
        _of_desk(world.settings, author, GENRES[genre], (number, variant))
        or _one(rng, int(world.place[author]), author, GENRES[genre], (number, variant))
        for author, genre, number, variant in columns
    ]


def remark(rng: np.random.Generator, place: int, links: float = 0.0) -> Words:
    """Return an everyday sentence without tags, with a link at the chance ``links``."""
    text, lang = texts.organic(rng, place)
    return _linked(rng, text, lang) if rng.random() < links else Words(text, lang, {})


def _of_desk(settings: Settings, author: int, genre: str, which: tuple[int, int]) -> Words | None:
    """Return what desks (and who looks like them) write in worlds where they have a life of their own, else None."""
    number, variant = which
    site = f"https://demo-site-{author}.example/2025/11/{number}"
    if genre == "story":
        text, lang = stories.story(number)
        return _at(text, lang, f"s{number}", site) if variant else Words(text, lang, {})
    if genre == "news" and settings.stories:
        text, lang = stories.headline(number)
        rubric = stories.rubric(variant) if variant else ""
        wire = f"https://demo-wire-{number // settings.headlines}.example/2025/11/{number}"
        return _at(rubric + text, lang, f"n{number}d{author}", site if settings.own_site else wire)
    if genre in {"copy", "slot"} and settings.copy_hosted:
        text, lang = texts.crowd_text("copy", number, 0)
        text = f"{text} {stories.SLOGAN}" if settings.copy_slogan else text
        return _at(text, lang, f"c{number}d{author}", site)
    return None


def _at(text: str, lang: str, name: str, full: str) -> Words:
    short = f"https://demo-t.example/{name}"
    return Words(f"{text} {short}", lang, {short: full})


def _one(rng: np.random.Generator, place: int, author: int, genre: str, which: tuple[int, int]) -> Words:
    number, variant = which
    if genre == "organic":
        return _everyday(rng, place)
    if genre == "copy":
        text = texts.copy_of(rng, number)
        return Words(text, texts.crowd_text("copy", number, 0)[1], {w: w for w in text.split() if "://" in w})
    if genre == "slot":
        return Words(texts.slot_copy_of(rng, number), texts.crowd_text("copy", number, 0)[1], {})
    if genre == "news":
        text, lang = texts.crowd_text("news", number, 0)
        rubric = f"Demo Desk {variant}: " if variant else ""
        short = f"https://demo-t.example/n{number:03d}{author % 36:02d}"
        full = f"https://demo-wire.example/2025/11/{number:04d}?utm_source=desk{author % 36}"
        return Words(f"{rubric}{text} {short}", lang, {short: full})
    text, lang = texts.crowd_text(genre, number, variant)
    if rng.random() < _TAGGED.get(genre, 0.0):
        text = " ".join((text, *("#" + tag for tag in texts.TAGS[genre])))
    return Words(text, lang, {})


def _everyday(rng: np.random.Generator, place: int) -> Words:
    """Return a sentence; one in four carries tags, one in sixteen a link to one of a few hundred pages."""
    text, lang = texts.organic(rng, place)
    if rng.random() < 0.25:
        tags = rng.choice(texts.TAGS["organic"], size=int(rng.integers(1, 4)), replace=False)
        text = " ".join((text, *("#" + str(tag) for tag in tags)))
    return _linked(rng, text, lang) if rng.random() < 1 / 16 else Words(text, lang, {})


def _linked(rng: np.random.Generator, text: str, lang: str) -> Words:
    page = min(int(rng.pareto(1.0) * 4), 199)
    short = f"https://demo-t.example/p{page:03d}"
    return Words(f"{text} {short}", lang, {short: f"https://{PAGES[page % len(PAGES)]}.example/page/{page}"})
