"""What findings like this one turned out to be in simulated weeks, from the file that a benchmark wrote.

The file lies in ``data/accuracy`` (``benchmarks/accuracy/studies/findings_like_this.py`` describes its form and writes
it). The shares are those of the stated worlds; the real-world rate is unknown, and every report says so.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from spmc_tools.chance.statistics.share_interval import share_interval
from spmc_tools.errors import SpmcError
from spmc_tools.report.sections.groups.shown_groups import groups
from spmc_tools.resources import resource

if TYPE_CHECKING:
    from spmc_tools.report.sections.groups.shown_groups import Group

__all__ = ["like_this", "likeness", "measured"]

FILE = ("data", "accuracy", "findings_like_this.json")
SCHEMA = 1


@lru_cache(maxsize=1)
def measured() -> dict[str, Any] | None:
    """Return what the file holds; None where there is none, or it is of another form."""
    try:
        told = json.loads(resource(*FILE).read_text(encoding="utf-8"))
    except (SpmcError, OSError, ValueError):
        return None
    return told if isinstance(told, dict) and told.get("schema") == SCHEMA else None


def like_this(found: Any, group: Group) -> dict[str, Any] | None:
    """Return how many findings of the same trace and kind there were in simulated weeks; None where none was measured.

    ``trace`` and ``kind`` ("pair" or "group"): what names most of the group's accounts; ``n`` findings, of which
    ``planted``, ``open`` (people who act together openly) and ``benign``; ``low, high``: exact interval of the benign
    share; ``worlds``; ``sets``, the same for each set of worlds, with ``benign_roles``.
    """
    told = measured()
    trace, kind = _of(found, group)
    if told is None or trace is None:
        return None
    rows = [row for row in told["rows"] if row["trace"] == trace and row["kind"] == kind]
    if not rows:
        return None
    count = {name: sum(int(row[name]) for row in rows) for name in ("planted", "open", "benign")}
    n = sum(count.values())
    low, high = share_interval(count["benign"], n)
    sets = [
        {
            "name": one["name"],
            "worlds": one["worlds"],
            **{name: sum(int(row[name]) for row in rows if row["set"] == one["name"]) for name in count},
            "benign_roles": _roles([row for row in rows if row["set"] == one["name"]]),
        }
        for one in told["sets"]
    ]
    worlds = sum(int(one["worlds"]) for one in told["sets"])
    return {"trace": trace, "kind": kind, "n": n, **count, "low": low, "high": high, "worlds": worlds, "sets": sets}


def _roles(rows: list[dict[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        for role, n in row["benign_roles"].items():
            found[role] = found.get(role, 0) + int(n)
    return found


def _of(found: Any, group: Group) -> tuple[str | None, str]:
    """Return the trace in which most of a group's named accounts are named, and what that rests on for most of them."""
    if "reason" not in found.accounts:
        return None, "pair"
    own = found.accounts[found.accounts["account_id"].isin(group.named)]
    facts = [fact for reason in own["reason"] for fact in reason if fact["basis"] == "several"]
    traces = [fact["trace"] for fact in facts]
    if not traces:
        return None, "pair"
    trace = min(set(traces), key=lambda name: (-traces.count(name), name))
    kinds = [fact.get("kind") for fact in facts if fact["trace"] == trace]
    return trace, "group" if 2 * kinds.count("group") > len(kinds) else "pair"


def likeness(found: Any) -> dict[str, Any]:
    """Return the same for every group with an account in tier A or B, with the date and command of the measurement."""
    told = measured()
    return {
        "measured": told is not None,
        "date": told["date"] if told else None,
        "command": told["command"] if told else None,
        "accounts": sorted({int(one["accounts"]) for one in told["sets"]}) if told else [],
        "findings": [
            {"group": place, "named": len(group.named), "like": like_this(found, group)}
            for place, group in enumerate(groups(found), start=1)
        ],
    }
