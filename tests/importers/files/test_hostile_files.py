"""Whatever a file holds: nothing but an SpmcError comes out, and the counts always add up.

Thousands of files, others each time: ``python -m soak.imports.hostile_files``.
"""

from __future__ import annotations

import gzip
import io
import json
import os

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spmc_tools.errors import FormatError, SpmcError
from spmc_tools.importers.import_files import import_files
from spmc_tools.schema import check

DRAWN = int(os.environ.get("SPMC_FILES_DRAWN", "40"))
"""Files of each kind."""

QUIET = settings(max_examples=DRAWN, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.sampled_from(["2021-04-08T15:07:30Z", "1"]),
)  # fmt: skip
words = st.sampled_from(
    [
        "data", "id", "text", "author_id", "created_at", "includes", "meta", "errors", "__twarc", "users", "tweets",
        "entities", "hashtags", "mentions", "urls", "tag", "username", "public_metrics", "like_count", "type",
        "referenced_tweets", "in_reply_to_user_id", "author", "attachments", "media_keys", "media", "note_tweet",
        "edit_history_tweet_ids", "retrieved_at", "url", "date", "content", "rawContent", "user", "outlinks", "links",
        "replyCount", "retweetedTweet", "quotedTweet", "mentionedUsers", "_type", "conversationId", "tweet_count",
        "action", "reason", "title", "detail", "name", "verified", "variants", "inReplyToTweetId", "members",
    ]
)  # fmt: skip
kinds = st.sampled_from(["snscrape.modules.twitter.Tweet", "snscrape.modules.telegram.TelegramPost", "retweeted"])
values = st.recursive(
    st.one_of(scalars, kinds),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=6)),
    max_leaves=25,
)
tweets = st.fixed_dictionaries(
    {"id": st.sampled_from(["1", "2", "3"]), "author_id": st.just("9"), "created_at": st.just("2021-04-08T15:07:30Z")},
    optional={
        "text": scalars, "entities": values, "referenced_tweets": values, "attachments": values,
        "public_metrics": values, "note_tweet": values, "author": values, "edit_history_tweet_ids": values,
        "lang": values, "source": values,
    },
)  # fmt: skip
pages = st.fixed_dictionaries({"data": st.lists(st.one_of(tweets, values), max_size=3), "includes": values})
posts = st.fixed_dictionaries(
    {"_type": kinds, "url": st.sampled_from(["https://t.me/s/abc/1", "u"]), "date": st.just("2021-04-08T15:07:30Z")},
    optional={
        "id": scalars, "user": values, "username": scalars, "retweetedTweet": values, "quotedTweet": values,
        "links": values, "outlinks": values, "media": values, "mentionedUsers": values, "hashtags": values,
        "inReplyToUser": values, "inReplyToTweetId": values, "content": values, "rawContent": values,
    },
)  # fmt: skip


def holds(case, path, **more) -> None:
    """Import as a dry run and for real: an SpmcError, or counts that add up and tables that fit their schema."""
    try:
        [dry] = import_files(case, [path], dry_run=True, **more)
    except SpmcError as error:
        assert str(error)
        return
    assert dry.read == dry.kept + dry.duplicates + dry.refused
    [real] = import_files(case, [path], **more)
    assert real == dry
    for name in ("records", "accounts", "refused"):
        assert not check(case.table(name), name)


@QUIET
@given(st.lists(st.one_of(tweets, pages, posts, values), max_size=6))
def test_any_json(case, write, lines):
    holds(case, write("x.jsonl", "".join(json.dumps(line) + "\n" for line in lines)))


@QUIET
@given(st.binary(max_size=400), st.sampled_from(["x.jsonl", "x.csv", "x", "x.xlsx", "x.parquet"]))
def test_any_bytes(case, write, content, name):
    holds(case, write(name, content), accept_guess=True, tz="UTC", date_order="dmy")


@QUIET
@given(st.binary(max_size=200), st.booleans(), st.integers(0, 60))
def test_any_bytes_among_tweets(case, write, noise, zipped, cut):
    good = json.dumps({"id": "1", "author_id": "9", "text": "t", "created_at": "2021-04-08T15:07:30Z"}).encode()
    content = good + b"\n" + noise + b"\n" + good + b"\n"
    if zipped:
        content = gzip.compress(content)
        content = content[: len(content) - cut]
    holds(case, write("x.jsonl.gz" if zipped else "x.jsonl", content))


cells = st.one_of(scalars, st.sampled_from(["8.29E+17", "01/02/2021", "2021-04-08 10:00", "['a']", "1617894450", "NA"]))


@QUIET
@given(st.lists(st.lists(cells, min_size=5, max_size=6), max_size=8), st.sampled_from([",", ";", "\t"]))
def test_any_table_of_text(case, write, rows, mark):
    header = mark.join(["id", "user_id", "created_at", "hashtags", "retweet_count"])
    text = "\n".join([header, *(mark.join(map(str, row)) for row in rows)])
    holds(case, write("t.csv", text.encode("utf-8", "replace")), accept_guess=True, tz="UTC", date_order="dmy")


@settings(QUIET, max_examples=DRAWN // 2)
@given(st.lists(st.lists(cells, min_size=5, max_size=6), max_size=6))
def test_any_workbook(case, write, rows):
    book = openpyxl.Workbook()
    book.active.append(["id", "user_id", "created_at", "hashtags", "retweet_count"])
    for row in rows:
        for_excel = [
            "".join(c for c in cell if c.isprintable()) if isinstance(cell, str)
            else None if isinstance(cell, int) and abs(cell) > 2**60 else cell
            for cell in row
        ]  # fmt: skip
        book.active.append(for_excel)
    out = io.BytesIO()
    book.save(out)
    holds(case, write("t.xlsx", out.getvalue()), accept_guess=True, tz="UTC", date_order="dmy")


_WESTERN = {"post_id": "1", "user_id": "a", "created_at": "2025-05-01T10:00:00Z", "text": "café “x”"}


@pytest.mark.parametrize("name", ["w.jsonl", "w.json"])
def test_json_in_windows_1252_is_read_and_said(case, write, name: str) -> None:
    many = [{**_WESTERN, "post_id": str(i), "text": "plain" if i < 40 else "café “x”"} for i in range(50)]
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in many)
    text = lines if name == "w.jsonl" else json.dumps(many, ensure_ascii=False, indent=1)
    [result] = import_files(case, [write(name, text.encode("cp1252"))], accept_guess=True)
    assert (result.read, result.kept) == (50, 50)
    assert result.note.startswith("read as Windows-1252, since it is not UTF-8")
    assert case.records(["text"])["text"].tolist() == ["plain"] * 40 + ["café “x”"] * 10


@pytest.mark.parametrize(("text", "spoilt"), [("नमस्ते", b"\xff"), ("plain", b"\x81")])
def test_damage_in_json_refuses_its_row_alone(case, write, text: str, spoilt: bytes) -> None:
    lines = [json.dumps({**_WESTERN, "post_id": str(i), "text": text}, ensure_ascii=False).encode() for i in range(9)]
    lines[4] = lines[4].replace(b'"text": "', b'"text": "' + spoilt)
    [result] = import_files(case, [write("d.jsonl", b"\n".join(lines))], accept_guess=True)
    assert (result.read, result.kept, result.refused) == (9, 8, 1)
    assert case.table("refused")["reason"].to_pylist() == ["not valid JSON: it holds bytes that are not UTF-8"]


def test_json_10_000_deep_is_refused_by_name(case, write) -> None:
    line = json.dumps(_WESTERN)
    deep = line.replace(json.dumps(_WESTERN["text"]), "[" * 10_000 + "]" * 10_000)
    [result] = import_files(case, [write("deep.jsonl", f"{line}\n{deep}\n")], accept_guess=True)
    assert (result.read, result.kept, result.refused) == (2, 1, 1)
    assert case.table("refused")["reason"].to_pylist()[0].startswith("nested deeper than 1,024 levels")
    with pytest.raises(FormatError, match=r"element 1 is nested deeper than 1,024 levels"):
        import_files(case, [write("whole.json", "[" * 10_000 + "]" * 10_000)])


def test_json_that_is_nested_too_deeply_is_refused_and_counted(case, write) -> None:
    deep: list = []
    for _ in range(400):
        deep = [deep]
    no_author = {"id": "1", "text": "a", "extra": deep}
    user = {"id": "7", "username": "demo", "public_metrics": deep}
    whole = {"id": "2", "author_id": "7", "text": "b", "created_at": "2025-11-06T10:00:00Z", "author": user}
    path = write("deep.jsonl", "".join(json.dumps(line) + "\n" for line in (no_author, whole)))
    (one,) = import_files(case, [path])
    assert (one.read, one.kept, one.refused) == (2, 1, 1)
