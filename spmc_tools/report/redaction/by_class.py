"""Redaction of typed values: every field by its privacy class, whatever it is called."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar, Union, get_args, get_origin

from spmc_tools.desks.base.calendar import IST
from spmc_tools.report.values.privacy import Hour, Privacy
from spmc_tools.report.values.section_values import hints_of
from spmc_tools.report.words.text_differences import marked_copies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Masks", "joined", "needed_in", "redacted"]

T = TypeVar("T")
HOUR_S = 3600
"""Bins of this length or longer are blocks of the calendar: their start is no time of a post."""


class Masks(Protocol):
    """What stands in place of what, the same wherever it stands in one report."""

    def account(self, name: str) -> str:
        """Return the pseudonym of an account, given by its id or its handle."""

    def numbered(self, number: int, name: str) -> str:
        """Return the pseudonym of the account with this number in the report, else of the one with this handle."""

    def text(self, text: str) -> str:
        """Return a text without mentions, addresses, e-mail addresses, telephone numbers and raw names."""

    def label(self, what: str, key: str) -> str:
        """Return a label as "file 1", the same for the same key."""


def redacted(value: T, masks: Masks) -> T:
    """Return values as they may leave: each leaf replaced by what its privacy class says."""
    made: T = _of_class(type(value), value, masks)
    return made


def _of_class(cls: Any, row: Any, masks: Masks, parts: Any = None) -> Any:
    """Return one object of values with its fields redacted; what the class itself leaves out goes first.

    ``parts``: the pieces of its text, masked and compared with the posts beside it; None: it stands by itself.
    """
    if hasattr(cls, "for_redaction"):
        row = row.for_redaction()
    made = {name: _by_hint(hint, getattr(row, name), row, masks) for name, hint in hints_of(cls).items()}
    if parts is not None and (name := _field_of_parts(cls)) is not None:
        made[name] = parts
    return replace(row, **made)


@cache
def _field_of_parts(cls: Any) -> str | None:
    """Return the field of a class that holds the words of a post in pieces; None where it is no class of posts."""
    if not (isinstance(cls, type) and is_dataclass(cls)):
        return None
    for name, hint in hints_of(cls).items():
        for part in (hint, *get_args(hint)):
            if get_origin(part) is Annotated and Privacy.PARTS in get_args(part):
                return name
    return None


def _posts(cls: Any, rows: tuple[Any, ...], field: str, masks: Masks) -> tuple[Any, ...]:
    """Return posts beside each other, with their texts masked and what differs marked anew."""
    texts = [None if (held := getattr(row, field)) is None else masks.text(joined(held)) for row in rows]
    return tuple(_of_class(cls, row, masks, copies) for row, copies in zip(rows, _copies(texts), strict=True))


def joined(parts: tuple[tuple[str, bool], ...]) -> str:
    """Return the text whose pieces these are."""
    return "".join(text for text, _ in parts)


def _copies(texts: list[str | None]) -> list[tuple[tuple[str, bool], ...] | None]:
    marked = marked_copies(texts)
    return [None if copy is None else tuple((str(text), bool(differs)) for text, differs in copy) for copy in marked]


def _by_hint(hint: Any, value: Any, row: Any, masks: Masks) -> Any:
    if value is None:
        return None
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        privacy = next(part for part in parts[1:] if isinstance(part, Privacy))
        return _LEAVES[privacy](value, row, masks)
    if origin in {Union, types.UnionType}:
        return _by_hint(_branch(parts, value), value, row, masks)
    if origin is tuple:
        field = _field_of_parts(parts[0])
        if field is not None:
            return _posts(parts[0], value, field, masks)
        inner = [parts[0]] * len(value) if parts[-1] is Ellipsis else list(parts)
        return tuple(_by_hint(part, held, row, masks) for part, held in zip(inner, value, strict=True))
    if origin in {dict, Mapping}:
        return {_by_hint(parts[0], k, row, masks): _by_hint(parts[1], held, row, masks) for k, held in value.items()}
    return _of_class(hint, value, masks)


def _branch(parts: tuple[Any, ...], value: Any) -> Any:
    """Return the branch of a union that a value belongs to."""
    for part in parts:
        bare = get_args(part)[0] if get_origin(part) is Annotated else part
        kinds = get_args(bare) if get_origin(bare) in {Union, types.UnionType} else (get_origin(bare) or bare,)
        if any(isinstance(kind, type) and isinstance(value, kind) for kind in kinds):
            return part
    raise TypeError(f"{type(value).__name__} is none of {parts}")


def _rounded(value: Any, row: Any, masks: Masks) -> Any:
    if not isinstance(value, datetime):
        return value
    return Hour.of(value.astimezone(IST))


def _handle(value: str, row: Any, masks: Masks) -> str:
    number = getattr(row, "n", None)
    return masks.numbered(number, value) if isinstance(number, int) else masks.account(value)


def _pieces(value: tuple[tuple[str, bool], ...], row: Any, masks: Masks) -> Any:
    return _copies([masks.text(joined(value))])[0]


def _masked(value: str, row: Any, masks: Masks) -> str:
    return masks.text(value)


def _same(value: Any, row: Any, masks: Masks) -> Any:
    return value


def _gone(value: Any, row: Any, masks: Masks) -> None:
    return None


_LEAVES: dict[Privacy, Callable[[Any, Any, Masks], Any]] = {
    Privacy.ACCOUNT: lambda value, row, masks: masks.account(value),
    Privacy.HANDLE: _handle,
    Privacy.DISPLAY_NAME: _gone,
    Privacy.RECORD: _gone,
    Privacy.TEXT: _masked,
    Privacy.PARTS: _pieces,
    Privacy.ADDRESS: _masked,
    Privacy.SITE: lambda value, row, masks: masks.label("site", value),
    Privacy.THING: lambda value, row, masks: masks.label("thing", value),
    Privacy.FILE: lambda value, row, masks: masks.label("file", str(getattr(row, "sha256", None) or value)),
    Privacy.PLACE: _masked,
    Privacy.TIME: _rounded,
    Privacy.BIN: lambda value, row, masks: (
        value if (getattr(row, "bin_s", 0) or 0) >= HOUR_S else _rounded(value, row, masks)
    ),
    Privacy.CLOCK: _same,
    Privacy.CODE: _same,
    Privacy.NUMBER: _same,
    Privacy.WORDING: _masked,
}


def needed_in(value: Any) -> Iterator[str]:
    """Yield the texts that findings need, as written: what ``needed_texts`` of the classes in some values says."""
    if is_dataclass(value) and not isinstance(value, type):
        if hasattr(value, "needed_texts"):
            yield from value.needed_texts()
        for name in hints_of(type(value)):
            yield from needed_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for held in value.values():
            yield from needed_in(held)
    elif isinstance(value, tuple):
        for held in value:
            yield from needed_in(held)
