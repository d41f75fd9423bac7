"""Copies of the data in which nobody acts together on purpose, and whom the rule names there.

First the named accounts and everybody in their clusters are left out. What remains is assessed as it is (*rest*), and
in copies in which acting together is broken while habits stay:

- **days**: all actions of an account on one source move together by a whole number of days, drawn for every account and
  source, around the collection as around a clock. Kept: how much each account does, on which sources, at which time of
  day. Broken: who is in step with whom, and every crowd of one day. An easy test: a name here means that habits alone
  are enough for the rule.
- **swaps**: actions on one source on one day (Indian time) exchange their accounts by lot. Kept: how much each account
  does on each source each day; every object's own course, so that crowds stay crowds. Broken: who among those there was
  early or late. A harder test, where several accounts act on a source on one day. It says nothing of objects that are
  their own source, as copied texts are: those who posted one stay in step; such traces are left out.

Labels are never exchanged over the whole collection: that makes fans into readers of everything, and a rule that fails
on fans looks right.

Notes
-----
Known limits: neither copy keeps the *pair* of habits that makes false names in real data, as friends who follow the
same ten accounts and are notified of all. Nobody named in the copies does not show that nobody is named wrongly in the
case. Accounts of one copy are not independent draws; the count of copies with anybody named is the more careful number.

References
----------
Good (2005), Permutation, Parametric and Bootstrap Tests of Hypotheses (restricted permutation); Strona et al. (2014),
A fast and unbiased procedure to randomize ecological binary matrices, Nature Communications 5, 4114 (exchanges that
keep both margins). The units that are exchanged here are this project's own choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spmc_tools.chance.statistics.false_discovery import MIN_OCCASIONS
from spmc_tools.chance.statistics.share_interval import share_interval
from spmc_tools.errors import ParameterError, quote
from spmc_tools.findings.assessment.assess import FEW_ACCOUNTS, assess
from spmc_tools.findings.robustness.looked_at import NAMED, kept_by_case, looked_at
from spmc_tools.findings.robustness.planting import soil
from spmc_tools.progress import unheard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    import pyarrow as pa

    from spmc_tools.findings.assessment.assess import Assessment
    from spmc_tools.findings.robustness.looked_at import LookedAt
    from spmc_tools.findings.robustness.planting import Soil
    from spmc_tools.schema.arrays import Floats, Longs

__all__ = ["LIMITS", "MOST_DRAWS", "left_out", "quantiles", "resampled", "shifted", "swapped"]

DAY_US = 86_400 * 1_000_000
IST_US = 19_800 * 1_000_000
"""Indian time is five and a half hours ahead."""

MOST_DRAWS = 1000
LIMITS = tuple(10.0**-n for n in range(2, 13, 2))
"""Probabilities at which observed and expected numbers of pairs are compared."""

POINTS = 60
"""Points of one line of the quantile plot."""


def shifted(ground: Soil, rng: np.random.Generator) -> pa.Table:
    """Return a copy in which the actions of each account on each source moved by a whole number of days.

    Parameters
    ----------
    ground, rng : Soil, numpy.random.Generator
        The actions, which are not changed; what draws one shift for every account and source.
    """
    start = (int(ground.t_us.min()) + IST_US) // DAY_US * DAY_US - IST_US
    n_days = int((ground.t_us.max() - start) // DAY_US) + 1
    _, unit = np.unique(ground.account * ground.n_sources + ground.source, return_inverse=True)
    shift = rng.integers(0, n_days, unit.max() + 1)[unit] * DAY_US
    moved = start + (ground.t_us - start + shift) % (n_days * DAY_US)
    return _table(ground.account, ground.object, ground.source, moved)


def swapped(ground: Soil, rng: np.random.Generator) -> pa.Table:
    """Return a copy in which actions on one source on one day exchanged their accounts by lot.

    Parameters
    ----------
    ground, rng : Soil, numpy.random.Generator
        The actions, which are not changed; what draws the exchange.
    """
    day = (ground.t_us + IST_US) // DAY_US
    places = np.lexsort((np.arange(day.size), day, ground.source))
    mixed = np.lexsort((rng.random(day.size), day, ground.source))
    account = np.empty_like(ground.account)
    account[places] = ground.account[mixed]
    return _table(account, ground.object, ground.source, ground.t_us)


def _table(*columns: Longs) -> pa.Table:
    import pyarrow as pa

    account, object_, source, t_us = columns
    times = pa.array(t_us).cast(pa.timestamp("us", tz="UTC"))
    return pa.table({"account_id": account, "object_id": object_, "source_id": source, "t": times})


def left_out(found: Any) -> set[str]:
    """Return the accounts in tier A or B and everybody in a cluster with one of them."""
    accounts = found.accounts
    named = set(accounts.loc[accounts["tier"].isin(NAMED), "account_id"])
    members = {a for cluster in found.clusters["accounts"] if named & set(cluster) for a in cluster}
    return named | members


def resampled(
    found: Any, draws: int = 10, *, seed: int | None = None, progress: Callable[[str, int, int], None] | None = None
) -> dict[str, Any]:
    """Return whom the rule names where nobody acts together on purpose; a case keeps it.

    Parameters
    ----------
    found : Findings
        What was found.
    draws : int
        Copies of each kind, from 1 to 1,000.
    seed : int, optional
        Of the copies; None: that of the findings.
    progress : callable, optional
        Called with the trace, copies done and copies in all.

    Returns
    -------
    dict
        ``left_out`` (``named``, ``accounts``); ``draws``; ``rest`` (different ``accounts`` looked at, ``named`` among
        them); ``traces``, each with ``trace, n_accounts, n_actions, state`` ("looked_at", or "insufficient" where
        fewer than 100 accounts remain) and ``named`` in the rest;
        ``kinds``, one for ``days`` and ``swaps``: ``draws``, ``accounts`` (accounts times copies), ``named``,
        ``low, high`` (of the share), ``copies`` (those with anybody named), ``copies_low, copies_high``; ``lines``, of
        the case, the rest and both kinds: ``n_tests``, ``points`` (expected and observed -log10 p), ``counts`` (at each
        of :data:`LIMITS` the number expected and seen).

    Raises
    ------
    ParameterError
        Where the number of draws cannot be used.
    """
    if isinstance(draws, bool) or not isinstance(draws, int) or not 1 <= draws <= MOST_DRAWS:
        raise ParameterError(f"draws is {quote(draws)}, wanted a whole number from 1 to {MOST_DRAWS:,}.")
    number = int(found.parameters["seed"] if seed is None else seed)
    tell = progress or unheard
    return kept_by_case(
        found, "resampled", {"draws": draws, "seed": number}, __name__, lambda: _resampled(found, draws, number, tell)
    )


def _resampled(found: Any, draws: int, seed: int, tell: Callable[[str, int, int], None]) -> dict[str, Any]:
    barred = left_out(found)
    tally = _Tally(draws)
    traces: list[dict[str, Any]] = []
    seen, named = set[str](), set[str]()
    for place, look in enumerate(looked_at(found)):
        ground = _without(look, barred)
        row = {"trace": look.trace, "n_accounts": ground.n_accounts, "n_actions": int(ground.t_us.size)}
        accounts = list(ground.of_account)
        if ground.n_accounts < FEW_ACCOUNTS or not look.windows_s:
            traces.append(row | {"state": "insufficient", "named": None})
            continue
        ask = _Asked(ground, look, seed)
        rest = ask.assess(ground.table())
        tally.line("rest", rest)
        named_accounts = [accounts[number] for number in rest.accounts.loc[rest.accounts["named"], "account_id"]]
        seen.update(accounts)
        named.update(named_accounts)
        traces.append(row | {"state": "looked_at", "named": len(named_accounts)})
        for name, copy in (("days", shifted), ("swaps", swapped)):
            if name == "swaps" and not ground.sources.size:
                continue
            for draw in range(draws):
                tell(look.trace, draw, draws)
                rng = np.random.default_rng([seed, place, draw, name == "swaps"])
                tally.copy(name, draw, ask.assess(copy(ground, rng)))
        tell(look.trace, draws, draws)
    notes = found.notes["traces"]
    tally.edges("case", found.edges, sum(int(notes[row["trace"]].get("n_tests", 0)) for row in traces))
    return {
        "left_out": {"named": int(found.accounts["tier"].isin(NAMED).sum()), "accounts": len(barred)},
        "rest": {"accounts": len(seen), "named": len(named)},
        "draws": draws,
        "traces": traces,
        "kinds": tally.kinds(),
        "lines": tally.lines(),
    }


class _Asked:
    """One trace without the named, ready to be assessed again in the numbers of its soil."""

    def __init__(self, ground: Soil, look: LookedAt, seed: int) -> None:
        self.windows, self.seed = look.windows_s, seed
        self.context = {ground.of_account[a]: k for a, k in look.context.items() if a in ground.of_account}

    def assess(self, actions: pa.Table) -> Assessment:
        there = set(actions["account_id"].unique().to_pylist())
        context = {account: kind for account, kind in self.context.items() if account in there}
        return assess(actions, self.windows, context=context, seed=self.seed)


def _without(look: LookedAt, barred: set[str]) -> Soil:
    import pyarrow as pa
    import pyarrow.compute as pc

    out = pc.is_in(look.actions["account_id"], value_set=pa.array(sorted(barred), pa.string()))
    return soil(look.actions.filter(pc.invert(out)))


class _Tally:
    """Named accounts and small probabilities, copy by copy."""

    def __init__(self, draws: int) -> None:
        self.draws = draws
        self.p: dict[str, list[Floats]] = {}
        self.n_tests: dict[str, int] = {}
        self.named: dict[str, Longs] = {}
        self.accounts: dict[str, int] = {}

    def edges(self, name: str, edges: pd.DataFrame, n_tests: int) -> None:
        tested = edges["n_occasions"] >= MIN_OCCASIONS
        self.p.setdefault(name, []).append(edges.loc[tested, "p"].to_numpy(np.float64))
        self.n_tests[name] = self.n_tests.get(name, 0) + n_tests

    def line(self, name: str, assessment: Assessment) -> None:
        self.edges(name, assessment.edges, int(assessment.notes["n_tests"]))

    def copy(self, name: str, draw: int, assessment: Assessment) -> None:
        self.line(name, assessment)
        self.named.setdefault(name, np.zeros(self.draws, np.int64))[draw] += int(assessment.accounts["named"].sum())
        self.accounts[name] = self.accounts.get(name, 0) + len(assessment.accounts)

    def kinds(self) -> list[dict[str, Any]]:
        rows = []
        for name, by_copy in self.named.items():
            named, copies = int(by_copy.sum()), int((by_copy > 0).sum())
            low, high = share_interval(min(named, self.accounts[name]), self.accounts[name])
            copies_low, copies_high = share_interval(copies, self.draws)
            rows.append(
                {
                    "kind": name, "draws": self.draws, "accounts": self.accounts[name], "named": named,
                    "low": low, "high": high, "copies": copies,
                    "copies_low": copies_low, "copies_high": copies_high,
                }
            )  # fmt: skip
        return rows

    def lines(self) -> list[dict[str, Any]]:
        made = []
        for name in ("case", "rest", "days", "swaps"):
            if name in self.p:
                p = np.concatenate(self.p[name])
                counts = [
                    {"limit": limit, "expected": self.n_tests[name] * limit, "seen": int((p <= limit).sum())}
                    for limit in LIMITS
                ]
                points = quantiles(p, self.n_tests[name])
                made.append({"line": name, "n_tests": self.n_tests[name], "points": points, "counts": counts})
        return made


def quantiles(p: Floats | Sequence[float], n_tests: int) -> list[tuple[float, float]]:
    """Return points of the quantile plot of some probabilities among many tests: expected and observed -log10 p.

    Parameters
    ----------
    p : array of float
        Those below one; all other tests have one.
    n_tests : int
        All tests.

    Returns
    -------
    list of (float, float)
        At most :data:`POINTS`, the smallest p first; rank k of n tests is expected at (k - ½) / n.
    """
    ordered = np.sort(np.asarray(p, np.float64))
    if not ordered.size:
        return []
    ranks = np.unique(np.round(np.geomspace(1, ordered.size, POINTS)).astype(np.int64))
    expected = -np.log10((ranks - 0.5) / max(n_tests, ordered.size))
    observed = -np.log10(np.maximum(ordered[ranks - 1], 1e-300))
    return [(round(float(x), 4), round(float(y), 4)) for x, y in zip(expected, observed, strict=True)]
