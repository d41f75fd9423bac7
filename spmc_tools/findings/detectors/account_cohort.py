r"""What accounts have in common apart from their posts: day of making, form of handle, description, handle.

**Context only, never alone.**

*Made on one day*: accounts of the data made that day (UTC), at least five, against the mean of the fourteen days
before and after (at least .5): :math:`P(\mathrm{Poisson}(\lambda) \ge n)`, Benjamini-Hochberg over days. *Form of a
handle*: the same stem of at least four letters before a number, in at least five handles. *Description*:
near-duplicate, at least 30 characters, at least three accounts. *Handle*: two accounts had it at different times.

**Known false positives**: days on which everybody joined (a lockdown, an election, a platform's campaign, a star who
joined), platforms that propose handles of one form, staff with one described role, fan clubs with a common creed,
handles that were given up and taken by a stranger. The data holds the accounts that posted in it, not those that were
ever made.

References: Ng, Carley (2022), arXiv 2201.10707 (accounts made together); Beskow, Carley (2019), Its all in a name,
Comput. Math. Organ. Theory 25; Pacheco et al. (2021), ICWSM 15 (handles); Mariconti et al. (2017), WWW 17.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from spmc_tools.chance.statistics.false_discovery import LEVEL, adjusted
from spmc_tools.findings.detectors.detector import PARTNERS, signals

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    import pyarrow as pa

__all__ = ["account_cohort", "lacks"]

FEWEST_ON_A_DAY = 5
FEWEST_OF_A_FORM = 5
FEWEST_ALIKE = 3
_AROUND_DAYS = 14
_LEAST_EXPECTED = 0.5
_STEM = re.compile(r"([^\W\d_]{4,})_*\d{1,12}")
_SHORTEST = 30


def account_cohort(accounts: pa.Table) -> pd.DataFrame:
    """Return what accounts have in common, one row per account and measure.

    Parameters
    ----------
    accounts : pyarrow.Table
        ``account_id`` and any of ``created_at, handle, description, observed_at, platform``.

    Returns
    -------
    pandas.DataFrame
        Measures ``made_on_one_day`` (with p and q), ``form_of_handle``, ``description`` and ``handle`` (without):
        ``n_seen`` accounts share ``value``.
    """
    seen = [
        {"platform": None, "handle": None, "created_at": None, "description": None, **row} for row in _rows(accounts)
    ]
    last = {row["account_id"]: row for row in seen}
    rows = [*_made_on_one_day(last), *_same_form(last), *_same_description(last), *_same_handle(seen)]
    return signals(rows)


def lacks(accounts: pa.Table) -> str | None:
    """Say why it cannot be looked at: fewer than two accounts are described."""
    n = len(accounts["account_id"].unique())
    return f"The table of accounts describes {n} accounts; it takes two." if n < 2 else None


def _rows(accounts: pa.Table) -> list[dict[str, Any]]:
    """Return one dictionary per row, the latest observation of an account last."""
    wanted = [
        name
        for name in ("account_id", "platform", "handle", "created_at", "description", "observed_at")
        if name in accounts.column_names
    ]
    rows: list[dict[str, Any]] = accounts.select(wanted).to_pylist()
    return sorted(
        rows, key=lambda row: tuple(str(row.get(name) or "") for name in ("account_id", "observed_at", *wanted))
    )


def _common(measure: str, value: str, members: Iterable[str], **numbers: float) -> list[dict[str, Any]]:
    ids = sorted(members)
    return [
        {
            "account_id": account,
            "measure": measure,
            "n_seen": float(len(ids)),
            "value": value,
            "n_partners": len(ids) - 1,
            "partners": [other for other in ids[: PARTNERS + 1] if other != account],
            **numbers,
        }
        for account in ids
    ]


def _made_on_one_day(last: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    made: dict[int, list[str]] = defaultdict(list)
    for account, row in last.items():
        if row["created_at"] is not None:
            made[row["created_at"].toordinal()].append(account)
    if not made:
        return []
    first, n_days = min(made), max(made) - min(made) + 1
    days = np.array(sorted(made))
    counts = np.zeros(n_days + 2 * _AROUND_DAYS)
    counts[days - first + _AROUND_DAYS] = [len(made[day]) for day in days.tolist()]
    summed = np.concatenate([[0.0], np.cumsum(counts)])
    at = days - first + _AROUND_DAYS
    around = summed[at + _AROUND_DAYS + 1] - summed[at - _AROUND_DAYS] - counts[at]
    there = np.minimum(_AROUND_DAYS, days - first) + np.minimum(_AROUND_DAYS, max(made) - days)
    expected = np.maximum(around / np.maximum(there, 1), _LEAST_EXPECTED)
    p = stats.poisson.sf(counts[at] - 1, expected)
    q = adjusted(p, n_days)
    found: list[dict[str, Any]] = []
    for k, day in enumerate(days.tolist()):
        if q[k] < LEVEL and len(made[day]) >= FEWEST_ON_A_DAY:
            numbers = {"p": float(p[k]), "q": float(q[k]), "expected": float(expected[k])}
            value = last[made[day][0]]["created_at"].date().isoformat()
            found += _common("made_on_one_day", value, made[day], **numbers)
    return found


def _grouped(pairs: Iterable[tuple[str, str]], fewest: int) -> list[tuple[str, set[str]]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for value, account in pairs:
        groups[value].add(account)
    return [(value, groups[value]) for value in sorted(groups) if len(groups[value]) >= fewest]


def _same_form(last: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    stems = (
        (f"{match[1]}#", account)
        for account, row in last.items()
        if row["handle"] and (match := _STEM.fullmatch(row["handle"].strip().lstrip("@").casefold()))
    )
    return [
        row
        for value, accounts in _grouped(stems, FEWEST_OF_A_FORM)
        for row in _common("form_of_handle", value, accounts)
    ]


def _same_description(last: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    from spmc_tools.text.near_duplicates import near_duplicates

    described = [(account, row["description"]) for account, row in last.items() if row["description"]]
    labels = near_duplicates([text for _, text in described], min_chars=_SHORTEST).tolist() if described else []
    alike = [
        (str(label), account) for label, (account, _) in zip(labels, described, strict=True) if isinstance(label, str)
    ]
    groups = [group for _, group in _grouped(alike, FEWEST_ALIKE)]
    texts = dict(described)
    return [row for group in groups for row in _common("description", texts[min(group)][:200], group)]


def _same_handle(seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    several = len({row["platform"] for row in seen if row["platform"]}) > 1
    had = (
        (f"{row['platform'] or ''}:{handle}" if several else handle, row["account_id"])
        for row in seen
        if row["handle"] and (handle := row["handle"].strip().lstrip("@").casefold())
    )
    return [row for value, accounts in _grouped(had, 2) for row in _common("handle", value, accounts)]
