"""Values of the sections on campaigns: beside the page's other posts, groups of posts, the best, the odd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spmc_tools.desks.reach.awareness import Awareness

__all__ = ["awareness", "awareness_best", "awareness_by", "awareness_limits"]

ROWS = 40


def awareness(reached: Awareness) -> dict[str, Any]:
    """Return the campaigns, and of how many the rate lies clearly above or below that of the page's other posts."""
    from spmc_tools.desks.reach.awareness import campaigns

    rows = campaigns(reached)
    told = [row for row in rows if row["differs"] != "few"]
    first = max((row for row in told if row["differs"] == "higher"), key=lambda row: row["beside"]["low"], default=None)
    return {
        "rows": rows[:ROWS],
        "more": max(0, len(rows) - ROWS),
        "campaigns": len({row["campaign"] for row in rows}),
        "posts": len(reached.posts),
        "tagged": int(reached.posts["campaign"].notna().sum()),
        "compared": len(told),
        "higher": sum(row["differs"] == "higher" for row in told),
        "lower": sum(row["differs"] == "lower" for row in told),
        "first": first,
        "bases": reached.bases,
    }


def awareness_by(reached: Awareness) -> dict[str, Any]:
    """Return posts of each platform by form, language, hour and weekday."""
    from spmc_tools.desks.reach.awareness import BY, groups

    return {
        "by": {name: [row for row in groups(reached.posts, name) if row["rated"]][: 6 * ROWS] for name in BY},
        "bases": reached.bases,
    }


def awareness_best(reached: Awareness) -> dict[str, Any]:
    """Return on each platform the posts with the highest rates."""
    from spmc_tools.desks.reach.awareness import best

    names = dict(zip(reached.names["campaign_id"], reached.names["name"], strict=True))
    rows = best(reached.posts)
    return {"rows": [{**row, "name": names.get(row["campaign"])} for row in rows]}


def awareness_limits(reached: Awareness) -> dict[str, Any]:
    """Return what could not be used, as counts that are not 0."""
    counts = {name: n for name, n in reached.counts.items() if name != "posts" and n}
    return {"counts": [{"what": name, "n": n} for name, n in counts.items()]}
