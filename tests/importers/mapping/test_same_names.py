"""Tables with columns of one name: which they are is said, and a mapping can name each of them."""

from __future__ import annotations

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.errors import MappingError
from spmc_tools.importers.import_files import import_files
from spmc_tools.importers.mapping.same_names import numbered, said_of_same_names, same_names

HEADER = ("id", "date", "user", "text", "date")
ROWS = [
    ("7", "2025-11-06T04:05:06Z", "asha", "one and two", "2025-11-09T00:00:00Z"),
    ("8", "2025-11-06T04:05:08Z", "uma", "two and three", "2025-11-09T00:00:00Z"),
]
MAPPING = """
[columns]
record_id = "id"
account_id = "user"
created_at = "date (1)"
collected_at = "date (2)"
text = "text"
[constants]
platform = "x"
"""


@pytest.fixture(params=["csv", "xlsx"])
def table(request, write, tmp_path):
    if request.param == "csv":
        return write("t.csv", "\n".join(",".join(row) for row in [HEADER, *ROWS]) + "\n")
    book = openpyxl.Workbook()
    for row in [HEADER, *ROWS]:
        book.active.append(row)
    path = tmp_path / "t.xlsx"
    book.save(path)
    return path


def test_it_is_said_which_and_what_to_type(case, table):
    for more in ({}, {"accept_guess": True}, {"format": "mapped_table"}):
        with pytest.raises(MappingError) as caught:
            import_files(case, [table], **more)
        assert (
            f'In "{table.name}" several columns have one name, and none of them is proposed by its name: "date" '
            '(columns 2 and 5), in a mapping "date (1)" and "date (2)"; write the one that is meant, as in '
            'created_at = "date (1)".'
        ) in str(caught.value)


def test_a_mapping_names_each(case, table, write):
    [result] = import_files(case, [table], mapping=write("m.toml", MAPPING))
    assert (result.read, result.kept) == (2, 2)
    rows = case.table("records").to_pylist()
    assert [f"{row['created_at']:%d %S}" for row in rows] == ["06 06", "06 08"]
    assert [f"{row['collected_at']:%d %S}" for row in rows] == ["09 00", "09 00"]


def test_the_bare_name_is_asked_for(case, table, write):
    mapping = write("m.toml", MAPPING.replace("date (2)", "date"))
    with pytest.raises(MappingError, match=r'several columns called "date"; write the one that is meant: "date \(1\)"'):
        import_files(case, [table], mapping=mapping)


def test_where_they_are_not_needed_a_guess_is_used_and_it_is_said(case, write):
    content = "id,date,user,text,note,note\n7,2025-11-06T04:05:06Z,asha,x,a,b\n"
    [result] = import_files(case, [write("t.csv", content)], accept_guess=True)
    assert result.kept == 1 and '"note" (columns 5 and 6)' in result.note


def test_a_known_table_with_such_columns_points_to_a_mapping(case, write):
    header = "id,timestamp_utc,text,user_id,user_screen_name,retweeted_id,to_tweetid,text"
    with pytest.raises(MappingError, match=r'has 2 columns called "text", where one is wanted.*--format mapped_table'):
        import_files(case, [write("x.csv", f"{header}\n1,1762401906,a,5,asha,,,b\n")])


def test_names_that_are_taken_are_not_given_again():
    assert numbered(("a", "b", "a", "a (1)", "", "")) == ("a (2)", "b", "a (3)", "a (1)", "", "")
    assert same_names(("a", "b", "a", "", "")) == {"a": (1, 3)}
    assert said_of_same_names(("a", "b", "")) == ""
    assert "and 2 names more" in said_of_same_names([name for name in "abcdefg" for _ in range(2)])


@given(st.lists(st.sampled_from(["a", "b", "a (1)", "a (2)", "b (1)", ""]), max_size=9))
def test_no_two_have_one_name_and_the_others_keep_theirs(header):
    found = numbered(header)
    named = [name for name in found if name]
    assert len(set(named)) == len(named) and len(found) == len(header)
    assert all(new == old for new, old in zip(found, header, strict=True) if header.count(old) == 1)
