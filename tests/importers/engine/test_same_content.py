"""Posts that come again under another id: the same account, second and text are one post, and it is said."""

from __future__ import annotations

import pytest

from spmc_tools.case.store.set_aside import set_aside, take_back
from spmc_tools.importers.engine.same_content import PostsOfCase
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


def test_files_of_one_call_know_those_before_them(case, write):
    """By hand: post 2000 + n stands in file n, and from file 1 on again under another id; all texts are different."""
    mapping = write("m.toml", MAP.format(more=""))
    head = "id,user,name,at,text"

    def post(n: int, id_: str) -> str:
        return f"{id_},11,asha,2025-11-06 10:00:{n:02d},{LONG} {n}"

    table_of = ["\n".join([head, post(n, str(2000 + n)), *(post(k, f"p-{k}") for k in range(n)), ""]) for n in range(7)]
    results = import_files(case, [write(f"{n}.csv", text) for n, text in enumerate(table_of)], mapping=mapping)
    assert [(one.kept, one.duplicates) for one in results] == [(1, n) for n in range(7)]
    assert case.table("records")["record_id"].to_pylist() == [str(2000 + n) for n in range(7)]
    again = [str(2000 + k) for n in range(7) for k in range(n)]
    assert case.table("observations")["record_id"].to_pylist() == again
    set_aside(case, case.batches()[2].batch_id, "the wrong file")  # post 2002 is now that of file 3, by its row
    other = "\n".join([head, *(f"9{n},11,asha,2025-11-06 11:00:{n:02d},{LONG} {n}x" for n in range(3)), ""])
    last = "\n".join([head, *(post(n, f"p-{n}") for n in range(7)), "91,11,asha,2025-11-06 11:00:01,other", ""])
    first, second = import_files(case, [write("o.csv", other), write("z.csv", last)], mapping=mapping)
    assert (first.kept, first.duplicates, second.kept, second.duplicates) == (3, 0, 0, 8)
    assert second.other_text == 1
    assert case.table("records").num_rows == 10


def test_what_a_call_read_is_not_read_again_for_its_next_file(case, write, monkeypatch):
    from spmc_tools.case.store import case_tables

    read, opened = case_tables._read, []
    monkeypatch.setattr(case_tables, "_read", lambda path, *rest: opened.append(path) or read(path, *rest))
    mapping = write("m.toml", MAP.format(more=""))
    one = "id,user,name,at,text\n{0},11,asha,2025-11-06 10:00:01,{0}\n{1},11,asha,2025-11-06 10:00:01,{1}\n"
    many = [write(f"{n}.csv", one.format(n, n + 1)) for n in range(1, 13)]
    import_files(case, many, mapping=mapping)
    assert len(case.batches()) == 12
    assert len(opened) <= 4 * len(many)  # ids of records and of observations, and the posts; each once


def test_an_import_that_is_set_aside_between_two_files_is_forgotten(case, write):
    """Another process may do so; by hand: post 1 of the first file, 2 of both, 3 of the second."""
    mapping = write("m.toml", MAP.format(more=""))
    one = "id,user,name,at,text\n{0},11,asha,2025-11-06 10:00:01,of {2}\n{1},11,asha,2025-11-06 10:00:01,of {2}\n"
    import_files(case, [write("a.csv", one.format(1, 2, "a"))], mapping=mapping)
    posts = PostsOfCase(case)
    posts.update()
    keys = {("x", str(n)) for n in range(1, 5)}
    assert posts.first_rows(keys) == {("x", "1"): ("11", "of a"), ("x", "2"): ("11", "of a")}
    import_files(case, [write("b.csv", one.format(2, 3, "b"))], mapping=mapping)
    both = {("x", "1"): ("11", "of a"), ("x", "2"): ("11", "of a"), ("x", "3"): ("11", "of b")}
    assert posts.first_rows(keys) == both
    set_aside(case, case.batches()[0].batch_id, "the wrong file")
    rest = {("x", "2"): ("11", "of b"), ("x", "3"): ("11", "of b")}
    assert posts.first_rows(keys) == rest
    import_files(case, [write("c.csv", one.format(4, 2, "c"))], mapping=mapping)
    assert posts.first_rows(keys) == rest | {("x", "4"): ("11", "of c")}
    take_back(case, "000001", "it was right")
    assert posts.first_rows(keys) == both | {("x", "4"): ("11", "of c")}


def test_a_post_of_an_import_that_came_and_was_set_aside_is_known_from_the_next(case, write):
    mapping = write("m.toml", MAP.format(more=""))
    one = "id,user,name,at,text\n{0},11,asha,2025-11-06 10:00:01,of {1}\n"
    import_files(case, [write("a.csv", one.format(1, "a"))], mapping=mapping)
    posts = PostsOfCase(case)
    posts.update()
    import_files(case, [write("b.csv", one.format(2, "b")), write("c.csv", one.format(2, "c"))], mapping=mapping)
    set_aside(case, case.batches()[1].batch_id, "the wrong file")
    assert posts.first_rows({("x", "2")}) == {("x", "2"): ("11", "of c")}


def test_of_two_posts_that_say_the_same_the_first_is_the_one_that_came_again(case, write):
    mapping = write("m.toml", MAP.format(more=""))
    ids = ("91", "92", "93", "p-1")
    files = [write(f"{n}.csv", f"id,user,name,at,text\n{n},11,asha,2025-11-06 10:00:01,{LONG}\n") for n in ids]
    results = import_files(case, files, mapping=mapping)
    assert [one.kept for one in results] == [1, 1, 1, 0]
    assert case.table("observations")["record_id"].to_pylist() == ["91"]
