"""An officer's own list of accounts, laid over the network: with a reason, in the custody log, the newest one holds.

A list says that somebody wants to see these accounts. It changes no finding, and nobody is named by it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spmc_tools.case.acts.logged_act import LoggedAct
from spmc_tools.case.files.typed_text import typed_line
from spmc_tools.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spmc_tools.case.store.case import Case

__all__ = ["LISTED", "AccountList", "account_list", "keep_account_list", "matched_accounts"]

LISTED = "account_list"
"""Kind of the entry in the custody log."""

MOST, LONGEST = 10_000, 300


@dataclass(frozen=True, slots=True)
class AccountList(LoggedAct):
    """One list: why it was made, and the ids or handles as typed."""

    reason: str
    accounts: tuple[str, ...]


def account_list(case: Case) -> AccountList | None:
    """Return the list that holds; None where there is none, or the last one was emptied.

    Raises
    ------
    IntegrityError
        Where the custody log cannot be read.
    """
    for entry in reversed(case.ledger.entries()):
        payload = entry["payload"]
        if entry["kind"] == LISTED and isinstance(payload.get("accounts"), list):
            names = tuple(str(account) for account in payload["accounts"])
            made = AccountList(entry["seq"], entry["at"], str(payload.get("by")), str(payload.get("reason")), names)
            return made if names else None
    return None


def keep_account_list(case: Case, accounts: Iterable[str], reason: str, *, by: str | None = None) -> int:
    """Log a list in place of the one before, and return how many accounts are on it.

    Parameters
    ----------
    case : Case
        Whose accounts they are.
    accounts : iterable of str
        Ids or handles, with or without @; blank ones and repetitions are left out. None at all: the list is emptied.
    reason : str
        Why, in one line.
    by : str, optional
        Who; None: the officer of the case.

    Raises
    ------
    ParameterError
        Where there are more than 10,000, or one is longer than 300 characters; nothing is logged.
    CaseError
        Where the reason is empty.
    """
    unique_accounts = list(dict.fromkeys(account.strip() for account in accounts if account.strip()))
    if len(unique_accounts) > MOST:
        raise ParameterError(
            f"The list has {len(unique_accounts):,} accounts; at most {MOST:,} can be kept.",
            key="list_long", found=len(unique_accounts), most=MOST,
        )  # fmt: skip
    long = next((number for number, account in enumerate(unique_accounts, start=1) if len(account) > LONGEST), None)
    if long is not None:
        raise ParameterError(
            f"Account {long} of the list is longer than {LONGEST} characters; wanted an id or a handle.",
            key="list_entry",
            number=long,
            most=LONGEST,
        )
    why = typed_line(reason, "The reason of the list")
    case.log(LISTED, {"accounts": unique_accounts, "reason": why, "by": by or case.officer})
    return len(unique_accounts)


def matched_accounts(
    listed: Iterable[str], ids: Iterable[str], handles: Mapping[str, str]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the account ids that a list means, and what of it means none.

    Parameters
    ----------
    listed : iterable of str
        As typed.
    ids : iterable of str
        Every account of the data.
    handles : mapping
        Account id -> handle; a handle that several accounts have means all of them.

    Notes
    -----
    Handles are compared without @ and case, in Unicode's form NFKC. Known false positive: a handle that changed hands.
    """
    known = set(ids)
    by_handle: dict[str, set[str]] = {}
    for account, handle in handles.items():
        if account in known:
            by_handle.setdefault(_key(handle), set()).add(account)
    found: set[str] = set()
    missing = []
    for entry in listed:
        meant = ({entry} & known) | by_handle.get(_key(entry), set())
        found |= meant
        if not meant:
            missing.append(entry)
    return frozenset(found), tuple(missing)


def _key(handle: str) -> str:
    return unicodedata.normalize("NFKC", handle).strip().removeprefix("@").casefold()
