"""A page says what officers decided of a group with an ordinary pattern; names stand there after two, and only then."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.custody.review.decide import decide
from spmc_tools.findings.result.decided_patterns import decided, pattern_groups, with_acts
from spmc_tools.report.page.render import collect, page
from spmc_tools.report.page.sections import section
from spmc_tools.report.redaction.run_check import RunCheck
from spmc_tools.report.scope.scope import in_period
from tests.report_fixtures import results

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case

NAMES = ("summary", "findings", "accounts", "aside")
WHY = {"A. Rao": "acct1 and handle_2 were made on one day", "B. Devi": "Seen in the diary, too"}


@pytest.fixture
def drawn(small_case: Case, make_findings: Any, as_notebook: Any, a_run: Any, tmp_path: Path) -> Any:
    """The page of a group of five that one origin explains, as the log stands: its text, sections, masked sections."""

    def build(lapsed: bool = False) -> tuple[str, dict[str, Any], str]:
        scope = in_period(small_case)
        found = make_findings(scope.records, [f"acct{n}" for n in range(1, 6)], "C")
        found.ordinary_patterns = results(
            "ordinary_patterns",
            [{"account_id": f"acct{n}", "trace": "copypasta", "pattern": "one_origin", "share": 0.9, "of_group": True}
             for n in range(1, 6)],
        )  # fmt: skip
        if lapsed:
            found.records = found.records.assign(source_sha256="0" * 64)
        with_acts(found, small_case)
        given = {"case": small_case, "scope": scope, "found": found}
        made = [section(name, **{key: given[key] for key in needs}) for name, needs in of_sections()]
        notebook = as_notebook(made, list(NAMES))
        text = re.sub(r"<[^>]+>", " ", page(notebook, a_run, "en"))
        masked = RunCheck(small_case, tmp_path, None, "en").redaction().notebook(as_notebook(made, list(NAMES)))
        told = {name: one["values"] for name, one in collect(notebook).sections.items()}
        return " ".join(text.split()), told, json.dumps(masked, ensure_ascii=False)

    return build


def of_sections() -> list[tuple[str, tuple[str, ...]]]:
    from spmc_tools.report.page.sections import SECTIONS

    return [(name, SECTIONS[name].needs) for name in NAMES]


def group_of(case: Case, make_findings: Any) -> Any:
    scope = in_period(case)
    found = make_findings(scope.records, [f"acct{n}" for n in range(1, 6)], "C")
    found.ordinary_patterns = results(
        "ordinary_patterns",
        [{"account_id": f"acct{n}", "trace": "copypasta", "pattern": "one_origin"} for n in range(1, 6)],
    )
    (group,) = pattern_groups(found)
    assert decided(found) == []
    return group


def test_names_after_two_and_who_decided_when_and_why(small_case: Case, make_findings: Any, drawn: Any) -> None:
    group = group_of(small_case, make_findings)
    text, told, _ = drawn()
    assert "handle_1" not in text and told["aside"].decided == ()
    decide(small_case, group, "name", WHY["A. Rao"], officer="A. Rao")
    text, told, masked = drawn()
    assert "handle_1" not in text and not told["accounts"].rows and not told["findings"].cards
    assert "one officer names it; a second officer has not decided" in text
    assert WHY["A. Rao"] in text and re.search(r"Named on .{5,40} \(entry \d+ of the custody log\) by A\. Rao", text)
    assert "acct1" not in masked and "handle_2" not in masked and "were made on one day" in masked
    decide(small_case, group, "name", WHY["B. Devi"], officer="B. Devi")
    text, told, _ = drawn()
    assert "handle_1" in text and len(told["accounts"].rows) == 5
    (card,) = told["findings"].cards
    assert card.story.decided.state == "named"
    assert [(one.by, one.reason, one.signed) for one in card.story.decided.decisions] == [
        (name, why, False) for name, why in WHY.items()
    ]
    assert text.count("named against the pattern by two officers") >= 2 and WHY["B. Devi"] in text
    text, told, _ = drawn(lapsed=True)
    assert "handle_1" not in text and "an earlier decision no longer holds" in text
    assert told["summary"].rows_aside == () or told["summary"].rows_aside[0].decided == "lapsed"


def test_a_group_that_an_officer_cleared_is_shown_as_such(small_case: Case, make_findings: Any, drawn: Any) -> None:
    decide(small_case, group_of(small_case, make_findings), "clear", "Branches of one office", officer="A. Rao")
    text, told, _ = drawn()
    assert "handle_1" not in text and "cleared by an officer" in text and "Branches of one office" in text
    (state,) = told["aside"].decided
    assert (state.state, state.size, state.patterns) == ("cleared", 5, ("one_origin",))
    assert len(told["aside"].groups) == 1  # nothing is deleted
