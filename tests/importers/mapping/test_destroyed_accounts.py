"""Account ids that a spreadsheet destroyed: the row is kept under an id that says so, and nobody is made up."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import spmc_tools as spmc
from spmc_tools.case.store.derived_accounts import handle_account, is_derived, not_compared, unknown_account
from spmc_tools.importers.import_files import import_files

HEADER = ("id", "who", "name", "when", "said")
MAPPING = """
[columns]
record_id = "id"
account_id = "who"
created_at = "when"
text = "said"
[accounts]
handle = "name"
[constants]
platform = "x"
"""
DAMAGED = "8.29E+17"


@pytest.fixture
def importing(case, write):
    def run(rows, name="t.csv", **more):
        content = "\n".join(",".join(row) for row in [HEADER, *rows]) + "\n"
        [result] = import_files(case, [write(name, content)], mapping=write("m.toml", MAPPING), **more)
        assert result.read == result.kept + result.duplicates + result.refused
        return result

    return run


def row(number: int, who: str, name: str = "", said: str = "x") -> tuple[str, ...]:
    return str(number), who, name, f"2025-11-06T04:{number // 60:02}:{number % 60:02}Z", said


def test_the_row_is_kept_by_its_user_name_or_as_not_known(case, importing):
    rows = [row(1, "111", "uma"), row(2, DAMAGED, "@Asha"), row(3, "7.3e+18", "asha"), row(4, DAMAGED), row(5, DAMAGED)]
    result = importing([*rows, row(6, DAMAGED, "NULL"), row(7, DAMAGED, "5.5E+17"), row(8, DAMAGED, " @ ")])
    unknown = f"unknown-{result.sha256[:8]}"
    assert (result.read, result.kept, result.refused) == (8, 8, 0)
    kept = case.table("records")
    assert kept["account_id"].to_pylist() == ["111", "handle-asha", "handle-asha", *[unknown] * 5]
    assert kept["source_row"].to_pylist() == list(range(2, 10))
    # what is said of nobody is not kept as an account
    assert case.table("accounts").select(["account_id", "handle"]).to_pylist() == [
        {"account_id": "111", "handle": "uma"},
        {"account_id": "handle-asha", "handle": "@Asha"},
        {"account_id": "handle-asha", "handle": "asha"},
    ]
    assert (
        "7 account ids lost their last digits in a spreadsheet and are no ids; in their place stand: "
        f"2 under the user name beside it (handle-<user name>), 5 as {unknown}, whose account is not known: "
        "they can be read and searched, and are compared with no other account"
    ) in result.note
    [batch] = case.batches()
    assert batch.details["derived_accounts"] == {"handle": 2, "unknown": 5}
    assert any(note.startswith("7 account ids lost") for note in batch.details["notes"])


def test_a_dry_run_says_the_same(case, importing, snapshot):
    before = snapshot()
    assert "1 account ids lost their last digits" in importing([row(1, DAMAGED)], dry_run=True).note
    assert snapshot() == before


def test_what_is_no_number_at_all_is_refused_still(case, importing):
    result = importing([row(1, "#REF!", "asha"), row(2, "NaN", "asha"), row(3, "", "asha"), row(4, "5", "")])
    assert (result.kept, result.refused) == (1, 3)


def test_in_a_workbook(case, write, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    for number, who in enumerate((1.38017547554536e18, 1380175475545362437, "1380175475545362437", DAMAGED), start=1):
        book.active.append([str(number), who, "asha" if number < 3 else None, f"2025-11-06T04:00:0{number}Z", "x"])
    path = tmp_path / "t.xlsx"
    book.save(path)
    [result] = import_files(case, [path], mapping=write("m.toml", MAPPING))
    assert case.table("records")["account_id"].to_pylist()[0] == "handle-asha"
    assert case.table("records")["account_id"].to_pylist()[2:] == [
        "1380175475545362437",
        unknown_account(result.sha256),
    ]


def test_in_a_known_table(bring):
    """minet's table of X: the id is destroyed, the user name beside it is whole."""
    header = "id,timestamp_utc,text,user_id,user_screen_name,retweeted_id,to_tweetid"
    found = bring("x.csv", f"{header}\n1,1762401906,a,8.29E+17,Asha,,\n2,1762401907,b,8.29E+17,,,\n")
    assert found.result.format == "minet_x"
    assert [one["account_id"] for one in found.records] == ["handle-asha", unknown_account(found.result.sha256)]


def test_in_a_list_of_accounts(bring):
    """What is said of an account stands under its user name; without one there is nobody it could be said of."""
    header = "Page Name,User Name,Facebook Id,Page Category,Page Description,URL"
    found = bring("pages.csv", f"{header}\np,Asha.News,8.29E+17,NEWS,about,\nq,,8.29E+17,NEWS,about,\nr,,104,NEWS,a,\n")
    assert found.result.format == "crowdtangle_pages"
    assert [one["account_id"] for one in found.accounts] == ["handle-asha.news", "104"]
    assert [one["reason"] for one in found.refused] == [
        'the account id "8.29E+17" is not exact (its last digits were lost in a spreadsheet)'
    ]
    assert "1 account ids lost their last digits in a spreadsheet" in found.result.note


def test_who_is_not_compared(case, importing):
    """Not known; and a user name that the case has under an exact id, be it described or used as the id itself."""
    result = importing([row(n, DAMAGED, name) for n, name in enumerate(("", "asha", "uma", "ravi"), start=1)])
    unknown = unknown_account(result.sha256)
    apart = case.not_compared()
    assert (apart.unknown, apart.twice) == ({unknown}, frozenset())
    assert case.posts(["account_id"])["account_id"].to_pylist() == ["handle-asha", "handle-uma", "handle-ravi"]
    importing([row(11, "111", "ASHA"), row(12, "Uma"), row(13, "333", "handle-ravi")], name="exact.csv")
    assert case.not_compared().twice == {("x", "handle-asha"), ("x", "handle-uma")}
    assert case.posts(["account_id"])["account_id"].to_pylist() == ["handle-ravi", "111", "Uma", "333"]
    assert case.posts(["record_id"]).column_names == ["record_id"]
    assert case.n_not_compared() == 3
    # readers have all of them; a description under the second id is left out
    assert len(case.posts(["record_id"], compared_only=False)) == len(case.records(posts_only=True)) == 7
    assert sorted(set(case.table("accounts")["account_id"].to_pylist())) == ["111", "333", "handle-ravi"]


def test_user_names_are_of_one_platform(case, importing, write):
    importing([row(1, DAMAGED, "asha")])
    mapping = write("other.toml", MAPPING.replace('platform = "x"', 'platform = "telegram"'))
    content = ",".join(HEADER) + "\n" + ",".join(row(2, "111", "asha")) + "\n"
    import_files(case, [write("u.csv", content)], mapping=mapping)
    assert case.not_compared().twice == frozenset()


def test_an_export_with_such_an_id_of_its_own_hides_nothing(case, importing):
    """Only an import that derived accounts can have such ones, and only with the hash of its own file."""
    importing([row(1, "unknown-0a1b2c3d", "uma"), row(2, "handle-asha"), row(3, "5", "asha")])
    assert not case.not_compared()
    importing([row(11, "unknown-0a1b2c3d"), row(12, DAMAGED)], name="u.csv")
    assert "unknown-0a1b2c3d" in case.posts(["account_id"])["account_id"].to_pylist()
    assert len(case.posts()) == 4


def test_an_import_that_is_set_aside_has_no_part_in_it(case, importing):
    importing([row(1, DAMAGED, "asha")])
    importing([row(2, "111", "asha")], name="u.csv")
    assert case.not_compared().twice == {("x", "handle-asha")}
    case.log("set_aside", {"batch": "000002", "reason": "test"})
    assert not case.not_compared()


def test_a_crowd_without_ids_is_found_by_nobody_and_said(case, importing):
    """Forty rows without an account post the same fifteen texts; three exact accounts beside them are what is seen."""
    start = datetime(2025, 11, 6, 4, tzinfo=UTC)
    rows = []
    for text in range(15):
        for number in range(40):
            at = start + timedelta(hours=7 * text, seconds=number % 5)
            who = DAMAGED if number >= 3 else f"10{number}"
            rows.append(
                (f"{text}-{number}", who, "", f"{at:%Y-%m-%dT%H:%M:%SZ}", f"the same long text of number {text} here")
            )
    result = importing(rows)
    found = spmc.investigate(case, traces=["copypasta"])
    assert set(found.accounts["account_id"]) == {"100", "101", "102"}
    assert int(found.accounts["n_records"].sum()) == 45
    unknown = unknown_account(result.sha256)
    assert not (found.edges[["account_a", "account_b"]] == unknown).any(axis=None)
    assert set(found.evidence(("100", "101"))["account_id"]) <= {"100", "101"} if len(found.edges) else True
    assert case.n_not_compared() == 15 * 37
    assert case.search('"number 3 here"', limit=50).attrs["total"] == 40  # kept for reading and searching


def test_the_days_of_a_report_compare_the_same_accounts(case, importing):
    from spmc_tools.report.scope.received import data
    from spmc_tools.report.scope.scope import in_period

    rows = [row(1, "111", "uma"), row(2, DAMAGED, "asha"), row(3, DAMAGED), row(4, DAMAGED), row(5, DAMAGED, "Uma")]
    importing(rows)  # the last is of one who stands under an exact id, too
    for days in ({}, {"date_from": "2025-11-01", "date_to": "2025-11-30"}):
        scope = in_period(case, **days)
        assert sorted(scope.searched["account_id"]) == ["111", "handle-asha"]
        told = data(case, scope)
        assert (told.records, told.accounts, told.not_compared) == (5, 2, 3)
    assert sorted(in_period(case, date_from="2025-11-01").source["account_id"]) == ["111", "handle-asha"]


names = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zs", "Zl", "Zp")), min_size=1, max_size=12
)


@given(names, names)
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
def test_equal_user_names_and_only_these_are_one_account(a, b):
    plain = [unicodedata.normalize("NFC", name.strip().lstrip("@").casefold()) for name in (a, b)]
    assert (handle_account(a) == handle_account(b)) == (plain[0] == plain[1])
    assert handle_account(f" @{a.upper()} ") == handle_account(a.upper())


def test_what_nobody_sees_in_a_user_name_makes_no_second_account(case, importing):
    names = ["asha", "asha\u200b", "\u200e@asha", "\ufeffAsha", "@ asha", "\u200b", "काजल", "काज\u200dल"]
    result = importing([row(k, DAMAGED, name) for k, name in enumerate(names)])
    unknown = unknown_account(result.sha256)
    assert case.table("records")["account_id"].to_pylist() == [
        *["handle-asha"] * 5, unknown, "handle-काजल", "handle-काजल",
    ]  # fmt: skip


@pytest.mark.parametrize("shown", ["829.1E+15", "829E+15", "82.91E+16", "829.12e+15", "829.12E15"])
def test_numbers_shown_by_thousands_are_destroyed_too(case, importing, shown):
    """A spreadsheet's format ##0.0E+0: all whose ids begin alike were one account, and compared."""
    result = importing([row(1, shown), row(2, shown), row(3, shown, "asha")])
    unknown = unknown_account(result.sha256)
    assert case.table("records")["account_id"].to_pylist() == [unknown, unknown, "handle-asha"]


@pytest.mark.parametrize("name", ["8E5", "100e2", "1234.5E+15x", "a829.1E+15", "3.14", "v1.2e"])
def test_user_names_are_no_numbers(case, importing, name):
    importing([row(1, name)])
    assert case.table("records")["account_id"].to_pylist() == [name]


def test_a_file_that_came_as_text_says_how_its_accounts_count(case, importing):
    rows = [row(1, DAMAGED), row(2, DAMAGED), row(3, "113")]
    importing(rows)
    again = importing([row(1, "111"), row(2, DAMAGED, "uma"), row(3, "113")], name="text.csv")
    assert (again.kept, again.duplicates, again.other_account) == (0, 3, 0)
    assert "1 duplicate names the account of a post whose account id a spreadsheet destroyed" in again.note
    assert "(batch 000001), and the post stays under the id that stands in for it" in again.note
    assert f"spmc set-aside {case.id} 000001 --reason" in again.note
    assert case.table("records")["account_id"].to_pylist()[0].startswith("unknown-")
    case.log("set_aside", {"batch": "000001", "reason": "the file came again as text"})
    assert case.table("records")["account_id"].to_pylist() == ["111", "handle-uma", "113"]
    third = importing([row(1, "111"), row(4, "114")], name="third.csv")
    assert "set-aside" not in third.note  # the post stands under its own id now


def test_a_destroyed_account_makes_no_id_of_a_post(case, write):
    """Posts of several channels with one number and one damaged id were one post."""
    head = "message_id,sender_id,text,date,channel\n"
    rows = "".join(f"7,{who},t{who},2025-11-06T10:00:00+05:30,c\n" for who in (DAMAGED, "8.3E+17", DAMAGED))
    [result] = import_files(case, [write("a.csv", head + rows)], format="telegram_channel")
    assert (result.read, result.kept, result.duplicates) == (3, 3, 0)
    derived = [f"row-{result.sha256[:8]}-{n}" for n in (2, 3, 4)]
    assert case.table("records")["record_id"].to_pylist() == derived
    assert "3 rows have no exact id of their own" in result.note


def test_a_number_that_a_table_shows_as_a_decimal_is_the_same_channel(case, write):
    head = "message_id,sender_id,text,date,channel\n"
    rows = [f"{n},{who},t,2025-11-06T10:00:00+05:30,c\n" for n, who in (("7", "-1001"), ("7.0", "-1001.0"))]
    for number, one in enumerate(rows):
        [result] = import_files(case, [write(f"{number}.csv", head + one)], format="telegram_channel")
    assert result.duplicates == 1
    assert case.table("records").select(["record_id", "account_id", "surface_id"]).to_pylist() == [
        {"record_id": "-1001/7", "account_id": "-1001", "surface_id": "-1001"}
    ]


def test_the_days_of_a_report_count_no_mark_as_an_account(case, importing):
    from spmc_tools.report.scope.scope import in_period
    from spmc_tools.report.sections.watch.watch_values import comparison

    importing([row(1, "111", "uma"), row(2, DAMAGED), row(3, DAMAGED, "Uma"), row(4, "112")])
    importing([("9", DAMAGED, "", "2025-11-08T04:00:00Z", "x")], name="later.csv")
    nobody = SimpleNamespace(clusters=pd.DataFrame({"cluster_id": []}), accounts=pd.DataFrame({"tier": []}))
    days = {str(one.day): (one.records, one.accounts) for one in comparison(in_period(case), nobody).days}
    assert days == {"2025-11-06": (4, 2), "2025-11-07": (0, 0), "2025-11-08": (1, 0)}


def test_no_mark_is_who_carried_a_rumour(case, importing):
    from spmc_tools.desks.rumours.rumour import enter_claim, rumour_desk
    from spmc_tools.report.scope.scope import in_period
    from spmc_tools.report.sections.desks.rumour_values import rumour

    said = "the bridge at the ghat broke in the middle and people are trapped on it tonight"
    first = [("0", DAMAGED, "", "2025-11-05T20:00:01Z", said)]  # eight hours before the first whose account is known
    importing(
        [*first, row(1, "111", "", said), *(row(k, DAMAGED, "", said) for k in range(2, 8)), row(9, "112", "", said)]
    )
    importing([("99", "113", "", "2025-11-06T08:00:01Z", "good evening")], name="later.csv")
    official = {"official_version": "No.", "official_at": "2025-11-06T04:00:05Z", "reviewed_by": "Second"}
    enter_claim(case, "R1", "refuted", text=said, **official)
    [told] = rumour(case, rumour_desk(case, in_period(case).records)).claims
    assert (told.posts, told.accounts, told.not_known) == (9, 2, 7)
    assert [one.n_posts for one in told.carriers] == [1, 1]
    change = told.change
    assert (change.before, change.after, round(change.hours_before, 2)) == (1, 1, 8.0)
    assert change.across  # the file that carries it ends a few seconds after the official version
    assert {one.who for one in told.carriers} == set(case.pseudonyms(["111", "112"]).values())


def test_a_report_on_destroyed_ids_alone_lacks_posts_to_compare_and_no_column(case, importing):
    from spmc_tools.report.scope.scope import in_period
    from spmc_tools.report.sections.groups.headline import summary
    from spmc_tools.report.sections.watch.closing import aside

    importing([row(1, DAMAGED), row(2, DAMAGED)])
    found = spmc.investigate(case)
    assert {one.code for one in aside(found).not_run} == {"no_posts"}
    told = summary(case, in_period(case), found)
    assert (told.state, told.destroyed, told.no_room) == ("insufficient", True, 0)
    importing([row(3, "111")], name="one.csv")
    assert summary(case, in_period(case), spmc.investigate(case)).destroyed is False


def test_forms_of_derived_ids():
    assert unknown_account("0a1b2c3d" * 8) == "unknown-0a1b2c3d"
    assert [is_derived(one) for one in ("unknown-0a1b2c3d", "handle-x", "handle-", "unknown-0a1b2c3", "111")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert not not_compared([], lambda _: None)
