"""Names of columns stand once: what a telephone shows before each figure, by a browser's rules read by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from markupsafe import Markup, escape

from spmc_tools.report.figures.table_cells import Tables
from spmc_tools.report.page.drawing import ReportExporter
from spmc_tools.report.words.wording import Wording


def shown(body: str, labels: dict[str, str]) -> list[list[str | None]]:
    """The name before each cell, row by row: what the selectors choose."""
    rows = []
    for row in html.fromstring(f"<div>{body}</div>").iter("tr"):
        cells = row.findall("td")
        table = next(one for one in row.iterancestors() if one.tag == "table")
        names = []
        for place, _ in enumerate(cells, start=1):
            key = f"[data-t={table.get('data-t')}] td:nth-child({place})"
            found = [name for selector, name in labels.items() if selector == key]
            assert len(found) <= 1
            names.append(found[0] if found else None)
        if cells:
            rows.append(names)
    return rows


NAME = st.sampled_from(["rows / पंक्तियाँ", "P(X ≥ n)", "q", 'a "b" & <c>'])
COLUMNS = st.lists(st.tuples(NAME, st.sampled_from(["", "num", "head", "head mono"])), min_size=1, max_size=4)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)


@settings(deadline=None)
@given(st.lists(st.tuples(COLUMNS, st.integers(0, 3), TEXT), max_size=4))
def test_every_cell_keeps_its_name(drawn: list[tuple[list[tuple[str, str]], int, str]]) -> None:
    tables, body, expected = Tables(Wording("en")), Markup(""), []
    for columns, n_rows, text in drawn:
        table = tables.open([(f"={name}", style) for name, style in columns])
        body += table.begin
        for _ in range(n_rows):
            row = table.row()
            body += row.whole("\n".join(row(text) for _ in columns))
            expected.append([None if "head" in style else name for name, style in columns])
        body += table.end
    assert shown(body, tables.labels) == expected
    cells = [cell.text_content() for cell in html.fromstring(f"<div>{body}</div>").iter("td")]
    assert cells == [text for columns, n_rows, text in drawn for _ in range(n_rows * len(columns))]


def test_tables_of_one_kind_share_their_names() -> None:
    tables = Tables(Wording("en"))
    opened = [tables.open({"data.read": "num", "=q": "num"}).begin for _ in range(3)]
    assert all("data-t=t0" in begin for begin in opened) and len(tables.labels) == 2
    assert tables.labels["[data-t=t0] td:nth-child(2)"] == "q"


def test_a_name_is_a_key_with_or_without_a_sign_or_a_sign_alone() -> None:
    words = Wording("hi")
    tables = Tables(words)
    said = words.say("pairs.seen")
    begin = tables.open({"pairs.seen": "num", "pairs.seen| n": "num nowrap", "=P < .05": ""}).begin
    cells = html.fromstring(f"<div>{begin}</table></div>").findall(".//th")
    assert [cell.get("class") for cell in cells] == ["num", "num nowrap", None]
    assert cells[2].text_content() == "P < .05"
    assert list(tables.labels.values()) == [said.plain(), said.plain() + " n", "P < .05"]


def test_data_in_a_cell_is_escaped_and_attributes_are_too() -> None:
    table = Tables(Wording("en")).open({"=a": "", "=b": ""}, "stack")
    row = table.row()
    made = row.whole(row("<img src=x>", lang='"><b>', value="' onclick=1") + row(escape("<i>")))
    cells = html.fromstring(f"<table>{made}</table>").findall(".//td")
    assert [cell.text_content() for cell in cells] == ["<img src=x>", "<i>"]
    assert set(cells[0].attrib) == {"lang", "data-v"} and cells[0].get("lang") == '"><b>'


@pytest.mark.parametrize("cells", [1, 3])
def test_a_row_has_a_cell_for_each_column(cells: int) -> None:
    row = Tables(Wording("en")).open({"=a": "", "=b": ""}).row()
    with pytest.raises(ValueError, match="cells"):
        row.whole("".join(row("1") for _ in range(cells)))


def test_a_cell_may_cover_several_columns_and_a_row_have_a_class() -> None:
    row = Tables(Wording("en")).open({"=a": "head", "=b": "num", "=c": ""}).row()
    made = html.fromstring(f"<table>{row.whole(row.row_class('failed') + row('x') + row('not seen', span=2))}</table>")
    assert made.find(".//tr").get("class") == "failed"
    assert [cell.get("colspan") for cell in made.findall(".//td")] == [None, "2"]


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(ValueError, match="loud' is no style of a cell"):
        Tables(Wording("en")).open({"=a": "num loud"})


def test_every_template_makes_its_tables_with_the_macro() -> None:
    """Tables with headings in the templates of pages; documents of their own (frames) and notebooks' widgets aside."""
    pages = ReportExporter(Wording("en")).pages
    for name in pages.list_templates(filter_func=lambda one: one.endswith(".j2")):
        if name.startswith(("sections/", "report/")) or (name.count("/") == 0 and name != "tables.html.j2"):
            source = pages.loader.get_source(pages, name)[0]
            assert "<thead" not in source and "data-label" not in source, name
