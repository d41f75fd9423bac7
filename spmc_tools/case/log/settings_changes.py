"""Changes of ``case.toml``: written and logged with the old value, the new one and the reason, or not made at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import os_errors, sha256_file, sync_dir, write_file
from spmc_tools.case.files.lock_wait import patiently
from spmc_tools.case.log.anchors import send_anchor
from spmc_tools.case.log.settings import CaseSettings, make_settings, parse_settings, settings_toml
from spmc_tools.errors import CaseError, SpmcError, quote
from spmc_tools.operating_system import move

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from spmc_tools.case.log.ledger import Entry, Ledger

Change = Callable[[CaseSettings], Mapping[str, Any]]

LOCK, COMING = ".settings.lock", ".case.toml.coming"
_WAIT_S = 60.0

__all__ = [
    "COMING",
    "LOCK",
    "Change",
    "change_settings_file",
    "finish_change",
    "settings_hashes",
    "with_accounts",
    "without_accounts",
]


def settings_hashes(entries: Iterable[Entry]) -> list[str]:
    """Return the SHA-256 of every ``case.toml`` that these entries tell of, in their order."""
    logged = [entry for entry in entries if entry["kind"] in {"created", "settings_changed"}]
    return [str(entry["payload"].get("case_toml_sha256")) for entry in logged]


@contextmanager
def _settings_lock(folder: Path) -> Iterator[None]:
    """Hold the one lock under which the settings of a case change; a dead program never keeps it."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, mode=0o600, thread_local=False)
    try:
        patiently(lambda try_s: lock.acquire(timeout=try_s), lambda error: isinstance(error, Timeout), _WAIT_S)
    except Timeout:
        raise CaseError(
            f"The settings of case {folder.name} are being changed by another program; wait until it has ended."
        ) from None
    try:
        yield
    finally:
        lock.release()


def change_settings_file(folder: Path, change: Change, reason: str, ledger: Ledger, officer: str) -> CaseSettings:
    """Return the settings after a change that is logged and written into ``case.toml``, or not made at all.

    One change at a time: the file is read again under the lock, so that two programs never overwrite each other's. The
    new file lies beside the old one, durable, before the entry is logged, and takes its place after that. Killed in
    between, the change is finished by whoever opens the case next (:func:`finish_change`).

    Parameters
    ----------
    folder : pathlib.Path
        Of the case; its name is the case's id.
    change : callable
        Takes the settings as they are, and returns new values by key.
    reason : str
        Why; not empty.
    ledger : Ledger
        The custody log; where the entry cannot be added, nothing is changed.
    officer : str
        Who changes them.

    Raises
    ------
    CaseError
        Where no reason is given, a key is unknown, a value does not fit, or another program changes them for longer
        than a minute; nothing is changed then.
    """
    if not reason.strip():
        raise CaseError("A change of the settings needs a reason.")
    path, coming = folder / "case.toml", folder / COMING
    with os_errors(f"The settings of case {folder.name} cannot be changed"), _settings_lock(folder):
        _finish(folder, ledger)
        old = path.read_bytes()
        before = parse_settings(old, f"Case {folder.name}: case.toml")
        after = make_settings({**before.model_dump(), **change(before)}, f"Case {folder.name}")
        content = settings_toml(after)
        old_hash = hashlib.sha256(old).hexdigest()
        old_values, new_values = before.model_dump(mode="json"), after.model_dump(mode="json")
        payload = {
            "reason": reason.strip(),
            "changes": {k: [old_values[k], v] for k, v in new_values.items() if v != old_values[k]},
            "case_toml_sha256": hashlib.sha256(content).hexdigest(),
            "case_toml_before": old_hash,
            "edited_outside": old_hash not in settings_hashes(ledger.entries())[-1:],
        }
        write_file(coming, content)
        try:
            entry = ledger.append("settings_changed", payload, officer)
        except BaseException:
            coming.unlink(missing_ok=True)
            raise
        move(coming, path)
        sync_dir(folder)
        send_anchor(entry, ledger)
    return after


def finish_change(folder: Path, ledger: Ledger) -> None:
    """Put settings into their place that were logged before a program was killed; never fails."""
    if os.path.lexists(folder / COMING):
        with suppress(OSError, SpmcError), _settings_lock(folder):
            _finish(folder, ledger)


def _finish(folder: Path, ledger: Ledger) -> None:
    coming = folder / COMING
    try:
        digest = sha256_file(coming)
    except FileNotFoundError:
        return
    if settings_hashes(ledger.entries())[-1:] == [digest]:
        move(coming, folder / "case.toml")
        sync_dir(folder)
    else:  # it was never logged, so it never was a change
        coming.unlink()


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
