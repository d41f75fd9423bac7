"""What no page says: a score, a share of coincidence, a probability of the far tail, a name of the crowd beside."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from spmc_tools.report.page.render import page
from spmc_tools.report.page.sections import section
from spmc_tools.report.redaction.run_check import RunCheck
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.words.wording import Wording, catalogue
from spmc_tools.resources import resource

NAMES = ("summary", "findings", "accounts", "aside", "method")


@pytest.fixture
def crowded(make_case: Any, make_findings: Any) -> dict[str, Any]:
    """Four accounts that are named, and a crowd of the same posts that is drawn beside them."""
    crowd = [f"crowd{n}" for n in range(8)]
    members = [f"acct{n}" for n in range(4)]
    case = make_case(
        [f"बूथ {n} पर मतदान रोका गया" for n in range(6)],
        [*members, *crowd],
        [f"handle_of_{m}" for m in [*members, *crowd]],
    )
    scope = in_period(case)
    found = make_findings(scope.records, members)
    found.edges = found.edges.assign(p=4.2e-31, q=7.7e-28)
    return {"case": case, "scope": scope, "found": found}


def drawn(given: dict[str, Any], as_notebook: Any) -> Any:
    from spmc_tools.report.page.sections import SECTIONS

    made = [section(name, **{key: given[key] for key in SECTIONS[name].needs}) for name in NAMES]
    return as_notebook(made, list(NAMES))


@pytest.mark.parametrize("edition", ["full", "redacted"])
def test_the_crowd_drawn_beside_a_group_has_no_name(
    crowded: dict[str, Any], as_notebook: Any, a_run: Any, tmp_path: Any, edition: str
) -> None:
    notebook = drawn(crowded, as_notebook)
    card = section("findings", **crowded).values.cards[0]
    assert card.picture.beside_rows > 0  # the crowd is there
    if edition == "redacted":
        notebook = RunCheck(crowded["case"], tmp_path, None, "en").redaction().notebook(notebook)
    text = page(notebook, a_run, "en") + page(notebook, a_run, "hi") + json.dumps(notebook, ensure_ascii=False)
    assert ("handle_of_acct1" in text) == (edition == "full")
    assert not re.search(r"crowd\d|handle_of_crowd", text)


def test_no_probability_of_the_far_tail_is_a_number(crowded: dict[str, Any], as_notebook: Any, a_run: Any) -> None:
    whole = page(drawn(crowded, as_notebook), a_run, "en")
    whole = html.unescape(whole).replace(
        "srcdoc=", "><"
    )  # the page in the page; what its rows are sorted by is no text
    text = re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(style|script)\b.*?</\1>", " ", whole))
    assert "below 10⁻⁹" in text
    assert not re.search(r"10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]{2}|\de-\d\d|\b4\.2 ·|\b7\.7 ·", text)


def test_no_word_of_a_score_or_of_coincidence_is_there_to_be_printed() -> None:
    """The catalogues hold every sentence of every page; the templates, every value."""
    for language, words in (("en", r"\bscor(e|es|ed|ing)\b|by coincidence"), ("hi", r"स्कोर|संयोगवश")):
        said = [text for one in catalogue(language) for text in _texts(one) if re.search(words, text, re.IGNORECASE)]
        assert [text for text in said if "nobody is scored" not in text] == [], language
    for path in resource("templates").rglob("*.j2"):
        assert not re.search(r"\bscore\b", path.read_text(encoding="utf-8")), path.name
    assert str(Wording("en").tiny(3e-10)) == "below 10⁻⁹" != str(Wording("en").tiny(2e-9))


def _texts(one: Any) -> list[str]:
    return list(one.string) if isinstance(one.string, (tuple, list)) else [str(one.string)]
