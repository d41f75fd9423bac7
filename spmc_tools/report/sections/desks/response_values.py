"""Values of the response desk's sections: figures, who waits, complaints that say the same, what is odd.

No section holds a complainant's account, number or name: complaints are shown by the case's stand-in for their thread,
and of texts only words that several people wrote.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.complaints.response import ResponseDesk

__all__ = ["response", "response_alike", "response_limits", "response_now", "response_queue"]

ROWS, GROUPS, TEXT = 40, 12, 240
ALIKE_DAYS, ALIKE_MOST = 7, 50_000
WRITERS = 5
"""Fewest accounts whose shared words and times are shown: one person on three channels shares every word."""


def response(desk: ResponseDesk) -> dict[str, Any]:
    """Return the figures over all and by channel, hour, weekday, language, district, subject and shift."""
    from spmc_tools.desks.base.rates import thinned
    from spmc_tools.desks.complaints.response import BY, curve_of, groups_of, told

    curve = curve_of(desk.threads)
    return {
        "as_of": desk.as_of,
        "limit_s": desk.limit_s,
        "first": desk.threads["asked_at"].min() if len(desk.threads) else None,
        "all": told(desk.threads, desk.as_of, desk.limit_s),
        "curve": thinned(curve),
        "by": {
            name: [
                {**row, "value": _masked(row["value"])}
                for row in groups_of(desk.threads, name, desk.as_of, desk.limit_s)
            ]
            for name in BY
        },
    }


def _masked(value: Any) -> Any:
    """Return a value of the sheet with numbers, handles, addresses and links masked: a column may hold anything."""
    from spmc_tools.text.personal import masked

    return masked(value) if isinstance(value, str) else value


def response_now(desk: ResponseDesk) -> dict[str, Any]:
    """Return the figures over all alone: what stands above the queue while the notebook is open."""
    from spmc_tools.desks.complaints.response import told

    return {
        "as_of": desk.as_of,
        "limit_s": desk.limit_s,
        "all": told(desk.threads, desk.as_of, desk.limit_s),
        "after": desk.counts["after"],
    }


def response_queue(case: Case, desk: ResponseDesk) -> dict[str, Any]:
    """Return who waits, the longest first, and how many wait for whom; complaints stand there by their stand-in."""
    import pandas as pd

    waits = desk.queue
    soon = waits.index[waits["state"] == "soon"][: ROWS // 2]  # what is due next is shown, however much is overdue
    shown = waits.loc[sorted([*soon, *waits.index.difference(soon)[: ROWS - len(soon)]])]
    names = case.pseudonyms([f"thread {one}" for one in shown["thread_id"]])
    columns = ("platform", "channel", "district", "subject", "send_to", "asked_at", "due_at", "state")
    rows = [
        {"who": names[f"thread {row['thread_id']}"], **{name: row[name] for name in columns}}
        for row in shown.to_dict("records")
    ]
    per_office = waits.groupby("send_to")["state"].value_counts().unstack(fill_value=0)
    states = ("overdue", "soon", "later")
    return {
        "limit_s": desk.limit_s,
        "as_of": desk.as_of,
        **{name: int((waits["state"] == name).sum()) for name in states},
        "waiting_again": int(desk.threads["waiting_again"].sum()),
        "withdrawn": int(desk.threads["withdrawn"].sum()),
        "rows": [
            {
                **{name: None if pd.isna(value) else _masked(value) for name, value in row.items()},
                "send_to": _office(desk, row["send_to"]),
            }
            for row in rows
        ],
        "more": max(0, len(waits) - ROWS),
        "offices": [
            {"send_to": _office(desk, str(name)), **{one: int(counts.get(one, 0)) for one in states}}
            for name, counts in per_office.iterrows()
        ],
    }


def _office(desk: ResponseDesk, name: str) -> dict[str, str]:
    return {"en": name, "hi": desk.rules.hindi.get(name, name)}


def response_alike(desk: ResponseDesk) -> dict[str, Any]:
    """Return groups of complaints of the last seven days that say nearly the same, by the words that all share."""
    from spmc_tools.desks.complaints.response import alike
    from spmc_tools.text.personal import shared_words

    recent = desk.threads[desk.threads["asked_at"] >= desk.as_of - timedelta(days=ALIKE_DAYS)].tail(ALIKE_MOST)
    groups = alike(recent)
    rows = []
    for group in groups[:GROUPS].to_dict("records"):
        texts = recent.loc[group.pop("places"), "text"].tolist()
        enough = group["n_complainants"] >= WRITERS
        if not enough:
            group |= {"first_asked": None, "last_asked": None}
        rows.append({**group, "words": shared_words(texts)[:TEXT] if enough else ""})
    return {
        "days": ALIKE_DAYS,
        "looked": len(recent),
        "groups": len(groups),
        "threads": int(groups["n_threads"].sum()),
        "rows": rows,
    }


def response_limits(desk: ResponseDesk) -> dict[str, Any]:
    """Return what is odd in the messages, as counts that are not 0."""
    return {"counts": [{"what": name, "n": n} for name, n in desk.counts.items() if n]}
