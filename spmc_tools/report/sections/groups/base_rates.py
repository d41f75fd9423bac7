"""What findings like this one turned out to be in simulated weeks, from the file that a benchmark wrote.

The file lies in ``data/accuracy`` (``benchmarks/accuracy/studies/findings_like_this.py`` describes its form and writes
it). The shares are those of the stated worlds; the real-world rate is unknown, and every report says so. Only worlds
compare in which newsrooms are on a list of known accounts if they are so in the case, and on none if they are not:
unregistered newsrooms are most of the benign groups there are.
"""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from spmc_tools.chance.statistics.share_interval import share_interval
from spmc_tools.errors import SpmcError
from spmc_tools.report.rates.own_rates import own_rates
from spmc_tools.report.rates.rate_values import RateRow, Rates
from spmc_tools.report.sections.groups.shown_groups import groups
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.privacy import Code, Count, Day, Flag, Number
from spmc_tools.report.values.section_values import section_values
from spmc_tools.resources import resource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.report.sections.groups.shown_groups import Group

__all__ = [
    "SECTIONS",
    "GroupLikeness",
    "Likeness",
    "SimulatedFindings",
    "SimulatedSet",
    "cited_rates",
    "like_this",
    "likeness",
    "measured",
]

FILE = ("data", "accuracy", "findings_like_this.json")
SCHEMA = 1


@lru_cache(maxsize=1)
def measured() -> dict[str, Any] | None:
    """Return what the file holds; None where there is none, or it is of another form."""
    try:
        content = json.loads(resource(*FILE).read_text(encoding="utf-8"))
    except (SpmcError, OSError, ValueError):
        return None
    return content if isinstance(content, dict) and content.get("schema") == SCHEMA else None


@section_values
class SimulatedSet:
    """Findings in one set of simulated worlds by what they were; ``benign_roles``: who the benign ones were."""

    name: Code
    worlds: Count
    planted: Count
    open: Count
    benign: Count
    benign_roles: dict[Code, Count]


@section_values
class SimulatedFindings:
    """What findings of one trace and kind turned out to be in simulated weeks.

    Attributes
    ----------
    trace, kind : str
        What names most of a group's accounts; the kind is "pair" or "group".
    n : int
        Findings, of which ``planted``, ``open`` (people who act together openly) and ``benign``.
    low, high : float
        Exact interval of the benign share.
    ordinary_low, ordinary_high : float
        Exact interval of the share that had an ordinary reason: benign groups and people who act together openly.
    worlds : int
        Of all sets that compare with the case.
    sets : tuple of SimulatedSet
        The same for each of these sets.
    """

    trace: Code
    kind: Code
    n: Count
    planted: Count
    open: Count
    benign: Count
    low: Number
    high: Number
    ordinary_low: Number
    ordinary_high: Number
    worlds: Count
    sets: tuple[SimulatedSet, ...]


@section_values
class GroupLikeness:
    """A group by the place of its card, how many accounts of it are named, and what findings like it were."""

    group: Count
    named: Count
    like: SimulatedFindings | None


@section_values
class Likeness:
    """What findings like each of a report were; date and command of the measurement, and accounts of its worlds.

    ``registered``: the case registers newsrooms, and so do the worlds that it is compared with. ``rates``: what reviews
    said over all cases of this machine; None where the findings are of no case.
    """

    measured: Flag
    registered: Flag
    date: Day | None
    command: Code | None
    accounts: tuple[Count, ...]
    findings: tuple[GroupLikeness, ...]
    rates: Rates | None


def like_this(found: Findings, group: Group) -> SimulatedFindings | None:
    """Return what findings of the same trace and kind were in simulated weeks that compare; None where none was."""
    held = measured()
    trace, kind = _of(found, group)
    if held is None or trace is None:
        return None
    sets = _comparable(held, newsrooms_registered(found))
    names = {world_set["name"] for world_set in sets}
    rows = [row for row in held["rows"] if row["trace"] == trace and row["kind"] == kind and row["set"] in names]
    if not rows:
        return None
    planted, open_ones, benign = (_total(rows, name) for name in ("planted", "open", "benign"))
    n = planted + open_ones + benign
    low, high = share_interval(benign, n)
    ordinary_low, ordinary_high = share_interval(benign + open_ones, n)
    return SimulatedFindings(
        trace=trace,
        kind=kind,
        n=n,
        planted=planted,
        open=open_ones,
        benign=benign,
        low=low,
        high=high,
        ordinary_low=ordinary_low,
        ordinary_high=ordinary_high,
        worlds=sum(int(world_set["worlds"]) for world_set in sets),
        sets=tuple(_set(worlds, [row for row in rows if row["set"] == worlds["name"]]) for worlds in sets),
    )


def cited_rates(case: Case, kinds: Sequence[tuple[str, str]]) -> tuple[RateRow | None, ...]:
    """Return what reviews over all cases of this machine said of groups of each kind (trace, and what it rests on)."""
    told = own_rates(case.path.parent) if kinds else None
    return tuple(told.of(*kind) for kind in kinds) if told else ()


def newsrooms_registered(found: Findings) -> bool:
    """Tell whether an officer registered an account of the data as a newsroom."""
    return "context" in found.accounts and bool((found.accounts["context"] == "newsroom").any())


def _comparable(held: Mapping[str, Any], registered: bool) -> list[dict[str, Any]]:
    """Return the sets of worlds in which newsrooms are registered, or those in which they are not."""
    return [world_set for world_set in held["sets"] if world_set["registered"] == registered]


def _total(rows: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(int(row[name]) for row in rows)


def _set(worlds: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> SimulatedSet:
    return SimulatedSet(
        name=worlds["name"],
        worlds=worlds["worlds"],
        planted=_total(rows, "planted"),
        open=_total(rows, "open"),
        benign=_total(rows, "benign"),
        benign_roles=_roles(rows),
    )


def _roles(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        for role, n in row["benign_roles"].items():
            counts[role] = counts.get(role, 0) + int(n)
    return counts


def _of(found: Findings, group: Group) -> tuple[str | None, str]:
    """Return the trace in which most of a group's named accounts are named, and what that rests on for most of them."""
    speaking = found.account_traces
    several = speaking[speaking["account_id"].isin(group.named) & (speaking["basis"] == "several")]
    traces = several["trace"].tolist()
    if not traces:
        return None, "pair"
    trace = min(set(traces), key=lambda name: (-traces.count(name), name))
    kinds = several.loc[several["trace"] == trace, "kind"].tolist()
    return trace, "group" if 2 * kinds.count("group") > len(kinds) else "pair"


def likeness(found: Findings) -> Likeness:
    """Return the same for every group with an account in tier A or B, with the date and command of the measurement."""
    held = measured()
    registered = newsrooms_registered(found)
    return Likeness(
        measured=held is not None,
        registered=registered,
        date=date.fromisoformat(held["date"]) if held else None,
        command=held["command"] if held else None,
        accounts=tuple(sorted({int(world_set["accounts"]) for world_set in _comparable(held, registered)}))
        if held
        else (),
        findings=tuple(
            GroupLikeness(group=place, named=len(group.named), like=like_this(found, group))
            for place, group in enumerate(groups(found), start=1)
        ),
        rates=own_rates(found.case.path.parent) if found.case is not None else None,
    )


SECTIONS = (Declaration("likeness", ("found",), likeness, Likeness),)
"""The sections that stand in this module."""
