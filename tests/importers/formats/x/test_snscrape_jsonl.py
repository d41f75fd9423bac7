"""snscrape's JSONL: objects made by snscrape's own classes come back field by field."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime

import pytest
from snscrape.base import IntWithGranularity

from spmc_tools.importers.formats.x.snscrape_jsonl import SNSCRAPE_JSONL
from spmc_tools.importers.formats.x.snscrape_loader import load
from spmc_tools.importers.import_files import import_files
from spmc_tools.schema import check

AT = datetime(2022, 11, 6, 4, 5, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def twitter():
    return load("twitter")


@pytest.fixture(scope="module")
def telegram():
    return load("telegram")


def user(twitter, name: str = "asha", number: int = 11, **more):
    return twitter.User(username=name, id=number, **more)


def tweet(twitter, number: int = 100, **more):
    base = {
        "url": f"https://twitter.com/asha/status/{number}", "date": AT, "rawContent": "मतदान आज",
        "renderedContent": "r",
        "id": number, "user": user(twitter), "replyCount": 1, "retweetCount": 2, "likeCount": 3, "quoteCount": 4,
        "conversationId": 90, "lang": "hi",
    }  # fmt: skip
    return twitter.Tweet(**{**base, **more})


def records(case, write, *lines) -> list[dict]:
    content = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    import_files(case, [write("s.jsonl", content)])
    assert not check(case.table("records"), "records")
    return case.table("records").to_pylist()


def test_every_field_of_snscrape_is_mapped_or_left_out_by_name(twitter, telegram):
    said = " ".join([f.source for f in SNSCRAPE_JSONL.fields] + [f.source for f in SNSCRAPE_JSONL.left_out])
    for kind in (twitter.Tweet, telegram.TelegramPost):
        for field in dataclasses.fields(kind):
            assert field.name in said.replace(",", " ").replace(".", " ").replace("[]", " ").split(), field.name
    names = {field.name for field in dataclasses.fields(twitter.User)}
    for name in ("username", "displayname", "rawDescription", "created", "followersCount", "location", "verified"):
        assert name in names and name in said


def test_a_tweet_of_snscrape_comes_back(twitter, case, write):
    given = tweet(
        twitter,
        links=[twitter.TextLink("t", "https://example.org/a", "https://t.co/a", (0, 1))],
        media=[twitter.Photo("https://example.org/s.jpg", "https://example.org/f.jpg")],
        mentionedUsers=[user(twitter, "ravi", 12)], hashtags=["चुनाव"], viewCount=5, sourceLabel="App",
        user=user(
            twitter, displayname="आशा", rawDescription="पटना", verified=True, created=AT, followersCount=7,
            friendsCount=8, statusesCount=9, location="Patna",
        ),
    )  # fmt: skip
    [row] = records(case, write, given.json())
    row.pop("source_sha256")
    assert row == {
        "record_id": "100", "platform": "x", "url": "https://twitter.com/asha/status/100", "surface_id": None,
        "account_id": "11", "created_at": AT, "time_precision_s": 1.0, "kind": "post", "text": "मतदान आज", "lang": "hi",
        "ref_record_id": None, "ref_account_id": None, "conversation_id": "90", "edited_at": None,
        "deleted_seen_at": None, "urls": ["https://example.org/a"], "hashtags": ["चुनाव"], "mentions": ["12"],
        "media": [{"url": "https://example.org/f.jpg", "sha256": None, "phash": None}], "client": "App",
        "metrics": {"likes": 3, "reposts": 2, "replies": 1, "views": 5}, "collected_at": None, "source_row": 1,
    }  # fmt: skip
    accounts = {a["handle"]: a for a in case.table("accounts").to_pylist()}
    assert accounts.keys() == {"asha", "ravi"}
    asha = accounts["asha"]
    assert (asha["account_id"], asha["display_name"], asha["description"]) == ("11", "आशा", "पटना")
    assert (asha["followers"], asha["following"], asha["posts"], asha["verified"]) == (7, 8, 9, True)
    assert (asha["created_at"], asha["location_text"], asha["observed_at"]) == (AT, "Patna", None)


def test_references(twitter, case, write):
    original = tweet(twitter, 50, user=user(twitter, "ravi", 12), rawContent="मूल", hashtags=["मूल"])
    rows = records(
        case,
        write,
        tweet(twitter, 1, retweetedTweet=original, rawContent="RT @ravi: म…").json(),
        tweet(twitter, 2, quotedTweet=original).json(),
        tweet(twitter, 3, inReplyToTweetId=50, inReplyToUser=user(twitter, "ravi", 12)).json(),
        tweet(twitter, 4, quotedTweet=twitter.TweetRef(id=50)).json(),
    )
    assert [(r["kind"], r["ref_record_id"], r["ref_account_id"]) for r in rows] == [
        ("repost", "50", "12"), ("quote", "50", "12"), ("reply", "50", "12"), ("quote", "50", None),
    ]  # fmt: skip
    assert (rows[0]["text"], rows[0]["hashtags"]) == ("मूल", ["मूल"])
    assert rows[1]["text"] == "मतदान आज"


def test_ids_for_parsers_that_round(twitter, case, write):
    number = 2**53 + 1
    given = json.loads(tweet(twitter, number).json(forBuggyIntParser=True))
    given["id"] = float(number)
    [row] = records(case, write, given)
    assert row["record_id"] == "9007199254740993"


def test_old_field_names(case, write):
    old = {
        "url": "https://twitter.com/asha/status/5", "date": "2021-04-08T15:07:30+05:30", "content": "पुराना",
        "renderedContent": "r", "id": 5, "user": {"username": "asha", "displayname": "A", "id": "11"},
        "outlinks": ["https://example.org/a"], "tcooutlinks": ["https://t.co/a"], "replyCount": 0, "retweetCount": 0,
    }  # fmt: skip
    older = {**old, "id": 6, "user": None, "username": "asha"}
    typed = {"_type": "snscrape.modules.twitter.Tweet", **old, "id": 7}
    rows = records(case, write, old, older, typed)
    assert [r["record_id"] for r in rows] == ["5", "6", "7"]
    assert [r["account_id"] for r in rows] == ["11", "asha", "11"]
    assert rows[0]["urls"] == ["https://example.org/a"]
    assert rows[0]["created_at"] == datetime(2021, 4, 8, 9, 37, 30, tzinfo=UTC)


def test_a_telegram_post_of_snscrape_comes_back(telegram, case, write):
    preview = telegram.LinkPreview(href="https://example.org/a")
    given = telegram.TelegramPost(
        url="https://t.me/s/patna_news/123", date=AT, content="सूचना", outlinks=["https://example.org/a"],
        linkPreview=preview,
    )  # fmt: skip
    [row] = records(case, write, given.json())
    filled = {k: v for k, v in row.items() if v is not None and k != "source_sha256"}
    assert filled == {
        "record_id": "patna_news/123", "platform": "telegram", "url": "https://t.me/s/patna_news/123",
        "surface_id": "patna_news", "account_id": "patna_news", "created_at": AT, "time_precision_s": 1.0,
        "kind": "post", "text": "सूचना", "urls": ["https://example.org/a"], "source_row": 1,
    }  # fmt: skip


def test_an_old_telegram_post(case, write):
    old = {"url": "https://t.me/s/ch_1/9", "date": "2021-04-08T15:07:30+00:00", "content": "a", "outlinks": "u1 u2"}
    [row] = records(case, write, old)
    assert (row["record_id"], row["urls"]) == ("ch_1/9", ["u1", "u2"])


def test_accounts_and_other_types(twitter, telegram, case, write):
    media = dict.fromkeys(("photos", "videos", "links", "files"), IntWithGranularity(4000, 1000))
    channel = telegram.Channel(username="patna_news", title="पटना", verified=False, photo="p", members=5, **media)
    toot = {"_type": "snscrape.modules.mastodon.Toot", "url": "u", "id": "1"}
    comment = {"_type": "snscrape.modules.reddit.Comment", "id": "1"}
    lines = [channel.json(), user(twitter).json(), json.dumps(toot), json.dumps(comment), tweet(twitter).json()]
    [result] = import_files(case, [write("s.jsonl", "\n".join(lines))])
    assert (result.read, result.kept, result.refused, result.accounts) == (5, 3, 2, 2)
    reasons = [r["reason"] for r in case.table("refused").to_pylist()]
    assert reasons == [
        '"mastodon.Toot": this importer reads tweets and Telegram posts',
        '"reddit.Comment": this importer reads tweets and Telegram posts',
    ]
    assert case.table("accounts")["followers"].to_pylist() == [5, None]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "the id is missing"),
        ({"id": 1.5e18}, "not exact"),
        ({"user": None, "username": None}, "who wrote it"),
        ({"date": "2021-04-08"}, "no time with a zone"),
        ({"_type": "snscrape.modules.telegram.TelegramPost", "url": "https://example.org/1"}, "names no channel"),
        ({"_type": "other.Tweet"}, "no line of snscrape"),
    ],
)
def test_refused_by_reason(change, reason, twitter, case, write):
    bad = {**json.loads(tweet(twitter, 1).json()), **change}
    [result] = import_files(case, [write("s.jsonl", [json.loads(tweet(twitter, 2).json()), bad])])
    assert (result.read, result.kept, result.refused) == (2, 1, 1)
    [refused] = case.table("refused").to_pylist()
    assert reason in refused["reason"] and refused["source_row"] == 2
