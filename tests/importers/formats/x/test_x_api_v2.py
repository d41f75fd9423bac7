"""X API v2: the mapping on hand-written lines, and every real file against a plain walk of its JSON."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from spmc_tools.importers.import_files import import_files
from spmc_tools.schema import check

if TYPE_CHECKING:
    from pathlib import Path

FILES = (
    "2sets", "brexit", "cashtags", "cotweet", "counts", "edited", "edited_after", "edited_before", "entities_test",
    "flat", "geo_tweets", "kpop", "lists", "many_urls", "media_policy_violation_off", "media_policy_violation_on",
    "media_tweet", "mentions_tweet", "noflat", "quoted_edit", "streaming_output_with_error", "tweets_compliance",
    "two_tweets", "users", "users_compliance", "verified_type", "withheld",
)  # fmt: skip

USER = {
    "id": "11", "username": "asha", "name": "आशा", "created_at": "2015-03-01T10:00:00.000Z", "verified": True,
    "description": "पटना से", "location": "Patna",
    "public_metrics": {"followers_count": 7, "following_count": 8, "tweet_count": 9, "listed_count": 1},
}  # fmt: skip


def tweet(record_id: str = "100", **more) -> dict:
    base = {"id": record_id, "author_id": "11", "text": "मतदान आज", "created_at": "2025-11-06T04:05:06.000Z"}
    return {**base, **more}


def page(*tweets: dict, **more) -> dict:
    return {"data": list(tweets), "__twarc": {"retrieved_at": "2025-11-25T10:00:00+00:00"}, **more}


def records(case, *lines: dict, write) -> list[dict]:
    import_files(case, [write("x.jsonl", list(lines))])
    return case.table("records").to_pylist()


def walk(path: Path) -> tuple[list[str], list[str], int]:
    """Ids of tweets and of users in ``data``, and the number of rows, by a plain walk."""
    tweets, users, rows = [], [], 0
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError:
            rows += 1
            continue
        data = found.get("data", found)
        for item in data if isinstance(data, list) else [data]:
            rows += 1
            if "author_id" in item:
                tweets.append(item["id"])
            elif "username" in item:
                users.append(item["id"])
    return tweets, users, rows


def test_the_folder_holds_these_files(shared_data):
    assert sorted(FILES) == sorted(p.stem for p in (shared_data / "formats" / "x_api_v2_twarc").glob("*.jsonl"))


@pytest.mark.parametrize("name", FILES)
def test_real_file_against_a_second_route(name, case, shared_data):
    path = shared_data / "formats" / "x_api_v2_twarc" / f"{name}.jsonl"
    tweets, users, rows = walk(path)
    [result] = import_files(case, [path])
    table = case.table("records")
    assert not check(table, "records") and not check(case.table("accounts"), "accounts")
    assert result.format == "x_api_v2"
    assert result.read == rows == result.kept + result.duplicates + result.refused
    assert table["record_id"].to_pylist() == list(dict.fromkeys(tweets))
    assert result.kept == len(set(tweets)) + len(set(users))
    assert result.refused == rows - len(tweets) - len(users) == case.table("refused").num_rows
    assert set(users) <= set(case.table("accounts")["account_id"].to_pylist())


def test_the_broken_stream_loses_one_line(case, shared_data):
    import_files(case, [shared_data / "formats" / "x_api_v2_twarc" / "streaming_output_with_error.jsonl"])
    [refused] = case.table("refused").to_pylist()
    assert refused["source_row"] == 8
    assert refused["reason"].startswith("not valid JSON")
    assert case.table("records")["source_row"].to_pylist() == [1, 2, 3, 4, 5, 6, 7]


def test_pages_and_flattened_lines_tell_the_same(case, shared_data):
    """``noflat`` and ``flat`` are one collection in two shapes."""
    folder = shared_data / "formats" / "x_api_v2_twarc"
    import_files(case, [folder / "flat.jsonl"])
    [result] = import_files(case, [folder / "noflat.jsonl"], dry_run=True)
    assert (result.read, result.duplicates) == (100, 100)
    from spmc_tools.importers.engine.importer import Options
    from spmc_tools.importers.files.read import Source
    from spmc_tools.importers.formats.x.x_api_v2 import X_API_V2
    from spmc_tools.importers.importer_catalogue import sample_of

    found = []
    for name in ("flat", "noflat"):
        with Source(folder / f"{name}.jsonl") as source:
            plan = X_API_V2.plan(source, sample_of(source, Options()), Options())
            rows = [record for chunk in plan.chunks() for record in chunk.records]
        found.append({r.record_id: r._replace(source_row=0, collected_at=None) for r in rows})
    assert found[0].keys() == found[1].keys()
    differing = Counter(
        name
        for key, flat in found[0].items()
        for name, a, b in zip(flat._fields, flat, found[1][key], strict=True)
        if a != b
    )
    assert not differing


def test_every_column_of_a_post(case, write):
    given = tweet(
        lang="hi", source="App", conversation_id="90", edit_history_tweet_ids=["99", "100"],
        entities={
            "urls": [
                {"url": "https://t.co/a", "expanded_url": "https://example.org/e", "unwound_url": "https://example.org/u"},
                {"url": "https://t.co/b", "expanded_url": "https://example.org/b"},
                {"url": "https://t.co/c"},
                {"url": "https://t.co/p", "expanded_url": "https://x.com/p", "media_key": "3_1"},
            ],
            "hashtags": [{"tag": "चुनाव"}, {"tag": "Bihar"}],
            "mentions": [{"username": "ravi", "id": "12"}, {"username": "noid"}],
        },
        attachments={"media_keys": ["3_1", "3_9"]},
        public_metrics={"like_count": 1, "retweet_count": 2, "reply_count": 3, "impression_count": 4, "quote_count": 5},
    )  # fmt: skip
    includes = {"users": [USER], "media": [{"media_key": "3_1", "url": "https://example.org/p.jpg"}]}
    [row] = records(case, page(given, includes=includes), write=write)
    assert row.pop("source_sha256") == case.batches()[0].source_sha256
    at = datetime(2025, 11, 6, 4, 5, 6, tzinfo=UTC)
    assert row == {
        "record_id": "100", "platform": "x", "url": "https://x.com/i/web/status/100", "surface_id": None,
        "account_id": "11", "created_at": at, "time_precision_s": 1.0, "kind": "post", "text": "मतदान आज", "lang": "hi",
        "ref_record_id": None, "ref_account_id": None, "conversation_id": "90", "edited_at": at,
        "deleted_seen_at": None, "urls": ["https://example.org/u", "https://example.org/b", "https://t.co/c"],
        "hashtags": ["चुनाव", "Bihar"], "mentions": ["12", "noid"],
        "media": [{"url": "https://example.org/p.jpg", "sha256": None, "phash": None}], "client": "App",
        "metrics": {"likes": 1, "reposts": 2, "replies": 3, "views": 4},
        "collected_at": datetime(2025, 11, 25, 10, 0, tzinfo=UTC), "source_row": 1,
    }  # fmt: skip
    [account] = case.table("accounts").to_pylist()
    account.pop("source_sha256")
    assert account == {
        "account_id": "11", "platform": "x", "handle": "asha", "display_name": "आशा",
        "created_at": datetime(2015, 3, 1, 10, tzinfo=UTC), "description": "पटना से", "followers": 7, "following": 8,
        "posts": 9, "verified": True, "location_text": "Patna",
        "observed_at": datetime(2025, 11, 25, 10, tzinfo=UTC), "source_row": 1,
    }  # fmt: skip


def test_what_is_absent_is_null(case, write):
    [row] = records(case, tweet(), write=write)
    filled = {k for k, v in row.items() if v is not None}
    assert filled == {
        "record_id", "platform", "url", "account_id", "created_at", "time_precision_s", "kind", "text",
        "source_sha256", "source_row",
    }  # fmt: skip


def test_a_repost_carries_the_original(case, write):
    cut = tweet(
        text="RT @ravi: मतदान क…",
        referenced_tweets=[{"type": "retweeted", "id": "50"}],
        entities={"hashtags": [{"tag": "cut"}]},
    )
    original = {"id": "50", "author_id": "12", "text": "मतदान करें #Vote", "entities": {"hashtags": [{"tag": "Vote"}]}}
    [row] = records(case, page(cut, includes={"tweets": [original]}), write=write)
    assert (row["kind"], row["ref_record_id"], row["ref_account_id"]) == ("repost", "50", "12")
    assert (row["text"], row["hashtags"]) == ("मतदान करें #Vote", ["Vote"])


def test_a_repost_without_its_original(case, write):
    cut = tweet(
        text="RT @Ravi: मतदान क…",
        referenced_tweets=[{"type": "retweeted", "id": "50"}],
        entities={"mentions": [{"username": "other", "id": "13"}, {"username": "ravi", "id": "12"}]},
    )
    [row] = records(case, cut, write=write)
    assert (row["kind"], row["ref_account_id"], row["text"]) == ("repost", "12", "RT @Ravi: मतदान क…")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"referenced_tweets": [{"type": "replied_to", "id": "5"}], "in_reply_to_user_id": "6"}, ("reply", "5", "6")),
        ({"referenced_tweets": [{"type": "quoted", "id": "5"}]}, ("quote", "5", None)),
        (
            {"referenced_tweets": [{"type": "quoted", "id": "4"}, {"type": "replied_to", "id": "5"}]},
            ("reply", "5", None),
        ),
        ({"in_reply_to_user_id": "6"}, ("reply", None, "6")),
        ({"referenced_tweets": []}, ("post", None, None)),
        ({"referenced_tweets": "no list"}, ("post", None, None)),
        ({"referenced_tweets": [{"type": "quoted"}]}, ("quote", None, None)),
    ],
)
def test_kinds(more, expected, case, write):
    [row] = records(case, tweet(**more), write=write)
    assert (row["kind"], row["ref_record_id"], row["ref_account_id"]) == expected


def test_a_long_post_is_whole(case, write):
    note = {"text": "पूरा पाठ", "entities": {"hashtags": [{"tag": "पूरा"}]}}
    [row] = records(case, tweet(text="पूरा…", note_tweet=note), write=write)
    assert (row["text"], row["hashtags"]) == ("पूरा पाठ", ["पूरा"])


def test_milliseconds_show_in_the_precision(case, write):
    [row] = records(case, tweet(created_at="2025-11-06T04:05:06.789Z"), write=write)
    assert row["time_precision_s"] == 0.001
    assert row["created_at"] == datetime(2025, 11, 6, 4, 5, 6, 789000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (tweet(author_id=None), "who wrote it"),
        (tweet(created_at=None), "created_at is missing"),
        (tweet(created_at="2025-11-06T04:05:06"), "no time with a zone"),
        (tweet(created_at="1970-01-01T00:00:00Z"), "no time with a zone"),
        (tweet(record_id=None), "not exact: "),
        (tweet(record_id=1.9e18), "not exact"),
        (tweet(record_id=True), "not exact"),
        ({"data": ["x"], "meta": {}}, "no JSON object"),
        ({"data": [{"start": "a", "end": "b", "tweet_count": 3}], "meta": {}}, "a count of posts, not a post"),
        ({"data": [{"id": "1", "owner_id": "2", "member_count": 3}], "meta": {}}, "a list of accounts, not a post"),
        ({"data": [{"id": "1", "odd": "2"}], "meta": {}}, "no post: it has the fields"),
        ({"errors": [{"detail": "Not found"}]}, "an error of the API, not a post: \"Not found\""),
        ({"data": None, "errors": [{"title": "Gone"}]}, "an error of the API, not a post: \"Gone\""),
        ({"id": "1", "action": "delete", "created_at": "x", "reason": "protected"}, "a compliance notice, not a post"),
    ],
)  # fmt: skip
def test_refused_by_name(line, reason, case, write):
    [result] = import_files(case, [write("x.jsonl", [tweet("1"), line, tweet("2")])])
    [refused] = case.table("refused").to_pylist()
    assert reason in refused["reason"]
    assert refused["source_row"] == 2
    assert refused["raw"].startswith(("{", "["))
    assert (result.read, result.kept, result.refused) == (3, 2, 1)


def test_ids_stay_strings_to_the_last_digit(case, write):
    lines = [tweet("0012"), tweet(record_id=9223372036854775807), tweet(record_id=18446744073709551615)]
    found = [row["record_id"] for row in records(case, *lines, write=write)]
    assert found == ["0012", "9223372036854775807", "18446744073709551615"]


def test_an_account_that_looks_the_same_is_kept_once(case, write):
    other = {**USER, "username": "asha_new"}
    import_files(
        case,
        [write("x.jsonl", [page(tweet(str(i)), includes={"users": [u]}) for i, u in enumerate([USER, USER, other])])],
    )
    assert case.table("accounts")["handle"].to_pylist() == ["asha", "asha_new"]


def test_pages_without_results_are_said(case, write):
    [result] = import_files(case, [write("x.jsonl", [page(tweet()), page(meta={"result_count": 0})])])
    assert (result.read, result.note) == (1, "1 pages without results")


def test_users_are_account_rows(case, write):
    [result] = import_files(case, [write("x.jsonl", [{"data": [USER, USER, {**USER, "id": "12"}], "meta": {}}])])
    assert (result.read, result.kept, result.duplicates, result.accounts) == (3, 2, 1, 2)
    [again] = import_files(case, [write("x.jsonl", [{"data": [USER, USER, {**USER, "id": "12"}], "meta": {}}])])
    assert (again.read, again.kept, again.duplicates) == (3, 0, 3)


def test_guesses_about_persons_are_never_kept(case, write):
    given = tweet(context_annotations=[{"entity": {"name": "SECRET"}}], entities={"annotations": [{"type": "SECRET"}]})
    assert "SECRET" not in str(records(case, given, write=write))
