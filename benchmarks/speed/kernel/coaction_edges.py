"""The edges of one action table, in a process of its own, so that its whole cost can be measured.

``python -m benchmarks.speed.kernel.coaction_edges actions.parquet edges.parquet --engine memory --min-objects 2``

``--min-weight W`` gives the edges of coordination-network-toolkit: those where either account has at least W
actions with one of the other in the window, on however many objects. The kernel picks them (``min_actions``);
with ``--from-frame``, from the DataFrame of all edges that ``coactions(min_objects=1)`` returns.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from spmc_tools.coaction.engines.coactions import coactions
from spmc_tools.coaction.traces.actions import encode
from spmc_tools.coaction.traces.arrow_columns import from_numpy


def main() -> None:
    """Read the actions, count, write the edges."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("actions", type=Path)
    parser.add_argument("edges", type=Path)
    parser.add_argument("--engine", default="memory")
    parser.add_argument("--window-s", type=float, default=60)
    parser.add_argument("--min-objects", type=int, default=2)
    parser.add_argument("--min-weight", type=int, default=None)
    parser.add_argument("--from-frame", action="store_true", help="with --min-weight: filter what coactions returns")
    asked = parser.parse_args()
    actions = _from_csv(asked.actions) if asked.actions.suffix == ".csv" else asked.actions
    if asked.min_weight is None:
        coactions(actions, asked.window_s, asked.min_objects, engine=asked.engine, out=asked.edges)
        return
    if asked.from_frame:
        frame = coactions(actions, asked.window_s, 1, engine=asked.engine)
        frame[frame[["n_actions_a", "n_actions_b"]].max(axis=1) >= asked.min_weight].to_parquet(asked.edges)
        return
    edges = _as_the_toolkit_counts(actions, round(asked.window_s * 1e6), asked.min_weight)
    pq.write_table(edges, asked.edges)


def _as_the_toolkit_counts(actions: pa.Table | Path, window_us: int, min_weight: int) -> pa.Table:
    """Return all columns that the kernel counts, of the edges with a directed weight of ``min_weight``."""
    from spmc_tools.coaction.engines.sweep import EDGE, blocks

    encoded = encode(actions, optional=())
    found = blocks(encoded.account, encoded.object, encoded.t_us, window_us, min_objects=1, min_actions=min_weight)
    kept = np.concatenate(list(found))
    columns = {f"account_{side}": encoded.accounts.take(from_numpy(kept[side])) for side in "ab"}
    return pa.table(columns | {name: from_numpy(kept[name]) for name in EDGE.names[:5] + EDGE.names[7:]})


def _from_csv(path: Path) -> pa.Table:
    from pyarrow import csv

    columns = {"user_id": pa.string(), "repost_id": pa.string(), "timestamp": pa.int64()}
    options = csv.ConvertOptions(include_columns=list(columns), column_types=columns)
    return csv.read_csv(path, convert_options=options).rename_columns(["account_id", "object_id", "t"])


if __name__ == "__main__":
    main()
