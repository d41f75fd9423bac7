"""A case folder: made whole or not at all, opened with its custody log checked, written only through batches.

::

    cases/<case_id>/
      case.toml                              settings
      original/<sha256>/<name>               the received file, byte for byte, read-only
      tables/{records,accounts,refused}/<batch>.parquet
      ledger.sqlite                          the custody log
      derived/<hash>/<stage>/                results; the log holds their hashes, and they can be computed anew
      reports/<run_id>/                      a report and its manifest
"""

from __future__ import annotations

import errno
import getpass
import hashlib
import os
import re
import secrets
import shutil
import sqlite3
import time
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools import __version__
from spmc_tools.case.files.durable import os_errors, sha256_file, sync_dir, write_file
from spmc_tools.case.log.ledger import Entry, Ledger, canonical_json
from spmc_tools.case.log.pseudonyms import fingerprint, key_file, make_key, pseudonyms, read_key
from spmc_tools.case.log.settings import CaseSettings, make_settings, parse_settings, settings_toml
from spmc_tools.case.store.batches import (
    RECEIVED,
    STORED,
    Batch,
    BatchWriter,
    batches_of,
    clear_leftovers,
    import_lock,
    set_aside_of,
)
from spmc_tools.case.store.case_tables import read_table
from spmc_tools.case.store.derived_accounts import NotCompared, not_compared
from spmc_tools.case.store.inbox_records import KEY, read_apart
from spmc_tools.case.store.retention import require_not_expired
from spmc_tools.errors import CaseError, IntegrityError, TableError, quote
from spmc_tools.schema import RECORDS, SCHEMA_VERSION, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa

__all__ = ["STAGES", "Case", "cases_dir", "checked_id", "create_case", "open_case", "results_of", "stages_of"]

STAGES = f"derived/{hashlib.sha256(b'stages of investigations').hexdigest()[:32]}/stages"
"""Folder of the stages that investigations keep, relative to the case: a rebuildable cache."""

_CASE_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_WITH_RESULTS = {"investigate", "search", "kept_tables"}
_WITH_IDS = {"records", "observations"}
_ABANDONED_S = 3600.0
_STAGE = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_RESULTS = re.compile(r"derived/[0-9a-f]{32}/[a-z][a-z0-9_-]{0,40}")
_FILE = re.compile(r"[a-z][a-z0-9_]{0,40}\.[a-z]{1,8}")


def cases_dir(cases: Path | str | None = None) -> Path:
    """Return the folder cases live in: the argument, else ``SPMC_CASES``, else ``data/cases`` below here."""
    return Path(cases or os.environ.get("SPMC_CASES") or Path("data") / "cases")


def checked_id(case_id: str) -> str:
    """Return a case's name, or raise a :class:`~spmc_tools.errors.CaseError` where it cannot be one."""
    if not isinstance(case_id, str) or not _CASE_ID.fullmatch(case_id):
        raise CaseError(
            f"{quote(case_id)} is no case id: wanted small letters, digits, - and _, "
            "at most 64, beginning with a letter or digit, as bihar-2025.",
            key="case_id" if case_id else "case_no_id", field="id", found=quote(case_id),
        )  # fmt: skip
    return case_id


def results_of(entries: Sequence[Entry]) -> dict[str, dict[str, str]]:
    """Return the folders of results, relative to the case, that these entries tell of; a later entry holds.

    What an entry names outside ``derived/`` is left out.
    """
    found: dict[str, dict[str, str]] = {}
    for entry in entries:
        place, results = entry["payload"].get("derived"), entry["payload"].get("results")
        if entry["kind"] in _WITH_RESULTS and isinstance(place, str) and isinstance(results, dict):
            plain = all(_FILE.fullmatch(str(name)) for name in results)
            if _RESULTS.fullmatch(place) and plain:
                found[place] = {str(name): str(digest) for name, digest in results.items()}
    return found


def stages_of(entries: Sequence[Entry]) -> dict[str, str]:
    """Return the SHA-256 by name of the files of kept stages, as the last entry that tells of them does."""
    for entry in reversed(entries):
        told = entry["payload"].get("kept_stages") if entry["kind"] == "investigate" else None
        files = told.get("results") if isinstance(told, dict) and told.get("derived") == STAGES else None
        if isinstance(files, dict) and all(_FILE.fullmatch(str(name)) for name in files):
            return {str(name): str(digest) for name, digest in files.items()}
    return {}


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in a container
        return f"user {os.getuid()}"


def create_case(  # noqa: PLR0913 -- every setting is asked for by its name
    case_id: str,
    *,
    title: str,
    purpose: str,
    legal_basis: str,
    date_from: date | str,
    date_to: date | str,
    event: str | None = None,
    language: str = "en",
    officer: str | None = None,
    expires: date | str | None = None,
    platforms: Sequence[str] = (),
    cases: Path | str | None = None,
) -> Case:
    """Return a new, empty case; it is on the disk whole, with its first log entry, or not at all.

    Parameters
    ----------
    case_id : str
        Name of its folder: ``[a-z0-9][a-z0-9_-]{0,63}``.
    title, purpose, legal_basis : str
        Never empty: nothing is imported before somebody said why and on what basis.
    date_from, date_to : datetime.date or str
        The period, both days inclusive.
    event : str, optional
        Name of an event of the calendar, as ``bihar-assembly-2025``.
    language : "hi" or "en"
        Of reports, where none is asked for.
    officer : str, optional
        Who prepares the case; None: whoever is logged in at each step.
    expires : datetime.date or str, optional
        When the case must be disposed of; None: no day is set.
    platforms : sequence of str
        Platforms that the case is about; empty: any.
    cases : path, optional
        The folder that cases live in; None: ``SPMC_CASES``, else ``data/cases`` below here.

    Raises
    ------
    CaseError
        Where the id is bad, the case exists, a setting does not fit or the folder cannot be written.
    """
    root = cases_dir(cases)
    target = root / checked_id(case_id)
    if root.exists() and not root.is_dir():
        raise CaseError(f"{quote(root)} is not a folder, so no case can be made in it; give a folder.")
    values = {
        "title": title,
        "purpose": purpose,
        "legal_basis": legal_basis,
        "event": event,
        "date_from": date_from,
        "date_to": date_to,
        "platforms": tuple(platforms),
        "language": language,
        "officer": officer,
        "expires": expires,
    }
    settings = make_settings(values, f"Case {case_id}")
    if os.path.lexists(target):
        raise CaseError(
            f"Case {case_id} exists already in {quote(root)}; choose another id.",
            key="case_exists",
            field="id",
            found=case_id,
        )
    uid = secrets.token_hex(8)
    key_path = key_file(case_id, uid)
    key = make_key(key_path, target)
    building = root / f".new-{case_id}-{os.getpid()}-{uid}"
    try:
        with os_errors(f"Case {case_id} cannot be made in {quote(root)}"):
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            _clear_broken_off(root)
            _build(building, case_id, uid, settings, fingerprint(key))
            _put_in_place(building, target)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        key_path.unlink(missing_ok=True)
        raise
    return Case(target)


def _clear_broken_off(root: Path) -> None:
    """Take away cases whose making was killed: they never were cases, and hold settings only."""
    for path in root.glob(".new-*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(path, ignore_errors=True)


def _build(folder: Path, case_id: str, uid: str, settings: CaseSettings, key_mark: str) -> None:
    folder.mkdir(mode=0o700)
    for part in ("original", "tables", *(f"tables/{name}" for name in RECEIVED), "derived", "reports"):
        (folder / part).mkdir(mode=0o700)
    content = settings_toml(settings)
    write_file(folder / "case.toml", content)
    write_file(folder / ".lock", b"")
    payload = {
        "case_id": case_id,
        "case_uid": uid,
        "schema_version": SCHEMA_VERSION,
        "package_version": __version__,
        "settings": settings.model_dump(mode="json"),
        "case_toml_sha256": hashlib.sha256(content).hexdigest(),
        "key_fingerprint": key_mark,
    }
    try:
        Ledger.create(folder / "ledger.sqlite").append("created", payload, settings.officer or _os_user())
    except sqlite3.Error as error:
        raise OSError(errno.ENOSPC if "full" in str(error) else errno.EIO, str(error)) from None
    for changed in (folder / "tables", folder):
        sync_dir(changed)


def _put_in_place(building: Path, target: Path) -> None:
    try:
        building.rename(target)
    except OSError:
        if os.path.lexists(target):
            raise CaseError(f"Case {target.name} exists already; choose another id.") from None
        raise
    try:
        sync_dir(target.parent)
    except OSError:
        shutil.rmtree(target, ignore_errors=True)
        raise


def open_case(case_id: str, cases: Path | str | None = None) -> Case:
    """Return a case that exists, its custody log checked.

    A broken log is told in :attr:`Case.chain_problem`; such a case can be read, and every write is refused.

    Parameters
    ----------
    case_id : str
        Name of its folder: ``[a-z0-9][a-z0-9_-]{0,63}``.
    cases : path, optional
        The folder that cases live in; None: ``SPMC_CASES``, else ``data/cases`` below here.

    Raises
    ------
    CaseError
        Where the id is bad, no such case is there, or its ``case.toml`` cannot be used.
    """
    root = cases_dir(cases)
    path = root / checked_id(case_id)
    if root.exists() and not root.is_dir():
        raise CaseError(f"{quote(root)} is not a folder, so there is no case in it; give a folder.")
    if not path.is_dir():
        known = sorted(p.parent.name for p in root.glob("*/case.toml") if _CASE_ID.fullmatch(p.parent.name))
        there = (
            f"cases there: {', '.join(known[:8])}{', …' if len(known) > 8 else ''}" if known else "none is there yet"
        )
        raise CaseError(f"There is no case {case_id} in {quote(root)}; {there}.")
    return Case(path)


class Case:
    """A case on disk; make it with :func:`create_case` or :func:`open_case`.

    Attributes
    ----------
    id : str
        Name of the folder.
    path : pathlib.Path
        The folder.
    settings : CaseSettings
        As ``case.toml`` held them when the case was opened.
    ledger : Ledger
        The custody log.
    chain_problem : str or None
        The first difference in the custody log when the case was opened; None: none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name
        try:
            content = (path / "case.toml").read_bytes()
        except OSError:
            raise CaseError(f"{quote(path)} is no case: its case.toml is missing or unreadable.") from None
        self.settings = parse_settings(content, f"Case {self.id}: case.toml")
        self.ledger = Ledger(path / "ledger.sqlite")
        self.chain_problem = self.ledger.check()
        self._sound: set[tuple[str, int, int, int]] = set()
        self._key: bytes | None = None
        self._imports: tuple[list[Entry], list[Batch]] = ([], [])
        self._ids: tuple[set[str], set[tuple[str, str]]] = (set(), set())
        self._apart_of: tuple[tuple[str, ...], NotCompared] | None = None

    def __repr__(self) -> str:
        return f"<Case {self.id}>"

    @property
    def officer(self) -> str:
        """Who is logged: the officer of ``case.toml``, else the user of this machine."""
        return self.settings.officer or _os_user()

    def _require_sound(self) -> None:
        if self.chain_problem is not None:
            raise IntegrityError(
                f"The custody log of case {self.id} is broken, so nothing is written to the case: {self.chain_problem}."
            )

    def log(self, kind: str, payload: Mapping[str, Any], officer: str | None = None) -> Entry:
        """Add an entry to the custody log and return it; ``officer`` is who did it, where it was another one.

        Raises
        ------
        IntegrityError
            Where the log is broken.
        """
        self._require_sound()
        return self.ledger.append(kind, payload, officer or self.officer)

    # -- settings ------------------------------------------------------------------------------------------------

    def change_settings(self, reason: str, **changes: Any) -> None:
        """Change keys of ``case.toml``; old and new value, reason and officer are logged.

        Parameters
        ----------
        reason : str
            Why; not empty.
        **changes
            Keys of :class:`~spmc_tools.case.log.settings.CaseSettings`.

        Raises
        ------
        CaseError
            Where a key is unknown or a value does not fit; nothing is changed then.
        IntegrityError
            Where the custody log is broken.
        """
        self._require_sound()
        if not reason.strip():
            raise CaseError("A change of the settings needs a reason.")
        path = self.path / "case.toml"
        before = self.settings
        after = make_settings({**before.model_dump(), **changes}, f"Case {self.id}")
        content = settings_toml(after)
        with os_errors(f"The settings of case {self.id} cannot be changed"):
            old = path.read_bytes()
            old_hash = hashlib.sha256(old).hexdigest()
            write_file(path, content)
        old_values, new_values = before.model_dump(mode="json"), after.model_dump(mode="json")
        payload = {
            "reason": reason.strip(),
            "changes": {k: [old_values[k], v] for k, v in new_values.items() if v != old_values[k]},
            "case_toml_sha256": hashlib.sha256(content).hexdigest(),
            "case_toml_before": old_hash,
            "edited_outside": old_hash not in self.settings_hashes()[-1:],
        }
        try:
            self.log("settings_changed", payload)
        except BaseException:
            write_file(path, old)
            raise
        self.settings = after

    def add_context(self, accounts: str | Iterable[str], kind: str, reason: str) -> None:
        """Register accounts with a reason, as newsrooms or offices: they are shown with their kind, never named.

        Parameters
        ----------
        accounts : str or iterable of str
            Account ids, as in the records, or ``platform:id`` for the account on that platform alone; all of them
            are registered in one step, or none.
        kind : str
            One of :data:`~spmc_tools.case.log.settings.CONTEXT_KINDS`.
        reason : str
            Who they are and how the officer knows; logged with the officer and the time.

        Raises
        ------
        CaseError
            Where an account has an entry already, is given twice, or a value is empty.
        """
        ids = [accounts] if isinstance(accounts, str) else list(accounts)
        taken = {entry.account_id for entry in self.settings.context}
        for account_id in ids:
            if account_id in taken:
                raise CaseError(f"Account {quote(account_id)} is registered already in case {self.id}, or given twice.")
            taken.add(account_id)
        now = datetime.now(UTC).replace(microsecond=0)
        facts = {"kind": kind, "reason": reason, "by": self.officer, "at": now}
        known = [item.model_dump() for item in self.settings.context]
        self.change_settings(reason, context=[*known, *({"account_id": one, **facts} for one in ids)])

    def remove_context(self, accounts: str | Iterable[str], kind: str, reason: str) -> None:
        """Take registered accounts off the list, all of them in one step or none; logged with both lists.

        Parameters
        ----------
        accounts : str or iterable of str
            As they were registered.
        kind : str
            The kind they are registered as.
        reason : str
            Why.

        Raises
        ------
        CaseError
            Where one is not registered as this kind, or no reason is given.
        """
        ids = {accounts} if isinstance(accounts, str) else set(accounts)
        listed = {entry.account_id: entry.kind for entry in self.settings.context}
        for account_id in sorted(ids):
            if listed.get(account_id) != kind:
                found = f"as {listed[account_id]}" if account_id in listed else "not at all"
                raise CaseError(f"Account {quote(account_id)} is registered {found} in case {self.id}, not as {kind}.")
        kept = [entry.model_dump() for entry in self.settings.context if entry.account_id not in ids]
        self.change_settings(reason, context=kept)

    def settings_hashes(self) -> list[str]:
        """SHA-256 of every ``case.toml`` the custody log tells of, oldest first."""
        logged = [e for e in self.ledger.entries() if e["kind"] in {"created", "settings_changed"}]
        return [str(entry["payload"].get("case_toml_sha256")) for entry in logged]

    # -- what was received ---------------------------------------------------------------------------------------

    def batches(self, set_aside: bool = False) -> list[Batch]:
        """Every committed import in use, oldest first.

        Parameters
        ----------
        set_aside : bool
            Also those that an officer set aside.

        Raises
        ------
        IntegrityError
            Where the custody log cannot be read.
        """
        entries = self.ledger.entries()
        aside = {} if set_aside else set_aside_of(entries)
        return [batch for batch in self._batches_of(entries) if batch.batch_id not in aside]

    def _batches_of(self, entries: list[Entry]) -> list[Batch]:
        """Return the imports that entries of this log tell of; those that were read before are not read again."""
        seen, found = self._imports
        if seen and (len(entries) < len(seen) or entries[len(seen) - 1] is not seen[-1]):
            seen, found = [], []
        self._imports = (entries, found + batches_of(entries[len(seen) :]))
        return list(self._imports[1])

    def set_aside(self) -> dict[str, Entry]:
        """Return the log entry that set it aside for each import that is not in use, by batch."""
        return set_aside_of(self.ledger.entries())

    def has_source(self, sha256: str) -> Batch | None:
        """Return the import in use of the file with this hash; None where there is none."""
        return next((batch for batch in self.batches() if batch.source_sha256 == sha256), None)

    @contextmanager
    def new_batch(self, source: Path, sha256: str, again: bool = False) -> Iterator[BatchWriter]:
        """Open an import; leaving the block without ``commit`` leaves the case as it was.

        One import at a time: a second one waits. :meth:`known_ids` inside the block is what all others kept.

        Parameters
        ----------
        source : pathlib.Path
            The received file.
        sha256 : str
            Its hash in hex, taken by the caller.
        again : bool
            Whether a file that is in use already may be named once more, as a screenshot of two posts.

        Raises
        ------
        CaseError
            Where this file is in use already, the case expired, or it cannot be written.
        InputError
            Where the file cannot be read or changed since it was hashed.
        IntegrityError
            Where the custody log is broken, or the copy of a file that was received before is not that file.
        """
        self._require_sound()
        require_not_expired(self)
        with import_lock(self.path):
            entries = self.ledger.entries()
            batches = self._batches_of(entries)
            with os_errors(f"Case {self.id} cannot be written"):
                clear_leftovers(self.path, batches)
            same = [b for b in batches if b.source_sha256 == sha256]
            used = [b for b in same if b.batch_id not in set_aside_of(entries)]
            if used and not again:
                raise CaseError(
                    f"{quote(source.name)} was imported already on {used[0].imported_at:%Y-%m-%d} "
                    f"(batch {used[0].batch_id}); nothing was added."
                )
            held = self._held(same[0]) if same else None
            writer = BatchWriter(self.path, self.ledger, self.officer, f"{len(batches) + 1:06d}")
            try:
                writer.take(Path(source), sha256, held)
                yield writer
            finally:
                writer.close()

    def _held(self, batch: Batch) -> str:
        """Return where the file of an import lies, after comparing it with its hash."""
        return str(self._sound_file({"path": batch.source_path, "sha256": batch.source_sha256}).relative_to(self.path))

    # -- tables --------------------------------------------------------------------------------------------------

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a table of all imports in use, in the order of import, as Arrow; each post once.

        What ``accounts`` says under a user name (``handle-…``) that the case knows under an exact id is left out.

        Parameters
        ----------
        name : str
            One of ``batches.STORED``: records, accounts, refused and the tables of the desks.
        columns : sequence of str, optional
            In this order; None: all, in the order of the schema.

        Raises
        ------
        TableError
            Where the table or a column is unknown.
        IntegrityError
            Where a table, or the received file that its rows are from, differs from what the custody log says.
        """
        if name not in STORED:
            raise TableError(f"Unknown table {quote(name)}; a case holds {', '.join(STORED)}.")
        used, moved = self._in_use()
        for batch in used:
            if batch.tables.keys() & ({name, "observations"} if name == "records" else {name}):
                self._require_received(batch)
        if name == "accounts" and (apart := self.not_compared()).twice:
            wanted = list(TABLES[name].names if columns is None else columns)
            both = list(dict.fromkeys([*wanted, "platform", "account_id"]))
            table = read_table(name, both, used, self._sound_file, overlapping=moved)
            return table.filter(apart.compared(table)).select(wanted)
        return read_table(name, columns, used, self._sound_file, overlapping=moved)

    def files_of(self, names: Sequence[str]) -> Iterator[Path]:
        """Give the files of these tables, import by import in use, each compared with the custody log before.

        Raises
        ------
        IntegrityError
            Where a file is not what the custody log says.
        """
        for batch in self._in_use()[0]:
            for name in names:
                if name in batch.tables:
                    yield self._sound_file(batch.tables[name])

    def _in_use(self) -> tuple[list[Batch], bool]:
        """Return the imports in use, in order, and whether one was ever set aside."""
        entries = self.ledger.entries()
        aside = set_aside_of(entries)
        used = [batch for batch in self._batches_of(entries) if batch.batch_id not in aside]
        return used, any(entry["kind"] == "set_aside" for entry in entries)

    def received_file(self, batch: Batch) -> Path:
        """Return where the received file of an import lies, after comparing it with its hash.

        Raises
        ------
        IntegrityError
            Where it is not the file that came in.
        """
        return self._sound_file({"path": batch.source_path, "sha256": batch.source_sha256})

    def _require_received(self, batch: Batch) -> None:
        """Raise an IntegrityError where the received file of an import is not the one that came in."""
        try:
            self._sound_file({"path": batch.source_path, "sha256": batch.source_sha256})
        except IntegrityError as error:
            raise IntegrityError(
                f"{error} Bring the case back from its backup (spmc restore), or set batch {batch.batch_id} aside "
                f"(spmc set-aside {self.id} {batch.batch_id}): nothing is computed from its rows meanwhile."
            ) from error

    def _sound_file(self, described: Mapping[str, Any]) -> Path:
        """Return the path of a file whose hash was compared with the log since it last changed."""
        path = self.path / str(described["path"])
        try:
            state = path.stat()
            mark = (str(described["sha256"]), state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
            same = mark in self._sound or sha256_file(path) == described["sha256"]
        except OSError:
            raise IntegrityError(f"{described['path']} of case {self.id} is missing or unreadable.") from None
        if not same:
            raise IntegrityError(
                f"{described['path']} of case {self.id} is not the file that was imported: its SHA-256 differs."
            )
        self._sound.add(mark)
        return path

    def records(self, columns: Sequence[str] | None = None, *, posts_only: bool = False) -> pd.DataFrame:
        """Return the records of all imports in use, in the order of import, as pandas.

        Parameters
        ----------
        columns : sequence of str, optional
            None: all. Lists (``urls``, ``media``, …) come as arrays and are slow: ask only for what is needed.
        posts_only : bool
            Leave out the messages of complaints and their answers; posts whose account is not known are there.

        Returns
        -------
        pandas.DataFrame
            Ids and texts are strings, times are UTC, missing is NA or NaT; whole numbers stay whole.

        Raises
        ------
        TableError, IntegrityError
            As :meth:`table`.
        """
        import pandas as pd
        import pyarrow as pa

        whole = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
        table = self.posts(columns, compared_only=False) if posts_only else self.table("records", columns)
        frame: pd.DataFrame = table.to_pandas(types_mapper=whole.get, split_blocks=True)
        if "source_row" in frame:
            frame["source_row"] = frame["source_row"].astype("int64")
        return frame

    def posts(self, columns: Sequence[str] | None = None, *, compared_only: bool = True) -> pa.Table:
        """Return the records in which groups are searched, in the order of import, as Arrow.

        Who writes to the centre is never searched for groups: what the desk ``messages`` names is left out here. So are
        posts whose account is not known, or stands in the case twice (:mod:`~spmc_tools.case.store.derived_accounts`).

        Parameters
        ----------
        columns : sequence of str, optional
            In this order; None: all.
        compared_only : bool
            False: the posts whose account is not known, too, as for readers.

        Raises
        ------
        TableError, IntegrityError
            As :meth:`table`.
        """
        apart = self.not_compared() if compared_only else NotCompared()
        if not apart:
            return self._apart(columns, of_inbox=False)
        wanted = list(RECORDS.names if columns is None else columns)
        table = self._apart(list(dict.fromkeys([*wanted, "platform", "account_id"])), of_inbox=False)
        return table.filter(apart.compared(table)).select(wanted)

    def not_compared(self) -> NotCompared:
        """Return the accounts that stand for ids which a spreadsheet destroyed, and that are compared with nobody."""
        used = self._in_use()[0]
        mark = tuple(batch.batch_id for batch in used)
        if self._apart_of is None or self._apart_of[0] != mark:
            self._apart_of = (mark, not_compared(used, self._sound_file))
        return self._apart_of[1]

    def n_not_compared(self) -> int:
        """Return how many posts are kept for readers alone, since it is not certain whose they are."""
        if not self.not_compared():
            return 0
        return len(self.posts(["record_id"], compared_only=False)) - len(self.posts(["record_id"]))

    def inbox(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the records that are messages of complaints and their answers, in the order of import, as Arrow.

        Raises
        ------
        TableError, IntegrityError
            As :meth:`table`.
        """
        return self._apart(columns, of_inbox=True)

    def _apart(self, columns: Sequence[str] | None, *, of_inbox: bool) -> pa.Table:
        used, moved = self._in_use()
        for batch in used:
            if batch.tables.keys() & {"records", "observations"}:
                self._require_received(batch)
        if not of_inbox and not any("messages" in batch.tables for batch in used):
            return self.table("records", columns)
        return read_apart(columns, used, self._sound_file, overlapping=moved, of_inbox=of_inbox)

    def known_ids(self) -> set[tuple[str, str]]:
        """Return the (platform, record_id) of every record in use; the set is kept, and not to be changed.

        Raises
        ------
        IntegrityError
            Where a table of an import that is looked at for the first time is not what the custody log says.
        """
        used = {batch.batch_id: batch for batch in self.batches()}
        looked_at, known = self._ids
        if not looked_at <= used.keys():  # an import was set aside
            looked_at, known = set(), set()
        for batch_id, batch in used.items():
            if batch_id in looked_at:
                continue
            for name in _WITH_IDS & batch.tables.keys():
                ids = read_table(name, KEY, [batch], self._sound_file, overlapping=False)
                known.update(zip(*(ids[column].to_pylist() for column in KEY), strict=True))
            looked_at.add(batch_id)
        self._ids = (looked_at, known)
        return known

    def search(self, words: str, limit: int = 50) -> pd.DataFrame:
        """Return the posts that hold all the words in any way of writing, earliest first.

        Parameters
        ----------
        words : str
            Words, ``"words in this order"``, ``begin*``, handles, ids.
        limit : int
            At most this many; ``hits.attrs["total"]`` says how many there are.

        Raises
        ------
        ParameterError
            Where nothing is left to search for.
        CaseError, IntegrityError
            Where the case cannot be written, or its log is broken: a search is logged.
        """
        from spmc_tools.case.store.case_search import search

        return search(self, words, limit)

    # -- what is made of it --------------------------------------------------------------------------------------

    def inputs_hash(self) -> str:
        """Return a hash over all imports in use: the same files in the same order, the same hash.

        Attachments are left out: nothing is computed from them.
        """
        inputs = [
            {"source": b.source_sha256, "tables": {name: t["sha256"] for name, t in b.tables.items()}}
            for b in self.batches()
            if b.tables.keys() != {"attachments"}
        ]
        return hashlib.sha256(canonical_json(inputs).encode()).hexdigest()

    def derived_dir(self, stage: str, parameters: Mapping[str, Any]) -> Path:
        """Return the folder, made where it is not there, for what a stage computes from these inputs and parameters.

        Parameters
        ----------
        stage : str
            Lower-case word.
        parameters : mapping
            Anything JSON can hold; with the imports and the version of the package they name the folder.

        Raises
        ------
        IntegrityError
            Where the custody log is broken, or a received file or table differs from what it says: kept results are
            not handed out for a case that was changed.
        """
        if not _STAGE.fullmatch(stage):
            raise ValueError(f"{stage!r} is no name of a stage")
        self._require_sound()
        for batch in self.batches():
            if batch.tables.keys() != {"attachments"}:
                self._require_received(batch)
                for table in batch.tables.values():
                    self._sound_file(table)
        content = {"inputs": self.inputs_hash(), "parameters": dict(parameters), "version": __version__}
        digest = hashlib.sha256(canonical_json(content).encode()).hexdigest()[:32]
        path = self.path / "derived" / digest / stage
        with os_errors(f"Case {self.id} cannot be written"):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    def results_logged(self) -> dict[str, dict[str, str]]:
        """SHA-256 by name of file of every folder of results that the custody log tells of, as told last."""
        return results_of(self.ledger.entries())

    def run_dir(self, run_id: str) -> Path:
        """Return the folder of a report, made where it is not there.

        Raises
        ------
        CaseError
            Where the id is no plain name.
        IntegrityError
            Where the custody log is broken.
        """
        self._require_sound()
        if not _RUN_ID.fullmatch(run_id):
            raise CaseError(f"{quote(run_id)} is no id of a run: wanted letters, digits, . - and _.")
        path = self.path / "reports" / run_id
        with os_errors(f"Case {self.id} cannot be written"):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    # -- names ---------------------------------------------------------------------------------------------------

    def pseudonym(self, account_id: str) -> str:
        """Return the stand-in of an account, as ``A-7F3K2Q9D``; the same in every run of this case.

        Raises
        ------
        IntegrityError
            Where the key of the case is missing or another one.
        """
        return self.pseudonyms([account_id])[account_id]

    def pseudonyms(self, account_ids: Iterable[str]) -> dict[str, str]:
        """Return a stand-in for each account, no two alike; ask for all accounts of an export at once.

        Raises
        ------
        IntegrityError
            Where the key of the case is missing or another one.
        """
        if self._key is None:
            made = self.ledger.entries()[0]["payload"]
            self._key = read_key(self.key_path(), str(made.get("key_fingerprint")))
        return pseudonyms(self._key, account_ids)

    def key_path(self) -> Path:
        """Return where the key of this case's pseudonyms lies, outside of the case; it may be missing.

        Raises
        ------
        IntegrityError
            Where the first entry of the log does not name it.
        """
        entries = self.ledger.entries()
        made = entries[0]["payload"] if entries else {}
        case_id, uid = str(made.get("case_id")), str(made.get("case_uid"))
        if not _CASE_ID.fullmatch(case_id) or not re.fullmatch(r"[0-9a-f]{16}", uid):
            raise IntegrityError(f"ledger.sqlite of case {self.id}: entry 1 (created) does not name the case's key.")
        return key_file(case_id, uid)
