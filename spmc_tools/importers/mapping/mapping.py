"""A mapping file: which column of a table is which field of a record, written as TOML.

The whole schema, with an example, stands in docs/reference/formats.md; an unknown key is refused, so a slip of the pen
is seen.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import MappingError, quote
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.fields.times import A_FORMAT, DATE_ORDERS, UNITS, tells_the_day, zone_of
from spmc_tools.schema import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = [
    "ACCOUNT_FIELDS",
    "LIST_FIELDS",
    "RECORD_FIELDS",
    "TIME_FIELDS",
    "KindRule",
    "Mapping",
    "TimeSpec",
    "load_mapping",
    "require_once",
    "to_toml",
]

RECORD_FIELDS = tuple(f for f in Record._fields if f not in {"source_row", "time_precision_s", "kind"})
"""Fields of a record that a column can fill; ``kind`` has rules of its own."""

ACCOUNT_FIELDS = tuple(f for f in Account._fields if f not in {"source_row", "account_id", "platform", "observed_at"})
"""Fields of an account that a column can fill; its id, platform and moment are the record's."""

TIME_FIELDS = ("created_at", "edited_at", "deleted_seen_at", "collected_at")
LIST_FIELDS = ("urls", "hashtags", "mentions", "media")
CONSTANT_FIELDS = ("platform", "surface_id", "account_id", "lang", "client")

_MAPPING_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TimeSpec:
    """How a time column is written; what is None is told by the column or asked."""

    tz: str | None = None
    format: str | None = None
    unit: str | None = None
    order: str | None = None
    precision_s: float | None = None
    joined: bool = False
    """Whether the columns are parts of one time, the day and the clock, and not the first that is filled."""


@dataclass(frozen=True, slots=True)
class KindRule:
    """A row is of ``kind`` where ``column`` equals one of the values, or (no values) is filled."""

    kind: str
    column: str
    equals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping as it was written or guessed; headers are as in the file."""

    columns: dict[str, tuple[str, ...]]
    accounts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    times: dict[str, TimeSpec] = field(default_factory=dict)
    kind: str = "post"
    kinds: tuple[KindRule, ...] = ()
    lists: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    sheet: str | None = None
    delimiter: str | None = None

    def headers(self) -> list[str]:
        """Every header it names, in order, once."""
        named = [h for hs in (*self.columns.values(), *self.accounts.values()) for h in hs]
        return list(dict.fromkeys([*named, *(rule.column for rule in self.kinds)]))

    def require_header(self, header: Sequence[str], where: str) -> None:
        """Raise :class:`~spmc_tools.errors.MappingError` where a named column is not there, or there twice."""
        require_once(header, self.headers(), where)
        for name in self.headers():
            times = list(header).count(name)
            if times == 0 and f"{name} (1)" in header:
                several = ", ".join(quote(h) for h in header if h.startswith(f"{name} ("))
                raise MappingError(
                    f"{where} has several columns called {quote(name)}; write the one that is meant: {several}."
                )
            if times == 0:
                seen = ", ".join(quote(h, 40) for h in list(header)[:40])
                raise MappingError(f"{where} has no column {quote(name)}, which the mapping names; it has {seen}.")


def require_once(header: Sequence[str], names: Sequence[str], where: str) -> None:
    """Raise :class:`~spmc_tools.errors.MappingError` where one of these columns is there twice."""
    for name in names:
        if (times := list(header).count(name)) > 1:
            raise MappingError(
                f"{where} has {times} columns called {quote(name)}, where one is wanted; say which is meant in a "
                "mapping: --format mapped_table proposes one."
            )


def load_mapping(path: Path) -> Mapping:
    """Return the mapping of a TOML file.

    Raises
    ------
    MappingError
        Where it cannot be read, is no TOML, or holds a key, field, zone or unit that is not known.
    """
    where = quote(path.name)
    try:
        if path.exists() and not path.is_file():
            raise MappingError(f"The mapping {where} is no file; type --map FILE, with a TOML file.")
        if path.stat().st_size > _MAPPING_BYTES:
            raise MappingError(f"{where} is larger than 1 MB, which no mapping is.")
        written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MappingError(f"The mapping {where} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise MappingError(f"The mapping {where} is no valid TOML: {quote(error, 120)}.") from error
    return _Parse(where).mapping(written)


class _Parse:
    """Reads a mapping's tables and says where something is wrong."""

    def __init__(self, where: str) -> None:
        self.where = where

    def mapping(self, written: dict[str, Any]) -> Mapping:
        self._known(written, ("columns", "accounts", "constants", "times", "kind", "lists", "missing", "table"), "")
        columns = self._columns(written, "columns", RECORD_FIELDS)
        constants = {
            name: self._plain(value, f"[constants] {name}")
            for name, value in self._table(written, "constants", CONSTANT_FIELDS).items()
        }
        table = self._table(written, "table", ("sheet", "delimiter"))
        kind, kinds = self._kind(written)
        found = Mapping(
            columns=columns,
            accounts=self._columns(written, "accounts", ACCOUNT_FIELDS),
            constants=constants,
            times=self._times(written),
            kind=kind,
            kinds=kinds,
            lists={
                name: self._text(value, f"[lists] {name}")
                for name, value in self._table(written, "lists", LIST_FIELDS).items()
            },
            missing=self._texts(written.get("missing", []), "missing"),
            sheet=self._text(table["sheet"], "[table] sheet") if "sheet" in table else None,
            delimiter=self._delimiter(table),
        )
        self._require_enough(found)
        return found

    def _wrong(self, sentence: str) -> MappingError:
        return MappingError(f"The mapping {self.where}: {sentence}")

    def _known(self, written: dict[str, Any], names: Sequence[str], table: str) -> None:
        for key in written:
            if key not in names:
                raise self._wrong(f"{table}{quote(key)} is not known here; known: {', '.join(names)}.")

    def _table(self, written: dict[str, Any], name: str, known: Sequence[str]) -> dict[str, Any]:
        table = written.get(name, {})
        if not isinstance(table, dict):
            raise self._wrong(f"{name} is no table; write [{name}].")
        self._known(table, known, f"[{name}] ")
        return table

    def _text(self, value: object, where: str) -> str:
        if not isinstance(value, str) or not value:
            raise self._wrong(f"{where} is {quote(value)}, wanted a text in quotes.")
        return value

    def _plain(self, value: object, where: str) -> str:
        text = self._text(value, where)
        if any(not c.isprintable() and c not in "\u200c\u200d" for c in text):
            raise self._wrong(f"{where} is {quote(text)}, which holds a character that cannot be seen; take it out.")
        return text

    def _texts(self, value: object, where: str) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        return tuple(self._text(item, where) for item in values)

    def _columns(self, written: dict[str, Any], name: str, known: Sequence[str]) -> dict[str, tuple[str, ...]]:
        table = self._table(written, name, known)
        found = {key: self._texts(value, f"[{name}] {key}") for key, value in table.items()}
        for key, headers in found.items():
            if not headers:
                raise self._wrong(f"[{name}] {key} names no column.")
        return found

    def _delimiter(self, table: dict[str, Any]) -> str | None:
        if "delimiter" not in table:
            return None
        mark = self._text(table["delimiter"], "[table] delimiter")
        if len(mark) != 1 or mark in '"\r\n ':
            raise self._wrong(f"[table] delimiter is {quote(mark)}, wanted one character such as a comma.")
        return mark

    def _times(self, written: dict[str, Any]) -> dict[str, TimeSpec]:
        found = {}
        known = (*TIME_FIELDS, "account_created_at")
        for name, spec in self._table(written, "times", known).items():
            if not isinstance(spec, dict):
                raise self._wrong(f'[times] {name} is {quote(spec)}, wanted {{tz = "Asia/Kolkata"}} or the like.')
            self._known(spec, ("tz", "format", "unit", "order", "precision_s", "joined"), f"[times] {name}: ")
            texts = {
                key: self._text(spec[key], f"[times] {name}: {key}")
                for key in spec
                if key not in {"precision_s", "joined"}
            }
            if not isinstance(spec.get("joined", False), bool):
                raise self._wrong(f"[times] {name}: joined is {quote(spec['joined'])}, wanted true or false.")
            if texts.get("unit", "s") not in UNITS:
                raise self._wrong(f"[times] {name}: unit is {quote(texts['unit'])}, wanted one of {', '.join(UNITS)}.")
            if texts.get("order", "dmy") not in DATE_ORDERS:
                raise self._wrong(f"[times] {name}: order is {quote(texts['order'])}, wanted dmy, mdy or ymd.")
            if "tz" in texts:
                zone_of(texts["tz"])
            if "format" in texts and not tells_the_day(texts["format"]):
                raise self._wrong(f"[times] {name}: format is {quote(texts['format'])}, wanted {A_FORMAT}.")
            step = spec.get("precision_s")
            if step is not None and (isinstance(step, bool) or not isinstance(step, (int, float)) or not step > 0):
                raise self._wrong(f"[times] {name}: precision_s is {quote(step)}, wanted seconds above 0.")
            found[name] = TimeSpec(
                **texts, precision_s=None if step is None else float(step), joined=spec.get("joined", False)
            )
        return found

    def _kind(self, written: dict[str, Any]) -> tuple[str, tuple[KindRule, ...]]:
        written_kind = written.get("kind", "post")
        if isinstance(written_kind, str):
            return self._kind_name(written_kind), ()
        table = self._table(written, "kind", ("default", *KINDS))
        rules = []
        for kind in ("repost", "reply", "quote", "comment", "message", "post"):
            if kind not in table:
                continue
            rule = table[kind]
            if not isinstance(rule, dict) or "column" not in rule:
                raise self._wrong(f'[kind] {kind} is {quote(rule)}, wanted {{column = "…"}}, perhaps with equals.')
            self._known(rule, ("column", "equals"), f"[kind] {kind}: ")
            equals = self._texts(rule.get("equals", []), f"[kind] {kind}: equals")
            rules.append(KindRule(kind, self._text(rule["column"], f"[kind] {kind}: column"), equals))
        return self._kind_name(table.get("default", "post")), tuple(rules)

    def _kind_name(self, kind: object) -> str:
        if kind not in KINDS:
            raise self._wrong(f"kind is {quote(kind)}, wanted one of {', '.join(KINDS)}.")
        return str(kind)

    def _require_enough(self, found: Mapping) -> None:
        if "created_at" not in found.columns:
            raise self._wrong('[columns] names no created_at; write created_at = "the header of the time".')
        if "account_id" not in found.columns and "account_id" not in found.constants:
            raise self._wrong('[columns] names no account_id; write account_id = "the header of the account".')
        if "platform" not in found.columns and "platform" not in found.constants:
            raise self._wrong('it names no platform; write [constants] platform = "x" (or telegram, facebook, …).')
        mapped = {*found.columns, *(["account_created_at"] if "created_at" in found.accounts else [])}
        for table, names in (("times", found.times), ("lists", found.lists)):
            for name in names:
                if name not in mapped:
                    under = "[accounts] created_at" if name == "account_created_at" else f"[columns] {name}"
                    raise self._wrong(f"[{table}] {name} says how to read a column that is not named; write {under}.")


def to_toml(mapping: Mapping) -> str:
    """Return a mapping as the text of a mapping file."""
    lines = []
    if mapping.missing:
        lines.append(f"missing = [{', '.join(map(_toml_text, mapping.missing))}]")
    if not mapping.kinds:
        lines.append(f"kind = {_toml_text(mapping.kind)}")
    for name, table in (("columns", mapping.columns), ("accounts", mapping.accounts)):
        if table:
            lines.append(f"[{name}]")
            for key, headers in table.items():
                texts = ", ".join(map(_toml_text, headers))
                lines.append(f"{key} = {texts if len(headers) == 1 else f'[{texts}]'}")
    for name, plain in (("constants", mapping.constants), ("lists", mapping.lists)):
        if plain:
            lines += [f"[{name}]", *(f"{key} = {_toml_text(value)}" for key, value in plain.items())]
    if mapping.times:
        lines.append("[times]")
        lines += [f"{key} = {_toml_of_time(spec)}" for key, spec in mapping.times.items()]
    if mapping.kinds:
        lines += ["[kind]", f"default = {_toml_text(mapping.kind)}"]
        for rule in mapping.kinds:
            equals = f", equals = [{', '.join(map(_toml_text, rule.equals))}]" if rule.equals else ""
            lines.append(f"{rule.kind} = {{column = {_toml_text(rule.column)}{equals}}}")
    return "\n".join(lines) + "\n"


def _toml_of_time(spec: TimeSpec) -> str:
    """Return how a column of times is read, as an inline table."""
    said = {"tz": spec.tz, "format": spec.format, "unit": spec.unit, "order": spec.order}
    parts = [f"{part} = {_toml_text(value)}" for part, value in said.items() if value is not None]
    if spec.precision_s is not None:
        parts.append(f"precision_s = {spec.precision_s}")
    if spec.joined:
        parts.append("joined = true")
    return f"{{{', '.join(parts)}}}"


def _toml_text(text: str) -> str:
    """Return a TOML basic string, safe in one line."""
    shown = "".join(
        f"\\{c}"
        if c in '"\\'
        else c
        if c.isprintable()
        else f"\\u{ord(c):04X}"
        if ord(c) < 0x10000
        else f"\\U{ord(c):08X}"
        for c in text
    )
    return f'"{shown}"'
