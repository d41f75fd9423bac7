"""The newsroom pattern: its numbers by a second route, what breaks it, and whom it clears."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.findings.clusters import benign_pattern as benign
from spmc_tools.findings.clusters.benign_pattern import benign_patterns, effective_topics, material, reading
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.findings.result.received_records import received
from spmc_tools.findings.tiers.scores import Scored, tier

START = pd.Timestamp("2025-11-03", tz="UTC")
DESKS = [f"desk{k}" for k in range(6)]


def spoken(seed: int, size: int = 9) -> str:
    """Return a text of words that no other seed has."""
    rng = np.random.default_rng(seed)
    return " ".join("".join(rng.choice(list("bdfgklmnprstvz"), 7)) for _ in range(size))


def row(number: int, account: str, hours: float, text: str, **more: Any) -> dict[str, Any]:
    return {
        "record_id": f"r{number}", "account_id": account, "created_at": START + pd.Timedelta(hours=hours),
        "kind": "post", "text": text, "urls": [], "ref_record_id": None, "ref_account_id": None, **more,
    }  # fmt: skip


def newsrooms(accounts: list[str] = DESKS, stories: int = 14, wires: int = 10, days: int = 7) -> list[dict[str, Any]]:
    """Return stories of each account's own and wires that all of them print a minute apart, all under own addresses."""
    rows: list[dict[str, Any]] = []
    for place, account in enumerate(accounts):
        for k in range(stories):
            page = f"https://{account}.example/own/{k}"
            at = 24 * days * (k + 0.5) / stories + place / 10
            rows.append(row(len(rows), account, at, spoken(1000 * (place + 1) + k), urls=[page]))
        for k in range(wires):
            page = f"https://{account}.example/wire/{k}"
            at = 24 * days * (k + 0.25) / wires + place / 60
            rows.append(row(len(rows), account, at, spoken(k), urls=[page]))
    return rows


def measured(rows: list[dict[str, Any]], members: list[str] = DESKS, registered: tuple[str, ...] = ()) -> Any:
    table = received(pd.DataFrame(rows)).table
    return reading(material(table, members), members, registered)


# -- the measure ----------------------------------------------------------------------------------------------------

TEXTS = st.lists(st.frozensets(st.sampled_from("abcdefgh"), max_size=5), max_size=9)


@given(TEXTS)
def test_effective_topics_are_those_of_all_pairs(texts: list[frozenset[str]]) -> None:
    full = [text for text in texts if text]
    alike = sum(len(a & b) / np.sqrt(len(a) * len(b)) for a, b in product(full, full))
    assert effective_topics(texts) == pytest.approx(len(full) ** 2 / alike if full else 0.0)


@given(TEXTS.filter(any))
def test_effective_topics_lie_between_one_and_the_number_of_texts(texts: list[frozenset[str]]) -> None:
    full = [text for text in texts if text]
    assert 1 - 1e-9 <= effective_topics(texts) <= len(full) + 1e-9
    assert effective_topics(full + full) == pytest.approx(effective_topics(full))
    assert effective_topics([full[0]] * 5) == pytest.approx(1)


@given(st.integers(1, 12))
def test_texts_without_a_word_in_common_are_as_many_topics(n: int) -> None:
    assert effective_topics([frozenset({f"word{k}", f"other{k}"}) for k in range(n)]) == pytest.approx(n)


def test_numbers_of_a_newsroom_counted_by_hand() -> None:
    found = measured(newsrooms())
    assert found.cluster == {
        "n_members": 6, "n_measured": 6, "n_pattern": 6, "n_registered": 0, "n_shared_texts": 10,
        "shared_topics": pytest.approx(10), "decides": True, "missing": [],
    }  # fmt: skip
    # desk0 is the first on each wire: these are its own; the others print them after it
    first, second = found.accounts["desk0"], found.accounts["desk1"]
    assert (first["n_own"], first["n_shared"], first["own_share"]) == (24, 10, 1.0)
    assert (second["n_own"], second["n_shared"]) == (14, 10)
    assert second["own_share"] == pytest.approx(14 / 24)
    assert (second["site"], second["n_links"]) == ("desk1.example", 24)
    assert second["site_share"] == second["own_linked"] == second["shared_linked"] == second["sole_share"] == 1
    assert second["topics"] == pytest.approx(14)
    assert (second["n_days"], second["day_share"]) == (7, 1.0)
    # stories 0.1 h after 12 (k + 1/2), wires 1/60 h after 16.8 (k + 1/4): hours that hold both
    both = sum(int(12 * (k + 0.5) + 0.1) in {int(16.8 * (w + 0.25) + 1 / 60) for w in range(10)} for k in range(14))
    assert second["outside_share"] == pytest.approx(1 - both / 14)
    assert found.cleared == frozenset(DESKS)


def test_an_account_without_texts_of_its_own_links_none_of_them() -> None:
    found = measured(newsrooms(stories=0)).accounts["desk1"]
    assert (found["n_own"], found["n_links"], found["own_linked"], found["shared_linked"]) == (0, 10, 0.0, 1.0)


@pytest.mark.parametrize(("letters", "topics"), [(3, 0.0), (4, 14.0)])
def test_words_of_four_letters_tell_subjects_apart_shorter_ones_do_not(letters: int, topics: float) -> None:
    cut = [one | {"text": " ".join(word[:letters] for word in one["text"].split())} for one in newsrooms()]
    assert measured(cut).accounts["desk1"]["topics"] == pytest.approx(topics, rel=0.05)


def test_readers_are_those_outside_the_cluster() -> None:
    rows = newsrooms()
    for k, reader in enumerate(["a", "b", "a", "desk2", "desk1"]):
        about = {"kind": "repost", "ref_record_id": rows[25]["record_id"], "ref_account_id": "desk1"}
        rows.append(row(9000 + k, reader, 160, rows[25]["text"], **about))
    assert rows[25]["account_id"] == "desk1"
    assert measured(rows).accounts["desk1"]["n_readers"] == 2


# -- what breaks it -------------------------------------------------------------------------------------------------


def with_site(rows: list[dict[str, Any]], site: str) -> list[dict[str, Any]]:
    return [one | {"urls": [f"https://{site}/{one['account_id']}/{one['record_id']}"]} for one in rows]


def where(what: str, rows: list[dict[str, Any]], **other: Any) -> list[dict[str, Any]]:
    """Return the rows, those under one path (own or wire) with other values."""
    return [one | other if f"/{what}/" in one["urls"][0] else one for one in rows]


def squeezed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with all stories in the first two days."""
    first = [one | {"created_at": START + (one["created_at"] - START) / 4} for one in rows]
    return [early if "/own/" in one["urls"][0] else one for one, early in zip(rows, first, strict=True)]


def reposting(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows, and eighty reposts by each newsroom."""
    about = {"kind": "repost", "ref_record_id": "q", "ref_account_id": "z"}
    return rows + [row(9000 + k, desk, k / 2, "", **about) for k, desk in enumerate(DESKS * 80)]


ELSEWHERE = row(9000, "somebody", 1, "a link", urls=["https://a.example"])
MOTTO = "motto words that come back every single time"

BROKEN = {
    "few originals": newsrooms(stories=9),
    "one site for all": with_site(newsrooms(), "one-site.example"),
    "a platform": with_site(newsrooms(), "facebook.com"),
    "a free host": with_site(newsrooms(), "medium.com"),
    "short links": with_site(newsrooms(), "bit.ly"),
    "no links": [one | {"urls": []} for one in newsrooms()] + [ELSEWHERE],
    "one subject": [one | {"text": f"{one['text']} {MOTTO}"} for one in newsrooms()],
    "two days of seven": squeezed(newsrooms()),
    "answers": where("own", newsrooms(), kind="reply"),
    "what is shared leads to one page": where("wire", newsrooms(), urls=["https://goal.example/page"]),
    "what is shared leads nowhere": where("wire", newsrooms(), urls=[]),
    "few wires": newsrooms(wires=5),
    "mostly reposts": reposting(newsrooms()),
}


@pytest.mark.parametrize("what", BROKEN)
def test_every_condition_is_needed(what: str) -> None:
    found = measured(BROKEN[what])
    behind = [desk for desk in DESKS if desk != "desk0"]  # the first on every wire writes all of them itself
    assert not found.cluster["decides"] and not found.cleared
    if what != "few wires":
        assert not any(found.accounts[desk]["pattern"] for desk in behind)


def test_short_links_are_nobodys_site_even_where_one_account_alone_has_them() -> None:
    rows = newsrooms()
    assert measured(rows).accounts["desk1"]["pattern"]
    short = [
        one | {"urls": [f"https://bit.ly/{one['record_id']}"]} if one["account_id"] == "desk1" else one for one in rows
    ]
    found = measured(short).accounts
    assert not found["desk1"]["pattern"] and found["desk2"]["pattern"]


def test_a_name_in_every_text_is_no_subject_but_a_motto_of_several_is() -> None:
    named = [one | {"text": f"{one['account_id']}news daily{one['account_id']} {one['text']}"} for one in newsrooms()]
    assert measured(named).accounts["desk1"]["topics"] == pytest.approx(14)
    motto = [one | {"text": f"same motto here {one['text']}"} for one in newsrooms()]
    assert measured(motto).accounts["desk1"]["topics"] < 6


def test_texts_of_which_somebody_else_was_first_are_not_own() -> None:
    rows = newsrooms()
    before = [row(9000 + k, "elsewhere", 0.0, spoken(2000 + k)) for k in range(5)]  # stories of desk1
    assert measured(rows).accounts["desk1"]["n_own"] == 14
    assert measured(rows + before).accounts["desk1"]["n_own"] == 9


def test_pictures_and_tags_in_common_must_lead_to_the_own_site_too() -> None:
    """Clean texts, and what is pushed in pictures without a link: the pattern would not see it in the texts."""
    rows = newsrooms()
    pushed = [
        row(60_000 + 100 * place + k, desk, 8.0 * k + place / 60, f"picture {k}")
        for place, desk in enumerate(DESKS)
        for k in range(15)
    ]
    table = received(pd.DataFrame(rows + pushed)).table
    acts = pa.table(
        {
            "account_id": [one["account_id"] for one in pushed],
            "record_id": [one["record_id"] for one in pushed],
            "object_id": [one["text"] for one in pushed],
        }
    )
    assert reading(material(table, DESKS), DESKS).cluster["decides"]
    found = reading(material(table, DESKS, {"co_media": acts}), DESKS)
    assert found.accounts["desk1"]["n_shared"] == 25 and found.accounts["desk1"]["shared_linked"] == 0.4
    assert not found.cluster["decides"] and found.cluster["n_pattern"] == 0
    alone = acts.filter([one == "desk1" for one in acts["account_id"].to_pylist()])
    assert reading(material(table, DESKS, {"co_media": alone}), DESKS).cluster["decides"]


def test_on_one_second_nobody_is_first() -> None:
    rows = [one | {"created_at": one["created_at"].floor("h")} for one in newsrooms()]
    found = measured(rows)
    assert {numbers["n_own"] for numbers in found.accounts.values()} == {14}
    assert found.cleared == frozenset(DESKS)


# -- whom it clears -------------------------------------------------------------------------------------------------


def copiers(count: int) -> list[dict[str, Any]]:
    """Return accounts that print the same wires, and nothing of their own."""
    return [
        row(20_000 + 100 * place + k, f"copier{place}", 24 * 7 * (k + 0.25) / 10 + 0.2 + place / 60, spoken(k))
        for place, k in product(range(count), range(10))
    ]


@pytest.mark.parametrize(("others", "decides"), [(0, True), (3, True), (4, False), (20, False)])
def test_two_thirds_must_have_it_and_the_others_are_never_cleared(others: int, decides: bool) -> None:
    members = DESKS + [f"copier{k}" for k in range(others)]
    found = measured(newsrooms() + copiers(others), members)
    assert found.cluster["decides"] is decides
    assert found.cleared == (frozenset(DESKS) if decides else frozenset())
    assert found.cluster["n_pattern"] == 6


def test_registered_accounts_count_to_the_two_thirds() -> None:
    members = DESKS + [f"copier{k}" for k in range(4)]
    found = measured(newsrooms() + copiers(4), members, ("copier0", "elsewhere"))
    assert found.cluster["n_registered"] == 1
    assert found.cleared == frozenset(DESKS)


def test_without_texts_or_links_nothing_is_measured_and_it_is_said() -> None:
    for column, need in (("text", "text"), ("urls", "urls|text")):
        rows = [{k: v for k, v in one.items() if k not in {"text", column}} for one in newsrooms()]
        got = benign_patterns(received(pd.DataFrame(rows)).table, [DESKS], {})
        assert got.accounts == {} and need in got.notes["missing"]
        assert list(got.clusters) == [
            {
                "n_members": 6, "n_measured": 0, "n_pattern": 0, "n_registered": 0, "n_shared_texts": 0,
                "shared_topics": 0.0, "decides": False, "missing": got.notes["missing"],
            }
        ]  # fmt: skip
    assert benign_patterns(received(pd.DataFrame(newsrooms())).table, [], {}).accounts == {}


def test_where_only_reposts_were_looked_at_nothing_is_measured() -> None:
    table = received(pd.DataFrame(newsrooms())).table
    got = benign_patterns(table, [DESKS], {}, {"co_repost": table})
    assert got.accounts == {} and got.clusters == () and got.notes["looked"] is False
    assert benign_patterns(table, [DESKS], {}).notes["looked"] is True


def test_an_account_in_two_clusters_is_cleared_where_both_say_so() -> None:
    table = received(pd.DataFrame(newsrooms() + copiers(9))).table
    mixed = DESKS[:2] + [f"copier{k}" for k in range(9)]
    for order in ([DESKS, mixed], [mixed, DESKS]):
        got = benign_patterns(table, order, {})
        assert {a for a, own in got.accounts.items() if own["decides"]} == set(DESKS[2:])
        assert [cluster["decides"] for cluster in got.clusters] == [accounts is DESKS for accounts in order]
        assert (got.notes["n_decided"], got.notes["n_clusters"], got.notes["n_measured"]) == (4, 1, 15)


def test_reposting_together_keeps_its_tier() -> None:
    def seen(trace: str, basis: str = "several") -> Scored:
        return Scored(trace, basis, 0.001, 9.0, basis == "several")

    both = [seen("copypasta"), seen("co_repost")]
    assert tier(both, False) == "A"
    assert tier(both, False, explained=benign.EXPLAINED) == "B"
    assert tier([seen("copypasta"), seen("co_url")], False, explained=benign.EXPLAINED) is None
    assert tier([seen("copypasta"), seen("co_reply", "few")], False, explained=benign.EXPLAINED) == "C"


# -- properties -----------------------------------------------------------------------------------------------------


@settings(max_examples=5, deadline=None)
@given(st.permutations(range(len(DESKS))), st.randoms(use_true_random=False))
def test_other_ids_and_other_rows_first_change_nothing(order: list[int], random: Any) -> None:
    rows = newsrooms()
    name = {desk: f"z{order[k]}" for k, desk in enumerate(DESKS)}
    renamed = [one | {"account_id": name[one["account_id"]], "record_id": f"x{one['record_id']}"} for one in rows]
    random.shuffle(renamed)
    one, other = measured(rows), measured(renamed, sorted(name.values()))
    assert other.accounts == {name[account]: numbers for account, numbers in one.accounts.items()}
    assert other.cluster == one.cluster


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 40), st.integers(0, 10_000))
def test_an_unrelated_crowd_changes_nothing(n: int, seed: int) -> None:
    crowd = [
        row(50_000 + k, f"crowd{k % 7}", k * 11.0 - 300, spoken(90_000 + seed + k), urls=[f"https://c{k}.example/a"])
        for k in range(n)
    ]
    assert measured(newsrooms() + crowd) == measured(newsrooms())


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 20))
def test_more_stories_never_take_the_pattern_away_and_more_copies_never_give_it(n: int) -> None:
    rows = newsrooms()
    more = [
        row(70_000 + k, "desk1", 7 * k % 160, spoken(80_000 + k), urls=[f"https://desk1.example/more/{k}"])
        for k in range(n)
    ]
    before, after = measured(rows).accounts["desk1"], measured(rows + more).accounts["desk1"]
    assert after["pattern"] and after["n_own"] == before["n_own"] + n and after["own_share"] > before["own_share"]
    assert after["topics"] > before["topics"]
    lazy = newsrooms(stories=5)
    copies = [
        row(80_000 + k, "desk1", 161 + k / 10, spoken(k % 10), urls=[f"https://desk1.example/more/{k}"])
        for k in range(n)
    ]
    assert not measured(lazy + copies).accounts["desk1"]["pattern"]


# -- in an investigation --------------------------------------------------------------------------------------------


def crowd(n: int = 240) -> list[dict[str, Any]]:
    """Return people who write a few texts of their own and read the newsrooms."""
    rng = np.random.default_rng(5)
    return [
        row(100_000 + 10 * k + j, f"person{k}", float(rng.uniform(0, 168)), spoken(300_000 + 10 * k + j))
        for k, j in product(range(n), range(4))
    ]


@pytest.fixture(scope="module")
def found() -> Any:
    rows = newsrooms(DESKS + [f"desk{k}" for k in range(6, 10)]) + crowd()
    copied = [
        row(400_000 + 100 * place + k, f"copy{place}", 15.5 * (k + 0.5) + (place + k) % 10 / 60, spoken(500_000 + k))
        for place, k in product(range(10), range(10))
    ]
    return investigate(pd.DataFrame(rows + copied), traces=["copypasta", "co_url"])


def test_newsrooms_have_no_tier_and_stand_there_with_their_numbers(found: Any) -> None:
    table = found.accounts.set_index("account_id")
    desks = table[table.index.str.startswith("desk")]
    assert (desks["basis"] == "several").all(), "without the pattern they would be named"
    assert desks["tier"].isna().all() and desks["cluster_id"].notna().all()
    patterns = found.account_patterns.set_index("account_id")
    assert all(patterns["decides"][desk] and patterns["site"][desk].startswith(desk) for desk in desks.index)
    own = found.clusters[found.clusters["accounts"].map(lambda members: "desk0" in members)].iloc[0]
    assert found.cluster_patterns.set_index("cluster_id")["decides"][own["cluster_id"]] and own["n_named"] == 0
    assert found.cluster_patterns["cluster_id"].tolist() == found.clusters["cluster_id"].tolist()
    assert found.notes["benign_pattern"]["n_decided"] == len(desks) == 10
    assert found.notes["benign_pattern"]["missing"] == []


def test_a_campaign_beside_them_has_no_newsroom_pattern(found: Any) -> None:
    """Nor is it named: it copies texts and does nothing else together."""
    table = found.accounts.set_index("account_id")
    copying = table[table.index.str.startswith("copy")]
    assert copying["tier"].eq("C").all()
    rows = found.ordinary_patterns
    assert set(rows.loc[rows["account_id"].isin(copying.index), "pattern"]) == {"ready_made_alone"}
    patterns = found.account_patterns.set_index("account_id")
    assert not patterns.loc[copying.index, ["decides", "pattern"]].to_numpy().any()
    assert not patterns.index.str.startswith("person").any()


def test_findings_come_back_from_their_tables(found: Any) -> None:
    from spmc_tools.findings import stored_results as stored

    tables = found.tables()
    for name in ("account_patterns", "cluster_patterns"):
        assert len(tables[name]) > 0
        pd.testing.assert_frame_equal(stored.framed(tables[name]), getattr(found, name))
        assert isinstance(tables[name], pa.Table)


def test_handles_of_one_office_that_cross_post_are_for_the_context_list() -> None:
    """Nothing of their own, one site: no newsroom pattern; half of them registered shields all."""
    handles = [f"office{k}" for k in range(10)]
    rows = with_site(newsrooms(handles, stories=0, wires=12), "office.example") + crowd()
    alone = investigate(pd.DataFrame(rows), traces=["copypasta"])
    assert alone.accounts.set_index("account_id").loc[handles, "tier"].notna().all()
    half = investigate(pd.DataFrame(rows), traces=["copypasta"], context=dict.fromkeys(handles[:5], "official"))
    assert half.accounts["tier"].isin(["A", "B"]).sum() == 0
    assert (half.clusters["context"] == "official").any()
    fewer = investigate(pd.DataFrame(rows), traces=["copypasta"], context=dict.fromkeys(handles[:4], "official"))
    tiers = fewer.accounts.set_index("account_id")["tier"]
    assert set(tiers[handles[4:]]) == {"C"}  # the same handle is always first: one origin, shown and not named


AT_THE_LIMITS = {
    "n_own": 10, "own_share": 0.2, "site_share": 0.5, "own_linked": 0.5, "shared_linked": 0.5, "sole_share": 0.9,
    "topics": 6.0, "n_days": 3, "day_share": 0.5,
}  # fmt: skip


def test_each_limit_of_the_pattern_is_inclusive_and_holds_by_itself():
    assert benign._strong(AT_THE_LIMITS)
    for name, limit in AT_THE_LIMITS.items():
        assert not benign._strong(AT_THE_LIMITS | {name: limit * 0.99})
        assert benign._strong(AT_THE_LIMITS | {name: limit * 1.01})
