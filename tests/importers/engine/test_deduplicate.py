"""Posts that come again: how many name another account, how many hold another text."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spmc_tools.case.store.batches import duplicates_differ
from spmc_tools.importers.engine import deduplicate as repeated
from spmc_tools.importers.import_files import import_files


def line(record_id: str, who: str | None = "11", text: str | None = "मतदान") -> dict:
    return {"id": record_id, "author_id": who, "text": text, "created_at": "2025-11-06T04:05:06.000Z"}


def differ(result) -> tuple[int, int, int]:
    return result.duplicates, result.other_account, result.other_text


def test_within_a_file_and_against_the_case(case, write):
    [one] = import_files(case, [write("a.jsonl", [line("1"), line("1"), line("1", "12"), line("2", text="b")])])
    assert differ(one) == (2, 1, 0)
    again = [line("1", text="c"), line("1", "13", "d"), line("2", text="b"), line("3"), line("3", text="e")]
    for dry_run in (True, False):
        [one] = import_files(case, [write("b.jsonl", again)], dry_run=dry_run)
        assert differ(one) == (4, 1, 3)
        assert one.differences() == [
            "1 duplicate names another account than the post that was received first",
            "3 duplicates hold another text than the post that was received first",
        ]
    assert [duplicates_differ(batch) for batch in case.batches()] == [
        {"other_account": 1, "other_text": 0},
        {"other_account": 1, "other_text": 3},
    ]
    # both are kept, the first is shown
    assert case.table("records", ["record_id", "account_id", "text"]).to_pylist()[0] == {
        "record_id": "1", "account_id": "11", "text": "मतदान",
    }  # fmt: skip
    assert [(r["record_id"], r["account_id"], r["text"]) for r in case.table("observations").to_pylist()] == [
        ("1", "11", "मतदान"), ("1", "12", "मतदान"),
        ("1", "11", "c"), ("1", "13", "d"), ("2", "11", "b"), ("3", "11", "e"),
    ]  # fmt: skip


def test_the_same_file_again_differs_in_nothing(case, write):
    path = write("a.jsonl", [line("1"), line("1", "12")])
    import_files(case, [path])
    [again] = import_files(case, [path])
    assert differ(again) == (2, 0, 0) and again.differences() == []


def test_what_one_of_them_does_not_say_is_no_difference(case, write):
    mapping = write(
        "m.toml", '[columns]\nrecord_id="i"\naccount_id="w"\ncreated_at="t"\ntext="x"\n[constants]\nplatform="x"'
    )
    rows = "i,w,t,x\n1,a,2025-11-06T04:05:06Z,\n1,a,2025-11-06T04:05:06Z,b\n1,8.29E+17,2025-11-06T04:05:06Z,b\n"
    [one] = import_files(case, [write("a.csv", rows)], mapping=mapping)
    assert differ(one) == (2, 0, 0)


def test_what_was_set_aside_is_compared_with_nothing(case, write):
    import_files(case, [write("a.jsonl", [line("1"), line("2")])])
    import_files(case, [write("b.jsonl", [line("1", "12"), line("4")])])
    case.log("set_aside", {"batch": "000001", "reason": "test"})
    [one] = import_files(case, [write("c.jsonl", [line("1", "12"), line("2", "99")])])
    assert differ(one) == (1, 0, 0)  # post 1 is now as the second file has it; post 2 is new


def test_the_log_and_the_report_say_it(case, write):
    from spmc_tools.report.scope.received import data
    from spmc_tools.report.scope.scope import in_period

    import_files(case, [write("a.jsonl", [line("1"), line("1", "12", "b")])])
    payload = json.loads(case.ledger.rows()[-1][4])
    assert payload["details"]["duplicates_differ"] == {"account": 1, "text": 1}
    told = data(case, in_period(case))
    assert (told.totals.other_account, told.totals.other_text) == (1, 1)


rows = st.lists(
    st.tuples(st.sampled_from("123"), st.sampled_from("ab"), st.sampled_from(["x", "y", None])), min_size=1, max_size=12
)


@given(files=st.lists(rows, min_size=1, max_size=3), at_once=st.sampled_from([1, 3, 500_000]))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_against_a_plain_count(files, at_once, tmp_path_factory):
    """However posts are spread over files: each row is compared with the first of its id, by hand."""
    from spmc_tools.case.store.case import create_case

    root = tmp_path_factory.mktemp("cases")
    case = create_case(
        "one", title="t", purpose="p", legal_basis="l", date_from="2010-01-01", date_to="2029-12-31", cases=root
    )
    first: dict[str, tuple[str, str | None]] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeated, "_AT_ONCE", at_once)
        for number, content in enumerate(files):
            wanted = [0, 0, 0]
            for record_id, who, text in content:
                if record_id in first:
                    seen = first[record_id]
                    wanted[0] += 1
                    wanted[1] += seen[0] != who
                    wanted[2] += None not in {seen[1], text} and seen[1] != text
                else:
                    first[record_id] = (who, text)
            path = root / f"{number}.jsonl"
            lines = [line(record_id, who, text) | {"lang": str(number)} for record_id, who, text in content]
            path.write_text("".join(json.dumps(one) + "\n" for one in lines))
            [result] = import_files(case, [path])
            assert differ(result) == tuple(wanted)
