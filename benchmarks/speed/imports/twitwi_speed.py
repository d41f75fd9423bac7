"""Posts per second and core: the importers of X and Bluesky beside ``twitwi`` (medialab, MIT), on the same posts.

    python -m benchmarks.speed.imports.twitwi_speed --posts 20000

Posts are generated as X API v2 (pages of 100 with their users), X API v1.1 and Bluesky's API hand them out, complete as
``twitwi`` asks for. Both start from parsed JSON and give one row per post: the importer's function with the accounts
beside it, ``twitwi``'s ``normalize_*``. The best CPU time of three passes counts. Then hostile shapes: one field of a
post, somewhere, is gone or of another type; at how many of these each side raises an exception.
"""

from __future__ import annotations

import copy
import json
import random
import time
from typing import TYPE_CHECKING, Any

from benchmarks.speed.process import whole_numbers
from spmc_tools.importers.formats.platforms import bluesky
from spmc_tools.importers.formats.x import x_api_v1, x_api_v2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Json = dict[str, Any]
WORDS = ("मतदान", "आज", "पटना", "बिहार", "लोग", "सड़क", "पानी", "बिजली", "vote", "today", "road", "water", "train")
ZOO: tuple[object, ...] = (None, 0, 1.5, True, "", "x", [], ["x"], {}, {"x": 1})


def user_v2(number: int) -> Json:
    """Return a user with every field that ``twitwi`` reads."""
    return {
        "id": str(10_000 + number), "username": f"user{number}", "name": f"नाम {number}", "description": "पटना से",
        "created_at": "2015-03-01T10:00:00.000Z", "verified": False, "location": "Patna", "url": "https://example.org/u",
        "profile_image_url": "https://example.org/i.jpg",
        "public_metrics": {"followers_count": 7, "following_count": 8, "tweet_count": 9, "listed_count": 1},
    }  # fmt: skip


def tweet_v2(rng: random.Random, number: int, people: int) -> Json:
    """Return a tweet: a third reposts one before, a third answers, each with tags, mentions and an address."""
    words = rng.choices(WORDS, k=rng.randint(5, 20))
    found: Json = {
        "id": str(1_850_000_000_000_000_000 + number), "author_id": str(10_000 + rng.randrange(people)),
        "text": " ".join(words) + " https://t.co/a",
        "created_at": f"2025-11-06T04:{number // 60 % 60:02}:{number % 60:02}.000Z",
        "conversation_id": "1850000000000000000", "lang": "hi", "source": "App", "possibly_sensitive": False,
        "edit_history_tweet_ids": [str(1_850_000_000_000_000_000 + number)],
        "public_metrics": {
            "like_count": 3, "retweet_count": 2, "reply_count": 1, "quote_count": 0, "impression_count": 44,
        },
        "entities": {
            "hashtags": [{"tag": words[0]}],
            "urls": [{"url": "https://t.co/a", "expanded_url": "https://example.org/a?b=1"}],
            "mentions": [{"username": f"user{rng.randrange(people)}", "id": str(10_000 + rng.randrange(people))}],
        },
    }  # fmt: skip
    kind = ("retweeted", "replied_to", None)[number % 3]
    if kind and number % 100 > 3:
        found["referenced_tweets"] = [{"type": kind, "id": str(1_850_000_000_000_000_000 + number - 3)}]
    return found


def pages_v2(posts: int, seed: int = 1, people: int = 50) -> list[Json]:
    """Return pages of 100 tweets with all their users; the tweets referred to lie beside them."""
    rng = random.Random(seed)
    users = [user_v2(n) for n in range(people)]
    pages = []
    for start in range(0, posts, 100):
        data = [tweet_v2(rng, n, people) for n in range(start, min(start + 100, posts))]
        pages.append({"data": data, "includes": {"users": users, "tweets": data}, "meta": {}})
    return pages


def status_v1(rng: random.Random, number: int, people: int = 50) -> Json:
    """Return a status of X API v1.1 with its user; every third reposts one."""
    words = rng.choices(WORDS, k=rng.randint(5, 20))
    who = rng.randrange(people)
    found: Json = {
        "id": 1_050_000_000_000_000_000 + number, "id_str": str(1_050_000_000_000_000_000 + number),
        "created_at": f"Wed Oct 10 20:{number // 60 % 60:02}:{number % 60:02} +0000 2018", "lang": "hi",
        "full_text": " ".join(words) + " https://t.co/a",
        "source": '<a href="https://example.org" rel="nofollow">App</a>', "favorite_count": 3, "retweet_count": 2,
        "reply_count": 1, "possibly_sensitive": False, "place": None, "coordinates": None,
        "user": {
            "id_str": str(10_000 + who), "screen_name": f"user{who}", "name": f"नाम {who}", "description": "पटना",
            "url": None, "location": "Patna", "followers_count": 7, "friends_count": 8, "statuses_count": 9,
            "favourites_count": 1,
            "listed_count": 1, "verified": False, "created_at": "Wed Aug 16 18:33:34 +0000 2017",
            "profile_image_url_https": "https://example.org/i.jpg",
        },
        "entities": {
            "hashtags": [{"text": words[0]}],
            "urls": [{"url": "https://t.co/a", "expanded_url": "https://example.org/a?b=1"}],
            "user_mentions": [{"id_str": str(10_000 + who), "screen_name": f"user{who}"}],
        },
    }  # fmt: skip
    if number % 3 == 0:
        found["retweeted_status"] = status_v1(rng, number - 1, people)
    return found


def post_bluesky(rng: random.Random, number: int, people: int = 50) -> Json:
    """Return a post of Bluesky's API; every third answers another."""
    words = rng.choices(WORDS, k=rng.randint(5, 20))
    did = f"did:plc:{rng.randrange(people):024}"
    text = f"#{words[0]} {' '.join(words)} https://example.org/a?b=1"
    start, size = len(text.encode()) - 25, len(text.encode())
    record: Json = {
        "$type": "app.bsky.feed.post", "text": text, "langs": ["hi"],
        "createdAt": f"2025-03-16T16:{number // 60 % 60:02}:{number % 60:02}.779Z",
        "facets": [
            {"index": {"byteStart": 0, "byteEnd": len(words[0].encode()) + 1},
             "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": words[0]}]},
            {"index": {"byteStart": start, "byteEnd": size},
             "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/a?b=1"}]},
        ],
    }  # fmt: skip
    if number % 3 == 0:
        target = {"uri": f"at://{did}/app.bsky.feed.post/p{number - 1}", "cid": "c"}
        record["reply"] = {"parent": target, "root": target}
    return {
        "uri": f"at://{did}/app.bsky.feed.post/p{number}", "cid": "c", "record": record, "likeCount": 3,
        "repostCount": 2, "replyCount": 1, "quoteCount": 0, "bookmarkCount": 0, "labels": [],
        "indexedAt": "2025-03-16T16:09:10.000Z",
        "author": {"did": did, "handle": "user.example", "displayName": "नाम", "createdAt": "2024-01-01T00:00:00.000Z"},
    }  # fmt: skip


def best(work: Callable[[], int], passes: int = 3) -> tuple[float, int]:
    """Return the least CPU seconds of some passes, and how many rows the last one gave."""
    seconds, rows = [], 0
    for _ in range(passes):
        before = time.process_time()
        rows = work()
        seconds.append(time.process_time() - before)
    return min(seconds), rows


def sides(posts: int) -> dict[str, tuple[Callable[[], int], Callable[[], int]]]:
    """Return by format what the importer does with its posts, and what ``twitwi`` does with the same."""
    from twitwi import normalize_tweet, normalize_tweets_payload_v2
    from twitwi.bluesky import normalize_post

    rng = random.Random(2)
    pages = pages_v2(posts)
    statuses = [status_v1(rng, n) for n in range(posts)]
    skeets = [post_bluesky(rng, n) for n in range(posts)]

    def ours(rows: Any, values: Iterable[Json]) -> Callable[[], int]:
        return lambda: sum(
            isinstance(item, x_api_v1.Record) for n, one in enumerate(values, 1) for item in rows(one, n)
        )

    return {
        "x_api_v2": (ours(x_api_v2._rows, pages), lambda: sum(len(normalize_tweets_payload_v2(one)) for one in pages)),
        "x_api_v1": (ours(x_api_v1._rows, statuses), lambda: sum(bool(normalize_tweet(one)) for one in statuses)),
        "bluesky": (ours(bluesky._rows, skeets), lambda: sum(bool(normalize_post(one)) for one in skeets)),
    }


def bent(value: Json, seed: int) -> Json:
    """Return a copy of a post in which one field, somewhere, holds something of another type, or is gone."""
    rng = random.Random(seed)
    found = copy.deepcopy(value)
    holder: Any = found
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = rng.choice(keys)
        inner = holder[key]
        if isinstance(inner, (dict, list)) and inner and rng.random() < 0.6:
            holder = inner
            continue
        if rng.random() < 0.3:
            del holder[key]
        else:
            holder[key] = rng.choice(ZOO)
        return found


def raised(work: Callable[[Json], object], values: list[Json]) -> int:
    """Return at how many posts a function raises an exception."""
    count = 0
    for one in values:
        try:
            work(copy.deepcopy(one))
        except Exception:
            count += 1
    return count


def hostile(posts: int) -> dict[str, tuple[int, int]]:
    """Return by format at how many of some bent posts the importer raises, and at how many ``twitwi`` does."""
    from twitwi import normalize_tweet, normalize_tweets_payload_v2
    from twitwi.bluesky import normalize_post

    rng = random.Random(3)
    page = pages_v2(1)[0]
    tests: dict[str, tuple[Json, Any, Any]] = {
        "x_api_v2": (page, x_api_v2._rows, normalize_tweets_payload_v2),
        "x_api_v1": (status_v1(rng, 0), x_api_v1._rows, normalize_tweet),
        "bluesky": (post_bluesky(rng, 0), bluesky._rows, normalize_post),
    }
    found = {}
    for name, (whole, rows, theirs) in tests.items():
        values = [bent(whole, seed) for seed in range(posts)]
        found[name] = (raised(lambda one, rows=rows: list(rows(one, 1)), values), raised(theirs, values))
    return found


def main() -> None:
    """Print one JSON line per format."""
    args = whole_numbers(__doc__, posts=20_000, bent=1000)
    bad = hostile(args.bent)
    for name, (ours, theirs) in sides(args.posts).items():
        (seconds, rows), (other, other_rows) = best(ours), best(theirs)
        line = {
            "format": name, "posts": args.posts, "rows": rows, "posts_per_s": round(args.posts / seconds),
            "twitwi_rows": other_rows, "twitwi_posts_per_s": round(args.posts / other), "bent": args.bent,
            "raised": bad[name][0], "twitwi_raised": bad[name][1],
        }  # fmt: skip
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
