"""The referrals of the account that a dossier is about: where each stands, what was asked, what may follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.privacy import AccountId, Clock, Code, Flag, Quoted, Wording
from spmc_tools.report.values.section_values import section_values
from spmc_tools.report.values.withholding import Withholding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.referrals.law import Provision

__all__ = ["SECTIONS", "AccountReferral", "AccountReferrals", "Answer", "RecordEntry", "dossier_referral"]

DATES = ("flagged_at", "verified_at", "sent_at", "answered_at", "closed_at")
LONGEST = 600
"""Characters of what an officer wrote that the page shows."""


@section_values
class Answer:
    """What an officer answered to a question of the checklist; empty: nothing."""

    ask: Code
    answer: Quoted


@section_values
class RecordEntry:
    """What an officer wrote in a part of the referral's record."""

    name: Code
    value: Quoted


@section_values
class AccountReferral(Withholding):
    """A referral: where it stands, since when, what was asked and written, and what may follow.

    ``category`` and ``provision``: their titles by language; ``checked``: a law officer checked the provision's line.
    """

    withheld = ("record",)
    """What an officer wrote of an account leads to it."""

    referral_id: Wording
    state: Code
    category: dict[Code, Wording]
    provision: dict[Code, Wording] | None
    checked: Flag
    flagged_at: Clock | None
    verified_at: Clock | None
    sent_at: Clock | None
    answered_at: Clock | None
    closed_at: Clock | None
    next: tuple[Code, ...]
    checklist: tuple[Answer, ...]
    record: tuple[RecordEntry, ...]


@section_values
class AccountReferrals:
    """The referrals of an account, the newest first."""

    account: AccountId
    rows: tuple[AccountReferral, ...]


def dossier_referral(case: Case, account: str) -> AccountReferrals:
    """Return the referrals of an account with their dates, the checklist's answers, and what may follow.

    What an officer wrote stands there without numbers and addresses, and never who complained.
    """
    from spmc_tools.desks.referrals.law_checks import provisions_of
    from spmc_tools.desks.referrals.referral import referral_desk
    from spmc_tools.desks.referrals.referral_flag import of_account

    desk, lines = referral_desk(case), provisions_of(case)
    rows = [] if desk is None else of_account(desk.referrals, account)
    return AccountReferrals(account=account, rows=tuple(_referral(row, lines) for row in rows))


def _referral(row: Mapping[str, Any], lines: Mapping[str, Provision]) -> AccountReferral:
    import pandas as pd

    from spmc_tools.desks.referrals.law import categories
    from spmc_tools.desks.referrals.referral import NEXT

    provision = lines.get(row["provision"])
    return AccountReferral(
        referral_id=row["referral_id"],
        state=row["state"],
        category=categories().get(row["category"], {"en": row["category"] or "–"}),
        provision=None if provision is None else _provision_titles(provision),
        checked=bool(provision and provision.checked_on),
        **{name: None if pd.isna(row[name]) else row[name] for name in DATES},
        next=tuple(() if row["closed_as"] else NEXT[row["state"]]),
        checklist=_checklist(row["record"]),
        record=_record(row["record"]),
    )


def _provision_titles(provision: Provision) -> dict[str, str]:
    return {code: f"{provision.act} {provision.section}, {provision.title_in(code)}" for code in ("en", "hi")}


def _checklist(record: Mapping[str, Any]) -> tuple[Answer, ...]:
    """Return every question of the checklist with its answer, without numbers and addresses."""
    from spmc_tools.desks.referrals.law import CHECKLIST
    from spmc_tools.text.personal import masked

    answers = record.get("checklist")
    answers = answers if isinstance(answers, dict) else {}
    return tuple(Answer(ask=name, answer=masked(str(answers.get(name) or ""))[:LONGEST]) for name in CHECKLIST)


def _record(record: Mapping[str, Any]) -> tuple[RecordEntry, ...]:
    """Return what the record holds, without numbers and addresses, and without who complained."""
    from spmc_tools.desks.referrals.referral import RECORD
    from spmc_tools.text.personal import masked

    return tuple(
        RecordEntry(name=name, value=masked(str(record[name]))[:LONGEST])
        for name in RECORD
        if name != "complainant" and record.get(name) not in {None, ""}
    )


SECTIONS = (Declaration("dossier_referral", ("case", "account"), dossier_referral, AccountReferrals),)
"""The sections that stand in this module."""
