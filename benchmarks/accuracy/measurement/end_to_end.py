"""A simulated week as records with words, clients and times as an export has them, through ``investigate``."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import spmc_tools as spmc
from benchmarks.accuracy.worlds.people import DAY, HOUR
from benchmarks.accuracy.worlds.simulate import START_S
from benchmarks.synthetic import copied_texts

if TYPE_CHECKING:
    from benchmarks.accuracy.worlds.simulate import Week

__all__ = ["investigated", "records_of"]

_CLIENTS = (
    "demo for phones",
    "demo web",
    "demo for tablets",
    "demo deck",
    "demo planner",
    "demo relay",
    "demo bot kit",
)
_CLIENT_SHARES = np.array([0.55, 0.25, 0.1, 0.06, 0.03, 0.007, 0.003])
_PLACES = [f"{a}{b}" for a in ("Ram", "Sita", "Lal", "Nav", "Kesh", "Bel", "Chand", "Dhan") for b in
           ("pur", "nagar", "ganj", "garh", "tola", "bagh", "sarai", "khera")]  # fmt: skip


def records_of(week: Week) -> pd.DataFrame:
    """Return the week as records in the schema of the package, one row per post, in order of time.

    Every act is a record: own posts and copied texts, reposts with the original's text, replies, posts with tags, posts
    with a picture. Copies differ on their surface as apps and keyboards make them differ; edited ones have other words
    in a few places. A post knows its client and stands on whole seconds, or minutes.
    """
    rng = np.random.default_rng([week.seed, 77])
    words = _Words(week, rng)
    client = rng.choice(_CLIENTS, week.people.role.size, p=_CLIENT_SHARES)
    client[np.isin(week.people.names, ["newsroom", "wire"])] = "demo planner"
    parts = [_texts(week, words), _referring(week, words), _tagged(week, words, rng), _pictured(week, words)]
    network, signed = _network(week, rng)
    table = pd.concat([*parts, network], ignore_index=True)
    table["client"] = client[table["account"].to_numpy()]
    table.loc[len(table) - len(network) :, "client"] = np.where(signed, "demo relay", "demo web")
    return _exported(week, table, rng)


def investigated(week: Week) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
    """Return who is in tier A or B, score and cluster of each account, and further numbers, of the whole package."""
    records = records_of(week)
    context = {f"a{account:06d}": kind for account, kind in week.context.items()}
    found = spmc.investigate(records, context=context, seed=week.seed)
    size = week.people.role.size
    named, score, cluster = np.zeros(size, bool), np.zeros(size), np.full(size, -1)
    ids = found.accounts["account_id"].str[1:].astype(int).to_numpy()
    tier = found.accounts["tier"].to_numpy(dtype=object)
    named[ids] = np.isin(tier.astype(str), ["A", "B"])
    with_kind = found.clusters.loc[found.clusters["context"].notna(), "cluster_id"].tolist()
    aside = found.accounts["cluster_id"].isin(with_kind).to_numpy(bool)
    score[ids] = np.where(aside, 0.0, found.accounts["score"])
    cluster[ids] = found.accounts["cluster_id"].fillna(-1).astype(int)
    names = week.people.names
    top = Counter(names[ids[tier == "A"]].tolist())
    network = names == "network"
    held = Counter(cluster[network & named & (cluster >= 0)].tolist())
    notes = {
        "n_records": len(records),
        "tier_a": {str(k): int(v) for k, v in top.items()},
        "network_cluster": max(held.values(), default=0),
        "not_run": sorted({str(row["trace"]) for row in found.not_run}),
        "n_events": len(found.events) if hasattr(found, "events") else None,  # None: events are not looked for
    }
    return named, score, cluster, notes


class _Words:
    """The text of every post and shared thing of a week: made-up words in three scripts."""

    def __init__(self, week: Week, rng: np.random.Generator) -> None:
        self.week, self.rng = week, rng
        things = sorted(set(week.tables["text"]["object_id"].tolist()) | set(week.base.values()))
        extra = len(week.tables["tag"]) + len(week.tables["reply"]) + len(week.tables["image"])
        made = copied_texts.corpus(week.posts[0].size + len(things) + extra, week.seed, copied=0.0).texts
        self.of_post = made[: week.posts[0].size]
        self.of_thing = dict(zip(things, made[week.posts[0].size :], strict=False))
        self.spare = iter(made[week.posts[0].size + len(things) :])

    def of(self, thing: int) -> str:
        """Return the text under this number as somebody writes it."""
        if thing >= 0:
            return self.of_post[thing]
        base = self.week.base.get(thing)
        if base is not None:
            return copied_texts.edited(self.rng, self.of_thing[base], 0.4)
        return copied_texts.surface(self.rng, self.of_thing[thing], "devanagari")


def _texts(week: Week, words: _Words) -> pd.DataFrame:
    own = week.tables["text"]
    return _rows(own, "post", [words.of(thing) for thing in own["object_id"].tolist()]).assign(
        post=own["object_id"].where(own["object_id"] >= 0, -1).to_numpy()
    )


def _referring(week: Week, words: _Words) -> pd.DataFrame:
    parts = []
    for kind in ("repost", "reply"):
        own = week.tables[kind]
        posts = own["object_id"].tolist()
        said = [words.of_post[p] for p in posts] if kind == "repost" else [next(words.spare) for _ in posts]
        parts.append(_rows(own, kind, said).assign(ref=posts, ref_author=own["source_id"].to_numpy()))
    return pd.concat(parts, ignore_index=True)


def _tagged(week: Week, words: _Words, rng: np.random.Generator) -> pd.DataFrame:
    own = week.tables["tag"]
    sets = {thing: [f"demo{word}" for word in rng.choice(900, 4, replace=False)] for thing in own["object_id"].unique()}
    tags = [sets[thing] for thing in own["object_id"].tolist()]
    said = [f"{next(words.spare)} {' '.join('#' + tag for tag in own_tags)}" for own_tags in tags]
    return _rows(own, "post", said).assign(hashtags=tags)


def _pictured(week: Week, words: _Words) -> pd.DataFrame:
    own = week.tables["image"]
    media = [
        [{"url": None, "sha256": hashlib.sha256(str(thing).encode()).hexdigest(), "phash": None}]
        for thing in own["object_id"].tolist()
    ]
    return _rows(own, "post", [next(words.spare) for _ in media]).assign(media=media)


def _network(week: Week, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the posts of the rotating template network, and which of them carry its whole signature.

    One of four templates a day and a half long each, one post every two minutes by the next account, in second 17 or
    18 of the minute (nine of ten) and from its own client (nineteen of twenty). A list of places fills the slots.
    """
    members = week.people.members("network")
    declared = week.world.records
    number = declared.posts * members.size // 200 if declared is not None else 0
    if not number:
        return _rows(week.tables["text"].head(0), "post", []), np.empty(0, bool)
    step = 120.0 * 200 / members.size
    minute = np.arange(number) * np.floor(step / 60)
    template = (np.arange(number) * 4) // number
    on_time = rng.random(number) < 0.9
    second = np.where(on_time, 17 + rng.integers(2, size=number), rng.integers(60, size=number))
    t = (1 + 0.02 * rng.random()) * DAY // 60 * 60 + 9 * HOUR + minute * 60 + second
    parts = rng.integers(3, 9, number)
    said = [
        f"Notice {(k + 1) * 11} of the demo campaign committee: part {1 + n % p} of {p}, see your street and share it "
        f"with all voters at once: {', '.join(rng.choice(_PLACES, 4, replace=False))}"
        for n, (k, p) in enumerate(zip(template.tolist(), parts.tolist(), strict=True))
    ]
    order = np.concatenate([rng.permutation(members) for _ in range(number // members.size + 1)])[:number]
    table = pd.DataFrame({"account_id": order, "t": START_S + t.astype(np.int64)})
    inside = table["t"].to_numpy() < START_S + 7 * DAY
    rows = _rows(table[inside], "post", [s for s, ok in zip(said, inside, strict=True) if ok])
    return rows, rng.random(len(rows)) < 0.95


def _rows(table: pd.DataFrame, kind: str, text: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account": table["account_id"].to_numpy(),
            "t": table["t"].to_numpy(),
            "kind": kind,
            "text": text,
            "post": -1,
            "ref": -1,
            "ref_author": -1,
            "hashtags": None,
            "media": None,
        }
    )


def _exported(week: Week, table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the columns of the schema, as the declared export has them."""
    declared = week.world.records
    assert declared is not None
    t = table["t"].to_numpy()
    if declared.permuted:
        table["client"] = rng.permutation(table["client"].to_numpy())
        t = t // 60 * 60 + rng.permutation(t % 60)
    t = t // declared.precision_s * declared.precision_s
    out = pd.DataFrame(
        {
            "record_id": [f"r{n:07d}" for n in range(len(table))],
            "platform": "x",
            "account_id": [f"a{n:06d}" for n in table["account"].tolist()],
            "created_at": pd.to_datetime(t, unit="s", utc=True),
            "time_precision_s": float(declared.precision_s),
            "kind": table["kind"].to_numpy(),
            "text": table["text"].to_numpy(),
            "hashtags": table["hashtags"].to_numpy(),
            "media": table["media"].to_numpy(),
            "client": table["client"].to_numpy(),
            "source_sha256": "0" * 64,
            "source_row": np.arange(1, len(table) + 1),
        }
    )
    ref = table["ref"].to_numpy()
    by_post = pd.Series(out["record_id"].to_numpy()[table["post"] >= 0], index=table.loc[table["post"] >= 0, "post"])
    outside = np.array([f"p{n:07d}" for n in ref.tolist()], dtype=object)
    inside = by_post.reindex(ref).to_numpy(dtype=object)
    out["ref_record_id"] = np.where(ref < 0, None, np.where(pd.isna(inside), outside, inside))
    out["ref_account_id"] = np.where(ref < 0, None, [f"a{n:06d}" for n in table["ref_author"].tolist()])
    if not declared.client:
        out = out.drop(columns="client")
    order = np.lexsort((out["record_id"].to_numpy(dtype=str), out["created_at"].to_numpy()))
    return out.iloc[order].reset_index(drop=True)
