r"""The watch: how days compare, what rose around an event and who raised it, which posts a person should look at now.

**What rose.** For a tag or a text, *x* account-days (one account on one day counts once) fall into the days of the
event and *y* into the other days of the case; all things together have :math:`N_x` and :math:`N_y`. If the thing did
not rise, :math:`x \mid x + y \sim \mathrm{Bin}(x + y, N_x / (N_x + N_y))`; p is the upper tail, q Benjamini–Hochberg
over all things with at least ten account-days, and the ratio has the exact interval of this binomial. Files of one
case cover different days, and a thing of a file that holds the event alone would rise by that: only files count that
hold days of both kinds, and where these have different shares :math:`N_x / (N_x + N_y)`, each account-day counts with
that of its file. The tail is then that of a sum of unequal chances; the binomial with their mean, taken here, bounds it
from above beyond the mean. Where no file holds both, all are compared as one.

**Rising fast.** Of a text with :math:`n` copies and reposts in the last hour and a mean of :math:`\mu` per hour before
(since its first post, at least one hour), p is :math:`P(\mathrm{Poisson}(\max(\mu, .5)) \ge n)`; it rises fast where
:math:`p < .001` and :math:`n \ge 5`.

Notes
-----
A person judges what a post says; nothing here reads it. Counts are of what was collected: a search for a tag makes that
tag rise. Known false positives: a festival makes its greetings rise, and that is all it means.

References
----------
Przyborowski and Wilenski (1940), Homogeneity of results in testing samples from Poisson series, Biometrika 31, 313–323
(the conditional test); Clopper and Pearson (1934); Benjamini and Hochberg (1995); Hoeffding (1956), On the distribution
of the number of successes in independent trials, Annals of Mathematical Statistics 27, 713–721 (the bound).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spmc_tools.chance.statistics.false_discovery import adjusted
from spmc_tools.desks.base.calendar import IST
from spmc_tools.desks.base.copied_posts import copies_of
from spmc_tools.desks.watch.watch_terms import thing_id
from spmc_tools.text.claim_match import claims_in_keys
from spmc_tools.text.match_key import URL, match_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from spmc_tools.desks.base.copied_posts import Kept
    from spmc_tools.desks.watch.watch_terms import WatchTerm

__all__ = ["DAYS", "QUEUE", "RISEN", "daily", "of_both_days", "pointed_at", "post_watch", "risen", "things_of"]

DAYS = ("day", "records", "accounts", "originals", "reposts", "event")
RISEN = (
    "kind", "thing", "label", "event_n", "other_n", "ratio", "low", "high", "p", "q", "accounts", "top_share",
    "clusters",
)  # fmt: skip
QUEUE = (
    "thing", "text", "first_seen", "last_seen", "posts", "accounts", "reposts", "last_hour", "before_per_hour",
    "p_rising", "views", "reasons", "terms", "claims", "clusters", "record_id",
)  # fmt: skip

LEAST_DAYS = 10
LEAST_LAST_HOUR, RISING_P = 5, 0.001
LEAST_PER_HOUR = 0.5
WIDE = 20
TOP = 5
SHORTEST_ID = 8
_AROUND_ADDRESS = r"^[a-zA-Z]+://|/*(?:[?#].*)?$"
_ORIGINAL = ("post", "reply", "quote", "comment", "message")


@dataclass(frozen=True, slots=True)
class _Look:
    """What a text can match: terms, claims, records complained about, clusters by account."""

    terms: Sequence[WatchTerm]
    claims: Mapping[str, str]
    complained: Sequence[str]
    cluster_of: Mapping[str, int]


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
    whole = [midnight.date() for midnight in pd.date_range(local.min(), local.max(), freq="D")]
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


def of_both_days(records: pd.DataFrame, marked: set[date]) -> pd.Series[bool]:
    """Return which records stand in a file that has records on days of the event and on others: those are compared.

    Parameters
    ----------
    records : pandas.DataFrame
        ``created_at`` and, where known, ``source_sha256``; without it all are of one file.
    marked : set of datetime.date
        Days of the event, in IST.
    """
    inside = records["created_at"].dt.tz_convert(IST).dt.date.isin(list(marked))
    files = records["source_sha256"] if "source_sha256" in records else pd.Series("", index=records.index)
    kinds: pd.Series[bool] = inside.groupby(files).transform("nunique") == 2
    return kinds


def things_of(records: pd.DataFrame, kept: Kept | None = None) -> pd.DataFrame:
    """Return ``kind, thing, label, row, key``: tags and texts of original posts, one row each.

    ``thing`` is what is compared (copies of a text, edited or not, are one, see
    :mod:`spmc_tools.desks.base.copied_posts`),
    ``label`` how it was written, ``row`` the place in ``records``, ``key`` the match key of a text and the key of a
    tag.

    Parameters
    ----------
    records : pandas.DataFrame
        ``created_at, kind, text``.
    kept : Kept, optional
        Where a case keeps what was read from the texts of an hour; the result is the same with and without it.
    """
    original = records["kind"].isin(_ORIGINAL).to_numpy() & records["text"].notna().to_numpy()
    rows = np.flatnonzero(original)
    rows = rows[np.argsort(records["created_at"].array[rows].asi8, kind="stable")]
    texts = records["text"].to_numpy(dtype=object)[rows].tolist()
    read = copies_of(texts, records["created_at"].iloc[rows].reset_index(drop=True), kept)
    leader, key, text = (np.array(column, dtype=object) for column in (read.leader, read.key, read.text))
    said = leader[read.number] != ""
    number = read.number[said]
    many = np.array([len(text_tags) for text_tags in read.tags], np.int64)
    flat = np.array([pair for text_tags in read.tags for pair in text_tags], dtype=object).reshape(-1, 2)
    begins = np.concatenate(([0], np.cumsum(many)[:-1])) if many.size else many
    times = many[read.number]
    inside = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    tag = np.repeat(begins[read.number] if many.size else times, times) + inside
    table = pd.DataFrame(
        {
            "kind": ["text"] * len(number) + ["tag"] * len(tag),
            "thing": np.concatenate([leader[number], flat[tag, 0]]),
            "label": np.concatenate([text[number], flat[tag, 1]]),
            "row": np.concatenate([rows[said], np.repeat(rows, times)]).astype(np.int64),
            "key": np.concatenate([key[number], flat[tag, 0]]),
        }
    ).astype({"kind": "category"})
    return table.sort_values("row", kind="stable", ignore_index=True)


def risen(
    records: pd.DataFrame, things: pd.DataFrame, marked: set[date], cluster_of: Mapping[str, int], most: int = 15
) -> pd.DataFrame:
    """Return the tags and texts that rose in the days of an event, the least probable first: :data:`RISEN`.

    Parameters
    ----------
    records : pandas.DataFrame
        ``account_id, created_at`` and, where known, ``source_sha256``.
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
    file = records["source_sha256"].to_numpy() if "source_sha256" in records else np.full(len(records), "")
    frame = things.assign(day=local[things["row"]], account_id=account[things["row"]], file=file[things["row"]])
    both = of_both_days(records, marked).to_numpy()
    if both.any():
        frame = frame[both[frame["row"]]]
    else:  # a file a day: they are compared with each other, which the page says
        frame["file"] = ""
    frame["event"] = frame["day"].isin(list(marked))
    once = frame.drop_duplicates(["kind", "thing", "day", "account_id"])
    shares = once.groupby("file")["event"].mean()
    once = once.assign(share=once["file"].map(shares[(shares > 0) & (shares < 1)])).dropna(subset="share")
    per = once.groupby(["kind", "thing"], observed=True)
    counts = per["event"].agg(["sum", "size"]).assign(share=per["share"].mean())
    counts = counts[counts["size"] >= LEAST_DAYS]
    if not len(counts):
        return empty
    x, n = counts["sum"].to_numpy(np.int64), counts["size"].to_numpy(np.int64)
    table = _tested(x, n, counts["share"].to_numpy(np.float64))
    table = pd.concat([counts.index.to_frame(index=False), table], axis=1)
    table = table[table["q"] < 0.05].sort_values(["p", "kind", "thing"], kind="stable").head(most)
    labels = things.drop_duplicates(["kind", "thing"]).set_index(["kind", "thing"])["label"]
    rows = [
        {**row, "label": labels[(row["kind"], row["thing"])], **_raisers(frame, row, cluster_of)}
        for row in table.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=list(RISEN))


def _tested(x: np.ndarray[Any, Any], n: np.ndarray[Any, Any], share: np.ndarray[Any, Any]) -> pd.DataFrame:
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
    raised_rows = frame[(frame["kind"] == row["kind"]) & (frame["thing"] == row["thing"]) & frame["event"]]
    per = raised_rows["account_id"].value_counts()
    inside = Counter(cluster_of[account] for account in per.index if account in cluster_of)
    return {
        "accounts": len(per),
        "top_share": float(per[:TOP].sum() / per.sum()),
        "clusters": sorted(number for number, n in inside.items() if 10 * n >= len(per)),
    }


def post_watch(  # noqa: PLR0913 -- what can make a post worth a look, each by its name
    records: pd.DataFrame,
    things: pd.DataFrame,
    *,
    terms: Sequence[WatchTerm] = (),
    claims: Mapping[str, str] | None = None,
    cluster_of: Mapping[str, int] | None = None,
    complained: Sequence[str] = (),
    most: int | None = 50,
) -> pd.DataFrame:
    """Return the texts that a person should look at now, one row per text with its copies: :data:`QUEUE`.

    Parameters
    ----------
    records : pandas.DataFrame
        ``record_id, account_id, created_at, kind, text`` and, where known, ``ref_record_id`` and ``metrics``.
    things : pandas.DataFrame
        As :func:`things_of` gives them for these records.
    terms : sequence of WatchTerm
        The case's own; a text has one where one of its copies has it.
    claims : mapping of claim -> text
        Registered claims; which text carries one, :mod:`spmc_tools.text.claim_match` says.
    cluster_of : mapping of account -> cluster
        Findings; a cluster carries a text where it has a tenth of the accounts that copied or reposted it.
    complained : sequence of str
        Record ids that citizens complained about.
    most : int or None
        At most so many rows; None: all.

    Notes
    -----
    ``reasons`` says why a row is there: rising, wide (copied by twenty accounts or more), term, claim, finding,
    complaint. Rows are ordered by how many reasons they have, then by copies and reposts in the last hour, then by
    time: an order of work, not of judgement. ``posts`` and ``accounts`` are those of the copies, ``reposts`` those in
    this data; reposts of a post that is not in the data are a row of their own without a copy. ``views`` is the
    largest of its posts, since views are never added up.
    """
    acts, keys = _acts(records, things)
    if not len(acts):
        return pd.DataFrame({name: [] for name in QUEUE})
    table = _spread(records, acts)
    look = _Look(terms, claims or {}, complained, cluster_of or {})
    of_terms, of_claims = _terms(keys, look.terms), _claims(keys, look.claims)
    clusters, complaints = _carried(acts, look.cluster_of), set(acts["code"][acts["record_id"].isin(set(complained))])
    reasons: dict[str, set[int]] = {
        "rising": set(table.index[(table["last_hour"] >= LEAST_LAST_HOUR) & (table["p_rising"] < RISING_P)]),
        "wide": set(table.index[table["accounts"] >= WIDE]),
        "term": set(of_terms),
        "claim": set(of_claims),
        "finding": set(clusters),
        "complaint": complaints,
    }
    chosen = table[table.index.isin(set().union(*reasons.values()))]
    rows = [
        {
            **row,
            "thing": thing_id(str(row["thing"])),
            "reasons": [reason for reason, codes in reasons.items() if code in codes],
            "terms": of_terms.get(code, []),
            "claims": of_claims.get(code, []),
            "clusters": clusters.get(code, []),
        }
        for code, row in zip(chosen.index.tolist(), chosen.to_dict("records"), strict=True)
    ]
    rows.sort(key=lambda row: (-len(row["reasons"]), -row["last_hour"], row["first_seen"], row["thing"]))
    return pd.DataFrame(rows[:most], columns=list(QUEUE))


def pointed_at(texts: Iterable[str | None], records: pd.DataFrame) -> set[str]:
    """Return the ids of the records whose address stands in one of the texts: what complaints point at.

    Parameters
    ----------
    texts : iterable of str or None
        Complaints as received.
    records : pandas.DataFrame
        ``record_id`` and, where known, ``url``.

    Notes
    -----
    An address means a record where it is the record's own, whatever stands after "?", or has the record's id of at
    least eight characters between two strokes. Known error: short forms of addresses are not followed, so what they
    lead to is not found.
    """
    from urllib.parse import urlsplit

    found: set[str] = set()
    parts, addresses = set[str](), set[str]()
    for text in texts:
        for address in URL.findall(text or ""):
            try:
                whole = urlsplit(address if "//" in address else f"https://{address}")
            except ValueError:
                continue
            addresses.add(f"{whole.netloc}{whole.path.rstrip('/')}".casefold())
            parts.update(part for part in whole.path.split("/") if len(part) >= SHORTEST_ID)
    if parts:
        found.update(records.loc[records["record_id"].isin(parts), "record_id"].tolist())
    if addresses and "url" in records:
        record_addresses = records["url"].astype("str").str.replace(_AROUND_ADDRESS, "", regex=True).str.casefold()
        found.update(records.loc[record_addresses.isin(addresses), "record_id"].tolist())
    return found


def _acts(records: pd.DataFrame, things: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return who copied or reposted which text when, in order of time, and the match keys of each text.

    The first has ``code`` (a text, by number), ``thing``, ``row`` (in ``records``), ``own`` (a copy, no repost),
    ``t, account_id, record_id``; the second ``code, key``, each pair once.
    """
    texts = things[things["kind"] == "text"]
    codes, found = pd.factorize(texts["thing"])
    names = np.asarray(found, dtype=object)
    copies = pd.DataFrame({"code": codes, "row": texts["row"].to_numpy(), "own": True})
    keys = pd.DataFrame({"code": codes, "key": texts["key"].to_numpy()})
    acts = [copies]
    if "ref_record_id" in records:
        passed = np.flatnonzero((records["kind"] == "repost").to_numpy() & records["ref_record_id"].notna().to_numpy())
        refs = records["ref_record_id"].to_numpy(dtype=object)[passed]
        code_of = pd.Series(codes, index=records["record_id"].to_numpy(dtype=object)[copies["row"]])
        known = code_of[~code_of.index.duplicated()].reindex(refs).fillna(-1).to_numpy(np.int64, copy=True)
        absent, absent_names = pd.factorize(refs[known < 0])
        known[known < 0] = absent + len(names)
        acts.append(pd.DataFrame({"code": known, "row": passed, "own": False}))
        names = np.concatenate([names, np.array([f"repost of {name}" for name in absent_names], dtype=object)])
    whole = pd.concat(acts, ignore_index=True)
    rows = whole["row"].to_numpy()
    whole = whole.assign(
        t=records["created_at"].array[rows],
        account_id=records["account_id"].to_numpy(dtype=object)[rows],
        record_id=records["record_id"].to_numpy(dtype=object)[rows],
        thing=names[whole["code"]],
    ).sort_values(["t", "record_id"], kind="stable", ignore_index=True)
    lone = whole[whole["code"] >= codes.max(initial=-1) + 1].drop_duplicates("code")
    lone_keys = match_keys(
        None if pd.isna(text) else text for text in records["text"].to_numpy(dtype=object)[lone["row"]]
    )
    keys = pd.concat(
        [keys, pd.DataFrame({"code": lone["code"].to_numpy(np.int64), "key": lone_keys})], ignore_index=True
    )
    return whole, keys.drop_duplicates(ignore_index=True)


def _spread(records: pd.DataFrame, acts: pd.DataFrame) -> pd.DataFrame:
    """Return one row per text: where it was first, how far it went, and how it goes now; the index is its code."""
    first = acts.sort_values("own", ascending=False, kind="stable").drop_duplicates("code").set_index("code")
    copies, now = acts[acts["own"]], acts["t"].max()
    views = pd.Series(_views(records)[acts["row"].to_numpy()]).groupby(acts["code"].to_numpy()).max()
    per = acts.groupby("code")
    table = pd.DataFrame(
        {
            "thing": first["thing"],
            "text": pd.Series(records["text"].to_numpy(dtype=object)[first["row"]], index=first.index),
            "record_id": first["record_id"],
            "first_seen": per["t"].min(),
            "last_seen": per["t"].max(),
            "acts": per.size(),
            "posts": copies.groupby("code").size(),
            "accounts": copies.groupby("code")["account_id"].nunique(),
            "last_hour": acts[acts["t"] > now - pd.Timedelta(hours=1)].groupby("code").size(),
            "views": views,
        }
    )
    whole = ["posts", "accounts", "last_hour"]
    table[whole] = table[whole].fillna(0).astype(np.int64)
    table["reposts"] = table["acts"] - table["posts"]
    return table.join(_rising(table, now))


def _views(records: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    if "metrics" not in records:
        return np.full(len(records), np.nan)
    found = [metrics.get("views") if isinstance(metrics, dict) else None for metrics in records["metrics"].tolist()]
    return np.array([np.nan if value is None else float(value) for value in found])


def _rising(table: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Return what a text had per hour before the last one, and how probable so many in the last one are."""
    from scipy.stats import poisson

    hours = np.maximum((now - table["first_seen"]).dt.total_seconds().to_numpy() / 3600 - 1, 1.0)
    before = (table["acts"] - table["last_hour"]).to_numpy() / hours
    p = np.ones(len(table))
    lively = table["last_hour"].to_numpy() > 0
    p[lively] = poisson.sf(table["last_hour"].to_numpy()[lively] - 1, np.maximum(before[lively], LEAST_PER_HOUR))
    return pd.DataFrame({"before_per_hour": before, "p_rising": p}, index=table.index)


def _terms(keys: pd.DataFrame, terms: Sequence[WatchTerm]) -> dict[int, list[str]]:
    """Return the terms that stand in one of the copies of each text, in the order in which they were entered."""
    if not terms:
        return {}
    wanted = [f" {watch_term.key} " for watch_term in terms]
    found: dict[int, set[int]] = {}
    for code, key in zip(keys["code"].tolist(), keys["key"].tolist(), strict=True):
        padded = f" {key} "
        for place, term in enumerate(wanted):
            if term in padded:
                found.setdefault(code, set()).add(place)
    return {code: [terms[place].term for place in sorted(places)] for code, places in found.items()}


def _claims(keys: pd.DataFrame, claims: Mapping[str, str]) -> dict[int, list[str]]:
    """Return the registered claims that the copies of each text carry; claims of one text are told together."""
    if not claims:
        return {}
    of_text: dict[str, list[str]] = {}
    for claim, text in sorted(claims.items()):
        of_text.setdefault(text, []).append(claim)
    said = list(of_text)
    found: dict[int, set[str]] = {}
    matches = claims_in_keys(keys["key"].tolist(), said)
    for code, match in zip(keys["code"].tolist(), matches, strict=True):
        if match is not None:
            found.setdefault(code, set()).update(of_text[said[match.claim]])
    return {code: sorted(claim_ids) for code, claim_ids in found.items()}


def _carried(acts: pd.DataFrame, cluster_of: Mapping[str, int]) -> dict[int, list[int]]:
    """Return the clusters of at least a tenth of the accounts that copied or reposted each text."""
    if not cluster_of:
        return {}
    pairs = acts[["code", "account_id"]].drop_duplicates()
    everybody = pairs.groupby("code").size()
    inside = pairs.assign(cluster=pairs["account_id"].map(cluster_of)).dropna(subset="cluster")
    counts = inside.groupby(["code", "cluster"]).size().reset_index(name="n")
    found: dict[int, list[int]] = {}
    for code, cluster, n in counts.astype(np.int64).itertuples(index=False):
        if 10 * n >= everybody[code]:
            found.setdefault(code, []).append(cluster)
    return found
