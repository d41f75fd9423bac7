"""The co-retweet network of coordination-network-toolkit, run by a Python that has it installed.

``PYTHON -m benchmarks.speed.kernel.toolkit_edges actions.csv edges.csv --window-s 60 --min-weight 2 --threads 2``
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path

from coordination_network_toolkit.compute_networks import compute_co_retweet_parallel
from coordination_network_toolkit.graph import get_edge_rows
from coordination_network_toolkit.preprocess import preprocess_csv_files


def main() -> None:
    """Read the actions, build the network, write its directed edges as a, b, w."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("actions")
    parser.add_argument("edges", type=Path)
    parser.add_argument("--window-s", type=int, default=60)
    parser.add_argument("--min-weight", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, asked.edges.open("w", newline="") as out:
        database = str(Path(folder, "network.db"))
        preprocess_csv_files(database, [asked.actions])
        compute_co_retweet_parallel(database, asked.window_s, n_threads=asked.threads, min_edge_weight=asked.min_weight)
        rows = csv.writer(out)
        rows.writerow(["a", "b", "w"])
        rows.writerows((a, b, w) for a, b, w, _ in get_edge_rows(database, "co_retweet", loops=False))


if __name__ == "__main__":
    main()
