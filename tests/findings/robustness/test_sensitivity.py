"""Other windows and strata, against assessments asked for by hand."""

from __future__ import annotations

from spmc_tools.findings.assessment.assess import assess
from spmc_tools.findings.robustness.sensitivity import variants


def test_each_choice_names_what_its_assessments_name(found, members) -> None:
    made = variants(found)
    assert made["findings"] == [{"cluster_id": 1, "named": 10}]
    assert [(row["window_s"], row["strata"]) for row in made["rows"]] == [
        (None, "learned"), (None, "none"), *((60.0 * minutes, "learned") for minutes in (1, 5, 10, 30, 60)),
    ]  # fmt: skip
    assert made["rows"][0]["stay"] == [10] and made["rows"][0]["new"] == 0
    minute = next(row for row in made["rows"] if row["window_s"] == 60)
    named = set()
    for trace in minute["traces"]:
        accounts = assess(found.trace_actions(trace), windows_s=(60,)).accounts
        named |= set(accounts.loc[accounts["named"], "account_id"])
    assert (minute["named"], minute["stay"]) == (len(named), [len(named & set(members))])


def test_a_window_under_twice_the_clock_is_not_tried(world) -> None:
    from spmc_tools.findings.pipeline.investigate import investigate

    found = investigate(world.assign(time_precision_s=120.0), traces="co_repost")
    rows = {row["window_s"]: row["traces"] for row in variants(found)["rows"]}
    assert rows[60.0] == [] and rows[300.0] == ["co_repost"]
