"""A case as it was after one of its imports: the same case, of which later imports are not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from spmc_tools.case.store.batches import Batch, batches_of
from spmc_tools.case.store.case import Case
from spmc_tools.case.store.tables_in_use import KnownIds
from spmc_tools.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from spmc_tools.case.log.ledger import Entry

__all__ = ["CaseAsOf"]


class CaseAsOf(Case):
    """A case, of which the imports up to one are read; settings, marks, log and folders are those of today.

    What is worked out of it is what the case itself gave after that import, and is kept in the same place.

    Parameters
    ----------
    case : Case
        As it is today.
    batch_id : str
        The last import that is read.
    """

    def __init__(self, case: Case, batch_id: str) -> None:
        self.__dict__.update(case.__dict__)
        self.batch_id = batch_id
        self._imports = ([], [])
        self._known_ids = KnownIds()

    def _batches_of(self, entries: list[Entry]) -> list[Batch]:
        return [batch for batch in batches_of(entries) if batch.batch_id <= self.batch_id]

    def new_batch(self, source: Path, sha256: str, again: bool = False) -> NoReturn:
        """Refuse: an import goes into the case as it is today.

        Raises
        ------
        CaseError
            Always.
        """
        raise CaseError(f"This is case {self.id} as of import {self.batch_id}; open the case to import into it.")

    def log(self, kind: str, payload: Mapping[str, Any], officer: str | None = None) -> Entry:
        """Add an entry to the custody log; one of an investigation tells the last import that it read."""
        return super().log(kind, {**payload, "as_of": self.batch_id} if kind == "investigate" else payload, officer)
