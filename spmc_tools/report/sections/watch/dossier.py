"""Values of the dossier of one account: what it did, with whom in step, its posts, what else may explain it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from spmc_tools.case.acts.marks import marks_of
from spmc_tools.case.store.derived_accounts import is_derived
from spmc_tools.errors import ParameterError, quote
from spmc_tools.findings.clusters.evidence import carrying
from spmc_tools.findings.clusters.ordinary_patterns import PATTERNS
from spmc_tools.findings.tiers.scores import BASES
from spmc_tools.report.sections.groups.cards import explanations, files_of, posted_at
from spmc_tools.report.sections.groups.shown_groups import Group, groups, handles
from spmc_tools.report.sections.watch.dossier_values import (
    AccountEvent,
    AccountGround,
    Dossier,
    DossierPost,
    GroupOfAccount,
    KindCount,
    OfficerMark,
    Partner,
)
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.listed import Listed

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.report.scope.scope import Scope
    from spmc_tools.report.sections.groups.card_values import Explanation

__all__ = ["SECTIONS", "chosen_account", "dossier"]

PARTNERS, POSTS = 30, 40
LEVEL = 0.05


def chosen_account(found: Findings, account: str | None = None) -> str | None:
    """Return the account that a dossier is about: the one that is named, else the first with a tier, by its id.

    None where nobody has a tier.

    Raises
    ------
    ParameterError
        Where no record is from this account.
    """
    if account is not None:
        if not (found.accounts["account_id"] == account).any():
            if is_derived(account):
                raise ParameterError(
                    f"account is {quote(account)}, which stands for an id that a spreadsheet destroyed: whose posts "
                    "these are is not certain, so there is no dossier; spmc search shows them."
                )
            raise ParameterError(
                f"account is {quote(account)}: no record of this case is from it; wanted an account id."
            )
        return account
    tiered_ids = found.accounts[found.accounts["tier"].isin(["A", "B"])]["account_id"]
    return str(min(tiered_ids)) if len(tiered_ids) else None


def dossier(case: Case, scope: Scope, found: Findings, account: str) -> Dossier:
    """Return everything that the findings hold of one account."""
    row: Any = found.accounts.set_index("account_id").loc[account]
    names, files = handles(case), files_of(case)
    evidence = found.evidence(account)
    own_posts = evidence[evidence["account_id"] == account].reset_index(drop=True)
    return Dossier(
        account=account,
        name=names.get(account),
        tier=None if pd.isna(row["tier"]) else row["tier"],
        q=row["q"],
        kind=row.get("context") if isinstance(row.get("context"), str) else None,
        records=int(row["n_records"]),
        first=row["first_seen"],
        last=row["last_seen"],
        kinds=_kinds(scope, account),
        grounds=_grounds(found, account),
        events=_events(found, account),
        group=_group(found, account),
        bursts=int(row["n_bursts"]) if row.get("burst_q", 1.0) < LEVEL else 0,
        partners=Listed(
            rows=_partners(found, account, names), all=len(_edges(found, account).drop_duplicates("partner"))
        ),
        posts=Listed(
            rows=tuple(_post(post, account, names, files) for post in evidence[:POSTS].to_dict("records")),
            all=len(evidence),
        ),
        explanations=_explained(found, scope, row, account, own_posts) if len(own_posts) else (),
        marks=_marks(case, account),
        sessions=len(_listed(row.get("sessions"))),
        patterns=_patterns(found, account),
    )


def _patterns(found: Findings, account: str) -> tuple[str, ...]:
    """Return the ordinary patterns that explain a trace of an account."""
    rows = found.ordinary_patterns
    having = set(rows.loc[rows["account_id"] == account, "pattern"])
    return tuple(name for name in PATTERNS if name in having)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else []


def _grounds(found: Findings, account: str) -> tuple[AccountGround, ...]:
    """Return what each trace says of the account, in the order of their names."""
    rows = found.account_traces[found.account_traces["account_id"] == account]
    rows = rows[rows["basis"].isin(BASES)].sort_values("trace", kind="stable")
    return tuple(
        AccountGround(
            trace=row["trace"],
            kind=row["kind"] if row["basis"] == "several" and isinstance(row["kind"], str) else row["basis"],
            sources=_whole(row["n_sources"]),
            partners=_whole(row["n_partners"]),
            occasions=_whole(row["max_occasions"]),
            expected=_known(row["expected"]),
        )
        for row in rows.to_dict("records")
    )


def _whole(count: Any) -> int:
    """Return a count; one that is not known is none."""
    return 0 if pd.isna(count) else int(count)


def _known(figure: Any) -> float | None:
    """Return a figure; None where it is not known."""
    return None if pd.isna(figure) else float(figure)


def _events(found: Findings, account: str) -> tuple[AccountEvent, ...]:
    """Return the events that speak for the account, by time."""
    own = found.account_events[found.account_events["account_id"] == account]
    known = found.events.set_index("event_id")[["n_accounts", "first_t", "last_t"]]
    rows = own.join(known, on="event_id").sort_values(["first_t", "event_id"], kind="stable").to_dict("records")
    return tuple(
        AccountEvent(
            trace=row["trace"],
            signed=int(row["n_signed"]),
            accounts=int(row["n_accounts"]),
            first=row["first_t"],
            last=row["last_t"],
            q=_known(row["q_own"]),
        )
        for row in rows
    )


def _group(found: Findings, account: str) -> GroupOfAccount | None:
    """Return the group of the report that the account is in, by its place there."""
    for place, group in enumerate(groups(found), start=1):
        if account in group.members:
            return GroupOfAccount(place=place, size=len(group.members), named=len(group.named))
    return None


def _marks(case: Case, account: str) -> tuple[OfficerMark, ...]:
    """Return the marks that officers gave the account, those that were undone too."""
    marks = marks_of(case)
    return tuple(
        OfficerMark(
            mark=mark.mark,
            by=mark.by,
            at=datetime.fromisoformat(mark.at),
            reason=mark.reason,
            undone=mark.seq in marks.undone,
        )
        for mark in marks.history(account)
    )


def _kinds(scope: Scope, account: str) -> tuple[KindCount, ...]:
    records = scope.records[scope.records["account_id"] == account]
    counts = records["kind"].dropna().value_counts()
    return tuple(KindCount(kind=str(kind), n=int(counts[kind])) for kind in sorted(counts.index))


def _edges(found: Findings, account: str) -> pd.DataFrame:
    edges = found.edges[carrying(found.edges)]
    rows = edges[(edges["account_a"] == account) | (edges["account_b"] == account)]
    ends: pd.DataFrame = rows.assign(partner=rows["account_b"].where(rows["account_a"] == account, rows["account_a"]))
    return ends


def _partners(found: Findings, account: str, names: dict[str, str]) -> tuple[Partner, ...]:
    """Return with whom the account was in step, by their names; of each pair the least probable trace and window."""
    best = _edges(found, account).sort_values(["p", "partner", "trace"], kind="stable").drop_duplicates("partner")
    shown = best["partner"].map(lambda partner: names.get(str(partner), str(partner)))
    best = best.assign(shown=shown).sort_values(["shown", "partner"], kind="stable")
    return tuple(
        Partner(
            name=edge["shown"],
            trace=edge["trace"],
            window_s=edge["window_s"],
            n=int(edge["n_occasions"]),
            expected=edge["expected"],
            p=edge["p"],
        )
        for edge in best[:PARTNERS].to_dict("records")
    )


def _post(row: dict[Any, Any], account: str, names: dict[str, str], files: dict[str, str]) -> DossierPost:
    who = str(row["account_id"])
    text = row.get("text")
    return DossierPost(
        own=who == account,
        name=names.get(who, who),
        at=row["created_at"],
        trace=row["trace"],
        text=text[:600] if isinstance(text, str) else "",
        file=files.get(str(row["source_sha256"])),
        row=None if pd.isna(row["source_row"]) else int(row["source_row"]),
    )


def _explained(found: Findings, scope: Scope, row: Any, account: str, posts: pd.DataFrame) -> tuple[Explanation, ...]:
    facts = {"n_sources": int(row.get("n_sources") or 0), "traces": list(row["traces"])}
    return explanations(Group(0, (account,), (), facts), posts, scope, posted_at(scope))


SECTIONS = (Declaration("dossier", ("case", "scope", "found", "account"), dossier, Dossier),)
"""The sections that stand in this module."""
