"""Edges through Spark, where one machine ends: the expressions of ``relational.py`` beside this file, as Spark SQL.

A Spark DataFrame gives a Spark DataFrame: nothing runs before its first action, and no action of an account reaches
the driver. Ids stay as they are given, so that nothing is numbered in one place; text is ordered by its UTF-8 bytes,
which is the order of code points. A null id or time stops the run when it is met, with a sentence that names the column
(rows of a Spark DataFrame have no number).

Notes
-----
Works with a session of Spark 4 of the classic kind or of Spark Connect; ``docs/howto/scale.md`` tells how to run it on
a cluster.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from spmc_tools.coaction.engines import relational
from spmc_tools.coaction.traces.actions import REQUIRED, TimeKind, parts, text_or_int, time_kind_of
from spmc_tools.errors import ActionsError, RunError, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spmc_tools.coaction.traces.memory_plan import Limits

__all__ = ["edges_in_spark", "lazy_edges", "local_session", "what_spark_lacks"]

_ROWS_AT_A_TIME = 1 << 17
_LEAST_JAVA = 17
_WHOLE = {"tinyint", "smallint", "int", "bigint"}
_LIMIT_S = (1 << 61) // 1_000_000
_COLUMNS = (
    "a AS account_a, b AS account_b, CAST(n_objects AS bigint) AS n_objects, n_pairs, n_actions_a, n_actions_b, "
    "{}, {}, "
    "mean_lag_s, n_a_first"
)
_MAKE_JAVA = "install openjdk-17-jre-headless (Debian: apt-get install -y openjdk-17-jre-headless)"


# -- sessions ---------------------------------------------------------------------------------------------------


def what_spark_lacks() -> tuple[str, str] | None:
    """Return what a local Spark session lacks here and what to do about it; None where it lacks nothing."""
    try:
        import pyspark  # noqa: F401
    except ImportError:
        return "The package pyspark is missing", "type: pip install 'spmc-notebook[scale]', or make developer"
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home, "bin"))) if home else shutil.which("java")
    if java is None:
        return f"No Java here, and Spark needs version {_LEAST_JAVA}", _MAKE_JAVA
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < _LEAST_JAVA:
        found = version[1] if version else "of an unknown version"
        return f"Java here is {found}, and Spark needs version {_LEAST_JAVA}", _MAKE_JAVA
    return None


def local_session(limits: Limits) -> Any:
    """Return a Spark session: the one that runs in this process, or a new one on this machine's processors.

    Raises
    ------
    RunError
        Where Java 17 or pyspark is missing; the sentence says what to install.
    """
    lacks = what_spark_lacks()
    if lacks is not None:
        raise RunError(f'engine="spark": {lacks[0]}; {lacks[1]}. engine="duckdb" needs neither.')
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    if running is not None:
        return running
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    settings = {
        "spark.driver.memory": f"{max(limits.memory // 2**20, 512)}m",
        "spark.local.dir": limits.scratch or tempfile.gettempdir(),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(4 * limits.threads),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master(f"local[{limits.threads}]").appName("spmc")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


# -- edges ------------------------------------------------------------------------------------------------------


def lazy_edges(actions: Any, window_us: int, min_objects: int) -> Any:
    """Return the edges of a Spark DataFrame as a Spark DataFrame with the columns of the Contract; nothing runs yet.

    Parameters
    ----------
    actions : pyspark.sql.DataFrame
        ``account_id`` and ``object_id`` (string or whole numbers), ``t`` (timestamps, or seconds as numbers).
    window_us : int
        Largest distance in time of a pair, inclusive.
    min_objects : int
        Fewest distinct shared objects of an edge.

    Raises
    ------
    ActionsError
        Where a column is missing or of a type that cannot be read. A null, or a time beyond 73,000 years of 1970, stops
        the run when it is met.
    """
    types: dict[str, str] = {}
    for name, kind in actions.dtypes:
        if name in types and name in REQUIRED:
            raise ActionsError(f"Actions: column {name} stands there more than once.")
        types[name] = kind
    for name in REQUIRED:
        if name not in types:
            raise ActionsError(f"Actions: column {name} is missing; columns found: {', '.join(map(quote, types))}.")
    t_us, kind = _microseconds(types["t"])
    return _selected(actions, types, t_us, _shaped(kind), window_us, min_objects)


def _selected(  # noqa: PLR0913, PLR0917 (a table and what is asked of it)
    actions: Any, types: dict[str, str], t_us: str, columns: str, window_us: int, min_objects: int
) -> Any:
    """Return ``columns`` of the edges of a Spark DataFrame, in order; ``t_us`` is the SQL of its times in whole µs."""
    ids = [_id(name, types[name]) for name in ("account_id", "object_id")]
    actions_sql = f"SELECT {ids[0]} AS account, {ids[1]} AS object, {t_us} AS t FROM {{actions}}"
    edges = _edges_sql(window_us, min_objects, types)
    query = f"WITH given AS ({actions_sql}) SELECT {columns} FROM ({edges}) ORDER BY a, b"
    return actions.sparkSession.sql(query, actions=actions)


def edges_in_spark(  # noqa: PLR0913, PLR0917 (as every engine, and a session)
    actions: object,
    window_us: int,
    min_objects: int,
    limits: Limits,
    session: Any,
    tell: Callable[[int, int], None],
) -> tuple[TimeKind, Iterator[pa.Table]]:
    """Return how times were given and all edges, ordered by (a, b), in pieces, of actions that are no Spark DataFrame.

    The actions go to Spark through a Parquet file, the edges come back through others: the session sees the files of
    this machine. A table in the storage of a cluster is given as ``session.read.parquet(address)``.
    """
    pieces = parts(actions)
    first = next(pieces)
    kind = time_kind_of(first)
    return kind, _through_files(chain([first], pieces), window_us, min_objects, limits, session, tell)


def _through_files(  # noqa: PLR0913, PLR0917 (as its caller)
    pieces: Iterator[pa.Table],
    window_us: int,
    min_objects: int,
    limits: Limits,
    session: Any,
    tell: Callable[[int, int], None],
) -> Iterator[pa.Table]:
    from pyspark.errors import PySparkException

    with tempfile.TemporaryDirectory(prefix="spmc-coactions-", dir=limits.scratch) as folder:
        actions_path, found = Path(folder, "actions.parquet"), Path(folder, "edges")
        plain = (_plain(piece) for piece in pieces)
        first = next(plain)
        with pq.ParquetWriter(actions_path, first.schema) as writer:
            for piece in chain([first], plain):
                writer.write_table(piece)
        try:
            frame = session.read.parquet(actions_path.as_uri())
            columns = _COLUMNS.format("first_us", "last_us")
            _selected(frame, dict(frame.dtypes), "t", columns, window_us, min_objects).write.parquet(found.as_uri())
        except PySparkException as error:
            raise RunError(f"coactions: Spark stopped: {quote(str(error).partition(chr(10))[0], 200)}.") from error
        files = sorted(found.glob("*.parquet"))
        for done, path in enumerate(files, start=1):
            with pq.ParquetFile(path) as file:
                yield file.schema_arrow.empty_table()
                for batch in file.iter_batches(_ROWS_AT_A_TIME):
                    yield pa.Table.from_batches([batch])
            tell(done, len(files))


def _plain(piece: pa.Table) -> pa.Table:
    ids = {name: text_or_int(piece[name]) for name in ("account_id", "object_id")}
    return pa.table(ids | {"t": piece["t_us"]})


def _edges_sql(window_us: int, min_objects: int, types: dict[str, str]) -> str:
    """Return the edges of a table ``given`` (account, object, t in µs), as Spark SQL."""
    import ibis

    _ = ibis.pyspark  # registers the options that its compiler reads
    window_us = min(window_us, relational.BOUND)
    kinds = {name: "int64" if types[f"{name}_id"] in _WHOLE else "string" for name in ("account", "object")}
    table = ibis.table({**kinds, "t": "int64"}, name="given")
    actions = relational.with_previous(relational.frequent(relational.folded(table), min_objects))
    pairs = relational.pairs(actions, actions, window_us)
    edges = relational.by_pair(relational.by_object(pairs, window_us), min_objects)
    return str(ibis.to_sql(edges.mutate(mean_lag_s=relational.mean_lag_s(edges)), dialect="pyspark"))


# -- columns ----------------------------------------------------------------------------------------------------


def _id(name: str, kind: str) -> str:
    if kind not in _WHOLE and kind != "string":
        raise ActionsError(f"Actions: column {name} holds {quote(kind)}, wanted text or whole numbers.")
    plain = "string" if kind == "string" else "bigint"
    return _checked(
        f"CAST({name} AS {plain})", f"{name} IS NULL", f"column {name} holds a null; every action needs its id"
    )


def _microseconds(kind: str) -> tuple[str, TimeKind]:
    """Return the SQL that gives ``t`` in whole µs, and how it was given."""
    none = "column t holds a null; every action needs its time"
    far = "column t holds what is no time within 73,000 years of 1970; seconds are wanted, not milliseconds"
    if kind == "timestamp":
        micros = "unix_micros(t)"
        beyond, how = f"abs({micros}) >= {1 << 61}L", "datetime"
    elif kind == "timestamp_ntz":
        micros = "timestampdiff(MICROSECOND, TIMESTAMP_NTZ'1970-01-01 00:00:00', t)"
        beyond, how = f"abs({micros}) >= {1 << 61}L", "datetime"
    elif kind in _WHOLE:
        micros, beyond, how = "CAST(t AS bigint) * 1000000L", f"NOT (t > -{_LIMIT_S} AND t < {_LIMIT_S})", "int"
    elif kind in {"float", "double"}:
        beyond, how = f"isnan(t) OR NOT (t > -{_LIMIT_S} AND t < {_LIMIT_S})", "float"
        micros = "CAST(floor(CAST(t AS double) * 1000000 + 0.5D) AS bigint)"
    else:
        raise ActionsError(f"Actions: column t holds {quote(kind)}, wanted timestamps or seconds since 1970.")
    return _checked(_checked(micros, beyond, far), "t IS NULL", none), how  # type: ignore[return-value]


def _checked(value: str, refused: str, sentence: str) -> str:
    return f"CASE WHEN {refused} THEN raise_error('Actions: {sentence}.') ELSE {value} END"


def _shaped(kind: TimeKind) -> str:
    """Return the SQL of the columns, order and types of the Contract."""
    time = {
        "datetime": "timestamp_micros({0})",
        "int": "({0} - pmod({0}, 1000000L)) div 1000000L",  # a plain division would go through a float
        "float": "{0} / 1000000D",
    }[kind]
    return _COLUMNS.format(*(f"{time.format(f'{end}_us')} AS {end}_t" for end in ("first", "last")))
