"""The referral register: flagged, verified, sent, answered, and how it ended, each state with its date.

The register says what the centre did, not what anybody is. Nothing is sent anywhere by this program.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from spmc_tools.desks.base.entry import enter, moment_of
from spmc_tools.desks.referrals.law import CHECKLIST, provision, require_category
from spmc_tools.errors import InputError, quote

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from spmc_tools.case.store.batches import Batch
    from spmc_tools.case.store.case import Case

__all__ = [
    "CLOSED",
    "RECORD",
    "STATES",
    "ReferralDesk",
    "daily_return",
    "enter_state",
    "histories",
    "monthly",
    "overdue",
    "referral_desk",
    "states_of",
]

CLOSED = ("removed", "fir", "cleared")
STATES = ("flagged", "verified", "sent", "answered", *CLOSED)

NEXT: dict[str | None, tuple[str, ...]] = {
    None: ("flagged",),
    "flagged": ("verified", "cleared"),
    "verified": ("sent", "cleared"),
    "sent": ("answered", "removed", "fir", "cleared"),
    "answered": ("sent", "removed", "fir", "cleared"),
}
"""What may follow a state; nothing follows one that closes."""

RECORD = (
    "translation", "translator", "innocent_explanation", "official_version", "indicators", "reach", "complainant",
    "action_sought", "reviewer", "approver_rank", "expires", "note",
)  # fmt: skip
"""What the rest of a referral's record may hold, in the order of a draft; ``complainant`` stands only beside names."""

RETURN = (
    "flagged",
    "verified",
    "sent_platform",
    "sent_other",
    "answered",
    "removed",
    "fir",
    "fir_synthetic",
    "proposal_69a",
    "cleared",
    "watched",
)
"""Columns of the daily return; ``watched``: handles of referrals that are open at the end of the day."""


HISTORY = (
    "referral_id", "record", "state", "first_at", *(f"{state}_at" for state in STATES[:4]), "waits_since_at",
    "closed_at", "closed_as", "sent_to", "platform", "handle", "account_id", "record_ids", "category", "provision",
    "synthetic_media", "officer", "details", "closed_again", "skipped", "backwards",
)  # fmt: skip
"""Columns of :func:`histories`."""


TOLD = (
    "closed_as", "sent_to", "platform", "handle", "account_id", "record_ids", "category", "provision",
    "synthetic_media", "officer", "details",
)  # fmt: skip
"""Columns of these that are None where no state says it."""


@dataclass(frozen=True)
class ReferralDesk:
    """The register: every dated state, one row per referral (:func:`histories`), and the moment looked at."""

    states: pd.DataFrame = field(repr=False)
    referrals: pd.DataFrame = field(repr=False)
    as_of: datetime
    answer_h: int


def referral_desk(case: Case, as_of: str | datetime | None = None, answer_h: int = 36) -> ReferralDesk | None:
    """Return the register of a case; None where it holds no referral.

    Parameters
    ----------
    case : Case
        With the table ``referrals``.
    as_of : str or datetime, optional
        States after it are not looked at; None: the last state.
    answer_h : int
        Hours within which whoever a referral was sent to should answer.
    """
    import pandas as pd

    table = case.table("referrals")
    if not table.num_rows:
        return None
    states = states_of(table)
    moment = moment_of(as_of, "as_of") if as_of is not None else states["state_at"].max().to_pydatetime()
    states = states[states["state_at"] <= pd.Timestamp(moment)].reset_index(drop=True)
    return ReferralDesk(states, histories(states), moment, answer_h)


def states_of(table: pa.Table) -> pd.DataFrame:
    """Return the states by time; of two at one moment in the order of the register's states."""
    import pandas as pd

    states: pd.DataFrame = table.to_pandas(types_mapper={_bool(): pd.BooleanDtype()}.get)
    place = states["state"].map({name: n for n, name in enumerate(STATES)})
    return states.assign(place=place).sort_values(
        ["referral_id", "state_at", "place", "source_sha256", "source_row"], kind="stable", ignore_index=True
    )


def _bool() -> Any:
    import pyarrow as pa

    return pa.bool_()


def histories(states: pd.DataFrame) -> pd.DataFrame:
    """Return one row per referral from all its states.

    Returns
    -------
    pandas.DataFrame
        ``referral_id, state`` (the last that is not a second closing), ``first_at, flagged_at, verified_at, sent_at,
        answered_at`` (the first of each), ``waits_since_at`` (the first sending that no answer follows; NaT where none
        waits), ``closed_at`` and ``closed_as`` (the first closing holds), ``sent_to``
        (last), ``platform, handle, account_id, record_ids, category, provision, synthetic_media,
        officer`` (the last that says so), ``record`` (of all states, :data:`RECORD` and ``checklist``; the last word of
        each holds), ``closed_again, skipped, backwards``
        (what is odd: closed twice; sent without having been verified, or
        answered without having been sent; a state that may not follow the one before).
    """
    import pandas as pd

    rows = [_history(str(name), part) for name, part in states.groupby("referral_id", sort=True)]
    found = pd.DataFrame(rows, columns=list(HISTORY))
    for name in [column for column in HISTORY if column.endswith("_at")]:
        found[name] = pd.to_datetime(found[name], utc=True)
    for name in TOLD:
        found[name] = found[name].astype(object).where(found[name].notna(), None)  # never NaN, which counts as said
    return found


def _history(name: str, part: pd.DataFrame) -> dict[str, Any]:
    import pandas as pd

    order = part["state"].tolist()
    times = {state: part.loc[part["state"] == state, "state_at"].min() for state in STATES}
    closing = part[part["state"].isin(CLOSED)]
    first = closing.iloc[0] if len(closing) else None
    steps = [(before, after) for before, after in zip([None, *order], order, strict=False)]
    last_values = {column: (said.iloc[-1] if len(said := part[column].dropna()) else None) for column in TOLD[1:]}
    record: dict[str, Any] = {}
    for details in part["details"].dropna():
        record |= _record(str(details))
    return {
        "referral_id": name,
        "record": record,
        "state": order[-1] if first is None else first["state"],
        "first_at": part["state_at"].min(),
        **{f"{state}_at": times[state] for state in STATES[:4]},
        "waits_since_at": _waits_since(part),
        "closed_at": first["state_at"] if first is not None else pd.NaT,
        "closed_as": first["state"] if first is not None else None,
        **last_values,
        "closed_again": len(closing) > 1,
        "skipped": ("sent" in order and "verified" not in order) or ("answered" in order and "sent" not in order),
        "backwards": any(b not in CLOSED and a not in NEXT[b] for b, a in steps if b is not None)
        or order[0] != "flagged",
    }


def _waits_since(part: pd.DataFrame) -> Any:
    """Return when it was sent first after its last answer; NaT where it was not."""
    sent = part.loc[part["state"] == "sent", "state_at"]
    answered = part.loc[part["state"] == "answered", "state_at"]
    return (sent[sent > answered.max()] if len(answered) else sent).min()


def _record(details: str) -> dict[str, Any]:
    """Return the rest of a record; text that is no table of names and values is a note."""
    try:
        found = json.loads(details)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"note": details}


def enter_state(case: Case, referral_id: str, state: str, **said: Any) -> Batch:
    """Keep a new state of a referral.

    Parameters
    ----------
    case : Case
        Where the register lies.
    referral_id, state : str
        A new id begins with ``flagged``; what may follow is :data:`NEXT`.
    **said
        Columns of the table ``referrals`` (``sent_to, platform, account_id, handle, record_ids, category, provision,
        synthetic_media, state_at``), and for ``sent`` a ``checklist``: an answer in words to each of
        :data:`~spmc_tools.desks.referrals.law.CHECKLIST`. The rest of the record goes into ``details``, a dict with
        names of :data:`RECORD`.

    Raises
    ------
    InputError
        Where the state cannot follow, the referral is closed, the category or provision may not be chosen, or the
        checklist is not answered.
    """
    if state not in STATES:
        raise InputError(f"state is {quote(state)}, wanted one of {', '.join(STATES)}.")
    rows = case.table("referrals").to_pylist()
    order = sorted(
        (r for r in rows if r["referral_id"] == referral_id), key=lambda r: (r["state_at"], STATES.index(r["state"]))
    )
    last = order[-1]["state"] if order else None
    if closed := [r for r in order if r["state"] in CLOSED]:
        raise InputError(
            f"Referral {quote(referral_id)} is closed as {closed[0]['state']} since "
            f"{closed[0]['state_at']:%Y-%m-%d}; nothing follows."
        )
    if not referral_id or state not in NEXT[last]:
        raise InputError(
            f"Referral {quote(referral_id)} is {last or 'new'}; what may follow is {', '.join(NEXT[last])}, "
            f"not {state}."
        )
    known = {"sent_to", "platform", "account_id", "handle", "record_ids", "category", "provision", "synthetic_media",
             "state_at", "checklist", "details"}  # fmt: skip
    if unknown := sorted(set(said) - known):
        raise InputError(f"A referral has no {quote(unknown[0])}; it has {', '.join(sorted(known))}.")
    row = {
        name: said.get(name, order[-1].get(name) if order else None)
        for name in known - {"state_at", "checklist", "details"}
    }
    _require(row, state, said.get("checklist"))
    at = moment_of(said.get("state_at"), "state_at")
    if order and at < order[-1]["state_at"]:
        raise InputError(f"state_at is {at.isoformat()}, before the referral became {last}; give a later moment.")
    if unknown := sorted(set(said.get("details") or {}) - set(RECORD)):
        raise InputError(f"details has no {quote(unknown[0])}; it has {', '.join(RECORD)}.")
    more = {**(said.get("details") or {}), **({"checklist": said["checklist"]} if "checklist" in said else {})}
    details = json.dumps(more, ensure_ascii=False, sort_keys=True) if more else None
    return enter(
        case,
        "referrals",
        [
            {
                **row,
                "referral_id": referral_id,
                "state": state,
                "state_at": at,
                "officer": case.officer,
                "details": details,
            }
        ],
    )


def _require(row: dict[str, Any], state: str, checklist: Any) -> None:
    if row["category"]:
        require_category(row["category"])
    if row["provision"]:
        provision(row["provision"])
    if state not in {"flagged", "cleared"} and not row["category"]:
        raise InputError(f"A referral becomes {state} only with a category.")
    if state == "sent":
        answers = checklist if isinstance(checklist, dict) else {}
        open_ = [name for name in CHECKLIST if not str(answers.get(name, "")).strip()]
        if open_ or not row["provision"] or not row["sent_to"]:
            raise InputError(
                "A referral is sent only with sent_to, a provision and an answer in words to every question of the "
                f"checklist; open: {', '.join(open_) or 'sent_to or provision'}."
            )


def daily_return(
    states: pd.DataFrame, referrals: pd.DataFrame, first: date | None = None, last: date | None = None
) -> list[dict[str, Any]]:
    """Return one row per Indian day: the columns of :data:`RETURN`.

    A state that a referral reaches twice on one day counts once; a second closing does not count.

    Parameters
    ----------
    states, referrals : pandas.DataFrame
        Of :func:`states_of` and :func:`histories`.
    first, last : datetime.date, optional
        Days of the first and the last row, both inclusive; None: those of the first and the last state.
    """
    import pandas as pd

    if not len(states):
        return []
    there = states.assign(day=_days(states["state_at"]))
    first_closed = there[there["state"].isin(CLOSED)].drop_duplicates("referral_id").index
    counted = there[~there["state"].isin(CLOSED) | there.index.isin(first_closed)]
    counted = counted.drop_duplicates(["referral_id", "day", "state"])
    days = pd.date_range(first or counted["day"].min(), last or counted["day"].max(), freq="D")
    platform = counted["sent_to"].fillna("").str.casefold().str.startswith("platform")
    synthetic = counted["synthetic_media"].fillna(False).astype(bool)
    parts = {
        **{name: counted["state"] == name for name in ("flagged", "verified", "answered", "removed", "fir", "cleared")},
        "sent_platform": (counted["state"] == "sent") & platform,
        "sent_other": (counted["state"] == "sent") & ~platform,
        "fir_synthetic": (counted["state"] == "fir") & synthetic,
        "proposal_69a": (counted["state"] == "sent") & (counted["provision"] == "it_69a"),
    }
    table = pd.DataFrame(parts).groupby(counted["day"]).sum().reindex(days, fill_value=0)
    opened, closed = _days(referrals["first_at"]), _days(referrals["closed_at"])
    rows = []
    for day, (_, counts) in zip(days, table.iterrows(), strict=True):
        watched = referrals[(opened <= day) & (closed.isna() | (closed > day))]["handle"].nunique()
        rows.append(
            {
                "day": day.date(),
                **{name: int(counts[name]) for name in RETURN if name != "watched"},
                "watched": int(watched),
            }
        )
    return rows


def _days(times: pd.Series[Any]) -> pd.Series[Any]:
    """Return the Indian day of each time, as its midnight without a zone."""
    found: pd.Series[Any] = times.dt.tz_convert("Asia/Kolkata").dt.tz_localize(None).dt.normalize()
    return found


def monthly(referrals: pd.DataFrame, as_of: datetime) -> list[dict[str, Any]]:
    """Return one row per month (Indian time, of the first state): how many, how they stand, the median time to close.

    ``month`` as 2025-11, ``flagged, open, removed, fir, cleared, categories`` (counts by category), ``median_s``:
    within how many seconds half of *all* are closed (Kaplan-Meier, those open still counted as open until ``as_of``);
    None where fewer than half are.
    """
    import numpy as np
    import pandas as pd

    from spmc_tools.desks.base.rates import waiting

    if not len(referrals):
        return []
    month = referrals["first_at"].dt.tz_convert("Asia/Kolkata").dt.strftime("%Y-%m")
    rows = []
    for name, part in referrals.groupby(month):
        closed = part["closed_as"].notna()
        ends = part["closed_at"].fillna(pd.Timestamp(as_of))
        lasted = np.asarray((ends - part["first_at"]).dt.total_seconds(), dtype=np.float64)
        rows.append({
            "month": str(name), "flagged": len(part), "open": int(part["closed_as"].isna().sum()),
            **{state: int((part["closed_as"] == state).sum()) for state in CLOSED},
            "categories": {str(k): int(v) for k, v in part["category"].value_counts().items()},
            "median_s": waiting(lasted, closed.to_numpy(dtype=bool)).quantile(0.5),
        })  # fmt: skip
    return rows


def overdue(referrals: pd.DataFrame, as_of: datetime, answer_h: int) -> pd.DataFrame:
    """Return referrals that were sent, are open, and have had no answer for more than so many hours, oldest first.

    One that was answered and sent again waits from then on.
    """
    late = as_of - timedelta(hours=answer_h)
    waits = referrals[referrals["closed_as"].isna() & (referrals["waits_since_at"] < late)]
    return waits.sort_values(["waits_since_at", "referral_id"], kind="stable", ignore_index=True)
