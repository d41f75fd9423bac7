"""ODS, SQLite and JSON as tables with a mapping; files written by other programs are the second route."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile

import pytest

from spmc_tools.errors import FormatError, InputError, MappingError

MAPPING = """
[table]
sheet = "posts"
[columns]
record_id = "nr"
account_id = "who"
created_at = "when"
text = "said"
likes = "n"
[constants]
platform = "facebook"
"""
ROWS = [("1", "a", "2021-04-08T15:07:30Z", "पाठ", 3), ("2", "b", "2021-04-08T15:07:31Z", None, None)]
WANTED = [("1", "a", "पाठ", 3), ("2", "b", None, None)]


def ods(*sheets: tuple[str, list]) -> bytes:
    """A workbook as LibreOffice lays it out, by hand."""

    def cell(value: object) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, (int, float)):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    body = "".join(
        f'<table:table table:name="{name}">'
        + "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets
    )
    names = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names} office:version="1.2"><office:body>'
        f"<office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def database(tmp_path, *statements: str) -> bytes:
    path = tmp_path / "made.sqlite"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.executescript(statement)
        if "posts" in str(statements):
            connection.executemany("INSERT INTO posts VALUES (?, ?, ?, ?, ?)", ROWS)
    connection.close()
    return path.read_bytes()


POSTS = 'CREATE TABLE posts (nr TEXT, who TEXT, "when" TEXT, said TEXT, n INTEGER);'


def kept(found) -> list:
    return [
        (r["record_id"], r["account_id"], r.get("text"), (r.get("metrics") or {}).get("likes")) for r in found.records
    ]


def test_an_ods_workbook(bring, write):
    content = ods(
        ("cover", [("nothing",)]),
        ("posts", [("nr", "who", "when", "said", "n"), *ROWS, ("3", "c", "x", "d", 1, "beyond")]),
    )
    found = bring("t.ods", content, mapping=write("m.toml", MAPPING))
    assert kept(found) == WANTED and found.result.format == "mapped_table"
    assert [(r["source_row"], r["reason"]) for r in found.refused] == [(4, "cells beyond the header's 5 columns")]
    assert [r["source_row"] for r in found.records] == [2, 3]


def test_an_sqlite_database(bring, write, tmp_path):
    content = database(tmp_path, POSTS, "CREATE TABLE other (a TEXT);", "CREATE VIEW v AS SELECT 1;")
    found = bring("t.sqlite", content, mapping=write("m.toml", MAPPING))
    assert kept(found) == WANTED and [r["source_row"] for r in found.records] == [1, 2]
    with pytest.raises(FormatError, match=r'a database of 2 tables; say which in a mapping.*"other", "posts"'):
        bring("t.sqlite", content)


@pytest.mark.parametrize("indent", [None, 1])
def test_json_that_nothing_else_fits(indent, bring, write):
    mapping = (
        MAPPING.replace('[table]\nsheet = "posts"\n', "")
        .replace('"who"', '"by.who"')
        .replace('"said"', '["said", "late.said"]')
    )
    rows = [{"nr": nr, "by": {"who": who}, "when": when, "said": said, "n": n} for nr, who, when, said, n in ROWS]
    rows[1]["late"] = {"said": "पीछे"}
    text = json.dumps(rows, indent=1) if indent else "".join(json.dumps(row) + "\n" for row in rows) + "{broken\n"
    found = bring("t.json", text, mapping=write("m.toml", mapping))
    assert kept(found) == [WANTED[0], ("2", "b", "पीछे", None)]
    assert found.result.refused == (0 if indent else 1)


def test_a_guess_for_json(bring):
    rows = [{"id": "1", "by": {"name": "x"}, "user_id": "7", "created_at": "2021-04-08T15:07:30Z", "text": "पाठ"}]
    with pytest.raises(MappingError, match='account_id = "user_id"'):
        bring("t.jsonl", rows)
    assert kept(bring("t.jsonl", rows, accept_guess=True)) == [("1", "7", "पाठ", None)]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("t.ods", ods(("a", [("x",)]))[:200], "broken ODS workbook"),
        ("t.csv", ods(("a", [("x",)])), "named .csv but holds ODS"),
        ("t.ods", ods(("a", [])), "holds no header row"),
        ("t.sqlite", b"SQLite format 3\0" + bytes(500), "broken SQLite database"),
        ("t.ods", b"a,b\n1,2\n", "is named .ods but is a text file"),
    ],
)
def test_unusable_files_are_one_sentence(name, content, sentence, write, case, snapshot):
    from spmc_tools.importers.import_files import import_files

    before, mapping = snapshot(), write("m.toml", MAPPING.replace('[table]\nsheet = "posts"\n', ""))
    with pytest.raises(InputError, match=sentence):
        import_files(case, [write(name, content)], mapping=mapping)
    assert snapshot() == before


def test_a_sheet_repeated_a_million_times_is_refused(write, case):
    """A bomb of a few hundred bytes: one cell that says it stands a million times in a million rows."""
    from spmc_tools.importers.import_files import import_files

    plain = ods(("a", [("nr", "who", "when", "said", "n")]))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = (
                old.read(name)
                .decode()
                .replace(
                    "</table:table>",
                    '<table:table-row table:number-rows-repeated="1048576">'
                    '<table:table-cell table:number-columns-repeated="1024" '
                    'office:value-type="float" office:value="1"/></table:table-row></table:table>',
                )
            )
            new.writestr(name, text)
    with pytest.raises(InputError, match=r"is a broken ODS workbook|more than"):
        import_files(case, [write("t.ods", out.getvalue())], accept_guess=True, tz="UTC")


def test_a_view_or_trigger_never_runs(bring, write, tmp_path):
    endless = "CREATE VIEW posts AS WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x FROM r) SELECT x AS nr FROM r;"
    with pytest.raises(FormatError, match='has no table "posts"; it has "other"'):
        path = tmp_path / "made.sqlite"
        with sqlite3.connect(path) as connection:
            connection.executescript("CREATE TABLE other (a TEXT);" + endless)
        connection.close()
        bring("t.sqlite", path.read_bytes(), mapping=write("m.toml", MAPPING))
