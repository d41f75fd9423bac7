"""Values of the sections on where the pages stand: one's own, all ranks, growth, daily figures, what is odd."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from spmc_tools.desks.reach.standing import Standing

__all__ = ["standing", "standing_figures", "standing_growth", "standing_limits", "standing_ranks"]

ROWS, TOP = 60, 10
CHARTS, GAPS = 8, 40
HOUR_S = 3600


def _plain(value: Any) -> Any:
    return None if value is None or value != value else value  # noqa: PLR0124 -- NaN and NaT differ from themselves


def _rows(table: pd.DataFrame, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{name: _plain(row[name]) for name in columns} for row in table.to_dict("records")]


def _moments(ranking: Standing) -> tuple[pd.DataFrame, pd.DataFrame]:
    from spmc_tools.desks.reach.standing import latest

    return tuple(latest(ranking.snapshots, at, ranking.oldest_days) for at in (ranking.start, ranking.end))  # type: ignore[return-value]


def _own(ranking: Standing, table: pd.DataFrame) -> dict[str, Any] | None:
    """Return the first row of the own state: its largest page."""
    own = table[(table["state"] == ranking.state) & table["rank"].notna()]
    return dict(own.iloc[0]) if len(own) else None


def standing(ranking: Standing) -> dict[str, Any]:
    """Return the own pages: followers, rank and rank before on each platform and over all, what they gained."""
    from spmc_tools.desks.reach.standing import PLATFORMS, growth, overall, ranked

    then, now = _moments(ranking)
    gained = growth(then, now)
    own_gained = gained[gained["state"] == ranking.state].set_index(["platform", "page"])
    rows: list[dict[str, Any]] = []
    for platform in _platforms(now):
        after = ranked(now[now["platform"] == platform])
        own, before = _own(ranking, after), _own(ranking, ranked(then[then["platform"] == platform]))
        if own is None:
            rows.append({"platform": platform, "followers": None})
            continue
        change = own_gained.loc[(platform, own["page"])]
        rows.append(
            {
                "platform": platform,
                **{key: _plain(own[key]) for key in ("page", "followers", "rounding", "rank", "best", "worst")},
                "observed_at": own["observed_at"],
                "of": int(after["rank"].notna().sum()),
                "before": before["rank"] if before else None,
                **{key: _plain(change[key]) for key in ("gained", "margin", "days")},
                "above": [
                    row["state"]
                    for row in after.to_dict("records")
                    if row["rank"] is not None and row["rank"] < own["rank"]
                ][-2:],
            }
        )
    all_now, all_then = overall(now), overall(then)
    total, before_all = _own(ranking, all_now), _own(ranking, all_then)
    known = [row for row in rows if row["followers"] is not None and row["gained"] is not None]
    return {
        "state": ranking.state,
        "start": ranking.start,
        "end": ranking.end,
        "rows": rows,
        "platforms": len(PLATFORMS),
        "total": None
        if total is None
        else {key: total[key] for key in ("followers", "rank", "best", "worst", "lacks")},
        "states": len(all_now),
        "total_before": before_all["rank"] if before_all else None,
        "gained": sum(row["gained"] for row in known) if known else None,
        "margin": sum(row["margin"] for row in known),
        "gained_of": len(known),
        "best": min((row["rank"] for row in rows if row["followers"] is not None), default=None),
        "best_platform": next(
            (
                row["platform"]
                for row in sorted((r for r in rows if r["followers"] is not None), key=lambda r: r["rank"])
            ),
            None,
        ),
        "chart": [
            {
                "platform": platform,
                "rows": _first(ranked(now[now["platform"] == platform]), ranking.state),
                "unseen": int((~now.loc[now["platform"] == platform, "seen"]).sum()),
            }
            for platform in _platforms(now)
        ],
    }


def _first(table: pd.DataFrame, state: str) -> list[dict[str, Any]]:
    """Return the first pages of a table of ranks, and the own where it stands below them."""
    rows = _rows(table, ("state", "followers", "rank"))
    own = next((n for n, row in enumerate(rows) if row["state"] == state and row["rank"] is not None), 0)
    return rows[:TOP] + (rows[own : own + 1] if own >= TOP else [])


def _platforms(pages: pd.DataFrame) -> list[str]:
    from spmc_tools.desks.reach.standing import PLATFORMS

    there = set(pages["platform"])
    return [*(one for one in PLATFORMS if one in there), *sorted(there - set(PLATFORMS))]


def standing_ranks(ranking: Standing) -> dict[str, Any]:
    """Return every page in order of rank on each platform, every state over all, and pages without a figure."""
    from spmc_tools.desks.reach.standing import lost, overall, ranked

    _, now = _moments(ranking)
    columns = ("state", "page", "followers", "rank", "best", "worst", "observed_at")
    parts = []
    for platform in _platforms(now):
        table = ranked(now[(now["platform"] == platform) & now["seen"]])
        rows = [{**row, "own": row["state"] == ranking.state} for row in _rows(table, columns)]
        counts = table["rank"].value_counts()
        for row in rows:
            row["tied"] = bool(counts[row["rank"]] > 1)
        kept = [row for n, row in enumerate(rows) if n < ROWS or row["own"]]
        parts.append({"platform": platform, "rows": kept, "more": len(rows) - len(kept)})
    whole = _rows(overall(now), ("state", "followers", "rank", "best", "worst", "lacks"))
    gone = lost(ranking.snapshots, now)
    return {
        "state": ranking.state,
        "end": ranking.end,
        "oldest_days": ranking.oldest_days,
        "parts": parts,
        "overall": [{**row, "own": row["state"] == ranking.state} for row in whole[:ROWS]],
        "lost": gone[:ROWS],
        "more_lost": max(0, len(gone) - ROWS),
    }


def standing_growth(ranking: Standing) -> dict[str, Any]:
    """Return what every page gained over the span, largest share first within a platform, and the own over time."""
    from spmc_tools.desks.reach.standing import growth

    then, now = _moments(ranking)
    table = growth(then, now)
    table["share"] = table["gained"] / table["before"].where(table["before"] > 0)
    parts = []
    for platform in _platforms(now):
        own = table[(table["platform"] == platform) & table["gained"].notna()].sort_values(
            ["share", "page"], ascending=[False, True]
        )
        rows = _rows(own, ("state", "page", "before", "after", "gained", "margin", "days", "share"))
        for row in rows:
            row["own"] = row["state"] == ranking.state
        kept = [row for n, row in enumerate(rows) if n < ROWS or row["own"]]
        parts.append(
            {
                "platform": platform,
                "rows": kept,
                "without": int(table[(table["platform"] == platform)]["gained"].isna().sum()),
            }
        )
    return {
        "start": ranking.start,
        "end": ranking.end,
        "state": ranking.state,
        "parts": parts,
        "series": (series := _marked(ranking, now)),
        "bands": _bands(ranking, [moment for row in series for moment, _ in row["points"]]),
    }


def _bands(ranking: Standing, moments: list[datetime]) -> list[dict[str, Any]]:
    """Return what the calendar marks from the first to the last of these moments."""
    from spmc_tools.show.charts.calendar_marks import between

    return between(min(moments), max(moments), ranking.event) if moments else []


def _marked(ranking: Standing, now: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the own pages over time, with ``lost`` (not seen for too long) and ``odd`` (figures that contradict)."""
    from spmc_tools.desks.reach.standing import contradictions, lost, timeline

    series = timeline(ranking.snapshots, ranking.state, ranking.end)
    odd = contradictions(ranking.snapshots)
    odd = odd[(odd["state"] == ranking.state) & (odd["observed_at"] <= ranking.end)]
    gone = {(one["platform"], one["page"]): one["successor"] for one in lost(ranking.snapshots, now)}
    for row in series:
        key = (row["platform"], row["page"])
        own = odd[(odd["platform"] == key[0]) & (odd["page"] == key[1])]
        row["odd"] = [
            (one["observed_at"].to_pydatetime(), float(value))
            for one in own.to_dict("records")
            for value in (one["one"], one["other"])
        ][-GAPS:]
        row["lost"], row["successor"] = key in gone, gone.get(key)
    return series


def standing_figures(ranking: Standing) -> dict[str, Any]:
    """Return reach, impressions of the own pages over the span, older spans, and days with their breaks."""
    from spmc_tools.desks.reach.standing import ADDED, daily, span_of, totals

    start, end = span_of(ranking)
    metrics = ranking.metrics
    series = []
    for platform in sorted(set(metrics["platform"])):
        pages = _by_page(daily(metrics, platform, ("impressions", "views")))
        series += [{"platform": platform, **one} for one in pages]
    series.sort(key=lambda one: -one["last"].timestamp())
    for one in series[:CHARTS]:
        one["bands"] = _bands(ranking, [one["first"], one["last"] + timedelta(days=1, seconds=-1)])
    return {
        "start": start,
        "end": end,
        "n_days": round((end - start).total_seconds() / 86_400),
        "rows": totals(metrics[metrics["metric"].isin([*ADDED, "reach"])], start, end)[:ROWS],
        "older": _older(metrics, start),
        "series": series[:CHARTS],
        "more_series": max(0, len(series) - CHARTS),
    }


def _older(metrics: pd.DataFrame, start: datetime) -> list[dict[str, Any]]:
    """Return spans of several days before the span, added where they follow each other within a month."""
    from spmc_tools.desks.base.calendar import IST
    from spmc_tools.desks.reach.standing import NEVER_ADDED, totals

    spans = metrics[(metrics["days"].fillna(1) > 1) & (metrics["day"] < start) & ~metrics["metric"].isin(NEVER_ADDED)]
    if not len(spans):
        return []
    months = spans["day"].dt.tz_convert(IST).dt.strftime("%Y-%m")
    found = []
    for _, part in spans.groupby(months, sort=True):
        first = part["day"].min().to_pydatetime()
        last = max(
            day.to_pydatetime().timestamp() + 86_400 * n for day, n in zip(part["day"], part["days"], strict=True)
        )
        end = first.fromtimestamp(last, tz=first.tzinfo)
        values = [_plain(value) for value in part.sort_values("day")["value"]]
        found += [
            {**one, "end": end, "values": values if one["parts"] == len(values) else []}
            for one in totals(part, first, end)
        ]
    return found[:ROWS]


def _by_page(series: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the series of each page together, with the moments where one follows another and the missing days."""
    from spmc_tools.desks.reach.standing import gaps

    pages: dict[str, list[dict[str, Any]]] = {}
    for one in series:
        if len(one["points"]) > 1:
            pages.setdefault(one["page"], []).append(one)
    found = []
    for page, parts in pages.items():
        breaks = [
            {"at": after["points"][0][0], "metric": after["metric"], "before": before["metric"]}
            for before, after in pairwise(parts)
        ]
        holes = [hole for part in parts for hole in gaps(part["points"])]
        longest = sorted(holes, key=lambda hole: (hole[0] - hole[1], hole[0]))[:GAPS]
        found.append(
            {
                "page": page,
                "parts": [_thinned(part) for part in parts],
                "breaks": breaks,
                "missing": sum(round((end - start).total_seconds() / 86_400) for start, end in holes),
                "gaps": sorted(longest),
                "first": parts[0]["points"][0][0],
                "last": parts[-1]["points"][-1][0],
            }
        )
    return found


def _thinned(part: dict[str, Any], most: int = 420) -> dict[str, Any]:
    """Return a series with at most so many points: of each stretch of days the first that has a figure."""
    points, every = part["points"], max(1, -(-len(part["points"]) // most))
    kept = []
    for n in range(0, len(points), every):
        stretch = points[n : n + every]
        kept.append(next((one for one in stretch if one[1] is not None), stretch[0]))
    return {"metric": part["metric"], "definition": part["definition"], "points": kept}


def standing_limits(ranking: Standing) -> dict[str, Any]:
    """Return what is odd in the snapshots, as counts, and the pairs that contradict each other."""
    from spmc_tools.desks.reach.standing import contradictions, revised

    _, now = _moments(ranking)
    seen = now[now["seen"]]
    apart = 0
    for _, part in seen.groupby("platform"):
        own = part.loc[part["state"] == ranking.state, "observed_at"]
        if len(own):
            apart += int(((part["observed_at"] - own.max()).abs().dt.total_seconds() > HOUR_S).sum())
    odd = contradictions(ranking.snapshots)
    tables = [
        ("apart", apart),
        ("lost", int((~now["seen"]).sum())),
        ("contradict", len(odd)),
        ("no_shot", int(ranking.snapshots["screenshot_sha256"].isna().sum())),
        ("hidden", int(ranking.metrics["value"].isna().sum())),
        ("revised", revised(ranking.metrics)),
    ]
    return {
        "counts": [{"what": name, "n": n} for name, n in tables if n],
        "odd": _rows(odd[:TOP], ("platform", "page", "state", "observed_at", "one", "other")),
        "snapshots": len(ranking.snapshots),
        "pages": len(now),
    }
