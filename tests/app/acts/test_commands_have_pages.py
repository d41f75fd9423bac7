"""Every command and option of ``spmc`` stands in a command that a page of the app shows, or the reason why not."""

from __future__ import annotations

import re
import shlex
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from typer.main import get_command

from spmc_tools.app.job_process import command_of
from spmc_tools.app.pages.act_rooms import ACTS
from spmc_tools.app.pages.secure_handler import PAGES
from spmc_tools.cli import app as program
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click import Command

    from spmc_tools.app.acts.act_form import ActField

APART = {
    "app": "it opens these pages",
    "demo": "it makes the sample case at set-up",
    "doctor": "an administrator's: what the machine lacks",
    "lab": "an analyst's",
    "schedule install": "an administrator's: the timer of the machine",
}
"""Commands that an officer does not need, and why."""

OF_EVERY = {"--help", "--json", "--cases", "--lang", "--version"}
"""Options that are for programs, or that the app itself answers: where cases live, the language of the page."""

_BRING = "the form of the page asks for it"
OPTIONS_APART = {
    ("decide", "--seed"): "an analyst's",
    ("import", "--accept-guess"): _BRING,
    ("import", "--date-order"): _BRING,
    ("import", "--dry-run"): _BRING,
    ("import", "--format"): _BRING,
    ("import", "--from"): _BRING,
    ("import", "--map"): _BRING,
    ("import", "--media"): "a folder, which a browser cannot send",
    ("import", "--obtained"): _BRING,
    ("import", "--tz"): _BRING,
    ("investigate", "--seed"): "an analyst's",
    ("schedule add", "--edition"): "a redacted report by hand, since each is looked at before it leaves",
    ("new", "--language"): "the language of the page",
    ("new", "--officer"): _BRING,
    ("report", "--pdf"): "the browser prints the report",
    ("search", "--limit"): "the page has the first 200",
}
"""Options that no command of a page shows, and why."""


def of_the_program() -> Iterator[tuple[str, set[str]]]:
    """Commands as they are typed, with their options."""

    def walk(command: Command, name: str) -> Iterator[tuple[str, set[str]]]:
        inside = getattr(command, "commands", None)
        if inside is None:
            options = {one.opts[0] for one in command.params if one.opts[0].startswith("-")}
            yield name, options - OF_EVERY
            return
        for word, one in inside.items():
            yield from walk(one, f"{name} {word}".strip())

    yield from walk(get_command(program), "")


def filled(one: ActField) -> object:
    return {"list": ["x"], "tick": True, "groups": {1: ("upheld", "none")}}.get(one.kind, "1")


def shown(forms) -> dict[str, set[str]]:
    """What the pages show: each command with the options that it has in any of them."""
    plain_case("gaya")
    forms.post("/case", {"act": "choose", "id": "gaya"})
    told = {"notebook": "n", "parameters": {"account": "a"}, "language": "en", "edition": "full"}
    lines = [command_of(kind, "gaya", told) for kind in ("investigate", "report")]
    typed = {act.name: {one.name: filled(one) for one in act.fields} for _, act in ACTS.values()}
    lines += [act.shown_command("gaya", typed[act.name]) for _, act in ACTS.values() if not act.lab]
    for page in PAGES:
        lines += [unescape(one) for one in re.findall(r"<pre>(spmc [^<]*)</pre>", forms.get(f"/{page}").text)]
    names = sorted((name for name, _ in of_the_program()), key=len, reverse=True)
    found: dict[str, set[str]] = {}
    for line in lines:
        words = shlex.split(line)[1:]
        name = next(one for one in names if f"{' '.join(words)} ".startswith(f"{one} "))
        found.setdefault(name, set()).update(word for word in words if word.startswith("-") and len(word) > 1)
    return found


def test_every_command_has_a_page_or_a_reason(forms) -> None:
    pages, commands = shown(forms), dict(of_the_program())
    without = {name for name in commands if name not in pages}
    assert without == set(APART), without ^ set(APART)
    lacking = {(name, one) for name, options in commands.items() if name in pages for one in options - pages[name]}
    assert lacking == set(OPTIONS_APART), sorted(lacking ^ set(OPTIONS_APART))
    unknown = {(name, one) for name, options in pages.items() for one in options - commands[name] - OF_EVERY - {"--"}}
    assert not unknown


def test_the_page_on_the_app_tells_which_commands_have_none() -> None:
    page = Path("docs/howto/app.md").read_text(encoding="utf-8")
    part = page.partition("## What has no page")[2].partition("\n## ")[0]
    assert set(re.findall(r"`spmc ([a-z -]+?)`", part)) == set(APART)
