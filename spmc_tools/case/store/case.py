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

import hashlib
import re
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import os_errors
from spmc_tools.case.files.officer_names import logged_in_name
from spmc_tools.case.files.typed_text import typed_line
from spmc_tools.case.log.anchors import send_anchor
from spmc_tools.case.log.case_card import case_card
from spmc_tools.case.log.ledger import Entry, Ledger, canonical_json
from spmc_tools.case.log.logged_results import results_of
from spmc_tools.case.log.pseudonyms import pseudonyms, read_key
from spmc_tools.case.log.settings import make_settings, read_settings
from spmc_tools.case.log.settings_changes import change_settings_file, finish_change, with_accounts, without_accounts
from spmc_tools.case.store.batches import (
    Batch,
    BatchWriter,
    already_imported,
    batches_of,
    clear_leftovers,
    import_lock,
    set_aside_of,
)
from spmc_tools.case.store.case_folder import case_key_file, existing_folder, make_folder, new_folder
from spmc_tools.case.store.retention import expired, later_last_day, require_not_expired
from spmc_tools.case.store.sound_files import SoundFiles
from spmc_tools.case.store.tables_in_use import KnownIds, TablesInUse, as_frame
from spmc_tools.errors import CaseError, IntegrityError, quote
from spmc_tools.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa

    from spmc_tools.case.log.settings_changes import Change
    from spmc_tools.case.store.case_search import Order, PostFilter
    from spmc_tools.case.store.derived_accounts import NotCompared

__all__ = ["Case", "create_case", "open_case"]

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_STAGE = re.compile(r"[a-z][a-z0-9_-]{0,40}")


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
    target = new_folder(case_id, cases)
    values = {
        "title": title, "purpose": purpose, "legal_basis": legal_basis, "event": event, "date_from": date_from,
        "date_to": date_to, "platforms": tuple(platforms), "language": language, "officer": officer, "expires": expires,
    }  # fmt: skip
    make_folder(target, make_settings(values, f"Case {case_id}"))
    made = Case(target)
    send_anchor(made.ledger.entries()[0], made.ledger)
    return made


def open_case(case_id: str, cases: Path | str | None = None) -> Case:
    """Return a case that exists, its custody log checked.

    A broken log is told in :attr:`Case.chain_problem`; such a case can be read, and every write is refused.

    Parameters
    ----------
    case_id, cases
        As for :func:`create_case`.

    Raises
    ------
    CaseError
        Where the id is bad, no such case is there, or its ``case.toml`` cannot be used.
    """
    return Case(existing_folder(case_id, cases))


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

    Raises
    ------
    IntegrityError
        By every method that reads a table or a received file: where that is not what the custody log says; by every
        one that writes or hands out results: where the log was broken when the case was opened.
    CaseError
        By every method that writes: where the folder cannot be written.
    TableError
        By every method that reads a table: where a table or a column is unknown.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name
        self.ledger = Ledger(path / "ledger.sqlite")
        finish_change(path, self.ledger)
        self.settings = read_settings(path)
        self.chain_problem = self.ledger.check()
        self._files = SoundFiles(path)
        self._key: bytes | None = None
        self._imports: tuple[list[Entry], list[Batch]] = ([], [])
        self._known_ids = KnownIds()
        self._tables = TablesInUse((), False, self._files)

    def __repr__(self) -> str:
        return f"<Case {self.id}>"

    def _repr_html_(self) -> str:
        kept = [batch.kept for batch in self.batches()] if self.chain_problem is None else []
        return case_card(self.id, self.settings, kept, problem=self.chain_problem, expired=expired(self.settings))

    @property
    def officer(self) -> str:
        """Who is logged: the officer of ``case.toml``, else the user of this machine."""
        return self.settings.officer or logged_in_name()

    def _require_sound(self) -> None:
        if self.chain_problem is not None:
            raise IntegrityError(
                f"The custody log of case {self.id} is broken, so nothing is written to the case: {self.chain_problem}."
            )

    def log(self, kind: str, payload: Mapping[str, Any], officer: str | None = None) -> Entry:
        """Add an entry to the custody log and return it; ``officer`` is who did it, where it was another one."""
        self._require_sound()
        entry = self.ledger.append(kind, payload, officer or self.officer)
        send_anchor(entry, self.ledger)
        return entry

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
        """
        self._change(reason, lambda _: changes)

    def _change(self, reason: str, change: Change) -> None:
        self._require_sound()
        self.settings = change_settings_file(self.path, change, reason, self.ledger, self.officer)

    def extend(self, until: str, reason: str) -> None:
        """Give the case a later last day, as ``2026-12-31``; logged with its reason, as any change of settings."""
        why = typed_line(reason, "The reason")
        self._change(why, lambda now: {"expires": later_last_day(now, self.id, until)})

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
        now = datetime.now(UTC).replace(microsecond=0)
        facts: dict[str, str | datetime] = {"kind": kind, "reason": reason, "by": self.officer, "at": now}
        self._change(reason, lambda now: {"context": with_accounts(now, ids, facts, self.id)})

    def remove_context(self, accounts: str | Iterable[str], kind: str, reason: str) -> None:
        """Take accounts, as they were registered, off the list, all of them or none; logged with both lists.

        Raises
        ------
        CaseError
            Where one is not registered as this kind, or no reason is given.
        """
        ids = {accounts} if isinstance(accounts, str) else set(accounts)
        self._change(reason, lambda now: {"context": without_accounts(now, ids, kind, self.id)})

    # -- what was received ---------------------------------------------------------------------------------------

    def batches(self, set_aside: bool = False) -> list[Batch]:
        """Every committed import in use, oldest first; ``set_aside``: also those that an officer set aside."""
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
        """
        self._require_sound()
        require_not_expired(self.settings, self.id)
        with import_lock(self.path):
            entries = self.ledger.entries()
            batches = self._batches_of(entries)
            with os_errors(f"Case {self.id} cannot be written"):
                clear_leftovers(self.path, batches)
            same = [b for b in batches if b.source_sha256 == sha256]
            used = [b for b in same if b.batch_id not in set_aside_of(entries)]
            if used and not again:
                raise already_imported(source.name, used[0])
            held = self._files.received(same[0]).relative_to(self.path).as_posix() if same else None
            writer = BatchWriter(self.path, self.ledger, self.officer, f"{len(batches) + 1:06d}")
            try:
                writer.take(Path(source), sha256, held)
                yield writer
                send_anchor(self.ledger.entries()[-1], self.ledger)
            finally:
                writer.close()

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
        """
        return self.tables_in_use().table(name, columns)

    def files_of(self, names: Sequence[str]) -> Iterator[Path]:
        """Give the files of these tables, import by import in use, each compared with the custody log before."""
        yield from self.tables_in_use().files_of(names)

    def tables_in_use(self) -> TablesInUse:
        """Return the tables of the imports in use; the same object for as long as these are the same imports."""
        entries = self.ledger.entries()
        aside = set_aside_of(entries)
        used = tuple(batch for batch in self._batches_of(entries) if batch.batch_id not in aside)
        overlapping = any(entry["kind"] == "set_aside" for entry in entries)
        if (used, overlapping) != (self._tables.batches, self._tables.overlapping):
            self._tables = TablesInUse(used, overlapping, self._files)
        return self._tables

    def received_file(self, batch: Batch) -> Path:
        """Return where the received file of an import lies, after comparing it with its hash."""
        return self._files.received(batch)

    def records(self, columns: Sequence[str] | None = None, *, posts_only: bool = False) -> pd.DataFrame:
        """Return the records of all imports in use, in the order of import, as pandas; ids and texts are strings.

        Parameters
        ----------
        columns : sequence of str, optional
            None: all. Lists (``urls``, ``media``, …) come as arrays and are slow: ask only for what is needed.
        posts_only : bool
            Leave out the messages of complaints and their answers; posts whose account is not known are there.
        """
        tables = self.tables_in_use()
        return as_frame(tables.posts(columns, compared_only=False) if posts_only else tables.table("records", columns))

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
        """
        return self.tables_in_use().posts(columns, compared_only=compared_only)

    def not_compared(self) -> NotCompared:
        """Return the accounts that stand for ids which a spreadsheet destroyed, and that are compared with nobody."""
        return self.tables_in_use().not_compared

    def n_not_compared(self) -> int:
        """Return how many posts are kept for readers alone, since it is not certain whose they are."""
        if not self.not_compared():
            return 0
        return len(self.posts(["record_id"], compared_only=False)) - len(self.posts(["record_id"]))

    def inbox(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the records that are messages of complaints and their answers, in the order of import, as Arrow."""
        return self.tables_in_use().inbox(columns)

    def known_ids(self) -> set[tuple[str, str]]:
        """Return the (platform, record_id) of every record in use; the set is kept, and not to be changed."""
        return self._known_ids.of(self.tables_in_use())

    def search(
        self, words: str, limit: int = 50, *, only: PostFilter | None = None, sound: bool = True, order: Order = "time"
    ) -> pd.DataFrame:
        """Return the posts that hold the words in any script and way of writing; a search is logged.

        Parameters and columns: :class:`~spmc_tools.case.store.case_search.Search`.

        Raises
        ------
        ParameterError
            Where nothing is left to search for, or a value is none of those wanted.
        """
        from spmc_tools.case.store.case_search import MADE_WITH, STAGE, PostFilter, Search, SearchIndex

        search = Search(words, limit, only or PostFilter(), sound, order)
        where = self.derived_dir(STAGE, MADE_WITH)
        hits, logged = SearchIndex(self.path, where).hits(search, self.tables_in_use(), self.results_logged())
        self.log("search", logged)
        return hits

    # -- what is made of it --------------------------------------------------------------------------------------

    def inputs_hash(self) -> str:
        """Return a hash over all imports in use: the same files in the same order, the same hash."""
        return self.tables_in_use().inputs_hash()

    def derived_dir(self, stage: str, parameters: Mapping[str, Any]) -> Path:
        """Return the folder, made where it is not there, for what a stage computes from these inputs and parameters.

        Parameters
        ----------
        stage : str
            Lower-case word.
        parameters : mapping
            Anything JSON can hold; with the imports and the version of the package they name the folder.
        """
        if not _STAGE.fullmatch(stage):
            raise ValueError(f"{stage!r} is no name of a stage")
        self._require_sound()
        self.tables_in_use().require_unchanged()
        content = {"inputs": self.inputs_hash(), "parameters": dict(parameters), "version": __version__}
        digest = hashlib.sha256(canonical_json(content).encode()).hexdigest()[:32]
        return self._made(self.path / "derived" / digest / stage)

    def results_logged(self) -> dict[str, dict[str, str]]:
        """SHA-256 by name of file of every folder of results that the custody log tells of, as told last."""
        return results_of(self.ledger.entries())

    def run_dir(self, run_id: str) -> Path:
        """Return the folder of a report, made where it is not there.

        Raises
        ------
        CaseError
            Where the id is no plain name.
        """
        self._require_sound()
        if not _RUN_ID.fullmatch(run_id):
            raise CaseError(f"{quote(run_id)} is no id of a run: wanted letters, digits, . - and _.")
        return self._made(self.path / "reports" / run_id)

    def _made(self, folder: Path) -> Path:
        with os_errors(f"Case {self.id} cannot be written"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    # -- names ---------------------------------------------------------------------------------------------------

    def pseudonym(self, account_id: str) -> str:
        """Return the pseudonym of an account, as ``A-7F3K2Q9D``; the same in every run of this case."""
        return self.pseudonyms([account_id])[account_id]

    def pseudonyms(self, account_ids: Iterable[str]) -> dict[str, str]:
        """Return a pseudonym for each account, no two alike; ask for all accounts of an export at once.

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
        """Return where the key of this case's pseudonyms lies, outside of the case; it may be missing."""
        return case_key_file(self.id, self.ledger.entries())
