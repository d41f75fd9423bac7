"""The method check: its values by hand, its page in both languages, its notebook to the end."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

import pandas as pd
import pytest

from spmc_tools.findings.robustness.power import COLUMNS
from spmc_tools.report.page.render import page
from spmc_tools.report.page.sections import section
from spmc_tools.report.running.run import run_notebook
from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.groups import base_rates as module
from spmc_tools.report.sections.groups.base_rates import like_this, likeness
from spmc_tools.report.sections.groups.shown_groups import groups
from spmc_tools.report.values.section_values import to_json
from tests.report_fixtures import traces_of

SHOWN = ["check", "copies", "power", "variants", "rates", "likeness"]


def said(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"base64,[^\"')]+|<[^>]+>", " ", text)).split())


@pytest.fixture
def values(small_case, all_sections):
    return {one.name: one.values for one in all_sections(small_case)}


def test_the_smallest_group_is_the_one_with_fewest_accounts_times_posts(values, made_up_checks) -> None:
    power = values["power"]
    assert power.state == "shown" and power.takes_part == 7 and power.sizes == 3
    assert (power.smallest.n_accounts, power.smallest.n_objects) == (12, 8)  # 96, not 20 × 6
    none = made_up_checks["power"]
    none.table.loc[none.table["state"] == "shown", "state"] = "not_shown"
    made = section("power", power=none).values
    assert made.state == "not_shown" and made.smallest is None
    none.table["state"] = "too_short"
    assert section("power", power=none).values.state == "too_short"


def test_a_group_stays_where_four_fifths_are_named_again(values) -> None:
    # 5, 4 and 3 of 5 under the three choices that could be tried
    assert to_json(values["variants"].findings) == [{"group": 1, "named": 5, "stays": 2, "of": 3}]
    first = values["check"]
    assert (first.groups, first.stay_everywhere, first.choices) == (1, 0, 3)
    assert (first.state, first.copies, first.copies_named, first.left_out) == ("held", 20, 0, 5)


def test_a_name_in_a_copy_is_the_headline(small_case, make_findings, made_up_checks, as_notebook, a_run) -> None:
    made_up_checks["resampled"]["kinds"][1] |= {"copies": 2, "named": 9}
    found = make_findings(in_period(small_case).records, [f"acct{n}" for n in range(1, 6)])
    made = section("check", found=found, **made_up_checks)
    assert made.values.state == "named" and made.values.copies_named == 2
    text = said(page(as_notebook([made], ["check"]), a_run, "en"))
    assert "names accounts even with acting together broken up" in text and "Do not let a name" in text
    assert "Have the 1 group that does not stay under every choice read first" in text


def test_rates_of_the_small_case(values) -> None:
    """Five accounts, all named, all in Devanagari and Hindi: too few to say anything."""
    rates = values["rates"]
    assert (rates.all.accounts, rates.all.named) == (5, 5)
    assert [(row.value, row.posts, row.differs) for row in rates.scripts] == [("devanagari", 30, "few")]
    assert rates.languages[0].title == {"en": "Hindi", "hi": "हिन्दी"} and rates.n_differ == 0


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_page_in_every_language(small_case, all_sections, as_notebook, a_run, language: str) -> None:
    made = [one for one in all_sections(small_case) if one.name in SHOWN]
    text = page(as_notebook(made, SHOWN), a_run, language)
    plain = said(text)
    if language != "hi":
        assert (
            "Smallest group, active over the whole time, that this data would have shown: 12 accounts with 8" in plain
        )
        assert "Whether a group within one session would have been shown was not tried" in plain
        assert "three occasions do not fit" in plain and "more than 20" in plain
        assert "The rule was tried on 20 copies" in plain and "12 accounts remain, fewer than 100" in plain
    if language != "en":
        assert (
            "पूरी अवधि में सक्रिय सबसे छोटा समूह जो यह डेटा दिखा पाता: 8 साझा पोस्ट वाले 12 खाते" in plain and "देवनागरी" in plain
        )
    assert text.count("data:image/svg+xml") == 4  # quantiles and groups, each for a page and a telephone
    assert len(text) < 1_000_000


@pytest.mark.parametrize(
    ("rows", "says", "never"),
    [
        ([("shown", 16, 9, 10), ("not_shown", 20, 1, 10)],
         "within one session of 3 hours that would have been shown, without names: 12 accounts with 16", "not tried"),
        ([("not_shown", 20, 1, 10)], "None of the groups within one session of 3 hours", "without names:"),
        ([("insufficient", None, None, None)], "was not tried", "without names:"),
    ],
)  # fmt: skip
def test_a_session_is_said_to_be_shown_only_where_it_was(
    made_up_checks, as_notebook, a_run, rows: list[tuple[str, int, int, int]], says: str, never: str
) -> None:
    power = made_up_checks["power"]
    table = [("co_repost", 600.0, 12, state, n, hits, of, 0.5, 0.1, 0.9) for state, n, hits, of in rows]
    power = replace(power, sessions=pd.DataFrame(table, columns=list(COLUMNS)).convert_dtypes())
    power.notes["session_s"] = 10_800
    made = section("power", power=power)
    text = said(page(as_notebook([made], ["power"]), a_run, "en"))
    assert says in text and never not in text
    assert [row.session for row in made.values.session.rows] == [True] * len(rows)
    assert "within one session" in text and not made.values.rows[0].session
    assert made.values.smallest.n_objects == 8  # of groups over the whole time


def test_not_computed_is_said(small_case, as_notebook, a_run) -> None:
    made = section("power", power=None)
    assert made.missing == ("power",)
    text = said(page(as_notebook([made], ["power"]), a_run, "en"))
    assert "Not part of this report: how small a group this data would have shown was not computed" in text


# -- groups like this one -------------------------------------------------------------------------------------------

TOLD = {
    "schema": 1, "date": "2026-11-27", "command": "python x.py",
    "sets": [
        {"name": "usual", "worlds": 40, "accounts": 2000, "registered": True},
        {"name": "six_stars", "worlds": 40, "accounts": 2000, "registered": True},
        {"name": "newsrooms_not_registered", "worlds": 30, "accounts": 1500, "registered": False},
    ],
    "rows": [
        {"set": "usual", "trace": "copypasta", "kind": "pair", "planted": 20, "open": 0, "benign": 0,
         "benign_roles": {}},
        {"set": "six_stars", "trace": "copypasta", "kind": "pair", "planted": 18, "open": 1, "benign": 2,
         "benign_roles": {"fan": 9}},
        {"set": "usual", "trace": "copypasta", "kind": "group", "planted": 3, "open": 0, "benign": 4,
         "benign_roles": {"newsroom": 30}},
        {"set": "newsrooms_not_registered", "trace": "copypasta", "kind": "pair", "planted": 5, "open": 0, "benign": 15,
         "benign_roles": {"newsroom": 90}},
    ],
}  # fmt: skip


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setattr(module, "measured", lambda: TOLD)


def registering(found):
    """The same findings of a case in which the last account is a registered newsroom."""
    found.accounts["context"] = [None] * (len(found.accounts) - 1) + ["newsroom"]
    return found


def with_reason(found, kinds):
    rows = [traces_of([account], kind) for account, kind in zip(found.accounts["account_id"], kinds, strict=True)]
    found.account_traces = pd.concat(rows, ignore_index=True)
    return found


def test_findings_like_this_are_added_up_by_trace_and_kind(small_case, make_findings, told) -> None:
    found = registering(make_findings(in_period(small_case).records, [f"acct{n}" for n in range(1, 6)]))
    (group,) = groups(found)
    found.account_traces = found.account_traces[:0]
    assert like_this(found, group) is None  # findings that do not say what they rest on
    like = like_this(with_reason(found, ["pair"] * 3 + ["group"] * 2), group)
    assert (like.n, like.planted, like.open, like.benign, like.worlds) == (41, 38, 1, 2, 80)
    assert like.sets[1].benign_roles == {"fan": 9} and like.sets[0].benign == 0
    assert like.low < 2 / 41 < like.high
    like = like_this(with_reason(found, ["pair"] * 2 + ["group"] * 3), group)
    assert (like.kind, like.n, like.benign) == ("group", 7, 4)
    found.account_traces = traces_of(found.accounts["account_id"].tolist(), "pair", "co_reply")
    assert like_this(found, group) is None


def test_the_sentence_on_the_page(small_case, make_findings, told, as_notebook, a_run) -> None:
    found = make_findings(in_period(small_case).records, [f"acct{n}" for n in range(1, 6)])
    found = with_reason(registering(found), ["pair"] * 5)
    text = said(page(as_notebook([section("likeness", found=found)], ["likeness"]), a_run, "en"))
    assert (
        "Newsrooms are registered in this case, so it can be compared only with weeks in which they are registered"
        in text
    )
    assert "newsroom 90" not in text
    assert "Of 41 groups like this in simulated weeks, 38 were planted and 2 benign; the real-world rate is" in text
    assert "1 was an open drive of volunteers" in text and "fan 9" in text


@pytest.mark.parametrize("kind", ["official", None])
def test_without_a_registered_newsroom_only_worlds_without_one_compare(small_case, make_findings, told, kind) -> None:
    found = make_findings(in_period(small_case).records, [f"acct{n}" for n in range(1, 6)])
    found.accounts["context"] = [kind, *[None] * (len(found.accounts) - 1)]
    (group,) = groups(found)
    like = like_this(with_reason(found, ["pair"] * 5), group)
    assert (like.n, like.planted, like.benign, like.worlds) == (20, 5, 15, 30)
    assert [one.name for one in like.sets] == ["newsrooms_not_registered"]
    assert likeness(found).accounts == (1500,) and likeness(found).registered is False
    assert like_this(with_reason(found, ["group"] * 5), group) is None  # of groups only worlds with registered ones


def test_the_first_page_says_what_share_of_such_groups_is_ordinary(
    small_case, make_findings, told, shown_alone
) -> None:
    scope = in_period(small_case)
    found = with_reason(make_findings(scope.records, [f"acct{n}" for n in range(1, 6)]), ["pair"] * 5)
    made = section("summary", case=small_case, scope=scope, found=found)
    like = made.values.said[0].like
    assert (like.n, like.benign) == (20, 15)
    # exact 95 % interval of 15 in 20: .509 and .913 (Clopper and Pearson)
    assert like.low == pytest.approx(0.5090, abs=1e-4) and like.high == pytest.approx(0.9134, abs=1e-4)
    text = said(shown_alone(made, "en"))
    assert "15 of 20 such simulated groups ordinary (95 %: 51 %–91 %)" in text and "coincidence" not in text
    assert made.values.said[0].story.sure == "weak" and "weak" in text  # the upper end is above a half
    assert "अनुकारित सप्ताहों के ऐसे 20 समूहों में से 15 का कारण सामान्य (95 % अंतराल 51 % से 91 %)" in said(shown_alone(made, "hi"))
    unknown = section("summary", case=small_case, scope=scope, found=with_reason(found, ["group"] * 5))
    assert unknown.values.said[0].like is None
    text = said(shown_alone(unknown, "en"))
    assert "no simulated week compares" in text and unknown.values.said[0].story.sure == "unknown"
    assert "अज्ञात" in said(shown_alone(unknown, "hi"))


def test_without_the_file_it_says_so(small_case, make_findings, monkeypatch, as_notebook, a_run, tmp_path) -> None:
    found = make_findings(in_period(small_case).records, ["acct1", "acct2", "acct3"])
    path = tmp_path / "findings.json"
    monkeypatch.setattr(module, "resource", lambda *_: path)
    for content in (None, "no json", json.dumps({"schema": 2}), "[]"):
        if content is not None:
            path.write_text(content)
        module.measured.cache_clear()
        assert likeness(found).measured is False
    text = said(page(as_notebook([section("likeness", found=found)], ["likeness"]), a_run, "hi"))
    module.measured.cache_clear()
    assert "नहीं मापा गया" in text


def test_the_file_of_the_project_is_whole() -> None:
    told = module.measured()
    names = {one["name"] for one in told["sets"]}
    assert {row["set"] for row in told["rows"]} == names and "usual" in names
    for row in told["rows"]:
        assert row["kind"] in {"pair", "group"} and min(row["planted"], row["open"], row["benign"]) >= 0
        assert bool(row["benign"]) == bool(row["benign_roles"])
    assert sum(row["planted"] for row in told["rows"]) > 0 < sum(row["benign"] for row in told["rows"])


# -- the notebook ---------------------------------------------------------------------------------------------------


def test_the_notebook_runs_to_its_end_and_keeps_what_it_worked_out(small_case) -> None:
    done = run_notebook(small_case, "method_check", {"draws": "2", "power": "quick"}, language="both")
    assert done.status == "complete"
    plain = said("".join(path.read_text(encoding="utf-8") for path in done.reports.values()))
    assert "Insufficient data: the method could not be tried on it" in plain and "डेटा अपर्याप्त है" in plain
    kept = [entry["payload"] for entry in small_case.ledger.entries() if entry["payload"].get("stage")]
    assert [one["stage"] for one in kept] == ["resampled", "power", "variants"]
    assert not any(one["reused"] for one in kept)


def test_what_the_case_keeps_is_read_again_and_made_anew_where_it_was_changed(small_case) -> None:
    from spmc_tools.findings.pipeline.investigate import investigate
    from spmc_tools.findings.robustness.sensitivity import variants

    found = investigate(small_case)
    first = variants(found)
    path = next(small_case.path.glob("derived/*/variants/values.json"))
    assert variants(found) == first
    path.write_text(path.read_text().replace("600.0", "900.0"))
    assert variants(found) == first
    kept = [entry["payload"] for entry in small_case.ledger.entries() if entry["payload"].get("stage") == "variants"]
    assert [one["reused"] for one in kept] == [False, True, False]
    assert "SHA-256 differed" in kept[2]["made_anew"]


def test_a_changed_rule_never_meets_variants_of_the_old_one(small_case, monkeypatch) -> None:
    from spmc_tools.findings.pipeline.investigate import investigate
    from spmc_tools.findings.robustness import looked_at
    from spmc_tools.findings.robustness.sensitivity import variants

    found = investigate(small_case)
    asked = []
    for digest in ("one source", "one source", "other source"):
        monkeypatch.setattr(looked_at, "code_digest", lambda name, digest=digest: asked.append(name) or digest)
        variants(found)
    kept = [entry["payload"] for entry in small_case.ledger.entries() if entry["payload"].get("stage") == "variants"]
    assert [one["reused"] for one in kept] == [False, True, False]
    assert set(asked) == {"spmc_tools.findings.robustness.sensitivity"}
