"""Names of columns stand once: what a telephone shows before each figure, by a browser's rules read by hand."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from spmc_tools.report.figures.lean_tables import leaner


def shown(body: str, labels: dict[str, str]) -> list[list[str | None]]:
    """The name before each cell, row by row: what the selectors choose."""
    rows = []
    for row in html.fromstring(f"<div>{body}</div>").iter("tr"):
        cells = row.findall("td")
        table = next(one for one in row.iterancestors() if one.tag == "table")
        names = []
        for place, cell in enumerate(cells, start=1):
            keys = {
                f"[data-t={table.get('data-t')}] td:nth-child({place})",
                f" [data-l={cell.get('data-l')}]",
            }
            told = [name for key, name in labels.items() if key in keys]
            assert len(told) <= 1
            names.append(told[0] if told else None)
        if cells:
            rows.append(names)
    return rows


NAME = st.one_of(st.none(), st.sampled_from(["rows / पंक्तियाँ", "P(X &ge; n)", "q", "a &quot;b&quot; &amp; c"]))
TABLE = st.lists(st.lists(NAME, min_size=1, max_size=4), min_size=1, max_size=4)


def written(table: list[list[str | None]]) -> str:
    rows = "".join(
        "<tr>"
        + "".join(f'<td class="num"{f" data-label={chr(34)}{n}{chr(34)}" if n else ""}>1</td>' for n in row)
        + "</tr>"
        for row in table
    )
    return f'<table class="stack x"><thead><tr><th>a</th></tr></thead><tbody>{rows}</tbody></table>'


@settings(deadline=None)
@given(st.lists(TABLE, max_size=4))
def test_every_cell_keeps_its_name(tables) -> None:
    before = "".join(written(table) for table in tables)
    body, labels = leaner(before)
    if tables:
        assert shown(body, labels) == [[unescape(n) if n else None for n in row] for table in tables for row in table]
    assert "data-label" not in body and "</td><td" not in body
    assert re.sub("<[^>]+>| ", "", body) == re.sub("<[^>]+>| ", "", before)


def test_tables_of_one_kind_share_their_names() -> None:
    one = [["rows", "q"]]
    body, labels = leaner(written(one) * 3)
    assert len(labels) == 2 and body.count("data-t=t0") == 3
