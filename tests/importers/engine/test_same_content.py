"""Posts that come again under another id: the same account, second and text are one post, and it is said."""

from __future__ import annotations

import pytest

from spmc_tools.importers.import_files import import_files

LONG = "बूथ सात पर मतदान शांति से चल रहा है और सब आएँ"
MAP = """
kind = "post"
[columns]
record_id = "id"
account_id = "user"
created_at = "at"
text = "text"
{more}
[accounts]
handle = "name"
[constants]
platform = "x"
[times]
created_at = {{tz = "UTC"}}
"""


@pytest.fixture
def table(case, write):
    """Import rows ``id,user,name,at,text``, with more columns where they are named."""

    def importing(name: str, *rows: str, more: str = "", head: str = "", dry_run: bool = False):
        mapping = write("m.toml", MAP.format(more=more))
        path = write(name, "\n".join([f"id,user,name,at,text{head}", *rows, ""]))
        [result] = import_files(case, [path], mapping=mapping, dry_run=dry_run)
        assert result.read == result.kept + result.duplicates + result.refused
        return result

    return importing


FIRST = (
    f"1001,11,asha,2025-11-06 10:00:01,{LONG}", f"1002,12,ravi,2025-11-06 10:00:01,{LONG}",
    "1003,13,mina,2025-11-06 10:00:02,और",
)  # fmt: skip


def test_a_spreadsheet_with_destroyed_ids_of_known_posts_names_nobody_more(table, case):
    """By hand: ids and accounts destroyed, seconds lost; each row is one of the three posts of the case."""
    table("a.csv", *FIRST)
    spoilt = (
        f"1.001E+18,8.29E+17,Asha,2025-11-06 10:00,{LONG}", f"1.001E+18,8.29E+17,@ravi,2025-11-06 10:00,{LONG}",
        "1.001E+18,8.29E+17,mina,2025-11-06 10:00,और",
    )  # fmt: skip
    for dry_run in (True, False):
        result = table("b.csv", *spoilt, dry_run=dry_run)
        assert (result.kept, result.duplicates) == (0, 3)
        assert "3 duplicates came before under another id (same account, second and text)" in result.note
    assert {row["account_id"] for row in case.table("records").to_pylist()} == {"11", "12", "13"}
    assert len(case.table("records")) == 3
    assert {row["record_id"] for row in case.table("observations").to_pylist()} == {"1001", "1002", "1003"}


def test_the_exact_file_after_the_spoilt_one(table, case):
    table("b.csv", f"1.001E+18,11,asha,2025-11-06 10:00,{LONG}")
    result = table("a.csv", *FIRST)
    assert (result.kept, result.duplicates) == (2, 1)
    assert len(case.table("records")) == 3


def test_other_ids_of_two_programs_and_of_the_account_s_name(table, case):
    table("a.csv", *FIRST)
    result = table("c.csv", f"p-1001,11,asha,2025-11-06 10:00:01,{LONG}", f"p-9,11,asha,2025-11-06 10:00:02,{LONG}")
    assert (result.kept, result.duplicates) == (1, 1)
    again = table("d.csv", f"p-1001,11,asha,2025-11-06 10:00:01,{LONG}", f"p-1001,11,asha,2025-11-06 10:00:01,{LONG}")
    assert (again.kept, again.duplicates) == (0, 2)
    assert len(case.table("records")) == 4


def test_what_is_not_the_same(table, case):
    """Another second, account, text; no text; and a text that one account puts into two groups."""
    table("a.csv", *FIRST, "1004,14,x,2025-11-06 10:00:03,")
    other = table(
        "e.csv", f"p-2001,11,asha,2025-11-06 10:00:02,{LONG}", f"p-2002,13,mina,2025-11-06 10:00:01,{LONG}",
        "p-2003,13,mina,2025-11-06 10:00:02,और भी", "p-2004,14,x,2025-11-06 10:00:03,",
    )  # fmt: skip
    assert (other.kept, other.duplicates) == (4, 0)
    assert table("n.csv", f"2005,11,asha,2025-11-06 10:00:01,{LONG}").kept == 1  # two numbers: two posts
    group = {"more": 'surface_id = "g"', "head": ",g"}
    assert table("f.csv", f"3001,15,y,2025-11-06 10:00:05,{LONG},A", **group).kept == 1
    assert table("g.csv", f"p-3002,15,y,2025-11-06 10:00:05,{LONG},B", **group).kept == 1
    assert table("h.csv", f"p-3003,15,y,2025-11-06 10:00:05,{LONG},A", **group).duplicates == 1


def test_an_account_that_is_not_known_is_told_by_a_long_text_and_the_second(table, case):
    table("a.csv", *FIRST)
    result = table("i.csv", f",8.29E+17,,2025-11-06 10:00:01,{LONG}", ",8.29E+17,,2025-11-06 10:00:02,और")
    assert (result.kept, result.duplicates) == (1, 1)


def test_within_a_file_rows_without_ids_alone(table):
    result = table(
        "a.csv", f",11,asha,2025-11-06 10:00:01,{LONG}", f",11,asha,2025-11-06 10:00:01,{LONG}",
        f"5,11,asha,2025-11-06 10:00:01,{LONG}", f"6,11,asha,2025-11-06 10:00:01,{LONG}",
    )  # fmt: skip
    assert (result.kept, result.duplicates) == (3, 1)


def test_messages_of_a_clock_of_minutes_stay_two(bring):
    lines = "13/01/2024, 10:00 - A: ठीक\n13/01/2024, 10:00 - A: ठीक\n"
    assert bring("WhatsApp Chat with G.txt", lines, tz="UTC").result.kept == 2
