"""Newsrooms that share wires, the crowds beside them, and campaigns that look like them, each simulated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.accuracy.studies import newsrooms
from benchmarks.sample_case.election_week import actions
from benchmarks.sample_case.election_week.records import records
from benchmarks.sample_case.election_week.week import simulate
from benchmarks.sample_case.election_week.world import Settings
from spmc_tools.findings.pipeline.investigate import investigate

SMALL = Settings(
    seed=3, n_accounts=900, newsroom=9, wires=2, stories=40, own_site=True, scheduled=True, fandoms=(80,), match=40
)  # fmt: skip


def seen(settings: Settings, **more: Any) -> Any:
    world = simulate(settings)
    found = investigate(records(world), traces=newsrooms.TRACES, **more)
    return found, found.accounts.assign(role=found.accounts["account_id"].map(actions.truth(world)))


def decided(found: Any) -> set[str]:
    return set(found.account_patterns.loc[found.account_patterns["decides"], "account_id"])


@pytest.fixture(scope="module")
def shown() -> Any:
    return seen(SMALL)


def test_records_of_a_world_are_its_posts_and_reposts() -> None:
    world = simulate(SMALL)
    table = records(world)
    assert len(table) == world.originals["author"].size + world.references["actor"].size
    assert table["record_id"].is_unique and set(table["kind"]) == {"post", "repost", "reply", "quote"}
    scheduled = table[table["client"] == "Demo Desk Scheduler"]
    assert len(scheduled) > 100 and set(scheduled["created_at"].dt.second) == {0}


def test_unregistered_newsrooms_are_explained_and_campaigns_are_not(shown: Any) -> None:
    found, table = shown
    assert set(table["role"][table["tier"].isin(["A", "B"])]) == {"campaign_amplify"}  # texts alone name nobody
    named = table[newsrooms.together(found)]
    assert set(named["role"]) == {"campaign_copy", "campaign_amplify"}
    assert (named["role"] == "campaign_copy").sum() >= 22 and (named["role"] == "campaign_amplify").sum() >= 18
    cleared = table[table["account_id"].isin(decided(found))]
    assert set(cleared["role"]) <= {"newsroom", "wire"} and len(cleared) >= 9
    assert found.summary()["n_newsroom_pattern"] == len(cleared)


@pytest.mark.parametrize("role", ["volunteer", "office", "greeting", "match", "fan", "organic"])
def test_no_other_crowd_is_named_or_cleared(shown: Any, role: str) -> None:
    found, table = shown
    own = table[table["role"] == role]
    assert len(own) > 5 and not own["tier"].isin(["A", "B"]).any()
    assert not own["account_id"].isin(decided(found)).any()


@pytest.mark.parametrize(
    ("tricks", "let_off"),
    [
        ({"copy_stories": 126}, False),  # nine of ten posts are its own, without a site
        ({"copy_stories": 40, "copy_site": 1.0}, False),  # sites, but what is pushed leads elsewhere
        ({"copy_stories": 40, "copy_site": 1.0, "copy_hosted": True, "copy_slogan": True}, False),
        ({"copy_stories": 40, "copy_site": 1.0, "copy_hosted": True}, True),  # the price, as docs/method.md says
    ],
)
def test_what_a_campaign_must_pay_to_look_like_newsrooms(tricks: dict[str, Any], let_off: bool) -> None:
    found, table = seen(replace(SMALL, amplify=0, **tricks))
    own = table[table["role"] == "campaign_copy"]
    assert (own["basis"] == "several").sum() >= 22
    assert newsrooms.together(found)[own.index].sum() == (0 if let_off else (own["basis"] == "several").sum())
    if let_off:  # not dropped: it stands there with its numbers
        assert own["cluster_id"].notna().sum() >= 22
        patterns = found.account_patterns[found.account_patterns["account_id"].isin(own["account_id"])]
        assert len(patterns) and patterns["site"].str.startswith("demo-site-").all()
