"""X's archives: reposts, deleted and long posts, what is left out and why; the archive of before 2019."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from spmc_tools.errors import FormatError

ACCOUNT = 'window.YTD.account.part0 = [{"account": {"accountId": "11", "username": "asha"}}]'
LONG = "यह एक बहुत लंबी पोस्ट है जो दो सौ अस्सी अक्षरों में नहीं समाती, इसलिए वह अलग फ़ाइल में है। " * 5


def tweet(number: int, text: str, **more) -> dict:
    base = {
        "id_str": str(number), "created_at": f"Wed Oct 10 20:19:{number % 60:02} +0000 2018", "full_text": text,
        "entities": {"user_mentions": [], "urls": [], "hashtags": []},
    }  # fmt: skip
    return {"tweet": {**base, **more}}


def part(name: str, rows: list) -> str:
    return f"window.YTD.{name}.part0 = {json.dumps(rows, ensure_ascii=False)}"


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


RAVI = {"user_mentions": [{"screen_name": "Ravi", "id_str": "12"}], "urls": [], "hashtags": []}
NOTE = {"noteTweet": {"noteTweetId": "900", "createdAt": "2018-10-10T20:19:05.000Z", "core": {
    "text": LONG, "urls": [{"expandedUrl": "https://example.org/n"}], "hashtags": [{"text": "लंबी"}], "mentions": [],
}}}  # fmt: skip
LONE_NOTE = {"noteTweet": {"noteTweetId": "901", "createdAt": "2018-10-11T10:00:00.000Z", "core": {"text": "और एक"}}}
FILES = {
    "data/account.js": ACCOUNT,
    "data/tweets.js": part("tweets", [
        tweet(1, "RT @ravi: मतदान कल है", entities=RAVI), tweet(2, "RT @mina: नहीं"), tweet(3, "my RT @ravi: x"),
        tweet(4, "@ravi RT", in_reply_to_status_id_str="77"),
    ]),
    "data/tweets-part1.js": part("tweets", [tweet(5, LONG[:250] + "… https://t.co/x")]),
    "data/deleted-tweets.js": part("deleted_tweets", [tweet(6, "गया", deleted_at="2020-01-02T03:04:05.000Z")]),
    "data/note-tweet.js": part("note_tweet", [NOTE, LONE_NOTE]),
    "data/direct-messages.js": part("direct_messages", [{"dmConversation": {"messages": []}}]),
    "data/direct-messages-group.js": part("direct_messages_group", []),
    "data/like.js": part("like", [{"like": {"tweetId": "5"}}]),
    "data/ad-impressions.js": part("ad_impressions", []),
    "data/tweets_media/1.jpg": "x",
}  # fmt: skip


def test_every_file_with_posts_is_read_and_the_others_are_named_with_why(bring):
    """By hand: 8 rows; the long text completes post 5 and is no post of its own, the other one is."""
    found = bring("twitter.zip", zipped(FILES))
    assert (found.result.read, found.result.kept, found.result.duplicates) == (8, 7, 1)
    assert [(r["record_id"], r["kind"], r.get("ref_account_id"), r["account_id"]) for r in found.records] == [
        ("1", "repost", "12", "11"), ("2", "repost", "mina", "11"), ("3", "post", None, "11"),
        ("4", "reply", None, "11"), ("6", "post", None, "11"), ("5", "post", None, "11"), ("901", "post", None, "11"),
    ]  # fmt: skip
    by_id = {r["record_id"]: r for r in found.records}
    assert by_id["1"]["text"] == "RT @ravi: मतदान कल है"
    assert by_id["5"]["text"] == LONG and by_id["5"]["urls"] == ["https://example.org/n"]
    assert by_id["6"]["deleted_seen_at"] == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert [r["source_row"] for r in found.records] == [1, 2, 3, 4, 5, 6, 8]
    note = found.result.note
    assert "not imported: direct messages (2 files: private messages, of other people too; they are not" in note
    assert "likes (1 file: X does not say when; no post of the account)" in note and "advertising (1 file" in note


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("direct_messages", "holds direct messages out of an archive of X: private messages"),
        ("like", "holds likes out of an archive of X"),
        ("ad_engagements", "holds advertising out of an archive of X"),
        ("account", "the whole archive as a zip tells whose it is"),
        ("block", "lists of other accounts"),
        ("strange_thing", "'strange_thing' out of an archive of X, not its posts"),
    ],
)  # fmt: skip
def test_a_lone_file_without_posts_is_refused_with_why(name, said, bring):
    with pytest.raises(FormatError, match=said):
        bring("x.js", part(name, [{"a": {"b": 1}}]))


def test_a_lone_file_of_deleted_or_long_posts_is_read(bring):
    deleted = bring("deleted-tweets.js", part("deleted_tweets", [tweet(6, "गया", deleted_at="2020-01-02T03:04:05Z")]))
    assert deleted.records[0]["deleted_seen_at"].year == 2020
    long = bring("note-tweet.js", part("note_tweet", [NOTE, {"noteTweet": {"noteTweetId": "1", "createdAt": "x"}}]))
    assert (long.result.kept, long.result.refused) == (1, 1)
    assert long.refused[0]["reason"] == 'created_at is no time: "x"'


def test_a_long_text_of_another_second_or_beginning_is_a_post_of_its_own(bring):
    later = {"noteTweet": {**NOTE["noteTweet"], "createdAt": "2018-10-10T20:19:08.000Z"}}
    other = {"noteTweet": {**NOTE["noteTweet"], "noteTweetId": "902", "core": {"text": "कुछ और " * 60}}}
    files = {
        "data/account.js": ACCOUNT, "data/tweets.js": part("tweets", [tweet(5, LONG[:250] + "…")]),
        "data/note-tweet.js": part("note_tweet", [later, other]),
    }  # fmt: skip
    found = bring("twitter.zip", zipped(files))
    assert [r["record_id"] for r in found.records] == ["5", "900", "902"]
    assert found.records[0]["text"].endswith("…")


USER = {"id": 11, "id_str": "11", "screen_name": "asha", "name": "आशा", "protected": False, "verified": False}
OLD = {"id": 1, "id_str": "1", "text": "पुराना", "source": "web", "entities": {"urls": []}, "user": USER}
SHARED = {**OLD, "id": 9, "id_str": "9", "text": "मूल", "user": {**USER, "id": 12, "id_str": "12"}}


def test_the_archive_of_before_2019(bring):
    months = {
        "data/js/tweets/2010_10.js": [{**OLD, "created_at": "2010-10-05 00:00:00 +0000"}],
        "data/js/tweets/2013_02.js": [
            {**OLD, "id": 2, "id_str": "2", "created_at": "2013-02-09 00:00:00 +0000"},
            {**OLD, "id": 3, "id_str": "3", "created_at": "2013-02-10 12:30:15 +0000", "text": "RT @ravi: मूल",
             "retweeted_status": {**SHARED, "created_at": "2013-02-10 12:00:00 +0000"}},
        ],
    }  # fmt: skip
    files = {
        name: f"Grailbird.data.tweets_{name[-10:-3]} = \n {json.dumps(rows, indent=1)}" for name, rows in months.items()
    }
    files |= {"data/js/tweet_index.js": "var tweet_index = []", "tweets.csv": "tweet_id,text\n1,x\n"}
    found = bring("grailbird.zip", zipped(files))
    assert (found.result.format, found.result.read, found.result.kept) == ("x_api_v1", 3, 3)
    assert [(r["record_id"], r["account_id"], r["time_precision_s"]) for r in found.records] == [
        ("1", "11", 86400.0), ("2", "11", 1.0), ("3", "11", 1.0),
    ]  # fmt: skip
    assert found.records[2]["created_at"] == datetime(2013, 2, 10, 12, 30, 15, tzinfo=UTC)
    assert (found.records[2]["kind"], found.records[2]["ref_record_id"], found.records[2]["ref_account_id"]) == (
        "repost", "9", "12",
    )  # fmt: skip
    lone = bring("2013_02.js", files["data/js/tweets/2013_02.js"])
    assert (lone.result.read, lone.result.duplicates) == (2, 2)
