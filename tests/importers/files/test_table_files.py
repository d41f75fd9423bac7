"""Tables: delimiters, encodings, row numbers, malformed rows, workbooks, Parquet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from spmc_tools.errors import FormatError
from spmc_tools.importers.fields.times import NaiveMicros, UtcMicros
from spmc_tools.importers.files import table_files as tables
from spmc_tools.importers.files import workbook as workbooks
from spmc_tools.importers.files.read import Source
from spmc_tools.importers.files.table_files import open_table
from spmc_tools.importers.files.workbook import cells_without_result


def read(path, **more):
    """Header, {row number: cells}, [(row number, reason)] and remarks of a table."""
    with Source(path) as source:
        table = open_table(source, **more)
        rows, refused = {}, []
        for piece in table.pieces():
            cells = [piece.columns[i] for i in range(len(table.header))]
            rows.update(zip(piece.numbers, zip(*cells, strict=True), strict=True))
            refused += [(r.source_row, r.reason) for r in piece.refused]
        return table.header, rows, refused, table.notes


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiters(mark, write):
    text = f'id{mark}text{mark}n\n1{mark}"a{mark}b, c; d"{mark}\n2{mark}नमस्ते{mark}3\n'
    header, rows, refused, notes = read(write("t.csv", text))
    assert header == ("id", "text", "n")
    assert rows == {2: ("1", f"a{mark}b, c; d", ""), 3: ("2", "नमस्ते", "3")}
    assert not refused
    assert notes == (["named .csv, but its columns stand between tabs: read so"] if mark == "\t" else [])


def test_the_delimiter_that_excel_names(write):
    header, rows, _, _ = read(write("t.csv", "sep=;\r\nid;a,b\r\n1;2\r\n"))
    assert (header, rows) == (("id", "a,b"), {3: ("1", "2")})


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16-LE"),
        ("utf-16-be", "UTF-16-BE"),
    ],
)
def test_encodings(encoding, note, write):
    header, rows, refused, notes = read(write("t.csv", "id,text\r\n1,नमस्ते\r\n2,b\r\n".encode(encoding)))
    assert (header, rows, refused) == (("id", "text"), {2: ("1", "नमस्ते"), 3: ("2", "b")}, [])
    assert notes == ([f"read as {note}"] if note else [])


def test_windows_1252_is_said(write):
    _, rows, _, notes = read(write("t.csv", "id,text\n1,café – “x”\n".encode("cp1252")))
    assert rows == {2: ("1", "café – “x”")}
    assert notes == ["read as Windows-1252, since it is not UTF-8"]


def test_quotes_line_breaks_and_blank_lines_keep_the_row_numbers_of_a_spreadsheet(write):
    text = 'id,text\r\n1,"a\rb\nc ""q"""\r\n\r\n2,b\r\n'
    _, rows, refused, _ = read(write("t.csv", text))
    assert rows == {2: ("1", 'a\rb\nc "q"'), 4: ("2", "b")}
    assert not refused


def test_old_mac_line_ends(write):
    assert read(write("t.csv", "id,text\r1,a\r2,b\r"))[1] == {2: ("1", "a"), 3: ("2", "b")}


def test_too_many_and_too_few_fields(write):
    _, rows, refused, _ = read(write("t.csv", "id,text\n1,a\n2,b,c\n3\n4,d\n"))
    assert rows == {2: ("1", "a"), 5: ("4", "d")}
    assert refused == [(3, "too many fields: 3 instead of 2"), (4, "too few fields: 1 instead of 2")]


@pytest.mark.parametrize("broken", ['2,"open', '2,"open"x', '"2,open'])
def test_a_quote_that_is_not_closed_costs_its_own_row(broken, write):
    lines = ["id,text", "1,a", broken, *(f"{i},good {i}" for i in range(3, 40))]
    _, rows, refused, _ = read(write("t.csv", "\n".join(lines) + "\n"))
    assert [number for number, _ in refused] == [3]
    assert rows == {2: ("1", "a"), **{i + 1: (str(i), f"good {i}") for i in range(3, 40)}}


def test_a_quote_that_is_closed_by_the_next_one(write):
    lines = ['id,text', '1,"a', '2,b', '3,"c"', '4,d']  # fmt: skip
    _, rows, refused, _ = read(write("t.csv", "\n".join(lines) + "\n"))
    assert refused == [(2, "a quote is opened and not closed")]
    assert rows == {3: ("2", "b"), 4: ("3", "c"), 5: ("4", "d")}


def test_a_line_that_is_too_long_is_one_row(write, monkeypatch):
    """The rows after it keep their numbers, whatever stands in it."""
    monkeypatch.setattr(tables, "LINE_LIMIT", 1000)
    monkeypatch.setattr(tables, "_BLOCK", 300)
    long = ["x" * 5000, '"' + "x" * 5000, '"' + "x" * 5000 + '"', '","' * 2000, "x" * 996]
    for end in ("\n", "\r\n"):
        lines = ["id,text", "1,a", *(f"2,{text}" for text in long), "3,b", "4,c"]
        _, rows, refused, _ = read(write("t.csv", end.join(lines) + end))
        assert rows == {2: ("1", "a"), 8: ("3", "b"), 9: ("4", "c"), **({7: ("2", "x" * 996)} if end == "\n" else rows)}
        assert [n for n, _ in refused if n < 7] == [3, 4, 5, 6]
        assert {why for _, why in refused} == {"the line is longer than 16 MB"}


def test_a_long_line_within_a_quote_that_is_not_closed(write, monkeypatch):
    monkeypatch.setattr(tables, "LINE_LIMIT", 1000)
    lines = ["id,text", '1,"open', "2,b", "3," + "x" * 2000, "4,d"]
    _, rows, refused, _ = read(write("t.csv", "\n".join(lines) + "\n"))
    assert rows == {3: ("2", "b"), 5: ("4", "d")}
    assert refused == [(2, "a quote is opened and not closed"), (4, "the line is longer than 16 MB")]


def test_a_field_may_be_as_long_as_its_line(write):
    text = "a" * 200_000
    _, rows, refused, _ = read(write("t.csv", f'id,text\n1,{text}\n2,"{text}"\n'))
    assert not refused and rows == {2: ("1", text), 3: ("2", text)}


def test_an_open_quote_of_a_long_file_costs_its_own_row(write):
    lines = ["id,text", '1,"open', *(f"{i},{'x' * 90}" for i in range(3, 3000))]
    _, rows, refused, _ = read(write("t.csv", "\n".join(lines) + "\n"))
    assert refused == [(2, "a quote is opened and not closed")] and len(rows) == 2997


def test_a_quote_that_swallows_whole_rows_is_remarked(write):
    lines = ["id,who,text", '1,a,"open', "2,b,two", '3,c,"', "4,d,four", '5,e,"a poem,', 'with a line"']
    _, rows, refused, notes = read(write("t.csv", "\n".join(lines) + "\n"))
    assert not refused and list(rows) == [2, 3, 4]
    assert notes == [
        "1 row holds lines inside quotes that look like rows of their own (row 2): look whether a quote is wrong"
    ]


def test_a_refused_row_is_shown_as_the_file_holds_it(write, monkeypatch):
    path = write("t.csv", 'id,text,n\n1,"open \ufdd0\n2,b\rc\ufdd1\n3,two,\ufdd0\n')
    raw = {2: '1,"open \ufdd0', 3: "2,b\rc\ufdd1", 4: "3,two,\ufdd0\n"}
    for budget, whole in ((1000, 1), (0, 0)):  # lines that a quote swallowed are read again, or refused with it
        monkeypatch.setattr(tables, "_RESCAN_BUDGET", budget)
        with Source(path) as source:
            (piece,) = open_table(source).pieces()
        refused = {one.source_row: one.raw.rstrip("\n") for one in piece.refused}
        assert refused == {number: text.rstrip("\n") for number, text in raw.items() if number < 5 - whole}
        assert [cells[0] for cells in piece.columns.values()] == ["3", "two", "\ufdd0"] if whole else not piece.numbers


def test_many_open_quotes_end(write, monkeypatch):
    monkeypatch.setattr(tables, "_RESCAN_BUDGET", 2000)
    lines = ["id,text", *(f'{i},"open' for i in range(500)), "x,y"]
    _, rows, refused, _ = read(write("t.csv", "\n".join(lines) + "\n"))
    assert len(rows) + len(refused) == 501


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(*[st.text(st.characters(exclude_categories=["Cs"]), max_size=12)] * 3), min_size=1, max_size=20),
    st.sampled_from([",", ";", "\t"]),
)
@example([("\ufdd0", "\ufdd1\r", "\ufdd1\ufdd0"), ("a\rb", "\ufdd0\n\ufdd1", "\r")], ",")  # what stands for \r inside
def test_what_a_csv_writer_wrote_is_read(write, rows, mark):
    """Second route: Python's own writer."""
    out = io.StringIO()
    csv.writer(out, delimiter=mark, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([("h1", "h2", "h3"), *rows])
    _, found, refused, _ = read(write("t.csv", out.getvalue()), delimiter=mark)
    assert list(found.values()) == rows
    assert list(found) == list(range(2, len(rows) + 2))
    assert not refused


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes_after_a_header_are_rows_or_refused(write, tail):
    """Every good row is as wide as the header, numbers rise, and nothing but a FormatError comes out."""
    try:
        _, rows, refused, _ = read(write("t.csv", b'id,"te\nxt",n\n1,2,3\n' + tail))
    except FormatError:
        return
    numbers = sorted([*rows, *(n for n, _ in refused)])
    assert len(numbers) == len(set(numbers))
    assert all(len(cells) == 3 for cells in rows.values())


def workbook(*sheets: tuple[str, list[list]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook(write):
    at = datetime(2021, 4, 8, 15, 7, 30)  # noqa: DTZ001
    rows = [[], ["id", "text", "at"], ["0012", "नमस्ते", at], [], ["1380175475545362437", None, None], [1, 2, 3, 4]]
    content = workbook(("one", rows), ("two", [["x"], ["y"]]))
    header, found, refused, notes = read(write("t.xlsx", content))
    assert header == ("id", "text", "at")
    assert found == {3: ("0012", "नमस्ते", at), 5: ("1380175475545362437", None, None)}
    assert refused == [(6, "cells beyond the header's 3 columns")]
    assert notes == [
        'sheet read: "one", of 2',
        'not read, since their columns are others: sheets "two"; save them as files of their own',
    ]
    assert read(write("t.xlsx", content), sheet="two")[0] == ("x",)
    with pytest.raises(FormatError, match='has no sheet "three"; it has "one", "two"'):
        read(write("t.xlsx", content), sheet="three")
    with pytest.raises(FormatError, match="holds no header row"):
        read(write("t.xlsx", workbook(("one", []))))


def test_a_workbook_bomb(write, monkeypatch):
    monkeypatch.setattr(workbooks, "RATIO_FROM", 1000)
    monkeypatch.setattr(workbooks, "RATIO_LIMIT", 2)
    with pytest.raises(FormatError, match="more than is safe"):
        read(write("t.xlsx", workbook(("one", [["a"] * 50] * 500))))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 5000), st.integers(0, 255))
def test_a_damaged_workbook_is_a_format_error_or_read(write, at, byte):
    content = bytearray(workbook(("one", [["id", "text"], [1, "a"]])))
    content[at % len(content)] = byte
    try:
        read(write("t.xlsx", bytes(content)))
    except FormatError as error:
        assert "\n" not in str(error)


def test_parquet_keeps_types_and_zones(write):
    seconds = [1617894450, None]
    table = pa.table(
        {
            "id": pa.array([2**60 + 1, None], pa.int64()),
            "word": pa.array(["a", None]).dictionary_encode(),
            "aware": pa.array(seconds, pa.timestamp("s", "Asia/Kolkata")),
            "naive": pa.array([s and s * 10**9 for s in seconds], pa.timestamp("ns")),
            "list": pa.array([["x", None], None]),
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out)
    header, rows, _, _ = read(write("t.parquet", out.getvalue()))
    assert header == tuple(table.column_names)
    assert rows == {1: (2**60 + 1, "a", 1617894450_000_000, 1617894450_000_000, ["x", None]), 2: (None,) * 5}
    assert (type(rows[1][2]), type(rows[1][3])) == (UtcMicros, NaiveMicros)


def test_times_of_parquet_do_not_wrap_around(write):
    """A count of units beyond 64-bit microseconds is far off, not some time of today."""
    wrapped = (1762423200000000 + 125 * 2**64) // 1000
    for unit, value, expected in (
        ("ms", wrapped, wrapped * 1000),
        ("ms", 2**62, 2**62 * 1000),
        ("us", 2**62, 2**62),
        ("ns", 2**62, 2**62 // 1000),
    ):
        out = io.BytesIO()
        pq.write_table(pa.table({"t": pa.array([value], pa.int64()).cast(pa.timestamp(unit, "UTC"))}), out)
        _, rows, _, _ = read(write("t.parquet", out.getvalue()))
        assert (rows[1][0], type(rows[1][0])) == (expected, UtcMicros)


def test_parquet_with_values_python_cannot_hold(write):
    table = pa.table(
        {
            "text": pa.array([b"ok", b"\xff"], pa.binary()).view(pa.string()),
            "date": pa.array([18725, 10**8], pa.date32()),
            "t": pa.array([2**62, 0], pa.timestamp("us", "UTC")),
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out)
    _, rows, _, _ = read(write("t.parquet", out.getvalue()))
    assert rows[1][0] == "ok" and rows[2][0] == "\udcff"
    assert rows[1][1] == datetime(2021, 4, 8, tzinfo=UTC).date() and rows[2][1] is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf_16_that_breaks_off(encoding, write):
    content = "id,text\n1,नमस्ते\n".encode(encoding)
    with pytest.raises(FormatError, match="begins as UTF-16 but is not UTF-16 to its end"):
        read(write("t.csv", content + b"\x00"))


def test_formulas_whose_result_nobody_saved_are_counted(write):
    content = workbook(("one", [["id", "text"], [1, "=CONCAT(A1,A2)"], [2, "kept"], [3, '=HYPERLINK("u","v")']]))
    _, rows, _, notes = read(write("t.xlsx", content))
    assert [row[1] for row in rows.values()] == [None, "kept", None]
    assert notes == [
        "2 cells hold formulas without a saved result and count as empty: open the workbook in a spreadsheet program, "
        "save it and import that"
    ]
    assert read(write("u.xlsx", workbook(("one", [["id", "text"], [1, "a"]]))))[3] == []


@pytest.mark.parametrize(
    "xml", [b"<f " * 300_000, b"<f/>" + b" " * 1_000_000, b"<f>" * 300_000, b"<f/><v>" + b" " * 900_000]
)
def test_looking_for_formulas_ends_whatever_a_sheet_holds(xml):
    """A pattern that tried every pair of places would need hours here."""
    assert cells_without_result(io.BytesIO(b"</c>" + xml + b"x</c>")) == 0


@pytest.mark.parametrize(
    ("xml", "count"),
    [
        (b"<c><f>1+1</f><v>2</v></c>", 0),
        (b"<c><f>1+1</f><v></v></c><c><f>1</f><v /></c>", 2),
        (b'<c><f t="shared" si="0"/></c><c><f t="shared" si="0"/><v>5</v></c>', 1),
        (b'<c t="inlineStr"><is><t>x</t></is></c>', 0),
    ],
)
def test_formulas_across_blocks(xml, count, monkeypatch):
    monkeypatch.setattr(workbooks, "BLOCK", 7)
    assert cells_without_result(io.BytesIO(b"<row>" + xml * 20 + b"</row>")) == 20 * count


def test_a_carriage_return_inside_a_cell_stays(write):
    text = 'id,text,n\r\n1,a\rb,2\r\n2,"c\rd\ne",3\r\n3,x\ry\r\n'
    _, rows, refused, _ = read(write("t.csv", text))
    assert rows == {2: ("1", "a\rb", "2"), 3: ("2", "c\rd\ne", "3")}
    assert refused == [(4, "too few fields: 2 instead of 3")]
