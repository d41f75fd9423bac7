"""Changes of ``case.toml``: written and logged with the old value, the new one and the reason, or not made at all."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.case.log.settings import make_settings, settings_toml
from spmc_tools.errors import CaseError, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.case.log.settings import CaseSettings

__all__ = ["change_settings_file", "settings_hashes", "with_accounts", "without_accounts"]


def settings_hashes(entries: Iterable[Entry]) -> list[str]:
    """Return the SHA-256 of every ``case.toml`` that these entries tell of, in their order."""
    logged = [entry for entry in entries if entry["kind"] in {"created", "settings_changed"}]
    return [str(entry["payload"].get("case_toml_sha256")) for entry in logged]


def change_settings_file(  # noqa: PLR0913 -- what was, what becomes of it, why, and where it is logged
    folder: Path,
    before: CaseSettings,
    changes: Mapping[str, Any],
    reason: str,
    *,
    log: Callable[[str, dict[str, Any]], object],
    hashes: Sequence[str],
) -> CaseSettings:
    """Return the settings after a change that is written into ``case.toml`` and logged.

    Parameters
    ----------
    folder : pathlib.Path
        Of the case; its name is the case's id.
    before : CaseSettings
        As they were read.
    changes : mapping
        New values by key.
    reason : str
        Why; not empty.
    log : callable
        Adds an entry of a kind with a payload to the custody log; where it raises, the file is put back.
    hashes : sequence of str
        SHA-256 of every ``case.toml`` that the custody log tells of: where the last is another, it was edited outside.

    Raises
    ------
    CaseError
        Where no reason is given, a key is unknown or a value does not fit; nothing is changed then.
    """
    if not reason.strip():
        raise CaseError("A change of the settings needs a reason.")
    path = folder / "case.toml"
    after = make_settings({**before.model_dump(), **changes}, f"Case {folder.name}")
    content = settings_toml(after)
    with os_errors(f"The settings of case {folder.name} cannot be changed"):
        old = path.read_bytes()
        old_hash = hashlib.sha256(old).hexdigest()
        write_file(path, content)
    old_values, new_values = before.model_dump(mode="json"), after.model_dump(mode="json")
    payload = {
        "reason": reason.strip(),
        "changes": {k: [old_values[k], v] for k, v in new_values.items() if v != old_values[k]},
        "case_toml_sha256": hashlib.sha256(content).hexdigest(),
        "case_toml_before": old_hash,
        "edited_outside": old_hash not in hashes[-1:],
    }
    try:
        log("settings_changed", payload)
    except BaseException:
        write_file(path, old)
        raise
    return after


def with_accounts(
    settings: CaseSettings, accounts: Sequence[str], facts: Mapping[str, str | datetime], case_id: str
) -> list[dict[str, Any]]:
    """Return the list of registered accounts with these behind it.

    Parameters
    ----------
    settings : CaseSettings
        With the list as it is.
    accounts : sequence of str
        Account ids, or ``platform:id``.
    facts : mapping
        Of each of them: ``kind, reason, by, at``.
    case_id : str
        For the sentence of an error.

    Raises
    ------
    CaseError
        Where an account has an entry already, or is given twice.
    """
    taken = {entry.account_id for entry in settings.context}
    for account_id in accounts:
        if account_id in taken:
            raise CaseError(f"Account {quote(account_id)} is registered already in case {case_id}, or given twice.")
        taken.add(account_id)
    listed = [entry.model_dump() for entry in settings.context]
    return [*listed, *({"account_id": account_id, **facts} for account_id in accounts)]


def without_accounts(settings: CaseSettings, accounts: set[str], kind: str, case_id: str) -> list[dict[str, Any]]:
    """Return the list of registered accounts without these.

    Raises
    ------
    CaseError
        Where one is not registered as this kind.
    """
    listed = {entry.account_id: entry.kind for entry in settings.context}
    for account_id in sorted(accounts):
        if listed.get(account_id) != kind:
            found = f"as {listed[account_id]}" if account_id in listed else "not at all"
            raise CaseError(f"Account {quote(account_id)} is registered {found} in case {case_id}, not as {kind}.")
    return [entry.model_dump() for entry in settings.context if entry.account_id not in accounts]
