"""The first tutorial: each command of both languages is one that the program has, and prints what the page shows.

With the demo once more at its end: the second time it adds nothing.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
import typer
from nbformat import v4

from spmc_tools.case.store.case import open_case
from spmc_tools.cli import app, main
from spmc_tools.report.running.run import run_notebook
from tests.written_notebooks import KERNEL, OPEN, PURPOSE

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case
    from spmc_tools.report.running.run import RunResult

DOCS = Path(__file__).resolve().parent.parent / "docs"
TUTORIAL = DOCS / "tutorial" / "first_report.md"
HINDI = DOCS / "hi"


def steps(page: Path) -> list[tuple[str, list[str]]]:
    """The commands of a page in order, each with the lines that the page says it prints."""
    found: list[tuple[str, list[str]]] = []
    for kind, body in re.findall(r"^```(console|text)\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
        if kind == "console":
            found += [(line.removeprefix("$ "), []) for line in body.splitlines()]
        else:
            found[-1][1].extend(line.strip() for line in body.splitlines())
    return found


def test_the_tutorial_has_steps_and_shows_what_they_print() -> None:
    assert len(steps(TUTORIAL)) == 8
    assert all(printed for _, printed in steps(TUTORIAL))


@pytest.mark.parametrize("page", [TUTORIAL, *sorted(HINDI.glob("*.md"))], ids=lambda page: page.parent.name + page.name)
def test_every_command_is_one_of_the_program(page: Path) -> None:
    root = typer.main.get_command(app)
    for command, _ in steps(page):
        program, name, *arguments = shlex.split(command)
        assert program == "spmc" and name in root.commands, command
        made = root.commands[name].make_context(name, list(arguments), resilient_parsing=False)
        assert made.args == [], command


def test_the_hindi_page_has_the_commands_of_the_english_one() -> None:
    assert [command for command, _ in steps(HINDI / "first_report.md")] == [command for command, _ in steps(TUTORIAL)]


def drawn_shortly(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let the demo draw one section; ``soak.imports.second_demo`` draws its whole report twice."""
    short = v4.new_notebook(
        cells=[
            v4.new_code_cell("case = ''", metadata={"tags": ["parameters"]}),
            *map(v4.new_code_cell, (OPEN, PURPOSE)),
        ],
        metadata=KERNEL | {"spmc": {"sections": ["purpose"]}},
    )
    nbformat.write(short, folder / "short.ipynb")

    def run_shortly(case: Case, name: str, *rest: Any, **more: Any) -> RunResult:
        assert name == "election_watch"
        return run_notebook(case, str(folder / "short.ipynb"), *rest, **more)

    monkeypatch.setattr("spmc_tools.report.running.run.run_notebook", run_shortly)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_tutorial_prints_what_it_shows_and_a_second_demo_adds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The first command is a process of its own, as it is typed; the others run here, where all is imported."""

    def in_a_process(*arguments: str) -> tuple[str, str]:
        command = [sys.executable, "-m", "spmc_tools", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout, done.stderr

    def typed(*arguments: str) -> tuple[str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        printed, said = capfd.readouterr()
        assert left.value.code == 0, f"{arguments}: {said}"
        return printed, said

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPMC_CASES", str(tmp_path / "data" / "cases"))
    run = ""
    for command, printed in steps(TUTORIAL):
        arguments = [run if word == "RUN" else word for word in shlex.split(command)[1:]]
        out, said = typed(*arguments) if run else in_a_process(*arguments)
        for line in printed:
            assert line in said + out, f"{command} does not print: {line}\n{said}{out}"
        if arguments == ["demo"]:
            run = Path(out.splitlines()[-1]).parent.name
    (first, *_) = steps(TUTORIAL)
    assert first[0] == "spmc demo"
    drawn_shortly(monkeypatch, tmp_path)
    again = json.loads(typed("demo", "--json")[0])
    page = Path(again["report"])
    assert again["status"] == "complete" and page.is_file() and page.parent.name != run
    case = open_case("sample")
    assert len(case.batches()) == 17
    kinds = Counter(entry["kind"] for entry in case.ledger.entries())
    wanted = {"import": 17, "import_repeated": 17, "watch_term": 3, "report": 3, "review": 1}
    assert wanted.items() <= kinds.items()
    assert json.loads(typed("verify", str(case.path), "--json")[0])["ok"]
