"""The catalogue: exactly one importer fits a file, and docs/reference/formats.md says what each one does."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from spmc_tools.errors import FormatError
from spmc_tools.importers.import_files import import_files
from spmc_tools.importers.importer_catalogue import IMPORTERS
from spmc_tools.importers.mapping.mapping import ACCOUNT_FIELDS, RECORD_FIELDS
from spmc_tools.schema import ACCOUNTS, DESK_TABLES, GROUP_EVENTS, RECORDS
from tests.written_pages import assert_written

if TYPE_CHECKING:
    from spmc_tools.importers.engine.importer import Importer

BEGIN, END = "<!-- formats: written by the test -->\n", "<!-- formats: end -->\n"
DOCS = Path(__file__).resolve().parent.parent.parent / "docs" / "reference" / "formats.md"


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def render(one: Importer) -> str:
    """The section of docs/reference/formats.md for one importer."""
    lines = [
        f"## `{one.name}`", "", f"{one.title[0].upper()}{one.title[1:]}.", "",
        f"- **Recognised by:** {one.recognised_by}.", f"- **Zone:** {one.family.zone}.",
        f"- **Precision:** {one.family.precision}.",
        f"- **Documentation:** {one.family.documentation} (licence: {one.family.licence})",
        f"- **Sample:** {sample(one)}", "", "| Field | Fills | Remark |", "|---|---|---|",
        *(f"| {cell(f.source)} | {cell(f.target)} | {cell(f.remark)} |" for f in one.fields), "",
        "| Left out | Why |", "|---|---|", *(f"| {cell(f.source)} | {cell(f.reason)} |" for f in one.left_out), "",
    ]  # fmt: skip
    return "\n".join(lines)


def sample(one: Importer) -> str:
    if one.name in {"mapped_table", "desk_sheet"}:
        return "any table"
    if one.sample_rows:
        return f"{one.sample_rows:,} rows of real files, read by the tests"
    named = f"; the names of its fields are from {one.family.names_from}" if one.family.names_from else ""
    return "none to be had: invented" + named


def overview() -> str:
    """One line per format."""
    lines = [
        "| `--format` | Format | Recognised by | Fields mapped | Left out | Zone; precision | Sample | Documentation |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in IMPORTERS.values():
        fields = ", ".join(dict.fromkeys(t for f in one.fields for t in re.split(r"[,;] ", f.target)))
        left = "; ".join(dict.fromkeys(f.reason for f in one.left_out))
        cells = (
            f"[`{one.name}`](#{one.name})", one.title, one.recognised_by, fields, f"{len(one.left_out)}: {left}",
            f"{one.family.zone}; {one.family.precision}", sample(one),
            f"{one.family.documentation} ({one.family.licence})",
        )  # fmt: skip
        lines.append(f"| {' | '.join(map(cell, cells))} |")
    return "\n".join(lines) + "\n"


def test_the_docs_are_the_declarations():
    """Run ``SPMC_WRITE_DOCS=1 pytest tests/importers/test_importers_catalogue.py`` after a change."""
    written = f"{overview()}\n" + "\n".join(map(render, IMPORTERS.values()))
    assert_written(DOCS, written, BEGIN, END)


def test_the_docs_name_every_field_a_mapping_can_fill():
    text = DOCS.read_text(encoding="utf-8")
    for name in (*RECORD_FIELDS, *ACCOUNT_FIELDS):
        assert f"`{name}`" in text, name


def test_the_example_mapping_of_the_docs_is_a_mapping(tmp_path):
    from spmc_tools.importers.mapping.mapping import load_mapping, to_toml

    [example] = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "m.toml").write_text(example, encoding="utf-8")
    mapping = load_mapping(tmp_path / "m.toml")
    (tmp_path / "n.toml").write_text(to_toml(mapping), encoding="utf-8")
    again = load_mapping(tmp_path / "n.toml")
    assert again == dataclasses.replace(mapping, sheet=None, delimiter=None)


@pytest.mark.parametrize("name", IMPORTERS)
def test_a_declaration_names_columns_that_exist(name):
    one = IMPORTERS[name]
    known = {
        *RECORDS.names,
        *ACCOUNTS.names,
        *DESK_TABLES,
        GROUP_EVENTS.name,
        "records",
        "accounts",
        "accounts.observed_at",
        "…",
    }
    assert one.name == name and one.forms and one.left_out
    for field in one.fields:
        for target in re.split(r"[,;] ", field.target):
            assert target in known, target
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.name = "other"


def test_the_importer_that_contributing_shows_works_in_30_lines(case, write, monkeypatch, uncaged):
    page = (DOCS.parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    [text] = re.findall(r'```python\n("""Posts as the.*?)```', page, re.DOTALL)
    assert len(text.splitlines()) <= 30
    names: dict = {}
    exec(text, names)
    monkeypatch.setitem(IMPORTERS, "fieldnotes", names["FIELDNOTES"])
    row = {"note_no": "7", "writer_no": "5", "noted_at": "2025-11-06 04:05:06", "words": "पाठ", "tags": "a,b",
           "writer": "asha", "readers": "9", "copied_from": "6"}  # fmt: skip
    table = "\n".join(",".join(f'"{cell}"' for cell in line) for line in (row, row.values())) + "\n"
    for name, content in (("n.csv", table), ("n.jsonl", [{**row, "note_no": 8}])):
        [result] = import_files(case, [write(name, content)])
        assert (result.format, result.kept) == ("fieldnotes", 1)
    first, second = case.table("records").to_pylist()
    assert (first["record_id"], second["record_id"], first["kind"]) == ("5/7", "5/8", "repost")
    assert first["hashtags"] == ["a", "b"] and case.table("accounts")["followers"].to_pylist() == [9, 9]


def test_two_importers_that_fit_are_both_named(case, write):
    both = {"_type": "snscrape.modules.twitter.Tweet", "data": [], "meta": {}}
    path = write("x.jsonl", [both])
    with pytest.raises(FormatError, match="fits x_api_v2 and snscrape_jsonl; say which with --format NAME"):
        import_files(case, [path])


def test_a_format_can_be_forced(case, write):
    line = {"id": "1", "author_id": "2", "text": "t", "created_at": "2021-04-08T15:07:30Z"}
    path = write("x.jsonl", [{"data": [line], "meta": {}, "_type": "snscrape.modules.twitter.Tweet"}])
    [result] = import_files(case, [path], format="x_api_v2")
    assert (result.format, result.kept) == ("x_api_v2", 1)


def test_recognition_reads_the_first_rows_only(case, write):
    """A line of another format beyond the first rows is refused, not a reason to try another importer."""
    line = {"id": "1", "author_id": "2", "text": "t", "created_at": "2021-04-08T15:07:30Z"}
    other = {"_type": "snscrape.modules.twitter.Tweet", "id": 5}
    lines = [{**line, "id": str(i)} for i in range(20)] + [other]
    [result] = import_files(case, [write("x.jsonl", lines)])
    assert (result.format, result.kept, result.refused) == ("x_api_v2", 20, 1)


def test_fields_seen_are_quoted(case, write):
    with pytest.raises(FormatError) as told:
        import_files(case, [write("x.jsonl", json.dumps({"\u202e\x1b[31mevil": 1}) + "\n")])
    assert "\x1b" not in str(told.value) and "\\u202e" in str(told.value)
