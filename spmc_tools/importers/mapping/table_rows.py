"""Pieces of a table as records and accounts, column by column, by a mapping and the rules of its times."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from spmc_tools.case.store.derived_accounts import DERIVED, handle_account, is_derived, unknown_account
from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Chunk
from spmc_tools.importers.engine.repost_key import begins_as_repost
from spmc_tools.importers.fields.post_links import author_of, post_id_of
from spmc_tools.importers.fields.rows import RAW_LIMIT, Account, Record, Refusal
from spmc_tools.importers.fields.times import read_time
from spmc_tools.importers.fields.values import CELL_FAULTS, NO_ID
from spmc_tools.importers.files.cells import (
    cell_count,
    cell_flag,
    cell_id,
    cell_text,
    filled,
    is_rounded,
    items_reader,
    joined,
    not_utf8,
    remembering,
    says_nothing,
    why_no_id,
)
from spmc_tools.importers.mapping.mapping import LIST_FIELDS, TIME_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from spmc_tools.importers.fields.times import TimeRule
    from spmc_tools.importers.files.read import Source
    from spmc_tools.importers.files.table_files import Piece, Table
    from spmc_tools.importers.mapping.mapping import Mapping

__all__ = ["ID_FIELDS", "TableReader", "raw_row", "stand_in"]

ID_FIELDS = ("record_id", "account_id", "ref_record_id", "ref_account_id", "conversation_id", "surface_id")
"""Columns of a mapping that hold ids."""

_COUNT_FIELDS = ("likes", "reposts", "replies", "views")
_ACCOUNT_COUNTS = ("followers", "following", "posts")
_ESCAPED = re.compile(r"<U\+([0-9A-Fa-f]{4,8})>")
_SHORT = {
    "lost": "lost digits in a spreadsheet",
    "fault": "are spreadsheet errors",
    "word": "are words for nothing, such as null",
    "other": "are of another type",
}
_LONG = {
    "lost": "lost their last digits in a spreadsheet",
    "fault": "are spreadsheet errors such as #N/A",
    "word": "are words for nothing, such as null or NaN,",
    "other": "are no ids (dates, lists, fractions or blanks)",
}


class TableReader:
    """Turns pieces of one table into chunks; counts what was lost on the way."""

    def __init__(
        self,
        source: Source,
        table: Table,
        mapping: Mapping,
        rules: dict[str, TimeRule],
        rounded: Iterable[str] = (),
    ) -> None:
        self._mapping = mapping
        self._rounded = frozenset(rounded)
        self._position = {name: i for i, name in enumerate(table.header)}
        self._derived = f"row-{source.sha256[:8]}-"
        self._unknown = unknown_account(source.sha256)
        self._stand_ins: Counter[str] = Counter()
        self._looks: set[int] = set()
        self._lost: Counter[tuple[str, str]] = Counter()
        self._made_ids = self._by_text = self._linked = 0
        self._joined = {name for name, spec in mapping.times.items() if spec.joined}
        self._tells_reposts = mapping.kind == "repost" or any(rule.kind == "repost" for rule in mapping.kinds)
        self._escaped = self._authors = 0
        self._read_time = {name: remembering(_reading(rule)) for name, rule in rules.items()}
        self._read_items = {name: items_reader(name, mapping.lists.get(name)) for name in LIST_FIELDS}

    def remarks(self) -> list[str]:
        """Say what was lost or made up, with its count."""
        said = []
        if self._linked:
            said.append(f"{self._linked:,} × id of a post taken out of its address")
        if self._authors:
            said.append(f"{self._authors:,} × user name taken out of the address of the post, as the account")
        if self._made_ids:
            parts = [f"{count:,} {_SHORT[why]}" for (name, why), count in self._lost.items() if name == "record_id"]
            lost = f" ({', '.join(parts)})" if parts else ""
            said.append(
                f"{self._made_ids:,} rows have no exact id of their own{lost}: they are kept as {self._derived}<row>, "
                "and the same post in another file is not known again"
            )
        if self._stand_ins:
            said.append(self._of_stand_ins())
        if self._by_text:
            said.append(f"{self._by_text:,} posts begin with RT @name: and are reposts of that account")
        if self._escaped:
            said.append(
                f"{self._escaped:,} texts with letters written as <U+0915> are kept with the letters themselves"
            )
        said += [
            f"{count:,} values of {name} {_LONG[why]} and are left empty"
            for (name, why), count in self._lost.items()
            if name not in {"record_id", "account_id"}
        ]
        said += [
            f"{count:,} values of account_id {_LONG[why]}, and their rows are refused"
            for (name, why), count in self._lost.items()
            if name == "account_id" and why in {"fault", "word"}
        ]
        return said

    def _of_stand_ins(self) -> str:
        """Say how many posts have an account that stands in for one whose id was destroyed."""
        parts = []
        if count := self._stand_ins["handle"]:
            parts.append(f"{count:,} under the user name beside it (handle-<user name>)")
        if count := self._stand_ins["unknown"]:
            parts.append(
                f"{count:,} as {self._unknown}, whose account is not known: they can be read and searched, and are "
                "compared with no other account"
            )
        total = self._stand_ins.total()
        return f"{total:,} account ids {_LONG['lost']} and are no ids; in their place stand: {', '.join(parts)}"

    def facts(self) -> dict[str, Any]:
        """Return what the custody log holds of the rows: how many have an account that stands in for a lost one."""
        return {DERIVED: {name: self._stand_ins[name] for name in ("handle", "unknown")}} if self._stand_ins else {}

    def chunk(self, piece: Piece) -> Chunk:
        """Return a piece as a chunk."""
        count = len(piece.numbers)
        columns = {
            name: self._id_cells(piece, headers)
            if name in ID_FIELDS
            else joined(piece, [self._position[h] for h in headers], self._mapping.missing)
            if name in self._joined
            else self._cells(piece, headers)
            for name, headers in self._mapping.columns.items()
        }
        for name, value in self._mapping.constants.items():
            columns.setdefault(name, [value] * count)
        bad: dict[int, str] = {}
        destroyed: list[int] = []
        fields: dict[str, Sequence[Any]] = {"source_row": piece.numbers, "kind": self._kinds(piece, count)}
        for name, cells in columns.items():
            if name in ID_FIELDS:
                fields[name] = self._ids(name, cells, bad, destroyed)
            elif name in TIME_FIELDS:
                fields[name], steps = self._times(name, cells, bad)
                if name == "created_at":
                    fields["time_precision_s"] = steps
            else:
                fields[name] = self._plain_field(name, cells)
        self._reposts(fields)
        if "record_id" not in self._mapping.columns and "url" in fields:
            fields["record_id"] = self._out_of_links(fields["url"])
        given = fields.get("record_id", [None] * count)
        fields["record_id"] = self._with_ids(given, piece.numbers)
        stand_ins = self._stood_in(piece, destroyed)
        if stand_ins:
            fields["account_id"] = [stand_ins.get(i, value) for i, value in enumerate(fields["account_id"])]
        self._require(fields, bad)
        accounts = self._account_columns(piece, fields)
        for i in not_utf8([*fields.values(), *accounts.values()]):
            bad.setdefault(i, "the row holds bytes that are not UTF-8")
        self._made_ids += sum(value is None and i not in bad for i, value in enumerate(given))
        self._stand_ins.update(
            "unknown" if account_id == self._unknown else "handle"
            for i, account_id in stand_ins.items()
            if i not in bad
        )
        return self._assemble(piece, fields, accounts, bad)

    def _cells(self, piece: Piece, headers: Sequence[str]) -> list[Any]:
        return filled(piece, [self._position[h] for h in headers], self._mapping.missing)

    def _id_cells(self, piece: Piece, headers: Sequence[str]) -> list[Any]:
        """Return a column of ids: of several the first that is filled with more than a word for nothing."""
        cells = self._cells(piece, headers)
        if len(headers) == 1 or not any(map(says_nothing, cells)):
            return cells
        missing = (*self._mapping.missing, *NO_ID, *CELL_FAULTS)
        later = filled(piece, [self._position[h] for h in headers], missing)
        return [cell if other is None else other for cell, other in zip(cells, later, strict=True)]

    def _ids(self, name: str, cells: Sequence[Any], bad: dict[int, str], destroyed: list[int]) -> list[str | None]:
        """Return an id column; says which rows have a destroyed account id, and in ``bad`` which cannot be kept."""
        values = [None if cell is None else cell_id(cell) for cell in cells]
        if name == "account_id":
            values = [self._author(value) for value in values]
        if name in self._rounded:
            values = [None if is_rounded(cell) else value for cell, value in zip(cells, values, strict=True)]
        lost = [i for i, (cell, value) in enumerate(zip(cells, values, strict=True)) if value is None is not cell]
        for i in lost:
            why = why_no_id(cells[i])
            self._lost[name, _sort_of(why)] += 1
            if (
                name == "account_id"
                and _sort_of(why) == "lost"
                and not (name in self._rounded and is_rounded(cells[i]))
            ):
                destroyed.append(i)
            elif name == "account_id":
                shown = "" if quote(cells[i]) in why else f" {quote(cells[i])}"
                hint = "; map a column of user names instead" if _sort_of(why) == "lost" else ""
                bad[i] = f"the account id{shown} is {why}{hint}"
        return values

    def _stood_in(self, piece: Piece, destroyed: Sequence[int]) -> dict[int, str]:
        """Return the account that stands in for a destroyed id, by the place of the row."""
        if not destroyed:
            return {}
        headers = self._mapping.accounts.get("handle", ())
        names = self._cells(piece, headers) if headers else [None] * len(piece.numbers)
        return {i: stand_in(names[i], self._unknown) for i in destroyed}

    def _author(self, value: str | None) -> str | None:
        """Return the user name out of the address of a post that stands where the account is looked for."""
        if value is None or not value.startswith("http") or (who := author_of(value)) is None:
            return value
        self._authors += 1
        return who

    def _out_of_links(self, addresses: Sequence[str | None]) -> list[str | None]:
        ids = [post_id_of(address) for address in addresses]
        self._linked += sum(one is not None for one in ids)
        return ids

    def _with_ids(self, values: Sequence[str | None], numbers: Sequence[int]) -> list[str]:
        return [
            f"{self._derived}{number}" if value is None else value
            for value, number in zip(values, numbers, strict=True)
        ]

    def _require(self, fields: dict[str, Sequence[Any]], bad: dict[int, str]) -> None:
        """Say in ``bad`` which rows lack what no record lacks."""
        wanted = {"account_id": "the row names no account", "platform": "the row names no platform"}
        for name, reason in {**wanted, "created_at": "the row has no time"}.items():
            for i, value in enumerate(fields[name]):
                if value is None:
                    bad.setdefault(i, reason)

    def _times(
        self, name: str, cells: Sequence[Any], bad: dict[int, str]
    ) -> tuple[list[int | None], list[float | None]]:
        """Return a time column in µs and the steps of its clock; a bad ``created_at`` refuses its row."""
        read = self._read_time[name]
        found = [None if cell is None else read(cell) for cell in cells]
        if name == "created_at":
            for i, time in enumerate(found):
                if isinstance(time, str):
                    bad.setdefault(i, time)
        good = [time if isinstance(time, tuple) else (None, None) for time in found]
        return [us for us, _ in good], [step for _, step in good]

    def _kinds(self, piece: Piece, count: int) -> list[str]:
        kinds = [self._mapping.kind] * count
        for rule in reversed(self._mapping.kinds):
            wanted = set(rule.equals)
            for i, cell in enumerate(self._cells(piece, (rule.column,))):
                if cell is not None and (str(cell) in wanted if wanted else not says_nothing(cell)):
                    kinds[i] = rule.kind
        return kinds

    def _reposts(self, fields: dict[str, Sequence[Any]]) -> None:
        """Take posts of X that begin with ``RT @name: `` for reposts, where the mapping tells none."""
        if self._tells_reposts or "text" not in fields:
            return
        kinds, texts = list(fields["kind"]), fields["text"]
        authors = list(fields.get("ref_account_id", [None] * len(texts)))
        found = [i for i, text in enumerate(texts) if text is not None and text.startswith("RT @")]
        for i in found:
            if kinds[i] == "post" and fields["platform"][i] == "x" and (name := begins_as_repost(texts[i])):
                kinds[i], authors[i] = "repost", authors[i] or name
                self._by_text += 1
        if found:
            fields["kind"], fields["ref_account_id"] = kinds, authors

    def _plain_field(self, name: str, cells: Sequence[Any]) -> list[Any]:
        if name in _COUNT_FIELDS:
            return [None if cell is None else cell_count(cell) for cell in cells]
        if name in LIST_FIELDS:
            read = self._read_items[name]
            lists = [None if cell is None else read(cell) for cell in cells]
            if name == "media":
                return [urls and [{"url": url, "sha256": None, "phash": None} for url in urls] for urls in lists]
            return lists
        texts = [cell if cell is None or type(cell) is str else cell_text(cell) for cell in cells]
        return self._unescaped(texts) if name == "text" else texts

    def _unescaped(self, texts: list[str | None]) -> list[str | None]:
        """Return texts with the letters that R wrote as ``<U+0915>`` on a machine that could not write them."""
        for i, text in enumerate(texts):
            if text is not None and "<U+" in text and (found := _ESCAPED.sub(_letter, text)) != text:
                texts[i] = found
                self._escaped += 1
        return texts

    def _account_columns(self, piece: Piece, fields: dict[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
        """Return what the rows say about their accounts; empty where the mapping says nothing."""
        columns: dict[str, Sequence[Any]] = {}
        for name, headers in self._mapping.accounts.items():
            cells = self._cells(piece, headers)
            if name in _ACCOUNT_COUNTS:
                columns[name] = [None if cell is None else cell_count(cell) for cell in cells]
            elif name == "verified":
                columns[name] = [cell_flag(cell) for cell in cells]
            elif name == "created_at":
                columns[name] = self._times("account_created_at", cells, {})[0]
            else:
                columns[name] = [None if cell is None else cell_text(cell) for cell in cells]
        if columns and "collected_at" in fields:
            columns["observed_at"] = fields["collected_at"]
        return columns

    def _assemble(
        self,
        piece: Piece,
        fields: dict[str, Sequence[Any]],
        accounts: dict[str, Sequence[Any]],
        bad: dict[int, str],
    ) -> Chunk:
        count = len(piece.numbers)
        nothing = [None] * count
        records = list(map(Record._make, zip(*(fields.get(f, nothing) for f in Record._fields), strict=True)))
        refused = [Refusal(piece.numbers[i], bad[i], raw_row(piece, i)) for i in sorted(bad)]
        if bad:
            records = [record for i, record in enumerate(records) if i not in bad]
        chunk = Chunk(read=piece.read, records=records, refused=[*piece.refused, *refused])
        if accounts:
            looks = zip(fields["account_id"], fields["platform"], *accounts.values(), strict=True)
            for i, look in enumerate(looks):
                nothing_said = look[0] == self._unknown or all(value is None for value in look[2:])
                if i not in bad and not nothing_said and (mark := hash(look)) not in self._looks:
                    self._looks.add(mark)
                    known = dict(zip(accounts, look[2:], strict=True))
                    chunk.accounts.append(Account(look[0], look[1], piece.numbers[i], **known))
        return chunk


def stand_in(handle: Any, unknown: str) -> str:
    """Return the account that stands in for a destroyed id: by the user name beside it, else the one given."""
    text = (cell_text(handle) or "").strip()
    return account if cell_id(text) is not None and is_derived(account := handle_account(text)) else unknown


def _letter(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else found[0]


def _sort_of(why: str) -> str:
    """Return the sort of a reason out of :func:`~spmc_tools.importers.files.cells.why_no_id`."""
    if "lost in a spreadsheet" in why:
        return "lost"
    return "fault" if "formula failed" in why else "word" if "nothing here" in why else "other"


def _reading(rule: TimeRule) -> Callable[[Any], tuple[int, float] | str]:
    return lambda cell: read_time(cell, rule)


def raw_row(piece: Piece, i: int) -> str:
    """Return a row as text, its cells between tabs."""
    cells = (column[i] for column in piece.columns.values())
    return "\t".join("" if cell is None else str(cell) for cell in cells)[: RAW_LIMIT + 1]
