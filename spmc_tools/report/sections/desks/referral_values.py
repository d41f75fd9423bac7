"""Values of the referral register's sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.referrals.referral import ReferralDesk

__all__ = ["referral", "referral_limits", "referral_overdue", "referral_return"]

ROWS = 60
DATES = ("flagged_at", "verified_at", "sent_at", "answered_at", "closed_at")


def referral(case: Case, desk: ReferralDesk) -> dict[str, Any]:
    """Return how many referrals stand where, and the register with its dates; accounts by their stand-ins."""
    from spmc_tools.desks.referrals.law import categories
    from spmc_tools.desks.referrals.referral import STATES, overdue

    rows = desk.referrals
    states = rows["state"].value_counts()
    shown = rows.sort_values(["flagged_at", "referral_id"], ascending=[False, True], kind="stable")[:ROWS]
    names = case.pseudonyms(shown["account_id"].dropna())
    titles = categories()
    return {
        "as_of": desk.as_of,
        "n": len(rows),
        "open": int(rows["closed_as"].isna().sum()),
        "to_send": int((rows["state"] == "verified").sum()),
        "overdue": len(overdue(rows, desk.as_of, desk.answer_h)),
        "hours_s": desk.answer_h * 3600,
        "states": [{"state": name, "n": int(states.get(name, 0))} for name in STATES],
        "odd": {name: int(rows[name].sum()) for name in ("closed_again", "skipped", "backwards")},
        "rows": [
            {"referral_id": row["referral_id"], "state": row["state"], "who": names.get(row["account_id"]),
             "category": titles.get(row["category"], {"en": row["category"] or "–"}), "provision": row["provision"],
             "synthetic": bool(row["synthetic_media"]) if row["synthetic_media"] is not None else None,
             **{name: row[name] for name in DATES}}
            for row in shown.to_dict("records")
        ],
        "more": max(0, len(rows) - ROWS),
    }  # fmt: skip


def referral_return(desk: ReferralDesk) -> dict[str, Any]:
    """Return the daily return and the monthly table."""
    from spmc_tools.desks.referrals.law import categories
    from spmc_tools.desks.referrals.referral import RETURN, daily_return, monthly

    titles = categories()
    months = monthly(desk.referrals, desk.as_of)
    for month in months:
        month["categories"] = [
            {"title": titles.get(name, {"en": name}), "n": n} for name, n in sorted(month["categories"].items())
        ]
    days = daily_return(desk.states, desk.referrals)
    return {"columns": list(RETURN), "days": days[-40:], "more": max(0, len(days) - 40), "months": months}


def referral_overdue(desk: ReferralDesk) -> dict[str, Any]:
    """Return the referrals that were sent and wait for an answer for too long, and for how long."""
    from spmc_tools.desks.referrals.referral import overdue

    rows = overdue(desk.referrals, desk.as_of, desk.answer_h)
    return {
        "hours_s": desk.answer_h * 3600,
        "n": len(rows),
        "rows": [
            {"referral_id": row["referral_id"], "sent_to": row["sent_to"], "sent_at": row["waits_since_at"],
             "waits_s": (desk.as_of - row["waits_since_at"]).total_seconds()}
            for row in rows[:ROWS].to_dict("records")
        ],
    }  # fmt: skip


def referral_limits() -> dict[str, Any]:
    """Return the provisions that may be chosen, those that may not, and the questions of the checklist."""
    from spmc_tools.desks.referrals.law import CHECKLIST, provisions

    rows = [
        {"act": one.act, "section": one.section, "title": _both(one.title, one.title_hi),
         "ingredients": [_both(*pair) for pair in zip(one.ingredients_in("en"), one.ingredients_in("hi"), strict=True)],
         "source": one.source, "checked_on": one.checked_on, "selectable": one.selectable,
         "reason": _both(one.reason, one.reason_hi)}
        for one in provisions().values()
    ]  # fmt: skip
    return {
        "provisions": rows,
        "unchecked": sum(one["checked_on"] is None for one in rows),
        "checklist": list(CHECKLIST),
    }


def _both(english: str, hindi: str) -> dict[str, str]:
    return {"en": english, "hi": hindi or english}
