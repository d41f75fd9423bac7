"""A job is added or removed; comments, other jobs and whom the schedule tells stay byte for byte."""

from __future__ import annotations

import json
import multiprocessing
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.errors import InputError, ParameterError
from spmc_tools.schedule.schedule_edit import add_job, remove_job
from spmc_tools.schedule.schedule_file import read_schedule

JOB = {"name": "night", "case": "gaya", "notebook": "tour", "when": "daily 02:00"}
EXAMPLE = Path(__file__).parents[2] / "templates" / "schedule.toml"


def jobs(path: Path) -> list[dict]:
    return tomllib.loads(path.read_text(encoding="utf-8"))["job"]


def test_a_job_comes_last_and_goes_again_and_the_file_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "schedule.toml"
    before = EXAMPLE.read_text(encoding="utf-8")
    path.write_text(before, encoding="utf-8")
    add_job(path, JOB | {"keep": 3, "lang": None})
    text = path.read_text(encoding="utf-8")
    assert text.startswith(before) and jobs(path)[:-1] == tomllib.loads(before)["job"]
    assert jobs(path)[-1] == JOB | {"keep": 3}
    assert remove_job(path, "night") == len(tomllib.loads(before)["job"])
    assert path.read_text(encoding="utf-8").rstrip() == before.rstrip()


def test_one_job_of_many_is_taken_out_and_what_is_written_of_the_others_stays(tmp_path: Path) -> None:
    path = tmp_path / "schedule.toml"
    path.write_text(
        EXAMPLE.read_text(encoding="utf-8") + '\n[notify]\non = "always"  # everybody\ncommand = ["true"]\n'
    )
    before = tomllib.loads(path.read_text(encoding="utf-8"))
    remove_job(path, "response-desk")
    after = tomllib.loads(path.read_text(encoding="utf-8"))
    assert after == before | {"job": [one for one in before["job"] if one["name"] != "response-desk"]}
    assert "# everybody" in path.read_text(encoding="utf-8")
    assert [one.name for one in read_schedule(path).jobs] == [one["name"] for one in after["job"]]


def test_a_new_file_says_where_the_cases_are_and_the_last_job_takes_it_away(tmp_path: Path) -> None:
    path = tmp_path / "schedule.toml"
    add_job(path, JOB, tmp_path / "cases")
    assert read_schedule(path).cases == (tmp_path / "cases").resolve()
    assert remove_job(path, "night") == 0 and not path.exists()


@pytest.mark.parametrize(
    ("there", "values", "error", "says"),
    [
        ("[[job]]\nname='night'\ncase='a'\nnotebook='tour'\nwhen='daily 01:00'\n", JOB, ParameterError, "already"),
        # a job that cannot be read keeps its name, too
        ("[[job]]\nname='night'\ncase='a'\n[[job]]\nname='x'\ncase='a'\nnotebook='t'\nwhen='daily 01:00'", JOB,
         ParameterError, "already"),
        ("job = [{name='a', case='a', notebook='tour', when='daily 01:00'}]\n", JOB, InputError, "[[job]]"),
        ("what = 1\n", JOB, InputError, "unknown key"),
        ("x = \n", JOB, InputError, "no TOML"),
        (None, JOB | {"when": "daily 26:00"}, InputError, "26:00"),
        (None, JOB | {"name": "Night!"}, InputError, "Night!"),
        (None, JOB | {"keep": 0}, InputError, "keep"),
        (None, JOB | {"lang": "ur"}, InputError, "lang"),
    ],
)  # fmt: skip
def test_what_does_not_fit_leaves_the_file_as_it_was(tmp_path: Path, there, values, error, says) -> None:
    path = tmp_path / "schedule.toml"
    if there is not None:
        path.write_text(there)
    with pytest.raises(error, match=says.replace("[", r"\[")):
        add_job(path, values)
    assert (path.read_text() if path.exists() else None) == there


def test_a_job_that_is_not_there_is_not_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "schedule.toml"
    add_job(path, JOB)
    before = path.read_bytes()
    with pytest.raises(ParameterError, match='no job "day"'):
        remove_job(path, "day")
    assert path.read_bytes() == before


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["a", "b", "c", "-a", "-b", "-c"]), max_size=12))
def test_any_order_of_entries_leaves_what_a_list_would(tmp_path_factory: pytest.TempPathFactory, steps) -> None:
    path, kept = tmp_path_factory.mktemp("s") / "schedule.toml", []
    for step in steps:
        name = step.removeprefix("-")
        if step == name and name not in kept:
            add_job(path, JOB | {"name": name})
            kept.append(name)
        elif step != name and name in kept:
            remove_job(path, name)
            kept.remove(name)
    assert ([one["name"] for one in jobs(path)] if path.exists() else []) == kept


def _one(path: str, name: str) -> None:
    add_job(Path(path), JOB | {"name": name})


def test_programs_that_add_at_once_lose_none(tmp_path: Path) -> None:
    path = tmp_path / "schedule.toml"
    context = multiprocessing.get_context("spawn")
    names = [f"job-{n}" for n in range(6)]
    at_work = [context.Process(target=_one, args=(str(path), name)) for name in names]
    for one in at_work:
        one.start()
    for one in at_work:
        one.join()
    assert sorted(one["name"] for one in jobs(path)) == names


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from spmc_tools.cli import main

    def ended(*typed: str) -> int:
        with pytest.raises(SystemExit) as end:
            main(list(typed))
        return int(end.value.code or 0)

    file = str(tmp_path / "schedule.toml")
    add = ["schedule", "add", file, "night", "--case", "gaya", "--notebook", "tour", "--when", "daily 02:00", "--json"]
    assert ended(*add, "--keep", "4", "--edition", "redacted") == 0
    assert json.loads(capsys.readouterr().out) == {"added": "night"}
    assert jobs(Path(file)) == [JOB | {"keep": 4, "edition": "redacted"}]
    assert ended(*add) == 2 and "already" in capsys.readouterr().err
    assert ended("schedule", "remove", file, "night") == 0
    assert capsys.readouterr().out.strip() == "night is taken out; 0 jobs are left"
