"""Edges of an action table: which two accounts acted together, how often, when and in which order.

An engine turns actions into pieces of one edge table; what is around it (checking what was asked for, the
columns of the Contract, streaming to a file) is the same for all engines and stands here.
"""

from __future__ import annotations

import logging
import math
import numbers
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import pyarrow as pa

from spmc_tools import progress
from spmc_tools.coaction.traces.actions import EncodedActions, TimeKind, encode, of_spark, size
from spmc_tools.coaction.traces.arrow_columns import from_numpy, to_numpy
from spmc_tools.coaction.traces.memory_plan import MOST_ACTIONS, Limits, kernel_need, limits_now
from spmc_tools.errors import ParameterError, quote
from spmc_tools.operating_system import move

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ENGINES", "coactions"]

Pieces: TypeAlias = tuple[TimeKind, Iterator[pa.Table]]
Tell: TypeAlias = Callable[[int, int], None]
Engine: TypeAlias = Callable[[object, int, int, Limits, Tell], Pieces]

_LOG = logging.getLogger(__name__)

_COLUMNS = (
    "account_a",
    "account_b",
    "n_objects",
    "n_pairs",
    "n_actions_a",
    "n_actions_b",
    "first_t",
    "last_t",
    "mean_lag_s",
    "n_a_first",
)
_COUNTS = ("n_objects", "n_pairs", "n_actions_a", "n_actions_b", "n_a_first")


@overload
def coactions(
    actions: object,
    window_s: float | Sequence[float] = 60,
    min_objects: int = 2,
    engine: Any = "memory",
    memory_limit: str | None = None,
    out: None = None,
) -> Any: ...


@overload
def coactions(
    actions: object,
    window_s: float | Sequence[float] = 60,
    min_objects: int = 2,
    engine: Any = "memory",
    memory_limit: str | None = None,
    *,
    out: str | os.PathLike[str],
) -> Path: ...


def coactions(  # noqa: PLR0913, PLR0917 (the Contract)
    actions: object,
    window_s: float | Sequence[float] = 60,
    min_objects: int = 2,
    engine: Any = "memory",
    memory_limit: str | None = None,
    out: str | os.PathLike[str] | None = None,
) -> Any:
    r"""Return every two accounts that acted on the same objects within a window, and all their coactions.

    A pair is one action of each of the two on one object, with :math:`|t_a - t_b| \le` the window. All counts
    are over pairs, so a row that stands twice counts as two actions.

    Parameters
    ----------
    actions : DataFrame, Arrow table, path or glob of Parquet, Ibis table or Spark DataFrame
        One row per action: ``account_id`` and ``object_id`` (text or whole numbers), ``t`` (times, or seconds
        since 1970 as int or float). Times without a zone are taken as UTC; all are counted in whole µs.
    window_s : float or sequence of float
        The window in seconds, inclusive; 0: equal times only. Several: the edges of each, one window after the other in
        the order given, with the window in a first column ``window_s``; ids are numbered once for all.
    min_objects : int
        Fewest distinct shared objects of an edge, at least 1.
    engine : {"memory", "duckdb", "spark"} or SparkSession
        "memory": the kernel (``sweep.py`` beside this file); where the table would not fit, "duckdb" takes over
        and a line of the log says so. "duckdb": the same edges, row for row, from a database that moves to disk what
        does not fit; Parquet is read piece by piece. "spark": the same in Spark, on this machine (it needs Java 17)
        or wherever the session given runs.
    memory_limit : str, optional
        As "8GB" or "500MiB". "duckdb" keeps to it, "memory" plans with it, "spark" gives it to a session that it makes.
        None: what the case's settings say, else four fifths of what the machine has free.
    out : path, optional
        Where to write the edges as one Parquet file, piece by piece; it appears when it is whole. None: the
        edges are returned. Spark DataFrames are written by Spark, as a folder.

    Returns
    -------
    pandas.DataFrame, or pathlib.Path where ``out`` is given, or a Spark DataFrame where ``actions`` is one (lazy)
        Ordered by (``account_a``, ``account_b``), which are as the ids given (text by code point, whole numbers
        by value), ``account_a`` < ``account_b``:

        ``n_objects``
            distinct objects that both acted on in time
        ``n_pairs``
            pairs of one action each
        ``n_actions_a``, ``n_actions_b``
            actions of a with at least one of b on the object in the window, and the reverse
        ``first_t``, ``last_t``
            earliest and latest action in any of these pairs: datetime64[us, UTC], or seconds as given
        ``mean_lag_s``
            mean of :math:`|t_a - t_b|` over the pairs, in seconds
        ``n_a_first``
            pairs with :math:`t_a < t_b`

    Raises
    ------
    ActionsError
        A column is missing or cannot be read, or an id or a time is null; column and row are named.
    ParameterError
        A parameter is of the wrong type or out of range, the memory limit is too small, or the edges do not fit
        in it and no ``out`` is given.
    RunError
        The engine stopped, or Spark lacks Java 17; the sentence says what to install.

    Notes
    -----
    No pair is ever left out. An edge says that two accounts were in step, not why: on what everybody shares
    (a festival greeting, the tag of the day) chance alone makes edges by the thousand, and a newsroom's desk
    or the volunteers of one group act together rightly. :func:`spmc_tools.assess` says what chance expects.

    ``n_actions_a`` and ``n_actions_b`` are the two directed weights of coordination-network-toolkit [1]_, and
    ``n_objects`` is the undirected weight of most of the literature [2]_.

    References
    ----------
    .. [1] Graham, T., QUT Digital Observatory, *coordination-network-toolkit*, 2020.
    .. [2] Pacheco et al., "Uncovering Coordinated Networks on Social Media", ICWSM 2021.
    """
    windows = _windows(window_s)
    fewest = _min_objects(min_objects)
    limits = limits_now(memory_limit)
    run = _engine(engine)
    if of_spark(actions, "DataFrame"):
        return _spark_to_spark(actions, windows, fewest, engine, out)
    target = None if out is None else _target(out)
    with progress.bars() as show:
        shaped = _every_window(run, actions, windows, fewest, limits, show)
        return _framed(shaped, limits) if target is None else _written(shaped, target)


def _every_window(  # noqa: PLR0913, PLR0917 (the call, taken apart)
    run: Engine, actions: object, windows: list[tuple[float | None, int]], fewest: int, limits: Limits, show: Any
) -> Iterator[pa.Table]:
    """Yield the pieces of each window; ``window_s`` is their first column where there are several."""
    if len(windows) > 1 and run is _in_memory and kernel_need(*size(actions), 0, limits.threads) <= limits.memory:
        encoded = encode(actions, optional=())
        if kernel_need(encoded.n, 0, len(encoded.accounts), limits.threads) <= limits.memory:
            actions = encoded
    for window_s, window_us in windows:
        stage = "coactions" if window_s is None else f"coactions {window_s:g} s"
        kind, pieces = run(actions, window_us, fewest, limits, partial(show, stage))
        for piece in pieces:
            edges = _shaped(piece, kind)
            if window_s is not None:
                edges = edges.add_column(0, "window_s", pa.repeat(pa.scalar(window_s, pa.float64()), len(edges)))
            yield edges


def _engine(engine: object) -> Engine:
    if isinstance(engine, str) and engine in ENGINES:
        return ENGINES[engine]
    if of_spark(engine, "SparkSession"):
        return partial(_in_spark, session=engine)
    wanted = ", ".join(map(repr, ENGINES))
    raise ParameterError(f"engine: found {quote(engine)}, wanted one of {wanted}, or a SparkSession.")


def _spark_to_spark(
    actions: Any, windows: list[tuple[float | None, int]], min_objects: int, engine: object, out: object
) -> Any:
    """Return the edges of a Spark DataFrame as one; where ``out`` is given, let Spark write them there."""
    from spmc_tools.coaction.engines.spark_engine import lazy_edges

    if isinstance(engine, str) and engine != "spark":
        raise ParameterError(f'engine: found {quote(engine)} with a Spark DataFrame; give engine="spark".')
    (_, window_us), *others = windows
    if others:
        raise ParameterError("window_s: found several with a Spark DataFrame; ask for one window at a time.")
    edges = lazy_edges(actions, window_us, min_objects)
    if out is None:
        return edges
    if not isinstance(out, str | os.PathLike) or not os.fspath(out):
        raise ParameterError(f"out: found {quote(out)}, wanted the folder that Spark is to write.")
    edges.write.parquet(os.fspath(out))
    return Path(out)


# -- engines ----------------------------------------------------------------------------------------------------


def _in_memory(actions: object, window_us: int, min_objects: int, limits: Limits, tell: Tell) -> Pieces:
    from spmc_tools.coaction.engines.sweep import blocks

    n, id_bytes = size(actions)
    needed = kernel_need(n, id_bytes, 0, limits.threads)
    if needed <= limits.memory and n < MOST_ACTIONS:
        encoded = actions if isinstance(actions, EncodedActions) else encode(actions, optional=())
        n, needed = encoded.n, kernel_need(encoded.n, 0, len(encoded.accounts), limits.threads)
        if needed <= limits.memory and n < MOST_ACTIONS:
            found = blocks(encoded.account, encoded.object, encoded.t_us, window_us, min_objects, limits.threads, tell)
            return encoded.time_kind, (_with_ids(block, encoded.accounts) for block in found)
        del encoded
    _LOG.warning(
        'engine="memory" needs about %d MB for %d actions, %s allows %d MB: engine="duckdb" takes over, '
        "which gives the same edges.",
        *(needed // 10**6 + 1, n, limits.said_by, limits.memory // 10**6),
    )
    return _in_database(actions, window_us, min_objects, limits, tell)


def _in_database(actions: object, window_us: int, min_objects: int, limits: Limits, tell: Tell) -> Pieces:
    from spmc_tools.coaction.engines.duckdb_engine import edges_in_duckdb

    return edges_in_duckdb(actions, window_us, min_objects, limits, tell)


def _in_spark(  # noqa: PLR0913, PLR0917 (as every engine, and a session)
    actions: object, window_us: int, min_objects: int, limits: Limits, tell: Tell, session: Any = None
) -> Pieces:
    from spmc_tools.coaction.engines.spark_engine import edges_in_spark, local_session

    session = local_session(limits) if session is None else session
    return edges_in_spark(actions, window_us, min_objects, limits, session, tell)


ENGINES: dict[str, Engine] = {
    "memory": _in_memory,
    "duckdb": _in_database,
    "spark": _in_spark,
}
"""Each engine by name: actions, window in µs, fewest objects, what it may use -> pieces of the edge table."""


def _with_ids(block: Any, accounts: pa.Array) -> pa.Table:
    columns = {f"account_{side}": accounts.take(from_numpy(block[side])) for side in ("a", "b")}
    return pa.table(columns | {name: from_numpy(block[name]) for name in block.dtype.names if name not in {"a", "b"}})


# -- shaping and writing ----------------------------------------------------------------------------------------


def _framed(pieces: Iterator[pa.Table], limits: Limits) -> pd.DataFrame:
    """Return the pieces as one DataFrame; stop with a sentence where they outgrow the memory allowed."""
    kept: list[pa.Table] = []
    held = 0
    for piece in pieces:
        kept.append(piece)
        held += piece.nbytes
        if 2 * held > limits.memory:
            raise ParameterError(
                f"coactions: the edges outgrow the {limits.memory // 10**6} MB that {limits.said_by} allows; "
                "give out= the path of a Parquet file, or ask for more with min_objects."
            )
    frame: pd.DataFrame = pa.concat_tables(kept).to_pandas(split_blocks=True)
    return frame


def _shaped(piece: pa.Table, kind: TimeKind) -> pa.Table:
    """Return a piece with the columns, order and types of the Contract."""
    columns = {name: piece[name] for name in piece.column_names}
    columns |= {name: piece[name].cast(pa.int64()) for name in _COUNTS}
    for end in ("first", "last"):
        micros = piece[f"{end}_us"]
        if kind == "datetime":
            columns[f"{end}_t"] = micros.cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
        elif kind == "int":
            columns[f"{end}_t"] = from_numpy(to_numpy(micros) // 1_000_000)
        else:
            columns[f"{end}_t"] = from_numpy(to_numpy(micros) / 1e6)
    return pa.table({name: columns[name] for name in _COLUMNS})


def _written(pieces: Iterator[pa.Table], target: Path) -> Path:
    """Write the pieces as one Parquet file that is whole or absent, and return its path."""
    import pyarrow.parquet as pq

    from spmc_tools.case.files.durable import sync_dir, sync_file

    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        first = next(pieces)
        with pq.ParquetWriter(temporary, first.schema, compression="zstd") as writer:
            writer.write_table(first)
            for piece in pieces:
                writer.write_table(piece)
        sync_file(temporary)
        move(temporary, target)
        sync_dir(target.parent)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ParameterError(f"out: {quote(target.name)} cannot be written: {quote(reason, 120)}.") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return target


# -- what was asked for -----------------------------------------------------------------------------------------


def _windows(window_s: object) -> list[tuple[float | None, int]]:
    """Return each window in seconds (None where one was asked for) and in µs."""
    if not isinstance(window_s, list | tuple):
        return [(None, _window_us(window_s))]
    windows = [(float(window), _window_us(window)) for window in window_s if _window_us(window) >= 0]
    if not windows or len({us for _, us in windows}) < len(windows):
        raise ParameterError(f"window_s: found {quote(window_s)}, wanted one window or several different ones.")
    return list(windows)


def _window_us(window_s: object) -> int:
    if isinstance(window_s, numbers.Integral) and not _is_bool(window_s) and int(window_s) >= 0:
        return int(window_s) * 1_000_000
    if isinstance(window_s, numbers.Real) and not isinstance(window_s, numbers.Integral):
        seconds = float(window_s)
        if math.isfinite(seconds) and seconds >= 0:
            return math.floor(Fraction(seconds) * 1_000_000 + Fraction(1, 2))
    raise ParameterError(f"window_s: found {quote(window_s)}, wanted a number of seconds, 0 or more.")


def _min_objects(min_objects: object) -> int:
    if isinstance(min_objects, numbers.Integral) and not _is_bool(min_objects) and int(min_objects) >= 1:
        return min(int(min_objects), 2**31)
    raise ParameterError(f"min_objects: found {quote(min_objects)}, wanted a whole number, 1 or more.")


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _target(out: object) -> Path:
    if not isinstance(out, str | os.PathLike) or not isinstance(os.fspath(out), str) or not os.fspath(out):
        raise ParameterError(f"out: found {quote(out)}, wanted the path of a Parquet file to write.")
    path = Path(os.fspath(out))
    fault = ""
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            fault = "is a folder"
    except FileNotFoundError:
        if not path.parent.is_dir():
            fault = "lies in a folder that does not exist"
    except (OSError, ValueError) as error:
        fault = f"cannot be written ({getattr(error, 'strerror', None) or error})"
    if fault:
        raise ParameterError(f"out: {quote(path, 200)} {fault}; give the path of a Parquet file to write.")
    return path
