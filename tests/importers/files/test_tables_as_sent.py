"""Tables as people send them: sheets by day, merged cells, R's quoting, days as numbers, numbers of rows as ids."""

from __future__ import annotations

import io
from datetime import datetime

import openpyxl
import pytest

from spmc_tools.errors import MappingError
from spmc_tools.importers.fields.times import TimeRule, read_time, zone_of
from spmc_tools.importers.files.header_rows import header_of
from spmc_tools.importers.files.workbook import Below, merged_downwards

HEAD = ["id", "user", "created_at", "text"]


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def posts(day: int) -> list[list]:
    return [[f"{day}0{n}", f"user{n}", datetime(2025, 11, day, 10, n), f"वाक्य {day} {n}"] for n in (1, 2)]  # noqa: DTZ001


def seen(found) -> list[tuple]:
    return [(r["source_row"], r["record_id"], r["account_id"], r["created_at"].isoformat()) for r in found.records]


GUESSED = {"accept_guess": True, "tz": "UTC"}


def test_a_sheet_for_each_day_and_a_cover(bring):
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    for row in (["Report of the cell"], ["Patna"]):
        book.active.append(row)
    for day in (6, 7):
        sheet = book.create_sheet(f"Day {day}")
        for row in [HEAD, *posts(day)]:
            sheet.append(row)
    other = book.create_sheet("Phones")
    for row in (["name", "rank", "post"], ["A", "SI", "Gaya"]):
        other.append(row)
    found = bring("days.xlsx", saved(book), **GUESSED)
    assert seen(found) == [
        (2, "601", "user1", "2025-11-06T10:01:00+00:00"),
        (3, "602", "user2", "2025-11-06T10:02:00+00:00"),
        (5, "701", "user1", "2025-11-07T10:01:00+00:00"),
        (6, "702", "user2", "2025-11-07T10:02:00+00:00"),
    ]
    for said in (
        '2 sheets read: "Day 6", "Day 7"', 'others: sheets "Cover", "Phones"', 'sheet "Day 7" are numbered from 4 on'
    ):  # fmt: skip
        assert said in found.result.note


def test_a_name_merged_over_the_rows_of_its_posts(bring):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEAD)
    for n in range(5):
        name = {0: "asha", 2: "ravi"}.get(n)
        sheet.append([f"90{n}", name, datetime(2025, 11, 6, 10, n), f"वाक्य {n}"])  # noqa: DTZ001
    sheet.merge_cells("B2:B3")
    sheet.merge_cells("B4:B5")  # the last row has no name and stands in no merged range
    found = bring("merged.xlsx", saved(book), **GUESSED)
    assert [(r["record_id"], r["account_id"]) for r in found.records] == [
        ("900", "asha"), ("901", "asha"), ("902", "ravi"), ("903", "ravi"),
    ]  # fmt: skip
    assert [(r["source_row"], r["reason"]) for r in found.refused] == [(6, "the row names no account")]
    assert "2 cells of merged ranges hold" in found.result.note


@pytest.mark.parametrize("block", [7, 64, 1 << 20])
def test_merged_ranges_across_blocks(block, monkeypatch):
    monkeypatch.setattr("spmc_tools.importers.files.workbook.BLOCK", block)
    xml = b'<mergeCells><mergeCell ref="A1:E1"/><mergeCell ref="AB12:AB14"/><mergeCell ref="B2:C3"/></mergeCells>'
    assert merged_downwards(io.BytesIO(b" " * 50 + xml)) == [Below(2, 3, 2), Below(12, 14, 28)]


def test_headers_of_groups_and_titles_of_several_cells():
    data = [["1", "2025-11-06", "a", "x", "2", "3"]] * 4
    names = ["id", "date", "user", "text", "likes", "shares"]
    for above in ([["Post", None, "Author", None, "Engagement"]], [["By", "SI K", "Date", "06/11/2025"], []]):
        found = header_of([*above, names, *data])
        assert (found.place, found.names, found.there) == (len(above), tuple(names), True)
    assert header_of([["", "id", "date", "text"], ["a", "7", "2025-11-06", "x"]]).place == 0  # a column without a name
    assert (
        header_of([["user", "text", "at"], ["a", "b", "c", "d"], ["e", "f", "g", "h"]]).place == 0
    )  # nothing below is data
    assert header_of([["829123456", "asha", "hello"]]).there is False  # one row alone, and it is data


@pytest.mark.parametrize(("first", "between"), [("", " "), ("", "\t"), ("", ","), ('"",', ",")])
def test_what_r_writes(first, between, bring):
    """``write.table`` names no column for the numbers of rows and writes quotes as \\"; ``write.csv`` doubles them."""
    inner = '""' if first else '\\"'
    head = first + between.join(f'"{name}"' for name in HEAD)
    rows = "".join(
        between.join(f'"{c}"' for c in (n, f"50{n}", "asha", f"2025-11-06 10:0{n}:00", f"कहा {inner}हाँ{inner} {n}"))
        + "\n"
        for n in (1, 2)
    )
    found = bring("r.txt", f"{head}\n{rows}", **GUESSED)
    assert [(r["record_id"], r["text"]) for r in found.records] == [("501", 'कहा "हाँ" 1'), ("502", 'कहा "हाँ" 2')]
    assert ("as R writes them" in found.result.note) is not first


def test_a_delimiter_at_the_end_of_each_row(bring):
    found = bring(
        "t.csv", ",".join(HEAD) + "\n501,asha,2025-11-06 10:01:00,x,\n502,asha,2025-11-06 10:02:00,y,\n", **GUESSED
    )
    assert [r["text"] for r in found.records] == ["x", "y"] and not found.refused


def test_carriage_returns_alone(bring):
    text = "\r".join([",".join(HEAD), "501,asha,2025-11-06 10:01:00,x", "502,asha,2025-11-06 10:02:00,y", ""])
    assert [r["source_row"] for r in bring("mac.csv", text, **GUESSED).records] == [2, 3]


@pytest.mark.parametrize(
    ("cell", "at", "step"),
    [
        ("45967", "2025-11-05 18:30:00", 86400.0),  # by hand: day 45,967 is 6 November 2025, India is 5:30 ahead
        ("45967.5", "2025-11-06 06:30:00", 86400.0),
        ("45967.4201389", "2025-11-06 04:35:00", 1.0),
        ("45967.4201", "2025-11-06 04:34:56", 60.0),
        (45967.420138888889, "2025-11-06 04:35:00", 1.0),
        ("32874", "1990-01-01", None), ("32873", None, None), ("73415", None, None),
    ],
)  # fmt: skip
def test_a_day_as_a_spreadsheet_counts_it(cell, at, step):
    found = read_time(cell, TimeRule(zone=zone_of("Asia/Kolkata"), unit="s"))
    if step is None:
        assert isinstance(found, str)
    else:
        assert found[1] == step
        assert str(datetime.fromtimestamp(found[0] / 1e6, zone_of("UTC")))[:19] == at


def test_numbers_of_days_are_said(bring):
    found = bring("t.csv", "id,user,date,text\n501,asha,45967.4201389,x\n502,ravi,45968.4201389,y\n", **GUESSED)
    assert '2 times of column "date" are numbers of days' in found.result.note and "is 2025-11-06" in found.result.note
    assert seen(found)[0] == (2, "501", "asha", "2025-11-06T10:05:00+00:00")


def test_numbers_of_rows_are_no_ids(bring, write):
    """Two sheets that both count from 1 would hold each other's posts twice; the addresses tell the posts apart."""
    kept = []
    for day in (6, 7):
        rows = "".join(
            f"{n},https://x.com/u{n}/status/{day}000{n},2025-11-0{day} 10:00,वाक्य {day} {n}\n" for n in (1, 2)
        )
        with pytest.raises(MappingError, match="Not certain by names and values: account") as told:
            bring(f"{day}.csv", "क्रमांक,Link,Date,Remarks\n" + rows, format="mapped_table", **GUESSED)
        mapping = str(told.value).split("\n\n")[1]
        assert "record_id" not in mapping and 'account_id = "Link"' in mapping and 'platform = "x"' in mapping
        kept.append((rows, mapping))
    for n, (rows, mapping) in enumerate(kept):
        found = bring(f"{n}.csv", "क्रमांक,Link,Date,Remarks\n" + rows, mapping=write(f"m{n}.toml", mapping), tz="UTC")
        assert found.result.kept == 2
    assert {(r["record_id"], r["account_id"]) for r in found.records} == {
        ("60001", "u1"), ("60002", "u2"), ("70001", "u1"), ("70002", "u2"),
    }  # fmt: skip
    assert "2 × user name taken out of the address of the post" in found.result.note


def test_columns_in_hindi_and_in_roman_letters(bring):
    for name, header in (
        ("h.csv", "क्रम संख्या,पोस्ट लिंक,खाताधारक का नाम,दिनांक एवं समय,पोस्ट का विवरण,लाइक,शेयर,टिप्पणी"),
        ("r.csv", "kram sankhya,post ka link,khate ka naam,dinank aur samay,post ka vivaran,like,share,tippani"),
    ):
        post = 10000 if name == "h.csv" else 20000
        rows = "".join(
            f"{n},https://x.com/u{n}/status/{post + n},u{n},0{n}/11/2025 10:05,कहा {name} {n},4,5,6\n" for n in (1, 2)
        )
        found = bring(name, f"{header}\n{rows}", date_order="dmy", **GUESSED)
        assert found.result.kept == 2 and found.records[-1]["platform"] == "x"
        last = max(found.records, key=lambda row: row["text"] == f"कहा {name} 2")
        assert last["created_at"].isoformat() == "2025-11-02T10:05:00+00:00" and last["account_id"] == "u2"
        assert last["metrics"] == {"likes": 4, "reposts": 5, "replies": 6, "views": None}


def test_a_clock_in_a_column_of_another_name(bring):
    found = bring("t.csv", "id,handle,Created Date,Created Time,text\n501,asha,2025-11-06,10:05:07,x\n", **GUESSED)
    assert seen(found) == [(2, "501", "asha", "2025-11-06T10:05:07+00:00")]


def test_numbers_inside_a_text_are_no_rows(bring):
    """A line of a text that has as many commas as the table has columns, and begins as the ids do."""
    text = '"पहली\n10, 20, 30, 40"'
    rows = "".join(f"50{n},asha,2025-11-06 10:0{n}:00,{text}\n" for n in range(3))
    assert "look like rows" not in bring("t.csv", ",".join(HEAD) + "\n" + rows, **GUESSED).result.note
    swallowed = '504,asha,2025-11-06 10:04:00,"एक\n505,ravi,2025-11-06 10:05:00,दो"\n'
    assert "1 row holds lines" in bring("u.csv", ",".join(HEAD) + "\n" + swallowed, **GUESSED).result.note
