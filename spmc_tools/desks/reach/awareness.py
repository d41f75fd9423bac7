r"""What the centre's campaigns reached: posts tagged with a campaign beside the page's other posts.

Formulas
--------
* Of one post: engagement per thousand :math:`= 1000\,e/b`, with e the platform's own engagements (else the sum of
  reactions, comments, shares, saves) and b the accounts reached where at least half of the platform's posts tell them,
  else its impressions, else its views. A post with fewer than :data:`LEAST` has no rate.
* Of several posts: the median, with the interval between order statistics k and n + 1 - k, where k is the largest with
  :math:`P(\mathrm{Bin}(n, 1/2) < k) \le 0.025`; fewer than six posts have none. Reach is never added: the same
  account is
  reached by many posts.
* Of two sets of posts: the ratio of geometric means with Welch's t interval on the logarithms. That a campaign
  differs is said only where the interval at :math:`1 - 0.05/m` leaves out 1, with m the comparisons made (Bonferroni).

Assumptions
-----------
Posts are independent: several on one news day are not, and the intervals are then too narrow. Logarithms of rates are
near to normal.

Known false readings
--------------------
Nothing here shows that a campaign, an hour or a form *caused* anything: who posts what when is not drawn by lot, the
platform shows some forms more, and paid reach is not told apart. The best of many posts is partly luck. Views and
accounts
reached are different things: platforms are never compared with each other.

References
----------
Welch (1947), Biometrika 34, 28-35. Conover (1999), Practical Nonparametric Statistics, 3rd ed., 3.2 (interval of a
median).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import ParameterError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from spmc_tools.case.store.case import Case

__all__ = ["BY", "LEAST", "Awareness", "awareness", "best", "campaigns", "groups", "median_of", "posts_of", "ratio"]

LEAST = 50
"""Fewest accounts or views for which a rate per thousand is given."""

BY = ("form", "language", "hour", "weekday")
"""What posts are grouped by, within each platform."""

FEWEST = 5
"""Fewest posts on each side of a comparison."""

BEFORE_DAYS = 28
BASELINE_DAYS = 90
PARTS = (("reactions", "likes"), ("comments", "replies"), ("shares",), ("reposts",), ("saves",), ("bookmarks",))
"""What engagement is added from where the platform does not give it; of each only the first that is there."""


@dataclass(frozen=True)
class Awareness:
    """Posts with their figures, the campaigns they belong to, and what could not be used.

    ``posts``: platform, page, record_id, posted_at, language, form, base, engagement, rate (null where hidden),
    campaign
    (null: none). ``bases``: by platform, what base counts. ``names``: campaign_id, name, theme.
    """

    posts: pd.DataFrame
    names: pd.DataFrame
    bases: dict[str, str]
    counts: dict[str, int]


def awareness(case: Case, date_from: str | None = None, date_to: str | None = None) -> Awareness | None:
    """Return the campaigns of a case; None where it holds no figures of posts.

    Parameters
    ----------
    date_from, date_to : str, optional
        Days as 2025-11-10, inclusive, in IST, of the posts' publication; None: all.

    Raises
    ------
    ParameterError
        Where the days are exchanged.
    """
    import pandas as pd

    from spmc_tools.desks.base.calendar import IST

    if date_from and date_to and date_to < date_from:
        raise ParameterError(f"date_to is {date_to}, which lies before date_from, {date_from}; exchange them.")
    table = case.table(
        "post_metrics",
        [
            "platform",
            "page",
            "record_id",
            "metric",
            "value",
            "observed_at",
            "posted_at",
            "language",
            "form",
        ],
    )
    if not table.num_rows:
        return None
    posts, bases = posts_of(table)
    known = set(zip(posts["platform"], posts["record_id"], strict=True))
    local = posts["posted_at"].dt.tz_convert(IST)
    day = local.dt.strftime("%Y-%m-%d")
    keep = pd.Series(True, index=posts.index)
    keep &= True if date_from is None else day >= date_from
    keep &= True if date_to is None else day <= date_to
    timed = (local != local.dt.normalize()) & local.notna()
    knows_hours = timed.groupby(posts["platform"]).transform("any")  # X gives days alone
    posts = posts.assign(hour=local.dt.hour.where(knows_hours), weekday=local.dt.day_of_week)[keep].reset_index(
        drop=True
    )
    tags = case.table("campaigns").to_pandas().drop_duplicates(["platform", "record_id", "campaign_id"], keep="last")
    twice = int((tags.groupby(["platform", "record_id"]).size() > 1).sum())
    tags = tags.drop_duplicates(["platform", "record_id"], keep="last")
    posts = posts.merge(tags[["platform", "record_id", "campaign_id"]], on=["platform", "record_id"], how="left")
    counts = {
        "posts": len(posts),
        "outside": int((~keep).sum()),
        "no_base": int(posts["base"].isna().sum()),
        "no_engagement": int(posts["engagement"].isna().sum()),
        "no_log": int((posts["rate"] == 0).sum()),
        "twice": twice,
        "small": int((posts["base"] < LEAST).sum()),
        "no_time": int(posts["posted_at"].isna().sum()),
        "not_found": sum(pair not in known for pair in zip(tags["platform"], tags["record_id"], strict=True)),
    }
    names = tags.drop_duplicates("campaign_id", keep="last")[["campaign_id", "name", "theme"]]
    return Awareness(posts.rename(columns={"campaign_id": "campaign"}), names, bases, counts)


def posts_of(table: pa.Table) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return one row per post, in order of first import, and by platform what its base counts.

    Of several figures of one post and metric that observed last holds, then that imported last.

    Parameters
    ----------
    table : pyarrow.Table
        Rows of ``post_metrics``.
    """
    import numpy as np
    import pandas as pd

    frame: Any = pd.DataFrame(
        {
            name: pd.Categorical.from_codes(*_codes(table.column(name)))
            for name in ("platform", "page", "record_id", "metric", "language", "form")
        }
    )
    frame["value"] = table.column("value").to_numpy()
    for name in ("observed_at", "posted_at"):
        frame[name] = table.column(name).to_pandas()
    key = frame["platform"].cat.codes.astype("int64") * (len(frame["record_id"].cat.categories) + 1)
    post, _ = pd.factorize(key + frame["record_id"].cat.codes)
    order = (
        frame["observed_at"].argsort(kind="stable").to_numpy() if frame["observed_at"].notna().any() else slice(None)
    )
    metrics = list(frame["metric"].cat.categories)
    figures = np.full((post.max() + 1, len(metrics)), np.nan)
    figures[post[order], frame["metric"].cat.codes.to_numpy()[order]] = frame["value"].to_numpy()[order]
    last = np.empty(post.max() + 1, dtype=np.int64)
    last[post[order]] = np.arange(len(frame))[order]
    found = frame.iloc[last][["platform", "page", "record_id", "posted_at", "language", "form"]].reset_index(drop=True)
    for name in ("platform", "page", "record_id", "language", "form"):
        found[name] = found[name].astype(object).where(found[name].notna(), None)
    wide = pd.DataFrame(figures, columns=metrics)
    found["engagement"] = _engagement(wide)
    return _with_base(found, wide)


def _codes(column: pa.ChunkedArray) -> tuple[Any, Any]:
    import numpy as np

    encoded = column.combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, encoded.dictionary.to_pylist()


def _engagement(wide: pd.DataFrame) -> pd.Series:
    """Return the engagements of posts: as the platform adds them, else the parts that it gives."""
    import pandas as pd

    total = pd.Series(float("nan"), index=wide.index)
    for name in ("engagements", "interactions"):
        if name in wide:
            total = total.fillna(wide[name])
    parts = pd.DataFrame(index=wide.index)
    for names in PARTS:
        there = [wide[name] for name in names if name in wide]
        if there:
            part = there[0]
            for more in there[1:]:
                part = part.fillna(more)
            parts[names[0]] = part
    return total.fillna(parts.sum(axis=1, min_count=1)) if len(parts.columns) else total


def _with_base(found: pd.DataFrame, wide: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    bases: dict[str, str] = {}
    found["base"] = float("nan")
    for platform, places in found.groupby("platform", sort=True).groups.items():
        shares = {
            name: wide.loc[places, name].notna().mean() for name in ("reach", "impressions", "views") if name in wide
        }
        usable = [name for name, share in shares.items() if share >= 0.5] or [
            name for name, share in shares.items() if share
        ]
        if usable:
            bases[str(platform)] = usable[0]
            found.loc[places, "base"] = wide.loc[places, usable[0]]
    found["rate"] = (1000 * found["engagement"] / found["base"]).where(found["base"] >= LEAST)
    return found, bases


def median_of(values: npt.NDArray[np.float64]) -> tuple[float | None, float | None, float | None]:
    """Return the median and its 95 % interval between order statistics; None where there is none.

    NaN is left out; with fewer than six values there is no interval.
    """
    import numpy as np
    from scipy.stats import binom

    known = np.sort(values[~np.isnan(values)])
    n = len(known)
    if not n:
        return None, None, None
    k = int(binom.ppf(0.025, n, 0.5))
    k -= int(k > 0 and binom.cdf(k - 1, n, 0.5) > 0.025)
    if k < 1:
        return float(np.median(known)), None, None
    return float(np.median(known)), float(known[k - 1]), float(known[n - k])


def ratio(
    ones: npt.NDArray[np.float64], others: npt.NDArray[np.float64], level: float = 0.95
) -> tuple[float | None, float | None, float | None]:
    """Return the geometric mean of ones over that of others, with Welch's interval; None where there are too few.

    NaN, and 0, which has no logarithm, are left out; at least five on each side must remain.

    Parameters
    ----------
    ones, others : ndarray of float
        The two sides.
    level : float
        Share of samples whose interval holds the true ratio.
    """
    import numpy as np
    from scipy.stats import t

    logs = [np.log(sample[sample > 0]) for sample in (ones, others)]
    if min(map(len, logs)) < FEWEST:
        return None, None, None
    mean = float(logs[0].mean() - logs[1].mean())
    parts = [float(log.var(ddof=1)) / len(log) for log in logs]
    spread = sum(parts)
    if spread == 0:
        return float(np.exp(mean)), float(np.exp(mean)), float(np.exp(mean))
    freedom = spread**2 / sum(part**2 / (len(log) - 1) for part, log in zip(parts, logs, strict=True))
    half = float(t.ppf((1 + level) / 2, freedom)) * spread**0.5
    return float(np.exp(mean)), float(np.exp(mean - half)), float(np.exp(mean + half))


def groups(posts: pd.DataFrame, by: str) -> list[dict[str, Any]]:
    """Return the posts of each platform by one column: how many, median base and median rate with their intervals.

    Returns
    -------
    list of dict
        platform, value (None: not said), n, rated, base, rate, low, high; most posts first, hours and weekdays in
        order.
    """
    import pandas as pd

    found: list[dict[str, Any]] = []
    key: Any
    for key, part in posts.groupby(["platform", by], dropna=False, sort=True):
        platform, value = key
        rate, low, high = median_of(part["rate"].to_numpy(dtype=float))
        base, _, _ = median_of(part["base"].to_numpy(dtype=float))
        name = None if pd.isna(value) else int(value) if by in {"hour", "weekday"} else str(value)
        found.append(
            {
                "platform": str(platform),
                "value": name,
                "n": len(part),
                "rated": int(part["rate"].notna().sum()),
                "base": base,
                "rate": rate,
                "low": low,
                "high": high,
            }
        )
    if by in {"hour", "weekday"}:
        return found
    return sorted(found, key=lambda group: (group["platform"], -group["n"], group["value"] or ""))


def campaigns(desk: Awareness) -> list[dict[str, Any]]:
    """Return each campaign on each platform beside the page's own other posts.

    Returns
    -------
    list of dict
        campaign, name, theme, platform, n, first, last; base and rate with low and high (medians); ``beside``: ratio of
        the campaign's rates to those of posts of the same pages that belong to no campaign, from 90 days before its
        first to its last post; ``base_beside``: the same of base; ``after``: of those other posts alone, rates in the
        28 days from the first post on over the 28 days before it. Each with ``low``, ``high``, ``n``. ``differs``:
        ``higher`` or ``lower`` where the ratio to the other posts is not 1 even when it is allowed for that so many
        comparisons were made (Bonferroni), ``no`` where that is open, ``few`` where there are too few posts.
    """
    posts, names = desk.posts, desk.names.set_index("campaign_id")
    plain = posts[posts["campaign"].isna()]
    found, sides = [], []
    key: Any
    for key, campaign_posts in posts[posts["campaign"].notna()].groupby(["campaign", "platform"], sort=True):
        campaign, platform = key
        first, last = campaign_posts["posted_at"].min(), campaign_posts["posted_at"].max()
        others = plain[(plain["platform"] == platform) & plain["page"].isin(set(campaign_posts["page"]))]
        times = others["posted_at"]
        beside = others[(times >= first - timedelta(days=BASELINE_DAYS)) & (times <= last)]
        before = others[(times >= first - timedelta(days=BEFORE_DAYS)) & (times < first)]
        after = others[(times >= first) & (times < first + timedelta(days=BEFORE_DAYS))]
        sides.append((campaign_posts["rate"].to_numpy(dtype=float), beside["rate"].to_numpy(dtype=float)))
        rate, low, high = median_of(campaign_posts["rate"].to_numpy(dtype=float))
        base, base_low, base_high = median_of(campaign_posts["base"].to_numpy(dtype=float))
        said = names.loc[campaign]
        found.append(
            {
                "campaign": campaign,
                "name": said["name"],
                "theme": said["theme"],
                "platform": str(platform),
                "n": len(campaign_posts),
                "first": first,
                "last": last,
                "counts": desk.bases.get(str(platform)),
                "base": base,
                "base_low": base_low,
                "base_high": base_high,
                "rate": rate,
                "low": low,
                "high": high,
                "beside": _compared(campaign_posts, beside, "rate"),
                "base_beside": _compared(campaign_posts, beside, "base"),
                "after": _compared(after, before, "rate"),
            }
        )
    made = sum(row["beside"]["low"] is not None for row in found)
    for row, (ones, others) in zip(found, sides, strict=True):
        row["differs"] = _differs(ones, others, made)
    return found


def _differs(ones: npt.NDArray[np.float64], others: npt.NDArray[np.float64], made: int) -> str:
    _, low, high = ratio(ones, others, 1 - 0.05 / max(made, 1))
    if low is None or high is None:
        return "few"
    return "higher" if low > 1 else "lower" if high < 1 else "no"


def _compared(ones: pd.DataFrame, others: pd.DataFrame, column: str) -> dict[str, Any]:
    sides = [part[column].to_numpy(dtype=float) for part in (ones, others)]
    value, low, high = ratio(sides[0], sides[1])
    return {"ratio": value, "low": low, "high": high, "n": [int((side > 0).sum()) for side in sides]}


def best(posts: pd.DataFrame, most: int = 5) -> list[dict[str, Any]]:
    """Return on each platform the posts with the highest rates, of those with at least a quarter of the median base.

    Returns
    -------
    list of dict
        platform, record_id, campaign, form, language, posted_at, ``timed`` (False: the platform gives the day alone),
        base, rate, ``times`` (rate over the platform's median).
    """
    found = []
    for platform, part in posts.groupby("platform", sort=True):
        rated = part[part["rate"].notna() & (part["base"] >= part["base"].median() / 4)]
        middle = float(rated["rate"].median()) if len(rated) else 0.0
        for row in rated.sort_values(["rate", "record_id"], ascending=[False, True]).head(most).to_dict("records"):
            keys = ("record_id", "campaign", "form", "language", "posted_at", "base", "rate")
            plain = {key: None if row[key] is None or row[key] != row[key] else row[key] for key in keys}
            plain["timed"] = row["hour"] == row["hour"]
            found.append({"platform": str(platform), **plain, "times": row["rate"] / middle if middle else None})
    return found
