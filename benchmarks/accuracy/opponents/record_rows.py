"""Records that grow part by part, and the table they become; and words that nobody has used yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.accuracy.worlds.people import DAY, DAYS
from benchmarks.accuracy.worlds.simulate import START_S
from benchmarks.synthetic import copied_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PLACES", "RecordRows", "Words", "swapped"]

CLIENTS = ("demo for phones", "demo web", "demo for tablets", "demo deck", "demo planner", "demo relay", "demo bot kit")
_CLIENT_SHARES = np.array([0.55, 0.25, 0.1, 0.06, 0.03, 0.007, 0.003])

PLACES = tuple(
    f"{first}{last}"
    for first in ("Ram", "Sita", "Lal", "Nav", "Kesh", "Bel", "Chand", "Dhan", "Moti", "Hari")
    for last in ("pur", "nagar", "ganj", "garh", "tola", "bagh", "sarai", "khera", "patti", "gaon")
)
"""A hundred made-up names of places."""

_COLUMNS = (
    "account", "t", "kind", "text", "hashtags", "urls", "mentions", "media", "client", "ref", "weight", "casual",
)  # fmt: skip


class Words:
    """Texts of made-up words, each handed out once."""

    def __init__(self, seed: int, size: int) -> None:
        self._seed, self._size = seed, size
        self._left: list[str] = []

    def take(self, size: int) -> list[str]:
        """Return so many texts that were not handed out before."""
        while len(self._left) < size:
            self._left += copied_texts.corpus(max(self._size, size), self._seed, copied=0.0).texts
            self._seed, self._size = self._seed + 1, 2_000
        taken, self._left = self._left[:size], self._left[size:]
        return taken


class RecordRows:
    """Rows of records, in chunks; a row's number is its place. Times are seconds since the start of the week."""

    def __init__(self) -> None:
        self.size = 0
        self._chunks: list[dict[str, np.ndarray]] = []

    def post(
        self,
        account: np.ndarray | int,
        t: np.ndarray | float,
        text: Sequence[str],
        *,
        weight: float | np.ndarray = 0.0,
        hashtags: Sequence[object] | None = None,
        urls: Sequence[object] | None = None,
        mentions: Sequence[object] | None = None,
        media: Sequence[object] | None = None,
        client: Sequence[object] | None = None,
    ) -> np.ndarray:
        """Add a post for each text and return the numbers of their rows.

        ``weight`` is how much of everyday reposting each draws. Lists of lists hold one list, or None, for each text.
        """
        return self._add(
            len(text),
            account=account,
            t=t,
            kind="post",
            text=_objects(text, len(text)),
            hashtags=_objects(hashtags, len(text)),
            urls=_objects(urls, len(text)),
            mentions=_objects(mentions, len(text)),
            media=_objects(media, len(text)),
            client=_objects(client, len(text)),
            ref=-1,
            weight=weight,
            casual=False,
        )

    def refer(
        self,
        account: np.ndarray,
        t: np.ndarray,
        original: np.ndarray | int,
        *,
        kind: str = "repost",
        text: Sequence[str] | None = None,
        client: Sequence[object] | None = None,
        casual: bool = False,
    ) -> np.ndarray:
        """Add reposts or replies of these rows, one a second after the original at the earliest.

        A ``casual`` repost gives way where the account reposts the same post for another reason.
        """
        size = np.asarray(account).size
        none = _objects(None, size)
        return self._add(
            size,
            account=account,
            t=t,
            kind=kind,
            text=_objects(text, size),
            hashtags=none,
            urls=none,
            mentions=none,
            media=none,
            client=_objects(client, size),
            ref=original,
            weight=0.0,
            casual=casual,
        )

    def posts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return row, account, time and weight of all posts so far that have a weight."""
        account, t, weight = (self._column(name) for name in ("account", "t", "weight"))
        row = np.flatnonzero(weight > 0)
        return row, account[row], t[row], weight[row]

    def reposts(self) -> tuple[np.ndarray, np.ndarray]:
        """Return original and time of all reposts so far."""
        chosen = self._column("kind") == "repost"
        return self._column("ref")[chosen], self._column("t")[chosen]

    def time_of(self, row: np.ndarray) -> np.ndarray:
        """Return the times of these rows."""
        times: np.ndarray = self._column("t")[row]
        return times

    def table(self, ids: np.ndarray, rng: np.random.Generator, *, precision_s: int, platforms: int) -> pd.DataFrame:
        """Return the records inside the week in the schema of the package, in order of time.

        Nobody reposts an own post, or one post twice. With two platforms, each post with all that refers to it is on
        one of them.

        Parameters
        ----------
        ids : numpy.ndarray
            The number in the id of each account.
        rng : numpy.random.Generator
            Of clients, platforms and record ids.
        precision_s : int
            Step of the clock.
        platforms : int
            1 or 2.
        """
        columns = {name: self._column(name) for name in _COLUMNS}
        account, ref, t = columns["account"], columns["ref"], columns["t"]
        frame = pd.DataFrame(columns)
        refers = ref >= 0
        t = np.floor(np.where(refers, np.maximum(t, np.floor(t[ref]) + 1), t)).astype(np.int64)
        frame["t"] = t
        original = frame["text"].to_numpy()[ref]
        frame["text"] = np.where(frame["kind"] == "repost", original, frame["text"])
        frame["client"] = _clients(account, ids.size, frame["client"].to_numpy(), rng)
        thread = np.where(refers, ref, np.arange(self.size))
        frame["second_home"] = (rng.random(self.size) < 0.5)[thread] & (platforms == 2)
        names = _names("r", rng.permutation(self.size))
        frame["record_id"] = names
        frame["ref_record_id"] = pd.Series(names[ref]).where(refers, None)
        frame["ref_author"] = np.where(refers, account[ref], -1)
        kept = (t >= 0) & (t < DAYS * DAY) & (frame["ref_author"].to_numpy() != account)
        frame = frame[kept].sort_values(["casual", "t", "record_id"], kind="stable")
        again = (frame["kind"] == "repost") & frame.duplicated(["account", "ref"])
        frame = frame[~again].sort_values(["t", "record_id"], kind="stable", ignore_index=True)
        return _exported(frame, ids, precision_s)

    def _add(self, size: int, **columns: np.ndarray | float | str) -> np.ndarray:
        self._chunks.append({name: np.broadcast_to(columns[name], size) for name in _COLUMNS})
        self.size += size
        return np.arange(self.size - size, self.size)

    def _column(self, name: str) -> np.ndarray:
        return np.concatenate([chunk[name] for chunk in self._chunks])


def swapped(rng: np.random.Generator, text: str, share: float, pool: list[str]) -> str:
    """Return the text with this share of its words, rounded, exchanged for others from the pool."""
    words = text.split()
    for place in rng.choice(len(words), round(share * len(words)), replace=False).tolist():
        others = [word for word in pool if word != words[place]]
        words[place] = others[int(rng.integers(len(others)))]
    return " ".join(words)


def account_id(number: np.ndarray, second_home: np.ndarray) -> np.ndarray:
    """Return the ids of accounts with these numbers, on the first or on the other platform."""
    return np.where(second_home, _names("b", number), _names("a", number))


def _names(letter: str, numbers: np.ndarray) -> np.ndarray:
    return np.array([f"{letter}{n:07d}" for n in numbers.tolist()], dtype=object)


def _objects(cells: Sequence[object] | None, size: int) -> np.ndarray:
    """Return the cells as objects of one axis, also where each is a list."""
    column = np.full(size, None, dtype=object)
    if cells is not None:
        column[:] = np.fromiter(cells, dtype=object, count=size)
    return column


def _clients(account: np.ndarray, n_accounts: int, wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the client of each row: the wanted one, else mostly the account's own."""
    habit = rng.choice(len(CLIENTS), n_accounts, p=_CLIENT_SHARES)
    other = rng.random(account.size) < 0.08
    usual = np.array(CLIENTS, dtype=object)[np.where(other, 1, habit[account])]
    return np.where(pd.isna(wanted), usual, wanted)


def _exported(frame: pd.DataFrame, ids: np.ndarray, precision_s: int) -> pd.DataFrame:
    t = START_S + frame["t"].to_numpy() // precision_s * precision_s
    second = frame["second_home"].to_numpy(bool)
    author = frame["ref_author"].to_numpy()
    refers = author >= 0
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "platform": np.where(second, "threads", "x"),
            "account_id": account_id(ids[frame["account"]], second),
            "created_at": pd.to_datetime(t, unit="s", utc=True).astype("datetime64[us, UTC]"),
            "time_precision_s": float(precision_s),
            "kind": frame["kind"].to_numpy(dtype=object),
            "text": frame["text"],
            "hashtags": frame["hashtags"],
            "urls": frame["urls"],
            "mentions": frame["mentions"],
            "media": frame["media"],
            "ref_record_id": frame["ref_record_id"],
            "ref_account_id": pd.Series(account_id(ids[author], second)).where(refers, None),
            "client": frame["client"],
            "source_sha256": "0" * 64,
            "source_row": np.arange(1, len(frame) + 1),
        }
    )
