"""The festival week: the same seed gives the same bytes, and the files hold what the README says."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.sample_case import festival_week
from benchmarks.sample_case.election_week import festival
from benchmarks.sample_case.election_week.world import Settings
from spmc_tools.text.match_key import match_key

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "data" / "sample"


@pytest.fixture(scope="module")
def rebuilt() -> dict[str, bytes]:
    return festival_week.festival_files(Settings())


@pytest.fixture(scope="module")
def posts(rebuilt) -> list[dict]:
    return [json.loads(line) for line in gzip.decompress(rebuilt["x_festival_week.jsonl.gz"]).decode().splitlines()]


@pytest.fixture(scope="module")
def roles() -> dict[str, str]:
    with (SAMPLE / "truth.csv").open(encoding="utf-8", newline="") as file:
        return {row["account_id"]: row["role"] for row in csv.DictReader(file)}


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def at(post: dict) -> datetime:
    return datetime.fromisoformat(post["created_at"])


def test_the_committed_files_are_what_the_script_writes(rebuilt) -> None:
    for name, content in rebuilt.items():
        kept = (SAMPLE / name).read_bytes()
        unpack = gzip.decompress if name.endswith(".gz") else bytes  # how gzip packs differs between zlib builds
        assert unpack(kept) == unpack(content), name
    other = festival_week.festival_files(Settings(seed=1))
    assert all(other[name] != rebuilt[name] for name in rebuilt)


def test_accounts_are_those_of_the_election_week_and_ids_are_others(posts) -> None:
    week = gzip.decompress((SAMPLE / "x_election_week.jsonl.gz").read_bytes()).decode().splitlines()
    authors, ids = {}, set()
    for line in week:
        try:
            post = json.loads(line)
            authors[post["author_id"]] = post["author"]
            ids.add(post["id"])
        except (ValueError, KeyError):
            continue
    shared = [post for post in posts if post["author_id"] in authors]
    assert len(shared) > 0.9 * len(posts) and all(post["author"] == authors[post["author_id"]] for post in shared)
    assert not ids & {post["id"] for post in posts} and len({post["id"] for post in posts}) == len(posts) == 3082
    first, end = datetime(2025, 10, 23, 18, 30, tzinfo=UTC), datetime(2025, 11, 2, 18, 30, tzinfo=UTC)
    assert all(first <= at(post) < end for post in posts)
    hosts = set(re.findall(r"https?://([^/\"\\s…]+)/", json.dumps(posts)))
    assert hosts and all(host.endswith(".example") for host in hosts)


def test_who_spreads_what(posts, roles) -> None:
    own = defaultdict(list)
    for post in posts:
        if "referenced_tweets" not in post:
            own[match_key(post["text"])].append(post)

    def carriers(text: str) -> list[dict]:
        return sorted(own[match_key(text)], key=at)

    rumour = carriers(festival.RUMOUR)
    assert len(rumour) == 41 and {roles[post["author_id"]] for post in rumour} == {"organic"}
    assert len({post["author_id"] for post in rumour}) == 41
    assert at(rumour[-1]) - at(rumour[0]) > timedelta(hours=5)  # no burst: it spreads over the evening
    chain = carriers(festival.CHAIN)
    assert len(chain) == 9 and at(chain[-1]) - at(chain[0]) < timedelta(minutes=31)
    assert {roles[post["author_id"]] for post in chain} == {"organic"}
    for text in festival.PLANTED:
        copies = carriers(text)
        assert {roles[post["author_id"]] for post in copies} == {"campaign_copy"} and len(copies) >= 15
        assert at(copies[-1]) - at(copies[0]) <= timedelta(minutes=7)
    greetings = sum(len(carriers(text)) for text in festival.WISHES)
    assert 60 < greetings < 400  # with tags their key is another one
    assert Counter(roles[post["author_id"]] for post in posts)["fan"] > 150


def test_claims_and_complaints_point_at_what_was_posted(rebuilt, posts) -> None:
    claims = rows(rebuilt["festival_claims.csv"])
    assert {row["claim_id"] for row in claims} == {"DEMO-R7", "DEMO-R8"}
    by_id = {post["id"]: post for post in posts}
    for row in claims:
        post = by_id[row["source_url"].rpartition("/")[2]]
        assert match_key(post["text"]) == match_key(row["text"])
        assert at(post) < datetime.fromisoformat(row["first_seen"])
    inbox = rows(rebuilt["festival_inbox.csv"])
    pointed = {
        found: row for row in inbox if row["direction"] == "in" for found in re.findall(r"status/(\d+)", row["text"])
    }
    assert set(pointed) <= set(by_id) and len(pointed) == 7
    assert all(datetime.fromisoformat(row["created_at"]) > at(by_id[found]) for found, row in pointed.items())
    assert sum(row["direction"] == "in" for row in inbox) == 26
