"""Spark against the kernel, row for row and column for column; lazy, and honest about what it lacks."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import spmc_tools as spmc
from spmc_tools.coaction.engines.spark_engine import local_session, what_spark_lacks
from spmc_tools.coaction.traces.memory_plan import Limits
from spmc_tools.errors import ActionsError, ParameterError, RunError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LACKS = what_spark_lacks()
needs_spark = pytest.mark.skipif(LACKS is not None, reason=f"Spark cannot run: {LACKS and LACKS[0]}")
quiet = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    made = local_session(Limits(1 << 30, 2))
    made.conf.set("spark.sql.shuffle.partitions", "2")
    yield made
    made.stop()


def hard_table() -> pa.Table:
    """Random tables side by side: bucket edges, negative and far-future times, long ids, a tenth of the rows twice."""
    rng = np.random.default_rng(17)
    rows: list[tuple[str, str, int]] = []
    for table, base in enumerate((0, 0, -(10**15), 10**15, 10**17, -(10**17)) * 8):
        n = int(rng.integers(5, 40))
        steps = rng.integers(-3, 4, n) * 60_000_000 + rng.integers(-1, 2, n)
        t = base - base % 60_000_000 + np.where(rng.random(n) < 0.5, steps, rng.integers(-130_000_000, 130_000_000, n))
        accounts, objects = rng.integers(0, 6, n), rng.integers(0, 4, n)
        names = [f"{table:02} खाता 😀｡{'x' * 300} {a}" for a in accounts]
        rows += zip(names, (f"{table} {o}" for o in objects), t.tolist(), strict=True)
    rows += [rows[i] for i in rng.choice(len(rows), len(rows) // 10, replace=False)]
    account, obj, t_us = (list(column) for column in zip(*rows, strict=True))
    return pa.table({"account_id": account, "object_id": obj, "t": pa.array(t_us, pa.timestamp("us", tz="UTC"))})


@needs_spark
@quiet
@pytest.mark.parametrize("fewest", [1, 2])
def test_every_column_of_every_edge_equals_the_kernel(session: Any, tmp_path: Path, fewest: int) -> None:
    rows = hard_table()
    expected = spmc.coactions(rows, min_objects=fewest)
    assert len(expected) > 100
    path = spmc.coactions(rows, min_objects=fewest, engine="spark", out=tmp_path / "edges.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(path), expected, check_exact=True)


@needs_spark
@quiet
def test_spark_in_gives_spark_out_and_nothing_runs_before_it_is_asked_for(session: Any) -> None:
    rows = pd.DataFrame(
        {"account_id": [3, 1, 2, 1, 2], "object_id": ["x", "x", "x", "y", "y"], "t": [-1, 5, 9, 70, 71]}
    )
    given = session.createDataFrame(rows)
    tracker = session.sparkContext.statusTracker()
    session.sparkContext.setJobGroup("lazy", "nothing should run")
    edges = spmc.coactions(given, window_s=10, min_objects=1, engine=session)
    assert list(tracker.getJobIdsForGroup("lazy")) == []
    assert type(edges).__name__ == "DataFrame" and type(edges).__module__.startswith("pyspark.sql")
    pd.testing.assert_frame_equal(edges.toPandas(), spmc.coactions(rows, window_s=10, min_objects=1), check_exact=True)
    assert session.catalog.listTables() == []
    wide = spmc.coactions(given.selectExpr("account_id", "object_id", "t + 0.25D AS t"), 10**30, 1, engine="spark")
    expected = spmc.coactions(rows.assign(t=rows.t + 0.25), 10**30, 1)
    pd.testing.assert_frame_equal(wide.toPandas(), expected, check_exact=False, rtol=1e-12)
    for engine in ("memory", "duckdb"):
        with pytest.raises(ParameterError, match='with a Spark DataFrame; give engine="spark"'):
            spmc.coactions(given, engine=engine)


@needs_spark
@quiet
@pytest.mark.parametrize(
    ("account", "t", "sentence"),
    [
        ("IF(id = 2, NULL, CAST(id AS string))", "id", "column account_id holds a null"),
        ("id", "IF(id = 2, NULL, id)", "column t holds a null"),
        ("id", "IF(id = 2, CAST('nan' AS double), 1D)", "no time within 73,000 years"),
        ("id", "id + 1762387200000000", "seconds are wanted, not milliseconds"),
    ],
)
def test_what_cannot_be_counted_stops_the_run_with_a_sentence(
    session: Any, account: str, t: str, sentence: str
) -> None:
    given = session.range(4).selectExpr(f"{account} AS account_id", "'x' AS object_id", f"{t} AS t")
    edges = spmc.coactions(given, min_objects=1, engine=session)
    with pytest.raises(Exception, match=sentence):
        edges.collect()


@needs_spark
@quiet
def test_columns_that_cannot_be_read_are_refused_before_anything_runs(session: Any) -> None:
    for query, sentence in [
        ("SELECT 'a' account_id, 1 t", "column object_id is missing"),
        ("SELECT 1.5D account_id, 'x' object_id, 1 t", "column account_id holds"),
        ("SELECT 'a' account_id, 'x' object_id, '2025' t", "column t holds"),
        ("SELECT 'a' account_id, 'x' object_id, 1 t, 2 t", "column t stands there more than once"),
    ]:
        with pytest.raises(ActionsError, match=sentence):
            spmc.coactions(session.sql(query), engine="spark")


def test_missing_java_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(
        RunError, match=r"^engine=\"spark\": (No Java here|The package pyspark).*engine=\"duckdb\" needs"
    ):
        spmc.coactions(hard_table(), engine="spark")
