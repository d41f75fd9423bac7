"""The week as X API v2 JSON lines, flattened as twarc does it: each line holds its author and the referenced post."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.sample_case.election_week import wording
from benchmarks.sample_case.election_week.actions import account_ids
from benchmarks.sample_case.election_week.texts import PLACES
from benchmarks.sample_case.election_week.world import ROLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.sample_case.election_week.world import World

__all__ = ["damaged", "lines"]

_KINDS = ("retweeted", "replied_to", "quoted")
_MADE_TOGETHER = [datetime(2025, 7, day, tzinfo=UTC).date().toordinal() - 719_163 for day in (7, 8, 10)]
"""Days since 1970 on which the members of the first campaign were made."""


def lines(
    world: World,
    rng: np.random.Generator,
    words: Callable[[World, np.random.Generator], list[wording.Words]] = wording.originals,
    first: int = 0,
) -> list[str]:
    """Return one JSON line per post, in order of time; at equal times originals come first.

    ``words`` writes the originals; ids of posts count from ``first``. Equal generators give the accounts the same
    facts, whatever the week.
    """
    people = _people(world, rng)
    posts = _originals(world, people, words(world, rng), first)
    drawn = [(post["created_at"], number, post, None) for number, post in enumerate(posts, start=first)]
    columns = zip(*(world.references[name].tolist() for name in ("actor", "ref", "t_ms", "kind")), strict=True)
    for number, (actor, ref, t_ms, kind) in enumerate(columns, start=first + len(posts)):
        said = _passed_on(rng, posts[ref], int(world.place[actor]), kind)
        post = _post(people[actor], t_ms, said, number)
        if kind == 1:
            post["in_reply_to_user_id"] = posts[ref]["author_id"]
            post["conversation_id"] = posts[ref]["id"]
        drawn.append((post["created_at"], number, post, {"type": _KINDS[kind], **posts[ref]}))
    drawn.sort(key=lambda row: row[:2])
    return [_flat(post, reference, place) for place, (_, _, post, reference) in enumerate(drawn)]


def damaged(rows: list[str], rng: np.random.Generator) -> list[str]:
    """Return the lines with forty of them twice, as overlapping searches give, and four broken ones among them."""
    rows = list(rows)
    for place in sorted(rng.choice(len(rows) - 600, size=40, replace=False).tolist(), reverse=True):
        rows.insert(place + int(rng.integers(1, 500)), rows[place])
    cut, no_author, no_time, no_id = (json.loads(rows[place]) for place in (700, 3_100, 6_900, 9_400))
    del no_author["author_id"], no_author["author"], no_id["id"]
    no_time["created_at"] = "yesterday evening"
    for place, text in (
        (9_401, _dump(no_id)),
        (6_901, _dump(no_time)),
        (3_101, _dump(no_author)),
        (701, _dump(cut)[:180]),
    ):
        rows[place] = text
    return rows


def _people(world: World, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return the author object of each account; followers and posts do not depend on the role.

    Nor does the age, but for the members of the first campaign: they were made on three days, a third on each.
    """
    ids, size = account_ids(world), world.role.size
    followers = np.floor(rng.lognormal(5.2, 1.4, size)).astype(int)
    following = np.floor(rng.lognormal(5.4, 0.9, size)).astype(int)
    written = np.floor(rng.lognormal(6.5, 1.5, size)).astype(int)
    born = rng.integers(1_330_000_000 // 86_400, 1_755_000_000 // 86_400, size)
    together = np.flatnonzero(world.role == ROLES.index("campaign_copy"))
    born[together] = np.resize(_MADE_TOGETHER, together.size)
    names = [PLACES[place][0] for place in world.place.tolist()]
    return [
        {
            "id": str(ids[i]),
            "username": f"demo_{names[i]}_{i:04d}",
            "name": f"Demo {names[i].title()} {i:04d}",
            "created_at": _iso(int(born[i]) * 86_400_000),
            "verified": False,
            "public_metrics": {
                "followers_count": int(followers[i]),
                "following_count": int(following[i]),
                "tweet_count": int(written[i]),
            },
        }
        for i in range(size)
    ]


def _originals(
    world: World, people: list[dict[str, Any]], words: list[wording.Words], first: int
) -> list[dict[str, Any]]:
    counts = np.zeros((len(words), 3), dtype=int)
    np.add.at(counts, (world.references["ref"], world.references["kind"]), 1)
    posts = []
    columns = zip(world.originals["author"].tolist(), world.originals["t_ms"].tolist(), words, strict=True)
    for number, (author, t_ms, said) in enumerate(columns):
        post = _post(people[author], t_ms, said, first + number)
        post["public_metrics"] = {
            "retweet_count": int(counts[number, 0]),
            "reply_count": int(counts[number, 1]),
            "like_count": int(3 * counts[number].sum() + number % 4),
            "quote_count": int(counts[number, 2]),
        }
        posts.append(post)
    return posts


def _passed_on(rng: np.random.Generator, original: dict[str, Any], place: int, kind: int) -> wording.Words:
    """Return the words of a repost (cut at 140 characters, as X does it), a reply or a quote."""
    other = original["author"]["username"]
    if kind == 0:
        text = f"RT @{other}: {original['text']}"
        return wording.Words(text if len(text) <= 140 else text[:139] + "…", original["lang"], {})
    own = wording.remark(rng, place)
    return wording.Words(f"@{other} {own.text}", own.lang, {}) if kind == 1 else own


def _post(author: dict[str, Any], t_ms: int, said: wording.Words, number: int) -> dict[str, Any]:
    identity = f"9170000000000{number:06d}"
    return {
        "id": identity,
        "conversation_id": identity,
        "created_at": _iso(t_ms),
        "author_id": author["id"],
        "text": said.text,
        "lang": said.lang,
        "entities": _entities(said),
        "public_metrics": {"retweet_count": 0, "reply_count": 0, "like_count": 0, "quote_count": 0},
        "author": author,
    }


def _entities(said: wording.Words) -> dict[str, list[dict[str, Any]]]:
    """Return tags, mentions and links with their places in the text, counted in characters."""
    found: dict[str, list[dict[str, Any]]] = {}
    place = 0
    for word in said.text.split(" "):
        span = {"start": place, "end": place + len(word)}
        if word.startswith("#"):
            found.setdefault("hashtags", []).append({**span, "tag": word[1:]})
        elif word.startswith("@") and len(word) > 1:
            name = word[1:].rstrip(":")
            found.setdefault("mentions", []).append({**span, "end": place + 1 + len(name), "username": name})
        elif word in said.links:
            full = said.links[word]
            link = {"url": word, "expanded_url": full, "display_url": full.removeprefix("https://")[:30]}
            found.setdefault("urls", []).append({**span, **link})
        place += len(word) + 1
    return found


def _flat(post: dict[str, Any], reference: dict[str, Any] | None, place: int) -> str:
    row = dict(post)
    if reference is not None:
        row["referenced_tweets"] = [reference]
    if not row["entities"]:
        del row["entities"]
    retrieved = _iso(1_763_000_000_000 + place // 500 * 4_000)[:19] + "+00:00"
    row["__twarc"] = {
        "url": "https://api.demo-x.example/2/tweets/search/all",
        "version": "2.14.0",
        "retrieved_at": retrieved,
    }
    return _dump(row)


def _dump(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def _iso(t_ms: int) -> str:
    return datetime.fromtimestamp(t_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
