"""The relational engine against the kernel and against a loop over all pairs, row for row."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import spmc_tools as spmc
from spmc_tools.coaction.engines import duckdb_engine, relational
from spmc_tools.errors import ActionsError, ParameterError

if TYPE_CHECKING:
    from pathlib import Path

ibis_of_another_day = pytest.mark.filterwarnings(  # ibis 12 asks pandas 3 and DuckDB 2 by their old names
    "ignore:fetch_arrow_table:DeprecationWarning", "ignore:The 'future.infer_string' option"
)

Edges = Callable[[list[tuple[Any, Any, int]], int, int], list[tuple[Any, ...]]]
Rows = list[tuple[Any, Any, int]]

TABLES_AT_ONCE = 100


def frame(rows: Rows) -> pd.DataFrame:
    """Rows (account, object, µs) as an action table."""
    times = pa.array([t for _, _, t in rows], pa.timestamp("us", tz="UTC"))
    accounts, objects = ([r[i] for r in rows] for i in (0, 1))
    return pa.table({"account_id": pa.array(accounts), "object_id": pa.array(objects), "t": times}).to_pandas()


def as_rows(edges: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Edges as tuples in the order of the Contract, times in µs."""
    edges = edges.assign(**{end: edges[end].astype("int64") for end in ("first_t", "last_t")})
    return list(edges.itertuples(index=False, name=None))


def random_table(rng: np.random.Generator, window_us: int) -> Rows:
    """A small table that is unkind to windows: many times lie at, just inside or just outside of their edges."""
    n = int(rng.integers(0, 30))
    accounts = rng.integers(0, rng.integers(2, 7), n)
    objects = rng.integers(0, rng.integers(1, 5), n)
    steps = rng.integers(-3, 4, n) * window_us + rng.integers(-1, 2, n)
    t = np.where(rng.random(n) < 0.5, steps, rng.integers(-2 * window_us - 3, 2 * window_us + 4, n))
    if n and rng.random() < 0.5:  # a tenth of the rows twice
        again = rng.choice(n, max(1, n // 10), replace=False)
        accounts, objects, t = (np.concatenate([x, x[again]]) for x in (accounts, objects, t))
    return [(f"u{a}", f"o{o}", int(s)) for a, o, s in zip(accounts, objects, t, strict=True)]


@pytest.mark.parametrize("seed", range(10))
def test_a_thousand_random_tables_give_the_same_edges_three_ways(every_edge: Edges, seed: int) -> None:
    rng = np.random.default_rng([seed, 7])
    window_us = (0, 1, 2, 5, 1_000_000, 60_000_000, 77_777_777)[seed % 7]
    fewest = seed % 3 + 1
    tables = [random_table(rng, window_us) for _ in range(TABLES_AT_ONCE)]
    together = [(f"{k:03} {a}", f"{k:03} {o}", t) for k, rows in enumerate(tables) for a, o, t in rows]
    rng.shuffle(together)
    asked = {"window_s": window_us / 1e6, "min_objects": fewest}
    memory = spmc.coactions(frame(together), engine="memory", **asked)
    database = spmc.coactions(frame(together), engine="duckdb", **asked)
    pd.testing.assert_frame_equal(memory, database, check_exact=True)
    expected = [
        (f"{k:03} {a}", f"{k:03} {b}", *numbers)
        for k, rows in enumerate(tables)
        for a, b, *numbers in every_edge(rows, window_us, fewest)
    ]
    assert len(expected) > 10
    assert as_rows(memory) == expected


def test_tables_run_alone_give_what_they_give_together(every_edge: Edges) -> None:
    rng = np.random.default_rng(11)
    seen = 0
    for _ in range(12):
        rows = random_table(rng, 60_000_000)
        found = (
            [as_rows(spmc.coactions(frame(rows), min_objects=1, engine=e)) for e in ("memory", "duckdb")]
            if rows
            else []
        )
        assert all(f == every_edge(rows, 60_000_000, 1) for f in found)
        seen += sum(map(len, found))
    assert seen > 20


@pytest.mark.parametrize("window_us", [1, 2, 7, 60_000_000])
@pytest.mark.parametrize("base", [0, -(10**15), 10**15, 2**61 - 10**9, -(2**61) + 10**9])
def test_no_pair_is_lost_at_the_edge_of_a_bucket(every_edge: Edges, window_us: int, base: int) -> None:
    nearest = base - base % window_us
    offsets = [k * window_us + d for k in (-2, -1, 0, 1, 2) for d in (-1, 0, 1)]
    rows = [(f"u{i % 4}", "o", nearest + offset) for i, offset in enumerate(offsets)]
    rows += [("u9", "o", nearest + offset) for offset in offsets]
    given = frame(rows)
    found = as_rows(spmc.coactions(given, window_s=window_us / 1e6, min_objects=1, engine="duckdb"))
    assert found == every_edge(rows, window_us, 1)
    assert found == as_rows(spmc.coactions(given, window_s=window_us / 1e6, min_objects=1))


@pytest.mark.parametrize("window_us", [2**40, 2**60, 2**61, 2**61 + 1, 2**62, 10**30])
def test_windows_of_ages_are_counted_and_their_lags_summed(every_edge: Edges, window_us: int) -> None:
    far = 2**61 - 1
    rows = [("a", "o", -far), ("b", "o", far), ("b", "o", far), ("c", "o", 0), ("c", "o", 2**60), ("a", "o", -far)] * 3
    given = pa.table({
        "account_id": [r[0] for r in rows],
        "object_id": [r[1] for r in rows],
        "t": pa.array([r[2] for r in rows], pa.timestamp("us", tz="UTC")),
    })  # fmt: skip
    expected = every_edge(rows, window_us, 1)
    for engine in ("memory", "duckdb"):
        found = as_rows(spmc.coactions(given, window_s=window_us // 10**6 + 1, min_objects=1, engine=engine))
        for f, e in zip(found, every_edge(rows, (window_us // 10**6 + 1) * 10**6, 1), strict=True):
            assert f == (*e[:8], pytest.approx(e[8], rel=1e-12), e[9])
    assert expected or window_us < 2**60


def larger(n: int = 150_000) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = pd.DataFrame(
        {"account_id": rng.integers(0, 4_000, n), "object_id": (rng.random(n) ** 2 * n / 100).astype(int)}
    )
    rows["account_id"] = "account number " + rows.account_id.astype(str)
    return rows.assign(t=pd.to_datetime(rng.integers(0, n // 10, n), unit="s", utc=True))


@ibis_of_another_day
def test_parquet_of_many_files_and_ibis_tables_equal_the_frame(tmp_path: Path) -> None:
    rows = larger(30_000)
    expected = spmc.coactions(rows)
    assert len(expected) > 100
    for i in range(3):
        rows.iloc[i * 10_000 : (i + 1) * 10_000].to_parquet(tmp_path / f"{i}.parquet", row_group_size=3_000)
    con = ibis.duckdb.connect()
    con.con.register("rows", rows)
    forms = [tmp_path, str(tmp_path / "*.parquet"), con.table("rows"), ibis.memtable(rows), pa.Table.from_pandas(rows)]
    for form in forms:
        for engine in ("memory", "duckdb"):
            pd.testing.assert_frame_equal(spmc.coactions(form, engine=engine), expected, check_exact=True)
    assert con.raw_sql("show tables").fetchall() == [("rows",)]


def test_a_small_memory_limit_gives_the_same_edges_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    rows = larger()
    rows.to_parquet(tmp_path / "rows.parquet")
    edges = spmc.coactions(tmp_path / "rows.parquet", min_objects=1, engine="duckdb", memory_limit="100MB")
    pd.testing.assert_frame_equal(edges, spmc.coactions(rows, min_objects=1), check_exact=True)
    assert len(edges) > 100_000
    with pytest.raises(ParameterError, match="memory_limit: too small"):
        spmc.coactions(tmp_path / "rows.parquet", engine="duckdb", memory_limit="300KB")
    rows.loc[140_000, "object_id"] = -1
    rows.astype({"object_id": "Int64"}).replace({"object_id": {-1: None}}).to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(ActionsError, match="object_id, row 140000 is null"):
        spmc.coactions(tmp_path / "rows.parquet", engine="duckdb")
    assert list((tmp_path / "scratch").iterdir()) == []


def test_both_engines_refuse_the_same_rows_in_the_same_words(tmp_path: Path) -> None:
    good = frame([("a", "x", 0), ("b", "x", 0), ("c", "x", 0)])
    for column in good:
        bad = good.copy()
        bad.loc[2, column] = None
        said = []
        for engine in ("memory", "duckdb"):
            with pytest.raises(ActionsError) as caught:
                spmc.coactions(bad, engine=engine)
            said.append(str(caught.value))
        assert said[0] == said[1]
        assert f"column {column}, row 2 is null" in said[0]
    pq.write_table(pa.table({"account_id": ["a"], "t": [1]}), tmp_path / "a.parquet")
    with pytest.raises(ActionsError, match=r'file "a.parquet": column object_id is missing'):
        spmc.coactions(tmp_path / "a.parquet", engine="duckdb")


def test_one_object_that_everybody_repeats_stays_cheap(every_edge: Edges) -> None:
    rows: Rows = [(f"u{i % 40:02}", "the same greeting", 0) for i in range(8_000)]
    edges = spmc.coactions(frame(rows), window_s=0, min_objects=1, engine="duckdb")
    assert edges.n_pairs.tolist() == [200 * 200] * (40 * 39 // 2)
    assert edges.n_actions_a.tolist() == edges.n_actions_b.tolist() == [200] * (40 * 39 // 2)
    pd.testing.assert_frame_equal(spmc.coactions(frame(rows), window_s=0, min_objects=1), edges, check_exact=True)
    few = [row for row in rows if row[0] < "u02"][:8]
    assert as_rows(spmc.coactions(frame(few), min_objects=1, engine="duckdb")) == every_edge(few, 60_000_000, 1)


@pytest.mark.parametrize("most_pairs", [1, 40, 3_000])
def test_ranges_of_accounts_give_the_same_edges_however_small(monkeypatch: pytest.MonkeyPatch, most_pairs: int) -> None:
    rows = larger(3_000).assign(object_id=lambda r: r.object_id % 9)
    rows["account_id"] = [f"u{i * i % 61:02}" for i in range(len(rows))]
    asked: list[tuple[int, int]] = []
    in_range = duckdb_engine._in_range
    monkeypatch.setattr(duckdb_engine, "_in_range", lambda *a: asked.append(a[3]) or in_range(*a))
    monkeypatch.setattr(duckdb_engine, "_FEWEST_PAIRS", most_pairs)
    monkeypatch.setattr(duckdb_engine, "_CACHED_PAIRS", most_pairs)
    monkeypatch.setattr(duckdb_engine, "_PAIRS_PER_ACTION", 0)
    edges = spmc.coactions(rows, window_s=3, min_objects=2, engine="duckdb")
    pd.testing.assert_frame_equal(edges, spmc.coactions(rows, window_s=3, min_objects=2), check_exact=True)
    assert len(edges) > 100
    ranges = asked[1:]  # the first is empty: it tells the columns
    assert len(ranges) > (1 if most_pairs > 100 else 10)
    assert all(low <= high < following for (low, high), (following, _) in pairwise(ranges))


@pytest.mark.parametrize("window_us", [0, 1, 5, 1 << 60, 1 << 61, 1 << 62])
def test_who_is_alone_in_the_buckets_of_the_window_is_left_out_and_the_work_is_what_lies_in_them(
    window_us: int,
) -> None:
    rng = np.random.default_rng(7)
    rows = [
        (int(a), int(o), int(t) * scale)
        for scale in (1, 1 << 56)
        for a, o, t in zip(rng.integers(0, 5, 40), rng.integers(0, 6, 40), rng.integers(-31, 32, 40), strict=True)
    ]
    reach = []
    for _, thing, t in rows:
        starts = [0 if window_us >= 1 << 61 else bucket(t, window_us) - bucket(u, window_us) for _, _, u in rows]
        reach.append(sum(thing == o and abs(apart) <= window_us for (_, o, _), apart in zip(rows, starts, strict=True)))
    work: dict[int, int] = {}
    for (account, _, _), near in zip(rows, reach, strict=True):
        work[account] = work.get(account, 0) + near * (near > 1)
    columns = dict(zip(("account", "object", "t"), map(pa.array, zip(*rows, strict=True)), strict=True))
    con = ibis.duckdb.connect()
    kept = relational.in_company(ibis.memtable(pa.table(columns)), window_us)
    stays = sorted((*row, near) for row, near in zip(rows, reach, strict=True) if near > 1)
    assert sorted(con.to_pyarrow(kept).to_pandas()[["account", "object", "t", "near"]].itertuples(index=False)) == stays
    assert dict(con.to_pyarrow(relational.load(kept)).to_pandas().itertuples(index=False)) == {
        account: n for account, n in work.items() if n
    }
    assert window_us > 5 or 0 < len(stays) < len(rows)


def bucket(t: int, window_us: int) -> int:
    """Return the start of a time's bucket, rounded towards 0."""
    return t if window_us == 0 else abs(t) // window_us * window_us * (1 if t > 0 else -1)


@pytest.mark.parametrize(
    ("memory", "n_actions", "pairs"),
    [
        (8 * 10**9, 10**7, 16_000_000),  # a table of sums stays in the cache
        (8 * 10**9, 5 * 10**7, 50_000_000),  # more actions are passed over less often
        (8 * 10**9, 10**8, 80_000_000),  # ... as far as memory goes, 100 bytes for a pair
        (300 * 10**6, 10**8, 3_000_000),
        (10**6, 10**8, 1_000_000),  # and never fewer
    ],
)
def test_a_range_of_accounts_grows_with_the_actions_and_stays_in_memory(
    memory: int, n_actions: int, pairs: int
) -> None:
    assert duckdb_engine._most_pairs(memory, n_actions) == pairs
