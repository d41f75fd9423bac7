"""Which posts of a file are new, which come again, and of the latter how many differ from the post received first.

A post is known by platform and id, and by what it says (:mod:`~spmc_tools.importers.engine.same_content`). Where a
later row with this id names another account, or holds another text, either the post was edited or one of the two files
is not what it says: both rows are kept, and the import says how many.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from spmc_tools.case.store.derived_accounts import DERIVED, is_derived
from spmc_tools.importers.engine.same_content import SameContent

if TYPE_CHECKING:
    import pyarrow as pa

    from spmc_tools.case.store.case import Case
    from spmc_tools.importers.engine.received_rows import Seen
    from spmc_tools.importers.engine.same_content import PostsOfCase

__all__ = ["Repeated"]

_AT_ONCE = 500_000
"""Posts that wait to be compared with the case; its tables are read once for so many."""

_HALF = 0xFFFFFFFF


class Repeated:
    """Knows the posts of a case and of one file as it is read.

    Attributes
    ----------
    other_account, other_text : int
        Posts that came again and name another account, hold another text, than the first; what one of the two does not
        say is no difference, nor is an account that stands in for a destroyed id. Complete after :meth:`settle`.
    same : int
        Posts that came again under another id: the same account, second and text.
    named : int
        Posts of the case whose account stands in for a destroyed id, and that came again with an exact one.
    """

    def __init__(self, case: Case, posts: PostsOfCase) -> None:
        self._case = case
        self._known = case.known_ids()
        self._posts = posts
        self._seen: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._waiting: list[tuple[tuple[str, str], int]] = []
        self._content = SameContent(case, posts)
        self._alias: dict[tuple[str, str], str] = {}
        self.other_account = self.other_text = self.named = self.same = 0

    def hear(self, accounts: pa.Table | None) -> None:
        """Take in the user names of accounts that stand beside the records that come next."""
        self._content.named(accounts)

    def fresh(self, records: list[Seen], compared: bool) -> tuple[list[Seen], list[Seen]]:
        """Return the records whose platform and id are new, which are remembered, and those that come again.

        What comes again under another id is given with the id under which it came first.

        Parameters
        ----------
        records : list of Seen
            In the order of the file.
        compared : bool
            Whether those that come again are compared with the first.
        """
        fresh, again = [], []
        for record in records:
            key = (record.platform, record.record_id)
            seen = self._seen[record.platform]
            if key in self._known:
                again.append(record)
                if compared:
                    self._waiting.append((key, _mark(record.account_id, record.text)))
            elif record.record_id in seen:
                again.append(record)
                if compared:
                    self._compare(seen[record.record_id], _mark(record.account_id, record.text))
            else:
                seen[record.record_id] = _mark(record.account_id, record.text)
                fresh.append(record)
        if len(self._waiting) >= _AT_ONCE:
            self.settle()
        if compared:
            fresh, again = self._new_by_content(fresh, again)
        if self._alias:
            again = [self._under_its_id(record) for record in again]
        return fresh, again

    def _under_its_id(self, record: Seen) -> Seen:
        first = self._alias.get((record.platform, record.record_id))
        return record if first is None else record._replace(record_id=first)

    def _new_by_content(self, fresh: list[Seen], again: list[Seen]) -> tuple[list[Seen], list[Seen]]:
        """Take out of the new records what came before under another id."""
        first = self._content.first_ids(fresh)
        if not first:
            return fresh, again
        self.same += len(first)
        for place, record_id in first.items():
            record = fresh[place]
            self._alias[record.platform, record.record_id] = record_id
            again.append(record._replace(record_id=record_id))
        return [record for place, record in enumerate(fresh) if place not in first], again

    def settle(self) -> None:
        """Compare the posts that wait with those of the case."""
        if not self._waiting:
            return
        first = self._posts.first_rows({key for key, _ in self._waiting})
        for key, mark in self._waiting:
            if key in first:
                self.named += bool(mark >> 32) and is_derived(first[key][0])
                self._compare(_mark(*first[key]), mark)
        self._waiting = []

    def remarks(self) -> list[str]:
        """Say how many came under another id, and what to do where an earlier file destroyed ids of accounts."""
        said = []
        if self.same:
            verb = "duplicate came" if self.same == 1 else "duplicates came"
            said.append(f"{self.same:,} {verb} before under another id (same account, second and text)")
        return [*said, *self._of_named()]

    def _of_named(self) -> list[str]:
        if not self.named:
            return []
        ids = [batch.batch_id for batch in self._case.batches() if DERIVED in batch.details]
        verb = "duplicate names" if self.named == 1 else "duplicates name"
        return [
            f"{self.named:,} {verb} the account of a post whose account id a spreadsheet destroyed in an earlier file "
            f"(batch {', '.join(ids)}), and the post stays under the id that stands in for it; where this file holds "
            f'all of that one, set that one aside: spmc set-aside {self._case.id} {ids[0]} --reason "…"'
        ]

    def _compare(self, first: int, again: int) -> None:
        for name, value, other in (
            ("other_account", first >> 32, again >> 32),
            ("other_text", first & _HALF, again & _HALF),
        ):
            if value and other and value != other:
                setattr(self, name, getattr(self, name) + 1)


def _mark(account_id: str, text: str | None) -> int:
    """Return 32 bits of the account and 32 of the text; 0 stands for: not said."""
    account = 0 if is_derived(account_id) else hash(account_id) & _HALF or 1
    return account << 32 | (0 if text is None else hash(text) & _HALF or 1)
