"""Two investigations of a case, or two periods of one, side by side: who and which groups differ, as tables."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from spmc_tools.app.acts.act_form import Act, ActField, Done, Ground, ShownTable
from spmc_tools.errors import CaseError

if TYPE_CHECKING:
    from spmc_tools.findings.result.compared_runs import Compared
    from spmc_tools.findings.result.findings import Findings

__all__ = ["COMPARE_ACTS", "compare_tables"]

_NOW, _KEPT, _MOST = "0", "compare", 300
_A_DAY = timedelta(hours=20)
_INDIA = ZoneInfo("Asia/Kolkata")
_SIDES = ("before", "after")


def _choices(ground: Ground) -> list[tuple[str, str]]:
    """Return this investigation and the earlier ones whose results are still kept, newest first."""
    from spmc_tools.findings.result.earlier_runs import earlier_looks

    found, case = ground.look(), ground.case
    if found is None or case is None:
        return []
    looks = ground.once("looks", case.ledger.head(), lambda: earlier_looks(case, found))
    words = [(str(one.seq), ground.say("compare.look", at=ground.logged(one.at), count=one.accounts)) for one in looks]
    return [(_NOW, ground.say("compare.now")), *words]


def _yesterday(ground: Ground) -> str:
    """Return the newest investigation that is at least 20 hours old, else the newest other one, else this one."""
    from spmc_tools.findings.result.earlier_runs import earlier_looks

    found, case = ground.look(), ground.case
    looks = [] if found is None or case is None else earlier_looks(case, found)
    now = datetime.now().astimezone()
    old = [one for one in looks if now - datetime.fromisoformat(one.at.replace("Z", "+00:00")) >= _A_DAY]
    return str(next(iter(old or looks)).seq) if looks else _NOW


def _findings(ground: Ground, chosen: str) -> Findings:
    from spmc_tools.findings.result.earlier_runs import earlier_looks, look_again

    found, case = ground.look(), ground.opened
    if found is None:
        raise CaseError(ground.say("app.not_looked"))
    if chosen == _NOW:
        return found
    look = next((one for one in earlier_looks(case, found) if str(one.seq) == chosen), None)
    if look is None:
        raise CaseError(ground.say("app.no_choice"))
    return look_again(case, look)


def _period(values: dict[str, Any], side: str) -> Any:
    """Return the first and the last moment of the days that were typed, in Indian time; None: all time."""
    import pandas as pd

    first, last = (values[f"{side}_{end}"] for end in ("first", "last"))
    if not first and not last:
        return None
    low, high = date.fromisoformat(first or "1970-01-01"), date.fromisoformat(last or "2199-12-31")
    ends = pd.Timestamp(low, tz=_INDIA), pd.Timestamp(high + timedelta(days=1), tz=_INDIA) - pd.Timedelta(1, "us")
    return tuple(end.tz_convert("UTC") for end in ends)


def _check(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    wrong = {}
    for side in _SIDES:
        first, last = values[f"{side}_first"], values[f"{side}_last"]
        if first and last and last < first:
            wrong[f"{side}_last"] = ground.say("app.days_turned")
    same = all(values[f"before_{name}"] == values[f"after_{name}"] for name in ("look", "first", "last"))
    return wrong or ({"after_look": ground.say("app.compare_same")} if same else {})


def _side(ground: Ground, values: dict[str, Any], side: str) -> str:
    """Return in words what stands on one side."""
    said = dict(_choices(ground))[values[f"{side}_look"]]
    ends = [values[f"{side}_{end}"] for end in ("first", "last")]
    days = [str(ground.words.day(end)) if end else "…" for end in ends]
    return f"{said} ({' – '.join(days)})" if any(ends) else said


def _compare(ground: Ground, values: dict[str, Any]) -> Done:
    from spmc_tools.findings.result.compared_runs import compared

    before, after = (_findings(ground, values[f"{side}_look"]) for side in _SIDES)
    result = compared(before, after, _period(values, "before"), _period(values, "after"))
    case = ground.opened
    names = [_side(ground, values, side) for side in _SIDES]
    ground.kept[_KEPT] = (case.id, (result, before.reviewed and after.reviewed))
    lines = [
        ground.say("app.compare_done", before=names[0], after=names[1]),
        ground.say("compare.links", **result.links),
        ground.say("compare.accounts", count=len(result.accounts)),
    ]
    if not len(result.accounts) and not _groups(result):
        lines.append(ground.say("compare.same"))
    return Done(tuple(lines))


def _groups(result: Compared) -> list[dict[str, Any]]:
    """Return the groups that are new, gone, or have other members, with plain numbers."""
    plain = result.groups.astype(object).where(result.groups.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in plain if row["joined"] or row["left"]]


def compare_tables(ground: Ground) -> list[ShownTable]:
    """Return the groups and the accounts that differed in the last comparison of this case, as tables.

    On the page an account has its name. What is saved has its pseudonym alone, until reviews uphold both sides.
    """
    case_id, kept = ground.kept.get(_KEPT, (None, None))
    if ground.case is None or kept is None or case_id != ground.case.id:
        return []
    result, named = kept
    say, number = ground.say, ground.words.number

    def group(row: dict[str, Any], side: str) -> str:
        if row[side] is None:
            return "–"
        return say("explore.view.group", group=row[side], count=row[f"size_{side}"])

    groups = [
        (group(row, "before"), group(row, "after"), str(number(row["joined"])), str(number(row["left"])))
        for row in _groups(result)
    ]
    accounts = _accounts(ground, result)
    masked = [(row[0], "–", *row[2:]) for row in accounts]
    header = tuple(
        say(name) for name in (
            "explore.column.account", "explore.column.name", "compare.column.tier_before", "compare.column.tier_after",
            "compare.column.links_before", "compare.column.links_after",
        )
    )  # fmt: skip
    more = len(accounts) - _MOST
    return [
        ShownTable(
            "groups", say("app.table.groups_differ"),
            tuple(say(f"compare.column.{name}") for name in ("group_before", "group_after", "joined", "left")), groups,
        ),
        ShownTable(
            "accounts", say("app.table.accounts_differ"), header, accounts[:_MOST],
            saved=accounts if named else masked, note=say("compare.more", count=more) if more > 0 else "",
        ),
    ]  # fmt: skip


def _accounts(ground: Ground, result: Compared) -> list[tuple[str, ...]]:
    from spmc_tools.report.sections.groups.shown_groups import handles

    case, number = ground.opened, ground.words.number
    names = handles(case)
    pseudonyms = case.pseudonyms(result.accounts["account_id"])
    return [
        (
            pseudonyms[row["account_id"]], names.get(row["account_id"], row["account_id"]), row["tier_before"] or "–",
            row["tier_after"] or "–", str(number(row["links_before"])), str(number(row["links_after"])),
        )
        for row in result.accounts.to_dict("records")
    ]  # fmt: skip


COMPARE_ACTS = (
    Act(
        "compare",
        (
            ActField("before_look", "choice", options=_choices, start=_yesterday),
            ActField("before_first", "day", needed=False),
            ActField("before_last", "day", needed=False),
            ActField("after_look", "choice", options=_choices, start=lambda _ground: _NOW),
            ActField("after_first", "day", needed=False),
            ActField("after_last", "day", needed=False),
        ),
        _compare,
        lambda _case, _values: "compare(opened, found, Wording, handles(opened), language)",
        lab=True,
        closed=lambda ground: "" if ground.look() is not None else ground.say("app.not_looked"),
        check=_check,
    ),
)
