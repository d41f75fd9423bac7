"""Tables as people send them: titles above the header, no header, line breaks in texts that hold commas."""

from __future__ import annotations

import io
from datetime import datetime

import openpyxl
import pytest

from spmc_tools.importers.files.header_rows import header_of
from spmc_tools.importers.files.read import Source
from spmc_tools.importers.files.table_files import open_table

MAP = """
[columns]
record_id = "{id}"
account_id = "{who}"
created_at = "{at}"
text = "{text}"
[constants]
platform = "x"
[times]
created_at = {{tz = "UTC"}}
"""
NAMED = {"id": "id", "who": "user", "at": "date", "text": "text"}
ROWS = "7,asha,2025-11-06 10:00,एक\n8,ravi,2025-11-06 10:01,दो\n"


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ("", 2), ("Report of the cell\n", 3), ("Report of the cell,,,\n,,,\nNovember 2025,,,\n\n", 6),
        ("sep=,\nReport of the cell\n", 4),
    ],
)  # fmt: skip
def test_a_header_below_titles(above, row, bring, write):
    text = f"{above}id,user,date,text\n{ROWS}"
    found = bring("t.csv", text, mapping=write("m.toml", MAP.format(**NAMED)))
    assert [(r["record_id"], r["source_row"]) for r in found.records] == [("7", row), ("8", row + 1)]
    assert ("are titles and no data" in found.result.note) is ("Report" in above)


def test_titles_above_a_table_of_semicolons(bring, write):
    text = "रिपोर्ट, नवंबर\nid;user;date;text\n" + ROWS.replace(",", ";")
    found = bring("t.csv", text, mapping=write("m.toml", MAP.format(**NAMED)))
    assert [r["text"] for r in found.records] == ["एक", "दो"]


def test_a_table_without_a_header_loses_no_post(bring, write):
    names = {name: f"column {n}" for n, name in enumerate(("id", "who", "at", "text"), 1)}
    found = bring("t.csv", ROWS, mapping=write("m.toml", MAP.format(**names)))
    assert [(r["record_id"], r["source_row"]) for r in found.records] == [("7", 1), ("8", 2)]
    assert "no header row: the first row is data" in found.result.note and found.result.read == 2


def test_workbooks_alike(bring, write):
    for titles, there in (([["Report"], [], [None, "November"]], True), ([], True), ([], False)):
        book = openpyxl.Workbook()
        for row in titles:
            book.active.append(row)
        if there:
            book.active.append(["id", "user", "date", "text"])
        for n in range(3):
            book.active.append([f"{n}", "asha", datetime(2025, 11, 6, 10, n), f"वाक्य {n} {len(titles)} {there}"])  # noqa: DTZ001
        out = io.BytesIO()
        book.save(out)
        names = NAMED if there else {name: f"column {n}" for n, name in enumerate(NAMED, 1)}
        found = bring(
            f"t{len(titles)}{there}.xlsx", out.getvalue(), mapping=write("m.toml", MAP.format(**names)), dry_run=True
        )
        assert (found.result.read, found.result.kept) == (3, 3)
        assert ("titles" in found.result.note) is bool(titles) and ("no header" in found.result.note) is not there


def test_a_line_of_a_text_that_holds_commas_is_no_row(write):
    """Three columns; a text has a line with two commas. A line that begins as the rows do is doubtful."""
    sound = "id,user,text\n" + "".join(f'{n},a,"पहली\nहाँ, ठीक, चलो"\n' for n in range(5))
    swallowed = 'id,user,text\n1,a,"पहली\n2,b,दूसरी\n3,c,तीसरी"\n'
    for text, said in ((sound, False), (swallowed, True)):
        with Source(write("t.csv", text)) as source:
            table = open_table(source)
            rows = [piece.read for piece in table.pieces()]
        assert sum(rows) == (1 if said else 5)
        assert any("look whether a quote is wrong" in note for note in table.notes) is said


def test_what_is_a_header():
    assert header_of([[], [None, ""]]) is None
    assert header_of([["a", "b"]]) == (0, ("a", "b"), True, "")
    assert header_of([["2019", "2020"], ["1", "2"]]).there  # years are names
    assert not header_of([["x", "2025-11-06"], ["y", "2025-11-07"]]).there
    assert header_of([["x", "2025-11-06"], ["y", "z"]]).there
    assert header_of([["Report"], ["a"], ["1"]]).place == 0  # one column: no title can be told
