"""The Contract of `coactions`: its columns, types, order and refusals, the same whatever the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import spmc_tools as spmc
from benchmarks.synthetic.reposts import reposts
from spmc_tools.errors import ActionsError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENGINES = ["memory", "duckdb"]
COLUMNS = [
    "account_a", "account_b", "n_objects", "n_pairs", "n_actions_a", "n_actions_b", "first_t", "last_t", "mean_lag_s",
    "n_a_first",
]  # fmt: skip

engines = pytest.mark.parametrize("engine", ENGINES)


def actions(rows: list[tuple[Any, Any, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["account_id", "object_id", "t"])


@engines
def test_a_table_counted_by_hand(engine: str) -> None:
    # object x: a at 0, 10, 10 (twice: two actions); b at 5, 70; c at 71.  object y: a at 100, b at 40.  object z: b, b.
    rows = [
        ("b", "x", 5), ("a", "x", 10), ("a", "x", 0), ("a", "x", 10), ("b", "x", 70), ("c", "x", 71),
        ("a", "y", 100), ("b", "y", 40), ("b", "z", 1), ("b", "z", 2),
    ]  # fmt: skip
    found = spmc.coactions(actions(rows), window_s=60, min_objects=1, engine=engine)
    # a-b on x: (0,5) (10,5)x2 (10,70)x2; a-b on y: (100,40), all at most 60 apart; a-c on x: 61 at least; b-c: (70,71)
    assert found.columns.tolist() == COLUMNS
    assert found.to_numpy().tolist() == [
        ["a", "b", 2, 6, 4, 3, 0, 100, (5 + 5 + 5 + 60 + 60 + 60) / 6, 3],
        ["b", "c", 1, 1, 1, 1, 70, 71, 1.0, 1],
    ]
    wider = spmc.coactions(actions(rows), window_s=61, min_objects=1, engine=engine)
    assert wider[["account_a", "account_b", "n_pairs"]].to_numpy().tolist() == [
        ["a", "b", 6],
        ["a", "c", 2],
        ["b", "c", 1],
    ]
    assert len(spmc.coactions(actions(rows), engine=engine)) == 1


@engines
def test_the_window_is_inclusive_and_may_be_zero_or_a_fraction(engine: str) -> None:
    rows = [("a", "x", 0.0), ("b", "x", 0.3), ("c", "x", 0.300001), ("d", "x", 0.0)]

    def pairs(window_s: float) -> list[str]:
        found = spmc.coactions(actions(rows), window_s=window_s, min_objects=1, engine=engine)
        return (found.account_a + found.account_b).tolist()

    assert pairs(0) == pairs(0.0) == ["ad"]
    assert pairs(0.000001) == ["ad", "bc"]
    assert pairs(0.3) == ["ab", "ad", "bc", "bd"]
    assert pairs(np.float64(0.300001)) == ["ab", "ac", "ad", "bc", "bd", "cd"]
    assert pairs(10**30) == pairs(1e200) == pairs(np.int64(1))


@engines
@pytest.mark.parametrize(
    ("given", "first", "dtype"),
    [
        ([3, -2, 3, -2], -2, "int64"),
        ([3.5, -2.25, 3.5, -2.25], -2.25, "float64"),
        (
            pd.to_datetime([3, -2, 3, -2], unit="s", utc=True),
            pd.Timestamp(-2, unit="s", tz="UTC"),
            "datetime64[us, UTC]",
        ),
        (pd.to_datetime([3, -2, 3, -2], unit="s"), pd.Timestamp(-2, unit="s", tz="UTC"), "datetime64[us, UTC]"),
        (
            pd.to_datetime([3, -2, 3, -2], unit="s", utc=True).tz_convert("Asia/Kolkata"),
            pd.Timestamp(-2, unit="s", tz="UTC"),
            "datetime64[us, UTC]",
        ),
    ],
)
def test_times_come_back_in_the_kind_they_were_given(engine: str, given: Any, first: Any, dtype: str) -> None:
    rows = pd.DataFrame({"account_id": [1, 1, 2, 2], "object_id": ["x", "y", "x", "y"], "t": given})
    found = spmc.coactions(rows, engine=engine)
    assert (str(found.first_t.dtype), str(found.last_t.dtype)) == (dtype, dtype)
    assert found.first_t[0] == first
    types = {
        "account_a": "int64",
        "mean_lag_s": "float64",
        "n_pairs": "int64",
        "n_objects": "int64",
        "n_a_first": "int64",
    }
    assert {name: str(found[name].dtype) for name in types} == types


@engines
def test_ids_are_ordered_as_numbers_or_by_code_point(engine: str) -> None:
    numbers = [(i, "x", 0) for i in (10, 9, 100, -1)]
    found = spmc.coactions(actions(numbers), min_objects=1, engine=engine)
    assert found.account_a.tolist() == [-1, -1, -1, 9, 9, 10]
    assert found.account_b.tolist() == [9, 10, 100, 10, 100, 100]
    names = ["b", "B", "a", "é", "e\u0301", "क", "｡", "😀", "", "a\0b", "a ", "x" * 5_000, "'; drop table given; --"]
    found = spmc.coactions(actions([(name, "x", 0) for name in names]), min_objects=1, engine=engine)
    ordered = sorted(names)
    expected = [(a, b) for i, a in enumerate(ordered) for b in ordered[i + 1 :]]
    assert list(zip(found.account_a, found.account_b, strict=True)) == expected


@engines
def test_no_action_and_no_edge_give_an_empty_frame_of_the_same_types(engine: str) -> None:
    full = spmc.coactions(actions([("a", "x", 0), ("b", "x", 0)]), min_objects=1, engine=engine)
    lonely = spmc.coactions(actions([("a", "x", 0), ("b", "y", 0)]), min_objects=1, engine=engine)
    assert (len(lonely), lonely.dtypes.tolist()) == (0, full.dtypes.tolist())
    empty = spmc.coactions(actions([("a", "x", 0)]).iloc[:0], engine=engine)
    assert (len(empty), empty.dtypes.tolist()) == (0, full.dtypes.tolist())
    untyped = spmc.coactions(pd.DataFrame({"account_id": [], "object_id": [], "t": []}), engine=engine)
    assert (len(untyped), untyped.columns.tolist()) == (0, COLUMNS)


@engines
def test_an_account_never_pairs_with_itself(engine: str) -> None:
    assert (
        len(spmc.coactions(actions([("a", o, t) for o in "xyz" for t in range(5)]), min_objects=1, engine=engine)) == 0
    )


@engines
def test_edges_are_streamed_to_a_file_that_is_whole_or_absent(engine: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"account_id": rng.integers(0, 100, 5_000), "object_id": rng.integers(0, 20, 5_000)})
    rows["t"] = pd.to_datetime(rng.integers(0, 10_000, 5_000), unit="s", utc=True)
    target = tmp_path / "edges.parquet"
    expected = spmc.coactions(rows, engine=engine)
    assert len(expected) > 1_000
    for out in (target, str(target)):
        assert spmc.coactions(rows, engine=engine, out=out) == target
        pd.testing.assert_frame_equal(pd.read_parquet(target), expected, check_exact=True)
    before = target.read_bytes()
    bad = rows.astype({"account_id": "Int64"})
    bad.loc[7, "account_id"] = None
    with pytest.raises(ActionsError, match="account_id, row 7 is null"):
        spmc.coactions(bad, engine=engine, out=target)
    assert target.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["edges.parquet"]


@engines
def test_a_target_that_cannot_be_written_is_one_sentence(engine: str, tmp_path: Path) -> None:
    rows = actions([("a", "x", 0), ("b", "x", 0)])
    targets = {
        tmp_path: "is a folder",
        tmp_path / "no" / "e.parquet": "does not exist",
        tmp_path / ("n" * 300): "cannot be written",
        tmp_path / ("n" * 250): "cannot be written",
        "a\0b": "cannot be written",
        "": "wanted the path",
        7: "wanted the path",
    }
    for out, words in targets.items():
        with pytest.raises(ParameterError, match=words):
            spmc.coactions(rows, engine=engine, out=out)  # type: ignore[call-overload]
    assert list(tmp_path.iterdir()) == []


@engines
@pytest.mark.parametrize("window_s", [-1, -0.001, float("nan"), float("inf"), "60", None, True, ["60"], 1j, b"1"])
def test_a_bad_window_is_one_sentence(engine: str, window_s: Any) -> None:
    with pytest.raises(ParameterError, match=r"window_s: found .*, wanted a number of seconds, 0 or more\."):
        spmc.coactions(actions([("a", "x", 0)]), window_s=window_s, engine=engine)


@pytest.mark.parametrize("min_objects", [0, -1, 1.0, "2", None, True])
def test_a_bad_number_of_objects_is_one_sentence(min_objects: Any) -> None:
    with pytest.raises(ParameterError, match=r"min_objects: found .*, wanted a whole number, 1 or more\."):
        spmc.coactions(actions([("a", "x", 0)]), min_objects=min_objects)


@pytest.mark.parametrize("engine", ["Spark", "Memory", "", None, 3, object(), ["memory"]])
def test_an_engine_that_is_not_there_is_one_sentence(engine: Any) -> None:
    with pytest.raises(
        ParameterError, match=r"engine: found .*, wanted one of 'memory', 'duckdb', 'spark', or a SparkSession\."
    ):
        spmc.coactions(actions([("a", "x", 0)]), engine=engine)


@engines
@pytest.mark.parametrize("memory_limit", ["", "lots", "8", "-8GB", "0GB", 8, "8 G B", "nanGB", "٨GB", True])
def test_a_bad_memory_limit_is_one_sentence(engine: str, memory_limit: Any) -> None:
    with pytest.raises(ParameterError, match=r"memory_limit: found .*, wanted an amount"):
        spmc.coactions(actions([("a", "x", 0)]), engine=engine, memory_limit=memory_limit)


@engines
@pytest.mark.parametrize("memory_limit", ["99999999TB", "9" * 20 + "GB", "1025TiB"])
def test_more_memory_than_any_machine_has_is_one_sentence(engine: str, memory_limit: str) -> None:
    with pytest.raises(ParameterError, match=r"memory_limit: found .*, which no machine has \(this one: \d+ GB\)"):
        spmc.coactions(actions([("a", "x", 0)]), engine=engine, memory_limit=memory_limit)


def test_a_table_that_will_not_fit_goes_to_the_database_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    rows = pd.DataFrame({"account_id": np.arange(400_000) % 5_000, "object_id": np.arange(400_000) // 10 % 700, "t": 0})
    rows["t"] = np.arange(400_000) // 3
    edges = spmc.coactions(rows, window_s=1)
    assert not caplog.records
    assert len(edges) > 100
    pd.testing.assert_frame_equal(spmc.coactions(rows, window_s=1, memory_limit="55MB"), edges, check_exact=True)
    (line,) = (record.getMessage() for record in caplog.records)
    assert line.startswith('engine="memory" needs about 73 MB for 400000 actions, memory_limit allows 55 MB')
    spmc.coactions(rows, window_s=0, memory_limit=" 1.5 gib ")
    assert len(caplog.records) == 1


def test_edges_that_outgrow_the_memory_are_streamed_or_refused_with_a_sentence(tmp_path: Path) -> None:
    rows = pd.DataFrame({"account_id": np.arange(60_000) % 600, "object_id": np.arange(60_000) // 600, "t": 0})
    with pytest.raises(ParameterError, match=r"the edges outgrow the 20 MB that memory_limit allows; give out="):
        spmc.coactions(rows, memory_limit="20MB")
    path = spmc.coactions(rows, memory_limit="20MB", out=tmp_path / "edges.parquet")
    assert pq.read_metadata(path).num_rows == 600 * 599 // 2


@pytest.fixture(scope="module")
def day() -> pa.Table:
    return reposts(100_000, seed=1)[0]


DIRECTED = """
select a.account_id a, b.account_id b, count(distinct a.record_id) w
from day a join day b on a.object_id = b.object_id and a.account_id <> b.account_id and abs(a.t - b.t) <= 60
group by all having w >= 2 order by all
"""


@engines
def test_both_directed_weights_are_those_of_the_coordination_network_toolkit(engine: str, day: pa.Table) -> None:
    # its rule: w(A->B) = distinct messages of A with a message of B on the object within the window, inclusive
    con = duckdb.connect()
    con.register("day", day)
    expected = con.sql(DIRECTED).to_arrow_table()
    edges = spmc.coactions(day, window_s=60, min_objects=1, engine=engine)
    there = edges[["account_a", "account_b", "n_actions_a"]].set_axis(["a", "b", "w"], axis=1)
    back = edges[["account_b", "account_a", "n_actions_b"]].set_axis(["a", "b", "w"], axis=1)
    found = pd.concat([there, back]).query("w >= 2").sort_values(["a", "b"])
    assert len(found) > 5_000
    for name in "abw":
        assert found[name].tolist() == expected[name].to_pylist(), name


@engines
def test_all_pairs_of_a_day_are_counted_once(engine: str, day: pa.Table) -> None:
    con = duckdb.connect()
    con.register("day", day)
    n_pairs, lag, first = con.sql(
        """select count(*), sum(abs(a.t - b.t)), sum((a.t < b.t)::int) from day a join day b
           on a.object_id = b.object_id and a.account_id < b.account_id and abs(a.t - b.t) <= 60"""
    ).fetchall()[0]
    edges = spmc.coactions(day, window_s=60, min_objects=1, engine=engine)
    assert int(edges.n_pairs.sum()) == n_pairs > 90_000
    assert int(edges.n_a_first.sum()) == first
    assert (edges.n_pairs * edges.mean_lag_s).sum() == pytest.approx(lag, rel=1e-12)


@engines
def test_real_reposts_give_the_edges_known_of_them(engine: str, shared_data: Path) -> None:
    shares = pq.read_table(shared_data / "posts" / "russian_coord_tweets.parquet")
    shares = shares.rename_columns({"timestamp_share": "t"})
    edges = spmc.coactions(shares, window_s=60, engine=engine)
    assert len(edges) == 32
    assert len(set(edges.account_a) | set(edges.account_b)) == 58
    assert (edges.n_objects >= 3).sum() == 3
    assert edges.n_objects.max() < 5


def test_the_second_route_itself_sees_a_difference(every_edge: Callable[..., Any]) -> None:
    assert every_edge([("a", "x", 0), ("b", "x", 60)], 60, 1) == [("a", "b", 1, 1, 1, 1, 0, 60, 6e-05, 1)]
    assert every_edge([("a", "x", 0), ("b", "x", 61)], 60, 1) == []


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
def test_several_windows_are_the_single_ones_one_after_the_other(engine: str, day: pa.Table, tmp_path: Path) -> None:
    rows = day.slice(0, 20_000)
    found = spmc.coactions(rows, window_s=(600, 60.5, 0), min_objects=1, engine=engine)
    singles = [spmc.coactions(rows, window_s=w, min_objects=1).assign(window_s=float(w)) for w in (600, 60.5, 0)]
    expected = pd.concat(singles, ignore_index=True)[["window_s", *COLUMNS]]
    assert len(singles[0]) > len(singles[1]) > 100
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    path = spmc.coactions(rows, window_s=[600, 60.5, 0], min_objects=1, engine=engine, out=tmp_path / "e.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(path), expected, check_exact=True)


@pytest.mark.parametrize("windows", [(), [60, 60.0], (60, -1), ["60"], [None]])
def test_windows_that_cannot_be_used_are_one_sentence(windows: Any) -> None:
    with pytest.raises(ParameterError, match="window_s: found"):
        spmc.coactions(actions([("a", "x", 0)]), window_s=windows)
