"""Pages, offices and people who pass on the same items: newsrooms, relays, bulletins, forwards, greetings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.opponents.record_rows import PLACES, swapped
from benchmarks.accuracy.worlds.people import DAY, DAYS, HOUR, rhythm
from benchmarks.synthetic import copied_texts

if TYPE_CHECKING:
    from benchmarks.accuracy.opponents.background import Scene
    from benchmarks.accuracy.opponents.parts import Lag, Notices

__all__ = ["lags", "notices"]

_SLOT_S = 900.0


def notices(part: Notices, week: Scene, cast: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """Add the items of each source and what the members make of them."""
    members = cast[part.role]
    week.settle(members, 0.4, rng)
    pastes = rng.random(members.size) < {"paste": 1.0, "repost": 0.0, "either": 0.5}[part.act]
    signs = rng.random(members.size) < part.client_share
    slot = rng.integers(max(1, round(part.pace)), size=members.size)
    names = [PLACES[n % len(PLACES)] for n in range(members.size)]
    usual = lags(part.lag, members.size, rng)
    books = {hour: week.words.take(part.stock) for hour in part.at}
    pool = " ".join(week.words.take(40)).split() if part.wording == "rewritten" else []
    for source in cast[part.source].tolist() if part.source else [None]:
        at, hours = _items(part, rng)
        texts = week.words.take(at.size)
        posts = week.rows.post(source, at, texts, weight=4.0) if source is not None else None
        row, column = np.nonzero(rng.random((at.size, members.size)) < part.share)
        late = lags(part.lag, row.size, rng)
        if part.habit:
            late = np.maximum(usual[column] + rng.normal(0, 90, row.size), 0)
        t = at[row] + part.pace * late
        if part.lag.kind == "none":
            t = t + slot[column] * _SLOT_S
        client = [part.client if part.client and signed else None for signed in signs[column].tolist()]
        copied = pastes[column]
        said = [
            _wording(part, texts[r], books.get(hours[r], pool), names[c], rng) for r, c in zip(row, column, strict=True)
        ]
        links = [
            [f"https://demo-{names[c].lower()}.example/{r}"] for r, c in zip(row.tolist(), column.tolist(), strict=True)
        ]
        own = np.flatnonzero(copied)
        week.rows.post(
            members[column[own]],
            t[own],
            [said[n] for n in own],
            urls=[links[n] for n in own] if part.links else None,
            client=[client[n] for n in own],
        )
        if posts is not None:
            again = np.flatnonzero(~copied)
            week.rows.refer(members[column[again]], t[again], posts[row[again]], client=[client[n] for n in again])
    further = np.repeat(members, rng.poisson(part.own_posts, members.size))
    week.rows.post(further, rhythm(rng, further.size), week.words.take(further.size), weight=1.5)


def lags(lag: Lag, size: int, rng: np.random.Generator) -> np.ndarray:
    """Return so many delays, in seconds."""
    if lag.kind == "uniform":
        return rng.uniform(lag.a, lag.b, size)
    if lag.kind == "log-normal":
        return lag.a * rng.lognormal(0.0, lag.b, size)
    if lag.kind == "none":
        return np.zeros(size)
    raise ValueError(f"A lag is 'uniform', 'log-normal' or 'none', not {lag.kind!r}.")


def _items(part: Notices, rng: np.random.Generator) -> tuple[np.ndarray, list[float]]:
    """Return the times of the items of one source, ascending, and the fixed hour that each belongs to (else -1)."""
    if part.at:
        hours = np.tile(part.at, DAYS)
        return np.repeat(np.arange(DAYS), len(part.at)) * DAY + hours * HOUR, hours.tolist()
    number = round(part.daily * DAYS)
    day = np.arange(number) % DAYS
    return np.sort(day * DAY + rng.uniform(*part.between, number) * HOUR), [-1.0] * number


def _wording(part: Notices, text: str, book: list[str], name: str, rng: np.random.Generator) -> str:
    if part.wording == "stock":
        text = book[int(rng.integers(len(book)))]
    elif part.wording == "place":
        text = f"{name}: {text}"
    elif part.wording == "rewritten":
        text = swapped(rng, text, part.swapped, book)
    return copied_texts.surface(rng, text, "devanagari") if part.by_hand and rng.random() < 0.5 else text
