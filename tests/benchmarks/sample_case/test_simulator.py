"""The simulated week: the same seed gives the same bytes, and the files hold what the README says."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from benchmarks.sample_case import simulator
from benchmarks.sample_case.election_week import actions, texts
from benchmarks.sample_case.election_week.week import simulate
from benchmarks.sample_case.election_week.world import GENRES, ROLES, Settings
from spmc_tools.text.match_key import match_key

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "data" / "sample"

FILES = ("x_election_week.jsonl.gz", "telegram_channels.jsonl.gz", "page_posts.csv", "truth.csv")


def unpacked(name: str, content: bytes) -> bytes:
    return gzip.decompress(content) if name.endswith(".gz") else content


@pytest.fixture(scope="module")
def rebuilt() -> dict[str, bytes]:
    return simulator.sample_files(Settings())


@pytest.fixture(scope="module")
def x_rows(rebuilt: dict[str, bytes]) -> list[str]:
    return gzip.decompress(rebuilt[FILES[0]]).decode().splitlines()


@pytest.fixture(scope="module")
def posts(x_rows: list[str]) -> list[dict]:
    """Every readable line with an id, an author and a time, once."""
    found = {}
    for line in x_rows:
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        if "id" in row and "author_id" in row and row["created_at"].endswith("Z"):
            found[row["id"]] = row
    return list(found.values())


@pytest.fixture(scope="module")
def roles(rebuilt: dict[str, bytes]) -> dict[str, str]:
    return {row["account_id"]: row["role"] for row in csv.DictReader(io.StringIO(rebuilt["truth.csv"].decode()))}


def seconds(row: dict) -> float:
    return datetime.fromisoformat(row["created_at"]).timestamp()


def test_the_committed_sample_is_what_the_simulator_writes(rebuilt: dict[str, bytes]) -> None:
    assert set(rebuilt) == set(FILES)
    for name, content in rebuilt.items():  # the content: how gzip packs it differs between zlib builds
        assert unpacked(name, (SAMPLE / name).read_bytes()) == unpacked(name, content), name


def test_the_same_seed_writes_the_same_bytes_and_another_seed_does_not(
    rebuilt: dict[str, bytes], tmp_path: Path
) -> None:
    simulator.main(["--out", str(tmp_path)])
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == rebuilt
    assert all(rebuilt[name][4:8] == bytes(4) for name in FILES if name.endswith(".gz"))  # no time in the gzip header
    other = simulator.sample_files(Settings(seed=1))
    assert all(other[name] != rebuilt[name] for name in FILES)


def test_the_sample_stays_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 2_600_000


def test_handles_and_addresses_are_plainly_made_up(x_rows: list[str], posts: list[dict]) -> None:
    assert all(re.fullmatch(r"demo_[a-z]+_\d{4}", row["author"]["username"]) for row in posts)
    hosts = set(re.findall(r"https?://([^/\"\s…]+)/", "\n".join(x_rows)))
    assert hosts and all(host.endswith(".example") for host in hosts)


def test_lines_duplicates_and_damage_add_up(x_rows: list[str], posts: list[dict]) -> None:
    world = simulate(Settings())
    made = world.originals["author"].size + world.references["actor"].size
    assert len(x_rows) == made + 40
    assert len(posts) == made - 4
    assert len(x_rows) - len(set(x_rows)) == 40


def test_every_repost_follows_its_original_and_is_made_once(posts: list[dict]) -> None:
    times = {row["id"]: seconds(row) for row in posts}
    reposts = [(row, row["referenced_tweets"][0]) for row in posts if row["text"].startswith("RT @")]
    assert len(reposts) > 6_000
    assert all(seconds(row) >= seconds(ref) for row, ref in reposts)
    assert all(times[ref["id"]] == seconds(ref) for _, ref in reposts if ref["id"] in times)
    assert max(Counter((row["author_id"], ref["id"]) for row, ref in reposts).values()) == 1
    assert all(row["author_id"] != ref["author_id"] for row, ref in reposts)


def test_all_posts_lie_in_the_week(posts: list[dict]) -> None:
    first = datetime.fromisoformat("2025-11-03T00:00:00+05:30").timestamp()
    last = datetime.fromisoformat("2025-11-13T00:00:00+05:30").timestamp()
    assert all(first <= seconds(row) < last for row in posts)


def test_copies_of_a_rumour_share_a_match_key_and_slot_edited_ones_do_not() -> None:
    rng = np.random.default_rng(0)
    all_keys = set()
    for number in range(Settings().copy_texts):
        copies = [texts.copy_of(rng, number) for _ in range(200)]
        keys = {match_key(copy) for copy in copies}
        assert len(keys) == 1 and len(keys & all_keys) == 0
        assert len(next(iter(keys))) >= 60
        assert len(set(copies)) > 8
        edited = {match_key(texts.slot_copy_of(rng, number)) for _ in range(50)}
        assert len(edited - keys) >= 49
        all_keys |= keys


def test_the_first_campaign_copies_at_least_six_texts_on_separate_days(
    posts: list[dict], roles: dict[str, str]
) -> None:
    strikes = defaultdict(list)
    rumours = {match_key(texts.crowd_text("copy", number, 0)[0]): number for number in range(Settings().copy_texts)}
    for row in posts:
        if "referenced_tweets" not in row and match_key(row["text"]) in rumours:
            assert roles[row["author_id"]] == "campaign_copy"
            strikes[rumours[match_key(row["text"])]].append((seconds(row), row["author_id"]))
    starts = []
    assert len(strikes) == Settings().copy_texts >= 6
    for rows in strikes.values():
        at = np.array(sorted(t for t, _ in rows))
        within = np.searchsorted(at, at + 420, side="right") - np.arange(at.size)
        assert within.max() >= 8
        starts.append(at[within.argmax()])
    assert min(np.diff(sorted(starts))) >= 6 * 3600
    assert len({int(start + 19_800) // 86_400 for start in starts}) >= 8


def test_the_second_campaign_strikes_at_least_eight_sources_within_a_minute(
    posts: list[dict], roles: dict[str, str]
) -> None:
    by_post = defaultdict(list)
    for row in posts:
        if roles[row["author_id"]] == "campaign_amplify" and row["text"].startswith("RT @"):
            by_post[row["referenced_tweets"][0]["id"]].append((seconds(row), row["referenced_tweets"][0]))
    struck = [rows for rows in by_post.values() if len(rows) >= 8]
    assert len(struck) == 14
    assert len({rows[0][1]["author_id"] for rows in struck}) >= 8
    assert {roles[rows[0][1]["author_id"]] for rows in struck} == {"boosted"}
    starts = sorted(min(t for t, _ in rows) for rows in struck)
    assert min(np.diff(starts)) >= 6 * 3600
    ages = [min(t for t, _ in rows) - seconds(rows[0][1]) for rows in struck]
    assert sum(age > 3600 for age in ages) >= 5 and sum(age < 900 for age in ages) >= 5
    for rows in struck:
        times = np.array(sorted(t for t, _ in rows))
        assert (times - times[0] <= 60).sum() >= 8


def test_members_of_campaigns_have_a_life_like_others(posts: list[dict], roles: dict[str, str]) -> None:
    everyday = Counter(roles[row["author_id"]] for row in posts if row["text"].startswith("RT @"))
    campaign = everyday["campaign_copy"] / Settings().copy
    organic = everyday["organic"] / Settings().count("organic")
    assert 0.5 < campaign / organic < 4


def test_a_world_without_campaigns_has_none() -> None:
    world = simulate(replace(Settings(), n_accounts=2_000, copy=0, amplify=0, seed=4))
    assert not world.accounts_of("campaign_copy", "campaign_amplify").size
    assert not np.isin(world.originals["genre"], [GENRES.index("copy"), GENRES.index("slot")]).any()
    assert actions.truth(world).value_counts().sum() == 2_000


def test_roles_and_crowds_have_the_sizes_asked_for() -> None:
    settings = Settings(n_accounts=5_000, fandoms=(30, 200), seed=7)
    world = simulate(settings)
    sizes = Counter(np.array(ROLES)[world.role].tolist())
    assert sizes == {role: settings.count(role) for role in ROLES}
    assert sizes["fan"] == 230 and sizes["star"] == 2
    assert Settings(fandoms=(30, 200), stars=3).count("star") == 6
    with pytest.raises(SystemExit, match="too few"):
        simulate(Settings(n_accounts=300))


def test_homophily_moves_reposts_home() -> None:
    def at_home(homophily: float) -> float:
        world = simulate(Settings(seed=3, homophily=homophily))
        plain = np.isin(world.role[world.references["actor"]], [ROLES.index("organic")])
        actor, author = world.references["actor"][plain], world.originals["author"][world.references["ref"][plain]]
        return float((world.community[actor] == world.community[author]).mean())

    assert at_home(0.95) > at_home(0.6) + 0.2


def test_action_tables_hold_every_repost_and_every_original() -> None:
    world = simulate(Settings(seed=5))
    reposts, copied = actions.reposts(world), actions.copied_text(world)
    assert len(reposts) == int((world.references["kind"] == 0).sum())
    assert len(copied) == world.originals["author"].size
    shared = copied.groupby("object_id")["account_id"].nunique()
    kinds = {GENRES[key // 10_000_000] for key in shared[shared > 1].index}
    assert kinds == {"saying", "festival", "polling", "news", "copy", "live"}
