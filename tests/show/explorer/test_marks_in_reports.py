"""A mark made in the explorer holds for every report of the case, also for one on a part of its days."""

from __future__ import annotations

import pandas as pd
import pytest

import spmc_tools as spmc
from spmc_tools.case.acts.marks import mark, undo
from spmc_tools.report.page.sections import section
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.groups.shown_groups import handles
from spmc_tools.report.words.wording import Wording
from spmc_tools.show.explorer.explorer import explore

DAY = (pd.Timedelta(0), pd.Timedelta(days=1))
PERIODS = [(None, None), ("2025-11-03", "2025-11-07"), ("2025-11-03", None)]


@pytest.fixture(autouse=True)
def key(week_case, monkeypatch) -> None:
    monkeypatch.setenv("SPMC_KEYS", str(week_case.path.parent.parent / "keys"))
    monkeypatch.delenv("SPMC_RUN", raising=False)


@pytest.fixture(scope="module")
def week_case(made_week):
    """A case without marks of other tests."""
    with made_week() as case:
        yield case


def sections_of(case, period) -> dict[str, dict]:
    """The sections of a report that looks at these days, from findings of its own."""
    scope = in_period(case, *period)
    found = spmc.investigate(scope.source, context=scope.context)
    given = {"case": case, "scope": scope, "found": found}
    made = {name: section(name, **given) for name in ("summary", "accounts", "findings")}
    return {name: one.values for name, one in made.items()} | {"aside": section("aside", found=found).values}


@pytest.fixture
def marked(week_case):
    """Two marks made in an explorer that shows one day: 902 cleared, 904 a lead; both undone in the end."""
    found = spmc.investigate(week_case)
    explorer = explore(week_case, found, Wording, handles(week_case), "en")
    for account, what in (("902", "cleared"), ("904", "lead")):
        explorer.select((account,), period=tuple(found.accounts["first_seen"].min() + one for one in DAY))
        form = explorer.mark_form
        form.kind.value, form.reason.value = what, "a <b>volunteer</b> of the office"
        form.mark()
    yield week_case
    for _ in range(2):
        undo(week_case)


@pytest.mark.parametrize("period", PERIODS)
def test_a_report_on_any_days_knows_the_marks(marked, period) -> None:
    shown = sections_of(marked, period)
    named = {row.id: row.mark for row in shown["accounts"].rows}
    assert named == {"901": None, "903": None, "904": "lead", "905": None, "906": None}
    assert shown["summary"].accounts == 5
    assert shown["aside"].cleared == {"set_aside": 1, "again": 0}


@pytest.mark.parametrize("period", PERIODS)
def test_without_marks_all_six_are_named(week_case, period) -> None:
    shown = sections_of(week_case, period)
    assert [row.mark for row in shown["accounts"].rows] == [None] * 6
    assert shown["aside"].cleared == {"set_aside": 0, "again": 0}


def test_marks_count_once_however_many_sections_there_are(week_case) -> None:
    scope = in_period(week_case, "2025-11-03", "2025-11-07")
    found = spmc.investigate(scope.source, context=scope.context)
    mark(week_case, "903", "cleared", "r")
    try:
        for name in ("summary", "accounts", "findings", "summary"):
            section(name, case=week_case, scope=scope, found=found)
        assert found.notes["cleared"] == {"set_aside": ["903"], "again": []}
    finally:
        undo(week_case)


@pytest.mark.parametrize(("language", "word"), [("en", "officer's mark: lead"), ("hi", "अधिकारी का चिह्न: जाँच का सूत्र")])
def test_the_page_says_the_mark_and_never_its_reason(marked, language, word) -> None:
    scope = in_period(marked, "2025-11-03", "2025-11-07")
    found = spmc.investigate(scope.source, context=scope.context)
    html = section("accounts", case=marked, scope=scope, found=found, language=language)._repr_mimebundle_()[
        "text/html"
    ]
    assert html.replace("&#39;", "'").count(word) == 1
    assert "volunteer" not in html
