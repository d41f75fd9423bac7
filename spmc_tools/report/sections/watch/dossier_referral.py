"""The referrals of the account that a dossier is about: where each stands, what was asked, what may follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case

__all__ = ["dossier_referral"]

DATES = ("flagged_at", "verified_at", "sent_at", "answered_at", "closed_at")


def dossier_referral(case: Case, account: str) -> dict[str, Any]:
    """Return the referrals of an account with their dates, the checklist's answers, and what may follow.

    What an officer wrote stands there without numbers and addresses, and never who complained.
    """
    import pandas as pd

    from spmc_tools.desks.referrals.law import CHECKLIST, categories, provisions
    from spmc_tools.desks.referrals.referral import NEXT, RECORD, referral_desk
    from spmc_tools.desks.referrals.referral_flag import of_account
    from spmc_tools.text.personal import masked

    desk = referral_desk(case)
    titles, law, rows = categories(), provisions(), []
    for row in [] if desk is None else of_account(desk.referrals, account):
        record = row["record"]
        answers = record.get("checklist")
        answers = answers if isinstance(answers, dict) else {}
        provision = law.get(row["provision"])
        rows.append(
            {
                "referral_id": row["referral_id"],
                "state": row["state"],
                "category": titles.get(row["category"], {"en": row["category"] or "–"}),
                "provision": None
                if provision is None
                else {one: f"{provision.act} {provision.section}, {provision.title_in(one)}" for one in ("en", "hi")},
                "checked": bool(provision and provision.checked_on),
                **{name: None if pd.isna(row[name]) else row[name] for name in DATES},
                "next": list(() if row["closed_as"] else NEXT[row["state"]]),
                "checklist": [
                    {"ask": name, "answer": masked(str(answers.get(name) or ""))[:600]} for name in CHECKLIST
                ],
                "record": [
                    {"name": name, "value": masked(str(record[name]))[:600]}
                    for name in RECORD
                    if name != "complainant" and record.get(name) not in {None, ""}
                ],
            }
        )
    return {"account": account, "rows": rows}
