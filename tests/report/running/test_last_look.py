"""Groups of the last look: which look serves, that it is what the case gave then, and that every page says so."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pytest

from spmc_tools.case.store.as_of import CaseAsOf
from spmc_tools.desks.base.calendar import IST
from spmc_tools.errors import CaseError
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.running.run import run_notebook
from spmc_tools.report.scope import scope as subject
from spmc_tools.report.scope.scope import in_period, with_last_look
from spmc_tools.report.sections.groups.headline import summary
from spmc_tools.report.sections.watch.changes import changes
from spmc_tools.report.sections.watch.closing import limits
from spmc_tools.schedule import schedule
from spmc_tools.schedule.schedule_file import read_schedule
from spmc_tools.schema import RECORDS
from tests.report_fixtures import MEMBERS, TEXTS, filled_case, rows

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case

TRACES = ["copypasta"]
ROOT = Path(__file__).resolve().parents[3]


def more(case: Case, folder: Path, hours: float, name: str = "next", texts: int = 1) -> None:
    """Import posts of the same accounts, so many hours after the last one of the first file."""
    source = folder / f"{name}.jsonl"
    source.write_text(name, encoding="utf-8")
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    made = rows([f"{name}: सड़क संख्या {n} पर काम चल रहा है" for n in range(texts)], MEMBERS, digest)
    for number, row in enumerate(made):
        later = timedelta(hours=13 * 5 + hours)
        row |= {"record_id": f"{name}-{number}", "created_at": row["created_at"] + later, "source_row": number + 1}
    with case.new_batch(source, digest) as batch:
        batch.write(records=pa.Table.from_pylist(made, schema=RECORDS.schema))
        batch.commit(format="made_up", read=len(made), duplicates=0)


@pytest.fixture
def grown(small_case, tmp_path):
    """A case that was looked at, and got one more file with posts two hours later."""
    first = investigate(small_case, traces=TRACES)
    more(small_case, tmp_path, 2)
    return small_case, first


def test_the_groups_are_those_that_the_case_gave_then(grown, tmp_path, monkeypatch):
    case, first = grown
    scope = with_last_look(in_period(case), 6, traces=TRACES)
    assert scope.look is not None and (scope.look.batch_id, scope.look.records, scope.look.of) == ("000001", 30, 35)
    assert len(scope.records) == 35 and len(scope.searched) == 30
    again = investigate(scope.source, traces=TRACES, context=scope.context)
    entry = case.ledger.entries()[-1]["payload"]
    assert entry["reused"] is True and entry["as_of"] == "000001" and again.derived == first.derived
    monkeypatch.setenv("SPMC_CASES", str(tmp_path / "other"))
    alone = investigate(filled_case(tmp_path, TEXTS, MEMBERS, MEMBERS), traces=TRACES)  # never had a second file
    for name in ("accounts", "edges", "clusters"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(alone, name))
    assert (
        again.read_records()
        .drop_columns(["source_sha256"])
        .equals(alone.read_records().drop_columns(["source_sha256"]))
    )


def test_without_the_kept_look_the_same_is_found(grown):
    import shutil

    case, first = grown
    shutil.rmtree(first.derived)
    scope = with_last_look(in_period(case), 6, traces=TRACES)
    again = investigate(scope.source, traces=TRACES)
    assert case.ledger.entries()[-1]["payload"]["reused"] is False
    for name in ("accounts", "edges", "clusters"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(first, name))


@pytest.mark.parametrize("age_h", [None, 0, 1])
def test_a_small_case_and_an_old_look_are_looked_at_anew(grown, age_h):
    scope = in_period(grown[0])
    assert with_last_look(scope, age_h, traces=TRACES) is scope


def test_a_large_case_shows_the_groups_of_six_hours(grown, tmp_path, monkeypatch):
    case, _ = grown
    monkeypatch.setattr(subject, "MOST", 34)
    assert with_last_look(in_period(case), traces=TRACES).look is not None
    more(case, tmp_path, 6.5, "later")
    assert with_last_look(in_period(case), traces=TRACES).look is None
    investigate(case, traces=TRACES)
    assert with_last_look(in_period(case), traces=TRACES).look is None  # nothing came in since
    more(case, tmp_path, 7, "last")
    look = with_last_look(in_period(case), traces=TRACES).look
    assert look is not None and look.batch_id == "000003"
    investigate(with_last_look(in_period(case), traces=TRACES).source, traces=TRACES)
    assert with_last_look(in_period(case), traces=TRACES).look == look  # showing a look again makes it no younger


def test_another_question_needs_a_look_of_its_own(grown):
    case, _ = grown
    scope = in_period(case)
    assert with_last_look(scope, 6, traces=["co_repost"]).look is None
    assert with_last_look(scope, 6, traces=TRACES, windows_s=[600]).look is None
    assert with_last_look(scope, 6, traces=TRACES, seed=1).look is None
    assert with_last_look(in_period(case, date_from="2025-11-03"), 6, traces=TRACES).look is None
    case.add_context("acct1", "newsroom", "it prints the wires")
    assert with_last_look(in_period(case), 6, traces=TRACES).look is None


def test_a_look_from_before_an_import_was_set_aside_does_not_serve(grown):
    from spmc_tools.case.store.set_aside import set_aside

    case, _ = grown
    set_aside(case, "000002", "the wrong file")
    assert with_last_look(in_period(case), 6, traces=TRACES).look is None


def test_nothing_is_imported_into_a_case_as_of_then(grown, tmp_path):
    with pytest.raises(CaseError, match="open the case"):
        CaseAsOf(grown[0], "000001").new_batch(tmp_path / "x", "0" * 64)


def test_the_page_says_on_what_the_groups_rest(grown):
    case, _ = grown
    scope = with_last_look(in_period(case), 6, traces=TRACES)
    found = investigate(scope.source, traces=TRACES)
    first_page = summary(case, scope, found)
    assert first_page.records == 30
    assert (first_page.look.records, first_page.look.since) == (30, 5)
    page = fragment({"name": "summary", "values": first_page, "missing": []}, "en")
    assert "rest on the 30 posts" in page and "5 posts came in after that investigation" in page
    told = limits(case, scope, found)
    assert [one.values for one in told.limits if one.what == "last_look"] == [{"since": 5}]
    assert "5 posts that came in after it" in fragment({"name": "limits", "values": told, "missing": []}, "en")
    said = fragment({"name": "changes", "values": changes(case, scope, found), "missing": []}, "hi")
    assert "उसके बाद मिली 5 पोस्टों में समूह नहीं खोजे गए" in said
    whole = in_period(case)
    assert summary(case, whole, investigate(case, traces=TRACES)).look is None


def test_a_watch_run_takes_the_look_of_the_run_before(small_case, tmp_path):
    run_notebook(small_case, "election_watch", {"groups_age_h": "6", "traces": "copypasta", "power": "none"})
    more(small_case, tmp_path, 1)
    done = run_notebook(small_case, "election_watch", {"groups_age_h": "6", "traces": "copypasta", "power": "none"})
    text = done.report.read_text(encoding="utf-8")
    assert "5 posts came in after that investigation" in text
    assert "35 rows read" not in text and "36 rows read" in text  # what was received is counted whole


def _blocks(text: str) -> list[str]:
    """The schedules of a page of the docs, or of the comments of the template."""
    return [one for one in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "group_look" in one]


def test_as_scheduled_no_run_of_the_watch_looks_anew_but_the_first(small_case, tmp_path, monkeypatch):
    """Thirty hours of the schedule in the docs, a batch an hour, one look that fails: each watch shows kept groups."""
    (written,) = _blocks((ROOT / "docs" / "howto" / "schedule.md").read_text(encoding="utf-8"))
    path = tmp_path / "count.toml"
    path.write_text(written.replace("count-2025", small_case.id), encoding="utf-8")
    plan = read_schedule(path)
    assert [job.notebook for job in plan.jobs] == ["election_watch", "group_look"]
    anew: list[str] = []
    hour = 0

    def carried(job, _cases):
        if job.notebook == "group_look" and hour == 12:
            return schedule._Outcome("refused", reason="made up")
        scope = in_period(small_case)
        if job.notebook == "election_watch":
            scope = with_last_look(scope, job.parameters["groups_age_h"], traces=TRACES)
        investigate(scope.source, traces=TRACES, context=scope.context)
        if small_case.ledger.entries()[-1]["payload"]["reused"] is False:
            anew.append(f"{job.name} {hour}")
        return schedule._Outcome("complete", "run", "/report.html")

    monkeypatch.setattr(schedule, "_carried_out", carried)
    begin = datetime(2025, 11, 13, 18, tzinfo=IST)
    for hour in range(30):
        more(small_case, tmp_path, hour * 1.01 + 1, f"hour{hour}")  # batches do not come to the second
        made = schedule.run_due(plan, now=lambda: begin + timedelta(hours=hour, minutes=2))  # noqa: B023
        assert "count-hourly" in made.done
    assert anew == ["count-hourly 0", *(f"count-groups {at}" for at in (6, 18, 24))]


def test_the_template_s_schedule_for_large_cases_is_that_of_the_docs(tmp_path):
    template = (ROOT / "templates" / "schedule.toml").read_text(encoding="utf-8")
    lines = template[template.index("# [[job]]") :].split("\n\n[[job]]")[0].splitlines()
    (written,) = _blocks((ROOT / "docs" / "howto" / "schedule.md").read_text(encoding="utf-8"))
    plans = []
    for number, text in enumerate((written, "\n".join(line.removeprefix("#").strip() for line in lines))):
        path = tmp_path / f"{number}.toml"
        path.write_text(text, encoding="utf-8")
        plans.append([(job.notebook, job.when.split(" from ")[0], job.parameters) for job in read_schedule(path).jobs])
    assert plans[0] == plans[1]


def test_the_look_is_a_page_of_its_own_and_the_watch_takes_its_groups(small_case, tmp_path):
    done = run_notebook(small_case, "group_look", {"traces": "copypasta"}, language="both")
    assert done.status == "complete" and "समूहों की खोज" in done.reports["hi"].read_text(encoding="utf-8")
    more(small_case, tmp_path, 3)
    given = {"groups_age_h": "12", "traces": "copypasta"}
    before = len(small_case.ledger.entries())
    reports = run_notebook(small_case, "election_watch", given, language="both").reports
    text = "".join(path.read_text(encoding="utf-8") for path in reports.values())
    looks = [one["payload"] for one in small_case.ledger.entries()[before:] if one["kind"] == "investigate"]
    assert len(looks) == 2 and all(one["reused"] for one in looks)  # groups and the try-out of small ones
    assert "3 hours before the newest post; 5 posts came in after that investigation" in text
    assert "सबसे नई पोस्ट से 3 घंटे पहले तक" in text
