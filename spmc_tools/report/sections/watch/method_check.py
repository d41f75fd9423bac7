"""Values of the sections that try the method on the case at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.report.sections.groups.shown_groups import groups

if TYPE_CHECKING:
    from spmc_tools.findings.robustness.power import Power

__all__ = ["check", "copies", "other_choices", "power", "rates"]

STAYS = 0.8
"""A finding stays where at least this share of its named accounts is named again."""


def power(power: Power) -> dict[str, Any]:
    """Return the smallest campaign that would have been shown, over all and for each size.

    ``state``: "shown", "not_shown" (none of those tried), or, where nothing could be tried, the commonest reason.
    """
    rows = power.table.astype(object).where(power.table.notna(), None).to_dict("records")
    states = [row["state"] for row in rows]
    tried = [state for state in states if state in {"shown", "not_shown"}]
    why = max(sorted(set(states)), key=states.count) if states else "insufficient"
    return {
        "state": "shown" if "shown" in states else "not_shown" if tried else why,
        "smallest": power.smallest,
        "rows": rows,
        "sizes": len({row["n_accounts"] for row in rows}),
        "traces": list(dict.fromkeys(row["trace"] for row in rows)),
        "takes_part": round(10 * power.notes["takes_part"]),
        "share": power.notes["share"],
        "effort": power.notes["effort"],
        "assessments": power.notes["n_assessments"],
    }


def copies(resampled: dict[str, Any]) -> dict[str, Any]:
    """Return whom the rule names in copies of the case in which nobody acts together on purpose, and the small p."""
    looked = any(row["state"] == "looked_at" for row in resampled["traces"])
    return {**resampled, "state": "looked_at" if looked else "insufficient"}


def other_choices(variants: dict[str, Any]) -> dict[str, Any]:
    """Return under which other windows and strata each finding stays.

    Of each finding ``stays`` (choices under which four fifths of its named accounts are named again) and ``of`` (the
    choices that could be tried).
    """
    able = [row for row in variants["rows"] if row["traces"]]
    found = [
        {
            "group": place + 1,
            "named": one["named"],
            "stays": sum(row["stay"][place] >= STAYS * one["named"] - 1e-9 for row in able),
            "of": len(able),
        }
        for place, one in enumerate(variants["findings"])
    ]
    return {"findings": found, "rows": variants["rows"], "share": STAYS}


def rates(found: Any) -> dict[str, Any]:
    """Return the share of named accounts by script and language of their posts, with the names of the languages."""
    from babel import Locale

    from spmc_tools.findings.robustness.flag_rates import FEWEST, flag_rates

    made = flag_rates(found.read_records(), found.accounts)
    names = {code: Locale(code).languages for code in ("en", "hi")}
    for row in made["languages"] or []:
        told = {code: known.get(row["value"]) for code, known in names.items()}
        row["title"] = told if all(told.values()) else None
    shown = [*made["scripts"], *(made["languages"] or [])]
    return {**made, "fewest": FEWEST, "n_differ": sum(row["differs"] in {"higher", "lower"} for row in shown)}


def check(found: Any, power: Power, resampled: dict[str, Any], variants: dict[str, Any]) -> dict[str, Any]:
    """Return what the checks say together.

    ``state``: "insufficient" (no kind of activity has enough accounts), "named" (somebody was named in a copy) or
    "held"; with the numbers of each check.
    """
    tried, kinds = copies(resampled), resampled["kinds"]
    named = sum(one["copies"] for one in kinds)
    others = other_choices(variants)["findings"]
    return {
        "state": "insufficient" if tried["state"] == "insufficient" else "named" if named else "held",
        "copies": sum(one["draws"] for one in kinds),
        "copies_named": named,
        "rest": tried["rest"]["named"],
        "left_out": resampled["left_out"]["accounts"],
        "groups": len(groups(found)),
        "stay_everywhere": sum(one["stays"] == one["of"] for one in others),
        "choices": max((one["of"] for one in others), default=0),
        "smallest": power.smallest,
        "takes_part": round(10 * power.notes["takes_part"]),
        "differ": rates(found)["n_differ"],
    }
