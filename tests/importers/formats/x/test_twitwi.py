"""X and Bluesky against ``twitwi``, a library that reads the same answers: a second route that somebody else wrote.

Compared is what both say, in ``twitwi``'s terms: it cuts times to the second, sorts tags and mentions, normalises
addresses, writes them into the text, and leaves a repost without figures. Why it does not carry the importers stands in
``docs/reference/formats.md``. Of real posts nothing is shown where a comparison fails, only the names of fields.
"""

from __future__ import annotations

import copy
import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spmc_tools.case.store.case import create_case
from spmc_tools.importers.engine.json_rows import Beside
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.formats.platforms import bluesky
from spmc_tools.importers.formats.x import x_api_v1, x_api_v2
from spmc_tools.importers.import_files import import_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Json = dict[str, Any]
    Rows = Callable[[Json, int], Iterator[Any]]

twitwi = pytest.importorskip("twitwi", reason="twitwi is not installed (extra dev)")
from twitwi.bluesky import (  # noqa: E402
    format_post_as_csv_row,
    normalize_partial_post,
    normalize_post,
    normalize_profile,
)
from twitwi.bluesky.constants import POST_FIELDS  # noqa: E402
from twitwi.constants import TWEET_FIELDS  # noqa: E402
from twitwi.utils import custom_normalize_url, safe_normalize_url  # noqa: E402

SECOND = 1_000_000


def rows_of(rows: Rows, value: Json) -> tuple[dict[str, Record], dict[str, Account]]:
    """Records by id and the first look of each account."""
    records: dict[str, Record] = {}
    accounts: dict[str, Account] = {}
    for item in rows(value, 1):
        if isinstance(item, Record):
            records.setdefault(item.record_id, item)
        found = item.account if isinstance(item, Beside) else item
        if isinstance(found, Account):
            accounts.setdefault(found.account_id, found)
    return records, accounts


def differing(ours: Json, theirs: Json) -> set[str]:
    """Names of fields that are not the same; empty and missing say the same."""
    return {name for name, value in ours.items() if (value or None) != (theirs.get(name) or None)}


def whole_seconds(micros: int | None) -> int | None:
    return None if micros is None else micros // SECOND


def as_user(account: Account | None, before: str = "user_") -> Json:
    """An account in twitwi's terms for X."""
    if account is None:
        return {}
    found = {
        "screen_name": account.handle, "name": account.display_name, "description": account.description,
        "tweets": account.posts, "followers": account.followers, "friends": account.following,
        "verified": account.verified, "location": account.location_text,
        "timestamp_utc": whole_seconds(account.created_at),
    }  # fmt: skip
    return {before + name: value for name, value in found.items()}


def as_tweet(record: Record) -> Json:
    """A record in twitwi's terms for X: what it says of every tweet, and of one that is no repost."""
    found: Json = {
        "id": record.record_id, "user_id": record.account_id, "timestamp_utc": whole_seconds(record.created_at),
        "lang": record.lang, "source_name": record.client,
    }  # fmt: skip
    if record.kind == "repost":
        return {**found, "retweeted_id": record.ref_record_id}
    found |= {"like_count": record.likes, "retweet_count": record.reposts, "reply_count": record.replies}
    if record.kind == "quote":
        found |= {"quoted_id": record.ref_record_id}
    return found


def of_the_text(record: Record, *, lower: bool) -> Json:
    """Tags, mentions and addresses as twitwi lists them."""
    tags = {tag.lower() if lower else tag for tag in record.hashtags or ()}
    return {"hashtags": sorted(tags), "mentioned_ids": set(record.mentions or ())}


def with_whole_links(text: str | None, urls: list[Json], *keys: str) -> str:
    """A text with its short addresses written out, as twitwi writes it."""
    import html

    text = text or ""
    for url in urls:
        whole = next((url[key] for key in keys if url.get(key)), None)
        text = text.replace(url["url"], whole) if whole else text
    return html.unescape(text)


def links_differ(ours: list[str] | None, theirs: list[str]) -> set[str]:
    """Addresses of ours that twitwi has not; of its own those that are more than X's pages of pictures and posts."""
    mine = {custom_normalize_url(url) for url in ours or ()}
    more = {url for url in theirs if url not in mine and "/status/" not in url}
    fewer = {url for url in mine if url not in theirs and "/status/" not in url}
    return {"links"} if more or fewer else set()


def tweets_v2_differ(page: Json) -> list[set[str] | None]:
    """Of each tweet of a page of API v2 the fields in which the two differ; None where twitwi raises."""
    data = page.get("data")
    items = [
        one for one in (data if isinstance(data, list) else [data]) if isinstance(one, dict) and "author_id" in one
    ]
    records, accounts = rows_of(x_api_v2._rows, {"meta": {}, **page})
    found: list[set[str] | None] = []
    for item in items:
        try:
            [theirs] = twitwi.normalize_tweets_payload_v2({"data": [item], "includes": page.get("includes", {})})
        except Exception:
            found.append(None)
        else:
            found.append(tweet_v2_differs(item, theirs, records, accounts, page["includes"]))
    return found


def tweet_v2_differs(
    item: Json, theirs: Json, records: dict[str, Record], accounts: dict[str, Account], includes: Json
) -> set[str]:
    record = records[item["id"]]
    theirs["mentioned_ids"] = set(theirs["mentioned_ids"])
    wrong = differing({**as_tweet(record), "impression_count": record.views}, theirs)
    wrong |= differing(as_user(accounts[record.account_id]), theirs)
    beside = {tweet["id"] for tweet in includes.get("tweets", [])}
    if record.ref_record_id in beside:
        name = {"repost": "retweeted_user_id", "reply": "to_userid", "quote": "quoted_user_id"}[record.kind]
        wrong |= differing({name: record.ref_account_id}, theirs)
    if record.kind == "reply" and record.ref_record_id in beside:
        wrong |= differing({"to_tweetid": record.ref_record_id}, theirs)
    if record.kind == "repost" or "note_tweet" in item:
        return wrong
    urls = item.get("entities", {}).get("urls", [])
    if not theirs.get("quoted_user_id"):
        wrong |= differing({"text": with_whole_links(record.text, urls, "unwound_url", "expanded_url")}, theirs)
    return wrong | differing(of_the_text(record, lower=False), theirs) | links_differ(record.urls, theirs["links"])


def test_real_tweets_of_api_v2(shared_data):
    """Pages of twarc, of academictwitteR and twitwi's own, tweet by tweet: twitwi raises at a page for one of them."""
    folder = shared_data / "formats"
    paths = [*(folder / "x_api_v2_twarc").glob("*.jsonl"), *(folder / "x_api_v1_v2_twitwi").glob("payload-v2*.json")]
    paths += (folder / "x_api_v2_academictwitteR").glob("data_*.json")
    wrong: dict[str, set[str]] = {}
    compared = raised = 0
    for path in sorted(paths):
        for page in pages(path):
            for found in tweets_v2_differ(page):
                compared, raised = compared + (found is not None), raised + (found is None)
                if found:
                    wrong.setdefault(path.name, set()).update(found)
    if wrong:
        pytest.fail(str(wrong))
    assert compared >= 925 and compared + raised == 1441


def pages(path: Path) -> Iterator[Json]:
    text = path.read_text(encoding="utf-8")
    for line in text.split("\n") if path.suffix == ".jsonl" else [text]:
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, list):  # academictwitteR keeps the users in another file
            users = json.loads(path.with_name(path.name.replace("data_", "users_")).read_text(encoding="utf-8"))[
                "users"
            ]
            yield {"data": found, "includes": {"users": users}}
        elif isinstance(found, dict):
            yield found


def status_v1_differs(item: Json) -> set[str]:
    """Fields of one status of API v1.1 in which the two differ."""
    records, accounts = rows_of(x_api_v1._rows, copy.deepcopy(item))
    theirs = twitwi.normalize_tweet(item)
    record = records[item["id_str"]]
    theirs["mentioned_ids"] = set(theirs["mentioned_ids"])
    wrong = differing(as_tweet(record), theirs) | differing(as_user(accounts[record.account_id]), theirs)
    if record.kind == "reply":
        wrong |= differing({"to_tweetid": record.ref_record_id, "to_userid": record.ref_account_id}, theirs)
    wrong |= {"media_urls"} if {one["url"] for one in record.media or ()} - set(theirs["media_urls"]) else set()
    if record.kind in {"repost", "quote"}:
        told = {"repost": "retweeted_user_id", "quote": "quoted_user_id"}[record.kind]
        mine = of_the_text(record, lower=True)
        wrong |= {name for name, values in mine.items() if not set(values) <= set(theirs[name])}
        return wrong | differing({told: record.ref_account_id}, theirs)
    entities = item.get("extended_tweet", item)["entities"]
    shown = [*entities["urls"], *entities.get("media", [])]
    wrong |= differing({"text": with_whole_links(record.text, shown, "expanded_url")}, theirs)
    return wrong | differing(of_the_text(record, lower=True), theirs) | links_differ(record.urls, theirs["links"])


@pytest.mark.parametrize("name", ["search", "show", "stream"])
def test_real_statuses_of_api_v1(name, shared_data):
    path = shared_data / "formats" / "x_api_v1_v2_twitwi" / f"normalization-payload-{name}.json"
    wrong = status_v1_differs(json.loads(path.read_text(encoding="utf-8")))
    if wrong:
        pytest.fail(str(sorted(wrong)))


def test_the_real_archive(shared_data):
    """Each post with a made-up author, since an archive names none and twitwi raises without one."""
    text = (shared_data / "formats" / "x_archive" / "tweets_redacted.js").read_text(encoding="utf-8")
    user = {
        "id_str": "11", "screen_name": "asha", "name": "आशा", "profile_image_url_https": "https://example.org/i.jpg",
        "created_at": "Wed Aug 16 18:33:34 +0000 2017",
    }  # fmt: skip
    items = [one["tweet"] for one in json.loads(text[text.index("=") + 1 :])]
    assert len(items) == 8
    for item in items:
        counts = {name: int(item[name]) for name in ("favorite_count", "retweet_count")}
        if wrong := status_v1_differs({**item, **counts, "user": user}):
            pytest.fail(str(sorted(wrong)))


def test_real_users_of_api_v1_and_v2(shared_data):
    v1 = json.loads((shared_data / "formats" / "x_api_v1_v2_twitwi" / "api-users-v1.json").read_text(encoding="utf-8"))
    v2 = [user for page in pages(shared_data / "formats" / "x_api_v2_twarc" / "users.jsonl") for user in page["data"]]
    for users, rows, is_v2 in ((v1, x_api_v1._rows, False), (v2, x_api_v2._rows, True)):
        assert users
        for user in users:
            _, accounts = rows_of(rows, copy.deepcopy(user))
            theirs = twitwi.normalize_user(copy.deepcopy(user), v2=is_v2)
            mine = as_user(accounts[theirs["id"]], "")
            urls = user.get("entities", {}).get("description", {}).get("urls", [])
            for url in urls:
                mine["description"] = mine["description"].replace(url["url"], url.get("expanded_url") or url["url"])
            if wrong := differing(mine, theirs):
                pytest.fail(str(sorted(wrong)))


def hash_in(url: str | None) -> str:
    """The hash of a picture in its address: the server's copies differ in owner and ending."""
    return (url or "").rsplit("/", 1)[-1].split("@")[0]


def inner(item: Json) -> Json:
    found = item.get("post", item)
    found = found.get("commit") or found["record"]
    return found.get("record", found)


def embed_of(item: Json) -> str | None:
    return inner(item).get("embed", {}).get("$type")


def cut_out_of_the_text(item: Json) -> bool:
    """Whether a mark says that there is a tag and does not name it: twitwi cuts it out of the text."""
    features = [feature for facet in inner(item).get("facets", []) for feature in facet["features"]]
    return any(one["$type"].endswith("#tag") and "tag" not in one for one in features)


def skeet_differs(item: Json, theirs: Json) -> set[str]:
    """Fields of one post of Bluesky in which the two differ."""
    records, accounts = rows_of(bluesky._rows, item)
    record = next(one for one in records.values() if one.kind != "repost")
    mine: Json = {
        "uri": record.record_id, "user_did": record.account_id, "timestamp_utc": whole_seconds(record.created_at),
        "original_text": record.text, "like_count": record.likes, "repost_count": record.reposts,
        "reply_count": record.replies, "to_root_post_uri": record.conversation_id,
    }  # fmt: skip
    if record.kind == "reply":
        mine |= {"to_post_uri": record.ref_record_id, "to_user_did": record.ref_account_id}
    if record.kind == "quote":
        mine |= {"quoted_uri": record.ref_record_id}
    wrong = differing(mine, theirs)
    langs = theirs["user_langs"]
    wrong |= set() if record.lang == (langs[0] if langs else None) else {"lang"}
    wrong |= set() if set(theirs["mentioned_user_dids"]) == set(record.mentions or ()) else {"mentions"}
    tags = {tag.strip().lower() for tag in record.hashtags or ()}
    wrong |= set() if set(theirs["hashtags"]) <= tags or cut_out_of_the_text(item) else {"hashtags"}
    links = {safe_normalize_url(url) for url in record.urls or ()}
    more = {url for url in theirs["links"] if url not in links and "/starter-pack/" not in url}
    wrong |= {"links"} if more and embed_of(item) != "app.bsky.embed.links" else set()
    kinds = zip(theirs["media_urls"], theirs["media_types"], strict=False)
    images = {hash_in(url) for url, kind in kinds if kind.startswith("image")}
    wrong |= set() if images <= {hash_in(one["url"]) for one in record.media or ()} else {"media"}
    if account := accounts.get(record.account_id):
        seen = {
            "user_handle": account.handle, "user_display_name": account.display_name,
            "user_timestamp_utc": whole_seconds(account.created_at),
        }  # fmt: skip
        wrong |= differing(seen, theirs)
    for shown in records.values():
        if shown.kind == "repost":
            by = {"repost_by_user_did": shown.account_id, "repost_timestamp_utc": whole_seconds(shown.created_at)}
            wrong |= differing(by, theirs)
    return wrong


@pytest.mark.parametrize(
    ("name", "source"),
    [("posts", None), ("hydrated-firehose-posts", None), ("firehose-posts", "firehose"), ("tap-posts", "tap")],
)
def test_real_posts_of_bluesky(name, source, shared_data):
    items = json.loads((shared_data / "formats" / "bluesky" / f"bluesky-{name}.json").read_text(encoding="utf-8"))
    wrong: dict[str, list[int]] = {}
    compared = 0
    for number, item in enumerate(items, 1):
        given_item = copy.deepcopy(item)
        records, _ = rows_of(bluesky._rows, given_item)
        if not any(one.kind != "repost" for one in records.values()):
            continue
        theirs = normalize_partial_post(item, collection_source=source) if source else normalize_post(item)
        compared += 1
        for field in skeet_differs(given_item, theirs):
            wrong.setdefault(field, []).append(number)
    assert compared >= len(items) - 1
    if wrong:
        pytest.fail(str(wrong))


def test_real_profiles_of_bluesky(shared_data):
    for item in json.loads((shared_data / "formats" / "bluesky" / "bluesky-profiles.json").read_text(encoding="utf-8")):
        _, accounts = rows_of(bluesky._rows, copy.deepcopy(item))
        [one] = accounts.values()
        mine = {
            "did": one.account_id, "handle": one.handle, "display_name": one.display_name, "posts": one.posts,
            "description": one.description, "followers": one.followers, "follows": one.following,
            "timestamp_utc": whole_seconds(one.created_at),
        }  # fmt: skip
        if wrong := differing(mine, normalize_profile(item)):
            pytest.fail(str(sorted(wrong)))


SAME = (
    "record_id", "platform", "account_id", "kind", "ref_record_id", "lang", "conversation_id", "mentions",
    "media", "text",
)  # fmt: skip


def as_table(fields: list[str], rows: list[list[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([fields, *rows])
    return out.getvalue()


def test_a_table_that_twitwi_writes_is_read_as_the_posts_of_bluesky_themselves(bring, write, shared_data):
    """minet writes its tables with twitwi; of a post it changes only what the docs say: seconds, addresses, tags."""
    text = (shared_data / "formats" / "bluesky" / "bluesky-hydrated-firehose-posts.json").read_text(encoding="utf-8")
    items = [one for one in json.loads(text) if "reason" not in one]
    rows = [format_post_as_csv_row(normalize_post(copy.deepcopy(one))) for one in items]
    table = {row["record_id"]: row for row in bring("minet.csv", as_table(POST_FIELDS, rows)).records}
    other = create_case("other", title="t", purpose="p", legal_basis="l", date_from="2010-01-01", date_to="2029-12-31")
    import_files(other, [write("posts.json", json.dumps(items))])
    posts = {row["record_id"]: row for row in other.table("records").to_pylist()}
    assert table.keys() == posts.keys() and len(posts) == len(items)
    wrong = {name for key, row in posts.items() for name in SAME if (row[name] or None) != table[key].get(name)}
    wrong |= {
        "created_at"
        for key, row in posts.items()
        if table[key]["created_at"] != row["created_at"].replace(microsecond=0)
    }
    wrong |= {"metrics" for key, row in posts.items() if table[key]["metrics"] != row["metrics"]}
    if wrong:
        pytest.fail(str(sorted(wrong)))


def test_a_table_that_twitwi_writes_is_read_as_the_tweets_themselves(bring, write, shared_data):
    text = (shared_data / "formats" / "x_api_v1_v2_twitwi" / "payload-v2.json").read_text(encoding="utf-8")
    page = json.loads(text)
    rows = [twitwi.format_tweet_as_csv_row(one) for one in twitwi.normalize_tweets_payload_v2(page)]
    found = bring("minet.csv", as_table(TWEET_FIELDS, rows))
    table = {row["record_id"]: row for row in found.records}
    people = {row["account_id"]: row for row in found.accounts}
    records, accounts = rows_of(x_api_v2._rows, page)
    assert found.result.format == "minet_x" and table.keys() == records.keys()
    wrong = set()
    for key, record in records.items():
        row = table[key]
        wrong |= {
            n for n in ("account_id", "kind", "ref_record_id", "lang", "client") if row.get(n) != getattr(record, n)
        }
        wrong |= {"created_at"} if row["created_at"].timestamp() != record.created_at // SECOND else set()
        account, told = accounts[record.account_id], people[record.account_id]
        names = (
            "handle",
            "display_name",
            "description",
            "followers",
            "following",
            "posts",
            "verified",
            "location_text",
        )
        wrong |= {f"accounts.{n}" for n in names if told.get(n) != getattr(account, n)}
    if wrong:
        pytest.fail(str(sorted(wrong)))


NAMES = ("asha", "ravi", "mira")
WORDS = st.text(st.sampled_from("abc मतदान &<>…\n"), min_size=1, max_size=30)
TAGS = st.lists(st.sampled_from(["चुनाव", "bihar", "vote", "पटना"]), max_size=3, unique=True)
COUNT = st.integers(0, 2**40)


def user_v2(number: int) -> Json:
    return {
        "id": str(11 + number), "username": NAMES[number], "name": f"नाम {number}", "description": "पटना" * number,
        "created_at": f"201{number}-03-01T10:00:00.000Z", "verified": number == 1, "location": "Patna",
        "profile_image_url": "https://example.org/i.jpg",
        "public_metrics": {"followers_count": number, "following_count": 8, "tweet_count": 9, "listed_count": 1},
    }  # fmt: skip


@st.composite
def pages_v2(draw: st.DrawFn) -> Json:
    """A page of X API v2: a tweet of some kind, and what it refers to beside it."""
    kind = draw(st.sampled_from([None, "retweeted", "replied_to", "quoted"]))

    def tweet(number: int) -> Json:
        people = draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True))
        known = draw(st.booleans())
        entities = {
            "hashtags": [{"tag": tag} for tag in draw(TAGS)],
            "mentions": [{"username": n, **({"id": str(11 + NAMES.index(n))} if known else {})} for n in people],
            "urls": [{"url": "https://t.co/a", draw(st.sampled_from(["expanded_url", "unwound_url"])):
                      "https://example.org/a"}] if draw(st.booleans()) else [],
        }  # fmt: skip
        counts = {f"{name}_count": draw(COUNT) for name in ("like", "retweet", "reply", "quote", "impression")}
        return {
            "id": str(1_850_000_000_000_000_000 + number), "author_id": str(11 + draw(st.integers(0, 2))),
            "text": draw(WORDS) + " https://t.co/a",
            "created_at": f"2025-11-06T04:05:{draw(st.integers(0, 59)):02}.250Z",
            "lang": draw(st.sampled_from(["hi", "en", "und"])), "source": "App", "possibly_sensitive": False,
            "public_metrics": counts, "entities": entities,
        }  # fmt: skip

    found, other = tweet(2), tweet(1)
    if kind:
        found["referenced_tweets"] = [{"type": kind, "id": other["id"]}]
    return {"data": [found], "includes": {"users": [user_v2(n) for n in range(3)], "tweets": [other]}}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pages_v2())
def test_generated_tweets_of_api_v2(page):
    assert tweets_v2_differ(page) == [set()]


@st.composite
def statuses_v1(draw: st.DrawFn) -> Json:
    """A status of X API v1.1 of some kind; a long one holds its text in ``extended_tweet``."""

    def status(number: int) -> Json:
        who = draw(st.integers(0, 2))
        people = draw(st.lists(st.integers(0, 2), max_size=3, unique=True))
        told = {
            "full_text": draw(WORDS) + " https://t.co/a",
            "entities": {
                "hashtags": [{"text": tag} for tag in draw(TAGS)],
                "user_mentions": [{"id_str": str(11 + n), "screen_name": NAMES[n]} for n in people],
                "urls": [{"url": "https://t.co/a", "expanded_url": "https://example.org/a"}] * draw(st.integers(0, 1)),
            },
        }
        user = {
            "id_str": str(11 + who), "screen_name": NAMES[who], "name": f"नाम {who}", "description": "पटना" * who,
            "location": "Patna", "followers_count": draw(COUNT), "friends_count": 8, "statuses_count": 9,
            "favourites_count": 1, "listed_count": 1, "verified": who == 1, "url": None,
            "created_at": "Wed Aug 16 18:33:34 +0000 2017", "profile_image_url_https": "https://example.org/i.jpg",
        }  # fmt: skip
        found: Json = {
            "id_str": str(1_050_000_000_000_000_000 + number), "lang": "hi", "user": user, "possibly_sensitive": False,
            "created_at": f"Wed Oct 10 20:19:{draw(st.integers(0, 59)):02} +0000 2018",
            "source": '<a href="https://example.org" rel="nofollow">App</a>',
            "favorite_count": draw(COUNT), "retweet_count": draw(COUNT), "reply_count": draw(COUNT),
        }  # fmt: skip
        cut = {"text": "…", "entities": {"hashtags": [], "user_mentions": [], "urls": []}, "extended_tweet": told}
        return {**found, **(cut if draw(st.booleans()) else told)}

    found = status(2)
    kind = draw(st.sampled_from(["post", "retweeted_status", "quoted_status", "reply"]))
    if kind == "reply":
        found |= {"in_reply_to_status_id_str": "50", "in_reply_to_user_id_str": "12"}
    elif kind != "post":
        found[kind] = status(1)
    return found


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(statuses_v1())
def test_generated_statuses_of_api_v1(item):
    assert status_v1_differs(item) == set()


@st.composite
def skeets(draw: st.DrawFn) -> Json:
    """A post of Bluesky's API of some kind, with tags, mentions, an address, a card or pictures."""
    did, other = "did:plc:asha", "did:plc:ravi"
    words = draw(WORDS)
    mark = {"index": {"byteStart": 0, "byteEnd": 1}}
    facet = "app.bsky.richtext.facet"
    facets = [{**mark, "features": [{"$type": f"{facet}#tag", "tag": tag}]} for tag in draw(TAGS)]
    if draw(st.booleans()):
        facets.append({**mark, "features": [{"$type": f"{facet}#mention", "did": other}]})
    if draw(st.booleans()):
        facets.append({**mark, "features": [{"$type": f"{facet}#link", "uri": "https://example.org/a"}]})
    record: Json = {
        "$type": "app.bsky.feed.post", "text": f"@{words}", "facets": facets,
        "langs": draw(st.sampled_from([[], ["hi", "en"]])),
        "createdAt": draw(st.sampled_from(["2025-03-16T16:09:09.779Z", "2025-03-16T21:39:09+05:30"])),
    }  # fmt: skip
    target = {"uri": f"at://{other}/app.bsky.feed.post/1", "cid": "c"}
    embeds: dict[str, Json] = {
        "images": {"images": [{"alt": "", "image": {"mimeType": "image/jpeg", "ref": {"$link": "bafy1"}}}]},
        "external": {"external": {"uri": "https://example.org/card", "title": "t", "description": "d"}},
        "record": {"record": target},
    }  # fmt: skip
    name = draw(st.sampled_from([None, *embeds]))
    if name:
        record["embed"] = {"$type": f"app.bsky.embed.{name}", **embeds[name]}
    if draw(st.booleans()):
        record["reply"] = {"parent": target, "root": {**target, "uri": f"at://{other}/app.bsky.feed.post/0"}}
    return {
        "uri": f"at://{did}/app.bsky.feed.post/2", "cid": "c", "record": record, "likeCount": draw(COUNT),
        "repostCount": draw(COUNT), "replyCount": draw(COUNT), "quoteCount": 0, "indexedAt": "2025-03-16T16:09:10Z",
        "author": {"did": did, "handle": "asha.example", "displayName": "आशा", "createdAt": "2024-01-01T00:00:00.000Z"},
    }  # fmt: skip


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(skeets())
def test_generated_posts_of_bluesky(item):
    assert skeet_differs(copy.deepcopy(item), normalize_post(item)) == set()
