"""The settings of a case, ``case.toml``: why it exists, what it may look at, and until when.

Purpose and legal basis are asked before the first import and cannot be empty. Every change is logged with the
SHA-256 of the new file, so an edit past the log shows in ``spmc verify``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from spmc_tools.cage.cage import Limits, limits_for
from spmc_tools.errors import CaseError, quote
from spmc_tools.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["CaseSettings", "ContextEntry", "make_settings", "parse_settings", "read_settings", "settings_toml"]

_JOINERS = "\u200c\u200d"  # needed to write Hindi and Urdu properly


class _WrongError(ValueError):
    """What is wrong with a value, and under which key the catalogues say it."""

    def __init__(self, message: str, key: str, **facts: str) -> None:
        super().__init__(message)
        self.key, self.facts = key, facts


def _printable(value: str) -> str:
    bad = next((c for c in value if unicodedata.category(c) in {"Cc", "Cf", "Cs"} and c not in _JOINERS + "\n\t"), None)
    if bad is not None:
        sign = f"U+{ord(bad):04X}"
        raise _WrongError(f"holds the invisible character {sign}", "setting_invisible", sign=sign)
    return value


def _one_line(value: str) -> str:
    if "\n" in value or "\t" in value:
        raise _WrongError("must stand on one line", "setting_lines")
    return value


_Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000), AfterValidator(_printable)
]
_Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(_printable),
    AfterValidator(_one_line),
]


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: object) -> object:
    whole = isinstance(value, date) and not isinstance(value, datetime)
    if not whole and not (isinstance(value, str) and _DAY.fullmatch(value)):
        key = "setting_no_day" if value == "" else "setting_day"
        raise _WrongError(f"is {quote(value)}, wanted a date as 2025-11-06", key, found=quote(value))
    return value


_Day = Annotated[date, BeforeValidator(_day)]


CONTEXT_KINDS = ("newsroom", "official", "office", "volunteer", "business", "fan_club", "public_figure", "other")
"""What a registered account can be: roles that explain acting together, never what somebody is or believes."""


def _known_kind(kind: str) -> str:
    if kind not in CONTEXT_KINDS:
        raise ValueError(f"is {quote(kind)}, wanted one of {', '.join(CONTEXT_KINDS)}")
    return kind


class ContextEntry(BaseModel):
    """An account that an officer registered with a reason, as a newsroom; it is shown and never named."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    account_id: _Line
    kind: Annotated[_Line, AfterValidator(_known_kind)]
    reason: _Text
    by: _Line
    at: datetime


class CaseSettings(BaseModel):
    """What ``case.toml`` holds.

    Attributes
    ----------
    title, purpose, legal_basis : str
        Never empty.
    event : str or None
        The election or festival, a name of the calendar.
    date_from, date_to : datetime.date
        First and last day of the period, both inclusive.
    platforms : tuple of str
        Empty: no platform was fixed beforehand.
    language : {"en", "hi"}
        Language of its reports.
    officer : str or None
        Who prepares the case; None: the user of the machine is logged.
    expires : datetime.date or None
        Day after which the case is to be disposed of.
    memory_limit : str or None
        Most memory that counting takes, as "8GB"; None: four fifths of what is free when it starts.
    threads : int or None
        Most processors that it takes; None: all.
    temp_directory : str or None
        Folder for what does not fit in memory; None: the system's.
    read_seconds, read_memory_mb : int or None
        Most that reading one received file may take; None: by its size (:func:`~spmc_tools.cage.cage.limits_for`).
    context : tuple of ContextEntry
        Accounts registered with a reason.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: _Line
    purpose: _Text
    legal_basis: _Text
    event: _Line | None = None
    date_from: _Day
    date_to: _Day
    platforms: tuple[_Line, ...] = ()
    language: Literal["en", "hi"] = "en"
    officer: _Line | None = None
    expires: _Day | None = None
    memory_limit: _Line | None = None
    threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    temp_directory: _Line | None = None
    read_seconds: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    read_memory_mb: Annotated[int, Field(ge=256, le=10_000_000)] | None = None
    context: tuple[ContextEntry, ...] = Field(default=())

    def limits_of(self, size: int, more_s: float = 0.0) -> Limits:
        """Return what reading a received file of a size may take, and ``more_s`` seconds for what lies beside it."""
        return limits_for(size, self.read_seconds, self.read_memory_mb, more_s)

    @model_validator(mode="after")
    def _in_order(self) -> CaseSettings:
        if self.date_to < self.date_from:
            days = {"first": str(self.date_from), "last": str(self.date_to)}
            message = f"the period ends on {self.date_to} before it begins on {self.date_from}"
            raise _WrongError(message, "setting_order", **days)
        if self.expires is not None and self.expires < self.date_to:
            days = {"first": str(self.expires), "last": str(self.date_to)}
            message = f"the case expires on {self.expires} before its period ends on {self.date_to}"
            raise _WrongError(message, "setting_expires", **days)
        return self


def _told(first: Mapping[str, Any]) -> tuple[str | None, dict[str, str | int]]:
    """Return the key of the catalogues under which an error is said, and what those words need; None: none."""
    match first["type"]:
        case "missing" | "string_too_short":
            return "setting_empty", {}
        case "string_too_long":
            return "setting_long", {"most": first["ctx"]["max_length"]}
        case "value_error" if isinstance(wrong := first["ctx"]["error"], _WrongError):
            return wrong.key, dict(wrong.facts)
        case kind if kind.startswith("date"):
            return "setting_day", {"found": quote(first.get("input"))}
        case _:
            return None, {}


def _sentence(first: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in first["loc"])
    found = first.get("input")
    match first["type"]:
        case "missing":
            return f"{name} is missing"
        case "extra_forbidden":
            return f"unknown key {quote(name)}; known keys: {', '.join(CaseSettings.model_fields)}"
        case "string_too_short":
            return f"{name} is empty; say it in a few words"
        case "string_too_long":
            return f"{name} is longer than {first['ctx']['max_length']} characters"
        case "value_error":
            return f"{name} {first['ctx']['error']}".strip()
        case "literal_error":
            return f"{name} is {quote(found)}, wanted {first['ctx']['expected']}"
        case kind if kind.startswith("date"):
            return f"{name} is {quote(found)}, wanted a date as 2025-11-06"
        case _:
            return f"{name} is {quote(found)}, which does not fit: {first['msg'].lower()}"


def make_settings(values: Mapping[str, Any], where: str) -> CaseSettings:
    """Return checked settings.

    Parameters
    ----------
    values : mapping
        The keys of :class:`CaseSettings`; a date is a ``datetime.date`` or text as ``2025-11-06``, nothing else.
    where : str
        What the sentence of an error begins with, as ``case.toml``.

    Raises
    ------
    CaseError
        With the first thing that is wrong.
    """
    try:
        return CaseSettings.model_validate(dict(values))
    except ValidationError as error:
        first: Mapping[str, Any] = error.errors(include_url=False)[0]
        key, facts = _told(first)
        field = ".".join(str(part) for part in first["loc"])
        raise CaseError(f"{where}: {_sentence(first)}.", key=key, **{"field": field, **facts}) from None


def parse_settings(content: bytes, where: str = "case.toml") -> CaseSettings:
    """Return the settings that a ``case.toml`` holds.

    Raises
    ------
    CaseError
        Where it is no TOML, lacks a key, or was written by a newer version of this program.
    """
    try:
        values = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, a number of thousands of digits
        raise CaseError(f"{where} cannot be read: {quote(error, 120)}.") from None
    version = values.pop("schema_version", None)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise CaseError(f"{where}: schema_version is {quote(version)}, wanted a number from 1 to {SCHEMA_VERSION}.")
    if version > SCHEMA_VERSION:
        raise CaseError(
            f"{where} has schema_version {version}, this program knows up to {SCHEMA_VERSION}; "
            "open the case with a newer version of the program."
        )
    return make_settings(values, where)


def read_settings(folder: Path) -> CaseSettings:
    """Return the settings of a case folder.

    Raises
    ------
    CaseError
        Where its ``case.toml`` is missing, or is none (:func:`parse_settings`).
    """
    try:
        content = (folder / "case.toml").read_bytes()
    except OSError:
        raise CaseError(f"{quote(folder)} is no case: its case.toml is missing or unreadable.") from None
    return parse_settings(content, f"Case {folder.name}: case.toml")


def _toml_string(value: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(escapes.get(c, c if c >= " " and c != "\x7f" else f"\\u{ord(c):04X}") for c in value) + '"'


def _toml_value(value: object) -> str:
    if isinstance(value, str):
        return _toml_string(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):  # a datetime is a date, too
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    raise TypeError(f"{type(value).__name__} has no place in case.toml")


def settings_toml(settings: CaseSettings) -> bytes:
    """Return the ``case.toml`` of these settings; :func:`parse_settings` gives the same settings back."""
    lines = [
        "# Written by spmc; a change made here by hand shows in `spmc verify`.",
        f"schema_version = {SCHEMA_VERSION}",
    ]
    for name in CaseSettings.model_fields:
        value = getattr(settings, name)
        if name != "context" and value is not None:
            lines.append(f"{name} = {_toml_value(value)}")
    for entry in settings.context:
        lines += ["", "[[context]]"]
        lines += [f"{name} = {_toml_value(getattr(entry, name))}" for name in ContextEntry.model_fields]
    return ("\n".join(lines) + "\n").encode()
