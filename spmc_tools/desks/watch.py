r"""The watch: how days compare, what rose around an event and who raised it, which posts a person should look at now.

**What rose.** For a tag or a text, *x* account-days (one account on one day counts once) fall into the days of the
event and *y* into the other days of the case; all things together have :math:`N_x` and :math:`N_y`. If the thing did
not rise, :math:`x \mid x + y \sim \mathrm{Bin}(x + y, N_x / (N_x + N_y))`; p is the upper tail, q Benjamini–Hochberg
over all things with at least ten account-days, and the ratio has the exact interval of this binomial.

**Rising fast.** Of a thing with :math:`n` posts in the last hour and a mean of :math:`\mu` per hour before (since its
first post, at least one hour), p is :math:`P(\mathrm{Poisson}(\max(\mu, .5)) \ge n)`; it rises fast where
:math:`p < .001` and :math:`n \ge 5`.

Notes
-----
A person judges what a post says; nothing here reads it. Counts are of what was collected: a search for a tag makes that
tag rise. Known false positives: a festival makes its greetings rise, and that is all it means.

References
----------
Przyborowski and Wilenski (1940), Homogeneity of results in testing samples from Poisson series, Biometrika 31, 313–323
(the conditional test); Clopper and Pearson (1934); Benjamini and Hochberg (1995).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spmc_tools.chance.false_discovery import adjusted
from spmc_tools.desks.calendar import IST, bands
from spmc_tools.desks.watch_terms import matching, thing_id
from spmc_tools.text.match_key import match_key
from spmc_tools.text.near_duplicates import leaders_of
from spmc_tools.text.tags import tag_key, tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from spmc_tools.desks.calendar import Event
    from spmc_tools.desks.watch_terms import WatchTerm

__all__ = ["DAYS", "QUEUE", "RISEN", "daily", "event_days", "post_watch", "risen", "things_of"]

DAYS = ("day", "records", "accounts", "originals", "reposts", "event")
RISEN = (
    "kind", "thing", "label", "event_n", "other_n", "ratio", "low", "high", "p", "q", "accounts", "top_share",
    "clusters",
)  # fmt: skip
QUEUE = (
    "thing", "text", "first_seen", "last_seen", "posts", "accounts", "last_hour", "before_per_hour", "p_rising",
    "views", "reasons", "terms", "claims", "clusters", "record_id",
)  # fmt: skip

LEAST_DAYS = 10
LEAST_LAST_HOUR, RISING_P = 5, 0.001
LEAST_PER_HOUR = 0.5
WIDE = 20
TOP = 5
_ORIGINAL = ("post", "reply", "quote", "comment", "message")


@dataclass(frozen=True, slots=True)
class _Look:
    """What a post can match: terms, claims by text, records complained about, clusters by account."""

    terms: Sequence[WatchTerm]
    claimed: Mapping[str, list[str]]
    complained: set[str]
    cluster_of: Mapping[str, int]


def event_days(chosen: Event | None, first: date, last: date) -> set[date]:
    """Return the days between two days, both inclusive, that the calendar marks for an event (silence periods too)."""
    if chosen is None:
        return set()
    wanted = set(chosen.title.values())
    start = pd.Timestamp(first, tz=IST).to_pydatetime()
    end = pd.Timestamp(last, tz=IST).to_pydatetime() + timedelta(days=1)
    marked: set[date] = set()
    for band in bands(start, end, chosen):
        if wanted.isdisjoint(band.title.values()):
            continue
        day = band.start.astimezone(IST).date()
        while day <= (band.end - timedelta(microseconds=1)).astimezone(IST).date():
            if first <= day <= last:
                marked.add(day)
            day += timedelta(days=1)
    return marked


def daily(records: pd.DataFrame, marked: set[date]) -> pd.DataFrame:
    """Return one row per day of the records, days without any too: the columns are :data:`DAYS`.

    Parameters
    ----------
    records : pandas.DataFrame
        ``account_id, created_at, kind``.
    marked : set of datetime.date
        Days of the event, in IST.
    """
    if not len(records):
        return pd.DataFrame({name: [] for name in DAYS})
    local = records["created_at"].dt.tz_convert(IST).dt.date
    whole = [one.date() for one in pd.date_range(local.min(), local.max(), freq="D")]
    frame = pd.DataFrame({"day": local, "account_id": records["account_id"], "repost": records["kind"] == "repost"})
    grouped = frame.groupby("day")
    made = pd.DataFrame(
        {
            "records": grouped.size(),
            "accounts": grouped["account_id"].nunique(),
            "reposts": grouped["repost"].sum(),
        }
    ).reindex(whole, fill_value=0)
    made["originals"] = made["records"] - made["reposts"]
    made["event"] = [day in marked for day in whole]
    return made.rename_axis("day").reset_index()[list(DAYS)]


def things_of(records: pd.DataFrame) -> pd.DataFrame:
    """Return ``kind, thing, label, row``: tags and texts of original posts, one row each; texts by near-duplicates.

    ``thing`` is what is compared, ``label`` how it was written first, ``row`` the place in ``records``.
    """
    original = records["kind"].isin(_ORIGINAL).to_numpy() & records["text"].notna().to_numpy()
    rows = np.flatnonzero(original)
    texts = records["text"].to_numpy()[rows]
    uses = Counter(texts.tolist())
    leader = leaders_of(uses)
    found: list[tuple[str, str, str, int]] = []
    for row, text in zip(rows.tolist(), texts.tolist(), strict=True):
        if leader[text]:
            found.append(("text", leader[text], text, row))
        seen: set[str] = set()
        for tag in tags(text):
            key = tag_key(tag)
            if key and key not in seen:
                seen.add(key)
                found.append(("tag", key, tag, row))
    return pd.DataFrame(found, columns=["kind", "thing", "label", "row"])


def risen(
    records: pd.DataFrame, things: pd.DataFrame, marked: set[date], cluster_of: Mapping[str, int], most: int = 15
) -> pd.DataFrame:
    """Return the tags and texts that rose in the days of an event, the least probable first: :data:`RISEN`.

    Parameters
    ----------
    records : pandas.DataFrame
        ``account_id, created_at``.
    things : pandas.DataFrame
        As :func:`things_of` gives them for these records.
    marked : set of datetime.date
        Days of the event, in IST; none: nothing can rise.
    cluster_of : mapping of account -> cluster
        Findings; ``clusters`` lists those of at least a tenth of the accounts that raised it.
    most : int
        At most so many rows, all with q < .05.
    """
    empty = pd.DataFrame({name: [] for name in RISEN})
    if not len(things) or not marked:
        return empty
    local = records["created_at"].dt.tz_convert(IST).dt.date.to_numpy()
    account = records["account_id"].to_numpy()
    frame = things.assign(day=local[things["row"]], account_id=account[things["row"]])
    frame["event"] = [day in marked for day in frame["day"]]
    once = frame.drop_duplicates(["kind", "thing", "day", "account_id"])
    exposure = once.groupby("event").size().reindex([True, False], fill_value=0)
    counts = once.groupby(["kind", "thing"])["event"].agg(["sum", "size"])
    counts = counts[counts["size"] >= LEAST_DAYS]
    if not len(counts) or not exposure[True] or not exposure[False]:
        return empty
    share = exposure[True] / (exposure[True] + exposure[False])
    x, n = counts["sum"].to_numpy(np.int64), counts["size"].to_numpy(np.int64)
    table = _tested(x, n, float(share))
    table = pd.concat([counts.index.to_frame(index=False), table], axis=1)
    table = table[table["q"] < 0.05].sort_values(["p", "kind", "thing"], kind="stable").head(most)
    labels = things.drop_duplicates(["kind", "thing"]).set_index(["kind", "thing"])["label"]
    rows = [
        {**row, "label": labels[(row["kind"], row["thing"])], **_raisers(frame, row, cluster_of)}
        for row in table.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=list(RISEN))


def _tested(x: np.ndarray[Any, Any], n: np.ndarray[Any, Any], share: float) -> pd.DataFrame:
    """Return counts, rate ratio with its interval, p and q."""
    from scipy.stats import beta, binom

    p: np.ndarray[Any, np.dtype[np.float64]] = np.asarray(binom.sf(x - 1, n, share), dtype=np.float64)
    low = np.where(x > 0, beta.ppf(0.025, x, n - x + 1), 0.0)
    high = np.where(x < n, beta.ppf(0.975, x + 1, n - x), 1.0)
    odds = (1 - share) / share
    with np.errstate(divide="ignore"):
        ratios = {
            "ratio": np.where(x < n, x / np.maximum(n - x, 1) * odds, np.inf),
            "low": low / (1 - low) * odds,
            "high": np.where(high < 1, high / np.maximum(1 - high, 1e-300) * odds, np.inf),
        }
    return pd.DataFrame({"event_n": x, "other_n": n - x, **ratios, "p": p, "q": adjusted(p, p.size)})


def _raisers(frame: pd.DataFrame, row: Mapping[Any, Any], cluster_of: Mapping[str, int]) -> dict[str, Any]:
    """Return how many accounts raised a thing, which share the five busiest have, and which findings carry it."""
    own = frame[(frame["kind"] == row["kind"]) & (frame["thing"] == row["thing"]) & frame["event"]]
    per = own["account_id"].value_counts()
    return {
        "accounts": len(per),
        "top_share": float(per[:TOP].sum() / per.sum()),
        "clusters": _clusters(per, cluster_of),
    }


def _clusters(per: pd.Series[Any], cluster_of: Mapping[str, int]) -> list[int]:
    inside = Counter(cluster_of[account] for account in per.index if account in cluster_of)
    return sorted(number for number, n in inside.items() if 10 * n >= len(per))


def post_watch(  # noqa: PLR0913 -- what can make a post worth a look, each by its name
    records: pd.DataFrame,
    things: pd.DataFrame,
    *,
    terms: Sequence[WatchTerm] = (),
    claims: Mapping[str, str] | None = None,
    cluster_of: Mapping[str, int] | None = None,
    complained: Sequence[str] = (),
    most: int = 50,
) -> pd.DataFrame:
    """Return the texts that a person should look at now, one row per text with its copies: :data:`QUEUE`.

    Parameters
    ----------
    records : pandas.DataFrame
        ``record_id, account_id, created_at, text`` and, where known, ``metrics``.
    things : pandas.DataFrame
        As :func:`things_of` gives them for these records.
    terms : sequence of WatchTerm
        The case's own.
    claims : mapping of claim -> text
        Registered claims; a text that is a copy of one matches.
    cluster_of : mapping of account -> cluster
        Findings.
    complained : sequence of str
        Record ids that citizens complained about.
    most : int
        At most so many rows.

    Notes
    -----
    ``reasons`` says why a row is there: rising, wide (copied by twenty accounts or more), term, claim, finding,
    complaint. Rows are ordered by how many reasons they have, then by posts in the last hour, then by time: an order
    of work, not of judgement. ``views`` is the largest of its posts, since views are never added up.
    """
    texts = things[things["kind"] == "text"]
    if not len(texts):
        return pd.DataFrame({name: [] for name in QUEUE})
    frame = texts[["thing", "row"]].assign(
        t=records["created_at"].to_numpy()[texts["row"]],
        account_id=records["account_id"].to_numpy()[texts["row"]],
        record_id=records["record_id"].to_numpy()[texts["row"]],
        text=records["text"].to_numpy()[texts["row"]],
        views=_views(records)[texts["row"].to_numpy()],
    )
    frame = frame.sort_values(["t", "record_id"], kind="stable")
    now = frame["t"].max()
    per = frame.groupby("thing")
    table = per.agg(
        text=("text", "first"), first_seen=("t", "first"), last_seen=("t", "last"), posts=("t", "size"),
        accounts=("account_id", "nunique"), views=("views", "max"), record_id=("record_id", "first"),
    )  # fmt: skip
    table["last_hour"] = (
        frame[frame["t"] > now - pd.Timedelta(hours=1)].groupby("thing").size().reindex(table.index, fill_value=0)
    )
    table = table.join(_rising(table, now))
    look = _Look(terms, _claimed(table["text"].tolist(), claims or {}), set(complained), cluster_of or {})
    rows = [_reasons(name, row, frame, look) for name, row in _candidates(table, frame, look)]
    rows = [row for row in rows if row["reasons"]]
    rows.sort(key=lambda row: (-len(row["reasons"]), -row["last_hour"], row["first_seen"], row["thing"]))
    return pd.DataFrame(rows[:most], columns=list(QUEUE))


def _views(records: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    if "metrics" not in records:
        return np.full(len(records), np.nan)
    found = [one.get("views") if isinstance(one, dict) else None for one in records["metrics"]]
    return np.array([np.nan if value is None else float(value) for value in found])


def _rising(table: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Return what a thing had per hour before the last one, and how probable so many in the last one are."""
    from scipy.stats import poisson

    hours = np.maximum((now - table["first_seen"]).dt.total_seconds().to_numpy() / 3600 - 1, 1.0)
    before = (table["posts"] - table["last_hour"]).to_numpy() / hours
    p = poisson.sf(table["last_hour"].to_numpy() - 1, np.maximum(before, LEAST_PER_HOUR))
    return pd.DataFrame({"before_per_hour": before, "p_rising": p}, index=table.index)


def _claimed(texts: Sequence[str], claims: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the registered claims that each text is a copy of, with edits too; texts without one are not in it."""
    if not claims:
        return {}
    leader = leaders_of(Counter([*texts, *claims.values()]))
    of_leader: dict[str, list[str]] = {}
    for claim, text in sorted(claims.items()):
        if leader[text]:
            of_leader.setdefault(leader[text], []).append(claim)
    return {text: of_leader[leader[text]] for text in texts if leader[text] in of_leader}


def _candidates(
    table: pd.DataFrame,
    frame: pd.DataFrame,
    look: _Look,
) -> list[tuple[str, dict[Any, Any]]]:
    """Return the things that can have a reason at all; most have none and cost nothing further."""
    chosen = (table["accounts"] >= WIDE) | ((table["last_hour"] >= LEAST_LAST_HOUR) & (table["p_rising"] < RISING_P))
    if look.terms:
        chosen |= np.array([bool(matching(match_key(text), look.terms)) for text in table["text"]], dtype=bool)
    if look.claimed:
        chosen |= table["text"].isin(list(look.claimed))
    if look.cluster_of:
        chosen |= table.index.isin(frame.loc[frame["account_id"].isin(list(look.cluster_of)), "thing"].unique())
    if look.complained:
        chosen |= table.index.isin(frame.loc[frame["record_id"].isin(list(look.complained)), "thing"].unique())
    own = table[chosen]
    return list(zip(own.index.tolist(), own.reset_index(drop=True).to_dict("records"), strict=True))


def _reasons(name: str, row: Mapping[Any, Any], frame: pd.DataFrame, look: _Look) -> dict[str, Any]:
    """Return one row of the queue with why it is there."""
    of_terms = matching(match_key(row["text"]), look.terms)
    of_claims = look.claimed.get(row["text"], [])
    clusters: list[int] = []
    complaint = False
    if look.cluster_of or look.complained:
        own = frame[frame["thing"] == name]
        clusters = _clusters(own["account_id"].value_counts(), look.cluster_of)
        complaint = bool(own["record_id"].isin(list(look.complained)).any())
    why = {
        "rising": row["last_hour"] >= LEAST_LAST_HOUR and row["p_rising"] < RISING_P,
        "wide": row["accounts"] >= WIDE,
        "term": bool(of_terms),
        "claim": bool(of_claims),
        "finding": bool(clusters),
        "complaint": complaint,
    }
    told = {key: value for key, value in row.items() if key in QUEUE}
    return {
        **told,
        "thing": thing_id(name),
        "reasons": [reason for reason, there in why.items() if there],
        "terms": of_terms,
        "claims": of_claims,
        "clusters": clusters,
    }
