"""Where the pages of a centre stand: ranks by followers, growth over a span, daily figures with their breaks.

Formulas
--------
* A figure rounded to a step r stands for anything from f - (r - 1)/2 to f + (r - 1)/2. A page's *rank* is 1 + the
  number of pages above it (equal figures share a rank); its *best* and *worst* rank count only pages that are surely
  above, and all that may be.
* Growth from one day to another: the last figure at or before each, subtracted; its margin is (r1 - 1)/2 + (r2 - 1)/2.
* Two snapshots of a page *contradict* each other where they lie at most an hour apart and differ by more than both
  roundings, (r1 - 1)/2 + (r2 - 1)/2, and what a page may gain or lose meanwhile: nothing at the same moment, else
  :data:`FEW` followers or :data:`HOURLY` of the larger figure for each hour, whichever is more.
* Over all platforms a state counts with its largest page on each; where a platform is missing its sum is a least one.

Assumptions
-----------
A snapshot holds until the next, for at most ``oldest_days``. Followers of several platforms are added as published
figures are; one person who follows on all four counts four times.

Known false readings
--------------------
A page that was renamed looks lost and new; it is never joined by itself. A jump may be a purge of accounts by the
platform. Reach counts accounts: it is never added up, neither over posts nor over days. What Meta called impressions it
calls views since late 2024: the two are never joined. There is no forecast.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from spmc_tools.desks.base.calendar import IST, find_event
from spmc_tools.desks.base.places import english_state
from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.base.calendar import Event

__all__ = [
    "ADDED",
    "NEVER_ADDED",
    "PLATFORMS",
    "Standing",
    "contradictions",
    "daily",
    "gaps",
    "growth",
    "latest",
    "lost",
    "overall",
    "ranked",
    "revised",
    "span_of",
    "standing",
    "timeline",
    "totals",
]

PLATFORMS = ("facebook", "x", "instagram", "youtube")
"""What "all platforms together" means, in the order of the report."""

ADDED = ("impressions", "views", "video_views", "engagements", "follows", "unfollows", "profile_visits")
"""Figures of a day that may be added over days."""

NEVER_ADDED = ("reach",)
"""Figures that count accounts: one account on two days or posts counts once, so days and posts are never added."""

SAME_HOUR = timedelta(hours=1)
HOURLY = 0.005
"""Share of its followers that a page may gain or lose in an hour: far more than any did over months (a page that grows
from 4.85 to 6.65 lakh in two months gains 0.02 % an hour), far less than a mistyped digit."""

FEW = 10
"""Followers that a page of any size may gain or lose between two moments."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """What the desk knows: snapshots and metrics as imported, the state whose pages are one's own, the two moments.

    ``event`` is the election or festival of the case, whose days the charts mark beside all festivals; None: none.
    """

    snapshots: pd.DataFrame
    metrics: pd.DataFrame
    state: str
    start: datetime
    end: datetime
    oldest_days: int
    event: Event | None = None


def standing(
    case: Case, state: str | None = None, start: str | None = None, end: str | None = None, oldest_days: int = 14
) -> Standing | None:
    """Return the standing of one state's pages; None where the case holds no snapshot.

    Parameters
    ----------
    state : str, optional
        As the column ``state`` says it, or another name of that state of India, in English or Hindi; None: that of the
        pages whose source is "own statistics".
    start, end : str, optional
        Days as 2025-11-10, in IST; what was seen until their end counts. None: the day of the last snapshot, and two
        months (61 days) before it.
    oldest_days : int
        A page not seen for longer has no figure.

    Raises
    ------
    ParameterError
        Where the state has no snapshot or the days are exchanged.
    """
    snapshots = case.table("page_snapshots").to_pandas()
    if not len(snapshots):
        return None
    names = snapshots["state"].fillna(snapshots["page"])
    snapshots["state"] = names.map({name: english_state(str(name)) for name in names.unique()})
    if state is None:
        own_states = snapshots.loc[snapshots["source"] == "own statistics", "state"]
        state = str((own_states if len(own_states) else snapshots["state"]).mode().iloc[0])
    state = english_state(state)
    if state not in set(snapshots["state"]):
        known = ", ".join(sorted(set(snapshots["state"]))[:40])
        raise ParameterError(f"state: {quote(state)} has no snapshot; states with one: {known}.")
    until = _end_of(end or _day_of(snapshots["observed_at"].max()))
    since = _end_of(start) if start else until - 61 * DAY
    if since >= until:
        raise ParameterError(f"end is {_day_of(until)}, not after start, {_day_of(since)}; exchange them.")
    metrics, event = case.table("page_metrics").to_pandas(), find_event(case.settings.event)
    return Standing(snapshots, metrics, state, since, until, oldest_days, event)


def _day_of(moment: datetime) -> str:
    return moment.astimezone(IST).date().isoformat()


def _end_of(day: str) -> datetime:
    moment = datetime.fromisoformat(day).replace(tzinfo=IST) + DAY - timedelta(microseconds=1)
    return moment.astimezone(UTC)


def span_of(desk: Standing) -> tuple[datetime, datetime]:
    """Return the whole days of the desk's span, half open: from the midnight of its first day to that of its last."""
    start, end = (_end_of(_day_of(moment)) + timedelta(microseconds=1) - DAY for moment in (desk.start, desk.end))
    return start, end


def latest(snapshots: pd.DataFrame, at: datetime, oldest_days: int = 14) -> pd.DataFrame:
    """Return one row per page: its last snapshot at or before a moment.

    Returns
    -------
    DataFrame
        platform, page, state, followers, rounding, observed_at, ``seen`` (False: not to be seen, or seen longer ago
        than ``oldest_days``; its followers are then null), ``last_seen`` (of the last figure, NaT where none).

    Notes
    -----
    Of several snapshots at one moment that with the finest rounding holds, then the one imported last.
    """
    import pandas as pd

    known = snapshots[snapshots["observed_at"] <= at].copy()
    known["rounding"] = known["rounding"].fillna(1)
    known = known.assign(_fine=-known["rounding"]).sort_values(["observed_at", "_fine"], kind="stable")
    last = known.groupby(["platform", "page"], sort=True).tail(1).set_index(["platform", "page"])
    figures = known[known["followers"].notna()].groupby(["platform", "page"])["observed_at"].max()
    last["last_seen"] = figures.reindex(last.index)
    fresh = last["observed_at"] >= pd.Timestamp(at) - pd.Timedelta(days=oldest_days)
    last["seen"] = last["followers"].notna() & fresh
    last.loc[~last["seen"], "followers"] = None
    columns = ["platform", "page", "state", "followers", "rounding", "observed_at", "seen", "last_seen"]
    return last.sort_index().reset_index()[columns]


def ranked(figures: pd.DataFrame) -> pd.DataFrame:
    """Return figures in order of rank, with ``rank``, ``best`` and ``worst``; pages without a figure come last.

    Parameters
    ----------
    figures : DataFrame
        ``followers`` and ``rounding`` (the whole width of what the figure stands for); any other column is kept.
    """
    import numpy as np

    seen = figures[figures["followers"].notna()].copy()
    value = seen["followers"].to_numpy(dtype=float)
    half = (seen["rounding"].to_numpy(dtype=float) - 1).clip(0) / 2
    low, high = value - half, value + half
    seen["rank"] = len(value) - np.searchsorted(np.sort(value), value, side="right") + 1
    seen["best"] = len(low) - np.searchsorted(np.sort(low), high, side="right") + 1
    # a page itself may be at or above its own low: it does not count against itself
    seen["worst"] = len(high) - np.searchsorted(np.sort(high), low, side="left")
    seen = seen.sort_values(["rank", *[c for c in ("state", "page") if c in seen]], kind="stable")
    lost = figures[figures["followers"].isna()].assign(rank=None, best=None, worst=None)
    import pandas as pd

    parts = [part.astype(object) for part in (seen, lost) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else figures.assign(rank=None, best=None, worst=None)


def overall(pages: pd.DataFrame, platforms: Sequence[str] = PLATFORMS) -> pd.DataFrame:
    """Return one row per state: followers of its largest page on each platform, added, in order of rank.

    Returns
    -------
    DataFrame
        state, followers, rounding (the roundings added), ``lacks`` (platforms without a figure), rank, best, worst.
        A state that lacks a platform is ranked by what is there: its true rank may be better.
    """
    import pandas as pd

    counted_pages = pages[pages["platform"].isin(platforms) & pages["followers"].notna()]
    if not len(counted_pages):
        return ranked(pd.DataFrame({"state": [], "followers": [], "rounding": [], "lacks": []}))
    largest = counted_pages.sort_values("followers", kind="stable").groupby(["state", "platform"]).tail(1)
    wide = largest.pivot(index="state", columns="platform", values="followers").reindex(columns=list(platforms))
    table = largest.groupby("state")[["followers", "rounding"]].sum()
    table["lacks"] = [[name for name in platforms if pd.isna(row[name])] for _, row in wide.loc[table.index].iterrows()]
    return ranked(table.reset_index())


def growth(then: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Return how much each page gained between two answers of :func:`latest`.

    Returns
    -------
    DataFrame
        platform, page, state, ``before``, ``after``, ``gained`` (null where one is missing), ``margin`` (of the
        roundings), ``days`` between the two snapshots.
    """
    keys = ["platform", "page"]
    both = now.merge(then, on=keys, how="left", suffixes=("", "_then"))
    half = (both[["rounding", "rounding_then"]].astype(float) - 1).clip(lower=0).sum(axis=1) / 2
    return both[[*keys, "state"]].assign(
        before=both["followers_then"],
        after=both["followers"],
        gained=both["followers"].astype(float) - both["followers_then"].astype(float),
        margin=half,
        days=(both["observed_at"] - both["observed_at_then"]).dt.total_seconds() / 86_400,
    )


def lost(snapshots: pd.DataFrame, pages: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the pages that :func:`latest` could not see, and what may have become of them.

    Returns
    -------
    list of dict
        platform, page, state, last_seen (None: never), ``successor``: a page of the same state and platform first seen
        after it was seen last, which may be the same under a new name; None where there is none.
    """
    import pandas as pd

    first = snapshots[snapshots["followers"].notna()].groupby(["platform", "state", "page"])["observed_at"].min()
    found = []
    for row in pages[~pages["seen"]].to_dict("records"):
        gone = row["last_seen"]
        later = first[first > gone] if not pd.isna(gone) else first.iloc[:0]
        successors = [
            page for platform, state, page in later.index if (platform, state) == (row["platform"], row["state"])
        ]
        found.append(
            {
                **{key: row[key] for key in ("platform", "page", "state")},
                "last_seen": None if pd.isna(gone) else gone,
                "successor": successors[0] if successors else None,
            }
        )
    return found


def timeline(snapshots: pd.DataFrame, state: str, end: datetime, most: int = 120) -> list[dict[str, Any]]:
    """Return followers of a state's pages over time, up to a moment: the last figure of each of at most ``most`` steps.

    Returns
    -------
    list of dict
        platform, page, ``points`` (moment, followers), in order of time.
    """
    state_snapshots = snapshots[
        (snapshots["state"] == state) & (snapshots["observed_at"] <= end) & snapshots["followers"].notna()
    ]
    series = []
    for (platform, page), part in state_snapshots.sort_values("observed_at", kind="stable").groupby(
        ["platform", "page"]
    ):
        every = max(1, -(-len(part) // most))
        thin = part.iloc[::-every].iloc[::-1]
        points = list(zip(thin["observed_at"].dt.to_pydatetime(), map(float, thin["followers"]), strict=True))
        series.append({"platform": platform, "page": page, "points": points})
    return series


def contradictions(snapshots: pd.DataFrame) -> pd.DataFrame:
    """Return pairs of snapshots of one page, one after the other, that roundings and growth together cannot explain.

    Returns
    -------
    DataFrame
        platform, page, state, observed_at, ``one``, ``other``: followers of the earlier and the later.

    Notes
    -----
    The formula stands at the head of the module; beyond an hour nothing contradicts, since a platform may purge
    accounts. Known false positive: a page of some ten thousand followers that a film makes known within minutes.
    Unseen: a slip in the last digits between two moments.
    """
    import pandas as pd

    later = snapshots[snapshots["followers"].notna()].sort_values(["platform", "page", "observed_at"], kind="stable")
    before = later.groupby(["platform", "page"])[["observed_at", "followers", "rounding"]].shift()
    apart = (later["observed_at"] - before["observed_at"]).dt.total_seconds()
    half = [(side["rounding"].fillna(1).astype(float) - 1).clip(lower=0) / 2 for side in (later, before)]
    larger = pd.concat([later["followers"], before["followers"]], axis=1).astype(float).max(axis=1)
    meanwhile = (HOURLY * larger * apart / SAME_HOUR.total_seconds()).clip(lower=FEW).where(apart > 0, 0.0)
    differ = (later["followers"] - before["followers"]).abs() > half[0] + half[1] + meanwhile
    found: pd.DataFrame = later[(apart <= SAME_HOUR.total_seconds()) & differ]
    return found[["platform", "page", "state", "observed_at"]].assign(
        one=before.loc[found.index, "followers"], other=found["followers"]
    )


def totals(metrics: pd.DataFrame, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Return every figure of pages over a span: days added where they may be, breaks kept apart.

    Parameters
    ----------
    metrics : DataFrame
        As ``page_metrics``; what lies wholly in [start, end) counts.

    Returns
    -------
    list of dict
        platform, page, metric, definition, ``value`` (None where every figure is hidden), ``days`` covered, ``missing``
        days of the span without a figure, ``hidden`` rows without a value, ``parts`` (rows added). A figure that
        counts accounts is given for each of its own spans, never added.
    """
    import pandas as pd

    days = metrics["days"].fillna(1).astype(int)
    ends = metrics["day"] + pd.to_timedelta(days, unit="D")
    inside = metrics[(metrics["day"] >= pd.Timestamp(start)) & (ends <= pd.Timestamp(end))].assign(days=days)
    inside = inside.drop_duplicates(["platform", "page", "metric", "definition", "day", "days"], keep="last")
    span = max(1, round((end - start) / DAY))
    keys = ["platform", "page", "metric", "definition"]
    found = []
    key: Any
    for key, part in inside.groupby(keys, dropna=False, sort=True):
        name = dict(zip(keys, [None if pd.isna(key_part) else key_part for key_part in key], strict=True))
        groups = [part] if name["metric"] not in NEVER_ADDED else [part.iloc[n : n + 1] for n in range(len(part))]
        for group in groups:
            covered = int(group.loc[group["value"].notna(), "days"].sum())
            value = float(group["value"].sum()) if group["value"].notna().any() else None
            found.append(
                {
                    **name,
                    "value": value,
                    "days": covered,
                    "missing": max(0, span - covered),
                    "parts": len(group),
                    "hidden": int(group["value"].isna().sum()),
                    "first": group["day"].min(),
                }
            )
    return found


def daily(metrics: pd.DataFrame, platform: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return one series per metric and definition: the line breaks where the platform changed what it counts.

    Returns
    -------
    list of dict
        metric, definition, page, ``points`` (day, value or None for a day that is missing between two), in order of
        time. Between two series of one page stands a break. Of several figures of one day that imported last holds
        (:func:`revised` counts them).
    """
    import pandas as pd

    daily_rows = metrics[
        (metrics["platform"] == platform) & metrics["metric"].isin(names) & (metrics["days"].fillna(1) == 1)
    ]
    daily_rows = daily_rows.drop_duplicates(["page", "metric", "definition", "day"], keep="last")
    series: list[dict[str, Any]] = []
    key: Any
    for key, part in daily_rows.groupby(["page", "metric", "definition"], dropna=False, sort=False):
        page, metric, definition = key
        figures: Any = part.set_index("day")["value"].sort_index()
        whole = figures.reindex(pd.date_range(figures.index[0], figures.index[-1], freq="D"))
        points = [(day.to_pydatetime(), None if pd.isna(value) else float(value)) for day, value in whole.items()]
        said = None if pd.isna(definition) else definition
        series.append({"page": page, "metric": metric, "definition": said, "points": points})
    return sorted(series, key=lambda line: (line["page"], line["points"][0][0]))


def revised(metrics: pd.DataFrame) -> int:
    """Return of how many days or spans of a page a figure was imported again with another value: the last one holds."""
    import pandas as pd

    keys = ["platform", "page", "metric", "definition", "day", "days"]
    values = metrics.groupby(keys, dropna=False)["value"].nunique(dropna=False)
    return int((pd.Series(values) > 1).sum())


def gaps(points: Sequence[tuple[datetime, float | None]]) -> list[tuple[datetime, datetime]]:
    """Return the stretches of missing days in a series of days: first day and the day after the last, in order."""
    found: list[tuple[datetime, datetime]] = []
    for day, value in points:
        if value is not None:
            continue
        if found and found[-1][1] == day:
            found[-1] = (found[-1][0], day + DAY)
        else:
            found.append((day, day + DAY))
    return found
