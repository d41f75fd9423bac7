"""No page ranks persons: wherever rows stand for accounts, their order is that of ids, names, numbers or times.

Walked are the values of every section of every notebook on the sample case, not the code that sorts them: rows are held
against the orders that tell nothing of a person. Groups are no persons: theirs is the order of the evidence.
"""

from __future__ import annotations

import typing
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pandas as pd
import pytest

import spmc_tools as spmc
from spmc_tools.demo import sample_case
from spmc_tools.desks.complaints.response import response_desk
from spmc_tools.desks.reach.awareness import awareness
from spmc_tools.desks.reach.standing import standing
from spmc_tools.desks.referrals.referral import referral_desk
from spmc_tools.desks.rumours.rumour import rumour_desk
from spmc_tools.desks.watch.board import board
from spmc_tools.findings.result import exports
from spmc_tools.report.page.sections import SECTIONS, section
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.desks.response_values import WaitingComplaint
from spmc_tools.report.sections.groups import account_values, card_values, course, grounds
from spmc_tools.report.values.privacy import Privacy
from spmc_tools.report.values.section_values import hints_of

OF_NUMBERS = {
    account_values.NamedAccount, account_values.PairOfGroup, card_values.LinkedPair, card_values.Member,
    course.PartPlayed, grounds.GroupMember,
}  # fmt: skip
"""Rows that name accounts by their number in the report (``n``, or ``a`` and ``b``)."""

NO_CASE = {"copies", "power", "variants", "rates", "likeness", "check"}
"""Sections of the check of the method: of copies and simulated weeks, without an account."""


@pytest.fixture(scope="module")
def sections(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("ranks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPMC_KEYS", str(folder / "keys"))
        case = sample_case(folder / "cases")[0]
        found = spmc.investigate(case)
        tiered = sorted(found.accounts.loc[found.accounts["tier"].isin(["A", "B"]), "account_id"])
        made: dict[str, Any] = {"found": found, "case": case}
        for kind in ("election", "festival"):
            scope = in_period(case, kind=kind)
            given = {"case": case, "scope": scope, "found": found, "account": tiered[0]}
            given |= {"ranking": standing(case), "reached": awareness(case), "board": board(case)}
            desks = {
                "rumour": rumour_desk(case, scope.records, found=found), "referral": referral_desk(case),
                "response": response_desk(case),
            }  # fmt: skip
            for name, declared in SECTIONS.items():
                if name in NO_CASE:
                    continue
                if "desk" in declared.needs:
                    given["desk"] = next(desk for start, desk in desks.items() if name.startswith(start))
                one = section(name, **{need: given[need] for need in declared.needs})
                assert one.missing == (), name
                made[f"{name} ({kind})"] = one.values
        yield made


def lists_of(value: Any, where: str) -> typing.Iterator[tuple[str, tuple[Any, ...]]]:
    """Every row of values of one class, with where it stands."""
    if isinstance(value, (tuple, list)):
        if value and all(is_dataclass(row) for row in value):
            yield where, tuple(value)
        for row in value:
            yield from lists_of(row, where)
    elif isinstance(value, dict):
        for key, row in value.items():
            yield from lists_of(row, f"{where}.{key}")
    elif is_dataclass(value):
        for field in fields(value):
            yield from lists_of(getattr(value, field.name), f"{where}.{field.name}")


def classes_of(cls: Any) -> dict[str, set[Privacy]]:
    """The privacy classes of each field itself, not of what is inside it."""

    def leaves(hint: Any) -> set[Privacy]:
        own = {one for one in typing.get_args(hint)[1:] if isinstance(one, Privacy)}
        if own:
            return own
        return set().union(*map(leaves, typing.get_args(hint))) if typing.get_origin(hint) is not tuple else set()

    return {name: leaves(hint) for name, hint in hints_of(cls).items()}


def of_accounts(cls: Any) -> bool:
    held = classes_of(cls)
    return (
        cls in OF_NUMBERS
        or "who" in held
        or any({Privacy.ACCOUNT, Privacy.HANDLE} & classes for classes in held.values())
    )


def orders(cls: Any) -> list[tuple[str, ...]]:
    """The orders that tell nothing of a person: by number, id, handle or pseudonym, group by group, and by time."""
    held = classes_of(cls)
    named = [name for name, classes in held.items() if {Privacy.ACCOUNT, Privacy.HANDLE} & classes]
    named += [name for name in ("who", "pseudonym", "label") if name in held]
    times = [name for name, classes in held.items() if {Privacy.TIME, Privacy.CLOCK} & classes]
    numbers = [("a", "b")] if {"a", "b"} <= set(held) else [("n",)] if cls in OF_NUMBERS else []
    single = [*numbers, *((name,) for name in [*named, *times])]
    grouped = [("group", *order) for order in single if "group" in held]
    return single + grouped


def key_of(row: Any, order: tuple[str, ...]) -> tuple[Any, ...]:
    found = [getattr(row, name) for name in order]
    return tuple((one is None, "" if one is None else one) for one in found)


def ranked(rows: tuple[Any, ...]) -> bool:
    """Tell whether rows about accounts stand in none of the orders that tell nothing."""
    if isinstance(rows[0], WaitingComplaint):  # what is due, by time, and then what is overdue, by time
        return any(ranked_alone([row for row in rows if (row.state == "overdue") == over]) for over in (False, True))
    return ranked_alone(rows)


def ranked_alone(rows: typing.Sequence[Any]) -> bool:
    keys = ([key_of(row, order) for row in rows] for order in (orders(type(rows[0])) if rows else ()))
    return len(rows) > 1 and not any(listed in (sorted(listed), sorted(listed, reverse=True)) for listed in keys)


def test_rows_of_accounts_stand_by_id_name_number_or_time(sections: dict[str, Any]) -> None:
    walked, wrong = set(), []
    for name, values in sections.items():
        for where, rows in lists_of(values, name) if name not in {"found", "case"} else ():
            if of_accounts(type(rows[0])):
                walked.add(type(rows[0]).__name__)
                wrong += [where] if ranked(rows) else []
    assert wrong == []
    assert walked >= {"LinkedPair", "PairOfGroup", "PartPlayed", "Member", "NamedAccount", "Partner", "Carrier"}


def test_a_rank_is_noticed(sections: dict[str, Any]) -> None:
    table = sections["accounts (election)"]
    by_links = tuple(sorted(table.rows, key=lambda row: -row.links))
    by_p = tuple(sorted(table.pairs.rows, key=lambda row: (row.p, row.group, row.a, row.b)))
    assert ranked(by_links) and ranked(by_p)
    carriers = tuple(
        row for rumour in sections["rumour (election)"].claims for row in rumour.carriers if len(rumour.carriers) > 4
    )
    assert ranked(tuple(sorted(carriers, key=lambda row: (-(row.views or 0), row.n_posts)))) if carriers else True


@pytest.mark.parametrize("names", [False, True])
def test_no_sheet_that_leaves_a_case_ranks_accounts_or_links(sections: dict[str, Any], names: bool) -> None:
    found, case = sections["found"], sections["case"]
    mixed = {name: getattr(found, name).sample(frac=1, random_state=1) for name in ("edges", "signals")}
    found = replace(found, **mixed)
    shown = exports._Shown(found._exported(), None if names else case.pseudonyms(found.accounts["account_id"]))
    for sheet, order in (
        ("accounts", ["cluster_id", "account_id"]),
        ("edges", ["trace", "window_s", "account_a", "account_b"]),
        ("signals", ["detector", "measure", "account_id"]),
        ("reply_swarms", ["first_t"]),
    ):
        rows = getattr(shown, sheet)[order].astype("object").to_numpy().tolist()
        keys = [[(bool(pd.isna(cell)), "" if pd.isna(cell) else cell) for cell in row] for row in rows]
        assert keys == sorted(keys), sheet
