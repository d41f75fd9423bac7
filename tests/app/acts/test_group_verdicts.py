"""A verdict of its own for a group, by a form: the log holds what the command would leave, and all wrong is said."""

from __future__ import annotations

import re
import shlex

import pytest

from spmc_tools.case.store.case import open_case
from spmc_tools.cli import main
from spmc_tools.report.rates.own_rates import own_rates
from tests.report.rates.test_own_rates import COPIES, FANS, made_case, reported

RUN, SMALL = "20251113T034000Z-election_watch-aa01", "20251114T034000Z-election_watch-aa02"
SAID = {
    "run": RUN,
    "as": "R. Devi",
    "verdict": "upheld",
    "counter_case": "Volunteers share lists.",
    "skip_line_up": "x",
}


def reports(name: str):
    """A case with a report of three groups and one of a single group."""
    case = made_case(name)
    reported(case, RUN, [COPIES, FANS, COPIES])
    reported(case, SMALL, [COPIES])
    return case


def last(name: str) -> dict:
    return [entry["payload"] for entry in open_case(name).ledger.entries() if entry["kind"] == "review"][-1]


def test_two_of_three_groups_have_their_own(forms, capfd) -> None:
    reports("gaya"), reports("twin")
    forms.post("/case", {"act": "choose", "id": "gaya"})
    assert forms.get("/review").text.count("<div><span>Group ") == 3
    before = len(open_case("gaya").ledger.entries())
    half = {"of_groups.2.0": "not_upheld", "of_groups.3.0": "needs_more", "of_groups.3.1": "volunteer"}
    answer = forms.act("verdict", **SAID | {"counter_case": ""}, **half)
    assert answer.wrong() == {"of_groups", "counter_case"}, answer.plain
    assert "Group 2: choose its verdict and its ordinary reason" in answer.plain
    assert answer.text.count('<option value="not_upheld" selected') == 1  # what was chosen stays
    whole = half | {"of_groups.2.1": "fan_club"}
    assert forms.act("verdict", **SAID | {"run": SMALL}, **whole).wrong() == {"of_groups"}
    assert forms.act("verdict", **SAID, **whole | {"of_groups.2.1": "nonsense"}).wrong() == {"of_groups"}
    assert forms.act("verdict", **SAID, **{"of_groups.9.0": "upheld", "of_groups.9.1": "other"}).wrong() == {
        "of_groups"
    }
    assert len(open_case("gaya").ledger.entries()) == before
    answer = forms.act("verdict", **SAID, **whole)
    assert "2 groups have a verdict of their own." in answer.done(), answer.plain
    [typed] = re.findall(r"spmc review gaya [^\n]*--verdict[^\n]*", answer.done())
    with pytest.raises(SystemExit) as left:
        main(shlex.split(typed.strip().replace("gaya", "twin", 1))[1:])
    assert not left.value.code
    capfd.readouterr()
    ours, theirs = last("gaya"), last("twin")
    assert (
        ours["groups"]
        == theirs["groups"]
        == {
            "2": {"verdict": "not_upheld", "ordinary": "fan_club"},
            "3": {"verdict": "needs_more", "ordinary": "volunteer"},
        }
    )
    counted = own_rates(open_case("gaya").path.parent).whole
    assert (counted.upheld, counted.not_upheld, counted.needs_more) == (2, 2, 2)  # one of each in either case


def test_what_a_review_refuses_is_said_in_hindi(forms) -> None:
    case = reports("gaya")
    forms.post("/language", {"language": "hi", "back": "review"})
    forms.post("/case", {"act": "choose", "id": "gaya"})
    for fields, said in (
        (SAID | {"as": case.officer}, "दूसरा अधिकारी चाहिए"),
        (SAID | {"skip_line_up": ""}, "मत से पहले तुलनात्मक पहचान होती है (समूह 1"),
    ):
        answer = forms.act("verdict", **fields)
        assert (
            answer.status == 422 and said in answer.plain and "--" not in answer.plain.partition("यह नहीं हुआ")[2][:300]
        )
    answer = forms.act(
        "line_up_answer", run=RUN, place="2", chose="A", ordinary_a="other", ordinary_b="other", ordinary_c="other",
        **{"as": "R. Devi"},
    )  # fmt: skip
    assert "अभी नहीं देखी है" in answer.plain
    assert "तुलनात्मक पहचान दूसरे अधिकारी के लिए है" in forms.act("line_up", run=RUN, **{"as": case.officer}).plain


@pytest.mark.browser
@pytest.mark.slow
def test_a_group_gets_its_verdict_in_a_browser(forms, walked) -> None:
    for page, language, say in walked():
        reports(f"case-{language}")
        forms.post("/case", {"act": "choose", "id": f"case-{language}"})
        page.get_by_role("link", name=say("app.review"), exact=True).click()
        form = page.locator("#act-verdict form")
        form.locator("[name=run]").select_option(RUN)
        form.get_by_label(say("app.groups.verdict", group="2")).select_option("not_upheld")
        walked.seen(page, f"review-{language}")
        form.locator("button.first").click()
        page.locator("#wrong-verdict-of_groups", has_text="2").wait_for()
        assert page.locator("#act-verdict .wrong").count() == 4
        form.get_by_label(say("app.groups.ordinary", group="2")).select_option("fan_club")
        form.locator("[name=as]").fill("R. Devi")
        form.locator("[name=verdict]").select_option("upheld")
        form.locator("[name=counter_case]").fill("स्वयंसेवक सूचियाँ साझा करते हैं।")
        form.locator("[name=skip_line_up]").fill("x")
        form.locator("button.first").click()
        page.locator(".done", has_text=say("app.groups.own", n=1)).wait_for()
        assert last(f"case-{language}")["groups"] == {"2": {"verdict": "not_upheld", "ordinary": "fan_club"}}
