"""A law officer's tick of a provision: who checked which line, and on which day, as the custody log tells of it.

A tick is bound to the words of the line that was checked: where the provisions file says something else later, the line
counts as unchecked again. Ticks that stand in the file itself (``checked_on``, ``checked_by``) hold for every case.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from spmc_tools.case.log.ledger import canonical_json
from spmc_tools.desks.base.calendar import IST
from spmc_tools.desks.referrals.law import Provision, provisions
from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spmc_tools.case.store.case import Case

__all__ = ["LawCheck", "check_provisions", "law_checks", "provision_digest", "provisions_of", "withdraw_check"]


@dataclass(frozen=True, slots=True)
class LawCheck:
    """A tick that stands: of which provision, by whom, on which day, and the number of its entry in the custody log."""

    provision: str
    by: str
    checked_on: str
    seq: int


def provision_digest(line: Provision) -> str:
    """Return the SHA-256 of what a line says, in every language; who checked it is no part of that."""
    said = {name: value for name, value in asdict(line).items() if name not in {"checked_on", "checked_by"}}
    return hashlib.sha256(canonical_json(said).encode("utf-8")).hexdigest()


def law_checks(case: Case) -> dict[str, LawCheck]:
    """Return the ticks of a case that stand, by provision: not withdrawn, and of the words that the line has now."""
    digests = {key: provision_digest(line) for key, line in provisions().items()}
    found: dict[str, LawCheck] = {}
    for entry in case.ledger.entries():
        payload = entry["payload"]
        if entry["kind"] == "law_checked":
            found.pop(payload["provision"], None)
            if digests.get(payload["provision"]) == payload["provision_sha256"]:
                found[payload["provision"]] = LawCheck(
                    payload["provision"], payload["by"], payload["checked_on"], entry["seq"]
                )
        elif entry["kind"] == "law_check_withdrawn":
            found.pop(payload["provision"], None)
    return found


def provisions_of(case: Case) -> dict[str, Provision]:
    """Return the provisions by key, each with who checked it: in this case, else as the file says."""
    ticks = law_checks(case)
    return {
        key: replace(line, checked_on=ticks[key].checked_on, checked_by=ticks[key].by) if key in ticks else line
        for key, line in provisions().items()
    }


def check_provisions(case: Case, keys: Iterable[str], by: str, on: str | None = None) -> None:
    """Log that a law officer checked some provisions.

    Parameters
    ----------
    case : Case
        In whose custody log it stands.
    keys : iterable of str
        Of the provisions file; each becomes an entry.
    by : str
        Name of the law officer.
    on : str, optional
        Day of the check (IST), as 2026-12-01; None: today.

    Raises
    ------
    ParameterError
        Where a key is not known, the name is empty, or the day cannot be read or lies ahead. Nothing is logged then.
    """
    lines = [_line(key) for key in dict.fromkeys(keys)]
    if not lines:
        raise ParameterError(f"No provision is named; known: {', '.join(provisions())}.")
    if not by.strip():
        raise ParameterError("A check needs the name of the law officer.")
    day = _day(on)
    for line in lines:
        facts = {"provision": line.key, "act": line.act, "section": line.section, "by": by.strip()}
        case.log("law_checked", {**facts, "checked_on": day, "provision_sha256": provision_digest(line)})


def withdraw_check(case: Case, key: str, reason: str) -> None:
    """Take a tick back; both entries stay in the log.

    Raises
    ------
    ParameterError
        Where the case has no tick of this provision that stands, or no reason is given.
    """
    line = _line(key)
    if key not in law_checks(case):
        raise ParameterError(f"Case {case.id} holds no check of {quote(key)} that could be taken back.")
    if not reason.strip():
        raise ParameterError("Taking a check back needs a reason.")
    facts = {"provision": key, "act": line.act, "section": line.section}
    case.log("law_check_withdrawn", {**facts, "reason": reason.strip()})


def _line(key: str) -> Provision:
    found = provisions().get(key)
    if found is None:
        raise ParameterError(
            f"provision {quote(key)} is not in data/law/provisions.yaml; known: {', '.join(provisions())}."
        )
    return found


def _day(on: str | None) -> str:
    today = datetime.now(IST).date()
    try:
        day = today if on is None else date.fromisoformat(on)
    except ValueError:
        raise ParameterError(f"The day of the check is {quote(on)}; wanted one as 2026-12-01.") from None
    if day > today:
        raise ParameterError(f"The day of the check is {day}, which lies ahead; today is {today}.")
    return day.isoformat()
