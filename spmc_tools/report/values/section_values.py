"""Frozen values of sections: made by sections, carried by notebooks as JSON, read back, redacted and drawn.

::

    @section_values
    class Member:
        n: Count
        name: Handle | None

Every leaf of every field has a privacy class (:mod:`spmc_tools.report.values.privacy`); a field without one is refused
when the module is imported, so that nothing reaches a page whose redaction nobody thought of. A class whose redaction
needs more than the classes of its fields has ``for_redaction`` (it returns the object without what must go); one that
shows texts which a finding needs has ``needed_texts``: :mod:`spmc_tools.report.values.withholding` has the usual forms.
"""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union, dataclass_transform

from spmc_tools.errors import TableError, quote
from spmc_tools.report.values.privacy import Privacy

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["UndeclaredPrivacyError", "from_json", "hints_of", "plain", "section_values", "to_json", "values_from"]

T = TypeVar("T")

_GOES = frozenset({Privacy.DISPLAY_NAME, Privacy.RECORD})
"""Classes of which nothing is left: their fields must allow None."""

_DECLARED: set[Any] = set()
"""Classes that :func:`section_values` made."""


class UndeclaredPrivacyError(TypeError):
    """A field of a section's values does not say what it holds."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
def section_values(cls: type[T]) -> type[T]:
    """Make a class the frozen values of a section, or of a part of one; its fields are given by name.

    Raises
    ------
    UndeclaredPrivacyError
        Where a field has no privacy class, or one of which nothing is left and does not allow None.
    """
    made = dataclass(frozen=True, kw_only=True, slots=True)(cls)
    declared: Any = made
    for name, hint in hints_of(declared).items():
        _check(hint, f"{cls.__module__}.{cls.__qualname__}.{name}", optional=False)
    _DECLARED.add(made)
    return made


@cache
def hints_of(cls: Any) -> dict[str, Any]:
    """Return the types of the fields of a class of values by name, with their privacy classes.

    Of a class with a parameter, as ``Listed[Member]``, with what it is filled with.
    """
    bare = typing.get_origin(cls) or cls
    hints = typing.get_type_hints(bare, include_extras=True)
    filled = dict(zip(getattr(bare, "__parameters__", ()), typing.get_args(cls), strict=False))
    return {field.name: _filled(hints[field.name], filled) for field in fields(bare)}


def _filled(hint: Any, filled: Mapping[Any, Any]) -> Any:
    """Return a type with its parameters replaced by what they are filled with, where that is known."""
    if hint in filled:
        return filled[hint]
    held = getattr(hint, "__parameters__", ())
    return hint[tuple(filled[part] for part in held)] if held and filled else hint


def _check(hint: Any, where: str, *, optional: bool) -> None:
    """Raise unless each leaf of a type has a privacy class."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        classes = [option for option in parts[1:] if isinstance(option, Privacy)]
        if len(classes) != 1:
            raise UndeclaredPrivacyError(f"{where} has no privacy class, or several; give one of Privacy.")
        if classes[0] in _GOES and not optional:
            raise UndeclaredPrivacyError(f"{where} is taken out by redaction, so it must allow None.")
        return
    if origin in {Union, types.UnionType}:
        rest = [part for part in parts if part is not type(None)]
        for part in rest:
            _check(part, where, optional=len(rest) < len(parts))
        return
    if origin in {tuple, dict, Mapping} or origin in _DECLARED:
        for part in parts:
            if part is not Ellipsis:
                _check(part, where, optional=False)
        return
    if isinstance(hint, TypeVar):
        return  # checked where the class is filled
    if hint not in _DECLARED or any(hint.__dict__.get("__parameters__", ())):
        raise UndeclaredPrivacyError(
            f"{where} is {hint!r}, which says nothing of what it holds; annotate it with a privacy class, as "
            "Quoted or Count of spmc_tools.report.values.privacy, or with a class of section_values."
        )


def values_from(cls: type[T], source: object, **others: Any) -> T:
    """Return values of a class whose fields ``source`` has under the same names, but for those in ``others``.

    Parameters
    ----------
    cls : type
        Of :func:`section_values`.
    source : object or mapping
        The fields are its attributes; of a mapping, its keys.
    **others : object
        Fields that are given instead.

    Raises
    ------
    AttributeError, KeyError
        Where a field is in neither.
    """
    declared: Any = cls
    names = [field.name for field in fields(declared) if field.name not in others]
    if isinstance(source, Mapping):
        return cls(**{name: source[name] for name in names}, **others)
    return cls(**{name: getattr(source, name) for name in names}, **others)


def to_json(value: Any) -> Any:
    """Return values as what JSON holds: objects by the names of their fields, else as :func:`plain`."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(held) for held in value]
    return plain(value)


def plain(value: Any) -> Any:
    """Return a single value that JSON can hold: numpy numbers as Python's, missing as None, times as ISO.

    Raises
    ------
    TypeError
        Where JSON has no form for it.
    """
    if hasattr(value, "tolist") and not isinstance(value, (str, bytes)):
        return to_json(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return None if value != value else value.isoformat()  # noqa: PLR0124 -- NaT differs from itself
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if type(value).__name__ in {"NAType", "NaTType"}:
        return None
    raise TypeError(f"{type(value).__name__} has no place in a section: {str(value)[:60]!r}")


@cache
def _adapter(cls: Any) -> TypeAdapter[Any]:
    from pydantic import ConfigDict, TypeAdapter

    for inner in _classes_in(cls):
        inner.__pydantic_config__ = ConfigDict(extra="forbid")
    return TypeAdapter(cls)


def _classes_in(hint: Any) -> set[type[Any]]:
    """Return the classes of values that a type holds, itself included."""
    bare = typing.get_origin(hint) or hint
    if isinstance(bare, type) and is_dataclass(bare):
        inner = (_classes_in(part) for part in hints_of(hint).values())
        return {bare}.union(*inner)
    return set().union(*(_classes_in(part) for part in typing.get_args(hint)), set())


def from_json(cls: type[T], payload: object) -> T:
    """Return the values that :func:`to_json` wrote.

    Raises
    ------
    TableError
        Where they are not of this class: another version wrote them, or somebody changed them.
    """
    from pydantic import ValidationError

    try:
        wanted: Any = cls
        made: T = _adapter(wanted).validate_python(payload)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the values"
        raise TableError(
            f"{quote(place)} of a section's values is not what {cls.__name__} holds ({first['msg']}); the notebook was "
            "made by another version or changed: run the report again."
        ) from None
    return made
