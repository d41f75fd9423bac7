"""Values of the sections on where the pages stand: one's own, all ranks, growth, daily figures, what is odd."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from spmc_tools.report.sections.desks import page_figures
from spmc_tools.report.sections.desks.limit_counts import limit_counts
from spmc_tools.report.values.calendar_band import CalendarBand, calendar_band
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.listed import Listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pandas as pd

    from spmc_tools.desks.reach.standing import Standing as Ranking

__all__ = ["SECTIONS", "standing", "standing_figures", "standing_growth", "standing_limits", "standing_ranks"]

ROWS, TOP = 60, 10
CHARTS, GAPS = 8, 40
HOUR_S = 3600


def _plain(value: Any) -> Any:
    return None if value is None or value != value else value  # noqa: PLR0124 -- NaN and NaT differ from themselves


def _rows(table: pd.DataFrame, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{name: _plain(row[name]) for name in columns} for row in table.to_dict("records")]


def _moments(ranking: Ranking) -> tuple[pd.DataFrame, pd.DataFrame]:
    from spmc_tools.desks.reach.standing import latest

    return tuple(latest(ranking.snapshots, at, ranking.oldest_days) for at in (ranking.start, ranking.end))  # type: ignore[return-value]


def _own(ranking: Ranking, table: pd.DataFrame) -> dict[str, Any] | None:
    """Return the first row of the own state: its largest page."""
    state_pages = table[(table["state"] == ranking.state) & table["rank"].notna()]
    return dict(state_pages.iloc[0]) if len(state_pages) else None


def standing(ranking: Ranking) -> page_figures.Standing:
    """Return the own pages: followers, rank and rank before on each platform and over all, what they gained."""
    from spmc_tools.desks.reach.standing import PLATFORMS, overall

    then, now = _moments(ranking)
    rows = _own_pages(ranking, then, now)
    all_now = overall(now)
    total, before = _own(ranking, all_now), _own(ranking, overall(then))
    seen = [row for row in rows if row.followers is not None]
    best = min(seen, key=lambda row: row.rank or 0, default=None)
    gained = [row.gained for row in seen if row.gained is not None]
    return page_figures.Standing(
        state=ranking.state,
        start=ranking.start,
        end=ranking.end,
        rows=rows,
        platforms=len(PLATFORMS),
        total=None if total is None else _total(total),
        states=len(all_now),
        total_before=before["rank"] if before else None,
        gained=sum(gained) if gained else None,
        margin=sum(row.margin or 0 for row in seen if row.gained is not None),
        gained_of=len(gained),
        best=best.rank if best else None,
        best_platform=best.platform if best else None,
        chart=_bars(ranking, now),
    )


def _own_pages(ranking: Ranking, then: pd.DataFrame, now: pd.DataFrame) -> tuple[page_figures.OwnPage, ...]:
    """Return the own largest page of each platform."""
    from spmc_tools.desks.reach.standing import growth, ranked

    gained = growth(then, now)
    own_gained = gained[gained["state"] == ranking.state].set_index(["platform", "page"])
    rows = []
    for platform in _platforms(now):
        after = ranked(now[now["platform"] == platform])
        own_row, before = _own(ranking, after), _own(ranking, ranked(then[then["platform"] == platform]))
        if own_row is None:
            rows.append(page_figures.OwnPage(platform=platform, followers=None))
            continue
        change = own_gained.loc[(platform, own_row["page"])]
        rows.append(
            page_figures.OwnPage(
                platform=platform,
                **{key: _plain(own_row[key]) for key in ("page", "followers", "rounding", "rank", "best", "worst")},
                observed_at=own_row["observed_at"],
                of=int(after["rank"].notna().sum()),
                before=before["rank"] if before else None,
                **{key: _plain(change[key]) for key in ("gained", "margin", "days")},
                above=tuple(
                    row["state"]
                    for row in after.to_dict("records")
                    if row["rank"] is not None and row["rank"] < own_row["rank"]
                )[-2:],
            )
        )
    return tuple(rows)


def _total(row: dict[str, Any]) -> page_figures.StateTotal:
    figures = {key: row[key] for key in ("followers", "rank", "best", "worst")}
    return page_figures.StateTotal(**figures, lacks=tuple(row["lacks"]))


def _bars(ranking: Ranking, now: pd.DataFrame) -> tuple[page_figures.PlatformBars, ...]:
    from spmc_tools.desks.reach.standing import ranked

    return tuple(
        page_figures.PlatformBars(
            platform=platform,
            rows=_first(ranked(now[now["platform"] == platform]), ranking.state),
            unseen=int((~now.loc[now["platform"] == platform, "seen"]).sum()),
        )
        for platform in _platforms(now)
    )


def _first(table: pd.DataFrame, state: str) -> tuple[page_figures.BarRow, ...]:
    """Return the first pages of a table of ranks, and the own where it stands below them."""
    rows = tuple(page_figures.BarRow(**row) for row in _rows(table, ("state", "followers", "rank")))
    own_place = next((n for n, row in enumerate(rows) if row.state == state and row.rank is not None), 0)
    return rows[:TOP] + (rows[own_place : own_place + 1] if own_place >= TOP else ())


def _platforms(pages: pd.DataFrame) -> list[str]:
    from spmc_tools.desks.reach.standing import PLATFORMS

    there = set(pages["platform"])
    return [*(platform for platform in PLATFORMS if platform in there), *sorted(there - set(PLATFORMS))]


def standing_ranks(ranking: Ranking) -> page_figures.StandingRanks:
    """Return every page in order of rank on each platform, every state over all, and pages without a figure."""
    from spmc_tools.desks.reach.standing import lost, overall

    _, now = _moments(ranking)
    whole = _rows(overall(now), ("state", "followers", "rank", "best", "worst", "lacks"))
    gone = lost(ranking.snapshots, now)
    return page_figures.StandingRanks(
        state=ranking.state,
        end=ranking.end,
        oldest_days=ranking.oldest_days,
        parts=tuple(_ranks(ranking, now, platform) for platform in _platforms(now)),
        overall=tuple(
            page_figures.RankedState(**{**row, "lacks": tuple(row["lacks"])}, own=row["state"] == ranking.state)
            for row in whole[:ROWS]
        ),
        lost=Listed(rows=tuple(page_figures.LostPage(**row) for row in gone[:ROWS]), all=len(gone)),
    )


def _ranks(ranking: Ranking, now: pd.DataFrame, platform: str) -> page_figures.PlatformRanks:
    """Return the pages of a platform in order of rank: the first, and the own."""
    from spmc_tools.desks.reach.standing import ranked

    table = ranked(now[(now["platform"] == platform) & now["seen"]])
    counts = table["rank"].value_counts()
    columns = ("state", "page", "followers", "rank", "best", "worst", "observed_at")
    rows = [
        page_figures.RankedPage(**row, own=row["state"] == ranking.state, tied=bool(counts[row["rank"]] > 1))
        for row in _rows(table, columns)
    ]
    kept = tuple(row for n, row in enumerate(rows) if n < ROWS or row.own)
    return page_figures.PlatformRanks(platform=platform, rows=Listed(rows=kept, all=len(rows)))


def standing_growth(ranking: Ranking) -> page_figures.StandingGrowth:
    """Return what every page gained over the span, largest share first within a platform, and the own over time."""
    from spmc_tools.desks.reach.standing import growth

    then, now = _moments(ranking)
    table = growth(then, now)
    table["share"] = table["gained"] / table["before"].where(table["before"] > 0)
    series = _tracked(ranking, now)
    return page_figures.StandingGrowth(
        start=ranking.start,
        end=ranking.end,
        state=ranking.state,
        parts=tuple(_grown(ranking, table[table["platform"] == platform], platform) for platform in _platforms(now)),
        series=series,
        bands=_bands(ranking, [moment for row in series for moment, _ in row.points]),
    )


def _grown(ranking: Ranking, table: pd.DataFrame, platform: str) -> page_figures.PlatformGrowth:
    """Return the pages of a platform by the share that they gained: the first, and the own."""
    known = table[table["gained"].notna()].sort_values(["share", "page"], ascending=[False, True])
    columns = ("state", "page", "before", "after", "gained", "margin", "days", "share")
    rows = [page_figures.GainedPage(**row, own=row["state"] == ranking.state) for row in _rows(known, columns)]
    kept = tuple(row for n, row in enumerate(rows) if n < ROWS or row.own)
    return page_figures.PlatformGrowth(platform=platform, rows=kept, without=int(table["gained"].isna().sum()))


def _bands(ranking: Ranking, moments: Sequence[datetime]) -> tuple[CalendarBand, ...]:
    """Return what the calendar marks from the first to the last of these moments."""
    from spmc_tools.show.charts.calendar_marks import between

    if not moments:
        return ()
    return tuple(calendar_band(band) for band in between(min(moments), max(moments), ranking.event))


def _tracked(ranking: Ranking, now: pd.DataFrame) -> tuple[page_figures.TrackedPage, ...]:
    """Return the own pages over time, with what contradicts and whether they are lost."""
    from spmc_tools.desks.reach.standing import contradictions, lost, timeline

    odd = contradictions(ranking.snapshots)
    odd = odd[(odd["state"] == ranking.state) & (odd["observed_at"] <= ranking.end)]
    gone = {(page["platform"], page["page"]): page["successor"] for page in lost(ranking.snapshots, now)}
    series = []
    for row in timeline(ranking.snapshots, ranking.state, ranking.end):
        key = (row["platform"], row["page"])
        odd_pairs = odd[(odd["platform"] == key[0]) & (odd["page"] == key[1])]
        figures = [
            (pair["observed_at"].to_pydatetime(), float(value))
            for pair in odd_pairs.to_dict("records")
            for value in (pair["one"], pair["other"])
        ]
        series.append(
            page_figures.TrackedPage(
                platform=row["platform"],
                page=row["page"],
                points=tuple(row["points"]),
                odd=tuple(figures[-GAPS:]),
                lost=key in gone,
                successor=gone.get(key),
            )
        )
    return tuple(series)


def standing_figures(ranking: Ranking) -> page_figures.StandingFigures:
    """Return reach, impressions of the own pages over the span, older spans, and days with their breaks."""
    from spmc_tools.desks.reach.standing import ADDED, daily, span_of, totals

    start, end = span_of(ranking)
    metrics = ranking.metrics
    series = [
        page
        for platform in sorted(set(metrics["platform"]))
        for page in _by_page(platform, daily(metrics, platform, ("impressions", "views")))
    ]
    series.sort(key=lambda page: -page.last.timestamp())
    counted = totals(metrics[metrics["metric"].isin([*ADDED, "reach"])], start, end)
    return page_figures.StandingFigures(
        start=start,
        end=end,
        n_days=round((end - start).total_seconds() / 86_400),
        rows=tuple(page_figures.TotalFigure(**row) for row in counted[:ROWS]),
        older=_older(metrics, start),
        series=Listed(
            rows=tuple(
                replace(page, bands=_bands(ranking, [page.first, page.last + timedelta(days=1, seconds=-1)]))
                for page in series[:CHARTS]
            ),
            all=len(series),
        ),
    )


def _older(metrics: pd.DataFrame, start: datetime) -> tuple[page_figures.OlderFigures, ...]:
    """Return spans of several days before the span, added where they follow each other within a month."""
    from spmc_tools.desks.base.calendar import IST
    from spmc_tools.desks.reach.standing import NEVER_ADDED, totals

    spans = metrics[(metrics["days"].fillna(1) > 1) & (metrics["day"] < start) & ~metrics["metric"].isin(NEVER_ADDED)]
    if not len(spans):
        return ()
    months = spans["day"].dt.tz_convert(IST).dt.strftime("%Y-%m")
    found = []
    for _, part in spans.groupby(months, sort=True):
        first = part["day"].min().to_pydatetime()
        last = max(
            day.to_pydatetime().timestamp() + 86_400 * n for day, n in zip(part["day"], part["days"], strict=True)
        )
        end = first.fromtimestamp(last, tz=first.tzinfo)
        values = tuple(_plain(value) for value in part.sort_values("day")["value"])
        found += [
            page_figures.OlderFigures(**row, end=end, values=values if row["parts"] == len(values) else ())
            for row in totals(part, first, end)
        ]
    return tuple(found[:ROWS])


def _by_page(platform: str, series: list[dict[str, Any]]) -> list[page_figures.BrokenSeries]:
    """Return the series of each page together, with the moments where one follows another and the missing days."""
    pages: dict[str, list[dict[str, Any]]] = {}
    for part in series:
        if len(part["points"]) > 1:
            pages.setdefault(part["page"], []).append(part)
    return [_broken(platform, page, parts) for page, parts in pages.items()]


def _broken(platform: str, page: str, parts: list[dict[str, Any]]) -> page_figures.BrokenSeries:
    from spmc_tools.desks.reach.standing import gaps

    breaks = tuple(
        page_figures.DefinitionBreak(at=after["points"][0][0], metric=after["metric"], before=before["metric"])
        for before, after in pairwise(parts)
    )
    holes = [hole for part in parts for hole in gaps(part["points"])]
    longest = sorted(holes, key=lambda hole: (hole[0] - hole[1], hole[0]))[:GAPS]
    return page_figures.BrokenSeries(
        platform=platform,
        page=page,
        parts=tuple(_thinned(part) for part in parts),
        breaks=breaks,
        missing=sum(round((end - start).total_seconds() / 86_400) for start, end in holes),
        gaps=tuple(sorted(longest)),
        first=parts[0]["points"][0][0],
        last=parts[-1]["points"][-1][0],
    )


def _thinned(part: dict[str, Any], most: int = 420) -> page_figures.MetricSeries:
    """Return a series with at most so many points: of each stretch of days the first that has a figure."""
    points, every = part["points"], max(1, -(-len(part["points"]) // most))
    kept = []
    for n in range(0, len(points), every):
        stretch = points[n : n + every]
        kept.append(next((point for point in stretch if point[1] is not None), stretch[0]))
    return page_figures.MetricSeries(metric=part["metric"], definition=part["definition"], points=tuple(kept))


def standing_limits(ranking: Ranking) -> page_figures.StandingLimits:
    """Return what is odd in the snapshots, as counts, and the pairs that contradict each other."""
    from spmc_tools.desks.reach.standing import contradictions, revised

    _, now = _moments(ranking)
    seen = now[now["seen"]]
    apart = 0
    for _, part in seen.groupby("platform"):
        own_times = part.loc[part["state"] == ranking.state, "observed_at"]
        if len(own_times):
            apart += int(((part["observed_at"] - own_times.max()).abs().dt.total_seconds() > HOUR_S).sum())
    odd = contradictions(ranking.snapshots)
    counts = {
        "apart": apart,
        "lost": int((~now["seen"]).sum()),
        "contradict": len(odd),
        "no_shot": int(ranking.snapshots["screenshot_sha256"].isna().sum()),
        "hidden": int(ranking.metrics["value"].isna().sum()),
        "revised": revised(ranking.metrics),
    }
    columns = ("platform", "page", "state", "observed_at", "one", "other")
    return page_figures.StandingLimits(
        counts=limit_counts(counts.items()),
        odd=tuple(page_figures.ContradictingFigures(**row) for row in _rows(odd[:TOP], columns)),
        snapshots=len(ranking.snapshots),
        pages=len(now),
    )


SECTIONS = (
    Declaration("standing", ("ranking",), standing, page_figures.Standing),
    Declaration("standing_ranks", ("ranking",), standing_ranks, page_figures.StandingRanks),
    Declaration("standing_growth", ("ranking",), standing_growth, page_figures.StandingGrowth),
    Declaration("standing_figures", ("ranking",), standing_figures, page_figures.StandingFigures),
    Declaration("standing_limits", ("ranking",), standing_limits, page_figures.StandingLimits),
)
"""The sections that stand in this module."""
