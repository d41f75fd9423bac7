"""An act as a form: its fields, how they are read, all that is wrong with them at once, and the command that does it.

An act holds no rule of its own about a case: it hands what was typed to the function that the command line or the lab
calls, so that the custody log tells of it in the same words. Looked at here is only whether a field can be read.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.typed_text import typed_line
from spmc_tools.errors import CaseError, quote
from spmc_tools.show.widgets.sentences import sentence_of
from spmc_tools.show.widgets.typed_days import day_of, moment_typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.report.words.wording import Wording

__all__ = [
    "ALL_CASES", "Act", "ActField", "Done", "Ground", "ShownTable", "command_line", "lab_call", "made_folder",
    "read_fields",
]  # fmt: skip

LINE, TEXT, MOST_LISTED = 2000, 20_000, 10_000
Values = dict[str, Any]
ALL_CASES = "_all"
"""In the address of a file that is about all cases, in place of a case's name; no case can be called so."""


def made_folder(cases: Path, case: str) -> Path:
    """Return the folder of the files that were made of a case, or of all, for an officer to take along."""
    return cases.parent / "app-made" / case


@dataclass(frozen=True)
class Ground:
    """What an act stands on.

    Attributes
    ----------
    case : Case or None
        The case of the page; None: none is chosen.
    words : Wording
        Of the page.
    cases : pathlib.Path
        Where cases live.
    made : pathlib.Path
        Where files that leave the case are put, outside of it.
    look : callable
        Gives the findings that are kept, None where nobody looked yet.
    kept : dict
        What a page worked out and may use again, by name and state.
    begin : callable
        Puts long work into the queue: its kind, the case (empty: all of them), and what its process is told.
    """

    case: Case | None
    words: Wording
    cases: Path
    made: Path
    look: Callable[[], Findings | None]
    kept: dict[str, tuple[object, Any]] = field(default_factory=dict, repr=False)
    begin: Callable[..., object] = field(default=lambda *_told, **_more: None, repr=False)

    @property
    def beside(self) -> Path:
        """Where files are put that are about all cases."""
        return made_folder(self.cases, ALL_CASES)

    @property
    def opened(self) -> Case:
        """The case; an act that needs one is closed without."""
        if self.case is None:
            raise CaseError(str(self.words.say("app.choose_first")))
        return self.case

    def say(self, key: str, **values: Any) -> str:
        """Return words of the page as plain text."""
        return str(self.words.say(key, **values))

    def logged(self, at: str) -> str:
        """Return the moment of an entry of the custody log as the page writes it."""
        return str(self.words.moment(at.replace("Z", "+00:00")))

    def once(self, name: str, state: object, work: Callable[[], Any]) -> Any:
        """Return what ``work`` gives; what it gave in the same state is given again."""
        if name not in self.kept or self.kept[name][0] != state:
            self.kept[name] = (state, work())
        return self.kept[name][1]


@dataclass(frozen=True, slots=True)
class ActField:
    """A field of a form.

    Attributes
    ----------
    name : str
        Also the end of its label's key, ``app.field.{name}``, unless ``label`` gives a whole one.
    kind : str
        line, text, list (one a line), choice, moment, day, file, passphrase, tick, or groups: for each group a verdict
        and an ordinary reason.
    needed : bool
        Whether it may not be empty.
    options : callable, optional
        Of a choice: value and words of each. Of a line: what is proposed. Of groups: their numbers, with words.
    start : callable, optional
        What stands in it at first.
    """

    name: str
    kind: str = "line"
    needed: bool = True
    options: Callable[[Ground], Sequence[tuple[str, str]]] | None = None
    start: Callable[[Ground], str] | None = None
    label: str = ""
    columns: Callable[[Ground], Sequence[Sequence[tuple[str, str]]]] | None = None
    """Of groups: what may be chosen as a verdict, and as a reason."""

    @property
    def label_key(self) -> str:
        """Key of the words beside it."""
        return self.label or f"app.field.{self.name}"


@dataclass(frozen=True, slots=True)
class Done:
    """What an act says when it is done: lines in the language of the page, and names of files in ``Ground.made``."""

    lines: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    gone: bool = False
    """Whether the case is no more."""

    of_all: bool = False
    """Whether the files lie in ``Ground.beside``."""


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table of a page: what it is called, its header, and its rows, as plain text.

    ``saved`` are the rows as they leave the page as a file; None: those of the page. ``note`` stands below it.
    """

    name: str
    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    saved: Sequence[tuple[str, ...]] | None = None
    note: str = ""

    @property
    def leaving(self) -> Sequence[tuple[str, ...]]:
        """The rows of the file."""
        return self.rows if self.saved is None else self.saved


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that an officer can do.

    Attributes
    ----------
    name : str
        Its words are ``app.act.{name}``.
    fields : tuple of ActField
        Of its form.
    do : callable
        Does it.
    command : callable
        Case and values -> the same as a command, or as a call in the lab.
    lab : bool
        Whether ``command`` gives a call in the lab.
    closed : callable
        Why it cannot be done now, in words; empty: it can.
    check : callable
        What is wrong between fields that can be read each: field -> words.
    caseless : bool
        Whether it needs no case.
    """

    name: str
    fields: tuple[ActField, ...]
    do: Callable[[Ground, Values], Done]
    command: Callable[[str, Values], str]
    lab: bool = False
    closed: Callable[[Ground], str] = lambda _ground: ""
    check: Callable[[Ground, Values], dict[str, str]] = lambda _ground, _values: {}
    caseless: bool = False

    def why_closed(self, ground: Ground) -> str:
        """Return why its button is grey; empty where it is not."""
        if ground.case is None and not self.caseless:
            return ground.say("app.choose_first")
        return self.closed(ground)

    def shown_command(self, case: str, values: Values | None = None) -> str:
        """Return what does the same; without values the names of the fields stand for them, and never a passphrase."""
        held = values or {}
        blank: Values = {one.name: _blank(one) for one in self.fields}
        given = {name: value for name, value in held.items() if value not in (None, "", [], {})}
        told = (blank if values is None else {name: _empty(one) for name, one in self._by_name().items()}) | given
        return self.command(case, {k: v for k, v in told.items() if self._by_name()[k].kind != "passphrase"})

    def _by_name(self) -> dict[str, ActField]:
        return {one.name: one for one in self.fields}


def _blank(one: ActField) -> Any:
    if one.kind == "tick":
        return False
    if not one.needed:
        return _empty(one)
    return [one.name.upper()] if one.kind == "list" else one.name.upper()


def _empty(one: ActField) -> Any:
    return {"tick": False, "list": [], "groups": {}}.get(one.kind)


def command_line(*parts: object) -> str:
    """Return a command as it is typed; parts that are None are left out, those in a list follow each other."""
    flat = [item for part in parts for item in (part if isinstance(part, list) else [part]) if item is not None]
    return shlex.join(str(item) for item in flat)


def lab_call(name: str, *parts: object, **named: object) -> str:
    """Return a call as it is typed in a notebook; what is None or empty is left out."""
    said = [part if part == "opened" else repr(part) for part in parts]
    said += [f"{key}={value!r}" for key, value in named.items() if value not in (None, "", [], {})]
    return f"{name}({', '.join(map(str, said))})"


def read_fields(
    act: Act, ground: Ground, typed: Mapping[str, str], files: Mapping[str, Path]
) -> tuple[Values, dict[str, str]]:
    """Return what was typed as values, and all that is wrong with it, in words, by field."""
    values: Values = {}
    wrong: dict[str, str] = {}
    for one in act.fields:
        label = ground.say(one.label_key)
        try:
            values[one.name] = _read(one, ground, typed.get(one.name, ""), files.get(one.name))
        except CaseError as error:
            wrong[one.name] = sentence_of(error, ground.words.say, field=label)
            continue
        if one.needed and values[one.name] in (None, "", []):
            wrong[one.name] = ground.say(f"app.empty.{one.kind}")
    if not wrong:
        wrong = act.check(ground, values)
    return values, wrong


def _read(one: ActField, ground: Ground, typed: str, file: Path | None) -> Any:
    text = typed.strip()
    if one.kind == "file":
        return file
    if one.kind == "tick":
        return text == "on"
    if one.kind == "passphrase":
        return typed
    if one.kind == "list":
        return _listed(ground, text)
    if one.kind == "groups":
        return _groups(one, ground, typed)
    return _READ.get(one.kind, _line)(one, ground, text) if text else None


def _line(one: ActField, _ground: Ground, text: str) -> str:
    return typed_line(text, one.name, LINE)


def _choice(one: ActField, ground: Ground, text: str) -> str:
    offered = () if one.options is None else one.options(ground)
    if text not in {value for value, _words in offered}:
        raise CaseError(ground.say("app.no_choice"))
    return text


def _text(one: ActField, _ground: Ground, text: str) -> str:
    plain = text.replace("\r\n", "\n")
    if len(plain) > TEXT:
        raise CaseError("", key="setting_long", field=one.name, most=TEXT)
    for row in plain.split("\n"):
        if row.strip():
            typed_line(row, one.name, TEXT)
    return plain


def _moment(one: ActField, ground: Ground, text: str) -> str:
    moment = moment_typed(typed_line(text, one.name, 60))
    if moment is None:
        raise CaseError(ground.say("app.no_moment", found=quote(text)))
    return moment


def _day(one: ActField, _ground: Ground, text: str) -> str:
    day = day_of(typed_line(text, one.name, 60))
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
        raise CaseError("", key="setting_day", field=one.name, found=quote(text))
    return day


_READ = {"choice": _choice, "text": _text, "moment": _moment, "day": _day}


def _listed(ground: Ground, text: str) -> list[str]:
    found = list(dict.fromkeys(part.strip() for part in re.split(r"[\n,;]", text) if part.strip()))
    if len(found) > MOST_LISTED:
        raise CaseError(ground.say("app.long_list", most=MOST_LISTED, found=len(found)))
    for part in found:
        typed_line(part, "", 300)
    return found


def _groups(one: ActField, ground: Ground, text: str) -> dict[int, tuple[str, str]]:
    """Return what is said of single groups; a line has the number of the group, its verdict and its reason."""
    there = {value for value, _words in (one.options(ground) if one.options else ())}
    columns = [{value for value, _words in options} for options in (one.columns(ground) if one.columns else ())]
    found = {}
    for row in text.split("\n"):
        if not row.strip():
            continue
        place, verdict, reason = row.split("\t")
        if bool(verdict) != bool(reason):
            raise CaseError(ground.say("app.groups.half", group=place))
        if place not in there or any(value not in may for value, may in zip((verdict, reason), columns, strict=True)):
            raise CaseError(ground.say("app.no_choice"))
        found[int(place)] = (verdict, reason)
    return found
