"""The parameters of a notebook: declared in its metadata, checked before anything runs.

papermill pastes names into code and only warns about unknown ones; so names are matched against a pattern, unknown
ones are refused, and values reach papermill as typed Python values, never as the text that was typed.
"""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["NAME", "Parameter", "check", "declared"]

NAME = re.compile(r"^[a-z_][a-z0-9_]*\Z")
"""What a parameter may be called."""

EMPTY = ("", "null", "none")
"""What is typed for a parameter that may be left open."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter.

    Attributes
    ----------
    type : str
        One of ``case``, ``event``, ``traces``, ``date``, ``text``, ``choice``, ``boolean``, ``integer``, ``number``,
        ``integers``.
    low, high : float or None
        Inclusive limits of a number, or of each number of a list.
    choices : tuple of str
        What a ``choice`` may be.
    nullable : bool
        Whether it may be left open.
    not_before : str or None
        Another date parameter that this one may not lie before.
    """

    name: str
    type: str
    default: Any = None
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    nullable: bool = False
    not_before: str | None = None

    def wanted(self) -> str:
        """Say what fits, in a few words."""
        limits = ""
        if self.low is not None or self.high is not None:
            limits = f" from {self.low:.15g}" if self.low is not None else ""
            limits += f" to {self.high:.15g}" if self.high is not None else ""
        words = {
            "case": "a case",
            "event": "an event of the calendar",
            "traces": "all, or names of traces with commas between",
            "date": "a day as 2025-11-06",
            "text": "a text of at most 300 characters",
            "choice": "one of " + ", ".join(self.choices),
            "boolean": "true or false",
            "integer": "a whole number" + limits,
            "number": "a number" + limits,
            "integers": "whole numbers" + limits + " with commas between, as 60,600",
        }[self.type]
        return words + (", or null" if self.nullable else "")


def _date(parameter: Parameter, text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError
    return date.fromisoformat(text).isoformat()


def _limited(parameter: Parameter, value: float) -> float:
    if not math.isfinite(value):
        raise ValueError
    if (parameter.low is not None and value < parameter.low) or (parameter.high is not None and value > parameter.high):
        raise ValueError
    return value


def _integer(parameter: Parameter, text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,18}", text.strip(), re.ASCII):
        raise ValueError
    return int(_limited(parameter, int(text)))


def _number(parameter: Parameter, text: str) -> float:
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text.strip(), re.ASCII):
        raise ValueError
    return _limited(parameter, float(text))


def _integers(parameter: Parameter, text: str) -> list[int]:
    values = [_integer(parameter, part) for part in text.split(",")]
    if len(set(values)) != len(values) or len(values) > 20:
        raise ValueError
    return sorted(values)


def _boolean(parameter: Parameter, text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _choice(parameter: Parameter, text: str) -> str:
    return parameter.choices[parameter.choices.index(text)]


def _text(parameter: Parameter, text: str) -> str:
    if len(text) > 300 or not text.isprintable():
        raise ValueError
    return text


def _event(parameter: Parameter, text: str) -> str:
    from spmc_tools.desks.base.calendar import event

    return event(text).name


def _traces(parameter: Parameter, text: str) -> str | list[str]:
    from spmc_tools.coaction.traces.trace_catalogue import TRACES

    if text == "all":
        return "all"
    names = [part.strip() for part in text.split(",")]
    for name in names:
        if name not in TRACES:
            raise ParameterError(f"traces: {quote(name)} is unknown; known traces: all, {', '.join(TRACES)}.")
    return list(dict.fromkeys(names))


READ: dict[str, Callable[[Parameter, str], Any]] = {
    "case": _text,
    "event": _event,
    "traces": _traces,
    "date": _date,
    "text": _text,
    "choice": _choice,
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "integers": _integers,
}
_HIGH = 1e300
_KEYS = {"type", "default", "min", "max", "choices", "nullable", "not_before"}


def _sound(said: Mapping[str, Any]) -> bool:
    """Tell whether each part of a declaration is of its kind: a notebook may come from anybody."""
    kind, choices, early = said.get("type"), said.get("choices", ()), said.get("not_before")
    limits = [said[name] for name in ("min", "max") if said.get(name) is not None]
    return (
        isinstance(kind, str)
        and kind in READ
        and isinstance(choices, (list, tuple))
        and all(isinstance(one, str) for one in choices)
        and all(isinstance(one, (int, float)) and not isinstance(one, bool) and abs(one) < _HIGH for one in limits)
        and (early is None or (isinstance(early, str) and kind == "date"))
        and (kind != "date" or isinstance(said.get("default"), (str, type(None))))
    )


def _declare(name: str, said: Mapping[str, Any], where: str) -> Parameter:
    if not isinstance(name, str) or not NAME.match(name):
        raise ParameterError(f"{where}: parameter {quote(name)}: wanted small letters, digits and _ as a name.")
    if not isinstance(said, dict) or set(said) - _KEYS or not _sound(said):
        raise ParameterError(f"{where}: parameter {name} is not declared as type, default, min, max, choices.")
    return Parameter(
        name=name,
        type=said["type"],
        default=said.get("default"),
        low=said.get("min"),
        high=said.get("max"),
        choices=tuple(said.get("choices", ())),
        nullable=bool(said.get("nullable", False)),
        not_before=said.get("not_before"),
    )


def _inferred(name: str, default: str) -> Parameter:
    """Return a parameter whose type is that of its default, for notebooks that declare nothing."""
    try:
        value = ast.literal_eval(default)
    except (ValueError, SyntaxError):
        value = None
    kind = "text"
    if name == "case":
        kind = "case"
    elif isinstance(value, bool):
        kind = "boolean"
    elif isinstance(value, int):
        kind = "integer"
    elif isinstance(value, float):
        kind = "number"
    elif isinstance(value, (list, tuple)) and value and all(type(item) is int for item in value):
        kind = "integers"
    return Parameter(name=name, type=kind, default=value, nullable=value is None)


def declared(path: Path) -> dict[str, Parameter]:
    """Return the parameters of a notebook by name.

    They are declared under ``metadata.spmc.parameters`` and must be those of its cell tagged ``parameters``. A
    notebook that declares none has the parameters of that cell, each of the type of its default.

    Parameters
    ----------
    path : pathlib.Path
        The notebook.

    Raises
    ------
    ParameterError
        Where a declaration is broken, or differs from the cell.
    """
    from papermill import inspect_notebook

    from spmc_tools.report.words import notebook_file

    where = path.name
    literal = str(path).replace("{", "{{").replace("}", "}}")
    own = notebook_file.read(path).metadata.get("spmc", {})  # before papermill, which takes any JSON for a notebook
    if not isinstance(own, dict):
        raise ParameterError(f"{where}: metadata.spmc is no table.")
    said = own.get("parameters")
    inspected = {name: parameter["default"] for name, parameter in inspect_notebook(literal).items()}
    if said is None:
        found = {name: _inferred(name, default) for name, default in inspected.items()}
        for name in found:
            _declare(name, {"type": "text"}, where)
        return found
    if not isinstance(said, dict):
        raise ParameterError(f"{where}: metadata.spmc.parameters is no table of parameters.")
    found = {name: _declare(name, declaration, where) for name, declaration in said.items()}
    if set(found) != set(inspected):
        odd = sorted(set(found) ^ set(inspected))[0]
        raise ParameterError(f"{where}: parameter {quote(odd)} is declared or in the parameters cell, but not both.")
    for name, parameter in found.items():
        early = found.get(parameter.not_before or name)
        if early is None or (parameter.not_before and early.type != "date"):
            raise ParameterError(
                f"{where}: not_before of {name} is {quote(parameter.not_before)}, which is no date here."
            )
    return found


def check(known: Mapping[str, Parameter], typed: Mapping[str, str], where: str) -> dict[str, Any]:
    """Return the given parameters as typed values.

    Parameters
    ----------
    known : mapping
        From :func:`declared`.
    typed : mapping of str to str
        As typed: ``{"seed": "3"}``.
    where : str
        Name of the notebook, for messages.

    Raises
    ------
    ParameterError
        Naming the known parameters where one is unknown, or what is wanted where a value does not fit.
    """
    values: dict[str, Any] = {}
    for name, text in typed.items():
        if not NAME.match(name) or name not in known:
            raise ParameterError(f"{where} has no parameter {quote(name)}; its parameters: {', '.join(known)}.")
        values[name] = _value(known[name], text)
    for name, parameter in known.items():
        first = parameter.not_before
        if first:
            late, early = values.get(name, parameter.default), values.get(first, known[first].default)
            if late is not None and early is not None and late < early:
                raise ParameterError(f"{name} is {late}, which lies before {first}, {early}; exchange them.")
    return values


def _value(parameter: Parameter, text: str) -> Any:
    if parameter.nullable and text.lower() in EMPTY:
        return None
    try:
        return READ[parameter.type](parameter, text)
    except (ValueError, KeyError):
        raise ParameterError(f"{parameter.name} is {quote(text)}, wanted {parameter.wanted()}.") from None
