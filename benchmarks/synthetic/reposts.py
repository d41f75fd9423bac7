"""Write reposts of one synthetic day with groups that act together planted in it.

Run ``python -m benchmarks.synthetic.reposts --n 1000000 --out FOLDER``; the same seed gives the same files:

``actions.parquet``
    ``account_id``, ``object_id``, ``t`` (whole seconds), ``record_id``
``actions.csv``
    the same rows in the columns that coordination-network-toolkit reads
``planted.csv``
    ``group``, ``account_id``

The popularity of posts falls as 1 / (rank + 10), the activity of accounts as 1 / rank^0.8, a post is reposted
with an exponential delay of two hours on average, and accounts repost a post twice at times. ``--head 0`` in place
of the 10 makes one post viral: of a million actions 82,000 are reposts of it. ``--days D`` gives D such days, each
with posts of its own, by the same accounts. Each planted group
of 20 accounts, ordinary ones otherwise, reposts 30 unpopular posts, each account with probability 0.9 and within
45 seconds of the first.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["main", "reposts"]

DAY_S = 86_400
FIRST_S = 1_700_000_000
DELAY_S = 7_200
GROUP, POSTS, BURST_S = 20, 30, 45


class _Acts(NamedTuple):
    account: npt.NDArray[np.int64]
    post: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]


def reposts(n: int, seed: int = 1, head: int = 10, day: int = 0) -> tuple[pa.Table, pa.Table]:
    """Return ``n`` actions ordered by time, and which accounts were planted in which group.

    Parameters
    ----------
    n : int
        Number of actions, at least 10,000; there are n / 10 accounts and n / 10 posts.
    seed : int
        Of all random numbers.
    head : int
        The popularity of posts falls as 1 / (rank + head).
    day : int
        Which day, from 0: each has other posts, later times and other random numbers.
    """
    rng = np.random.default_rng([seed, day] if day else seed)
    size = n // 10
    planted, members = _groups(rng, size, max(3, n // 50_000))
    organic = _organic(rng, size, n - planted.account.size, head)
    acts = _Acts(*(np.concatenate(both) for both in zip(organic, planted, strict=True)))
    order = np.argsort(acts.second, kind="stable")
    actions = pa.table(
        {
            "account_id": _ids(1_000_000_000 + acts.account[order]),
            "object_id": _ids(7_000_000_000_000 + day * size + acts.post[order]),
            "t": FIRST_S + day * DAY_S + acts.second[order],
            "record_id": _ids(9_000_000_000_000 + day * n + np.arange(n)),
        }
    )
    group = np.repeat(np.arange(len(members)), GROUP)
    return actions, pa.table({"group": group, "account_id": _ids(1_000_000_000 + members.ravel())})


def _organic(rng: np.random.Generator, size: int, n: int, head: int) -> _Acts:
    def drawn(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        below = np.cumsum(weights) / weights.sum()
        return np.searchsorted(below, rng.random(n)).clip(0, size - 1)

    rank = np.arange(1, size + 1)
    post = drawn(1.0 / (rank + head))
    account = rng.permutation(size)[drawn(rank**-0.8)]
    posted = rng.random(size) * DAY_S
    second = (posted[post] + rng.exponential(DELAY_S, n)) % DAY_S
    return _Acts(account, post, second.astype(np.int64))


def _groups(rng: np.random.Generator, size: int, n_groups: int) -> tuple[_Acts, npt.NDArray[np.int64]]:
    members = rng.choice(size, size=(n_groups, GROUP), replace=False)
    posts = size // 2 + rng.choice(size - size // 2, size=(n_groups, POSTS), replace=False)
    start = rng.integers(0, DAY_S - 60, size=(n_groups, POSTS))
    group, post, member = np.nonzero(rng.random((n_groups, POSTS, GROUP)) < 0.9)
    second = start[group, post] + rng.integers(0, BURST_S, size=group.size)
    return _Acts(members[group, member], posts[group, post], second), members


def _ids(numbers: npt.NDArray[np.int64]) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def write(actions: pa.Table, planted: pa.Table, folder: Path) -> None:
    """Write the three files of the head of this module."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(actions, folder / "actions.parquet")
    pa.csv.write_csv(planted, folder / "planted.csv")
    nothing = pa.array([""]).take(pa.array(np.zeros(len(actions), np.int32)))
    columns = {
        "message_id": actions["record_id"],
        "user_id": actions["account_id"],
        "username": pc.binary_join_element_wise(pa.scalar("account_"), actions["account_id"], ""),
        "repost_id": actions["object_id"],
        "reply_id": nothing,
        "message": pc.binary_join_element_wise(pa.scalar("RT text of post "), actions["object_id"], ""),
        "timestamp": actions["t"],
        "urls": nothing,
    }
    pa.csv.write_csv(pa.table(columns), folder / "actions.csv", pa.csv.WriteOptions(quoting_style="none"))


def main() -> None:
    """Write the files as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, required=True, help="number of actions")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--head", type=int, default=10, help="0 makes one post viral")
    parser.add_argument(
        "--days", type=int, default=1, help="more than one: Parquet alone, a file a day, n actions each"
    )
    asked = parser.parse_args()
    if asked.days == 1:
        write(*reposts(asked.n, asked.seed, asked.head), asked.out)
        return
    asked.out.mkdir(parents=True, exist_ok=True)
    for day in range(asked.days):
        pq.write_table(reposts(asked.n, asked.seed, asked.head, day)[0], asked.out / f"{day:03}.parquet")


if __name__ == "__main__":
    main()
