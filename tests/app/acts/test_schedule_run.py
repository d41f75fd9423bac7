"""What is due is run by a button: what came of it is what the schedule's own file tells."""

from __future__ import annotations

import sqlite3
import tomllib
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from spmc_tools.app.job_process import _WORK as WORK
from spmc_tools.app.job_process import SCHEDULE, command_of
from tests.plain_cases import plain_case
from tests.written_tables import cells

if TYPE_CHECKING:
    from pathlib import Path

JOB = '[[job]]\nname = "{}"\ncase = "{}"\nnotebook = "watch_board"\nwhen = "daily 02:00"\nretries = 0\n'
LONG = 240_000


def tries(folder: Path) -> dict[str, str]:
    """Status of the last try of each job, by SQL."""
    (path,) = (folder / "cases" / ".schedule").glob("*.sqlite")
    with closing(sqlite3.connect(path)) as read:
        return dict(read.execute("select job, status from tries order by id").fetchall())


def test_a_job_that_is_refused_is_told_of(forms, tmp_path: Path) -> None:
    assert "There is no file schedule.toml" in forms.get("/schedule").plain
    assert forms.act("schedule_run").status == 422
    (tmp_path / "schedule.toml").write_text(JOB.format("lost", "nowhere"))
    page = forms.get("/schedule")
    assert (
        "due now" in page.plain
        and "spmc schedule run schedule.toml" in page.text
        and "why-schedule_run" not in page.text
    )
    told: list[str] = []
    made = WORK[SCHEDULE]({"cases": str(tmp_path / "cases")}, lambda stage, *_: told.append(stage))
    assert made == {"due": 1, "ran": 0, "broken": "lost"} and set(told) == {"lost"}
    assert tries(tmp_path) == {"lost": "refused"}
    page = forms.get("/schedule")
    assert cells(page.text, "Jobs")[0][6] == "refused" and "No job is due now" in page.plain
    assert forms.act("schedule_run").status == 422
    assert command_of(SCHEDULE, "", {}) in page.text


def test_a_job_is_entered_by_menus_and_taken_out(forms, tmp_path: Path) -> None:
    plain_case("gaya", officer="A. Officer", event="bihar-assembly-2025")
    plain_case("patna", officer="A. Officer")
    job = {"job_case": "gaya", "notebook": "election_watch", "often": "daily", "hour": "06:30", "near": "poll"}
    for wrong, field in (
        ({"hour": "24:00"}, "hour"), ({"keep": "0"}, "keep"), ({"often": "yearly"}, "often"),
        ({"job_case": "x"}, "job_case"),
        ({"job_case": "patna"}, "near"), ({"notebook": ""}, "notebook"),
    ):  # fmt: skip
        answer = forms.act("schedule_add", **job | wrong)
        assert (answer.status, answer.wrong()) == (422, {field})
    assert not (tmp_path / "schedule.toml").exists()
    assert forms.act("schedule_add", **job, lang="both", keep="9").status == 200
    assert forms.act("schedule_add", **job | {"often": "every 6 hours", "near": ""}).status == 200
    written = tomllib.loads((tmp_path / "schedule.toml").read_text(encoding="utf-8"))
    assert written == {
        "cases": "cases",
        "job": [
            {
                "name": "election-watch-gaya", "case": "gaya", "notebook": "election_watch", "lang": "both", "keep": 9,
                "when": "daily 06:30 from 7 days before to 2 days after poll",
            },
            {"name": "election-watch-gaya-2", "case": "gaya", "notebook": "election_watch", "when": "every 6 hours"},
        ],
    }  # fmt: skip
    page = forms.get("/schedule")
    assert [row[3] for row in cells(page.text, "Jobs")] == [
        "daily, 06:30 IST, from 7 days before to 2 days after the poll", "every 6 hours",
    ]  # fmt: skip
    assert "spmc schedule add schedule.toml NAME --case JOB_CASE" in page.plain
    done = forms.act("schedule_remove", job="election-watch-gaya")
    assert "1 job is left" in done.done()
    assert [row[0] for row in cells(done.text, "Jobs")] == ["election-watch-gaya-2"]
    assert forms.act("schedule_remove", job="election-watch-gaya").status == 422


def test_work_on_all_cases_stands_on_every_page_of_it(forms) -> None:
    from spmc_tools.app.work_room import WorkRoom

    room = WorkRoom(forms.app.cases, "en")
    try:
        (job := room.queue.add(SCHEDULE, "")).state = "stopped"
        other = room.queue.add("investigate", "patna")
        assert [one["number"] for one in room.work(None)] == [job.number]
        assert [one["number"] for one in room.work("gaya")] == [job.number]
        assert [one["number"] for one in room.work("patna")] == [other.number, job.number]
    finally:
        room.close()


@pytest.mark.browser
@pytest.mark.slow
def test_the_schedule_is_run_in_a_browser(forms, walked, tmp_path: Path) -> None:
    plain_case("gaya", officer="A. Officer")
    for page, language, say in walked():
        name = f"night-{language}"
        (tmp_path / "schedule.toml").write_text(JOB.format(name, "gaya") + JOB.format(f"lost-{language}", "nowhere"))
        page.get_by_role("link", name=say("app.schedule"), exact=True).click()
        page.get_by_role("button", name=say("app.act.schedule_run"), exact=True).click()
        page.locator(".done", has_text=say("app.schedule_begun")).wait_for()
        page.locator("#jobs li[data-state=done]", has_text=f"lost-{language}").wait_for(timeout=LONG)
        done = tries(tmp_path)
        assert done[name] in {"complete", "partial"} and done[f"lost-{language}"] == "refused"
        row = page.locator("tbody tr", has_text=name)
        assert say(f"app.ran.{done[name]}") in row.inner_text()
        said = page.locator("#jobs li", has_text=f"lost-{language}").inner_text()
        assert say("app.scheduled", due=2, ran=1, broken=f"lost-{language}") in said
        assert say("app.none_due") in page.locator("main").inner_text()
        walked.seen(page, f"schedule-{language}")
    assert len([one for one in (tmp_path / "cases" / "gaya" / "reports").iterdir() if one.is_dir()]) == 2
