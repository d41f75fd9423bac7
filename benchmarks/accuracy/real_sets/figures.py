"""How good columns of scores are: average precision within half-octaves of the number of posts, and without.

What each part of a score reaches, alone or left out, or any other columns (a DataFrame, account id × name)::

    for table in real_tables(real_folder()):
        if table.labelled.any():
            print_figures(table, columns_of, baseline="whole score")  # columns_of(table) returns the columns
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.measurement.scoring import average_precision, matched_average_precision
from benchmarks.accuracy.real_sets.resampled_accounts import DRAWS, Interval, interval_of, resampled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from benchmarks.accuracy.real_sets.real_tables import RealTable

__all__ = ["Figures", "cells", "figures_of", "on_common_days", "print_figures"]

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Figures:
    """What one column of scores reaches on one table.

    Attributes
    ----------
    name : str
        Of the column.
    matched, overall : float
        :func:`matched_average_precision`, and :func:`average_precision` of all accounts.
    interval : Interval
        95 %, of ``matched``; accounts drawn anew within label and half-octave.
    ahead : float
        How much the baseline's ``matched`` is above this one; nan without a baseline.
    ahead_interval : Interval
        95 %, of ``ahead``; both columns on the same draws.
    matched_common, overall_common : float
        The same, of columns made from the records of common days alone; nan where there are no such columns.
    constant : bool
        All accounts have the same score: the column ranks nobody.
    """

    name: str
    matched: float
    overall: float
    interval: Interval
    ahead: float
    ahead_interval: Interval
    matched_common: float
    overall_common: float
    constant: bool


def figures_of(
    table: RealTable,
    columns: pd.DataFrame,
    *,
    baseline: str | None = None,
    common: tuple[RealTable, pd.DataFrame] | None = None,
    draws: int = DRAWS,
) -> list[Figures]:
    """Return the figures of each column, in the order of the columns.

    Parameters
    ----------
    table : RealTable
        With labelled accounts and others.
    columns : DataFrame
        Scores by account id, higher is more suspicious; an account without a row, or with nan, scores below all others.
    baseline : str, optional
        Name of the column that the others are set beside.
    common : pair of RealTable and DataFrame, optional
        What :func:`on_common_days` gives.
    draws : int
        How often accounts are drawn anew for the intervals; 0: the intervals are nan.
    """
    right, n_posts = table.labelled.to_numpy(bool), table.n_posts.to_numpy("int64")
    scores = _in_line(columns, table)
    matched = [matched_average_precision(score, right, n_posts) for score in scores.T]
    drawn = resampled(scores, right, n_posts, draws)
    place = list(columns.columns).index(baseline) if baseline is not None else None
    restricted = _common_figures(columns, common)
    return [
        Figures(
            name=str(name),
            matched=matched[k],
            overall=average_precision(scores[:, k], right),
            interval=interval_of(drawn[:, k]),
            ahead=NAN if place is None else matched[place] - matched[k],
            ahead_interval=Interval(NAN, NAN) if place is None else interval_of(drawn[:, place] - drawn[:, k]),
            matched_common=restricted[k][0],
            overall_common=restricted[k][1],
            constant=bool((scores[:, k] == scores[0, k]).all()),
        )
        for k, name in enumerate(columns.columns)
    ]


def _in_line(columns: pd.DataFrame, table: RealTable) -> np.ndarray:
    """Return the scores as accounts × columns, in the table's order; a missing one is below all others."""
    scores = columns.reindex(table.labelled.index)
    return scores.fillna(scores.min() - 1).fillna(0.0).to_numpy(float)


def _common_figures(columns: pd.DataFrame, common: tuple[RealTable, pd.DataFrame] | None) -> list[tuple[float, float]]:
    if common is None:
        return [(NAN, NAN)] * columns.shape[1]
    table, made = common
    right, n_posts = table.labelled.to_numpy(bool), table.n_posts.to_numpy("int64")
    scores = _in_line(made.reindex(columns=columns.columns), table)
    return [(matched_average_precision(x, right, n_posts), average_precision(x, right)) for x in scores.T]


def on_common_days(
    table: RealTable, columns: pd.DataFrame, columns_of: Callable[[RealTable], pd.DataFrame]
) -> tuple[RealTable, pd.DataFrame]:
    """Return the table of its common days alone, and the columns made from that; the same where all are common."""
    part = table.on_days(table.common_days())
    return (table, columns) if len(part.records) == len(table.records) else (part, columns_of(part))


def print_figures(
    table: RealTable, columns: pd.DataFrame | Callable[[RealTable], pd.DataFrame], baseline: str | None = None
) -> None:
    """Print the figures of each column, a row of a table in Markdown each.

    Parameters
    ----------
    table : RealTable
        With labelled accounts and others.
    columns : DataFrame, or callable
        Scores by account id; or what makes them from a table, which gives the figures of common days as well.
    baseline : str, optional
        As in :func:`figures_of`.
    """
    if callable(columns):
        made = columns(table)
        figures = figures_of(table, made, baseline=baseline, common=on_common_days(table, made, columns))
    else:
        figures = figures_of(table, columns, baseline=baseline)
    print("\n".join(_lines(figures)))


def _lines(figures: Sequence[Figures]) -> list[str]:
    head = ["ranking", "AP in bins of post count", "baseline − it", "AP", "in bins, common days", "AP, common days"]
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(cells(x))} |" for x in figures)]


def cells(figures: Figures) -> list[str]:
    """Return the cells of one row: name, matched and its interval, what the baseline is ahead, the three others."""
    return [
        figures.name,
        _with_interval(figures.matched, figures.interval),
        _with_interval(figures.ahead, figures.ahead_interval, "+.3f"),
        *(_number(x) for x in (figures.overall, figures.matched_common, figures.overall_common)),
    ]


def _number(value: float, form: str = ".3f") -> str:
    return "–" if np.isnan(value) else format(value, form).replace("-", "−")


def _with_interval(value: float, interval: Interval, form: str = ".3f") -> str:
    if np.isnan(value) or np.isnan(interval.low):
        return _number(value, form)
    return f"{_number(value, form)} [{_number(interval.low, form)}, {_number(interval.high, form)}]"
