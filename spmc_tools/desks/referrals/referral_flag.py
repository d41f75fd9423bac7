"""From the dossier of an account to the referral register: what the findings hold of it, entered as *flagged*.

To flag is to ask a second person to look. What goes into the record are the posts behind the findings and the numbers
of the strongest link with what chance expects of it; no score of a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.chance.statistics.false_discovery import in_far_tail
from spmc_tools.errors import InputError, quote

if TYPE_CHECKING:
    from spmc_tools.case.store.batches import Batch
    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings

__all__ = ["POSTS", "flag_account", "indicators", "of_account"]

POSTS = 40
"""Posts that a referral names, the first of the evidence."""


def flag_account(  # noqa: PLR0913 -- what a referral's record holds
    case: Case, found: Findings, account: str, referral_id: str, *, category: str, reason: str, **said: Any
) -> Batch:
    """Enter an account as *flagged*, with its posts and numbers as the findings hold them.

    Parameters
    ----------
    case : Case
        Where the register lies.
    found : object
        Of :func:`spmc_tools.investigate`.
    account : str
        Id of the account.
    referral_id : str
        A new one.
    category : str
        Of ``data/law/categories.yaml``.
    reason : str
        Why, in the officer's words; a note of the record.
    **said
        As for :func:`spmc_tools.desks.referrals.referral.enter_state`; ``details`` adds to the record.

    Raises
    ------
    InputError
        Where no record is from the account, an officer cleared it, no reason is given, or as ``enter_state``.
    """
    from spmc_tools.case.acts.marks import marks_of
    from spmc_tools.desks.referrals.referral import enter_state

    row = found.accounts[found.accounts["account_id"] == account]
    if not len(row):
        raise InputError(f"account is {quote(account)}: no record of this case is from it; wanted an account id.")
    if not reason.strip():
        raise InputError(f"Account {quote(account)} is flagged only with a reason in words.")
    last = marks_of(case).of(account)
    if last is not None and last.mark == "cleared":
        raise InputError(
            f"Account {quote(account)} is marked cleared by {quote(last.by)} since {last.at[:10]}; undo the mark first."
        )
    evidence = found.evidence(account)
    posts = evidence[evidence["account_id"] == account].drop_duplicates("record_id")[:POSTS]
    details = {"indicators": indicators(found, account), "note": reason.strip(), **(said.pop("details", None) or {})}
    facts = {
        "platform": str(posts["platform"].iloc[0]) if len(posts) and "platform" in posts else None,
        "record_ids": [str(record_id) for record_id in posts["record_id"]] or None,
        "handle": _handle(case, account),
    }
    return enter_state(
        case, referral_id, "flagged", account_id=account, category=category, details=details, **(facts | said)
    )


def _handle(case: Case, account: str) -> str | None:
    """Return the name of an account as it was observed last; None where no file tells it."""
    rows = case.table("accounts", ["account_id", "handle", "observed_at"]).to_pylist()
    account_rows = [row for row in rows if row["account_id"] == account and row["handle"]]
    return str(account_rows[-1]["handle"]) if account_rows else None


def indicators(found: Findings, account: str) -> str:
    """Return the numbers of an account and of its least probable link, as names and values in one line.

    ``tier, q, partners``; ``trace, window_s, seen, expected, p`` of the link. Without a tier and a link it says so by
    ``tier=none partners=0``.
    """
    import pandas as pd

    row = found.accounts.set_index("account_id").loc[account]
    edges = found.edges
    account_edges = edges[(edges["account_a"] == account) | (edges["account_b"] == account)]
    partners = len(set(account_edges["account_a"]) | set(account_edges["account_b"])) - 1 if len(account_edges) else 0
    parts = [f"tier={row['tier'] if not pd.isna(row['tier']) else 'none'}"]
    parts += [] if pd.isna(row["q"]) else [f"q={_probability(row['q'])}"]
    parts += [f"partners={partners}"]
    known = account_edges[account_edges["p"].notna()].sort_values(
        ["p", "account_a", "account_b", "trace"], kind="stable"
    )
    if len(known):
        best = known.iloc[0]
        window = "" if pd.isna(best["window_s"]) else f" window_s={best['window_s']:g}"
        parts += [f"trace={best['trace']}{window} seen={int(best['n_occasions'])} expected={best['expected']:.3g} "
                  f"p={_probability(best['p'])}"]  # fmt: skip
    return " ".join(parts)


def _probability(p: float) -> str:
    return "<1e-9" if in_far_tail(p) else f"{p:.3g}"


def of_account(referrals: Any, account: str) -> list[dict[str, Any]]:
    """Return the referrals of an account, the newest first.

    Parameters
    ----------
    referrals : pandas.DataFrame
        Of :func:`spmc_tools.desks.referrals.referral.histories`.
    """
    account_referrals = referrals[referrals["account_id"] == account]
    ordered = account_referrals.sort_values(["first_at", "referral_id"], ascending=[False, True], kind="stable")
    return [{str(key): value for key, value in row.items()} for row in ordered.to_dict("records")]
