r"""A share of some posts beside that of all posts of the same files.

Files of one case cover different days. Beside *all* posts, the posts of a group that stand in one file would be
compared with days that this file does not hold. So a file counts only where it has a post on a day that a band of the
calendar touches, and what all posts do is weighed as the group's posts are spread over these files: with :math:`n_f`
posts of the group in file *f*, and the share :math:`s_f` of all posts of that file in a band, it is
:math:`\sum_f n_f s_f / \sum_f n_f`. Of all posts those on the days of the report count (else of the case): a few
stray ones of years before would make any hours a small share of the days of their file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from spmc_tools.desks.base.calendar import IST, bands
from spmc_tools.report.scope.received import inside, span

if TYPE_CHECKING:
    from datetime import date

    from spmc_tools.desks.base.calendar import Band
    from spmc_tools.report.scope.scope import Scope

__all__ = ["Beside", "FilesBesideBands", "files_beside"]

DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Beside:
    """How many of some posts lie in bands of the calendar, beside all posts of the same files.

    Attributes
    ----------
    n, of : int
        Posts in a band, of those that stand in files which hold a day of one.
    elsewhere : int
        Posts in the other files: they are compared with nothing.
    share, time : float or None
        What all posts of these files do, and how much of their days the bands are, both weighed as the posts are spread
        over the files; None where no post is compared.
    """

    n: int
    of: int
    elsewhere: int
    share: float | None
    time: float | None


@dataclass(frozen=True, slots=True)
class FilesBesideBands:
    """The files that hold a day of a band: the share of their posts and of their days that it covers.

    ``unconfirmed``: hours of one of the bands were not checked.
    """

    marked: tuple[Band, ...]
    files: pd.DataFrame
    unconfirmed: bool

    def beside(self, posts: pd.DataFrame) -> Beside:
        """Return how many of some posts lie in the bands, beside all posts of the same files."""
        here = posts[posts["source_sha256"].isin(self.files.index)]
        weights = here["source_sha256"].value_counts()
        of = len(here)
        shares = self.files.loc[weights.index].mul(weights, axis=0).sum() / of if of else None
        return Beside(
            n=int(inside(here["created_at"], self.marked, "silence").sum()),
            of=of,
            elsewhere=len(posts) - of,
            share=None if shares is None else float(shares["share"]),
            time=None if shares is None else float(shares["time"]),
        )


def files_beside(scope: Scope) -> FilesBesideBands:
    """Return the files of the posts that were searched, beside the silence periods of the event."""
    records = _on_its_days(scope)
    first, last = span(records)
    marked = [] if first is None or last is None else bands(first, last + timedelta(microseconds=1), scope.event)
    silences = tuple(band for band in marked if band.what == "silence")
    rows = {
        str(sha256): row
        for sha256, own in records.groupby("source_sha256")["created_at"]
        if (row := _of_file(own, silences)) is not None
    }
    files = pd.DataFrame.from_dict(rows, orient="index", columns=["share", "time"], dtype="float64")
    return FilesBesideBands(silences, files, any(band.unconfirmed for band in silences))


def _on_its_days(scope: Scope) -> pd.DataFrame:
    """Return the posts on the days of the report, else of the case; all of them where none lies on these."""
    settings = scope.case.settings
    days = scope.searched["created_at"].dt.tz_convert(IST).dt.date
    inside = (days >= (scope.date_from or settings.date_from)) & (days <= (scope.date_to or settings.date_to))
    return scope.searched[inside] if inside.any() else scope.searched


def _of_file(times: pd.Series[Any], marked: tuple[Band, ...]) -> tuple[float, float] | None:
    """Return which share of the posts of a file, and of the days that have one, is covered; None: no day is touched."""
    covered_s = [_covered_s(day, marked) for day in times.dt.tz_convert(IST).dt.date.unique()]
    if not any(covered_s):
        return None
    return float(inside(times, marked, "silence").mean()), sum(covered_s) / (DAY_S * len(covered_s))


def _covered_s(day: date, marked: tuple[Band, ...]) -> float:
    """Return how many seconds of a day (IST) lie in bands, each second once."""
    start = datetime.combine(day, time(), tzinfo=IST)
    end, until, total = start + timedelta(days=1), start, 0.0
    for band in sorted(marked, key=lambda band: band.start):
        total += max(0.0, (min(band.end, end) - max(band.start, until)).total_seconds())
        until = max(until, min(band.end, end))
    return total
