"""The pipeline: what it finds, what it says it cannot do, and that order, engine and cache change nothing."""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spmc_tools as spmc
from spmc_tools.coaction.traces.trace_catalogue import TRACES, actions_of
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import ParameterError, TableError
from spmc_tools.findings import request as asked
from spmc_tools.findings import stored_results as stored
from spmc_tools.findings.detectors.detector_catalogue import DETECTORS
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.findings.result.findings import case_columns
from spmc_tools.schema import RECORDS
from tests.findings.made_up_cases import case_of
from tests.findings.plain_cells import nested

if TYPE_CHECKING:
    from pathlib import Path


def frames_equal(one: Any, two: Any, but: str = "") -> None:
    for name in stored.SCHEMAS:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=False, atol=1e-9, rtol=1e-9)
    assert one.not_run == two.not_run
    of_a_case = {but, "pattern_decisions"}
    notes = [{name: said for name, said in made.notes.items() if name not in of_a_case} for made in (one, two)]
    assert notes[0] == notes[1]


def test_public_name() -> None:
    assert spmc.investigate is investigate


def test_those_who_act_together_are_found_and_nobody_else(found: Any, members: list[str]) -> None:
    named = found.accounts[found.accounts["tier"].isin(["A", "B"])]
    assert set(named["account_id"]) <= set(members)
    assert len(named) >= 8
    assert list(found.clusters["size"]) == [10]
    assert found.clusters["accounts"].iloc[0] == members
    assert found.clusters["stability"].iloc[0] >= 0.8
    assert set(found.accounts.loc[found.accounts["cluster_id"] == 1, "account_id"]) == set(members)


def test_columns_of_the_contract(found: Any, world: pd.DataFrame) -> None:
    assert list(found.accounts.columns[:10]) == [
        "account_id", "tier", "basis", "score", "q", "traces", "cluster_id", "n_records", "first_seen", "last_seen",
    ]  # fmt: skip
    for name, schema in stored.SCHEMAS.items():
        assert list(getattr(found, name).columns) == schema.names
    own = world.groupby("account_id").created_at.agg(["size", "min", "max"])
    table = found.accounts.set_index("account_id")
    assert set(table.index) == set(own.index)
    own = own.loc[table.index]
    assert (table["n_records"] == own["size"]).all()
    assert (table["first_seen"] == own["min"]).all()
    assert (table["last_seen"] == own["max"]).all()


def test_no_cell_of_a_public_table_is_a_dictionary(found: Any) -> None:
    """A world with clusters, each of whose accounts has what it rests on in rows of its own."""
    assert len(found.clusters) and len(found.account_traces)
    assert nested(found) == []
    for schema in stored.SCHEMAS.values():
        assert not any(isinstance(field.type, pa.StructType) or "struct" in str(field.type) for field in schema)


def test_rows_of_what_a_tier_rests_on_belong_to_accounts_and_clusters(found: Any) -> None:
    accounts, clusters = found.accounts.set_index("account_id"), set(found.clusters["cluster_id"])
    for name in ("account_traces", "account_events", "account_patterns", "group_members"):
        assert set(getattr(found, name)["account_id"]) <= set(accounts.index), name
    assert not found.account_traces.duplicated(["account_id", "trace"]).any()
    several = found.account_traces[found.account_traces["basis"] == "several"]
    assert set(several["account_id"]) == set(accounts.index[accounts["basis"] == "several"])
    listed = found.account_traces.groupby("account_id")["trace"].agg(set)
    assert all(set(accounts["traces"][account]) >= traces for account, traces in listed.items())
    assert set(found.proven_groups["cluster_id"]) | set(found.cluster_patterns["cluster_id"]) <= clusters
    assert found.proven_groups["group_id"].tolist() == list(range(1, len(found.proven_groups) + 1))
    sizes = found.group_members.groupby("group_id").size().reindex(found.proven_groups["group_id"])
    assert sizes.tolist() == found.proven_groups["size"].tolist()


def test_a_table_in_which_nobody_reads_what_another_reads() -> None:
    """Each of 600 accounts reposts posts of its own authors, at its own times: no two share a source."""
    n = 600 * 6
    records = pd.DataFrame({
        "record_id": [f"r{x}" for x in range(n)],
        "account_id": [f"a{x % 600}" for x in range(n)],
        "created_at": pd.Timestamp("2025-11-01", tz="UTC") + pd.to_timedelta(np.arange(n) * 97, unit="s"),
        "kind": "repost",
        "ref_record_id": [f"p{x}" for x in range(n)],
        "ref_account_id": [f"author{x}" for x in range(n)],
    })  # fmt: skip
    found = spmc.investigate(records)
    assert found.notes["traces"]["co_repost"]["strata"] == "learned: one stratum"
    assert len(found.accounts) == 600 and found.accounts["tier"].isna().all()
    assert not len(found.edges) and not len(found.clusters)


def test_ranked_by_tier_then_score(found: Any) -> None:
    order = found.accounts["tier"].map({"A": 0, "B": 1, "C": 2}).fillna(3)
    keys = list(zip(order, -found.accounts["score"], found.accounts["account_id"], strict=True))
    assert keys == sorted(keys)


def test_q_and_tier_by_a_second_route(found: Any, world: pd.DataFrame) -> None:
    records = RECORDS.from_rows([]).schema
    table = pa.Table.from_pandas(world, preserve_index=False)
    table = table.set_column(
        table.column_names.index("created_at"), "created_at", table["created_at"].cast(records.field("created_at").type)
    )
    per_trace = {
        name: spmc.assess(actions_of(table, name), windows_s=TRACES[name].windows_s).accounts.set_index("account_id")
        for name in ("co_repost", "copypasta")
    }
    for row in found.accounts.itertuples():
        own = [t.loc[row.account_id] for t in per_trace.values() if row.account_id in t.index]
        assert row.q == pytest.approx(min(1.0, 2 * min((o.q for o in own), default=1.0)))
        named = sum(bool(o.named) for o in own)
        bases = {o.basis for o in own if isinstance(o.basis, str)}
        wanted = "A" if named >= 2 else "B" if named else "C" if bases else None
        assert (row.tier if isinstance(row.tier, str) else None) == wanted


def test_reason_is_data(found: Any) -> None:
    based = found.accounts[found.accounts["basis"].notna()]
    assert len(based) >= 8
    for row in based.itertuples():
        facts = found.account_traces[found.account_traces["account_id"] == row.account_id]
        assert row.traces == facts["trace"].tolist()
        assert (facts["max_occasions"] >= 3).all() and (facts["n_partners"] >= 1).all()
    strong = found.edges[found.edges["q"] < 0.05]
    assert found.clusters["max_occasions"].iloc[0] == strong["n_occasions"].max()
    assert found.clusters["n_edges"].iloc[0] == len(strong[["account_a", "account_b"]].drop_duplicates())


def test_row_order_changes_nothing(found: Any, world: pd.DataFrame) -> None:
    frames_equal(investigate(world.sample(frac=1, random_state=3)), found)


def test_summary_adds_up(found: Any, world: pd.DataFrame) -> None:
    summary = found.summary()
    assert summary["n_records"] == len(world)
    assert summary["n_accounts"] == world["account_id"].nunique()
    assert summary["tiers"] == {t: int((found.accounts["tier"] == t).sum()) for t in "ABC"}
    assert summary["traces"]["co_repost"]["n_actions"] == int((world["kind"] == "repost").sum())
    assert summary["traces"]["co_repost"]["n_edges"] == int((found.edges["trace"] == "co_repost").sum())
    assert json.loads(json.dumps(summary)) == summary
    assert json.loads(json.dumps(found.notes)) == found.notes
    assert json.loads(json.dumps(found.not_run)) == found.not_run


def test_not_run_says_what_is_lacking(world: pd.DataFrame, members: list[str]) -> None:
    bare = world[["record_id", "account_id", "created_at"]]
    nothing = investigate(bare)
    assert {row["trace"] for row in nothing.not_run} == {*TRACES, *DETECTORS} - {"clock_lockstep"}
    said = dict.fromkeys(("co_handle", "account_cohort"), "table of accounts")
    said |= {"hashtag_surge": "hashtags or text"}
    for row in nothing.not_run:
        assert said.get(row["trace"], "kind") in row["reason"] and row["window_s"] is None
    assert len(nothing.accounts) == world["account_id"].nunique()
    assert set(nothing.accounts["tier"].dropna()) <= {"C"}  # the clock and bursts need times alone, and only rank
    assert (nothing.accounts["q"] == 1).all()
    ranked = nothing.accounts[nothing.accounts["tier"].notna() & (nothing.accounts["n_bursts"] > 0)]
    assert set(ranked["account_id"]) <= set(members)
    for row in ranked.itertuples():
        shown = nothing.evidence(row.account_id)
        assert len(shown) >= row.n_bursts
        assert not shown["significant"].any()
        assert set(shown["trace"]) == {"burst"}
    assert len(nothing.edges) == len(nothing.clusters) == len(nothing.events) == 0
    assert len(nothing.network()) == 0
    no_text = investigate(world.drop(columns="text"), traces=["copypasta", "co_url"])
    assert [row["reason"] for row in no_text.not_run] == [
        "The records lack urls or text.", "The records lack text.",
    ]  # fmt: skip
    no_client = investigate(world, traces=["copypasta", "co_url"])
    assert [(row["trace"], row["code"]) for row in no_client.not_run if row["trace"] == "copypasta"] == [
        ("copypasta", "events_without_client")
    ]


def test_a_coarse_clock_stops_narrow_windows(world: pd.DataFrame) -> None:
    coarse = world.assign(time_precision_s=np.where(world.index == 0, 60.0, 1.0))
    kept = investigate(coarse, traces=["co_repost"])
    assert [(row["trace"], row["window_s"], row["code"]) for row in kept.not_run] == [
        ("co_repost", 60.0, "clock_too_coarse"), ("co_repost", None, "events_without_client"),
    ]  # fmt: skip
    assert set(kept.edges["window_s"]) == {600.0}
    exact = investigate(world.assign(time_precision_s=30.0), traces=["co_repost"])
    assert [row["code"] for row in exact.not_run] == ["events_not_run"]
    assert investigate(world.assign(time_precision_s=86400.0), traces=["co_repost"]).not_run[1]["window_s"] == 600.0


def test_windows_and_traces_can_be_chosen(world: pd.DataFrame) -> None:
    one = investigate(world, traces=["co_repost"], windows_s=(120,))
    assert set(one.edges["window_s"]) == {120.0}
    assert set(one.edges["trace"]) == {"co_repost"}
    assert one.parameters["windows_s"] == [120.0]


def test_context_is_shown_and_never_named(world: pd.DataFrame, found: Any, members: list[str]) -> None:
    half = investigate(world, context=dict.fromkeys(members[:5], "newsroom"))
    assert half.accounts["tier"].isna().all()
    assert set(half.accounts.loc[half.accounts["context"] == "newsroom", "account_id"]) == set(members[:5])
    assert half.clusters["context"].tolist() == ["newsroom"]
    assert half.clusters["n_context"].tolist() == [5]
    one = investigate(world, context={members[0]: "office", "not seen": "office"})
    assert set(one.accounts.loc[one.accounts["tier"].notna(), "account_id"]) <= set(members[1:])
    assert len(one.edges) == len(found.edges)


def test_duplicates_are_kept_once_and_counted(world: pd.DataFrame, found: Any) -> None:
    again = investigate(pd.concat([world, world.iloc[:7]], ignore_index=True))
    assert again.notes["records"].pop("duplicate_records_left_out") == 7
    frames_equal(again, found)


def test_times(world: pd.DataFrame, found: Any) -> None:
    naive = investigate(world.assign(created_at=world["created_at"].dt.tz_localize(None)))
    assert naive.notes["records"].pop("times_without_zone_read_as_utc") == ["created_at"]
    frames_equal(naive, found)
    frames_equal(investigate(world.assign(created_at=world["created_at"].dt.tz_convert("Asia/Kolkata"))), found)
    frames_equal(investigate(world.assign(created_at=world["created_at"].astype("datetime64[ns, UTC]"))), found)
    frames_equal(investigate(pa.Table.from_pandas(world, preserve_index=False)), found)


BAD = {
    "no record_id": (lambda w: w.drop(columns="record_id"), "column record_id is missing"),
    "no account_id": (lambda w: w.drop(columns="account_id"), "column account_id is missing"),
    "no created_at": (lambda w: w.drop(columns="created_at"), "column created_at is missing"),
    "times as text": (lambda w: w.assign(created_at="2025-11-01"), "created_at: found .*string, wanted times"),
    "times as numbers": (lambda w: w.assign(created_at=5), "created_at: found int64, wanted times"),
    "mixed times": (lambda w: w.assign(created_at=[w.created_at[0], "x", *w.created_at[2:]]), "wanted times"),
    "null id": (lambda w: w.assign(account_id=[None, *w.account_id[1:]]), "account_id: row 0 is null"),
    "null time": (lambda w: w.assign(created_at=[*w.created_at[:3], pd.NaT]), "created_at: row 3 is null"),
    "ids as fractions": (lambda w: w.assign(record_id=[1.5, 2.5, 3.5, 4.5]), "record_id: found double, wanted text"),
    "lists as text": (lambda w: w.assign(urls="x"), "urls: found"),
    "a list among texts": (lambda w: w.assign(text=["a", ["b"], "c", "d"]), "text: holds values of several types"),
    "a column twice": (lambda w: pd.concat([w, w[["text"]]], axis=1), "comes twice"),
    "no table": (lambda _: [1, 2], "Wanted records as a DataFrame or a case"),
    "empty frame": (lambda _: pd.DataFrame(), "column record_id is missing"),
}


@pytest.mark.parametrize(("spoil", "sentence"), BAD.values(), ids=BAD)
def test_bad_records_are_refused(world: pd.DataFrame, spoil: Any, sentence: str) -> None:
    with pytest.raises(TableError, match=sentence):
        investigate(spoil(world.head(4).reset_index(drop=True)))


@pytest.mark.parametrize(
    "arguments",
    [
        {"traces": ["co_everything"]}, {"traces": "co_everything"}, {"traces": []}, {"traces": 5}, {"traces": [1]},
        {"windows_s": ()}, {"windows_s": (0,)}, {"windows_s": (-1,)}, {"windows_s": (float("nan"),)},
        {"windows_s": "60"}, {"windows_s": 10**400}, {"windows_s": np.array(["60"])}, {"windows_s": (np.bool_(True),)},
        {"context": dict}, {"context": pd.Series({"a": "b"})}, {"context": {1: "newsroom"}}, {"context": 5},
        {"seed": np.array([1, 2])}, {"seed": np.bool_(True)}, {"seed": None},
        {"windows_s": (True,)}, {"windows_s": ("60",)}, {"windows_s": (1e12,)}, {"context": {"a": 1}},
        {"context": {"a": " "}}, {"context": ["a"]}, {"seed": -1}, {"seed": 1.5}, {"seed": True}, {"seed": "1"},
    ],
)  # fmt: skip
def test_bad_parameters_are_refused(world: pd.DataFrame, arguments: dict[str, Any]) -> None:
    with pytest.raises(ParameterError) as caught:
        investigate(world.head(4), **arguments)
    assert str(caught.value).endswith(".")
    if "traces" in arguments:
        assert "co_repost" in str(caught.value)


def test_whole_numbers_serve_as_ids(world: pd.DataFrame) -> None:
    numbers = world.head(50).assign(record_id=range(50), account_id=range(50))
    assert sorted(investigate(numbers).accounts["account_id"]) == sorted(str(n) for n in range(50))


def test_one_id_on_two_platforms_is_two_accounts() -> None:
    rows = [
        {"record_id": "1", "account_id": "7", "platform": p, "created_at": pd.Timestamp("2025-11-01", tz="UTC")}
        for p in ("x", "telegram")
    ]
    kept = investigate(pd.DataFrame([*rows, {**rows[0], "record_id": "2", "account_id": "8"}]))
    assert sorted(kept.accounts["account_id"]) == ["8", "telegram:7", "x:7"]
    assert kept.notes["records"]["account_ids_on_several_platforms"] == 1
    assert kept.notes["records"]["n_records"] == 3


def test_context_holds_for_an_id_that_stands_on_two_platforms(world: pd.DataFrame, members: list[str]) -> None:
    elsewhere = world[world["account_id"] == members[0]].head(2).assign(platform="telegram")
    both = pd.concat([world, elsewhere.assign(record_id=["t1", "t2"])], ignore_index=True)
    kept = investigate(both, context={members[0]: "office", "nobody": "newsroom"})
    rows = kept.accounts.set_index("account_id")
    assert members[0] not in rows.index
    for name in (f"x:{members[0]}", f"telegram:{members[0]}"):
        assert rows.loc[name, "context"] == "office" and not isinstance(rows.loc[name, "tier"], str)
    assert kept.notes["context"] == {
        "registered": 2, "not_in_records": ["nobody"], "on_several_platforms": [members[0]],
    }  # fmt: skip


def test_context_of_one_platform_shields_no_other(world: pd.DataFrame, members: list[str]) -> None:
    elsewhere = world[world["account_id"] == members[0]].head(2).assign(platform="telegram")
    both = pd.concat([world, elsewhere.assign(record_id=["t1", "t2"])], ignore_index=True)
    kept = investigate(both, context={f"telegram:{members[0]}": "newsroom", f"telegram:{members[1]}": "newsroom"})
    rows = kept.accounts.set_index("account_id")
    assert rows.loc[f"telegram:{members[0]}", "context"] == "newsroom"
    for name in (f"x:{members[0]}", members[1]):
        assert rows.loc[name, "tier"] in {"A", "B"} and not isinstance(rows.loc[name, "context"], str)
    assert kept.notes["context"] == {
        "registered": 2, "not_in_records": [f"telegram:{members[1]}"], "on_several_platforms": [],
    }  # fmt: skip
    alone = investigate(world, context={f"x:{members[0]}": "newsroom"})  # no other platform: no id has one in front
    assert alone.accounts.set_index("account_id").loc[members[0], "context"] == "newsroom"


def test_the_register_by_hand() -> None:
    def meant(context: dict[str, str], *pairs: tuple[str | None, str]) -> tuple[dict[str, str], list[str], list[str]]:
        platforms, accounts = zip(*pairs, strict=True)
        table = pa.table({"platform": pa.array(platforms, pa.string()), "account_id": pa.array(accounts, pa.string())})
        kinds, notes = asked.registered(context, table)
        return kinds, notes["not_in_records"], notes["on_several_platforms"]

    two = (("x", "x:n"), ("telegram", "telegram:n"), ("x", "m"))
    assert meant({"n": "k"}, *two) == ({"x:n": "k", "telegram:n": "k"}, [], ["n"])
    assert meant({"x:n": "k"}, *two) == ({"x:n": "k"}, [], [])
    assert meant({"x:n": "k", "n": "j"}, *two) == ({"x:n": "k", "telegram:n": "j"}, [], ["n"])
    assert meant({"x:m": "k", "telegram:m": "j"}, *two) == ({"m": "k"}, ["telegram:m"], [])
    # an account of another platform that calls itself as one of x is written is not the one of x
    assert meant({"x:n": "k"}, ("x", "n"), ("telegram", "x:n")) == ({"n": "k"}, [], [])
    # a colon in an id is part of it
    assert meant({"did:plc:1": "k"}, ("bluesky", "did:plc:1")) == ({"did:plc:1": "k"}, [], [])
    assert meant({"x:n": "k"}, ("x", "x:n")) == ({"x:n": "k"}, [], [])
    assert meant({"n": "k"}, ("x", "x:n")) == ({}, ["n"], [])
    assert meant({":n": "k"}, (None, ":n"), ("x", "x:n")) == ({}, [":n"], [])


def test_more_clusters_take_no_more_passes_over_the_actions(
    world: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spmc_tools.findings.clusters import evidence

    connected, passes = evidence._connected, []

    def counted(*given: Any) -> Any:
        passes.append(len(given[1]))
        return connected(*given)

    monkeypatch.setattr(evidence, "_connected", counted)
    reposts = world[world["kind"] == "repost"]
    own = ["record_id", "account_id", "ref_record_id", "ref_account_id"]
    copies = [reposts.assign(**{name: reposts[name] + end for name in own}) for end in ("", "x", "y")]
    seen = {}
    for number in (1, 3):
        passes.clear()
        kept = investigate(pd.concat(copies[:number], ignore_index=True), traces=["co_repost"])
        seen[len(kept.clusters)] = len(passes)
        for row in kept.clusters.itertuples():
            assert row.n_records == len(kept.evidence(int(row.cluster_id)))
            passes.pop()
    assert len(seen) == 2 and len(set(seen.values())) == 1


def test_numbers_of_numpy_serve_as_windows(world: pd.DataFrame) -> None:
    given = (np.array([60, 600]), (np.int64(60), np.float32(600)), pd.Series([600, 60]), [60, 600.0])
    assert {tuple(asked.windows(one) or ()) for one in given} == {(60.0, 600.0)}
    assert asked.windows(np.int64(60)) == asked.windows(np.array(60)) == asked.windows(60) == [60.0]
    assert investigate(world.head(50), windows_s=np.array([60])).parameters["windows_s"] == [60.0]


def test_both_calls_name_one_limit(world: pd.DataFrame) -> None:
    actions = actions_of(pa.Table.from_pandas(world[world["kind"] == "repost"]), TRACES["co_repost"])
    for call in (lambda: investigate(world, windows_s=(21_601,)), lambda: spmc.assess(actions, windows_s=(21_601,))):
        with pytest.raises(ParameterError, match="21,600"):
            call()


NASTY = st.text(min_size=1, max_size=8) | st.sampled_from(
    ["=1+1", "'; drop table x; --", "<script>", "\u202eabc", "\x00", "1"]
)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(NASTY, NASTY, NASTY, st.integers(0, 100)), min_size=1, max_size=12))
def test_hostile_ids_and_texts_are_survived(rows: list[tuple[str, str, str, int]]) -> None:
    start = pd.Timestamp("2025-11-01", tz="UTC")
    records = pd.DataFrame(
        [
            {"record_id": f"{n}{a}", "account_id": a, "created_at": start + timedelta(seconds=s), "kind": "repost",
             "ref_record_id": o, "ref_account_id": o, "text": t, "urls": [t, o], "hashtags": [a, o, t]}
            for n, (a, o, t, s) in enumerate(rows)
        ]
    )  # fmt: skip
    for kind in ("repost", "reply", "post"):
        kept = investigate(records.assign(kind=kind))
        assert set(kept.accounts["account_id"]) == set(records["account_id"])
        for row in kept.edges.itertuples():
            assert len(kept.evidence((row.account_a, row.account_b))) >= 2


def test_progress_ends_at_its_total(world: pd.DataFrame) -> None:
    seen: list[tuple[str, int, int]] = []
    investigate(world.head(200), traces=["co_repost", "copypasta"], progress=lambda *step: seen.append(step))
    assert [step[0] for step in seen] == ["records", "co_repost", "copypasta", "clusters", "done"]
    assert [step[1] for step in seen] == sorted(step[1] for step in seen)
    assert seen[-2:] == [("clusters", 3, 4), ("done", 4, 4)]


# -- on a case ------------------------------------------------------------------------------------------------------


@pytest.fixture
def case(world: pd.DataFrame, tmp_path: Path) -> Any:
    """A case that holds the made-up world."""
    return case_of(world, tmp_path, "made-up")


def test_case_gives_what_its_records_give(case: Any, found: Any) -> None:
    first = investigate(case)
    assert first.notes["cleared"] == {"set_aside": [], "again": []}  # a table of records has no marks
    frames_equal(first, found, but="cleared")
    assert first.derived is not None
    assert {p.name for p in first.derived.iterdir()} == {f"{n}.parquet" for n in stored.SCHEMAS} | {"notes.json"}
    again = investigate(spmc.open_case("made-up"))
    frames_equal(again, first)
    assert again.derived == first.derived
    logged = [e["payload"] for e in case.ledger.entries() if e["kind"] == "investigate"]
    assert [entry["reused"] for entry in logged] == [False, True]
    hashes = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in first.derived.iterdir()}
    place = first.derived.relative_to(case.path).as_posix()
    assert [(entry["derived"], entry["results"], entry["made_anew"]) for entry in logged] == [(place, hashes, None)] * 2
    assert logged[0]["summary"] == logged[1]["summary"] == first.summary()
    pd.testing.assert_frame_equal(
        again.evidence(1)[["record_id", "source_row", "trace"]], found.evidence(1)[["record_id", "source_row", "trace"]]
    )
    assert set(again.evidence(1)["source_sha256"]) == {case.batches()[0].source_sha256}


def test_a_spoilt_cache_is_made_again(case: Any) -> None:
    first = investigate(case)
    assert first.derived is not None
    for spoil in (b"", b"PAR1 not a table", b"{"):
        for name in ("edges.parquet", "notes.json"):
            (first.derived / name).write_bytes(spoil)
            frames_equal(investigate(case), first)
            assert name in case.ledger.entries()[-1]["payload"]["made_anew"]


def forge(folder: Path, ordinary: str, named: str) -> None:
    """Make an ordinary account one of tier A and let a named one off, in the table that a case keeps."""
    rows = pq.read_table(folder / "accounts.parquet").to_pylist()
    for row in rows:
        row["tier"] = "A" if row["account_id"] == ordinary else None if row["account_id"] == named else row["tier"]
    pq.write_table(pa.Table.from_pylist(rows, schema=stored.SCHEMAS["accounts"]), folder / "accounts.parquet")


def test_forged_results_name_nobody(case: Any, members: list[str]) -> None:
    first = investigate(case)
    assert first.derived is not None
    ordinary = first.accounts["account_id"][first.accounts["tier"].isna()].iloc[0]
    forge(first.derived, ordinary, members[0])
    assert not verify(case.path, log=False).ok
    assert str(verify(case.path, log=False).first_difference).endswith(
        "/investigate/accounts.parquet: its content is not what was recorded (SHA-256 differs)"
    )
    again = investigate(spmc.open_case("made-up"))
    frames_equal(again, first)
    entry = case.ledger.entries()[-1]["payload"]
    assert not entry["reused"] and entry["made_anew"].startswith("accounts.parquet was not the file that the custody")
    assert verify(case.path, log=False).ok


def test_forged_notes_are_not_read(case: Any) -> None:
    first = investigate(case)
    assert first.derived is not None
    notes = json.loads((first.derived / "notes.json").read_text())
    notes["not_run"] = [{"trace": "co_repost", "window_s": None, "reason": "made up", "code": "lacks_column"}]
    (first.derived / "notes.json").write_text(json.dumps(notes))
    assert investigate(case).not_run == first.not_run


def test_results_that_no_entry_tells_of_are_made_anew(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a look leaves them that was killed before its entry, or somebody who puts them there."""
    with monkeypatch.context() as patched:
        patched.setattr(type(case), "log", lambda *_: None)
        first = investigate(case)
    assert first.derived is not None
    frames_equal(investigate(case), first)
    assert case.ledger.entries()[-1]["payload"]["made_anew"].startswith("no entry of the custody log tells")


def test_a_run_that_asks_is_named_in_the_entry(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPMC_RUN", "run-1")
    investigate(case, traces=["copypasta"])
    assert case.ledger.entries()[-1]["payload"]["run"] == "run-1"


def test_a_changed_rule_never_meets_results_of_the_old_one(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["spmc_tools.findings.pipeline.investigate"]
    first = investigate(case).derived
    monkeypatch.setattr(module, "code_digest", lambda _module: "other source")
    assert investigate(case).derived != first


def test_a_case_gives_every_column_that_a_trace_needs() -> None:
    own = (trace for trace in TRACES.values() if trace.table == "records")
    wanted = {column for trace in own for need in trace.needs for column in need.split("|")}
    assert wanted <= set(case_columns())
    assert set(case_columns()) <= set(RECORDS.names)


def test_other_parameters_are_kept_elsewhere(case: Any) -> None:
    folders = {investigate(case, traces=["copypasta"], seed=s).derived for s in (0, 1)}
    folders.add(investigate(case, traces=["copypasta"], context={"c0000": "office"}).derived)
    assert len(folders) == 3


def test_registered_accounts_of_a_case_are_its_context(case: Any, members: list[str]) -> None:
    case.add_context(members[0], "office", "registered for the test")
    kept = investigate(case)
    assert kept.parameters["context"] == {members[0]: "office"}
    row = kept.accounts.set_index("account_id").loc[members[0]]
    assert row["context"] == "office"
    assert not isinstance(row["tier"], str)


def test_roles_and_timeline_of_a_cluster(found: Any, members: list[str]) -> None:
    table = found.roles(1)
    assert list(table["account_id"]) == members
    assert (table["core"] == 9).all() and (table["n_links"] == 9).all() and (table["participation"] >= 0).all()
    acts = found.evidence(1)
    assert int(table["n_first"].sum()) <= acts["object_id"].nunique()
    raised = table.attrs["most_amplified"]
    assert {row["source_id"] for row in raised} >= {f"co_repost:boosted{n}" for n in range(12)}
    line = found.timeline(1, step_s=86_400)
    assert line["event"].dropna().iloc[0] == "formed" and line["n_linked"].max() == 10
    assert line["n_actions"].sum() >= len(acts)
    for bad in (0, 99, "1", True):
        with pytest.raises(ParameterError, match="no cluster"):
            found.roles(bad)
    with pytest.raises(ParameterError, match="whole seconds"):
        found.timeline(1, step_s=5)
